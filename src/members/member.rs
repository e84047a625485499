//! A person we know. Credentials are optional: a walk-in or a guest has none until they claim them by mail.

use sqlx::PgConnection;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Standing {
    Good,
    /// Pays before a booking is theirs.
    PayFirst,
    /// Books nothing until staff lift it.
    Barred,
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
