//! What the front desk does to bookings, for programs that act for somebody who works here.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::BookingJson,
    attendance::{self, Mark},
    booking::Booking,
    check_in::{self, Word},
    decision::{self, Decision, How},
    undo,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    sessions::current::Bearer,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(mark))
        .routes(routes!(decide))
        .routes(routes!(take_back))
}

/// Any booking for staff; for everybody else there is none.
pub(super) async fn find(app: &App, me: &Bearer, reference: &str) -> Result<Booking> {
    if me.staff.is_none() {
        return Err(Error::NotFound);
    }
    let mut db = app.db.acquire().await?;
    let found = Booking::seen_by(&mut db, me.member, true, reference).await?;
    found.ok_or(Error::NotFound)
}

/// The booking as it is now, or why not.
pub(super) fn answer<R: ToString>(
    done: Result<Booking, R>,
    kind: fn(&R) -> &'static str,
) -> Result<Json<BookingJson>> {
    match done {
        Ok(booking) => Ok(Json(booking.into())),
        Err(refusal) => Err(refused(kind(&refusal), refusal.to_string())),
    }
}

/// Somebody else was faster, or has the time: a conflict. A broken rule cannot be processed.
pub(super) fn refused(kind: &'static str, sentence: String) -> Error {
    match kind {
        "stale" | "taken" => Error::conflict(kind, sentence),
        _ => Error::refused(kind, sentence),
    }
}

#[derive(Deserialize, ToSchema)]
struct NewMark {
    /// `arrive`, `leave`, or `undo` for the last of these; `late` from whoever booked, `miss` from staff.
    #[schema(example = "arrive")]
    mark: String,
    /// Of the booking that was looked at; one that has changed since is refused.
    version: Option<i32>,
}

/// Tick a booking.
///
/// Your own, from when check-in opens; any for staff. Leaving and missing free what is left of the time at once.
#[utoipa::path(post, path = "/bookings/{reference}/attendance", tag = "Bookings", request_body = NewMark,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn mark(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<NewMark>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    if me.staff.is_none() {
        return say(&app, now, &me, &reference, body).await;
    }
    let booking = find(&app, &me, &reference).await?;
    let Json(body) = body.map_err(unreadable)?;
    let wanted = Mark::named(&body.mark)
        .ok_or_else(|| Error::refused("bad-mark", "Send arrive, leave, miss or undo."))?;
    let done = transaction!(app.db, tx =>
        attendance::mark(tx, me.member, booking.id, wanted, body.version, now).await)?;
    answer(done, attendance::Refusal::kind)
}

/// What whoever booked says themselves.
async fn say(
    app: &App,
    now: DateTime<Utc>,
    me: &Bearer,
    reference: &str,
    body: Result<Json<NewMark>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    let found = Booking::changeable_by(&mut *app.db.acquire().await?, me.member, reference).await?;
    let booking = found.ok_or(Error::NotFound)?;
    let Json(body) = body.map_err(unreadable)?;
    let word = Word::named(&body.mark)
        .ok_or_else(|| Error::refused("bad-mark", "Send arrive, late, leave or undo."))?;
    let done = transaction!(app.db, tx =>
        check_in::say(tx, me.member, booking.id, word, now).await)?;
    answer(done, check_in::Refusal::kind)
}

#[derive(Deserialize, ToSchema)]
struct NewDecision {
    /// `accept` or `let_go`.
    #[schema(example = "accept")]
    decision: String,
    /// Why a request is declined, which its member reads; or a word with its approval.
    #[serde(default)]
    reason: String,
    #[serde(default)]
    tell: bool,
    version: Option<i32>,
}

/// Decide on a hold or a request.
///
/// For staff. A hold is confirmed or let go; a request is granted, or declined with a reason, by those who may at its
/// location: the front desk, its managers, and owners.
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
    let note = form::optional_line(&body.reason, 300);
    let note = note.map_err(|sentence| Error::refused("bad-reason", sentence))?;
    let how = How {
        together: false,
        version: body.version,
        tell: body.tell,
        note: &note,
    };
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
