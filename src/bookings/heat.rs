//! How much of a week is used: hours booked out of hours open, by space or kind, day and part of the day.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use sqlx::{PgConnection, postgres::types::PgRange};

use crate::{
    error::Result,
    id::Id,
    locations::{hours::Calendar, location::Location},
    money::Money,
    spaces::space::{Audience, Kind, Space, Which},
    time::Span,
};

/// The parts of a day, with the local hour that each ends at; the first begins with the opening, and the
/// last ends with the closing.
pub const PARTS: [(&str, u32); 4] = [
    ("Before 10", 10),
    ("10 to 13", 13),
    ("13 to 16", 16),
    ("After 16", 24),
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Minutes booked, within the opening hours.
    pub booked: i64,
    /// Minutes open, counted once for each space.
    pub open: i64,
    /// What the bookings cost, laid evenly over their open minutes.
    pub revenue: Money,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub kind: Kind,
    /// For each day, its parts.
    pub days: Vec<[Cell; PARTS.len()]>,
}

#[derive(Clone, Debug)]
pub struct Heat {
    pub monday: NaiveDate,
    pub rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Space,
    Kind,
}

impl Cell {
    fn add(&mut self, other: Cell) {
        self.booked += other.booked;
        self.open += other.open;
        self.revenue = self.revenue + other.revenue;
    }

    /// Five steps of how full it is; 0 where nothing is booked.
    pub fn step(self) -> i64 {
        match (self.booked, self.open) {
            (0, _) => 0,
            (_, 0) => 5,
            (booked, open) => ((booked * 5 + open - 1) / open).clamp(1, 5),
        }
    }

    /// `2.5`
    pub fn hours(self) -> String {
        hours(self.booked)
    }

    /// Of the hours open, in percent.
    pub fn percent(self) -> i64 {
        if self.open == 0 {
            return 0;
        }
        (self.booked * 100 + self.open / 2) / self.open
    }
}

/// `2.5`, `0.25`, `8`
pub fn hours(minutes: i64) -> String {
    let hundredths = (minutes * 100 + 30) / 60;
    let (whole, part) = (hundredths / 100, hundredths % 100);
    match part {
        0 => whole.to_string(),
        part if part % 10 == 0 => format!("{whole}.{}", part / 10),
        part => format!("{whole}.{part:02}"),
    }
}

impl Row {
    pub fn total(&self) -> Cell {
        sum(self.days.iter().flatten())
    }
}

impl Heat {
    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        self.monday.iter_days().take(7)
    }

    /// Of all rows, for each day its parts.
    pub fn columns(&self) -> Vec<[Cell; PARTS.len()]> {
        let of = |day: usize, part: usize| sum(self.rows.iter().map(|row| &row.days[day][part]));
        (0..7)
            .map(|day| std::array::from_fn(|part| of(day, part)))
            .collect()
    }

    pub fn total(&self) -> Cell {
        sum(self.rows.iter().flat_map(|row| row.days.iter().flatten()))
    }

    /// The week from a Monday on at a location. Bookings that were cancelled, or never firm, count for nothing.
    pub async fn read(
        db: &mut PgConnection,
        location: &Location,
        monday: NaiveDate,
        by: By,
    ) -> Result<Heat> {
        let which = Which {
            location: Some(location.id),
            audience: Audience::Desk,
            ..Which::default()
        };
        let spaces = Space::list(&mut *db, which).await?;
        let midnight = |date: NaiveDate| location.zone.first_instant(date.and_time(NaiveTime::MIN));
        let week = Span::new(midnight(monday), midnight(monday + Days::new(8)));
        let rows = sqlx::query!(
            r#"select b.space_id, b.during as "during!: PgRange<chrono::DateTime<chrono::Utc>>", b.total_cents
               from bookings b join spaces s on s.id = b.space_id
               join occupancies o on o.booking_id = b.id and o.active and o.occupies && tstzrange($2, $3)
               where s.location_id = $1 and b.status in ('confirmed', 'checked_in', 'completed', 'no_show')
                 and b.during && tstzrange($2, $3)
               group by b.id"#,
            location.id.get(),
            week.from,
            week.until
        )
        .fetch_all(&mut *db)
        .await?;
        let mut booked: BTreeMap<Id<Space>, Vec<(Span, Money)>> = BTreeMap::new();
        let (mut first, mut last) = (monday, monday + Days::new(7));
        for row in rows {
            let during = Span::from(row.during);
            first = first.min(location.zone.date(during.from));
            last = last.max(location.zone.date(during.until));
            let of_space = booked.entry(row.space_id.into()).or_default();
            of_space.push((during, Money::cents(row.total_cents)));
        }
        let locations = std::slice::from_ref(location);
        let mut calendars = Calendar::of_all(db, locations, first, last).await?;
        let calendar = calendars
            .remove(&location.id)
            .unwrap_or_else(|| Calendar::empty(location.zone, location.on_holidays));
        let rows = spaces.iter().map(|space| {
            let of_space = booked.get(&space.id).map_or(&[][..], Vec::as_slice);
            Row {
                name: space.name.clone(),
                kind: space.kind,
                days: cells(&calendar, monday, of_space),
            }
        });
        let rows = match by {
            By::Space => rows.collect(),
            By::Kind => by_kind(rows),
        };
        Ok(Heat { monday, rows })
    }
}

