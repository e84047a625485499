//! A booking that repeats. Every date of it is a booking of its own, with its own fate and charge.

pub mod cancelling;
pub mod changing;
pub mod placing;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    booking::{Booking, Status},
    recurrence::Recurrence,
    refusal::Refusal,
    term::{Term, instant},
};
use crate::{
    error::Result,
    id::{self, Id},
    members::member::Member,
    money::Money,
    time::{Span, Zone},
};

#[derive(Clone, Debug)]
pub struct Series {
    pub id: Id<Series>,
    /// `SR-7K3M9`
    pub reference: String,
    pub recurrence: Recurrence,
    pub first: NaiveDate,
    /// The one that it was split from.
    pub follows: Option<String>,
    /// Those that were split from it.
    pub followed_by: Vec<String>,
    /// The dates that were left out when it was made.
    pub left_out: Vec<LeftOut>,
    /// By date, whatever became of them; there is at least one.
    pub bookings: Vec<Booking>,
}

/// A date that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub date: NaiveDate,
    pub because: String,
}

/// What is the same on every date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Times {
    /// On the wall clock of the location; the end is so many days later.
    Clock {
        from: NaiveTime,
        until: NaiveTime,
        nights: i64,
    },
    /// The day, and so many more.
    Days { more: i64 },
}

/// Dates of a series: all, those from one on, or those between two, both included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub first: Option<NaiveDate>,
    pub last: Option<NaiveDate>,
}

/// How many dates were shown, and what they come to together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub dates: usize,
    pub total: Money,
}

impl Times {
    /// The first date, and what repeats; nothing for weeks and months.
    pub fn of(term: &Term, zone: Zone) -> Option<(NaiveDate, Times)> {
        match *term {
            Term::Time(span) => {
                let (from, until) = (zone.wall(span.from), zone.wall(span.until));
                let times = Times::Clock {
                    from: from.time(),
                    until: until.time(),
                    nights: (until.date() - from.date()).num_days(),
                };
                Some((from.date(), times))
            }
            Term::Days { first, last } => {
                let more = (last - first).num_days();
                Some((first, Times::Days { more }))
            }
            Term::Let(_) => None,
        }
    }

    /// On one date: the same on the wall clock, whatever the clocks did between.
    pub fn on(&self, date: NaiveDate, zone: Zone) -> Result<Term, Refusal> {
        match *self {
            Times::Clock {
                from,
                until,
                nights,
            } => {
                let ends_on = date + chrono::Duration::days(nights);
                Ok(Term::Time(Span::new(
                    instant(zone, date.and_time(from))?,
                    instant(zone, ends_on.and_time(until))?,
                )))
            }
            Times::Days { more } => Ok(Term::Days {
                first: date,
                last: date + chrono::Duration::days(more),
            }),
        }
    }

    /// `09:00–10:00`, `by the day`.
    pub fn words(&self) -> String {
        match self {
            Times::Clock { from, until, .. } => {
                format!("{}–{}", from.format("%H:%M"), until.format("%H:%M"))
            }
            Times::Days { more: 0 } => "by the day".to_owned(),
            Times::Days { more } => format!("{} days each", more + 1),
        }
    }

    /// When it begins on the wall clock.
    pub fn begins(&self) -> NaiveTime {
        match self {
            Times::Clock { from, .. } => *from,
            Times::Days { .. } => NaiveTime::MIN,
        }
    }
}

impl Scope {
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= date) && self.last.is_none_or(|last| date <= last)
    }
}

impl Series {
    pub fn url(&self) -> String {
        format!("/series/{}", self.reference)
    }

    /// Live, and not begun: what can still be changed or cancelled.
    pub fn ahead(&self, scope: Scope, now: DateTime<Utc>) -> impl Iterator<Item = &Booking> {
        let bookings = self.bookings.iter();
        bookings.filter(move |booking| scope.covers(booking.date()) && is_ahead(booking, now))
    }

    pub fn left(&self, now: DateTime<Utc>) -> usize {
        self.ahead(Scope::default(), now).count()
    }

