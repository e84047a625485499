//! What somebody asks for: a time, days, weeks or months, and for how many people.

use std::str::FromStr;

use chrono::{DateTime, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::refusal::Refusal;
use crate::{
    spaces::layout::Layout,
    time::{Ambiguity, Span, Zone, long_date},
};

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    pub term: Term,
    pub people: i32,
    /// How a room is to be set up, where it can be in several ways.
    pub layout: Option<Layout>,
}

impl Wish {
    /// However the space is set up.
    pub fn new(term: Term, people: i32) -> Wish {
        Wish {
            term,
            people,
            layout: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Term {
    /// Within one opening of one day.
    Time(Span),
    /// Consecutive open days, both included.
    Days { first: NaiveDate, last: NaiveDate },
    /// Whole weeks or months.
    Let(Let),
}

/// Whole weeks or months from local midnight to local midnight: nights, closed days and holidays are in
/// them, and neither refuse nor lengthen them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Let {
    pub unit: Unit,
    pub count: u32,
    pub first: NaiveDate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Week,
    Month,
}

/// How the length of a booking is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Time,
    Day,
    Let(Unit),
}

impl Unit {
    pub fn name(self) -> &'static str {
        match self {
            Unit::Week => "week",
            Unit::Month => "month",
        }
    }

    /// The most that can be asked for at once: a year; longer is an agreement.
    pub fn most(self) -> u32 {
        match self {
            Unit::Week => 52,
            Unit::Month => 12,
        }
    }
}

impl By {
    pub const ALL: [By; 4] = [By::Time, By::Day, By::Let(Unit::Week), By::Let(Unit::Month)];

    /// As the database, the API and addresses have it.
    pub fn key(self) -> &'static str {
        match self {
            By::Time => "time",
            By::Day => "day",
            By::Let(unit) => unit.name(),
        }
    }

    /// `the hour`, `the month`.
    pub fn words(self) -> &'static str {
        match self {
            By::Time => "the hour",
            By::Day => "the day",
            By::Let(Unit::Week) => "the week",
            By::Let(Unit::Month) => "the month",
        }
    }
}

impl FromStr for By {
    type Err = ();

    fn from_str(text: &str) -> Result<By, ()> {
        By::ALL.into_iter().find(|by| by.key() == text).ok_or(())
    }
}

impl Let {
    /// The first day after it: 7 days on for each week, or the same date so many months on, at the
    /// latest that month's last.
    pub fn until(&self) -> NaiveDate {
        match self.unit {
            Unit::Week => self
                .first
                .checked_add_days(Days::new(7 * u64::from(self.count))),
            Unit::Month => self.first.checked_add_months(Months::new(self.count)),
        }
        .unwrap_or(NaiveDate::MAX)
    }

    pub fn last(&self) -> NaiveDate {
        self.until().pred_opt().unwrap_or(self.first)
    }

    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let until = self.until();
        self.first.iter_days().take_while(move |date| *date < until)
    }

    /// From midnight to midnight on the location's clock, or the first instants after a midnight that
    /// the clocks skip.
    pub fn span(&self, zone: Zone) -> Span {
        let midnight = |date: NaiveDate| zone.first_instant(date.and_time(NaiveTime::MIN));
        Span::new(midnight(self.first), midnight(self.until()))
    }

    /// `1 month`, `3 weeks`.
    pub fn length(&self) -> String {
        match self.count {
            1 => format!("1 {}", self.unit.name()),
            count => format!("{count} {}s", self.unit.name()),
        }
    }
}

impl Term {
    /// Two times on the location's wall clock.
    pub fn at(zone: Zone, from: NaiveDateTime, until: NaiveDateTime) -> Result<Term, Refusal> {
        Ok(Term::Time(Span::new(
            instant(zone, from)?,
            instant(zone, until)?,
        )))
    }

    pub fn by(&self) -> By {
        match self {
            Term::Time(_) => By::Time,
            Term::Days { .. } => By::Day,
            Term::Let(term) => By::Let(term.unit),
        }
    }

