//! Writes the sample floors with their zones and spaces.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{dice::Dice, floors::FLOORS, plan::Floor, policies};
use crate::spaces::space::Kind;

pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    locations: &BTreeMap<&'static str, Uuid>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let policies = policies::insert(&mut *tx, dice, now).await?;
    let (mut floors, mut zones, mut spaces) = (Vec::new(), BTreeMap::new(), Vec::new());
    let mut desks: BTreeMap<&str, usize> = BTreeMap::new();
    for floor in &FLOORS {
        let (id, location_id) = (dice.id(now), locations[floor.location]);
        floors.push(FloorRow {
            id,
            location_id,
            name: floor.name,
            level: floor.level,
            plan: floor.plan(),
        });
        for thing in things(floor, desks.entry(floor.location).or_default()) {
            let zone = zones
                .entry((id, thing.zone))
                .or_insert_with(|| dice.id(now));
            spaces.push(SpaceRow {
                id: dice.id(now),
                location_id,
                floor_id: id,
                zone_id: *zone,
                policy_id: policies[policies::of(thing.kind, thing.seats)],
                slug: format!(
                    "{}-{}",
                    floor.location,
                    thing.name.to_lowercase().replace(' ', "-")
                ),
                layouts: layouts(&thing.name),
                thing,
            });
        }
    }
    let zones: Vec<ZoneRow> = zones
        .into_iter()
        .map(|((floor_id, name), id)| ZoneRow { id, floor_id, name })
        .collect();
    write(tx, &floors, &zones, &spaces).await
}

/// The spaces of a floor; desks are numbered on from `desks`, through all floors of a location.
fn things(floor: &Floor, desks: &mut usize) -> Vec<Thing> {
    let mut things = Vec::new();
    for bench in floor.benches {
        for rect in bench.desks() {
            *desks += 1;
            let [plan_x, plan_y, plan_w, plan_h] = rect;
            things.push(Thing {
                zone: bench.zone,
                name: format!("Desk {desks}"),
                kind: Kind::HotDesk,
                seats: 1,
                amenities: bench.amenities,
                summary: format!("Hot desk, {}.", bench.zone.to_lowercase()),
                position: *desks,
                plan_x,
                plan_y,
                plan_w,
                plan_h,
            });
        }
    }
    for (position, room) in (1..).zip(floor.rooms) {
        let [plan_x, plan_y, plan_w, plan_h] = room.rect;
        things.push(Thing {
            zone: room.zone,
            name: room.name.to_owned(),
            kind: room.kind,
            seats: room.seats,
            amenities: room.amenities,
            summary: room.summary.to_owned(),
            position,
            plan_x,
            plan_y,
            plan_w,
            plan_h,
        });
    }
    things
}

/// Ways of setting a room up, where there are several.
fn layouts(name: &str) -> Value {
    match name {
        "Mill" => json!({ "theatre": 24, "classroom": 20, "boardroom": 16 }),
        "Lighthouse" => json!({ "boardroom": 12, "classroom": 10 }),
        _ => json!({}),
    }
}

async fn write(
    tx: &mut PgConnection,
    floors: &[FloorRow],
    zones: &[ZoneRow],
    spaces: &[SpaceRow],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into floors (id, location_id, name, level, plan)
         select id, location_id, name, level, plan from jsonb_populate_recordset(null::floors, $1)",
        Json(floors) as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into zones (id, floor_id, name) select id, floor_id, name from jsonb_populate_recordset(null::zones, $1)",
        Json(zones) as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into spaces (id, location_id, floor_id, zone_id, policy_id, slug, name, kind, seats, layouts, amenities,
             summary, position, plan_x, plan_y, plan_w, plan_h)
         select id, location_id, floor_id, zone_id, policy_id, slug, name, kind, seats, layouts, amenities,
             summary, position, plan_x, plan_y, plan_w, plan_h
         from jsonb_populate_recordset(null::spaces, $1)",
        Json(spaces) as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct FloorRow {
    id: Uuid,
    location_id: Uuid,
    name: &'static str,
    level: i32,
    plan: Value,
}

#[derive(Serialize)]
struct ZoneRow {
    id: Uuid,
    floor_id: Uuid,
    name: &'static str,
}

#[derive(Serialize)]
struct SpaceRow {
    id: Uuid,
    location_id: Uuid,
    floor_id: Uuid,
    zone_id: Uuid,
    policy_id: Uuid,
    slug: String,
    layouts: Value,
    #[serde(flatten)]
    thing: Thing,
}

#[derive(Serialize)]
struct Thing {
    #[serde(skip)]
    zone: &'static str,
    name: String,
    kind: Kind,
    seats: i32,
    amenities: &'static [&'static str],
    summary: String,
    position: usize,
    plan_x: f64,
    plan_y: f64,
    plan_w: f64,
    plan_h: f64,
}
