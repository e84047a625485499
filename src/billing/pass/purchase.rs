//! Buying a pass: the cap, the price as it stands, the charge and the mail, in one transaction.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use rand::seq::IndexedRandom;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};

use super::{Pass, product::Product, refusal::PassRefusal};
use crate::{
    audit,
    billing::{
        account::{Account, Cause, Entry},
        payment,
        quote::Line,
        rate::PriceList,
    },
    bookings::{
        booking::Price,
        locks,
        payer::{self, Payer},
    },
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::member::Member,
    money::Money,
    time::long_date,
};

/// How many days ahead a pass may begin.
pub const AHEAD: i64 = 90;

/// A pass as it was asked for.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// A product's slug.
    pub product: String,
    pub first: NaiveDate,
    pub payer: Payer,
    /// The company's number for its own books, where it asks for one.
    pub purchase_order: String,
    /// The price that the person was shown; another one is not charged unseen.
    pub shown: Option<Money>,
    /// The same for a repeated submission: it buys one pass.
    pub key: Option<String>,
    /// `web`, `desk` or `api`.
    pub channel: &'static str,
    /// Who sells it at the front desk; `None` where the member buys it.
    pub sold_by: Option<Id<Member>>,
}

impl Purchase {
    /// Locks the product, then the company that pays and the member: of many buyers no more get one than
    /// there are.
    pub async fn buy(
        &self,
        tx: &mut PgConnection,
        member: Id<Member>,
        now: DateTime<Utc>,
    ) -> Result<Result<Pass, PassRefusal>> {
        let product = Product::find(tx, &self.product)
            .await?
            .ok_or(Error::NotFound)?;
        sqlx::query_scalar!(
            "select id from pass_products where id = $1 for no key update",
            product.id.get()
        )
        .fetch_one(&mut *tx)
        .await?;
        let company = self.payer.lock(tx, member).await?;
        let barred = locks::member(tx, member).await?;
        if let Some(answer) = self.repeated(tx, member).await? {
            return Ok(answer);
        }
        let product = Product::find(tx, &self.product)
            .await?
            .ok_or(Error::NotFound)?;
        let today = product.zone.date(now);
        if let Some(refusal) = self.standing_in_the_way(&product, today) {
            return Ok(Err(refusal));
        }
        if barred {
            return Ok(Err(PassRefusal::Barred));
        }
        if let Some(cap) = product.cap
            && in_force(tx, &product, self.first).await? >= i64::from(cap)
        {
            return Ok(Err(PassRefusal::SoldOut { cap }));
        }
        if let Some(company) = payer::missing_order(company.as_ref(), &self.purchase_order) {
            return Ok(Err(PassRefusal::NoPurchaseOrder { company }));
        }
        let account = payer::account(tx, company.as_ref(), member).await?;
        if let Some(missing) =
            payment::missing(tx, account, None, product.price, Money::ZERO).await?
        {
            let missing = missing.to_string();
            return Ok(Err(PassRefusal::PayFirst { missing }));
        }
        let id = self.write(tx, member, account, &product, today).await?;
        Ok(Ok(Pass::by_id(tx, id).await?.ok_or(Error::NotFound)?))
    }

    fn standing_in_the_way(&self, product: &Product, today: NaiveDate) -> Option<PassRefusal> {
        let horizon = today + Duration::days(AHEAD);
        if !product.is_sold(today) {
            Some(PassRefusal::NotSold)
        } else if self.first < today {
            Some(PassRefusal::Past)
        } else if self.first > horizon {
            let last = long_date(horizon, today);
            Some(PassRefusal::TooFar { last })
        } else if self.shown.is_some_and(|shown| shown != product.price) {
            let now = product.price.to_string();
            Some(PassRefusal::PriceChanged { now })
        } else {
            None
        }
    }