fn sum<'a>(cells: impl Iterator<Item = &'a Cell>) -> Cell {
    let mut sum = Cell::default();
    cells.for_each(|cell| sum.add(*cell));
    sum
}

fn by_kind(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut kinds: BTreeMap<Kind, Row> = BTreeMap::new();
    for row in rows {
        let kind = kinds.entry(row.kind).or_insert_with(|| Row {
            name: row.kind.plural().to_owned(),
            kind: row.kind,
            days: vec![[Cell::default(); PARTS.len()]; row.days.len()],
        });
        for (sums, cells) in kind.days.iter_mut().zip(&row.days) {
            sums.iter_mut()
                .zip(cells)
                .for_each(|(sum, cell)| sum.add(*cell));
        }
    }
    kinds.into_values().collect()
}

/// What is open of a date, part by part.
fn open(calendar: &Calendar, date: NaiveDate) -> [Vec<Span>; PARTS.len()] {
    let ends = |hour: u32| {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
        calendar.zone.first_instant(date.and_time(time))
    };
    let openings = calendar.day(date).openings;
    std::array::from_fn(|part| {
        let from = part.checked_sub(1).map(|before| ends(PARTS[before].1));
        let until = (part + 1 < PARTS.len()).then(|| ends(PARTS[part].1));
        let within = openings.iter().map(|opening| {
            Span::new(
                from.map_or(opening.span.from, |from| from.max(opening.span.from)),
                until.map_or(opening.span.until, |until| until.min(opening.span.until)),
            )
        });
        within.filter(|span| !span.is_empty()).collect()
    })
}

fn overlap(spans: &[Span], during: Span) -> i64 {
    let shared = spans.iter().map(|span| {
        let from = span.from.max(during.from);
        Span::new(from, span.until.min(during.until))
            .minutes()
            .max(0)
    });
    shared.sum()
}

fn cells(
    calendar: &Calendar,
    monday: NaiveDate,
    booked: &[(Span, Money)],
) -> Vec<[Cell; PARTS.len()]> {
    let days: Vec<_> = monday.iter_days().take(7).collect();
    let mut cells: Vec<[Cell; PARTS.len()]> = days
        .iter()
        .map(|date| {
            open(calendar, *date).map(|spans| Cell {
                open: spans.iter().map(|span| span.minutes()).sum(),
                ..Cell::default()
            })
        })
        .collect();
    for (during, total) in booked {
        for (date, part, minutes, revenue) in laid(calendar, *during, *total) {
            let Ok(day) = usize::try_from((date - monday).num_days()) else {
                continue;
            };
            if let Some(cell) = cells.get_mut(day).map(|day| &mut day[part]) {
                cell.booked += minutes;
                cell.revenue = cell.revenue + revenue;
            }
        }
    }
    cells
}

/// A booking's open minutes and its price over the parts of its days; the pieces add up to the price. What
/// lies wholly outside the hours is laid on the part that it begins in.
fn laid(calendar: &Calendar, during: Span, total: Money) -> Vec<(NaiveDate, usize, i64, Money)> {
    let zone = calendar.zone;
    // A night belongs to the day that it began on.
    let first = zone.date(during.from) - Days::new(1);
    let dates = first
        .iter_days()
        .take_while(|date| *date <= zone.date(during.until));
    let mut pieces: Vec<(NaiveDate, usize, i64)> = Vec::new();
    for date in dates {
        for (part, spans) in open(calendar, date).iter().enumerate() {
            let minutes = overlap(spans, during);
            if minutes > 0 {
                pieces.push((date, part, minutes));
            }
        }
    }
    let all: i64 = pieces.iter().map(|(.., minutes)| minutes).sum();
    if all == 0 {
        let wall = zone.wall(during.from);
        let hour = chrono::Timelike::hour(&wall);
        let part = PARTS.iter().position(|(_, ends)| hour < *ends).unwrap_or(0);
        return vec![(wall.date(), part, 0, total)];
    }
    let mut before = 0;
    let share = |minutes: i64| total.in_cents() * minutes / all;
    pieces
        .into_iter()
        .map(|(date, part, minutes)| {
            let revenue = share(before + minutes) - share(before);
            before += minutes;
            (date, part, minutes, Money::cents(revenue))
        })
        .collect()
}

/// The Monday of a date's week.
pub fn monday(date: NaiveDate) -> NaiveDate {
    date - Days::new(date.weekday().num_days_from_monday().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_steps_of_fullness() {
        let step = |booked, open| {
            Cell {
                booked,
                open,
                ..Cell::default()
            }
            .step()
        };
        assert_eq!(
            [0, 1, 36, 37, 180, 200].map(|booked| step(booked, 180)),
            [0, 1, 1, 2, 5, 5]
        );
        assert_eq!(step(60, 0), 5);
    }

    #[test]
    fn hours_are_short() {
        assert_eq!(
            [0, 15, 30, 90, 480, 100].map(hours),
            ["0", "0.25", "0.5", "1.5", "8", "1.67"]
        );
    }
}
