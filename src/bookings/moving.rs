//! Changing one's own booking: another time or space, longer or shorter, by the rules of a new one and at the
//! price that was shown.
//!
//! What is given up too late is kept by the booking's own terms, so that moving is no way round them: the part
//! that cancelling would keep now stays charged of what the price falls by, and stays at stake however far the
//! booking is moved.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    approval,
    booking::{Booking, Price, Status},
    change::{self, Plan, Priced, Refusal, Wanted},
    confirmation::Mail,
    extras::ordered,
    leave::Leave,
    locks,
    refusal::Refusal as Rule,
    term::Term,
    undo::{self, Kept, Kind},
};
use crate::{
    audit,
    billing::{
        pass::days,
        payment,
        quote::{Line, Quote},
    },
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::{company::Company, member::Member},
    money::Money,
    spaces::space::{Audience, Space},
    time::long_date,
};

/// A change as its member asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    pub wanted: Wanted,
    /// Of the booking that was looked at; `None` for whatever it is now.
    pub version: Option<i32>,
    /// The price afterwards as it was shown; another one is not charged unseen.
    pub shown: Option<Money>,
}

/// What a change would make of a booking.
#[derive(Clone, Debug)]
pub struct Outlook {
    pub plan: Plan,
    pub was: Money,
    pub total: Money,
    pub vat: Money,
    pub price: Price,
    /// The price stays as it was agreed.
    stays: bool,
}

impl Outlook {
    /// What is charged; below zero, what goes back.
    pub fn difference(&self) -> Money {
        self.total - self.was
    }
}

