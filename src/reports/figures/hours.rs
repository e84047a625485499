//! Use: the time booked of the time open, by space, and by weekday and hour.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Scope, percent};
use crate::{
    error::Result,
    id::Id,
    locations::{hours::Calendar, location::Location},
    spaces::space::Kind,
    time::{Span, Zone},
};

/// Seconds open, without what closures take, and how many of those were booked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    pub open: i64,
    pub booked: i64,
}

impl Used {
    pub fn percent(self) -> Option<i64> {
        percent(self.booked, self.open)
    }

    pub fn plus(self, other: Used) -> Used {
        Used {
            open: self.open + other.open,
            booked: self.booked + other.booked,
        }
    }
}

#[derive(Clone, Debug)]
pub struct SpaceUse {
    pub slug: String,
    pub name: String,
    pub location: Id<Location>,
    pub kind: Kind,
    pub used: Used,
}

#[derive(Clone, Debug, Default)]
pub struct Hours {
    /// In the house's order.
    pub spaces: Vec<SpaceUse>,
    /// By ISO weekday, Monday 1, and hour of the location's clock.
    pub clock: BTreeMap<(u32, u32), Used>,
}

struct Space {
    id: Uuid,
    slug: String,
    name: String,
    location: Id<Location>,
    kind: Kind,
    /// The days it was there to be booked: until it was retired, or its location closed for good.
    since: Option<NaiveDate>,
    retired_on: Option<NaiveDate>,
}

impl Hours {
    /// Bookings that were confirmed count with the time they take, whether or not anybody came.
    pub async fn load(db: &mut PgConnection, scope: &Scope) -> Result<Hours> {
        let spaces = spaces(&mut *db, scope).await?;
        let ids: Vec<Uuid> = spaces.iter().map(|space| space.id).collect();
        let window = window(scope);
        let calendars =
            Calendar::of_all(&mut *db, &scope.locations, scope.first, scope.last).await?;
        let closed = closed(&mut *db, &ids, window).await?;
        let booked = booked(db, &ids, window).await?;
        let days: BTreeMap<Id<Location>, Days> = calendars
            .iter()
            .map(|(location, calendar)| (*location, days(calendar, scope)))
            .collect();
        let mut hours = Hours::default();
        let mut openings = Openings::new();
        for space in spaces {
            let Some(calendar) = calendars.get(&space.location) else {
                continue;
            };
            let closed = closed.get(&space.id).map_or(&[][..], Vec::as_slice);
            let booked = booked.get(&space.id).map_or(&[][..], Vec::as_slice);
            let days = days.get(&space.location).map_or(&[][..], Vec::as_slice);
            let open = open(&space, days, scope, closed);
            for opening in &open {
                let (_, count) = openings
                    .entry((calendar.zone.name(), opening.from, opening.until))
                    .or_insert((calendar.zone, 0));
                *count += 1;
            }
            let used = hours.count(&open, booked, calendar.zone);
            hours.spaces.push(SpaceUse {
                slug: space.slug,
                name: space.name,
                location: space.location,
                kind: space.kind,
                used,
            });
        }
        // Most spaces of a location are open alike: each opening is taken apart once for all of them.
        for ((_, from, until), (zone, count)) in openings {
            let span = Span::new(from, until);
            hours.spread(span, zone, &mut |used, seconds| {
                used.open += seconds * count
            });
        }
        Ok(hours)
    }

    pub fn of_kind(&self, kind: Kind) -> Used {
        let of_kind = self.spaces.iter().filter(|space| space.kind == kind);
        of_kind.fold(Used::default(), |sum, space| sum.plus(space.used))
    }

    pub fn total(&self) -> Used {
        let all = self.spaces.iter();
        all.fold(Used::default(), |sum, space| sum.plus(space.used))
    }

    /// Adds up what is open and what of it is booked, the latter hour by hour. Both are in order and overlap nothing.
    fn count(&mut self, open: &[Span], booked: &[Span], zone: Zone) -> Used {
        let mut total = Used::default();
        let mut next = 0;
        for opening in open {
            total.open += seconds(*opening);
            while next < booked.len() && booked[next].until <= opening.from {
                next += 1;
            }
            for stay in booked[next..]
                .iter()
                .take_while(|stay| stay.from < opening.until)
            {
                let both = Span::new(stay.from.max(opening.from), stay.until.min(opening.until));
                self.spread(both, zone, &mut |used, seconds| used.booked += seconds);
                total.booked += seconds(both);
            }
        }
        total
    }

    /// Cuts a span at the full hours of the wall clock.
    fn spread(&mut self, span: Span, zone: Zone, add: &mut dyn FnMut(&mut Used, i64)) {
        let mut from = span.from;
        while from < span.until {
            let wall = zone.wall(from);
            let gone = i64::from(wall.minute() * 60 + wall.second());
            let until = (from + Duration::seconds(3600 - gone)).min(span.until);
            let key = (wall.weekday().number_from_monday(), wall.hour());
            add(
                self.clock.entry(key).or_default(),
                (until - from).num_seconds(),
            );
            from = until;
        }
    }
}

/// The openings of a location, day by day.
type Days = Vec<(NaiveDate, Vec<Span>)>;

