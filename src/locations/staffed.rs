//! When somebody is at reception: the staffed hours of a location, within its opening hours.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDate};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    hours::{Calendar, Week, Weeks, week_on},
    location::Location,
};
use crate::{error::Result, id::Id, time::Span};

#[derive(Clone, Debug)]
pub struct Staffed {
    pub calendar: Calendar,
    /// By ISO weekday; empty for a location that says nothing of staff, where open means staffed.
    pub weekly: Week,
    /// What replaces it, each from its date on.
    pub later: Vec<(NaiveDate, Week)>,
}

impl Staffed {
    /// Of every location, with what replaces the weekly hours from `first` to `last`.
    pub async fn of_all(
        db: &mut PgConnection,
        locations: &[Location],
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<Id<Location>, Staffed>> {
        let calendars = Calendar::of_all(&mut *db, locations, first, last).await?;
        let mut all: BTreeMap<Id<Location>, Staffed> = calendars
            .into_iter()
            .map(|(id, calendar)| {
                let staffed = Staffed {
                    calendar,
                    weekly: Week::new(),
                    later: Vec::new(),
                };
                (id, staffed)
            })
            .collect();
        let ids: Vec<Uuid> = locations.iter().map(|place| place.id.get()).collect();
        let before = first - Duration::days(1);
        for (id, weeks) in Weeks::of_all(db, "staffed", &ids, before, last).await? {
            if let Some(place) = all.get_mut(&id) {
                place.weekly = weeks.first;
                place.later = weeks.later;
            }
        }
        Ok(all)
    }

    /// The staffed hours in force on a date.
    pub fn week_on(&self, date: NaiveDate) -> &Week {
        week_on(&self.weekly, &self.later, date)
    }

    /// The spans of a date in which the door is open and somebody is there.
    pub fn spans(&self, date: NaiveDate) -> Vec<Span> {
        let open = self.calendar.day(date).openings;
        let open = open.into_iter().map(|opening| opening.span);
        let week = self.week_on(date);
        if week.is_empty() {
            return open.collect();
        }
        let weekday = date.weekday().number_from_monday();
        let staffed: Vec<Span> = (week.get(&weekday).into_iter().flatten())
            .map(|hours| self.calendar.opening(date, *hours).span)
            .collect();
        open.flat_map(|open| {
            let within = |staffed: &Span| {
                Span::new(open.from.max(staffed.from), open.until.min(staffed.until))
            };
            staffed.iter().map(within).collect::<Vec<_>>()
        })
        .filter(|span| !span.is_empty())
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        locations::hours::{Hours, OnHolidays},
        time::Zone,
    };

    fn hours(opens: &str, closes: &str) -> Hours {
        Hours {
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        }
    }

    #[test]
    fn staff_are_there_only_while_it_is_open() {
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let mut calendar = Calendar::empty(zone, OnHolidays::Closed);
        calendar.weekly = (1..=6)
            .map(|day| (day, vec![hours("07:00", "19:00")]))
            .collect();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        calendar.exceptions.insert(
            date("2026-11-25"),
            (Some(hours("10:00", "13:00")), "Fire drill".into()),
        );
        let weekly = (1..=5)
            .map(|day| (day, vec![hours("08:00", "17:00")]))
            .collect();
        let mut place = Staffed {
            calendar,
            weekly,
            later: Vec::new(),
        };
        let shown = |place: &Staffed, day: &str| -> Vec<String> {
            let spans = place.spans(date(day)).into_iter();
            spans.map(|span| zone.range(span, date(day))).collect()
        };
        assert_eq!(shown(&place, "2026-11-24"), ["08:00–17:00"]);
        assert_eq!(shown(&place, "2026-11-25"), ["10:00–13:00"]);
        assert!(
            shown(&place, "2026-11-28").is_empty(),
            "open, and nobody is there"
        );
        assert!(shown(&place, "2026-12-16").is_empty(), "a public holiday");
        place.weekly.clear();
        assert_eq!(shown(&place, "2026-11-28"), ["07:00–19:00"]);
    }
}
