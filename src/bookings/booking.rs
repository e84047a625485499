//! A person's right to a space for a time: how it is read.

mod reading;

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use self::reading::Filter;
use super::{
    extras::ordered::Ordered,
    policy::{Cancellation, Overrun},
    series::Series,
    term::Term,
};
use crate::{
    billing::{
        pass::days::Draw,
        quote::{Line, Quote, vat_label},
    },
    error::Result,
    id::Id,
    locations::location::Location,
    members::member::Member,
    money::Money,
    spaces::{
        layout::Layout,
        space::{Kind, Space},
    },
    time::{Span, Zone, long_date},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Held,
    Pending,
    Confirmed,
    CheckedIn,
    Completed,
    Cancelled,
    Declined,
    Expired,
    NoShow,
}

impl Status {
    const ALL: [(Status, &'static str, &'static str); 9] = [
        (Status::Held, "held", "Held"),
        (Status::Pending, "pending", "Waiting for approval"),
        (Status::Confirmed, "confirmed", "Confirmed"),
        (Status::CheckedIn, "checked_in", "Checked in"),
        (Status::Completed, "completed", "Completed"),
        (Status::Cancelled, "cancelled", "Cancelled"),
        (Status::Declined, "declined", "Declined"),
        (Status::Expired, "expired", "Expired"),
        (Status::NoShow, "no_show", "Not used"),
    ];

    /// As the database and the API have it.
    pub fn key(self) -> &'static str {
        self.row().1
    }

    pub fn label(self) -> &'static str {
        self.row().2
    }

    /// An error means that another version of the program wrote it.
    pub fn named(key: &str) -> Result<Status> {
        let row = Self::ALL.iter().find(|(_, known, _)| *known == key);
        Ok(row
            .map(|row| row.0)
            .ok_or_else(|| anyhow::anyhow!("unknown booking status {key:?}"))?)
    }

    fn row(self) -> &'static (Status, &'static str, &'static str) {
        &Self::ALL[self as usize]
    }
}

/// The price as it was agreed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Price {
    pub lines: Vec<Line>,
    pub vat_basis_points: i64,
    pub reason: Option<String>,
    /// The part of it that is for what was given up too late.
    #[serde(default)]
    pub late: Money,
    /// What cancelling keeps at least: what it kept when the booking was last moved.
    #[serde(default)]
    pub at_least: Money,
    /// Those of the lines that are for extras.
    #[serde(default)]
    pub extras: Vec<Line>,
    /// That somebody stayed past the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overran: Option<Overran>,
}

/// How long somebody stayed past the end, and the part of the price that is for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overran {
    pub until: DateTime<Utc>,
    pub cents: Money,
}

impl From<&Quote> for Price {
    fn from(quote: &Quote) -> Self {
        Price {
            lines: quote.lines.clone(),
            vat_basis_points: quote.vat_basis_points,
            reason: quote.reason.clone(),
            extras: quote.extras.clone(),
            ..Price::default()
        }
    }
}

#[derive(Clone, Debug)]
pub struct Booking {
    pub id: Id<Booking>,
    pub reference: String,
    pub space_id: Uuid,
    pub space: String,
    pub space_slug: String,
    pub kind: Kind,
    pub floor: String,
    pub location_id: Id<Location>,
    pub location: String,
    pub location_slug: String,
    pub emblem: String,
    pub zone: Zone,
    pub member: Id<Member>,
    pub member_name: String,
    pub member_email: Option<String>,
    /// E.164.
    pub member_phone: Option<String>,
    /// The member of whom we know that they made it; `None` while a newcomer's hold is unproven.
    pub created_by: Option<Id<Member>>,
    /// The colleague who booked it for its member.
    pub booked_by: Option<String>,
    pub term: Term,
    pub during: Span,
    pub people: i32,
    pub layout: Option<Layout>,
    pub title: String,
    /// To the team.
    pub notes: String,
    /// Whom to call on the day.
    pub contact_name: String,
    /// E.164.
    pub contact_phone: Option<String>,
    /// The company that pays; `None` when the member does.
    pub company: Option<String>,
    pub company_slug: Option<String>,
    pub purchase_order: String,
    pub status: Status,
    pub hold_expires_at: Option<DateTime<Utc>>,
    pub hold_extended: bool,
    /// Held for somebody who has yet to decide, and not at the checkout.
    pub first_refusal: bool,
    /// A hold or a request that has not run out, by the database's clock.
    pub holds: bool,
    /// It was confirmed once, so its price was charged.
    pub charged: bool,
    pub price: Price,
    pub total: Money,
    pub vat: Money,
    pub currency: String,
    pub cancellation: Cancellation,
    /// `None` where staying past the end costs nothing.
    pub overrun: Option<Overrun>,
    /// The version of the terms that it was made under.
    pub terms_version: String,
    /// What was kept when it was cancelled.
    pub kept: Option<Money>,
    /// Grows with every change that calendars must follow.
    pub sequence: i32,
    /// Grows with every change.
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
    pub arrived_at: Option<DateTime<Utc>>,
    /// Before the end.
    pub left_at: Option<DateTime<Utc>>,
    /// Others may have asked for the same time, till one of them is approved.
    pub competes: bool,
    /// What whoever decided on the request said to it.
    pub decision_note: String,
    /// When it was said that nobody came.
    pub missed_at: Option<DateTime<Utc>>,
    /// The days of passes it draws on.
    pub drawn: Vec<Drawn>,
    pub extras: Vec<Ordered>,
    /// The reference of the series that it is a date of.
    pub series: Option<String>,
}