    async fn write(
        &self,
        tx: &mut PgConnection,
        member: Id<Member>,
        account: Id<Account>,
        product: &Product,
        today: NaiveDate,
    ) -> Result<Id<Pass>> {
        let id = Id::<Pass>::fresh();
        let by = self.sold_by.unwrap_or(member);
        let reference = free_reference(tx).await?;
        let vat_basis_points = PriceList::load(&mut *tx).await?.vat(today);
        let price = Price {
            lines: vec![Line {
                label: product.line(),
                cents: product.price,
            }],
            vat_basis_points,
            ..Price::default()
        };
        sqlx::query!(
            "insert into passes (id, reference, product_id, member_id, account_id, created_by, channel, name, location_id,
                                 time_zone, valid, days, price, total_cents, vat_cents, terms_version, key, request_hash, purchase_order)
             select $1, $2, $3, $4, $5, $19, $6, $7, $8, $9, daterange($10, $11, '[]'), $12, $13, $14, $15, terms_version, $16, $17, $18
             from installation",
            id.get(),
            reference,
            product.id.get(),
            member.get(),
            account.get(),
            self.channel,
            product.name,
            product.location.map(Id::get),
            product.zone.name(),
            self.first,
            product.last_day(self.first),
            product.days,
            Json(&price) as _,
            product.price.in_cents(),
            product.price.vat_inside(vat_basis_points).in_cents(),
            self.key,
            self.fingerprint(),
            self.purchase_order,
            by.get()
        )
        .execute(&mut *tx)
        .await?;
        let (cause, words) = (
            Cause::Pass(id.get()),
            format!("{} {reference}", product.name),
        );
        let charge = Entry::Charge;
        Account::enter(tx, account, cause, charge, product.price, &words, Some(by)).await?;
        jobs::enqueue(tx, &Job::PassBought { pass: id.get() }).await?;
        let detail = json!({"reference": reference, "product": product.slug, "first": self.first,
            "total_cents": product.price, "channel": self.channel});
        let verb = if self.sold_by.is_some() {
            "sell"
        } else {
            "buy"
        };
        audit::record(tx, Some(by.get()), verb, "passes", id.get(), detail).await?;
        Ok(id)
    }

    /// What the same key bought before; `None` the first time.
    async fn repeated(
        &self,
        tx: &mut PgConnection,
        member: Id<Member>,
    ) -> Result<Option<Result<Pass, PassRefusal>>> {
        let known = sqlx::query!(
            "select id, request_hash from passes where member_id = $1 and key = $2",
            member.get(),
            self.key
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(known) = known else { return Ok(None) };
        if known.request_hash != self.fingerprint() {
            return Ok(Some(Err(PassRefusal::KeyReused)));
        }
        let pass = Pass::by_id(tx, known.id.into()).await?;
        Ok(Some(Ok(pass.ok_or(Error::NotFound)?)))
    }

    fn fingerprint(&self) -> Vec<u8> {
        Sha256::digest(format!(
            "{:?} {:?} {:?} {:?}",
            self.product, self.first, self.payer, self.purchase_order
        ))
        .to_vec()
    }
}

/// The most passes of a product that are in force on one day of a new one; the product is locked.
async fn in_force(tx: &mut PgConnection, product: &Product, first: NaiveDate) -> Result<i64> {
    let most = sqlx::query_scalar!(
        r#"select coalesce(max(count), 0) as "most!" from (
               select count(*) from generate_series($2::date, $3::date, '1 day') as day
               join passes p on p.product_id = $1 and p.cancelled_at is null and p.valid @> day::date
               group by day) as days"#,
        product.id.get(),
        first,
        product.last_day(first)
    )
    .fetch_one(tx)
    .await?;
    Ok(most)
}

/// A reference that no pass has: short, without letters that sound or look alike.
async fn free_reference(tx: &mut PgConnection) -> Result<String> {
    loop {
        let reference = random_reference();
        let known = sqlx::query_scalar!("select 1 from passes where reference = $1", reference)
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_none() {
            return Ok(reference);
        }
    }
}

fn random_reference() -> String {
    const LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut rng = rand::rng();
    let letter = |_| {
        LETTERS
            .choose(&mut rng)
            .map_or('7', |byte| char::from(*byte))
    };
    let letters: String = (0..5).map(letter).collect();
    format!("CP-{letters}")
}
