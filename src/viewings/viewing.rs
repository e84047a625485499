//! A prospect's wish to see a location, from the first word to won or lost.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    members::member::Member,
    money::Money,
    spaces::space::Kind,
    time::{Span, Zone, long_date},
};

#[derive(Clone, Debug)]
pub struct Viewing {
    pub id: Id<Viewing>,
    pub reference: String,
    pub location: Id<Location>,
    pub place: String,
    pub place_slug: String,
    pub zone: Zone,
    pub status: Status,
    pub name: String,
    /// In lower case.
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub company: String,
    pub interests: Vec<Kind>,
    pub people: Option<i32>,
    /// From when they want to be here.
    pub starts_on: Option<NaiveDate>,
    pub term: Term,
    pub budget: Option<Money>,
    pub wished: Vec<DateTime<Utc>>,
    pub source: Source,
    pub broker: String,
    pub spam_reason: String,
    pub assignee: Option<Uuid>,
    pub assignee_name: Option<String>,
    pub next_action: String,
    pub next_on: Option<NaiveDate>,
    pub guide: Option<Uuid>,
    pub guide_name: Option<String>,
    pub guide_email: Option<String>,
    /// The visit, if one was ever agreed.
    pub during: Option<Span>,
    pub lost_reason: String,
    pub member: Option<Id<Member>>,
    pub company_id: Option<Uuid>,
    /// Grows with every change that calendars must follow.
    pub sequence: i32,
    pub told_sequence: Option<i32>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    /// Its person is forgotten; only the count stays.
    pub forgotten: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    New,
    Contacted,
    Scheduled,
    Toured,
    Proposal,
    Won,
    Lost,
    Later,
    NoShow,
    Spam,
}

impl Status {
    pub const ALL: [Status; 10] = [
        Status::New,
        Status::Contacted,
        Status::Scheduled,
        Status::Toured,
        Status::Proposal,
        Status::Won,
        Status::Lost,
        Status::Later,
        Status::NoShow,
        Status::Spam,
    ];

    /// Those that are being worked on, in the board's order.
    pub const WORKING: [Status; 5] = [
        Status::New,
        Status::Contacted,
        Status::Scheduled,
        Status::Toured,
        Status::Proposal,
    ];

    /// As the database, the API and addresses have it.
    pub fn key(self) -> &'static str {
        self.row().0
    }

    pub fn label(self) -> &'static str {
        self.row().1
    }

    /// The tag's, for `ui::tag`.
    pub fn tone(self) -> &'static str {
        self.row().2
    }

    pub fn named(key: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.key() == key)
    }

    pub fn is_working(self) -> bool {
        Status::WORKING.contains(&self)
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Status::New => ("new", "New", "now"),
            Status::Contacted => ("contacted", "Contacted", "sea"),
            Status::Scheduled => ("scheduled", "Scheduled", "sea"),
            Status::Toured => ("toured", "Toured", "sea"),
            Status::Proposal => ("proposal", "Proposal", "warn"),
            Status::Won => ("won", "Won", "ok"),
            Status::Lost => ("lost", "Lost", ""),
            Status::Later => ("later", "Later", ""),
            Status::NoShow => ("no_show", "No-show", "bad"),
            Status::Spam => ("spam", "Spam", ""),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Source {
    Web,
    Phone,
    Whatsapp,
    WalkIn,
    Broker,
}

impl Source {
    pub const ALL: [Source; 5] = [
        Source::Web,
        Source::Phone,
        Source::Whatsapp,
        Source::WalkIn,
        Source::Broker,
    ];

    pub fn key(self) -> &'static str {
        self.row().0
    }

    pub fn label(self) -> &'static str {
        self.row().1
    }

    pub fn named(key: &str) -> Option<Source> {
        Source::ALL.into_iter().find(|source| source.key() == key)
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Source::Web => ("web", "Website"),
            Source::Phone => ("phone", "Phone"),
            Source::Whatsapp => ("whatsapp", "WhatsApp"),
            Source::WalkIn => ("walk_in", "Walk-in"),
            Source::Broker => ("broker", "Broker"),
        }
    }
}

