//! Finding a space: a list whose query is the address.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{
    plan::{self, Drawing},
    space::{Kind, Space, Which},
};
use crate::{
    app::App,
    bookings::{
        sheet::{Asker, Sheet},
        strip::{Strip, strip},
        suggestion::{Suggestion, suggestions},
        term::{Term, Wish},
        wish::Typed,
    },
    error::Result,
    extract::Now,
    form::Errors,
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Current,
    time::{Zone, long_date, parse_date},
};

pub fn routes() -> Router<App> {
    Router::new().route("/spaces", get(index))
}

/// Cards on one page; more are one tap away.
const PAGE: usize = 24;

#[derive(Template)]
#[template(path = "spaces/index.html")]
struct IndexPage {
    chrome: Chrome,
    errors: Errors,
    typed: Typed,
    locations: Vec<Location>,
    title: String,
    sentence: String,
    times: Vec<String>,
    today: NaiveDate,
    desks: Vec<Card>,
    fitting: Vec<Card>,
    others: Vec<Card>,
    asked: bool,
    suggestions: Vec<Suggestion>,
    more: Option<String>,
    hidden: usize,
}

/// A space, or any desk of a location, as an answer to what was asked.
struct Card {
    url: String,
    name: String,
    facts: Vec<(&'static str, String)>,
    plan: Option<Drawing>,
    emblem: String,
    strip: Option<Strip>,
    price: String,
    note: String,
    button: String,
    fits: bool,
}

impl IndexPage {
    fn a_desk_fits(&self) -> bool {
        self.desks.iter().any(|desk| desk.fits)
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct IndexQuery {
    #[serde(flatten)]
    typed: Typed,
    all: String,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    Query(query): Query<IndexQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let locations = Location::all(&mut db).await?;
    let asker = me.map_or_else(Asker::default, |me| Asker::member(me.member));
    let mut typed = query.typed;
    let here = locations
        .iter()
        .find(|location| location.slug == typed.location);
    let zone = here
        .or(locations.first())
        .map(|location| location.zone)
        .ok_or(crate::error::Error::NotFound)?;
    let today = zone.date(now);
    let date = typed.date(today);
    // Half a time is a whole one with an hour in it; a date alone asks for no time.
    complete(&mut typed, zone, today, now);
    let mut errors = Errors::default();
    let people = errors.take("people", typed.people()).unwrap_or(1);
    if typed.people.is_empty() {
        typed.people = "1".into();
    }
    let wish = if typed.has_term() {
        typed.wish(zone).map_err(|found| errors = found).ok()
    } else {
        None
    };
    let last = parse_date(&typed.last)
        .unwrap_or(date)
        .clamp(date, date + Duration::days(60));
    let which = Which {
        location: here.map(|location| location.id),
        kind: typed.kind(),
        people,
        ..Which::default()
    };
    let sheet = Sheet::load(
        &mut db,
        which,
        (date, last + Duration::days(6)),
        &asker,
        now,
    )
    .await?;

    let cards = Cards {
        sheet: &sheet,
        typed: &typed,
        wish,
        date,
    };
    let desks = cards.any_desks(&locations);
    let singles = sheet
        .spaces
        .iter()
        .filter(|space| space.kind != Kind::HotDesk || typed.kind().is_some());
    let (mut fitting, mut others): (Vec<Card>, Vec<Card>) = singles
        .map(|space| cards.of(space))
        .partition(|card| card.fits);
    // Desks are alike: taken ones are of interest only while none is free.
    if typed.kind() == Some(Kind::HotDesk) && !fitting.is_empty() {
        others.clear();
    }
    let hidden = if query.all.is_empty() {
        shorten(&mut fitting, &mut others)
    } else {
        0
    };
    let none = wish.filter(|_| fitting.is_empty() && !desks.iter().any(|desk| desk.fits));
    let suggestions = match none {
        Some(wish) => suggestions(&mut db, &sheet, None, &typed, &wish, &asker, now).await?,
        None => Vec::new(),
    };
    html::page(&IndexPage {
        title: typed.kind().map_or("Spaces", Kind::plural).to_owned(),
        sentence: sentence(wish.as_ref(), date, here, zone, today, people),
        times: (0..48)
            .map(|half| format!("{:02}:{:02}", half / 2, half % 2 * 30))
            .filter(|clock| ("06:00"..="21:00").contains(&clock.as_str()))
            .collect(),
        asked: wish.is_some(),
        more: (hidden > 0).then(|| format!("/spaces?{}&all=1", typed.query())),
        chrome,
        errors,
        locations,
        today,
        desks,
        fitting,
        others,
        suggestions,
        hidden,
        typed,
    })
}

/// Fills in what follows from what was said.
fn complete(typed: &mut Typed, zone: Zone, today: NaiveDate, now: DateTime<Utc>) {
    if typed.by.is_empty() {
        typed.by = if typed.kind() == Some(Kind::Office) || !typed.last.is_empty() {
            "day"
        } else {
            "time"
        }
        .into();
    }
    if typed.date.is_empty() && !typed.from.is_empty() {
        typed.date = today.to_string();
    }
    if !typed.by_day()
        && typed.until.is_empty()
        && let Some(from) = crate::time::parse_clock(&typed.from)
    {
        typed.until = (from + Duration::hours(1)).format("%H:%M").to_string();
    }
    if typed.by_day() && typed.date.is_empty() {
        typed.date = zone.date(now).to_string();
    }
}

fn shorten(fitting: &mut Vec<Card>, others: &mut Vec<Card>) -> usize {
    let all = fitting.len() + others.len();
    fitting.truncate(PAGE);
    others.truncate(PAGE.saturating_sub(fitting.len()).max(6));
    all - fitting.len() - others.len()
}

fn sentence(
    wish: Option<&Wish>,
    date: NaiveDate,
    here: Option<&Location>,
    zone: Zone,
    today: NaiveDate,
    people: i32,
) -> String {
    let when = wish.map_or_else(
        || long_date(date, today),
        |wish| wish.term.words(zone, today),
    );
    let who = if people == 1 {
        String::new()
    } else {
        format!(", {people} people")
    };
    format!(
        "{when}{who}, {}",
        here.map_or("any location", |location| &location.name)
    )
}

struct Cards<'a> {
    sheet: &'a Sheet,
    typed: &'a Typed,
    wish: Option<Wish>,
    date: NaiveDate,
}

impl Cards<'_> {
    /// The same time on each location's own clock.
    fn wish_at(&self, zone: Zone) -> Option<Wish> {
        self.wish.and_then(|_| self.typed.wish(zone).ok())
    }

