//! Adding a space and changing it, for programs of those who manage its location.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    amenity::amenity,
    floor::Floor,
    floor_setup::Zone,
    inventory,
    layout::Layout,
    setup::{Refusal, Setup},
    space::{Kind, Space},
    space_form::SpaceForm,
};
use crate::{
    app::App,
    bookings::rules::Rules,
    error::{Error, Result},
    extract::{Now, unreadable},
    id::Id,
    locations::facts::{Entry, Facts},
    sessions::current::ManagerBearer,
    time, transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show, change))
}

#[derive(Serialize, ToSchema)]
struct InventoryJson {
    spaces: Vec<ItemJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SpaceInInventory)]
struct ItemJson {
    slug: String,
    name: String,
    kind: Kind,
    floor: String,
    seats: i32,
    /// `active`, `hidden`, `out_of_order` or `retired`.
    status: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = SpaceSetup)]
struct SetupJson {
    /// Of a new one, from its name where it is left out; it stays.
    #[serde(default)]
    slug: String,
    name: String,
    /// It stays.
    kind: Kind,
    /// The level of its floor: 0 is the ground floor.
    level: i32,
    /// The name of a zone of that floor.
    zone: Option<String>,
    /// The slug of the policy that it follows.
    policy: String,
    seats: i32,
    /// Of a room: how many each way of setting it up seats, such as `{"boardroom": 8}`; they go before `seats`.
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, i32>)]
    layouts: BTreeMap<Layout, i32>,
    amenities: Vec<String>,
    summary: String,
    /// `active`, `hidden`, `out_of_order` or `retired`.
    status: String,
    /// Among its kind.
    position: i32,
    /// Left, top, width and depth on its floor, in metres.
    #[schema(value_type = Vec<f32>)]
    at: [f32; 4],
    /// Grows with every change.
    #[serde(default)]
    version: i32,
}

#[derive(Deserialize, ToSchema)]
struct ChangedSpace {
    #[serde(flatten)]
    space: SetupJson,
    /// The bookings ahead that it would not take so are known.
    #[serde(default)]
    seen: bool,
}

impl SetupJson {
    async fn of(db: &mut Db, location: &Entry, setup: Setup) -> Result<SetupJson> {
        let floors = Floor::of(&mut *db, location.id).await?;
        let zones = Zone::of(&mut *db, location.id).await?;
        let rules = Rules::all(db).await?;
        let zone = zones.into_iter().find(|zone| Some(zone.id) == setup.zone);
        let rules = rules.into_iter().find(|rules| rules.id == setup.policy);
        let floor = floors.into_iter().find(|floor| floor.id == setup.floor);
        Ok(SetupJson {
            slug: setup.slug,
            name: setup.name,
            kind: setup.kind,
            level: floor.ok_or(Error::NotFound)?.level,
            zone: zone.map(|zone| zone.name),
            policy: rules.ok_or(Error::NotFound)?.slug,
            seats: setup.seats,
            layouts: setup.layouts,
            amenities: setup.amenities,
            summary: setup.summary,
            status: setup.status,
            position: setup.position,
            at: setup.at,
            version: setup.version,
        })
    }

    /// Checked as the page checks it.
    async fn read(self, db: &mut Db, location: &Entry) -> Result<Setup> {
        if let Some(key) = self.amenities.iter().find(|key| amenity(key).is_none()) {
            let sentence = format!("amenities: Nothing is called {key}.");
            return Err(Error::refused("bad-space", sentence));
        }
        let floors = Floor::of(&mut *db, location.id).await?;
        let floor = floors.into_iter().find(|floor| floor.level == self.level);
        let floor = floor.ok_or_else(|| {
            Error::refused(
                "no-such-floor",
                "Send the level of a floor of this location.",
            )
        })?;
        let zone = match &self.zone {
            None => None,
            Some(name) => {
                let zones = Zone::of(&mut *db, location.id).await?.into_iter();
                let mut here = zones.filter(|zone| zone.floor == floor.id && zone.name == *name);
                let sentence = "Send the name of a zone of this floor, or null.";
                let found = here.next().map(|zone| zone.id);
                Some(found.ok_or_else(|| Error::refused("no-such-zone", sentence))?)
            }
        };
        let rules = Rules::all(db).await?;
        let rules = rules.into_iter().find(|rules| rules.slug == self.policy);
        let rules =
            rules.ok_or_else(|| Error::refused("no-such-policy", "Send a policy’s slug."))?;
        let typed = SpaceForm::of(&Setup {
            slug: self.slug,
            name: self.name,
            kind: self.kind,
            floor: floor.id,
            zone,
            policy: rules.id,
            seats: self.seats,
            layouts: self.layouts,
            amenities: self.amenities,
            summary: self.summary,
            status: self.status,
            position: self.position,
            at: self.at,
            version: self.version,
        });
        typed.parse().map_err(|errors| {
            let first = errors.iter().next();
            let said = first.map(|(field, said)| format!("{field}: {said}"));
            Error::refused("bad-space", said.unwrap_or_default())
        })
    }
}

