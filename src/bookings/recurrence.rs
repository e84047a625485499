//! How a booking repeats, in the forms of RFC 5545 that people ask for, on the calendar of its location.

use std::{fmt, str::FromStr};

use chrono::{
    DateTime, Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday,
};
use thiserror::Error;

use crate::time::{Zone, long_date, parse_date};

/// The most dates of a series.
pub const MOST: usize = 200;
/// How far ahead dates are looked for, where a count alone would never end.
const YEARS: u32 = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    pub every: Every,
    /// Each day, week or month, or every so many of them.
    pub interval: u32,
    pub end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Every {
    Day,
    /// From Monday on; never empty.
    Week(Vec<Weekday>),
    /// That day of the month, 1 to 31: months without it are left out. -1 is the last.
    MonthDay(i32),
    /// The first to the fifth of a weekday in the month; -1 is the last.
    MonthWeekday(i32, Weekday),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Count(u32),
    /// That day included.
    Until(NaiveDate),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("Choose at least one weekday.")]
    NoWeekday,
    #[error("Say until when it repeats, or how many times.")]
    NoEnd,
    #[error("Say until when it repeats or how many times, and leave the other empty.")]
    TwoEnds,
    #[error("A series has at most {MOST} dates. Choose an earlier end.")]
    TooMany,
    #[error("There is no such date before it ends. Choose a later end.")]
    NoDates,
    #[error(
        "Send an RRULE like FREQ=WEEKLY;BYDAY=MO,WE;COUNT=12: daily, weekly on days, or monthly by date or weekday, with COUNT or UNTIL. {0} is none of that."
    )]
    Unreadable(String),
}

impl Problem {
    /// The field of the form that it belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            Problem::NoWeekday => "mon",
            Problem::TwoEnds => "times",
            Problem::NoEnd | Problem::TooMany | Problem::NoDates => "through",
            Problem::Unreadable(_) => "repeat",
        }
    }
}

pub const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

const CODES: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

fn code(day: Weekday) -> &'static str {
    CODES[day.num_days_from_monday() as usize]
}

fn coded(text: &str) -> Option<Weekday> {
    let at = CODES.iter().position(|code| *code == text)?;
    Some(WEEK[at])
}

/// `Monday`
pub fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

impl Recurrence {
    /// The dates from `first` on, which is one of them only if it fits: a start on a weekday that was not chosen
    /// begins on the next that was.
    pub fn dates(&self, first: NaiveDate) -> Result<Vec<NaiveDate>, Problem> {
        if matches!(&self.every, Every::Week(days) if days.is_empty()) {
            return Err(Problem::NoWeekday);
        }
        let last = match self.end {
            End::Until(date) => date,
            End::Count(_) => first + Months::new(12 * YEARS),
        };
        let most = match self.end {
            End::Count(count) if count as usize > MOST => return Err(Problem::TooMany),
            End::Count(count) => count as usize,
            End::Until(_) => MOST + 1,
        };
        let mut dates = Vec::new();
        for period in self.periods(first).take_while(|start| *start <= last) {
            let within = self.within(period).into_iter();
            dates.extend(within.filter(|date| (first..=last).contains(date)));
            if dates.len() >= most {
                break;
            }
        }
        if dates.len() > MOST && matches!(self.end, End::Until(_)) {
            return Err(Problem::TooMany);
        }
        dates.truncate(most);
        match dates.is_empty() {
            true => Err(Problem::NoDates),
            false => Ok(dates),
        }
    }

