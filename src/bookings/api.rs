//! Bookings for programs: making, reading and cancelling them.

use axum::{
    Json, Router,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    booking::Booking,
    cancellation,
    order::{Booker, Channel, Order, Wanted},
    refusal::Refusal,
    term::Wish,
    wish,
};
use crate::{
    app::App,
    billing::quote::Line,
    error::{Error, Result},
    extract::Now,
    form,
    money::Money,
    sessions::current::Bearer,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/bookings", get(index).post(create))
        .route("/bookings/{reference}", get(show))
        .route("/bookings/{reference}/cancellation", post(cancel))
}

#[derive(Serialize)]
struct BookingJson {
    reference: String,
    status: &'static str,
    space: String,
    location: String,
    from: String,
    until: String,
    people: i32,
    title: String,
    total_cents: Money,
    vat_cents: Money,
    currency: String,
    price: Vec<Line>,
    /// What a cancellation kept.
    kept_cents: Option<Money>,
}

impl From<Booking> for BookingJson {
    fn from(booking: Booking) -> Self {
        Self {
            status: booking.status.key(),
            from: booking.zone.rfc3339(booking.during.from),
            until: booking.zone.rfc3339(booking.during.until),
            reference: booking.reference,
            space: booking.space_slug,
            location: booking.location_slug,
            people: booking.people,
            title: booking.title,
            total_cents: booking.total,
            vat_cents: booking.vat,
            currency: booking.currency,
            price: booking.price.lines,
            kept_cents: booking.kept,
        }
    }
}

/// The one who holds the token: what ends after now first, then the last fifty past ones.
async fn index(State(app): State<App>, Now(now): Now, me: Bearer) -> Result<Json<Value>> {
    let mut db = app.db.acquire().await?;
    let mut bookings = Booking::upcoming(&mut db, me.member, now).await?;
    bookings.extend(Booking::past(&mut db, me.member, None, 50, now).await?);
    let bookings: Vec<_> = bookings.into_iter().map(BookingJson::from).collect();
    Ok(Json(json!({ "bookings": bookings })))
}

async fn show(
    State(app): State<App>,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<Json<BookingJson>> {
    let mut db = app.db.acquire().await?;
    let booking = Booking::seen_by(&mut db, me.member, me.staff.is_some(), &reference).await?;
    Ok(Json(booking.ok_or(Error::NotFound)?.into()))
}

#[derive(Deserialize)]
struct NewBooking {
    space: Option<String>,
    location: Option<String>,
    kind: Option<String>,
    from: String,
    until: String,
    people: Option<i32>,
    #[serde(default)]
    title: String,
}

impl NewBooking {
    fn wanted(&self) -> Result<Wanted> {
        match (&self.space, &self.location) {
            (Some(space), _) => Ok(Wanted::Space(space.clone())),
            (None, Some(location)) => {
                let kind = self.kind.as_deref().unwrap_or("hot_desk").parse();
                let kind =
                    kind.map_err(|sentence: String| Error::refused("no-such-kind", sentence))?;
                Ok(Wanted::Any {
                    location: location.clone(),
                    kind,
                })
            }
            (None, None) => Err(Error::refused(
                "no-such-space",
                "Send a space, or a location and a kind.",
            )),
        }
    }
}

async fn create(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    headers: HeaderMap,
    new: Result<Json<NewBooking>, JsonRejection>,
) -> Result<Response> {
    let Json(new) = new.map_err(unreadable)?;
    let wanted = new.wanted()?;
    let zone = {
        let mut db = app.db.acquire().await?;
        wanted
            .first_space(&mut db)
            .await?
            .map(|(_, location)| location.zone)
    };
    let zone = zone.ok_or_else(|| Error::from(Refusal::NoSuchSpace))?;
    let term = wish::term(&new.from, &new.until, zone)
        .map_err(|(field, sentence)| Error::refused(bad(field), sentence))?;
    let title = form::optional_line(&new.title, 100)
        .map_err(|sentence| Error::refused("bad-title", sentence))?;
    let key = key(&headers)?;
    let order = Order {
        wanted,
        wish: Wish {
            term,
            people: new.people.unwrap_or(1),
        },
        title,
        shown: None,
        key,
        replaces: None,
    };
    let booker = Booker {
        member: me.member,
        proven: true,
        channel: Channel::Api,
    };
    let booking =
        transaction!(app.db, tx => order.place(tx, booker, now).await)?.map_err(Error::from)?;
    let address = format!("/api/v1{}", booking.url());
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, address)],
        Json(BookingJson::from(booking)),
    )
        .into_response())
}

/// What is wrong with the JSON, in the parser's own words.
fn unreadable(rejection: JsonRejection) -> Error {
    let kind = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        _ => "bad-json",
    };
    Error::Refused {
        status: rejection.status(),
        kind,
        sentence: rejection.body_text(),
    }
}

fn bad(field: &'static str) -> &'static str {
    match field {
        "from" => "bad-from",
        "until" => "bad-until",
        rule => rule,
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if (1..=200).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Error::refused(
            "bad-idempotency-key",
            "Send an Idempotency-Key of 1 to 200 plain characters.",
        )),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cancelling {
    reason: String,
}

async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Option<Json<Cancelling>>,
) -> Result<Json<BookingJson>> {
    let note = form::optional_line(&body.unwrap_or_default().reason, 500)
        .map_err(|sentence| Error::refused("bad-reason", sentence))?;
    let booking = {
        let mut db = app.db.acquire().await?;
        Booking::changeable_by(&mut db, me.member, &reference)
            .await?
            .ok_or(Error::NotFound)?
    };
    let done = transaction!(app.db, tx => cancellation::cancel(tx, me.member, booking.id, &note, None, now).await)?;
    Ok(Json(done.map_err(Error::from)?.into()))
}

/// Taken is a conflict, a broken rule cannot be processed.
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        if refusal.is_taken() {
            Error::conflict(refusal.kind(), refusal.to_string())
        } else {
            Error::refused(refusal.kind(), refusal.to_string())
        }
    }
}
