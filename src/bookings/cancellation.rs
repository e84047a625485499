//! Cancelling: the time is free and the money settled in the same transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    booking::{Booking, Consequence, Status},
    locks,
    refusal::Refusal,
};
use crate::{
    audit,
    billing::{
        account::{Account, Cause, Entry},
        pass::days,
    },
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

/// A member cancels their own booking, or an admin one that their company pays for; doing it twice is once. `shown` is the consequence they were
/// shown, and a worse one is not carried out unseen.
pub async fn cancel(
    tx: &mut PgConnection,
    member: Id<Member>,
    id: Id<Booking>,
    note: &str,
    shown: Option<Consequence>,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if !unlocked.is_run_by(tx, member).await? {
        return Err(Error::NotFound);
    }
    locks::space(tx, unlocked.space_id).await?;
    let booking = locks::booking(tx, id).await?;
    if matches!(booking.status, Status::Cancelled | Status::Expired) {
        return Ok(Ok(booking));
    }
    if !booking.can_be_cancelled(now) {
        return Ok(Err(Refusal::Begun));
    }
    let consequence = booking.consequence_at(now);
    if shown.is_some_and(|shown| consequence.is_worse_than(shown)) {
        return Ok(Err(Refusal::ConsequenceChanged {
            kept: consequence.to_string(),
        }));
    }
    let kept = consequence.kept;
    if consequence.days > 0 {
        days::keep_late(tx, id.get(), booking.cancellation.free_minutes(), now).await?;
    }
    let account = sqlx::query_scalar!(
        "update bookings
         set status = 'cancelled', cancelled_at = now(), cancelled_by = $2, cancellation_reason = 'member',
             cancellation_note = $3, kept_cents = $4, hold_expires_at = null, sequence = sequence + 1, version = version + 1
         where id = $1 returning account_id",
        id.get(),
        member.get(),
        note,
        kept.in_cents()
    )
    .fetch_one(&mut *tx)
    .await?;
    if booking.status != Status::Held {
        let back = booking.total - kept;
        if !back.is_zero() {
            let description = format!("Booking {} cancelled", booking.reference);
            Account::enter(
                tx,
                account.into(),
                Cause::Booking(id.get()),
                Entry::Credit,
                back,
                &description,
                Some(member),
            )
            .await?;
        }
        jobs::enqueue(
            tx,
            &Job::BookingCancelled {
                booking: id.get(),
                sequence: booking.sequence + 1,
            },
        )
        .await?;
    }
    let detail = json!({"reference": booking.reference, "kept_cents": kept, "note": note});
    audit::record(
        tx,
        Some(member.get()),
        "cancel",
        "bookings",
        id.get(),
        detail,
    )
    .await?;
    Ok(Ok(locks::booking(tx, id).await?))
}

/// Cancels as our fault, though it may have begun: nothing is kept, and days of passes go back. `note` is what
/// it was for. False when it has ended already. Who is told of it, and how, is for whoever calls.
pub async fn for_us(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Booking>,
    note: &str,
) -> Result<bool> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    locks::space(tx, unlocked.space_id).await?;
    let booking = locks::booking(tx, id).await?;
    if !booking.is_live() {
        return Ok(false);
    }
    let account = sqlx::query_scalar!(
        "update bookings
         set status = 'cancelled', cancelled_at = now(), cancelled_by = $2, cancellation_reason = 'us',
             cancellation_note = $3, kept_cents = 0, hold_expires_at = null, sequence = sequence + 1, version = version + 1
         where id = $1 returning account_id",
        id.get(),
        by.get(),
        note
    )
    .fetch_one(&mut *tx)
    .await?;
    if booking.charged && !booking.total.is_zero() {
        let description = format!("Booking {} cancelled by us", booking.reference);
        Account::enter(
            tx,
            account.into(),
            Cause::Booking(id.get()),
            Entry::Credit,
            booking.total,
            &description,
            Some(by),
        )
        .await?;
    }
    let detail = json!({
        "reference": booking.reference, "note": note, "kept_cents": 0,
        "before": {"status": booking.status}, "after": {"status": Status::Cancelled, "reason": "us"},
    });
    audit::record(tx, Some(by.get()), "cancel", "bookings", id.get(), detail).await?;
    Ok(true)
}
