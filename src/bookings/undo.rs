//! Taking back what staff did to a booking a moment ago, before its member hears of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{booking::Booking, cancellation, change, extras::ordered, locks, order::is_overlap};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::member::Member,
    money::Money,
    time::Span,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The booking itself, which is cancelled when it is taken back.
    Make,
    Change,
    Cancel,
    /// By the member, who hears of it at once: staff do not take it back.
    Own,
}

impl Kind {
    fn key(self) -> &'static str {
        match self {
            Kind::Make => "make",
            Kind::Change => "change",
            Kind::Cancel => "cancel",
            Kind::Own => "own",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error(
        "There is nothing to take back any more: two minutes have passed, or somebody changed it since."
    )]
    Nothing,
    #[error("{space} has been given to somebody else meanwhile. Choose another time or space.")]
    Taken { space: String },
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Nothing => "nothing-to-undo",
            Refusal::Taken { .. } => "taken",
        }
    }
}

/// A booking with its time and its days of passes, as they are before a change.
pub struct Kept(Value);

impl Kept {
    pub async fn of(tx: &mut PgConnection, id: Id<Booking>) -> Result<Kept> {
        let all = sqlx::query_scalar!(
            r#"select jsonb_build_object(
                   'booking', to_jsonb(b) - array['title', 'notes', 'contact_name', 'contact_phone', 'purchase_order', 'memo'],
                   'occupancies', (select coalesce(jsonb_agg(to_jsonb(o)), '[]') from occupancies o where o.booking_id = b.id),
                   'days', (select coalesce(jsonb_agg(to_jsonb(d)), '[]') from pass_days d where d.booking_id = b.id),
                   'extras', (select coalesce(jsonb_agg(to_jsonb(e)), '[]') from booking_extras e where e.booking_id = b.id)) as "all!"
               from bookings b where b.id = $1"#,
            id.get()
        )
        .fetch_one(tx)
        .await?;
        Ok(Kept(all))
    }
}

/// Notes what was done, so that it can be taken back. `booking` is as it is now, `effect` what it charged.
pub async fn keep(
    tx: &mut PgConnection,
    before: Kept,
    kind: Kind,
    actor: Id<Member>,
    booking: &Booking,
    effect: Money,
) -> Result<Uuid> {
    let id = Uuid::now_v7();
    // What nobody has told the member of yet is nothing that they know, but for what they themselves changed.
    sqlx::query!(
        "insert into booking_changes (id, booking_id, kind, made_by, version, before, known, effect_cents)
         select $1, $2, $3, $4, $5, $6::jsonb, coalesce(
                    (select known from booking_changes
                     where booking_id = $2 and undone_at is null and job_id is not null and $3 <> 'own'
                       and made_at > now() - make_interval(secs => $8)
                     order by made_at desc limit 1), $6::jsonb -> 'booking'), $7",
        id,
        booking.id.get(),
        kind.key(),
        actor.get(),
        booking.version,
        before.0,
        effect.in_cents(),
        jobs::UNDO.as_secs_f64()
    )
    .execute(tx)
    .await?;
    Ok(id)
}

