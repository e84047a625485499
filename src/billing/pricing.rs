//! The price list for everybody, and what a week would cost.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    response::Response,
    routing::get,
};
use chrono::{Datelike, Duration, NaiveDate};

use super::{
    pass::{
        product::{Product, Unit},
        purchase::AHEAD,
    },
    rate::{PriceList, Rates},
    week::{Way, Week},
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    form::Errors,
    found::Found,
    html::{self, Chrome},
    locations::{
        hours::{Calendar, Opening},
        location::{Location, Status},
    },
    money::Money,
    spaces::space::{Kind, Space, Which},
    time::{Span, long_date, parse_date},
};

pub fn routes() -> Router<App> {
    Router::new().route("/pricing", get(pricing))
}

#[derive(Template)]
#[template(path = "billing/pricing.html")]
struct PricingPage {
    chrome: Chrome,
    errors: Errors,
    places: Vec<Place>,
    passes: Passes,
    /// In basis points.
    vat: i64,
    today: NaiveDate,
    /// The first day that the passes are shown for.
    first: NaiveDate,
    week: WeekForm,
    answer: Option<Answer>,
}

/// A location with its prices.
struct Place {
    slug: String,
    name: String,
    desk: Rates,
    rooms: Vec<Row>,
    offices: Vec<Row>,
}

/// Spaces that cost the same.
struct Row {
    seats: i32,
    /// Their names.
    names: String,
    rates: Rates,
}

impl Row {
    /// By the day, the week and the month.
    fn terms(&self) -> [Option<Money>; 3] {
        [self.rates.day, self.rates.week, self.rates.month]
    }
}

/// Side by side: a column for each kind of pass, a row for each place.
struct Passes {
    columns: Vec<Column>,
    rows: Vec<(String, Vec<Option<Product>>)>,
}

struct Column {
    name: String,
    what: String,
    last: String,
}

/// What a week would cost, in each way.
struct Answer {
    /// `3 days of 4 hours at Musgrave, for 1 person, as in the week of Mon 30 November`
    wish: String,
    ways: Vec<Way>,
    book: String,
}

/// The calculator's fields as they were typed; days repeat.
#[derive(Clone, Debug)]
struct WeekForm {
    kind: Kind,
    place: String,
    /// ISO weekdays, Monday 1.
    days: Vec<u32>,
    hours: String,
    people: String,
    first: String,
    asked: bool,
}

const WEEKDAYS: [(u32, &str); 7] = [
    (1, "Mon"),
    (2, "Tue"),
    (3, "Wed"),
    (4, "Thu"),
    (5, "Fri"),
    (6, "Sat"),
    (7, "Sun"),
];

impl WeekForm {
    fn read(query: &str) -> WeekForm {
        let mut form = WeekForm {
            kind: Kind::HotDesk,
            place: String::new(),
            days: Vec::new(),
            hours: String::new(),
            people: String::new(),
            first: String::new(),
            asked: false,
        };
        for (field, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*field {
                "kind" => form.kind = value.parse().unwrap_or(Kind::HotDesk),
                "place" => form.place = value.into_owned(),
                "day" => form
                    .days
                    .extend(value.parse().ok().filter(|day: &u32| (1..=7).contains(day))),
                "hours" => form.hours = value.into_owned(),
                "people" => form.people = value.into_owned(),
                "first" => form.first = value.into_owned(),
                "week" => form.asked = true,
                _ => {}
            }
        }
        form.days.sort_unstable();
        form.days.dedup();
        if !form.asked {
            form.days = vec![2, 3, 4];
        }
        for (field, usual) in [(&mut form.hours, "6"), (&mut form.people, "1")] {
            if field.is_empty() {
                usual.clone_into(field);
            }
        }
        form
    }

    fn has(&self, day: &u32) -> bool {
        self.days.contains(day)
    }
}

impl PricingPage {
    fn vat_percent(&self) -> String {
        match (self.vat / 100, self.vat % 100) {
            (percent, 0) => format!("{percent} %"),
            (percent, part) => format!("{percent}.{part:02} %"),
        }
    }

    fn latest(&self) -> String {
        (self.today + Duration::days(AHEAD)).to_string()
    }

    fn begins(&self) -> String {
        long_date(self.first, self.today)
    }

    fn vat_of(&self, price: &Money) -> Money {
        price.vat_inside(self.vat)
    }

    /// Without its VAT, as offices are let.
    fn without_vat(&self, price: &Money) -> Money {
        *price - self.vat_of(price)
    }

    fn has_half_days(&self, place: &Place) -> bool {
        place.rooms.iter().any(|row| row.rates.half_day.is_some())
    }
}

