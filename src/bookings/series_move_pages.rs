//! Changing dates of a series: what each would become and cost, before it is done, and doing it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    booking::Booking,
    series::{
        Series, Shown, Times,
        changing::{self, AtTheDesk, Change, Fate, Refusal, Target},
    },
    series_cancellation_pages::Dates,
    series_pages::changeable,
    term::Term,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Current,
    spaces::space::{Audience, Space, Which},
    time::parse_clock,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route("/series/{reference}/move", get(consider).post(change))
}

/// What is asked for, as typed; what is left out stays as it is on each date.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    #[serde(flatten)]
    dates: Dates,
    space: String,
    from: String,
    until: String,
    /// So many days later.
    later: String,
    people: String,
    skip: String,
    count: String,
    total: String,
    /// Of the front desk.
    reason: String,
    tell: String,
    /// The location is open past midnight some day.
    #[serde(skip)]
    nights: bool,
}

impl Asked {
    fn is_empty(&self) -> bool {
        let fields = [
            &self.space,
            &self.from,
            &self.until,
            &self.later,
            &self.people,
        ];
        fields.into_iter().all(|text| text.is_empty())
    }

    fn shown(&self) -> Option<Shown> {
        Some(Shown {
            dates: self.count.parse().ok()?,
            total: self.total.parse().ok().map(Money::cents)?,
        })
    }

    fn times(&self, usual: &Booking, errors: &mut Errors) -> Option<Option<Times>> {
        if self.from.is_empty() && self.until.is_empty() {
            return Some(None);
        }
        let stands = Times::of(&usual.term, usual.zone).map(|(_, times)| times);
        let Some(Times::Clock { from, until, .. }) = stands else {
            return Some(None);
        };
        let clock = |text: &str, stands| match text {
            "" => Ok(stands),
            text => parse_clock(text).ok_or_else(|| "Choose a time, like 09:00.".to_owned()),
        };
        let from = errors.take("from", clock(&self.from, from));
        let until = errors.take("until", clock(&self.until, until));
        let (from, until) = (from?, until?);
        let nights = i64::from(self.nights && until < from);
        if until <= from && nights == 0 {
            errors.add("until", "Choose an end after the start.");
            return None;
        }
        Some(Some(Times::Clock {
            from,
            until,
            nights,
        }))
    }

    fn target(&self, usual: &Booking, errors: &mut Errors) -> Option<Target> {
        let times = self.times(usual, errors);
        let days = match self.later.trim() {
            "" => Some(0),
            text => {
                let days = text.parse().ok().filter(|days| (-60..=60).contains(days));
                let sentence = "Enter how many days later, from -60 to 60: 1 is the day after.";
                errors.take("later", days.ok_or_else(|| sentence.to_owned()))
            }
        };
        let people = match self.people.trim() {
            "" => Some(None),
            text => {
                let people = text
                    .parse()
                    .ok()
                    .filter(|people| (1..=500).contains(people));
                let sentence = "Enter how many people are coming, as a number from 1 to 500.";
                errors.take(
                    "people",
                    people.map(Some).ok_or_else(|| sentence.to_owned()),
                )
            }
        };
        Some(Target {
            space: Some(self.space.clone()).filter(|slug| !slug.is_empty()),
            times: times?,
            days: days?,
            people: people?,
        })
    }

    fn read(
        &self,
        (series, by_desk): (&Series, bool),
        me: &Current,
        now: DateTime<Utc>,
        errors: &mut Errors,
    ) -> Option<Change> {
        let scope = self.dates.read(errors);
        let target = self.target(series.usual(now), errors);
        let reason = errors.take("reason", form::optional_line(&self.reason, 300));
        let (scope, target, reason) = (scope?, target?, reason?);
        Some(Change {
            scope,
            target,
            skip: !self.skip.is_empty(),
            shown: self.shown(),
            by: me.member,
            desk: by_desk.then_some(AtTheDesk {
                reason,
                tell: !self.tell.is_empty(),
            }),
        })
    }
}

#[derive(Template)]
#[template(path = "bookings/series/move.html")]
struct MovePage {
    chrome: Chrome,
    errors: Errors,
    asked: Asked,
    by_desk: bool,
    /// What would become of each date, where that was asked.
    fates: Vec<Fate>,
    /// Of its kind at its location.
    spaces: Vec<Space>,
    now: DateTime<Utc>,
    series: Series,
}

