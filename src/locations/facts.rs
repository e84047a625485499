//! What a location says of itself, as those who set it up write it.

use serde::Serialize;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::location::Location;
use crate::{
    audit::{self, Change},
    error::{Error, Result},
    id::Id,
    members::member::Member,
};

/// Each text is empty until somebody has written it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    pub slug: String,
    pub name: String,
    /// `announced`, `open` or `closed`.
    pub status: String,
    /// IANA.
    pub time_zone: String,
    /// By which limits count; ISO, Monday 1.
    pub week_starts: i32,
    /// So many people it takes at once; `None` for as many as it seats.
    pub most_at_once: Option<i32>,
    pub summary: String,
    pub description: String,
    pub town: String,
    pub address: String,
    pub phone: String,
    pub whatsapp: String,
    pub email: String,
    pub amenities: Vec<String>,
    pub directions: String,
    pub gate: String,
    pub parking: String,
    pub wifi: String,
    /// Guests whom members invite read it too.
    pub wifi_for_guests: bool,
    pub step_free: String,
    pub power: String,
    pub water: String,
    pub fibre: String,
    /// Of the door, in degrees.
    pub latitude: Option<f64>,
    pub longitude: Option<f64>,
    /// Grows with each change of the location and its hours.
    #[serde(skip)]
    pub version: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("Another location has this address. Choose another.")]
    SlugTaken,
    #[error(
        "Somebody else has changed this location since you opened it. What you typed is still below: look it over and save again."
    )]
    Stale,
}

/// A location in the list of those who set it up, closed ones with them.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: Id<Location>,
    pub slug: String,
    pub name: String,
    pub status: String,
    pub spaces: i64,
    pub has_hours: bool,
    pub has_rates: bool,
}

impl Entry {
    /// In the house's order.
    pub async fn all(db: &mut PgConnection) -> Result<Vec<Entry>> {
        let rows = sqlx::query!(
            r#"select id, slug, name, status,
                      (select count(*) from spaces s where s.location_id = l.id and s.status <> 'retired') as "spaces!",
                      exists (select from opening_hours h where h.location_id = l.id and h.kind = 'access') as "has_hours!",
                      exists (select from rates r where r.location_id = l.id) as "has_rates!"
               from locations l order by position, name"#
        )
        .fetch_all(db)
        .await?;
        let entries = rows.into_iter().map(|row| Entry {
            id: row.id.into(),
            slug: row.slug,
            name: row.name,
            status: row.status,
            spaces: row.spaces,
            has_hours: row.has_hours,
            has_rates: row.has_rates,
        });
        Ok(entries.collect())
    }

    pub async fn find(db: &mut PgConnection, slug: &str) -> Result<Entry> {
        let all = Self::all(db).await?.into_iter();
        let mut found = all.filter(|entry| entry.slug == slug);
        found.next().ok_or(Error::NotFound)
    }
}

impl Facts {
    pub async fn load(db: &mut PgConnection, id: Id<Location>) -> Result<Facts> {
        let facts = sqlx::query_as!(
            Facts,
            "select slug, name, status, time_zone, week_starts, most_at_once, summary, description, town, address, phone, whatsapp, email, amenities,
                    directions, gate, parking, wifi, wifi_for_guests, step_free, power, water, fibre, latitude, longitude, version
             from locations where id = $1",
            id.get()
        )
        .fetch_one(db)
        .await?;
        Ok(facts)
    }

    /// A new location, last in the house's order.
    pub async fn create(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
    ) -> Result<Result<(), Refusal>> {
        let id = Uuid::now_v7();
        let written = sqlx::query!(
            "insert into locations (id, slug, name, status, time_zone, position)
             select $1, $2, $3, $4, $5, coalesce(max(position), 0) + 1 from locations
             on conflict (slug) do nothing",
            id,
            self.slug,
            self.name,
            self.status,
            self.time_zone
        )
        .execute(&mut *tx)
        .await?;
        if written.rows_affected() == 0 {
            return Ok(Err(Refusal::SlugTaken));
        }
        self.write(tx, id).await?;
        let detail = Change::between(&Facts::default(), self)?.detail();
        audit::record(tx, Some(by.get()), "add location", "locations", id, detail).await?;
        Ok(Ok(()))
    }

    /// Writes what somebody wants, if nobody has changed it since they read it; its slug stays.
    pub async fn change(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        id: Id<Location>,
    ) -> Result<Result<(), Refusal>> {
        lock(tx, id).await?;
        let before = Facts::load(tx, id).await?;
        if before.version != self.version {
            return Ok(Err(Refusal::Stale));
        }
        let change = Change::between(&before, self)?;
        if change.is_empty() {
            return Ok(Ok(()));
        }
        self.write(tx, id.get()).await?;
        let (by, detail) = (Some(by.get()), change.detail());
        audit::record(tx, by, "change location", "locations", id.get(), detail).await?;
        Ok(Ok(()))
    }

    async fn write(&self, tx: &mut PgConnection, id: Uuid) -> Result<()> {
        sqlx::query!(
            "update locations
             set name = $2, status = $3, time_zone = $4, summary = $5, description = $6, town = $7, address = $8,
                 phone = $9, whatsapp = $10, email = $11, amenities = $12, directions = $13, gate = $14, parking = $15,
                 wifi = $16, step_free = $17, power = $18, water = $19, fibre = $20, latitude = $21, longitude = $22,
                 week_starts = $23, wifi_for_guests = $24, most_at_once = $25,
                 version = version + 1
             where id = $1",
            id,
            self.name,
            self.status,
            self.time_zone,
            self.summary,
            self.description,
            self.town,
            self.address,
            self.phone,
            self.whatsapp,
            self.email,
            &self.amenities,
            self.directions,
            self.gate,
            self.parking,
            self.wifi,
            self.step_free,
            self.power,
            self.water,
            self.fibre,
            self.latitude,
            self.longitude,
            self.week_starts,
            self.wifi_for_guests,
            self.most_at_once
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// Waits for the location, and says its version.
pub(super) async fn lock(tx: &mut PgConnection, id: Id<Location>) -> Result<i32> {
    let version = sqlx::query_scalar!(
        "select version from locations where id = $1 for no key update",
        id.get()
    )
    .fetch_one(tx)
    .await?;
    Ok(version)
}
