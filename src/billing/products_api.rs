//! What passes are sold, for programs of those who set it.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    pass::setup::{Refusal, Setup},
    products_admin::ProductForm,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::unreadable,
    locations::location::Location,
    money::Money,
    sessions::current::ManagerBearer,
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(change))
}

#[derive(Serialize, ToSchema)]
struct SetupsJson {
    products: Vec<SetupJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PassProductSetup)]
struct SetupJson {
    slug: String,
    name: String,
    /// A location's slug; null for every location.
    location: Option<String>,
    /// `week` or `month`.
    unit: &'static str,
    /// How many of its days can be used; null for every open one.
    days: Option<i32>,
    /// Including VAT.
    cents: Money,
    /// The most that may be in force on one day; null for any number.
    cap: Option<i32>,
    #[schema(value_type = String, example = "2026-12-01")]
    sold_from: NaiveDate,
    on_sale: bool,
    /// Grows with every change.
    version: i32,
}

/// The locations whose passes they set.
async fn places(db: &mut Db, me: &ManagerBearer) -> Result<Vec<Location>> {
    let mut places = Location::all(db).await?;
    places.retain(|place| me.duties().can_manage(place.id));
    Ok(places)
}

async fn list(db: &mut Db, me: &ManagerBearer) -> Result<Json<SetupsJson>> {
    let places = Location::all(&mut *db).await?;
    let slug = |setup: &Setup| {
        let place = places.iter().find(|place| Some(place.id) == setup.location);
        place.map(|place| place.slug.clone())
    };
    let products = Setup::all(db, me.duties()).await?.into_iter();
    let products = products.map(|setup| SetupJson {
        location: slug(&setup),
        slug: setup.slug,
        name: setup.name,
        unit: setup.unit.key(),
        days: setup.days,
        cents: setup.price,
        cap: setup.cap,
        sold_from: setup.sold_from,
        on_sale: setup.on_sale,
        version: setup.version,
    });
    Ok(Json(SetupsJson {
        products: products.collect(),
    }))
}

#[derive(Deserialize, ToSchema)]
struct NewProduct {
    /// Of a new one, from its name where it is left out; it stays.
    #[serde(default)]
    slug: String,
    name: String,
    /// A location's slug, which stays; every location without it, for owners.
    location: Option<String>,
    /// `week` or `month`, which stays.
    #[serde(default)]
    #[schema(example = "month")]
    unit: String,
    /// How many of its days can be used; null for every open one.
    days: Option<i32>,
    /// Including VAT.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    cents: i64,
    /// The most that may be in force on one day; null for any number.
    cap: Option<i32>,
    #[schema(value_type = String, example = "2026-12-01")]
    sold_from: NaiveDate,
    on_sale: bool,
    /// Of the one that was read; one that has changed since is refused.
    #[serde(default)]
    version: i32,
}

impl NewProduct {
    /// Checked as the page checks it; `was` is the one that is changed.
    fn read(self, was: Option<&Setup>, places: &[Location]) -> Result<Setup> {
        if !(1..=1_000_000_000).contains(&self.cents) {
            return Err(Error::refused("bad-price", "Send a price in cents."));
        }
        if was.is_none() && !["week", "month"].contains(&self.unit.as_str()) {
            return Err(Error::refused("bad-unit", "Send week or month as unit."));
        }
        let number = |number: Option<i32>| number.map(|n| n.to_string()).unwrap_or_default();
        let typed = ProductForm {
            version: self.version,
            slug: self.slug,
            name: self.name,
            location: self.location.filter(|_| was.is_none()).unwrap_or_default(),
            unit: self.unit,
            days: number(self.days),
            price: Money::cents(self.cents).decimal(),
            cap: number(self.cap),
            sold_from: self.sold_from.to_string(),
            on_sale: if self.on_sale { "yes" } else { "" }.into(),
        };
        typed.parse(was, places).map_err(|errors| {
            let first = errors.iter().next();
            let said = first.map(|(field, said)| format!("{field}: {said}"));
            Error::refused("bad-pass", said.unwrap_or_default())
        })
    }
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::SlugTaken => Error::conflict("slug-taken", refusal.to_string()),
        Refusal::Stale => Error::conflict(
            "stale",
            "Somebody changed this pass a moment ago. Read it again.",
        ),
    }
}

/// The passes that you set, also those that are not on sale.
///
/// For managers of their location's, and owners.
#[utoipa::path(get, path = "/setup/pass-products", tag = "Setting up", responses((status = 200, body = SetupsJson)))]
async fn index(State(app): State<App>, me: ManagerBearer) -> Result<Json<SetupsJson>> {
    list(&mut *app.db.acquire().await?, &me).await
}

/// Sell a new pass.
///
/// For managers at their location, and owners anywhere.
#[utoipa::path(post, path = "/setup/pass-products", tag = "Setting up", request_body = NewProduct,
    responses((status = 200, body = SetupsJson)))]
async fn create(
    State(app): State<App>,
    me: ManagerBearer,
    body: Result<Json<NewProduct>, JsonRejection>,
) -> Result<Json<SetupsJson>> {
    let Json(new) = body.map_err(unreadable)?;
    let mut db = app.db.acquire().await?;
    let setup = new.read(None, &places(&mut db, &me).await?)?;
    if !setup.is_for(me.duties()) {
        return Err(Error::refused("bad-pass", "location: Choose a location."));
    }
    let by = me.member;
    transaction!(app.db, tx => setup.create(tx, by).await)?.map_err(refused)?;
    list(&mut db, &me).await
}

/// Change a pass.
///
/// For managers of its location, and owners. What is sold already stays as it was sold.
#[utoipa::path(put, path = "/setup/pass-products/{product}", tag = "Setting up", request_body = NewProduct,
    params(("product" = String, Path)), responses((status = 200, body = SetupsJson)))]
async fn change(
    State(app): State<App>,
    me: ManagerBearer,
    Path(product): Path<String>,
    body: Result<Json<NewProduct>, JsonRejection>,
) -> Result<Json<SetupsJson>> {
    let mut db = app.db.acquire().await?;
    let was = Setup::find(&mut db, me.duties(), &product).await?;
    let Json(new) = body.map_err(unreadable)?;
    let setup = new.read(Some(&was), &places(&mut db, &me).await?)?;
    let by = me.member;
    transaction!(app.db, tx => setup.change(tx, by, &was).await)?.map_err(refused)?;
    list(&mut db, &me).await
}
