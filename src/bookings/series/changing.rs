//! Changing dates of a series: each by the rules of a single booking, all in one transaction and told of in one
//! mail. Past dates are never touched: where later ones become others for good, the series splits.

use std::{convert::Infallible, fmt};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{Row, Scope, Series, Shown, Times, gather};
use crate::{
    audit,
    bookings::{
        approval,
        booking::Booking,
        change::{self, Pricing, Refusal as OneRefusal, Wanted, Way},
        confirmation::Mail,
        locks, moving,
        recurrence::{End, Recurrence},
        refusal::Refusal as Rule,
    },
    error::{Error, Result},
    id::Id,
    jobs::Job,
    members::member::Member,
    money::Money,
    spaces::space::{Audience, Space},
};

/// What dates are to become; what is left out stays as it is on each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// A slug.
    pub space: Option<String>,
    pub times: Option<Times>,
    /// So many days later, or below zero sooner.
    pub days: i64,
    pub people: Option<i32>,
}

#[derive(Clone, Debug)]
pub struct Change {
    pub scope: Scope,
    pub target: Target,
    /// Leaves the dates that cannot become so as they are; else one of them refuses all.
    pub skip: bool,
    /// What was looked over, as the dates come to afterwards; anything else is not done unseen.
    pub shown: Option<Shown>,
    pub by: Id<Member>,
    /// Somebody at the front desk, for a member whose dates they are.
    pub desk: Option<AtTheDesk>,
}

#[derive(Clone, Debug)]
pub struct AtTheDesk {
    /// Why policy is passed over; empty where it is kept.
    pub reason: String,
    pub tell: bool,
}

/// What becomes of one date.
#[derive(Clone, Debug)]
pub struct Fate {
    pub was: Booking,
    pub outcome: std::result::Result<Box<Booking>, OneRefusal>,
}

impl Fate {
    /// What is charged for it; below zero, what goes back.
    pub fn difference(&self) -> Money {
        match &self.outcome {
            Ok(is) if self.was.charged => is.total - self.was.total,
            _ => Money::ZERO,
        }
    }
}

/// Why nothing was changed.
#[derive(Clone, Debug)]
pub enum Refusal {
    Nothing,
    Same,
    NoSuchSpace,
    MonthlyKeepsItsDays,
    Dates(Vec<Fate>),
    Changed(Vec<Fate>),
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Nothing => "nothing-ahead",
            Refusal::Same => "same",
            Refusal::NoSuchSpace => "no-such-space",
            Refusal::MonthlyKeepsItsDays => "monthly-keeps-its-days",
            Refusal::Dates(_) => "dates-refused",
            Refusal::Changed(_) => "dates-changed",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Refusal::Nothing => "There is no date ahead in it that could be changed. Choose others.",
            Refusal::Same => "Nothing would change. Choose another time, day, space or number of people.",
            Refusal::NoSuchSpace => "There is no such space. Choose one from the list.",
            Refusal::MonthlyKeepsItsDays => {
                "A series by the month keeps its days. Move one date alone, or make another series."
            }
            Refusal::Changed(_) => {
                "Something has changed since you looked. Look the dates and prices over and change them again."
            }
            Refusal::Dates(fates) => {
                let refused = fates.iter().filter(|fate| fate.outcome.is_err()).count();
                return match (refused == fates.len(), refused) {
                    (true, _) => f.write_str("None of these dates can become so. Choose another time or space."),
                    (_, 1) => write!(
                        f,
                        "One of the {} dates cannot become so, and nothing is changed. Leave it as it is, or choose another time.",
                        fates.len()
                    ),
                    (_, refused) => write!(
                        f,
                        "{refused} of the {} dates cannot become so, and nothing is changed. Leave them as they are, or choose another time.",
                        fates.len()
                    ),
                };
            }
        })
    }
}

/// Those that can become so, with what they come to afterwards.
pub fn shown(fates: &[Fate]) -> Shown {
    let changed = fates.iter().filter_map(|fate| fate.outcome.as_ref().ok());
    Shown {
        dates: changed.clone().count(),
        total: changed.map(|booking| booking.total).sum::<Money>(),
    }
}