async fn pricing(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let chrome = if query.is_none() {
        chrome.found(Found::page(
            "/pricing",
            "Prices: hot desks, meeting rooms, offices and passes · Connect Space",
            "What desks, meeting rooms, offices and passes cost in Durban, by the hour, day, week and month, and what \
             your own week would cost in each way.",
            "pricing",
        ))
    } else {
        chrome
    };
    let mut db = app.db.acquire().await?;
    let form = WeekForm::read(&query.unwrap_or_default());
    let mut locations = Location::all(&mut db).await?;
    locations.retain(|place| place.status == Status::Open);
    let spaces = Space::list(&mut db, Which::default()).await?;
    let prices = PriceList::load(&mut db).await?;
    let today = locations
        .first()
        .map_or(now.date_naive(), |place| place.zone.date(now));
    let products = Product::on_sale(&mut db, today).await?;
    let until = today + Duration::days(70);
    let calendars = Calendar::of_all(&mut db, &locations, today, until).await?;
    let mut errors = Errors::default();
    let first = first_day(&form.first, today, &mut errors);
    let chosen = locations
        .iter()
        .find(|place| place.slug == form.place)
        .or(locations.first());
    let answer = chosen.and_then(|place| {
        let calendar = calendars.get(&place.id)?;
        let today = place.zone.date(now);
        PriceBoard {
            spaces: &spaces,
            prices: &prices,
            products: &products,
            today,
        }
        .answer(&form, place, calendar, &mut errors)
    });
    html::page(&PricingPage {
        places: locations
            .iter()
            .map(|place| Place::new(place, &spaces, &prices, today))
            .collect(),
        passes: Passes::new(&locations, &products, first, today),
        vat: prices.vat(today),
        chrome: chrome.with(&errors),
        errors,
        today,
        first,
        answer,
        week: form,
    })
}

fn first_day(text: &str, today: NaiveDate, errors: &mut Errors) -> NaiveDate {
    let latest = today + Duration::days(AHEAD);
    match parse_date(text) {
        Some(date) if (today..=latest).contains(&date) => date,
        None if text.is_empty() => today,
        _ => {
            let last = long_date(latest, today);
            errors.add("first", format!("Choose a first day from today to {last}."));
            today
        }
    }
}

impl Place {
    fn new(location: &Location, spaces: &[Space], prices: &PriceList, on: NaiveDate) -> Place {
        let of = |kind: Kind| {
            spaces
                .iter()
                .filter(move |space| space.location == location.id && space.kind == kind)
        };
        let rows = |kind: Kind| {
            let mut rows: Vec<Row> = Vec::new();
            for space in of(kind) {
                let rates = prices.of(space, on);
                match rows
                    .iter_mut()
                    .find(|row| row.seats == space.seats && row.rates == rates)
                {
                    Some(row) => row.names += &format!(", {}", space.name),
                    None => rows.push(Row {
                        seats: space.seats,
                        names: space.name.clone(),
                        rates,
                    }),
                }
            }
            rows.sort_by_key(|row| (row.seats, row.rates.hour, row.rates.day));
            rows
        };
        Place {
            slug: location.slug.clone(),
            name: location.name.clone(),
            desk: of(Kind::HotDesk)
                .next()
                .map(|desk| prices.of(desk, on))
                .unwrap_or_default(),
            rooms: rows(Kind::MeetingRoom),
            offices: rows(Kind::Office),
        }
    }
}

impl Passes {
    fn new(
        locations: &[Location],
        products: &[Product],
        first: NaiveDate,
        today: NaiveDate,
    ) -> Passes {
        let kind = |product: &Product| (product.unit, product.days.unwrap_or(i32::MAX));
        let mut kinds: Vec<(Unit, i32)> = products.iter().map(kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let of = |at: Option<&Location>| -> Vec<Option<Product>> {
            let place = at.map(|location| location.id);
            let here = |wanted: &(Unit, i32)| {
                let mut fitting = products.iter().filter(|one| one.location == place);
                fitting.find(|one| kind(one) == *wanted).cloned()
            };
            kinds.iter().map(here).collect()
        };
        let rows = locations
            .iter()
            .map(|place| (place.name.clone(), of(Some(place))));
        let everywhere = ("Every location".to_owned(), of(None));
        let columns = kinds.iter().filter_map(|wanted| {
            let product = products.iter().find(|one| kind(one) == *wanted)?;
            Some(Column {
                name: product.name.clone(),
                what: product.what(),
                last: long_date(product.last_day(first), today),
            })
        });
        Passes {
            columns: columns.collect(),
            rows: rows
                .chain([everywhere])
                .filter(|(_, cells)| cells.iter().any(Option::is_some))
                .collect(),
        }
    }
}

/// What there is and what it costs, on a date.
struct PriceBoard<'a> {
    spaces: &'a [Space],
    prices: &'a PriceList,
    products: &'a [Product],
    today: NaiveDate,
}

