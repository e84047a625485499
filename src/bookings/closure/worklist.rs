//! The bookings that a closure hits, by their start: whom to call, and what is done about each.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::record::Record;
use crate::{
    audit,
    bookings::{
        booking::Booking,
        cancellation,
        change::{self, Pricing, Wanted, Way},
        term::{Term, Unit},
        undo,
    },
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    locations::location::Location,
    members::member::Member,
};

/// So long mails that staff cause wait, so that taking a step back sends nothing.
const SECOND_THOUGHTS: Duration = Duration::from_secs(120);

/// What was done about a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Outcome {
    Moved,
    Refunded,
    Told,
    Stays,
}

impl Outcome {
    pub const ALL: [Outcome; 4] = [
        Outcome::Moved,
        Outcome::Refunded,
        Outcome::Told,
        Outcome::Stays,
    ];

    /// As forms and the database have it.
    pub fn key(self) -> &'static str {
        match self {
            Outcome::Moved => "moved",
            Outcome::Refunded => "refunded",
            Outcome::Told => "told",
            Outcome::Stays => "stays",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Outcome::Moved => "Moved",
            Outcome::Refunded => "Refunded in full",
            Outcome::Told => "Told",
            Outcome::Stays => "Stays",
        }
    }

    pub fn named(key: &str) -> Option<Outcome> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("This booking is not hit by the closure any more. Here is what is there now.")]
    NotHit,
    #[error("Somebody has seen to this booking a moment ago. Here is what was done.")]
    Stale,
    #[error("A tenant by the month stays a tenant: tell them, and leave the booking as it is.")]
    Tenant,
    #[error("They have no email address: call them, then tick that they are told.")]
    NoAddress,
    #[error("It has ended, or was cancelled meanwhile. Nothing was changed.")]
    Ended,
    #[error("Two minutes have passed: it cannot be taken back here. Make a new booking instead.")]
    Done,
    #[error("{0}")]
    NotBack(undo::Refusal),
    #[error("{0}")]
    NotMoved(change::Refusal),
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::NotHit => "not-hit",
            Refusal::Stale => "stale",
            Refusal::Tenant => "tenant",
            Refusal::NoAddress => "no-address",
            Refusal::Ended => "ended",
            Refusal::Done => "done",
            Refusal::NotBack(refusal) => refusal.kind(),
            Refusal::NotMoved(refusal) => refusal.kind(),
        }
    }
}

/// A booking and how far the team is with it.
#[derive(Clone, Debug)]
pub struct Hit {
    pub booking: Booking,
    /// E.164, the day's contact before the member.
    pub phone: Option<String>,
    /// Whom that number reaches.
    pub person: String,
    pub called_at: Option<DateTime<Utc>>,
    pub called_by: Option<String>,
    pub outcome: Option<Outcome>,
    pub decided_at: Option<DateTime<Utc>>,
    pub decided_by: Option<String>,
    /// Of the steps; 0 before the first.
    pub version: i32,
    /// Whoever rents by the month, or by the week where more than the one space closes, is told and never
    /// cancelled.
    pub is_tenant: bool,
    /// What was decided can be taken back.
    pub undoes: bool,
}

/// A booking that a running or coming closure hits and nobody has seen to.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub closure: String,
    pub booking: Booking,
    pub reason: String,
}

/// What closures hit and nobody has seen to, at one location or all, the first to begin first.
pub async fn hit(
    db: &mut PgConnection,
    location: Option<Id<Location>>,
    now: DateTime<Utc>,
) -> Result<Vec<Waiting>> {
    let rows = sqlx::query!(
        r#"select h.booking_id as "booking!", c.reference, c.reason
           from closures c join closure_hits h on h.closure_id = c.id
           where c.in_force && tstzrange($2, null) and h.outcome is null and h.until > $2
             and ($1::uuid is null or c.location_id = $1)
           order by h.begins, h.booking_id limit 100"#,
        location.map(Id::get),
        now
    )
    .fetch_all(&mut *db)
    .await?;
    let mut waiting = Vec::new();
    for row in rows {
        if let Some(booking) = Booking::by_id(&mut *db, row.booking.into()).await? {
            waiting.push(Waiting {
                closure: row.reference,
                booking,
                reason: row.reason,
            });
        }
    }
    Ok(waiting)
}

