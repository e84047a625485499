//! What people say of a time, word by word.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{
    SUCH_AS,
    day::{Day, Which, dated, dated_in, numbered},
    tokens::{Piece, Token, count_word, minutes_word, month, tokens, weekday},
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Item {
    Day(Day),
    Clock(Clock),
    Minutes(i64),
    Count(Unit, i64),
    /// A whole month, by its first day.
    Month(NaiveDate),
    Dash,
    From,
    AllDay,
    Now,
    NextWeek,
    Part(Part),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Clock {
    /// Minutes after midnight; `loose` may as well be twelve hours later.
    At {
        minutes: i64,
        loose: bool,
    },
    Opening,
    Closing,
}

impl Clock {
    /// "3 in the afternoon".
    pub fn in_part(self, part: Option<Part>) -> Clock {
        match (self, part) {
            (
                Clock::At {
                    minutes,
                    loose: true,
                },
                Some(part),
            ) => Clock::At {
                minutes: match part {
                    Part::Morning => minutes,
                    Part::Afternoon | Part::Evening if minutes < 12 * 60 => minutes + 12 * 60,
                    Part::Afternoon | Part::Evening => minutes,
                },
                loose: false,
            },
            (clock, _) => clock,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Morning,
    Afternoon,
    Evening,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    Day,
    Week,
    Month,
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
        }
    }
}

/// All that is said, in order; the sentence for the first thing that is not understood.
pub(super) fn items(text: &str, today: NaiveDate) -> Result<Vec<Item>, String> {
    if text.chars().count() > 200 {
        return Err(format!("That is too long. {SUCH_AS}"));
    }
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        today,
        items: Vec::new(),
    };
    if reader.tokens.is_empty() {
        return Err(SUCH_AS.to_owned());
    }
    while reader.at < reader.tokens.len() {
        reader.step()?;
    }
    Ok(reader.items)
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    today: NaiveDate,
    items: Vec<Item>,
}

