//! Cancelling: what it means, before it is done, and doing it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    booking::{Booking, Consequence},
    cancellation,
    pages::changeable,
    refusal::Refusal,
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
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route(
        "/bookings/{reference}/cancellation",
        get(consider).post(cancel),
    )
}

#[derive(Template)]
#[template(path = "bookings/cancellation.html")]
struct CancellationPage {
    chrome: Chrome,
    errors: Errors,
    note: String,
    cost: Consequence,
    back: Money,
    now: DateTime<Utc>,
    booking: Booking,
}

impl CancellationPage {
    fn new(
        chrome: Chrome,
        errors: Errors,
        note: String,
        booking: Booking,
        now: DateTime<Utc>,
    ) -> Self {
        let cost = booking.consequence_at(now);
        Self {
            chrome,
            errors,
            note,
            cost,
            back: booking.total - cost.kept,
            now,
            booking,
        }
    }
}

/// What cancelling means, before it is done.
async fn consider(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    if !booking.can_be_cancelled(now) {
        return Ok(html::see_other(&booking.url()));
    }
    html::page(&CancellationPage::new(
        chrome,
        Errors::default(),
        String::new(),
        booking,
        now,
    ))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CancellationForm {
    note: String,
    kept: String,
    days: String,
}

impl CancellationForm {
    /// The consequence that the person was shown.
    fn shown(&self) -> Option<Consequence> {
        Some(Consequence {
            kept: self.kept.parse().ok().map(Money::cents)?,
            days: self.days.parse().unwrap_or_default(),
        })
    }
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
    let booking = changeable(&app, &me, &reference).await?;
    let shown = form.shown();
    let note = match form::optional_line(&form.note, 500) {
        Ok(note) => note,
        Err(sentence) => {
            let errors = Errors::from(("note", sentence));
            return html::refused(&CancellationPage::new(
                chrome.refused(),
                errors,
                form.note,
                booking,
                now,
            ));
        }
    };
    match transaction!(app.db, tx => cancellation::cancel(tx, me.member, booking.id, &note, shown, now).await)?
    {
        Ok(done) => {
            let flash = Flash::done(settled(&done));
            Ok((jar.add(flash.cookie()), html::see_other("/bookings")).into_response())
        }
        Err(refusal @ Refusal::ConsequenceChanged { .. }) => {
            let errors = Errors::from(("note", refusal.to_string()));
            html::refused(&CancellationPage::new(
                chrome.refused(),
                errors,
                note,
                booking,
                now,
            ))
        }
        Err(refusal) => Ok((
            jar.add(Flash::problem(refusal.to_string()).cookie()),
            html::see_other(&booking.url()),
        )
            .into_response()),
    }
}

/// What became of it and of the money, in two sentences.
fn settled(booking: &Booking) -> String {
    let back = |kept: Money| booking.total - kept;
    match booking.kept {
        _ if !booking.charged => format!("{} is let go.", booking.space),
        Some(kept) if kept == booking.total && !kept.is_zero() => {
            format!("{} is cancelled. {kept} is kept.", booking.reference)
        }
        Some(kept) if !kept.is_zero() => format!(
            "{} is cancelled. {kept} is kept, {} goes back to {}.",
            booking.reference,
            back(kept),
            booking.whose_account()
        ),
        _ => match booking.drawn.iter().filter(|day| day.spent).count() {
            0 => format!("{} is cancelled. It costs you nothing.", booking.reference),
            1 => format!(
                "{} is cancelled. Its day stays drawn on your pass.",
                booking.reference
            ),
            days => format!(
                "{} is cancelled. {days} days stay drawn on your pass.",
                booking.reference
            ),
        },
    }
}
