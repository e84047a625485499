//! When a location is open: weekly hours, public holidays, and what replaces both on a date.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDate, NaiveTime};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{holidays::public_holiday, location::Location};
use crate::{
    error::Result,
    id::Id,
    time::{Span, Zone},
};

/// One unbroken time of being open, counted to the day it begins on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    pub date: NaiveDate,
    pub span: Span,
}

impl Opening {
    /// `07:00–19:00`, `18:00 to 02:00 the next day`, `all day and night`.
    pub fn words(&self, zone: Zone) -> String {
        let (opens, closes) = (zone.wall(self.span.from), zone.clock(self.span.until));
        match zone.date(self.span.until) {
            date if date == opens.date() => format!("{}–{closes}", opens.format("%H:%M")),
            _ if opens.time() == NaiveTime::MIN && closes == "00:00" => "all day and night".into(),
            _ => format!("{} to {closes} the next day", opens.format("%H:%M")),
        }
    }
}

/// A day's openings, and why they are not the usual ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Day {
    pub openings: Vec<Opening>,
    /// `Day of Reconciliation`, or what staff wrote for the date.
    pub reason: Option<String>,
}

impl Day {
    pub fn is_closed(&self) -> bool {
        self.openings.is_empty()
    }

    /// From the first opening to the last closing.
    pub fn span(&self) -> Option<Span> {
        Some(Span::new(
            self.openings.first()?.span.from,
            self.openings.last()?.span.until,
        ))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    pub opens: NaiveTime,
    pub closes: NaiveTime,
}

/// What a public holiday means at a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnHolidays {
    Closed,
    Reduced(Hours),
    Normal,
}

/// By ISO weekday, Monday 1.
pub type Week = BTreeMap<u32, Vec<Hours>>;

/// The week in force at the beginning of some dates, and those that replace it, each from its date on.
#[derive(Clone, Debug, Default)]
pub(super) struct Weeks {
    pub first: Week,
    pub later: Vec<(NaiveDate, Week)>,
}

impl Weeks {
    /// `kind` is `access` or `staffed`; for the dates from `first` to `last`.
    pub async fn of_all(
        db: &mut PgConnection,
        kind: &str,
        ids: &[Uuid],
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<Id<Location>, Weeks>> {
        let rows = sqlx::query!(
            "select location_id, valid_from, weekday, opens, closes from opening_hours
             where kind = $1 and location_id = any($2) and valid_from <= $3
             order by location_id, valid_from, weekday, opens",
            kind,
            ids,
            last
        )
        .fetch_all(db)
        .await?;
        let mut all: BTreeMap<Id<Location>, Weeks> = BTreeMap::new();
        let mut current = None;
        for row in rows {
            let weeks = all.entry(row.location_id.into()).or_default();
            let is_new = current.replace((row.location_id, row.valid_from))
                != Some((row.location_id, row.valid_from));
            if is_new && row.valid_from <= first {
                weeks.first.clear();
            } else if is_new {
                weeks.later.push((row.valid_from, Week::new()));
            }
            let week = weeks
                .later
                .last_mut()
                .map_or(&mut weeks.first, |(_, week)| week);
            week.entry(row.weekday as u32).or_default().push(Hours {
                opens: row.opens,
                closes: row.closes,
            });
        }
        Ok(all)
    }
}

/// The week in force on a date.
pub(super) fn week_on<'a>(
    first: &'a Week,
    later: &'a [(NaiveDate, Week)],
    date: NaiveDate,
) -> &'a Week {
    let newest = later.iter().rev().find(|(from, _)| *from <= date);
    newest.map_or(first, |(_, week)| week)
}

/// A location's opening hours for any date in the range it was loaded for.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub zone: Zone,
    pub holidays: OnHolidays,
    /// As in force at the beginning of those dates.
    pub weekly: Week,
    /// What replaces it, each from its date on.
    pub later: Vec<(NaiveDate, Week)>,
    /// No hours means closed on that date.
    pub exceptions: BTreeMap<NaiveDate, (Option<Hours>, String)>,
}

