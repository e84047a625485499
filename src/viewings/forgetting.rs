//! Requests that led to nothing are forgotten after the set time: the person goes, the count stays.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{audit, error::Result};

/// How many are forgotten at once.
const A_TIME: i64 = 200;

/// Forgets what was neither won nor touched for as many months as the installation says. Members'
/// bookings and accounts are not of it.
pub async fn forget_old(tx: &mut PgConnection) -> Result<()> {
    let viewings = sqlx::query_scalar!(
        "select v.id from viewings v, installation i
         where v.status <> 'won' and v.forgotten_at is null
           and v.changed_at < now() - make_interval(months => i.keep_prospects_months)
         order by v.id limit $1 for no key update of v skip locked",
        A_TIME
    )
    .fetch_all(&mut *tx)
    .await?;
    forget_viewings(tx, &viewings).await?;
    let questions = sqlx::query_scalar!(
        "select q.id from questions q, installation i
         where q.forgotten_at is null
           and q.changed_at < now() - make_interval(months => i.keep_prospects_months)
         order by q.id limit $1 for no key update of q skip locked",
        A_TIME
    )
    .fetch_all(&mut *tx)
    .await?;
    forget_questions(tx, &questions).await
}

async fn forget_viewings(tx: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!("delete from viewing_notes where viewing_id = any($1)", ids)
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from viewing_links where viewing_id = any($1)", ids)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "update viewings set name = '', email = null, phone = null, company = '', broker = '', next_action = '',
             next_on = null, forgotten_at = now(), version = version + 1,
             status = case when status = 'scheduled' then 'toured' else status end
         where id = any($1)",
        ids
    )
    .execute(&mut *tx)
    .await?;
    for id in ids {
        audit::record(tx, None, "forget", "viewings", *id, json!({})).await?;
    }
    Ok(())
}

async fn forget_questions(tx: &mut PgConnection, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "delete from question_answers where question_id = any($1)",
        ids
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update questions set name = '', email = null, phone = null, body = '', forgotten_at = now(),
             version = version + 1
         where id = any($1)",
        ids
    )
    .execute(&mut *tx)
    .await?;
    for id in ids {
        audit::record(tx, None, "forget", "questions", *id, json!({})).await?;
    }
    Ok(())
}
