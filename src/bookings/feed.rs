//! Addresses at which calendars read bookings: a member's own, or those of a space for somebody who works here.
//!
//! An address holds a secret of which the table keeps the hash; a new one ends the one before.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::booking::{Booking, Status};
use crate::{
    audit, error::Result, id::Id, members::member::Member, sessions::secret, spaces::space::Space,
};

/// How long what has ended, or was cancelled, stays in it, in days.
const KEPT_DAYS: i64 = 30;

/// What an address shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The member's own bookings.
    Member,
    /// All bookings of a space; it works as long as its member is staff.
    Space(Id<Space>),
}

impl Of {
    fn space(self) -> Option<Uuid> {
        match self {
            Of::Member => None,
            Of::Space(space) => Some(space.get()),
        }
    }
}

/// An address as its owner sees it.
#[derive(Clone, Debug)]
pub struct Feed {
    pub made_at: DateTime<Utc>,
    /// To the hour.
    pub last_read_at: Option<DateTime<Utc>>,
}

/// What somebody who knows an address reads.
#[derive(Clone, Copy, Debug)]
pub struct Subscription {
    pub member: Id<Member>,
    pub of: Of,
}

/// The one that works, if any.
pub async fn current(db: &mut PgConnection, member: Id<Member>, of: Of) -> Result<Option<Feed>> {
    let feed = sqlx::query_as!(
        Feed,
        "select made_at, last_read_at from calendar_feeds
         where member_id = $1 and space_id is not distinct from $2 and revoked_at is null",
        member.get(),
        of.space()
    )
    .fetch_optional(db)
    .await?;
    Ok(feed)
}

/// Makes an address and returns its secret, which cannot be had again; the one before works no more.
pub async fn renew(tx: &mut PgConnection, member: Id<Member>, of: Of) -> Result<String> {
    // One at a time for a member.
    sqlx::query!(
        "select from members where id = $1 for no key update",
        member.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    end(tx, member, of).await?;
    let secret = secret::fresh();
    sqlx::query!(
        "insert into calendar_feeds (id, token_hash, member_id, space_id) values ($1, $2, $3, $4)",
        Uuid::now_v7(),
        secret::digest(&secret),
        member.get(),
        of.space()
    )
    .execute(&mut *tx)
    .await?;
    record(tx, member, of, "make calendar address").await?;
    Ok(secret)
}

/// Ends the one that works. False if there is none.
pub async fn revoke(tx: &mut PgConnection, member: Id<Member>, of: Of) -> Result<bool> {
    let ended = end(tx, member, of).await?;
    if ended {
        record(tx, member, of, "revoke calendar address").await?;
    }
    Ok(ended)
}

async fn end(tx: &mut PgConnection, member: Id<Member>, of: Of) -> Result<bool> {
    let ended = sqlx::query!(
        "update calendar_feeds set revoked_at = now()
         where member_id = $1 and space_id is not distinct from $2 and revoked_at is null",
        member.get(),
        of.space()
    )
    .execute(tx)
    .await?;
    Ok(ended.rows_affected() > 0)
}

async fn record(tx: &mut PgConnection, member: Id<Member>, of: Of, verb: &str) -> Result<()> {
    let (subject, id) = match of {
        Of::Member => ("members", member.get()),
        Of::Space(space) => ("spaces", space.get()),
    };
    audit::record(tx, Some(member.get()), verb, subject, id, json!({})).await?;
    Ok(())
}

/// What an address shows; `None` if it is none of ours, or works no more. Notes that it was read, once an hour.
pub async fn opened(db: &mut PgConnection, secret: &str) -> Result<Option<Subscription>> {
    let row = sqlx::query!(
        r#"select f.id, f.member_id, f.space_id,
                  coalesce(f.last_read_at < now() - interval '1 hour', true) as "stale!"
           from calendar_feeds f
           where f.token_hash = $1 and f.revoked_at is null
             and (f.space_id is null or exists (select from staff s where s.member_id = f.member_id))"#,
        secret::digest(secret)
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.stale {
        sqlx::query!(
            "update calendar_feeds set last_read_at = now() where id = $1",
            row.id
        )
        .execute(db)
        .await?;
    }
    Ok(Some(Subscription {
        member: row.member_id.into(),
        of: match row.space_id {
            Some(space) => Of::Space(space.into()),
            None => Of::Member,
        },
    }))
}

impl Subscription {
    /// What is firm or asked for, from a month ago on, with what was cancelled within a month.
    pub async fn bookings(
        &self,
        db: &mut PgConnection,
        now: DateTime<Utc>,
    ) -> Result<Vec<Booking>> {
        let since = now - Duration::days(KEPT_DAYS);
        let mut bookings = match self.of {
            Of::Member => Booking::for_calendar(db, Some(self.member), None, since).await?,
            Of::Space(space) => Booking::for_calendar(db, None, Some(space), since).await?,
        };
        bookings.retain(|booking| match booking.status {
            Status::Held | Status::Expired | Status::Declined => false,
            Status::Cancelled => booking.cancelled_at.is_some_and(|at| at > since),
            Status::Pending
            | Status::Confirmed
            | Status::CheckedIn
            | Status::Completed
            | Status::NoShow => true,
        });
        Ok(bookings)
    }
}
