//! Times of day and lengths as people say them.

use super::{Clock, Item, Reader, Unit};
use crate::bookings::when::{
    SUCH_AS,
    tokens::{count_word, minutes_word},
};

impl Reader {
    /// Whether the number here is of hours, minutes, days and so on, and no time of day.
    pub(super) fn is_length(&self) -> bool {
        let part = self.sign(1) == Some('.') && self.is_glued(1) && self.number(2).is_some();
        let unit = if part { 3 } else { 1 };
        match self.word(unit) {
            // `14h` is a time, `2h` is a length; `1400hrs` is a time.
            Some("h" | "hr" | "hrs") => {
                let long = self.digits(0).is_some_and(|digits| digits.len() > 2);
                let followed = self.word(1) == Some("h") && self.is_glued(2);
                let is_time = self.digits(2).is_some_and(|digits| digits.len() == 2) && followed;
                let after_dash = self.items.last() == Some(&Item::Dash);
                let before_dash = self.sign(unit + 1) == Some('-');
                let early = part || self.number(0).is_some_and(|hours| hours < 7);
                !long && !is_time && !after_dash && !before_dash && early
            }
            Some("hour" | "hours") => true,
            Some(word) => minutes_word(word) || count_word(word).is_some(),
            None => false,
        }
    }

    /// A length or a count of days at this place; `None` where there is none.
    pub(super) fn length_or_count(&mut self) -> Result<Option<()>, String> {
        let article = usize::from(self.says(0, &["a", "an", "the"]));
        if self.says(article, &["half"]) {
            let more = usize::from(self.says(article + 1, &["a", "an"]));
            let item = match self.word(article + 1 + more) {
                Some("hour") => Item::Minutes(30),
                Some("day") => Item::Minutes(240),
                _ => return Ok(None),
            };
            return self.take(article + 2 + more, item).map(Some);
        }
        if let Some(word) = self.word(article) {
            let item = match word {
                "hour" => Item::Minutes(60),
                "fortnight" => Item::Count(Unit::Week, 2),
                "day" if article == 1 && self.says(0, &["the"]) => Item::AllDay,
                _ => match count_word(word).filter(|_| article == 1) {
                    Some(unit) => Item::Count(unit, 1),
                    None => return Ok(None),
                },
            };
            return self.take(article + 1, item).map(Some);
        }
        let Some(whole) = self.number(0) else {
            return Ok(None);
        };
        let part = self.sign(1) == Some('.') && self.is_glued(1) && self.number(2).is_some();
        let (hundredths, unit) = if part {
            let digits: String = self.digits(2).unwrap_or_default().chars().take(2).collect();
            (format!("{digits:0<2}").parse().unwrap_or(0), 3)
        } else {
            (0, 1)
        };
        let Some(word) = self.word(unit).map(str::to_owned) else {
            return Ok(None);
        };
        if let Some(counted) = count_word(&word) {
            let item = Item::Count(counted, i64::from(whole));
            return self.take(unit + 1, item).map(Some);
        }
        let minutes = match word.as_str() {
            "h" | "hr" | "hrs" | "hour" | "hours" => i64::from(whole) * 60 + hundredths * 60 / 100,
            word if minutes_word(word) => i64::from(whole),
            _ => return Ok(None),
        };
        self.at += unit + 1;
        let more = if minutes_word(&word) {
            0
        } else {
            self.minutes_more()
        };
        let minutes = minutes + more;
        if !(1..=7 * 1440).contains(&minutes) {
            return Err(format!("Say how long it is in minutes or hours. {SUCH_AS}"));
        }
        self.items.push(Item::Minutes(minutes));
        Ok(Some(()))
    }