impl Hit {
    /// All of a closure's, the first to begin first; those that ended before `now` only if something was done.
    pub async fn of(
        db: &mut PgConnection,
        closure: &Record,
        now: DateTime<Utc>,
    ) -> Result<Vec<Hit>> {
        let rows = sqlx::query!(
            r#"select h.booking_id as "booking!", m.phone, b.contact_name, b.contact_phone,
                      t.called_at as "called_at?", c.name as "called_by?", t.outcome as "outcome?: Outcome",
                      t.decided_at as "decided_at?", d.name as "decided_by?", coalesce(t.version, 0) as "version!",
                      (select space_id is not null from closures where id = $1) as "of_one_space!"
               from closure_hits h
               join bookings b on b.id = h.booking_id
               join members m on m.id = b.member_id
               left join closure_steps t on t.closure_id = h.closure_id and t.booking_id = h.booking_id
               left join members c on c.id = t.called_by
               left join members d on d.id = t.decided_by
               where h.closure_id = $1 and (h.until > $2 or h.outcome is not null)
               order by h.begins, h.booking_id limit 500"#,
            closure.id,
            now
        )
        .fetch_all(&mut *db)
        .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.booking).collect();
        let fresh = undo::possible_of(&mut *db, &ids).await?;
        let mut bookings = Booking::by_ids(db, &ids).await?;
        let hits = rows.into_iter().filter_map(|row| {
            let booking = bookings.remove(&row.booking)?;
            let (phone, person) = match row.contact_phone {
                Some(phone) => (Some(phone), row.contact_name),
                None => (row.phone, String::new()),
            };
            Some(Hit {
                person: Some(person)
                    .filter(|name| !name.is_empty())
                    .unwrap_or_else(|| booking.member_name.clone()),
                is_tenant: is_tenant(&booking, row.of_one_space),
                undoes: match row.outcome {
                    Some(Outcome::Told | Outcome::Stays) => true,
                    Some(Outcome::Moved | Outcome::Refunded) => fresh.contains(&row.booking),
                    None => false,
                },
                phone,
                booking,
                called_at: row.called_at,
                called_by: row.called_by,
                outcome: row.outcome,
                decided_at: row.decided_at,
                decided_by: row.decided_by,
                version: row.version,
            })
        });
        Ok(hits.collect())
    }

    async fn one(
        db: &mut PgConnection,
        closure: &Record,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<Result<Hit, Refusal>> {
        let hits = Self::of(db, closure, now).await?;
        let found = hits
            .into_iter()
            .find(|hit| hit.booking.reference == reference);
        Ok(found.ok_or(Refusal::NotHit))
    }
}

fn is_tenant(booking: &Booking, of_one_space: bool) -> bool {
    match booking.term {
        Term::Let(term) => term.unit == Unit::Month || !of_one_space,
        Term::Time(_) | Term::Days { .. } => false,
    }
}

/// Which row of which worklist staff act on, and its version as they saw it.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub closure: &'a Record,
    pub booking: &'a str,
    pub version: i32,
}

/// Ticks on the call list that somebody was reached, or takes the tick away.
pub async fn tick(
    tx: &mut PgConnection,
    by: Id<Member>,
    row: Row<'_>,
    reached: bool,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let hit = match Hit::one(&mut *tx, row.closure, row.booking, now).await? {
        Ok(hit) => hit,
        Err(refusal) => return Ok(Err(refusal)),
    };
    sqlx::query!(
        "insert into closure_steps as t (closure_id, booking_id, called_at, called_by)
         values ($1, $2, case when $4 then now() end, case when $4 then $3::uuid end)
         on conflict (closure_id, booking_id) do update
         set called_at = excluded.called_at, called_by = excluded.called_by",
        row.closure.id,
        hit.booking.id.get(),
        by.get(),
        reached
    )
    .execute(&mut *tx)
    .await?;
    let verb = if reached { "reach" } else { "not reached" };
    record(tx, by, verb, &row, &hit, None).await?;
    Ok(Ok(()))
}

