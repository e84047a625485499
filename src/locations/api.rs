//! Locations, for programs.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    hours::Calendar,
    location::{Location, Status},
};
use crate::{app::App, error::Result, extract::Now, sessions::current::Bearer};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(index))
}

#[derive(Serialize, ToSchema)]
struct LocationsJson {
    locations: Vec<LocationJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Location)]
struct LocationJson {
    slug: String,
    name: String,
    /// `open` or `announced`.
    status: &'static str,
    /// IANA name.
    time_zone: &'static str,
    open_now: bool,
    /// The local day; null when closed.
    today: Option<Today>,
}

/// From the first opening to the last closing, RFC 3339 with the location's offset.
#[derive(Serialize, ToSchema)]
struct Today {
    opens: String,
    closes: String,
}

/// The locations, and when they are open today.
#[utoipa::path(get, path = "/locations", tag = "Locations", responses((status = 200, body = LocationsJson)))]
async fn index(_: Bearer, Now(now): Now, State(app): State<App>) -> Result<Json<LocationsJson>> {
    let mut db = app.db.acquire().await?;
    let locations = Location::all(&mut db).await?;
    let utc_today = now.date_naive();
    let last = utc_today + chrono::Days::new(1);
    let calendars = Calendar::of_all(&mut db, &locations, utc_today, last).await?;
    let show = |place: &Location| {
        let calendar = calendars.get(&place.id)?;
        let zone = place.zone;
        let is_open = place.status == Status::Open;
        let day = calendar.day(zone.date(now)).span().filter(|_| is_open);
        Some(LocationJson {
            slug: place.slug.clone(),
            name: place.name.clone(),
            status: if is_open { "open" } else { "announced" },
            time_zone: zone.name(),
            open_now: is_open && calendar.opening_at(now).is_some(),
            today: day.map(|span| Today {
                opens: zone.rfc3339(span.from),
                closes: zone.rfc3339(span.until),
            }),
        })
    };
    let locations = locations.iter().filter_map(show).collect();
    Ok(Json(LocationsJson { locations }))
}
