//! Looking a hold over, giving it more time, and confirming it.

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

use super::{
    approval,
    booking::{Booking, Status},
    confirmation, first_refusal, guest_form,
    guests::{self, Guest, Invited, Inviter},
    pages::changeable,
    refusal::Refusal,
    waitlist,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    sessions::current::Current,
    spaces::space::{Audience, Space},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/bookings/{reference}/confirmation",
            get(check).post(confirm),
        )
        .route("/bookings/{reference}/hold", post(extend))
}

#[derive(Template)]
#[template(path = "bookings/confirmation.html")]
struct ConfirmationPage {
    chrome: Chrome,
    refusal: Option<String>,
    emblem: String,
    now: DateTime<Utc>,
    /// It has to be approved before it stands.
    asks: bool,
    /// And others may ask for the same time.
    competes: bool,
    booking: Booking,
    /// Its space has a page for its member; what the front desk holds in a hidden one has none.
    can_be_seen: bool,
    /// They waited for it, and somebody else does.
    is_offer: bool,
    form: ConfirmForm,
    errors: Errors,
}

impl ConfirmationPage {
    fn held_until(&self) -> String {
        self.booking
            .hold_expires_at
            .map(|until| match self.booking.first_refusal {
                true => first_refusal::words(until, self.booking.zone, self.now),
                false if self.booking.zone.date(until) != self.booking.zone.date(self.now) => {
                    first_refusal::words(until, self.booking.zone, self.now)
                }
                false => self.booking.zone.clock(until),
            })
            .unwrap_or_default()
    }
}

/// Everything once more before it is final, and until when the time is held.
async fn check(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let booking = Booking::changeable_by(&mut db, me.member, &reference)
        .await?
        .ok_or(Error::NotFound)?;
    match booking.status {
        Status::Held | Status::Expired
            if booking.member == me.member || booking.created_by == Some(me.member) =>
        {
            let page = page(&mut db, (chrome, &me), booking, None, now).await?;
            html::page(&page)
        }
        _ => Ok(html::see_other(&booking.url())),
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ConfirmForm {
    /// A line each.
    guests: String,
}

/// Why nothing was confirmed.
enum Refused {
    Rule(Refusal),
    Guests(guests::Refusal),
}

async fn confirm(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<ConfirmForm>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    let mut errors = Errors::default();
    let mut refusal = None;
    if let Some(guests) = errors.take("guests", guest_form::several(&form.guests)) {
        let confirmed = transaction!(app.db, tx =>
            confirm_with(tx, &me, &booking, &guests, now).await)?;
        match confirmed {
            Ok(booking) => {
                let jar = jar.add(Flash::done(booked(&booking)).cookie());
                return Ok((jar, html::see_other(&booking.url())).into_response());
            }
            Err(Refused::Guests(rule)) => errors.add("guests", rule.to_string()),
            Err(Refused::Rule(rule)) => {
                if let Some(own) = taken_meanwhile(&app, &booking, &rule).await? {
                    let flash = Flash::done("You took this time meanwhile: here it is.");
                    let there = html::see_other(&format!("/bookings/{own}/confirmation"));
                    return Ok((jar.add(flash.cookie()), there).into_response());
                }
                refusal = Some(rule.to_string());
            }
        }
    }
    let mut db = app.db.acquire().await?;
    let mut page = page(&mut db, (chrome.refused(), &me), booking, refusal, now).await?;
    page.form = form;
    page.errors = errors;
    html::refused(&page)
}

/// The booking and its invitations stand together, or not at all.
async fn confirm_with(
    tx: &mut Db,
    me: &Current,
    booking: &Booking,
    guests: &[Invited],
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refused>> {
    let booking = match confirmation::confirm(tx, me.member, booking.id, None, now).await? {
        Ok(booking) => booking,
        Err(rule) => return Ok(Err(Refused::Rule(rule))),
    };
    let by = Inviter {
        member: me.member,
        is_staff: false,
    };
    for whom in guests {
        if let Err(rule) = Guest::invite(tx, booking.id, by, whom, now).await? {
            return Ok(Err(Refused::Guests(rule)));
        }
    }
    Ok(Ok(booking))
}

/// What the same member took in its place.
async fn taken_meanwhile(app: &App, lost: &Booking, rule: &Refusal) -> Result<Option<String>> {
    match rule {
        Refusal::HoldLost { .. } => {
            confirmation::taken_by_oneself(&mut *app.db.acquire().await?, lost).await
        }
        _ => Ok(None),
    }
}

async fn page(
    db: &mut Db,
    (chrome, me): (Chrome, &Current),
    booking: Booking,
    refusal: Option<String>,
    now: DateTime<Utc>,
) -> Result<ConfirmationPage> {
    let seen = Space::find_for(db, &booking.space_slug, Audience::People).await?;
    Ok(ConfirmationPage {
        chrome,
        refusal,
        emblem: booking.emblem.clone(),
        now,
        asks: approval::is_needed(db, booking.id, me.member).await?,
        competes: approval::competes(db, booking.id).await?,
        can_be_seen: seen.is_some(),
        is_offer: waitlist::is_offer(db, booking.id).await?,
        form: ConfirmForm::default(),
        errors: Errors::default(),
        booking,
    })
}

fn booked(booking: &Booking) -> &'static str {
    match booking.status {
        Status::Pending => "We have your request. You hear from us by mail.",
        _ => "You are booked.",
    }
}

/// Ten minutes more, once.
async fn extend(
    State(app): State<App>,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    let outcome =
        transaction!(app.db, tx => confirmation::extend_hold(tx, me.member, booking.id).await)?;
    let flash = match outcome {
        Ok(()) => Flash::done("Held for ten minutes more."),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok((
        jar.add(flash.cookie()),
        html::see_other(&format!("{}/confirmation", booking.url())),
    )
        .into_response())
}
