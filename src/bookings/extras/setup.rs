//! The extras of a location as those who manage it set them: what is ordered already stays as it was ordered.

use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{Lead, Unit, shelf::lead};
use crate::{
    audit::{self, Change},
    bookings::booking::Booking,
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    members::{member::Member, staff::Duties},
    money::Money,
    spaces::space::Kind,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Setup {
    pub location: Id<Location>,
    /// Unique at its location; it stays.
    pub slug: String,
    pub name: String,
    pub description: String,
    pub kinds: Vec<Kind>,
    /// It stays.
    pub unit: Unit,
    /// Of one unit, including VAT.
    pub price: Money,
    pub stock: Option<i32>,
    pub lead: Lead,
    pub setup_minutes: i32,
    pub offered: bool,
    #[serde(skip)]
    pub version: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("Another extra here has this name. Choose another.")]
    NameTaken,
    #[error(
        "Somebody else has changed this extra since you opened it. What you typed is still below: look it over and save again."
    )]
    Stale,
}

impl Setup {
    /// Those at locations that somebody manages.
    pub async fn all(db: &mut PgConnection, duties: Duties) -> Result<Vec<Setup>> {
        let mut all = Self::read(db, None).await?;
        all.retain(|setup| duties.can_manage(setup.location));
        Ok(all)
    }

    /// What a location offers, as everybody may know it.
    pub async fn offered(db: &mut PgConnection, location: Id<Location>) -> Result<Vec<Setup>> {
        let mut all = Self::read(db, Some(location)).await?;
        all.retain(|setup| setup.offered);
        Ok(all)
    }

    pub async fn find(
        db: &mut PgConnection,
        duties: Duties,
        location: Id<Location>,
        slug: &str,
    ) -> Result<Setup> {
        let all = Self::all(db, duties).await?.into_iter();
        let mut found = all.filter(|setup| setup.location == location && setup.slug == slug);
        found.next().ok_or(Error::NotFound)
    }

    async fn read(db: &mut PgConnection, location: Option<Id<Location>>) -> Result<Vec<Setup>> {
        let rows = sqlx::query!(
            "select x.location_id, x.slug, x.name, x.description, x.kinds, x.unit, x.cents, x.stock, x.lead_minutes, x.lead_days,
                    x.lead_clock, x.setup_minutes, x.offered, x.version
             from extras x join locations l on l.id = x.location_id
             where $1::uuid is null or x.location_id = $1
             order by l.position, l.name, x.position, x.name",
            location.map(Id::get)
        )
        .fetch_all(db)
        .await?;
        let setup = rows.into_iter().map(|row| Setup {
            location: row.location_id.into(),
            slug: row.slug,
            name: row.name,
            description: row.description,
            kinds: (row.kinds.iter())
                .filter_map(|kind| kind.parse().ok())
                .collect(),
            unit: Unit::named(&row.unit).unwrap_or(Unit::Booking),
            price: Money::cents(row.cents),
            stock: row.stock,
            lead: lead(row.lead_minutes, row.lead_days.zip(row.lead_clock)),
            setup_minutes: row.setup_minutes,
            offered: row.offered,
            version: row.version,
        });
        Ok(setup.collect())
    }

    fn kind_keys(&self) -> Vec<String> {
        let kinds = self.kinds.iter();
        kinds.map(|kind| kind.key().to_owned()).collect()
    }

    pub async fn create(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
    ) -> Result<Result<(), Refusal>> {
        let id = Uuid::now_v7();
        let (minutes, clock) = self.lead.parts();
        let added = sqlx::query!(
            "insert into extras (id, location_id, slug, name, description, kinds, unit, cents, stock, lead_minutes, lead_days,
                                 lead_clock, setup_minutes, offered, position)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, coalesce(max(position), 0) + 1
             from extras where location_id = $2
             on conflict (location_id, slug) do nothing",
            id,
            self.location.get(),
            self.slug,
            self.name,
            self.description,
            &self.kind_keys(),
            self.unit.key(),
            self.price.in_cents(),
            self.stock,
            minutes,
            clock.map(|(days, _)| days),
            clock.map(|(_, clock)| clock),
            self.setup_minutes,
            self.offered
        )
        .execute(&mut *tx)
        .await?;
        if added.rows_affected() == 0 {
            return Ok(Err(Refusal::NameTaken));
        }
        let detail = json!({"after": self});
        audit::record(tx, Some(by.get()), "add extra", "extras", id, detail).await?;
        Ok(Ok(()))
    }

    /// `before` is what they saw; its location, address and unit stay.
    pub async fn change(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        before: &Setup,
    ) -> Result<Result<(), Refusal>> {
        let (minutes, clock) = self.lead.parts();
        let changed = sqlx::query_scalar!(
            "update extras
             set name = $3, description = $4, kinds = $5, cents = $6, stock = $7, lead_minutes = $8, lead_days = $9,
                 lead_clock = $10, setup_minutes = $11, offered = $12, version = version + 1
             where location_id = $1 and slug = $2 and version = $13 returning id",
            self.location.get(),
            self.slug,
            self.name,
            self.description,
            &self.kind_keys(),
            self.price.in_cents(),
            self.stock,
            minutes,
            clock.map(|(days, _)| days),
            clock.map(|(_, clock)| clock),
            self.setup_minutes,
            self.offered,
            self.version
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(id) = changed else {
            return Ok(Err(Refusal::Stale));
        };
        let detail = Change::between(before, self)?.detail();
        audit::record(tx, Some(by.get()), "change extra", "extras", id, detail).await?;
        Ok(Ok(()))
    }
}

impl Lead {
    /// As the table has it.
    fn parts(self) -> (i32, Option<(i32, chrono::NaiveTime)>) {
        match self {
            Lead::Minutes(minutes) => (i32::try_from(minutes).unwrap_or(i32::MAX), None),
            Lead::Clock { days, clock } => (0, Some((days, clock))),
        }
    }
}

/// Whether something can go with a booking, or does.
pub async fn any_for(db: &mut PgConnection, booking: &Booking) -> Result<bool> {
    let any = sqlx::query_scalar!(
        r#"select exists (select from extras x join locations l on l.id = x.location_id
                          where l.slug = $1 and x.offered and $2 = any(x.kinds)) as "any!""#,
        booking.location_slug,
        booking.kind.key()
    )
    .fetch_one(db)
    .await?;
    Ok(any || !booking.extras.is_empty())
}
