//! One bookable thing: a hot desk, a meeting room or an office.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::layout::Layout;
use crate::{
    bookings::{
        limit::Limit,
        policy::{Cancellation, Policy},
    },
    error::{Error, Result},
    id::Id,
    locations::location::Location,
};

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    HotDesk,
    MeetingRoom,
    Office,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::HotDesk, Kind::MeetingRoom, Kind::Office];

    /// As the database, the API and addresses have it.
    pub fn key(self) -> &'static str {
        match self {
            Kind::HotDesk => "hot_desk",
            Kind::MeetingRoom => "meeting_room",
            Kind::Office => "office",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Kind::HotDesk => "Hot desk",
            Kind::MeetingRoom => "Meeting room",
            Kind::Office => "Office",
        }
    }

    pub fn plural(self) -> &'static str {
        match self {
            Kind::HotDesk => "Hot desks",
            Kind::MeetingRoom => "Meeting rooms",
            Kind::Office => "Offices",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.key() == text)
            .ok_or_else(|| "Choose hot_desk, meeting_room or office.".to_owned())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    /// Booked by staff only, and shown to nobody else.
    Hidden,
    OutOfOrder,
    Retired,
}

#[derive(Clone, Debug)]
pub struct Space {
    pub id: Id<Space>,
    pub location: Id<Location>,
    pub floor: Uuid,
    pub floor_name: String,
    pub zone: Option<Uuid>,
    pub slug: String,
    pub name: String,
    pub kind: Kind,
    pub seats: i32,
    /// Seats for each way of setting a room up; empty where there is only one. `seats` is the most of them.
    pub layouts: BTreeMap<Layout, i32>,
    pub amenities: Vec<String>,
    pub summary: String,
    pub status: Status,
    pub policy_id: Uuid,
    pub policy: Policy,
}

/// Which spaces to read.
#[derive(Clone, Debug, Default)]
pub struct Which<'a> {
    pub id: Option<Id<Space>>,
    pub slug: Option<&'a str>,
    pub location: Option<Id<Location>>,
    pub kind: Option<Kind>,
    pub people: i32,
    pub audience: Audience,
}

/// Whom spaces are read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Everybody: what can be seen at open locations.
    #[default]
    People,
    /// The front desk, which books hidden ones for people.
    Desk,
    /// Whoever looks after them: all there are, whatever their status and their location's.
    Keepers,
}

impl Audience {
    pub fn of(is_staff: bool) -> Audience {
        if is_staff {
            Audience::Desk
        } else {
            Audience::People
        }
    }
}

impl Space {
    /// One for whoever looks after it, also one that people do not see; anything else is not there.
    pub async fn kept(db: &mut PgConnection, slug: &str) -> Result<Space> {
        let which = Which {
            slug: Some(slug),
            audience: Audience::Keepers,
            ..Which::default()
        };
        let found = Self::list(db, which).await?.pop();
        found.ok_or(Error::NotFound)
    }

    /// The spaces that the audience may see, in the house's order.
    pub async fn list(db: &mut PgConnection, which: Which<'_>) -> Result<Vec<Space>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select s.id, s.location_id, s.floor_id, f.name as floor_name, s.zone_id, s.slug, s.name, s.kind, s.seats,
                      s.layouts as "layouts: Json<BTreeMap<Layout, i32>>", s.amenities, s.summary, s.status,
                      s.policy_id, p.step_minutes, p.min_minutes, p.max_minutes, p.notice_minutes, p.max_advance_days, p.by_time,
                      p.by_day, p.by_week, p.by_month, p.setup_minutes, p.turnaround_minutes, p.max_at_once,
                      p.limits as "limits: Json<Vec<Limit>>", p.approval, p.compete, p.offer_minutes, p.overrun_minutes,
                      p.first_refusal_days,
                      p.cancellation as "cancellation: Json<Cancellation>"
               from spaces s
               join locations l on l.id = s.location_id
               join floors f on f.id = s.floor_id
               join booking_policies p on p.id = s.policy_id
               where ($6 or l.status = 'open' and (s.status in ('active', 'out_of_order') or $7 and s.status = 'hidden'))
                 and ($1::uuid is null or s.id = $1)
                 and ($2::text is null or s.slug = $2)
                 and ($3::uuid is null or s.location_id = $3)
                 and ($4::text is null or s.kind = $4)
                 and s.seats >= $5
               order by l.position, s.kind, s.position, s.name"#,
            which.id.map(Id::get),
            which.slug,
            which.location.map(Id::get),
            which.kind.map(Kind::key),
            which.people,
            which.audience == Audience::Keepers,
            which.audience == Audience::Desk,
        )
        .fetch_all(db)
        .await?;
        rows.into_iter().map(Space::try_from).collect()
    }

    /// One that everybody may see.
    pub async fn find(db: &mut PgConnection, slug: &str) -> Result<Option<Space>> {
        Self::find_for(db, slug, Audience::People).await
    }

    pub async fn find_for(
        db: &mut PgConnection,
        slug: &str,
        audience: Audience,
    ) -> Result<Option<Space>> {
        let which = Which {
            slug: Some(slug),
            audience,
            ..Which::default()
        };
        Ok(Self::list(db, which).await?.pop())
    }

    pub fn is_hidden(&self) -> bool {
        self.status == Status::Hidden
    }
}

