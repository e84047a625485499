//! Closures for programs of the front desk: stopping new bookings, and what is done about those they hit.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::BookingJson,
    closure::{
        closing::{self, Terms},
        place::Place,
        record::{Record, Stage},
        worklist::{self, Hit, Outcome, Row},
    },
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    sessions::current::StaffBearer,
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, close))
        .routes(routes!(places))
        .routes(routes!(show, change))
        .routes(routes!(reopen))
        .routes(routes!(decide))
        .routes(routes!(call))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Closure)]
struct ClosureJson {
    /// Such as `CL-7K3M9`.
    reference: String,
    /// The location's slug.
    location: String,
    /// `Pier`, `Level 1, Window side`, or `All of Musgrave`.
    what: String,
    /// RFC 3339 with the location's offset.
    from: String,
    /// Null while nobody knows.
    until: Option<String>,
    /// `coming`, `running` or `over`.
    stage: &'static str,
    /// For the team.
    reason: String,
    /// What everybody reads.
    wording: String,
    reopened_at: Option<String>,
    /// Bookings that nobody has seen to.
    waiting: i64,
    /// Grows with every change.
    version: i32,
}

impl ClosureJson {
    fn of(record: &Record, now: DateTime<Utc>) -> ClosureJson {
        let said = |at| record.zone.rfc3339(at);
        ClosureJson {
            reference: record.reference.clone(),
            location: record.location_slug.clone(),
            what: record.what.clone(),
            from: said(record.during.from),
            until: record.until().map(said),
            stage: match record.stage(now) {
                Stage::Coming => "coming",
                Stage::Running => "running",
                Stage::Over => "over",
            },
            reason: record.reason.clone(),
            wording: record.wording.clone(),
            reopened_at: record.reopened_at.map(said),
            waiting: record.waiting,
            version: record.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ClosuresJson {
    closures: Vec<ClosureJson>,
}

/// Closures.
///
/// For staff. Running and coming ones, the first to begin first, then the last fifty that are over.
#[utoipa::path(get, path = "/closures", tag = "Front desk", responses((status = 200, body = ClosuresJson)))]
async fn index(
    State(app): State<App>,
    Now(now): Now,
    _: StaffBearer,
) -> Result<Json<ClosuresJson>> {
    let records = Record::list(&mut *app.db.acquire().await?, now).await?;
    let closures = records.iter().map(|record| ClosureJson::of(record, now));
    Ok(Json(ClosuresJson {
        closures: closures.collect(),
    }))
}

#[derive(Serialize, ToSchema)]
struct PlacesJson {
    places: Vec<PlaceJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Place)]
struct PlaceJson {
    /// What `close` of a new closure takes: `location:musgrave`, `space:pier`; floors and zones by their id.
    key: String,
    name: String,
    /// The location's slug.
    location: String,
}

/// What can be closed.
///
/// For staff. Locations, their floors and zones, and single spaces.
#[utoipa::path(get, path = "/closures/places", tag = "Front desk", responses((status = 200, body = PlacesJson)))]
async fn places(State(app): State<App>, _: StaffBearer) -> Result<Json<PlacesJson>> {
    let places = Place::all(&mut *app.db.acquire().await?).await?;
    let places = places.into_iter().map(|place| PlaceJson {
        key: place.key,
        name: place.name,
        location: place.location_slug,
    });
    Ok(Json(PlacesJson {
        places: places.collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
struct NewClosure {
    /// A place's key.
    #[schema(example = "space:pier")]
    close: String,
    /// RFC 3339; now without it.
    #[schema(value_type = Option<String>)]
    from: Option<DateTime<Utc>>,
    /// RFC 3339; nothing while nobody knows.
    #[schema(value_type = Option<String>)]
    until: Option<DateTime<Utc>>,
    /// For the team.
    #[serde(default)]
    reason: String,
    /// What everybody reads; the usual sentence without it.
    #[serde(default)]
    wording: String,
}

fn terms(
    (from, until): (DateTime<Utc>, Option<DateTime<Utc>>),
    reason: &str,
    wording: &str,
    usual: String,
) -> Result<Terms> {
    let refused = |kind| move |sentence: String| Error::refused(kind, sentence);
    let wording = form::optional_line(wording, 300).map_err(refused("bad-wording"))?;
    Ok(Terms {
        from,
        until,
        reason: form::optional_line(reason, 200).map_err(refused("bad-reason"))?,
        wording: Some(wording)
            .filter(|said| !said.is_empty())
            .unwrap_or(usual),
    })
}

fn closing_refused(refusal: closing::Refusal) -> Error {
    match refusal {
        closing::Refusal::Stale => Error::conflict(refusal.kind(), refusal.to_string()),
        _ => Error::refused(refusal.kind(), refusal.to_string()),
    }
}

/// Close something.
///
/// For staff. It takes no new bookings from then on; those that exist stay, and stand on its worklist.
#[utoipa::path(post, path = "/closures", tag = "Front desk", request_body = NewClosure,
    responses((status = 201, body = ClosureJson, headers(("Location" = String)))))]
async fn close(
    State(app): State<App>,
    Now(now): Now,
    me: StaffBearer,
    body: Result<Json<NewClosure>, JsonRejection>,
) -> Result<Response> {
    let Json(body) = body.map_err(unreadable)?;
    let places = Place::all(&mut *app.db.acquire().await?).await?;
    let place = places.into_iter().find(|place| place.key == body.close);
    let place =
        place.ok_or_else(|| Error::refused("no-such-place", "Send the key of what to close."))?;
    let when = (body.from.unwrap_or(now), body.until);
    let terms = terms(when, &body.reason, &body.wording, place.usual_wording())?;
    let by = me.member;
    let closed = transaction!(app.db, tx => closing::close(tx, by, &place, &terms, now).await)?;
    let reference = closed.map_err(closing_refused)?;
    let record = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let address = format!("/api/v1/closures/{reference}");
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, address)],
        Json(ClosureJson::of(&record, now)),
    )
        .into_response())
}

