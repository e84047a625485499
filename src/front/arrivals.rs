//! Whoever comes through the door is found by three letters and ticked.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    board::viewings_today,
    desk::{Desk, back_to},
};
use crate::{
    app::App,
    bookings::front_desk::{Visit, is_meant},
    error::Result,
    extract::Now,
    html::{self, Chrome},
    sessions::current::Staff,
    viewings::viewing::Viewing,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/arrivals", get(arrivals))
}

#[derive(Template)]
#[template(path = "front/arrivals.html")]
struct ArrivalsPage {
    chrome: Chrome,
    desk: Desk,
    q: String,
    back: String,
    now: DateTime<Utc>,
    /// Who matches what was typed, those that ask for a hand first.
    visits: Vec<Visit>,
    /// Prospects who come to look, as far as they match.
    viewings: Vec<Viewing>,
    /// How many come today, whatever was typed.
    all: usize,
}

impl ArrivalsPage {
    /// `4 of 23 match`, which a screen reader says while somebody types.
    fn count(&self) -> String {
        match (self.visits.len() + self.viewings.len(), self.q.is_empty()) {
            (0, false) => "Nobody matches".to_owned(),
            (1, false) => format!("1 of {} matches", self.all),
            (some, false) => format!("{some} of {} match", self.all),
            (some, true) => format!("{some} today"),
        }
    }

    /// Whoever is the only one that matches can be ticked with the next key.
    fn takes_letters(&self) -> bool {
        match self.visits.as_slice() {
            _ if !self.viewings.is_empty() => true,
            [only] => self.q.is_empty() || !only.may_arrive(),
            _ => true,
        }
    }

    /// Where it is, unless one location is looked at.
    fn place(&self, visit: &Visit) -> &str {
        match self.desk.here {
            Some(_) => "",
            None => self.desk.name(&visit.location),
        }
    }

    /// What was typed, looked for on another page.
    fn search(&self, path: &str, field: &str) -> String {
        format!("{path}?{}", html::query(&[(field, &self.q)]))
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    location: String,
    q: String,
}

async fn arrivals(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let desk = Desk::read(&mut db, "/admin/arrivals", &asked.location, now).await?;
    let mut visits = Visit::today(&mut db, desk.id(), now).await?;
    let mut viewings = viewings_today(&mut db, desk.id(), now).await?;
    let all = visits.len() + viewings.len();
    let q = asked.q.trim().to_owned();
    visits.retain(|visit| visit.matches(&q));
    viewings.retain(|viewing| {
        let phone = viewing.phone.as_deref();
        let words = [viewing.name.as_str(), &viewing.company, &viewing.reference];
        is_meant(&words, phone, &q)
    });
    visits.sort_by_key(|visit| (visit.stage, visit.during.from));
    html::page(&ArrivalsPage {
        chrome,
        back: back_to("/admin/arrivals", &desk),
        desk,
        q,
        now,
        visits,
        viewings,
        all,
    })
}
