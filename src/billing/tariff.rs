//! The price list as those who manage a location write it: dated rows that never rewrite the past.

use chrono::NaiveDate;
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::rate::{PriceList, Rates};
use crate::{
    audit,
    error::Result,
    id::Id,
    locations::location::Location,
    members::member::Member,
    money::Money,
    spaces::space::{Audience, Kind, Space, Which},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Hour,
    HalfDay,
    Day,
    Week,
    Month,
}

impl Unit {
    pub const ALL: [Unit; 5] = [
        Unit::Hour,
        Unit::HalfDay,
        Unit::Day,
        Unit::Week,
        Unit::Month,
    ];

    /// As the database and forms have it.
    pub fn key(self) -> &'static str {
        match self {
            Unit::Hour => "hour",
            Unit::HalfDay => "half_day",
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Unit::Hour => "Hour",
            Unit::HalfDay => "Half day",
            Unit::Day => "Day",
            Unit::Week => "Week",
            Unit::Month => "Month",
        }
    }

    pub fn named(key: &str) -> Option<Unit> {
        Self::ALL.into_iter().find(|unit| unit.key() == key)
    }

    pub fn of(self, rates: &Rates) -> Option<Money> {
        match self {
            Unit::Hour => rates.hour,
            Unit::HalfDay => rates.half_day,
            Unit::Day => rates.day,
            Unit::Week => rates.week,
            Unit::Month => rates.month,
        }
    }
}

/// A row of the price list.
#[derive(Clone, Debug)]
pub struct Rate {
    pub id: Uuid,
    pub kind: Kind,
    /// The slug and name of the one space it is for; `None` for all of its kind.
    pub space: Option<(String, String)>,
    pub unit: Unit,
    /// Including VAT; `None` where the unit is sold no more.
    pub price: Option<Money>,
    pub from: NaiveDate,
}

/// A row that somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub kind: Kind,
    /// A slug.
    pub space: Option<String>,
    pub unit: Unit,
    pub price: Option<Money>,
    pub from: NaiveDate,
}

/// What a row would change for one space.
#[derive(Clone, Debug)]
pub struct Effect {
    pub space: String,
    pub was: Option<Money>,
    pub becomes: Option<Money>,
    /// Bookings already made that begin on that day or later; they keep their price.
    pub booked: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("Choose today or a day to come: what has been stays as it was.")]
    Past,
    #[error("A hot desk’s week and month are passes. Change the passes instead.")]
    Pass,
    #[error("There is no such space here.")]
    NoSuchSpace,
    #[error("Somebody has set another price from that day on a moment ago. Look at it first.")]
    Taken,
    #[error(
        "This price is in force already, so it stays in the list. Set a new one from a day to come."
    )]
    InForce,
    #[error("It is not in the list any more.")]
    Gone,
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(self) -> &'static str {
        match self {
            Refusal::Past => "past",
            Refusal::Pass => "take-a-pass",
            Refusal::NoSuchSpace => "no-such-space",
            Refusal::Taken => "set-already",
            Refusal::InForce => "in-force",
            Refusal::Gone => "gone",
        }
    }
}

impl Rate {
    /// A location's, the newest first within each kind, space and unit.
    pub async fn list(db: &mut PgConnection, location: Id<Location>) -> Result<Vec<Rate>> {
        let rows = sqlx::query!(
            r#"select r.id, r.kind, s.slug as "slug?", s.name as "name?", r.unit, r.cents, r.valid_from
               from rates r left join spaces s on s.id = r.space_id
               where r.location_id = $1
               order by r.kind, s.position nulls first, s.name, r.unit, r.valid_from desc"#,
            location.get()
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Rate {
                    id: row.id,
                    kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                    space: row.slug.zip(row.name),
                    unit: Unit::named(&row.unit).ok_or_else(|| anyhow::anyhow!("unknown unit"))?,
                    price: row.cents.map(Money::cents),
                    from: row.valid_from,
                })
            })
            .collect()
    }

    /// Takes a row back that is not in force yet.
    pub async fn withdraw(
        tx: &mut PgConnection,
        by: Id<Member>,
        location: (Id<Location>, &str),
        id: Uuid,
        today: NaiveDate,
    ) -> Result<Result<(), Refusal>> {
        let row = sqlx::query!(
            "select kind, unit, cents, valid_from from rates where id = $1 and location_id = $2 for update",
            id,
            location.0.get()
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else {
            return Ok(Err(Refusal::Gone));
        };
        if row.valid_from <= today {
            return Ok(Err(Refusal::InForce));
        }
        sqlx::query!("delete from rates where id = $1", id)
            .execute(&mut *tx)
            .await?;
        let was =
            json!({"kind": row.kind, "unit": row.unit, "cents": row.cents, "from": row.valid_from});
        let detail = json!({"location": location.1, "before": was});
        audit::record(tx, Some(by.get()), "withdraw rate", "rates", id, detail).await?;
        Ok(Ok(()))
    }
}

