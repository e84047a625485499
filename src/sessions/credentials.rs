//! Passwords: checked at the same pace for everybody, kept as Argon2id hashes.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use tokio::task::spawn_blocking;

use super::{attempts, limits::Limits, person::Person, session};
use crate::{
    audit,
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

/// The hash of nothing: where there is no password to compare with, comparing takes as long.
pub const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$y+o73yv0dgCUFVvrwmEEDw$BRA0FUTVfCzF2QhCs1GRuE5VCKvqfc4Uew+u2xO8XOs";

/// The member whose address and password these are, if they go together; an address that nobody has,
/// or that has no password, takes as long as a wrong password. `TooMany` after too many wrong ones.
pub async fn prove(
    db: &PgPool,
    limits: &Limits,
    email: &str,
    password: &str,
    network: &str,
) -> Result<Option<Id<Member>>> {
    // Asked within the turn, or many at once would all be let in before the first has failed.
    let _turn = limits.hashing().await?;
    attempts::may_sign_in(db, email, network).await?;
    let found = sqlx::query!(
        "select id, password_hash from members where email = $1",
        email
    )
    .fetch_optional(db)
    .await?;
    let (member, hash) = match found {
        Some(row) => (Some(row.id.into()), row.password_hash),
        None => (None, None),
    };
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    if verify(password.to_owned(), hash).await? {
        attempts::succeeded(db, email, network).await?;
        Ok(member)
    } else {
        attempts::failed(db, email, network).await?;
        Ok(None)
    }
}

/// Whether this is the password of somebody who is signed in.
pub async fn prove_again(
    db: &PgPool,
    limits: &Limits,
    person: &Person,
    password: &str,
    network: &str,
) -> Result<bool> {
    let Some(email) = &person.email else {
        return Ok(false);
    };
    let proven = prove(db, limits, email, password, network).await?;
    Ok(proven == Some(person.member))
}

/// What to keep of a password that `form::new_password` has let pass.
pub async fn hash(limits: &Limits, password: String) -> Result<String> {
    let _turn = limits.hashing().await?;
    let hashed = spawn_blocking(move || hasher()?.hash_password(password.as_bytes()))
        .await
        .map_err(anyhow::Error::new)?
        .map_err(anyhow::Error::new)?;
    Ok(hashed.to_string())
}

/// Gives a member a password, from `hash`. What was signed in or mailed with the old one ends: all
/// sessions, and the links that sign in.
pub async fn set(tx: &mut PgConnection, member: Id<Member>, hash: &str) -> Result<()> {
    sqlx::query!(
        "update members set password_hash = $2 where id = $1",
        member.get(),
        hash
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update links set expires_at = now()
         where member_id = $1 and purpose <> 'confirm_booking' and used_at is null and expires_at > now()",
        member.get()
    )
    .execute(&mut *tx)
    .await?;
    session::end_all(tx, member).await?;
    let id = member.get();
    audit::record(tx, Some(id), "set password", "members", id, json!({})).await?;
    Ok(())
}

/// The same for somebody who had an account already: it tells them by mail.
pub async fn change(tx: &mut PgConnection, member: Id<Member>, hash: &str) -> Result<()> {
    set(tx, member, hash).await?;
    jobs::enqueue(
        tx,
        &Job::PasswordChanged {
            member: member.get(),
        },
    )
    .await?;
    Ok(())
}

/// Whether it is what the hash was made of; the caller has its turn from `Limits::hashing`.
pub async fn verify(password: String, hash: String) -> Result<bool> {
    let verified = spawn_blocking(move || {
        let hash = PasswordHash::new(&hash)?;
        match hasher()?.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(anyhow::Error::new(error)),
        }
    });
    Ok(verified.await.map_err(anyhow::Error::new)??)
}

/// OWASP's least for Argon2id: 19 MiB, two passes, one lane.
fn hasher() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(19_456, 2, 1, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let kept = hash(&Limits::default(), "durban-sunrise-2026".into())
            .await
            .unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{kept}"
        );
        assert!(
            verify("durban-sunrise-2026".into(), kept.clone())
                .await
                .unwrap()
        );
        assert!(!verify("durban-sunrise-2027".into(), kept).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_a_password_and_a_hash_like_everybody() {
        assert!(!verify(String::new(), NOBODY.into()).await.unwrap());
        let kept = hash(&Limits::default(), "durban-sunrise-2026".into())
            .await
            .unwrap();
        assert_eq!(kept.len(), NOBODY.len());
    }
}
