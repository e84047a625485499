//! One booking: its page, its calendar file, the page for a guest, and the same once more.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    again,
    booking::{Booking, Status},
    calendar,
    check_in::Presence,
    extras,
    guest_form::GuestForm,
    guests::Guest,
    wish::Typed,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    locations::{
        arrival::{self, Arrival},
        location::Location,
    },
    sessions::current::Current,
    spaces::space::Space,
};

pub fn routes() -> Router<App> {
    Router::new()
        .merge(super::book::routes())
        .merge(super::checkout::routes())
        .merge(super::list_pages::routes())
        .merge(super::confirmation_pages::routes())
        .merge(super::cancellation_pages::routes())
        .merge(super::check_in_pages::routes())
        .merge(super::admin_door::routes())
        .merge(super::move_pages::routes())
        .merge(super::waitlist_pages::routes())
        .merge(super::admin_waitlist::routes())
        .merge(super::admin_extras::routes())
        .merge(super::extras_pages::routes())
        .merge(super::favourite_pages::routes())
        .merge(super::feed_pages::routes())
        .merge(super::series_pages::routes())
        .merge(super::guest_pages::routes())
        .merge(super::guest_page::routes())
        .merge(super::display_pages::routes())
        .merge(super::door_hold_pages::routes())
        .merge(super::admin_displays::routes())
        .route("/bookings/{reference}", get(show))
        .route("/bookings/{reference}/again", get(again))
        .route("/bookings/{reference}/directions", get(directions))
}

#[derive(Template)]
#[template(path = "bookings/show.html")]
pub(super) struct ShowPage {
    chrome: Chrome,
    emblem: String,
    arrival: Arrival,
    calendars: Vec<(&'static str, String)>,
    /// Tells somebody else where and when.
    share: String,
    /// Writes to the front desk about it.
    chat: Option<String>,
    email: String,
    /// It is the reader's own, and not one that staff or a company's admin look at.
    own: bool,
    may_change: bool,
    /// Something can go with it.
    has_extras: bool,
    /// It was booked a moment ago in one tap, and one tap takes it back.
    undo: bool,
    presence: Presence,
    /// Where what is said about coming leads back to.
    back: String,
    guests: Vec<Guest>,
    pub typed: GuestForm,
    pub errors: Errors,
    now: DateTime<Utc>,
    booking: Booking,
}

impl ShowPage {
    /// Where guests are invited.
    fn guests_url(&self) -> String {
        format!("{}/guests", self.booking.url())
    }

