//! A member's day: what is next, the usual desk, the favourites, and what is owed.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::Response,
    routing::{get, post},
};
use axum_extra::extract::Form;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{star::Star, usual::UsualCard};
use crate::{
    app::App,
    billing::{
        account::Account,
        pass::{Pass, State as PassState},
    },
    bookings::{
        booking::{Booking, Status},
        check_in::Presence,
        order::{Details, Hold, Order, Wanted},
        payer::Payer,
        refusal::Refusal,
        usual::Usual,
        wish::Typed,
    },
    error::{Error, Result},
    extract::Now,
    form::Errors,
    html::{self, Chrome},
    locations::{
        arrival::Arrival,
        location::{self, Location},
    },
    money::Money,
    sessions::current::Current,
    time::long_date,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/today", get(today))
        .route("/today/desk", post(book))
}

#[derive(Template)]
#[template(path = "front/today.html")]
struct TodayPage {
    chrome: Chrome,
    errors: Errors,
    /// `Tue 24 November`, by the clock of the next booking's location, or the first one.
    date: String,
    as_of: String,
    next: Option<Next>,
    /// What else there is today.
    others: Vec<Booking>,
    usual: Option<UsualCard>,
    stars: Vec<Star>,
    /// Those that run today.
    passes: Vec<Pass>,
    balance: Money,
    now: DateTime<Utc>,
}

/// The next booking, and whom to call.
struct Next {
    booking: Booking,
    presence: Presence,
    arrival: Arrival,
    chat: Option<String>,
}

impl TodayPage {
    async fn new(app: &App, chrome: Chrome, me: &Current, now: DateTime<Utc>) -> Result<TodayPage> {
        let mut db = app.db.acquire().await?;
        let mut bookings = Booking::upcoming(&mut db, me.member, now).await?;
        bookings.retain(Booking::is_live);
        let locations = Location::all(&mut db).await?;
        let mut bookings = bookings.into_iter();
        let next = match bookings.next() {
            Some(booking) => {
                let presence = Presence::of(&mut db, booking.id).await?;
                Some(Next::new(booking, presence, &locations))
            }
            None => None,
        };
        let zone = match &next {
            Some(next) => Some(next.booking.zone),
            None => locations
                .iter()
                .find(|place| place.status == location::Status::Open)
                .map(|place| place.zone),
        };
        let mut passes = Pass::of(&mut db, me.member).await?;
        passes.retain(|pass| pass.state(now) == PassState::Running);
        let usual = Usual::of(&mut db, me.member, now).await?;
        Ok(TodayPage {
            chrome,
            errors: Errors::default(),
            date: zone
                .map(|zone| long_date(zone.date(now), zone.date(now)))
                .unwrap_or_default(),
            as_of: zone.map(|zone| zone.clock(now)).unwrap_or_default(),
            next,
            others: bookings
                .filter(|booking| booking.date() <= booking.zone.date(now))
                .collect(),
            usual: usual.map(|usual| UsualCard::new(usual, now)),
            stars: Star::all(&mut db, me.member, now).await?,
            passes,
            balance: Account::balance(&mut db, me.member).await?,
            now,
        })
    }
}

impl Next {
    fn new(booking: Booking, presence: Presence, locations: &[Location]) -> Next {
        let place = locations
            .iter()
            .find(|place| place.slug == booking.location_slug);
        let arrival = place.map(Arrival::of_guest).unwrap_or_default();
        let about = format!("Hello, about my booking {}: ", booking.reference);
        Next {
            chat: arrival.whatsapp(&about),
            arrival,
            booking,
            presence,
        }
    }
}

async fn today(
    chrome: Chrome,
    me: Current,
    Now(now): Now,
    State(app): State<App>,
) -> Result<Response> {
    html::page(&TodayPage::new(&app, chrome, &me, now).await?)
}

#[derive(Deserialize)]
struct DeskForm {
    space: String,
    #[serde(default)]
    shown: String,
    #[serde(default)]
    key: String,
    #[serde(flatten)]
    typed: Typed,
}

/// Books the usual desk at once. What cannot be booked as it stood there is offered anew, or what is
/// free in its place, never booked unseen.
async fn book(
    chrome: Chrome,
    me: Current,
    Now(now): Now,
    State(app): State<App>,
    Form(form): Form<DeskForm>,
) -> Result<Response> {
    let wanted = Wanted::Space(form.space);
    let location = {
        let mut db = app.db.acquire().await?;
        let first = wanted.first_space(&mut db).await?;
        first.map(|(_, location)| location).ok_or(Error::NotFound)?
    };
    let typed = Typed {
        nights: location.nights,
        ..form.typed
    };
    let errors = match typed.wish(location.zone) {
        Ok(wish) => {
            let order = Order {
                wanted,
                wish,
                extras: Vec::new(),
                title: String::new(),
                details: Details::default(),
                payer: Payer::Usual,
                hold: Hold::Checkout,
                shown: Some(Money::cents(form.shown.parse().unwrap_or_default())),
                key: Some(form.key).filter(|key| !key.is_empty() && key.len() <= 100),
                replaces: None,
                desk: None,
            };
            let booked: Result<Booking, Refusal> = transaction!(app.db, tx => Usual::book(tx, me.member, &order, location.zone, now).await)?;
            match booked {
                Ok(booking) => {
                    return Ok(html::see_other(&format!("{}?undo=1", booking.url())));
                }
                Err(refusal) => Errors::from(("usual", refusal.to_string())),
            }
        }
        Err(errors) => errors,
    };
    let mut page = TodayPage::new(&app, chrome.refused(), &me, now).await?;
    page.errors = errors;
    html::refused(&page)
}
