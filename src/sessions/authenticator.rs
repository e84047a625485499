//! A member's authenticator app: a secret that it shares with us, and the codes that come of it (RFC 6238).

use anyhow::Context;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use totp_rs::{Builder, Secret, Totp};

use super::{recovery, session};
use crate::{
    audit,
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

/// What the app calls us.
const ISSUER: &str = "Connect Space";

/// An app that is being set up: it asks nobody anything until its first code was typed.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What the app scans.
    pub address: String,
    /// The secret in groups of four, to be typed where nothing can be scanned.
    pub key: String,
}

/// A second step that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct InForce {
    pub since: DateTime<Utc>,
    /// Recovery codes that are still good.
    pub codes_left: i64,
}

/// Whether a member is asked for a code when they sign in.
pub async fn is_on(db: &mut PgConnection, member: Id<Member>) -> Result<bool> {
    Ok(in_force(db, member).await?.is_some())
}

pub async fn in_force(db: &mut PgConnection, member: Id<Member>) -> Result<Option<InForce>> {
    let found = sqlx::query_as!(
        InForce,
        r#"select confirmed_at as "since!",
                  (select count(*) from recovery_codes c where c.member_id = a.member_id and c.used_at is null) as "codes_left!"
           from authenticators a where member_id = $1 and confirmed_at is not null"#,
        member.get()
    )
    .fetch_optional(db)
    .await?;
    Ok(found)
}

/// What a member has begun to set up within the last half hour. `called` is what the app calls their account.
pub async fn setup(
    db: &mut PgConnection,
    member: Id<Member>,
    called: &str,
) -> Result<Option<Setup>> {
    let secret = sqlx::query_scalar!(
        "select secret from authenticators
         where member_id = $1 and confirmed_at is null and begun_at > now() - interval '30 minutes'",
        member.get()
    )
    .fetch_optional(db)
    .await?;
    let Some(secret) = secret else {
        return Ok(None);
    };
    let app = Builder::new()
        .with_secret(secret)
        .with_issuer(Some(ISSUER))
        .with_account_name(called.replace(':', " "))
        .build()
        .context("an authenticator cannot be described")?;
    let address = app.to_url().context("an authenticator has no address")?;
    let key = app.secret().to_base32();
    let groups = key.as_bytes().chunks(4).map(String::from_utf8_lossy);
    Ok(Some(Setup {
        address,
        key: groups.collect::<Vec<_>>().join(" "),
    }))
}

/// Begins to set one up, with a new secret; nothing changes for whoever has one.
pub async fn begin(tx: &mut PgConnection, member: Id<Member>) -> Result<()> {
    let secret = Secret::generate();
    sqlx::query!(
        "insert into authenticators (member_id, secret) values ($1, $2)
         on conflict (member_id) do update set secret = excluded.secret, begun_at = now()
         where authenticators.confirmed_at is null",
        member.get(),
        secret.as_bytes()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Turns it on with the first right code, and returns the recovery codes, which cannot be had again. `None` for
/// another code. Everywhere but in the session with this secret they are signed out, where no code was asked for.
pub async fn turn_on(
    tx: &mut PgConnection,
    member: Id<Member>,
    code: &str,
    session: &str,
    now: DateTime<Utc>,
) -> Result<Option<Vec<String>>> {
    let secret = sqlx::query_scalar!(
        "select secret from authenticators
         where member_id = $1 and confirmed_at is null and begun_at > now() - interval '30 minutes' for update",
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(step) = secret
        .map(|secret| step_of(secret, code, now))
        .transpose()?
        .flatten()
    else {
        return Ok(None);
    };
    let id = member.get();
    sqlx::query!(
        "update authenticators set confirmed_at = now(), last_step = $2 where member_id = $1",
        id,
        step
    )
    .execute(&mut *tx)
    .await?;
    let codes = recovery::renew(tx, member).await?;
    session::revoke_others(tx, member, session).await?;
    audit::record(
        tx,
        Some(id),
        "turn on second step",
        "members",
        id,
        json!({}),
    )
    .await?;
    jobs::enqueue(tx, &Job::SecondStepOn { member: id }).await?;
    Ok(Some(codes))
}

/// Whether it is a code of theirs that was not used before, at this time or half a minute about it. It is good no
/// more afterwards, nor is any before it.
pub async fn spend(
    tx: &mut PgConnection,
    member: Id<Member>,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let secret = sqlx::query_scalar!(
        "select secret from authenticators where member_id = $1 and confirmed_at is not null",
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(step) = secret
        .map(|secret| step_of(secret, code, now))
        .transpose()?
        .flatten()
    else {
        return Ok(false);
    };
    let spent = sqlx::query!(
        "update authenticators set last_step = $2 where member_id = $1 and last_step < $2",
        member.get(),
        step
    )
    .execute(tx)
    .await?;
    Ok(spent.rows_affected() == 1)
}

/// Who takes a second step off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Its owner, on our pages.
    Themselves,
    /// Whoever runs the house, on the machine that serves.
    TheHouse,
}

/// Asks for no code from now on. False where none was asked for.
pub async fn turn_off(tx: &mut PgConnection, member: Id<Member>, by: By) -> Result<bool> {
    let id = member.get();
    if !forget(tx, member).await? {
        return Ok(false);
    }
    let actor = (by == By::Themselves).then_some(id);
    audit::record(tx, actor, "turn off second step", "members", id, json!({})).await?;
    let job = match by {
        By::Themselves => Job::SecondStepOff { member: id },
        By::TheHouse => Job::SecondStepTakenOff { member: id },
    };
    jobs::enqueue(tx, &job).await?;
    Ok(true)
}

/// The secret and the recovery codes go. False where no code was asked for.
pub async fn forget(tx: &mut PgConnection, member: Id<Member>) -> Result<bool> {
    sqlx::query!("delete from halfway where member_id = $1", member.get())
        .execute(&mut *tx)
        .await?;
    let was_on = sqlx::query_scalar!(
        r#"delete from authenticators where member_id = $1 returning confirmed_at is not null as "was_on!""#,
        member.get()
    )
    .fetch_optional(tx)
    .await?;
    Ok(was_on == Some(true))
}

/// The half minute since 1970 whose code it is, if that is now, the one before or the one after.
fn step_of(secret: Vec<u8>, code: &str, now: DateTime<Utc>) -> Result<Option<i64>> {
    let app: Totp = Builder::new()
        .with_secret(secret)
        .build()
        .context("an authenticator cannot be asked")?;
    let step = app.check(code, u64::try_from(now.timestamp()).unwrap_or(0));
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, of which apps show the last six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890".to_vec();
        for (seconds, code) in [
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let at = |by: i64| DateTime::from_timestamp(seconds + by, 0).unwrap();
            let step = |by| step_of(secret.clone(), code, at(by)).unwrap();
            assert_eq!(step(0), Some(seconds / 30));
            assert_eq!(
                (step(30), step(-30)),
                (step(0), step(0)),
                "half a minute about it"
            );
            assert_eq!((step(61), step(-60)), (None, None));
        }
    }
}
