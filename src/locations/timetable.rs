//! A location's hours as people read them: open now or not, the week, and the days that differ.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc, Weekday};

use super::hours::{Calendar, Day, Hours, OnHolidays, Opening, Week};
use crate::time::{Span, long_date};

/// Whether people can walk in at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open { until: DateTime<Utc> },
    Closed { opens: Option<DateTime<Utc>> },
}

/// A date that is not as its weekday usually is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusual {
    pub date: NaiveDate,
    /// `Day of Reconciliation`, or what staff wrote.
    pub reason: String,
    /// `Closed`, or `07:00–13:00`.
    pub hours: String,
}

impl Calendar {
    pub fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.opening_at(now) {
            Some(opening) => Standing::Open {
                until: opening.span.until,
            },
            None => Standing::Closed {
                opens: self.next_opening(now).map(|next| next.span.from),
            },
        }
    }

    /// The first opening that begins after `at`, within a year.
    pub fn next_opening(&self, at: DateTime<Utc>) -> Option<Opening> {
        let days = self.zone.date(at).iter_days().take(366);
        days.flat_map(|date| self.day(date).openings)
            .find(|opening| opening.span.from > at)
    }

    /// `07:00` today, `Mon 07:00` within the week, else `Mon 4 January 07:00`.
    pub fn moment(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let (date, today) = (self.zone.date(at), self.zone.date(now));
        let clock = self.zone.clock(at);
        match (date - today).num_days() {
            0 => clock,
            1..7 => format!("{} {clock}", date.format("%a")),
            _ => format!("{} {clock}", long_date(date, today)),
        }
    }

    /// `07:00–19:00`, `07:00–12:00 and 13:00–18:00`, or `Closed`.
    pub fn hours_of(&self, day: &Day) -> String {
        let clock = |opening: &Opening| {
            let span = opening.span;
            format!(
                "{}–{}",
                self.zone.clock(span.from),
                self.zone.clock(span.until)
            )
        };
        joined(day.openings.iter().map(clock).collect())
    }

    /// The usual week as it is on a date, days with the same hours together: `Monday to Friday`, `07:00–19:00`.
    pub fn week(&self, today: NaiveDate) -> Vec<(String, String)> {
        let mut lines: Vec<(Weekday, Weekday, String)> = Vec::new();
        let mut weekday = Weekday::Mon;
        for _ in 0..7 {
            let hours = usual(self.week_on(today), weekday);
            match lines.last_mut() {
                Some((_, last, same)) if *same == hours => *last = weekday,
                _ => lines.push((weekday, weekday, hours)),
            }
            weekday = weekday.succ();
        }
        let mut week: Vec<(String, String)> = lines
            .into_iter()
            .map(|(first, last, hours)| (days(first, last), hours))
            .collect();
        let holidays = match self.holidays {
            OnHolidays::Closed => "Closed".to_owned(),
            OnHolidays::Reduced(hours) => clocks(&hours),
            OnHolidays::Normal => "As usual".to_owned(),
        };
        week.push(("Public holidays".to_owned(), holidays));
        week
    }

    /// The dates from `first` to `last` that differ from their weekday. The calendar must have been
    /// loaded for them.
    pub fn unusual(&self, first: NaiveDate, last: NaiveDate) -> Vec<Unusual> {
        let dates = first.iter_days().take_while(|date| *date <= last);
        dates
            .filter_map(|date| {
                let day = self.day(date);
                let hours = self.hours_of(&day);
                let differs = hours != usual(self.week_on(date), chrono::Datelike::weekday(&date));
                differs.then(|| Unusual {
                    date,
                    hours,
                    reason: day.reason.unwrap_or_default(),
                })
            })
            .collect()
    }

    /// The next hour that somebody could book: from the next half hour of the opening that runs at `now`,
    /// or from the beginning of the one after it. The calendar must have been loaded for so long.
    pub fn next_hour(&self, now: DateTime<Utc>) -> Option<Span> {
        let (half, hour) = (Duration::minutes(30), Duration::hours(1));
        let running = self.opening_at(now).map(|opening| {
            let begun = (now - opening.span.from).num_seconds();
            let halves = begun.unsigned_abs().div_ceil(30 * 60);
            let from = opening.span.from + half * i32::try_from(halves).unwrap_or(0);
            (opening.span, Span::new(from, from + hour))
        });
        let fits = running.filter(|(opening, next)| opening.contains(*next));
        fits.map(|(_, next)| next).or_else(|| {
            let next = self.next_opening(now)?.span.from;
            Some(Span::new(next, next + hour))
        })
    }

    /// The first day with an opening that has not ended.
    pub fn next_day(&self, now: DateTime<Utc>) -> Option<NaiveDate> {
        let today = self.zone.date(now);
        let is_over = self.day(today).span().is_none_or(|span| span.until <= now);
        self.next_open(if is_over { today + Days::new(1) } else { today })
    }
}

