//! What a space's page shows of its time: the ways to book it, the strip of days, the slots of one of them.

use chrono::{Duration, NaiveDate};

use crate::{
    bookings::{
        sheet::Sheet,
        slots::{Choice, State as SlotState},
        term::{By, Term, Wish},
        wish::Typed,
    },
    html,
    spaces::space::{Kind, Space},
    time::{Span, Zone, long_date, parse_date},
};

/// Days in the strip.
pub const STRIP: i64 = 14;

/// One way of booking the space, as a tab.
pub struct Way {
    pub url: String,
    pub label: String,
    pub chosen: bool,
}

/// The strip, and the addresses of those before and after it.
pub struct Strip {
    pub days: Vec<Day>,
    /// From the first day to the last.
    pub words: String,
    pub earlier: Option<String>,
    pub later: Option<String>,
}

pub struct Day {
    pub url: String,
    pub weekday: String,
    pub number: String,
    pub month: String,
    /// How much of the day is free; below zero when it cannot be booked at all.
    pub tenths: i64,
    pub reason: String,
    pub chosen: bool,
}

pub struct Cell {
    pub url: String,
    pub text: String,
    pub state: &'static str,
}

/// What can be chosen without the strip and the slots: the clock's times, or the last day.
#[derive(Default)]
pub struct Choices {
    pub froms: Vec<String>,
    pub untils: Vec<String>,
    pub lasts: Vec<(NaiveDate, String)>,
}

/// What the page looks at.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub sheet: &'a Sheet,
    pub space: &'a Space,
    pub typed: &'a Typed,
    /// The page's own address, without its query.
    pub address: &'a str,
    pub date: NaiveDate,
    /// A start was tapped, its end is still to come.
    pub picking: bool,
}

