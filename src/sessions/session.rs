//! A browser that somebody is signed in with: its cookie holds a secret, the table its hash.
//!
//! A session ends after 30 days without use, and 90 days after it began, by the database's clock.

use sqlx::{PgConnection, PgPool};

use super::{attempts, person::Person, secret};
use crate::{
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

/// Whose session it is, if it is still going. Notes its use, every five minutes at most.
pub async fn person(db: &PgPool, secret: &str) -> Result<Option<Person>> {
    let hash = secret::digest(secret);
    let Some(row) = sqlx::query!(
        r#"select m.id, m.name, m.email, m.phone, s.role as "role?: Role", s.location_id as "manages?",
                  x.seen_at < now() - interval '5 minutes' as "stale!"
           from sessions x join members m on m.id = x.member_id left join staff s on s.member_id = m.id
           where x.token_hash = $1 and x.expires_at > now() and x.seen_at > now() - interval '30 days'"#,
        hash
    )
    .fetch_optional(db)
    .await?
    else {
        return Ok(None);
    };
    if row.stale {
        sqlx::query!(
            "update sessions set seen_at = now() where token_hash = $1",
            hash
        )
        .execute(db)
        .await?;
    }
    Ok(Some(Person {
        member: row.id.into(),
        name: row.name,
        email: row.email,
        phone: row.phone,
        staff: row.role.map(|role| Duties::new(role, row.manages)),
    }))
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

/// Signs a member out everywhere.
pub async fn end_all(tx: &mut PgConnection, member: Id<Member>) -> Result<()> {
    sqlx::query!("delete from sessions where member_id = $1", member.get())
        .execute(tx)
        .await?;
    Ok(())
}

/// Clears away sessions that have ended by themselves, and yesterday's attempts.
pub async fn forget_expired(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!(
        "delete from sessions where expires_at <= now() or seen_at <= now() - interval '30 days'"
    )
    .execute(&mut *tx)
    .await?;
    attempts::forget_old(tx).await
}
