//! Every space of the house, also those that people do not see, for those who look after them.

use sqlx::PgConnection;

use super::space::Kind;
use crate::{error::Result, id::Id, locations::location::Location};

#[derive(Clone, Debug)]
pub struct Item {
    pub location: Id<Location>,
    pub location_name: String,
    pub location_slug: String,
    pub slug: String,
    pub name: String,
    pub kind: Kind,
    pub floor: String,
    pub seats: i32,
    /// As the database has it: `active`, `hidden`, `out_of_order` or `retired`.
    pub status: String,
    pub photos: i64,
}

/// In the house's order.
pub async fn all(db: &mut PgConnection) -> Result<Vec<Item>> {
    let rows = sqlx::query!(
        r#"select l.id as location, l.name as location_name, l.slug as location_slug, s.slug, s.name, s.kind,
                  f.name as floor, s.seats, s.status,
                  (select count(*) from photos p where p.space_id = s.id) as "photos!"
           from spaces s
           join locations l on l.id = s.location_id
           join floors f on f.id = s.floor_id
           order by l.position, l.name, s.kind = 'hot_desk', s.kind, s.position, s.name"#
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Item {
                location: row.location.into(),
                location_name: row.location_name,
                location_slug: row.location_slug,
                slug: row.slug,
                name: row.name,
                kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                floor: row.floor,
                seats: row.seats,
                status: row.status,
                photos: row.photos,
            })
        })
        .collect()
}
