//! Counting the till: the front desk's own, and for managers what was counted before.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Query};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    cash_up::{self, CashUp, Count, Refusal, Till},
    payment::Method,
};
use crate::{
    app::App,
    csv,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Staff,
    time, transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/cash-up", get(choose))
        .route("/admin/locations/{slug}/cash-up", get(show).post(close))
        .route("/admin/locations/{slug}/cash-ups", get(index))
        .route("/admin/locations/{slug}/cash-ups.csv", get(table))
}

/// Cash-ups on a page.
const PAGE: i64 = 31;
/// Cash-ups of a file read at once.
const BATCH: i64 = 500;

/// Each counter has its own; one's usual one comes first.
async fn choose(State(app): State<App>, me: Staff) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let places = Location::all(&mut db).await?;
    let usual = Location::usual(&mut db, me.member).await?;
    let here = places
        .iter()
        .find(|place| Some(place.id.get()) == me.duties.managed())
        .or_else(|| places.iter().find(|place| Some(place.id) == usual))
        .or(places.first())
        .ok_or(Error::NotFound)?;
    Ok(html::see_other(&format!(
        "/admin/locations/{}/cash-up",
        here.slug
    )))
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct CountForm {
    cash: String,
    card: String,
    eft: String,
    note: String,
    seen: String,
}

impl CountForm {
    fn typed(&self, method: &Method) -> &str {
        match method {
            Method::Cash => &self.cash,
            Method::Card => &self.card,
            Method::Eft => &self.eft,
        }
    }

    fn parse(&self) -> Result<(BTreeMap<Method, Money>, String), Errors> {
        let mut errors = Errors::default();
        let mut counted = BTreeMap::new();
        for method in Method::ALL {
            if let Some(sum) = errors.take(method.key(), form::rands(self.typed(&method))) {
                counted.insert(method, sum);
            }
        }
        match errors.take("note", form::optional_line(&self.note, 300)) {
            Some(note) if errors.is_empty() => Ok((counted, note)),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "billing/admin/cash_up.html")]
struct ShowPage {
    chrome: Chrome,
    place: Location,
    places: Vec<Location>,
    till: Till,
    form: CountForm,
    /// They see what was counted before.
    manages: bool,
    errors: Errors,
}

impl ShowPage {
    async fn read(app: &App, me: &Staff, slug: &str, chrome: Chrome) -> Result<ShowPage> {
        let mut db = app.db.acquire().await?;
        let place = Location::find(&mut db, slug)
            .await?
            .ok_or(Error::NotFound)?;
        let till = Till::open(&mut db, place.id).await?;
        Ok(ShowPage {
            chrome,
            places: Location::all(&mut db).await?,
            manages: me.duties.can_manage(place.id),
            form: CountForm {
                seen: till.seen(),
                ..CountForm::default()
            },
            till,
            place,
            errors: Errors::default(),
        })
    }

    fn when(&self, at: &DateTime<Utc>) -> String {
        let zone = self.place.zone;
        format!("{}, {}", time::short_date(zone.date(*at)), zone.clock(*at))
    }
}

async fn show(
    chrome: Chrome,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    html::page(&ShowPage::read(&app, &me, &slug, chrome).await?)
}

async fn close(
    chrome: Chrome,
    Now(now): Now,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
    Form(form): Form<CountForm>,
) -> Result<Response> {
    let mut page = ShowPage::read(&app, &me, &slug, chrome.refused()).await?;
    let mut seen = form.seen.clone();
    page.errors = match form.parse() {
        Ok((counted, note)) => {
            let place = page.place.clone();
            let closed = transaction!(app.db, tx => {
                cash_up::close(tx, me.member, &place, &counted, &note, &form.seen, now).await
            })?;
            match closed {
                Ok(number) => {
                    let words = format!("Cash-up {number} of {} is closed.", place.name);
                    let jar = jar.add(Flash::done(words).cookie());
                    let next = format!("/admin/locations/{slug}/cash-up");
                    return Ok((jar, html::see_other(&next)).into_response());
                }
                Err(refusal) => {
                    if refusal == Refusal::Changed {
                        seen = page.till.seen();
                    }
                    let field = if refusal == Refusal::NoNote {
                        "note"
                    } else {
                        "cash"
                    };
                    (field, refusal.to_string()).into()
                }
            }
        }
        Err(errors) => errors,
    };
    page.form = CountForm { seen, ..form };
    html::refused(&page)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: Option<i32>,
}

#[derive(Template)]
#[template(path = "billing/admin/cash_ups.html")]
struct IndexPage {
    chrome: Chrome,
    place: Location,
    cash_ups: Vec<CashUp>,
}

impl IndexPage {
    fn when(&self, at: &DateTime<Utc>) -> String {
        let zone = self.place.zone;
        format!("{}, {}", time::short_date(zone.date(*at)), zone.clock(*at))
    }

    fn older(&self) -> Option<i32> {
        let last = self
            .cash_ups
            .last()
            .filter(|_| self.cash_ups.len() as i64 == PAGE)?;
        Some(last.number)
    }
}

/// A location that is theirs to manage.
async fn managed(db: &mut Db, me: &Staff, slug: &str) -> Result<Location> {
    let place = Location::find(db, slug).await?.ok_or(Error::NotFound)?;
    me.managing(place.id)?;
    Ok(place)
}

async fn index(
    chrome: Chrome,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let place = managed(&mut db, &me, &slug).await?;
    html::page(&IndexPage {
        chrome,
        cash_ups: CashUp::list(&mut db, place.id, asked.before, PAGE).await?,
        place,
    })
}

const HEADING: [&str; 9] = [
    "Number", "Date", "Closed", "By", "Payments", "Method", "Expected", "Counted", "Note",
];

/// Read and sent piece by piece.
async fn table(State(app): State<App>, me: Staff, Path(slug): Path<String>) -> Result<Response> {
    let place = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let name = format!("cash-ups-{slug}.csv");
    Ok(csv::stream(&name, &HEADING, |file| {
        write_all(app, place, file)
    }))
}

/// Until the first cash-up, or until nobody reads any more.
async fn write_all(app: App, place: Location, file: csv::Pieces) -> Result<()> {
    let mut before = None;
    loop {
        let mut db = app.db.acquire().await?;
        let cash_ups = CashUp::list(&mut db, place.id, before, BATCH).await?;
        drop(db);
        let Some(last) = cash_ups.last() else {
            return Ok(());
        };
        before = Some(last.number);
        if !file
            .send(cash_ups.iter().flat_map(|one| rows(one, &place)))
            .await
        {
            return Ok(());
        }
    }
}

/// One for each way to pay.
fn rows(one: &CashUp, place: &Location) -> Vec<Vec<String>> {
    let row = |count: &Count| {
        vec![
            one.number.to_string(),
            one.on_date.to_string(),
            place.zone.rfc3339(one.closed_at),
            one.closed_by.clone(),
            one.entries.to_string(),
            count.method.label().to_owned(),
            count.expected.decimal(),
            count.counted.decimal(),
            one.note.clone(),
        ]
    };
    one.counts.iter().map(row).collect()
}
