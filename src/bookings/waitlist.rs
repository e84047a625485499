//! The waitlist: who waits for a room or an office to be free, and for which time.

pub mod offering;
mod reading;
mod wished;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, postgres::types::PgRange};
use thiserror::Error;
use uuid::Uuid;

pub use self::wished::{Shape, Wished};
use super::{
    booking::Booking,
    locks,
    order::Wanted,
    refusal::Refusal as Rule,
    sheet::{Asker, Sheet},
    term::Wish,
};
use crate::{
    audit,
    error::{Error, Result},
    id::{self, Id},
    jobs::{self, Job},
    locations::location::Location,
    members::member::Member,
    spaces::space::{Kind, Space},
    time::Zone,
};

/// How many times one member waits for at once, at the most.
pub const MOST: i64 = 10;

/// Somebody who waits.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: Uuid,
    pub reference: String,
    pub member: Id<Member>,
    pub member_name: String,
    pub member_reference: String,
    /// E.164.
    pub member_phone: Option<String>,
    pub location: Id<Location>,
    pub location_name: String,
    pub location_slug: String,
    pub zone: Zone,
    pub kind: Kind,
    /// The one space with its slug; `None` where any of the kind would do.
    pub space: Option<(Id<Space>, String, String)>,
    pub people: i32,
    pub wished: Wished,
    pub since: DateTime<Utc>,
    pub offer: Option<Offered>,
}

/// A hold that stands for somebody's answer.
#[derive(Clone, Debug)]
pub struct Offered {
    /// The booking's.
    pub reference: String,
    pub space: String,
    pub until: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error(
        "Hot desks have no waitlist: another one is mostly free. Choose another time or location."
    )]
    NoWaitlist,
    #[error("{space} is free {when}: book it now.")]
    Free { space: String, when: String },
    #[error("You wait for {count} times already, the most at once. Leave one line first.")]
    TooMany { count: i64 },
    #[error("That has passed. Choose later days.")]
    Over,
    #[error("Choose a last day on or after the first, at most two months later.")]
    Days,
    #[error("So long does not fit between these days. Choose fewer, or later last day.")]
    TooLong,
    #[error("{0}")]
    Rule(Rule),
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::NoWaitlist => "no-waitlist",
            Refusal::Free { .. } => "free",
            Refusal::TooMany { .. } => "too-many-waiting",
            Refusal::Over => "past",
            Refusal::Days | Refusal::TooLong => "bad-days",
            Refusal::Rule(rule) => rule.kind(),
        }
    }
}

/// Why somebody waits no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    Booked,
    Left,
    Declined,
    Unanswered,
    Over,
}

impl Because {
    fn key(self) -> &'static str {
        match self {
            Because::Booked => "booked",
            Because::Left => "left",
            Because::Declined => "declined",
            Because::Unanswered => "unanswered",
            Because::Over => "over",
        }
    }
}

impl Entry {
    /// `Lighthouse, Musgrave`, `Any meeting room, Musgrave`.
    pub fn what(&self) -> String {
        let space = match &self.space {
            Some((_, name, _)) => name.clone(),
            None => format!("Any {}", self.kind.label().to_lowercase()),
        };
        format!("{space}, {}", self.location_name)
    }

    pub fn when(&self, now: &DateTime<Utc>) -> String {
        self.wished.words(self.zone, *now)
    }

    /// Where an offer is answered.
    pub fn answer(&self) -> Option<String> {
        let offer = self.offer.as_ref()?;
        Some(format!("/bookings/{}/confirmation", offer.reference))
    }
}

/// What is asked for with the words "tell me when it frees up".
#[derive(Clone, Debug)]
pub struct Asked {
    pub wanted: Wanted,
    pub people: i32,
    pub wished: Wished,
}

