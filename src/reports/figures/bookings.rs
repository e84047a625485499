//! How long ahead people book, and how many do not come.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Scope, Stretches, percent, revenue::Sum};
use crate::{
    error::Result, id::Id, locations::location::Location, money::Money, spaces::space::Kind,
};

/// Bookings of a space that begin in the period and were made so many days before.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    pub location: Id<Location>,
    pub kind: Kind,
    /// By the location's calendar.
    pub days: i64,
    /// Confirmed, and not cancelled.
    pub stays: i64,
    /// Of those, ended by now.
    pub over: i64,
    /// Of those, nobody came.
    pub missed: i64,
    /// With what was kept of those that were cancelled, and its share of the VAT.
    pub sold: Sum,
}

impl Begun {
    /// All that reports count of them, read once. What is only held or waits for approval does not count.
    pub async fn load(
        db: &mut PgConnection,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> Result<Vec<Begun>> {
        let stretches = Stretches::of(scope);
        let rows = sqlx::query!(
            r#"select s.location_id, s.kind, b.days as "days!", b.stays as "stays!", b.over as "over!",
                      b.missed as "missed!", b.sold as "sold!", b.total as "total!", b.vat as "vat!"
               from unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::interval[])
                    as p (location, begins, ends, since, ahead)
               join locations l on l.id = p.location
               join spaces s on s.location_id = l.id
               cross join lateral (
                   select greatest((lower(b.during) at time zone p.ahead)::date
                                   - case when b.created_at >= p.since then (b.created_at at time zone p.ahead)::date
                                          else (b.created_at at time zone l.time_zone)::date end, 0)::bigint as days,
                          count(*) filter (where b.status <> 'cancelled') as stays,
                          count(*) filter (where b.status <> 'cancelled' and upper(b.during) <= $6) as over,
                          count(*) filter (where b.status = 'no_show' and upper(b.during) <= $6) as missed,
                          count(*) filter (where b.status <> 'cancelled' or b.kept_cents > 0) as sold,
                          coalesce(sum(case b.status when 'cancelled' then b.kept_cents else b.total_cents end), 0)::bigint as total,
                          coalesce(sum(case when b.status <> 'cancelled' then b.vat_cents
                                            when b.total_cents = 0 then 0
                                            else round(b.vat_cents::numeric * b.kept_cents / b.total_cents)::bigint end), 0)::bigint as vat
                   from bookings b
                   where b.space_id = s.id and lower(b.during) >= p.begins and lower(b.during) < p.ends
                     and (is_stay(b.status) or b.status = 'cancelled' and b.confirmed_at is not null)
                   group by 1) b"#,
            &stretches.locations,
            &stretches.begins,
            &stretches.ends,
            &stretches.since,
            &stretches.ahead,
            now
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Begun {
                    location: row.location_id.into(),
                    kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                    days: row.days,
                    stays: row.stays,
                    over: row.over,
                    missed: row.missed,
                    sold: Sum {
                        count: row.sold,
                        total: Money::cents(row.total),
                        vat: Money::cents(row.vat),
                    },
                })
            })
            .collect()
    }
}

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
    pub fn of(begun: &[Begun]) -> Lead {
        let mut lead = Lead::default();
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        for one in begun.iter().filter(|one| one.stays > 0) {
            let step = STEPS
                .iter()
                .position(|(least, most, _)| (*least..=*most).contains(&one.days));
            lead.kinds.entry(one.kind).or_default()[step.unwrap_or(0)] += one.stays;
            *days.entry(one.days).or_default() += one.stays;
        }
        let all: i64 = days.values().sum();
        let mut so_far = 0;
        lead.median = days.into_iter().find_map(|(days, count)| {
            so_far += count;
            (so_far * 2 >= all).then_some(days)
        });
        lead
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
pub fn missed(begun: &[Begun], scope: &Scope) -> Vec<Missed> {
    let mut all: BTreeMap<(usize, Kind), Missed> = BTreeMap::new();
    for one in begun.iter().filter(|one| one.over > 0) {
        let missed = all
            .entry((scope.place(one.location), one.kind))
            .or_insert(Missed {
                location: one.location,
                kind: one.kind,
                over: 0,
                missed: 0,
            });
        missed.over += one.over;
        missed.missed += one.missed;
    }
    all.into_values().collect()
}
