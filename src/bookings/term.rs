//! What somebody asks for: a time or days, and for how many people.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::refusal::Refusal;
use crate::time::{Ambiguity, Span, Zone, long_date};

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    pub term: Term,
    pub people: i32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Term {
    /// Within one opening of one day.
    Time(Span),
    /// Consecutive open days, both included.
    Days { first: NaiveDate, last: NaiveDate },
}

impl Term {
    /// Two times on the location's wall clock.
    pub fn at(zone: Zone, from: NaiveDateTime, until: NaiveDateTime) -> Result<Term, Refusal> {
        Ok(Term::Time(Span::new(
            instant(zone, from)?,
            instant(zone, until)?,
        )))
    }

    /// The last of several days; none by time.
    pub fn last_day(&self) -> Option<NaiveDate> {
        match *self {
            Term::Time(_) => None,
            Term::Days { last, .. } => Some(last),
        }
    }

    /// The dates it begins and ends on in Greenwich: near enough to know which days to read.
    pub fn utc_dates(&self) -> (NaiveDate, NaiveDate) {
        match *self {
            Term::Time(span) => (span.from.date_naive(), span.until.date_naive()),
            Term::Days { first, last } => (first, last),
        }
    }

    pub fn key(&self) -> &'static str {
        match self {
            Term::Time(_) => "time",
            Term::Days { .. } => "day",
        }
    }

    /// `Tue 24 November, 10:30–11:30`, or the days: `Tue 24 November – Thu 26 November`.
    pub fn words(&self, zone: Zone, today: NaiveDate) -> String {
        match *self {
            Term::Time(span) if zone.date(span.from) == zone.date(span.until) => {
                format!(
                    "{}, {}",
                    long_date(zone.date(span.from), today),
                    zone.range(span, today)
                )
            }
            Term::Time(span) => zone.range(span, today),
            Term::Days { first, last } if first == last => long_date(first, today),
            Term::Days { first, last } => {
                format!("{} – {}", long_date(first, today), long_date(last, today))
            }
        }
    }

    /// The local dates it begins and ends on.
    pub fn dates(&self, zone: Zone) -> (NaiveDate, NaiveDate) {
        match *self {
            Term::Time(span) => (zone.date(span.from), zone.date(span.until)),
            Term::Days { first, last } => (first, last),
        }
    }
}

/// The instant of a wall-clock time that somebody typed.
pub fn instant(zone: Zone, wall: NaiveDateTime) -> Result<DateTime<Utc>, Refusal> {
    zone.instant(wall).map_err(|ambiguity| {
        let (date, time) = (
            wall.format("%-d %B %Y").to_string(),
            wall.format("%H:%M").to_string(),
        );
        match ambiguity {
            Ambiguity::Missing => Refusal::TimeMissing { date, time },
            Ambiguity::Twice => Refusal::TimeTwice { date, time },
        }
    })
}
