//! The front desk's first page: who comes today, who is late, which holds end, which mails failed.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;

use crate::{
    app::App,
    audit,
    bookings::front_desk::{Hold, Stage, Visit},
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    html::{self, Chrome},
    jobs::{self, Dead},
    locations::location::{self, Location},
    sessions::current::Staff,
    time::long_date,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin", get(board))
        .route("/admin/jobs/{id}/attempt", post(attempt))
}

#[derive(Template)]
#[template(path = "front/board.html")]
struct BoardPage {
    chrome: Chrome,
    locations: Vec<Location>,
    /// The one that is looked at; `None` for all.
    here: Option<Location>,
    today: NaiveDate,
    clock: String,
    now: DateTime<Utc>,
    visits: Vec<Visit>,
    holds: Vec<Hold>,
    failed: Vec<Dead>,
}

impl BoardPage {
    fn count(&self, stage: Stage) -> usize {
        self.visits
            .iter()
            .filter(|visit| visit.stage == stage)
            .count()
    }

    fn at<'a>(&'a self, location: &'a Location) -> Vec<&'a Visit> {
        let mut visits: Vec<&Visit> = self
            .visits
            .iter()
            .filter(|visit| visit.location == location.id && visit.stage != Stage::Over)
            .collect();
        visits.sort_by_key(|visit| visit.stage);
        visits
    }

    /// The locations to show, each with its visits.
    fn shown(&self) -> impl Iterator<Item = &Location> {
        self.locations.iter().filter(|location| {
            let chosen = self.here.as_ref();
            chosen.is_none_or(|here| here.id == location.id)
        })
    }

    fn is_here(&self, location: &Location) -> bool {
        self.here
            .as_ref()
            .is_some_and(|here| here.id == location.id)
    }

    /// `Ends in 8 minutes`.
    fn ends_in(&self, hold: &Hold) -> String {
        match (hold.until - self.now).num_minutes() {
            ..=0 => "Ends now".into(),
            1 => "Ends in 1 minute".into(),
            minutes => format!("Ends in {minutes} minutes"),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BoardQuery {
    location: String,
}

async fn board(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(query): Query<BoardQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut locations = Location::all(&mut db).await?;
    locations.retain(|location| location.status == location::Status::Open);
    let here = locations
        .iter()
        .find(|location| location.slug == query.location)
        .cloned();
    let id = here.as_ref().map(|here| here.id);
    let zone = here.as_ref().or(locations.first()).map(|place| place.zone);
    let page = BoardPage {
        chrome,
        today: zone.map_or(now.date_naive(), |zone| zone.date(now)),
        clock: zone.map(|zone| zone.clock(now)).unwrap_or_default(),
        now,
        visits: Visit::today(&mut db, id, now).await?,
        holds: Hold::running(&mut db, id).await?,
        failed: jobs::dead(&mut *db).await?,
        locations,
        here,
    };
    html::page(&page)
}

/// Tries once more what failed as often as it may.
async fn attempt(
    State(app): State<App>,
    staff: Staff,
    jar: CookieJar,
    Path(id): Path<String>,
) -> Result<Response> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let mut tx = app.db.begin().await?;
    let flash = if jobs::retry(&mut tx, id).await? {
        let actor = Some(staff.member.get());
        audit::record(&mut tx, actor, "retry", "jobs", id, json!({})).await?;
        Flash::done("It is being sent again.")
    } else {
        Flash::problem("It is no longer among those that failed.")
    };
    tx.commit().await?;
    Ok((jar.add(flash.cookie()), html::see_other("/admin#failed")).into_response())
}

impl Visit {
    /// `09:00–11:30` today; `All day` where it began before and ends after it.
    fn hours(&self, now: DateTime<Utc>) -> String {
        let today = self.zone.date(now);
        let (first, last) = (
            self.zone.date(self.during.from),
            self.zone.date(self.during.until),
        );
        match (first == today, last == today) {
            (true, true) => self.zone.range(self.during, today),
            (true, false) => format!("From {}", self.zone.clock(self.during.from)),
            (false, true) => format!("Until {}", self.zone.clock(self.during.until)),
            (false, false) => "All day".into(),
        }
    }

    fn people_words(&self) -> String {
        match self.people {
            1 => "1 person".into(),
            people => format!("{people} people"),
        }
    }
}

impl Hold {
    fn when(&self, now: DateTime<Utc>) -> String {
        let today = self.zone.date(now);
        let first = self.zone.date(self.during.from);
        let range = self.zone.range(self.during, today);
        if first == today || first != self.zone.date(self.during.until) {
            range
        } else {
            format!("{}, {range}", long_date(first, today))
        }
    }
}

impl Dead {
    /// What it was to do, in words.
    fn words(&self) -> &'static str {
        match self.kind.as_str() {
            "booking_confirmed" => "The confirmation of a booking",
            "booking_cancelled" => "The cancellation of a booking",
            "link" => "A link for signing in or confirming",
            _ => "A message",
        }
    }
}
