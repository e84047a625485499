//! The price list: dated rates of a kind or of one space.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::Result,
    id::Id,
    locations::location::Location,
    money::Money,
    spaces::space::{Kind, Space},
};

/// What a space costs on a date, by unit, including VAT; `None` where a unit is not sold.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// By the minute within the space's step.
    pub hour: Option<Money>,
    /// Four hours, whole.
    pub half_day: Option<Money>,
    /// One opening, whole.
    pub day: Option<Money>,
    /// Seven calendar days, whole.
    pub week: Option<Money>,
    /// To the same date next month, whole.
    pub month: Option<Money>,
}

/// All rates of the house with their dates, and the VAT in force.
#[derive(Clone, Debug, Default)]
pub struct PriceList {
    rates: BTreeMap<(Id<Location>, Kind, Option<Uuid>), Vec<Entry>>,
    vat: Vec<(NaiveDate, i64)>,
}

#[derive(Clone, Debug)]
struct Entry {
    unit: String,
    cents: Option<i64>,
    valid_from: NaiveDate,
}

impl PriceList {
    /// The list as it stands; a business that is no VAT vendor has no VAT in its prices.
    pub async fn load(db: &mut PgConnection) -> Result<PriceList> {
        let mut list = PriceList::default();
        let rows = sqlx::query!(
            "select location_id, kind, space_id, unit, cents, valid_from from rates order by valid_from"
        )
        .fetch_all(&mut *db)
        .await?;
        for row in rows {
            let kind: Kind = row.kind.parse().map_err(anyhow::Error::msg)?;
            let entry = Entry {
                unit: row.unit,
                cents: row.cents,
                valid_from: row.valid_from,
            };
            list.rates
                .entry((row.location_id.into(), kind, row.space_id))
                .or_default()
                .push(entry);
        }
        let vat = sqlx::query!(
            "select valid_from, basis_points from vat_rates
             where (select vat_registered from installation) order by valid_from"
        )
        .fetch_all(db)
        .await?;
        list.vat = vat
            .into_iter()
            .map(|row| (row.valid_from, row.basis_points.into()))
            .collect();
        Ok(list)
    }

    /// The rates of a space from the list in force on a date: its own before its kind's.
    pub fn of(&self, space: &Space, on: NaiveDate) -> Rates {
        let mut rates = Rates::default();
        for whose in [None, Some(space.id.get())] {
            let entries = self
                .rates
                .get(&(space.location, space.kind, whose))
                .into_iter()
                .flatten();
            for entry in entries.filter(|entry| entry.valid_from <= on) {
                let unit = match entry.unit.as_str() {
                    "hour" => &mut rates.hour,
                    "half_day" => &mut rates.half_day,
                    "day" => &mut rates.day,
                    "week" => &mut rates.week,
                    _ => &mut rates.month,
                };
                *unit = entry.cents.map(Money::cents);
            }
        }
        rates
    }

    /// In basis points, as in force on a date; nothing for a business that is no VAT vendor.
    pub fn vat(&self, on: NaiveDate) -> i64 {
        self.vat
            .iter()
            .rev()
            .find(|(from, _)| *from <= on)
            .map_or(0, |(_, points)| *points)
    }
}
