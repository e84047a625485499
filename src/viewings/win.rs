//! Won: the prospect becomes a member, and perhaps a company, in one step.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    stage::{self, Refusal},
    viewing::{Status, Viewing},
};
use crate::{
    audit,
    error::Result,
    id::Id,
    members::{
        company::{Company, CompanyRole},
        member::Member,
    },
};

/// Whom we know already by the email address or phone number, oldest first.
pub async fn known(db: &mut PgConnection, viewing: &Viewing) -> Result<Option<Member>> {
    let id = sqlx::query_scalar!(
        "select id from members where email = $1 or phone = $2 order by (email = $1) desc nulls last, created_at limit 1",
        viewing.email.as_deref(),
        viewing.phone.as_deref()
    )
    .fetch_optional(&mut *db)
    .await?;
    match id {
        Some(id) => Member::find(db, id.into()).await.map(Some),
        None => Ok(None),
    }
}

/// Makes the prospect a member, or takes the one we know, and a member of the company of that name,
/// which is made if there is none. Empty is no company.
pub async fn win(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Viewing>,
    company: &str,
    version: i32,
) -> Result<Result<Id<Member>, Refusal>> {
    let viewing = match stage::locked(tx, id, version).await? {
        Ok(viewing) => viewing,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let member = match known(tx, &viewing).await? {
        Some(member) => member.id,
        None => join(tx, &viewing).await?,
    };
    let company = match company {
        "" => None,
        name => Some(enter(tx, name, member).await?),
    };
    sqlx::query!(
        "update viewings set status = 'won', member_id = $2, company_id = $3, lost_reason = '', next_action = '',
             next_on = null, version = version + 1, changed_at = now()
         where id = $1",
        id.get(),
        member.get(),
        company.map(Id::get)
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"from": viewing.status, "to": Status::Won, "member": member.get(), "company": company.map(Id::get)});
    audit::record(tx, Some(by.get()), "win", "viewings", id.get(), detail).await?;
    Ok(Ok(member))
}

async fn join(tx: &mut PgConnection, viewing: &Viewing) -> Result<Id<Member>> {
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into members (id, name, email, phone, home_location_id) values ($1, $2, $3, $4, $5)",
        id,
        viewing.name,
        viewing.email.as_deref(),
        viewing.phone.as_deref(),
        viewing.location.get()
    )
    .execute(&mut *tx)
    .await?;
    Ok(id.into())
}

async fn enter(tx: &mut PgConnection, name: &str, member: Id<Member>) -> Result<Id<Company>> {
    let known = sqlx::query_scalar!(
        "select id from companies where lower(name) = lower($1)",
        name
    )
    .fetch_optional(&mut *tx)
    .await?;
    let (company, role) = match known {
        Some(id) => (id.into(), CompanyRole::Booker),
        None => (Company::add(tx, name).await?, CompanyRole::Admin),
    };
    let belongs = sqlx::query_scalar!(
        "select 1 from company_people where company_id = $1 and member_id = $2",
        company.get(),
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    if belongs.is_none() {
        Company::admit(tx, company, member, role).await?;
    }
    Ok(company)
}
