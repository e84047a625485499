//! A prospect's own page of their request, behind the link in their mails: change it or withdraw it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    link, stage,
    times::{Times, wish},
    viewing::{Status, Viewing},
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    time::long_date,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/viewings/{secret}", get(show).post(change))
        .route("/viewings/{secret}/withdrawal", post(withdraw))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct ChangeForm {
    wish: Vec<String>,
    message: String,
}

#[derive(Template)]
#[template(path = "viewings/show.html")]
struct ShowPage {
    chrome: Chrome,
    secret: String,
    viewing: Viewing,
    place: Location,
    times: Times,
    form: ChangeForm,
    errors: Errors,
    now: DateTime<Utc>,
}

impl ShowPage {
    fn value(&self, at: &DateTime<Utc>) -> String {
        wish(&self.place, *at)
    }

    fn clock(&self, at: &DateTime<Utc>) -> String {
        self.place.zone.clock(*at)
    }

    fn moment(&self, at: &DateTime<Utc>) -> String {
        self.viewing.moment(*at, self.now)
    }

    fn wishes(&self, value: &str) -> bool {
        self.form.wish.iter().any(|wish| wish == value)
    }

    fn day(&self, date: &NaiveDate) -> String {
        long_date(*date, self.place.zone.date(self.now))
    }
}

#[derive(Template)]
#[template(path = "viewings/gone.html")]
struct GonePage {
    chrome: Chrome,
    withdrawn: bool,
}

/// What the link opens: a request that is still going, or the page that says it is not.
async fn opened(
    db: &mut Db,
    chrome: &Chrome,
    secret: &str,
) -> Result<Result<(Viewing, Location), Response>> {
    let viewing = link::opens(db, secret).await?;
    let place = match &viewing {
        Some(viewing) => Location::find(db, &viewing.place_slug).await?,
        None => None,
    };
    let is_going = |viewing: &Viewing| {
        !viewing.forgotten && !matches!(viewing.status, Status::Lost | Status::Won | Status::Spam)
    };
    let status = if viewing.is_some() {
        StatusCode::GONE
    } else {
        StatusCode::NOT_FOUND
    };
    let withdrawn = viewing
        .as_ref()
        .is_some_and(|viewing| viewing.lost_reason == stage::WITHDRAWN);
    match (viewing.filter(is_going), place) {
        (Some(viewing), Some(place)) => Ok(Ok((viewing, place))),
        _ => {
            let chrome = chrome.clone();
            let mut page = html::page(&GonePage { chrome, withdrawn }).map(private)?;
            *page.status_mut() = status;
            Ok(Err(page))
        }
    }
}

async fn offered(db: &mut Db, place: &Location, now: DateTime<Utc>) -> Result<Times> {
    let times = Times::offered(db, std::slice::from_ref(place), now).await?;
    Ok(times.into_values().next().unwrap_or_default())
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let (viewing, place) = match opened(&mut db, &chrome, &secret).await? {
        Ok(found) => found,
        Err(gone) => return Ok(gone),
    };
    let form = ChangeForm {
        wish: viewing.wished.iter().map(|at| wish(&place, *at)).collect(),
        ..ChangeForm::default()
    };
    let times = offered(&mut db, &place, now).await?;
    html::page(&ShowPage {
        chrome,
        secret,
        viewing,
        place,
        times,
        form,
        errors: Errors::default(),
        now,
    })
    .map(private)
}

async fn change(
    chrome: Chrome,
    jar: CookieJar,
    Now(now): Now,
    State(app): State<App>,
    Path(secret): Path<String>,
    Form(form): Form<ChangeForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let (viewing, place) = match opened(&mut tx, &chrome, &secret).await? {
        Ok(found) => found,
        Err(gone) => return Ok(gone),
    };
    let times = offered(&mut tx, &place, now).await?;
    let mut errors = Errors::default();
    let wished = errors.take("wish", times.wished(&form.wish, &place));
    let message = errors.take("message", form::optional_text(&form.message, 1000));
    if wished.as_ref().is_some_and(Vec::is_empty) && message.as_ref().is_some_and(String::is_empty)
    {
        errors.add(
            "wish",
            "Choose another time, or write to us what suits you.",
        );
    }
    let (Some(wished), Some(message), true) = (wished, message, errors.is_empty()) else {
        return html::refused(&ShowPage {
            chrome: chrome.refused(),
            secret,
            viewing,
            place,
            times,
            form,
            errors,
            now,
        })
        .map(private);
    };
    stage::wish_again(&mut tx, viewing.id, &wished, &message, now).await?;
    tx.commit().await?;
    let jar = jar.add(Flash::done("Thank you. We have your change and confirm a time.").cookie());
    Ok(private(
        (jar, html::see_other(&format!("/viewings/{secret}"))).into_response(),
    ))
}

async fn withdraw(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let (viewing, _) = match opened(&mut tx, &chrome, &secret).await? {
        Ok(found) => found,
        Err(gone) => return Ok(gone),
    };
    stage::withdraw(&mut tx, viewing.id, now).await?;
    tx.commit().await?;
    Ok(private(html::see_other(&format!("/viewings/{secret}"))))
}

/// Nobody else is told the address, which is the secret; see the pages of links that sign in.
fn private(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