    fn heading(&self) -> String {
        match self.booking.status {
            Status::Confirmed if self.own => {
                format!("You are booked, {}", self.booking.member_name)
            }
            _ => format!("{}, {}", self.booking.space, self.booking.location),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ShowQuery {
    undo: String,
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let (plain, as_file) = match reference.strip_suffix(".ics") {
        Some(plain) => (plain, true),
        None => (reference.as_str(), false),
    };
    let (booking, location) = seen(&app, &me, plain).await?;
    if as_file {
        let file = calendar::download(&booking, location.as_ref(), &app.config, now);
        let name = format!("attachment; filename=\"{}.ics\"", booking.reference);
        return Ok((
            [
                (
                    header::CONTENT_TYPE,
                    "text/calendar; charset=utf-8".to_owned(),
                ),
                (header::CONTENT_DISPOSITION, name),
            ],
            file,
        )
            .into_response());
    }
    let is_made_for_another = booking.created_by == Some(me.member) && me.staff.is_none();
    let is_theirs = booking.member == me.member || is_made_for_another;
    if booking.status == Status::Held && is_theirs {
        return Ok(html::see_other(&format!("{}/confirmation", booking.url())));
    }
    let mut page = show_page(&app, chrome, &me, (booking, location), now).await?;
    page.undo = page.own && !query.undo.is_empty() && page.booking.can_be_cancelled(now);
    html::page(&page)
}

/// The page of a booking, as somebody who may see it does.
pub(super) async fn show_page(
    app: &App,
    chrome: Chrome,
    me: &Current,
    (booking, location): (Booking, Option<Location>),
    now: DateTime<Utc>,
) -> Result<ShowPage> {
    let location = location.as_ref();
    let mut db = app.db.acquire().await?;
    let own = booking.member == me.member;
    let may_change = own || booking.is_run_by(&mut db, me.member).await?;
    let has_extras = extras::setup::any_for(&mut db, &booking).await?;
    let arrival = location
        .map(Arrival::of_guest)
        .unwrap_or_default()
        .with_contact(&booking.contact());
    let about = format!("Hello, about my booking {}: ", booking.reference);
    Ok(ShowPage {
        chrome,
        emblem: booking.emblem.clone(),
        calendars: calendar::links(&booking, location, &app.config, now),
        share: arrival::whatsapp("", &way_there(&booking, &arrival, app, now)),
        chat: arrival.whatsapp(&about),
        arrival,
        email: me.email.clone().unwrap_or_default(),
        own,
        may_change,
        presence: Presence::of(&mut db, booking.id).await?,
        has_extras,
        back: booking.url(),
        undo: false,
        guests: Guest::of(&mut db, booking.id).await?,
        typed: GuestForm::default(),
        errors: Errors::default(),
        now,
        booking,
    })
}

/// Place, time, directions and the contact for the day, for whoever they are sent to: nothing else of the person,
/// nor the price.
fn way_there(booking: &Booking, arrival: &Arrival, app: &App, now: DateTime<Utc>) -> String {
    let mut lines = vec![
        format!(
            "{}, {}, Connect Space {}",
            booking.space, booking.floor, booking.location
        ),
        booking.when(now),
    ];
    let told = arrival.hints.iter().filter(|hint| !hint.is_private);
    lines.extend(told.map(|hint| format!("{}: {}", hint.heading, hint.text)));
    let page = format!("/locations/{}", booking.location_slug);
    lines.push(app.config.public_url().link(&page));
    lines.join("\n")
}

#[derive(Template)]
#[template(path = "bookings/directions.html")]
struct DirectionsPage {
    chrome: Chrome,
    arrival: Arrival,
    now: DateTime<Utc>,
    booking: Booking,
}

/// For a guest, to be printed or shown: place, time, the way and whom to call, and nothing else of the booking.
async fn directions(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (booking, location) = seen(&app, &me, &reference).await?;
    html::page(&DirectionsPage {
        chrome,
        arrival: location
            .as_ref()
            .map(Arrival::of)
            .unwrap_or_default()
            .with_contact(&booking.contact()),
        now,
        booking,
    })
}

/// To the page of its space, with the same chosen for the next such day that is free.
async fn again(
    State(app): State<App>,
    Now(now): Now,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (booking, _) = seen(&app, &me, &reference).await?;
    let mut db = app.db.acquire().await?;
    if Space::find(&mut db, &booking.space_slug).await?.is_none() {
        let words = format!(
            "{} is no longer offered. This is what else there is.",
            booking.space
        );
        let others = format!(
            "/spaces?{}",
            html::query(&[
                ("kind", booking.kind.key()),
                ("location", &booking.location_slug)
            ])
        );
        let jar = jar.add(Flash::problem(words).cookie());
        return Ok((jar, html::see_other(&others)).into_response());
    }
    let page = format!("/spaces/{}", booking.space_slug);
    let Some(term) = again::again(&mut db, &booking, me.member, now).await? else {
        let words = "Nothing like it is free in the next weeks. Choose another time.";
        let jar = jar.add(Flash::problem(words).cookie());
        return Ok((jar, html::see_other(&page)).into_response());
    };
    let wish = Typed {
        people: booking.people.to_string(),
        ..Typed::default()
    };
    let query = wish.with_term(term, booking.zone).query();
    Ok(html::see_other(&format!("{page}?{query}#book")))
}

/// A booking that they may see, and where it is; no location when that has closed for good.
pub(super) async fn seen(
    app: &App,
    me: &Current,
    reference: &str,
) -> Result<(Booking, Option<Location>)> {
    let mut db = app.db.acquire().await?;
    let booking = Booking::seen_by(&mut db, me.member, me.staff.is_some(), reference)
        .await?
        .ok_or(Error::NotFound)?;
    let location = Location::find(&mut db, &booking.location_slug).await?;
    Ok((booking, location))
}

/// One that they may change: their own, or as the admin of the company that pays.
pub(super) async fn changeable(app: &App, me: &Current, reference: &str) -> Result<Booking> {
    let mut db = app.db.acquire().await?;
    Booking::changeable_by(&mut db, me.member, reference)
        .await?
        .ok_or(Error::NotFound)
}
