//! Giving a pass back: only while no day of it is drawn, and then all of its price goes back.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{Pass, locked, refusal::PassRefusal};
use crate::{
    audit,
    billing::account::{Account, Cause, Entry},
    bookings::locks,
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

/// `by` has been shown to be somebody who may; doing it twice is once.
pub async fn cancel(
    tx: &mut PgConnection,
    by: Id<Member>,
    pass: &Pass,
    now: DateTime<Utc>,
) -> Result<Result<Pass, PassRefusal>> {
    locks::member(tx, pass.member).await?;
    locks::expire_holds_of(tx, pass.member).await?;
    let pass = locked(tx, pass.id.get()).await?;
    if pass.cancelled_at.is_some() {
        return Ok(Ok(pass));
    }
    if pass.drawn > 0 {
        return Ok(Err(PassRefusal::Used));
    }
    if !pass.can_be_cancelled(now) {
        return Ok(Err(PassRefusal::Begun));
    }
    let id = pass.id.get();
    let account = sqlx::query_scalar!(
        "update passes set cancelled_at = now(), cancelled_by = $2 where id = $1 returning account_id",
        id,
        by.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    let words = format!("{} {} given back", pass.name, pass.reference);
    let (account, cause) = (account.into(), Cause::Pass(id));
    Account::enter(
        tx,
        account,
        cause,
        Entry::Credit,
        pass.total,
        &words,
        Some(by),
    )
    .await?;
    jobs::enqueue(tx, &Job::PassCancelled { pass: id }).await?;
    let thought_again = pass.zone.date(now) <= pass.cooled_off();
    let detail = json!({"reference": pass.reference, "credit_cents": pass.total, "within_seven_days": thought_again});
    audit::record(tx, Some(by.get()), "cancel", "passes", id, detail).await?;
    Ok(Ok(locked(tx, id).await?))
}
