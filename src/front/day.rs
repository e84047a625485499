//! A location's day as the front desk works on it: every space across the opening day.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;

use super::desk::Desk;
use crate::{
    app::App,
    bookings::{
        booking::Status,
        timeline::{Cell, Entry, Lane, Section, Timeline, What},
    },
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    locations::location::Location,
    members::staff,
    sessions::current::Staff,
    spaces::space::Kind,
    time::{long_date, parse_date},
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/day", get(day))
}

#[derive(Template)]
#[template(path = "front/day.html")]
struct DayPage {
    chrome: Chrome,
    desk: Desk,
    here: Location,
    day: Timeline,
    /// A letter alone is a command, unless they have switched that off.
    letters: bool,
    now: DateTime<Utc>,
}

#[derive(Template)]
#[template(path = "front/day_of_space.html")]
struct LanePage {
    chrome: Chrome,
    here: Location,
    day: Timeline,
    slug: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    location: String,
    date: String,
    /// The slug of the one space to be listed.
    space: String,
}

async fn day(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let desk = Desk::read(&mut db, "/admin/day", &asked.location, now).await?;
    let here = desk.here.as_ref().or(desk.locations.first());
    let here = here.cloned().ok_or(Error::NotFound)?;
    let date = parse_date(&asked.date).unwrap_or_else(|| here.zone.date(now));
    let day = Timeline::read(&mut db, &here, date, now).await?;
    if !asked.space.is_empty() {
        day.lane(&asked.space).ok_or(Error::NotFound)?;
        return html::page(&LanePage {
            chrome,
            here,
            day,
            slug: asked.space,
        });
    }
    html::page(&DayPage {
        chrome,
        letters: staff::uses_letters(&mut db, me.member).await?,
        desk,
        here,
        day,
        now,
    })
}

impl DayPage {
    fn url(&self, location: &Location, date: NaiveDate) -> String {
        day_url(location, date)
    }

    fn at(&self, days: i64) -> String {
        day_url(&self.here, self.day.date + Duration::days(days))
    }

    fn today(&self) -> String {
        day_url(&self.here, self.desk.today)
    }

    /// `Mon 23 November`, so many days on.
    fn words(&self, days: i64) -> String {
        long_date(self.day.date + Duration::days(days), self.desk.today)
    }

    fn closed(&self) -> String {
        closed_words(&self.here, &self.day)
    }

    /// What can be done on a day on which the house is closed.
    fn all_the_same(&self) -> &'static str {
        match self.day.date < self.desk.today {
            true => "What was booked is below.",
            false => "What is booked stays. To book all the same, choose a time below and say why.",
        }
    }

    fn stream(&self) -> String {
        let date = self.day.date.to_string();
        let query = [
            ("desk", "1"),
            ("location", self.here.slug.as_str()),
            ("date", &date),
        ];
        format!("/live?{}", html::query(&query))
    }

    fn gap(&self, lane: &Lane, cell: &Cell) -> String {
        gap_url(&self.day, lane, cell)
    }

    fn count(&self, which: impl Fn(&Entry) -> bool) -> usize {
        self.day.entries().filter(|entry| which(entry)).count()
    }

    fn bookings(&self) -> usize {
        self.count(|_| true)
    }

    fn late(&self) -> usize {
        self.count(|entry| entry.is_late)
    }

    fn here_now(&self) -> usize {
        self.count(|entry| entry.status == Status::CheckedIn)
    }

    fn held(&self) -> usize {
        self.count(|entry| matches!(entry.status, Status::Held | Status::Pending))
    }

    /// Desks are a strip of their load that opens into the desks.
    fn is_pool(&self, section: &Section) -> bool {
        section.kind == Kind::HotDesk && section.lanes.len() > 3
    }

    /// Each hour's number of desks that are taken, and how dark it is, 0 to 5.
    fn load(&self, section: &Section) -> Vec<(usize, usize)> {
        let all = section.lanes.len().max(1);
        let load = section.load(&self.day).into_iter();
        load.map(|taken| (taken, (taken * 5).div_ceil(all)))
            .collect()
    }

    /// `07:00 4 of 24`, for those who hear it.
    fn load_words(&self, section: &Section) -> String {
        let all = section.lanes.len();
        let hours = self.day.scale().into_iter().zip(section.load(&self.day));
        let words: Vec<String> = hours
            .map(|(clock, taken)| format!("{clock} {taken} of {all}"))
            .collect();
        words.join(", ")
    }
}

impl LanePage {
    fn lane(&self) -> &Lane {
        // The handler has looked for it.
        self.day
            .lane(&self.slug)
            .unwrap_or(&self.day.sections[0].lanes[0])
    }

    fn closed(&self) -> String {
        closed_words(&self.here, &self.day)
    }

    fn back(&self) -> String {
        day_url(&self.here, self.day.date)
    }

    fn gap(&self, cell: &Cell) -> String {
        gap_url(&self.day, self.lane(), cell)
    }
}

/// `Musgrave is closed on Sun 29 November: it is not open on Sundays.`
fn closed_words(here: &Location, day: &Timeline) -> String {
    let date = long_date(day.date, day.date);
    match day.reason.as_deref().filter(|reason| !reason.is_empty()) {
        Some(reason) => {
            let reason = reason.trim_end_matches('.');
            format!("{} is closed on {date}: {reason}.", here.name)
        }
        None => format!(
            "{} is closed on {date}: it is not open on {}s.",
            here.name,
            day.date.format("%A")
        ),
    }
}

fn day_url(location: &Location, date: NaiveDate) -> String {
    let date = date.to_string();
    format!(
        "/admin/day?{}",
        html::query(&[("location", location.slug.as_str()), ("date", &date)])
    )
}

/// To a booking of a free stretch for somebody.
fn gap_url(day: &Timeline, lane: &Lane, cell: &Cell) -> String {
    let date = day.date.to_string();
    let (from, until) = (
        day.zone.clock(cell.during.from),
        day.zone.clock(cell.during.until),
    );
    let space = lane.space.slug.as_str();
    let query = match lane.space.policy.by_time {
        true => html::query(&[
            ("space", space),
            ("date", &date),
            ("from", &from),
            ("until", &until),
        ]),
        false => html::query(&[("space", space), ("by", "day"), ("date", &date)]),
    };
    format!("/admin/bookings/new?{query}")
}

impl Lane {
    /// `12 seats`, `4 seats, hidden`
    pub fn seats(&self) -> String {
        let seats = match self.space.seats {
            1 => "1 seat".to_owned(),
            seats => format!("{seats} seats"),
        };
        match self.space.is_hidden() {
            true => format!("{seats}, hidden"),
            false => seats,
        }
    }
}

impl Entry {
    pub fn people_words(&self) -> String {
        match self.people {
            1 => "1 person".to_owned(),
            people => format!("{people} people"),
        }
    }

    /// Title or company, and how many.
    pub fn about(&self) -> String {
        let waiting = match self.waiting {
            0 => String::new(),
            1 => "1 waits for it".to_owned(),
            count => format!("{count} wait for it"),
        };
        let parts = [
            waiting,
            self.title.clone(),
            self.company.clone(),
            self.people_words(),
        ];
        let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join(", ")
    }
}
