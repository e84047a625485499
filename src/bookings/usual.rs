//! The usual desk: where a member mostly sits, on their next working day without a desk, bookable at once.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, Utc, Weekday};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    availability::Offer,
    booking::{Booking, Status},
    confirmation,
    favourite::Favourite,
    order::{Booker, Channel, Order},
    payer::Payers,
    refusal::Refusal,
    sheet::{Asker, Sheet},
    term::{Term, Wish},
};
use crate::{
    error::Result,
    id::Id,
    locations::location::Location,
    members::{company::Company, member::Member},
    spaces::space::{Kind, Space, Which},
    time::{Span, Zone, long_date},
};

/// How far back habits are read, in days.
const HABIT: i64 = 90;
/// How often within that somebody has to come on a Saturday or Sunday for it to be a working day of theirs.
const WEEKENDS: usize = 3;
/// How far ahead a day without a desk is looked for.
const AHEAD: Days = Days::new(14);

/// What a regular is offered.
#[derive(Clone, Debug)]
pub struct Usual {
    /// The name of the desk that it is about.
    pub desk: String,
    pub location: Location,
    pub date: NaiveDate,
    /// By the location's clock.
    pub today: NaiveDate,
    pub term: Term,
    /// The company that will pay; `None` when the member does.
    pub payer: Option<Company>,
    /// The desk itself, or the one most like it where it is taken; `None` when nothing there is free.
    pub offer: Option<(Space, Offer)>,
}

impl Usual {
    /// `None` for somebody who has neither a favourite desk nor a habit, or has a desk on each day ahead.
    pub async fn of(
        db: &mut PgConnection,
        member: Id<Member>,
        now: DateTime<Utc>,
    ) -> Result<Option<Usual>> {
        let desks = Space::list(
            db,
            Which {
                kind: Some(Kind::HotDesk),
                ..Which::default()
            },
        )
        .await?;
        let offered = |id| desks.iter().find(|desk| desk.id == id);
        let mut visits = visits(db, member, now).await?;
        visits.retain(|visit| offered(visit.desk).is_some());
        let favourites = Favourite::of(db, member).await?;
        let favourite = favourites.iter().find_map(|star| offered(star.space));
        let Some(desk) = favourite.or_else(|| offered(habit(&visits)?)) else {
            return Ok(None);
        };
        let which = Which {
            location: Some(desk.location),
            kind: Some(Kind::HotDesk),
            ..Which::default()
        };
        let Some(location) = Location::by_id(db, desk.location).await? else {
            return Ok(None);
        };
        let today = location.zone.date(now);
        let days = (today + Days::new(1), today + AHEAD);
        let sheet = Sheet::load(db, which, days, &Asker::member(member), now).await?;
        let Some(date) = sheet.next_day_without_desk(desk, &visits) else {
            return Ok(None);
        };
        let day = Term::Days {
            first: date,
            last: date,
        };
        let usual = way(&visits).term(date, location.zone);
        let terms = [usual.unwrap_or(day), day];
        let alike = alike(db, desk).await?;
        let offer = terms
            .iter()
            .find_map(|term| Some((*term, sheet.nearest_to(&alike, *term)?)));
        let (term, offer) = match offer {
            Some((term, offer)) => (term, Some(offer)),
            None => (terms[0], None),
        };
        Ok(Some(Usual {
            desk: desk.name.clone(),
            location,
            date,
            today,
            term,
            payer: Payers::of(db, member).await?.usual().cloned(),
            offer,
        }))
    }

