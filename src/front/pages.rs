//! Home.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;

use super::{live::Live, usual::UsualCard};
use crate::{
    app::App,
    billing::lowest::Lowest,
    bookings::{
        booking::{Booking, Status},
        sheet::{Asker, Sheet},
        term::Term,
        usual::Usual,
    },
    error::Result,
    extract::Now,
    form::Errors,
    found::Found,
    html::{self, Chrome},
    journal::{article::Article, card::Card},
    legal::operator::Operator,
    locations::{
        hours::Calendar,
        location::{self, Location},
    },
    sessions::current::Current,
    spaces::space::{Kind, Which},
    time::long_date,
    viewings::suggestion::{self, Suggestion},
};

pub fn routes() -> Router<App> {
    Router::new().route("/", get(home))
}

#[derive(Template)]
#[template(path = "front/home.html")]
struct HomePage {
    chrome: Chrome,
    errors: Errors,
    places: Vec<Place>,
    next: Option<Next>,
    usual: Option<UsualCard>,
    /// The newest of the journal.
    articles: Vec<Card>,
    /// By the first location's clock.
    as_of: String,
    today: NaiveDate,
    /// The first day on which somebody can still come.
    date: NaiveDate,
    most_seats: i32,
    /// Times at which somebody could show us to them.
    visits: Vec<Suggestion>,
}

/// A location on its card, and what it has right now.
struct Place {
    slug: String,
    name: String,
    emblem: String,
    summary: String,
    is_open_for_business: bool,
    hours_today: String,
    prices: Lowest,
    live: Live,
}

/// The signed-in person's next booking.
struct Next {
    booking: Booking,
    when: String,
    is_now: bool,
}

impl HomePage {
    /// How many people there may be, to choose from with one tap.
    fn sizes(&self) -> impl Iterator<Item = i32> {
        let most = self.most_seats;
        [1, 2, 4, 8, 12, 20]
            .into_iter()
            .filter(move |size| *size == 1 || *size <= most)
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self
            .open_places()
            .map(|place| place.name.as_str())
            .collect();
        names.join(" · ")
    }

    /// `Three locations`
    fn how_many(&self) -> String {
        let words = [
            "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten",
        ];
        let count = self.open_places().count();
        let number = words
            .get(count)
            .map_or_else(|| count.to_string(), |word| (*word).to_owned());
        format!("{number} location{}", if count == 1 { "" } else { "s" })
    }

    fn announced(&self) -> impl Iterator<Item = &Place> {
        self.places
            .iter()
            .filter(|place| !place.is_open_for_business)
    }

    fn open_places(&self) -> impl Iterator<Item = &Place> {
        self.places
            .iter()
            .filter(|place| place.is_open_for_business)
    }
}

async fn home(
    chrome: Chrome,
    me: Option<Current>,
    Now(now): Now,
    State(app): State<App>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let locations = Location::all(&mut db).await?;
    // Each location's own day is within a day of this one, which the sheet reads as well.
    let utc_today = now.date_naive();
    let sheet = Sheet::load(
        &mut db,
        Which::default(),
        (utc_today, utc_today),
        &Asker::default(),
        now,
    )
    .await?;
    let calendars =
        Calendar::of_all(&mut db, &locations, utc_today, utc_today + Days::new(14)).await?;
    let (next, usual) = match me {
        Some(me) => (
            next(Booking::upcoming(&mut db, me.member, now).await?, now),
            Usual::of(&mut db, me.member, now).await?,
        ),
        None => (None, None),
    };
    let visits = suggestion::visits(&mut db, &locations, now).await?;
    let open = || {
        locations
            .iter()
            .filter(|place| place.status == location::Status::Open)
    };
    let first = open().next().or(locations.first());
    let today = first.map_or(utc_today, |place| place.zone.date(now));
    let next_days = open().filter_map(|place| calendars.get(&place.id)?.next_day(now));
    let zone = Operator::load(&mut db).await?.zone;
    let articles = Article::published(&mut db, None, "", now).await?;
    html::page(&HomePage {
        chrome: found(chrome),
        errors: Errors::default(),
        visits,
        next,
        usual: usual.map(|usual| UsualCard::new(usual, now)),
        articles: articles
            .iter()
            .take(3)
            .map(|article| Card::of(article, zone, zone.date(now)))
            .collect(),
        as_of: first.map(|place| place.zone.clock(now)).unwrap_or_default(),
        date: next_days.min().unwrap_or(today),
        today,
        most_seats: sheet
            .spaces
            .iter()
            .map(|space| space.seats)
            .max()
            .unwrap_or(1),
        places: locations
            .iter()
            .filter_map(|place| Some(on_its_card(place, calendars.get(&place.id)?, &sheet, now)))
            .collect(),
    })
}

fn found(chrome: Chrome) -> Chrome {
    let found = Found::page(
        "/",
        "Connect Space: desks, meeting rooms and offices in Durban",
        "Hot desks and meeting rooms by the hour and offices by the month in Durban. See what is free, and what it costs.",
        "home",
    );
    let site = json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": "Connect Space",
        "url": chrome.whole("/"),
        "inLanguage": "en-ZA",
    });
    chrome.found(found.with(site))
}

fn on_its_card(place: &Location, calendar: &Calendar, sheet: &Sheet, now: DateTime<Utc>) -> Place {
    let today = calendar.zone.date(now);
    let day = calendar.day(today);
    let reason = day.reason.as_ref().filter(|_| day.is_closed());
    Place {
        slug: place.slug.clone(),
        name: place.name.clone(),
        emblem: place.emblem.clone(),
        summary: place.summary.clone(),
        is_open_for_business: place.status == location::Status::Open,
        hours_today: match reason {
            Some(reason) => format!("Closed, {reason}"),
            None => calendar.hours_of(&day),
        },
        prices: Lowest::at(place.id, &sheet.spaces, sheet.prices(), today),
        live: Live::at(place, calendar, sheet, now),
    }
}

fn next(upcoming: Vec<Booking>, now: DateTime<Utc>) -> Option<Next> {
    let booking = upcoming.into_iter().find(|booking| match booking.status {
        Status::Held => booking.holds,
        Status::Pending | Status::Confirmed | Status::CheckedIn => true,
        _ => false,
    })?;
    let today = booking.zone.date(now);
    let is_today = booking.zone.date(booking.during.from) == today;
    let when = match booking.term {
        Term::Time(span) if is_today => format!("Today, {}", booking.zone.range(span, today)),
        Term::Days { first, last } if first == last && is_today => {
            format!("Today, {}", long_date(first, today))
        }
        term => term.words(booking.zone, today),
    };
    Some(Next {
        when,
        is_now: booking.during.from <= now,
        booking,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_counted_in_words() {
        let page = |count: usize| HomePage {
            chrome: Chrome::default(),
            errors: Errors::default(),
            places: (0..count).map(|_| place()).collect(),
            next: None,
            usual: None,
            articles: Vec::new(),
            as_of: String::new(),
            today: NaiveDate::default(),
            date: NaiveDate::default(),
            most_seats: 1,
            visits: Vec::new(),
        };
        assert_eq!(page(1).how_many(), "One location");
        assert_eq!(page(4).how_many(), "Four locations");
        assert_eq!(page(11).how_many(), "11 locations");
    }

    fn place() -> Place {
        Place {
            slug: String::new(),
            name: String::new(),
            emblem: String::new(),
            summary: String::new(),
            is_open_for_business: true,
            hours_today: String::new(),
            prices: Lowest::default(),
            live: Live::default(),
        }
    }
}
