//! One closure: the bookings it hits, whom to call, and reopening.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    admin_closures::TermsForm,
    booking::Booking,
    closure::{
        closing,
        proposal::{Proposal, proposals},
        record::{Record, Stage},
        words,
        worklist::{self, Hit, Outcome, Row},
    },
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Staff,
    time::{Zone, long_date},
    transaction,
};

pub fn routes() -> Router<App> {
    let row = "/admin/closures/{reference}/bookings/{booking}";
    Router::new()
        .route("/admin/closures/{reference}", get(show).post(change))
        .route("/admin/closures/{reference}/reopening", post(reopen))
        .route(&format!("{row}/outcome"), post(decide))
        .route(&format!("{row}/call"), post(call))
}

/// `14:00` today, else `Tue 1 December 14:00`.
pub(super) fn moment(at: DateTime<Utc>, zone: Zone, now: DateTime<Utc>) -> String {
    let (date, today) = (zone.date(at), zone.date(now));
    if date == today {
        zone.clock(at)
    } else {
        format!("{} {}", long_date(date, today), zone.clock(at))
    }
}

#[derive(Template)]
#[template(path = "bookings/admin/closure.html")]
struct ClosurePage {
    chrome: Chrome,
    errors: Errors,
    closure: Record,
    typed: TermsForm,
    hits: Vec<Hit>,
    proposals: BTreeMap<Uuid, Vec<Proposal>>,
    now: DateTime<Utc>,
}

impl ClosurePage {
    fn closed(&self) -> String {
        words(self.closure.during, self.closure.zone, self.now)
    }

    fn is_over(&self) -> bool {
        self.closure.stage(self.now) == Stage::Over
    }

    fn has_begun(&self) -> bool {
        self.closure.during.from <= self.now
    }

    fn at(&self, at: &DateTime<Utc>) -> String {
        moment(*at, self.closure.zone, self.now)
    }

    fn waiting(&self) -> Vec<&Hit> {
        let open = self.hits.iter().filter(|hit| hit.outcome.is_none());
        open.collect()
    }

    fn done(&self) -> Vec<&Hit> {
        let done = self.hits.iter().filter(|hit| hit.outcome.is_some());
        done.collect()
    }

    fn proposals(&self, booking: &Booking) -> &[Proposal] {
        let found = self.proposals.get(&booking.id.get());
        found.map_or(&[], Vec::as_slice)
    }

    fn when(&self, booking: &Booking) -> String {
        format!("{}, {}", booking.long_day(self.now), booking.hours())
    }

    fn phone(&self, e164: &str) -> String {
        form::phone_words(e164)
    }

    /// Their chat, with the first sentence written.
    fn whatsapp(&self, hit: &Hit, e164: &str) -> String {
        let text = format!(
            "Hello {}, Connect Space here, about your booking {} ({}, {}). {}",
            hit.person,
            hit.booking.reference,
            hit.booking.space,
            self.when(&hit.booking),
            self.closure.wording
        );
        let number = e164.trim_start_matches('+');
        format!(
            "https://wa.me/{number}?{}",
            html::query_elsewhere(&[("text", &text)])
        )
    }

    fn is_ahead(&self, booking: &Booking) -> bool {
        booking.during.from > self.now
    }

    /// Those to see to, day by day.
    fn days(&self) -> Vec<(String, Vec<&Hit>)> {
        let mut days: Vec<(String, Vec<&Hit>)> = Vec::new();
        for hit in self.waiting() {
            let day = match hit.booking.during.from <= self.now {
                true => "Running now".to_owned(),
                false => hit.booking.long_day(self.now),
            };
            match days.last_mut() {
                Some((known, hits)) if *known == day => hits.push(hit),
                _ => days.push((day, vec![hit])),
            }
        }
        days
    }

    /// What there is to do in all: `2 can be moved at once, 1 wants a call, 1 tenant to tell.`
    fn to_do(&self) -> String {
        let mut counts = [0, 0, 0];
        for hit in self.waiting() {
            let which = match hit.is_tenant {
                true => 2,
                false if self.proposals(&hit.booking).is_empty() => 1,
                false => 0,
            };
            counts[which] += 1;
        }
        let parts: Vec<String> = [
            (
                counts[0],
                "can be moved at the same price",
                "can be moved at the same price",
            ),
            (
                counts[1],
                "has nowhere to go: call",
                "have nowhere to go: call",
            ),
            (counts[2], "tenant to tell", "tenants to tell"),
        ]
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
        .collect();
        format!("{}.", parts.join(", "))
    }
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    html::page(&page(&app, chrome, &reference, None, Errors::default(), now).await?)
}

