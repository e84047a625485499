//! Tokens with which programs act for a member: `cs_` and a secret, of which the table holds the hash.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{person::Person, secret};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::{
        member::Member,
        staff::{Duties, Role},
    },
};

const PREFIX: &str = "cs_";

/// The most that a member may have at once.
const MOST: i64 = 20;

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("You have {MOST} tokens, which is the most. Revoke one that you no longer need.")]
    TooMany,
}

/// A token as its owner sees it.
#[derive(Clone, Debug)]
pub struct Token {
    pub id: Uuid,
    pub name: String,
    pub created_at: DateTime<Utc>,
    /// To five minutes.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Makes a token for a member and returns it: it cannot be had again. `name` tells it from their others;
/// `by` is who made it on our pages,
/// and is told by mail; nobody for the command line.
pub async fn issue(
    tx: &mut PgConnection,
    member: Id<Member>,
    name: &str,
    by: Option<Id<Member>>,
) -> Result<Result<String, Refusal>> {
    // One at a time for a member, or many at once would not see each other when they count.
    sqlx::query!(
        "select from members where id = $1 for no key update",
        member.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    if list(tx, member).await?.len() as i64 >= MOST {
        return Ok(Err(Refusal::TooMany));
    }
    let id = Uuid::now_v7();
    let token = format!("{PREFIX}{}", secret::fresh());
    sqlx::query!(
        "insert into api_tokens (id, token_hash, member_id, name) values ($1, $2, $3, $4)",
        id,
        secret::digest(&token),
        member.get(),
        name
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"name": name, "member": member.get()});
    audit::record(tx, by.map(Id::get), "make token", "api_tokens", id, detail).await?;
    if by.is_some() {
        jobs::enqueue(tx, &Job::TokenMade { token: id }).await?;
    }
    Ok(Ok(token))
}

/// The same by email address, for the command line; `None` if there is no such member.
pub async fn make(tx: &mut PgConnection, email: &str, name: &str) -> Result<Option<String>> {
    let Some(member) = Member::by_email(tx, &email.trim().to_lowercase()).await? else {
        return Ok(None);
    };
    match issue(tx, member.id, name, None).await? {
        Ok(token) => Ok(Some(token)),
        Err(refusal) => Err(Error::refused("too-many-tokens", refusal.to_string())),
    }
}

/// A member's tokens that work, the newest first.
pub async fn list(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Token>> {
    let tokens = sqlx::query_as!(
        Token,
        "select id, name, created_at, last_used_at from api_tokens
         where member_id = $1 and revoked_at is null order by id desc",
        member.get()
    )
    .fetch_all(db)
    .await?;
    Ok(tokens)
}

/// Whose token it is, and what they call it; `None` if it works no more.
pub async fn owner(db: &mut PgConnection, id: Uuid) -> Result<Option<(Member, String)>> {
    let row = sqlx::query!(
        "select member_id, name from api_tokens where id = $1 and revoked_at is null",
        id
    )
    .fetch_optional(&mut *db)
    .await?;
    match row {
        Some(row) => Ok(Some((
            Member::find(db, row.member_id.into()).await?,
            row.name,
        ))),
        None => Ok(None),
    }
}

/// Ends one of a member's tokens. False if they have none with this id that works.
pub async fn revoke(tx: &mut PgConnection, member: Id<Member>, id: Uuid) -> Result<bool> {
    let revoked = sqlx::query_scalar!(
        "update api_tokens set revoked_at = now()
         where id = $1 and member_id = $2 and revoked_at is null returning name",
        id,
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(name) = revoked else {
        return Ok(false);
    };
    let detail = json!({"name": name});
    audit::record(
        tx,
        Some(member.get()),
        "revoke token",
        "api_tokens",
        id,
        detail,
    )
    .await?;
    Ok(true)
}

/// For whom a token acts, with the token's id; `None` if it is not one of ours or was revoked. Notes
/// its use, every five minutes at most.
pub async fn person(db: &PgPool, token: &str) -> Result<Option<(Uuid, Person)>> {
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let Some(row) = sqlx::query!(
        r#"select t.id, m.id as member, m.name, m.email, m.phone, s.role as "role?: Role", s.location_id as "manages?",
                  coalesce(t.last_used_at < now() - interval '5 minutes', true) as "stale!"
           from api_tokens t join members m on m.id = t.member_id left join staff s on s.member_id = m.id
           where t.token_hash = $1 and t.revoked_at is null"#,
        secret::digest(token)
    )
    .fetch_optional(db)
    .await?
    else {
        return Ok(None);
    };
    if row.stale {
        sqlx::query!(
            "update api_tokens set last_used_at = now() where id = $1",
            row.id
        )
        .execute(db)
        .await?;
    }
    let person = Person {
        member: row.member.into(),
        name: row.name,
        email: row.email,
        phone: row.phone,
        staff: row.role.map(|role| Duties::new(role, row.manages)),
        by_pin: false,
        proven: true,
        owes_second_step: false,
    };
    Ok(Some((row.id, person)))
}