    /// The first days of the days, weeks or months that count, from that of `first` on.
    fn periods(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> + use<> {
        let interval = self.interval.max(1);
        let (start, by_month, step) = match self.every {
            Every::Day => (first, false, interval),
            Every::Week(_) => (first.week(Weekday::Mon).first_day(), false, 7 * interval),
            _ => (first.with_day(1).unwrap_or(first), true, interval),
        };
        (0_u32..).map_while(move |n| {
            let ahead = n.checked_mul(step)?;
            match by_month {
                true => start.checked_add_months(Months::new(ahead)),
                false => start.checked_add_days(Days::new(ahead.into())),
            }
        })
    }

    fn within(&self, period: NaiveDate) -> Vec<NaiveDate> {
        let month_ends = || period + Months::new(1) - Duration::days(1);
        match &self.every {
            Every::Day => vec![period],
            Every::Week(days) => {
                let ahead = |day: &Weekday| Duration::days(day.num_days_from_monday().into());
                days.iter().map(|day| period + ahead(day)).collect()
            }
            Every::MonthDay(-1) => vec![month_ends()],
            Every::MonthDay(day) => period.with_day(day.unsigned_abs()).into_iter().collect(),
            Every::MonthWeekday(-1, day) => {
                let last = month_ends();
                let back = last.weekday().days_since(*day);
                vec![last - Duration::days(back.into())]
            }
            Every::MonthWeekday(nth, day) => {
                let nth = u8::try_from(*nth).unwrap_or(1);
                let date =
                    NaiveDate::from_weekday_of_month_opt(period.year(), period.month(), *day, nth);
                date.into_iter().collect()
            }
        }
    }

    /// The same for dates that are so many days later; `None` by the month, whose days are other ones each time.
    pub fn later(&self, days: i64) -> Option<Recurrence> {
        let end = match self.end {
            End::Until(date) => End::Until(date + Duration::days(days)),
            count => count,
        };
        let every = match &self.every {
            _ if days == 0 => self.every.clone(),
            Every::Day => Every::Day,
            Every::Week(chosen) => {
                let turn = |day: &Weekday| {
                    let at = i64::from(day.num_days_from_monday()) + days;
                    WEEK[at.rem_euclid(7) as usize]
                };
                let mut turned: Vec<Weekday> = chosen.iter().map(turn).collect();
                turned.sort_by_key(Weekday::num_days_from_monday);
                Every::Week(turned)
            }
            Every::MonthDay(_) | Every::MonthWeekday(..) => return None,
        };
        Some(Recurrence {
            every,
            end,
            ..self.clone()
        })
    }

    /// `every Monday and Wednesday`, `every 2 weeks on Monday`, `on the 24th of every month`.
    pub fn words(&self) -> String {
        let each = |unit: &str| match self.interval {
            0 | 1 => format!("every {unit}"),
            many => format!("every {many} {unit}s"),
        };
        match &self.every {
            Every::Day => each("day"),
            Every::Week(days) => {
                let names: Vec<&str> = days.iter().map(|day| day_name(*day)).collect();
                let is_workdays = names == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
                let names = match names.as_slice() {
                    _ if is_workdays => "Monday to Friday".to_owned(),
                    [rest @ .., last] if !rest.is_empty() => {
                        format!("{} and {last}", rest.join(", "))
                    }
                    all => all.concat(),
                };
                match self.interval {
                    0 | 1 => format!("every {names}"),
                    many => format!("every {many} weeks on {names}"),
                }
            }
            Every::MonthDay(-1) => format!("on the last day of {}", each("month")),
            Every::MonthDay(day) => format!("on the {} of {}", ordinal(*day), each("month")),
            Every::MonthWeekday(nth, day) => {
                let which = match nth {
                    -1 => "last".to_owned(),
                    nth => ordinal(*nth),
                };
                format!("on the {which} {} of {}", day_name(*day), each("month"))
            }
        }
    }

    /// With its end: `every Monday until Sun 14 February 2027`, `every day, 10 times`.
    pub fn sentence(&self, today: NaiveDate) -> String {
        match self.end {
            End::Until(date) => format!("{} until {}", self.words(), long_date(date, today)),
            End::Count(1) => format!("{}, once", self.words()),
            End::Count(count) => format!("{}, {count} times", self.words()),
        }
    }

    /// Reads an RRULE whose bookings begin at `at` on the clock of `zone`. Every part has to be one that we know.
    pub fn read(text: &str, zone: Zone, at: NaiveTime) -> Result<Recurrence, Problem> {
        let parts = Parts::read(text)?;
        let every = parts.every()?;
        let end = match (parts.count, parts.until.as_deref()) {
            (Some(_), Some(_)) => return Err(Problem::TwoEnds),
            (None, None) => return Err(Problem::NoEnd),
            (Some(count), None) => End::Count(count),
            (None, Some(until)) => {
                let until = until_day(until, zone, at);
                End::Until(until.ok_or_else(|| Problem::Unreadable(text.to_owned()))?)
            }
        };
        Ok(Recurrence {
            every,
            interval: parts.interval,
            end,
        })
    }
}

/// As RFC 5545 writes it, whose `UNTIL` is a date here.
impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let freq = match self.every {
            Every::Day => "DAILY",
            Every::Week(_) => "WEEKLY",
            Every::MonthDay(_) | Every::MonthWeekday(..) => "MONTHLY",
        };
        write!(f, "FREQ={freq}")?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match &self.every {
            Every::Day => {}
            Every::Week(days) => {
                let codes: Vec<&str> = days.iter().map(|day| code(*day)).collect();
                write!(f, ";BYDAY={}", codes.join(","))?;
            }
            Every::MonthDay(day) => write!(f, ";BYMONTHDAY={day}")?,
            Every::MonthWeekday(nth, day) => write!(f, ";BYDAY={nth}{}", code(*day))?,
        }
        match self.end {
            End::Count(count) => write!(f, ";COUNT={count}"),
            End::Until(date) => write!(f, ";UNTIL={}", date.format("%Y%m%d")),
        }
    }
}

