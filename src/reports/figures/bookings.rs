//! How long ahead people book, and how many do not come.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Scope, percent};
use crate::{error::Result, id::Id, locations::location::Location, spaces::space::Kind};

/// Days ahead, by the location's calendar: from the first up to, and with, the last.
pub const STEPS: [(i64, i64, &str); 7] = [
    (0, 0, "The same day"),
    (1, 1, "The day before"),
    (2, 3, "2 to 3 days"),
    (4, 7, "4 to 7 days"),
    (8, 14, "8 to 14 days"),
    (15, 30, "15 to 30 days"),
    (31, i64::MAX, "Longer"),
];

/// Confirmed bookings that begin in the period, by how many days before they were made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lead {
    /// By kind, in the order of [`STEPS`].
    pub kinds: BTreeMap<Kind, [i64; STEPS.len()]>,
    /// Days: half are made longer ahead. `None` without bookings.
    pub median: Option<i64>,
}

impl Lead {
    pub async fn load(db: &mut PgConnection, scope: &Scope) -> Result<Lead> {
        let (locations, from, until) = scope.bounds();
        let rows = sqlx::query!(
            r#"select s.kind,
                      greatest((lower(b.during) at time zone l.time_zone)::date - (b.created_at at time zone l.time_zone)::date, 0)::bigint as "days!",
                      count(*) as "count!"
               from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) as p (location, begins, ends)
               join locations l on l.id = p.location
               join spaces s on s.location_id = l.id
               join bookings b on b.space_id = s.id and lower(b.during) >= p.begins and lower(b.during) < p.ends
               where b.status in ('confirmed', 'checked_in', 'completed', 'no_show')
               group by 1, 2 order by 2"#,
            &locations,
            &from,
            &until
        )
        .fetch_all(db)
        .await?;
        let mut lead = Lead::default();
        let all: i64 = rows.iter().map(|row| row.count).sum();
        let mut so_far = 0;
        for row in rows {
            let kind: Kind = row.kind.parse().map_err(anyhow::Error::msg)?;
            let step = STEPS
                .iter()
                .position(|(least, most, _)| (*least..=*most).contains(&row.days));
            lead.kinds.entry(kind).or_default()[step.unwrap_or(0)] += row.count;
            so_far += row.count;
            if lead.median.is_none() && so_far * 2 >= all {
                lead.median = Some(row.days);
            }
        }
        Ok(lead)
    }

    /// Of all kinds.
    pub fn step(&self, at: usize) -> i64 {
        self.kinds.values().map(|counts| counts[at]).sum()
    }
}

/// Bookings that began in the period and are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    pub location: Id<Location>,
    pub kind: Kind,
    pub over: i64,
    /// Nobody came.
    pub missed: i64,
}

impl Missed {
    pub fn percent(self) -> Option<i64> {
        percent(self.missed, self.over)
    }
}

/// By location and kind.
pub async fn missed(
    db: &mut PgConnection,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<Vec<Missed>> {
    let (locations, from, until) = scope.bounds();
    let rows = sqlx::query!(
        r#"select s.location_id, s.kind, count(*) as "over!", count(*) filter (where b.status = 'no_show') as "missed!"
           from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) with ordinality as p (location, begins, ends, place)
           join spaces s on s.location_id = p.location
           join bookings b on b.space_id = s.id and lower(b.during) >= p.begins and lower(b.during) < p.ends
           where b.status in ('confirmed', 'checked_in', 'completed', 'no_show') and upper(b.during) <= $4
           group by p.place, s.location_id, s.kind order by p.place, s.kind"#,
        &locations,
        &from,
        &until,
        now
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Missed {
                location: row.location_id.into(),
                kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                over: row.over,
                missed: row.missed,
            })
        })
        .collect()
}
