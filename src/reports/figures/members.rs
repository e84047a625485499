//! Who came for the first time, and who has stayed away.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use sqlx::PgConnection;

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
    let rows = sqlx::query!(
        r#"select f.location as "first_at!", f.at as "first!: DateTime<Utc>", l.location as "last_at!", l.at as "last!: DateTime<Utc>"
           from members m
           cross join lateral (
               select s.location_id as location, lower(b.during) as at from bookings b join spaces s on s.id = b.space_id
               where b.member_id = m.id and b.status in ('confirmed', 'checked_in', 'completed', 'no_show')
               order by lower(b.during), b.id limit 1) f
           cross join lateral (
               select s.location_id as location, upper(b.during) as at from bookings b join spaces s on s.id = b.space_id
               where b.member_id = m.id and b.status in ('confirmed', 'checked_in', 'completed', 'no_show')
               order by lower(b.during) desc, upper(b.during) desc, b.id desc limit 1) l
           where f.location = any($1) or l.location = any($1)"#,
        &scope.ids()
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
    let place = |id: uuid::Uuid| scope.locations.iter().find(|place| place.id == id.into());
    for row in rows {
        let first = place(row.first_at).map(|place| place.zone.date(row.first));
        let lost = place(row.last_at).and_then(|place| lost_on(place, row.last, now));
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
