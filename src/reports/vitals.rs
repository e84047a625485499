//! How the house is right now, in numbers for whoever watches over it.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::error::Result;

/// Read in one go. Times are in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vitals {
    /// Pairs of active entries for one space, or one piece of it, that share time: none, or something is very wrong.
    pub overlaps: i64,
    pub holds: i64,
    /// Holds whose time is over and that nobody has tidied away yet.
    pub stale_holds: i64,
    /// Bookings, from yesterday on, that people have.
    pub confirmed: i64,
    pub pending: i64,
    /// Jobs that could be done now.
    pub jobs_due: i64,
    /// Jobs that wait for their time.
    pub jobs_later: i64,
    pub jobs_failed: i64,
    /// For how long the job that is due has been waiting; 0 if there is none.
    pub jobs_behind: f64,
    pub people_signed_in: i64,
}

impl Vitals {
    /// Looks at what is ahead and at yesterday: what is longer past cannot change any more.
    pub async fn read(db: impl PgExecutor<'_>, now: DateTime<Utc>) -> Result<Vitals> {
        let vitals = sqlx::query_as!(
            Vitals,
            r#"with ahead as (
                 select tstzrange($1::timestamptz - interval '1 day', null) as time),
               entries as (
                 select o.space_id, o.id, o.occupies from ahead, spaces s
                 join occupancies o on o.space_id = s.id and o.active
                 where o.occupies && ahead.time),
               pieces as (
                 select p.space_id, p.occupancy_id as id, p.occupies from ahead, spaces s
                 join part_occupancies p on p.space_id = s.id and p.active
                 where p.occupies && ahead.time),
               coming as (
                 select b.status from spaces s
                 join bookings b on b.space_id = s.id and lower(b.during) >= $1::timestamptz - interval '1 day'),
               due as (
                 select run_at, run_at <= now() and (leased_until is null or leased_until <= now()) as now
                 from jobs where status = 'waiting')
               select
                 (select count(*) from entries a join entries b
                    on a.space_id = b.space_id and a.id < b.id and a.occupies && b.occupies)
                 + (select count(*) from pieces a join pieces b
                    on a.space_id = b.space_id and a.id < b.id and a.occupies && b.occupies) as "overlaps!",
                 (select count(*) from bookings where status = 'held' and hold_expires_at > now()) as "holds!",
                 (select count(*) from bookings where status = 'held' and hold_expires_at <= now()) as "stale_holds!",
                 (select count(*) from coming where status in ('confirmed', 'checked_in')) as "confirmed!",
                 (select count(*) from coming where status = 'pending') as "pending!",
                 (select count(*) from due where due.now) as "jobs_due!",
                 (select count(*) from due where not due.now) as "jobs_later!",
                 (select count(*) from jobs where status = 'failed') as "jobs_failed!",
                 coalesce((select extract(epoch from now() - min(run_at)) from due where due.now), 0)::float8
                   as "jobs_behind!",
                 (select count(distinct member_id) from sessions where expires_at > now()
                    and seen_at > now() - interval '15 minutes') as "people_signed_in!""#,
            now
        )
        .fetch_one(db)
        .await?;
        Ok(vitals)
    }
}