impl MovePage {
    async fn new(
        db: &mut Db,
        chrome: Chrome,
        (series, by_desk): (Series, bool),
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Result<MovePage> {
        let slug = &series.usual(now).space_slug;
        let spaces = match Space::find_for(&mut *db, slug, Audience::of(by_desk)).await? {
            Some(here) => {
                let which = Which {
                    location: Some(here.location),
                    kind: Some(here.kind),
                    ..Which::default()
                };
                Space::list(db, which).await?
            }
            None => Vec::new(),
        };
        Ok(MovePage {
            chrome,
            errors: Errors::default(),
            asked,
            by_desk,
            fates: Vec::new(),
            spaces,
            now,
            series,
        })
    }

    /// With what it would come to, or why it cannot be.
    fn with(mut self, outcome: Result<Vec<Fate>, Refusal>) -> MovePage {
        match outcome {
            Ok(fates) => self.fates = fates,
            Err(Refusal::Dates(fates)) | Err(Refusal::Changed(fates)) => self.fates = fates,
            Err(refusal) if self.errors.is_empty() => {
                let field = match refusal {
                    Refusal::NoSuchSpace => "space",
                    Refusal::MonthlyKeepsItsDays => "later",
                    _ => "first",
                };
                self.errors.add(field, refusal.to_string());
            }
            Err(_) => {}
        }
        self
    }

    fn usual(&self) -> &Booking {
        self.series.usual(self.now)
    }

    fn is_by_time(&self) -> bool {
        matches!(self.usual().term, Term::Time(_))
    }

    fn shown(&self) -> Shown {
        changing::shown(&self.fates)
    }

    fn refused(&self) -> usize {
        self.fates.len() - self.shown().dates
    }

    /// `R120 more`, `R60 back`, or nothing.
    fn difference(&self) -> String {
        match self.fates.iter().map(Fate::difference).sum::<Money>() {
            more if more > Money::ZERO => format!("{more} more"),
            less if less < Money::ZERO => format!("{} back", -less),
            _ => String::new(),
        }
    }

    /// What the form that confirms it carries.
    fn kept(&self) -> Vec<(&'static str, String)> {
        let asked = &self.asked;
        vec![
            ("first", asked.dates.first.clone()),
            ("last", asked.dates.last.clone()),
            ("space", asked.space.clone()),
            ("from", asked.from.clone()),
            ("until", asked.until.clone()),
            ("later", asked.later.clone()),
            ("people", asked.people.clone()),
            ("count", self.shown().dates.to_string()),
            ("total", self.shown().total.in_cents().to_string()),
        ]
    }
}

/// Finds out what would become of the dates, without changing any.
async fn foresee(
    app: &App,
    series: &Series,
    ask: &Change,
    now: DateTime<Utc>,
) -> Result<Result<Vec<Fate>, Refusal>> {
    match transaction!(app.db, tx => ask.foresee(tx, series.id, now).await)? {
        Ok(never) => match never {},
        Err(foreseen) => Ok(foreseen),
    }
}

async fn nights(db: &mut Db, series: &Series) -> Result<bool> {
    let location = Location::find(db, &series.bookings[0].location_slug).await?;
    Ok(location.is_some_and(|location| location.nights))
}

async fn consider(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
    Query(mut asked): Query<Asked>,
) -> Result<Response> {
    let (series, by_desk) = changeable(&app, &me, &reference).await?;
    let mut errors = Errors::default();
    let outcome = {
        asked.nights = nights(&mut *app.db.acquire().await?, &series).await?;
        let ask = asked.read((&series, by_desk), &me, now, &mut errors);
        match ask.filter(|_| !asked.is_empty() && errors.is_empty()) {
            Some(ask) => Some(foresee(&app, &series, &ask, now).await?),
            None => None,
        }
    };
    let mut db = app.db.acquire().await?;
    let chrome = chrome.with(&errors);
    let mut page = MovePage::new(&mut db, chrome, (series, by_desk), asked, now).await?;
    page.errors = errors;
    html::page(&match outcome {
        Some(outcome) => page.with(outcome),
        None => page,
    })
}

async fn change(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(mut asked): Form<Asked>,
) -> Result<Response> {
    let (series, by_desk) = changeable(&app, &me, &reference).await?;
    asked.nights = nights(&mut *app.db.acquire().await?, &series).await?;
    let mut errors = Errors::default();
    let ask = asked.read((&series, by_desk), &me, now, &mut errors);
    let outcome = match ask.filter(|_| errors.is_empty()) {
        Some(ask) => transaction!(app.db, tx => ask.carry_out(tx, series.id, now).await)?,
        None => {
            let mut db = app.db.acquire().await?;
            let found = (series, by_desk);
            let mut page = MovePage::new(&mut db, chrome.refused(), found, asked, now).await?;
            page.errors = errors;
            return html::refused(&page);
        }
    };
    match outcome {
        Ok(became) => {
            let flash = Flash::done("The dates are changed. This is how they are now.");
            let there = html::see_other(&format!("/series/{became}"));
            Ok((jar.add(flash.cookie()), there).into_response())
        }
        Err(refusal) => {
            let found = changeable(&app, &me, &reference).await?;
            let mut db = app.db.acquire().await?;
            let mut page = MovePage::new(&mut db, chrome.refused(), found, asked, now).await?;
            if matches!(refusal, Refusal::Dates(_) | Refusal::Changed(_)) {
                page.errors.add("becomes", refusal.to_string());
            }
            html::refused(&page.with(Err(refusal)))
        }
    }
}
