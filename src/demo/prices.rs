//! The sample price list, including VAT: today's, and the one before it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{dice::Dice, locations::ZONE};
use crate::{money::Money, spaces::space::Kind, time::Zone};

/// In rands. Rooms by the hour: a booth, up to 4, up to 8, up to 14 and more; offices by the month: up
/// to 2, up to 4 and more.
struct Prices {
    location: &'static str,
    desk_hour: i64,
    desk_day: i64,
    rooms: [i64; 5],
    offices: [i64; 3],
}

const PRICES: [Prices; 3] = [
    Prices {
        location: "musgrave",
        desk_hour: 60,
        desk_day: 220,
        rooms: [90, 180, 320, 480, 750],
        offices: [6_500, 10_500, 18_500],
    },
    Prices {
        location: "umhlanga",
        desk_hour: 75,
        desk_day: 280,
        rooms: [115, 230, 400, 575, 900],
        offices: [8_500, 14_000, 24_500],
    },
    Prices {
        location: "mount-edgecombe",
        desk_hour: 65,
        desk_day: 240,
        rooms: [95, 190, 340, 500, 780],
        offices: [6_900, 11_500, 19_500],
    },
];

impl Prices {
    fn room(&self, seats: i32) -> Money {
        let class = [1, 4, 8, 14]
            .into_iter()
            .position(|most| seats <= most)
            .unwrap_or(4);
        Money::rands(self.rooms[class])
    }

    fn office(&self, seats: i32) -> Money {
        let class = [2, 4]
            .into_iter()
            .position(|most| seats <= most)
            .unwrap_or(2);
        Money::rands(self.offices[class])
    }

    fn of(&self, kind: Kind, seats: i32) -> Vec<(&'static str, Money)> {
        match kind {
            Kind::HotDesk => vec![
                ("hour", Money::rands(self.desk_hour)),
                ("day", Money::rands(self.desk_day)),
            ],
            Kind::MeetingRoom => {
                let hour = self.room(seats);
                vec![
                    ("hour", hour),
                    ("half_day", hour.percent(350)),
                    ("day", hour.percent(650)),
                ]
            }
            Kind::Office => {
                let month = self.office(seats);
                vec![
                    ("day", tens(month, 12)),
                    ("week", tens(month, 3)),
                    ("month", month),
                ]
            }
        }
    }
}

/// One of `parts` equal parts, to the nearest R10.
fn tens(whole: Money, parts: i64) -> Money {
    let ten = 1_000 * parts;
    Money::cents((whole.in_cents() + ten / 2) / ten * 1_000)
}

/// Hot desks have one price at a location, rooms and offices one each.
pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    locations: &BTreeMap<&'static str, Uuid>,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let spaces = sqlx::query!(
        "select id, location_id, kind, seats from spaces where kind <> 'hot_desk' order by id"
    )
    .fetch_all(&mut *tx)
    .await?;
    let year = Zone::named(ZONE)?.date(now).year();
    let dated = [(year - 2, 100), (year - 4, 90)];
    let dated = dated.map(|(year, percent)| {
        (
            NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default(),
            percent,
        )
    });
    let mut rates = Vec::new();
    for prices in &PRICES {
        let location_id = locations[prices.location];
        let mut priced = vec![(Kind::HotDesk, None, 1)];
        for space in spaces
            .iter()
            .filter(|space| space.location_id == location_id)
        {
            let kind: Kind = space.kind.parse().map_err(anyhow::Error::msg)?;
            priced.push((kind, Some(space.id), space.seats));
        }
        for (kind, space_id, seats) in priced {
            for (valid_from, percent) in dated {
                for (unit, price) in prices.of(kind, seats) {
                    let (id, cents) = (dice.id(now), price.percent(percent).in_cents());
                    rates.push(Row {
                        id,
                        location_id,
                        kind,
                        space_id,
                        unit,
                        cents,
                        valid_from,
                    });
                }
            }
        }
    }
    sqlx::query!(
        "insert into rates (id, location_id, kind, space_id, unit, cents, valid_from)
         select id, location_id, kind, space_id, unit, cents, valid_from from jsonb_populate_recordset(null::rates, $1)",
        Json(&rates) as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("insert into vat_rates (valid_from, basis_points) values ('1993-04-07', 1400), ('2018-04-01', 1500)")
        .execute(tx)
        .await?;
    Ok(())
}

#[derive(Serialize)]
struct Row {
    id: Uuid,
    location_id: Uuid,
    kind: Kind,
    space_id: Option<Uuid>,
    unit: &'static str,
    cents: i64,
    valid_from: NaiveDate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_week_is_a_third_and_a_day_a_twelfth_of_the_month() {
        assert_eq!(tens(Money::rands(6_500), 3), Money::rands(2_170));
        assert_eq!(tens(Money::rands(6_500), 12), Money::rands(540));
    }

    #[test]
    fn a_half_day_is_three_and_a_half_hours() {
        let rates = PRICES[1].of(Kind::MeetingRoom, 12);
        assert_eq!(rates[1], ("half_day", Money::cents(201_250)));
    }
}
