//! The second step of signing in: the page that asks whoever is half-way for a code.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;

use super::{
    browser, computer_pages, current,
    entry::{self, Entry},
    pages::wanted,
    second_step::{self, Origin},
    visitor::Visitor,
};
use crate::{
    app::App,
    config::Cookies,
    error::Result,
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in/code", get(ask).post(prove))
        .route("/sign-in/code/ending", post(give_up))
}

const PAGE: &str = "/sign-in/code";

/// The cookie of whoever is half-way, or with an empty secret the one that takes it away.
fn cookie(cookies: Cookies, secret: String) -> Cookie<'static> {
    Cookie::build((cookies.name("halfway"), secret))
        .path("/")
        .http_only(true)
        .secure(cookies.secure())
        .same_site(SameSite::Lax)
        .build()
}

fn secret(app: &App, jar: &CookieJar) -> String {
    let name = app.config.cookies().name("halfway");
    jar.get(&name)
        .map_or_else(String::new, |cookie| cookie.value().to_owned())
}

/// Signed in, to `next`; half-way, to the page that asks for the code.
pub(super) fn lead_in(app: &App, jar: CookieJar, entry: Entry, next: &str) -> (CookieJar, String) {
    let cookies = app.config.cookies();
    match entry {
        Entry::In(arrived) => (
            with(jar, current::cookies(cookies, arrived)),
            next.to_owned(),
        ),
        Entry::Halfway(secret) => {
            let query = html::query(&[("next", next)]);
            (jar.add(cookie(cookies, secret)), format!("{PAGE}?{query}"))
        }
    }
}

fn with(jar: CookieJar, cookies: [Cookie<'static>; 2]) -> CookieJar {
    cookies.into_iter().fold(jar, CookieJar::add)
}

#[derive(Template)]
#[template(path = "sessions/code.html")]
struct CodePage {
    chrome: Chrome,
    form: CodeForm,
    errors: Errors,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CodeForm {
    code: String,
    /// The address of ours to go to afterwards.
    next: String,
}

async fn ask(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    Query(form): Query<CodeForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    match entry::look(&mut db, &secret(&app, &jar)).await? {
        Some(_) => html::page(&CodePage {
            chrome,
            form,
            errors: Errors::default(),
        }),
        None => Ok(begin_again(&app, jar, &form.next)),
    }
}

async fn prove(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    Now(now): Now,
    State(app): State<App>,
    Form(form): Form<CodeForm>,
) -> Result<Response> {
    let secret = secret(&app, &jar);
    let mut tx = app.db.begin().await?;
    let Some(member) = entry::look(&mut tx, &secret).await? else {
        return Ok(begin_again(&app, jar, &form.next));
    };
    let known = browser::is_known(&mut tx, member, visitor.browser.as_deref()).await?;
    let from = Origin::new(&visitor.network, known);
    if !second_step::prove(&mut tx, member, &form.code, from, now).await? {
        tx.commit().await?;
        let sentence = "That is not a code that is good now. Type the one that your app shows, or a recovery code.";
        return html::refused(&CodePage {
            chrome: chrome.refused(),
            form,
            errors: ("code", sentence.to_owned()).into(),
        });
    }
    let computer = computer_pages::at(&app, &mut tx, &jar).await?;
    let arrived = entry::finish(&mut tx, &secret, visitor.place(), computer.as_ref()).await?;
    let Some(arrived) = arrived else {
        return Ok(begin_again(&app, jar, &form.next));
    };
    tx.commit().await?;
    let cookies = app.config.cookies();
    let jar = with(
        jar.remove(cookie(cookies, String::new())),
        current::cookies(cookies, arrived),
    );
    Ok((jar, html::see_other(wanted(&form.next))).into_response())
}

async fn give_up(jar: CookieJar, State(app): State<App>) -> Result<Response> {
    entry::give_up(&mut *app.db.acquire().await?, &secret(&app, &jar)).await?;
    let jar = jar.remove(cookie(app.config.cookies(), String::new()));
    Ok((jar, html::see_other("/sign-in")).into_response())
}

/// Nobody is half-way here, or not any more.
fn begin_again(app: &App, jar: CookieJar, next: &str) -> Response {
    let words =
        "Please sign in again: the code has to be typed within ten minutes, in the same browser.";
    let jar = jar
        .remove(cookie(app.config.cookies(), String::new()))
        .add(Flash::problem(words).cookie());
    let address = match next {
        "" => "/sign-in".to_owned(),
        next => format!("/sign-in?{}", html::query(&[("next", next)])),
    };
    (jar, html::see_other(&address)).into_response()
}
