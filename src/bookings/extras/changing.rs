//! Other extras for a booking that stands: until each is ordered, at a price that is shown first.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, types::Json};

use super::{
    ordered,
    picks::Pick,
    shelf::{self, Added, Shelf, picked},
};
use crate::{
    audit,
    billing::quote::Quote,
    bookings::{
        availability::Offer,
        booking::{Booking, Price, Status},
        change::{self, Priced, Refusal},
        leave::Leave,
        locks, moving,
        order::{is_overlap, sheet_of},
        refusal::Refusal as Rule,
        sheet::{Asker, Sheet},
        term::Wish,
        undo::{self, Kept, Kind},
    },
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::member::Member,
    money::Money,
    spaces::space::Audience,
};

/// What a booking is to have.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub picks: Vec<Pick>,
    /// Of the booking that was looked at.
    pub version: Option<i32>,
    /// The price afterwards as it was shown; another one is not charged unseen.
    pub shown: Option<Money>,
    /// What staff say to it.
    pub desk: Option<AtTheDesk>,
}

#[derive(Clone, Debug, Default)]
pub struct AtTheDesk {
    /// Why it is ordered, or taken off, too late.
    pub reason: String,
    /// The member hears of it by mail, two minutes later.
    pub tell: bool,
}

impl Asked {
    fn leave(&self) -> Leave {
        let desk = self.desk.as_ref();
        desk.map_or_else(Leave::default, |desk| {
            Leave::at_the_desk(!desk.reason.is_empty())
        })
    }
}

/// What it would come to.
#[derive(Clone, Debug)]
pub struct Outlook {
    pub was: Money,
    pub priced: Priced,
    added: Added,
}

impl Outlook {
    /// What is charged; below zero, what goes back.
    pub fn difference(&self) -> Money {
        self.priced.total - self.was
    }
}

impl Booking {
    /// Its extras can change: it is not over.
    pub fn takes_extras(&self, now: DateTime<Utc>) -> bool {
        let is_live = match self.status {
            Status::Held => self.holds,
            status => matches!(
                status,
                Status::Pending | Status::Confirmed | Status::CheckedIn
            ),
        };
        is_live && now < self.during.until && !self.has_run_out()
    }

    fn wish(&self) -> Wish {
        Wish {
            term: self.term,
            people: self.people,
            layout: self.layout,
        }
    }
}

/// What can be had with a booking, also what it has and is offered no more.
pub async fn shelf(db: &mut PgConnection, booking: &Booking, now: DateTime<Utc>) -> Result<Shelf> {
    let sheet = sheet(db, booking, now).await?;
    match sheet.spaces.first() {
        Some(space) => {
            let place = sheet.location(space);
            Shelf::read(db, place, booking.during, Some(booking.id), now).await
        }
        None => Ok(Shelf::default()),
    }
}

