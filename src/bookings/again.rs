//! The same once more: length, weekday and people of a booking, on the next such day that is free.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use sqlx::PgConnection;

use super::{
    booking::Booking,
    sheet::{Asker, Sheet},
    term::{Term, Wish},
};
use crate::{
    error::Result,
    id::Id,
    members::member::Member,
    spaces::space::Which,
    time::{Span, Zone},
};

/// How many weeks ahead are looked at.
const WEEKS: u64 = 8;

/// At the same hours where they are free, else at the nearest that day. `None` when the space is no
/// longer offered or has no such day within the weeks.
pub async fn again(
    db: &mut PgConnection,
    booking: &Booking,
    member: Id<Member>,
    now: DateTime<Utc>,
) -> Result<Option<Term>> {
    let (first, last) = booking.term.dates(booking.zone);
    let tomorrow = booking.zone.date(now) + Days::new(1);
    let which = Which {
        id: Some(booking.space_id.into()),
        ..Which::default()
    };
    let until = tomorrow + Days::new(7 * WEEKS) + (last - first);
    let mut sheet = Sheet::load(db, which, (tomorrow, until), &Asker::member(member), now).await?;
    let Some(space) = sheet.spaces.first().cloned() else {
        return Ok(None);
    };
    for date in weekly(first, tomorrow) {
        let Some(term) = booking.term.on(date, booking.zone) else {
            continue;
        };
        let wish = Wish {
            term,
            people: booking.people,
            layout: booking.layout,
        };
        sheet.days = term.dates(booking.zone);
        if let Some((free, _)) = sheet.nearest(&space, &wish) {
            return Ok(Some(free));
        }
    }
    Ok(None)
}

/// The dates from `from` on that are the same weekday as `like`.
fn weekly(like: NaiveDate, from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let days = from.iter_days().take(7 * WEEKS as usize);
    days.filter(move |date| date.weekday() == like.weekday())
}

impl Term {
    /// As long and at the same hours, beginning on another date; `None` where clocks skip the time.
    fn on(self, date: NaiveDate, zone: Zone) -> Option<Term> {
        let (first, _) = self.dates(zone);
        let shift = date - first;
        match self {
            Term::Time(span) => {
                let moved = |at| zone.instant(zone.wall(at) + shift).ok();
                Some(Term::Time(Span::new(moved(span.from)?, moved(span.until)?)))
            }
            Term::Days { .. } | Term::Let(_) => Some(self.starting(date)),
        }
    }
}
