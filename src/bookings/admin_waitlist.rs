//! Who waits for what, for the front desk.

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

use super::waitlist::{self, Entry};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form,
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Staff,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/waitlist", get(index))
        .route("/admin/waitlist/{reference}/departure", post(leave))
}

#[derive(Template)]
#[template(path = "bookings/admin/waitlist.html")]
struct WaitlistPage {
    chrome: Chrome,
    locations: Vec<Location>,
    /// The slug of the one that is looked at; empty for all.
    here: String,
    entries: Vec<Entry>,
    now: DateTime<Utc>,
}

impl WaitlistPage {
    fn phone(&self, phone: &str) -> String {
        form::phone_words(phone)
    }

    /// `Tue 24 November, 09:10`
    fn since(&self, entry: &Entry) -> String {
        super::first_refusal::words(entry.since, entry.zone, self.now)
    }

    fn until(&self, entry: &Entry) -> String {
        let offer = entry.offer.as_ref();
        let until =
            offer.map(|offer| super::first_refusal::words(offer.until, entry.zone, self.now));
        until.unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WaitlistQuery {
    location: String,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(query): Query<WaitlistQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut locations = Location::all(&mut db).await?;
    locations.retain(Location::is_open);
    let here = locations.iter().find(|one| one.slug == query.location);
    let (id, here) = (here.map(|one| one.id), here.map(|one| one.slug.clone()));
    html::page(&WaitlistPage {
        chrome,
        entries: Entry::all(&mut db, id).await?,
        here: here.unwrap_or_default(),
        locations,
        now,
    })
}

async fn leave(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let entry = Entry::changeable_by(&mut tx, me.member, true, &reference).await?;
    let entry = entry.ok_or(Error::NotFound)?;
    waitlist::leave(&mut tx, me.member, &entry).await?;
    tx.commit().await?;
    let flash = Flash::done(format!("{} waits no longer.", entry.member_name));
    let list = html::see_other("/admin/waitlist");
    Ok((jar.add(flash.cookie()), list).into_response())
}