/// Stands in the line, behind everybody who does already; the same asked twice is once.
pub async fn join(
    tx: &mut PgConnection,
    member: Id<Member>,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Result<Entry, Refusal>> {
    let Some((space, location)) = asked.wanted.first_space(&mut *tx).await? else {
        return Ok(Err(Refusal::Rule(Rule::NoSuchSpace)));
    };
    if space.kind == Kind::HotDesk {
        return Ok(Err(Refusal::NoWaitlist));
    }
    if let Some(refusal) = asked.wished.faults() {
        return Ok(Err(refusal));
    }
    if let Err(refusal) = is_taken(tx, member, asked, &space, now).await? {
        return Ok(Err(refusal));
    }
    if locks::member(tx, member).await? {
        return Ok(Err(Refusal::Rule(Rule::Barred)));
    }
    let only = match &asked.wanted {
        Wanted::Space(_) => Some(space.id.get()),
        Wanted::Any { .. } => None,
    };
    let mine = Entry::of(&mut *tx, member).await?;
    let same = |entry: &&Entry| {
        entry.location == location.id
            && entry.kind == space.kind
            && entry.space.as_ref().map(|(id, ..)| id.get()) == only
            && entry.wished == asked.wished
    };
    if let Some(known) = mine.iter().find(same) {
        return Ok(Ok(known.clone()));
    }
    if mine.len() as i64 >= MOST {
        return Ok(Err(Refusal::TooMany { count: MOST }));
    }
    let reference = write(tx, member, asked, (&space, only)).await?;
    // Time may have come free while they were not yet in the line.
    if let Some(space) = only {
        jobs::enqueue(tx, &Job::TimeFreed { space }).await?;
    }
    let entry = Entry::find(tx, &reference).await?;
    Ok(Ok(entry.ok_or(Error::NotFound)?))
}

/// Whether all of it is taken or closed: what is free is booked, and what no rule allows is not waited for.
async fn is_taken(
    tx: &mut PgConnection,
    member: Id<Member>,
    asked: &Asked,
    space: &Space,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let which = asked.wanted.which(space);
    let asker = Asker::member(member);
    let sheet = Sheet::load(&mut *tx, which, asked.wished.dates(), &asker, now).await?;
    let mut first = None;
    let mut is_taken = false;
    for space in &sheet.spaces {
        for term in asked.wished.terms(&sheet, space) {
            let wish = Wish::new(term, asked.people);
            match sheet.check(space, &wish) {
                Ok(_) => {
                    return Ok(Err(Refusal::Free {
                        space: space.name.clone(),
                        when: term.words(sheet.zone(space), sheet.today(space)),
                    }));
                }
                Err(refusal) => {
                    is_taken |= refusal.is_for_a_while();
                    first.get_or_insert(refusal);
                }
            }
        }
    }
    Ok(match (is_taken, first) {
        (true, _) => Ok(()),
        (false, Some(rule)) => Err(Refusal::Rule(rule)),
        (false, None) => Err(Refusal::Over),
    })
}

async fn write(
    tx: &mut PgConnection,
    member: Id<Member>,
    asked: &Asked,
    (space, only): (&Space, Option<Uuid>),
) -> Result<String> {
    let (wished, id) = (asked.wished, Uuid::now_v7());
    let (term, during, minutes, count) = match wished.shape {
        Shape::At(span) => ("time", Some(PgRange::from(span)), None, None),
        Shape::Minutes(minutes) => ("time", None, i32::try_from(minutes).ok(), None),
        Shape::Days(count) => ("day", None, None, Some(count as i32)),
        Shape::Let(unit, count) => (unit.name(), None, None, Some(count as i32)),
    };
    let reference = loop {
        let reference = id::reference("WL-");
        let written = sqlx::query!(
            "insert into waitlist_entries (id, reference, member_id, location_id, kind, space_id, people, term, during,
                                           minutes, count, first_day, last_day)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (reference) do nothing",
            id,
            reference,
            member.get(),
            space.location.get(),
            space.kind.key(),
            only,
            asked.people,
            term,
            during,
            minutes,
            count,
            wished.first,
            wished.last
        )
        .execute(&mut *tx)
        .await?;
        if written.rows_affected() == 1 {
            break reference;
        }
    };
    let detail =
        json!({"reference": reference, "space": only.map(|_| &space.slug), "kind": space.kind});
    let by = Some(member.get());
    audit::record(tx, by, "wait", "waitlist_entries", id, detail).await?;
    Ok(reference)
}

