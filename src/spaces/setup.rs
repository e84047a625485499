//! Adding a space and changing it, as those who manage its location write it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use thiserror::Error;
use uuid::Uuid;

use super::{
    layout::Layout,
    space::{Kind, Space},
};
use crate::{
    audit::{self, Change},
    bookings::{booking::Booking, locks, outside, rules::Rules},
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    members::member::Member,
};

/// A space as it is kept, whatever its status.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setup {
    pub slug: String,
    pub name: String,
    pub kind: Kind,
    pub floor: Uuid,
    pub zone: Option<Uuid>,
    pub policy: Uuid,
    pub seats: i32,
    pub layouts: BTreeMap<Layout, i32>,
    pub amenities: Vec<String>,
    pub summary: String,
    /// `active`, `hidden`, `out_of_order` or `retired`.
    pub status: String,
    /// Among its kind.
    pub position: i32,
    /// Left, top, width and height on its floor, in metres.
    pub at: [f32; 4],
    #[serde(skip)]
    pub version: i32,
}

#[derive(Debug, Error)]
pub enum Refusal {
    #[error("Another space has this address. Choose another.")]
    SlugTaken,
    #[error("Choose a floor of this location, and a zone of that floor.")]
    NoSuchFloor,
    #[error("Choose a policy that this location has for this kind.")]
    NoSuchPolicy,
    #[error(
        "Somebody else has changed this space since you opened it. What you typed is still below: look it over and save again."
    )]
    Stale,
    /// These are booked on it; nobody touches them.
    #[error("It has bookings ahead. Look at them below, then say so.")]
    Booked(Vec<Booking>),
}

impl Setup {
    /// With the location it belongs to.
    pub async fn load(
        db: &mut PgConnection,
        slug: &str,
    ) -> Result<(Id<Space>, Id<Location>, Setup)> {
        let row = sqlx::query!(
            r#"select id, location_id, slug, name, kind, floor_id, zone_id, policy_id, seats,
                      layouts as "layouts: Json<BTreeMap<Layout, i32>>", amenities, summary, status, position,
                      plan_x, plan_y, plan_w, plan_h, version
               from spaces where slug = $1"#,
            slug
        )
        .fetch_optional(db)
        .await?
        .ok_or(Error::NotFound)?;
        let setup = Setup {
            slug: row.slug,
            name: row.name,
            kind: row.kind.parse().map_err(anyhow::Error::msg)?,
            floor: row.floor_id,
            zone: row.zone_id,
            policy: row.policy_id,
            seats: row.seats,
            layouts: row.layouts.0,
            amenities: row.amenities,
            summary: row.summary,
            status: row.status,
            position: row.position,
            at: [row.plan_x, row.plan_y, row.plan_w, row.plan_h],
            version: row.version,
        };
        Ok((row.id.into(), row.location_id.into(), setup))
    }

    /// Adds it to a location, bookable from `today` on.
    pub async fn create(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        location: Id<Location>,
        today: NaiveDate,
    ) -> Result<Result<(), Refusal>> {
        if let Some(refusal) = self.misplaced(tx, location).await? {
            return Ok(Err(refusal));
        }
        let id = Uuid::now_v7();
        let added = sqlx::query!(
            "insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, since)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (slug) do nothing",
            id,
            location.get(),
            self.floor,
            self.policy,
            self.slug,
            self.name,
            self.kind.key(),
            self.seats,
            today
        )
        .execute(&mut *tx)
        .await?;
        if added.rows_affected() == 0 {
            return Ok(Err(Refusal::SlugTaken));
        }
        self.write(tx, id, today).await?;
        let detail = serde_json::json!({"after": self});
        audit::record(tx, Some(by.get()), "add space", "spaces", id, detail).await?;
        Ok(Ok(()))
    }

