//! The front desk's first page: everything that needs a hand now, each with what can be done about it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::desk::{Desk, back_to};
use crate::{
    app::App,
    audit,
    bookings::{
        closure,
        extras::ordered::{self, Due},
        front_desk::{Stage, Visit},
        waiting::Waiting,
    },
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    html::{self, Chrome},
    id::Id,
    jobs::{self, Dead},
    locations::location::Location,
    members::erasure,
    sessions::current::Staff,
    time::Zone,
    transaction::Db,
    viewings::viewing::{self, Viewing},
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
    desk: Desk,
    back: String,
    now: DateTime<Utc>,
    visits: Vec<Visit>,
    holds: Vec<Waiting>,
    requests: Vec<Waiting>,
    /// Bookings that a closure hits.
    hits: Vec<closure::worklist::Waiting>,
    /// What goes with today's bookings that have not begun, by when it is to be ready.
    due: Vec<(Zone, Due)>,
    /// The prospects who come today.
    viewings: Vec<Viewing>,
    /// Who asked to be forgotten.
    forgetting: Vec<erasure::Waiting>,
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
    let desk = Desk::read(&mut db, "/admin", &query.location, now).await?;
    let id = desk.id();
    let page = BoardPage {
        chrome,
        back: back_to("/admin", &desk),
        now,
        visits: Visit::today(&mut db, id, now).await?,
        holds: Waiting::held(&mut db, id).await?,
        requests: Waiting::pending(&mut db, id).await?,
        hits: closure::hit(&mut db, id, now).await?,
        due: due_today(&mut db, &desk, now).await?,
        viewings: viewings_today(&mut db, id, now).await?,
        forgetting: erasure::waiting(&mut db, id).await?,
        failed: jobs::dead(&mut *db).await?,
        desk,
    };
    html::page(&page)
}

/// What is still to prepare today, at the locations that are shown.
async fn due_today(db: &mut Db, desk: &Desk, now: DateTime<Utc>) -> Result<Vec<(Zone, Due)>> {
    let mut all = Vec::new();
    for place in desk.shown() {
        let due = ordered::due_on(db, place, place.zone.date(now)).await?;
        let ahead = due.into_iter().filter(|due| now < due.from);
        all.extend(ahead.map(|due| (place.zone, due)));
    }
    all.sort_by_key(|(_, due)| due.ready);
    Ok(all)
}

/// The visits of prospects that are agreed for today and not over, the earliest first.
pub(super) async fn viewings_today(
    db: &mut Db,
    location: Option<Id<Location>>,
    now: DateTime<Utc>,
) -> Result<Vec<Viewing>> {
    let which = viewing::Which {
        location,
        statuses: &[viewing::Status::Scheduled],
        ..viewing::Which::default()
    };
    let mut today = Viewing::list(db, which).await?;
    today.retain(|viewing| {
        viewing.during.is_some_and(|span| {
            viewing.zone.date(span.from) == viewing.zone.date(now) && now < span.until
        })
    });
    today.sort_by_key(|viewing| viewing.during.map(|span| span.from));
    Ok(today)
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

impl Dead {
    /// What it was to do, in words.
    fn words(&self) -> &'static str {
        match self.kind.as_str() {
            "booking_confirmed" => "The confirmation of a booking",
            "booking_cancelled" => "The cancellation of a booking",
            "booking_changed" => "The change of a booking",
            "erasure_asked" => "What comes of asking to be forgotten",
            "link" => "A link for signing in or confirming",
            _ => "A message",
        }
    }
}
