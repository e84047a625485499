//! Checking in, running late and leaving early, as whoever booked does it; and releasing rooms that nobody comes for.
//!
//! A desk or an office by the day is never released: its member may come at any time of it.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{
    attendance::{self, Mark},
    booking::{Booking, Status},
    locks,
    term::Term,
};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    members::member::Member,
    time::long_date,
};

/// What a policy says about coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CheckIn {
    /// It opens so many minutes before the start.
    pub opens_minutes: i64,
    /// What happens to a room when nobody has come.
    pub unused: Unused,
    /// So many minutes after the start.
    pub grace_minutes: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unused {
    Nothing,
    /// The front desk is asked.
    Ask,
    Release,
}

impl CheckIn {
    /// The least and the most minutes before the start.
    pub const OPENS: (i64, i64) = (0, 1440);
    /// The least and the most minutes after it.
    pub const GRACE: (i64, i64) = (5, 240);

    /// What nobody can mean by it.
    pub fn fault(&self) -> Option<String> {
        let outside = |value: i64, (least, most): (i64, i64)| !(least..=most).contains(&value);
        let said = |what: &str, (least, most): (i64, i64)| {
            Some(format!("{what} from {least} to {most} minutes."))
        };
        if outside(self.opens_minutes, CheckIn::OPENS) {
            said("Check-in opens", CheckIn::OPENS)
        } else if outside(self.grace_minutes, CheckIn::GRACE) {
            said("A room waits", CheckIn::GRACE)
        } else {
            None
        }
    }
}

impl Unused {
    pub const ALL: [Unused; 3] = [Unused::Nothing, Unused::Ask, Unused::Release];

    /// As the database has it.
    pub fn key(self) -> &'static str {
        match self {
            Unused::Nothing => "nothing",
            Unused::Ask => "ask",
            Unused::Release => "release",
        }
    }

    pub fn named(key: &str) -> Option<Unused> {
        Unused::ALL.into_iter().find(|unused| unused.key() == key)
    }
}

/// What its member may do about coming to a booking.
#[derive(Clone, Debug)]
pub struct Presence {
    pub rules: CheckIn,
    kept_until: Option<DateTime<Utc>>,
}

impl Presence {
    pub async fn of(db: &mut PgConnection, booking: Id<Booking>) -> Result<Presence> {
        let row = sqlx::query!(
            "select p.check_in_minutes, p.unused, p.grace_minutes, b.kept_until
             from bookings b join spaces s on s.id = b.space_id join booking_policies p on p.id = s.policy_id
             where b.id = $1",
            booking.get()
        )
        .fetch_one(db)
        .await?;
        Ok(Presence {
            rules: CheckIn {
                opens_minutes: row.check_in_minutes.into(),
                unused: Unused::named(&row.unused).unwrap_or(Unused::Nothing),
                grace_minutes: row.grace_minutes.into(),
            },
            kept_until: row.kept_until,
        })
    }

    pub fn opens(&self, booking: &Booking) -> DateTime<Utc> {
        booking.during.from - Duration::minutes(self.rules.opens_minutes)
    }

    /// When the rest of it goes to others, or the front desk is asked, unless somebody comes.
    pub fn ends_unused(&self, booking: &Booking) -> Option<DateTime<Utc>> {
        let is_by_time = matches!(booking.term, Term::Time(_));
        if self.rules.unused == Unused::Nothing || !is_by_time {
            return None;
        }
        let grace = booking.during.from + Duration::minutes(self.rules.grace_minutes);
        let ends = self.kept_until.map_or(grace, |kept| kept.max(grace));
        (ends < booking.during.until).then_some(ends)
    }

    pub fn may_check_in(&self, booking: &Booking, now: DateTime<Utc>) -> bool {
        matches!(booking.status, Status::Confirmed | Status::NoShow)
            && self.opens(booking) <= now
            && now < booking.during.until
    }

    /// Before it is released, and once.
    pub fn may_be_late(&self, booking: &Booking, now: DateTime<Utc>) -> bool {
        booking.status == Status::Confirmed
            && self.kept_until.is_none()
            && self.opens(booking) <= now
            && self.ends_unused(booking).is_some_and(|ends| now < ends)
    }