/// A day of a pass that a booking draws on.
#[derive(Clone, Debug, Deserialize)]
pub struct Drawn {
    pub date: NaiveDate,
    /// The pass's.
    pub reference: String,
    pub name: String,
    pub begins: DateTime<Utc>,
    /// False once it has gone back.
    pub spent: bool,
    /// It stays drawn whatever becomes of the booking.
    #[serde(default)]
    pub kept: bool,
}

/// What cancelling costs: money, and days of passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consequence {
    pub kept: Money,
    pub days: usize,
}

impl Consequence {
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    pub fn is_worse_than(self, shown: Consequence) -> bool {
        self.kept > shown.kept || self.days > shown.days
    }
}

/// `R110`, `1 day of your pass`, or both.
impl fmt::Display for Consequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = match self.days {
            1 => "1 day of your pass".to_owned(),
            days => format!("{days} days of your pass"),
        };
        match (self.days, self.kept.is_zero()) {
            (0, _) => self.kept.fmt(f),
            (_, true) => f.write_str(&days),
            (_, false) => write!(f, "{} and {days}", self.kept),
        }
    }
}

impl Booking {
    pub fn url(&self) -> String {
        format!("/bookings/{}", self.reference)
    }

    pub fn vat_label(&self) -> String {
        vat_label(self.price.vat_basis_points)
    }

    /// `Tue 24 November, 09:00–11:30`, or the days.
    pub fn when(&self, now: DateTime<Utc>) -> String {
        self.term.words(self.zone, self.zone.date(now))
    }

    /// `Mon 23 November 09:00`: until when cancelling is free, unless that has passed.
    pub fn free_until(&self, now: DateTime<Utc>) -> Option<String> {
        let until = self
            .cancellation
            .free_until(self.during.from)
            .filter(|until| now <= *until)?;
        Some(format!(
            "{} {}",
            long_date(self.zone.date(until), self.zone.date(now)),
            self.zone.clock(until)
        ))
    }

    /// At the price, and with the passes, of a quote.
    pub fn priced(self, quote: &Quote) -> Booking {
        let drawn = |draw: &Draw| Drawn {
            date: draw.date,
            reference: draw.reference.clone(),
            name: draw.name.clone(),
            begins: draw.during.from,
            spent: true,
            kept: false,
        };
        Booking {
            price: Price::from(quote),
            total: quote.total,
            vat: quote.vat,
            drawn: quote.draws.iter().map(drawn).collect(),
            ..self
        }
    }

    /// What cancelling at `now` would keep.
    pub fn kept_at(&self, now: DateTime<Utc>) -> Money {
        if !self.charged {
            return Money::ZERO;
        }
        let Price { late, at_least, .. } = self.price;
        let rest = self.total - late;
        let kept = late + self.cancellation.kept(rest, self.during.from, now);
        kept.max(at_least)
    }

    /// What cancelling at `now` would cost; days of a pass stay drawn from their own free time on.
    pub fn consequence_at(&self, now: DateTime<Utc>) -> Consequence {
        Consequence {
            kept: self.kept_at(now),
            days: self.spent_for_good(now).count(),
        }
    }

