//! What holds whatever was done, read from the tables after each step.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use connect_space::time::Span;
use sqlx::PgPool;
use uuid::Uuid;

use super::acts::Act;

/// A booking as the tables have it, with its time, its money and its trail.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: Uuid,
    pub reference: String,
    pub space_id: Uuid,
    /// The whole that its space is a part of.
    pub whole_id: Option<Uuid>,
    pub series_id: Option<Uuid>,
    pub date: NaiveDate,
    pub kind: String,
    pub member_id: Uuid,
    pub status: String,
    pub version: i32,
    pub channel: String,
    /// A hold that has not run out.
    pub holds: bool,
    pub confirmed: bool,
    pub total_cents: i64,
    pub kept_cents: Option<i64>,
    pub starts: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// How many rows of time it has, and how many of them take the space.
    pub times: i64,
    pub active: i64,
    pub occupied_from: DateTime<Utc>,
    pub occupied_until: DateTime<Utc>,
    pub taken_from: DateTime<Utc>,
    pub taken_until: DateTime<Utc>,
    /// Charges less credits.
    pub charged: i64,
    pub days_drawn: i64,
    pub audited: i64,
    pub confirmations: i64,
    /// Staff have set rules aside for it.
    pub overridden: bool,
}

impl Row {
    pub fn during(&self) -> Span {
        Span::new(self.starts, self.ends)
    }

    /// With what stands around it.
    pub fn occupies(&self) -> Span {
        Span::new(self.occupied_from, self.occupied_until)
    }

    /// Whether it takes a space, or what that is a part of, or a part of that.
    pub fn is_on(&self, space: Uuid, whole: Option<Uuid>) -> bool {
        self.space_id == space || self.whole_id == Some(space) || whole == Some(self.space_id)
    }

    /// Whether it is in the way of others.
    pub fn is_in_the_way(&self) -> bool {
        self.active > 0 && (self.status != "held" || self.holds)
    }

    pub fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "pending" | "confirmed" | "checked_in")
            || self.status == "held" && self.holds
    }

    /// As one of those that a member may only have so many of: a checkout is none yet.
    pub fn counts(&self) -> bool {
        self.is_live() && self.status != "held"
    }

    fn has_ended(&self) -> bool {
        matches!(
            self.status.as_str(),
            "cancelled" | "declined" | "completed" | "no_show" | "expired"
        )
    }
}

/// All of them, the newest last.
pub async fn read(db: &PgPool) -> Vec<Row> {
    sqlx::query_as(
        "select b.id, b.reference, b.space_id, (select whole_id from space_parts where part_id = b.space_id) as whole_id,
                b.series_id, (lower(b.during) at time zone 'Africa/Johannesburg')::date as date, s.kind, b.member_id, b.status, b.version, b.channel,
                coalesce(b.hold_expires_at > now(), false) as holds, b.confirmed_at is not null as confirmed,
                b.total_cents, b.kept_cents, lower(b.during) as starts, upper(b.during) as ends,
                o.times, o.active, o.occupied_from, o.occupied_until, o.taken_from, o.taken_until,
                coalesce((select sum(cents) from ledger_entries e
                          where e.booking_id = b.id and e.kind in ('charge', 'credit', 'waiver')), 0)::bigint as charged,
                (select count(*) from pass_days d where d.booking_id = b.id) as days_drawn,
                (select count(*) from audit_events a where a.subject_id = b.id) as audited,
                (select count(*) from jobs j where j.kind = 'booking_confirmed' and j.payload ->> 'booking' = b.id::text) as confirmations,
                exists (select from audit_events a where a.subject_id = b.id and a.verb = 'set rules aside') as overridden
         from bookings b join spaces s on s.id = b.space_id
         cross join lateral (
             select count(*) as times, count(*) filter (where active) as active,
                    min(lower(occupies)) as occupied_from, max(upper(occupies)) as occupied_until,
                    min(lower(during)) as taken_from, max(upper(during)) as taken_until
             from occupancies where booking_id = b.id) o
         order by b.id",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

/// The sentence that says which law a step broke, if it broke one.
pub fn broken(act: &Act, before: &[Row], after: &[Row]) -> Option<String> {
    let was: BTreeMap<Uuid, &Row> = before.iter().map(|row| (row.id, row)).collect();
    let alone = after.iter().find_map(|row| {
        let fault = time(row).or_else(|| money(row)).or_else(|| mail(row));
        let fault = fault.or_else(|| trail(act, was.get(&row.id).copied(), row));
        fault.map(|fault| format!("{}: {fault}: {row:?}", row.reference))
    });
    let gone = before
        .iter()
        .find(|row| !after.iter().any(|other| other.id == row.id));
    alone
        .or_else(|| gone.map(|row| format!("a booking is gone: {row:?}")))
        .or_else(|| overlap(after))
        .or_else(|| too_many(act, before, after))
}

/// Rule 1.
fn overlap(rows: &[Row]) -> Option<String> {
    let active = || rows.iter().filter(|row| row.active > 0);
    active().find_map(|one| {
        let mut later =
            active().filter(|other| other.id > one.id && other.is_on(one.space_id, one.whole_id));
        let other = later.find(|other| other.occupies().overlaps(one.occupies()))?;
        Some(format!("two have the same time: {one:?} {other:?}"))
    })
}

/// What a booking takes is its own time, and nothing once it is over without having been used.
fn time(row: &Row) -> Option<&'static str> {
    let takes = !matches!(row.status.as_str(), "cancelled" | "declined" | "expired");
    let is_live = matches!(
        row.status.as_str(),
        "held" | "pending" | "confirmed" | "checked_in"
    );
    if row.times != 1 || (row.active == 1) != takes {
        return Some("its time is not as its status says");
    }
    if is_live && (row.taken_from, row.taken_until) != (row.starts, row.ends) {
        return Some("it takes another time than its own");
    }
    let within = row.occupied_from <= row.taken_from && row.taken_until <= row.occupied_until;
    (!within).then_some("what stands around it does not hold it")
}

/// What is charged for it is its price; once cancelled, what is kept; before it is firm, nothing.
fn money(row: &Row) -> Option<&'static str> {
    let owed = match row.status.as_str() {
        "confirmed" | "checked_in" | "completed" | "no_show" => row.total_cents,
        "cancelled" if row.confirmed => row.kept_cents.unwrap_or_default(),
        _ => 0,
    };
    (row.charged != owed).then_some("it is not charged as it should be")
}

