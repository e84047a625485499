//! Asking somebody to join a company: by mail, to an address, whether or not we know whose it is.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    company::{Company, CompanyRole},
    member::Member,
};
use crate::{
    audit,
    error::Result,
    id::Id,
    jobs::{self, Job},
    sessions::{attempts, secret},
};

/// How long an invitation stands.
pub const DAYS: i32 = 7;

/// The most that a company sends within a day.
const A_DAY: i64 = 30;

#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: Id<Invitation>,
    pub company: String,
    pub email: String,
    pub role: CompanyRole,
    /// The name of who asked.
    pub invited_by: String,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("They belong to the company already.")]
    Belongs,
    #[error("They are invited already. Withdraw that first to send another.")]
    Invited,
    #[error("That is a lot of invitations for one day. Send more tomorrow.")]
    TooMany,
    #[error("This invitation stands no longer. Ask for a new one.")]
    Spent,
    #[error("This address has an account. Sign in with it to accept.")]
    HasAccount,
    #[error("Sign in as {email} to accept it.")]
    SomebodyElses { email: String },
}

impl Invitation {
    /// Mailed once `tx` is committed. `company` is one that `by` administers.
    pub async fn send(
        tx: &mut PgConnection,
        company: &Company,
        by: Id<Member>,
        email: &str,
        role: CompanyRole,
        network: &str,
    ) -> Result<Result<(), Refusal>> {
        attempts::ask_for_mail(tx, network).await?;
        company.lock(tx).await?;
        let now = sqlx::query!(
            r#"select exists (select from company_people p join members m on m.id = p.member_id
                              where p.company_id = $1 and m.email = $2) as "belongs!",
                      (select count(*) from company_invitations
                       where company_id = $1 and created_at > now() - interval '1 day') as "today!""#,
            company.id.get(),
            email
        )
        .fetch_one(&mut *tx)
        .await?;
        if now.belongs {
            return Ok(Err(Refusal::Belongs));
        }
        if now.today >= A_DAY {
            return Ok(Err(Refusal::TooMany));
        }
        // One that has run out makes room for another.
        sqlx::query!(
            "update company_invitations set withdrawn_at = now()
             where company_id = $1 and email = $2 and accepted_at is null and withdrawn_at is null
               and expires_at <= now()",
            company.id.get(),
            email
        )
        .execute(&mut *tx)
        .await?;
        let id = Uuid::now_v7();
        let sent = sqlx::query!(
            "insert into company_invitations (id, company_id, email, role, invited_by, expires_at)
             values ($1, $2, $3, $4, $5, now() + make_interval(days => $6)) on conflict do nothing",
            id,
            company.id.get(),
            email,
            role as CompanyRole,
            by.get(),
            DAYS
        )
        .execute(&mut *tx)
        .await?;
        if sent.rows_affected() == 0 {
            return Ok(Err(Refusal::Invited));
        }
        jobs::enqueue(tx, &Job::Invited { invitation: id }).await?;
        let detail = json!({"email": email, "role": role});
        audit::record(
            tx,
            Some(by.get()),
            "invite",
            "companies",
            company.id.get(),
            detail,
        )
        .await?;
        Ok(Ok(()))
    }

    /// Those of a company that stand, the newest first.
    pub async fn of(db: &mut PgConnection, company: Id<Company>) -> Result<Vec<Invitation>> {
        let invitations = sqlx::query_as!(
            Invitation,
            r#"select i.id, c.name as company, i.email, i.role as "role: CompanyRole", m.name as invited_by
               from company_invitations i join companies c on c.id = i.company_id join members m on m.id = i.invited_by
               where i.company_id = $1 and i.accepted_at is null and i.withdrawn_at is null and i.expires_at > now()
               order by i.id desc"#,
            company.get()
        )
        .fetch_all(db)
        .await?;
        Ok(invitations)
    }

    /// False if the company has no such invitation that stands.
    pub async fn withdraw(
        tx: &mut PgConnection,
        company: &Company,
        by: Id<Member>,
        id: Uuid,
    ) -> Result<bool> {
        let email = sqlx::query_scalar!(
            "update company_invitations set withdrawn_at = now()
             where id = $1 and company_id = $2 and accepted_at is null and withdrawn_at is null returning email",
            id,
            company.id.get()
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(email) = email else {
            return Ok(false);
        };
        let detail = json!({"email": email});
        audit::record(
            tx,
            Some(by.get()),
            "withdraw invitation",
            "companies",
            company.id.get(),
            detail,
        )
        .await?;
        Ok(true)
    }

    /// Makes the secret of the link whose mail is being written. `None` if it stands no longer.
    pub async fn mint(tx: &mut PgConnection, id: Uuid) -> Result<Option<(String, Invitation)>> {
        let fresh = secret::fresh();
        let minted = sqlx::query!(
            "update company_invitations set token_hash = $2
             where id = $1 and accepted_at is null and withdrawn_at is null and expires_at > now()",
            id,
            secret::digest(&fresh)
        )
        .execute(&mut *tx)
        .await?;
        if minted.rows_affected() == 0 {
            return Ok(None);
        }
        Ok(Self::look(tx, &fresh)
            .await?
            .map(|invitation| (fresh, invitation)))
    }

    /// The invitation with this secret, if it stands. Looking does not use it up.
    pub async fn look(db: &mut PgConnection, secret: &str) -> Result<Option<Invitation>> {
        let invitation = sqlx::query_as!(
            Invitation,
            r#"select i.id, c.name as company, i.email, i.role as "role: CompanyRole", m.name as invited_by
               from company_invitations i join companies c on c.id = i.company_id join members m on m.id = i.invited_by
               where i.token_hash = $1 and i.accepted_at is null and i.withdrawn_at is null and i.expires_at > now()"#,
            secret::digest(secret)
        )
        .fetch_optional(db)
        .await?;
        Ok(invitation)
    }

    /// Uses it up: of many at once, one does. `member` is who is signed in, and must have the address that
    /// was invited; the name of the company they then belong to.
    pub async fn accept(
        tx: &mut PgConnection,
        secret: &str,
        member: Id<Member>,
    ) -> Result<Result<String, Refusal>> {
        let Some(invitation) = Self::look(tx, secret).await? else {
            return Ok(Err(Refusal::Spent));
        };
        if Member::find(tx, member).await?.email.as_ref() != Some(&invitation.email) {
            return Ok(Err(Refusal::SomebodyElses {
                email: invitation.email,
            }));
        }
        let used = sqlx::query_scalar!(
            "update company_invitations set accepted_at = now()
             where id = $1 and accepted_at is null and withdrawn_at is null returning company_id",
            invitation.id.get()
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(company) = used else {
            return Ok(Err(Refusal::Spent));
        };
        Company::admit(tx, company.into(), member, invitation.role).await?;
        let detail = json!({"role": invitation.role});
        audit::record(
            tx,
            Some(member.get()),
            "join company",
            "companies",
            company,
            detail,
        )
        .await?;
        Ok(Ok(invitation.company))
    }
}

/// Somebody whom nobody knew before.
#[derive(Debug)]
pub struct Newcomer {
    pub member: Id<Member>,
    pub company: String,
}

impl Invitation {
    /// Uses it up for somebody who has no account yet, and makes them one: who has the link has the
    /// mailbox.
    pub async fn welcome(
        tx: &mut PgConnection,
        secret: &str,
        name: &str,
    ) -> Result<Result<Newcomer, Refusal>> {
        let Some(invitation) = Self::look(tx, secret).await? else {
            return Ok(Err(Refusal::Spent));
        };
        if Member::by_email(tx, &invitation.email).await?.is_some() {
            return Ok(Err(Refusal::HasAccount));
        }
        let member = Member::at_address(tx, name, &invitation.email, None).await?;
        Member::verify_email(tx, member).await?;
        let accepted = Self::accept(tx, secret, member).await?;
        Ok(accepted.map(|company| Newcomer { member, company }))
    }
}