impl Calendar {
    /// The access hours of every location, with the exceptions from the day before `first` to `last`.
    pub async fn of_all(
        db: &mut PgConnection,
        locations: &[Location],
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<Id<Location>, Calendar>> {
        let mut calendars: BTreeMap<Id<Location>, Calendar> = locations
            .iter()
            .map(|place| (place.id, Calendar::empty(place.zone, place.on_holidays)))
            .collect();
        let ids: Vec<Uuid> = locations.iter().map(|place| place.id.get()).collect();
        let before = first - Duration::days(1);
        for (id, weeks) in Weeks::of_all(&mut *db, "access", &ids, before, last).await? {
            if let Some(calendar) = calendars.get_mut(&id) {
                calendar.weekly = weeks.first;
                calendar.later = weeks.later;
            }
        }
        let exceptions = sqlx::query!(
            "select location_id, on_date, opens, closes, reason from hours_exceptions
             where location_id = any($1) and on_date between $2 and $3",
            &ids,
            first - Duration::days(1),
            last
        )
        .fetch_all(&mut *db)
        .await?;
        for row in exceptions {
            if let Some(calendar) = calendars.get_mut(&row.location_id.into()) {
                let hours = row
                    .opens
                    .zip(row.closes)
                    .map(|(opens, closes)| Hours { opens, closes });
                calendar.exceptions.insert(row.on_date, (hours, row.reason));
            }
        }
        Ok(calendars)
    }

    pub fn empty(zone: Zone, holidays: OnHolidays) -> Self {
        Self {
            zone,
            holidays,
            weekly: Week::new(),
            later: Vec::new(),
            exceptions: BTreeMap::new(),
        }
    }

    pub fn day(&self, date: NaiveDate) -> Day {
        let weekly = || {
            self.week_on(date)
                .get(&date.weekday().number_from_monday())
                .cloned()
                .unwrap_or_default()
        };
        let (hours, reason) = if let Some((hours, reason)) = self.exceptions.get(&date) {
            (hours.iter().copied().collect(), Some(reason.clone()))
        } else if let Some(name) = public_holiday(date) {
            let hours = match self.holidays {
                OnHolidays::Closed => Vec::new(),
                OnHolidays::Reduced(hours) if !weekly().is_empty() => vec![hours],
                OnHolidays::Reduced(_) | OnHolidays::Normal => weekly(),
            };
            (hours, Some(name.to_owned()))
        } else {
            (weekly(), None)
        };
        let openings = hours
            .into_iter()
            .map(|hours| self.opening(date, hours))
            .collect();
        Day { openings, reason }
    }

    /// When a date that is closed would be open: at the hours of its weekday, or of the last weekday before it
    /// that has any. `None` where there are none at all.
    pub fn were_it_open(&self, date: NaiveDate) -> Option<Opening> {
        let weekdays = (0..7).map(|days| date - Duration::days(days));
        let week = self.week_on(date);
        let hours = weekdays
            .filter_map(|day| week.get(&day.weekday().number_from_monday()))
            .find(|hours| !hours.is_empty())?;
        let (first, last) = (hours.first()?, hours.last()?);
        let hours = Hours {
            opens: first.opens,
            closes: last.closes,
        };
        Some(self.opening(date, hours))
    }

    /// The weekly hours in force on a date.
    pub fn week_on(&self, date: NaiveDate) -> &Week {
        week_on(&self.weekly, &self.later, date)
    }

    /// The opening that an instant falls in; one that passes midnight belongs to the day before.
    pub fn opening_at(&self, at: chrono::DateTime<chrono::Utc>) -> Option<Opening> {
        let date = self.zone.date(at);
        [date, date - Duration::days(1)]
            .into_iter()
            .flat_map(|day| self.day(day).openings)
            .find(|opening| opening.span.from <= at && at < opening.span.until)
    }

    /// The next date from `date` on, within a year, that is open at all.
    pub fn next_open(&self, date: NaiveDate) -> Option<NaiveDate> {
        date.iter_days()
            .take(366)
            .find(|day| !self.day(*day).is_closed())
    }

    pub(super) fn opening(&self, date: NaiveDate, hours: Hours) -> Opening {
        let closes_on = if hours.closes <= hours.opens {
            date + Duration::days(1)
        } else {
            date
        };
        let from = self.zone.first_instant(date.and_time(hours.opens));
        let until = self.zone.first_instant(closes_on.and_time(hours.closes));
        Opening {
            date,
            span: Span::new(from, until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(opens: &str, closes: &str) -> Hours {
        Hours {
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        }
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn weekdays(zone: &str, holidays: OnHolidays, opens: &str, closes: &str) -> Calendar {
        let mut calendar = Calendar::empty(Zone::named(zone).unwrap(), holidays);
        calendar.weekly = (1..=5)
            .map(|day| (day, vec![hours(opens, closes)]))
            .collect();
        calendar
    }

    fn shown(calendar: &Calendar, day: &str) -> Vec<String> {
        let today = date(day);
        calendar
            .day(today)
            .openings
            .iter()
            .map(|opening| calendar.zone.range(opening.span, today))
            .collect()
    }

    #[test]
    fn local_hours_stay_local_on_the_day_the_clocks_change() {
        // case B7
        let mut paris = weekdays("Europe/Paris", OnHolidays::Normal, "13:00", "18:00");
        paris.weekly.insert(7, vec![hours("13:00", "18:00")]);
        assert_eq!(shown(&paris, "2026-03-29"), ["13:00–18:00"]);
        assert_eq!(shown(&paris, "2026-10-25"), ["13:00–18:00"]);
    }

    #[test]
    fn an_exception_replaces_hours_and_holiday() {
        // case C8
        let mut place = weekdays("Africa/Johannesburg", OnHolidays::Closed, "07:00", "19:00");
        assert!(place.day(date("2026-12-16")).is_closed());
        assert_eq!(
            place.day(date("2026-12-16")).reason.as_deref(),
            Some("Day of Reconciliation")
        );
        place.exceptions.insert(
            date("2026-12-16"),
            (Some(hours("10:00", "14:00")), "Open for the market".into()),
        );
        place
            .exceptions
            .insert(date("2026-12-15"), (None, "Staff day".into()));
        assert_eq!(shown(&place, "2026-12-16"), ["10:00–14:00"]);
        assert!(place.day(date("2026-12-15")).is_closed());
    }

    #[test]
    fn new_hours_hold_from_their_date_on() {
        let mut place = weekdays("Africa/Johannesburg", OnHolidays::Closed, "07:00", "19:00");
        let late = (1..=6).map(|day| (day, vec![hours("09:00", "21:00")]));
        place.later = vec![(date("2026-12-01"), late.collect())];
        assert_eq!(shown(&place, "2026-11-30"), ["07:00–19:00"]);
        assert_eq!(shown(&place, "2026-12-01"), ["09:00–21:00"]);
        assert!(place.day(date("2026-11-28")).is_closed());
        assert_eq!(shown(&place, "2026-12-05"), ["09:00–21:00"]);
    }

    #[test]
    fn reduced_holidays_open_only_days_that_are_open_anyway() {
        let place = weekdays(
            "Africa/Johannesburg",
            OnHolidays::Reduced(hours("09:00", "13:00")),
            "07:00",
            "19:00",
        );
        assert_eq!(shown(&place, "2026-12-25"), ["09:00–13:00"]);
        assert!(place.day(date("2026-12-26")).is_closed(), "a Saturday");
    }

    #[test]
    fn a_night_belongs_to_the_day_it_began() {
        let place = weekdays("Africa/Johannesburg", OnHolidays::Normal, "20:00", "02:00");
        let at = place
            .zone
            .instant("2026-11-25T01:30:00".parse().unwrap())
            .unwrap();
        assert_eq!(place.opening_at(at).unwrap().date, date("2026-11-24"));
    }
}
