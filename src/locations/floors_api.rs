//! The floors of a location, their zones and what is drawn on them, for programs of those who manage it.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{facts::Entry, floors_admin::Typed};
use crate::{
    app::App,
    error::{Error, Result},
    extract::unreadable,
    form,
    sessions::current::ManagerBearer,
    spaces::{
        drawing,
        floor::Floor,
        floor_setup::{self, Refusal, Sketch, Zone},
    },
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(change))
        .routes(routes!(add_zone))
        .routes(routes!(remove_zone))
        .routes(routes!(plan, redraw))
}

#[derive(Serialize, ToSchema)]
struct FloorsJson {
    floors: Vec<FloorJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Floor)]
struct FloorJson {
    name: String,
    /// 0 is the ground floor.
    level: i32,
    /// In metres; 0 until it has a plan.
    width: f32,
    depth: f32,
    zones: Vec<ZoneJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Zone)]
struct ZoneJson {
    name: String,
    /// How many are in it.
    spaces: i64,
}

async fn managed(app: &App, me: &ManagerBearer, slug: &str) -> Result<Entry> {
    let entry = Entry::find(&mut *app.db.acquire().await?, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

async fn list(db: &mut Db, place: &Entry) -> Result<Json<FloorsJson>> {
    let zones = Zone::of(&mut *db, place.id).await?;
    let floors = Floor::of(db, place.id).await?.into_iter();
    let floors = floors.map(|floor| FloorJson {
        zones: zones
            .iter()
            .filter(|zone| zone.floor == floor.id)
            .map(|zone| ZoneJson {
                name: zone.name.clone(),
                spaces: zone.spaces,
            })
            .collect(),
        name: floor.name,
        level: floor.level,
        width: floor.plan.width,
        depth: floor.plan.height,
    });
    Ok(Json(FloorsJson {
        floors: floors.collect(),
    }))
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::LevelTaken | Refusal::ZoneTaken => {
            Error::conflict(refusal.kind(), refusal.to_string())
        }
        _ => Error::refused(refusal.kind(), refusal.to_string()),
    }
}

/// A level as an address names it.
fn level(text: &str) -> Result<i32> {
    text.parse().map_err(|_| Error::NotFound)
}

#[derive(Deserialize, ToSchema)]
struct NewFloor {
    name: String,
    /// 0 is the ground floor.
    #[schema(minimum = -5, maximum = 100)]
    level: i32,
    /// In metres.
    #[schema(minimum = 2, maximum = 200)]
    width: f32,
    #[schema(minimum = 2, maximum = 200)]
    depth: f32,
}

#[derive(Deserialize, ToSchema)]
struct ChangedFloor {
    name: String,
    /// In metres.
    #[schema(minimum = 2, maximum = 200)]
    width: f32,
    #[schema(minimum = 2, maximum = 200)]
    depth: f32,
}

/// Checked as the page checks it.
fn sketch(name: String, level: i32, width: f32, depth: f32) -> Result<Sketch> {
    let typed = Typed {
        name,
        level: level.to_string(),
        width: width.to_string(),
        height: depth.to_string(),
        ..Typed::default()
    };
    typed.parse(None).map_err(|errors| {
        let first = errors.iter().next().map(|(_, said)| said.to_owned());
        Error::refused("bad-floor", first.unwrap_or_default())
    })
}

/// A location's floors, with their zones.
///
/// For its managers, and owners. From the ground up.
#[utoipa::path(get, path = "/locations/{slug}/floors", tag = "Setting up", params(("slug" = String, Path)),
    responses((status = 200, body = FloorsJson)))]
async fn index(
    State(app): State<App>,
    me: ManagerBearer,
    Path(slug): Path<String>,
) -> Result<Json<FloorsJson>> {
    let place = managed(&app, &me, &slug).await?;
    list(&mut *app.db.acquire().await?, &place).await
}

/// Add a floor.
///
/// For the location's managers, and owners. Its outer walls are drawn.
#[utoipa::path(post, path = "/locations/{slug}/floors", tag = "Setting up", request_body = NewFloor,
    params(("slug" = String, Path)), responses((status = 200, body = FloorsJson)))]
async fn create(
    State(app): State<App>,
    me: ManagerBearer,
    Path(slug): Path<String>,
    body: Result<Json<NewFloor>, JsonRejection>,
) -> Result<Json<FloorsJson>> {
    let place = managed(&app, &me, &slug).await?;
    let Json(new) = body.map_err(unreadable)?;
    let wanted = sketch(new.name, new.level, new.width, new.depth)?;
    let (by, at) = (me.member, place.id);
    transaction!(app.db, tx => floor_setup::add(tx, by, at, &wanted).await)?.map_err(refused)?;
    list(&mut *app.db.acquire().await?, &place).await
}

/// Change a floor.
///
/// For the location's managers, and owners. Another name or size; what is drawn on it stays.
#[utoipa::path(put, path = "/locations/{slug}/floors/{level}", tag = "Setting up", request_body = ChangedFloor,
    params(("slug" = String, Path), ("level" = i32, Path)), responses((status = 200, body = FloorsJson)))]
