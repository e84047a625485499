//! Booking a series: every date by the rules of a single booking, one after the other, so that limits grow with
//! the dates before; all in one transaction, or none.

use std::{convert::Infallible, fmt};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{LeftOut, Row, Series, Shown, Times, gather};
use crate::{
    audit,
    bookings::{
        approval,
        booking::Booking,
        confirmation::Mail,
        desk::Desk,
        extras::picks::Pick,
        locks,
        order::{self, Booker, Details, Hold, Order, Wanted},
        payer::Payer,
        recurrence::{Problem, Recurrence},
        refusal::Refusal as Rule,
        term::{Term, Wish},
    },
    error::{Error, Result},
    id::Id,
    jobs::Job,
    locations::location::Location,
    members::member::Member,
    money::Money,
    spaces::{
        layout::Layout,
        space::{Audience, Space},
    },
    time::long_date,
};

/// A series as it is asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    pub wanted: Wanted,
    pub first: NaiveDate,
    pub times: Times,
    pub recurrence: Recurrence,
    pub people: i32,
    pub layout: Option<Layout>,
    /// What goes with each date.
    pub extras: Vec<Pick>,
    pub title: String,
    pub details: Details,
    pub payer: Payer,
    /// Leaves out the dates that cannot be had; else one of them refuses all.
    pub skip: bool,
    /// What was looked over; anything else is not booked unseen.
    pub shown: Option<Shown>,
    /// The same for a repeated submission: it makes one series.
    pub key: Option<String>,
    /// What the front desk says to it when it books for the member.
    pub desk: Option<Desk>,
}

/// What becomes of one date.
#[derive(Clone, Debug)]
pub struct Fate {
    pub date: NaiveDate,
    /// As it would be, or is, booked; or why not.
    pub outcome: std::result::Result<Box<Booking>, Rule>,
}

/// Why nothing was made.
#[derive(Clone, Debug)]
pub enum Refusal {
    Problem(Problem),
    Rule(Rule),
    /// Some of the dates cannot be had, and none was to be left out; or none can be had at all.
    Dates(Vec<Fate>),
    /// Something is different since they were looked over.
    Changed(Vec<Fate>),
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Problem(_) => "bad-rrule",
            Refusal::Rule(rule) => rule.kind(),
            Refusal::Dates(_) => "dates-refused",
            Refusal::Changed(_) => "dates-changed",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Problem(problem) => problem.fmt(f),
            Refusal::Rule(rule) => rule.fmt(f),
            Refusal::Changed(_) => f.write_str(
                "Something has changed since you looked. Look the dates and prices over and book again.",
            ),
            Refusal::Dates(fates) => {
                let refused = fates.iter().filter(|fate| fate.outcome.is_err()).count();
                match (refused == fates.len(), refused) {
                    (true, _) => f.write_str("None of these dates can be had. Choose another time or space."),
                    (_, 1) => write!(
                        f,
                        "One of the {} dates cannot be had, so nothing is booked. Leave it out, or choose another time.",
                        fates.len()
                    ),
                    (_, refused) => write!(
                        f,
                        "{refused} of the {} dates cannot be had, so nothing is booked. Leave them out, or choose another time.",
                        fates.len()
                    ),
                }
            }
        }
    }
}

/// Those that can be had, with what they come to.
pub fn shown(fates: &[Fate]) -> Shown {
    let booked = fates.iter().filter_map(|fate| fate.outcome.as_ref().ok());
    Shown {
        dates: booked.clone().count(),
        total: booked.map(|booking| booking.total).sum::<Money>(),
    }
}

