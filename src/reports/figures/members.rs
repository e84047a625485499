//! Who came for the first time, and who has stayed away.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Scope;
use crate::{error::Result, locations::location::Location};

/// Whoever has no booking for so long after their last one counts as lost.
pub const AWAY: Days = Days::new(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub month: NaiveDate,
    /// Members whose first booking began in it, at the locations asked about.
    pub new: i64,
    /// Members whose last booking, at the locations asked about, ended 60 days before a day of it.
    pub lost: i64,
}

/// Month by month; only days within the period count.
pub async fn months(
    db: &mut PgConnection,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<Vec<Month>> {
    let (from, until) = scope.spread();
    let rows = sqlx::query!(
        r#"select f.location_id as first_at, m.first_from, l.location_id as last_at, m.last_until
           from member_stays m
           join spaces f on f.id = m.first_space
           join spaces l on l.id = m.last_space
           where m.first_from >= $2 and m.first_from < $3 and f.location_id = any($1)
              or m.last_until >= $4 and m.last_until < $5 and l.location_id = any($1)"#,
        &scope.ids(),
        from,
        until,
        from - AWAY,
        until - AWAY
    )
    .fetch_all(db)
    .await?;
    let mut months: Vec<Month> = (scope.months().into_iter())
        .map(|month| Month {
            month,
            new: 0,
            lost: 0,
        })
        .collect();
    let place = |id: Uuid| scope.locations.iter().find(|place| place.id == id.into());
    for row in rows {
        let first = place(row.first_at).map(|place| place.zone.date(row.first_from));
        let lost = place(row.last_at).and_then(|place| lost_on(place, row.last_until, now));
        for (date, is_new) in [(first, true), (lost, false)] {
            let Some(date) = date.filter(|date| scope.holds(*date)) else {
                continue;
            };
            let first_day = date.with_day(1).unwrap_or(date);
            if let Some(month) = months.iter_mut().find(|month| month.month == first_day) {
                if is_new {
                    month.new += 1;
                } else {
                    month.lost += 1;
                }
            }
        }
    }
    Ok(months)
}

fn lost_on(place: &Location, ended: DateTime<Utc>, now: DateTime<Utc>) -> Option<NaiveDate> {
    let date = place.zone.date(ended).checked_add_days(AWAY)?;
    (date <= place.zone.date(now)).then_some(date)
}