/// How many spaces are open from then until then, by a clock.
type Openings = BTreeMap<(&'static str, DateTime<Utc>, DateTime<Utc>), (Zone, i64)>;

fn days(calendar: &Calendar, scope: &Scope) -> Days {
    let days = scope.first.iter_days();
    let days = days.take_while(|date| *date <= scope.last).map(|date| {
        let openings = calendar.day(date).openings.into_iter();
        (date, openings.map(|opening| opening.span).collect())
    });
    days.collect()
}

fn seconds(span: Span) -> i64 {
    (span.until - span.from).num_seconds()
}

/// All that may touch the days of the period.
fn window(scope: &Scope) -> Span {
    let (from, until) = scope.spread();
    // A night that begins on the last day ends on the next.
    Span::new(from, until + Duration::days(1))
}

/// When a space could be booked: the openings of its days, without closures.
fn open(
    space: &Space,
    days: &[(NaiveDate, Vec<Span>)],
    scope: &Scope,
    closed: &[Span],
) -> Vec<Span> {
    let first = space
        .since
        .map_or(scope.first, |since| since.max(scope.first));
    let last = space.retired_on.and_then(|date| date.pred_opt());
    let last = last.map_or(scope.last, |last| last.min(scope.last));
    let there = days
        .iter()
        .filter(|(date, _)| (first..=last).contains(date));
    let openings = there.flat_map(|(_, openings)| openings);
    openings
        .flat_map(|opening| without(*opening, closed))
        .collect()
}

/// What is left of a span, in order.
fn without(span: Span, closed: &[Span]) -> Vec<Span> {
    let near = closed.iter().filter(|gone| span.overlaps(**gone));
    near.fold(vec![span], |pieces, gone| {
        let cut = pieces.into_iter().flat_map(|piece| {
            if piece.overlaps(*gone) {
                let before = Span::new(piece.from, gone.from.max(piece.from));
                let after = Span::new(gone.until.min(piece.until), piece.until);
                vec![before, after]
            } else {
                vec![piece]
            }
        });
        cut.filter(|piece| !piece.is_empty()).collect()
    })
}

async fn spaces(db: &mut PgConnection, scope: &Scope) -> Result<Vec<Space>> {
    let rows = sqlx::query!(
        "select s.id, s.slug, s.name, s.location_id, s.kind, s.since, least(s.retired_on, l.closed_on) as retired_on
         from spaces s join locations l on l.id = s.location_id
         where s.location_id = any($1) and (s.status <> 'retired' or s.retired_on is not null)
         order by l.position, l.name, s.kind, s.position, s.name",
        &scope.ids()
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Space {
                id: row.id,
                slug: row.slug,
                name: row.name,
                location: row.location_id.into(),
                kind: row.kind.parse().map_err(anyhow::Error::msg)?,
                since: row.since,
                retired_on: row.retired_on,
            })
        })
        .collect()
}

/// What closures in force take of each space.
async fn closed(
    db: &mut PgConnection,
    spaces: &[Uuid],
    window: Span,
) -> Result<BTreeMap<Uuid, Vec<Span>>> {
    let rows = sqlx::query!(
        r#"select x.space_id as "space!", c.in_force as "during!"
           from closures c join closed_spaces x on x.closure_id = c.id
           where c.in_force && tstzrange($2, $3) and x.space_id = any($1)"#,
        spaces,
        window.from,
        window.until
    )
    .fetch_all(db)
    .await?;
    let mut found: BTreeMap<Uuid, Vec<Span>> = BTreeMap::new();
    for row in rows {
        found.entry(row.space).or_default().push(row.during.into());
    }
    Ok(found)
}

/// What was booked of each space, in order, a row for each, since there are many. A space's active rows never
/// overlap, so it is the last one that starts before the window and those that start in it. What is held has an
/// end of its hold, and the few that wait for approval are taken out, so that no booking need be read.
async fn booked(
    db: &mut PgConnection,
    spaces: &[Uuid],
    window: Span,
) -> Result<BTreeMap<Uuid, Vec<Span>>> {
    let pending = sqlx::query!(
        r#"select o.space_id, lower(o.during) as "from!: DateTime<Utc>"
           from bookings b join occupancies o on o.booking_id = b.id
           where b.status = 'pending'"#
    )
    .fetch_all(&mut *db)
    .await?;
    let pending: BTreeSet<_> = (pending.into_iter())
        .map(|row| (row.space_id, row.from))
        .collect();
    let rows = sqlx::query!(
        r#"select s.id as "space!", o.begins as "begins!: Vec<DateTime<Utc>>", o.ends as "ends!: Vec<DateTime<Utc>>"
           from unnest($1::uuid[]) as s (id)
           cross join lateral (
               select array_agg(lower(during)) as begins, array_agg(upper(during)) as ends
               from (
                   (select during from occupancies
                    where space_id = s.id and active and held_until is null and lower(during) < $2
                    order by lower(during) desc limit 1)
                   union all
                   (select during from occupancies
                    where space_id = s.id and active and held_until is null and lower(during) >= $2 and lower(during) < $3)
               ) all_of_it) o
           where o.begins is not null"#,
        spaces,
        window.from,
        window.until
    )
    .fetch_all(db)
    .await?;
    let found = rows.into_iter().map(|row| {
        let spans = row.begins.into_iter().zip(row.ends);
        let mut booked: Vec<Span> = spans
            .filter(|(from, _)| !pending.contains(&(row.space, *from)))
            .map(|(from, until)| Span::new(from, until))
            .filter(|span| span.until > window.from)
            .collect();
        booked.sort_by_key(|span| span.from);
        (row.space, booked)
    });
    Ok(found.collect())
}
