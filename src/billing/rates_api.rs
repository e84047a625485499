//! The price list of a location, for programs of those who manage it.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::tariff::{Rate, Refusal, Unit, Wanted};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    locations::location::Location,
    money::Money,
    sessions::current::ManagerBearer,
    spaces::space::Kind,
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(withdraw))
}

#[derive(Serialize, ToSchema)]
struct RatesJson {
    rates: Vec<RateJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Rate)]
struct RateJson {
    #[schema(value_type = String)]
    id: Uuid,
    kind: Kind,
    /// The slug of the one space it is for; null for all of its kind.
    space: Option<String>,
    /// `hour`, `half_day`, `day`, `week` or `month`.
    unit: &'static str,
    /// Including VAT; null where the unit is sold no more.
    cents: Option<Money>,
    /// In force from this day on, until the next.
    #[schema(value_type = String, example = "2026-12-01")]
    from: NaiveDate,
}

async fn managed(db: &mut Db, me: &ManagerBearer, slug: &str) -> Result<Location> {
    let place = Location::find(db, slug).await?.ok_or(Error::NotFound)?;
    me.managing(place.id)?;
    Ok(place)
}

async fn list(db: &mut Db, place: &Location) -> Result<Json<RatesJson>> {
    let rates = Rate::list(db, place.id).await?.into_iter();
    let rates = rates.map(|rate| RateJson {
        id: rate.id,
        kind: rate.kind,
        space: rate.space.map(|(slug, _)| slug),
        unit: rate.unit.key(),
        cents: rate.price,
        from: rate.from,
    });
    Ok(Json(RatesJson {
        rates: rates.collect(),
    }))
}

/// A location's prices.
///
/// For its managers, and owners. The newest first within each kind, space and unit.
#[utoipa::path(get, path = "/locations/{slug}/rates", tag = "Setting up", params(("slug" = String, Path)),
    responses((status = 200, body = RatesJson)))]
async fn index(
    State(app): State<App>,
    me: ManagerBearer,
    Path(slug): Path<String>,
) -> Result<Json<RatesJson>> {
    let mut db = app.db.acquire().await?;
    let place = managed(&mut db, &me, &slug).await?;
    list(&mut db, &place).await
}

#[derive(Deserialize, ToSchema)]
struct NewRate {
    kind: Kind,
    /// A space's slug; all of the kind without it.
    space: Option<String>,
    /// `hour`, `half_day`, `day`, `week` or `month`.
    #[schema(example = "hour")]
    unit: String,
    /// Including VAT; null where the unit is sold no more.
    cents: Option<i64>,
    /// Today or a day to come.
    #[schema(value_type = String, example = "2026-12-01")]
    from: NaiveDate,
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Taken => Error::conflict(refusal.kind(), refusal.to_string()),
        _ => Error::refused(refusal.kind(), refusal.to_string()),
    }
}

/// Set a price from a day on.
///
/// For the location's managers, and owners. Bookings that exist keep theirs.
#[utoipa::path(post, path = "/locations/{slug}/rates", tag = "Setting up", request_body = NewRate,
    params(("slug" = String, Path)), responses((status = 200, body = RatesJson)))]
async fn create(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path(slug): Path<String>,
    body: Result<Json<NewRate>, JsonRejection>,
) -> Result<Json<RatesJson>> {
    let place = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let Json(body) = body.map_err(unreadable)?;
    let sentence = "Send hour, half_day, day, week or month as unit.";
    let unit = Unit::named(&body.unit).ok_or_else(|| Error::refused("bad-unit", sentence))?;
    if body
        .cents
        .is_some_and(|cents| !(1..=1_000_000_000).contains(&cents))
    {
        return Err(Error::refused(
            "bad-price",
            "Send a price in cents, or null.",
        ));
    }
    let wanted = Wanted {
        kind: body.kind,
        space: body.space,
        unit,
        price: body.cents.map(Money::cents),
        from: body.from,
    };
    let (by, today) = (me.member, place.zone.date(now));
    let at = (place.id, place.slug.as_str());
    transaction!(app.db, tx => wanted.write(tx, by, at, today).await)?.map_err(refused)?;
    list(&mut *app.db.acquire().await?, &place).await
}

/// Take a price back that is not in force yet.
///
/// For the location's managers, and owners.
#[utoipa::path(delete, path = "/locations/{slug}/rates/{id}", tag = "Setting up",
    params(("slug" = String, Path), ("id" = String, Path)), responses((status = 200, body = RatesJson)))]
async fn withdraw(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path((slug, id)): Path<(String, String)>,
) -> Result<Json<RatesJson>> {
    let place = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let (by, today) = (me.member, place.zone.date(now));
    let at = (place.id, place.slug.as_str());
    transaction!(app.db, tx => Rate::withdraw(tx, by, at, id, today).await)?.map_err(refused)?;
    list(&mut *app.db.acquire().await?, &place).await
}