impl<'a> PriceBoard<'a> {
    /// Of each kind of pass the cheapest one that is valid at a location; they cover desks only.
    fn passes(&self, kind: Kind, place: &Location) -> Vec<&'a Product> {
        let valid = |product: &&Product| kind == Kind::HotDesk && product.is_valid_at(place.id);
        let mut passes: Vec<&Product> = self.products.iter().filter(valid).collect();
        passes.sort_by_key(|product| {
            (
                product.unit,
                product.days.unwrap_or(i32::MAX),
                product.price,
            )
        });
        passes.dedup_by_key(|product| (product.unit, product.days));
        passes
    }

    /// Reckoned with the opening hours of the first week ahead that has all the chosen days.
    fn answer(
        &self,
        form: &WeekForm,
        place: &Location,
        calendar: &Calendar,
        errors: &mut Errors,
    ) -> Option<Answer> {
        let number =
            |text: &str, most: i64| text.trim().parse().ok().filter(|n| (1..=most).contains(n));
        let hours = errors.take(
            "hours",
            number(&form.hours, 12).ok_or("Enter hours from 1 to 12.".into()),
        );
        let people = errors.take(
            "people",
            number(&form.people, 50).ok_or("Enter people from 1 to 50.".into()),
        );
        if form.days.is_empty() {
            errors.add("days", "Choose at least one day.");
        }
        let (hours, people) = (hours?, people?);
        let Some(days) = week_with(calendar, &form.days, self.today) else {
            if !form.days.is_empty() {
                errors.add(
                    "days",
                    format!(
                        "{} is not open on all of these days. Choose others.",
                        place.name
                    ),
                );
            }
            return None;
        };
        let seats = if form.kind == Kind::HotDesk {
            1
        } else {
            people as i32
        };
        let fitting = self.spaces.iter().filter(|space| {
            space.location == place.id && space.kind == form.kind && space.seats >= seats
        });
        let cheapest = fitting.min_by_key(|space| {
            let rates = self.prices.of(space, self.today);
            (rates.hour.or(rates.day), space.seats)
        });
        let desks = self
            .spaces
            .iter()
            .filter(|space| space.location == place.id && space.kind == Kind::HotDesk);
        let desks = desks.count();
        if form.kind == Kind::HotDesk && people > desks as i64 {
            errors.add(
                "people",
                format!(
                    "{} has {desks} hot desks. Choose fewer, or another place.",
                    place.name
                ),
            );
            return None;
        }
        let Some(space) = cheapest else {
            errors.add(
                "people",
                format!(
                    "Nothing at {} seats {people}. Choose fewer, or another place.",
                    place.name
                ),
            );
            return None;
        };
        let part = |day: &Opening| {
            let until = (day.span.from + Duration::hours(hours)).min(day.span.until);
            Opening {
                span: Span::new(day.span.from, until),
                ..*day
            }
        };
        let week = Week {
            rates: self.prices.of(space, self.today),
            parts: days.iter().map(part).collect(),
            count: if form.kind == Kind::HotDesk {
                people
            } else {
                1
            },
            products: self.passes(form.kind, place),
            days,
        };
        let what = match form.kind {
            Kind::HotDesk if people == 1 => "one desk".to_owned(),
            Kind::HotDesk => format!("{people} desks"),
            _ => format!("{}, {} seats", space.name, space.seats),
        };
        let count = week.days.len();
        let wish = format!(
            "{count} {} a week, {} at {}, {what}",
            if count == 1 { "day" } else { "days" },
            crate::time::length(hours * 60),
            place.name
        );
        let query = [
            ("kind", form.kind.key()),
            ("location", place.slug.as_str()),
            ("people", form.people.as_str()),
        ];
        Some(Answer {
            wish,
            ways: week.ways(),
            book: format!("/spaces?{}", html::query(&query)),
        })
    }
}

/// The first week from the next Monday on in which all of some weekdays are open.
fn week_with(calendar: &Calendar, weekdays: &[u32], today: NaiveDate) -> Option<Vec<Opening>> {
    let monday = today + Duration::days(7 - i64::from(today.weekday().num_days_from_monday()));
    (0..8).filter(|_| !weekdays.is_empty()).find_map(|week| {
        let date = |day: &u32| monday + Duration::days(week * 7 + i64::from(*day) - 1);
        let whole = |day: &u32| {
            let span = calendar.day(date(day)).span()?;
            Some(Opening {
                date: date(day),
                span,
            })
        };
        weekdays.iter().map(whole).collect()
    })
}