    /// Books what was offered, and confirms it: desk, time, price and terms were looked over where the
    /// button is. Sent again with its key it is the same booking; on a day with a desk it is refused.
    pub async fn book(
        tx: &mut PgConnection,
        member: Id<Member>,
        order: &Order,
        zone: Zone,
        now: DateTime<Utc>,
    ) -> Result<Result<Booking, Refusal>> {
        let booker = Booker {
            member,
            proven: true,
            channel: Channel::Web,
            acting: None,
        };
        let placed = order.place(tx, booker, now).await?;
        let made = match &placed {
            Ok(booking) if booking.status == Status::Confirmed => return Ok(placed),
            Ok(booking) => Some(booking.id),
            Err(_) => None,
        };
        let (date, _) = order.wish.term.dates(zone);
        if let Some(desk) = desk_on(tx, member, date, zone, made).await? {
            let today = zone.date(now);
            let date = long_date(date, today);
            return Ok(Err(Refusal::DeskThatDay { desk, date }));
        }
        match placed {
            Ok(booking) => confirmation::confirm(tx, member, booking.id, None, now).await,
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// A desk that somebody had or will have.
#[derive(Clone, Debug, PartialEq)]
struct Visit {
    desk: Id<Space>,
    location: Id<Location>,
    weekday: Weekday,
    way: Way,
}

/// How somebody books a desk.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    ByDay,
    Hours(NaiveTime, NaiveTime),
}

impl Way {
    /// On a date; `None` where clocks skip one of its times.
    fn term(self, date: NaiveDate, zone: Zone) -> Option<Term> {
        match self {
            Way::ByDay => Some(Term::Days {
                first: date,
                last: date,
            }),
            Way::Hours(from, until) => {
                let ends_on = if until < from { date.succ_opt()? } else { date };
                Some(Term::Time(Span::new(
                    zone.instant(date.and_time(from)).ok()?,
                    zone.instant(ends_on.and_time(until)).ok()?,
                )))
            }
        }
    }
}

/// The latest first.
async fn visits(
    db: &mut PgConnection,
    member: Id<Member>,
    now: DateTime<Utc>,
) -> Result<Vec<Visit>> {
    let rows = sqlx::query!(
        r#"select b.space_id, s.location_id, l.time_zone, b.term, b.during as "during!"
           from bookings b join spaces s on s.id = b.space_id join locations l on l.id = s.location_id
           where b.member_id = $1 and s.kind = 'hot_desk' and lower(b.during) > $2
             and b.status in ('confirmed', 'checked_in', 'completed', 'no_show')
           order by lower(b.during) desc"#,
        member.get(),
        now - Duration::days(HABIT)
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            let zone = Zone::named(&row.time_zone)?;
            let during = Span::from(row.during);
            let clock = |at| zone.wall(at).time();
            Ok(Visit {
                desk: row.space_id.into(),
                location: row.location_id.into(),
                weekday: zone.date(during.from).weekday(),
                way: match row.term.as_str() {
                    "time" => Way::Hours(clock(during.from), clock(during.until)),
                    _ => Way::ByDay,
                },
            })
        })
        .collect()
}

/// The desk they take most, at the location they go to most.
fn habit(visits: &[Visit]) -> Option<Id<Space>> {
    let location = most(visits.iter().map(|visit| visit.location))?;
    let there = visits.iter().filter(|visit| visit.location == location);
    most(there.map(|visit| visit.desk))
}

/// By the day when nothing is known.
fn way(visits: &[Visit]) -> Way {
    most(visits.iter().map(|visit| visit.way)).unwrap_or(Way::ByDay)
}

/// What occurs most often; among equals the first, which is the latest.
fn most<T: PartialEq + Copy>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: Vec<(T, usize)> = Vec::new();
    for item in items {
        match counts.iter_mut().find(|(other, _)| *other == item) {
            Some((_, count)) => *count += 1,
            None => counts.push((item, 1)),
        }
    }
    let best = counts.iter().map(|(_, count)| *count).max()?;
    counts
        .into_iter()
        .find_map(|(item, count)| (count == best).then_some(item))
}

/// The desk and all others at its location, those most like it first: on the same floor, in the same
/// zone, near by.
async fn alike(db: &mut PgConnection, desk: &Space) -> Result<Vec<Id<Space>>> {
    let ids = sqlx::query_scalar!(
        "select s.id from spaces mine join spaces s on s.location_id = mine.location_id and s.kind = mine.kind
         where mine.id = $1
         order by s.id <> mine.id, s.floor_id <> mine.floor_id, s.zone_id is distinct from mine.zone_id,
                  (s.plan_x - mine.plan_x) ^ 2 + (s.plan_y - mine.plan_y) ^ 2, s.position",
        desk.id.get()
    )
    .fetch_all(db)
    .await?;
    Ok(ids.into_iter().map(Id::from).collect())
}

