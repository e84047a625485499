//! A guest's own page, behind the link in their mails: where, when, who invites, the way, and whether they come.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    booking::{Booking, Status},
    calendar::guest::ForGuest,
    guests::answer::Invitation,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    html::{self, Chrome},
    locations::{arrival::Arrival, location::Location},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/guests/{secret}", get(show))
        .route("/guests/{secret}/answer", post(answer))
}

#[derive(Template)]
#[template(path = "bookings/guest.html")]
struct GuestPage {
    chrome: Chrome,
    secret: String,
    emblem: String,
    arrival: Arrival,
    /// They have said that they cannot come.
    declined: bool,
    name: String,
    booking: Booking,
    now: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "bookings/guest_gone.html")]
struct GonePage {
    chrome: Chrome,
    /// It is over, and not off.
    over: bool,
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    Path(secret): Path<String>,
) -> Result<Response> {
    let (plain, as_file) = match secret.strip_suffix(".ics") {
        Some(plain) => (plain, true),
        None => (secret.as_str(), false),
    };
    let mut db = app.db.acquire().await?;
    let invitation = opened(&mut db, plain).await?;
    let booking = &invitation.booking;
    let location = Location::find(&mut db, &booking.location_slug).await?;
    let arrival = arrival(&booking.contact(), location.as_ref());
    if as_file {
        return Ok(private(file(
            &app,
            &invitation,
            location.as_ref(),
            &arrival,
            plain,
            now,
        )));
    }
    if !invitation.stands() || booking.during.until <= now {
        let over = !invitation.removed
            && matches!(
                booking.status,
                Status::Confirmed | Status::CheckedIn | Status::Completed | Status::NoShow
            );
        let mut page = html::page(&GonePage { chrome, over })?;
        *page.status_mut() = StatusCode::GONE;
        return Ok(private(page));
    }
    let page = GuestPage {
        chrome,
        secret: plain.to_owned(),
        emblem: booking.emblem.clone(),
        arrival,
        declined: invitation.guest.declined_at.is_some(),
        name: invitation.guest.name,
        booking: invitation.booking,
        now,
    };
    Ok(private(html::page(&page)?))
}

async fn opened(db: &mut Db, secret: &str) -> Result<Invitation> {
    Invitation::opened_by(db, secret)
        .await?
        .ok_or(Error::NotFound)
}

/// The way in, and whom to call on the day.
pub(super) fn arrival(contact: &str, location: Option<&Location>) -> Arrival {
    location
        .map(Arrival::of_invited)
        .unwrap_or_default()
        .with_contact(contact)
}

/// The address of a guest's page.
pub(super) fn address(app: &App, secret: &str) -> String {
    app.config.public_url().link(&format!("/guests/{secret}"))
}

fn file(
    app: &App,
    invitation: &Invitation,
    location: Option<&Location>,
    arrival: &Arrival,
    secret: &str,
    now: DateTime<Utc>,
) -> Response {
    let file = ForGuest {
        booking: &invitation.booking,
        location,
        arrival,
        event: (invitation.guest.id.get(), invitation.sequence),
        page: &address(app, secret),
        off: !invitation.stands(),
        config: &app.config,
        now,
    };
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"visit.ics\"",
        ),
    ];
    (headers, file.download()).into_response()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    /// `yes` or `no`.
    comes: String,
}

async fn answer(
    State(app): State<App>,
    Now(now): Now,
    jar: CookieJar,
    Path(secret): Path<String>,
    Form(form): Form<Answer>,
) -> Result<Response> {
    let comes = match form.comes.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(Error::refused("bad-answer", "Say yes or no.")),
    };
    let mut tx = app.db.begin().await?;
    let host = opened(&mut tx, &secret).await?.booking.member_name;
    let noted = Invitation::answer(&mut tx, &secret, comes, now).await?;
    tx.commit().await?;
    let flash = match (noted, comes) {
        (false, _) => Flash::problem("It is too late to say so here. Call the front desk."),
        (true, true) => Flash::done(format!("Good. {host} expects you.")),
        (true, false) => Flash::done(format!("Thank you for saying so. {host} hears of it.")),
    };
    let page = html::see_other(&format!("/guests/{secret}"));
    Ok(private((jar.add(flash.cookie()), page).into_response()))
}

/// Nobody else is told the address, which is the secret.
fn private(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    );
    answer
}
