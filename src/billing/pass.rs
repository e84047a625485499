//! A pass: hot-desking by the week or the month, at one location or all of them.

pub mod cancellation;
pub mod days;
pub mod product;
pub mod purchase;
pub mod refusal;
pub mod setup;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    billing::quote::vat_label,
    bookings::booking::Price,
    error::Result,
    id::Id,
    members::member::Member,
    money::Money,
    time::{Zone, long_date},
};

/// Within how many days after it was bought a pass that was never used can be given back (ECT Act s 44): the
/// day of buying is not counted, and the last one is counted whole. With its first desk the service has begun
/// at the member's wish, and the right is over (s 42(2)(d)).
const COOLING_OFF: Duration = Duration::days(7);

#[derive(Clone, Debug)]
pub struct Pass {
    pub id: Id<Pass>,
    pub reference: String,
    pub name: String,
    /// What it was bought as, and whether that is still sold.
    pub product: String,
    pub product_is_sold: bool,
    /// Where it is valid; `None` for every location.
    pub place: Option<String>,
    pub place_slug: Option<String>,
    pub emblem: String,
    pub zone: Zone,
    pub member: Id<Member>,
    pub member_name: String,
    pub member_email: Option<String>,
    /// The company that pays, if it is not the member.
    pub company: Option<String>,
    pub company_slug: Option<String>,
    pub purchase_order: String,
    pub first: NaiveDate,
    /// Included.
    pub last: NaiveDate,
    /// How many days can be drawn; `None` for every open one.
    pub days: Option<i32>,
    pub drawn: i64,
    pub price: Price,
    pub total: Money,
    pub vat: Money,
    pub currency: String,
    pub terms_version: String,
    pub created_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    Coming,
    Past,
    Cancelled,
}

impl State {
    pub fn key(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Coming => "coming",
            State::Past => "past",
            State::Cancelled => "cancelled",
        }
    }
}

/// A day that was drawn, with its booking.
#[derive(Clone, Debug)]
pub struct DayDrawn {
    pub date: NaiveDate,
    /// The booking's.
    pub reference: String,
    pub space: String,
    pub location: String,
    /// Its booking was cancelled too late for the day to go back.
    pub kept: bool,
    /// Its booking is a hold that is not confirmed yet.
    pub held: bool,
}

impl Pass {
    pub fn url(&self) -> String {
        format!("/passes/{}", self.reference)
    }

    /// Where to book a desk with it.
    pub fn desks_url(&self) -> String {
        match &self.place_slug {
            Some(slug) => format!("/locations/{slug}/any-desk?by=day"),
            None => "/spaces?kind=hot_desk&by=day".into(),
        }
    }

    /// Where to buy the same again.
    pub fn again_url(&self) -> String {
        format!("/passes/new?product={}", self.product)
    }

    pub fn vat_label(&self) -> String {
        vat_label(self.price.vat_basis_points)
    }

    pub fn state(&self, now: DateTime<Utc>) -> State {
        let today = self.zone.date(now);
        if self.cancelled_at.is_some() {
            State::Cancelled
        } else if today > self.last {
            State::Past
        } else if today < self.first {
            State::Coming
        } else {
            State::Running
        }
    }

    /// How many days can still be drawn; `None` for every open one.
    pub fn left(&self) -> Option<i64> {
        Some(i64::from(self.days?) - self.drawn)
    }

    pub fn where_valid(&self) -> &str {
        self.place.as_deref().unwrap_or("every location")
    }

    /// `Tue 24 November – Mon 30 November`
    pub fn when(&self, now: DateTime<Utc>) -> String {
        let today = self.zone.date(now);
        format!(
            "{} – {}",
            long_date(self.first, today),
            long_date(self.last, today)
        )
    }

    /// Whether its member can give it back by themselves: never used, and not begun or just bought.
    pub fn can_be_cancelled(&self, now: DateTime<Utc>) -> bool {
        self.cancelled_at.is_none()
            && self.drawn == 0
            && self.zone.date(now) <= self.last_free_day()
    }

    /// The last day, in its location's calendar, on which it can be given back while it is not used.
    pub fn last_free_day(&self) -> NaiveDate {
        self.cooled_off().max(self.first - Duration::days(1))
    }

    /// The last day on which the law lets its buyer think again.
    pub fn cooled_off(&self) -> NaiveDate {
        self.zone.date(self.created_at) + COOLING_OFF
    }

    /// `Tue 1 December`: until the end of which it can be given back while it is not used.
    pub fn free_until(&self, now: DateTime<Utc>) -> String {
        long_date(self.last_free_day(), self.zone.date(now))
    }

    /// One's own, those that a company pays which one administers, any for staff.
    pub async fn seen_by(
        db: &mut PgConnection,
        member: Id<Member>,
        is_staff: bool,
        reference: &str,
    ) -> Result<Option<Pass>> {
        let filter = Filter {
            reference: Some(&reference.to_uppercase()),
            seen_by: (!is_staff).then_some(member),
            ..Filter::default()
        };
        Ok(Self::read(db, filter).await?.pop())
    }

