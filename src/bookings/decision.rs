//! What the front desk decides about a time that is held or asked for: it stands, or it is let go.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;

use super::{
    booking::{Booking, Status},
    confirmation::{self, Mail},
    locks,
};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::Job,
    members::member::Member,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A hold is confirmed, a request granted.
    Accept,
    /// A hold is let go, a request declined.
    LetGo,
}

impl Decision {
    pub fn named(key: &str) -> Option<Decision> {
        match key {
            "accept" => Some(Decision::Accept),
            "let_go" => Some(Decision::LetGo),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("Somebody changed this booking a moment ago. This is what is there now.")]
    Stale,
    #[error("There is nothing to decide: it is {status}.")]
    Decided { status: String },
    #[error("This hold has run out. Book the time anew if it is still free.")]
    RunOut,
    #[error("This member is barred from booking. A manager can lift that.")]
    Barred,
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Stale => "stale",
            Refusal::Decided { .. } => "decided",
            Refusal::RunOut => "run-out",
            Refusal::Barred => "barred",
        }
    }
}

/// Decides for the house; the member hears of it by mail two minutes later if `tell`.
pub async fn decide(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    decision: Decision,
    (version, tell): (Option<i32>, bool),
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    locks::space(tx, unlocked.space_id).await?;
    let barred = locks::member(tx, unlocked.member).await?;
    locks::expire_holds(tx, &[unlocked.space_id]).await?;
    let booking = locks::booking(tx, id).await?;
    if booking.space_id != unlocked.space_id {
        return Err(Error::Contended);
    }
    if let Some(refusal) = refused(&booking, decision, version, barred) {
        return Ok(Err(refusal));
    }
    let mail = Mail::told(tell && booking.during.until > now);
    match (decision, booking.status) {
        (Decision::Accept, _) => {
            confirmation::settle(tx, id, actor, mail).await?;
        }
        (Decision::LetGo, Status::Held) => let_go(tx, actor, &booking, Status::Expired).await?,
        (Decision::LetGo, _) => {
            let_go(tx, actor, &booking, Status::Declined).await?;
            mail.enqueue(tx, &Job::BookingDeclined { booking: id.get() })
                .await?;
        }
    }
    Ok(Ok(locks::booking(tx, id).await?))
}

fn refused(
    booking: &Booking,
    decision: Decision,
    version: Option<i32>,
    barred: bool,
) -> Option<Refusal> {
    match booking.status {
        Status::Held | Status::Pending => {}
        Status::Expired => return Some(Refusal::RunOut),
        status => {
            let status = status.label().to_lowercase();
            return Some(Refusal::Decided { status });
        }
    }
    if version.is_some_and(|seen| seen != booking.version) {
        return Some(Refusal::Stale);
    }
    if booking.status == Status::Held && !booking.holds {
        return Some(Refusal::RunOut);
    }
    (barred && decision == Decision::Accept).then_some(Refusal::Barred)
}

async fn let_go(
    tx: &mut PgConnection,
    actor: Id<Member>,
    booking: &Booking,
    to: Status,
) -> Result<()> {
    sqlx::query!(
        "update bookings set status = $2, hold_expires_at = null, version = version + 1 where id = $1",
        booking.id.get(),
        to.key()
    )
    .execute(&mut *tx)
    .await?;
    let verb = match to {
        Status::Declined => "decline",
        _ => "let go",
    };
    let detail = json!({"reference": booking.reference});
    audit::record(
        tx,
        Some(actor.get()),
        verb,
        "bookings",
        booking.id.get(),
        detail,
    )
    .await?;
    Ok(())
}
