//! When a wish does not fit: the nearest time on the same space, and the nearest space at the same time.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::{
    availability::Offer,
    sheet::{Asker, Sheet},
    term::{Term, Wish},
    wish::Typed,
};
use crate::{
    error::Result,
    html,
    money::Money,
    spaces::space::{Space, Which},
};

/// Something else that fits, one tap from booking.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// `Lagoon is free Tue 24 November, 10:30–11:30`.
    pub text: String,
    pub price: Money,
    /// Its page with everything chosen.
    pub url: String,
    /// The same for a form that is sent again: the fields that it replaces.
    pub instead: String,
}

impl Suggestion {
    fn new(
        text: String,
        offer: &Offer,
        address: &str,
        wanted: (&str, &str),
        typed: &Typed,
    ) -> Self {
        let query = typed.query();
        Suggestion {
            text,
            price: offer.quote.total,
            url: format!("{address}?{query}#book"),
            instead: format!(
                "{}&{query}",
                html::query(&[wanted, ("shown", &offer.quote.total.in_cents().to_string())])
            ),
        }
    }
}

/// `sheet` holds the spaces that were wanted; `address` is their page, if they share one.
pub async fn suggestions(
    db: &mut PgConnection,
    sheet: &Sheet,
    address: Option<&str>,
    typed: &Typed,
    wish: &Wish,
    asker: &Asker,
    now: DateTime<Utc>,
) -> Result<Vec<Suggestion>> {
    let Some(space) = sheet.spaces.first() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    if let Some((nearest, term, offer)) = nearest_time(sheet, wish) {
        let when = term.words(sheet.zone(nearest), sheet.today(nearest));
        let typed = typed.with_term(term, sheet.zone(nearest));
        found.push(match address {
            Some(address) if sheet.spaces.len() > 1 => {
                let wanted = ("location", sheet.location(nearest).slug.as_str());
                Suggestion::new(format!("Free {when}"), &offer, address, wanted, &typed)
            }
            Some(address) => Suggestion::new(
                format!("Free {when}"),
                &offer,
                address,
                ("space", &nearest.slug),
                &typed,
            ),
            None => {
                let place = &sheet.location(nearest).name;
                let text = format!("{}, {place} is free {when}", nearest.name);
                Suggestion::new(
                    text,
                    &offer,
                    &format!("/spaces/{}", nearest.slug),
                    ("space", &nearest.slug),
                    &typed,
                )
            }
        });
    }
    let (first, last) = wish.term.dates(sheet.zone(space));
    let which = Which {
        kind: Some(space.kind),
        people: wish.people,
        ..Which::default()
    };
    let days = (first, last.min(first + Duration::days(366)));
    let others = Sheet::load(db, which, days, asker, now).await?;
    let mut free = others.free(wish);
    free.retain(|(other, _)| sheet.find(&other.slug).is_none());
    free.sort_by_key(|(other, _)| (other.location != space.location, other.seats));
    if let Some((other, offer)) = free.first() {
        let place = if other.location == space.location {
            String::new()
        } else {
            format!(" in {}", others.location(other).name)
        };
        let zone = others.zone(other);
        let text = format!(
            "{}{place} is free {}",
            other.name,
            wish.term.words(zone, others.today(other))
        );
        let typed = Typed {
            location: String::new(),
            ..typed.with_term(wish.term, zone)
        };
        found.push(Suggestion::new(
            text,
            offer,
            &format!("/spaces/{}", other.slug),
            ("space", &other.slug),
            &typed,
        ));
    }
    Ok(found)
}

/// Over all the sheet's spaces, the same wish at the time that is least far away.
fn nearest_time<'a>(sheet: &'a Sheet, wish: &Wish) -> Option<(&'a Space, Term, Offer)> {
    let start = |term: &Term| match *term {
        Term::Time(span) => span.from.timestamp(),
        term => i64::from(term.utc_dates().0.to_epoch_days()) * 86_400,
    };
    let wanted = start(&wish.term);
    let nearest = sheet.spaces.iter().filter_map(|space| {
        let (term, offer) = sheet.nearest(space, wish)?;
        Some((space, term, offer))
    });
    nearest.min_by_key(|(_, term, _)| (start(term) - wanted).abs())
}