/// Lets the member hear of a change once it cannot be taken back any more.
pub async fn tell(tx: &mut PgConnection, change: Uuid, job: &Job) -> Result<()> {
    let job = jobs::enqueue_revocable(tx, job, jobs::UNDO).await?;
    sqlx::query!(
        "update booking_changes set job_id = $2 where id = $1",
        change,
        job
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Until when the last thing that staff did to a booking can be taken back, by the database's clock.
pub async fn possible(db: &mut PgConnection, booking: &Booking) -> Result<Option<DateTime<Utc>>> {
    let until = sqlx::query_scalar!(
        r#"select made_at + make_interval(secs => $3) as "until!" from booking_changes
           where booking_id = $1 and version = $2 and undone_at is null and kind <> 'own'
             and made_at + make_interval(secs => $3) > now()"#,
        booking.id.get(),
        booking.version,
        jobs::UNDO.as_secs_f64()
    )
    .fetch_optional(db)
    .await?;
    Ok(until)
}

/// The same of many: those of which the last thing done can be taken back.
pub async fn possible_of(db: &mut PgConnection, bookings: &[Uuid]) -> Result<BTreeSet<Uuid>> {
    let ids = sqlx::query_scalar!(
        "select c.booking_id from booking_changes c join bookings b on b.id = c.booking_id and b.version = c.version
         where c.booking_id = any($1) and c.undone_at is null and c.kind <> 'own'
           and c.made_at + make_interval(secs => $2) > now()",
        bookings,
        jobs::UNDO.as_secs_f64()
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().collect())
}

struct Change {
    id: Uuid,
    kind: String,
    before: Value,
    effect: Money,
    job: Option<Uuid>,
}

/// Takes back the last thing that staff did to a booking: the time, the price and the days of passes are
/// as before, and the mail that waits is never sent.
pub async fn undo(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    version: Option<i32>,
) -> Result<Result<Booking, Refusal>> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    let Some(change) = last(tx, &unlocked).await? else {
        return Ok(Err(Refusal::Nothing));
    };
    let before: Option<Uuid> = change.before["booking"]["space_id"]
        .as_str()
        .and_then(|id| id.parse().ok());
    let spaces = [unlocked.space_id, before.unwrap_or(unlocked.space_id)];
    locks::spaces(tx, &spaces).await?;
    locks::member(tx, unlocked.member).await?;
    let booking = locks::booking(tx, id).await?;
    let is_other = booking.version != unlocked.version;
    if is_other || version.is_some_and(|seen| seen != booking.version) {
        return Ok(Err(Refusal::Nothing));
    }
    if let Some(job) = change.job
        && !jobs::drop_waiting(tx, job).await?
    {
        return Ok(Err(Refusal::Nothing));
    }
    if change.kind == Kind::Make.key() {
        cancellation::unmake(tx, actor, &booking).await?;
        note(tx, &change, actor, &booking).await?;
        return Ok(Ok(locks::booking(tx, id).await?));
    }
    locks::expire_holds(tx, &spaces).await?;
    let space = name_of(tx, spaces[1]).await?;
    if !restore(tx, id, &change.before).await? {
        return Ok(Err(Refusal::Taken { space }));
    }
    let words = format!("Booking {}: taken back", booking.reference);
    change::charge(tx, actor, id, -change.effect, &words).await?;
    note(tx, &change, actor, &booking).await?;
    Ok(Ok(locks::booking(tx, id).await?))
}

/// Writes down that it was taken back.
async fn note(
    tx: &mut PgConnection,
    change: &Change,
    actor: Id<Member>,
    booking: &Booking,
) -> Result<()> {
    sqlx::query!(
        "update booking_changes set undone_at = now(), undone_by = $2 where id = $1",
        change.id,
        actor.get()
    )
    .execute(&mut *tx)
    .await?;
    let (verb, id) = (format!("undo {}", change.kind), booking.id.get());
    let detail = json!({"reference": booking.reference});
    audit::record(tx, Some(actor.get()), &verb, "bookings", id, detail).await?;
    Ok(())
}

async fn last(tx: &mut PgConnection, booking: &Booking) -> Result<Option<Change>> {
    let row = sqlx::query!(
        "select id, kind, before, effect_cents, job_id from booking_changes
         where booking_id = $1 and version = $2 and undone_at is null and kind <> 'own'
           and made_at + make_interval(secs => $3) > now()",
        booking.id.get(),
        booking.version,
        jobs::UNDO.as_secs_f64()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Change {
        id: row.id,
        kind: row.kind,
        before: row.before,
        effect: Money::cents(row.effect_cents),
        job: row.job_id,
    }))
}

async fn name_of(tx: &mut PgConnection, space: Uuid) -> Result<String> {
    let name = sqlx::query_scalar!("select name from spaces where id = $1", space)
        .fetch_one(tx)
        .await?;
    Ok(name)
}