    pub async fn by_id(db: &mut PgConnection, id: Id<Pass>) -> Result<Option<Pass>> {
        let filter = Filter {
            id: Some(id),
            ..Filter::default()
        };
        Ok(Self::read(db, filter).await?.pop())
    }

    /// A member's own, the one that ends last first.
    pub async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Pass>> {
        let filter = Filter {
            member: Some(member),
            ..Filter::default()
        };
        Self::read(db, filter).await
    }

    async fn read(db: &mut PgConnection, filter: Filter<'_>) -> Result<Vec<Pass>> {
        let rows = sqlx::query!(
            r#"select p.id, p.reference, p.name, r.slug as product, r.on_sale as product_is_sold, l.name as "place?", l.slug as "place_slug?",
                      coalesce(l.emblem, '') as "emblem!", p.time_zone, p.member_id, m.name as member_name,
                      m.email as member_email, c.name as "company?", c.slug as "company_slug?", p.purchase_order, lower(p.valid) as "first!", upper(p.valid) - 1 as "last!", p.days,
                      (select count(distinct d.on_date) from pass_days d join bookings b on b.id = d.booking_id
                       where d.pass_id = p.id and (d.active or d.kept)
                         and (b.status <> 'held' or b.hold_expires_at > now())) as "drawn!",
                      p.price as "price: Json<Price>", p.total_cents, p.vat_cents, p.currency, p.terms_version,
                      p.created_at, p.cancelled_at
               from passes p
               join pass_products r on r.id = p.product_id
               join members m on m.id = p.member_id
               join accounts a on a.id = p.account_id
               left join companies c on c.id = a.company_id
               left join locations l on l.id = p.location_id
               where ($1::uuid is null or p.id = $1)
                 and ($2::text is null or p.reference = $2)
                 and ($3::uuid is null or p.member_id = $3)
                 and ($4::uuid is null or p.member_id = $4
                      or exists (select from company_people cp
                                 where cp.company_id = a.company_id and cp.member_id = $4 and cp.role = 'admin'))
               order by upper(p.valid) desc, p.id desc limit 200"#,
            filter.id.map(Id::get),
            filter.reference,
            filter.member.map(Id::get),
            filter.seen_by.map(Id::get),
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Pass {
                    id: row.id.into(),
                    reference: row.reference,
                    name: row.name,
                    product: row.product,
                    product_is_sold: row.product_is_sold,
                    place: row.place,
                    place_slug: row.place_slug,
                    emblem: row.emblem,
                    zone: Zone::named(&row.time_zone)?,
                    member: row.member_id.into(),
                    member_name: row.member_name,
                    member_email: row.member_email,
                    company: row.company,
                    company_slug: row.company_slug,
                    purchase_order: row.purchase_order,
                    first: row.first,
                    last: row.last,
                    days: row.days,
                    drawn: row.drawn,
                    price: row.price.0,
                    total: Money::cents(row.total_cents),
                    vat: Money::cents(row.vat_cents),
                    currency: row.currency,
                    terms_version: row.terms_version,
                    created_at: row.created_at,
                    cancelled_at: row.cancelled_at,
                })
            })
            .collect()
    }

    /// The days drawn, in order; what went back is left out.
    pub async fn days_drawn(&self, db: &mut PgConnection) -> Result<Vec<DayDrawn>> {
        let days = sqlx::query_as!(
            DayDrawn,
            r#"select d.on_date as date, b.reference, s.name as space, l.name as location, d.kept, b.status = 'held' as "held!"
               from pass_days d
               join bookings b on b.id = d.booking_id
               join spaces s on s.id = b.space_id
               join locations l on l.id = s.location_id
               where d.pass_id = $1 and (d.active or d.kept) and (b.status <> 'held' or b.hold_expires_at > now())
               order by d.on_date, lower(d.during)"#,
            self.id.get()
        )
        .fetch_all(db)
        .await?;
        Ok(days)
    }
}

#[derive(Default)]
struct Filter<'a> {
    id: Option<Id<Pass>>,
    reference: Option<&'a str>,
    member: Option<Id<Member>>,
    seen_by: Option<Id<Member>>,
}

/// Waits for the pass and reads it anew; its member is locked already.
async fn locked(tx: &mut PgConnection, id: Uuid) -> Result<Pass> {
    sqlx::query_scalar!("select id from passes where id = $1 for no key update", id)
        .fetch_one(&mut *tx)
        .await?;
    Pass::by_id(tx, id.into())
        .await?
        .ok_or(crate::error::Error::NotFound)
}

/// The version of the terms that a purchase accepts.
pub async fn terms_version(db: &mut PgConnection) -> Result<String> {
    let version = sqlx::query_scalar!("select terms_version from installation")
        .fetch_one(db)
        .await?;
    Ok(version)
}
