//! The lowest prices of a location, as its card tells them.

use chrono::NaiveDate;

use super::rate::{PriceList, Rates};
use crate::{
    id::Id,
    locations::location::Location,
    money::Money,
    spaces::space::{Kind, Space},
};

/// Including VAT; `None` where there is nothing of the kind, or it is not sold so.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lowest {
    pub desk_hour: Option<Money>,
    pub desk_day: Option<Money>,
    /// Of rooms for two or more; a booth for one says its own price.
    pub room_hour: Option<Money>,
    pub office_day: Option<Money>,
}

impl Lowest {
    /// From the list in force on a date.
    pub fn at(
        location: Id<Location>,
        spaces: &[Space],
        prices: &PriceList,
        on: NaiveDate,
    ) -> Lowest {
        let lowest = |kind: Kind, seats: i32, price: fn(Rates) -> Option<Money>| {
            spaces
                .iter()
                .filter(|space| space.location == location && space.kind == kind)
                .filter(|space| space.seats >= seats)
                .filter_map(|space| price(prices.of(space, on)))
                .min()
        };
        Lowest {
            desk_hour: lowest(Kind::HotDesk, 1, |rates| rates.hour),
            desk_day: lowest(Kind::HotDesk, 1, |rates| rates.day),
            room_hour: lowest(Kind::MeetingRoom, 2, |rates| rates.hour),
            office_day: lowest(Kind::Office, 1, |rates| rates.day),
        }
    }
}