/// False when somebody else has a part of the time, or a day of the pass, by now.
async fn restore(tx: &mut PgConnection, id: Id<Booking>, before: &Value) -> Result<bool> {
    sqlx::query!("delete from pass_days where booking_id = $1", id.get())
        .execute(&mut *tx)
        .await?;
    sqlx::query!("delete from booking_extras where booking_id = $1", id.get())
        .execute(&mut *tx)
        .await?;
    let time = sqlx::query!(
        "update occupancies o set space_id = was.space_id, during = was.during, occupies = was.occupies
         from jsonb_populate_recordset(null::occupancies, $2::jsonb -> 'occupancies') was
         where o.id = was.id and o.booking_id = $1",
        id.get(),
        before
    )
    .execute(&mut *tx)
    .await;
    if is_overlap(&time) {
        return Ok(false);
    }
    time?;
    let booking = sqlx::query!(
        "update bookings b
         set space_id = was.space_id, during = was.during, term = was.term, last_day = was.last_day,
             term_count = was.term_count, people = was.people, layout = was.layout, status = was.status,
             hold_expires_at = was.hold_expires_at, price = was.price, total_cents = was.total_cents,
             vat_cents = was.vat_cents, cancelled_at = was.cancelled_at, cancelled_by = was.cancelled_by,
             cancellation_reason = was.cancellation_reason, cancellation_note = was.cancellation_note,
             kept_cents = was.kept_cents, sequence = b.sequence + 1, version = b.version + 1
         from jsonb_populate_record(null::bookings, $2::jsonb -> 'booking') was
         where b.id = $1",
        id.get(),
        before
    )
    .execute(&mut *tx)
    .await;
    if is_overlap(&booking) {
        return Ok(false);
    }
    booking?;
    let days = sqlx::query!(
        "insert into pass_days select was.* from jsonb_populate_recordset(null::pass_days, $1::jsonb -> 'days') was",
        before
    )
    .execute(&mut *tx)
    .await;
    if is_overlap(&days) {
        return Ok(false);
    }
    days?;
    let extras = sqlx::query!(
        "insert into booking_extras
         select was.* from jsonb_populate_recordset(null::booking_extras, coalesce($1::jsonb -> 'extras', '[]')) was",
        before
    )
    .execute(tx)
    .await;
    if ordered::is_oversold(&extras) {
        return Ok(false);
    }
    extras?;
    Ok(true)
}

/// A booking as its member last heard of it, before a change.
pub struct Known {
    pub booking: Uuid,
    pub space: String,
    pub location: String,
    pub during: Span,
    pub by: By,
}

/// Who made a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Us,
    Themselves,
    /// The admin of the company that pays, by name.
    Admin(String),
}

/// `None` if the change was taken back, or another one came after it.
pub async fn known(db: &mut PgConnection, change: Uuid) -> Result<Option<Known>> {
    let known = sqlx::query!(
        r#"select c.booking_id, c.kind, m.id = b.member_id as "is_own!", m.name as maker,
                  s.name as space, l.name as location, was.during as "during!"
           from booking_changes c
           join bookings b on b.id = c.booking_id
           join members m on m.id = c.made_by
           cross join lateral jsonb_populate_record(null::bookings, c.known) was
           join spaces s on s.id = was.space_id
           join locations l on l.id = s.location_id
           where c.id = $1 and c.undone_at is null and not exists (
               select from booking_changes later
               where later.booking_id = c.booking_id and later.undone_at is null and later.made_at > c.made_at)"#,
        change
    )
    .fetch_optional(db)
    .await?;
    Ok(known.map(|row| Known {
        booking: row.booking_id,
        space: row.space,
        location: row.location,
        during: row.during.into(),
        by: match (row.kind.as_str(), row.is_own) {
            ("own", true) => By::Themselves,
            ("own", false) => By::Admin(row.maker),
            _ => By::Us,
        },
    }))
}

/// Forgets what can no longer be taken back and was told long ago.
pub async fn forget(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("delete from booking_changes where made_at < now() - interval '30 days'")
        .execute(tx)
        .await?;
    Ok(())
}