fn usual(week: &Week, weekday: Weekday) -> String {
    let hours = week.get(&weekday.number_from_monday());
    joined(hours.into_iter().flatten().map(clocks).collect())
}

fn clocks(hours: &Hours) -> String {
    format!(
        "{}–{}",
        hours.opens.format("%H:%M"),
        hours.closes.format("%H:%M")
    )
}

fn joined(parts: Vec<String>) -> String {
    if parts.is_empty() {
        "Closed".to_owned()
    } else {
        parts.join(" and ")
    }
}

fn days(first: Weekday, last: Weekday) -> String {
    let name = |day| match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    };
    let between = if first.succ() == last { "and" } else { "to" };
    if first == last {
        name(first).to_owned()
    } else {
        format!("{} {between} {}", name(first), name(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;

    fn hours(opens: &str, closes: &str) -> Hours {
        Hours {
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        }
    }

    fn musgrave() -> Calendar {
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let mut calendar = Calendar::empty(zone, OnHolidays::Closed);
        calendar.weekly = (1..=5)
            .map(|day| (day, vec![hours("07:00", "19:00")]))
            .collect();
        calendar.weekly.insert(6, vec![hours("08:00", "13:00")]);
        calendar
    }

    fn at(calendar: &Calendar, wall: &str) -> DateTime<Utc> {
        calendar.zone.instant(wall.parse().unwrap()).unwrap()
    }

    #[test]
    fn open_until_closing_and_closed_until_the_next_opening() {
        let place = musgrave();
        let standing = |wall| match place.standing(at(&place, wall)) {
            Standing::Open { until } => format!("open until {}", place.zone.clock(until)),
            Standing::Closed { opens } => {
                format!("opens {}", place.moment(opens.unwrap(), at(&place, wall)))
            }
        };
        assert_eq!(standing("2026-11-24T07:00:00"), "open until 19:00");
        assert_eq!(standing("2026-11-24T06:59:00"), "opens 07:00");
        assert_eq!(standing("2026-11-24T19:00:00"), "opens Wed 07:00");
        assert_eq!(
            standing("2026-11-28T13:00:00"),
            "opens Mon 07:00",
            "over the Sunday"
        );
        assert_eq!(
            standing("2026-12-24T19:00:00"),
            "opens Mon 07:00",
            "over two holidays and a Sunday"
        );
    }

    #[test]
    fn a_far_opening_says_its_date() {
        let mut place = musgrave();
        let shut = NaiveDate::from_ymd_opt(2026, 12, 14).unwrap();
        place.exceptions = shut
            .iter_days()
            .take(21)
            .map(|day| (day, (None, "Repairs".to_owned())))
            .collect();
        let now = at(&place, "2026-12-14T10:00:00");
        let opens = place.next_opening(now).unwrap().span.from;
        assert_eq!(place.moment(opens, now), "Mon 4 January 2027 07:00");
    }

    #[test]
    fn days_with_the_same_hours_stand_together() {
        let mut place = musgrave();
        let lines = |place: &Calendar| -> Vec<String> {
            place
                .week("2026-11-24".parse().unwrap())
                .into_iter()
                .map(|(days, hours)| format!("{days} {hours}"))
                .collect()
        };
        assert_eq!(
            lines(&place),
            [
                "Monday to Friday 07:00–19:00",
                "Saturday 08:00–13:00",
                "Sunday Closed",
                "Public holidays Closed"
            ]
        );
        place.weekly.remove(&6);
        place.holidays = OnHolidays::Normal;
        assert_eq!(
            lines(&place)[1..],
            ["Saturday and Sunday Closed", "Public holidays As usual"]
        );
    }

    #[test]
    fn only_days_that_differ_are_unusual() {
        let mut place = musgrave();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        place.exceptions.insert(
            date("2026-12-24"),
            (Some(hours("07:00", "13:00")), "Closing early".to_owned()),
        );
        let found: Vec<String> = place
            .unusual(date("2026-12-13"), date("2026-12-31"))
            .into_iter()
            .map(|day| format!("{} {} {}", day.date, day.hours, day.reason))
            .collect();
        assert_eq!(
            found,
            [
                "2026-12-16 Closed Day of Reconciliation",
                "2026-12-24 07:00–13:00 Closing early",
                "2026-12-25 Closed Christmas Day",
                "2026-12-26 Closed Day of Goodwill"
            ]
        );
    }

    #[test]
    fn a_day_that_is_over_gives_way_to_the_next() {
        let place = musgrave();
        let next = |wall| place.next_day(at(&place, wall)).unwrap().to_string();
        assert_eq!(next("2026-11-27T18:59:00"), "2026-11-27");
        assert_eq!(next("2026-11-27T19:00:00"), "2026-11-28");
        assert_eq!(next("2026-11-28T13:00:00"), "2026-11-30");
    }
}