#[derive(Serialize, ToSchema)]
#[schema(as = ClosureWithBookings)]
struct WholeJson {
    #[serde(flatten)]
    closure: ClosureJson,
    /// Those it hits, the first to begin first.
    bookings: Vec<HitJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = HitBooking)]
struct HitJson {
    booking: BookingJson,
    /// Whom to call, and their number (E.164).
    person: String,
    phone: Option<String>,
    called: bool,
    /// `moved`, `refunded`, `told` or `stays`; null while nobody has seen to it.
    outcome: Option<&'static str>,
    /// They are told and never cancelled.
    is_tenant: bool,
    /// Of what was done about it.
    version: i32,
}

impl From<Hit> for HitJson {
    fn from(hit: Hit) -> HitJson {
        HitJson {
            booking: hit.booking.into(),
            person: hit.person,
            phone: hit.phone,
            called: hit.called_at.is_some(),
            outcome: hit.outcome.map(Outcome::key),
            is_tenant: hit.is_tenant,
            version: hit.version,
        }
    }
}

async fn whole(db: &mut Db, reference: &str, now: DateTime<Utc>) -> Result<Json<WholeJson>> {
    let record = Record::find(&mut *db, reference, now).await?;
    let hits = Hit::of(db, &record, now).await?;
    Ok(Json(WholeJson {
        closure: ClosureJson::of(&record, now),
        bookings: hits.into_iter().map(HitJson::from).collect(),
    }))
}

/// One closure, with the bookings that it hits.
///
/// For staff.
#[utoipa::path(get, path = "/closures/{reference}", tag = "Front desk",
    params(("reference" = String, Path)), responses((status = 200, body = WholeJson)))]
async fn show(
    State(app): State<App>,
    Now(now): Now,
    _: StaffBearer,
    Path(reference): Path<String>,
) -> Result<Json<WholeJson>> {
    whole(&mut *app.db.acquire().await?, &reference, now).await
}

#[derive(Deserialize, ToSchema)]
struct ChangedClosure {
    /// RFC 3339; as it is without it.
    #[schema(value_type = Option<String>)]
    from: Option<DateTime<Utc>>,
    /// RFC 3339; nothing while nobody knows.
    #[schema(value_type = Option<String>)]
    until: Option<DateTime<Utc>>,
    #[serde(default)]
    reason: String,
    /// As it is without it.
    #[serde(default)]
    wording: String,
    /// Of the closure that was looked at; one that has changed since is refused.
    version: i32,
}

/// Say another time, reason or wording.
///
/// For staff.
#[utoipa::path(put, path = "/closures/{reference}", tag = "Front desk", request_body = ChangedClosure,
    params(("reference" = String, Path)), responses((status = 200, body = WholeJson)))]
async fn change(
    State(app): State<App>,
    Now(now): Now,
    me: StaffBearer,
    Path(reference): Path<String>,
    body: Result<Json<ChangedClosure>, JsonRejection>,
) -> Result<Json<WholeJson>> {
    let record = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let Json(body) = body.map_err(unreadable)?;
    let when = (body.from.unwrap_or(record.during.from), body.until);
    let terms = terms(when, &body.reason, &body.wording, record.wording)?;
    let (by, reference, version) = (me.member, record.reference, body.version);
    let done = transaction!(app.db, tx => closing::change(tx, by, &reference, &terms, version, now).await)?;
    done.map_err(closing_refused)?;
    whole(&mut *app.db.acquire().await?, &reference, now).await
}

