//! What the front desk does to bookings, for programs that act for somebody who works here.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::BookingJson,
    attendance::{self, Mark},
    booking::Booking,
    change::{self, Pricing, Wanted, Way},
    decision::{self, Decision},
    undo,
    wish::When,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    money::Money,
    sessions::current::Bearer,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(mark))
        .routes(routes!(change_it))
        .routes(routes!(decide))
        .routes(routes!(take_back))
}

/// Any booking for staff; for everybody else there is none.
async fn find(app: &App, me: &Bearer, reference: &str) -> Result<Booking> {
    if me.staff.is_none() {
        return Err(Error::NotFound);
    }
    let mut db = app.db.acquire().await?;
    let found = Booking::seen_by(&mut db, me.member, true, reference).await?;
    found.ok_or(Error::NotFound)
}

/// The booking as it is now, or why not. Somebody else was faster, or has the time: a conflict. A broken rule
/// cannot be processed.
fn answer<R: ToString>(
    done: Result<Booking, R>,
    kind: fn(&R) -> &'static str,
) -> Result<Json<BookingJson>> {
    match done {
        Ok(booking) => Ok(Json(booking.into())),
        Err(refusal) => Err(match kind(&refusal) {
            taken @ ("stale" | "taken") => Error::conflict(taken, refusal.to_string()),
            broken => Error::refused(broken, refusal.to_string()),
        }),
    }
}

#[derive(Deserialize, ToSchema)]
struct NewMark {
    /// `arrive`, `leave`, `miss`, or `undo` for the last of these.
    #[schema(example = "arrive")]
    mark: String,
    /// Of the booking that was looked at; one that has changed since is refused.
    version: Option<i32>,
}

/// Tick a booking.
///
/// For staff. Leaving and missing free what is left of the time at once.
#[utoipa::path(post, path = "/bookings/{reference}/attendance", tag = "Front desk", request_body = NewMark,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn mark(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<NewMark>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    let booking = find(&app, &me, &reference).await?;
    let Json(body) = body.map_err(unreadable)?;
    let wanted = Mark::named(&body.mark)
        .ok_or_else(|| Error::refused("bad-mark", "Send arrive, leave, miss or undo."))?;
    let done = transaction!(app.db, tx =>
        attendance::mark(tx, me.member, booking.id, wanted, body.version, now).await)?;
    answer(done, attendance::Refusal::kind)
}

#[derive(Deserialize, ToSchema)]
struct NewChange {
    /// A space's slug; the same one without it.
    space: Option<String>,
    #[serde(flatten)]
    when: When,
    people: Option<i32>,
    /// What becomes of the price: nothing while kind and length stay, else `keep`, or `new` with the
    /// `total_cents` that was shown.
    price: Option<String>,
    #[schema(value_type = Option<i64>)]
    total_cents: Option<Money>,
    /// Why policy is passed over; a time that somebody else has is never given away.
    #[serde(default)]
    reason: String,
    /// The member hears of it by mail, two minutes later.
    #[serde(default)]
    tell: bool,
    version: Option<i32>,
}

/// Move a booking, or make it longer or shorter.
///
/// For staff. It can be taken back for two minutes.
#[utoipa::path(post, path = "/bookings/{reference}/change", tag = "Front desk", request_body = NewChange,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn change_it(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<NewChange>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    let booking = find(&app, &me, &reference).await?;
    let Json(body) = body.map_err(unreadable)?;
    let term = match body.when.from.is_empty() {
        true => booking.term,
        false => body
            .when
            .term(booking.zone)
            .map_err(|(kind, sentence)| Error::refused(kind, sentence))?,
    };
    let price = match (body.price.as_deref(), body.total_cents) {
        (None, _) => None,
        (Some("keep"), _) => Some(Pricing::Keep),
        (Some("new"), Some(shown)) => Some(Pricing::New { shown }),
        _ => {
            return Err(Error::refused(
                "bad-price",
                "Send keep, or new with total_cents.",
            ));
        }
    };
    let wanted = Wanted {
        space: body.space.unwrap_or_else(|| booking.space_slug.clone()),
        term,
        people: body.people.unwrap_or(booking.people),
    };
    let way = Way {
        version: body.version,
        price,
        reason: form::optional_line(&body.reason, 300)
            .map_err(|sentence| Error::refused("bad-reason", sentence))?,
        tell: body.tell,
    };
    let done = transaction!(app.db, tx =>
        change::change(tx, me.member, booking.id, &wanted, &way, now).await)?;
    answer(done, change::Refusal::kind)
}

#[derive(Deserialize, ToSchema)]
struct NewDecision {
    /// `accept` or `let_go`.
    #[schema(example = "accept")]
    decision: String,
    #[serde(default)]
    tell: bool,
    version: Option<i32>,
}

/// Decide on a hold or a request.
///
/// For staff. A hold is confirmed or let go, a request granted or declined.
#[utoipa::path(post, path = "/bookings/{reference}/decision", tag = "Front desk", request_body = NewDecision,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn decide(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<NewDecision>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    let booking = find(&app, &me, &reference).await?;
    let Json(body) = body.map_err(unreadable)?;
    let wanted = Decision::named(&body.decision)
        .ok_or_else(|| Error::refused("bad-decision", "Send accept or let_go."))?;
    let how = (body.version, body.tell);
    let done = transaction!(app.db, tx =>
        decision::decide(tx, me.member, booking.id, wanted, how, now).await)?;
    answer(done, decision::Refusal::kind)
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct TakenBack {
    version: Option<i32>,
}

/// Take the last change or cancellation back.
///
/// For staff, within two minutes: the mail that waits is never sent.
#[utoipa::path(post, path = "/bookings/{reference}/undo", tag = "Front desk", request_body = Option<TakenBack>,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn take_back(
    State(app): State<App>,
    me: Bearer,
    Path(reference): Path<String>,
    body: Option<Json<TakenBack>>,
) -> Result<Json<BookingJson>> {
    let booking = find(&app, &me, &reference).await?;
    let version = body.unwrap_or_default().version;
    let done = transaction!(app.db, tx => undo::undo(tx, me.member, booking.id, version).await)?;
    answer(done, undo::Refusal::kind)
}
