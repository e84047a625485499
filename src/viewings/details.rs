//! What staff write down of a viewing: who it is, what they want, who takes care of it and what is next.

use chrono::NaiveDate;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    request::Prospect,
    stage::{self, Refusal},
    viewing::{Source, Term, Viewing},
};
use crate::{
    audit, error::Result, id::Id, members::member::Member, money::Money, spaces::space::Kind,
};

#[derive(Clone, Debug)]
pub struct Details {
    pub prospect: Prospect,
    pub company: String,
    pub interests: Vec<Kind>,
    pub people: Option<i32>,
    pub starts_on: Option<NaiveDate>,
    pub term: Term,
    pub budget: Option<Money>,
    pub source: Source,
    pub broker: String,
}

/// What is next, by when, and whose it is.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub action: String,
    pub on: Option<NaiveDate>,
    /// A member of staff.
    pub assignee: Option<Uuid>,
}

pub async fn save(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Viewing>,
    details: &Details,
    version: i32,
) -> Result<Result<(), Refusal>> {
    if let Err(refusal) = stage::locked(tx, id, version).await? {
        return Ok(Err(refusal));
    }
    let kinds: Vec<String> = (details.interests.iter())
        .map(|kind| kind.key().to_owned())
        .collect();
    sqlx::query!(
        "update viewings set name = $2, email = $3, phone = $4, company = $5, interests = $6, people = $7,
             starts_on = $8, term = $9, budget_cents = $10, source = $11, broker = $12,
             version = version + 1, changed_at = now()
         where id = $1",
        id.get(),
        details.prospect.name,
        details.prospect.email.as_deref(),
        details.prospect.phone.as_deref(),
        details.company,
        &kinds,
        details.people,
        details.starts_on,
        details.term as Term,
        details.budget.map(Money::in_cents),
        details.source as Source,
        details.broker
    )
    .execute(&mut *tx)
    .await?;
    // Without what it was, which would outlive what we may know of the person.
    audit::record(tx, Some(by.get()), "edit", "viewings", id.get(), json!({})).await?;
    Ok(Ok(()))
}

pub async fn plan(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Viewing>,
    plan: &Plan,
    version: i32,
) -> Result<Result<(), Refusal>> {
    if let Err(refusal) = stage::locked(tx, id, version).await? {
        return Ok(Err(refusal));
    }
    sqlx::query!(
        "update viewings set next_action = $2, next_on = $3,
             assignee_id = (select member_id from staff where member_id = $4),
             version = version + 1, changed_at = now()
         where id = $1",
        id.get(),
        plan.action,
        plan.on,
        plan.assignee
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"assignee": plan.assignee, "on": plan.on});
    audit::record(tx, Some(by.get()), "plan", "viewings", id.get(), detail).await?;
    Ok(Ok(()))
}