/// For how long they want to be here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Term {
    #[default]
    #[sqlx(rename = "")]
    Unsaid,
    NowAndThen,
    ByTheMonth,
    HalfAYear,
}

impl Term {
    pub const ALL: [Term; 4] = [
        Term::Unsaid,
        Term::NowAndThen,
        Term::ByTheMonth,
        Term::HalfAYear,
    ];

    pub fn key(self) -> &'static str {
        self.row().0
    }

    pub fn label(self) -> &'static str {
        self.row().1
    }

    pub fn named(key: &str) -> Option<Term> {
        Term::ALL.into_iter().find(|term| term.key() == key)
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Term::Unsaid => ("", "Not said"),
            Term::NowAndThen => ("now_and_then", "Now and then"),
            Term::ByTheMonth => ("by_the_month", "Month by month"),
            Term::HalfAYear => ("half_a_year", "Six months or longer"),
        }
    }
}

/// Which viewings to read; what is left out is not asked.
#[derive(Clone, Debug, Default)]
pub struct Which<'a> {
    pub id: Option<Id<Viewing>>,
    pub reference: Option<&'a str>,
    pub location: Option<Id<Location>>,
    pub statuses: &'a [Status],
    /// 0 for all of them.
    pub most: i64,
}

impl Viewing {
    /// The ones changed last first.
    pub async fn list(db: &mut PgConnection, which: Which<'_>) -> Result<Vec<Viewing>> {
        let statuses: Vec<String> = (which.statuses.iter())
            .map(|status| status.key().to_owned())
            .collect();
        let rows = sqlx::query_as!(
            Row,
            r#"select v.id, v.reference, v.location_id, l.name as place, l.slug as place_slug, l.time_zone,
                   v.status as "status: Status", v.name, v.email, v.phone, v.company, v.interests, v.people,
                   v.starts_on, v.term as "term: Term", v.budget_cents, v.wished, v.source as "source: Source",
                   v.broker, v.spam_reason, v.assignee_id, a.name as "assignee_name?", v.next_action, v.next_on,
                   v.guide_id, g.name as "guide_name?", g.email as guide_email, v.during, v.lost_reason,
                   v.member_id, v.company_id, v.sequence, v.told_sequence, v.version, v.created_at, v.changed_at,
                   v.forgotten_at is not null as "forgotten!"
               from viewings v join locations l on l.id = v.location_id
                   left join members a on a.id = v.assignee_id left join members g on g.id = v.guide_id
               where ($1::uuid is null or v.id = $1) and ($2::text is null or v.reference = $2)
                 and ($3::uuid is null or v.location_id = $3)
                 and (cardinality($4::text[]) = 0 or v.status = any($4))
               order by v.changed_at desc, v.id desc limit nullif($5::bigint, 0)"#,
            which.id.map(Id::get),
            which.reference,
            which.location.map(Id::get),
            &statuses,
            which.most
        )
        .fetch_all(db)
        .await?;
        rows.into_iter().map(Viewing::try_from).collect()
    }

    pub async fn by_id(db: &mut PgConnection, id: Id<Viewing>) -> Result<Option<Viewing>> {
        let which = Which {
            id: Some(id),
            ..Which::default()
        };
        Ok(Viewing::list(db, which).await?.pop())
    }

    /// `NotFound` if there is none, or its person is forgotten.
    pub async fn find(db: &mut PgConnection, reference: &str) -> Result<Viewing> {
        let which = Which {
            reference: Some(reference),
            ..Which::default()
        };
        let found = Viewing::list(db, which).await?.pop();
        found
            .filter(|viewing| !viewing.forgotten)
            .ok_or(Error::NotFound)
    }

    /// How many there are of each status, at a location or everywhere.
    pub async fn counts(
        db: &mut PgConnection,
        location: Option<Id<Location>>,
    ) -> Result<BTreeMap<Status, usize>> {
        let rows = sqlx::query!(
            r#"select status as "status: Status", count(*) as "count!" from viewings
               where forgotten_at is null and ($1::uuid is null or location_id = $1) group by status"#,
            location.map(Id::get)
        )
        .fetch_all(db)
        .await?;
        let rows = rows.into_iter();
        Ok(rows.map(|row| (row.status, row.count as usize)).collect())
    }

