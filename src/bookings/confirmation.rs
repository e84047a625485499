//! Confirming a hold, making it longer, and what follows: the charge and the mail.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, postgres::types::PgRange, types::Json};
use uuid::Uuid;

use super::{
    approval,
    booking::{Booking, Price, Status},
    extras::{ordered, shelf},
    leave::Leave,
    locks,
    order::{CHECKOUT_MINUTES, is_overlap, sheet_of},
    refusal::Refusal,
    sheet::{Asker, Sheet},
    term::Wish,
    waitlist,
};
use crate::{
    audit,
    billing::{
        account::{Account, Cause, Entry},
        pass::days,
        payment,
        quote::Quote,
    },
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::member::Member,
    money::Money,
    spaces::space::{Audience, Space},
};

/// When the mail about it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mail {
    AtOnce,
    /// So much later that staff can undo what they did, and nobody hears of it.
    AfterUndo,
    Never,
    /// Left to whoever tells of several at once, to whoever may approve them too.
    Together,
}

impl Mail {
    /// Whether staff chose to tell the person.
    pub fn told(tell: bool) -> Mail {
        if tell { Mail::AfterUndo } else { Mail::Never }
    }

    pub async fn enqueue(self, tx: &mut PgConnection, job: &Job) -> Result<()> {
        match self {
            Mail::AtOnce => jobs::enqueue(tx, job).await?,
            Mail::AfterUndo => jobs::enqueue_after(tx, job, jobs::UNDO).await?,
            Mail::Never | Mail::Together => {}
        }
        Ok(())
    }
}