impl Reader {
    fn word(&self, ahead: usize) -> Option<&str> {
        match &self.tokens.get(self.at + ahead)?.piece {
            Piece::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Of at most eight digits.
    fn digits(&self, ahead: usize) -> Option<&str> {
        match &self.tokens.get(self.at + ahead)?.piece {
            Piece::Number(digits) if digits.len() <= 8 => Some(digits),
            _ => None,
        }
    }

    fn number(&self, ahead: usize) -> Option<u32> {
        self.digits(ahead)?.parse().ok()
    }

    fn sign(&self, ahead: usize) -> Option<char> {
        match self.tokens.get(self.at + ahead)?.piece {
            Piece::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    fn is_glued(&self, ahead: usize) -> bool {
        self.tokens
            .get(self.at + ahead)
            .is_some_and(|token| token.glued)
    }

    fn says(&self, ahead: usize, words: &[&str]) -> bool {
        self.word(ahead).is_some_and(|word| words.contains(&word))
    }

    fn take(&mut self, count: usize, item: Item) -> Result<(), String> {
        self.at += count;
        self.items.push(item);
        Ok(())
    }

    fn skip(&mut self, count: usize) -> Result<(), String> {
        self.at += count;
        Ok(())
    }

    fn unclear(&self) -> String {
        let what = match self.tokens.get(self.at).map(|token| &token.piece) {
            Some(Piece::Word(text) | Piece::Number(text)) => text.clone(),
            Some(Piece::Sign(sign)) => sign.to_string(),
            None => return SUCH_AS.to_owned(),
        };
        let what: String = what.chars().take(40).collect();
        format!("“{what}” is not clear. {SUCH_AS}")
    }

    fn step(&mut self) -> Result<(), String> {
        match &self.tokens[self.at].piece {
            Piece::Number(_) => self.number_step(),
            Piece::Word(_) => self.word_step(),
            Piece::Sign('-') => self.take(1, Item::Dash),
            Piece::Sign('+') => {
                self.at += 1;
                self.length_or_count()?.ok_or_else(|| SUCH_AS.to_owned())
            }
            Piece::Sign(',' | ';' | '@' | '.' | '(' | ')' | '!' | '?') => self.skip(1),
            Piece::Sign(_) => Err(self.unclear()),
        }
    }

    fn number_step(&mut self) -> Result<(), String> {
        if let Some(found) = self.date()? {
            return self.take(found.1, Item::Day(Day::On(found.0)));
        }
        if let Some(()) = self.days_of_a_month()? {
            return Ok(());
        }
        if self.is_length() && self.length_or_count()?.is_some() {
            return Ok(());
        }
        if let Some((clock, count)) = self.clock() {
            return self.take(count, Item::Clock(clock));
        }
        let is_short = self.digits(0).is_some_and(|digits| digits.len() <= 2);
        match self.number(0) {
            Some(day @ 1..=31) if is_short && self.sign(1) != Some(':') => {
                let date = numbered(day, self.today)?;
                self.take(1, Item::Day(Day::On(date)))
            }
            _ => Err(self.unclear()),
        }
    }

    /// `2026-11-24`, `24/11`, `24/11/2026`, `24-11-2026`, `24 nov`, `24th of november 2026`, `the 24th`:
    /// the date and how many tokens it took.
    fn date(&self) -> Result<Option<(NaiveDate, usize)>, String> {
        let Some(first) = self.number(0) else {
            return Ok(None);
        };
        let signs = (self.sign(1), self.sign(3));
        let glued = (1..5).all(|ahead| self.is_glued(ahead));
        if let (Some(sign @ ('-' | '/' | '.')), Some(other)) = signs
            && sign == other
            && glued
            && let (Some(second), Some(third)) = (self.number(2), self.number(4))
        {
            if self.digits(0).is_some_and(|digits| digits.len() == 4) {
                return dated_in(third, second, first as i32).map(|date| Some((date, 5)));
            }
            let year = match self.digits(4).map_or(0, str::len) {
                2 if sign != '-' => 2000 + third as i32,
                4 => third as i32,
                _ => return Ok(None),
            };
            return dated_in(first, second, year).map(|date| Some((date, 5)));
        }
        if self.sign(1) == Some('/')
            && let Some(month) = self.number(2)
        {
            return dated(first, month, self.today).map(|date| Some((date, 3)));
        }
        let ordinal = usize::from(self.says(1, &["st", "nd", "rd", "th"]) && self.is_glued(1));
        let of = usize::from(self.says(1 + ordinal, &["of"]));
        if let Some(month) = self.word(1 + ordinal + of).and_then(month) {
            return self.in_month(first, month, 2 + ordinal + of).map(Some);
        }
        if ordinal == 1 {
            return numbered(first, self.today).map(|date| Some((date, 2)));
        }
        Ok(None)
    }

    /// With the year, where one that is near follows.
    fn in_month(&self, day: u32, month: u32, taken: usize) -> Result<(NaiveDate, usize), String> {
        let this = self.today.year();
        let year = self
            .number(taken)
            .filter(|_| self.digits(taken).is_some_and(|digits| digits.len() == 4))
            .map(|year| year as i32)
            .filter(|year| (this - 1..=this + 2).contains(year));
        match year {
            Some(year) => dated_in(day, month, year).map(|date| (date, taken + 1)),
            None => dated(day, month, self.today).map(|date| (date, taken)),
        }
    }

    /// `2-4 dec`, `2 to 4 december`.
    fn days_of_a_month(&mut self) -> Result<Option<()>, String> {
        let joined = self.sign(1) == Some('-') || self.says(1, &["to", "till", "until"]);
        let (Some(first), true, Some(last)) = (self.number(0), joined, self.number(2)) else {
            return Ok(None);
        };
        let ordinal = usize::from(self.says(3, &["st", "nd", "rd", "th"]));
        let Some(month) = self.word(3 + ordinal).and_then(month) else {
            return Ok(None);
        };
        // "8 till 10 dec" could be a time till a date; a day is no larger than 31.
        if first > 31 || last > 31 {
            return Ok(None);
        }
        let (last, taken) = self.in_month(last, month, 4 + ordinal)?;
        let first = dated_in(first, month, last.year())?;
        self.items.push(Item::Day(Day::On(first)));
        self.items.push(Item::Dash);
        self.take(taken, Item::Day(Day::On(last)))?;
        Ok(Some(()))
    }

    /// Whether the number here is of hours, minutes, days and so on, and no time of day.
    fn is_length(&self) -> bool {
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
    fn length_or_count(&mut self) -> Result<Option<()>, String> {
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
    fn clock(&self) -> Option<(Clock, usize)> {
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

    fn word_step(&mut self) -> Result<(), String> {
        let word = self.word(0).unwrap_or_default().to_owned();
        if let Some(day) = weekday(&word) {
            let week_after = self.says(1, &["week"]) && !self.says(2, &["from"]);
            let date = Day::Weekday(day, Which::Coming);
            if week_after {
                let date = date.resolve(self.today)? + Days::new(7);
                return self.take(2, Item::Day(Day::On(date)));
            }
            return self.take(1, Item::Day(date));
        }
        if let Some(month) = month(&word) {
            return self.named_month(month);
        }
        let today = self.today;
        let on = |days: i64| Item::Day(Day::On(today + chrono::Duration::days(days)));
        match word.as_str() {
            "today" | "tod" => self.take(1, on(0)),
            "tomorrow" | "tom" | "tmrw" | "tmr" | "tomorow" | "tommorow" | "tommorrow" => {
                self.take(1, on(1))
            }
            "yesterday" => self.take(1, on(-1)),
            "tonight" => {
                self.items.push(on(0));
                self.take(1, Item::Part(Part::Evening))
            }
            "day" if self.says(1, &["after"]) && self.says(2, &["tomorrow"]) => self.take(3, on(2)),
            "day" if self.says(1, &["before"]) && self.says(2, &["yesterday"]) => {
                self.take(3, on(-2))
            }
            "all" | "whole" | "full" | "entire" if self.says(1, &["day"]) => {
                self.take(2, Item::AllDay)
            }
            "allday" | "day" => self.take(1, Item::AllDay),
            "now" => self.take(1, Item::Now),
            "right" if self.says(1, &["now"]) => self.take(2, Item::Now),
            "from" | "starting" | "start" | "between" => self.take(1, Item::From),
            "to" | "until" | "till" | "til" | "thru" | "through" => self.take(1, Item::Dash),
            "and" => self.take(1, Item::Dash),
            "next" | "this" | "last" | "coming" => self.which(&word),
            "morning" => self.take(1, Item::Part(Part::Morning)),
            "afternoon" => self.take(1, Item::Part(Part::Afternoon)),
            "evening" => self.take(1, Item::Part(Part::Evening)),
            "noon" | "midday" => self.take(1, exactly(12 * 60)),
            "midnight" => self.take(1, exactly(24 * 60)),
            "open" | "opening" => self.take(1, Item::Clock(Clock::Opening)),
            "close" | "closing" | "cob" | "eod" => self.take(1, Item::Clock(Clock::Closing)),
            "half" | "quarter" if self.says(1, &["past", "to"]) => self.past_or_to(&word),
            "in" => self.ahead(),
            "for" => {
                self.at += 1;
                self.length_or_count()?;
                Ok(())
            }
            "week" | "month" | "fortnight" | "hour" | "half" => self.bare_unit(&word),
            "a" | "an" | "the" => {
                if self.length_or_count()?.is_none() {
                    self.at += 1;
                }
                Ok(())
            }
            "at" | "on" | "of" | "please" | "by" | "oclock" | "then" | "about" => self.skip(1),
            _ => Err(self.unclear()),
        }
    }

    fn bare_unit(&mut self, word: &str) -> Result<(), String> {
        match word {
            "week" => self.take(1, Item::Count(Unit::Week, 1)),
            "month" => self.take(1, Item::Count(Unit::Month, 1)),
            _ => match self.length_or_count()? {
                Some(()) => Ok(()),
                None => Err(self.unclear()),
            },
        }
    }

    /// `dec 2`, `december 2-4`, or the whole of December.
    fn named_month(&mut self, month: u32) -> Result<(), String> {
        let day = self.number(1).filter(|day| (1..=31).contains(day));
        let short = self.digits(1).is_some_and(|digits| digits.len() <= 2);
        let is_time = self.sign(2) == Some(':') || self.says(2, &["am", "pm", "h"]);
        if let Some(day) = day.filter(|_| short && !is_time) {
            let ordinal = usize::from(self.says(2, &["st", "nd", "rd", "th"]));
            let (date, taken) = self.in_month(day, month, 2 + ordinal)?;
            self.take(taken, Item::Day(Day::On(date)))?;
            let last = self.number(1).filter(|last| (day + 1..=31).contains(last));
            let ends = self.sign(0) == Some('-') && self.at + 2 == self.tokens.len();
            if let Some(last) = last.filter(|_| ends) {
                self.items.push(Item::Dash);
                let last = dated_in(last, month, date.year())?;
                return self.take(2, Item::Day(Day::On(last)));
            }
            return Ok(());
        }
        let this = self.today.with_day(1).unwrap_or(self.today);
        let months = (0..12).filter_map(|ahead| this.checked_add_months(Months::new(ahead)));
        let mut months = months.filter(|first| first.month() == month);
        let first = months.next().ok_or_else(|| self.unclear())?;
        self.take(1, Item::Month(first))
    }

    /// After `next`, `this`, `last` or `coming`.
    fn which(&mut self, word: &str) -> Result<(), String> {
        let which = match word {
            "next" => Which::Next,
            "last" => Which::Last,
            "this" => Which::This,
            _ => Which::Coming,
        };
        if let Some(day) = self.word(1).and_then(weekday) {
            return self.take(2, Item::Day(Day::Weekday(day, which)));
        }
        let part = match self.word(1) {
            Some("morning") => Some(Part::Morning),
            Some("afternoon") => Some(Part::Afternoon),
            Some("evening") => Some(Part::Evening),
            _ => None,
        };
        match (which, self.word(1), part) {
            (Which::This, _, Some(part)) => {
                self.items.push(Item::Day(Day::On(self.today)));
                self.take(2, Item::Part(part))
            }
            (Which::Next, Some("week"), _) => self.take(2, Item::NextWeek),
            (Which::Next, Some("month"), _) => {
                let first = self.today.with_day(1);
                let next = first.and_then(|first| first.checked_add_months(Months::new(1)));
                self.take(2, Item::Month(next.ok_or_else(|| self.unclear())?))
            }
            (Which::Next, _, _) if self.number(1).is_some() => {
                self.take(1, Item::Now)?;
                match self.length_or_count()? {
                    Some(()) => Ok(()),
                    None => Err(self.unclear()),
                }
            }
            _ => Err(self.unclear()),
        }
    }

    /// `half past 9`, `quarter to 10`.
    fn past_or_to(&mut self, word: &str) -> Result<(), String> {
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

    /// `in 2 days`, `in an hour`; `in the morning` says nothing by its `in`.
    fn ahead(&mut self) -> Result<(), String> {
        self.at += 1;
        if self.at >= self.tokens.len() || self.says(0, &["the"]) {
            return Ok(());
        }
        let before = self.items.len();
        if self.length_or_count()?.is_none() {
            return Ok(());
        }
        let date = match self.items[before] {
            Item::Count(unit, count) => super::shifted(self.today, unit, count),
            _ => return Err(format!("Say the time that is. {SUCH_AS}")),
        };
        self.items.truncate(before);
        let date = date.ok_or_else(|| "That is too far ahead.".to_owned())?;
        self.items.push(Item::Day(Day::On(date)));
        Ok(())
    }
}

enum Half {
    Am,
    Pm,
}

fn exactly(minutes: i64) -> Item {
    Item::Clock(Clock::At {
        minutes,
        loose: false,
    })
}
