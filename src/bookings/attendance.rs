//! Who has come, who has left before the end, and who did not come: as the front desk ticks it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;

use super::{
    booking::{Booking, Status},
    locks,
    order::is_overlap,
    term::Term,
};
use crate::{audit, error::Result, id::Id, members::member::Member};

/// What the front desk ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Arrive,
    /// What is left of the time is free at once.
    Leave,
    /// Nobody came; what is left of the time is free at once.
    Miss,
    /// Takes the last of these back.
    Undo,
}

impl Mark {
    pub fn named(key: &str) -> Option<Mark> {
        Some(match key {
            "arrive" => Mark::Arrive,
            "leave" => Mark::Leave,
            "miss" => Mark::Miss,
            "undo" => Mark::Undo,
            _ => return None,
        })
    }

    /// Ticked twice is ticked once.
    fn is_done(self, booking: &Booking) -> bool {
        match self {
            Mark::Arrive => booking.status == Status::CheckedIn,
            Mark::Leave => booking.left_at.is_some(),
            Mark::Miss => booking.status == Status::NoShow,
            Mark::Undo => booking.status == Status::Confirmed,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error(
        "Somebody changed this booking a moment ago. Look at it as it is now, then choose again."
    )]
    Stale,
    #[error("This booking is not confirmed, so nobody is expected yet. Confirm it first.")]
    NotConfirmed,
    #[error("This booking is for {when}. Somebody can arrive on its own days only.")]
    OtherDay { when: String },
    #[error(
        "This booking is over. Write what happened into its notes; whoever stayed past the end can be charged on its page."
    )]
    Over,
    #[error("This booking has not begun. Move or cancel it instead.")]
    NotBegun,
    #[error("Nobody has arrived for this booking. Tick that first.")]
    NotHere,
    #[error("They are here. Take that back first, if it is wrong.")]
    IsHere,
    #[error("There is nothing to take back: nobody was ticked as here, gone or missing.")]
    NothingToUndo,
    #[error("{space} has been given to somebody else since. Find another space for them.")]
    TimeGiven { space: String },
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Stale => "stale",
            Refusal::NotConfirmed => "not-confirmed",
            Refusal::OtherDay { .. } => "other-day",
            Refusal::Over => "over",
            Refusal::NotBegun => "not-begun",
            Refusal::NotHere => "not-here",
            Refusal::IsHere => "is-here",
            Refusal::NothingToUndo => "nothing-to-undo",
            Refusal::TimeGiven { .. } => "taken",
        }
    }
}

/// Ticks a booking. `version` is the one that was looked at; a booking that has changed since is refused.
pub async fn mark(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    mark: Mark,
    version: Option<i32>,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let booking = locks::booking_and_space(tx, id).await?;
    if mark.is_done(&booking) {
        return Ok(Ok(booking));
    }
    if version.is_some_and(|seen| seen != booking.version) {
        return Ok(Err(Refusal::Stale));
    }
    let done = match mark {
        Mark::Arrive => arrive(tx, actor, &booking, now).await?,
        Mark::Leave => leave(tx, actor, &booking, now).await?,
        Mark::Miss => miss(tx, Some(actor), &booking, now).await?,
        Mark::Undo => undo(tx, &booking).await?,
    };
    let verb = match done {
        Ok(verb) => verb,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let marked = locks::booking(tx, id).await?;
    let detail = json!({"reference": booking.reference, "before": booking.status.key(), "after": marked.status.key()});
    audit::record(tx, Some(actor.get()), verb, "bookings", id.get(), detail).await?;
    Ok(Ok(marked))
}

/// Whoever was marked as missing and comes after all has their time again, if nobody else has it.
async fn arrive(
    tx: &mut PgConnection,
    actor: Id<Member>,
    booking: &Booking,
    now: DateTime<Utc>,
) -> Result<Result<&'static str, Refusal>> {
    match booking.status {
        Status::Confirmed => {}
        Status::NoShow => {
            if !give_back(tx, booking).await? {
                return Ok(Err(taken(booking)));
            }
        }
        Status::Completed => return Ok(Err(Refusal::Over)),
        _ => return Ok(Err(Refusal::NotConfirmed)),
    }
    if now >= booking.during.until {
        return Ok(Err(Refusal::Over));
    }
    if booking.zone.date(now) < booking.zone.date(booking.during.from) {
        let when = booking.when(now);
        return Ok(Err(Refusal::OtherDay { when }));
    }
    sqlx::query!(
        "update bookings set status = 'checked_in', arrived_at = $2, arrived_by = $3,
                             missed_at = null, missed_by = null, version = version + 1
         where id = $1",
        booking.id.get(),
        now,
        actor.get()
    )
    .execute(tx)
    .await?;
    Ok(Ok("arrive"))
}

async fn leave(
    tx: &mut PgConnection,
    actor: Id<Member>,
    booking: &Booking,
    now: DateTime<Utc>,
) -> Result<Result<&'static str, Refusal>> {
    if booking.status != Status::CheckedIn {
        return Ok(Err(Refusal::NotHere));
    }
    if now <= booking.during.from {
        return Ok(Err(Refusal::NotBegun));
    }
    if now >= booking.during.until {
        return Ok(Err(Refusal::Over));
    }
    vacate(tx, Some(actor), booking, Status::Completed, now).await?;
    Ok(Ok("leave"))
}