impl Wanted {
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        match (self.kind, self.unit) {
            _ if self.from < today => Err(Refusal::Past),
            (Kind::HotDesk, Unit::Week | Unit::Month) => Err(Refusal::Pass),
            _ => Ok(()),
        }
    }

    /// What it would change for whom.
    pub async fn effects(
        &self,
        db: &mut PgConnection,
        location: Id<Location>,
    ) -> Result<Vec<Effect>> {
        let which = Which {
            location: Some(location),
            kind: Some(self.kind),
            audience: Audience::Keepers,
            ..Which::default()
        };
        let spaces = Space::list(&mut *db, which).await?;
        let list = PriceList::load(&mut *db).await?;
        let own: Vec<Uuid> = sqlx::query_scalar!(
            r#"select distinct space_id as "id!" from rates
               where location_id = $1 and unit = $2 and space_id is not null and valid_from <= $3"#,
            location.get(),
            self.unit.key(),
            self.from
        )
        .fetch_all(&mut *db)
        .await?;
        let mut effects = Vec::new();
        for space in &spaces {
            let meant = match &self.space {
                Some(slug) => *slug == space.slug,
                // A price of its own goes before its kind's.
                None => !own.contains(&space.id.get()),
            };
            let was = self.unit.of(&list.of(space, self.from));
            if !meant || was == self.price {
                continue;
            }
            let booked = sqlx::query_scalar!(
                r#"select count(*) as "count!" from bookings b join spaces s on s.id = b.space_id join locations l on l.id = s.location_id
                   where b.space_id = $1 and lower(b.during) >= ($2::date)::timestamp at time zone l.time_zone
                     and b.status in ('held', 'pending', 'confirmed', 'checked_in')"#,
                space.id.get(),
                self.from
            )
            .fetch_one(&mut *db)
            .await?;
            effects.push(Effect {
                space: space.name.clone(),
                was,
                becomes: self.price,
                booked,
            });
        }
        Ok(effects)
    }

    /// Writes the row. Of two from the same day the later written one counts, as long as that day is to come.
    pub async fn write(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        location: (Id<Location>, &str),
        today: NaiveDate,
    ) -> Result<Result<(), Refusal>> {
        if let Err(refusal) = self.check(today) {
            return Ok(Err(refusal));
        }
        // One at a time for a location, so that a day has one price.
        sqlx::query_scalar!(
            "select id from locations where id = $1 for no key update",
            location.0.get()
        )
        .fetch_one(&mut *tx)
        .await?;
        let space = match &self.space {
            None => None,
            Some(slug) => {
                let found = sqlx::query_scalar!(
                    "select id from spaces where slug = $1 and location_id = $2 and kind = $3",
                    slug,
                    location.0.get(),
                    self.kind.key()
                )
                .fetch_optional(&mut *tx)
                .await?;
                match found {
                    Some(id) => Some(id),
                    None => return Ok(Err(Refusal::NoSuchSpace)),
                }
            }
        };
        let before = sqlx::query!(
            "select id, cents, valid_from from rates
             where location_id = $1 and kind = $2 and space_id is not distinct from $3 and unit = $4 and valid_from <= $5
             order by valid_from desc limit 1",
            location.0.get(),
            self.kind.key(),
            space,
            self.unit.key(),
            self.from
        )
        .fetch_optional(&mut *tx)
        .await?;
        let same_day = before.as_ref().filter(|row| row.valid_from == self.from);
        let id = match same_day {
            // In force since this morning: bookings have been made by it.
            Some(_) if self.from <= today => return Ok(Err(Refusal::Taken)),
            Some(row) => {
                sqlx::query!(
                    "update rates set cents = $2 where id = $1",
                    row.id,
                    self.price.map(Money::in_cents)
                )
                .execute(&mut *tx)
                .await?;
                row.id
            }
            None => {
                let id = Uuid::now_v7();
                sqlx::query!(
                    "insert into rates (id, location_id, kind, space_id, unit, cents, valid_from) values ($1, $2, $3, $4, $5, $6, $7)",
                    id,
                    location.0.get(),
                    self.kind.key(),
                    space,
                    self.unit.key(),
                    self.price.map(Money::in_cents),
                    self.from
                )
                .execute(&mut *tx)
                .await?;
                id
            }
        };
        let detail = json!({
            "location": location.1, "kind": self.kind, "space": self.space, "unit": self.unit.key(),
            "before": {"cents": before.and_then(|row| row.cents)}, "after": {"cents": self.price, "from": self.from},
        });
        audit::record(tx, Some(by.get()), "set rate", "rates", id, detail).await?;
        Ok(Ok(()))
    }
}