    /// Writes what somebody wants. Bookings ahead that it would not take so are named first, unless `seen`; they
    /// stay in any case.
    pub async fn change(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        id: Id<Space>,
        seen: bool,
        (today, now): (NaiveDate, DateTime<Utc>),
    ) -> Result<Result<(), Refusal>> {
        locks::space(tx, id.get()).await?;
        let slug = sqlx::query_scalar!("select slug from spaces where id = $1", id.get())
            .fetch_one(&mut *tx)
            .await?;
        let (_, location, before) = Self::load(tx, &slug).await?;
        if before.version != self.version {
            return Ok(Err(Refusal::Stale));
        }
        let change = Change::between(&before, self)?;
        if change.is_empty() {
            return Ok(Ok(()));
        }
        if let Some(refusal) = self.misplaced(tx, location).await? {
            return Ok(Err(refusal));
        }
        if !seen {
            let hit = self.hit(tx, &before, id, now).await?;
            if !hit.is_empty() {
                return Ok(Err(Refusal::Booked(hit)));
            }
        }
        self.write(tx, id.get(), today).await?;
        let (by, detail) = (Some(by.get()), change.detail());
        audit::record(tx, by, "change space", "spaces", id.get(), detail).await?;
        Ok(Ok(()))
    }

    /// The bookings ahead that the space as it will be would not take: all where it is booked no more, else
    /// those of more people than it seats and those that its new policy refuses.
    async fn hit(
        &self,
        tx: &mut PgConnection,
        before: &Setup,
        id: Id<Space>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Booking>> {
        let mut hit = Vec::new();
        if before.status != self.status && self.status != "active" {
            return outside::ahead(tx, &[id.get()], now).await;
        }
        if before.policy != self.policy {
            let all = Rules::all(&mut *tx).await?;
            let of = |id| all.iter().find(|rules| rules.id == id);
            if let (Some(was), Some(new)) = (of(before.policy), of(self.policy)) {
                let both = (&was.policy, &new.policy);
                hit = outside::outside(&mut *tx, &[id.get()], both, now).await?;
            }
        }
        if self.seats < before.seats {
            let ahead = outside::ahead(tx, &[id.get()], now).await?;
            let too_many = ahead.into_iter().filter(|one| {
                (self.seats + 1..=before.seats).contains(&one.people)
                    && hit.iter().all(|known| known.id != one.id)
            });
            let too_many: Vec<Booking> = too_many.collect();
            hit.extend(too_many);
        }
        Ok(hit)
    }

    async fn misplaced(
        &self,
        tx: &mut PgConnection,
        location: Id<Location>,
    ) -> Result<Option<Refusal>> {
        let found = sqlx::query!(
            r#"select exists (select from floors where id = $2 and location_id = $1)
                      and ($3::uuid is null or exists (select from zones where id = $3 and floor_id = $2)) as "placed!",
                      exists (select from booking_policies where id = $4) as "ruled!""#,
            location.get(),
            self.floor,
            self.zone,
            self.policy
        )
        .fetch_one(tx)
        .await?;
        Ok(match (found.placed, found.ruled) {
            (false, _) => Some(Refusal::NoSuchFloor),
            (_, false) => Some(Refusal::NoSuchPolicy),
            _ => None,
        })
    }

    async fn write(&self, tx: &mut PgConnection, id: Uuid, today: NaiveDate) -> Result<()> {
        let [x, y, w, h] = self.at;
        sqlx::query!(
            "update spaces
             set name = $2, floor_id = $3, zone_id = $4, policy_id = $5, seats = $6, layouts = $7, amenities = $8,
                 summary = $9, position = $10, plan_x = $11, plan_y = $12, plan_w = $13, plan_h = $14,
                 retired_on = case when $15 <> 'retired' then null when status = 'retired' then retired_on
                                   else greatest($16, since) end,
                 status = $15, version = version + 1
             where id = $1",
            id,
            self.name,
            self.floor,
            self.zone,
            self.policy,
            self.seats,
            Json(&self.layouts) as _,
            &self.amenities,
            self.summary,
            self.position,
            x,
            y,
            w,
            h,
            self.status,
            today
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}
