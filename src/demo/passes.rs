//! The passes that are sold, and those that some of the sample's people have.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    dice::Dice,
    house::House,
    locations::ZONE,
    people::{People, Person},
    rows::LedgerRow,
};
use crate::{
    billing::{
        pass::{
            days::{Holding, Holdings},
            product::Unit,
        },
        quote::Line,
    },
    bookings::booking::Price,
    money::Money,
};

/// Unit, name, and how many days of it.
const KINDS: [(Unit, &str, &str, Option<i32>); 3] = [
    (Unit::Week, "week", "Week pass", Some(5)),
    (Unit::Month, "ten-days", "10-day month pass", Some(10)),
    (Unit::Month, "month", "Month pass", None),
];

/// In rands, in the order of the kinds; the last one is for every location.
const PRICES: [(&str, [i64; 3]); 4] = [
    ("musgrave", [880, 1_500, 2_300]),
    ("umhlanga", [1_100, 1_850, 2_950]),
    ("mount-edgecombe", [950, 1_600, 2_500]),
    ("everywhere", [1_300, 2_150, 3_400]),
];

const CAPS: [Option<i32>; 3] = [None, Some(30), Some(20)];

/// What the bookings are written with.
pub struct Passes {
    /// By the member's place in the people's list.
    pub holdings: BTreeMap<usize, Holdings>,
    pub ledger: Vec<LedgerRow>,
    pub now: DateTime<Utc>,
}

pub async fn insert(
    tx: &mut PgConnection,
    locations: &BTreeMap<&'static str, Uuid>,
    house: &House,
    people: &People,
    now: DateTime<Utc>,
) -> sqlx::Result<Passes> {
    let mut shop = Shop {
        dice: Dice::of(4_007),
        products: Vec::new(),
        passes: Vec::new(),
        sold: Passes {
            holdings: BTreeMap::new(),
            ledger: Vec::new(),
            now,
        },
    };
    shop.list(locations, house.today);
    shop.sell(locations, house.today, people);
    sqlx::query!(
        "insert into pass_products (id, slug, name, location_id, unit, days, cents, cap, sold_from, on_sale, position)
         select id, slug, name, location_id, unit, days, cents, cap, sold_from, true, position
         from jsonb_populate_recordset(null::pass_products, $1)",
        Json(&shop.products) as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into passes (id, reference, product_id, member_id, account_id, created_by, channel, name, location_id,
                             time_zone, valid, days, price, total_cents, vat_cents, terms_version, request_hash, created_at)
         select p.id, reference, product_id, member_id, account_id, member_id, channel, name, location_id,
                p.time_zone, valid, days, price, total_cents, vat_cents, i.terms_version, '', created_at
         from jsonb_populate_recordset(null::passes, $1) p cross join installation i",
        Json(&shop.passes) as _
    )
    .execute(tx)
    .await?;
    Ok(shop.sold)
}

struct Shop {
    dice: Dice,
    products: Vec<ProductRow>,
    passes: Vec<PassRow>,
    sold: Passes,
}

impl Shop {
    fn list(&mut self, locations: &BTreeMap<&'static str, Uuid>, today: NaiveDate) {
        for (place, prices) in PRICES {
            for (at, (unit, slug, name, days)) in KINDS.into_iter().enumerate() {
                self.products.push(ProductRow {
                    id: self.dice.id(self.sold.now),
                    slug: format!("{place}-{slug}"),
                    name,
                    location_id: locations.get(place).copied(),
                    unit,
                    days,
                    cents: Money::rands(prices[at]),
                    cap: CAPS[at],
                    sold_from: today - Duration::days(400),
                    position: at,
                });
            }
        }
    }

    /// The sample's member has ten days, some of them drawn; their colleague has nothing; of the others
    /// every fourth has had, has or will have one at home.
    fn sell(
        &mut self,
        locations: &BTreeMap<&'static str, Uuid>,
        today: NaiveDate,
        people: &People,
    ) {
        let umhlanga = locations["umhlanga"];
        self.one(
            0,
            &people.members[0],
            (umhlanga, 1),
            today - Duration::days(12),
        );
        for (at, person) in people.members.iter().enumerate().skip(2).step_by(4) {
            let kind = self.dice.pick(&[0, 1, 1, 2, 2]);
            for begins in [self.dice.between(-75..-40), self.dice.between(-24..6)] {
                self.one(
                    at,
                    person,
                    (person.home, kind),
                    today + Duration::days(begins),
                );
            }
        }
    }

    fn one(&mut self, at: usize, person: &Person, (home, kind): (Uuid, usize), first: NaiveDate) {
        let now = self.sold.now;
        let Some(product) = self
            .products
            .iter()
            .find(|product| product.location_id == Some(home) && product.position == kind)
        else {
            return;
        };
        let asked = first.and_time(chrono::NaiveTime::MIN).and_utc()
            - Duration::hours(self.dice.between(10..90));
        let created_at = asked.min(now - Duration::hours(3));
        let (id, last) = (self.dice.id(created_at), product.unit.last_day(first));
        let reference = self.dice.reference().replace("CS-", "CP-");
        let price = Price {
            lines: vec![Line {
                label: product.name.to_owned(),
                cents: product.cents,
            }],
            vat_basis_points: 1500,
            ..Price::default()
        };
        let named = (id, reference.clone(), product.name.to_owned());
        let holding = Holding::new(named, Some(home.into()), (first, last), product.days);
        self.sold.holdings.entry(at).or_default().0.push(holding);
        for (kind, cents, description, after) in [
            (
                "charge",
                product.cents,
                format!("{} {reference}", product.name),
                0,
            ),
            (
                "payment",
                -product.cents,
                format!("Card at reception, {reference}"),
                20,
            ),
        ] {
            let created_at = created_at + Duration::minutes(after);
            self.sold.ledger.push(LedgerRow {
                id: self.dice.id(created_at),
                account_id: person.account,
                booking_id: None,
                pass_id: Some(id),
                kind,
                cents,
                description,
                created_by: person.id,
                created_at,
            });
        }
        self.passes.push(PassRow {
            id,
            reference,
            product_id: product.id,
            member_id: person.id,
            account_id: person.account,
            channel: "web",
            name: product.name,
            location_id: home,
            time_zone: ZONE,
            valid: format!("[{first},{last}]"),
            days: product.days,
            price,
            total_cents: product.cents,
            vat_cents: product.cents.vat_inside(1500),
            created_at,
        });
    }
}

#[derive(Serialize)]
struct ProductRow {
    id: Uuid,
    slug: String,
    name: &'static str,
    location_id: Option<Uuid>,
    unit: Unit,
    days: Option<i32>,
    cents: Money,
    cap: Option<i32>,
    sold_from: NaiveDate,
    position: usize,
}

#[derive(Serialize)]
struct PassRow {
    id: Uuid,
    reference: String,
    product_id: Uuid,
    member_id: Uuid,
    account_id: Uuid,
    channel: &'static str,
    name: &'static str,
    location_id: Uuid,
    time_zone: &'static str,
    valid: String,
    days: Option<i32>,
    price: Price,
    total_cents: Money,
    vat_cents: Money,
    created_at: DateTime<Utc>,
}
