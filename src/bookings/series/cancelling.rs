//! Cancelling dates of a series: each by its own terms, all in one transaction and told of in one mail.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{Scope, Series};
use crate::{
    audit,
    bookings::{
        booking::{Booking, Consequence},
        cancellation::{self, ByStaff, Reason, StaffRefusal},
        confirmation::Mail,
        locks,
        refusal::Refusal as Rule,
    },
    error::{Error, Result},
    id::Id,
    jobs::Job,
    members::member::Member,
    money::Money,
};

#[derive(Clone, Debug)]
pub struct Cancel {
    pub scope: Scope,
    pub note: String,
    /// What was shown of it: how many dates, and what they cost together. More is not kept unseen, and no other
    /// dates go.
    pub shown: Option<(usize, Consequence)>,
    pub by: Id<Member>,
    /// Somebody at the front desk, for a member whose dates they are.
    pub desk: Option<AtTheDesk>,
}

#[derive(Clone, Copy, Debug)]
pub struct AtTheDesk {
    pub reason: Reason,
    /// Nothing is kept although the terms would keep a part.
    pub in_full: bool,
    pub tell: bool,
}

#[derive(Clone, Debug, PartialEq, Error)]
pub enum Refusal {
    #[error("There is no date ahead in it that could be cancelled. Choose others.")]
    Nothing,
    #[error(
        "The dates or what they cost have changed since you looked. Look them over and cancel again."
    )]
    Changed,
    #[error("{0}")]
    Rule(Rule),
    #[error("{0}")]
    Staff(StaffRefusal),
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Nothing => "nothing-ahead",
            Refusal::Changed => "consequence-changed",
            Refusal::Rule(rule) => rule.kind(),
            Refusal::Staff(refusal) => refusal.kind(),
        }
    }
}

/// What cancelling all of them would cost.
pub fn consequence<'a>(
    bookings: impl Iterator<Item = &'a Booking>,
    now: DateTime<Utc>,
) -> Consequence {
    bookings.fold(Consequence::default(), |sum, booking| {
        let one = booking.consequence_at(now);
        Consequence {
            kept: sum.kept + one.kept,
            days: sum.days + one.days,
        }
    })
}

/// Cancels what is ahead of it within the scope; past dates and those that have begun stay as they are.
pub async fn cancel(
    tx: &mut PgConnection,
    id: Id<Series>,
    ask: &Cancel,
    now: DateTime<Utc>,
) -> Result<std::result::Result<Vec<Booking>, Refusal>> {
    let unlocked = Series::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if ask.desk.is_none() && !unlocked.is_run_by(tx, ask.by).await? {
        return Err(Error::NotFound);
    }
    let spaces = unlocked
        .ahead(ask.scope, now)
        .map(|booking| booking.space_id);
    let spaces: Vec<Uuid> = spaces.collect();
    locks::spaces(tx, &spaces).await?;
    let series = Series::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    let chosen: Vec<&Booking> = series.ahead(ask.scope, now).collect();
    if chosen.is_empty() {
        return Ok(Err(Refusal::Nothing));
    }
    if chosen
        .iter()
        .any(|booking| !spaces.contains(&booking.space_id))
    {
        return Err(Error::Contended);
    }
    let cost = consequence(chosen.iter().copied(), now);
    let is_other = |(dates, shown)| dates != chosen.len() || cost.is_worse_than(shown);
    if ask.shown.is_some_and(is_other) {
        return Ok(Err(Refusal::Changed));
    }
    let mut done = Vec::new();
    for booking in chosen {
        match one(tx, booking, ask, now).await? {
            Ok(booking) => done.push(booking),
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    let mail = match ask.desk {
        Some(desk) => Mail::told(desk.tell),
        None => Mail::AtOnce,
    };
    let bookings: Vec<Uuid> = done.iter().map(|booking| booking.id.get()).collect();
    let series_id = series.id.get();
    let job = Job::SeriesCancelled {
        series: series_id,
        bookings,
    };
    mail.enqueue(tx, &job).await?;
    let kept: Money = done.iter().filter_map(|booking| booking.kept).sum();
    let detail = json!({
        "reference": series.reference,
        "location": series.bookings[0].location_slug,
        "dates": done.len(),
        "kept_cents": kept,
        "note": ask.note,
    });
    audit::record(
        tx,
        Some(ask.by.get()),
        "cancel series",
        "series",
        series_id,
        detail,
    )
    .await?;
    Ok(Ok(done))
}

async fn one(
    tx: &mut PgConnection,
    booking: &Booking,
    ask: &Cancel,
    now: DateTime<Utc>,
) -> Result<std::result::Result<Booking, Refusal>> {
    let Some(desk) = ask.desk else {
        let done =
            cancellation::cancel_untold(tx, ask.by, booking.id, &ask.note, None, now).await?;
        return Ok(done.map(|(booking, _)| booking).map_err(Refusal::Rule));
    };
    let how = ByStaff {
        reason: desk.reason,
        in_full: desk.in_full,
        shown: None,
        note: ask.note.clone(),
        tell: false,
        version: None,
    };
    let done = cancellation::cancel_by_staff(tx, ask.by, booking.id, &how, now).await?;
    Ok(done.map_err(Refusal::Staff))
}
