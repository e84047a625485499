//! Staying past the end: what it costs by the terms that the booking was made under, and writing it down.
//!
//! Nobody else's time is touched, for it is over; what is charged is what the longer time would cost more.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, types::Json};
use thiserror::Error;

use super::{
    booking::{Booking, Overran, Price, Status},
    change, locks,
    order::sheet_of,
    sheet::Asker,
    term::{Term, Wish},
    undo::{self, Kept, Kind},
};
use crate::{
    audit,
    billing::quote::Line,
    error::Result,
    id::Id,
    jobs::Job,
    members::member::Member,
    money::Money,
    spaces::space::{Audience, Space},
    time::{Span, Zone},
};

/// Who stays longer has another day.
const LONGEST: Duration = Duration::hours(12);
/// What nobody wrote down by then is not charged.
const LATEST: Duration = Duration::days(31);

/// What a stay past the end comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    pub left: DateTime<Utc>,
    /// The end itself where nothing is charged.
    pub charged_until: DateTime<Utc>,
    pub cents: Money,
    /// Of the booking with it.
    pub total: Money,
}

/// When somebody left, as it was said.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub left: DateTime<Utc>,
    /// What it comes to, as it was shown; another amount is not charged unseen.
    pub shown: Option<Money>,
    /// Of the booking that was looked at; `None` for whatever it is now.
    pub version: Option<i32>,
    /// The member hears of it by mail, two minutes later.
    pub tell: bool,
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error(
        "Somebody changed this booking a moment ago. Look at it as it is now, then say it again."
    )]
    Stale,
    #[error("Staying past the end is charged of bookings by the hour alone.")]
    NotByTime,
    #[error("This booking is {status}: nobody stayed past its end.")]
    NotUsed { status: String },
    #[error("It says that they left early. Take that tick back first, if it is wrong.")]
    LeftEarly,
    #[error("This booking ends at {ends}. Say when they left once that has passed.")]
    NotOver { ends: String },
    #[error("That is yet to come. Say when they left, at the latest now.")]
    Ahead,
    #[error("Nobody stays more than 12 hours past the end. Look at the time again.")]
    TooLong,
    #[error("It ended more than a month ago: what nobody wrote down by then is not charged.")]
    TooLate,
    #[error("What it cost was waived. Nothing more is charged for staying longer.")]
    Waived,
    #[error("It comes to {now} now, not to what you saw. Look at it and charge it again.")]
    Cost { now: Money },
    #[error("There is no price for {space} any more, so nothing can be charged.")]
    NoPrice { space: String },
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Stale => "stale",
            Refusal::NotByTime => "not-by-time",
            Refusal::NotUsed { .. } => "not-used",
            Refusal::LeftEarly => "left-early",
            Refusal::NotOver { .. } => "not-over",
            Refusal::Ahead => "ahead",
            Refusal::TooLong => "too-long",
            Refusal::TooLate => "too-late",
            Refusal::Waived => "waived",
            Refusal::Cost { .. } => "price-changed",
            Refusal::NoPrice { .. } => "no-price",
        }
    }
}

impl Booking {
    /// Somebody may have stayed past its end, and it is not too late to say so.
    pub fn may_have_overrun(&self, now: DateTime<Utc>) -> bool {
        unfit(self, now).is_none()
    }

    /// The first time after its end that shows this on the clock.
    pub fn left_at_clock(&self, clock: NaiveTime) -> DateTime<Utc> {
        let end = self.zone.wall(self.during.until);
        let date = match clock > end.time() {
            true => end.date(),
            false => end.date() + Duration::days(1),
        };
        self.zone.first_instant(date.and_time(clock))
    }
}

/// What is in the way, whenever they left.
fn unfit(booking: &Booking, now: DateTime<Utc>) -> Option<Refusal> {
    let end = booking.during.until;
    if !matches!(booking.term, Term::Time(_)) {
        return Some(Refusal::NotByTime);
    }
    match booking.status {
        Status::Confirmed | Status::CheckedIn => {}
        Status::Completed if booking.left_at.is_none() => {}
        Status::Completed => return Some(Refusal::LeftEarly),
        status => {
            let status = status.label().to_lowercase();
            return Some(Refusal::NotUsed { status });
        }
    }
    if now <= end {
        let ends = booking.zone.clock(end);
        return Some(Refusal::NotOver { ends });
    }
    (now > end + LATEST).then_some(Refusal::TooLate)
}

fn refused(booking: &Booking, left: DateTime<Utc>, now: DateTime<Utc>) -> Option<Refusal> {
    let end = booking.during.until;
    unfit(booking, now).or_else(|| {
        if left > now {
            Some(Refusal::Ahead)
        } else {
            (left <= end || left > end + LONGEST).then_some(Refusal::TooLong)
        }
    })
}

