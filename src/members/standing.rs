//! Barring somebody, having them pay first, and lifting either: with a reason, and in one step each way.

use serde_json::json;
use sqlx::PgConnection;

use super::member::{Member, Standing};
use crate::{
    audit,
    error::Result,
    id::Id,
    jobs::{self, Job},
};

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("Say why: it is what the person is told, and what the next of us reads.")]
    NoReason,
    #[error("Somebody who works here is not barred. Dismiss them first.")]
    Staff,
}

/// `tell` has the person told why by mail, where they have an address. Bookings that stand are not touched.
pub async fn change(
    tx: &mut PgConnection,
    by: Id<Member>,
    member: Id<Member>,
    standing: Standing,
    reason: &str,
    tell: bool,
) -> Result<Result<(), Refusal>> {
    if standing != Standing::Good && reason.is_empty() {
        return Ok(Err(Refusal::NoReason));
    }
    let before = sqlx::query!(
        r#"select standing as "standing: Standing", standing_reason as reason,
                  exists (select from staff where member_id = id) as "works_here!"
           from members where id = $1 for no key update"#,
        member.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    if before.works_here && standing == Standing::Barred {
        return Ok(Err(Refusal::Staff));
    }
    let reason = if standing == Standing::Good {
        ""
    } else {
        reason
    };
    if before.standing == standing && before.reason == reason {
        return Ok(Ok(()));
    }
    sqlx::query!(
        "update members set standing = $2, standing_reason = $3, version = version + 1 where id = $1",
        member.get(),
        standing as Standing,
        reason
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({
        "before": {"standing": before.standing, "reason": before.reason},
        "after": {"standing": standing, "reason": reason}, "told": tell});
    audit::record(
        tx,
        Some(by.get()),
        "change standing",
        "members",
        member.get(),
        detail,
    )
    .await?;
    if tell {
        jobs::enqueue_after(
            tx,
            &Job::StandingChanged {
                member: member.get(),
            },
            jobs::UNDO,
        )
        .await?;
    }
    Ok(Ok(()))
}