    /// The days of passes that are not given back any more.
    pub fn spent_for_good(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Drawn> {
        let late = move |day: &&Drawn| {
            let free_until = self.cancellation.free_until(day.begins);
            day.spent && (day.kept || free_until.is_none_or(|until| until < now))
        };
        let is_firm = self.charged;
        self.drawn.iter().filter(late).filter(move |_| is_firm)
    }

    /// A hold or a request, which has run out though nobody has tidied it, or has been.
    pub fn has_run_out(&self) -> bool {
        matches!(
            self.status,
            Status::Held | Status::Pending | Status::Expired
        ) && !self.holds
    }

    /// A hold at any time, anything else until it begins: its member may cancel it.
    pub fn can_be_cancelled(&self, now: DateTime<Utc>) -> bool {
        match self.status {
            Status::Held => true,
            Status::Pending | Status::Confirmed => now < self.during.from && !self.has_run_out(),
            _ => false,
        }
    }

    /// Its member may change it, once it has begun its end alone.
    pub fn can_be_moved(&self, now: DateTime<Utc>) -> bool {
        matches!(
            self.status,
            Status::Pending | Status::Confirmed | Status::CheckedIn
        ) && now < self.during.until
            && !self.has_run_out()
    }

    /// One's own, those that one booked for a colleague, those of a company whose admin one is, or any for staff; anything else is
    /// not there.
    pub async fn seen_by(
        db: &mut PgConnection,
        member: Id<Member>,
        is_staff: bool,
        reference: &str,
    ) -> Result<Option<Booking>> {
        let found = Self::by_reference(&mut *db, &reference.to_uppercase()).await?;
        match found {
            Some(booking) if is_staff || booking.is_run_by(db, member).await? => Ok(Some(booking)),
            _ => Ok(None),
        }
    }

    /// One's own, or paid by a company whose admin one is, or booked for a colleague at its expense while one may.
    pub async fn is_run_by(&self, db: &mut PgConnection, member: Id<Member>) -> Result<bool> {
        if self.belongs_to(member) {
            return Ok(true);
        }
        let Some(slug) = &self.company_slug else {
            return Ok(false);
        };
        let is_admin = sqlx::query_scalar!(
            r#"select exists (select from company_people p join companies c on c.id = p.company_id
                              where c.slug = $1 and p.member_id = $2
                                and (p.role = 'admin' or p.role = 'booker' and $3)) as "is!""#,
            slug,
            member.get(),
            self.created_by == Some(member)
        )
        .fetch_one(db)
        .await?;
        Ok(is_admin)
    }

    /// One's own, and those paid by a company whose admin one is.
    pub async fn changeable_by(
        db: &mut PgConnection,
        member: Id<Member>,
        reference: &str,
    ) -> Result<Option<Booking>> {
        Self::seen_by(db, member, false, reference).await
    }

    /// An unproven hold made in somebody's name is theirs to see only through the link in their mail.
    fn belongs_to(&self, member: Id<Member>) -> bool {
        self.member == member && self.created_by.is_some()
    }

    pub async fn by_ids(db: &mut PgConnection, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Booking>> {
        let filter = Filter {
            ids: Some(ids),
            most: i64::try_from(ids.len()).unwrap_or(i64::MAX),
            ..Filter::default()
        };
        let found = Self::read(db, filter).await?.into_iter();
        Ok(found.map(|booking| (booking.id.get(), booking)).collect())
    }

    /// All dates of a series, whatever became of them.
    pub async fn of_series(db: &mut PgConnection, series: Id<Series>) -> Result<Vec<Booking>> {
        let filter = Filter {
            series: Some(series),
            most: 1000,
            ..Filter::default()
        };
        Self::read(db, filter).await
    }

    /// What others have booked at the expense of an admin's companies, and what somebody has booked for colleagues, as
    /// far as it ends after `since`, earliest first.
    pub async fn of_companies(
        db: &mut PgConnection,
        admin: Id<Member>,
        since: DateTime<Utc>,
    ) -> Result<Vec<Booking>> {
        Self::read(
            db,
            Filter {
                admin: Some(admin),
                ends_after: Some(since),
                most: 200,
                ..Filter::default()
            },
        )
        .await
    }

    /// What was booked by anybody at the expense of an admin's companies and has ended, as `past` has a
    /// member's own.
    pub async fn past_of_companies(
        db: &mut PgConnection,
        admin: Id<Member>,
        after: Option<&str>,
        most: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Booking>> {
        Self::read(
            db,
            Filter {
                admin: Some(admin),
                ends_by: Some(now),
                after,
                most,
                ..Filter::default()
            },
        )
        .await
    }

    /// A member's bookings that have ended, the last to end first, `most` at a time: those that come
    /// after the one with the reference `after`, or all from the first on.
    pub async fn past(
        db: &mut PgConnection,
        member: Id<Member>,
        after: Option<&str>,
        most: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Booking>> {
        Self::read(
            db,
            Filter {
                member: Some(member),
                ends_by: Some(now),
                after,
                most,
                ..Filter::default()
            },
        )
        .await
    }

    /// A member's, or a space's, that end after `since`, earliest first, as calendars take them.
    pub async fn for_calendar(
        db: &mut PgConnection,
        member: Option<Id<Member>>,
        space: Option<Id<Space>>,
        since: DateTime<Utc>,
    ) -> Result<Vec<Booking>> {
        Self::read(
            db,
            Filter {
                member,
                space,
                ends_after: Some(since),
                most: 2000,
                ..Filter::default()
            },
        )
        .await
    }
}
