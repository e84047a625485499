//! Where a booking that a closure hits could go: spaces of its kind that seat as many and are free then.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::worklist::Hit;
use crate::{
    bookings::{
        booking::Booking,
        sheet::{Asker, Sheet},
        term::{Term, Wish},
    },
    error::Result,
    money::Money,
    spaces::space::Which,
};

/// How many are proposed for each.
const MOST: usize = 3;
/// For so many, the first to begin: the others get theirs as the list grows shorter.
const ROWS: usize = 40;
/// Longer stays are talked about.
const LONGEST_DAYS: i64 = 31;

#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    pub slug: String,
    /// `Pier`, or `Pier in Umhlanga`.
    pub name: String,
    pub seats: i32,
    /// By the price list.
    pub price: Money,
}

/// By the booking: the same location first, then the smallest that seats them.
pub async fn proposals(
    db: &mut PgConnection,
    hits: &[Hit],
    now: DateTime<Utc>,
) -> Result<BTreeMap<Uuid, Vec<Proposal>>> {
    let open = hits
        .iter()
        .filter(|hit| hit.outcome.is_none() && !hit.is_tenant && hit.booking.during.from > now);
    let wanted: Vec<(&Booking, (NaiveDate, NaiveDate))> = open
        .map(|hit| (&hit.booking, hit.booking.term.dates(hit.booking.zone)))
        .filter(|(_, (first, last))| (*last - *first).num_days() <= LONGEST_DAYS)
        .take(ROWS)
        .collect();
    // Bookings that lie together share what is read for them.
    let mut sheets: Vec<((NaiveDate, NaiveDate), Sheet)> = Vec::new();
    let mut found = BTreeMap::new();
    for (booking, (first, last)) in wanted {
        let known = sheets
            .iter()
            .position(|((from, until), _)| *from <= first && last <= *until);
        let at = match known {
            Some(at) => at,
            None => {
                let days = (first, last.max(first + chrono::Duration::days(6)));
                let asker = Asker::default();
                sheets.push((
                    days,
                    Sheet::load(db, Which::default(), days, &asker, now).await?,
                ));
                sheets.len() - 1
            }
        };
        found.insert(booking.id.get(), fitting(&sheets[at].1, booking));
    }
    Ok(found)
}

fn fitting(sheet: &Sheet, booking: &Booking) -> Vec<Proposal> {
    let wish = Wish {
        term: booking.term,
        people: booking.people,
        layout: booking.layout,
    };
    let zone_fits = |term: &Term, zone| match term {
        Term::Time(_) => true,
        Term::Days { .. } | Term::Let(_) => zone == booking.zone,
    };
    let mut free: Vec<_> = sheet
        .spaces
        .iter()
        .filter(|space| space.kind == booking.kind && space.id.get() != booking.space_id)
        .filter(|space| zone_fits(&wish.term, sheet.zone(space)))
        .filter_map(|space| Some((space, sheet.check(space, &wish).ok()?)))
        .collect();
    let here = |place: &str| place == booking.location_slug;
    free.sort_by_key(|(space, offer)| {
        let place = sheet.location(space);
        (!here(&place.slug), space.seats, sheet.slack(space, offer))
    });
    free.truncate(MOST);
    free.into_iter()
        .map(|(space, offer)| {
            let place = sheet.location(space);
            Proposal {
                slug: space.slug.clone(),
                name: if here(&place.slug) {
                    space.name.clone()
                } else {
                    format!("{} in {}", space.name, place.name)
                },
                seats: space.seats,
                price: offer.quote.total,
            }
        })
        .collect()
}