    fn of(&self, space: &Space) -> Card {
        let sheet = self.sheet;
        let location = sheet.location(space);
        let address = format!("/spaces/{}", space.slug);
        let seats = if space.seats == 1 {
            "1 seat".to_owned()
        } else {
            format!("{} seats", space.seats)
        };
        let mut card = Card {
            url: format!("{address}?{}", self.plain_query()),
            name: space.name.clone(),
            facts: vec![
                ("users", seats),
                (
                    "map-pin",
                    format!("{}, {}", location.name, space.floor_name),
                ),
            ],
            plan: Some(plan::drawing(space)),
            emblem: String::new(),
            strip: strip(
                sheet,
                space,
                self.date,
                self.wish_at(sheet.zone(space)).as_ref(),
            ),
            price: from_price(sheet, space, self.date),
            note: "with VAT".into(),
            button: "See times".into(),
            fits: self.wish.is_none(),
        };
        if let Some(wish) = &self.wish_at(sheet.zone(space)) {
            let zone = sheet.zone(space);
            match sheet.check(space, wish) {
                Ok(offer) => {
                    card.url = format!(
                        "{address}?{}#book",
                        self.typed.with_term(wish.term, zone).query()
                    );
                    card.price = offer.quote.total.to_string();
                    card.note = offer
                        .quote
                        .lines
                        .iter()
                        .map(|line| line.label.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                        + ", with VAT";
                    card.button = button(&wish.term, zone, sheet.today(space));
                    card.fits = true;
                }
                Err(refusal) => {
                    card.price = String::new();
                    card.note = if refusal.is_taken() {
                        "Taken then.".into()
                    } else {
                        refusal.to_string()
                    };
                    if let Some((term, _)) = sheet.nearest(space, wish) {
                        card.url = format!(
                            "{address}?{}#book",
                            self.typed.with_term(term, zone).query()
                        );
                        card.button = format!("Free {}", term.words(zone, sheet.today(space)));
                    }
                }
            }
        }
        card
    }

    /// One card for each location that has hot desks among what was asked.
    fn any_desks(&self, locations: &[Location]) -> Vec<Card> {
        locations
            .iter()
            .filter_map(|location| self.any_desk(location))
            .collect()
    }

    fn any_desk(&self, location: &Location) -> Option<Card> {
        let sheet = self.sheet;
        let desks: Vec<&Space> = sheet
            .spaces
            .iter()
            .filter(|space| space.kind == Kind::HotDesk && space.location == location.id)
            .collect();
        let first = desks.first()?;
        let address = format!("/locations/{}/any-desk", location.slug);
        let mut card = Card {
            url: format!("{address}?{}", self.plain_query()),
            name: format!("Any desk at {}", location.name),
            facts: vec![
                ("armchair", format!("{} hot desks", desks.len())),
                ("map-pin", location.name.clone()),
            ],
            plan: None,
            emblem: location.emblem.clone(),
            strip: None,
            price: from_price(sheet, first, self.date),
            note: "with VAT".into(),
            button: "See times".into(),
            fits: self.wish.is_none(),
        };
        if let Some(wish) = &self.wish_at(sheet.zone(first)) {
            let zone = sheet.zone(first);
            let free: Vec<_> = desks
                .iter()
                .filter_map(|desk| sheet.check(desk, wish).ok())
                .collect();
            card.facts[0].1 = format!("{} of {} desks free", free.len(), desks.len());
            match free.first() {
                Some(offer) => {
                    card.url = format!(
                        "{address}?{}#book",
                        self.typed.with_term(wish.term, zone).query()
                    );
                    card.price = offer.quote.total.to_string();
                    card.note = offer
                        .quote
                        .reason
                        .clone()
                        .unwrap_or_else(|| "with VAT".into());
                    card.button = button(&wish.term, zone, sheet.today(first));
                    card.fits = true;
                }
                None => {
                    card.note = match sheet.check(first, wish) {
                        Err(refusal) if !refusal.is_taken() => refusal.to_string(),
                        _ => "All desks are taken then.".into(),
                    };
                    card.price = String::new();
                }
            }
        }
        Some(card)
    }

    /// The day and the people, for looking at a space without a time.
    fn plain_query(&self) -> String {
        Typed {
            kind: String::new(),
            location: String::new(),
            from: String::new(),
            until: String::new(),
            by: String::new(),
            date: self.date.to_string(),
            ..self.typed.clone()
        }
        .query()
    }
}

fn button(term: &Term, zone: Zone, today: NaiveDate) -> String {
    match term {
        Term::Time(span) => format!("Book {}", zone.range(*span, today)),
        Term::Days { first, last } if first == last => "Book the day".into(),
        Term::Days { first, last } => format!("Book {} days", (*last - *first).num_days() + 1),
    }
}

/// `R60 / hour`, or the day where hours are not sold.
fn from_price(sheet: &Sheet, space: &Space, on: NaiveDate) -> String {
    let rates = sheet.prices().of(space, on);
    match (rates.hour.filter(|_| space.policy.by_time), rates.day) {
        (Some(hour), _) => format!("{hour} / hour"),
        (None, Some(day)) => format!("{day} / day"),
        (None, None) => String::new(),
    }
}
