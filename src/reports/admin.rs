//! The reports as a page to read and print, and each as a file: for managers of their location, and owners.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use axum_extra::extract::Query;
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    charts::{Bars, Heat, HeatRow},
    figures::{
        Scope,
        bookings::{Begun, Lead, Missed, STEPS, missed},
        hours::Hours,
        members::{Month, months},
        revenue::{Line, Sold, Sum, revenue},
    },
    sheets::{self, Sheet},
};
use crate::{
    app::App,
    csv,
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Manager,
    spaces::space::Kind,
    time::{long_date, parse_date, short_date},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/reports", get(index))
        .route("/admin/reports/{report}/table.csv", get(table))
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    location: String,
    first: String,
    last: String,
}

impl Asked {
    /// As asked, or the month before this one up to today.
    fn dates(&self, today: NaiveDate) -> (NaiveDate, NaiveDate) {
        let last = parse_date(&self.last).unwrap_or(today);
        let month = last.with_day(1).unwrap_or(last);
        let usual = month.checked_sub_months(Months::new(1)).unwrap_or(month);
        (parse_date(&self.first).unwrap_or(usual), last)
    }

    async fn scope(&self, db: &mut Db, me: &Manager, now: DateTime<Utc>) -> Result<Scope> {
        let locations = Location::ever(&mut *db).await?;
        let today = locations
            .first()
            .map_or(now.date_naive(), |place| place.zone.date(now));
        let scope = Scope::new(me.duties, locations, &self.location, self.dates(today));
        scope.ok_or(Error::NotFound)
    }
}

/// A report on the page: its chart above its table.
struct Block {
    key: &'static str,
    title: &'static str,
    /// What is counted.
    note: String,
    bars: Option<Bars>,
    heat: Option<Heat>,
    sheet: Sheet,
    /// How many columns of the sheet name the row.
    names: usize,
    /// The table is long: it folds away.
    folds: bool,
}

#[derive(Template)]
#[template(path = "reports/index.html")]
struct ReportsPage {
    chrome: Chrome,
    scope: Scope,
    /// A slug, or empty for all.
    location: String,
    /// Those that the reader may read about.
    locations: Vec<Location>,
    stats: Vec<(String, &'static str)>,
    blocks: Vec<Block>,
    today: NaiveDate,
}

impl ReportsPage {
    fn query(&self) -> String {
        self.address(&self.location, self.scope.first, self.scope.last)
    }

    fn address(&self, location: &str, first: NaiveDate, last: NaiveDate) -> String {
        html::query(&[
            ("location", location.to_owned()),
            ("first", first.to_string()),
            ("last", last.to_string()),
        ])
    }

    fn at(&self, slug: &str) -> String {
        format!(
            "/admin/reports?{}",
            self.address(slug, self.scope.first, self.scope.last)
        )
    }

    fn where_words(&self) -> String {
        let names: Vec<&str> = self
            .scope
            .locations
            .iter()
            .map(|place| place.name.as_str())
            .collect();
        names.join(", ")
    }

    fn when_words(&self) -> String {
        let (first, last) = (self.scope.first, self.scope.last);
        format!("{} to {}", short_date(first), short_date(last))
    }

    /// Periods one tap away, and whether each is the one that is shown.
    fn periods(&self) -> Vec<(&'static str, String, bool)> {
        let this = self.today.with_day(1).unwrap_or(self.today);
        let back = |months| this.checked_sub_months(Months::new(months)).unwrap_or(this);
        let year = self.today.with_ordinal(1).unwrap_or(this);
        let last = this.pred_opt().unwrap_or(this);
        [
            ("This month", this, self.today),
            ("Last month", back(1), last),
            ("Three months", back(3), last),
            ("This year", year, self.today),
        ]
        .into_iter()
        .map(|(words, first, last)| {
            let url = format!(
                "/admin/reports?{}",
                self.address(&self.location, first, last)
            );
            (
                words,
                url,
                (first, last) == (self.scope.first, self.scope.last),
            )
        })
        .collect()
    }

    fn is_number(&self, block: &Block, column: &usize) -> bool {
        *column >= block.names
    }

