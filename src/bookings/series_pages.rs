//! A series: its dates with what became of each, and the file with all of them for calendars.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};

use super::{
    booking::Booking,
    calendar,
    series::{Scope, Series},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Current,
};

pub fn routes() -> Router<App> {
    Router::new()
        .merge(super::series_new_pages::routes())
        .merge(super::series_cancellation_pages::routes())
        .merge(super::series_move_pages::routes())
        .route("/series/{reference}", get(show))
}

#[derive(Template)]
#[template(path = "bookings/series/show.html")]
struct ShowPage {
    chrome: Chrome,
    /// It is the reader's own, and not one that staff or a company's admin look at.
    own: bool,
    /// Each date says by whom it was booked.
    told: bool,
    now: DateTime<Utc>,
    series: Series,
}

impl ShowPage {
    fn usual(&self) -> &Booking {
        self.series.usual(self.now)
    }

    fn sentence(&self) -> String {
        let today = self.usual().zone.date(self.now);
        self.series.recurrence.sentence(today)
    }

    fn ahead(&self) -> Vec<&Booking> {
        self.series.ahead(Scope::default(), self.now).collect()
    }

    /// The others: begun, over, cancelled or missed.
    fn rest(&self) -> Vec<&Booking> {
        let ahead = self.ahead();
        let is_ahead = |one: &Booking| ahead.iter().any(|other| other.id == one.id);
        let bookings = self.series.bookings.iter();
        bookings.filter(|one| !is_ahead(one)).collect()
    }

    /// What the dates ahead come to.
    fn total(&self) -> Money {
        self.ahead().iter().map(|booking| booking.total).sum()
    }

    fn left_out(&self) -> Vec<(String, String)> {
        let today = self.usual().zone.date(self.now);
        self.series.left_out_words(today)
    }
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (plain, as_file) = match reference.strip_suffix(".ics") {
        Some(plain) => (plain, true),
        None => (reference.as_str(), false),
    };
    let series = seen(&app, &me, plain).await?;
    if as_file {
        return file(&app, &series, now).await;
    }
    html::page(&ShowPage {
        chrome,
        own: series.bookings[0].member == me.member,
        told: false,
        now,
        series,
    })
}

/// Each date is an event of its own, as the mails about it follow it.
async fn file(app: &App, series: &Series, now: DateTime<Utc>) -> Result<Response> {
    let slug = &series.bookings[0].location_slug;
    let location = Location::find(&mut *app.db.acquire().await?, slug).await?;
    let file = calendar::several(&series.bookings, location.as_ref(), &app.config, now);
    let name = format!("attachment; filename=\"{}.ics\"", series.reference);
    let headers = [
        (
            header::CONTENT_TYPE,
            "text/calendar; charset=utf-8".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, file.ics).into_response())
}

/// One that they may see: their own, as the admin of the company that pays, or as staff.
pub(super) async fn seen(app: &App, me: &Current, reference: &str) -> Result<Series> {
    let mut db = app.db.acquire().await?;
    let found = Series::seen_by(&mut db, me.member, me.staff.is_some(), reference).await?;
    found.ok_or(Error::NotFound)
}

/// The same, and whether it is somebody else's, which only the front desk changes.
pub(super) async fn changeable(app: &App, me: &Current, reference: &str) -> Result<(Series, bool)> {
    let series = seen(app, me, reference).await?;
    let is_run = series
        .is_run_by(&mut *app.db.acquire().await?, me.member)
        .await?;
    Ok((series, !is_run))
}
