//! The sample house once it stands: what the diary is written by.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgConnection;

use super::locations::ZONE;
use crate::{
    billing::{
        pass::days::Holdings,
        quote::{Asked, Quote},
        rate::PriceList,
    },
    error::Result,
    id::Id,
    locations::{
        hours::{Calendar, Opening},
        location::Location,
    },
    spaces::space::{Space, Which},
    time::Zone,
};

const PAST_DAYS: i64 = 91;
const FUTURE_DAYS: i64 = 56;

pub struct House {
    pub spaces: Vec<Space>,
    pub zone: Zone,
    pub today: NaiveDate,
    /// Our sample opens at most once a day.
    openings: BTreeMap<Id<Location>, BTreeMap<NaiveDate, Opening>>,
    prices: PriceList,
}

impl House {
    pub async fn load(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<House> {
        let zone = Zone::named(ZONE)?;
        let today = zone.date(now);
        let (first, last) = (
            today - Duration::days(PAST_DAYS),
            today + Duration::days(FUTURE_DAYS + 14),
        );
        let locations = Location::all(&mut *tx).await?;
        let calendars = Calendar::of_all(&mut *tx, &locations, first, last).await?;
        let opening = |calendar: &Calendar, date| Some((date, calendar.day(date).openings.pop()?));
        let dates = || first.iter_days().take_while(|date| *date <= last);
        Ok(House {
            spaces: Space::list(&mut *tx, Which::default()).await?,
            zone,
            today,
            openings: calendars
                .into_iter()
                .map(|(id, calendar)| {
                    (
                        id,
                        dates()
                            .filter_map(|date| opening(&calendar, date))
                            .collect(),
                    )
                })
                .collect(),
            prices: PriceList::load(tx).await?,
        })
    }

    /// Every date that the diary covers.
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let first = self.today - Duration::days(PAST_DAYS);
        first.iter_days().take((PAST_DAYS + FUTURE_DAYS) as usize)
    }

    /// When a space's location is open on a date.
    pub fn opening(&self, space: &Space, date: NaiveDate) -> Option<Opening> {
        self.openings[&space.location].get(&date).copied()
    }

    /// The open days of a space's location from a date on.
    pub fn openings_from(&self, space: &Space, date: NaiveDate) -> impl Iterator<Item = Opening> {
        self.openings[&space.location]
            .range(date..)
            .map(|(_, opening)| *opening)
    }

    /// By slug.
    pub fn space(&self, slug: &str) -> Option<usize> {
        self.spaces.iter().position(|space| space.slug == slug)
    }

    pub fn quote(&self, space: &Space, asked: &Asked, passes: &Holdings) -> Option<Quote> {
        let on = asked.first()?;
        Quote::beside(
            passes.cover(space.location, asked.openings()),
            &self.prices.of(space, on),
            asked,
            self.prices.vat(on),
        )
    }
}