    fn today_words(&self) -> String {
        long_date(self.today, self.today)
    }
}

/// Everything that the page shows.
struct Found {
    hours: Hours,
    lines: Vec<Line>,
    lead: Lead,
    missed: Vec<Missed>,
    months: Vec<Month>,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Manager,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let scope = asked.scope(&mut db, &me, now).await?;
    let mut readable = Location::ever(&mut db).await?;
    readable.retain(|place| Scope::can_be(me.duties, place));
    let begun = Begun::load(&mut db, &scope, now).await?;
    let found = Found {
        hours: Hours::load(&mut db, &scope).await?,
        lines: revenue(&mut db, &scope, &begun, everywhere(&me, &asked)).await?,
        lead: Lead::of(&begun),
        missed: missed(&begun, &scope),
        months: months(&mut db, &scope, now).await?,
    };
    html::page(&ReportsPage {
        chrome,
        today: scope.locations[0].zone.date(now),
        stats: found.stats(),
        blocks: found.blocks(&scope),
        locations: readable,
        location: asked.location,
        scope,
    })
}

/// Passes for every location belong to the whole house.
fn everywhere(me: &Manager, asked: &Asked) -> bool {
    me.duties.is_owner() && asked.location.is_empty()
}

impl Found {
    fn sum(&self) -> Sum {
        let all = self.lines.iter();
        all.fold(Sum::default(), |sum, line| sum.plus(line.sum))
    }

    fn stats(&self) -> Vec<(String, &'static str)> {
        let (over, gone) = self.missed.iter().fold((0, 0), |(over, gone), one| {
            (over + one.over, gone + one.missed)
        });
        let new: i64 = self.months.iter().map(|month| month.new).sum();
        let lost: i64 = self.months.iter().map(|month| month.lost).sum();
        vec![
            (
                sheets::percent(self.hours.total().percent()),
                "of the open hours booked",
            ),
            (
                self.sum().without_vat().to_string(),
                "booked, excluding VAT",
            ),
            (
                self.lead.median.map_or("–".into(), |days| days.to_string()),
                "days ahead, half of the bookings",
            ),
            (
                sheets::percent(super::figures::percent(gone, over)),
                "not used",
            ),
            (new.to_string(), "new members"),
            (lost.to_string(), "lost"),
        ]
    }

    fn blocks(&self, scope: &Scope) -> Vec<Block> {
        vec![
            self.spaces(scope),
            self.kinds(),
            self.week(),
            self.revenue(scope),
            self.lead(),
            self.no_shows(scope),
            self.members(),
        ]
    }

    /// Rooms and offices one by one, the desks of a location together.
    fn spaces(&self, scope: &Scope) -> Block {
        let mut rows: Vec<(String, super::figures::hours::Used)> = Vec::new();
        for space in &self.hours.spaces {
            let place = scope.name(space.location);
            let name = match space.kind {
                Kind::HotDesk => format!("Hot desks, {place}"),
                _ if scope.locations.len() > 1 => format!("{}, {place}", space.name),
                _ => space.name.clone(),
            };
            match rows.iter_mut().find(|(known, _)| *known == name) {
                Some((_, used)) => *used = used.plus(space.used),
                None => rows.push((name, space.used)),
            }
        }
        rows.sort_by_key(|(_, used)| std::cmp::Reverse(used.percent()));
        let bars = rows.into_iter().map(|(name, used)| {
            let percent = used.percent().unwrap_or(0);
            (name, sheets::percent(used.percent()), vec![("s1", percent)])
        });
        let total = sheets::percent(self.hours.total().percent());
        Block {
            key: "spaces",
            title: "Use by space",
            note: "Hours booked of the hours open. Closures are no open hours; whoever booked and did not come counts."
                .into(),
            bars: Some(Bars::new(
                format!("{total} of the open hours were booked. The table has each space."),
                &[],
                100,
                bars.collect(),
            )),
            heat: None,
            sheet: sheets::spaces(&self.hours, scope),
            names: 3,
            folds: true,
        }
    }

    fn kinds(&self) -> Block {
        let bars = Kind::ALL.map(|kind| {
            let percent = self.hours.of_kind(kind).percent();
            let part = vec![("s1", percent.unwrap_or(0))];
            (kind.plural().to_owned(), sheets::percent(percent), part)
        });
        Block {
            key: "kinds",
            title: "Use by kind",
            note: String::new(),
            bars: Some(Bars::new(words(&bars), &[], 100, bars.to_vec())),
            heat: None,
            sheet: sheets::kinds(&self.hours),
            names: 1,
            folds: false,
        }
    }

    fn week(&self) -> Block {
        let rows = sheets::clock(&self.hours)
            .into_iter()
            .map(|(hour, cells)| HeatRow {
                label: format!("{hour:02}:00"),
                cells: cells.to_vec(),
            });
        Block {
            key: "week",
            title: "Use by hour and weekday",
            note: "By the location’s clock. The darker, the fuller; nothing stands where it is closed.".into(),
            bars: None,
            heat: Some(Heat {
                columns: sheets::WEEKDAYS.to_vec(),
                rows: rows.collect(),
                words: "How much of each hour of the week was booked; the table has the figures.".into(),
            }),
            sheet: sheets::week(&self.hours),
            names: 1,
            folds: true,
        }
    }

