//! Bookings ahead that would break a policy as it is about to be: whoever changes it looks at them first, and
//! nobody touches them.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{booking::Booking, policy::Policy, term::Term};
use crate::{
    error::Result,
    locations::{hours::Calendar, location::Location},
};

/// What is booked on some spaces from now on, the first to begin first.
pub async fn ahead(
    db: &mut PgConnection,
    spaces: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Booking>> {
    let ids = sqlx::query_scalar!(
        "select b.id from bookings b where b.space_id = any($1) and upper(b.during) > $2
           and (b.status in ('pending', 'confirmed', 'checked_in') or b.status = 'held' and b.hold_expires_at > now())",
        spaces,
        now
    )
    .fetch_all(&mut *db)
    .await?;
    let mut bookings: Vec<Booking> = Booking::by_ids(db, &ids).await?.into_values().collect();
    bookings.sort_by_key(|booking| booking.during.from);
    Ok(bookings)
}

/// Those on some spaces that follow the policy as it was, and would not follow the new one. Notice, set-up,
/// turnaround and the terms of cancelling are each booking's own, from when it was made.
pub async fn outside(
    db: &mut PgConnection,
    spaces: &[Uuid],
    (was, new): (&Policy, &Policy),
    now: DateTime<Utc>,
) -> Result<Vec<Booking>> {
    let mut bookings = ahead(&mut *db, spaces, now).await?;
    let dates = bookings
        .iter()
        .map(|booking| booking.zone.date(booking.during.until));
    let Some(last) = dates.max() else {
        return Ok(bookings);
    };
    let locations = Location::all(&mut *db).await?;
    let last = last + Duration::days(1);
    let calendars = Calendar::of_all(&mut *db, &locations, now.date_naive(), last).await?;
    let calendar = |booking: &Booking| {
        let mut places = locations.iter();
        let place = places.find(|place| place.slug == booking.location_slug)?;
        calendars.get(&place.id)
    };
    let too_many = crowded(&mut *db, &bookings, new.max_at_once).await?;
    let known = crowded(db, &bookings, was.max_at_once).await?;
    bookings.retain(|booking| {
        let (id, calendar) = (booking.id.get(), calendar(booking));
        let today = booking.zone.date(now);
        let is_within = |policy, crowd: &BTreeSet<Uuid>| {
            follows(policy, booking, calendar, today) && !crowd.contains(&id)
        };
        is_within(was, &known) && !is_within(new, &too_many)
    });
    Ok(bookings)
}

/// Whether what was booked could be asked for by a policy: the way, the length, the steps, how far ahead.
fn follows(
    policy: &Policy,
    booking: &Booking,
    calendar: Option<&Calendar>,
    today: NaiveDate,
) -> bool {
    let last = booking.term.last_day();
    let last = last.unwrap_or_else(|| booking.zone.date(booking.during.from));
    if !policy.allows(booking.term.by()) || last > today + Duration::days(policy.max_advance_days) {
        return false;
    }
    let Term::Time(span) = booking.term else {
        return true;
    };
    let opening = calendar.and_then(|calendar| calendar.opening_at(span.from));
    let stands_on_steps = opening.is_none_or(|opening| {
        let steps = |at: DateTime<Utc>| {
            (at - opening.span.from).num_seconds() % (policy.step_minutes * 60) == 0
        };
        steps(span.from) && steps(span.until)
    });
    stands_on_steps && (policy.min_minutes..=policy.max_minutes).contains(&span.minutes())
}

/// Those that begin while their member has more of the kind than the most at once.
async fn crowded(
    db: &mut PgConnection,
    bookings: &[Booking],
    most: Option<usize>,
) -> Result<BTreeSet<Uuid>> {
    let Some(most) = most else {
        return Ok(BTreeSet::new());
    };
    let ids: Vec<Uuid> = bookings.iter().map(|booking| booking.id.get()).collect();
    let found = sqlx::query_scalar!(
        "select b.id from bookings b join spaces s on s.id = b.space_id
         where b.id = any($1) and b.status <> 'held'
           and (select count(*) from bookings o join spaces p on p.id = o.space_id
                where o.member_id = b.member_id and p.kind = s.kind and o.during @> lower(b.during)
                  and o.status in ('pending', 'confirmed', 'checked_in')) > $2",
        &ids,
        most as i64
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().collect())
}
