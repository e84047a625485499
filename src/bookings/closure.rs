//! Maintenance, a burst pipe, a private event: a time in which a space, zone, floor or location takes no new bookings.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{error::Result, spaces::space::Space, time::Span};

#[derive(Clone, Debug)]
pub struct Closure {
    location: Uuid,
    floor: Option<Uuid>,
    zone: Option<Uuid>,
    space: Option<Uuid>,
    pub during: Span,
    /// What everybody may read.
    pub wording: String,
}

impl Closure {
    /// Every closure that touches the window.
    pub async fn within(db: &mut PgConnection, window: Span) -> Result<Vec<Closure>> {
        let closures = sqlx::query_as!(
            Closure,
            r#"select location_id as location, floor_id as floor, zone_id as zone, space_id as space, during, wording
               from closures where during && tstzrange($1, $2) order by during"#,
            window.from,
            window.until
        )
        .fetch_all(db)
        .await?;
        Ok(closures)
    }

    /// It closes one space alone: that ends even a let, which a floor's or a location's closure leaves standing.
    pub fn is_of_one_space(&self) -> bool {
        self.space.is_some()
    }

    pub fn covers(&self, space: &Space) -> bool {
        match (self.space, self.zone, self.floor) {
            (Some(id), ..) => id == space.id.get(),
            (_, Some(id), _) => Some(id) == space.zone,
            (_, _, Some(id)) => id == space.floor,
            _ => self.location == space.location.get(),
        }
    }
}