    fn revenue(&self, scope: &Scope) -> Block {
        const CLASSES: [&str; 4] = ["s1", "s2", "s3", "s4"];
        let legend: Vec<(&str, &str)> = CLASSES
            .into_iter()
            .zip(Sold::ALL.map(Sold::label))
            .collect();
        let mut firsts: Vec<&Line> = self.lines.iter().collect();
        firsts.dedup_by_key(|line| line.location);
        let bars: Vec<_> = (firsts.into_iter())
            .map(|at| {
                let sums = Sold::ALL.map(|sold| sheets::sold_at(&self.lines, sold, at));
                let total = sums.iter().fold(Sum::default(), |sum, one| sum.plus(*one));
                let cents = sums.map(|sum| sum.total.in_cents());
                let name = at.location.map_or("Every location", |id| scope.name(id));
                let parts = CLASSES.into_iter().zip(cents).collect();
                (name.to_owned(), total.total.to_string(), parts)
            })
            .collect();
        Block {
            key: "revenue",
            title: "Revenue booked",
            note: "By the day on which a stay begins or a pass starts. Of what was cancelled counts what was kept.".into(),
            bars: Some(Bars::new(words(&bars), &legend, 0, bars)),
            heat: None,
            sheet: sheets::revenue(&self.lines, scope),
            names: 2,
            folds: false,
        }
    }

    fn lead(&self) -> Block {
        let bars: Vec<_> = (STEPS.iter().enumerate())
            .map(|(at, (_, _, label))| {
                let count = self.lead.step(at);
                ((*label).to_owned(), count.to_string(), vec![("s1", count)])
            })
            .collect();
        Block {
            key: "lead",
            title: "How long ahead people book",
            note:
                "Bookings that begin in this time, by the days between making them and their start."
                    .into(),
            bars: Some(Bars::new(words(&bars), &[], 0, bars)),
            heat: None,
            sheet: sheets::lead(&self.lead),
            names: 1,
            folds: false,
        }
    }

    fn no_shows(&self, scope: &Scope) -> Block {
        let bars: Vec<_> = (self.missed.iter())
            .map(|one| {
                let name = format!("{}, {}", one.kind.plural(), scope.name(one.location));
                let figure = format!("{} of {}", one.missed, one.over);
                (name, figure, vec![("s4", one.percent().unwrap_or(0))])
            })
            .collect();
        Block {
            key: "no-shows",
            title: "Booked and not used",
            note: "Of the bookings that began in this time and are over.".into(),
            bars: Some(Bars::new(words(&bars), &[], 20, bars)),
            heat: None,
            sheet: sheets::missed(&self.missed, scope),
            names: 2,
            folds: false,
        }
    }

    fn members(&self) -> Block {
        let bars: Vec<_> = (self.months.iter())
            .flat_map(|month| {
                let name = month.month.format("%b %Y").to_string();
                [
                    (
                        format!("{name}, new"),
                        month.new.to_string(),
                        vec![("s1", month.new)],
                    ),
                    (
                        format!("{name}, lost"),
                        month.lost.to_string(),
                        vec![("s4", month.lost)],
                    ),
                ]
            })
            .collect();
        Block {
            key: "members",
            title: "New and lost members",
            note: "New: their first booking began. Lost: 60 days have gone by since their last one ended.".into(),
            bars: Some(Bars::new(words(&bars), &[("s1", "New"), ("s4", "Lost")], 0, bars)),
            heat: None,
            sheet: sheets::members(&self.months),
            names: 1,
            folds: false,
        }
    }
}

/// What a chart shows, for those who do not see it.
fn words<P>(bars: &[(String, String, P)]) -> String {
    let rows: Vec<String> = (bars.iter())
        .map(|(label, figure, _)| format!("{label}: {figure}"))
        .collect();
    rows.join(". ")
}

async fn table(
    State(app): State<App>,
    Now(now): Now,
    me: Manager,
    Path(report): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let scope = asked.scope(&mut db, &me, now).await?;
    let sheet = sheets::read(&mut db, &report, &scope, everywhere(&me, &asked), now).await?;
    let sheet = sheet.ok_or(Error::NotFound)?;
    let name = format!("{report}-{}-to-{}.csv", scope.first, scope.last);
    let heading = sheet.heading.clone();
    Ok(csv::file(&name, csv::table(&heading, sheet.all())))
}
