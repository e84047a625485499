//! Changing a booking for its member: another time, another space, longer or shorter, more people.
//!
//! The same locks and the same checks as for a new one, but that it never stands in its own way. Staff may
//! pass over policy with a reason, and never over a time that somebody else has.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, types::Json};
use thiserror::Error;

use super::{
    approval,
    availability::Offer,
    booking::{Booking, Price, Status},
    confirmation::Mail,
    extras::{
        ordered,
        shelf::{Added, Shelf},
    },
    leave::Leave,
    locks,
    order::{is_overlap, sheet_of},
    refusal::Refusal as Rule,
    sheet::{Asker, Sheet},
    term::{Term, Wish},
    undo::{self, Kept, Kind},
};
use crate::{
    audit,
    billing::{
        account::{Account, Cause, Entry},
        pass::days,
        quote::Quote,
    },
    error::{Error, Result},
    id::Id,
    jobs::Job,
    members::member::Member,
    money::Money,
    spaces::{
        layout::Layout,
        space::{Audience, Space},
    },
};

/// What a booking is to become.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// The space's slug.
    pub space: String,
    pub term: Term,
    pub people: i32,
}

/// How it is to be done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Way {
    /// Of the booking that was looked at; `None` for whatever it is now.
    pub version: Option<i32>,
    /// What becomes of the price; not needed while kind and length stay.
    pub price: Option<Pricing>,
    /// Why policy is passed over; empty where it is kept.
    pub reason: String,
    /// The member hears of it by mail, two minutes later.
    pub tell: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pricing {
    Keep,
    /// The price list's, as it was shown.
    New {
        shown: Money,
    },
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("Somebody changed this booking a moment ago. This is what is there now.")]
    Stale,
    #[error("This booking is {status}, so it cannot be changed. Make a new one.")]
    Ended { status: String },
    #[error("Nothing would change. Choose another time, space or number of people.")]
    Same,
    #[error("It would cost {now} instead of {was}. Choose whether the price stays or follows.")]
    Price { was: Money, now: Money },
    #[error("It costs {now} then, instead of {was}. Look it over and confirm it.")]
    Cost { was: Money, now: Money },
    #[error("This booking has begun, so only its end can change.")]
    OnlyItsEnd,
    #[error("This booking is over: nothing of it can change any more.")]
    Over,
    #[error(
        "Its day on {date} stays drawn on your pass by now. Book the other day as well, or cancel this one."
    )]
    DayDrawn { date: String },
    #[error("{company} does not pay for your bookings any more. Ask its admin, or make a new one.")]
    PayerGone { company: String },
    #[error("{0}")]
    Rule(Rule),
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Stale => "stale",
            Refusal::Ended { .. } => "ended",
            Refusal::Same => "same",
            Refusal::Price { .. } | Refusal::Cost { .. } => "price-to-choose",
            Refusal::OnlyItsEnd => "only-its-end",
            Refusal::Over => "over",
            Refusal::DayDrawn { .. } => "day-drawn",
            Refusal::PayerGone { .. } => "payer-gone",
            Refusal::Rule(rule) => rule.kind(),
        }
    }

    /// Staff may pass over it with a reason.
    pub fn is_policy(&self) -> bool {
        matches!(self, Refusal::Rule(rule) if rule.may_be_set_aside())
    }
}

impl From<Rule> for Refusal {
    fn from(rule: Rule) -> Refusal {
        Refusal::Rule(rule)
    }
}

/// A change as it will be written.
#[derive(Clone, Debug)]
pub struct Plan {
    pub space: Space,
    pub offer: Offer,
    /// What goes with it, as it is then.
    pub added: Added,
    /// The rules that were set aside.
    over: Vec<Rule>,
}

/// A price as it will be written.
#[derive(Clone, Debug)]
pub struct Priced {
    pub price: Price,
    pub total: Money,
    pub vat: Money,
}

impl From<&Quote> for Priced {
    fn from(quote: &Quote) -> Priced {
        Priced {
            price: Price::from(quote),
            total: quote.total,
            vat: quote.vat,
        }
    }
}