/// `actor` is nobody where the house itself releases it.
pub(super) async fn miss(
    tx: &mut PgConnection,
    actor: Option<Id<Member>>,
    booking: &Booking,
    now: DateTime<Utc>,
) -> Result<Result<&'static str, Refusal>> {
    match booking.status {
        Status::Confirmed => {}
        Status::CheckedIn => return Ok(Err(Refusal::IsHere)),
        Status::Completed => return Ok(Err(Refusal::Over)),
        _ => return Ok(Err(Refusal::NotConfirmed)),
    }
    if now <= booking.during.from {
        return Ok(Err(Refusal::NotBegun));
    }
    vacate(tx, actor, booking, Status::NoShow, now).await?;
    Ok(Ok("miss"))
}

/// Nobody is here any more: they have left, or never came.
async fn vacate(
    tx: &mut PgConnection,
    actor: Option<Id<Member>>,
    booking: &Booking,
    status: Status,
    now: DateTime<Utc>,
) -> Result<()> {
    free_from(tx, booking, now).await?;
    sqlx::query!(
        "update bookings
         set status = $2, left_at = case $2 when 'completed' then $3::timestamptz end,
             left_by = case $2 when 'completed' then $4::uuid end,
             missed_at = case $2 when 'no_show' then $3 end,
             missed_by = case $2 when 'no_show' then $4 end, version = version + 1
         where id = $1",
        booking.id.get(),
        status.key(),
        now,
        actor.map(Id::get)
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn undo(tx: &mut PgConnection, booking: &Booking) -> Result<Result<&'static str, Refusal>> {
    let (before, verb) = match booking.status {
        Status::CheckedIn => ("confirmed", "undo arrive"),
        Status::NoShow => ("confirmed", "undo miss"),
        Status::Completed if booking.left_at.is_some() => ("checked_in", "undo leave"),
        _ => return Ok(Err(Refusal::NothingToUndo)),
    };
    if booking.status != Status::CheckedIn && !give_back(tx, booking).await? {
        return Ok(Err(taken(booking)));
    }
    sqlx::query!(
        "update bookings
         set status = $2, left_at = null, left_by = null, missed_at = null, missed_by = null,
             -- What was given back to them is not released again.
             kept_until = case when status = 'no_show' then upper(during) else kept_until end,
             arrived_at = case $2 when 'checked_in' then arrived_at end,
             arrived_by = case $2 when 'checked_in' then arrived_by end, version = version + 1
         where id = $1",
        booking.id.get(),
        before
    )
    .execute(tx)
    .await?;
    Ok(Ok(verb))
}

/// Frees what is left of the time, but for the turnaround that the booking was made with.
async fn free_from(tx: &mut PgConnection, booking: &Booking, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update occupancies
         set during = tstzrange(lower(during), $2),
             occupies = tstzrange(lower(occupies), $2 + (upper(occupies) - upper(during)))
         where booking_id = $1 and lower(during) < $2 and upper(during) > $2",
        booking.id.get(),
        now
    )
    .execute(&mut *tx)
    .await?;
    if is_of_one_day(booking) {
        sqlx::query!(
            "update pass_days set during = tstzrange(lower(during), $2)
             where booking_id = $1 and lower(during) < $2 and upper(during) > $2",
            booking.id.get(),
            now
        )
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// The whole time again; false if somebody else has a part of it by now.
async fn give_back(tx: &mut PgConnection, booking: &Booking) -> Result<bool> {
    locks::expire_holds(tx, &[booking.space_id]).await?;
    let again = sqlx::query!(
        "update occupancies o
         set during = b.during,
             occupies = tstzrange(lower(o.occupies), upper(b.during) + (upper(o.occupies) - upper(o.during)))
         from bookings b where b.id = o.booking_id and b.id = $1",
        booking.id.get()
    )
    .execute(&mut *tx)
    .await;
    if is_overlap(&again) {
        return Ok(false);
    }
    again?;
    if !is_of_one_day(booking) {
        return Ok(true);
    }
    let days = sqlx::query!(
        "update pass_days d set during = tstzrange(lower(d.during), upper(b.during))
         from bookings b where b.id = d.booking_id and b.id = $1",
        booking.id.get()
    )
    .execute(tx)
    .await;
    if is_overlap(&days) {
        return Ok(false);
    }
    days?;
    Ok(true)
}

fn is_of_one_day(booking: &Booking) -> bool {
    match booking.term {
        Term::Time(_) => true,
        Term::Days { first, last } => first == last,
        Term::Let(_) => false,
    }
}

fn taken(booking: &Booking) -> Refusal {
    Refusal::TimeGiven {
        space: booking.space.clone(),
    }
}

/// Whoever was here when their time ended has been here: nobody has to tick that. One that is being
/// changed at this moment is left for the next time.
pub async fn complete_ended(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    let ended = sqlx::query!(
        "update bookings set status = 'completed', version = version + 1
         where id in (select id from bookings where status = 'checked_in' and upper(during) <= $1
                      order by id for no key update skip locked)
         returning id, reference",
        now
    )
    .fetch_all(&mut *tx)
    .await?;
    for booking in ended {
        let detail =
            json!({"reference": booking.reference, "before": "checked_in", "after": "completed"});
        audit::record(tx, None, "complete", "bookings", booking.id, detail).await?;
    }
    Ok(())
}
