//! Cancelling dates of a series: which go and what each keeps, before it is done, and doing it.

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
    booking::{Booking, Consequence},
    cancellation::Reason,
    series::{
        Scope, Series,
        cancelling::{self, AtTheDesk, Cancel},
    },
    series_pages::changeable,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    money::Money,
    sessions::current::Current,
    time::parse_date,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route(
        "/series/{reference}/cancellation",
        get(consider).post(cancel),
    )
}

/// The dates that are meant, as typed: both, from one on, or all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Dates {
    pub first: String,
    pub last: String,
}

impl Dates {
    pub fn read(&self, errors: &mut Errors) -> Option<Scope> {
        let date = |text: &str| match text.trim() {
            "" => Ok(None),
            text => parse_date(text)
                .map(Some)
                .ok_or_else(|| "Choose a date, like 2026-11-24.".to_owned()),
        };
        let first = errors.take("first", date(&self.first));
        let last = errors.take("last", date(&self.last));
        let scope = Scope {
            first: first?,
            last: last?,
        };
        if scope
            .first
            .zip(scope.last)
            .is_some_and(|(first, last)| last < first)
        {
            errors.add("last", "Choose a last date that is not before the first.");
            return None;
        }
        Some(scope)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct CancellationForm {
    #[serde(flatten)]
    dates: Dates,
    note: String,
    kept: String,
    days: String,
    count: String,
    /// Of the front desk.
    cause: String,
    in_full: String,
    tell: String,
}

impl CancellationForm {
    /// The dates and the consequence that the person was shown.
    fn shown(&self) -> Option<(usize, Consequence)> {
        let cost = Consequence {
            kept: self.kept.parse().ok().map(Money::cents)?,
            days: self.days.parse().unwrap_or_default(),
        };
        Some((self.count.parse().ok()?, cost))
    }

    fn read(&self, by_desk: bool, me: &Current, errors: &mut Errors) -> Option<Cancel> {
        let scope = self.dates.read(errors);
        let note = errors.take("note", form::optional_line(&self.note, 500));
        let desk = match (by_desk, Reason::named(&self.cause)) {
            (false, _) => None,
            (true, Some(reason)) => Some(AtTheDesk {
                reason,
                in_full: !self.in_full.is_empty(),
                tell: !self.tell.is_empty(),
            }),
            (true, None) => {
                errors.add("cause", "Say why it is cancelled.");
                return None;
            }
        };
        Some(Cancel {
            scope: scope?,
            note: note?,
            shown: self.shown(),
            by: me.member,
            desk,
        })
    }
}

#[derive(Template)]
#[template(path = "bookings/series/cancellation.html")]
struct CancellationPage {
    chrome: Chrome,
    errors: Errors,
    sent: CancellationForm,
    /// The front desk cancels for somebody.
    by_desk: bool,
    /// What would go.
    chosen: Vec<Booking>,
    now: DateTime<Utc>,
    series: Series,
}

impl CancellationPage {
    fn new(
        chrome: Chrome,
        errors: Errors,
        sent: CancellationForm,
        (series, by_desk): (Series, bool),
        now: DateTime<Utc>,
    ) -> CancellationPage {
        let scope = sent.dates.read(&mut Errors::default());
        let chosen = match scope {
            Some(scope) => series.ahead(scope, now).cloned().collect(),
            None => Vec::new(),
        };
        CancellationPage {
            chrome,
            errors,
            sent,
            by_desk,
            chosen,
            now,
            series,
        }
    }

    fn cost(&self) -> Consequence {
        cancelling::consequence(self.chosen.iter(), self.now)
    }

    fn back(&self) -> Money {
        let charged = self.chosen.iter().filter(|booking| booking.charged);
        charged.map(|booking| booking.total).sum::<Money>() - self.cost().kept
    }

    fn stay(&self) -> usize {
        self.series.left(self.now) - self.chosen.len()
    }
}

/// What cancelling them means, before it is done.
async fn consider(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
    Query(dates): Query<Dates>,
) -> Result<Response> {
    let found = changeable(&app, &me, &reference).await?;
    let mut errors = Errors::default();
    dates.read(&mut errors);
    let sent = CancellationForm {
        dates,
        tell: "yes".to_owned(),
        ..CancellationForm::default()
    };
    let chrome = chrome.with(&errors);
    html::page(&CancellationPage::new(chrome, errors, sent, found, now))
}

async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<CancellationForm>,
) -> Result<Response> {
    let (series, by_desk) = changeable(&app, &me, &reference).await?;
    let mut errors = Errors::default();
    let outcome = match form.read(by_desk, &me, &mut errors) {
        Some(ask) if errors.is_empty() => {
            transaction!(app.db, tx => cancelling::cancel(tx, series.id, &ask, now).await)?
        }
        _ => {
            let found = (series, by_desk);
            let page = CancellationPage::new(chrome.refused(), errors, form, found, now);
            return html::refused(&page);
        }
    };
    match outcome {
        Ok(done) => {
            let flash = Flash::done(settled(&done));
            Ok((jar.add(flash.cookie()), html::see_other(&series.url())).into_response())
        }
        Err(refusal) => {
            let errors = Errors::from(("dates", refusal.to_string()));
            let found = changeable(&app, &me, &reference).await?;
            let page = CancellationPage::new(chrome.refused(), errors, form, found, now);
            html::refused(&page)
        }
    }
}

/// What became of them and of the money.
fn settled(done: &[Booking]) -> String {
    let count = match done.len() {
        1 => "1 date is cancelled.".to_owned(),
        count => format!("{count} dates are cancelled."),
    };
    let kept: Money = done.iter().filter_map(|booking| booking.kept).sum();
    let charged = done.iter().filter(|booking| booking.charged);
    let back = charged.map(|booking| booking.total).sum::<Money>() - kept;
    let whose = done[0].whose_account();
    let kept = match kept.is_zero() {
        true => String::new(),
        false => format!(" {kept} is kept."),
    };
    let back = match back.is_zero() {
        true => String::new(),
        false => format!(" {back} goes back to {whose}."),
    };
    format!("{count}{kept}{back}")
}
