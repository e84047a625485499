//! The day of a location as the front desk sees it: every space across the opening day, with what is
//! booked, what is free and what is shut.

mod drawing;
mod entry;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use sqlx::PgConnection;

use super::closure::Closure;
use crate::{
    error::Result,
    locations::{hours::Calendar, location::Location},
    spaces::space::{Audience, Kind, Space, Which},
    time::{Span, Zone},
};

pub use entry::Entry;

use drawing::{Beside, Drawing, midnight, open_or_not, window};

/// The grid is laid out in quarter hours.
const QUARTER: i64 = 15;

/// A day at a location, drawn from its first opening to its last closing, or wider if something is
/// booked outside of that.
pub struct Timeline {
    pub zone: Zone,
    pub date: NaiveDate,
    /// Full hours from the first to the last instant that is drawn.
    pub window: Span,
    /// 1 to 24.
    pub hours: i64,
    /// Why there are other hours than usual, or none.
    pub reason: Option<String>,
    pub is_closed: bool,
    pub sections: Vec<Section>,
    /// The quarter hour it is now, on the day itself.
    pub now: Option<i64>,
}

/// The spaces of a kind.
pub struct Section {
    pub kind: Kind,
    pub lanes: Vec<Lane>,
}

pub struct Lane {
    pub space: Space,
    pub cells: Vec<Cell>,
    /// `Now` and `Thandeka Mkhize until 11:30`; on other days how much is booked.
    pub standing: (&'static str, String),
}

/// A stretch of the day, in quarter hours of the window.
pub struct Cell {
    pub start: i64,
    pub end: i64,
    pub during: Span,
    pub what: What,
}

pub enum What {
    Booked(Entry),
    /// Free for a booking of this whole time, or a shorter one within it.
    Free,
    /// The same while the house is closed: the front desk books it with a reason.
    Closed,
    /// A booking's set-up or clearing, which nobody else can have.
    Turn(Turn),
    /// Closed, with the words that everybody may read.
    Shut(String),
}

/// What a booking takes of its space before or after its own time.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The booking's.
    pub reference: String,
    /// `Set-up` or `Clearing`.
    pub words: &'static str,
}

impl Timeline {
    pub async fn read(
        db: &mut PgConnection,
        location: &Location,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Timeline> {
        let which = Which {
            location: Some(location.id),
            audience: Audience::Desk,
            ..Which::default()
        };
        let spaces = Space::list(db, which).await?;
        let places = std::slice::from_ref(location);
        let calendars = Calendar::of_all(db, places, date, date).await?;
        let calendar = &calendars[&location.id];
        let whole = Span::new(
            midnight(location.zone, date),
            midnight(location.zone, date + Duration::days(1)),
        );
        let day = calendar.day(date);
        // A night's opening is drawn to its end.
        let until = day
            .span()
            .map_or(whole.until, |open| open.until.max(whole.until));
        let read = Span::new(whole.from, until);
        let entries = Entry::within(db, location.id, read, now).await?;
        let beside = Beside::within(db, location.id, read).await?;
        let closures = Closure::within(db, read).await?;
        let drawing = Drawing {
            zone: location.zone,
            window: window(location.zone, date, open_or_not(calendar, date), &entries),
            today: location.zone.date(now) == date,
            is_past: date < location.zone.date(now),
            day,
            closures,
            beside,
            now,
        };
        Ok(drawing.timeline(date, spaces, entries))
    }

    pub fn clock(&self, at: &DateTime<Utc>) -> String {
        self.zone.clock(*at)
    }

    /// `09:00–11:30`, as far as it is of this day: `From 09:00`, `Until 11:30`, `All day`.
    pub fn times(&self, during: &Span) -> String {
        let begins = during.from >= self.window.from;
        let ends = during.until <= self.window.until;
        match (begins, ends) {
            (true, true) => format!(
                "{}–{}",
                self.zone.clock(during.from),
                self.zone.clock(during.until)
            ),
            (true, false) => format!("From {}", self.zone.clock(during.from)),
            (false, true) => format!("Until {}", self.zone.clock(during.until)),
            (false, false) => "All day".to_owned(),
        }
    }

    /// The clock at each full hour.
    pub fn scale(&self) -> Vec<String> {
        (0..self.hours)
            .map(|hour| self.zone.clock(self.window.from + Duration::hours(hour)))
            .collect()
    }

    /// Minutes from local midnight to the first that is drawn.
    pub fn begins(&self) -> i64 {
        (self.zone.wall(self.window.from).time() - NaiveTime::MIN).num_minutes()
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let cells = self
            .sections
            .iter()
            .flat_map(|section| &section.lanes)
            .flat_map(|lane| &lane.cells);
        cells.filter_map(|cell| match &cell.what {
            What::Booked(entry) => Some(entry),
            _ => None,
        })
    }

    pub fn lane(&self, slug: &str) -> Option<&Lane> {
        let mut lanes = self.sections.iter().flat_map(|section| &section.lanes);
        lanes.find(|lane| lane.space.slug == slug)
    }
}

impl Cell {
    /// How much room there is for words, as a class: up to two, four and seven quarters of a day of twelve hours.
    pub fn room(&self, hours: &i64) -> &'static str {
        match (self.end - self.start) * 12 {
            length if length <= 2 * hours => "s1",
            length if length <= 4 * hours => "s2",
            length if length <= 7 * hours => "s3",
            _ => "s4",
        }
    }
}

impl Section {
    /// For each hour of the window, how many of its spaces are taken at some time in it.
    pub fn load(&self, timeline: &Timeline) -> Vec<usize> {
        let taken = |lane: &&Lane, hour: i64| {
            lane.cells.iter().any(|cell| {
                matches!(cell.what, What::Booked(_))
                    && cell.start < 4 * (hour + 1)
                    && cell.end > 4 * hour
            })
        };
        (0..timeline.hours)
            .map(|hour| self.lanes.iter().filter(|lane| taken(lane, hour)).count())
            .collect()
    }
}
