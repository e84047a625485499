//! The times at which a location can be shown: while it is staffed, and a guide is not elsewhere.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Timelike, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use super::promise;
use crate::{
    error::Result,
    id::Id,
    locations::{
        location::{Location, Status},
        staffed::Staffed,
    },
    time::{Span, Zone},
};

/// How long a visit takes unless staff say otherwise.
pub const VISIT: TimeDelta = TimeDelta::minutes(30);
/// How long before a visit it can still be asked for.
const NOTICE: TimeDelta = TimeDelta::hours(2);
/// How many days are offered, out of how many to come, and how many times of each.
const DAYS: usize = 4;
const AHEAD: usize = 21;
const A_DAY: usize = 4;

/// What is offered at one location: days with their times, none of them empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times(pub Vec<(NaiveDate, Vec<DateTime<Utc>>)>);

impl Times {
    /// Of every location that is open for business.
    pub async fn offered(
        db: &mut PgConnection,
        locations: &[Location],
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<Id<Location>, Times>> {
        let today = now.date_naive();
        let staffed =
            Staffed::of_all(&mut *db, locations, today, today + Days::new(AHEAD as u64)).await?;
        let guides = Guides::load(db, Span::new(now, now + TimeDelta::days(22))).await?;
        let open = (locations.iter()).filter(|place| place.status == Status::Open);
        Ok(open
            .filter_map(|place| {
                let hours = staffed.get(&place.id)?;
                let times = Times::at(hours, now, |span| guides.any_is_free(place.id, span));
                Some((place.id, times))
            })
            .collect())
    }

    fn at(hours: &Staffed, now: DateTime<Utc>, is_free: impl Fn(Span) -> bool) -> Times {
        let zone = hours.calendar.zone;
        let days = zone.date(now).iter_days().take(AHEAD);
        // A wish for a time before we answer would come to nothing.
        let soonest = promise::promised(hours, now)
            .unwrap_or(now)
            .max(now + NOTICE);
        let offered = days.map(|date| {
            let on_the_hour = hours
                .spans(date)
                .into_iter()
                .flat_map(|span| on_the_hour(span, zone));
            let possible: Vec<DateTime<Utc>> = on_the_hour
                .filter(|at| *at >= soonest && is_free(Span::new(*at, *at + VISIT)))
                .collect();
            (date, spread(&possible))
        });
        Times(
            offered
                .filter(|(_, times)| !times.is_empty())
                .take(DAYS)
                .collect(),
        )
    }

    pub fn all(&self) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        self.0.iter().flat_map(|(_, times)| times.iter().copied())
    }

    /// The ones chosen at `place` out of what a form sent. What is not on offer, by hand or because it
    /// was taken meanwhile, is refused; up to three can be chosen.
    pub fn wished(&self, sent: &[String], place: &Location) -> Result<Vec<DateTime<Utc>>, String> {
        // The times of other locations stand in the form as well.
        let here = |sent: &&String| {
            sent.split_once(' ')
                .is_some_and(|(slug, _)| slug == place.slug)
        };
        let chosen: Option<Vec<DateTime<Utc>>> = (sent.iter().filter(here))
            .map(|sent| self.all().find(|at| wish(place, *at) == **sent))
            .collect();
        match chosen {
            None => Err("One of these times is not free any more. Choose another.".into()),
            Some(chosen) if chosen.len() > 3 => Err("Choose up to three times.".into()),
            Some(chosen) => Ok(chosen),
        }
    }

    /// The first of up to `days` days, one a day and each a little later in it.
    pub fn suggested(&self, days: usize) -> Vec<DateTime<Utc>> {
        let days = self.0.iter().take(days).enumerate();
        days.filter_map(|(number, (_, times))| times.get(number.min(times.len() - 1)).copied())
            .collect()
    }
}

/// How forms and links name a time: `musgrave 2026-11-25T09:00`.
pub fn wish(place: &Location, at: DateTime<Utc>) -> String {
    format!(
        "{} {}",
        place.slug,
        place.zone.wall(at).format("%Y-%m-%dT%H:%M")
    )
}

/// Nobody is shown round in the first hour, when the doors open, nor past closing.
fn on_the_hour(span: Span, zone: Zone) -> impl Iterator<Item = DateTime<Utc>> {
    let into_hour = TimeDelta::minutes(i64::from(zone.wall(span.from).minute()));
    let first = span.from - into_hour + TimeDelta::hours(1);
    (0..24)
        .map(move |hours| first + TimeDelta::hours(hours))
        .take_while(move |at| *at + VISIT <= span.until)
}

/// A few out of many, from the first to the last.
fn spread(times: &[DateTime<Utc>]) -> Vec<DateTime<Utc>> {
    if times.len() <= A_DAY {
        return times.to_vec();
    }
    (0..A_DAY)
        .map(|at| times[at * (times.len() - 1) / (A_DAY - 1)])
        .collect()
}