impl Ask {
    /// Books what can be booked of it, and says its reference. A repeated submission answers with what it made
    /// the first time.
    pub async fn place(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<String, Refusal>> {
        let owner = self.by(booker);
        if let Some(key) = &self.key
            && let Some(before) = order::submitted(tx, owner, key, &self.fingerprint()).await?
        {
            return match before {
                Ok(booking) => Ok(Ok(series_of(tx, booking).await?)),
                Err(rule) => Ok(Err(Refusal::Rule(rule))),
            };
        }
        let (location, fates) = match self.try_all(tx, booker, now).await? {
            Ok(tried) => tried,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let would = shown(&fates);
        if self.shown.is_some_and(|shown| shown != would) {
            return Ok(Err(Refusal::Changed(fates)));
        }
        let refused = fates.len() - would.dates;
        if would.dates == 0 || refused > 0 && !self.skip {
            return Ok(Err(Refusal::Dates(fates)));
        }
        let reference = self.write(tx, owner, &location, fates).await?;
        Ok(Ok(reference))
    }

    /// What would become of each date, found out by booking them: never commits.
    pub async fn foresee(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Infallible, std::result::Result<Vec<Fate>, Refusal>>> {
        let tried = self.try_all(tx, booker, now).await?;
        Ok(Err(tried.map(|(_, fates)| fates)))
    }

    /// Takes each date in turn, under the locks of all its spaces.
    async fn try_all(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<(Location, Vec<Fate>), Refusal>> {
        let dates = match self.recurrence.dates(self.first) {
            Ok(dates) => dates,
            Err(problem) => return Ok(Err(Refusal::Problem(problem))),
        };
        let audience = Audience::of(self.desk.is_some());
        let Some((space, location)) = self.wanted.first_space_for(tx, audience).await? else {
            return Ok(Err(Refusal::Rule(Rule::NoSuchSpace)));
        };
        let spaces: Vec<Uuid> = match &self.wanted {
            Wanted::Space(_) => vec![space.id.get()],
            Wanted::Any { .. } => {
                let alike = Space::list(tx, self.wanted.which(&space)).await?;
                alike.iter().map(|space| space.id.get()).collect()
            }
        };
        locks::spaces(tx, &spaces).await?;
        let mut taken = Vec::new();
        for date in dates {
            let outcome = match self.times.on(date, location.zone) {
                Ok(term) => self.take(tx, booker, term, now).await?,
                Err(rule) => Err(rule),
            };
            taken.push((date, outcome));
        }
        let fates = read(tx, taken).await?;
        Ok(Ok((location, fates)))
    }

    /// One date, which leaves nothing behind where it is refused.
    async fn take(
        &self,
        tx: &mut PgConnection,
        booker: Booker,
        term: Term,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Id<Booking>, Rule>> {
        let mut attempt = tx.begin().await?;
        let order = self.order(term);
        let taken = order.place_one_of_many(&mut attempt, booker, now).await?;
        match taken {
            Ok(_) => attempt.commit().await?,
            Err(_) => attempt.rollback().await?,
        }
        Ok(taken)
    }

    fn order(&self, term: Term) -> Order {
        Order {
            wanted: self.wanted.clone(),
            wish: Wish {
                term,
                people: self.people,
                layout: self.layout,
            },
            extras: self.extras.clone(),
            title: self.title.clone(),
            details: self.details.clone(),
            payer: self.payer.clone(),
            hold: Hold::Checkout,
            shown: None,
            key: None,
            replaces: None,
            desk: self.desk.clone(),
        }
    }

    /// Whoever acts: the front desk, or the member.
    fn by(&self, booker: Booker) -> Id<Member> {
        self.desk.as_ref().map_or(booker.acts(), |desk| desk.by)
    }

    async fn write(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        location: &Location,
        fates: Vec<Fate>,
    ) -> Result<String> {
        let total = shown(&fates).total;
        let mut left_out = Vec::new();
        let mut bookings = Vec::new();
        for fate in fates {
            match fate.outcome {
                Ok(booking) => bookings.push(booking.id.get()),
                Err(rule) => left_out.push(LeftOut {
                    date: fate.date,
                    because: rule.why(),
                }),
            }
        }
        let row = Row {
            recurrence: &self.recurrence,
            first: self.first,
            follows: None,
            left_out: &left_out,
            by,
        };
        let (id, reference) = row.write(tx).await?;
        gather(tx, id, &bookings).await?;
        approval::tell_of_series(tx, id.get(), &bookings).await?;
        if let Some(key) = &self.key {
            order::remember(tx, by, key, &self.fingerprint(), bookings[0].into()).await?;
        }
        let mail = match &self.desk {
            Some(desk) => Mail::told(desk.tell),
            None => Mail::AtOnce,
        };
        mail.enqueue(tx, &Job::SeriesBooked { series: id.get() })
            .await?;
        let detail = json!({
            "reference": reference,
            "location": location.slug,
            "repeats": self.recurrence.words(),
            "dates": bookings.len(),
            "left_out": left_out.len(),
            "total_cents": total,
        });
        audit::record(
            tx,
            Some(by.get()),
            "book series",
            "series",
            id.get(),
            detail,
        )
        .await?;
        Ok(reference)
    }

    fn fingerprint(&self) -> Vec<u8> {
        Sha256::digest(format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {}",
            self.wanted,
            self.first,
            self.times,
            self.recurrence,
            self.people,
            self.layout,
            self.extras,
            self.title,
            self.details,
            self.payer,
            self.skip
        ))
        .to_vec()
    }
}

/// With the bookings as they stand now.
async fn read(
    tx: &mut PgConnection,
    taken: Vec<(NaiveDate, std::result::Result<Id<Booking>, Rule>)>,
) -> Result<Vec<Fate>> {
    let ids = taken
        .iter()
        .filter_map(|(_, outcome)| outcome.as_ref().ok());
    let ids: Vec<Uuid> = ids.map(|id| id.get()).collect();
    let mut bookings = Booking::by_ids(tx, &ids).await?;
    let mut fates = Vec::new();
    for (date, outcome) in taken {
        let outcome = match outcome {
            Ok(id) => Ok(Box::new(bookings.remove(&id.get()).ok_or(Error::NotFound)?)),
            Err(rule) => Err(rule),
        };
        fates.push(Fate { date, outcome });
    }
    Ok(fates)
}

async fn series_of(db: &mut PgConnection, booking: Id<Booking>) -> Result<String> {
    let reference = sqlx::query_scalar!(
        "select s.reference from bookings b join series s on s.id = b.series_id where b.id = $1",
        booking.get()
    )
    .fetch_optional(db)
    .await?;
    reference.ok_or(Error::NotFound)
}

impl Series {
    /// `Left out: Mon 7 December. Lighthouse is taken at that time.`
    pub fn left_out_words(&self, today: NaiveDate) -> Vec<(String, String)> {
        let left_out = self.left_out.iter();
        left_out
            .map(|one| (long_date(one.date, today), one.because.clone()))
            .collect()
    }
}
