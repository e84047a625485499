//! The list of people who want to be told when a location opens: joining it, and what the link in the mail shows.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{
    interest::{CONSENT, Interest},
    location::{Location, Status},
    pages,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Visitor,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/locations/{slug}/interest", post(join))
        .route("/interest/{secret}", get(show).post(confirm))
        .route("/interest/{secret}/withdrawal", post(withdraw))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InterestForm {
    pub(super) email: String,
    pub(super) consent: String,
}

impl InterestForm {
    /// What people agree to.
    pub(super) fn words(&self) -> &'static str {
        CONSENT
    }

    fn parse(&self) -> Result<String, Errors> {
        let mut errors = Errors::default();
        let email = errors.take("email", form::email(&self.email));
        if self.consent.is_empty() {
            errors.add("consent", "Tick the box, so that we may write to you.");
        }
        email.filter(|_| errors.is_empty()).ok_or(errors)
    }
}

async fn join(
    chrome: Chrome,
    jar: CookieJar,
    visitor: Visitor,
    Now(now): Now,
    State(app): State<App>,
    Path(slug): Path<String>,
    Form(form): Form<InterestForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let place = Location::find(&mut db, &slug).await?;
    let place = place.filter(|place| place.status == Status::Announced);
    let place = place.ok_or(Error::NotFound)?;
    let email = match form.parse() {
        Ok(email) => email,
        Err(errors) => {
            let (chrome, typed) = (chrome.refused(), (form, errors));
            let page = pages::page(&mut db, chrome, None, place, None, typed, now).await?;
            return html::refused(&page);
        }
    };
    drop(db);
    let mut tx = app.db.begin().await?;
    Interest::note(&mut tx, place.id, &email, &visitor.network).await?;
    tx.commit().await?;
    let told = Flash::done(format!(
        "Look into the mailbox of {email}: the link in our mail puts you on the list."
    ));
    let back = html::see_other(&format!("/locations/{}", place.slug));
    Ok((jar.add(told.cookie()), back).into_response())
}

#[derive(Template)]
#[template(path = "locations/interest.html")]
struct InterestPage {
    chrome: Chrome,
    interest: Interest,
    secret: String,
}

async fn show(
    chrome: Chrome,
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let interest = Interest::look(&mut db, &secret).await?;
    html::page(&InterestPage {
        chrome,
        interest: interest.ok_or(Error::NotFound)?,
        secret,
    })
}

/// Programs look at links in mails before people do, so looking changes nothing.
async fn confirm(State(app): State<App>, Path(secret): Path<String>) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let interest = Interest::look(&mut tx, &secret).await?;
    interest.ok_or(Error::NotFound)?.confirm(&mut tx).await?;
    tx.commit().await?;
    Ok(html::see_other(&format!("/interest/{secret}")))
}

async fn withdraw(State(app): State<App>, Path(secret): Path<String>) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let interest = Interest::look(&mut tx, &secret).await?;
    interest.ok_or(Error::NotFound)?.withdraw(&mut tx).await?;
    tx.commit().await?;
    Ok(html::see_other(&format!("/interest/{secret}")))
}