/// As `Display` writes it.
impl FromStr for Recurrence {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Recurrence, Problem> {
        let utc = Zone::named("UTC").map_err(|_| Problem::Unreadable(text.to_owned()))?;
        Recurrence::read(text, utc, NaiveTime::MIN)
    }
}

#[derive(Default)]
struct Parts<'a> {
    text: &'a str,
    freq: &'a str,
    interval: u32,
    days: Option<&'a str>,
    month_day: Option<&'a str>,
    count: Option<u32>,
    until: Option<String>,
}

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Result<Parts<'a>, Problem> {
        let unreadable = || Problem::Unreadable(text.to_owned());
        let mut parts = Parts {
            text,
            interval: 1,
            ..Parts::default()
        };
        let plain = text.trim();
        for part in plain.strip_prefix("RRULE:").unwrap_or(plain).split(';') {
            let (name, value) = part.split_once('=').ok_or_else(unreadable)?;
            let number = |value: &str| {
                value
                    .parse()
                    .ok()
                    .filter(|number| (1..=1000).contains(number))
            };
            match name {
                "FREQ" => parts.freq = value,
                "INTERVAL" => parts.interval = number(value).ok_or_else(unreadable)?,
                "COUNT" => parts.count = Some(number(value).ok_or_else(unreadable)?),
                "UNTIL" => parts.until = Some(value.to_owned()),
                "BYDAY" => parts.days = Some(value),
                "BYMONTHDAY" => parts.month_day = Some(value),
                "WKST" if value == "MO" => {}
                _ => return Err(unreadable()),
            }
        }
        Ok(parts)
    }

    fn every(&self) -> Result<Every, Problem> {
        let unreadable = || Problem::Unreadable(self.text.to_owned());
        match (self.freq, self.days, self.month_day) {
            ("DAILY", None, None) => Ok(Every::Day),
            ("WEEKLY", None | Some(""), None) => Err(Problem::NoWeekday),
            ("WEEKLY", Some(days), None) => {
                let days: Option<Vec<Weekday>> = days.split(',').map(coded).collect();
                let mut days = days.ok_or_else(unreadable)?;
                days.sort_by_key(Weekday::num_days_from_monday);
                days.dedup();
                Ok(Every::Week(days))
            }
            ("MONTHLY", None, Some(day)) => {
                let day = day
                    .parse()
                    .ok()
                    .filter(|day| (1..=31).contains(day) || *day == -1);
                day.map(Every::MonthDay).ok_or_else(unreadable)
            }
            ("MONTHLY", Some(day), None) if day.is_ascii() && day.len() > 2 => {
                let (nth, day) = day.split_at(day.len() - 2);
                let nth: Option<i32> = nth.parse().ok();
                let nth = nth.filter(|nth| (1..=5).contains(nth) || *nth == -1);
                let both = nth.zip(coded(day));
                let (nth, day) = both.ok_or_else(unreadable)?;
                Ok(Every::MonthWeekday(nth, day))
            }
            _ => Err(unreadable()),
        }
    }
}

