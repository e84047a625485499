//! What somebody has done with us: bookings, passes and viewings.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};

use super::member::Member;
use crate::{
    bookings::booking::Status,
    error::Result,
    id::Id,
    money::Money,
    time::{Span, Zone},
};

#[derive(Clone, Debug)]
pub struct Booked {
    pub reference: String,
    pub space: String,
    pub location: String,
    pub during: Span,
    pub zone: Zone,
    /// In words.
    pub status: &'static str,
    pub total: Money,
    /// What is still to pay for it; below zero, what is to be given back.
    pub due: Money,
}

impl Booked {
    pub fn when(&self, now: DateTime<Utc>) -> String {
        self.zone.dated(self.during, self.zone.date(now))
    }
}

/// The last hundred, the latest first.
pub async fn bookings(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Booked>> {
    let rows = sqlx::query!(
        r#"select b.reference, s.name as space, l.name as location, b.during as "during!: PgRange<DateTime<Utc>>",
                  l.time_zone, b.status, b.total_cents,
                  (coalesce((select sum(e.cents) from ledger_entries e where e.booking_id = b.id), 0)
                   + case when b.status in ('held', 'pending') then b.total_cents else 0 end)::bigint as "due!"
           from bookings b join spaces s on s.id = b.space_id join locations l on l.id = s.location_id
           where b.member_id = $1 order by lower(b.during) desc limit 100"#,
        member.get()
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Booked {
                reference: row.reference,
                space: row.space,
                location: row.location,
                during: row.during.into(),
                zone: Zone::named(&row.time_zone)?,
                status: Status::named(&row.status)?.label(),
                total: Money::cents(row.total_cents),
                due: Money::cents(row.due),
            })
        })
        .collect()
}

/// A pass that somebody has or had.
#[derive(Clone, Debug)]
pub struct Held {
    pub reference: String,
    pub name: String,
    pub first: NaiveDate,
    pub last: NaiveDate,
    pub total: Money,
    pub cancelled: bool,
}

/// The latest first.
pub async fn passes(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Held>> {
    let passes = sqlx::query_as!(
        Held,
        r#"select reference, name, lower(valid) as "first!", upper(valid) - 1 as "last!", total_cents as total,
                  cancelled_at is not null as "cancelled!"
           from passes where member_id = $1 order by lower(valid) desc, id desc limit 100"#,
        member.get()
    )
    .fetch_all(db)
    .await?;
    Ok(passes)
}

/// A viewing that somebody asked for before they were a member, or since.
#[derive(Clone, Debug)]
pub struct Looked {
    pub reference: String,
    pub location: String,
    pub status: String,
    pub at: DateTime<Utc>,
}

/// The latest first: those that became this member, and those from the same address or number.
pub async fn viewings(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Looked>> {
    let viewings = sqlx::query_as!(
        Looked,
        r#"select v.reference, l.name as location, replace(v.status, '_', ' ') as "status!", v.created_at as at
           from members m
           join viewings v on v.member_id = m.id or v.email = m.email or v.phone = m.phone
           join locations l on l.id = v.location_id
           where m.id = $1 and v.forgotten_at is null order by v.created_at desc limit 50"#,
        member.get()
    )
    .fetch_all(db)
    .await?;
    Ok(viewings)
}