impl Space {
    /// The layout that is meant: the one that was said, or the first that seats so many, the
    /// boardroom's table before rows of chairs.
    pub fn layout_for(&self, people: i32, said: Option<Layout>) -> Option<Layout> {
        let mut fitting = self.layouts.iter().filter(|(_, seats)| **seats >= people);
        said.or_else(|| fitting.next().map(|(layout, _)| *layout))
    }
}

struct Row {
    id: Uuid,
    location_id: Uuid,
    floor_id: Uuid,
    floor_name: String,
    zone_id: Option<Uuid>,
    slug: String,
    name: String,
    kind: String,
    seats: i32,
    layouts: Json<BTreeMap<Layout, i32>>,
    amenities: Vec<String>,
    summary: String,
    status: String,
    policy_id: Uuid,
    step_minutes: i32,
    min_minutes: i32,
    max_minutes: i32,
    notice_minutes: i32,
    max_advance_days: i32,
    by_time: bool,
    by_day: bool,
    by_week: bool,
    by_month: bool,
    setup_minutes: i32,
    turnaround_minutes: i32,
    max_at_once: Option<i32>,
    limits: Json<Vec<Limit>>,
    approval: bool,
    compete: bool,
    offer_minutes: i32,
    overrun_minutes: Option<i32>,
    first_refusal_days: i32,
    cancellation: Json<Cancellation>,
}

impl TryFrom<Row> for Space {
    type Error = crate::error::Error;

    fn try_from(row: Row) -> Result<Space> {
        Ok(Space {
            id: row.id.into(),
            location: row.location_id.into(),
            floor: row.floor_id,
            floor_name: row.floor_name,
            zone: row.zone_id,
            slug: row.slug,
            name: row.name,
            kind: row.kind.parse().map_err(anyhow::Error::msg)?,
            seats: row.seats,
            layouts: row.layouts.0,
            amenities: row.amenities,
            summary: row.summary,
            status: match row.status.as_str() {
                "active" => Status::Active,
                "hidden" => Status::Hidden,
                "out_of_order" => Status::OutOfOrder,
                _ => Status::Retired,
            },
            policy_id: row.policy_id,
            policy: Policy {
                step_minutes: row.step_minutes.into(),
                min_minutes: row.min_minutes.into(),
                max_minutes: row.max_minutes.into(),
                notice_minutes: row.notice_minutes.into(),
                max_advance_days: row.max_advance_days.into(),
                by_time: row.by_time,
                by_day: row.by_day,
                by_week: row.by_week,
                by_month: row.by_month,
                setup_minutes: row.setup_minutes.into(),
                turnaround_minutes: row.turnaround_minutes.into(),
                max_at_once: row.max_at_once.map(|most| most as usize),
                limits: row.limits.0,
                approval: row.approval,
                compete: row.compete,
                offer_minutes: row.offer_minutes.into(),
                overrun_minutes: row.overrun_minutes.map(i64::from),
                first_refusal_days: row.first_refusal_days.unsigned_abs() as usize,
                cancellation: row.cancellation.0,
            },
        })
    }
}