/// Confirms a member's hold, or one that was made for a colleague, also late if the time is still free; confirming twice is once. `shown` is the
/// price that the person saw, where that need not be the hold's own; another one is not charged unseen.
pub async fn confirm(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Booking>,
    shown: Option<Money>,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = checked_out_by(tx, by, id).await?;
    let member = unlocked.member;
    locks::space(tx, unlocked.space_id).await?;
    locks::payer(tx, id).await?;
    let barred = locks::member(tx, member).await?;
    locks::expire_holds(tx, &[unlocked.space_id]).await?;
    let booking = locks::booking(tx, id).await?;
    match booking.status {
        Status::Confirmed | Status::CheckedIn | Status::Pending => return Ok(Ok(booking)),
        Status::Held => {}
        // What was asked for and not granted in time is asked for anew.
        Status::Expired if booking.charged => return Ok(Err(Refusal::NotHeld)),
        Status::Expired => {}
        _ => return Ok(Err(Refusal::NotHeld)),
    }
    if barred {
        return Ok(Err(Refusal::Barred));
    }
    let anew = match quoted_anew(tx, &booking, now).await? {
        Ok(anew) => anew,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let total = anew.as_ref().map_or(booking.total, |quote| quote.total);
    if total != shown.unwrap_or(booking.total) {
        let now = total.to_string();
        return Ok(Err(Refusal::PriceChanged { now }));
    }
    if let Some(refusal) = unpaid(tx, id, total).await? {
        return Ok(Err(refusal));
    }
    if let Some(quote) = &anew {
        days::forget(tx, id.get()).await?;
        reprice(tx, id, quote).await?;
    }
    let firm = approval::firm_or_ask(tx, id, by, Mail::AtOnce, now).await?;
    if let Err(refusal) = firm {
        return Ok(Err(refusal));
    }
    if let Some(quote) = anew {
        locks::expire_holds_of(tx, member).await?;
        days::draw(tx, id.get(), &quote.draws).await?;
    }
    Ok(Ok(locks::booking(tx, id).await?))
}

/// One's own hold, or the one that one made for a colleague and may still make.
async fn checked_out_by(tx: &mut PgConnection, by: Id<Member>, id: Id<Booking>) -> Result<Booking> {
    let booking = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    let is_theirs =
        booking.member == by || booking.created_by == Some(by) && booking.is_run_by(tx, by).await?;
    is_theirs.then_some(booking).ok_or(Error::NotFound)
}

/// The reference of what the same member holds or has booked in the place of a hold that was lost, as
/// when they went back and booked again.
pub async fn taken_by_oneself(db: &mut PgConnection, lost: &Booking) -> Result<Option<String>> {
    let reference = sqlx::query_scalar!(
        "select reference from bookings
         where member_id = $1 and space_id = $2 and during && $3 and id <> $4
           and (status = 'held' and hold_expires_at > now() or status in ('confirmed', 'checked_in'))
         order by created_at desc limit 1",
        lost.member.get(),
        lost.space_id,
        PgRange::from(lost.during),
        lost.id.get()
    )
    .fetch_optional(db)
    .await?;
    Ok(reference)
}

/// What an account that pays first still has to pay before a hold is its own.
pub async fn unpaid(
    tx: &mut PgConnection,
    id: Id<Booking>,
    total: Money,
) -> Result<Option<Refusal>> {
    let account = sqlx::query_scalar!("select account_id from bookings where id = $1", id.get())
        .fetch_one(&mut *tx)
        .await?;
    let missing = payment::missing(tx, account.into(), Some(id.get()), total, Money::ZERO).await?;
    Ok(missing.map(|missing| Refusal::PayFirst {
        missing: missing.to_string(),
    }))
}

/// A hold as confirming it would make it now: one that somebody typed the member's address for costs what
/// their passes leave of it, which nobody is told but whoever reads their mail.
pub async fn foreseen(
    db: &mut PgConnection,
    booking: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Booking>> {
    let Some(booking) = Booking::by_id(db, booking.into()).await? else {
        return Ok(None);
    };
    if !matches!(booking.status, Status::Held | Status::Expired) {
        return Ok(Some(booking));
    }
    Ok(Some(match quoted_anew(db, &booking, now).await? {
        Ok(Some(quote)) => booking.priced(&quote),
        Ok(None) | Err(_) => booking,
    }))
}

/// A live hold keeps its time and price whatever the rules say meanwhile, but for the limits of whoever made it,
/// and for their passes where it was not known that it is theirs. One that has run out is checked like a
/// new wish, and answered with what it costs now.
async fn quoted_anew(
    tx: &mut PgConnection,
    booking: &Booking,
    now: DateTime<Utc>,
) -> Result<Result<Option<Quote>, Refusal>> {
    let wish = Wish {
        term: booking.term,
        people: booking.people,
        layout: booking.layout,
    };
    // What the front desk holds for them in a hidden space is theirs to confirm while it holds.
    let audience = Audience::of(booking.holds);
    let sheet = sheet_of(
        tx,
        (booking.space_id.into(), audience),
        &wish,
        &Asker::confirming(booking),
        now,
    )
    .await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(Err(Refusal::NoSuchSpace));
    };
    // What the front desk holds was within them, or there is a reason why not.
    let by_the_desk = made_by_staff(tx, booking).await?;
    if !by_the_desk && let Err(limit) = sheet.still_within(space, (&booking.term, booking.during)) {
        return Ok(Err(limit));
    }
    let mut offer = match sheet.check(space, &wish) {
        _ if booking.holds => return Ok(Ok(covered(&sheet, space, booking))),
        Err(taken) if taken.is_taken() => {
            let space = booking.space.clone();
            return Ok(Err(Refusal::HoldLost { space }));
        }
        Err(rule) => return Ok(Err(rule)),
        Ok(offer) => offer,
    };
    let picks = ordered::carried(booking, booking.people, |_| true);
    let having = (Some(booking.id), &mut Leave::default());
    let added = shelf::order(tx, (&sheet, space), &wish, &offer, &picks, having).await?;
    Ok(added.map(|added| {
        added.onto(&mut offer);
        Some(offer.quote)
    }))
}

async fn made_by_staff(db: &mut PgConnection, booking: &Booking) -> Result<bool> {
    let by = booking.created_by.filter(|by| *by != booking.member);
    let by_staff = sqlx::query_scalar!(
        r#"select exists (select from staff where member_id = $1) as "is!""#,
        by.map(Id::get)
    )
    .fetch_one(db)
    .await?;
    Ok(by_staff)
}

/// What passes leave to be paid of a hold that was made before its member was known.
fn covered(sheet: &Sheet, space: &Space, booking: &Booking) -> Option<Quote> {
    let mut quote = sheet.price(space, &booking.term).ok()?;
    quote.add(&booking.price.extras);
    let is_theirs_now = booking.created_by.is_none() && !quote.draws.is_empty();
    (is_theirs_now && quote.total < booking.total).then_some(quote)
}

async fn reprice(tx: &mut PgConnection, id: Id<Booking>, quote: &Quote) -> Result<()> {
    sqlx::query!(
        "update bookings set price = $2, total_cents = $3, vat_cents = $4 where id = $1",
        id.get(),
        Json(Price::from(quote)) as _,
        quote.total.in_cents(),
        quote.vat.in_cents()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Makes a hold or a request firm: the charge, unless that stands, the mail and the audit line with it. False when the time is taken.
/// `by` is whoever confirms it, the member or staff.
pub async fn settle(
    tx: &mut PgConnection,
    id: Id<Booking>,
    by: Id<Member>,
    mail: Mail,
) -> Result<bool> {
    let confirmed = sqlx::query!(
        r#"update bookings b
           set status = 'confirmed', confirmed_at = coalesce(b.confirmed_at, now()), hold_expires_at = null,
               created_by = coalesce(b.created_by, $2), version = b.version + 1,
               sequence = b.sequence + (b.status = 'pending')::int
           from (select confirmed_at is not null as charged from bookings where id = $1) was
           where b.id = $1
           returning b.account_id, b.total_cents, b.reference, was.charged as "charged!""#,
        id.get(),
        by.get()
    )
    .fetch_one(&mut *tx)
    .await;
    if is_overlap(&confirmed) || ordered::is_oversold(&confirmed) {
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
    if !total.is_zero() && !booking.charged {
        Account::enter(
            tx,
            booking.account_id.into(),
            Cause::Booking(id.get()),
            Entry::Charge,
            total,
            &description,
            Some(by),
        )
        .await?;
    }
    waitlist::booked(tx, id).await?;
    approval::decline_rivals(tx, id, by).await?;
    mail.enqueue(tx, &Job::BookingConfirmed { booking: id.get() })
        .await?;
    audit::record(
        tx,
        Some(by.get()),
        "confirm",
        "bookings",
        id.get(),
        json!({"reference": booking.reference, "total_cents": total}),
    )
    .await?;
    Ok(true)
}

/// The link in the mail: whoever opens it is the member, and the hold was theirs.
pub async fn confirm_proven(
    tx: &mut PgConnection,
    member: Id<Member>,
    booking: Uuid,
    shown: Option<Money>,
    now: DateTime<Utc>,
) -> Result<Result<String, Refusal>> {
    Ok(confirm(tx, member, booking.into(), shown, now)
        .await?
        .map(|booking| booking.reference))
}

/// Gives a checkout its minutes once more, from now on.
pub async fn extend_hold(
    tx: &mut PgConnection,
    member: Id<Member>,
    id: Id<Booking>,
) -> Result<Result<(), Refusal>> {
    let unlocked = checked_out_by(tx, member, id).await?;
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
