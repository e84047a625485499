//! Cancelling: the time is free and the money settled in the same transaction.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;

use super::{
    booking::{Booking, Consequence, Status},
    locks,
    refusal::Refusal,
    undo::{self, By, Kept, Kind},
    waitlist::{self, Because},
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
    match cancel_untold(tx, member, id, note, shown, now).await? {
        Ok((booking, mail)) => {
            if let Some(mail) = mail {
                jobs::enqueue(tx, &mail).await?;
            }
            Ok(Ok(booking))
        }
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// The same without its mail, which is left to whoever tells of several at once; none where nothing was firm.
pub(super) async fn cancel_untold(
    tx: &mut PgConnection,
    member: Id<Member>,
    id: Id<Booking>,
    note: &str,
    shown: Option<Consequence>,
    now: DateTime<Utc>,
) -> Result<Result<(Booking, Option<Job>), Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if !unlocked.is_run_by(tx, member).await? {
        return Err(Error::NotFound);
    }
    locks::space(tx, unlocked.space_id).await?;
    let booking = locks::booking(tx, id).await?;
    if matches!(booking.status, Status::Cancelled | Status::Expired) {
        return Ok(Ok((booking, None)));
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
    let how = Ending {
        actor: member,
        reason: Reason::Member,
        note,
        kept: consequence.kept,
        late_at: (consequence.days > 0).then_some(now),
    };
    let was_firm = end(tx, &booking, &how).await?.is_some();
    let mail = was_firm.then(|| told(&booking));
    Ok(Ok((locks::booking(tx, id).await?, mail)))
}

/// Staff cancel any booking that is not over; the member hears of it two minutes later if they are told.
pub async fn cancel_by_staff(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    how: &ByStaff,
    now: DateTime<Utc>,
) -> Result<Result<Booking, StaffRefusal>> {
    let booking = locks::booking_and_space(tx, id).await?;
    if booking.status == Status::Cancelled {
        return Ok(Ok(booking));
    }
    if how.version.is_some_and(|seen| seen != booking.version) {
        return Ok(Err(StaffRefusal::Stale));
    }
    if !booking.is_live() || booking.has_run_out() {
        let status = booking.status.label().to_lowercase();
        return Ok(Err(StaffRefusal::Over { status }));
    }
    let by_policy = how.reason == Reason::Member && !how.in_full;
    let waives = how.reason == Reason::Member && how.in_full;
    if waives && how.note.is_empty() && booking.kept_at(now) > Money::ZERO {
        return Ok(Err(StaffRefusal::NoReason));
    }
    let kept = match by_policy {
        true => booking.kept_at(now),
        false => Money::ZERO,
    };
    if how.shown.is_some_and(|shown| by_policy && kept > shown) {
        return Ok(Err(StaffRefusal::KeptChanged { kept }));
    }
    let before = Kept::of(tx, id).await?;
    let ending = Ending {
        actor,
        reason: how.reason,
        note: &how.note,
        kept,
        late_at: (by_policy && booking.consequence_at(now).days > 0).then_some(now),
    };
    let credited = end(tx, &booking, &ending).await?;
    let cancelled = locks::booking(tx, id).await?;
    let effect = -credited.unwrap_or_default();
    let change = undo::keep(tx, before, Kind::Cancel, actor, &cancelled, effect).await?;
    if how.tell && credited.is_some() {
        undo::tell(tx, change, &told(&booking)).await?;
    }
    Ok(Ok(cancelled))
}

/// Why a booking ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Member,
    /// Ours to answer for: nothing is kept.
    Us,
    /// Nothing is kept either (Consumer Protection Act, section 17 (5)).
    HospitalisationOrDeath,
}

impl Reason {
    pub const ALL: [Reason; 3] = [Reason::Member, Reason::Us, Reason::HospitalisationOrDeath];

    /// As the database and the API have it.
    pub fn key(self) -> &'static str {
        match self {
            Reason::Member => "member",
            Reason::Us => "us",
            Reason::HospitalisationOrDeath => "hospitalisation_or_death",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Reason::Member => "They asked for it",
            Reason::Us => "Our fault: all of it goes back",
            Reason::HospitalisationOrDeath => "Hospital or death: all of it goes back",
        }
    }

    pub fn named(key: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.key() == key)
    }
}

/// How staff cancel.
#[derive(Clone, Debug)]
pub struct ByStaff {
    pub reason: Reason,
    /// Nothing is kept although the terms would keep a part.
    pub in_full: bool,
    /// What would be kept as it was shown; more is not kept unseen.
    pub shown: Option<Money>,
    pub note: String,
    pub tell: bool,
    /// Of the booking that was looked at.
    pub version: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum StaffRefusal {
    #[error("Somebody changed this booking a moment ago. This is what is there now.")]
    Stale,
    #[error("This booking is {status}: there is nothing left to cancel.")]
    Over { status: String },
    #[error(
        "By its terms {kept} is kept by now. Cancel again to accept that, or give all of it back."
    )]
    KeptChanged { kept: Money },
    #[error("Say in a few words why nothing is kept all the same.")]
    NoReason,
}