    /// The staff's page of it.
    pub fn url(&self) -> String {
        format!("/admin/viewings/{}", self.reference)
    }

    /// `Tue 24 November, 09:00–09:30`
    pub fn when(&self, now: DateTime<Utc>) -> Option<String> {
        let span = self.during?;
        let today = self.zone.date(now);
        let date = long_date(self.zone.date(span.from), today);
        Some(format!("{date}, {}", self.zone.range(span, today)))
    }

    /// `Tue 24 November, 09:00`
    pub fn moment(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let date = long_date(self.zone.date(at), self.zone.date(now));
        format!("{date}, {}", self.zone.clock(at))
    }

    /// `Hot desk, office · 4 people · from 1 December`
    pub fn wants(&self, now: DateTime<Utc>) -> String {
        let mut kinds: Vec<String> = (self.interests.iter())
            .map(|kind| kind.label().to_lowercase())
            .collect();
        if let Some(first) = kinds.first_mut() {
            first[..1].make_ascii_uppercase();
        }
        let kinds = Some(kinds.join(", ")).filter(|kinds| !kinds.is_empty());
        let people = self.people.map(|people| match people {
            1 => "1 person".to_owned(),
            people => format!("{people} people"),
        });
        let start = self
            .starts_on
            .map(|date| format!("from {}", long_date(date, self.zone.date(now))));
        let parts: Vec<String> = [kinds, people, start].into_iter().flatten().collect();
        parts.join(" · ")
    }

    /// What was to be done by today or before, and has not been.
    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        let late = self.next_on.is_some_and(|date| date < self.zone.date(now));
        late && (self.status.is_working() || self.status == Status::Later)
    }
}

struct Row {
    id: Uuid,
    reference: String,
    location_id: Uuid,
    place: String,
    place_slug: String,
    time_zone: String,
    status: Status,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    company: String,
    interests: Vec<String>,
    people: Option<i32>,
    starts_on: Option<NaiveDate>,
    term: Term,
    budget_cents: Option<i64>,
    wished: Vec<DateTime<Utc>>,
    source: Source,
    broker: String,
    spam_reason: String,
    assignee_id: Option<Uuid>,
    assignee_name: Option<String>,
    next_action: String,
    next_on: Option<NaiveDate>,
    guide_id: Option<Uuid>,
    guide_name: Option<String>,
    guide_email: Option<String>,
    during: Option<PgRange<DateTime<Utc>>>,
    lost_reason: String,
    member_id: Option<Uuid>,
    company_id: Option<Uuid>,
    sequence: i32,
    told_sequence: Option<i32>,
    version: i32,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    forgotten: bool,
}

impl TryFrom<Row> for Viewing {
    type Error = Error;

    fn try_from(row: Row) -> Result<Viewing> {
        Ok(Viewing {
            id: row.id.into(),
            reference: row.reference,
            location: row.location_id.into(),
            place: row.place,
            place_slug: row.place_slug,
            zone: Zone::named(&row.time_zone)?,
            status: row.status,
            name: row.name,
            email: row.email,
            phone: row.phone,
            company: row.company,
            interests: (row.interests.iter())
                .filter_map(|kind| kind.parse().ok())
                .collect(),
            people: row.people,
            starts_on: row.starts_on,
            term: row.term,
            budget: row.budget_cents.map(Money::cents),
            wished: row.wished,
            source: row.source,
            broker: row.broker,
            spam_reason: row.spam_reason,
            assignee: row.assignee_id,
            assignee_name: row.assignee_name,
            next_action: row.next_action,
            next_on: row.next_on,
            guide: row.guide_id,
            guide_name: row.guide_name,
            guide_email: row.guide_email,
            during: row.during.map(Span::from),
            lost_reason: row.lost_reason,
            member: row.member_id.map(Id::from),
            company_id: row.company_id,
            sequence: row.sequence,
            told_sequence: row.told_sequence,
            version: row.version,
            created_at: row.created_at,
            changed_at: row.changed_at,
            forgotten: row.forgotten,
        })
    }
}