    pub fn key(&self) -> &'static str {
        self.by().key()
    }

    /// The last of several days; none by time.
    pub fn last_day(&self) -> Option<NaiveDate> {
        match *self {
            Term::Time(_) => None,
            Term::Days { last, .. } => Some(last),
            Term::Let(term) => Some(term.last()),
        }
    }

    /// How many weeks or months.
    pub fn count(&self) -> Option<u32> {
        match *self {
            Term::Let(term) => Some(term.count),
            _ => None,
        }
    }

    /// The same length from another day on, for what is booked by days.
    pub fn starting(self, on: NaiveDate) -> Term {
        match self {
            Term::Time(_) => self,
            Term::Days { first, last } => Term::Days {
                first: on,
                last: on + (last - first),
            },
            Term::Let(term) => Term::Let(Let { first: on, ..term }),
        }
    }

    /// The dates it begins and ends on in Greenwich: near enough to know which days to read.
    pub fn utc_dates(&self) -> (NaiveDate, NaiveDate) {
        match *self {
            Term::Time(span) => (span.from.date_naive(), span.until.date_naive()),
            Term::Days { first, last } => (first, last),
            Term::Let(term) => (term.first, term.last()),
        }
    }

    /// `Tue 24 November, 10:30–11:30`, the days `Tue 24 November – Thu 26 November`, or
    /// `1 month from Tue 1 December to Thu 31 December`.
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
            Term::Let(term) => format!(
                "{} from {} to {}",
                term.length(),
                long_date(term.first, today),
                long_date(term.last(), today)
            ),
        }
    }

    /// From its first instant to its last, by days and longer from midnight to midnight.
    pub fn around(&self, zone: Zone) -> Span {
        match *self {
            Term::Time(span) => span,
            Term::Days { first, last } => {
                let midnight = |date: NaiveDate| zone.first_instant(date.and_time(NaiveTime::MIN));
                Span::new(midnight(first), midnight(last.succ_opt().unwrap_or(last)))
            }
            Term::Let(term) => term.span(zone),
        }
    }

    /// The local dates it begins and ends on.
    pub fn dates(&self, zone: Zone) -> (NaiveDate, NaiveDate) {
        match *self {
            Term::Time(span) => (zone.date(span.from), zone.date(span.until)),
            Term::Days { .. } | Term::Let(_) => self.utc_dates(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn months(first: &str, count: u32) -> Let {
        Let {
            unit: Unit::Month,
            count,
            first: date(first),
        }
    }

    #[test]
    fn a_month_runs_to_the_same_date_or_the_months_last() {
        for (first, count, until) in [
            ("2026-12-01", 1, "2027-01-01"),
            ("2027-01-31", 1, "2027-02-28"),
            ("2028-01-31", 1, "2028-02-29"),
            ("2027-01-31", 2, "2027-03-31"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2028-02-29", 12, "2029-02-28"),
        ] {
            assert_eq!(months(first, count).until(), date(until), "{first} {count}");
        }
    }

    #[test]
    fn it_is_said_in_words() {
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let words = |term: Let, today: &str| Term::Let(term).words(zone, today.parse().unwrap());
        assert_eq!(
            words(months("2026-12-01", 1), "2026-11-24"),
            "1 month from Tue 1 December to Thu 31 December"
        );
        let weeks = Let {
            unit: Unit::Week,
            count: 2,
            first: date("2026-12-28"),
        };
        assert_eq!(
            words(weeks, "2026-11-24"),
            "2 weeks from Mon 28 December to Sun 10 January 2027"
        );
    }

    #[test]
    fn weeks_are_days_whatever_the_clocks_do() {
        // case B6
        let paris = Zone::named("Europe/Paris").unwrap();
        let week = |first| Let {
            unit: Unit::Week,
            count: 1,
            first: date(first),
        };
        let hours = |term: Let| term.span(paris).minutes() / 60;
        assert_eq!(hours(week("2026-03-23")), 7 * 24 - 1);
        assert_eq!(hours(week("2026-10-19")), 7 * 24 + 1);
        // In Beirut the clocks go forward at midnight, so that day begins at one o'clock.
        let beirut = Zone::named("Asia/Beirut").unwrap();
        let span = week("2026-03-29").span(beirut);
        assert_eq!(beirut.clock(span.from), "01:00");
        assert_eq!(beirut.date(span.from), date("2026-03-29"));
        assert_eq!(beirut.clock(span.until), "00:00");
    }
}
