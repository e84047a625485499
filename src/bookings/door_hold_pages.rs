//! Making a room one's own that a screen at its door holds: by phone, at the price shown.

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
    booking::Booking,
    display::holding::{self, Claim},
    payer::{Payer, Payers},
    refusal::Refusal,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    money::Money,
    sessions::current::Current,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route("/d/{code}", get(show).post(take))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ClaimForm {
    company: String,
    purchase_order: String,
    /// The price as it was shown, in cents.
    shown: String,
}

#[derive(Template)]
#[template(path = "bookings/door_hold.html")]
struct DoorHoldPage {
    chrome: Chrome,
    errors: Errors,
    code: String,
    payers: Payers,
    form: ClaimForm,
    now: DateTime<Utc>,
    booking: Booking,
}

impl DoorHoldPage {
    fn is_open(&self) -> bool {
        self.booking.holds && self.booking.created_by.is_none()
    }

    fn until(&self) -> String {
        let until = self.booking.hold_expires_at;
        until.map_or(String::new(), |until| self.booking.zone.clock(until))
    }

    fn url(&self) -> String {
        format!("/d/{}", self.code)
    }

    fn sign_in(&self) -> String {
        format!("/sign-in?{}", html::query(&[("next", self.url())]))
    }
}

async fn page(
    app: &App,
    chrome: Chrome,
    me: Option<&Current>,
    (code, booking): (String, Booking),
    form: ClaimForm,
    now: DateTime<Utc>,
) -> Result<DoorHoldPage> {
    let payers = match me {
        Some(me) => Payers::of(&mut *app.db.acquire().await?, me.member).await?,
        None => Payers::default(),
    };
    Ok(DoorHoldPage {
        chrome,
        errors: Errors::default(),
        code: code.to_uppercase(),
        payers,
        form,
        now,
        booking,
    })
}

async fn behind(app: &App, code: &str) -> Result<Booking> {
    let found = holding::behind(&mut *app.db.acquire().await?, code).await?;
    found.ok_or(Error::NotFound)
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    Path(code): Path<String>,
) -> Result<Response> {
    let booking = behind(&app, &code).await?;
    let is_mine = |me: &Current| booking.created_by == Some(me.member);
    if me.as_ref().is_some_and(is_mine) {
        return Ok(html::see_other(&booking.url()));
    }
    let here = (code, booking);
    html::page(&page(&app, chrome, me.as_ref(), here, ClaimForm::default(), now).await?)
}

async fn take(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(code): Path<String>,
    Form(form): Form<ClaimForm>,
) -> Result<Response> {
    let booking = behind(&app, &code).await?;
    let order = form::optional_line(&form.purchase_order, 60);
    let outcome = match (order, form.shown.parse()) {
        (Err(sentence), _) => Err(("purchase_order", sentence)),
        (_, Err(_)) => Err(("take", "Look the price over and take it again.".to_owned())),
        (Ok(purchase_order), Ok(shown)) => {
            let claim = Claim {
                member: me.member,
                payer: Payer::said(&form.company),
                purchase_order,
                shown: Money::cents(shown),
            };
            let id = booking.id;
            let done = transaction!(app.db, tx => claim.take(tx, id, now).await)?;
            done.map_err(|refusal: Refusal| match refusal {
                Refusal::NoPurchaseOrder { .. } => ("purchase_order", refusal.to_string()),
                _ => ("take", refusal.to_string()),
            })
        }
    };
    match outcome {
        Ok(booked) => {
            let flash = Flash::done(format!("{} is yours.", booked.space));
            Ok((jar.add(flash.cookie()), html::see_other(&booked.url())).into_response())
        }
        Err(error) => {
            let here = (code.clone(), behind(&app, &code).await?);
            let mut page = page(&app, chrome.refused(), Some(&me), here, form, now).await?;
            page.errors = error.into();
            html::refused(&page)
        }
    }
}