    pub fn may_leave(&self, booking: &Booking, now: DateTime<Utc>) -> bool {
        booking.status == Status::CheckedIn
            && booking.during.from < now
            && now < booking.during.until
    }

    pub fn may_be_undone(&self, booking: &Booking, now: DateTime<Utc>) -> bool {
        let left = booking.status == Status::Completed && booking.left_at.is_some();
        (booking.status == Status::CheckedIn || left) && now < booking.during.until
    }

    /// Anything of these.
    pub fn may_say(&self, booking: &Booking, now: DateTime<Utc>) -> bool {
        self.may_check_in(booking, now)
            || self.may_be_late(booking, now)
            || self.may_leave(booking, now)
            || self.may_be_undone(booking, now)
    }

    /// `Check-in opens at 08:45.` or what is to be known while nobody has come; nothing where nothing hangs on it.
    pub fn words(&self, booking: &Booking, now: DateTime<Utc>) -> Option<String> {
        if booking.status != Status::Confirmed || booking.during.until <= now {
            return None;
        }
        let opens = self.opens(booking);
        if now < opens {
            let today = booking.zone.date(now) == booking.zone.date(opens);
            return today.then(|| format!("Check-in opens at {}.", booking.zone.clock(opens)));
        }
        let ends = self.ends_unused(booking)?;
        let clock = booking.zone.clock(ends);
        let is_kept = self.kept_until.is_some();
        match self.rules.unused {
            Unused::Release if is_kept => Some(format!("You run late: it is kept until {clock}.")),
            Unused::Release => Some(format!(
                "Check in by {clock}, or the rest of it goes to others."
            )),
            _ if is_kept => Some("You run late: the front desk knows.".to_owned()),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("Check-in opens {opens}.")]
    TooEarly { opens: String },
    #[error("This booking is over.")]
    Over,
    #[error("This booking is {status}, so there is nothing to check in to.")]
    NotConfirmed { status: String },
    #[error(
        "Nobody had checked in, and somebody else has {space} by now. Choose another time or space."
    )]
    Given { space: String },
    #[error("Check in first.")]
    NotHere,
    #[error("This booking has not begun. Move or cancel it instead.")]
    NotBegun,
    #[error("There is nothing to take back.")]
    Nothing,
    #[error("You need not tell: it stays yours all its time.")]
    NeverReleased,
    #[error("It is too late for that: check in, if it is still free.")]
    TooLate,
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::TooEarly { .. } => "too-early",
            Refusal::Over => "over",
            Refusal::NotConfirmed { .. } => "not-confirmed",
            Refusal::Given { .. } => "taken",
            Refusal::NotHere => "not-here",
            Refusal::NotBegun => "not-begun",
            Refusal::Nothing => "nothing-to-undo",
            Refusal::NeverReleased => "never-released",
            Refusal::TooLate => "too-late",
        }
    }

    fn of(refusal: attendance::Refusal, booking: &Booking) -> Refusal {
        use attendance::Refusal as Theirs;
        match refusal {
            Theirs::Over => Refusal::Over,
            Theirs::TimeGiven { space } => Refusal::Given { space },
            Theirs::NotHere => Refusal::NotHere,
            Theirs::NotBegun => Refusal::NotBegun,
            Theirs::NothingToUndo => Refusal::Nothing,
            Theirs::Stale | Theirs::NotConfirmed | Theirs::OtherDay { .. } | Theirs::IsHere => {
                Refusal::NotConfirmed {
                    status: booking.status.label().to_lowercase(),
                }
            }
        }
    }
}

/// What whoever booked says about coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Arrive,
    /// They come later: the grace time begins anew, once.
    Late,
    /// What is left of the time is free at once.
    Leave,
    Undo,
}

impl Word {
    pub fn named(key: &str) -> Option<Word> {
        Some(match key {
            "arrive" => Word::Arrive,
            "late" => Word::Late,
            "leave" => Word::Leave,
            "undo" => Word::Undo,
            _ => return None,
        })
    }
}

