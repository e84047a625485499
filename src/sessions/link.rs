//! Links sent by mail: each proves that its reader has the mailbox, once, within its time.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{attempts, secret};
use crate::{
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

/// The most mails with links that one address gets within an hour.
const MAILS_AN_HOUR: i64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Purpose {
    SignIn,
    ConfirmBooking,
    ResetPassword,
    VerifyEmail,
    /// Staff ask somebody in.
    Invitation,
}

impl Purpose {
    /// How long such a link works.
    pub fn minutes(self) -> i32 {
        match self {
            Purpose::ResetPassword => 10,
            Purpose::SignIn | Purpose::ConfirmBooking | Purpose::VerifyEmail => 30,
            Purpose::Invitation => 7 * 24 * 60,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Link {
    pub id: Id<Link>,
    pub purpose: Purpose,
    pub member: Id<Member>,
    pub booking: Option<Uuid>,
    /// The address of ours to go to afterwards.
    pub next: String,
    pub name: String,
    pub email: String,
    pub email_verified: bool,
    pub has_password: bool,
    pub used: bool,
    pub expired: bool,
}

impl Link {
    /// A link for a member, mailed once `tx` is committed. Beyond five within an hour it is written
    /// and not mailed. `next` is an address of ours, `booking` the one to confirm.
    pub async fn issue(
        tx: &mut PgConnection,
        purpose: Purpose,
        member: Id<Member>,
        booking: Option<Uuid>,
        next: &str,
    ) -> Result<Id<Link>> {
        // One at a time for a member, or many at once would not see each other when they count.
        sqlx::query!(
            "select id from members where id = $1 for no key update",
            member.get()
        )
        .fetch_one(&mut *tx)
        .await?;
        let lately = sqlx::query_scalar!(
            r#"select count(*) as "count!" from links
               where member_id = $1 and purpose = $2 and created_at > now() - interval '1 hour'"#,
            member.get(),
            purpose as Purpose
        )
        .fetch_one(&mut *tx)
        .await?;
        let id = Uuid::now_v7();
        sqlx::query!(
            "insert into links (id, purpose, member_id, booking_id, next, expires_at)
             values ($1, $2, $3, $4, $5, now() + make_interval(mins => $6))",
            id,
            purpose as Purpose,
            member.get(),
            booking,
            next,
            purpose.minutes()
        )
        .execute(&mut *tx)
        .await?;
        if lately < MAILS_AN_HOUR {
            jobs::enqueue(tx, &Job::Link { link: id }).await?;
        }
        Ok(id.into())
    }

    /// Mails a link to whoever has this address. Nothing tells the one who asked whether anybody has.
    pub async fn ask(
        tx: &mut PgConnection,
        purpose: Purpose,
        email: &str,
        next: &str,
        network: &str,
    ) -> Result<()> {
        attempts::ask_for_mail(tx, network).await?;
        if let Some(member) = Member::by_email(tx, email).await? {
            Link::issue(tx, purpose, member.id, None, next).await?;
        }
        Ok(())
    }

    /// Mails a newcomer a link that finishes signing up; somebody we know, one that signs them in.
    pub async fn welcome(
        tx: &mut PgConnection,
        name: &str,
        email: &str,
        next: &str,
        network: &str,
    ) -> Result<()> {
        attempts::ask_for_mail(tx, network).await?;
        let id = Member::at_address(tx, name, email, None).await?;
        let purpose = if Member::find(tx, id).await?.has_password {
            Purpose::SignIn
        } else {
            Purpose::VerifyEmail
        };
        Link::issue(tx, purpose, id, None, next).await?;
        Ok(())
    }

    /// Makes the secret of a link whose mail is being written. When a mail is written again, the link
    /// in the newest works. `None` if the link was used, has expired, or its member has no address.
    pub async fn mint(tx: &mut PgConnection, id: Id<Link>) -> Result<Option<(String, Link)>> {
        let fresh = secret::fresh();
        let link = sqlx::query_as!(
            Link,
            r#"update links l set token_hash = $2 from members m
               where l.id = $1 and m.id = l.member_id and m.email is not null
                 and l.used_at is null and l.expires_at > now()
               returning l.id, l.purpose as "purpose: Purpose", l.member_id as member, l.booking_id as booking,
                   l.next, m.name, m.email as "email!", m.email_verified_at is not null as "email_verified!",
                   m.password_hash is not null as "has_password!", false as "used!", false as "expired!""#,
            id.get(),
            secret::digest(&fresh)
        )
        .fetch_optional(tx)
        .await?;
        Ok(link.map(|link| (fresh, link)))
    }

    /// The link with this secret, whether or not it still works. Looking does not use it up.
    pub async fn look(db: &mut PgConnection, secret: &str) -> Result<Option<Link>> {
        let link = sqlx::query_as!(
            Link,
            r#"select l.id, l.purpose as "purpose: Purpose", l.member_id as member, l.booking_id as booking,
                   l.next, m.name, m.email as "email!", m.email_verified_at is not null as "email_verified!",
                   m.password_hash is not null as "has_password!", l.used_at is not null as "used!",
                   l.expires_at <= now() as "expired!"
               from links l join members m on m.id = l.member_id
               where l.token_hash = $1 and m.email is not null"#,
            secret::digest(secret)
        )
        .fetch_optional(db)
        .await?;
        Ok(link)
    }

    /// Links in the mailbox that was a member's work no more.
    pub async fn end_all(tx: &mut PgConnection, member: Id<Member>) -> Result<()> {
        sqlx::query!(
            "update links set expires_at = now()
             where member_id = $1 and used_at is null and expires_at > now()",
            member.get()
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    pub fn works(&self) -> bool {
        !self.used && !self.expired
    }

    /// Whether its reader may choose a password: to replace one, or because they have none.
    pub fn offers_password(&self) -> bool {
        match self.purpose {
            Purpose::ResetPassword => true,
            Purpose::VerifyEmail | Purpose::Invitation => !self.has_password,
            Purpose::SignIn | Purpose::ConfirmBooking => false,
        }
    }

    /// Uses the link up, if it still works: of many at once, one does.
    pub async fn consume(tx: &mut PgConnection, secret: &str) -> Result<Option<Link>> {
        let Some(link) = Link::look(tx, secret).await? else {
            return Ok(None);
        };
        let used = sqlx::query!(
            "update links set used_at = now() where id = $1 and used_at is null and expires_at > now()",
            link.id.get()
        )
        .execute(tx)
        .await?;
        Ok((used.rows_affected() == 1).then_some(link))
    }
}
