//! A computer that staff share: who sits down at it types a PIN, and the session goes on as them.
//!
//! Somebody must have signed in at it with a password within the last sixteen hours, or no PIN is good.

use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{attempts, credentials, limits::Limits, secret, session};
use crate::{audit, error::Result, id::Id, members::member::Member};

#[derive(Clone, Debug)]
pub struct Computer {
    pub id: Uuid,
    pub name: String,
    pub lock_minutes: i32,
    /// A password was given at it today, so that PINs are good.
    pub open: bool,
}

/// Somebody who can take their turn.
#[derive(Clone, Debug)]
pub struct Colleague {
    pub reference: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("That is not their PIN. Type it again.")]
    Wrong,
    #[error("This computer needs a password first: nobody signed in with one today.")]
    Closed,
}

impl Computer {
    /// The one with this secret, unless it is shared no more.
    pub async fn find(db: &mut PgConnection, secret: &str) -> Result<Option<Computer>> {
        let computer = sqlx::query_as!(
            Computer,
            r#"select id, name, lock_minutes, password_at > now() - interval '16 hours' as "open!" from computers
               where token_hash = $1 and ended_at is null"#,
            secret::digest(secret)
        )
        .fetch_optional(db)
        .await?;
        Ok(computer)
    }

    /// Lets staff share it from now on, and says the secret for its cookie. `session` is that of who says so, who
    /// signed in with more than a PIN.
    pub async fn share(
        tx: &mut PgConnection,
        by: Id<Member>,
        name: &str,
        lock_minutes: i32,
        session: &str,
    ) -> Result<String> {
        let (id, fresh) = (Uuid::now_v7(), secret::fresh());
        sqlx::query!(
            "insert into computers (id, token_hash, name, shared_by, lock_minutes) values ($1, $2, $3, $4, $5)",
            id,
            secret::digest(&fresh),
            name,
            by.get(),
            lock_minutes
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "update sessions set computer_id = $2, active_at = now() where token_hash = $1",
            secret::digest(session),
            id
        )
        .execute(&mut *tx)
        .await?;
        let detail = json!({"name": name, "lock_minutes": lock_minutes});
        audit::record(
            tx,
            Some(by.get()),
            "share computer",
            "computers",
            id,
            detail,
        )
        .await?;
        Ok(fresh)
    }

    /// Staff share it no more; whoever is at it by PIN is signed out.
    pub async fn end(&self, tx: &mut PgConnection, by: Id<Member>) -> Result<()> {
        sqlx::query!(
            "update computers set ended_at = now() where id = $1",
            self.id
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "delete from sessions where computer_id = $1 and by_pin",
            self.id
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "update sessions set computer_id = null where computer_id = $1",
            self.id
        )
        .execute(&mut *tx)
        .await?;
        audit::record(
            tx,
            Some(by.get()),
            "share no more",
            "computers",
            self.id,
            json!({"name": self.name}),
        )
        .await?;
        Ok(())
    }

    /// Somebody who works here signed in at it with their password: PINs are good for the day, and their session
    /// is one of this computer.
    pub async fn opened(&self, tx: &mut PgConnection, session: &str) -> Result<()> {
        let theirs = sqlx::query!(
            "update sessions x set computer_id = $2, active_at = now() from staff s
             where x.token_hash = $1 and s.member_id = x.member_id",
            secret::digest(session),
            self.id
        )
        .execute(&mut *tx)
        .await?;
        if theirs.rows_affected() > 0 {
            sqlx::query!(
                "update computers set password_at = now() where id = $1",
                self.id
            )
            .execute(tx)
            .await?;
        }
        Ok(())
    }

    /// Those who have a PIN, by name.
    pub async fn colleagues(db: &mut PgConnection) -> Result<Vec<Colleague>> {
        let colleagues = sqlx::query_as!(
            Colleague,
            "select m.reference, m.name from staff s join members m on m.id = s.member_id
             where s.pin_hash is not null order by m.name, m.id"
        )
        .fetch_all(db)
        .await?;
        Ok(colleagues)
    }
}

/// Whose PIN it is, by their reference. `TooMany` after five wrong ones for a person, or ten at the computer, within
/// 15 minutes. Who has no PIN, or does not work here, takes as long as a wrong one.
pub async fn prove(
    db: &PgPool,
    limits: &Limits,
    computer: &Computer,
    reference: &str,
    pin: &str,
) -> Result<Result<Id<Member>, Refusal>> {
    match computer.open {
        true => prove_at(db, limits, computer.id, reference, pin).await,
        false => Ok(Err(Refusal::Closed)),
    }
}

/// The same wherever a PIN may be typed: `place` is what its wrong ones are counted for.
pub async fn prove_at(
    db: &PgPool,
    limits: &Limits,
    place: Uuid,
    reference: &str,
    pin: &str,
) -> Result<Result<Id<Member>, Refusal>> {
    let _turn = limits.hashing().await?;
    attempts::may_try_pin(db, reference, place).await?;
    let found = sqlx::query!(
        r#"select m.id, s.pin_hash as "hash!" from staff s join members m on m.id = s.member_id
           where m.reference = $1 and s.pin_hash is not null"#,
        reference
    )
    .fetch_optional(db)
    .await?;
    let (member, hash) = match found {
        Some(row) => (Some(row.id), row.hash),
        None => (None, credentials::NOBODY.to_owned()),
    };
    let fits = credentials::verify(pin.to_owned(), hash).await?;
    match member {
        Some(member) if fits => {
            attempts::pin_succeeded(db, reference).await?;
            Ok(Ok(member.into()))
        }
        _ => {
            attempts::pin_failed(db, reference, place).await?;
            Ok(Err(Refusal::Wrong))
        }
    }
}

/// The session at a computer goes on as somebody else, or as the same person again: its secret changes. `before` is
/// the secret of the one that goes on. It ends with the day that the password opened.
pub async fn switch(
    tx: &mut PgConnection,
    computer: &Computer,
    member: Id<Member>,
    device: &str,
    before: &str,
) -> Result<String> {
    let from = sqlx::query_scalar!(
        r#"select m.reference from sessions x join members m on m.id = x.member_id where x.token_hash = $1"#,
        secret::digest(before)
    )
    .fetch_optional(&mut *tx)
    .await?;
    let fresh = session::begin(tx, member, device, Some(before)).await?;
    let id = sqlx::query_scalar!(
        "update sessions set computer_id = $2, by_pin = true,
             expires_at = (select password_at + interval '16 hours' from computers where id = $2)
         where token_hash = $1 returning id",
        secret::digest(&fresh),
        computer.id
    )
    .fetch_one(&mut *tx)
    .await?;
    let detail = json!({"computer": computer.name, "from": from});
    audit::record(
        tx,
        Some(member.get()),
        "switch by PIN",
        "sessions",
        id,
        detail,
    )
    .await?;
    Ok(fresh)
}
