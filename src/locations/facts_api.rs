//! What a location says of itself, for programs of those who manage it.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    admin::FactsForm,
    facts::{Entry, Facts, Refusal},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::unreadable,
    sessions::current::{ManagerBearer, OwnerBearer},
    spaces::amenity::amenity,
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, change))
        .routes(routes!(create))
}

/// Each text is empty until somebody has written it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = LocationFacts)]
struct FactsJson {
    /// Of a new one, from its name where it is left out; it stays.
    #[serde(default)]
    slug: String,
    name: String,
    /// `announced`, `open` or `closed`.
    status: String,
    /// IANA name.
    #[schema(example = "Africa/Johannesburg")]
    time_zone: String,
    /// The day that weeks begin on, by which limits count: Monday 1.
    #[serde(default = "monday")]
    #[schema(minimum = 1, maximum = 7)]
    week_starts: i32,
    summary: String,
    /// In Markdown.
    description: String,
    town: String,
    address: String,
    phone: String,
    whatsapp: String,
    email: String,
    /// Such as `fibre`, `generator`, `parking` and `step_free`.
    amenities: Vec<String>,
    directions: String,
    gate: String,
    parking: String,
    /// For people with a booking.
    wifi: String,
    /// Guests whom members invite read it too.
    #[serde(default)]
    wifi_for_guests: bool,
    step_free: String,
    power: String,
    water: String,
    fibre: String,
    /// Of the door, in degrees; both or neither.
    latitude: Option<f64>,
    longitude: Option<f64>,
    /// So many people it takes at once; null for as many as it seats.
    #[serde(default)]
    most_at_once: Option<i32>,
    /// Grows with each change of the location and its hours.
    #[serde(default)]
    version: i32,
}

fn monday() -> i32 {
    1
}

impl From<Facts> for FactsJson {
    fn from(facts: Facts) -> FactsJson {
        FactsJson {
            slug: facts.slug,
            name: facts.name,
            status: facts.status,
            time_zone: facts.time_zone,
            week_starts: facts.week_starts,
            most_at_once: facts.most_at_once,
            summary: facts.summary,
            description: facts.description,
            town: facts.town,
            address: facts.address,
            phone: facts.phone,
            whatsapp: facts.whatsapp,
            email: facts.email,
            amenities: facts.amenities,
            directions: facts.directions,
            gate: facts.gate,
            parking: facts.parking,
            wifi: facts.wifi,
            wifi_for_guests: facts.wifi_for_guests,
            step_free: facts.step_free,
            power: facts.power,
            water: facts.water,
            fibre: facts.fibre,
            latitude: facts.latitude,
            longitude: facts.longitude,
            version: facts.version,
        }
    }
}

impl FactsJson {
    /// Checked as the page checks them.
    fn read(self) -> Result<Facts> {
        if let Some(key) = self.amenities.iter().find(|key| amenity(key).is_none()) {
            return Err(Error::refused(
                "bad-facts",
                format!("No amenity is called {key}."),
            ));
        }
        let typed = FactsForm::of(Facts {
            slug: self.slug,
            name: self.name,
            status: self.status,
            time_zone: self.time_zone,
            week_starts: self.week_starts,
            most_at_once: self.most_at_once,
            summary: self.summary,
            description: self.description,
            town: self.town,
            address: self.address,
            phone: self.phone,
            whatsapp: self.whatsapp,
            email: self.email,
            amenities: self.amenities,
            directions: self.directions,
            gate: self.gate,
            parking: self.parking,
            wifi: self.wifi,
            wifi_for_guests: self.wifi_for_guests,
            step_free: self.step_free,
            power: self.power,
            water: self.water,
            fibre: self.fibre,
            latitude: self.latitude,
            longitude: self.longitude,
            version: self.version,
        });
        typed.parse().map_err(|errors| {
            let first = errors.iter().next();
            let said = first.map(|(field, said)| format!("{field}: {said}"));
            Error::refused("bad-facts", said.unwrap_or_default())
        })
    }
}

async fn managed(db: &mut Db, me: &ManagerBearer, slug: &str) -> Result<Entry> {
    let entry = Entry::find(db, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::SlugTaken => Error::conflict("slug-taken", refusal.to_string()),
        Refusal::Stale => Error::conflict(
            "stale",
            "Somebody changed this location a moment ago. Read it again.",
        ),
    }
}

/// What a location says of itself.
///
/// For its managers, and owners: its texts, what it offers, and how to get in.
#[utoipa::path(get, path = "/locations/{slug}", tag = "Setting up", params(("slug" = String, Path)),
    responses((status = 200, body = FactsJson)))]
async fn show(
    State(app): State<App>,
    me: ManagerBearer,
    Path(slug): Path<String>,
) -> Result<Json<FactsJson>> {
    let mut db = app.db.acquire().await?;
    let entry = managed(&mut db, &me, &slug).await?;
    Ok(Json(Facts::load(&mut db, entry.id).await?.into()))
}

/// Change what a location says of itself.
///
/// For its managers, and owners. Send all of it, with the version that you read.
#[utoipa::path(put, path = "/locations/{slug}", tag = "Setting up", request_body = FactsJson,
    params(("slug" = String, Path)), responses((status = 200, body = FactsJson)))]
async fn change(
    State(app): State<App>,
    me: ManagerBearer,
    Path(slug): Path<String>,
    body: Result<Json<FactsJson>, JsonRejection>,
) -> Result<Json<FactsJson>> {
    let entry = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let Json(body) = body.map_err(unreadable)?;
    let facts = Facts {
        slug: entry.slug,
        ..body.read()?
    };
    let (by, id) = (me.member, entry.id);
    transaction!(app.db, tx => facts.change(tx, by, id).await)?.map_err(refused)?;
    let facts = Facts::load(&mut *app.db.acquire().await?, id).await?;
    Ok(Json(facts.into()))
}

/// Add a location.
///
/// For owners. Its hours, floors and prices come next.
#[utoipa::path(post, path = "/locations", tag = "Setting up", request_body = FactsJson,
    responses((status = 201, body = FactsJson)))]
async fn create(
    State(app): State<App>,
    me: OwnerBearer,
    body: Result<Json<FactsJson>, JsonRejection>,
) -> Result<(StatusCode, Json<FactsJson>)> {
    let Json(body) = body.map_err(unreadable)?;
    let (facts, by) = (body.read()?, me.member);
    transaction!(app.db, tx => facts.create(tx, by).await)?.map_err(refused)?;
    let mut db = app.db.acquire().await?;
    let entry = Entry::find(&mut db, &facts.slug).await?;
    let facts = Facts::load(&mut db, entry.id).await?;
    Ok((StatusCode::CREATED, Json(facts.into())))
}
