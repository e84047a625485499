//! A wish with everything in it that was not said: how the space is booked, the day, and the first free time.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{
    sheet::Sheet,
    term::{By, Let, Term, Wish},
    wish::Typed,
};
use crate::{
    spaces::space::Space,
    time::{Span, Zone, parse_clock, parse_date},
};

/// Through how many days the first free time is looked for.
const AHEAD: usize = 14;

impl Typed {
    pub(super) fn settled(self, sheet: &Sheet, space: &Space, date: NaiveDate) -> Typed {
        let mut typed = self;
        let by = typed.way(space);
        typed.by = by.key().into();
        if typed.people.is_empty() {
            typed.people = "1".into();
        }
        let people = typed.people_or_one();
        if by != By::Time {
            if typed.count.is_empty() && by != By::Day {
                typed.count = "1".into();
            }
            if typed.date.is_empty() {
                let wish = Wish::new(typed.shortest(date), people);
                let days = date.iter_days().take_while(|day| *day <= sheet.days.1);
                let free = days.filter(|day| {
                    let term = wish.term.starting(*day);
                    sheet.fits(&Wish { term, ..wish })
                });
                typed.date = free.take(1).next().unwrap_or(date).to_string();
            }
            return typed;
        }
        if typed.from.is_empty() && typed.until.is_empty() {
            let minutes = space.policy.min_minutes.max(60);
            let day = |day: NaiveDate| {
                let openings = sheet.day(space, day).openings;
                let starts: Vec<_> = openings
                    .into_iter()
                    .flat_map(|opening| sheet.steps(space, opening.span))
                    .collect();
                starts
                    .into_iter()
                    .map(move |from| Term::Time(Span::new(from, from + Duration::minutes(minutes))))
            };
            let days = if typed.date.is_empty() { AHEAD } else { 1 };
            let first = date
                .iter_days()
                .take(days)
                .flat_map(day)
                .find(|term| sheet.fits(&Wish::new(*term, people)));
            return match first {
                Some(term) => typed.with_term(term, sheet.zone(space)),
                None => Typed {
                    date: date.to_string(),
                    ..typed
                },
            };
        }
        if typed.date.is_empty() {
            typed.date = date.to_string();
        }
        if typed.until.is_empty()
            && let Some(from) = typed.start(date, sheet.zone(space))
        {
            let lengths = [space.policy.min_minutes.max(60), space.policy.min_minutes];
            let terms = lengths
                .map(|minutes| Term::Time(Span::new(from, from + Duration::minutes(minutes))));
            let fitting = terms
                .into_iter()
                .find(|term| sheet.fits(&Wish::new(*term, people)));
            typed = typed.with_term(fitting.unwrap_or(terms[1]), sheet.zone(space));
        }
        typed
    }

    /// The way that was asked for, or the first that the space has.
    fn way(&self, space: &Space) -> By {
        let asked = self.by.parse().ok();
        asked
            .filter(|by| space.policy.allows(*by))
            .or_else(|| space.policy.ways().first().copied())
            .unwrap_or(By::Time)
    }

    /// The day whose opening a time after midnight belongs to.
    pub(super) fn evening(&self, sheet: &Sheet, space: &Space) -> Option<NaiveDate> {
        let start = self.start(parse_date(&self.date)?, sheet.zone(space))?;
        let opening = sheet.calendar(space).opening_at(start)?;
        (self.by() == By::Time && opening.date < sheet.zone(space).date(start))
            .then_some(opening.date)
    }

    /// One day, or as many weeks or months as were asked for.
    pub(super) fn shortest(&self, first: NaiveDate) -> Term {
        match self.by() {
            By::Let(unit) => Term::Let(Let {
                unit,
                count: self.count.parse().unwrap_or(1).clamp(1, unit.most()),
                first,
            }),
            By::Time | By::Day => Term::Days { first, last: first },
        }
    }

    fn start(&self, date: NaiveDate, zone: Zone) -> Option<DateTime<Utc>> {
        zone.instant(date.and_time(parse_clock(&self.from)?)).ok()
    }
}