impl StaffRefusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            StaffRefusal::Stale => "stale",
            StaffRefusal::Over { .. } => "over",
            StaffRefusal::KeptChanged { .. } => "consequence-changed",
            StaffRefusal::NoReason => "no-reason",
        }
    }
}

fn told(booking: &Booking) -> Job {
    Job::BookingCancelled {
        booking: booking.id.get(),
        sequence: booking.sequence + 1,
    }
}

struct Ending<'a> {
    actor: Id<Member>,
    reason: Reason,
    note: &'a str,
    kept: Money,
    /// When it is, where days of passes are cancelled too late by now: they stay drawn.
    late_at: Option<DateTime<Utc>>,
}

/// Ends a locked booking: what goes back to its account, or `None` for one that was never firm.
async fn end(tx: &mut PgConnection, booking: &Booking, how: &Ending<'_>) -> Result<Option<Money>> {
    let (id, kept) = (booking.id, how.kept);
    if let Some(now) = how.late_at {
        days::keep_late(tx, id.get(), booking.cancellation.free_minutes(), now).await?;
    }
    let account = sqlx::query_scalar!(
        "update bookings
         set status = 'cancelled', cancelled_at = now(), cancelled_by = $2, cancellation_reason = $5,
             cancellation_note = $3, kept_cents = $4, hold_expires_at = null, sequence = sequence + 1, version = version + 1
         where id = $1 returning account_id",
        id.get(),
        how.actor.get(),
        how.note,
        kept.in_cents(),
        how.reason.key()
    )
    .fetch_one(&mut *tx)
    .await?;
    let detail = json!({
        "reference": booking.reference,
        "kept_cents": kept,
        "note": how.note,
        "because": how.reason.key(),
        "before": {"status": booking.status},
        "after": {"status": Status::Cancelled},
    });
    let actor = Some(how.actor.get());
    audit::record(tx, actor, "cancel", "bookings", id.get(), detail).await?;
    if booking.status == Status::Held {
        waitlist::answered(tx, id, Because::Declined).await?;
        return Ok(None);
    }
    let back = match booking.charged {
        true => booking.total - kept,
        false => Money::ZERO,
    };
    if !back.is_zero() {
        let by_us = if how.reason == Reason::Us {
            " by us"
        } else {
            ""
        };
        let description = format!("Booking {} cancelled{by_us}", booking.reference);
        Account::enter(
            tx,
            account.into(),
            Cause::Booking(id.get()),
            Entry::Credit,
            back,
            &description,
            Some(how.actor),
        )
        .await?;
    }
    Ok(Some(back))
}

/// Ends a locked booking that staff have just made, as if it had never been: all of it goes back.
pub(super) async fn unmake(tx: &mut PgConnection, by: Id<Member>, booking: &Booking) -> Result<()> {
    let how = Ending {
        actor: by,
        reason: Reason::Us,
        note: "",
        kept: Money::ZERO,
        late_at: None,
    };
    end(tx, booking, &how).await?;
    Ok(())
}

/// Who cancelled a booking, to its member; `None` if it is not cancelled.
pub async fn by(db: &mut PgConnection, id: Id<Booking>) -> Result<Option<By>> {
    let row = sqlx::query!(
        r#"select m.name, m.id = b.member_id as "own!",
                  b.cancellation_reason = 'us' or exists (select from staff where member_id = m.id) as "us!"
           from bookings b join members m on m.id = b.cancelled_by where b.id = $1"#,
        id.get()
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| match (row.own, row.us) {
        (true, _) => By::Themselves,
        (_, true) => By::Us,
        _ => By::Admin(row.name),
    }))
}

/// Cancels as our fault, though it may have begun: nothing is kept, and days of passes go back. `note` is what
/// it was for. False when it has ended already. Who is told of it, and how, is for whoever calls; it can be taken back
/// for two minutes.
pub async fn for_us(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Booking>,
    note: &str,
) -> Result<bool> {
    let booking = locks::booking_and_space(tx, id).await?;
    if !booking.is_live() {
        return Ok(false);
    }
    let how = Ending {
        actor: by,
        reason: Reason::Us,
        note,
        kept: Money::ZERO,
        late_at: None,
    };
    let before = Kept::of(tx, id).await?;
    let effect = -end(tx, &booking, &how).await?.unwrap_or_default();
    let ended = locks::booking(tx, id).await?;
    undo::keep(tx, before, Kind::Cancel, by, &ended, effect).await?;
    Ok(true)
}