    /// The one to say how it is: the next, or else the last there was.
    pub fn usual(&self, now: DateTime<Utc>) -> &Booking {
        let next = self.ahead(Scope::default(), now).next();
        next.unwrap_or(&self.bookings[self.bookings.len() - 1])
    }

    /// One's own, those of a company whose admin one is, or any for staff; anything else is not there.
    pub async fn seen_by(
        db: &mut PgConnection,
        member: Id<Member>,
        is_staff: bool,
        reference: &str,
    ) -> Result<Option<Series>> {
        let id = sqlx::query_scalar!(
            "select id from series where reference = $1",
            reference.to_uppercase()
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(id) = id else { return Ok(None) };
        let Some(series) = Self::by_id(db, id.into()).await? else {
            return Ok(None);
        };
        let is_seen = is_staff || series.is_run_by(db, member).await?;
        Ok(is_seen.then_some(series))
    }

    /// Its bookings are, all of one member and at one account.
    pub async fn is_run_by(&self, db: &mut PgConnection, member: Id<Member>) -> Result<bool> {
        self.bookings[0].is_run_by(db, member).await
    }

    pub async fn by_id(db: &mut PgConnection, id: Id<Series>) -> Result<Option<Series>> {
        let row = sqlx::query!(
            r#"select s.reference, s.rrule, s.first_day, s.skipped as "skipped: Json<Vec<LeftOut>>",
                      f.reference as "follows?",
                      array(select n.reference from series n where n.follows = s.id order by n.first_day) as "followed_by!"
               from series s left join series f on f.id = s.follows where s.id = $1"#,
            id.get()
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let bookings = Booking::of_series(db, id).await?;
        if bookings.is_empty() {
            return Ok(None);
        }
        Ok(Some(Series {
            id,
            reference: row.reference,
            recurrence: row.rrule.parse().map_err(anyhow::Error::from)?,
            first: row.first_day,
            follows: row.follows,
            followed_by: row.followed_by,
            left_out: row.skipped.0,
            bookings,
        }))
    }

    /// A member's that have a date ahead, the next one first.
    pub async fn of(
        db: &mut PgConnection,
        member: Id<Member>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Series>> {
        let ids = sqlx::query_scalar!(
            r#"select series_id as "id!" from bookings
               where member_id = $1 and series_id is not null and upper(during) > $2
                 and status in ('pending', 'confirmed', 'checked_in')
               group by series_id order by min(lower(during)) limit 100"#,
            member.get(),
            now
        )
        .fetch_all(&mut *db)
        .await?;
        let mut all = Vec::new();
        for id in ids {
            all.extend(Self::by_id(db, id.into()).await?);
        }
        Ok(all)
    }
}

fn is_ahead(booking: &Booking, now: DateTime<Utc>) -> bool {
    booking.status != Status::Held && booking.can_be_cancelled(now)
}

/// A series as it is written down.
struct Row<'a> {
    recurrence: &'a Recurrence,
    first: NaiveDate,
    follows: Option<Id<Series>>,
    left_out: &'a [LeftOut],
    by: Id<Member>,
}

impl Row<'_> {
    async fn write(&self, tx: &mut PgConnection) -> Result<(Id<Series>, String)> {
        let id = Id::<Series>::fresh();
        loop {
            let reference = id::reference("SR-");
            let written = sqlx::query!(
                "insert into series (id, reference, rrule, first_day, follows, skipped, created_by)
                 values ($1, $2, $3, $4, $5, $6, $7) on conflict (reference) do nothing",
                id.get(),
                reference,
                self.recurrence.to_string(),
                self.first,
                self.follows.map(Id::get),
                Json(self.left_out) as _,
                self.by.get()
            )
            .execute(&mut *tx)
            .await?;
            if written.rows_affected() == 1 {
                return Ok((id, reference));
            }
        }
    }
}

/// Makes bookings dates of a series, in place of the one that they were of.
async fn gather(tx: &mut PgConnection, series: Id<Series>, bookings: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "update bookings set series_id = $1 where id = any($2)",
        series.get(),
        bookings
    )
    .execute(tx)
    .await?;
    Ok(())
}
