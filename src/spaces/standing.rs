//! How a space stands at a time, in words: free, yours, or why not.

use chrono::{DateTime, NaiveDate, Utc};

use super::space::Space;
use crate::{
    bookings::{
        availability::Offer,
        booking::{self, Booking},
        refusal::Refusal,
        sheet::Sheet,
        term::{By, Term, Wish},
    },
    time::Span,
};

#[derive(Clone, Debug)]
pub enum Standing {
    Free(Term, Offer),
    /// Booked by whoever looks.
    Yours {
        reference: String,
        when: String,
    },
    Taken(String),
    /// A rule forbids it.
    Shut(String),
}

impl Standing {
    /// `own` are the looker's bookings that are to come.
    pub fn of(sheet: &Sheet, space: &Space, wish: &Wish, own: &[Booking]) -> Standing {
        let term = as_it_is_let(sheet, space, wish.term);
        let wish = Wish { term, ..*wish };
        match sheet.check(space, &wish) {
            Ok(offer) => Standing::Free(term, offer),
            Err(refusal) => {
                let asked = asked(sheet, space, term);
                let mine = own.iter().find(|booking| {
                    booking.space_id == space.id.get()
                        && is_to_come(booking.status)
                        && booking.during.overlaps(asked)
                });
                match mine {
                    Some(booking) => Standing::Yours {
                        reference: booking.reference.clone(),
                        when: when(sheet, space, booking.during, asked),
                    },
                    None if refusal.is_taken() => Standing::Taken(taken(sheet, space, asked)),
                    None => Standing::Shut(why(refusal)),
                }
            }
        }
    }
}

fn is_to_come(status: booking::Status) -> bool {
    use booking::Status::{CheckedIn, Confirmed, Pending};
    matches!(status, Pending | Confirmed | CheckedIn)
}

/// Where a space is let by the day only, a time asks for its day.
pub fn as_it_is_let(sheet: &Sheet, space: &Space, term: Term) -> Term {
    match term {
        Term::Time(span) if !space.policy.by_time => {
            let day = sheet.zone(space).date(span.from);
            Term::Days {
                first: day,
                last: day,
            }
        }
        other => other,
    }
}

/// The opening hours that a term touches.
fn asked(sheet: &Sheet, space: &Space, term: Term) -> Span {
    if let Term::Time(span) = term {
        return span;
    }
    let (first, last) = term.dates(sheet.zone(space));
    let from = sheet.day(space, first).span().map(|span| span.from);
    let until = sheet.day(space, last).span().map(|span| span.until);
    let midnight = |date: NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
    Span::new(
        from.unwrap_or_else(|| midnight(first)),
        until.unwrap_or_else(|| midnight(last)),
    )
}

/// `Taken 09:30–11:15`, what follows without a gap included.
fn taken(sheet: &Sheet, space: &Space, asked: Span) -> String {
    let mut busy = sheet
        .busy(space)
        .iter()
        .filter(|span| span.until > asked.from);
    let Some(first) = busy.next() else {
        return "Taken".to_owned();
    };
    let until = busy.fold(first.until, |until, next| {
        if next.from <= until {
            until.max(next.until)
        } else {
            until
        }
    });
    format!(
        "Taken {}",
        when(sheet, space, Span::new(first.from, until), asked)
    )
}

/// `09:30–11:15`, `until 11:15`, `from 15:00` or `all day`: as much as the asked day has of it.
fn when(sheet: &Sheet, space: &Space, span: Span, asked: Span) -> String {
    let zone = sheet.zone(space);
    let date = zone.date(asked.from);
    let Some(day) = sheet.day(space, date).span() else {
        return "all day".to_owned();
    };
    let clock = |at: DateTime<Utc>| zone.clock(at);
    match (span.from > day.from, span.until < day.until) {
        (true, true) => format!("{}–{}", clock(span.from), clock(span.until)),
        (false, true) => format!("until {}", clock(span.until)),
        (true, false) => format!("from {}", clock(span.from)),
        (false, false) => "all day".to_owned(),
    }
}

fn why(refusal: Refusal) -> String {
    match refusal {
        Refusal::NotBy { by: By::Day, .. } => "By the hour only".to_owned(),
        Refusal::OutOfOrder { .. } => "Out of order".to_owned(),
        Refusal::TooManyPeople { seats, .. } => format!("Seats {seats}"),
        other => other.to_string(),
    }
}
