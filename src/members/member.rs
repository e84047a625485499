//! A person we know. Credentials are optional: a walk-in or a guest has none until they claim them by mail.

use std::str::FromStr;

use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{error::Result, id::Id};

#[derive(Clone, Debug)]
pub struct Member {
    pub id: Id<Member>,
    pub name: String,
    /// In lower case.
    pub email: Option<String>,
    /// They have shown that mail to `email` reaches them.
    pub email_verified: bool,
    /// E.164, such as `+27821234567`.
    pub phone: Option<String>,
    pub standing: Standing,
    pub has_password: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Standing {
    Good,
    /// Pays before a booking is theirs.
    PayFirst,
    /// Books nothing until staff lift it.
    Barred,
}

impl Standing {
    pub const ALL: [Standing; 3] = [Standing::Good, Standing::PayFirst, Standing::Barred];

    /// As forms and tables name it.
    pub fn key(self) -> &'static str {
        match self {
            Standing::Good => "good",
            Standing::PayFirst => "pay_first",
            Standing::Barred => "barred",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Standing::Good => "Good standing",
            Standing::PayFirst => "Pays first",
            Standing::Barred => "Barred",
        }
    }

    /// Of a tag.
    pub fn tone(self) -> &'static str {
        match self {
            Standing::Good => "ok",
            Standing::PayFirst => "warn",
            Standing::Barred => "bad",
        }
    }
}

impl FromStr for Standing {
    type Err = ();

    fn from_str(text: &str) -> Result<Standing, ()> {
        let known = Standing::ALL.into_iter();
        known
            .into_iter()
            .find(|standing| standing.key() == text)
            .ok_or(())
    }
}

impl Member {
    /// `NotFound` if there is none.
    pub async fn find(db: &mut PgConnection, id: Id<Member>) -> Result<Member> {
        let member = sqlx::query_as!(
            Member,
            r#"select id, name, email, email_verified_at is not null as "email_verified!", phone,
                      standing as "standing: Standing", password_hash is not null as "has_password!"
               from members where id = $1"#,
            id.get()
        )
        .fetch_one(db)
        .await?;
        Ok(member)
    }

    /// The same with why they are not in good standing; empty where they are.
    pub async fn with_reason(db: &mut PgConnection, id: Id<Member>) -> Result<(Member, String)> {
        let reason = sqlx::query_scalar!(
            "select standing_reason from members where id = $1",
            id.get()
        )
        .fetch_one(&mut *db)
        .await?;
        Ok((Member::find(db, id).await?, reason))
    }

    /// `email` in lower case, as `form::email` gives it.
    pub async fn by_email(db: &mut PgConnection, email: &str) -> Result<Option<Member>> {
        let member = sqlx::query_as!(
            Member,
            r#"select id, name, email, email_verified_at is not null as "email_verified!", phone,
                      standing as "standing: Standing", password_hash is not null as "has_password!"
               from members where email = $1"#,
            email
        )
        .fetch_optional(db)
        .await?;
        Ok(member)
    }

    /// The member with this email address, or a new one whose address is yet to be verified. Nothing
    /// is changed of a member we know: whoever typed the address has not shown that it is theirs.
    pub async fn at_address(
        tx: &mut PgConnection,
        name: &str,
        email: &str,
        phone: Option<&str>,
    ) -> Result<Id<Member>> {
        let made = sqlx::query_scalar!(
            "insert into members (id, name, email, phone) values ($1, $2, $3, $4)
             on conflict (email) do nothing returning id",
            Uuid::now_v7(),
            name,
            email,
            phone
        )
        .fetch_optional(&mut *tx)
        .await?;
        let id = match made {
            Some(id) => id,
            None => {
                sqlx::query_scalar!("select id from members where email = $1", email)
                    .fetch_one(tx)
                    .await?
            }
        };
        Ok(id.into())
    }

    /// Notes that mail to the member's address has reached them.
    pub async fn verify_email(tx: &mut PgConnection, id: Id<Member>) -> Result<()> {
        sqlx::query!(
            "update members set email_verified_at = now() where id = $1 and email_verified_at is null",
            id.get()
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}
