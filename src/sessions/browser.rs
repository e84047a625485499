//! Browsers in which a member has signed in before, each known by the secret in a cookie that stays. Of another one
//! they are told by mail.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{device, secret};
use crate::{
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

/// Notes that a member has signed in, in a browser with this cookie or with none, and says what its cookie holds from
/// now on. Who has signed in before, and never in this one, is told.
pub async fn arrive(
    tx: &mut PgConnection,
    member: Id<Member>,
    calls_itself: &str,
    cookie: Option<&str>,
) -> Result<String> {
    let kept = cookie
        .filter(|cookie| is_ours(cookie))
        .map_or_else(secret::fresh, str::to_owned);
    let known = sqlx::query!(
        "update browsers set seen_at = now(), device = $3 where member_id = $1 and token_hash = $2",
        member.get(),
        secret::digest(&kept),
        calls_itself
    )
    .execute(&mut *tx)
    .await?;
    if known.rows_affected() > 0 {
        return Ok(kept);
    }
    let has_been_here = sqlx::query_scalar!(
        r#"select exists (select from browsers where member_id = $1) as "been!""#,
        member.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into browsers (id, member_id, token_hash, device) values ($1, $2, $3, $4) on conflict do nothing",
        id,
        member.get(),
        secret::digest(&kept),
        calls_itself
    )
    .execute(&mut *tx)
    .await?;
    if has_been_here {
        jobs::enqueue(tx, &Job::BrowserSeen { browser: id }).await?;
    }
    Ok(kept)
}

/// Whether a member has signed in before in the browser with this cookie.
pub async fn is_known(
    db: &mut PgConnection,
    member: Id<Member>,
    cookie: Option<&str>,
) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from browsers where member_id = $1 and token_hash = $2) as "known!""#,
        member.get(),
        secret::digest(cookie.unwrap_or_default())
    )
    .fetch_one(db)
    .await?;
    Ok(known)
}

/// What its owner is told of.
#[derive(Clone, Debug)]
pub struct FirstVisit {
    pub member: Id<Member>,
    /// `Chrome on Android`
    pub device: String,
    pub at: DateTime<Utc>,
}

/// `None` if it is forgotten.
pub async fn first_visit(db: &mut PgConnection, browser: Uuid) -> Result<Option<FirstVisit>> {
    let found = sqlx::query!(
        "select member_id, device, created_at from browsers where id = $1",
        browser
    )
    .fetch_optional(db)
    .await?;
    Ok(found.map(|row| FirstVisit {
        member: row.member_id.into(),
        device: device::words(&row.device),
        at: row.created_at,
    }))
}

/// Forgets those that a member has not used for longer than their cookie lasts, but for the one used last.
pub async fn forget_old(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "delete from browsers b where seen_at < now() - interval '400 days'
         and exists (select from browsers o where o.member_id = b.member_id and o.seen_at > b.seen_at)"
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// None of a member's is known any more.
pub async fn forget_all(tx: &mut PgConnection, member: Id<Member>) -> Result<()> {
    sqlx::query!("delete from browsers where member_id = $1", member.get())
        .execute(tx)
        .await?;
    Ok(())
}

/// One that we made: nobody gets by with a shorter one.
fn is_ours(cookie: &str) -> bool {
    cookie.len() == 43
        && cookie
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