impl View<'_> {
    fn link(&self, typed: &Typed) -> String {
        format!("{}?{}#times", self.address, typed.query())
    }

    fn on(&self, date: NaiveDate) -> String {
        // A time after midnight stays in the night of the day that is tapped.
        let after_midnight = parse_date(&self.typed.date).map(|typed| typed - self.date);
        let shift = after_midnight.filter(|days| *days == Duration::days(1));
        let typed = Typed {
            date: (date + shift.unwrap_or_default()).to_string(),
            last: String::new(),
            ..self.typed.clone()
        };
        self.link(&typed)
    }

    /// None where there is only one.
    pub fn ways(&self) -> Vec<Way> {
        let ways = self.space.policy.ways();
        let people = self.typed.people_or_one().to_string();
        let date = self.date.to_string();
        let way = |by: By| Way {
            url: format!(
                "{}?{}#times",
                self.address,
                html::query(&[("by", by.key()), ("date", &date), ("people", &people)])
            ),
            label: format!("By {}", by.words()),
            chosen: by == self.typed.by(),
        };
        match ways.len() {
            1 => Vec::new(),
            _ => ways.into_iter().map(way).collect(),
        }
    }

    /// From when an office that is taken today can be had, by what is asked for: where, and the day.
    pub fn free_from(&self) -> Option<(String, String)> {
        let (sheet, today) = (self.sheet, self.sheet.today(self.space));
        if self.space.kind != Kind::Office {
            return None;
        }
        let wish = Wish::new(self.typed.shortest(today), self.typed.people_or_one());
        let next_open = sheet.calendar(self.space).next_open(today);
        let day = sheet
            .free_from(self.space, &wish, today)
            .filter(|day| *day > next_open.unwrap_or(today))?;
        Some((self.on(day), long_date(day, today)))
    }

    pub fn strip(&self, first: NaiveDate) -> Strip {
        let (space, today) = (self.space, self.sheet.today(self.space));
        let horizon = today + Duration::days(space.policy.max_advance_days);
        let days = first.iter_days().take(STRIP as usize).enumerate();
        Strip {
            days: days
                .map(|(place, date)| self.day(date, place == 0, date <= horizon))
                .collect(),
            words: format!(
                "{} – {}",
                long_date(first, today),
                long_date(first + Duration::days(STRIP - 1), today)
            ),
            earlier: (first > today).then(|| self.on((first - Duration::days(STRIP)).max(today))),
            later: Some(first + Duration::days(STRIP))
                .filter(|next| *next <= horizon)
                .map(|next| self.on(next)),
        }
    }

    fn day(&self, date: NaiveDate, stands_first: bool, is_near: bool) -> Day {
        let (sheet, space) = (self.sheet, self.space);
        let day = sheet.day(space, date);
        let tenths = match self.typed.by() {
            By::Let(_) => Some(self.can_begin(date)),
            By::Time | By::Day => sheet.free_tenths(date),
        };
        let last = parse_date(&self.typed.last).filter(|_| self.typed.by_day());
        let number = date.format("%-d").to_string();
        let begins = stands_first && date != sheet.today(space) || number == "1";
        Day {
            url: self.on(date),
            weekday: date.format("%a").to_string(),
            month: match begins {
                true => date.format("%b").to_string(),
                false => String::new(),
            },
            number,
            reason: day.reason.unwrap_or_else(|| {
                match day.openings.is_empty() {
                    true => "closed",
                    false => "too far ahead",
                }
                .into()
            }),
            tenths: tenths.filter(|_| is_near).unwrap_or(-1),
            chosen: self.date <= date && date <= last.unwrap_or(self.date),
        }
    }

    /// In tenths: all of what is asked for, or none of it.
    fn can_begin(&self, date: NaiveDate) -> i64 {
        let wish = Wish::new(self.typed.shortest(date), self.typed.people_or_one());
        if self.sheet.fits(&wish) { 10 } else { 0 }
    }

    pub fn choices(&self) -> Choices {
        let (sheet, space, zone) = (self.sheet, self.space, self.sheet.zone(self.space));
        let mut choices = Choices::default();
        if self.typed.by() != By::Time {
            let today = sheet.today(space);
            let horizon = today + Duration::days(space.policy.max_advance_days);
            let days = self
                .date
                .iter_days()
                .take(31)
                .take_while(|day| *day <= horizon)
                .take_while(|day| !sheet.day(space, *day).is_closed());
            choices.lasts = days.map(|day| (day, long_date(day, today))).collect();
            return choices;
        }
        let step = Duration::minutes(space.policy.step_minutes);
        for opening in sheet.day(space, self.date).openings {
            let starts = sheet.steps(space, opening.span);
            for start in starts.filter(|start| *start >= sheet.now()) {
                choices.froms.push(zone.clock(start));
                choices.untils.push(zone.clock(start + step));
            }
        }
        choices
    }

    /// None but by time.
    pub fn slots(&self) -> Vec<Cell> {
        if self.typed.by() != By::Time {
            return Vec::new();
        }
        let (sheet, zone) = (self.sheet, self.sheet.zone(self.space));
        let fitting = self.typed.wish(zone).ok().filter(|wish| sheet.fits(wish));
        let choice = match fitting.map(|wish| wish.term) {
            Some(Term::Time(span)) if self.picking => Choice::Start(span),
            Some(Term::Time(span)) => Choice::Whole(span),
            _ => Choice::Nothing,
        };
        sheet
            .slots(self.date, self.typed.people_or_one(), choice)
            .into_iter()
            .map(|slot| self.cell(slot.span, slot.state, zone))
            .collect()
    }

    fn cell(&self, span: Span, state: SlotState, zone: Zone) -> Cell {
        let (from, until) = (zone.clock(span.from), zone.clock(span.until));
        let start = Typed {
            from: from.clone(),
            until: String::new(),
            date: zone.date(span.from).to_string(),
            ..self.typed.clone()
        };
        let end = Typed {
            until: until.clone(),
            ..self.typed.clone()
        };
        let (url, text, state) = match state {
            SlotState::Free => (self.link(&start), from, "free"),
            SlotState::Start if self.picking => (self.link(&end), from, "start"),
            SlotState::Start => (self.link(&start), from, "start"),
            SlotState::Within => (self.link(&start), from, "in"),
            SlotState::End => (self.link(&start), format!("to {until}"), "end"),
            SlotState::Reachable => (self.link(&end), format!("to {until}"), "free"),
            SlotState::Taken => (String::new(), from, "taken"),
            SlotState::Short => (String::new(), from, "short"),
            SlotState::Shut => (String::new(), from, "shut"),
            SlotState::Used => (String::new(), from, "used"),
        };
        Cell { url, text, state }
    }
}