/// What it comes to that they left then, without writing it down.
pub async fn foresee(
    db: &mut PgConnection,
    booking: &Booking,
    left: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Result<Outlook, Refusal>> {
    if let Some(refusal) = refused(booking, left, now) {
        return Ok(Err(refusal));
    }
    if is_waived(db, booking).await? {
        return Ok(Err(Refusal::Waived));
    }
    let end = booking.during.until;
    let charged_until = match booking.overrun {
        Some(terms) => terms.charged_until(end, left),
        None => end,
    };
    let more = match charged_until > end {
        true => more(db, booking, charged_until, now).await?,
        false => Some(Money::ZERO),
    };
    let Some(cents) = more else {
        let space = booking.space.clone();
        return Ok(Err(Refusal::NoPrice { space }));
    };
    Ok(Ok(Outlook {
        left,
        charged_until,
        cents,
        total: before(booking) + cents,
    }))
}

/// What the time until then costs more than the time that was booked; `None` where there is no price for it.
async fn more(
    db: &mut PgConnection,
    booking: &Booking,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Money>> {
    let wish = Wish {
        term: booking.term,
        people: booking.people,
        layout: None,
    };
    let Some(space) = Space::find_for(&mut *db, &booking.space_slug, Audience::Desk).await? else {
        return Ok(None);
    };
    let seen = (space.id, Audience::Desk);
    let sheet = sheet_of(db, seen, &wish, &Asker::changing(booking), now).await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(None);
    };
    let price = |until| {
        let used = Span::new(booking.during.from, until);
        sheet.price_of_use(space, used).ok()
    };
    let both = price(until).zip(price(booking.during.until));
    Ok(both.map(|(longer, booked)| (longer.total - booked.total).max(Money::ZERO)))
}

async fn is_waived(db: &mut PgConnection, booking: &Booking) -> Result<bool> {
    let is = sqlx::query_scalar!(
        r#"select exists (select from ledger_entries where booking_id = $1 and kind = 'waiver') as "is!""#,
        booking.id.get()
    )
    .fetch_one(db)
    .await?;
    Ok(is)
}

/// The price without what was charged for staying before.
fn before(booking: &Booking) -> Money {
    let overran = booking.price.overran.map(|overran| overran.cents);
    booking.total - overran.unwrap_or_default()
}

/// Writes down when they left, and charges it; said again it is corrected. Can be taken back for two minutes.
pub async fn record(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    said: &Said,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let booking = locks::booking_and_space(tx, id).await?;
    let is_so = |overran: Overran| overran.until == said.left;
    if booking.price.overran.is_some_and(is_so) {
        return Ok(Ok(booking));
    }
    if said.version.is_some_and(|seen| seen != booking.version) {
        return Ok(Err(Refusal::Stale));
    }
    let outlook = match foresee(tx, &booking, said.left, now).await? {
        Ok(outlook) => outlook,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if said.shown.is_some_and(|shown| shown != outlook.cents) {
        let now = outlook.cents;
        return Ok(Err(Refusal::Cost { now }));
    }
    let kept = Kept::of(tx, id).await?;
    write(tx, &booking, &outlook).await?;
    let difference = outlook.total - booking.total;
    let words = format!(
        "Booking {}: stayed until {}",
        booking.reference,
        booking.zone.clock(said.left)
    );
    change::charge(tx, actor, id, difference, &words).await?;
    let written = locks::booking(tx, id).await?;
    let change = undo::keep(tx, kept, Kind::Change, actor, &written, difference).await?;
    if said.tell && !difference.is_zero() {
        undo::tell(tx, change, &Job::BookingOverran { change }).await?;
    }
    let detail = json!({
        "reference": booking.reference,
        "amount": outlook.cents.exact(),
        "note": format!("Until {}", booking.zone.clock(said.left)),
        "told": said.tell,
    });
    let by = Some(actor.get());
    audit::record(tx, by, "overrun", "bookings", id.get(), detail).await?;
    Ok(Ok(written))
}

async fn write(tx: &mut PgConnection, booking: &Booking, outlook: &Outlook) -> Result<()> {
    let price = priced(booking, outlook);
    let vat = outlook.total.vat_inside(price.vat_basis_points);
    sqlx::query!(
        "update bookings set status = 'completed', price = $2, total_cents = $3, vat_cents = $4, version = version + 1
         where id = $1",
        booking.id.get(),
        Json(&price) as _,
        outlook.total.in_cents(),
        vat.in_cents()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// With a line of its own for it, in the place of the one before.
fn priced(booking: &Booking, outlook: &Outlook) -> Price {
    let zone = booking.zone;
    let mut price = booking.price.clone();
    if let Some(was) = price.overran {
        let known = Line {
            label: label(zone, was.until),
            cents: was.cents,
        };
        price.lines.retain(|line| *line != known);
    }
    if !outlook.cents.is_zero() {
        price.lines.push(Line {
            label: label(zone, outlook.left),
            cents: outlook.cents,
        });
    }
    price.overran = Some(Overran {
        until: outlook.left,
        cents: outlook.cents,
    });
    price
}

fn label(zone: Zone, left: DateTime<Utc>) -> String {
    format!("Stayed until {}", zone.clock(left))
}