/// Refunds in full as our fault, notes that they are told, or that the booking stays. With `tell` the person
/// is mailed, two minutes later.
pub async fn decide(
    tx: &mut PgConnection,
    by: Id<Member>,
    row: Row<'_>,
    outcome: Outcome,
    tell: bool,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let hit = match Hit::one(&mut *tx, row.closure, row.booking, now).await? {
        Ok(hit) => hit,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let has_address = hit.booking.member_email.is_some();
    match outcome {
        Outcome::Refunded if hit.is_tenant => return Ok(Err(Refusal::Tenant)),
        Outcome::Told if tell && !has_address => return Ok(Err(Refusal::NoAddress)),
        _ => {}
    }
    if outcome == Outcome::Refunded {
        let note = &row.closure.wording;
        if !cancellation::for_us(tx, by, hit.booking.id, note).await? {
            return Ok(Err(Refusal::Ended));
        }
    }
    let version = match step(tx, by, &row, &hit, Some(outcome)).await? {
        Ok(version) => version,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if tell && has_address {
        let job = Job::ClosureTold {
            closure: row.closure.id,
            booking: hit.booking.id.get(),
            version,
        };
        jobs::enqueue_after(tx, &job, SECOND_THOUGHTS).await?;
    }
    record(tx, by, outcome.key(), &row, &hit, Some(tell)).await?;
    Ok(Ok(()))
}

/// Moves a booking to another space for the same time and price, by the rules of every change; with `tell`
/// the person is mailed the change, two minutes later. The closure is reason enough to pass over policy.
pub async fn move_to(
    tx: &mut PgConnection,
    by: Id<Member>,
    row: Row<'_>,
    space: &str,
    tell: bool,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let hit = match Hit::one(&mut *tx, row.closure, row.booking, now).await? {
        Ok(hit) if hit.is_tenant => return Ok(Err(Refusal::Tenant)),
        Ok(hit) => hit,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let wanted = Wanted {
        space: space.to_owned(),
        term: hit.booking.term,
        people: hit.booking.people,
    };
    let way = Way {
        version: None,
        price: Some(Pricing::Keep),
        reason: format!("Closure {}", row.closure.reference),
        tell,
    };
    if let Err(refusal) = change::change(tx, by, hit.booking.id, &wanted, &way, now).await? {
        return Ok(Err(Refusal::NotMoved(refusal)));
    }
    if let Err(refusal) = step(tx, by, &row, &hit, Some(Outcome::Moved)).await? {
        return Ok(Err(refusal));
    }
    record(tx, by, Outcome::Moved.key(), &row, &hit, Some(tell)).await?;
    Ok(Ok(()))
}

/// Takes what was decided back: the booking waits again, and a mail that has not left stays here. A refund or a move
/// can be taken back for two minutes, while nobody has the time.
pub async fn take_back(
    tx: &mut PgConnection,
    by: Id<Member>,
    row: Row<'_>,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let hit = match Hit::one(&mut *tx, row.closure, row.booking, now).await? {
        Ok(hit) => hit,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if matches!(hit.outcome, Some(Outcome::Moved | Outcome::Refunded)) {
        match undo::undo(tx, by, hit.booking.id, None).await? {
            Ok(_) => {}
            Err(undo::Refusal::Nothing) => return Ok(Err(Refusal::Done)),
            Err(taken) => return Ok(Err(Refusal::NotBack(taken))),
        }
    }
    if let Err(refusal) = step(tx, by, &row, &hit, None).await? {
        return Ok(Err(refusal));
    }
    record(tx, by, "take back", &row, &hit, None).await?;
    Ok(Ok(()))
}

/// Writes what is decided where nobody else has written since, and says its version.
async fn step(
    tx: &mut PgConnection,
    by: Id<Member>,
    row: &Row<'_>,
    hit: &Hit,
    outcome: Option<Outcome>,
) -> Result<Result<i32, Refusal>> {
    let written = sqlx::query_scalar!(
        "insert into closure_steps as t (closure_id, booking_id, outcome, decided_at, decided_by)
         select $1, $2, $3, case when $3::text is not null then now() end, $4
         where $5 = 0 or exists (select from closure_steps where closure_id = $1 and booking_id = $2)
         on conflict (closure_id, booking_id) do update
         set outcome = excluded.outcome, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
             version = t.version + 1
         where t.version = $5
         returning version",
        row.closure.id,
        hit.booking.id.get(),
        outcome as Option<Outcome>,
        by.get(),
        row.version
    )
    .fetch_optional(tx)
    .await?;
    Ok(written.ok_or(Refusal::Stale))
}

async fn record(
    tx: &mut PgConnection,
    by: Id<Member>,
    verb: &str,
    row: &Row<'_>,
    hit: &Hit,
    tell: Option<bool>,
) -> Result<()> {
    let detail = json!({
        "reference": hit.booking.reference, "closure": row.closure.reference, "location": row.closure.location_slug,
        "before": {"outcome": hit.outcome.map(Outcome::key)}, "tell": tell,
    });
    let id = hit.booking.id.get();
    audit::record(tx, Some(by.get()), verb, "bookings", id, detail).await?;
    Ok(())
}

/// What the mail about a step says; `None` when it was taken back or done anew since.
pub struct Letter {
    pub booking: Booking,
    pub outcome: Outcome,
    pub closure: Record,
}

impl Letter {
    pub async fn of(
        db: &mut PgConnection,
        closure: Uuid,
        booking: Uuid,
        version: i32,
        now: DateTime<Utc>,
    ) -> Result<Option<Letter>> {
        let step = sqlx::query!(
            r#"select c.reference, t.outcome as "outcome: Outcome" from closure_steps t
               join closures c on c.id = t.closure_id
               where t.closure_id = $1 and t.booking_id = $2 and t.version = $3"#,
            closure,
            booking,
            version
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some((reference, outcome)) =
            step.and_then(|step| Some((step.reference, step.outcome?)))
        else {
            return Ok(None);
        };
        Ok(Some(Letter {
            closure: Record::find(&mut *db, &reference, now).await?,
            booking: Booking::by_id(db, booking.into())
                .await?
                .ok_or(Error::NotFound)?,
            outcome,
        }))
    }
}