/// Whoever booked hears of it once.
fn mail(row: &Row) -> Option<&'static str> {
    (row.confirmations > 1).then_some("it is confirmed by mail more than once")
}

/// Nothing happens to a booking without a line that says who and why, and what has ended stays so but for those
/// acts that are there to take it back.
fn trail(act: &Act, before: Option<&Row>, after: &Row) -> Option<&'static str> {
    let Some(before) = before else {
        return (after.audited == 0).then_some("it was made and nobody says by whom");
    };
    let is_other = before.status != after.status || before.version != after.version;
    if is_other && after.audited <= before.audited && after.status != "expired" {
        return Some("it changed and nobody says why");
    }
    if before.status != after.status && after.version <= before.version {
        return Some("it changed and its version did not");
    }
    let may_return = match before.status.as_str() {
        "cancelled" => matches!(act, Act::TakeBack { .. }),
        "completed" | "no_show" => {
            matches!(
                act,
                Act::TakeBack { .. } | Act::Arrive { .. } | Act::CancelByStaff { .. }
            )
        }
        "expired" => matches!(act, Act::Confirm { .. }),
        _ => true,
    };
    let returned = before.has_ended() && before.status != after.status;
    (returned && !may_return).then_some("it had ended and goes on")
}

/// How many of a kind a member may have at once, in this house.
pub const AT_ONCE: usize = 1;

/// The limit of each member, whichever way they book. What is given back to them was theirs before.
fn too_many(act: &Act, before: &[Row], after: &[Row]) -> Option<String> {
    if matches!(act, Act::TakeBack { .. } | Act::Arrive { .. }) {
        return None;
    }
    after.iter().find_map(|row| {
        let count = at_once(row, after);
        let was = before.iter().find(|other| other.id == row.id);
        let was = was.map_or(0, |was| at_once(was, before));
        (count > AT_ONCE.max(was)).then(|| format!("{count} at once, as when {row:?} begins"))
    })
}

/// How many of its kind its member has as it begins; none where it does not count itself.
fn at_once(row: &Row, rows: &[Row]) -> usize {
    let counts = |row: &Row| row.counts() && !row.overridden;
    let alike = |other: &&Row| {
        counts(other)
            && other.member_id == row.member_id
            && other.kind == row.kind
            && other.starts <= row.starts
            && row.starts < other.ends
    };
    match counts(row) {
        true => rows.iter().filter(alike).count(),
        false => 0,
    }
}