/// The last day on which something that begins at `at` begins by then.
fn until_day(text: &str, zone: Zone, at: NaiveTime) -> Option<NaiveDate> {
    let digits = text
        .get(..8)
        .filter(|day| day.bytes().all(|b| b.is_ascii_digit()))?;
    let day = parse_date(&format!(
        "{}-{}-{}",
        &digits[..4],
        &digits[4..6],
        &digits[6..]
    ))?;
    if text.len() == 8 {
        return Some(day);
    }
    let wall = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y%m%dT%H%M%S").ok()?;
    let wall = match text.ends_with('Z') {
        true => zone.wall(DateTime::from_naive_utc_and_offset(wall, chrono::Utc)),
        false => wall,
    };
    match wall.time() < at {
        true => wall.date().pred_opt(),
        false => Some(wall.date()),
    }
}

/// `1st`, `22nd`.
fn ordinal(number: i32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(text: &str) -> Recurrence {
        text.parse().unwrap()
    }

    fn dates(text: &str, first: &str) -> Vec<String> {
        let dates = rule(text).dates(date(first)).unwrap();
        dates.iter().map(NaiveDate::to_string).collect()
    }

    #[test]
    fn the_forms_that_people_ask_for() {
        // 24 November 2026 is a Tuesday.
        for (text, first, expected) in [
            (
                "FREQ=DAILY;COUNT=3",
                "2026-11-24",
                &["2026-11-24", "2026-11-25", "2026-11-26"][..],
            ),
            (
                "FREQ=DAILY;INTERVAL=3;UNTIL=20261130",
                "2026-11-24",
                &["2026-11-24", "2026-11-27", "2026-11-30"],
            ),
            (
                "FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3",
                "2026-11-24",
                &["2026-11-24", "2026-11-26", "2026-12-01"],
            ),
            // case I6: it begins with the next weekday that was chosen
            (
                "FREQ=WEEKLY;BYDAY=MO;COUNT=2",
                "2026-11-24",
                &["2026-11-30", "2026-12-07"],
            ),
            // Every other week is counted from the week of the start.
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;COUNT=3",
                "2026-11-24",
                &["2026-11-24", "2026-12-07", "2026-12-08"],
            ),
            // case I4: that day included
            (
                "FREQ=WEEKLY;BYDAY=SU;UNTIL=20270214",
                "2027-02-01",
                &["2027-02-07", "2027-02-14"],
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=24;COUNT=2",
                "2026-11-25",
                &["2026-12-24", "2027-01-24"],
            ),
            // Months without it are left out.
            (
                "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
                "2026-12-01",
                &["2026-12-31", "2027-01-31", "2027-03-31"],
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
                "2026-12-01",
                &["2026-12-31", "2027-01-31", "2027-02-28"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=2TU;COUNT=2",
                "2026-11-24",
                &["2026-12-08", "2027-01-12"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270129",
                "2026-11-24",
                &["2026-11-27", "2026-12-25", "2027-01-29"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=5MO;COUNT=2",
                "2026-11-24",
                &["2026-11-30", "2027-03-29"],
            ),
        ] {
            assert_eq!(dates(text, first), expected, "{text}");
            assert_eq!(rule(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_series_is_told() {
        let read = |text: &str| text.parse::<Recurrence>().unwrap_err();
        // case I7
        assert_eq!(read("FREQ=WEEKLY;COUNT=3"), Problem::NoWeekday);
        assert_eq!(read("FREQ=WEEKLY;BYDAY=MO"), Problem::NoEnd);
        assert_eq!(read("FREQ=DAILY;COUNT=3;UNTIL=20270101"), Problem::TwoEnds);
        for wrong in [
            "",
            "daily",
            "FREQ=YEARLY;COUNT=2",
            "FREQ=DAILY;COUNT=0",
            "FREQ=WEEKLY;BYDAY=XX;COUNT=2",
            "FREQ=MONTHLY;BYDAY=MO;COUNT=2",
            "FREQ=MONTHLY;BYDAY=6MO;COUNT=2",
            "FREQ=MONTHLY;BYMONTHDAY=32;COUNT=2",
            "FREQ=DAILY;UNTIL=tomorrow",
            "FREQ=DAILY;BYHOUR=9;COUNT=2",
            "FREQ=MONTHLY;BYDAY=ä1MO;COUNT=2",
        ] {
            assert!(matches!(read(wrong), Problem::Unreadable(_)), "{wrong}");
        }
        let refused = |text: &str| rule(text).dates(date("2026-11-24")).unwrap_err();
        assert_eq!(refused("FREQ=DAILY;COUNT=201"), Problem::TooMany);
        assert_eq!(refused("FREQ=DAILY;UNTIL=20991231"), Problem::TooMany);
        assert_eq!(refused("FREQ=DAILY;UNTIL=20261123"), Problem::NoDates);
        assert_eq!(
            refused("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=2"),
            Problem::NoDates
        );
        assert_eq!(dates("FREQ=DAILY;COUNT=200", "2026-11-24").len(), MOST);
    }

    #[test]
    fn an_end_in_greenwich_is_a_day_on_the_locations_calendar() {
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap();
        let end = |until: &str| {
            let text = format!("RRULE:FREQ=DAILY;UNTIL={until}");
            Recurrence::read(&text, zone, nine).unwrap().end
        };
        for (until, day) in [
            ("20270214", "2027-02-14"),
            ("20270214T070000Z", "2027-02-14"),
            ("20270214T065959Z", "2027-02-13"),
            ("20270213T230000Z", "2027-02-13"),
            ("20270214T090000", "2027-02-14"),
        ] {
            assert_eq!(end(until), End::Until(date(day)), "{until}");
        }
    }

    #[test]
    fn it_is_said_in_words() {
        for (text, words) in [
            ("FREQ=DAILY;COUNT=10", "every day, 10 times"),
            (
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=10",
                "every Monday to Friday, 10 times",
            ),
            (
                "FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20261214",
                "every Monday, Wednesday and Friday until Mon 14 December",
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=1",
                "every 2 weeks on Monday, once",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=22;COUNT=2",
                "on the 22nd of every month, 2 times",
            ),
            (
                "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR;COUNT=2",
                "on the last Friday of every 3 months, 2 times",
            ),
            (
                "FREQ=MONTHLY;BYDAY=2TU;UNTIL=20270112",
                "on the 2nd Tuesday of every month until Tue 12 January 2027",
            ),
        ] {
            assert_eq!(rule(text).sentence(date("2026-11-24")), words);
        }
    }

    #[test]
    fn weekdays_turn_when_it_begins_later() {
        let later = |text: &str, days| rule(text).later(days).map(|rule| rule.to_string());
        assert_eq!(
            later("FREQ=WEEKLY;BYDAY=MO,SU;UNTIL=20261213", 1).as_deref(),
            Some("FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20261214")
        );
        assert_eq!(
            later("FREQ=WEEKLY;BYDAY=MO;COUNT=3", -1).as_deref(),
            Some("FREQ=WEEKLY;BYDAY=SU;COUNT=3")
        );
        assert_eq!(later("FREQ=MONTHLY;BYMONTHDAY=3;COUNT=3", 1), None);
    }
}
