//! Who came for the first time, and who has stayed away.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{Scope, Stretches};
use crate::error::Result;

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
    let ended = Scope {
        first: scope.first - AWAY,
        last: scope.last - AWAY,
        ..scope.clone()
    };
    let first = Stretches::of(scope);
    let begun = sqlx::query!(
        r#"select (m.first_from at time zone p.ahead)::date as "date!", count(*) as "count!"
           from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::interval[]) as p (location, begins, ends, ahead)
           join spaces s on s.location_id = p.location
           join member_stays m on m.first_space = s.id and m.first_from >= p.begins and m.first_from < p.ends
           group by 1"#,
        &first.locations,
        &first.begins,
        &first.ends,
        &first.ahead
    )
    .fetch_all(&mut *db)
    .await?;
    let last = Stretches::of(&ended);
    let gone = sqlx::query!(
        r#"select p.location as "location!", (m.last_until at time zone p.ahead)::date as "date!", count(*) as "count!"
           from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::interval[]) as p (location, begins, ends, ahead)
           join spaces s on s.location_id = p.location
           join member_stays m on m.last_space = s.id and m.last_until >= p.begins and m.last_until < p.ends
           group by 1, 2"#,
        &last.locations,
        &last.begins,
        &last.ends,
        &last.ahead
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
    for row in begun {
        if let Some(month) = of(&mut months, row.date) {
            month.new += row.count;
        }
    }
    for row in gone {
        let place = (scope.locations.iter()).find(|place| place.id == row.location.into());
        let away = row.date + AWAY;
        // Only once they have stayed away so long by now.
        let Some(month) =
            of(&mut months, away).filter(|_| place.is_some_and(|at| away <= at.zone.date(now)))
        else {
            continue;
        };
        month.lost += row.count;
    }
    Ok(months)
}

/// The month that a day is in.
fn of(months: &mut [Month], date: NaiveDate) -> Option<&mut Month> {
    let first = date.with_day(1).unwrap_or(date);
    months.iter_mut().find(|month| month.month == first)
}