    /// The `30` of `1h30` or of `1 hour and 30 minutes`.
    fn minutes_more(&mut self) -> i64 {
        let and = usize::from(self.says(0, &["and"]));
        let Some(minutes) = self.number(and).filter(|minutes| *minutes < 60) else {
            return 0;
        };
        let named = self.word(and + 1).is_some_and(minutes_word);
        if named {
            self.at += and + 2;
        } else if and == 0 && self.is_glued(0) {
            self.at += 1;
        } else {
            return 0;
        }
        i64::from(minutes)
    }

    /// `9`, `9:30`, `9.30`, `9h30`, `930`, `1400hrs`, `3pm`, and how many tokens it took.
    pub(super) fn clock(&self) -> Option<(Clock, usize)> {
        let digits = self.digits(0)?;
        let separated = matches!(self.sign(1), Some(':' | '.')) || self.word(1) == Some("h");
        let minutes_after = self
            .digits(2)
            .filter(|minutes| minutes.len() == 2 && separated)
            .filter(|_| self.is_glued(1) && self.is_glued(2));
        let (hours, minutes, mut taken) = match (digits.len(), minutes_after) {
            (1 | 2, Some(minutes)) => (digits.parse().ok()?, minutes.parse().ok()?, 3),
            (1 | 2, None) => (digits.parse().ok()?, 0, 1),
            (3 | 4, None) => {
                let (hours, minutes) = digits.split_at(digits.len() - 2);
                (hours.parse().ok()?, minutes.parse().ok()?, 1)
            }
            _ => return None,
        };
        let (hours, minutes): (i64, i64) = (hours, minutes);
        // "24" on its own is the day of the month.
        let is_day = hours == 24 && digits.len() == 2 && minutes_after.is_none();
        if is_day && self.items.last() != Some(&Item::Dash) {
            return None;
        }
        if hours > 24 || minutes > 59 || hours == 24 && minutes > 0 {
            return None;
        }
        let (half, more) = self.half_of_day(taken);
        taken += more;
        let in_hours = half.is_none() && self.says(taken, &["h", "hr", "hrs"]);
        if in_hours || self.says(taken, &["oclock"]) {
            taken += 1;
        }
        let exact = |hours: i64| Clock::At {
            minutes: hours * 60 + minutes,
            loose: false,
        };
        let clock = match half {
            Some(_) if !(1..=12).contains(&hours) => return None,
            Some(Half::Am) => exact(hours % 12),
            Some(Half::Pm) => exact(hours % 12 + 12),
            None => Clock::At {
                minutes: hours * 60 + minutes,
                loose: hours <= 12 && hours > 0 && !digits.starts_with('0'),
            },
        };
        Some((clock, taken))
    }

    /// `am`, `pm`, `p.m.`
    fn half_of_day(&self, ahead: usize) -> (Option<Half>, usize) {
        match self.word(ahead) {
            Some("am") => (Some(Half::Am), 1),
            Some("pm") => (Some(Half::Pm), 1),
            Some(half @ ("a" | "p"))
                if self.sign(ahead + 1) == Some('.') && self.says(ahead + 2, &["m"]) =>
            {
                let half = if half == "a" { Half::Am } else { Half::Pm };
                let dot = usize::from(self.sign(ahead + 3) == Some('.'));
                (Some(half), 3 + dot)
            }
            _ => (None, 0),
        }
    }

    /// `half past 9`, `quarter to 10`.
    pub(super) fn past_or_to(&mut self, word: &str) -> Result<(), String> {
        let part = if word == "half" { 30 } else { 15 };
        let to = self.says(1, &["to"]);
        self.at += 2;
        let found = if self.at < self.tokens.len() {
            self.clock()
        } else {
            None
        };
        let Some((Clock::At { minutes, loose }, taken)) = found else {
            return Err(SUCH_AS.to_owned());
        };
        let minutes = if to { minutes - part } else { minutes + part };
        let minutes = minutes.clamp(0, 24 * 60);
        self.take(taken, Item::Clock(Clock::At { minutes, loose }))
    }
}

enum Half {
    Am,
    Pm,
}
