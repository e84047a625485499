//! When a wish does not fit: the nearest time on the same space, and the nearest space at the same time.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{
    availability::{Sheet, Term, Wish},
    wish::Typed,
};
use crate::{
    error::Result,
    id::Id,
    members::member::Member,
    spaces::space::{Space, Which},
};

/// A link that is one tap from booking.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    pub text: String,
    pub url: String,
}

/// `sheet` holds the spaces that were wanted; `address` is their page, if they share one.
pub async fn suggestions(
    db: &mut PgConnection,
    sheet: &Sheet,
    address: Option<&str>,
    typed: &Typed,
    wish: &Wish,
    member: Option<Id<Member>>,
    now: DateTime<Utc>,
) -> Result<Vec<Suggestion>> {
    let Some(space) = sheet.spaces.first() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    if let Some((nearest, term)) = nearest_time(sheet, wish) {
        let when = term.words(sheet.zone(nearest), sheet.today(nearest));
        let query = typed.with_term(term, sheet.zone(nearest)).query();
        found.push(match address {
            Some(address) => Suggestion {
                text: format!("Free {when}"),
                url: format!("{address}?{query}#book"),
            },
            None => Suggestion {
                text: format!(
                    "{}, {} is free {when}",
                    nearest.name,
                    sheet.location(nearest).name
                ),
                url: format!("/spaces/{}?{query}#book", nearest.slug),
            },
        });
    }
    let (first, last) = wish.term.dates(sheet.zone(space));
    let which = Which {
        kind: Some(space.kind),
        people: wish.people,
        ..Which::default()
    };
    let days = (first, last.min(first + Duration::days(366)));
    let others = Sheet::load(db, which, days, member, now).await?;
    let mut free = others.free(wish);
    free.retain(|(other, _)| sheet.find(&other.slug).is_none());
    free.sort_by_key(|(other, _)| (other.location != space.location, other.seats));
    if let Some((other, _)) = free.first() {
        let place = if other.location == space.location {
            String::new()
        } else {
            format!(" in {}", others.location(other).name)
        };
        let typed = typed.with_term(wish.term, sheet.zone(space));
        found.push(Suggestion {
            text: format!(
                "{}{place} is free {}",
                other.name,
                wish.term.words(sheet.zone(space), sheet.today(space))
            ),
            url: format!("/spaces/{}?{}#book", other.slug, typed.query()),
        });
    }
    Ok(found)
}

/// Over all the sheet's spaces, the same wish at the time that is least far away.
fn nearest_time<'a>(sheet: &'a Sheet, wish: &Wish) -> Option<(&'a Space, Term)> {
    let start = |term: &Term| match *term {
        Term::Time(span) => span.from.timestamp(),
        Term::Days { first, .. } => i64::from(first.to_epoch_days()) * 86_400,
    };
    let wanted = start(&wish.term);
    let terms = sheet
        .spaces
        .iter()
        .filter_map(|space| Some((space, sheet.nearest(space, wish)?.0)));
    terms.min_by_key(|(_, term)| (start(term) - wanted).abs())
}
