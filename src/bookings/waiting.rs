//! What waits for a decision: times that are held, and requests to be granted.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};

use super::booking::Status;
use crate::{
    error::Result,
    id::Id,
    locations::location::Location,
    time::{Span, Zone},
};

/// A booking that waits, and for what.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub reference: String,
    pub zone: Zone,
    pub location: String,
    pub space: String,
    pub member: String,
    /// E.164.
    pub phone: Option<String>,
    pub during: Span,
    pub version: i32,
    /// When its hold ends.
    pub until: Option<DateTime<Utc>>,
}

impl Waiting {
    /// The holds that have not run out by the database's clock, those that end soonest first.
    pub async fn held(
        db: &mut PgConnection,
        location: Option<Id<Location>>,
    ) -> Result<Vec<Waiting>> {
        Self::of_status(db, Status::Held, location).await
    }

    /// The requests that nobody has decided, those that begin soonest first.
    pub async fn pending(
        db: &mut PgConnection,
        location: Option<Id<Location>>,
    ) -> Result<Vec<Waiting>> {
        Self::of_status(db, Status::Pending, location).await
    }

    async fn of_status(
        db: &mut PgConnection,
        status: Status,
        location: Option<Id<Location>>,
    ) -> Result<Vec<Waiting>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select b.reference, l.time_zone, l.name as location, s.name as space, case when b.channel = 'door' and b.created_by is null then 'At the door' else m.name end as "member!",
                      case when b.created_by is not null or b.channel <> 'door' then m.phone end as phone,
                      b.during as "during!", b.version, b.hold_expires_at as "until?"
               from bookings b
               join spaces s on s.id = b.space_id
               join locations l on l.id = s.location_id
               join members m on m.id = b.member_id
               where b.status = $2 and (b.hold_expires_at is null or b.hold_expires_at > now())
                 and ($1::uuid is null or l.id = $1)
               order by b.hold_expires_at, lower(b.during) limit 50"#,
            location.map(Id::get),
            status.key()
        )
        .fetch_all(db)
        .await?;
        rows.into_iter().map(Waiting::try_from).collect()
    }
}

struct Row {
    reference: String,
    time_zone: String,
    location: String,
    space: String,
    member: String,
    phone: Option<String>,
    during: PgRange<DateTime<Utc>>,
    version: i32,
    until: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Waiting {
    type Error = crate::error::Error;

    fn try_from(row: Row) -> Result<Waiting> {
        Ok(Waiting {
            zone: Zone::named(&row.time_zone)?,
            reference: row.reference,
            location: row.location,
            space: row.space,
            member: row.member,
            phone: row.phone,
            during: row.during.into(),
            version: row.version,
            until: row.until,
        })
    }
}
