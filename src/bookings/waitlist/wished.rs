//! What somebody waits for: a certain time, or any that is long enough within some days.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::Refusal;
use crate::{
    bookings::{
        sheet::Sheet,
        term::{Let, Term, Unit},
    },
    spaces::space::Space,
    time::{Span, Zone, length, long_date},
};

/// The furthest that the days may lie apart.
pub const MOST_DAYS: i64 = 62;

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wished {
    pub shape: Shape,
    /// The days that it may be on; of weeks and months those that it may begin on.
    pub first: NaiveDate,
    pub last: NaiveDate,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// This time and no other.
    At(Span),
    /// Any so many minutes.
    Minutes(i64),
    /// So many days in a row.
    Days(u32),
    Let(Unit, u32),
}

impl Wished {
    /// Exactly what was asked for.
    pub fn exactly(term: Term, zone: Zone) -> Wished {
        let (first, last) = term.dates(zone);
        match term {
            Term::Time(span) => Wished {
                shape: Shape::At(span),
                first,
                last,
            },
            Term::Days { .. } => Wished {
                shape: Shape::Days((last - first).num_days() as u32 + 1),
                first,
                last,
            },
            Term::Let(term) => Wished {
                shape: Shape::Let(term.unit, term.count),
                first,
                last: first,
            },
        }
    }

    /// The times that would do on a space, the earliest first.
    pub fn terms(&self, sheet: &Sheet, space: &Space) -> Vec<Term> {
        let today = sheet.today(space);
        let days = self.first.max(today).iter_days();
        let days = days.take_while(|date| *date <= self.last);
        match self.shape {
            Shape::At(span) => vec![Term::Time(span)],
            Shape::Minutes(minutes) => days
                .flat_map(|date| sheet.day(space, date).openings)
                .flat_map(|opening| sheet.steps(space, opening.span))
                .filter(|from| *from >= sheet.now())
                .map(|from| Term::Time(Span::new(from, from + Duration::minutes(minutes))))
                .collect(),
            Shape::Days(count) => days
                .map(|first| (first, first + Duration::days(i64::from(count) - 1)))
                .take_while(|(_, last)| *last <= self.last)
                .map(|(first, last)| Term::Days { first, last })
                .collect(),
            Shape::Let(unit, count) => days
                .map(|first| Term::Let(Let { unit, count, first }))
                .collect(),
        }
    }

    /// The dates that have to be read to know whether it fits.
    pub(super) fn dates(&self) -> (NaiveDate, NaiveDate) {
        let beyond = match self.shape {
            Shape::Let(unit, count) => Let {
                unit,
                count,
                first: self.last,
            }
            .until(),
            _ => self.last,
        };
        (
            self.first - Duration::days(1),
            beyond.min(self.first + Duration::days(400)) + Duration::days(1),
        )
    }

    /// `Thu 26 November, 09:00–10:00`; `2 hours between Mon 30 November and Fri 4 December`.
    pub fn words(&self, zone: Zone, now: DateTime<Utc>) -> String {
        let today = zone.date(now);
        let (first, last) = (long_date(self.first, today), long_date(self.last, today));
        let span = match self.first == self.last {
            true => format!("on {first}"),
            false => format!("between {first} and {last}"),
        };
        match self.shape {
            Shape::At(span) => zone.dated(span, today),
            Shape::Minutes(minutes) => format!("{} {span}", length(minutes)),
            Shape::Days(1) if self.first == self.last => first,
            Shape::Days(1) => format!("a day {span}"),
            Shape::Days(count) if (self.last - self.first).num_days() + 1 == i64::from(count) => {
                format!("{first} – {last}")
            }
            Shape::Days(count) => format!("{count} days {span}"),
            Shape::Let(unit, count) => {
                let first = self.first;
                let length = Let { unit, count, first }.length();
                match self.first == self.last {
                    true => format!("{length} from {}", long_date(first, today)),
                    false => format!("{length}, beginning {span}"),
                }
            }
        }
    }

    pub(super) fn faults(&self) -> Option<Refusal> {
        let days = (self.last - self.first).num_days();
        if !(0..=MOST_DAYS).contains(&days) && !matches!(self.shape, Shape::At(_)) {
            return Some(Refusal::Days);
        }
        match self.shape {
            Shape::Days(count) if i64::from(count) > days + 1 => Some(Refusal::TooLong),
            _ => None,
        }
    }
}
