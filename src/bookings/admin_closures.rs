//! Closing something for new bookings, in one click, and what is closed now.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form, Query};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    admin_closure,
    closure::{
        closing::{self, Terms},
        place::Place,
        record::{Record, Stage},
        words,
    },
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::{Flash, Undo},
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Staff,
    time::{Zone, parse_clock, parse_date},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/closures", get(index).post(close))
        .merge(admin_closure::routes())
}

/// What is closed, when and why, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TermsForm {
    /// A place's key.
    pub close: String,
    pub from_date: String,
    pub from_clock: String,
    pub until_date: String,
    pub until_clock: String,
    pub reason: String,
    pub wording: String,
    pub version: i32,
}

impl TermsForm {
    /// As a closure stands.
    pub fn of(closure: &Record) -> TermsForm {
        let zone = closure.zone;
        let date = |at: DateTime<Utc>| zone.date(at).to_string();
        let until = closure.until();
        TermsForm {
            close: String::new(),
            from_date: date(closure.during.from),
            from_clock: zone.clock(closure.during.from),
            until_date: until.map(date).unwrap_or_default(),
            until_clock: until.map(|at| zone.clock(at)).unwrap_or_default(),
            reason: closure.reason.clone(),
            wording: closure.wording.clone(),
            version: closure.version,
        }
    }

    /// `from` is the beginning where none was typed, `wording` what people read where nothing was.
    pub fn parse(&self, zone: Zone, from: DateTime<Utc>, wording: &str) -> Result<Terms, Errors> {
        let mut errors = Errors::default();
        let instant = |date: &str, clock: &str, usual: &str| {
            let clock = if clock.trim().is_empty() {
                usual
            } else {
                clock
            };
            let wall = parse_date(date).zip(parse_clock(clock));
            let wall = wall.ok_or("Enter a day, and a time like 14:00.")?;
            zone.instant(wall.0.and_time(wall.1))
                .map_err(|_| "The clocks change at that time: choose another.")
        };
        let from = match (self.from_date.trim(), self.from_clock.trim()) {
            ("", "") => Ok(from),
            ("", clock) => instant(&zone.date(from).to_string(), clock, "00:00"),
            (date, clock) => instant(date, clock, "00:00"),
        };
        let until = match (self.until_date.trim(), self.until_clock.trim()) {
            ("", "") => Ok(None),
            ("", clock) => {
                let day =
                    parse_date(&self.from_date).unwrap_or(zone.date(from.unwrap_or_default()));
                instant(&day.to_string(), clock, "00:00").map(Some)
            }
            (date, clock) => instant(date, clock, "23:59").map(Some),
        };
        let from = errors.take("from_date", from.map_err(str::to_owned));
        let until = errors.take("until_date", until.map_err(str::to_owned));
        let reason = errors.take("reason", form::optional_line(&self.reason, 200));
        let said = errors.take("wording", form::optional_line(&self.wording, 300));
        match (from, until, reason, said) {
            (Some(from), Some(until), Some(reason), Some(said)) => Ok(Terms {
                from,
                until,
                reason,
                wording: Some(said)
                    .filter(|said| !said.is_empty())
                    .unwrap_or_else(|| wording.to_owned()),
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "bookings/admin/closures.html")]
struct ClosuresPage {
    chrome: Chrome,
    errors: Errors,
    typed: TermsForm,
    places: Vec<Place>,
    closures: Vec<Record>,
    now: DateTime<Utc>,
}

impl ClosuresPage {
    /// Each location's name, and what of it can be closed.
    fn groups(&self) -> Vec<(&str, Vec<&Place>)> {
        let mut groups: Vec<(&str, Vec<&Place>)> = Vec::new();
        for place in &self.places {
            match groups.last_mut() {
                Some((name, places)) if *name == place.location_name => places.push(place),
                _ => groups.push((&place.location_name, vec![place])),
            }
        }
        groups
    }

    fn at(&self, stage: Stage) -> Vec<&Record> {
        let all = self.closures.iter();
        all.filter(|closure| closure.stage(self.now) == stage)
            .collect()
    }

    fn when(&self, closure: &Record) -> String {
        match closure.reopened_at {
            Some(at) => format!(
                "Reopened {}",
                admin_closure::moment(at, closure.zone, self.now)
            ),
            None => words(closure.during, closure.zone, self.now),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chosen {
    /// A place's key, to begin with.
    close: String,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(chosen): Query<Chosen>,
) -> Result<Response> {
    let typed = TermsForm {
        close: chosen.close,
        ..TermsForm::default()
    };
    html::page(&page(&app, chrome, typed, Errors::default(), now).await?)
}

async fn page(
    app: &App,
    chrome: Chrome,
    typed: TermsForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<ClosuresPage> {
    let mut db = app.db.acquire().await?;
    Ok(ClosuresPage {
        chrome,
        errors,
        typed,
        places: Place::all(&mut db).await?,
        closures: Record::list(&mut db, now).await?,
        now,
    })
}

async fn close(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Form(typed): Form<TermsForm>,
) -> Result<Response> {
    let places = Place::all(&mut *app.db.acquire().await?).await?;
    let place = places.into_iter().find(|place| place.key == typed.close);
    let refused = match place {
        None => ("close", "Choose what to close.".to_owned()).into(),
        Some(place) => match typed.parse(place.zone, now, &place.usual_wording()) {
            Err(errors) => errors,
            Ok(terms) => {
                let closed = transaction!(app.db, tx => closing::close(tx, me.member, &place, &terms, now).await)?;
                match closed {
                    Ok(reference) => {
                        let said = format!("{} takes no new bookings.", place.full_name());
                        let address = format!("/admin/closures/{reference}");
                        let back = Undo::new(format!("{address}/reopening"), &[("version", "1")]);
                        let flash = Flash::done(said).with_undo(back).cookie();
                        return Ok((jar.add(flash), html::see_other(&address)).into_response());
                    }
                    Err(refusal) => (refusal.field(), refusal.to_string()).into(),
                }
            }
        },
    };
    html::refused(&page(&app, chrome.refused(), typed, refused, now).await?)
}
