//! Another email address for a member: asked for, told to the old one, and confirmed by a link mailed to
//! the new one. Whether somebody else has the address already, nobody learns who cannot read its mail.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::member::Member;
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    sessions::{attempts, link::Link, secret},
};

/// How long the link works.
pub const MINUTES: i32 = 30;

/// The most that a member asks for within an hour.
const AN_HOUR: i64 = 5;

#[derive(Clone, Debug)]
pub struct EmailChange {
    pub id: Id<EmailChange>,
    pub member: Id<Member>,
    pub name: String,
    pub old_email: Option<String>,
    pub new_email: String,
    /// It can still be confirmed.
    pub is_open: bool,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("This is your address already.")]
    Same,
    #[error("This link works no more. Ask for a new one on your account page.")]
    Spent,
    #[error(
        "Meanwhile this address belongs to another account. Sign in with it, or choose another."
    )]
    Taken,
}

/// What the mail to the new address has to say.
pub enum Outcome {
    /// The secret of the link.
    Confirm(String),
    /// It is somebody else's, who is told.
    Taken,
}

impl EmailChange {
    /// Asks for another address, which takes the place of what was asked for before. Both addresses are
    /// mailed once `tx` is committed. `TooMany` after five within an hour, or sixty mails from a network.
    pub async fn ask(
        tx: &mut PgConnection,
        member: Id<Member>,
        email: &str,
        network: &str,
    ) -> Result<Result<(), Refusal>> {
        attempts::ask_for_mail(tx, network).await?;
        let old = sqlx::query_scalar!(
            "select email from members where id = $1 for no key update",
            member.get()
        )
        .fetch_one(&mut *tx)
        .await?;
        if old.as_deref() == Some(email) {
            return Ok(Err(Refusal::Same));
        }
        let wait = sqlx::query_scalar!(
            r#"select ceil(extract(epoch from created_at + interval '1 hour' - now()))::bigint as "wait!"
               from email_changes where member_id = $1 and created_at > now() - interval '1 hour'
               order by created_at desc offset $2 limit 1"#,
            member.get(),
            AN_HOUR - 1
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(seconds) = wait.and_then(|wait| u64::try_from(wait).ok()) {
            return Err(Error::TooMany { seconds });
        }
        Self::withdraw_open(tx, member).await?;
        let id = Uuid::now_v7();
        sqlx::query!(
            "insert into email_changes (id, member_id, old_email, new_email, expires_at)
             values ($1, $2, $3, $4, now() + make_interval(mins => $5))",
            id,
            member.get(),
            old,
            email,
            MINUTES
        )
        .execute(&mut *tx)
        .await?;
        if old.is_some() {
            jobs::enqueue(tx, &Job::EmailChangeRequested { change: id }).await?;
        }
        jobs::enqueue(tx, &Job::EmailChangeLink { change: id }).await?;
        let detail = json!({"from": old, "to": email});
        audit::record(
            tx,
            Some(member.get()),
            "ask for another email",
            "members",
            member.get(),
            detail,
        )
        .await?;
        Ok(Ok(()))
    }

    /// What a member has asked for and not confirmed yet.
    pub async fn open(db: &mut PgConnection, member: Id<Member>) -> Result<Option<String>> {
        let email = sqlx::query_scalar!(
            "select new_email from email_changes
             where member_id = $1 and confirmed_at is null and withdrawn_at is null and expires_at > now()",
            member.get()
        )
        .fetch_optional(db)
        .await?;
        Ok(email)
    }

    /// Everything stays as it was.
    pub async fn withdraw(tx: &mut PgConnection, member: Id<Member>) -> Result<()> {
        if Self::withdraw_open(tx, member).await? {
            let id = member.get();
            audit::record(tx, Some(id), "keep the email", "members", id, json!({})).await?;
        }
        Ok(())
    }

    async fn withdraw_open(tx: &mut PgConnection, member: Id<Member>) -> Result<bool> {
        let withdrawn = sqlx::query!(
            "update email_changes set withdrawn_at = now()
             where member_id = $1 and confirmed_at is null and withdrawn_at is null",
            member.get()
        )
        .execute(tx)
        .await?;
        Ok(withdrawn.rows_affected() > 0)
    }

    /// `None` if there is no such change.
    pub async fn find(db: &mut PgConnection, id: Uuid) -> Result<Option<EmailChange>> {
        let change = sqlx::query_as!(
            EmailChange,
            r#"select c.id, c.member_id as member, m.name, c.old_email, c.new_email,
                      c.confirmed_at is null and c.withdrawn_at is null and c.expires_at > now() as "is_open!"
               from email_changes c join members m on m.id = c.member_id where c.id = $1"#,
            id
        )
        .fetch_optional(db)
        .await?;
        Ok(change)
    }

    /// Makes the secret of the link whose mail is being written, unless the address is somebody's. When
    /// a mail is written again, the link in the newest works.
    pub async fn mint(&self, tx: &mut PgConnection) -> Result<Outcome> {
        if Member::by_email(tx, &self.new_email).await?.is_some() {
            return Ok(Outcome::Taken);
        }
        let fresh = secret::fresh();
        sqlx::query!(
            "update email_changes set token_hash = $2 where id = $1",
            self.id.get(),
            secret::digest(&fresh)
        )
        .execute(tx)
        .await?;
        Ok(Outcome::Confirm(fresh))
    }

    /// A member's own change with this secret, whether or not its link still works.
    pub async fn look(
        db: &mut PgConnection,
        member: Id<Member>,
        secret: &str,
    ) -> Result<Option<EmailChange>> {
        let id = sqlx::query_scalar!(
            "select id from email_changes where token_hash = $1 and member_id = $2",
            secret::digest(secret),
            member.get()
        )
        .fetch_optional(&mut *db)
        .await?;
        match id {
            Some(id) => Self::find(db, id).await,
            None => Ok(None),
        }
    }

    /// Uses the link up: of many at once, one does. Links in the old mailbox work no more, and the old
    /// address is told.
    pub async fn confirm(
        tx: &mut PgConnection,
        member: Id<Member>,
        secret: &str,
    ) -> Result<Result<EmailChange, Refusal>> {
        sqlx::query!(
            "select from members where id = $1 for no key update",
            member.get()
        )
        .fetch_one(&mut *tx)
        .await?;
        let Some(change) = Self::look(tx, member, secret)
            .await?
            .filter(|change| change.is_open)
        else {
            return Ok(Err(Refusal::Spent));
        };
        let moved = sqlx::query!(
            "update members set email = $2, email_verified_at = now(), version = version + 1
             where id = $1 and not exists (select from members other where other.email = $2)",
            member.get(),
            change.new_email
        )
        .execute(&mut *tx)
        .await;
        match moved {
            Ok(moved) if moved.rows_affected() == 1 => {}
            Ok(_) => return Ok(Err(Refusal::Taken)),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => {
                return Ok(Err(Refusal::Taken));
            }
            Err(error) => return Err(error.into()),
        }
        sqlx::query!(
            "update email_changes set confirmed_at = now() where id = $1",
            change.id.get()
        )
        .execute(&mut *tx)
        .await?;
        Link::end_all(tx, member).await?;
        if change.old_email.is_some() {
            jobs::enqueue(
                tx,
                &Job::EmailChanged {
                    change: change.id.get(),
                },
            )
            .await?;
        }
        let detail = json!({"from": change.old_email, "to": change.new_email});
        audit::record(
            tx,
            Some(member.get()),
            "change email",
            "members",
            member.get(),
            detail,
        )
        .await?;
        Ok(Ok(change))
    }
}
