//! A closure as staff see it.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    time::{Span, Zone},
};

#[derive(Clone, Debug)]
pub struct Record {
    pub id: Uuid,
    pub reference: String,
    pub location: Id<Location>,
    pub location_name: String,
    pub location_slug: String,
    pub zone: Zone,
    /// `Pier`, `Level 1, Window side`, or `All of Musgrave`.
    pub what: String,
    /// The page of the one space, or of the location, where people read of it.
    pub seen_at: String,
    /// As it was meant; an open end reaches to the end of time.
    pub during: Span,
    pub reopened_at: Option<DateTime<Utc>>,
    pub reopened_by: Option<String>,
    pub reason: String,
    pub wording: String,
    pub created_at: DateTime<Utc>,
    pub created_by: Option<String>,
    pub version: i32,
    /// How many bookings it hits that nobody has seen to.
    pub waiting: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    Running,
    Coming,
    Over,
}

impl Record {
    pub fn url(&self) -> String {
        format!("/admin/closures/{}", self.reference)
    }

    pub fn stage(&self, now: DateTime<Utc>) -> Stage {
        if self.reopened_at.is_some() || self.during.until <= now {
            Stage::Over
        } else if self.during.from <= now {
            Stage::Running
        } else {
            Stage::Coming
        }
    }

    /// `None` while nobody knows.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        (self.during.until != DateTime::<Utc>::MAX_UTC).then_some(self.during.until)
    }

    /// Running and coming ones, the first to begin first, then the last fifty that are over.
    pub async fn list(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Record>> {
        let mut records = Self::read(db, None, now).await?;
        records.sort_by_key(|record| record.stage(now));
        let live = records
            .iter()
            .filter(|record| record.stage(now) != Stage::Over)
            .count();
        records[live..].sort_by_key(|record| std::cmp::Reverse(record.during.from));
        records.truncate(live + 50);
        Ok(records)
    }

    pub async fn find(
        db: &mut PgConnection,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<Record> {
        let found = Self::read(db, Some(&reference.to_uppercase()), now).await?;
        found.into_iter().next().ok_or(Error::NotFound)
    }

    async fn read(
        db: &mut PgConnection,
        reference: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Record>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select c.id, c.reference, c.location_id as location, l.name as location_name, l.slug as location_slug, l.time_zone,
                      coalesce(s.name, f.name || coalesce(', ' || z.name, ''), 'All of ' || l.name) as "what!",
                      s.slug as "space?", c.during, c.reopened_at, r.name as "reopened_by?", c.reason, c.wording,
                      c.created_at, m.name as "created_by?", c.version,
                      case when upper(c.in_force) is null or upper(c.in_force) > $2 then
                          (select count(*) from closure_hits h where h.closure_id = c.id and h.outcome is null and h.until > $2)
                      else 0 end as "waiting!"
               from closures c
               join locations l on l.id = c.location_id
               left join spaces s on s.id = c.space_id
               left join zones z on z.id = c.zone_id
               left join floors f on f.id = coalesce(c.floor_id, z.floor_id)
               left join members m on m.id = c.created_by
               left join members r on r.id = c.reopened_by
               where $1::text is null or c.reference = $1
               order by lower(c.during) desc, c.id
               limit 500"#,
            reference,
            now
        )
        .fetch_all(db)
        .await?;
        let mut records = rows
            .into_iter()
            .map(Record::try_from)
            .collect::<Result<Vec<_>>>()?;
        records.reverse();
        Ok(records)
    }
}

struct Row {
    id: Uuid,
    reference: String,
    location: Uuid,
    location_name: String,
    location_slug: String,
    time_zone: String,
    what: String,
    space: Option<String>,
    during: PgRange<DateTime<Utc>>,
    reopened_at: Option<DateTime<Utc>>,
    reopened_by: Option<String>,
    reason: String,
    wording: String,
    created_at: DateTime<Utc>,
    created_by: Option<String>,
    version: i32,
    waiting: i64,
}

impl TryFrom<Row> for Record {
    type Error = Error;

    fn try_from(row: Row) -> Result<Record> {
        Ok(Record {
            id: row.id,
            reference: row.reference,
            location: row.location.into(),
            seen_at: match row.space {
                Some(slug) => format!("/spaces/{slug}"),
                None => format!("/locations/{}", row.location_slug),
            },
            location_name: row.location_name,
            location_slug: row.location_slug,
            zone: Zone::named(&row.time_zone)?,
            what: row.what,
            during: row.during.into(),
            reopened_at: row.reopened_at,
            reopened_by: row.reopened_by,
            reason: row.reason,
            wording: row.wording,
            created_at: row.created_at,
            created_by: row.created_by,
            version: row.version,
            waiting: row.waiting,
        })
    }
}
