//! A browser that somebody is signed in with: its cookie holds a secret, the table its hash.
//!
//! A session ends after 30 days without use, and 90 days after it began, by the database's clock.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{attempts, browser, device, person::Person, secret};
use crate::{
    audit,
    error::Result,
    id::Id,
    members::{
        member::Member,
        staff::{Duties, Role},
    },
};

/// Begins a session and returns the secret for its cookie. The session that the browser had ends, so
/// that nobody can plant one. `device` is what the browser calls itself.
pub async fn begin(
    tx: &mut PgConnection,
    member: Id<Member>,
    device: &str,
    before: Option<&str>,
) -> Result<String> {
    if let Some(before) = before {
        end(tx, before).await?;
    }
    let fresh = secret::fresh();
    sqlx::query!(
        "insert into sessions (token_hash, member_id, device, expires_at)
         values ($1, $2, $3, now() + interval '90 days')",
        secret::digest(&fresh),
        member.get(),
        device
    )
    .execute(tx)
    .await?;
    Ok(fresh)
}

/// A session that is still going.
#[derive(Clone, Debug)]
pub struct Seen {
    pub person: Person,
    /// At a computer that staff share: after how many minutes without a touch it covers itself.
    pub lock_minutes: Option<i32>,
    /// Nobody touched it for so long.
    pub covered: bool,
}

/// Whose session it is, if it is still going. Notes its use, every five minutes at most; with `touch`, that
/// somebody did something, every fifteen seconds at most.
pub async fn seen(db: &PgPool, secret: &str, touch: bool) -> Result<Option<Seen>> {
    let hash = secret::digest(secret);
    let Some(row) = sqlx::query!(
        r#"select m.id, m.name, m.email, m.phone, s.role as "role?: Role", s.location_id as "manages?", x.by_pin,
                  not x.by_pin or coalesce(x.proven_at > now() - interval '15 minutes', false) as "proven!",
                  x.seen_at < now() - interval '5 minutes' as "stale!",
                  x.active_at < now() - interval '15 seconds' as "resting!", c.lock_minutes as "lock_minutes?",
                  coalesce(x.active_at < now() - make_interval(mins => c.lock_minutes), false) as "covered!",
                  coalesce(s.role in ('manager', 'owner') and (select managers_need_second_step from installation)
                      and not exists (select from authenticators a
                                      where a.member_id = m.id and a.confirmed_at is not null), false)
                      as "owes_second_step!"
           from sessions x join members m on m.id = x.member_id left join staff s on s.member_id = m.id
           left join computers c on c.id = x.computer_id and c.ended_at is null
           where x.token_hash = $1 and x.expires_at > now() and x.seen_at > now() - interval '30 days'"#,
        hash
    )
    .fetch_optional(db)
    .await?
    else {
        return Ok(None);
    };
    let touched = touch && row.lock_minutes.is_some() && row.resting && !row.covered;
    if row.stale || touched {
        sqlx::query!(
            "update sessions set seen_at = now(), active_at = case when $2 then now() else active_at end,
                 proven_at = case when $2 and proven_at > now() - interval '15 minutes' then now() else proven_at end
             where token_hash = $1",
            hash,
            touched
        )
        .execute(db)
        .await?;
    }
    Ok(Some(Seen {
        person: Person {
            member: row.id.into(),
            name: row.name,
            email: row.email,
            phone: row.phone,
            staff: row.role.map(|role| Duties::new(role, row.manages)),
            by_pin: row.by_pin,
            proven: row.proven,
            owes_second_step: row.owes_second_step,
        },
        lock_minutes: row.lock_minutes,
        covered: row.covered,
    }))
}

/// Whose session it is, if it is still going and not covered.
pub async fn person(db: &PgPool, secret: &str) -> Result<Option<Person>> {
    let seen = seen(db, secret, false).await?;
    Ok(seen.filter(|seen| !seen.covered).map(|seen| seen.person))
}

/// The reference of whose session at a shared computer it is, covered or not, if it is still going.
pub async fn at_computer(
    db: &mut PgConnection,
    secret: &str,
    computer: Uuid,
) -> Result<Option<String>> {
    let whose = sqlx::query_scalar!(
        "select m.reference from sessions x join members m on m.id = x.member_id
         where x.token_hash = $1 and x.computer_id = $2 and x.expires_at > now()
           and x.seen_at > now() - interval '30 days'",
        secret::digest(secret),
        computer
    )
    .fetch_optional(db)
    .await?;
    Ok(whose)
}