#[derive(Deserialize, ToSchema)]
struct Reopening {
    /// Of the closure that was looked at.
    version: i32,
}

/// Take bookings again.
///
/// For staff. What was done about the bookings it hit stays as it is.
#[utoipa::path(post, path = "/closures/{reference}/reopening", tag = "Front desk", request_body = Reopening,
    params(("reference" = String, Path)), responses((status = 200, body = WholeJson)))]
async fn reopen(
    State(app): State<App>,
    Now(now): Now,
    me: StaffBearer,
    Path(reference): Path<String>,
    body: Result<Json<Reopening>, JsonRejection>,
) -> Result<Json<WholeJson>> {
    let record = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let Json(body) = body.map_err(unreadable)?;
    let (by, reference, version) = (me.member, record.reference, body.version);
    let done = transaction!(app.db, tx => closing::reopen(tx, by, &reference, version, now).await)?;
    done.map_err(closing_refused)?;
    whole(&mut *app.db.acquire().await?, &reference, now).await
}

#[derive(Deserialize, ToSchema)]
struct NewOutcome {
    /// `moved`, `refunded`, `told`, `stays`, or `again` to take the last one back.
    #[schema(example = "told")]
    outcome: String,
    /// Where it is moved to: a space's slug.
    #[serde(default)]
    space: String,
    /// The person hears of it by mail, two minutes later.
    #[serde(default)]
    tell: bool,
    /// Of the row that was looked at.
    #[serde(default)]
    version: i32,
}

fn row_refused(refusal: worklist::Refusal) -> Error {
    match refusal.kind() {
        kind @ ("stale" | "taken") => Error::conflict(kind, refusal.to_string()),
        kind => Error::refused(kind, refusal.to_string()),
    }
}

/// See to a booking that a closure hits.
///
/// For staff. `refunded` gives everything back as our fault.
#[utoipa::path(post, path = "/closures/{reference}/bookings/{booking}/outcome", tag = "Front desk",
    request_body = NewOutcome, params(("reference" = String, Path), ("booking" = String, Path)),
    responses((status = 200, body = WholeJson)))]
async fn decide(
    State(app): State<App>,
    Now(now): Now,
    me: StaffBearer,
    Path((reference, booking)): Path<(String, String)>,
    body: Result<Json<NewOutcome>, JsonRejection>,
) -> Result<Json<WholeJson>> {
    let closure = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let Json(body) = body.map_err(unreadable)?;
    let (by, tell) = (me.member, body.tell);
    let row = Row {
        closure: &closure,
        booking: &booking,
        version: body.version,
    };
    let done = match (body.outcome.as_str(), Outcome::named(&body.outcome)) {
        ("again", _) => transaction!(app.db, tx => worklist::take_back(tx, by, row, now).await)?,
        (_, Some(Outcome::Moved)) => {
            let space = body.space.as_str();
            transaction!(app.db, tx => worklist::move_to(tx, by, row, space, tell, now).await)?
        }
        (_, Some(outcome)) => {
            transaction!(app.db, tx => worklist::decide(tx, by, row, outcome, tell, now).await)?
        }
        (_, None) => {
            let sentence = "Send moved, refunded, told, stays or again.";
            return Err(Error::refused("bad-outcome", sentence));
        }
    };
    done.map_err(row_refused)?;
    whole(&mut *app.db.acquire().await?, &closure.reference, now).await
}

#[derive(Deserialize, ToSchema)]
struct NewCall {
    reached: bool,
}

/// Tick that somebody was called.
///
/// For staff. `reached: false` takes the tick away.
#[utoipa::path(post, path = "/closures/{reference}/bookings/{booking}/call", tag = "Front desk",
    request_body = NewCall, params(("reference" = String, Path), ("booking" = String, Path)),
    responses((status = 200, body = WholeJson)))]
async fn call(
    State(app): State<App>,
    Now(now): Now,
    me: StaffBearer,
    Path((reference, booking)): Path<(String, String)>,
    body: Result<Json<NewCall>, JsonRejection>,
) -> Result<Json<WholeJson>> {
    let closure = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let Json(body) = body.map_err(unreadable)?;
    let (by, reached) = (me.member, body.reached);
    let row = Row {
        closure: &closure,
        booking: &booking,
        version: 0,
    };
    let done = transaction!(app.db, tx => worklist::tick(tx, by, row, reached, now).await)?;
    done.map_err(row_refused)?;
    whole(&mut *app.db.acquire().await?, &closure.reference, now).await
}
