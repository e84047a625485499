//! The pages behind the links in mails. Opening one changes nothing, since mail programs open links
//! too: the button does.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    arrival::{self, Arrival, Setback},
    code_pages, credentials,
    link::{Link, Purpose},
    visitor::Visitor,
};
use crate::{
    app::App,
    bookings::{booking::Booking, confirmation},
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    money::Money,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route("/links/{secret}", get(show).post(follow))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LinkForm {
    password: String,
    /// The price of its booking, in cents, as the page said it.
    shown: String,
}

#[derive(Template)]
#[template(path = "sessions/link.html")]
struct LinkPage {
    chrome: Chrome,
    link: Link,
    /// What the button confirms.
    booking: Option<Booking>,
    now: DateTime<Utc>,
    errors: Errors,
}

impl LinkPage {
    async fn new(
        db: &mut Db,
        chrome: Chrome,
        link: Link,
        errors: Errors,
        now: DateTime<Utc>,
    ) -> Result<LinkPage> {
        let booking = match link.booking {
            Some(id) => confirmation::foreseen(db, id, now).await?,
            None => None,
        };
        Ok(LinkPage {
            chrome,
            link,
            booking,
            now,
            errors,
        })
    }

    fn when(&self, booking: &Booking) -> String {
        booking.when(self.now)
    }

    fn title(&self) -> &'static str {
        match self.link.purpose {
            Purpose::SignIn => "Sign in",
            Purpose::ConfirmBooking => "Confirm your booking",
            Purpose::ResetPassword => "Choose a new password",
            Purpose::VerifyEmail => "Finish signing up",
            Purpose::Invitation => "Welcome to Connect Space",
        }
    }

    fn button(&self) -> &'static str {
        match self.link.purpose {
            Purpose::SignIn => "Sign in",
            Purpose::ConfirmBooking => "Confirm the booking",
            Purpose::ResetPassword => "Set the password and sign in",
            Purpose::VerifyEmail => "Finish and sign in",
            Purpose::Invitation => "Come in",
        }
    }
}

#[derive(Template)]
#[template(path = "sessions/link_spent.html")]
struct SpentPage {
    chrome: Chrome,
    link: Option<Link>,
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let link = match Link::look(&mut db, &secret).await? {
        Some(link) if link.works() => link,
        spent => return gone(chrome, spent),
    };
    let page = LinkPage::new(&mut db, chrome, link, Errors::default(), now).await?;
    html::page(&page).map(private)
}

async fn follow(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    Now(now): Now,
    State(app): State<App>,
    Path(secret): Path<String>,
    Form(form): Form<LinkForm>,
) -> Result<Response> {
    let link = match Link::look(&mut *app.db.acquire().await?, &secret).await? {
        Some(link) if link.works() => link,
        spent => return gone(chrome, spent),
    };
    let hash = match chosen(&link, &form) {
        Some(Ok(password)) => Some(credentials::hash(&app.limits, password).await?),
        Some(Err(sentence)) => {
            return again(&app, chrome, link, ("password", sentence).into(), now).await;
        }
        None => None,
    };
    let shown = form.shown.parse().ok().map(Money::cents);
    match transaction!(app.db, tx => {
        arrival::follow(tx, &secret, hash.as_deref(), visitor.place(), shown, now).await
    })? {
        Ok(arrival) => Ok(welcome(&app, jar, arrival)),
        Err(Setback::Spent) => gone(chrome, Some(link)),
        Err(Setback::PriceChanged(refusal)) => {
            again(&app, chrome, link, ("go", refusal.to_string()).into(), now).await
        }
    }
}

/// The same page with what was refused; the link still works.
async fn again(
    app: &App,
    chrome: Chrome,
    link: Link,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let page = LinkPage::new(&mut db, chrome.refused(), link, errors, now).await?;
    html::refused(&page).map(private)
}

/// The password that was typed, or what is wrong with it; a newcomer need not have one.
fn chosen(link: &Link, form: &LinkForm) -> Option<Result<String, String>> {
    let may_be_left_out = link.purpose != Purpose::ResetPassword;
    if !link.offers_password() || (may_be_left_out && form.password.is_empty()) {
        return None;
    }
    Some(form::new_password(&form.password, Some(&link.email)))
}

fn welcome(app: &App, jar: CookieJar, arrival: Arrival) -> Response {
    let Arrival {
        link,
        entry,
        next,
        confirmed,
    } = arrival;
    let (jar, address) = code_pages::lead_in(app, jar, entry, html::local_address(&next));
    let flash = match (confirmed, link.purpose) {
        (Some(Ok(_)), _) => None,
        (Some(Err(refusal)), _) => Some(Flash::problem(refusal.to_string())),
        (None, Purpose::ResetPassword) => Some(Flash::done(
            "Your new password is set. Everywhere else you are signed out.",
        )),
        (None, Purpose::VerifyEmail | Purpose::Invitation) => {
            Some(Flash::done(format!("Welcome, {}.", link.name)))
        }
        (None, _) => None,
    };
    let jar = flash
        .into_iter()
        .fold(jar, |jar, flash| jar.add(flash.cookie()));
    private((jar, html::see_other(&address)).into_response())
}

/// A link that works no more: the page says why and leads on.
fn gone(chrome: Chrome, link: Option<Link>) -> Result<Response> {
    let status = if link.is_some() {
        StatusCode::GONE
    } else {
        StatusCode::NOT_FOUND
    };
    let mut page = html::page(&SpentPage { chrome, link }).map(private)?;
    *page.status_mut() = status;
    Ok(page)
}

/// Nobody else is told the address, which is the secret. Not `no-referrer`, with which browsers send
/// forms as if from nowhere, and such forms are refused.
fn private(mut answer: Response) -> Response {
    let policy = HeaderValue::from_static("strict-origin");
    answer.headers_mut().insert(header::REFERRER_POLICY, policy);
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
