//! What people say of a time, word by word.

mod dates;
mod times;

use chrono::{Days, NaiveDate};

use super::{
    SUCH_AS,
    day::{Day, Which, numbered},
    tokens::{Piece, Token, month, tokens, weekday},
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
}

fn exactly(minutes: i64) -> Item {
    Item::Clock(Clock::At {
        minutes,
        loose: false,
    })
}
