//! What passes are sold, as those who manage the house set it: what is sold already stays as it was sold.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::product::Unit;
use crate::{
    audit::{self, Change},
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    members::{member::Member, staff::Duties},
    money::Money,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setup {
    pub slug: String,
    pub name: String,
    /// `None` for every location, which is for owners to set.
    pub location: Option<Id<Location>>,
    pub unit: Unit,
    /// How many of its days can be used; `None` for all of them.
    pub days: Option<i32>,
    /// Including VAT.
    pub price: Money,
    /// The most that may be in force on one day.
    pub cap: Option<i32>,
    pub sold_from: NaiveDate,
    pub on_sale: bool,
    #[serde(skip)]
    pub version: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("Another pass has this address. Choose another.")]
    SlugTaken,
    #[error(
        "Somebody else has changed this pass since you opened it. What you typed is still below: look it over and save again."
    )]
    Stale,
}

impl Setup {
    /// Those that somebody may set.
    pub async fn all(db: &mut PgConnection, duties: Duties) -> Result<Vec<Setup>> {
        let rows = sqlx::query!(
            "select p.slug, p.name, p.location_id, p.unit, p.days, p.cents, p.cap, p.sold_from, p.on_sale, p.version
             from pass_products p left join locations l on l.id = p.location_id
             order by l.position nulls last, p.position, p.cents"
        )
        .fetch_all(db)
        .await?;
        let all = rows.into_iter().map(|row| Setup {
            slug: row.slug,
            name: row.name,
            location: row.location_id.map(Id::from),
            unit: if row.unit == "week" {
                Unit::Week
            } else {
                Unit::Month
            },
            days: row.days,
            price: Money::cents(row.cents),
            cap: row.cap,
            sold_from: row.sold_from,
            on_sale: row.on_sale,
            version: row.version,
        });
        Ok(all.filter(|setup| setup.is_for(duties)).collect())
    }

    pub async fn find(db: &mut PgConnection, duties: Duties, slug: &str) -> Result<Setup> {
        let all = Self::all(db, duties).await?.into_iter();
        let mut found = all.filter(|setup| setup.slug == slug);
        found.next().ok_or(Error::NotFound)
    }

    pub fn is_for(&self, duties: Duties) -> bool {
        self.location
            .map_or(duties.is_owner(), |at| duties.can_manage(at))
    }

    pub async fn create(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
    ) -> Result<Result<(), Refusal>> {
        let id = Uuid::now_v7();
        let added = sqlx::query!(
            "insert into pass_products (id, slug, name, location_id, unit, days, cents, cap, sold_from, on_sale, position)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce(max(position), 0) + 1 from pass_products
             on conflict (slug) do nothing",
            id,
            self.slug,
            self.name,
            self.location.map(Id::get),
            self.unit.key(),
            self.days,
            self.price.in_cents(),
            self.cap,
            self.sold_from,
            self.on_sale
        )
        .execute(&mut *tx)
        .await?;
        if added.rows_affected() == 0 {
            return Ok(Err(Refusal::SlugTaken));
        }
        let detail = serde_json::json!({"after": self});
        audit::record(tx, Some(by.get()), "add pass", "pass_products", id, detail).await?;
        Ok(Ok(()))
    }

    /// `before` is what they saw; its length and location stay.
    pub async fn change(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        before: &Setup,
    ) -> Result<Result<(), Refusal>> {
        let changed = sqlx::query_scalar!(
            "update pass_products
             set name = $2, days = $3, cents = $4, cap = $5, sold_from = $6, on_sale = $7, version = version + 1
             where slug = $1 and version = $8 returning id",
            self.slug,
            self.name,
            self.days,
            self.price.in_cents(),
            self.cap,
            self.sold_from,
            self.on_sale,
            self.version
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(id) = changed else {
            return Ok(Err(Refusal::Stale));
        };
        let detail = Change::between(before, self)?.detail();
        audit::record(
            tx,
            Some(by.get()),
            "change pass",
            "pass_products",
            id,
            detail,
        )
        .await?;
        Ok(Ok(()))
    }
}
