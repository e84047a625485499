//! What can be closed: a location, a floor or zone of it, or one space.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{error::Result, id::Id, locations::location::Location, time::Zone};

#[derive(Clone, Debug)]
pub struct Place {
    /// As forms carry it: `location:musgrave`, `space:pier`; floors and zones by their id.
    pub key: String,
    /// `All of Musgrave`, `Level 1`, `Level 1, Window side`, `Pier`.
    pub name: String,
    pub location: Id<Location>,
    pub location_name: String,
    pub location_slug: String,
    pub zone: Zone,
    pub(super) part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Location,
    Floor(Uuid),
    Zone(Uuid),
    Space(Uuid),
}

impl Part {
    pub(super) fn floor(self) -> Option<Uuid> {
        match self {
            Part::Floor(id) => Some(id),
            _ => None,
        }
    }

    pub(super) fn zone(self) -> Option<Uuid> {
        match self {
            Part::Zone(id) => Some(id),
            _ => None,
        }
    }

    pub(super) fn space(self) -> Option<Uuid> {
        match self {
            Part::Space(id) => Some(id),
            _ => None,
        }
    }
}

impl Place {
    /// Everything that can be closed, location by location, from the whole to single spaces.
    pub async fn all(db: &mut PgConnection) -> Result<Vec<Place>> {
        let rows = sqlx::query!(
            r#"select l.id as location, l.name as location_name, l.slug as location_slug, l.time_zone,
                      p.part as "part!", p.id as "id!", p.key as "key!", p.name as "name!"
               from locations l
               cross join lateral (
                   select 'location' as part, l.id, l.slug as key, 'All of ' || l.name as name, 0 as rank, '' as kind, 0 as position
                   union all
                   select 'floor', f.id, f.id::text, f.name, 1, '', f.level from floors f where f.location_id = l.id
                   union all
                   select 'zone', z.id, z.id::text, f.name || ', ' || z.name, 2, '', f.level
                   from zones z join floors f on f.id = z.floor_id where f.location_id = l.id
                   union all
                   select 'space', s.id, s.slug, s.name, 3, s.kind, s.position
                   from spaces s where s.location_id = l.id and s.status <> 'retired') p
               where l.status <> 'closed'
               order by l.position, l.name, p.rank, p.kind, p.position, p.name"#
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Place {
                    key: format!("{}:{}", row.part, row.key),
                    name: row.name,
                    location: row.location.into(),
                    location_name: row.location_name,
                    location_slug: row.location_slug,
                    zone: Zone::named(&row.time_zone)?,
                    part: match row.part.as_str() {
                        "location" => Part::Location,
                        "floor" => Part::Floor(row.id),
                        "zone" => Part::Zone(row.id),
                        _ => Part::Space(row.id),
                    },
                })
            })
            .collect()
    }

    /// `Pier, Musgrave`; `All of Musgrave`.
    pub fn full_name(&self) -> String {
        match self.part {
            Part::Location => self.name.clone(),
            _ => format!("{}, {}", self.name, self.location_name),
        }
    }

    /// What people read where staff write nothing else.
    pub fn usual_wording(&self) -> String {
        let name = match self.part {
            Part::Location => &self.location_name,
            _ => &self.name,
        };
        format!("{name} is closed for now. We are sorry, and open it again as soon as we can.")
    }
}
