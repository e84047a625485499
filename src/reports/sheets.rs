//! Each report as a table: its heading and its rows, for the page and for spreadsheets alike.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::figures::{
    Scope,
    bookings::{self, Begun, Lead, Missed, STEPS},
    hours::{Hours, Used},
    members::{self as people, Month},
    revenue::{self as sales, Line, Sold, Sum},
};
use crate::{error::Result, spaces::space::Kind};

/// A table whose first column names the row; the others are figures.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub heading: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
    /// The last row, which adds the others up.
    pub total: Option<Vec<String>>,
}

impl Sheet {
    /// The rows with their sum, for a file.
    pub fn all(self) -> Vec<Vec<String>> {
        self.rows.into_iter().chain(self.total).collect()
    }
}

/// A report by its name; `None` where there is none so called. `everywhere` counts the passes that are for every
/// location.
pub async fn read(
    db: &mut PgConnection,
    report: &str,
    scope: &Scope,
    everywhere: bool,
    now: DateTime<Utc>,
) -> Result<Option<Sheet>> {
    Ok(Some(match report {
        "spaces" => spaces(&Hours::load(db, scope).await?, scope),
        "kinds" => kinds(&Hours::load(db, scope).await?),
        "week" => week(&Hours::load(db, scope).await?),
        "revenue" => {
            let begun = Begun::load(db, scope, now).await?;
            revenue(&sales::revenue(db, scope, &begun, everywhere).await?, scope)
        }
        "lead" => lead(&Lead::of(&Begun::load(db, scope, now).await?)),
        "no-shows" => {
            let begun = Begun::load(db, scope, now).await?;
            missed(&bookings::missed(&begun, scope), scope)
        }
        "members" => members(&people::months(db, scope, now).await?),
        _ => return Ok(None),
    }))
}

pub const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `12.5`, in hours.
pub fn hours(seconds: i64) -> String {
    let tenths = (seconds * 10 + 1800).div_euclid(3600);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// `34 %`, or a dash of nothing.
pub fn percent(value: Option<i64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value} %"))
}

fn used(used: Used) -> [String; 3] {
    [
        hours(used.booked),
        hours(used.open),
        percent(used.percent()),
    ]
}

/// By space.
pub fn spaces(found: &Hours, scope: &Scope) -> Sheet {
    let rows = found.spaces.iter().map(|space| {
        let name = [
            space.name.clone(),
            scope.name(space.location).to_owned(),
            space.kind.label().to_owned(),
        ];
        name.into_iter().chain(used(space.used)).collect()
    });
    let total = ["All".to_owned(), String::new(), String::new()];
    Sheet {
        heading: vec![
            "Space",
            "Location",
            "Kind",
            "Hours booked",
            "Hours open",
            "Used",
        ],
        rows: rows.collect(),
        total: Some(total.into_iter().chain(used(found.total())).collect()),
    }
}

/// By kind.
pub fn kinds(found: &Hours) -> Sheet {
    let rows = Kind::ALL.iter().map(|kind| {
        let name = [kind.plural().to_owned()];
        name.into_iter().chain(used(found.of_kind(*kind))).collect()
    });
    Sheet {
        heading: vec!["Kind", "Hours booked", "Hours open", "Used"],
        rows: rows.collect(),
        total: None,
    }
}

/// The hours of the clock at which anything is open, each with its seven weekdays.
pub fn clock(found: &Hours) -> Vec<(u32, [Option<i64>; 7])> {
    let hours = (0..24).filter(|hour| (1..=7).any(|day| found.clock.contains_key(&(day, *hour))));
    hours
        .map(|hour| {
            let cell = |day: u32| {
                found
                    .clock
                    .get(&(day, hour))
                    .and_then(|used| used.percent())
            };
            (hour, [1, 2, 3, 4, 5, 6, 7].map(cell))
        })
        .collect()
}

/// By hour and weekday.
pub fn week(found: &Hours) -> Sheet {
    let rows = clock(found).into_iter().map(|(hour, cells)| {
        let name = format!("{hour:02}:00");
        std::iter::once(name).chain(cells.map(percent)).collect()
    });
    Sheet {
        heading: std::iter::once("From").chain(WEEKDAYS).collect(),
        rows: rows.collect(),
        total: None,
    }
}

