//! By when we answer: by noon of the next working day of the location.

use chrono::{DateTime, Days, NaiveTime, Utc};
use sqlx::PgConnection;

use crate::{
    error::Result,
    locations::{location::Location, staffed::Staffed},
};

const NOON: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).unwrap();
/// A location that is closed for longer answers from another one meanwhile.
const AHEAD: usize = 30;

/// The instant by which whoever asks now is answered.
pub async fn answer_by(
    db: &mut PgConnection,
    place: &Location,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    let today = place.zone.date(now);
    let only = std::slice::from_ref(place);
    let staffed = Staffed::of_all(db, only, today, today + Days::new(AHEAD as u64)).await?;
    let promised = staffed
        .get(&place.id)
        .and_then(|hours| promised(hours, now));
    Ok(promised.unwrap_or(now + Days::new(AHEAD as u64)))
}

/// Noon, or the end of the day where that is earlier, of the first day that is yet to begin.
pub(super) fn promised(hours: &Staffed, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let zone = hours.calendar.zone;
    let days = zone.date(now).iter_days().take(AHEAD);
    days.filter_map(|date| {
        let spans = hours.spans(date);
        let (first, last) = (spans.first()?, spans.last()?);
        let noon = zone.first_instant(date.and_time(NOON));
        let by = if noon <= first.from {
            last.until
        } else {
            noon.min(last.until)
        };
        (first.from > now).then_some(by)
    })
    .next()
}

/// `Fri 27 November, 12:00`
pub fn words(place: &Location, by: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let date = crate::time::long_date(place.zone.date(by), place.zone.date(now));
    format!("{date}, {}", place.zone.clock(by))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        locations::hours::{Calendar, Hours, OnHolidays},
        time::Zone,
    };

    #[test]
    fn by_noon_of_the_next_working_day() {
        let zone = Zone::named("Africa/Johannesburg").unwrap();
        let hours = |opens: &str, closes: &str| Hours {
            opens: opens.parse().unwrap(),
            closes: closes.parse().unwrap(),
        };
        let mut calendar = Calendar::empty(zone, OnHolidays::Closed);
        calendar.weekly = (1..=5)
            .map(|day| (day, vec![hours("08:00", "17:00")]))
            .collect();
        let early = (Some(hours("08:00", "11:00")), "Closing early".to_owned());
        calendar
            .exceptions
            .insert("2026-12-24".parse().unwrap(), early);
        let place = Staffed {
            calendar,
            weekly: Default::default(),
            later: Vec::new(),
        };
        for (asked, answered) in [
            ("2026-11-24T06:30:00", "2026-11-24 12:00:00"),
            ("2026-11-24T08:00:00", "2026-11-25 12:00:00"),
            ("2026-11-24T23:00:00", "2026-11-25 12:00:00"),
            ("2026-11-27T10:00:00", "2026-11-30 12:00:00"),
            ("2026-12-15T10:00:00", "2026-12-17 12:00:00"),
            ("2026-12-23T10:00:00", "2026-12-24 11:00:00"),
        ] {
            let now = zone.instant(asked.parse().unwrap()).unwrap();
            let by = promised(&place, now).unwrap();
            assert_eq!(zone.wall(by).to_string(), answered, "asked {asked}");
        }
    }
}
