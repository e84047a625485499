//! What the front desk decides about a time that is held or asked for: it stands, or it is let go.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{
    approval,
    booking::{Booking, Status},
    confirmation::{self, Mail},
    locks,
    refusal::Refusal as Rule,
    waitlist::{self, Because},
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

/// How it is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct How<'a> {
    /// Of the booking that was looked at.
    pub version: Option<i32>,
    /// The member hears of it by mail, two minutes later.
    pub tell: bool,
    /// It is one of several, which they hear of together.
    pub together: bool,
    /// Why a request is declined, or a word with its approval; the member reads it.
    pub note: &'a str,
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("Say why, in words that the member reads.")]
    NoReason,
    #[error("They pay before booking, and {missing} is missing. Take the payment first.")]
    PayFirst { missing: String },
    #[error("Somebody changed this booking a moment ago. This is what is there now.")]
    Stale,
    #[error("There is nothing to decide: it is {status}.")]
    Decided { status: String },
    #[error("This has run out. Book the time anew if it is still free.")]
    RunOut,
    #[error("{space} is held by somebody else at that time. Look again in some minutes.")]
    Taken { space: String },
    #[error("This member is barred from booking. A manager can lift that.")]
    Barred,
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::NoReason => "no-reason",
            Refusal::PayFirst { .. } => "pay-first",
            Refusal::Stale => "stale",
            Refusal::Decided { .. } => "decided",
            Refusal::RunOut => "run-out",
            Refusal::Taken { .. } => "taken",
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
    how: How<'_>,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    locks::space(tx, unlocked.space_id).await?;
    locks::payer(tx, id).await?;
    let barred = locks::member(tx, unlocked.member).await?;
    locks::expire_holds(tx, &[unlocked.space_id]).await?;
    let booking = locks::booking(tx, id).await?;
    if booking.space_id != unlocked.space_id {
        return Err(Error::Contended);
    }
    let is_request = booking.status == Status::Pending;
    if is_request && !approval::may(tx, actor, id).await? {
        return Err(Error::NotFound);
    }
    if let Some(refusal) = refused(&booking, decision, how, barred) {
        return Ok(Err(refusal));
    }
    if is_request {
        note(tx, id, actor, how.note).await?;
    }
    let mail = match how.together {
        true => Mail::Together,
        false => Mail::told(how.tell && booking.during.until > now),
    };
    match (decision, booking.status) {
        (Decision::Accept, _) => {
            let unpaid = match is_request && !booking.charged {
                true => confirmation::unpaid(tx, id, booking.total).await?,
                false => None,
            };
            if let Some(Rule::PayFirst { missing }) = unpaid {
                return Ok(Err(Refusal::PayFirst { missing }));
            }
            if !confirmation::settle(tx, id, actor, mail).await? {
                let space = booking.space;
                return Ok(Err(Refusal::Taken { space }));
            }
        }
        (Decision::LetGo, Status::Held) => {
            let_go(tx, actor, &booking, Status::Expired, "").await?;
            waitlist::answered(tx, id, Because::Declined).await?;
        }
        (Decision::LetGo, _) => {
            let_go(tx, actor, &booking, Status::Declined, how.note).await?;
            approval::give_back(tx, &booking, Some(actor)).await?;
            mail.enqueue(tx, &Job::BookingDeclined { booking: id.get() })
                .await?;
        }
    }
    Ok(Ok(locks::booking(tx, id).await?))
}

/// Decides about all dates of a series that wait, in one step; the member hears of them in one mail.
pub async fn decide_series(
    tx: &mut PgConnection,
    actor: Id<Member>,
    series: &str,
    decision: Decision,
    how: How<'_>,
    now: DateTime<Utc>,
) -> Result<Result<Vec<Booking>, Refusal>> {
    let waiting = sqlx::query!(
        "select b.id, b.space_id, b.series_id from bookings b join series r on r.id = b.series_id
         where r.reference = $1 and b.status = 'pending' and b.hold_expires_at > now() order by lower(b.during), b.id",
        series
    )
    .fetch_all(&mut *tx)
    .await?;
    let spaces: Vec<Uuid> = waiting.iter().map(|one| one.space_id).collect();
    locks::spaces(tx, &spaces).await?;
    let how = How {
        version: None,
        together: true,
        ..how
    };
    let mut decided = Vec::new();
    for one in &waiting {
        match decide(tx, actor, one.id.into(), decision, how, now).await? {
            Ok(booking) => decided.push(booking),
            // Somebody else was faster with this one.
            Err(Refusal::Decided { .. } | Refusal::RunOut) => {}
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    let bookings: Vec<Uuid> = decided.iter().map(|booking| booking.id.get()).collect();
    if let Some(series) = waiting.first().and_then(|one| one.series_id)
        && !bookings.is_empty()
    {
        let job = Job::SeriesDecided { series, bookings };
        Mail::told(how.tell).enqueue(tx, &job).await?;
    }
    Ok(Ok(decided))
}

/// How many dates wait of the series that a booking is one of.
pub async fn waiting_of_series(db: &mut PgConnection, booking: Id<Booking>) -> Result<usize> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from bookings
           where series_id = (select series_id from bookings where id = $1)
             and status = 'pending' and hold_expires_at > now()"#,
        booking.get()
    )
    .fetch_one(db)
    .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

fn refused(booking: &Booking, decision: Decision, how: How<'_>, barred: bool) -> Option<Refusal> {
    match booking.status {
        Status::Held | Status::Pending => {}
        Status::Expired => return Some(Refusal::RunOut),
        status => {
            let status = status.label().to_lowercase();
            return Some(Refusal::Decided { status });
        }
    }
    if how.version.is_some_and(|seen| seen != booking.version) {
        return Some(Refusal::Stale);
    }
    if !booking.holds {
        return Some(Refusal::RunOut);
    }
    if booking.status == Status::Pending && decision == Decision::LetGo && how.note.is_empty() {
        return Some(Refusal::NoReason);
    }
    (barred && decision == Decision::Accept).then_some(Refusal::Barred)
}

pub(super) async fn note(
    tx: &mut PgConnection,
    id: Id<Booking>,
    by: Id<Member>,
    note: &str,
) -> Result<()> {
    sqlx::query!(
        "update bookings set decision_note = $3, decided_by = $2, decided_at = now() where id = $1",
        id.get(),
        by.get(),
        note
    )
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn let_go(
    tx: &mut PgConnection,
    actor: Id<Member>,
    booking: &Booking,
    to: Status,
    reason: &str,
) -> Result<()> {
    sqlx::query!(
        "update bookings
         set status = $2, hold_expires_at = null, version = version + 1, sequence = sequence + (status = 'pending')::int
         where id = $1",
        booking.id.get(),
        to.key()
    )
    .execute(&mut *tx)
    .await?;
    let verb = match to {
        Status::Declined => "decline",
        _ => "let go",
    };
    let detail = json!({"reference": booking.reference, "reason": reason});
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
