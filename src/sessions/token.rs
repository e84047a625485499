//! Tokens with which programs act for a member: `cs_` and a secret, of which the table holds the hash.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{person::Person, secret};
use crate::{
    audit,
    error::Result,
    members::{
        member::Member,
        staff::{Duties, Role},
    },
};

const PREFIX: &str = "cs_";

/// Makes a token for the member with this email address and returns it: it cannot be had again.
/// `None` if there is no such member. `name` tells it from their others.
pub async fn make(tx: &mut PgConnection, email: &str, name: &str) -> Result<Option<String>> {
    let Some(member) = Member::by_email(tx, &email.trim().to_lowercase()).await? else {
        return Ok(None);
    };
    let id = Uuid::now_v7();
    let token = format!("{PREFIX}{}", secret::fresh());
    sqlx::query!(
        "insert into api_tokens (id, token_hash, member_id, name) values ($1, $2, $3, $4)",
        id,
        secret::digest(&token),
        member.id.get(),
        name
    )
    .execute(&mut *tx)
    .await?;
    let detail = serde_json::json!({"name": name, "member": member.id.get()});
    audit::record(tx, None, "make token", "api_tokens", id, detail).await?;
    Ok(Some(token))
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
    };
    Ok(Some((row.id, person)))
}