/// Covers the shared computer that it is at.
pub async fn cover(db: &mut PgConnection, secret: &str) -> Result<()> {
    sqlx::query!(
        "update sessions set active_at = 'epoch' where token_hash = $1 and computer_id is not null",
        secret::digest(secret)
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Its person gave their password.
pub async fn note_proof(db: &mut PgConnection, secret: &str) -> Result<()> {
    sqlx::query!(
        "update sessions set proven_at = now() where token_hash = $1",
        secret::digest(secret)
    )
    .execute(db)
    .await?;
    Ok(())
}

pub async fn end(tx: &mut PgConnection, secret: &str) -> Result<()> {
    sqlx::query!(
        "delete from sessions where token_hash = $1",
        secret::digest(secret)
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct Session {
    pub id: Uuid,
    /// `Chrome on Android`
    pub device: String,
    pub created_at: DateTime<Utc>,
    /// To five minutes.
    pub seen_at: DateTime<Utc>,
    /// Used within the last ten minutes.
    pub in_use: bool,
    /// It is the one that is looking.
    pub is_this: bool,
}

/// A member's sessions that are still going: the one with this secret first, then as last used.
pub async fn list(db: &mut PgConnection, member: Id<Member>, secret: &str) -> Result<Vec<Session>> {
    let rows = sqlx::query!(
        r#"select id, device, created_at, seen_at, seen_at > now() - interval '10 minutes' as "in_use!",
                  token_hash = $2 as "is_this!"
           from sessions
           where member_id = $1 and expires_at > now() and seen_at > now() - interval '30 days'
           order by token_hash = $2 desc, seen_at desc, created_at desc"#,
        member.get(),
        secret::digest(secret)
    )
    .fetch_all(db)
    .await?;
    let sessions = rows.into_iter().map(|row| Session {
        id: row.id,
        device: device::words(&row.device),
        created_at: row.created_at,
        seen_at: row.seen_at,
        in_use: row.in_use,
        is_this: row.is_this,
    });
    Ok(sessions.collect())
}

/// Whether somebody signed in within the last ten minutes, and so need not show again who they are.
pub async fn is_fresh(db: &mut PgConnection, secret: &str) -> Result<bool> {
    let fresh = sqlx::query_scalar!(
        r#"select exists (select from sessions where token_hash = $1
                          and created_at > now() - interval '10 minutes') as "fresh!""#,
        secret::digest(secret)
    )
    .fetch_one(db)
    .await?;
    Ok(fresh)
}

/// Ends one of a member's sessions. False if they have none with this id.
pub async fn revoke(tx: &mut PgConnection, member: Id<Member>, id: Uuid) -> Result<bool> {
    let ended = sqlx::query_scalar!(
        "delete from sessions where id = $1 and member_id = $2 returning device",
        id,
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(device) = ended else {
        return Ok(false);
    };
    let detail = json!({"device": device::words(&device)});
    audit::record(
        tx,
        Some(member.get()),
        "end session",
        "sessions",
        id,
        detail,
    )
    .await?;
    Ok(true)
}

/// Ends all of a member's sessions but the one with this secret, and says how many there were.
pub async fn revoke_others(tx: &mut PgConnection, member: Id<Member>, secret: &str) -> Result<u64> {
    let ended = sqlx::query!(
        "delete from sessions where member_id = $1 and token_hash <> $2",
        member.get(),
        secret::digest(secret)
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if ended > 0 {
        let id = member.get();
        let detail = json!({"count": ended});
        audit::record(tx, Some(id), "end other sessions", "members", id, detail).await?;
    }
    Ok(ended)
}

/// Signs a member out everywhere, also where they are half-way in.
pub async fn end_all(tx: &mut PgConnection, member: Id<Member>) -> Result<()> {
    sqlx::query!("delete from halfway where member_id = $1", member.get())
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from sessions where member_id = $1", member.get())
        .execute(tx)
        .await?;
    Ok(())
}

/// Clears away sessions that have ended by themselves, who stayed half-way, and yesterday's attempts.
pub async fn forget_expired(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "delete from sessions where expires_at <= now() or seen_at <= now() - interval '30 days'"
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from halfway where expires_at <= now()")
        .execute(&mut *tx)
        .await?;
    browser::forget_old(tx).await?;
    attempts::forget_old(tx).await
}
