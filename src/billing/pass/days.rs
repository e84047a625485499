//! The days of a member's passes: which of them cover a wish, and drawing them with the booking.
//!
//! A day drawn covers its member's desk for that day, one desk at a time: a second one at the same
//! time is charged. Whoever draws has the member locked; constraints hold the rest.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{PgConnection, error::ErrorKind};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    billing::quote::Line,
    error::{Error, Result},
    id::Id,
    locations::{hours::Opening, location::Location},
    members::member::Member,
    money::Money,
    time::Span,
};

/// What a member's passes have left, the one that ends first standing first.
#[derive(Clone, Debug, Default)]
pub struct Holdings(pub Vec<Holding>);

/// One pass as it can be drawn on.
#[derive(Clone, Debug)]
pub struct Holding {
    pub pass: Uuid,
    pub reference: String,
    /// `Month pass`
    pub name: String,
    /// `None` for every location.
    pub location: Option<Id<Location>>,
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// How many days there are in all; `None` for every day.
    pub days: Option<i32>,
    pub places: i32,
    /// The place that each drawn day has.
    drawn: BTreeMap<NaiveDate, i32>,
    /// When a desk is taken on it.
    taken: Vec<Span>,
}

/// A day of a pass to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Draw {
    #[schema(value_type = String, example = "2026-12-01")]
    pub date: NaiveDate,
    /// The pass's.
    #[schema(example = "CP-7K3M9")]
    pub reference: String,
    /// `Month pass`
    #[serde(skip)]
    pub name: String,
    #[serde(skip)]
    pub pass: Uuid,
    #[serde(skip)]
    pub place: i32,
    #[serde(skip)]
    pub during: Span,
}

/// What passes cover of a wish, and what is left to be charged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cover {
    pub draws: Vec<Draw>,
    /// One for each pass, at no charge.
    pub lines: Vec<Line>,
    pub rest: Vec<Opening>,
}

impl Holding {
    pub fn new(
        (pass, reference, name): (Uuid, String, String),
        location: Option<Id<Location>>,
        (first, last): (NaiveDate, NaiveDate),
        days: Option<i32>,
    ) -> Holding {
        let all = (last - first).num_days() as i32 + 1;
        Holding {
            pass,
            reference,
            name,
            location,
            first,
            last,
            days,
            places: days.unwrap_or(all),
            drawn: BTreeMap::new(),
            taken: Vec::new(),
        }
    }

    /// How many days can still be drawn; `None` for all of them.
    fn left(&self) -> Option<i32> {
        Some(self.days? - self.drawn.len() as i32)
    }

    fn draw(&mut self, location: Id<Location>, opening: &Opening) -> Option<Draw> {
        let here = self.location.is_none_or(|at| at == location);
        let in_force = (self.first..=self.last).contains(&opening.date);
        if !here || !in_force || self.taken.iter().any(|span| span.overlaps(opening.span)) {
            return None;
        }
        let free = || (1..=self.places).find(|place| !self.drawn.values().any(|p| p == place));
        let place = self.drawn.get(&opening.date).copied().or_else(free)?;
        self.drawn.insert(opening.date, place);
        self.taken.push(opening.span);
        Some(Draw {
            date: opening.date,
            reference: self.reference.clone(),
            name: self.name.clone(),
            pass: self.pass,
            place,
            during: opening.span,
        })
    }

    /// `Covered by your Month pass (7 of 10 days left)`, said before these are drawn.
    fn line(&self, draws: &[Draw]) -> Line {
        let fresh = draws
            .iter()
            .filter(|draw| !self.drawn.contains_key(&draw.date))
            .count();
        let covered = match draws.len() {
            1 => "Covered".to_owned(),
            days => format!("{days} days covered"),
        };
        let left = match (self.left(), self.days) {
            _ if fresh == 0 => " (the day is drawn already)".to_owned(),
            (Some(left), Some(days)) => format!(" ({left} of {days} days left)"),
            _ => String::new(),
        };
        Line {
            label: format!("{covered} by your {}{left}", self.name),
            cents: Money::ZERO,
        }
    }
}

