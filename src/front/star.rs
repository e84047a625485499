//! A favourite as the member's day shows it: where it is, and from when it is free.

use chrono::{DateTime, Days, Utc};

use crate::{
    bookings::{
        favourite::Favourite,
        sheet::{Asker, Sheet},
        term::Term,
        wish::Typed,
    },
    error::Result,
    id::Id,
    members::member::Member,
    spaces::space::{Kind, Space, Which},
    time::long_date,
    transaction::Db,
};

/// How far ahead the next free time is looked for.
const AHEAD: Days = Days::new(7);

pub struct Star {
    pub slug: String,
    pub name: String,
    pub location: String,
    pub kind: Kind,
    /// `Free now until 13:00`
    pub free: String,
    is_free_now: bool,
    /// Its page, with that time chosen.
    pub url: String,
}

impl Star {
    /// A member's favourites, in their order.
    pub async fn all(db: &mut Db, member: Id<Member>, now: DateTime<Utc>) -> Result<Vec<Star>> {
        let favourites = Favourite::of(db, member).await?;
        if favourites.is_empty() {
            return Ok(Vec::new());
        }
        let today = now.date_naive();
        let days = (today, today + AHEAD);
        let mut sheet =
            Sheet::load(db, Which::default(), days, &Asker::member(member), now).await?;
        sheet
            .spaces
            .retain(|space| favourites.iter().any(|star| star.space == space.id));
        Ok(favourites
            .into_iter()
            .map(|favourite| Star::new(favourite, &sheet))
            .collect())
    }

    /// The tone of its tag.
    pub fn tone(&self) -> &'static str {
        if self.is_free_now { "ok" } else { "" }
    }

    fn new(favourite: Favourite, sheet: &Sheet) -> Star {
        let space = sheet.find(&favourite.slug);
        let page = format!("/spaces/{}", favourite.slug);
        let soonest = space.and_then(|space| Some((space, sheet.soonest(space)?)));
        let (free, is_free_now, url) = match soonest {
            Some((space, term)) => {
                let typed = Typed::default().with_term(term, sheet.zone(space));
                let (words, is_free_now) = words(sheet, space, term);
                (words, is_free_now, format!("{page}?{}", typed.query()))
            }
            None if space.is_some() => ("Not free this week".to_owned(), false, page),
            None => ("Not offered at the moment".to_owned(), false, String::new()),
        };
        Star {
            slug: favourite.slug,
            name: favourite.name,
            location: favourite.location,
            kind: favourite.kind,
            free,
            is_free_now,
            url,
        }
    }
}

/// `Free now until 13:00`, `Free from 14:00`, `Free Fri 27 November`, and whether that is now.
fn words(sheet: &Sheet, space: &Space, term: Term) -> (String, bool) {
    let (zone, today) = (sheet.zone(space), sheet.today(space));
    let (date, _) = term.dates(zone);
    let day = long_date(date, today);
    let Term::Time(span) = term else {
        return match date == today {
            true => ("Free today".to_owned(), true),
            false => (format!("Free {day}"), false),
        };
    };
    let clock = |at| zone.clock(at);
    let soon = (span.from - sheet.now()).num_minutes() < space.policy.step_minutes;
    match sheet.free_until(space, span.from) {
        Some(until) if soon => (format!("Free now until {}", clock(until)), true),
        _ if date == today => (format!("Free from {}", clock(span.from)), false),
        _ => (format!("Free {day} from {}", clock(span.from)), false),
    }
}
