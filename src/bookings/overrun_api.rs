//! Who stayed past the end, for programs that act for somebody who works here.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::JsonRejection},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::BookingJson,
    overrun::{self, Refusal, Said},
    staff_api::{answer, find, refused},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    money::Money,
    sessions::current::Bearer,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(foresee, charge))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// When they left; RFC 3339.
    #[serde(default)]
    #[param(example = "2026-12-01T11:40:00+02:00")]
    left: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Overrun)]
struct OverrunJson {
    /// RFC 3339 with the location's offset; the end itself where nothing is charged.
    charged_until: String,
    /// What to send as `shown_cents`.
    cents: Money,
    /// Of the booking with it.
    total_cents: Money,
}

fn instant(text: &str) -> Result<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(text);
    read.map(|at| at.to_utc()).map_err(|_| {
        Error::refused(
            "bad-time",
            "Send left as a time such as 2026-12-01T11:40:00+02:00.",
        )
    })
}

/// What staying past the end would come to.
///
/// For staff, of a booking by time that is over. Nothing is changed.
#[utoipa::path(get, path = "/bookings/{reference}/overrun", tag = "Front desk",
    params(("reference" = String, Path), Asked), responses((status = 200, body = OverrunJson)))]
async fn foresee(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<OverrunJson>> {
    let booking = find(&app, &me, &reference).await?;
    let left = instant(&asked.left)?;
    let mut db = app.db.acquire().await?;
    let outlook = overrun::foresee(&mut db, &booking, left, now).await?;
    let outlook = outlook.map_err(|refusal| refused(refusal.kind(), refusal.to_string()))?;
    Ok(Json(OverrunJson {
        charged_until: booking.zone.rfc3339(outlook.charged_until),
        cents: outlook.cents,
        total_cents: outlook.total,
    }))
}

#[derive(Deserialize, ToSchema)]
struct NewOverrun {
    /// When they left; RFC 3339.
    #[schema(example = "2026-12-01T11:40:00+02:00")]
    left: String,
    /// What it comes to, as it was shown; another amount is not charged unseen.
    #[schema(value_type = Option<i64>)]
    shown_cents: Option<Money>,
    /// The member hears of it by mail, two minutes later.
    #[serde(default)]
    tell: bool,
    version: Option<i32>,
}

/// Say that somebody stayed past the end.
///
/// For staff. It is charged by the terms that the booking was made under; said again it is corrected, and it can be
/// taken back for two minutes.
#[utoipa::path(post, path = "/bookings/{reference}/overrun", tag = "Front desk", request_body = NewOverrun,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn charge(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<NewOverrun>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    let booking = find(&app, &me, &reference).await?;
    let Json(body) = body.map_err(unreadable)?;
    let said = Said {
        left: instant(&body.left)?,
        shown: body.shown_cents,
        version: body.version,
        tell: body.tell,
    };
    let done = transaction!(app.db, tx =>
        overrun::record(tx, me.member, booking.id, &said, now).await)?;
    answer(done, Refusal::kind)
}