async fn page(
    app: &App,
    chrome: Chrome,
    reference: &str,
    typed: Option<TermsForm>,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<ClosurePage> {
    let mut db = app.db.acquire().await?;
    let closure = Record::find(&mut db, reference, now).await?;
    let hits = Hit::of(&mut db, &closure, now).await?;
    Ok(ClosurePage {
        chrome,
        errors,
        proposals: proposals(&mut db, &hits, now).await?,
        typed: TermsForm {
            version: closure.version,
            ..typed.unwrap_or_else(|| TermsForm::of(&closure))
        },
        closure,
        hits,
        now,
    })
}

async fn change(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(typed): Form<TermsForm>,
) -> Result<Response> {
    let closure = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let begun = closure.during.from;
    let refused = match typed.parse(closure.zone, begun, &closure.wording) {
        Err(errors) => errors,
        Ok(mut terms) => {
            // The form shows minutes; a beginning that was not touched keeps its seconds.
            let shown = TermsForm::of(&closure);
            if (&typed.from_date, &typed.from_clock) == (&shown.from_date, &shown.from_clock) {
                terms.from = begun;
            }
            let (by, version) = (me.member, typed.version);
            let changed = transaction!(app.db, tx => closing::change(tx, by, &closure.reference, &terms, version, now).await)?;
            match changed {
                Ok(()) => return Ok(settled(jar, &closure, Ok(()), "That is changed.")),
                Err(refusal) => (refusal.field(), refusal.to_string()).into(),
            }
        }
    };
    html::refused(
        &page(
            &app,
            chrome.refused(),
            &reference,
            Some(typed),
            refused,
            now,
        )
        .await?,
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Version {
    version: i32,
}

async fn reopen(
    State(app): State<App>,
    Now(now): Now,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(seen): Form<Version>,
) -> Result<Response> {
    let closure = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let (by, version) = (me.member, seen.version);
    let outcome = transaction!(app.db, tx => closing::reopen(tx, by, &closure.reference, version, now).await)?;
    let words = "It takes bookings again. What was done stays as it is.";
    let outcome = outcome.map_err(|refusal| refusal.to_string());
    Ok(settled(jar, &closure, outcome, words))
}

/// What is done about a row: an outcome's key, or `again` to take one back.
#[derive(Default, Deserialize)]
#[serde(default)]
struct StepForm {
    outcome: String,
    /// Where it is moved to: a slug.
    space: String,
    tell: String,
    reached: String,
    version: i32,
}

async fn decide(
    State(app): State<App>,
    Now(now): Now,
    me: Staff,
    jar: CookieJar,
    Path((reference, booking)): Path<(String, String)>,
    Form(step): Form<StepForm>,
) -> Result<Response> {
    let closure = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let row = Row {
        closure: &closure,
        booking: &booking,
        version: step.version,
    };
    let (by, tell) = (me.member, step.tell == "yes");
    let asked = match step.space.is_empty() {
        true => Outcome::named(&step.outcome).filter(|outcome| *outcome != Outcome::Moved),
        false => Some(Outcome::Moved),
    };
    let outcome = match asked {
        Some(Outcome::Moved) => {
            let space = step.space.as_str();
            transaction!(app.db, tx => worklist::move_to(tx, by, row, space, tell, now).await)?
        }
        Some(outcome) => {
            transaction!(app.db, tx => worklist::decide(tx, by, row, outcome, tell, now).await)?
        }
        None => transaction!(app.db, tx => worklist::take_back(tx, by, row, now).await)?,
    };
    let told = if tell {
        " The mail leaves in two minutes."
    } else {
        ""
    };
    let words = match asked {
        Some(outcome) => format!("{booking}: {}.{told}", outcome.label()),
        None => format!("{booking} waits again."),
    };
    let outcome = outcome.map_err(|refusal| refusal.to_string());
    Ok(settled(jar, &closure, outcome, &words))
}

async fn call(
    State(app): State<App>,
    Now(now): Now,
    me: Staff,
    jar: CookieJar,
    Path((reference, booking)): Path<(String, String)>,
    Form(step): Form<StepForm>,
) -> Result<Response> {
    let closure = Record::find(&mut *app.db.acquire().await?, &reference, now).await?;
    let row = Row {
        closure: &closure,
        booking: &booking,
        version: step.version,
    };
    let (by, reached) = (me.member, step.reached == "yes");
    let outcome = transaction!(app.db, tx => worklist::tick(tx, by, row, reached, now).await)?;
    let words = match reached {
        true => "Ticked off.",
        false => "The tick is taken away.",
    };
    let outcome = outcome.map_err(|refusal| refusal.to_string());
    Ok(settled(jar, &closure, outcome, words))
}

/// Back to the closure, with `words` when it is done, and why not otherwise.
fn settled(jar: CookieJar, closure: &Record, outcome: Result<(), String>, words: &str) -> Response {
    let flash = match outcome {
        Ok(()) => Flash::done(words),
        Err(sentence) => Flash::problem(sentence),
    };
    (jar.add(flash.cookie()), html::see_other(&closure.url())).into_response()
}
