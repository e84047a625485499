//! Offering freed time to the first in the line: a real hold with a deadline, and after that to the next.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Entry;
use crate::{
    audit,
    bookings::{
        availability::Offer,
        booking::Booking,
        locks,
        order::{Booker, Channel, Details, Hold, Order, Wanted},
        payer::Payer,
        sheet::{Asker, Sheet},
        term::{Term, Wish},
    },
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    spaces::space::{Space, Which},
    time::Span,
};

/// No offer is shorter, unless the time itself begins before.
const LEAST_MINUTES: i64 = 10;

/// Offers what is free of a space to the first whom it suits wholly; false when there is nobody. Called again
/// until then, each time in a transaction of its own.
pub async fn offer_next(tx: &mut PgConnection, space: Uuid, now: DateTime<Utc>) -> Result<bool> {
    locks::space(tx, space).await?;
    locks::expire_holds(tx, &[space]).await?;
    for entry in Entry::in_line(tx, space.into()).await? {
        let Some((space, term, offer)) = suiting(tx, &entry, space.into(), now).await? else {
            continue;
        };
        if let Some(booking) = hold(tx, &entry, &space, (term, &offer), now).await? {
            tell(tx, &entry, booking).await?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first time that would do on the space and is free by every rule.
async fn suiting(
    tx: &mut PgConnection,
    entry: &Entry,
    space: Id<Space>,
    now: DateTime<Utc>,
) -> Result<Option<(Space, Term, Offer)>> {
    let which = Which {
        id: Some(space),
        ..Which::default()
    };
    let asker = Asker::program(entry.member);
    let sheet = Sheet::load(tx, which, entry.wished.dates(), &asker, now).await?;
    let Some(space) = sheet.spaces.first() else {
        return Ok(None);
    };
    let terms = entry.wished.terms(&sheet, space).into_iter();
    let mut fitting = terms.filter_map(|term| {
        let offer = sheet.check(space, &Wish::new(term, entry.people)).ok()?;
        Some((space.clone(), term, offer))
    });
    Ok(fitting.next())
}

/// `None` for somebody who has left the line or was offered another space meanwhile.
async fn hold(
    tx: &mut PgConnection,
    entry: &Entry,
    space: &Space,
    (term, offer): (Term, &Offer),
    now: DateTime<Utc>,
) -> Result<Option<Id<Booking>>> {
    Payer::Usual.lock(tx, entry.member).await?;
    locks::member(tx, entry.member).await?;
    let waits = sqlx::query_scalar!(
        "select id from waitlist_entries where id = $1 and ended_at is null and offer_id is null for no key update",
        entry.id
    )
    .fetch_optional(&mut *tx)
    .await?;
    if waits.is_none() {
        return Ok(None);
    }
    let until = deadline(now, offer.during, space.policy.offer_minutes);
    let order = Order {
        wanted: Wanted::Space(space.slug.clone()),
        wish: Wish::new(term, entry.people),
        extras: Vec::new(),
        title: String::new(),
        details: Details::default(),
        payer: Payer::Usual,
        hold: Hold::Offer(until),
        shown: None,
        key: None,
        replaces: None,
        desk: None,
    };
    let booker = Booker {
        member: entry.member,
        proven: true,
        channel: Channel::Waitlist,
        acting: None,
    };
    Ok(order.take(tx, booker, now).await?.ok())
}

/// So many minutes, but no longer than half of what is left until it begins.
fn deadline(now: DateTime<Utc>, during: Span, minutes: i64) -> DateTime<Utc> {
    let usual = now + Duration::minutes(minutes);
    let least = now + Duration::minutes(LEAST_MINUTES);
    if during.from <= now {
        return usual.min(during.until).min(now + Duration::minutes(30));
    }
    let half = now + (during.from - now) / 2;
    usual.min(half.max(least)).min(during.from)
}

async fn tell(tx: &mut PgConnection, entry: &Entry, booking: Id<Booking>) -> Result<()> {
    sqlx::query!(
        "update waitlist_entries set offer_id = $2 where id = $1",
        entry.id,
        booking.get()
    )
    .execute(&mut *tx)
    .await?;
    let offered = Booking::by_id(tx, booking).await?.ok_or(Error::NotFound)?;
    let detail = json!({"reference": entry.reference, "offer": offered.reference, "until": offered.hold_expires_at});
    audit::record(tx, None, "offer", "waitlist_entries", entry.id, detail).await?;
    let booking = booking.get();
    jobs::enqueue(tx, &Job::WaitlistOffered { booking }).await?;
    let left = sqlx::query_scalar!(
        r#"select extract(epoch from hold_expires_at - now())::float8 as "left!" from bookings where id = $1"#,
        booking
    )
    .fetch_one(&mut *tx)
    .await?;
    let left = std::time::Duration::from_secs_f64(left.max(0.0));
    jobs::enqueue_after(tx, &Job::OfferEnds { booking }, left).await?;
    Ok(())
}

/// An offer that nobody has answered ends, and with it the place in the line.
pub async fn run_out(tx: &mut PgConnection, booking: Uuid) -> Result<()> {
    let Some(booking) = Booking::by_id(tx, booking.into()).await? else {
        return Ok(());
    };
    locks::space(tx, booking.space_id).await?;
    locks::expire_holds(tx, &[booking.space_id]).await
}

/// The spaces that somebody waits for and is offered nothing of.
pub async fn awaited(db: &mut PgConnection) -> Result<Vec<Uuid>> {
    let spaces = sqlx::query_scalar!(
        r#"select distinct x.space_id as "space!" from waiting x join spaces s on s.id = x.space_id
           where s.status = 'active' order by 1"#
    )
    .fetch_all(db)
    .await?;
    Ok(spaces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_it_is_the_shorter_an_offer_stands() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let at = |minutes: i64| now + Duration::minutes(minutes);
        let stands = |from: i64| {
            let until = deadline(now, Span::new(at(from), at(from + 60)), 120);
            (until - now).num_minutes()
        };
        for (from, minutes) in [
            (3000, 120),
            (240, 120),
            (120, 60),
            (30, 15),
            (12, 10),
            (5, 5),
            (-10, 30),
        ] {
            assert_eq!(stands(from), minutes, "it begins in {from} minutes");
        }
    }
}
