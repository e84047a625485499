//! What goes with a booking, such as catering or a second screen: each location has its own, at its own price.

pub mod changing;
pub mod ordered;
pub mod picks;
pub mod setup;
pub mod shelf;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    locations::hours::Calendar,
    money::Money,
    spaces::space::Kind,
    time::{length, long_date},
};
use chrono::Datelike;

/// What its price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Booking,
    Person,
    Hour,
}

impl Unit {
    pub const ALL: [Unit; 3] = [Unit::Booking, Unit::Person, Unit::Hour];

    /// As the database and the API have it.
    pub fn key(self) -> &'static str {
        match self {
            Unit::Booking => "booking",
            Unit::Person => "person",
            Unit::Hour => "hour",
        }
    }

    pub fn named(key: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.key() == key)
    }

    /// `R35 a person`
    pub fn of(self, price: Money) -> String {
        match self {
            _ if price.is_zero() => "free".to_owned(),
            Unit::Booking => format!("{price} each"),
            Unit::Person => format!("{price} a person"),
            Unit::Hour => format!("{price} an hour"),
        }
    }
}

/// How early it is to be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lead {
    /// Before the start.
    Minutes(i64),
    /// By a time of the location's clock, so many working days before.
    Clock { days: i32, clock: NaiveTime },
}

impl Lead {
    /// The last instant at which it can be ordered for a time that begins at `start`.
    pub fn until(self, start: DateTime<Utc>, calendar: &Calendar) -> DateTime<Utc> {
        let (days, clock) = match self {
            Lead::Minutes(minutes) => return start - Duration::minutes(minutes),
            Lead::Clock { days, clock } => (days, clock),
        };
        let is_working = |date: &chrono::NaiveDate| {
            date.weekday().number_from_monday() <= 5 && !calendar.day(*date).is_closed()
        };
        let on = calendar.zone.date(start);
        let before = std::iter::successors(on.pred_opt(), chrono::NaiveDate::pred_opt);
        let date = match usize::try_from(days).unwrap_or_default().checked_sub(1) {
            None => Some(on),
            Some(days) => before.take(90).filter(is_working).nth(days),
        };
        let at = calendar
            .zone
            .first_instant(date.unwrap_or(on).and_time(clock));
        at.min(start)
    }

    /// `until 15:00 the working day before`
    pub fn words(self) -> String {
        match self {
            Lead::Minutes(0) => "until it begins".to_owned(),
            Lead::Minutes(minutes) => format!("until {} before", length(minutes)),
            Lead::Clock { days, clock } => {
                let clock = clock.format("%H:%M");
                match days {
                    0 => format!("until {clock} on the day"),
                    1 => format!("until {clock} the working day before"),
                    days => format!("until {clock}, {days} working days before"),
                }
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Extra {
    pub id: Uuid,
    /// Unique at its location.
    pub slug: String,
    pub name: String,
    pub description: String,
    /// The kinds of spaces that it goes with.
    pub kinds: Vec<Kind>,
    pub unit: Unit,
    /// Of one unit, including VAT.
    pub price: Money,
    /// How many can be in use at once.
    pub stock: Option<i32>,
    pub lead: Lead,
    /// The space is set up so much earlier for it.
    pub setup_minutes: i64,
    /// Can be ordered anew.
    pub offered: bool,
}

impl Extra {
    /// `R35 a person, until 15:00 the working day before`
    pub fn terms(&self) -> String {
        format!("{}, {}", self.unit.of(self.price), self.lead.words())
    }
}

/// `Thu 26 November 15:00`
pub(super) fn moment(at: DateTime<Utc>, calendar: &Calendar, now: DateTime<Utc>) -> String {
    let zone = calendar.zone;
    let date = long_date(zone.date(at), zone.date(now));
    format!("{date} {}", zone.clock(at))
}