impl Holdings {
    /// Of a member, for dates around `first` to `last`. Holds that have run out count as given back, and
    /// so does the member's own one at the checkout when `replacing`: the next one takes its place. A
    /// booking that is being `changed` gives back what it drew.
    pub async fn of(
        db: &mut PgConnection,
        member: Id<Member>,
        (first, last): (NaiveDate, NaiveDate),
        replacing: bool,
        changed: Option<Uuid>,
    ) -> Result<Holdings> {
        let passes = sqlx::query!(
            r#"select id, reference, name, location_id, lower(valid) as "first!", upper(valid) - 1 as "last!", days
               from passes
               where member_id = $1 and cancelled_at is null and valid && daterange($2, $3, '[]')
               order by upper(valid), id"#,
            member.get(),
            first - Duration::days(1),
            last.max(first) + Duration::days(1)
        )
        .fetch_all(&mut *db)
        .await?;
        let mut holdings: Vec<Holding> = passes
            .into_iter()
            .map(|row| {
                let named = (row.id, row.reference, row.name);
                let location = row.location_id.map(Id::from);
                Holding::new(named, location, (row.first, row.last), row.days)
            })
            .collect();
        if holdings.is_empty() {
            return Ok(Holdings::default());
        }
        let ids: Vec<Uuid> = holdings.iter().map(|holding| holding.pass).collect();
        let days = sqlx::query!(
            "select d.pass_id, d.on_date, d.place, d.active, d.during
             from pass_days d join bookings b on b.id = d.booking_id
             where d.pass_id = any($1) and (d.active or d.kept) and ($4::uuid is null or b.id <> $4)
               and (b.status <> 'held' or b.hold_expires_at > now()
                    and not ($3 and b.channel = 'web' and b.created_by = $2))",
            &ids,
            member.get(),
            replacing,
            changed
        )
        .fetch_all(db)
        .await?;
        for day in days {
            let holding = holdings.iter_mut().find(|one| one.pass == day.pass_id);
            if let Some(holding) = holding {
                holding.drawn.insert(day.on_date, day.place);
                if day.active {
                    holding.taken.push(day.during.into());
                }
            }
        }
        Ok(Holdings(holdings))
    }

    /// Day by day: a pass that the day is drawn on already, else the one that ends first.
    pub fn cover(&self, location: Id<Location>, openings: &[Opening]) -> Cover {
        let mut after = self.clone();
        let mut cover = Cover::default();
        for opening in openings {
            match after.draw(location, opening) {
                Some(draw) => cover.draws.push(draw),
                None => cover.rest.push(*opening),
            }
        }
        for before in &self.0 {
            let of_it = |draw: &&Draw| draw.pass == before.pass;
            let draws: Vec<Draw> = cover.draws.iter().filter(of_it).cloned().collect();
            if !draws.is_empty() {
                cover.lines.push(before.line(&draws));
            }
        }
        cover
    }

    /// Notes one day as drawn, where there is one.
    pub fn draw(&mut self, location: Id<Location>, opening: &Opening) -> Option<Draw> {
        let (drawn, fresh): (Vec<_>, Vec<_>) = self
            .0
            .iter_mut()
            .partition(|holding| holding.drawn.contains_key(&opening.date));
        drawn
            .into_iter()
            .chain(fresh)
            .find_map(|holding| holding.draw(location, opening))
    }
}

/// Writes the days that a booking draws, in its transaction. What nobody could foresee, since the member
/// is locked, runs the whole once more.
pub async fn draw(tx: &mut PgConnection, booking: Uuid, draws: &[Draw]) -> Result<()> {
    for draw in draws {
        let written = sqlx::query!(
            "insert into pass_days (booking_id, on_date, pass_id, places, valid, place, during)
             select $1, $2, id, places, valid, $4, tstzrange($5, $6) from passes where id = $3",
            booking,
            draw.date,
            draw.pass,
            draw.place,
            draw.during.from,
            draw.during.until
        )
        .execute(&mut *tx)
        .await;
        match written {
            Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::ExclusionViolation => {
                return Err(Error::Contended);
            }
            written => written?,
        };
    }
    Ok(())
}

/// Forgets the days that a hold drew which has run out: confirmed late, it draws anew.
pub async fn forget(tx: &mut PgConnection, booking: Uuid) -> Result<()> {
    sqlx::query!("delete from pass_days where booking_id = $1", booking)
        .execute(tx)
        .await?;
    Ok(())
}

/// Keeps the days of a booking about to be cancelled that begin within `free_minutes`, or that can never
/// be cancelled freely; the others come back by themselves.
pub async fn keep_late(
    tx: &mut PgConnection,
    booking: Uuid,
    free_minutes: Option<i64>,
    now: DateTime<Utc>,
) -> Result<()> {
    let from = free_minutes.map(|minutes| now + Duration::minutes(minutes));
    sqlx::query!(
        "update pass_days set kept = true where booking_id = $1 and ($2::timestamptz is null or lower(during) < $2)",
        booking,
        from
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Keeps certain days of a booking drawn, whatever becomes of it.
pub async fn keep(tx: &mut PgConnection, booking: Uuid, dates: &[NaiveDate]) -> Result<()> {
    sqlx::query!(
        "update pass_days set kept = true where booking_id = $1 and on_date = any($2)",
        booking,
        dates
    )
    .execute(tx)
    .await?;
    Ok(())
}
