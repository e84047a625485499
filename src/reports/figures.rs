//! What is counted: of which locations, and for which of their days.

pub mod bookings;
pub mod hours;
pub mod members;
pub mod revenue;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use sqlx::postgres::types::PgInterval;
use uuid::Uuid;

use crate::{
    id::Id,
    locations::location::{Location, Status},
    members::staff::Duties,
    time::Span,
};

/// The longest period at once: two years.
const LONGEST: Days = Days::new(731);
/// How long before it clocks are looked at: most bookings are made later than that.
const EARLIER: Days = Days::new(400);

/// Locations, and their days from `first` to `last`.
#[derive(Clone, Debug)]
pub struct Scope {
    pub locations: Vec<Location>,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Scope {
    /// Of a location that is somebody's to read about: it is, or was, open.
    pub fn can_be(duties: Duties, place: &Location) -> bool {
        place.status != Status::Announced && duties.can_manage(place.id)
    }

    /// Of the locations that are somebody's to read about, one, or all that are open; `None` where it is none of
    /// theirs. A period that is upside down or too long is cut short.
    pub fn new(
        duties: Duties,
        mut locations: Vec<Location>,
        slug: &str,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Option<Scope> {
        locations.retain(|place| {
            let wanted = match slug {
                "" => place.is_open(),
                slug => place.slug == slug,
            };
            wanted && Scope::can_be(duties, place)
        });
        let last = last.max(first);
        (!locations.is_empty()).then(|| Scope {
            last: last.min(first.checked_add_days(LONGEST).unwrap_or(last)),
            locations,
            first,
        })
    }

    /// From the first local midnight to the one after the last day.
    pub fn span(&self, place: &Location) -> Span {
        let midnight = |date: NaiveDate| place.zone.first_instant(date.and_time(NaiveTime::MIN));
        Span::new(midnight(self.first), midnight(self.last + Days::new(1)))
    }

    /// Wide enough for the days of all locations.
    fn spread(&self) -> (DateTime<Utc>, DateTime<Utc>) {
        let spans = || self.locations.iter().map(|place| self.span(place));
        let from = spans().map(|span| span.from).min();
        let until = spans().map(|span| span.until).max();
        (from.unwrap_or_default(), until.unwrap_or_default())
    }

    /// The name of one of its locations.
    pub fn name(&self, location: Id<Location>) -> &str {
        let found = self.locations.iter().find(|place| place.id == location);
        found.map_or("Every location", |place| &place.name)
    }

    /// Its place in the order of locations; after all of them, what is at none.
    fn place(&self, location: impl Into<Option<Id<Location>>>) -> usize {
        let wanted = location.into();
        let found = self
            .locations
            .iter()
            .position(|place| Some(place.id) == wanted);
        found.unwrap_or(self.locations.len())
    }

    /// The first days of the months that it touches.
    pub fn months(&self) -> Vec<NaiveDate> {
        let mut month = self.first.with_day(1).unwrap_or(self.first);
        let mut months = Vec::new();
        while month <= self.last {
            months.push(month);
            month = match month.checked_add_months(Months::new(1)) {
                Some(next) => next,
                None => break,
            };
        }
        months
    }

    fn ids(&self) -> Vec<Uuid> {
        self.locations.iter().map(|place| place.id.get()).collect()
    }
}

/// The period of each location, cut where its clock is put forward or back: to look a time zone up for each booking
/// would take most of the time. As lists, one place in all of them for each piece.
#[derive(Default)]
struct Stretches {
    locations: Vec<Uuid>,
    begins: Vec<DateTime<Utc>>,
    ends: Vec<DateTime<Utc>>,
    /// Its clock has been so far ahead of UTC since then at least.
    since: Vec<DateTime<Utc>>,
    ahead: Vec<PgInterval>,
}

impl Stretches {
    fn of(scope: &Scope) -> Stretches {
        let mut all = Stretches::default();
        for place in &scope.locations {
            let period = scope.span(place);
            let before = Span::new(period.from - EARLIER, period.until);
            let pieces = place.zone.steady(before).into_iter();
            for piece in pieces.filter(|piece| piece.until > period.from) {
                all.locations.push(place.id.get());
                all.begins.push(piece.from.max(period.from));
                all.ends.push(piece.until);
                all.since.push(piece.from);
                all.ahead.push(PgInterval {
                    microseconds: place.zone.ahead(piece.from).num_seconds() * 1_000_000,
                    ..PgInterval::default()
                });
            }
        }
        all
    }
}

/// `part` of `whole` in per cent, half a per cent rounded up; `None` of nothing.
pub fn percent(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part * 200 + whole) / (whole * 2))
}
