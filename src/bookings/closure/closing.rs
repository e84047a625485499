//! Closing, changing a closure, and reopening.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, postgres::types::PgRange};
use std::ops::Bound;
use thiserror::Error;
use uuid::Uuid;

use super::place::Place;
use crate::{
    audit,
    bookings::locks,
    error::{Error, Result},
    id::{self, Id},
    members::member::Member,
};

/// What staff say of a closure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub from: DateTime<Utc>,
    /// `None` while nobody knows.
    pub until: Option<DateTime<Utc>>,
    /// For the team.
    pub reason: String,
    /// For everybody.
    pub wording: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("Choose an end after the beginning, or leave it open.")]
    EndBeforeStart,
    #[error("Choose a beginning within the last day, or to come.")]
    LongAgo,
    #[error("It is over already: choose an end to come, or leave it open.")]
    Over,
    #[error("It has begun, so its beginning stays as it is.")]
    Begun,
    #[error("It was reopened already. Close it anew instead.")]
    Reopened,
    #[error(
        "Somebody changed this a moment ago. Here is what is there now: look it over and try again."
    )]
    Stale,
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(self) -> &'static str {
        match self {
            Refusal::EndBeforeStart => "end-before-start",
            Refusal::LongAgo => "long-ago",
            Refusal::Over => "over",
            Refusal::Begun => "begun",
            Refusal::Reopened => "reopened",
            Refusal::Stale => "stale",
        }
    }

    /// The form's field that it belongs to.
    pub fn field(self) -> &'static str {
        match self {
            Refusal::LongAgo | Refusal::Begun => "from_date",
            _ => "until_date",
        }
    }
}

impl Terms {
    fn check(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.until {
            Some(until) if until <= self.from => Err(Refusal::EndBeforeStart),
            Some(until) if until <= now => Err(Refusal::Over),
            _ => Ok(()),
        }
    }

    fn during(&self) -> PgRange<DateTime<Utc>> {
        PgRange {
            start: Bound::Included(self.from),
            end: self.until.map_or(Bound::Unbounded, Bound::Excluded),
        }
    }

    fn json(&self) -> Value {
        json!({"from": self.from, "until": self.until, "reason": self.reason, "wording": self.wording})
    }
}

/// From when this is committed no new booking gets in: whoever is booking at this moment is waited for, and
/// is then among those that the closure hits.
pub async fn close(
    tx: &mut PgConnection,
    by: Id<Member>,
    place: &Place,
    terms: &Terms,
    now: DateTime<Utc>,
) -> Result<Result<String, Refusal>> {
    if terms.from < now - Duration::days(1) {
        return Ok(Err(Refusal::LongAgo));
    }
    if let Err(refusal) = terms.check(now) {
        return Ok(Err(refusal));
    }
    locks::spaces_of(
        tx,
        place.location,
        place.part.floor(),
        place.part.zone(),
        place.part.space(),
    )
    .await?;
    let (id, reference) = (Uuid::now_v7(), free_reference(tx).await?);
    sqlx::query!(
        "insert into closures (id, reference, location_id, floor_id, zone_id, space_id, during, reason, wording, created_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        reference,
        place.location.get(),
        place.part.floor(),
        place.part.zone(),
        place.part.space(),
        terms.during(),
        terms.reason,
        terms.wording,
        by.get()
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({
        "reference": reference, "location": place.location_slug, "what": place.full_name(), "after": terms.json(),
    });
    audit::record(tx, Some(by.get()), "close", "closures", id, detail).await?;
    Ok(Ok(reference))
}

/// Says another time, reason or wording; what it hits from then on is on its worklist.
pub async fn change(
    tx: &mut PgConnection,
    by: Id<Member>,
    reference: &str,
    terms: &Terms,
    version: i32,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let was = match locked(tx, reference, version).await? {
        Ok(was) => was,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if was.terms.from <= now && terms.from != was.terms.from {
        return Ok(Err(Refusal::Begun));
    }
    if let Err(refusal) = terms.check(now) {
        return Ok(Err(refusal));
    }
    sqlx::query!(
        "update closures set during = $2, reason = $3, wording = $4, version = version + 1 where id = $1",
        was.id,
        terms.during(),
        terms.reason,
        terms.wording
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({
        "reference": reference, "location": was.location, "before": was.terms.json(), "after": terms.json(),
    });
    audit::record(
        tx,
        Some(by.get()),
        "change closure",
        "closures",
        was.id,
        detail,
    )
    .await?;
    Ok(Ok(()))
}

/// Takes bookings again from now on. What was done about the bookings it hit stays as it is.
pub async fn reopen(
    tx: &mut PgConnection,
    by: Id<Member>,
    reference: &str,
    version: i32,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let was = match locked(tx, reference, version).await? {
        Ok(was) => was,
        Err(refusal) => return Ok(Err(refusal)),
    };
    sqlx::query!(
        "update closures set reopened_at = $2, reopened_by = $3, version = version + 1 where id = $1",
        was.id,
        now,
        by.get()
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({
        "reference": reference, "location": was.location,
        "before": {"until": was.terms.until}, "after": {"until": now},
    });
    audit::record(tx, Some(by.get()), "reopen", "closures", was.id, detail).await?;
    Ok(Ok(()))
}

struct Locked {
    id: Uuid,
    location: String,
    terms: Terms,
}

/// With the spaces that it closes locked, before itself.
async fn locked(
    tx: &mut PgConnection,
    reference: &str,
    version: i32,
) -> Result<Result<Locked, Refusal>> {
    let place = sqlx::query!(
        "select location_id, floor_id, zone_id, space_id from closures where reference = $1",
        reference
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    locks::spaces_of(
        tx,
        place.location_id.into(),
        place.floor_id,
        place.zone_id,
        place.space_id,
    )
    .await?;
    let row = sqlx::query!(
        r#"select c.id, c.during, c.reason, c.wording, c.version, c.reopened_at, l.slug as location
           from closures c join locations l on l.id = c.location_id where c.reference = $1 for no key update of c"#,
        reference
    )
    .fetch_one(&mut *tx)
    .await?;
    if row.reopened_at.is_some() {
        return Ok(Err(Refusal::Reopened));
    }
    if row.version != version {
        return Ok(Err(Refusal::Stale));
    }
    let at = |bound: Bound<DateTime<Utc>>| match bound {
        Bound::Included(at) | Bound::Excluded(at) => Some(at),
        Bound::Unbounded => None,
    };
    Ok(Ok(Locked {
        id: row.id,
        location: row.location,
        terms: Terms {
            from: at(row.during.start).unwrap_or(DateTime::UNIX_EPOCH),
            until: at(row.during.end),
            reason: row.reason,
            wording: row.wording,
        },
    }))
}

async fn free_reference(tx: &mut PgConnection) -> Result<String> {
    loop {
        let reference = id::reference("CL-");
        let known = sqlx::query_scalar!("select 1 from closures where reference = $1", reference)
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_none() {
            return Ok(reference);
        }
    }
}
