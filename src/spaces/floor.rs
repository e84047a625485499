//! A floor of a location and its plan, as staff have drawn it: in metres from its top left corner.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::space::Space;
use crate::{error::Result, id::Id, locations::location::Location};

/// From a point to a point.
pub type Line = [f32; 4];
/// Left, top, width, height.
pub type Rect = [f32; 4];

#[derive(Clone, Debug)]
pub struct Floor {
    pub id: Uuid,
    pub name: String,
    pub level: i32,
    pub plan: Plan,
    /// Where its spaces are.
    pub places: BTreeMap<Id<Space>, Rect>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Plan {
    pub width: f32,
    pub height: f32,
    pub walls: Vec<Line>,
    pub windows: Vec<Line>,
    pub doors: Vec<Line>,
    pub things: Vec<Thing>,
    pub labels: Vec<Label>,
}

/// What stands there and is never booked.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Thing {
    pub kind: ThingKind,
    pub at: Rect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingKind {
    Plant,
    Sofa,
    Table,
    /// A counter; along its longer side stand stools where there is room for them in its area.
    Counter,
    Bar,
    Stairs,
    Lift,
    Toilet,
    Shower,
    Rug,
    /// Of a later version.
    #[serde(other)]
    Unknown,
}

/// Words, in the middle of where they stand.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Label {
    pub x: f32,
    pub y: f32,
    pub text: String,
}

impl Floor {
    /// Those of a location, from the ground up.
    pub async fn of(db: &mut PgConnection, location: Id<Location>) -> Result<Vec<Floor>> {
        let floors = sqlx::query!(
            r#"select id, name, level, plan as "plan: Json<Plan>" from floors where location_id = $1 order by level"#,
            location.get()
        )
        .fetch_all(&mut *db)
        .await?;
        let places = sqlx::query!(
            "select id, floor_id, plan_x, plan_y, plan_w, plan_h from spaces where location_id = $1",
            location.get()
        )
        .fetch_all(db)
        .await?;
        let of_floor = |id| {
            let here = places.iter().filter(move |place| place.floor_id == id);
            here.map(|place| {
                let at = [place.plan_x, place.plan_y, place.plan_w, place.plan_h];
                (place.id.into(), at)
            })
        };
        Ok(floors
            .into_iter()
            .map(|row| Floor {
                places: of_floor(row.id).collect(),
                id: row.id,
                name: row.name,
                level: row.level,
                plan: row.plan.0,
            })
            .collect())
    }

    pub fn is_drawn(&self) -> bool {
        self.plan.width > 0.0 && self.plan.height > 0.0
    }
}