/// Of one's own booking, or one that is paid by a company whose admin one is. Said twice it is said once.
pub async fn say(
    tx: &mut PgConnection,
    actor: Id<Member>,
    id: Id<Booking>,
    word: Word,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let booking = locks::booking_and_space(tx, id).await?;
    if !booking.is_run_by(tx, actor).await? {
        return Err(Error::NotFound);
    }
    let presence = Presence::of(tx, id).await?;
    let mark = match word {
        Word::Late => return late(tx, actor, &booking, &presence, now).await,
        Word::Arrive => Mark::Arrive,
        Word::Leave => Mark::Leave,
        Word::Undo => Mark::Undo,
    };
    if word == Word::Undo && matches!(booking.status, Status::NoShow) {
        return Ok(Err(Refusal::Nothing));
    }
    let comes = matches!(booking.status, Status::Confirmed | Status::NoShow);
    let opens = presence.opens(&booking);
    if word == Word::Arrive && comes && now < opens {
        let (zone, today) = (booking.zone, booking.zone.date(now));
        let opens = match zone.date(opens) == today {
            true => format!("at {}", zone.clock(opens)),
            false => format!(
                "{}, {}",
                long_date(zone.date(opens), today),
                zone.clock(opens)
            ),
        };
        return Ok(Err(Refusal::TooEarly { opens }));
    }
    let done = attendance::mark(tx, actor, id, mark, None, now).await?;
    Ok(done.map_err(|refusal| Refusal::of(refusal, &booking)))
}

async fn late(
    tx: &mut PgConnection,
    actor: Id<Member>,
    booking: &Booking,
    presence: &Presence,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    if booking.status != Status::Confirmed {
        let status = booking.status.label().to_lowercase();
        return Ok(Err(Refusal::NotConfirmed { status }));
    }
    if presence.kept_until.is_some() {
        return Ok(Ok(booking.clone()));
    }
    let Some(ends) = presence.ends_unused(booking) else {
        return Ok(Err(Refusal::NeverReleased));
    };
    if ends <= now {
        return Ok(Err(Refusal::TooLate));
    }
    let until = ends + Duration::minutes(presence.rules.grace_minutes);
    let until = until.min(booking.during.until);
    sqlx::query!(
        "update bookings set kept_until = $2, version = version + 1 where id = $1",
        booking.id.get(),
        until
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"reference": booking.reference, "until": until});
    let (by, id) = (Some(actor.get()), booking.id.get());
    audit::record(tx, by, "run late", "bookings", id, detail).await?;
    Ok(Ok(locks::booking(tx, booking.id).await?))
}

/// The rooms whose time of grace has run out though nobody came, where the policy releases them.
pub async fn unused(db: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let unused = sqlx::query_scalar!(
        "select b.id from bookings b join spaces s on s.id = b.space_id join booking_policies p on p.id = s.policy_id
         where b.status = 'confirmed' and b.term = 'time' and p.unused = 'release'
           and lower(b.during) + make_interval(mins => p.grace_minutes) <= $1 and upper(b.during) > $1
           and (b.kept_until is null or b.kept_until <= $1)
         order by lower(b.during), b.id limit 200",
        now
    )
    .fetch_all(db)
    .await?;
    Ok(unused)
}

/// Marks it as not used and frees the rest of its time; its member is told. False if somebody has come, or it was
/// changed, meanwhile.
pub async fn release(tx: &mut PgConnection, id: Id<Booking>, now: DateTime<Utc>) -> Result<bool> {
    let booking = locks::booking_and_space(tx, id).await?;
    let presence = Presence::of(tx, id).await?;
    let is_due = booking.status == Status::Confirmed
        && presence.rules.unused == Unused::Release
        && presence
            .ends_unused(&booking)
            .is_some_and(|ends| ends <= now);
    if !is_due || attendance::miss(tx, None, &booking, now).await?.is_err() {
        return Ok(false);
    }
    let job = Job::BookingReleased {
        booking: id.get(),
        version: booking.version + 1,
    };
    jobs::enqueue(tx, &job).await?;
    let detail = json!({"reference": booking.reference, "before": booking.status.key()});
    audit::record(tx, None, "release", "bookings", id.get(), detail).await?;
    Ok(true)
}
