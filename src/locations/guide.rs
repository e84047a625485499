//! What a newcomer asks about a location beyond the way in: steps, the map, and what carries it when something fails.

use sqlx::{PgConnection, types::Json};

use super::{location::Location, sketch::Sketch};
use crate::{error::Result, id::Id};

/// Each text is empty where nothing has been said yet.
#[derive(Clone, Debug, Default)]
pub struct Guide {
    /// City or suburb, as in a postal address.
    pub town: String,
    pub step_free: String,
    pub power: String,
    pub water: String,
    pub fibre: String,
    pub sketch: Sketch,
}

impl Guide {
    pub async fn of(db: &mut PgConnection, location: Id<Location>) -> Result<Guide> {
        let row = sqlx::query!(
            r#"select town, step_free, power, water, fibre, sketch as "sketch: Json<Sketch>"
               from locations where id = $1"#,
            location.get()
        )
        .fetch_one(db)
        .await?;
        Ok(Guide {
            town: row.town,
            step_free: row.step_free,
            power: row.power,
            water: row.water,
            fibre: row.fibre,
            sketch: row.sketch.0,
        })
    }
}