async fn managed(db: &mut Db, me: &ManagerBearer, slug: &str) -> Result<Entry> {
    let entry = Entry::find(db, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

/// A space of this location.
async fn found(db: &mut Db, place: &Entry, slug: &str) -> Result<(Id<Space>, Setup)> {
    let (id, location, setup) = Setup::load(db, slug).await?;
    match location == place.id {
        true => Ok((id, setup)),
        false => Err(Error::NotFound),
    }
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Stale => Error::conflict(
            "stale",
            "Somebody changed this space a moment ago. Read it again.",
        ),
        Refusal::SlugTaken => Error::conflict("slug-taken", refusal.to_string()),
        Refusal::NoSuchFloor => Error::refused("no-such-floor", refusal.to_string()),
        Refusal::NoSuchPolicy => Error::refused("no-such-policy", refusal.to_string()),
        Refusal::Booked(bookings) => {
            let references: Vec<String> = bookings.into_iter().map(|one| one.reference).collect();
            let sentence = format!(
                "It has bookings ahead: {}. They stay as they are: send seen once you know of them.",
                references.join(", ")
            );
            Error::refused("bookings-outside", sentence)
        }
    }
}

/// The location's date.
async fn today(db: &mut Db, place: &Entry, now: DateTime<Utc>) -> Result<NaiveDate> {
    let facts = Facts::load(db, place.id).await?;
    Ok(time::Zone::named(&facts.time_zone)?.date(now))
}

/// All spaces of a location, also those that people do not see.
///
/// For its managers, and owners.
#[utoipa::path(get, path = "/locations/{slug}/spaces", tag = "Setting up", params(("slug" = String, Path)),
    responses((status = 200, body = InventoryJson)))]
async fn index(
    State(app): State<App>,
    me: ManagerBearer,
    Path(slug): Path<String>,
) -> Result<Json<InventoryJson>> {
    let mut db = app.db.acquire().await?;
    let place = managed(&mut db, &me, &slug).await?;
    let all = inventory::all(&mut db).await?.into_iter();
    let here = all.filter(|item| item.location == place.id);
    let spaces = here.map(|item| ItemJson {
        slug: item.slug,
        name: item.name,
        kind: item.kind,
        floor: item.floor,
        seats: item.seats,
        status: item.status,
    });
    Ok(Json(InventoryJson {
        spaces: spaces.collect(),
    }))
}

/// One of them, as it is set up.
///
/// For its managers, and owners.
#[utoipa::path(get, path = "/locations/{slug}/spaces/{space}", tag = "Setting up",
    params(("slug" = String, Path), ("space" = String, Path)), responses((status = 200, body = SetupJson)))]
async fn show(
    State(app): State<App>,
    me: ManagerBearer,
    Path((slug, space)): Path<(String, String)>,
) -> Result<Json<SetupJson>> {
    let mut db = app.db.acquire().await?;
    let place = managed(&mut db, &me, &slug).await?;
    let (_, setup) = found(&mut db, &place, &space).await?;
    Ok(Json(SetupJson::of(&mut db, &place, setup).await?))
}

/// Add a space.
///
/// For the location's managers, and owners. It can be booked from today on.
#[utoipa::path(post, path = "/locations/{slug}/spaces", tag = "Setting up", request_body = SetupJson,
    params(("slug" = String, Path)), responses((status = 201, body = SetupJson)))]
async fn create(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path(slug): Path<String>,
    body: Result<Json<SetupJson>, JsonRejection>,
) -> Result<(StatusCode, Json<SetupJson>)> {
    let mut db = app.db.acquire().await?;
    let place = managed(&mut db, &me, &slug).await?;
    let Json(new) = body.map_err(unreadable)?;
    let setup = new.read(&mut db, &place).await?;
    let (by, at, today) = (me.member, place.id, today(&mut db, &place, now).await?);
    transaction!(app.db, tx => setup.create(tx, by, at, today).await)?.map_err(refused)?;
    let (_, setup) = found(&mut db, &place, &setup.slug).await?;
    let made = SetupJson::of(&mut db, &place, setup).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Change a space.
///
/// For the location's managers, and owners. Bookings ahead that it would not take so are named first, and never
/// touched.
#[utoipa::path(put, path = "/locations/{slug}/spaces/{space}", tag = "Setting up", request_body = ChangedSpace,
    params(("slug" = String, Path), ("space" = String, Path)), responses((status = 200, body = SetupJson)))]
async fn change(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path((slug, space)): Path<(String, String)>,
    body: Result<Json<ChangedSpace>, JsonRejection>,
) -> Result<Json<SetupJson>> {
    let mut db = app.db.acquire().await?;
    let place = managed(&mut db, &me, &slug).await?;
    let (id, was) = found(&mut db, &place, &space).await?;
    let Json(body) = body.map_err(unreadable)?;
    let new = SetupJson {
        slug: was.slug.clone(),
        kind: was.kind,
        ..body.space
    };
    let setup = new.read(&mut db, &place).await?;
    let (by, at) = (me.member, (today(&mut db, &place, now).await?, now));
    let seen = body.seen;
    transaction!(app.db, tx => setup.change(tx, by, id, seen, at).await)?.map_err(refused)?;
    let (_, setup) = found(&mut db, &place, &was.slug).await?;
    Ok(Json(SetupJson::of(&mut db, &place, setup).await?))
}