/// Takes somebody out of the line: themselves, or staff for them; an offer goes to the next. Twice is once.
pub async fn leave(tx: &mut PgConnection, by: Id<Member>, entry: &Entry) -> Result<()> {
    locks::member(tx, entry.member).await?;
    let left = sqlx::query!(
        "update waitlist_entries set ended_at = now(), ended_because = $2 where id = $1 and ended_at is null
         returning offer_id",
        entry.id,
        Because::Left.key()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(left) = left else { return Ok(()) };
    if let Some(offer) = left.offer_id {
        release(tx, &[offer], Some(by.get())).await?;
    }
    let detail = json!({"reference": entry.reference});
    let (by, id) = (Some(by.get()), entry.id);
    audit::record(tx, by, "stop waiting", "waitlist_entries", id, detail).await?;
    Ok(())
}

/// A hold is one that was offered to whoever waited.
pub async fn is_offer(db: &mut PgConnection, booking: Id<Booking>) -> Result<bool> {
    let is_offer = sqlx::query_scalar!(
        r#"select exists (select from waitlist_entries where offer_id = $1 and ended_at is null) as "is!""#,
        booking.get()
    )
    .fetch_one(db)
    .await?;
    Ok(is_offer)
}

/// Ends the entry whose offer a booking was, if it was one.
pub async fn answered(tx: &mut PgConnection, offer: Id<Booking>, because: Because) -> Result<bool> {
    let ended = sqlx::query!(
        "update waitlist_entries set ended_at = now(), ended_because = $2 where offer_id = $1 and ended_at is null",
        offer.get(),
        because.key()
    )
    .execute(tx)
    .await?;
    Ok(ended.rows_affected() > 0)
}

/// Whoever has booked waits no longer for what that is as good as, and an offer of it goes to the next: nobody
/// ends with two. The member is locked.
pub async fn booked(tx: &mut PgConnection, booking: Id<Booking>) -> Result<()> {
    let ended = sqlx::query_scalar!(
        r#"update waitlist_entries w set ended_at = now(), ended_because = $2
           from bookings b join spaces s on s.id = b.space_id join locations l on l.id = s.location_id
           where b.id = $1 and w.member_id = b.member_id and w.ended_at is null
             and (w.offer_id = b.id
                  or w.kind = s.kind and w.during && b.during
                  or w.kind = s.kind and w.during is null and w.location_id = s.location_id
                     and (lower(b.during) at time zone l.time_zone)::date between w.first_day and w.last_day
                     and case w.term
                         when 'time' then upper(b.during) - lower(b.during) >= make_interval(mins => w.minutes)
                         when 'day' then b.last_day - (lower(b.during) at time zone l.time_zone)::date + 1 >= w.count
                         else b.term = w.term and b.term_count >= w.count end)
           returning w.offer_id"#,
        booking.get(),
        Because::Booked.key()
    )
    .fetch_all(&mut *tx)
    .await?;
    let others = ended
        .into_iter()
        .flatten()
        .filter(|offer| *offer != booking.get());
    release(tx, &others.collect::<Vec<_>>(), None).await
}

/// Freeing time needs no lock on its space.
async fn release(tx: &mut PgConnection, offers: &[Uuid], by: Option<Uuid>) -> Result<()> {
    let released = sqlx::query!(
        "update bookings set status = 'expired', hold_expires_at = null, version = version + 1
         where id = any($1) and status = 'held' returning id, reference",
        offers
    )
    .fetch_all(&mut *tx)
    .await?;
    for offer in released {
        let detail = json!({"reference": offer.reference});
        audit::record(tx, by, "let go", "bookings", offer.id, detail).await?;
    }
    Ok(())
}

/// Takes those out of the lines whose days are over, by their location's calendar.
pub async fn tidy(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update waitlist_entries w set ended_at = now(), ended_because = $2
         from locations l
         where l.id = w.location_id and w.ended_at is null and w.offer_id is null
           and (lower(w.during) <= $1 or w.last_day < ($1 at time zone l.time_zone)::date)",
        now,
        Because::Over.key()
    )
    .execute(tx)
    .await?;
    Ok(())
}