impl Change {
    /// Changes what is ahead within the scope, and says the reference of the series that it then is.
    pub async fn carry_out(
        &self,
        tx: &mut PgConnection,
        id: Id<Series>,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<String, Refusal>> {
        let (series, fates) = match self.try_all(tx, id, now).await? {
            Ok(tried) => tried,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let would = shown(&fates);
        if self.shown.is_some_and(|shown| shown != would) {
            return Ok(Err(Refusal::Changed(fates)));
        }
        if would.dates == 0 || would.dates < fates.len() && !self.skip {
            return Ok(Err(Refusal::Dates(fates)));
        }
        let reference = self.settle(tx, &series, &fates).await?;
        let changed = fates.iter().filter(|fate| fate.outcome.is_ok());
        let bookings: Vec<Uuid> = changed.map(|fate| fate.was.id.get()).collect();
        approval::tell_of_series(tx, series.id.get(), &bookings).await?;
        let job = Job::SeriesChanged {
            series: series.id.get(),
            bookings,
        };
        let mail = match &self.desk {
            Some(desk) => Mail::told(desk.tell),
            None => Mail::AtOnce,
        };
        mail.enqueue(tx, &job).await?;
        let difference: Money = fates.iter().map(Fate::difference).sum();
        let detail = json!({
            "reference": series.reference,
            "location": series.bookings[0].location_slug,
            "became": reference,
            "dates": would.dates,
            "as_before": fates.len() - would.dates,
            "difference_cents": difference,
            "reason": self.desk.as_ref().map(|desk| desk.reason.as_str()),
        });
        let by = Some(self.by.get());
        audit::record(tx, by, "change series", "series", series.id.get(), detail).await?;
        Ok(Ok(reference))
    }

    /// What would become of each date, found out by changing them: never commits.
    pub async fn foresee(
        &self,
        tx: &mut PgConnection,
        id: Id<Series>,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Infallible, std::result::Result<Vec<Fate>, Refusal>>> {
        let tried = self.try_all(tx, id, now).await?;
        Ok(Err(tried.map(|(_, fates)| fates)))
    }

    /// Changes each in turn under the locks of all their spaces. What begins later begins with the last, so that
    /// no date stands in the way of the one before.
    async fn try_all(
        &self,
        tx: &mut PgConnection,
        id: Id<Series>,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<(Series, Vec<Fate>), Refusal>> {
        let unlocked = Series::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        if self.desk.is_none() && !unlocked.is_run_by(tx, self.by).await? {
            return Err(Error::NotFound);
        }
        if unlocked.recurrence.later(self.target.days).is_none() {
            return Ok(Err(Refusal::MonthlyKeepsItsDays));
        }
        let mut spaces: Vec<Uuid> = unlocked
            .ahead(self.scope, now)
            .map(|booking| booking.space_id)
            .collect();
        if let Some(slug) = &self.target.space {
            let audience = Audience::of(self.desk.is_some());
            match Space::find_for(tx, slug, audience).await? {
                Some(space) => spaces.push(space.id.get()),
                None if unlocked.bookings.iter().any(|one| one.space_slug == *slug) => {}
                None => return Ok(Err(Refusal::NoSuchSpace)),
            }
        }
        locks::spaces(tx, &spaces).await?;
        let series = Series::by_id(tx, id).await?.ok_or(Error::NotFound)?;
        let mut chosen: Vec<Booking> = series.ahead(self.scope, now).cloned().collect();
        if chosen.is_empty() {
            return Ok(Err(Refusal::Nothing));
        }
        if chosen
            .iter()
            .any(|booking| !spaces.contains(&booking.space_id))
        {
            return Err(Error::Contended);
        }
        if chosen.iter().all(|booking| self.leaves(booking)) {
            return Ok(Err(Refusal::Same));
        }
        if self.target.days > 0 {
            chosen.reverse();
        }
        let mut fates = Vec::new();
        for was in chosen {
            let outcome = self.one(tx, &was, now).await?.map(Box::new);
            fates.push(Fate { was, outcome });
        }
        if self.target.days > 0 {
            fates.reverse();
        }
        Ok(Ok((series, fates)))
    }

    fn wanted(&self, booking: &Booking) -> std::result::Result<Wanted, Rule> {
        let term = match Times::of(&booking.term, booking.zone) {
            None => booking.term,
            Some((date, times)) => {
                let times = self.target.times.unwrap_or(times);
                times.on(date + Duration::days(self.target.days), booking.zone)?
            }
        };
        Ok(Wanted {
            space: self
                .target
                .space
                .clone()
                .unwrap_or(booking.space_slug.clone()),
            term,
            people: self.target.people.unwrap_or(booking.people),
        })
    }

    /// As it is, it is so already.
    fn leaves(&self, booking: &Booking) -> bool {
        self.wanted(booking).is_ok_and(|wanted| {
            wanted.space == booking.space_slug
                && wanted.term == booking.term
                && wanted.people == booking.people
        })
    }

    /// One date, which is as before where it is refused.
    async fn one(
        &self,
        tx: &mut PgConnection,
        was: &Booking,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Booking, OneRefusal>> {
        if self.leaves(was) {
            return Ok(Ok(was.clone()));
        }
        let wanted = match self.wanted(was) {
            Ok(wanted) => wanted,
            Err(rule) => return Ok(Err(rule.into())),
        };
        let mut attempt = tx.begin().await?;
        let done = match &self.desk {
            None => moving::change_untold(&mut attempt, self.by, was.id, &wanted, now).await?,
            Some(desk) => self.by_staff(&mut attempt, was, &wanted, desk, now).await?,
        };
        match done {
            Ok(_) => attempt.commit().await?,
            Err(_) => attempt.rollback().await?,
        }
        Ok(done)
    }

    /// At the list's price, where another length has another.
    async fn by_staff(
        &self,
        tx: &mut PgConnection,
        was: &Booking,
        wanted: &Wanted,
        desk: &AtTheDesk,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Booking, OneRefusal>> {
        let mut way = Way {
            reason: desk.reason.clone(),
            ..Way::default()
        };
        let done = change::change(tx, self.by, was.id, wanted, &way, now).await?;
        let Err(OneRefusal::Price { now: price, .. }) = done else {
            return Ok(done);
        };
        way.price = Some(Pricing::New { shown: price });
        change::change(tx, self.by, was.id, wanted, &way, now).await
    }

    /// What the series is from now on: split where dates before stay as they were.
    async fn settle(
        &self,
        tx: &mut PgConnection,
        series: &Series,
        fates: &[Fate],
    ) -> Result<String> {
        if self.scope.last.is_some() {
            return Ok(series.reference.clone());
        }
        let first = fates[0].was.date();
        let (before, after): (Vec<&Booking>, Vec<&Booking>) = series
            .bookings
            .iter()
            .partition(|booking| booking.date() < first);
        let recurrence = series.recurrence.later(self.target.days);
        let recurrence = recurrence.unwrap_or_else(|| series.recurrence.clone());
        let begins = first + Duration::days(self.target.days);
        let Some(last) = before.last().map(|booking| booking.date()) else {
            rewrite(tx, series.id, &recurrence, begins).await?;
            return Ok(series.reference.clone());
        };
        let ends = after.last().map_or(first, |booking| booking.date());
        let row = Row {
            recurrence: &Recurrence {
                end: End::Until(ends + Duration::days(self.target.days)),
                ..recurrence
            },
            first: begins,
            follows: Some(series.id),
            left_out: &[],
            by: self.by,
        };
        let (id, reference) = row.write(tx).await?;
        let moved: Vec<Uuid> = after.iter().map(|booking| booking.id.get()).collect();
        gather(tx, id, &moved).await?;
        let rest = Recurrence {
            end: End::Until(last),
            ..series.recurrence.clone()
        };
        rewrite(tx, series.id, &rest, series.first).await?;
        Ok(reference)
    }
}

async fn rewrite(
    tx: &mut PgConnection,
    id: Id<Series>,
    recurrence: &Recurrence,
    first: NaiveDate,
) -> Result<()> {
    sqlx::query!(
        "update series set rrule = $2, first_day = $3 where id = $1",
        id.get(),
        recurrence.to_string(),
        first
    )
    .execute(tx)
    .await?;
    Ok(())
}