async fn change(
    State(app): State<App>,
    me: ManagerBearer,
    Path((slug, at_level)): Path<(String, String)>,
    body: Result<Json<ChangedFloor>, JsonRejection>,
) -> Result<Json<FloorsJson>> {
    let place = managed(&app, &me, &slug).await?;
    let at_level = level(&at_level)?;
    let Json(new) = body.map_err(unreadable)?;
    let wanted = sketch(new.name, at_level, new.width, new.depth)?;
    let (by, at) = (me.member, place.id);
    transaction!(app.db, tx => floor_setup::change(tx, by, at, &wanted).await)?.map_err(refused)?;
    list(&mut *app.db.acquire().await?, &place).await
}

#[derive(Deserialize, ToSchema)]
struct NewZone {
    /// Other than those of the floor's other zones.
    #[schema(example = "Quiet corner")]
    name: String,
}

/// Add a zone to a floor.
///
/// For the location's managers, and owners. What is in a zone closes together.
#[utoipa::path(post, path = "/locations/{slug}/floors/{level}/zones", tag = "Setting up", request_body = NewZone,
    params(("slug" = String, Path), ("level" = i32, Path)), responses((status = 200, body = FloorsJson)))]
async fn add_zone(
    State(app): State<App>,
    me: ManagerBearer,
    Path((slug, at_level)): Path<(String, String)>,
    body: Result<Json<NewZone>, JsonRejection>,
) -> Result<Json<FloorsJson>> {
    let place = managed(&app, &me, &slug).await?;
    let at_level = level(&at_level)?;
    let Json(new) = body.map_err(unreadable)?;
    let name = form::required_line(&new.name, 60, "Give the zone a name.")
        .map_err(|sentence| Error::refused("bad-name", sentence))?;
    let (by, at) = (me.member, place.id);
    transaction!(app.db, tx => floor_setup::add_zone(tx, by, at, at_level, &name).await)?
        .map_err(refused)?;
    list(&mut *app.db.acquire().await?, &place).await
}

/// Take a zone away.
///
/// For the location's managers, and owners. Nothing may be in it; one that is gone stays gone.
#[utoipa::path(delete, path = "/locations/{slug}/floors/{level}/zones/{zone}", tag = "Setting up",
    params(("slug" = String, Path), ("level" = i32, Path), ("zone" = String, Path, description = "Its name.")),
    responses((status = 200, body = FloorsJson)))]
async fn remove_zone(
    State(app): State<App>,
    me: ManagerBearer,
    Path((slug, at_level, zone)): Path<(String, String, String)>,
) -> Result<Json<FloorsJson>> {
    let place = managed(&app, &me, &slug).await?;
    let at_level = level(&at_level)?;
    let (by, at) = (me.member, place.id);
    transaction!(app.db, tx => floor_setup::remove_zone(tx, by, at, at_level, &zone).await)?
        .map_err(refused)?;
    list(&mut *app.db.acquire().await?, &place).await
}

#[derive(Serialize, ToSchema)]
#[schema(as = FloorPlan)]
struct PlanJson {
    /// `wall 0 0 12 0`, `window …`, `door …` from a point to a point; `plant`, `sofa`, `table` and other things by
    /// left, top, width and depth; `label 4 3 Kitchen`. In metres, one a line.
    lines: String,
    /// Stands for the plan that was read.
    seen: String,
}

#[derive(Deserialize, ToSchema)]
struct NewPlan {
    lines: String,
    /// Of the plan that was read; one that has been drawn on since is refused.
    seen: String,
}

async fn drawn(app: &App, place: &Entry, level: i32) -> Result<Json<PlanJson>> {
    let floor = Floor::on(&mut *app.db.acquire().await?, place.id, level).await?;
    Ok(Json(PlanJson {
        lines: floor.plan.written(),
        seen: floor.seen(),
    }))
}

/// What is drawn on a floor.
///
/// For the location's managers, and owners: walls, windows, doors, things and words, but not its spaces.
#[utoipa::path(get, path = "/locations/{slug}/floors/{level}/plan", tag = "Setting up",
    params(("slug" = String, Path), ("level" = i32, Path)), responses((status = 200, body = PlanJson)))]
async fn plan(
    State(app): State<App>,
    me: ManagerBearer,
    Path((slug, at_level)): Path<(String, String)>,
) -> Result<Json<PlanJson>> {
    let place = managed(&app, &me, &slug).await?;
    drawn(&app, &place, level(&at_level)?).await
}

/// Draw a floor anew.
///
/// For the location's managers, and owners.
#[utoipa::path(put, path = "/locations/{slug}/floors/{level}/plan", tag = "Setting up", request_body = NewPlan,
    params(("slug" = String, Path), ("level" = i32, Path)), responses((status = 200, body = PlanJson)))]
async fn redraw(
    State(app): State<App>,
    me: ManagerBearer,
    Path((slug, at_level)): Path<(String, String)>,
    body: Result<Json<NewPlan>, JsonRejection>,
) -> Result<Json<PlanJson>> {
    let place = managed(&app, &me, &slug).await?;
    let at_level = level(&at_level)?;
    let Json(new) = body.map_err(unreadable)?;
    let (by, at) = (me.member, (place.id, at_level));
    let done = transaction!(app.db, tx => Floor::redraw(tx, by, at, &new.lines, &new.seen).await)?;
    done.map_err(|refusal| match refusal {
        drawing::Refusal::Stale => Error::conflict(
            "stale",
            "Somebody drew on this floor a moment ago. Read it again.",
        ),
        _ => Error::refused("bad-plan", refusal.to_string()),
    })?;
    drawn(&app, &place, at_level).await
}