/// Changes a booking for staff, who may change any; what was done can be taken back for two minutes.
pub async fn change(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    wanted: &Wanted,
    way: &Way,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    let Some(space) = Space::find_for(tx, &wanted.space, Audience::Desk).await? else {
        return Ok(Err(Rule::NoSuchSpace.into()));
    };
    let spaces = [unlocked.space_id, space.id.get()];
    locks::spaces(tx, &spaces).await?;
    locks::payer(tx, id).await?;
    locks::member(tx, unlocked.member).await?;
    let booking = locks::booking(tx, id).await?;
    if booking.space_id != unlocked.space_id {
        return Err(Error::Contended);
    }
    if let Some(refusal) = out_of_bounds(&booking, &space, wanted, way) {
        return Ok(Err(refusal));
    }
    locks::expire_holds(tx, &spaces).await?;
    ordered::lock(tx, &booking).await?;
    let leave = Leave::at_the_desk(!way.reason.is_empty());
    let seen_by = (Audience::Desk, leave);
    let plan = match plan(tx, &booking, space, wanted, seen_by, now).await? {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let pricing = match pricing(&booking, &plan, wanted, way) {
        Ok(pricing) => pricing,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let kept = Kept::of(tx, id).await?;
    let priced = match pricing {
        Pricing::Keep => Priced::keeping(&booking, &plan.added),
        Pricing::New { .. } => Priced::from(&plan.offer.quote),
    };
    if !write(tx, &booking, &plan, wanted, Some(&priced)).await? {
        let space = plan.space.name;
        return Ok(Err(Rule::JustTaken { space }.into()));
    }
    let effect = settle(tx, actor, &booking, &plan, (pricing, priced.total)).await?;
    let is_moved = booking.term != wanted.term || booking.space_id != plan.space.id.get();
    if is_moved
        && let Err(rule) = approval::after_move(tx, &booking, actor, Mail::Never, now).await?
    {
        return Ok(Err(rule.into()));
    }
    let changed = locks::booking(tx, id).await?;
    let change = undo::keep(tx, kept, Kind::Change, actor, &changed, effect).await?;
    if way.tell && booking.status != Status::Held {
        let job = Job::BookingChanged { change };
        undo::tell(tx, change, &job).await?;
    }
    let detail = json!({
        "reference": booking.reference,
        "before": told(&booking),
        "after": told(&changed),
        "told": way.tell,
        "over": plan.over.iter().map(Rule::to_string).collect::<Vec<_>>(),
        "reason": way.reason,
    });
    audit::record(
        tx,
        Some(actor.get()),
        "change",
        "bookings",
        id.get(),
        detail,
    )
    .await?;
    Ok(Ok(changed))
}

pub(super) fn told(booking: &Booking) -> serde_json::Value {
    json!({
        "space": booking.space,
        "location": booking.location,
        "from": booking.during.from,
        "until": booking.during.until,
        "people": booking.people,
        "total_cents": booking.total,
    })
}

/// What can be refused before any rule is looked at.
fn out_of_bounds(booking: &Booking, space: &Space, wanted: &Wanted, way: &Way) -> Option<Refusal> {
    if way.version.is_some_and(|seen| seen != booking.version) {
        return Some(Refusal::Stale);
    }
    let is_live = match booking.status {
        Status::Held => booking.holds,
        Status::Pending | Status::Confirmed | Status::CheckedIn => true,
        _ => false,
    };
    if !is_live {
        let status = match booking.status {
            Status::Held => "no longer held".to_owned(),
            status => status.label().to_lowercase(),
        };
        return Some(Refusal::Ended { status });
    }
    let same = booking.space_id == space.id.get()
        && booking.term == wanted.term
        && booking.people == wanted.people;
    same.then_some(Refusal::Same)
}

/// Checked by the rules; those of policy give way to a reason.
pub(super) async fn plan(
    tx: &mut PgConnection,
    booking: &Booking,
    space: Space,
    wanted: &Wanted,
    (audience, mut leave): (Audience, Leave),
    now: DateTime<Utc>,
) -> Result<Result<Plan, Refusal>> {
    let wish = Wish {
        term: wanted.term,
        people: wanted.people,
        layout: booking
            .layout
            .filter(|layout| space.layouts.contains_key(layout)),
    };
    let seen = (space.id, audience);
    let sheet = sheet_of(tx, seen, &wish, &Asker::changing(booking), now).await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(Err(Rule::NoSuchSpace.into()));
    };
    let mut offer = match sheet.check_with(space, &wish, &mut leave) {
        Ok(offer) => offer,
        Err(rule) => return Ok(Err(rule.into())),
    };
    let here = (&sheet, space);
    let added = match carried(tx, booking, here, &wish, &offer, &mut leave, now).await? {
        Ok(added) => added,
        Err(rule) => return Ok(Err(rule.into())),
    };
    added.onto(&mut offer);
    Ok(Ok(Plan {
        space: space.clone(),
        offer,
        added,
        over: leave.set_aside().to_vec(),
    }))
}

/// What goes with it goes along, within its location: for as many as then come, unless it is too late for that.
async fn carried(
    db: &mut PgConnection,
    booking: &Booking,
    (sheet, space): (&Sheet, &Space),
    wish: &Wish,
    offer: &Offer,
    leave: &mut Leave,
    now: DateTime<Utc>,
) -> Result<Result<Added, Rule>> {
    let Some(first) = booking.extras.first() else {
        return Ok(Ok(Added::default()));
    };
    let place = sheet.location(space);
    if place.slug != booking.location_slug {
        let extra = first.name.clone();
        return Ok(Err(Rule::ExtraElsewhere { extra }));
    }
    let of = Some(booking.id);
    let before = Shelf::read(db, place, booking.during, of, now).await?;
    let picks = ordered::carried(booking, wish.people, |one| before.is_late(&one.slug));
    let shelf = Shelf::read(db, place, offer.during, of, now).await?;
    Ok(shelf.add((sheet, space), wish, offer, &picks, leave))
}

/// The price stays while kind and length do; else somebody has to have chosen.
fn pricing(booking: &Booking, plan: &Plan, wanted: &Wanted, way: &Way) -> Result<Pricing, Refusal> {
    let now = plan.offer.quote.total;
    let was = Priced::keeping(booking, &plan.added).total;
    let is_dearer = was != booking.total;
    match way.price {
        Some(Pricing::New { shown }) if shown != now => {
            let now = now.to_string();
            Err(Rule::PriceChanged { now }.into())
        }
        Some(chosen) => Ok(chosen),
        None if !is_dearer && (now == was || is_alike(booking, plan, wanted)) => Ok(Pricing::Keep),
        None => Err(Refusal::Price { was, now }),
    }
}

fn is_alike(booking: &Booking, plan: &Plan, wanted: &Wanted) -> bool {
    let days = |term: &Term| match *term {
        Term::Days { first, last } => (last - first).num_days(),
        _ => 0,
    };
    let length = |term: &Term| match term {
        Term::Time(span) => span.minutes(),
        Term::Days { .. } => days(term),
        Term::Let(term) => term.count.into(),
    };
    plan.space.kind == booking.kind
        && booking.term.by() == wanted.term.by()
        && length(&booking.term) == length(&wanted.term)
}

/// Writes it, at its old price unless another is said. False when the database itself says that the time is taken.
pub(super) async fn write(
    tx: &mut PgConnection,
    booking: &Booking,
    plan: &Plan,
    wanted: &Wanted,
    priced: Option<&Priced>,
) -> Result<bool> {
    let (offer, space) = (&plan.offer, plan.space.id.get());
    let taken = sqlx::query!(
        "update occupancies set space_id = $2, during = tstzrange($3, $4), occupies = tstzrange($5, $6)
         where booking_id = $1",
        booking.id.get(),
        space,
        offer.during.from,
        offer.during.until,
        offer.occupies.from,
        offer.occupies.until
    )
    .execute(&mut *tx)
    .await;
    if is_overlap(&taken) {
        return Ok(false);
    }
    taken?;
    sqlx::query!(
        "update bookings
         set space_id = $2, during = tstzrange($3, $4), term = $5, last_day = $6, term_count = $7, people = $8,
             layout = $9, price = coalesce($10, price), total_cents = coalesce($11, total_cents),
             vat_cents = coalesce($12, vat_cents), sequence = sequence + 1, version = version + 1
         where id = $1",
        booking.id.get(),
        space,
        offer.during.from,
        offer.during.until,
        wanted.term.key(),
        wanted.term.last_day(),
        wanted.term.count().map(|count| count as i32),
        wanted.people,
        offer.layout.map(Layout::key),
        priced.map(|priced| Json(&priced.price)) as _,
        priced.map(|priced| priced.total.in_cents()),
        priced.map(|priced| priced.vat.in_cents())
    )
    .execute(&mut *tx)
    .await?;
    if !booking.extras.is_empty() {
        ordered::write(tx, booking.id, &plan.added.taken, offer.during).await?;
    }
    Ok(true)
}

/// The difference on the account, and the days of passes drawn anew; what it charged, below zero what it
/// credited.
async fn settle(
    tx: &mut PgConnection,
    actor: Id<Member>,
    booking: &Booking,
    plan: &Plan,
    (pricing, total): (Pricing, Money),
) -> Result<Money> {
    if !booking.drawn.is_empty() || pricing != Pricing::Keep {
        days::forget(tx, booking.id.get()).await?;
        locks::expire_holds_of(tx, booking.member).await?;
        days::draw(tx, booking.id.get(), &plan.offer.quote.draws).await?;
    }
    let difference = match booking.charged {
        true => total - booking.total,
        false => Money::ZERO,
    };
    let words = format!("Booking {} changed", booking.reference);
    charge(tx, actor, booking.id, difference, &words).await?;
    Ok(difference)
}

/// Charges an amount to the booking's account, or credits what is below zero.
pub(super) async fn charge(
    tx: &mut PgConnection,
    actor: Id<Member>,
    booking: Id<Booking>,
    amount: Money,
    words: &str,
) -> Result<()> {
    if amount.is_zero() {
        return Ok(());
    }
    let account = sqlx::query_scalar!(
        "select account_id from bookings where id = $1",
        booking.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    let (entry, amount) = match amount > Money::ZERO {
        true => (Entry::Charge, amount),
        false => (Entry::Credit, -amount),
    };
    let cause = Cause::Booking(booking.get());
    Account::enter(tx, account.into(), cause, entry, amount, words, Some(actor)).await
}