/// The name of the desk that a member has on a date, another one than the one being booked.
async fn desk_on(
    db: &mut PgConnection,
    member: Id<Member>,
    date: NaiveDate,
    zone: Zone,
    other_than: Option<Id<Booking>>,
) -> Result<Option<String>> {
    let midnight = |date: NaiveDate| zone.first_instant(date.and_time(NaiveTime::MIN));
    let name = sqlx::query_scalar!(
        "select s.name from bookings b join spaces s on s.id = b.space_id
         where b.member_id = $1 and s.kind = 'hot_desk' and b.status in ('confirmed', 'checked_in')
           and lower(b.during) < $3 and upper(b.during) > $2 and b.id is distinct from $4
         limit 1",
        member.get(),
        midnight(date),
        midnight(date + Days::new(1)),
        other_than.map(Id::get) as Option<Uuid>,
    )
    .fetch_optional(db)
    .await?;
    Ok(name)
}

impl Sheet {
    /// The first of its days that is a working day of theirs, on which the location is open, and they
    /// have no desk: Monday to Friday, and a weekend's day on which
    /// they often come.
    fn next_day_without_desk(&self, desk: &Space, visits: &[Visit]) -> Option<NaiveDate> {
        let calendar = self.calendar(desk);
        let works_on = |date: NaiveDate| {
            let weekday = date.weekday();
            let times = visits.iter().filter(|visit| visit.weekday == weekday);
            weekday.number_from_monday() <= 5 || times.count() >= WEEKENDS
        };
        let has_desk = |date| {
            let mut own = self.own.iter().filter(|(kind, _)| *kind == Kind::HotDesk);
            own.any(|(_, span)| {
                calendar.zone.date(span.from) <= date
                    && date <= calendar.zone.date(span.until - Duration::seconds(1))
            })
        };
        let (first, last) = self.days;
        first
            .iter_days()
            .take_while(|date| *date <= last)
            .filter(|date| works_on(*date))
            .filter(|date| !calendar.day(*date).is_closed())
            .find(|date| !has_desk(*date))
    }

    /// The first of some spaces that is free for one person then.
    fn nearest_to(&self, spaces: &[Id<Space>], term: Term) -> Option<(Space, Offer)> {
        let wish = Wish::new(term, 1);
        spaces.iter().find_map(|id| {
            let space = self.spaces.iter().find(|space| space.id == *id)?;
            Some((space.clone(), self.check(space, &wish).ok()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(desk: u128, location: u128, way: Way) -> Visit {
        Visit {
            desk: Uuid::from_u128(desk).into(),
            location: Uuid::from_u128(location).into(),
            weekday: Weekday::Tue,
            way,
        }
    }

    fn hours(from: &str, until: &str) -> Way {
        Way::Hours(from.parse().unwrap(), until.parse().unwrap())
    }

    #[test]
    fn the_most_used_location_comes_before_the_most_used_desk() {
        let visits = [
            visit(1, 1, Way::ByDay),
            visit(1, 1, Way::ByDay),
            visit(5, 2, Way::ByDay),
            visit(6, 2, Way::ByDay),
            visit(6, 2, Way::ByDay),
        ];
        assert_eq!(habit(&visits), Some(Uuid::from_u128(6).into()));
        assert_eq!(habit(&[]), None);
    }

    #[test]
    fn among_equals_the_latest_habit_counts() {
        let (early, day) = (hours("07:00", "12:00"), Way::ByDay);
        let visits = [visit(2, 1, early), visit(1, 1, day)];
        assert_eq!(habit(&visits), Some(Uuid::from_u128(2).into()));
        assert_eq!(way(&visits), early);
        assert_eq!(way(&[]), Way::ByDay);
    }
}