fn money(sum: Sum) -> [String; 4] {
    [
        sum.count.to_string(),
        sum.without_vat().decimal(),
        sum.vat.decimal(),
        sum.total.decimal(),
    ]
}

pub fn revenue(lines: &[Line], scope: &Scope) -> Sheet {
    let rows = lines.iter().map(|line| {
        let place = line.location.map_or("Every location", |id| scope.name(id));
        let name = [place.to_owned(), line.sold.label().to_owned()];
        name.into_iter().chain(money(line.sum)).collect()
    });
    let total = lines
        .iter()
        .fold(Sum::default(), |sum, line| sum.plus(line.sum));
    let name = ["All".to_owned(), String::new()];
    Sheet {
        heading: vec![
            "Location",
            "Kind",
            "Sold",
            "Excluding VAT, R",
            "VAT, R",
            "Including VAT, R",
        ],
        rows: rows.collect(),
        total: Some(name.into_iter().chain(money(total)).collect()),
    }
}

/// What was sold at a place of one kind.
pub fn sold_at(lines: &[Line], sold: Sold, at: &Line) -> Sum {
    let here = lines
        .iter()
        .filter(|line| line.location == at.location && line.sold == sold);
    here.fold(Sum::default(), |sum, line| sum.plus(line.sum))
}

pub fn lead(found: &Lead) -> Sheet {
    let all: i64 = (0..STEPS.len()).map(|at| found.step(at)).sum();
    let rows = STEPS.iter().enumerate().map(|(at, (_, _, label))| {
        let of = |kind: &Kind| {
            found
                .kinds
                .get(kind)
                .map_or(0, |counts| counts[at])
                .to_string()
        };
        let kinds = Kind::ALL.iter().map(of);
        let sum = found.step(at);
        let ends = [sum.to_string(), percent(super::figures::percent(sum, all))];
        std::iter::once((*label).to_owned())
            .chain(kinds)
            .chain(ends)
            .collect()
    });
    Sheet {
        heading: vec![
            "Made",
            "Hot desks",
            "Meeting rooms",
            "Offices",
            "All",
            "Share",
        ],
        rows: rows.collect(),
        total: None,
    }
}

pub fn missed(found: &[Missed], scope: &Scope) -> Sheet {
    let row = |place: &str, kind: &str, missed: i64, over: i64| {
        let share = percent(super::figures::percent(missed, over));
        vec![
            place.to_owned(),
            kind.to_owned(),
            missed.to_string(),
            over.to_string(),
            share,
        ]
    };
    let rows = found.iter().map(|one| {
        row(
            scope.name(one.location),
            one.kind.plural(),
            one.missed,
            one.over,
        )
    });
    let sum = |of: fn(&Missed) -> i64| found.iter().map(of).sum();
    Sheet {
        heading: vec!["Location", "Kind", "Nobody came", "Bookings", "Share"],
        rows: rows.collect(),
        total: Some(row("All", "", sum(|one| one.missed), sum(|one| one.over))),
    }
}

pub fn members(found: &[Month]) -> Sheet {
    let row = |name: String, new: i64, lost: i64| {
        vec![
            name,
            new.to_string(),
            lost.to_string(),
            (new - lost).to_string(),
        ]
    };
    let rows = found.iter().map(|month| {
        row(
            month.month.format("%B %Y").to_string(),
            month.new,
            month.lost,
        )
    });
    let (new, lost) = found.iter().fold((0, 0), |(new, lost), month| {
        (new + month.new, lost + month.lost)
    });
    Sheet {
        heading: vec!["Month", "New", "Lost", "Difference"],
        rows: rows.collect(),
        total: Some(row("All".to_owned(), new, lost)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_one_place_after_the_point() {
        assert_eq!(hours(0), "0.0");
        assert_eq!(hours(5400), "1.5");
        assert_eq!(hours(179), "0.0");
        assert_eq!(hours(180), "0.1");
        assert_eq!(hours(36_000_000), "10000.0");
    }
}