/// What a change would come to, without making it.
pub async fn foresee(
    db: &mut PgConnection,
    booking: &Booking,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Result<Outlook, Refusal>> {
    if let Some(refusal) = out_of_bounds(booking, now) {
        return Ok(Err(refusal));
    }
    outlook(db, booking, asked, now).await
}

/// Changes what a booking has: for its member or the admin of the company that pays, or for staff. Sent twice it is
/// done once.
pub async fn change(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if asked.desk.is_none() && !unlocked.is_run_by(tx, actor).await? {
        return Err(Error::NotFound);
    }
    locks::space(tx, unlocked.space_id).await?;
    locks::payer(tx, id).await?;
    let barred = locks::member(tx, unlocked.member).await?;
    locks::expire_holds(tx, &[unlocked.space_id]).await?;
    let booking = locks::booking(tx, id).await?;
    if booking.space_id != unlocked.space_id {
        return Err(Error::Contended);
    }
    if is_so(&booking, asked) {
        return Ok(Ok(booking));
    }
    if asked.version.is_some_and(|seen| seen != booking.version) {
        return Ok(Err(Refusal::Stale));
    }
    if let Some(refusal) = out_of_bounds(&booking, now) {
        return Ok(Err(refusal));
    }
    if barred && asked.desk.is_none() {
        return Ok(Err(Rule::Barred.into()));
    }
    shelf::lock(tx, &booking.location_slug, &asked.picks).await?;
    let outlook = match outlook(tx, &booking, asked, now).await? {
        Ok(outlook) => outlook,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let (was, total) = (outlook.was, outlook.priced.total);
    if asked.shown.is_some_and(|shown| shown != total) {
        return Ok(Err(Refusal::Cost { was, now: total }));
    }
    if asked.desk.is_none()
        && let Some(refusal) = moving::unpaid(tx, &booking, total).await?
    {
        return Ok(Err(refusal));
    }
    let kept = Kept::of(tx, id).await?;
    if !write(tx, &booking, &outlook).await? {
        let space = booking.space.clone();
        return Ok(Err(Rule::JustTaken { space }.into()));
    }
    let changed = locks::booking(tx, id).await?;
    settle(tx, actor, (&booking, &changed), kept, asked).await?;
    Ok(Ok(changed))
}

/// The charge, what can be taken back, the mail and the audit line.
async fn settle(
    tx: &mut PgConnection,
    actor: Id<Member>,
    (before, after): (&Booking, &Booking),
    kept: Kept,
    asked: &Asked,
) -> Result<()> {
    let difference = match before.charged {
        true => after.total - before.total,
        false => Money::ZERO,
    };
    let words = format!("Booking {}: extras", before.reference);
    change::charge(tx, actor, before.id, difference, &words).await?;
    let kind = match asked.desk {
        Some(_) => Kind::Change,
        None => Kind::Own,
    };
    let change = undo::keep(tx, kept, kind, actor, after, difference).await?;
    let job = Job::BookingChanged { change };
    match &asked.desk {
        _ if before.status == Status::Held => {}
        Some(desk) if desk.tell => undo::tell(tx, change, &job).await?,
        Some(_) => {}
        None => jobs::enqueue(tx, &job).await?,
    }
    let side = |booking: &Booking| {
        let extras = ordered::words(&booking.extras);
        json!({"extras": extras, "total_cents": booking.total})
    };
    let detail = json!({
        "reference": before.reference,
        "before": side(before),
        "after": side(after),
        "reason": asked.desk.as_ref().map(|desk| desk.reason.as_str()),
    });
    let (by, id) = (Some(actor.get()), before.id.get());
    audit::record(tx, by, "change extras", "bookings", id, detail).await?;
    Ok(())
}

fn is_so(booking: &Booking, asked: &Asked) -> bool {
    let has = booking.extras.iter();
    let has: Vec<Pick> = has.map(|one| Pick::new(&one.slug, one.quantity)).collect();
    picked(&has) == picked(&asked.picks)
}

fn out_of_bounds(booking: &Booking, now: DateTime<Utc>) -> Option<Refusal> {
    if booking.takes_extras(now) {
        return None;
    }
    Some(match booking.status {
        Status::Pending | Status::Confirmed | Status::CheckedIn => Refusal::Over,
        status => Refusal::Ended {
            status: status.label().to_lowercase(),
        },
    })
}

async fn sheet(db: &mut PgConnection, booking: &Booking, now: DateTime<Utc>) -> Result<Sheet> {
    let seen = (booking.space_id.into(), Audience::Keepers);
    sheet_of(db, seen, &booking.wish(), &Asker::changing(booking), now).await
}

async fn outlook(
    db: &mut PgConnection,
    booking: &Booking,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Result<Outlook, Refusal>> {
    let sheet = sheet(db, booking, now).await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(Err(Rule::NoSuchSpace.into()));
    };
    let place = sheet.location(space);
    let shelf = Shelf::read(db, place, booking.during, Some(booking.id), now).await?;
    let mut leave = asked.leave();
    let picks: Vec<Pick> = (asked.picks.iter().cloned())
        .map(|pick| pick.since(&booking.extras, booking.during.from))
        .collect();
    let quantities = picked(&picks);
    for one in &booking.extras {
        let left = quantities.get(one.slug.as_str()).copied().unwrap_or(0);
        if left < one.quantity
            && shelf.is_late(&one.slug)
            && let Some(item) = shelf.find(&one.slug)
            && let Err(rule) = leave.rule(shelf.too_late(item))
        {
            return Ok(Err(rule.into()));
        }
    }
    let policy = &space.policy;
    let offer = Offer {
        during: booking.during,
        occupies: booking
            .during
            .widened(policy.setup_minutes, policy.turnaround_minutes),
        quote: Quote::default(),
        layout: booking.layout,
    };
    let added = shelf.add((&sheet, space), &booking.wish(), &offer, &picks, &mut leave);
    Ok(match added {
        Ok(added) => Ok(Outlook {
            was: booking.total,
            priced: Priced::keeping(booking, &added),
            added,
        }),
        Err(rule) => Err(rule.into()),
    })
}

/// False when the space is taken while it would be set up.
async fn write(tx: &mut PgConnection, booking: &Booking, outlook: &Outlook) -> Result<bool> {
    let Outlook { priced, added, .. } = outlook;
    let taken = sqlx::query!(
        "update occupancies o
         set occupies = tstzrange(lower(o.during) - make_interval(mins => p.setup_minutes + $2), upper(o.occupies))
         from spaces s join booking_policies p on p.id = s.policy_id
         where o.booking_id = $1 and s.id = o.space_id",
        booking.id.get(),
        added.setup_minutes as i32
    )
    .execute(&mut *tx)
    .await;
    if is_overlap(&taken) {
        return Ok(false);
    }
    taken?;
    sqlx::query!(
        "update bookings set price = $2, total_cents = $3, vat_cents = $4, version = version + 1 where id = $1",
        booking.id.get(),
        Json(&priced.price) as _,
        priced.total.in_cents(),
        priced.vat.in_cents()
    )
    .execute(&mut *tx)
    .await?;
    ordered::write(tx, booking.id, &added.taken, booking.during).await?;
    Ok(true)
}

impl Price {
    /// The lines that are not for extras.
    pub fn of_the_space(&self) -> Vec<crate::billing::quote::Line> {
        let mut extras = self.extras.clone();
        let mut lines = self.lines.clone();
        lines.retain(|line| match extras.iter().position(|extra| extra == line) {
            Some(at) => {
                extras.swap_remove(at);
                false
            }
            None => true,
        });
        lines
    }
}

impl Priced {
    /// The price of the space as it was agreed, with other extras.
    pub fn keeping(booking: &Booking, added: &Added) -> Priced {
        let before = &booking.price;
        let mut lines = before.of_the_space();
        lines.extend(added.lines.iter().cloned());
        let total: Money = lines.iter().map(|line| line.cents).sum();
        Priced {
            price: Price {
                lines,
                extras: added.lines.clone(),
                at_least: before.at_least.min(total),
                ..before.clone()
            },
            total,
            vat: total.vat_inside(before.vat_basis_points),
        }
    }
}
