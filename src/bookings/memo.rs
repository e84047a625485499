//! What staff note about a booking: its title, whom to call on the day, and words for the team alone.

use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;

use super::{booking::Booking, locks};
use crate::{audit, error::Result, id::Id, members::member::Member};

#[derive(Clone, Debug, PartialEq)]
pub struct Memo {
    pub title: String,
    /// Nobody but staff reads it.
    pub memo: String,
    pub contact_name: String,
    /// E.164.
    pub contact_phone: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Error)]
#[error("Somebody changed this booking a moment ago. Look at what is there now, then save again.")]
pub struct Stale;

pub async fn of(db: &mut PgConnection, id: Id<Booking>) -> Result<String> {
    let memo = sqlx::query_scalar!("select memo from bookings where id = $1", id.get())
        .fetch_one(db)
        .await?;
    Ok(memo)
}

/// Writes all of it; `version` is of the booking that was looked at.
pub async fn write(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    wanted: &Memo,
    version: Option<i32>,
) -> Result<Result<(), Stale>> {
    let booking = locks::booking_and_space(tx, id).await?;
    if version.is_some_and(|seen| seen != booking.version) {
        return Ok(Err(Stale));
    }
    let before = of(tx, id).await?;
    sqlx::query!(
        "update bookings set title = $2, memo = $3, contact_name = $4, contact_phone = $5, version = version + 1
         where id = $1",
        id.get(),
        wanted.title,
        wanted.memo,
        wanted.contact_name,
        wanted.contact_phone
    )
    .execute(&mut *tx)
    .await?;
    // The audit trail is for ever, so it says what was changed and not what was written.
    let changed = [
        ("title", booking.title != wanted.title),
        ("notes", before != wanted.memo),
        (
            "contact",
            booking.contact_name != wanted.contact_name
                || booking.contact_phone != wanted.contact_phone,
        ),
    ];
    let changed: Vec<&str> = (changed.iter().filter(|(_, is)| *is))
        .map(|(name, _)| *name)
        .collect();
    let detail = json!({"reference": booking.reference, "changed": changed});
    audit::record(tx, Some(actor.get()), "note", "bookings", id.get(), detail).await?;
    Ok(Ok(()))
}
