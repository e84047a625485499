//! Adding floors and zones, and changing what they are called and how large they are.

use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::floor::Floor;
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    members::member::Member,
};

/// A floor as somebody wants it; metres.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    pub name: String,
    /// 0 is the ground floor; it stays.
    pub level: i32,
    pub width: f32,
    pub height: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("There is a floor on this level already.")]
    LevelTaken,
    #[error("This floor has a zone of that name already.")]
    ZoneTaken,
    #[error("There are spaces or closures in this zone. Move the spaces first.")]
    ZoneInUse,
    #[error("There is a space outside of this. Move it first, or make the floor larger.")]
    TooSmall,
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(self) -> &'static str {
        match self {
            Refusal::LevelTaken => "level-taken",
            Refusal::ZoneTaken => "zone-taken",
            Refusal::ZoneInUse => "zone-in-use",
            Refusal::TooSmall => "too-small",
        }
    }
}

/// A zone with what is in it.
#[derive(Clone, Debug)]
pub struct Zone {
    pub id: Uuid,
    pub floor: Uuid,
    pub name: String,
    pub spaces: i64,
}

impl Zone {
    pub async fn of(db: &mut PgConnection, location: Id<Location>) -> Result<Vec<Zone>> {
        let zones = sqlx::query_as!(
            Zone,
            r#"select z.id, z.floor_id as floor, z.name, (select count(*) from spaces s where s.zone_id = z.id) as "spaces!"
               from zones z join floors f on f.id = z.floor_id where f.location_id = $1 order by f.level, z.name"#,
            location.get()
        )
        .fetch_all(db)
        .await?;
        Ok(zones)
    }
}

/// With its outer walls drawn.
pub async fn add(
    tx: &mut PgConnection,
    by: Id<Member>,
    location: Id<Location>,
    wanted: &Sketch,
) -> Result<Result<(), Refusal>> {
    let (id, w, h) = (Uuid::now_v7(), wanted.width, wanted.height);
    let walls = [
        [0.0, 0.0, w, 0.0],
        [w, 0.0, w, h],
        [0.0, h, w, h],
        [0.0, 0.0, 0.0, h],
    ];
    let plan = json!({"width": w, "height": h, "walls": walls});
    let added = sqlx::query!(
        "insert into floors (id, location_id, name, level, plan) values ($1, $2, $3, $4, $5)
         on conflict (location_id, level) do nothing",
        id,
        location.get(),
        wanted.name,
        wanted.level,
        plan
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(Err(Refusal::LevelTaken));
    }
    let detail =
        json!({"after": {"floor": wanted.name, "level": wanted.level, "width": w, "height": h}});
    record(tx, by, "add floor", location, detail).await?;
    Ok(Ok(()))
}

/// Another name or size; what is drawn on it stays.
pub async fn change(
    tx: &mut PgConnection,
    by: Id<Member>,
    location: Id<Location>,
    wanted: &Sketch,
) -> Result<Result<(), Refusal>> {
    let floors = Floor::of(&mut *tx, location).await?;
    let before = floors.into_iter().find(|floor| floor.level == wanted.level);
    let before = before.ok_or(Error::NotFound)?;
    let outside =
        |[x, y, w, h]: &[f32; 4]| x + w > wanted.width + 0.01 || y + h > wanted.height + 0.01;
    if before.is_drawn() && before.places.values().any(outside) {
        return Ok(Err(Refusal::TooSmall));
    }
    sqlx::query!(
        "update floors set name = $2, plan = plan || jsonb_build_object('width', $3::real, 'height', $4::real) where id = $1",
        before.id,
        wanted.name,
        wanted.width,
        wanted.height
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({
        "before": {"floor": before.name, "width": before.plan.width, "height": before.plan.height},
        "after": {"floor": wanted.name, "width": wanted.width, "height": wanted.height},
    });
    record(tx, by, "change floor", location, detail).await?;
    Ok(Ok(()))
}

/// A zone of a floor of this location.
pub async fn add_zone(
    tx: &mut PgConnection,
    by: Id<Member>,
    location: Id<Location>,
    level: i32,
    name: &str,
) -> Result<Result<(), Refusal>> {
    let floor = sqlx::query_scalar!(
        "select id from floors where location_id = $1 and level = $2",
        location.get(),
        level
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let added = sqlx::query!(
        "insert into zones (id, floor_id, name) values ($1, $2, $3) on conflict (floor_id, name) do nothing",
        Uuid::now_v7(),
        floor,
        name
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(Err(Refusal::ZoneTaken));
    }
    let detail = json!({"after": {"zone": name, "level": level}});
    record(tx, by, "add zone", location, detail).await?;
    Ok(Ok(()))
}

/// Takes an empty zone away; one that is gone already stays gone.
pub async fn remove_zone(
    tx: &mut PgConnection,
    by: Id<Member>,
    location: Id<Location>,
    level: i32,
    name: &str,
) -> Result<Result<(), Refusal>> {
    let zone = sqlx::query!(
        r#"select z.id, exists (select from spaces where zone_id = z.id)
                        or exists (select from closures where zone_id = z.id) as "in_use!"
           from zones z join floors f on f.id = z.floor_id
           where f.location_id = $1 and f.level = $2 and z.name = $3 for update of z"#,
        location.get(),
        level,
        name
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(zone) = zone else {
        return Ok(Ok(()));
    };
    if zone.in_use {
        return Ok(Err(Refusal::ZoneInUse));
    }
    sqlx::query!("delete from zones where id = $1", zone.id)
        .execute(&mut *tx)
        .await?;
    let detail = json!({"before": {"zone": name, "level": level}});
    record(tx, by, "remove zone", location, detail).await?;
    Ok(Ok(()))
}

async fn record(
    tx: &mut PgConnection,
    by: Id<Member>,
    verb: &str,
    location: Id<Location>,
    detail: serde_json::Value,
) -> Result<()> {
    audit::record(
        tx,
        Some(by.get()),
        verb,
        "locations",
        location.get(),
        detail,
    )
    .await?;
    Ok(())
}
