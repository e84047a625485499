//! What passes there are to buy: a week or a month, at one location or all, some days of it or every one.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::{
    error::Result,
    id::Id,
    locations::location::Location,
    money::Money,
    time::{Zone, long_date},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Week,
    Month,
}

impl Unit {
    pub fn key(self) -> &'static str {
        match self {
            Unit::Week => "week",
            Unit::Month => "month",
        }
    }

    /// Seven days, or to the day before the same date next month.
    pub fn last_day(self, first: NaiveDate) -> NaiveDate {
        match self {
            Unit::Week => first + Days::new(6),
            Unit::Month => first + Months::new(1) - Days::new(1),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[derive(Clone, Debug)]
pub struct Product {
    pub id: Id<Product>,
    pub slug: String,
    /// `Month pass`
    pub name: String,
    /// `None` for every location.
    pub location: Option<Id<Location>>,
    /// The location's name and slug.
    pub place: Option<(String, String)>,
    /// The location's, or for every location the first one's.
    pub zone: Zone,
    pub unit: Unit,
    /// How many of its days can be used; `None` for every open one.
    pub days: Option<i32>,
    /// Including VAT.
    pub price: Money,
    pub cap: Option<i32>,
    pub sold_from: NaiveDate,
    pub on_sale: bool,
}

impl Product {
    /// What is sold on a date, in the house's order.
    pub async fn on_sale(db: &mut PgConnection, today: NaiveDate) -> Result<Vec<Product>> {
        let mut products = Self::read(db, None).await?;
        products.retain(|product| product.is_sold(today));
        Ok(products)
    }

    /// Also one that is sold no more.
    pub async fn find(db: &mut PgConnection, slug: &str) -> Result<Option<Product>> {
        Ok(Self::read(db, Some(slug)).await?.pop())
    }

    async fn read(db: &mut PgConnection, slug: Option<&str>) -> Result<Vec<Product>> {
        let rows = sqlx::query!(
            r#"select p.id, p.slug, p.name, p.location_id, l.name as "place?", l.slug as "place_slug?", p.unit, p.days, p.cents,
                      p.cap, p.sold_from, p.on_sale,
                      coalesce(l.time_zone, (select time_zone from locations where status <> 'closed' order by position, name limit 1),
                               'UTC') as "time_zone!"
               from pass_products p left join locations l on l.id = p.location_id
               where ($1::text is null or p.slug = $1) and l.status is distinct from 'closed'
               order by l.position nulls last, p.position, p.cents"#,
            slug
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Product {
                    id: row.id.into(),
                    slug: row.slug,
                    name: row.name,
                    location: row.location_id.map(Id::from),
                    place: row.place.zip(row.place_slug),
                    zone: Zone::named(&row.time_zone)?,
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
                })
            })
            .collect()
    }

    pub fn is_sold(&self, today: NaiveDate) -> bool {
        self.on_sale && self.sold_from <= today
    }

    pub fn is_valid_at(&self, location: Id<Location>) -> bool {
        self.location.is_none_or(|at| at == location)
    }

    pub fn last_day(&self, first: NaiveDate) -> NaiveDate {
        self.unit.last_day(first)
    }

    /// Whether all of some days in order, the first one being its own, are on it.
    pub fn covers(&self, dates: &[NaiveDate]) -> bool {
        let (Some(first), Some(last)) = (dates.first(), dates.last()) else {
            return false;
        };
        let enough = self.days.is_none_or(|days| dates.len() <= days as usize);
        enough && *last <= self.last_day(*first)
    }

    /// Of products that cover all of some days at a location, the cheapest that costs less than `total`.
    pub fn cheaper<'a>(
        products: &'a [Product],
        location: Id<Location>,
        dates: &[NaiveDate],
        total: Money,
    ) -> Option<&'a Product> {
        products
            .iter()
            .filter(|product| product.is_valid_at(location) && product.covers(dates))
            .filter(|product| product.price < total)
            .min_by_key(|product| product.price)
    }

    /// `Musgrave`, or `every location`.
    pub fn where_valid(&self) -> &str {
        self.place
            .as_ref()
            .map_or("every location", |(name, _)| name)
    }

    /// `Any 10 days of the month`, `every open day of the week`.
    pub fn what(&self) -> String {
        match self.days {
            Some(days) => format!("{days} days of your choice within the {}", self.unit),
            None => format!("every open day of the {}", self.unit),
        }
    }

    /// `from Tue 24 November to the end of Mon 30 November`
    pub fn when(&self, first: NaiveDate, today: NaiveDate) -> String {
        let last = self.last_day(first);
        let year = if last.year() == first.year() {
            first
        } else {
            today
        };
        format!(
            "from {} to the end of {}",
            long_date(first, today),
            long_date(last, year)
        )
    }

    /// The line of the price.
    pub fn line(&self) -> String {
        let days = self.days.map(|days| format!(", {days} days"));
        format!(
            "{}, {}{}",
            self.name,
            self.where_valid(),
            days.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_the_day_before_the_same_date() {
        let last = |first: &str, unit: Unit| unit.last_day(first.parse().unwrap()).to_string();
        assert_eq!(last("2026-11-24", Unit::Week), "2026-11-30");
        assert_eq!(last("2026-11-24", Unit::Month), "2026-12-23");
        assert_eq!(last("2027-01-31", Unit::Month), "2027-02-27");
        assert_eq!(last("2026-12-01", Unit::Month), "2026-12-31");
    }
}
