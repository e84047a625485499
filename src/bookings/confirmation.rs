//! Confirming a hold, making it longer, and what follows: the charge and the mail.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    availability::Offer,
    booking::{Booking, Status},
    locks,
    order::{CHECKOUT_MINUTES, is_overlap, sheet_of},
    refusal::Refusal,
    sheet::Asker,
    term::Wish,
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
    money::Money,
};

/// Confirms a member's hold, also late if the time is still free; confirming twice is once.
pub async fn confirm(
    tx: &mut PgConnection,
    member: Id<Member>,
    id: Id<Booking>,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = Booking::by_id(tx, id)
        .await?
        .filter(|booking| booking.member == member)
        .ok_or(Error::NotFound)?;
    locks::space(tx, unlocked.space_id).await?;
    let barred = locks::member(tx, member).await?;
    locks::expire_holds(tx, &[unlocked.space_id]).await?;
    let booking = locks::booking(tx, id).await?;
    match booking.status {
        Status::Confirmed | Status::CheckedIn => return Ok(Ok(booking)),
        Status::Held | Status::Expired => {}
        _ => return Ok(Err(Refusal::NotHeld)),
    }
    if barred {
        return Ok(Err(Refusal::Barred));
    }
    let anew = match standing_in_the_way(tx, member, &booking, now).await? {
        Ok(anew) => anew,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if anew.is_some() {
        days::forget(tx, id.get()).await?;
    }
    if !settle(tx, id, member).await? {
        return Ok(Err(Refusal::HoldLost {
            space: booking.space,
        }));
    }
    if let Some(offer) = anew {
        locks::expire_holds_of(tx, member).await?;
        days::draw(tx, id.get(), &offer.quote.draws).await?;
    }
    Ok(Ok(locks::booking(tx, id).await?))
}

/// A live hold keeps its time whatever the rules say meanwhile, but for the member's own limit; one
/// that has run out is checked like a new wish, and answered with what it takes now.
async fn standing_in_the_way(
    tx: &mut PgConnection,
    member: Id<Member>,
    booking: &Booking,
    now: DateTime<Utc>,
) -> Result<Result<Option<Offer>, Refusal>> {
    let wish = Wish {
        term: booking.term,
        people: booking.people,
        layout: booking.layout,
    };
    let sheet = sheet_of(
        tx,
        booking.space_id.into(),
        &wish,
        &Asker::member(member),
        now,
    )
    .await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(Err(Refusal::NoSuchSpace));
    };
    Ok(match sheet.check(space, &wish) {
        Err(limit @ Refusal::TooManyAtOnce { .. }) => Err(limit),
        _ if booking.holds => Ok(None),
        Err(taken) if taken.is_taken() => Err(Refusal::HoldLost {
            space: booking.space.clone(),
        }),
        Err(rule) => Err(rule),
        Ok(offer) if offer.quote.total != booking.total => Err(Refusal::PriceChanged {
            now: offer.quote.total.to_string(),
        }),
        Ok(offer) => Ok(Some(offer)),
    })
}

/// Makes a hold firm: the charge, the mail and the audit line with it. False when the time is taken.
pub async fn settle(tx: &mut PgConnection, id: Id<Booking>, member: Id<Member>) -> Result<bool> {
    let confirmed = sqlx::query!(
        "update bookings set status = 'confirmed', confirmed_at = now(), hold_expires_at = null,
                created_by = coalesce(created_by, $2), version = version + 1
         where id = $1
         returning account_id, total_cents, reference",
        id.get(),
        member.get()
    )
    .fetch_one(&mut *tx)
    .await;
    if is_overlap(&confirmed) {
        return Ok(false);
    }
    let booking = confirmed?;
    sqlx::query!(
        "update occupancies set held_until = null where booking_id = $1",
        id.get()
    )
    .execute(&mut *tx)
    .await?;
    let total = Money::cents(booking.total_cents);
    let description = format!("Booking {}", booking.reference);
    if !total.is_zero() {
        Account::enter(
            tx,
            booking.account_id.into(),
            Cause::Booking(id.get()),
            Entry::Charge,
            total,
            &description,
            Some(member),
        )
        .await?;
    }
    jobs::enqueue(tx, &Job::BookingConfirmed { booking: id.get() }).await?;
    audit::record(
        tx,
        Some(member.get()),
        "confirm",
        "bookings",
        id.get(),
        json!({"reference": booking.reference}),
    )
    .await?;
    Ok(true)
}

/// The link in the mail: whoever opens it is the member, and the hold was theirs.
pub async fn confirm_proven(
    tx: &mut PgConnection,
    member: Id<Member>,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<Result<String, Refusal>> {
    Ok(confirm(tx, member, booking.into(), now)
        .await?
        .map(|booking| booking.reference))
}

/// Gives a checkout its minutes once more, from now on.
pub async fn extend_hold(
    tx: &mut PgConnection,
    member: Id<Member>,
    id: Id<Booking>,
) -> Result<Result<(), Refusal>> {
    let unlocked = Booking::by_id(tx, id)
        .await?
        .filter(|booking| booking.member == member)
        .ok_or(Error::NotFound)?;
    locks::space(tx, unlocked.space_id).await?;
    let booking = locks::booking(tx, id).await?;
    if !booking.holds {
        return Ok(Err(Refusal::NotHeld));
    }
    if booking.first_refusal {
        return Ok(Err(Refusal::HoldIsFixed));
    }
    if booking.hold_extended {
        return Ok(Err(Refusal::HoldExtended));
    }
    sqlx::query!(
        "with longer as (
             update bookings set hold_expires_at = now() + make_interval(mins => $2), hold_extended = true, version = version + 1
             where id = $1 returning id, hold_expires_at)
         update occupancies o set held_until = longer.hold_expires_at from longer where o.booking_id = longer.id",
        id.get(),
        CHECKOUT_MINUTES as i32
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"reference": booking.reference});
    audit::record(
        tx,
        Some(member.get()),
        "extend hold",
        "bookings",
        id.get(),
        detail,
    )
    .await?;
    Ok(Ok(()))
}