/// What a change would come to, without making it.
pub async fn foresee(
    db: &mut PgConnection,
    booking: &Booking,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Result<Outlook, Refusal>> {
    let Some(space) = find(db, booking, wanted).await? else {
        return Ok(Err(Rule::NoSuchSpace.into()));
    };
    if let Some(refusal) = out_of_bounds(booking, &space, wanted, now) {
        return Ok(Err(refusal));
    }
    outlook(db, booking, space, wanted, now).await
}

/// Changes a booking for its member, or for the admin of the company that pays. Sent twice it is done once.
pub async fn change(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    asked: &Move,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let accepts = |outlook: &Outlook| outlook.total == asked.shown.unwrap_or(outlook.was);
    let way = (Mail::Never, asked.version);
    let done = make(tx, actor, id, (&asked.wanted, way), accepts, now).await?;
    Ok(match done {
        Ok((booking, mail)) => {
            if let Some(mail) = mail {
                jobs::enqueue(tx, &mail).await?;
            }
            Ok(booking)
        }
        Err(refusal) => Err(refusal),
    })
}

/// The same at whatever price, and without its mail: both are left to whoever looks over and tells of several at
/// once.
pub(super) async fn change_untold(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let way = (Mail::Together, None);
    let done = make(tx, actor, id, (wanted, way), |_| true, now).await?;
    Ok(done.map(|(booking, _)| booking))
}

async fn make(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    (wanted, (mail, version)): (&Wanted, (Mail, Option<i32>)),
    accepts: impl Fn(&Outlook) -> bool,
    now: DateTime<Utc>,
) -> Result<Result<(Booking, Option<Job>), Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if !unlocked.is_run_by(tx, actor).await? {
        return Err(Error::NotFound);
    }
    let Some(space) = find(tx, &unlocked, wanted).await? else {
        return Ok(Err(Rule::NoSuchSpace.into()));
    };
    let spaces = [unlocked.space_id, space.id.get()];
    locks::spaces(tx, &spaces).await?;
    if let Some(refusal) = payer_gone(tx, &unlocked, actor).await? {
        return Ok(Err(refusal));
    }
    let barred = locks::member(tx, unlocked.member).await?;
    let booking = locks::booking(tx, id).await?;
    if booking.space_id != unlocked.space_id {
        return Err(Error::Contended);
    }
    if version.is_some_and(|seen| seen != booking.version) {
        return Ok(match is_so(&booking, &space, wanted) {
            true => Ok((booking, None)),
            false => Err(Refusal::Stale),
        });
    }
    if let Some(refusal) = out_of_bounds(&booking, &space, wanted, now) {
        return Ok(Err(refusal));
    }
    if barred {
        return Ok(Err(Rule::Barred.into()));
    }
    locks::expire_holds(tx, &spaces).await?;
    locks::expire_holds_of(tx, booking.member).await?;
    ordered::lock(tx, &booking).await?;
    let outlook = match outlook(tx, &booking, space, wanted, now).await? {
        Ok(outlook) => outlook,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if !accepts(&outlook) {
        let (was, now) = (booking.total, outlook.total);
        return Ok(Err(Refusal::Cost { was, now }));
    }
    if let Some(refusal) = unpaid(tx, &booking, outlook.total).await? {
        return Ok(Err(refusal));
    }
    let kept = Kept::of(tx, id).await?;
    let plan = &outlook.plan;
    let is_priced_anew = !outlook.stays || !booking.extras.is_empty();
    let priced = is_priced_anew.then(|| Priced {
        price: outlook.price.clone(),
        total: outlook.total,
        vat: outlook.vat,
    });
    if !change::write(tx, &booking, plan, wanted, priced.as_ref()).await? {
        let space = plan.space.name.clone();
        return Ok(Err(Rule::JustTaken { space }.into()));
    }
    redraw(tx, &booking, &plan.offer.quote, now).await?;
    let difference = match booking.charged {
        true => outlook.difference(),
        false => Money::ZERO,
    };
    let words = format!("Booking {} changed", booking.reference);
    change::charge(tx, actor, id, difference, &words).await?;
    let is_moved = booking.term != wanted.term || booking.space_id != plan.space.id.get();
    if is_moved && let Err(rule) = approval::after_move(tx, &booking, actor, mail, now).await? {
        return Ok(Err(rule.into()));
    }
    let changed = locks::booking(tx, id).await?;
    let change = undo::keep(tx, kept, Kind::Own, actor, &changed, difference).await?;
    let told = Job::BookingChanged { change };
    let detail = json!({
        "reference": booking.reference,
        "before": change::told(&booking),
        "after": change::told(&changed),
        "late_cents": changed.price.late,
    });
    let by = Some(actor.get());
    audit::record(tx, by, "change", "bookings", id.get(), detail).await?;
    Ok(Ok((changed, Some(told))))
}

/// One that people do not see is there for whoever has it already.
fn audience(booking: &Booking, slug: &str) -> Audience {
    Audience::of(booking.space_slug == slug)
}

async fn find(db: &mut PgConnection, booking: &Booking, wanted: &Wanted) -> Result<Option<Space>> {
    let slug = &wanted.space;
    Space::find_for(db, slug, audience(booking, slug)).await
}

fn is_so(booking: &Booking, space: &Space, wanted: &Wanted) -> bool {
    booking.space_id == space.id.get()
        && booking.term == wanted.term
        && booking.people == wanted.people
}

/// What can be refused before any rule is looked at.
fn out_of_bounds(
    booking: &Booking,
    space: &Space,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Option<Refusal> {
    if !matches!(
        booking.status,
        Status::Pending | Status::Confirmed | Status::CheckedIn
    ) {
        let status = booking.status.label().to_lowercase();
        return Some(Refusal::Ended { status });
    }
    if booking.during.until <= now {
        return Some(Refusal::Over);
    }
    if is_so(booking, space, wanted) {
        return Some(Refusal::Same);
    }
    let is_its_end = booking.space_id == space.id.get()
        && booking.people == wanted.people
        && begins_alike(&booking.term, &wanted.term);
    (only_its_end(booking, now) && !is_its_end).then_some(Refusal::OnlyItsEnd)
}

/// It has begun, or its member is here.
pub fn only_its_end(booking: &Booking, now: DateTime<Utc>) -> bool {
    booking.during.from <= now || booking.status == Status::CheckedIn
}

fn begins_alike(one: &Term, other: &Term) -> bool {
    match (one, other) {
        (Term::Time(one), Term::Time(other)) => one.from == other.from,
        (Term::Days { first: one, .. }, Term::Days { first: other, .. }) => one == other,
        (Term::Let(one), Term::Let(other)) => one.unit == other.unit && one.first == other.first,
        _ => false,
    }
}

/// By the rules of a new booking, and at its price.
async fn outlook(
    db: &mut PgConnection,
    booking: &Booking,
    space: Space,
    wanted: &Wanted,
    now: DateTime<Utc>,
) -> Result<Result<Outlook, Refusal>> {
    let by = (audience(booking, &space.slug), Leave::default());
    let plan = match change::plan(db, booking, space, wanted, by, now).await? {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if plan.offer.during.until <= now {
        return Ok(Err(Rule::Past.into()));
    }
    let quote = &plan.offer.quote;
    let is_drawn = |date, pass: &str| {
        let mut draws = quote.draws.iter();
        draws.any(|draw| draw.date == date && draw.reference == pass)
    };
    let mut spent = booking.spent_for_good(now);
    if let Some(day) = spent.find(|day| !is_drawn(day.date, &day.reference)) {
        let date = long_date(day.date, booking.zone.date(now));
        return Ok(Err(Refusal::DayDrawn { date }));
    }
    let stays = booking.term == wanted.term && booking.space_id == plan.space.id.get();
    let priced = match stays {
        true => Priced::keeping(booking, &plan.added),
        false => priced(booking, quote, now),
    };
    Ok(Ok(Outlook {
        was: booking.total,
        total: priced.total,
        vat: priced.vat,
        price: priced.price,
        stays,
        plan,
    }))
}

/// The price of a quote, with what the terms keep of a change as late as `now`.
fn priced(booking: &Booking, quote: &Quote, now: DateTime<Utc>) -> Priced {
    let mut price = Price::from(quote);
    if booking.charged {
        let before = &booking.price;
        let percent = booking.cancellation.percent(booking.during.from, now);
        let given_up = (booking.total - before.late - quote.total).max(Money::ZERO);
        price.at_least = booking.kept_at(now);
        price.late = (before.late + given_up.percent(percent)).max(price.at_least - quote.total);
    }
    if !price.late.is_zero() {
        price.lines.push(Line {
            label: "Given up too late, by the terms".to_owned(),
            cents: price.late,
        });
    }
    let total = quote.total + price.late;
    Priced {
        price,
        total,
        vat: total.vat_inside(quote.vat_basis_points),
    }
}

/// The company that pays, locked, still does so for whoever the booking is for; unless its own admin acts.
async fn payer_gone(
    tx: &mut PgConnection,
    booking: &Booking,
    actor: Id<Member>,
) -> Result<Option<Refusal>> {
    let (Some(slug), Some(name)) = (&booking.company_slug, &booking.company) else {
        return Ok(None);
    };
    let mut companies = Company::paying_for(tx, booking.member).await?.0;
    if booking.member != actor {
        companies.extend(Company::paying_for(tx, actor).await?.0);
    }
    match companies.into_iter().find(|company| company.slug == *slug) {
        Some(company) => {
            locks::company(tx, company.id).await?;
            Ok(None)
        }
        None => Ok(Some(Refusal::PayerGone {
            company: name.clone(),
        })),
    }
}

/// An account that pays first has paid for what becomes dearer.
pub(super) async fn unpaid(
    tx: &mut PgConnection,
    booking: &Booking,
    total: Money,
) -> Result<Option<Refusal>> {
    if !booking.charged || total <= booking.total {
        return Ok(None);
    }
    let account = sqlx::query_scalar!(
        "select account_id from bookings where id = $1",
        booking.id.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    let of = Some(booking.id.get());
    let missing = payment::missing(tx, account.into(), of, total, booking.total).await?;
    Ok(missing.map(|missing| {
        let missing = missing.to_string();
        Rule::PayFirst { missing }.into()
    }))
}

/// Draws the days of passes anew; those that were spent for good stay so.
async fn redraw(
    tx: &mut PgConnection,
    booking: &Booking,
    quote: &Quote,
    now: DateTime<Utc>,
) -> Result<()> {
    days::forget(tx, booking.id.get()).await?;
    days::draw(tx, booking.id.get(), &quote.draws).await?;
    let spent: Vec<_> = booking.spent_for_good(now).map(|day| day.date).collect();
    days::keep(tx, booking.id.get(), &spent).await
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::bookings::example;

    /// What the price becomes when a booking of R400 is changed, so many hours before it begins, to one of
    /// `rands`; and what cancelling keeps at least from then on.
    fn changed(booking: &Booking, rands: i64, hours: i64) -> (Booking, Priced) {
        let quote = Quote {
            total: Money::rands(rands),
            vat_basis_points: 1500,
            ..Quote::default()
        };
        let now = booking.during.from - Duration::hours(hours);
        let priced = priced(booking, &quote, now);
        let booking = Booking {
            price: priced.price.clone(),
            total: priced.total,
            ..booking.clone()
        };
        (booking, priced)
    }

    fn booked() -> Booking {
        Booking {
            total: Money::rands(400),
            ..example::booking()
        }
    }

    #[test]
    fn what_is_given_up_in_time_goes_back_and_what_is_late_is_kept_in_part() {
        for (hours, rands, total, at_least) in [
            (25, 100, 100, 0),
            (25, 500, 500, 0),
            // Half of the R300 that are given up.
            (23, 100, 250, 200),
            (23, 400, 400, 200),
            (23, 500, 500, 200),
            (1, 100, 400, 400),
            (-1, 300, 400, 400),
            (-1, 600, 600, 400),
        ] {
            let (_, priced) = changed(&booked(), rands, hours);
            let got = (priced.total, priced.price.at_least);
            let expected = (Money::rands(total), Money::rands(at_least));
            assert_eq!(got, expected, "{hours} hours before, to R{rands}");
            let lines: Money = priced.price.lines.iter().map(|line| line.cents).sum();
            assert_eq!(lines, priced.total - Money::rands(rands));
        }
    }

    #[test]
    fn moving_is_no_way_round_cancelling_too_late() {
        let (mut moved, _) = changed(&booked(), 400, 23);
        let late = moved.during.from;
        moved.during.from += Duration::days(30);
        moved.during.until += Duration::days(30);
        assert_eq!(moved.kept_at(late), Money::rands(200));
        // Nor is shortening it afterwards, in time, or little by little.
        let (shorter, priced) = changed(&moved, 100, 100);
        assert_eq!(priced.total, Money::rands(200));
        assert_eq!(shorter.kept_at(late), Money::rands(200));
        let (once, _) = changed(&booked(), 200, 23);
        let (twice, priced) = changed(&once, 100, 23);
        assert_eq!(priced.total, Money::rands(250));
        let (_, again) = changed(&twice, 100, 23);
        assert_eq!(again.total, Money::rands(250));
    }
}
