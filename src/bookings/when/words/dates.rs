//! Dates as people say them.

use chrono::{Datelike, Months, NaiveDate};

use super::{Item, Part, Reader};
use crate::bookings::when::{
    SUCH_AS,
    day::{Day, Which, dated, dated_in, numbered},
    shifted,
    tokens::{month, weekday},
};

impl Reader {
    /// `2026-11-24`, `24/11`, `24/11/2026`, `24-11-2026`, `24 nov`, `24th of november 2026`, `the 24th`:
    /// the date and how many tokens it took.
    pub(super) fn date(&self) -> Result<Option<(NaiveDate, usize)>, String> {
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
    pub(super) fn days_of_a_month(&mut self) -> Result<Option<()>, String> {
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

    /// `dec 2`, `december 2-4`, or the whole of December.
    pub(super) fn named_month(&mut self, month: u32) -> Result<(), String> {
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
    pub(super) fn which(&mut self, word: &str) -> Result<(), String> {
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

    /// `in 2 days`, `in an hour`; `in the morning` says nothing by its `in`.
    pub(super) fn ahead(&mut self) -> Result<(), String> {
        self.at += 1;
        if self.at >= self.tokens.len() || self.says(0, &["the"]) {
            return Ok(());
        }
        let before = self.items.len();
        if self.length_or_count()?.is_none() {
            return Ok(());
        }
        let date = match self.items[before] {
            Item::Count(unit, count) => shifted(self.today, unit, count),
            _ => return Err(format!("Say the time that is. {SUCH_AS}")),
        };
        self.items.truncate(before);
        let date = date.ok_or_else(|| "That is too far ahead.".to_owned())?;
        self.items.push(Item::Day(Day::On(date)));
        Ok(())
    }
}
