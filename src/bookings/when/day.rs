//! Days as people name them.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::time::long_date;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Day {
    On(NaiveDate),
    Weekday(Weekday, Which),
}

/// Which of the weekdays of that name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Which {
    /// Today or the first after it.
    Coming,
    /// In the week that runs from this Monday.
    This,
    /// In the week after.
    Next,
    /// The first before today.
    Last,
}

/// A date said without a year lies at most so many days back, else it is still to come.
const BACK: u64 = 60;

impl Day {
    pub fn resolve(self, today: NaiveDate) -> Result<NaiveDate, String> {
        let (weekday, which) = match self {
            Day::On(date) => return Ok(date),
            Day::Weekday(weekday, which) => (weekday, which),
        };
        let ahead = u64::from(
            (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7,
        );
        let monday = today - Days::new(today.weekday().num_days_from_monday().into());
        let in_week = Days::new(weekday.num_days_from_monday().into());
        Ok(match which {
            Which::Coming => today + Days::new(ahead),
            Which::This => monday + in_week,
            Which::Next => monday + Days::new(7) + in_week,
            Which::Last => today + Days::new(ahead) - Days::new(7),
        })
    }

    /// The same weekday of next week; a date stays what it is.
    pub fn in_next_week(self) -> Day {
        match self {
            Day::Weekday(weekday, _) => Day::Weekday(weekday, Which::Next),
            date => date,
        }
    }
}

/// The one day that is meant, if one is said; a weekday is the first of its name from `today` on.
pub(super) fn one(days: &[Day], today: NaiveDate) -> Result<Option<NaiveDate>, String> {
    match days {
        [] => Ok(None),
        [day] => day.resolve(today).map(Some),
        [one, other] => agreed(*one, *other, today).map(Some),
        _ => Err("More than two days are named. Say one day, or the first and the last.".into()),
    }
}

/// The one day that is said twice, as in "tue 24 nov".
fn agreed(one: Day, other: Day, today: NaiveDate) -> Result<NaiveDate, String> {
    let (date, weekday) = match (one, other) {
        (Day::On(date), Day::Weekday(weekday, _)) | (Day::Weekday(weekday, _), Day::On(date)) => {
            (date, weekday)
        }
        _ => {
            let (one, other) = (one.resolve(today)?, other.resolve(today)?);
            if one == other {
                return Ok(one);
            }
            return Err(format!(
                "{} or {}? Say one day, or the first to the last.",
                long_date(one, today),
                long_date(other, today)
            ));
        }
    };
    if date.weekday() == weekday {
        return Ok(date);
    }
    let name = |day: Weekday| match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    };
    Err(format!(
        "{} is a {}, not a {}. Say which is meant.",
        date.format("%-d %B %Y"),
        name(date.weekday()),
        name(weekday)
    ))
}

/// A date without a year: lately, or the next one.
pub(super) fn dated(day: u32, month: u32, today: NaiveDate) -> Result<NaiveDate, String> {
    let earliest = today - Days::new(BACK);
    let years = today.year() - 1..=today.year() + 1;
    let dates = years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day));
    dates
        .into_iter()
        .find(|date| *date >= earliest)
        .ok_or_else(|| no_such(day, month))
}

pub(super) fn dated_in(day: u32, month: u32, year: i32) -> Result<NaiveDate, String> {
    let date = NaiveDate::from_ymd_opt(year, month, day);
    date.filter(|_| (1900..3000).contains(&year))
        .ok_or_else(|| no_such(day, month))
}

/// The day of this month, or of the next that has one, from today on.
pub(super) fn numbered(day: u32, today: NaiveDate) -> Result<NaiveDate, String> {
    let months = today.with_day(1).into_iter().flat_map(|first| {
        (0..12).filter_map(move |month| first.checked_add_months(chrono::Months::new(month)))
    });
    let mut dates = months.filter_map(|first| first.with_day(day));
    dates
        .find(|date| *date >= today)
        .ok_or_else(|| format!("No month has a day {day}. Say the date like 24/11 or 24 nov."))
}

fn no_such(day: u32, month: u32) -> String {
    if month > 12 && day <= 12 {
        format!("{day}/{month} has no such month: the day comes first. Say {month}/{day}.")
    } else {
        format!("There is no day {day}/{month}. Say the date like 24/11 or 24 nov.")
    }
}
