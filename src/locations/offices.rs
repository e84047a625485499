//! Serviced offices: sizes, terms, prices, and from when each is free.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use chrono::Days;
use serde_json::json;

use super::location::Location;
use crate::{
    app::App,
    bookings::{
        sheet::{Asker, Sheet},
        term::{Let, Term, Unit, Wish},
    },
    error::Result,
    extract::Now,
    found::{Found, breadcrumbs},
    html::{self, Chrome},
    money::{Money, Split},
    spaces::space::{Kind, Space, Which},
    time::long_date,
};

pub fn routes() -> Router<App> {
    Router::new().route("/offices", get(offices))
}

/// How far ahead a month without anybody is looked for.
const AHEAD: Days = Days::new(240);

#[derive(Template)]
#[template(path = "locations/offices.html")]
struct OfficesPage {
    chrome: Chrome,
    places: Vec<Place>,
    /// By the month.
    lowest: Option<Split>,
    has_vat: bool,
}

struct Place {
    location: Location,
    offices: Vec<Office>,
}

struct Office {
    name: String,
    url: String,
    facts: String,
    month: Option<Split>,
    week: Option<Split>,
    day: Option<Split>,
    /// `Now`, `1 December`; `None` where it is let for as far as we look.
    free_from: Option<String>,
    is_free: bool,
}

impl OfficesPage {
    fn count(&self) -> usize {
        self.places.iter().map(|place| place.offices.len()).sum()
    }

    fn free(&self) -> usize {
        let offices = self.places.iter().flat_map(|place| &place.offices);
        offices.filter(|office| office.is_free).count()
    }
}

async fn offices(chrome: Chrome, Now(now): Now, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let which = Which {
        kind: Some(Kind::Office),
        ..Which::default()
    };
    let today = now.date_naive();
    let days = (today, today + AHEAD);
    let sheet = Sheet::load(&mut db, which, days, &Asker::default(), now).await?;
    let places: Vec<Place> = Location::all(&mut db)
        .await?
        .into_iter()
        .map(|location| Place {
            offices: sheet
                .spaces
                .iter()
                .filter(|space| space.location == location.id)
                .map(|space| office(&sheet, space))
                .collect(),
            location,
        })
        .filter(|place| !place.offices.is_empty())
        .collect();
    let offices = places.iter().flat_map(|place| &place.offices);
    let lowest = offices
        .filter_map(|office| office.month)
        .min_by_key(|month| month.with);
    html::page(&OfficesPage {
        chrome: found(chrome, lowest.map(|month| month.with)),
        places,
        lowest,
        has_vat: sheet.prices().vat(today) > 0,
    })
}

fn office(sheet: &Sheet, space: &Space) -> Office {
    let today = sheet.today(space);
    let rates = sheet.prices().of(space, today);
    let month = Let {
        unit: Unit::Month,
        count: 1,
        first: today,
    };
    let vat = sheet.prices().vat(today);
    let split = |price: Money| price.split(vat);
    let vacant = sheet.free_from(space, &Wish::new(Term::Let(month), 1), today);
    Office {
        name: space.name.clone(),
        url: format!("/spaces/{}", space.slug),
        facts: match space.seats {
            1 => format!("1 person, {}", space.floor_name),
            many => format!("{many} people, {}", space.floor_name),
        },
        month: rates.month.map(split),
        week: rates.week.map(split),
        day: rates.day.map(split),
        free_from: vacant.map(|date| {
            if date == today {
                "Now".to_owned()
            } else {
                long_date(date, today)
            }
        }),
        is_free: vacant == Some(today),
    }
}

fn found(chrome: Chrome, lowest: Option<Money>) -> Chrome {
    let found = Found::page(
        "/offices",
        "Serviced offices in Durban by the day, week or month · Connect Space",
        "Private offices for one to eight people in Durban: what is included, what they cost, and from when each is free.",
        "offices",
    );
    let way = breadcrumbs(&[
        ("Connect Space", chrome.whole("/")),
        ("Serviced offices", chrome.whole("/offices")),
    ]);
    let found = found.with(way);
    let Some(lowest) = lowest else {
        return chrome.found(found);
    };
    let service = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": "Serviced office",
        "description": "A private office in a staffed house, furnished, with fibre, power backup, cleaning and coffee.",
        "url": chrome.whole("/offices"),
        "image": chrome.whole("/pictures/page/offices.png"),
        "offers": {
            "@type": "AggregateOffer",
            "lowPrice": lowest.decimal(),
            "priceCurrency": "ZAR",
        },
    });
    chrome.found(found.with(service))
}