/// Who can show a location, and when they are with somebody.
#[derive(Clone, Debug, Default)]
pub struct Guides {
    /// With the one location that they manage, if they are a manager.
    people: Vec<(Uuid, Option<Uuid>)>,
    busy: Vec<(Uuid, Span)>,
}

impl Guides {
    pub async fn load(db: &mut PgConnection, within: Span) -> Result<Guides> {
        let people = sqlx::query!("select member_id, location_id from staff")
            .fetch_all(&mut *db)
            .await?;
        let busy = sqlx::query!(
            r#"select guide_id as "guide!", during as "during!" from viewings
               where status = 'scheduled' and during && $1"#,
            PgRange::from(within)
        )
        .fetch_all(db)
        .await?;
        Ok(Guides {
            people: (people.into_iter())
                .map(|row| (row.member_id, row.location_id))
                .collect(),
            busy: (busy.into_iter())
                .map(|row| (row.guide, row.during.into()))
                .collect(),
        })
    }

    fn any_is_free(&self, location: Id<Location>, span: Span) -> bool {
        let of_here = |at: &Option<Uuid>| at.is_none_or(|at| at == location.get());
        let is_busy = |guide: Uuid| {
            (self.busy.iter()).any(|(who, during)| *who == guide && during.overlaps(span))
        };
        (self.people.iter()).any(|(guide, at)| of_here(at) && !is_busy(*guide))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locations::hours::{Calendar, Hours, OnHolidays};

    fn musgrave() -> Staffed {
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let hours = |opens: &str, closes: &str| Hours {
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        };
        let mut calendar = Calendar::empty(zone, OnHolidays::Closed);
        calendar.weekly = (1..=5)
            .map(|day| (day, vec![hours("07:00", "19:00")]))
            .collect();
        let weekly = (1..=5)
            .map(|day| (day, vec![hours("08:00", "17:00")]))
            .collect();
        Staffed {
            calendar,
            weekly,
            later: Vec::new(),
        }
    }

    fn shown(times: &Times, zone: Zone) -> Vec<String> {
        let day = |(date, times): &(NaiveDate, Vec<DateTime<Utc>>)| {
            let clocks: Vec<String> = times.iter().map(|at| zone.clock(*at)).collect();
            format!("{date} {}", clocks.join(" "))
        };
        times.0.iter().map(day).collect()
    }

    #[test]
    fn times_lie_within_staffed_hours_and_leave_notice() {
        let place = musgrave();
        let zone = place.calendar.zone;
        let now = zone
            .instant("2026-12-14T09:30:00".parse().unwrap())
            .unwrap();
        let times = Times::at(&place, now, |_| true);
        assert_eq!(
            shown(&times, zone),
            [
                "2026-12-15 12:00 13:00 14:00 16:00",
                "2026-12-17 09:00 11:00 13:00 16:00",
                "2026-12-18 09:00 11:00 13:00 16:00",
                "2026-12-21 09:00 11:00 13:00 16:00"
            ],
            "from the answer on; the 16th is the Day of Reconciliation"
        );
        let suggested: Vec<String> = (times.suggested(3).into_iter())
            .map(|at| zone.wall(at).to_string())
            .collect();
        assert_eq!(
            suggested,
            [
                "2026-12-15 12:00:00",
                "2026-12-17 11:00:00",
                "2026-12-18 13:00:00"
            ]
        );
    }

    #[test]
    fn a_time_at_which_no_guide_is_free_is_not_offered() {
        let place = musgrave();
        let zone = place.calendar.zone;
        let at = |wall: &str| zone.instant(wall.parse().unwrap()).unwrap();
        let (here, elsewhere) = (Id::from(Uuid::from_u128(1)), Uuid::from_u128(2));
        let (nomsa, ravi) = (Uuid::from_u128(3), Uuid::from_u128(4));
        let visit = Span::new(at("2026-12-15T08:45:00"), at("2026-12-15T09:15:00"));
        let mut guides = Guides {
            people: vec![(nomsa, None), (ravi, Some(elsewhere))],
            busy: vec![(nomsa, visit)],
        };
        let times = |guides: &Guides| {
            let now = at("2026-12-11T18:00:00");
            let times = Times::at(&place, now, |span| guides.any_is_free(here, span));
            shown(&times, zone).swap_remove(1)
        };
        assert_eq!(times(&guides), "2026-12-15 10:00 12:00 14:00 16:00");
        guides.people.push((Uuid::from_u128(5), None));
        assert_eq!(times(&guides), "2026-12-15 09:00 11:00 13:00 16:00");
    }
}
