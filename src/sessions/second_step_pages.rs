//! A member's second step: set up with an authenticator app, its recovery codes, and turned off again.

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
    authenticator::{self, By, InForce, Setup},
    credentials,
    current::{Current, Visitor},
    recovery, session,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    members::profile::Profile,
    qr::{self, Drawing},
    time,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account/security/second-step", get(show).post(begin))
        .route("/account/security/second-step/confirmation", post(confirm))
        .route(
            "/account/security/second-step/codes",
            get(codes).post(make_codes),
        )
        .route("/account/security/second-step/ending", post(end))
}

const PAGE: &str = "/account/security/second-step";
const CODES_PAGE: &str = "/account/security/second-step/codes";

/// Carries recovery codes to the page that shows them, once.
const CODES_COOKIE: &str = "recovery-codes";

#[derive(Default, Deserialize)]
#[serde(default)]
struct SetupForm {
    password: String,
    code: String,
    /// The address of ours that led here, to go on at.
    next: String,
}

#[derive(Template)]
#[template(path = "sessions/second_step.html")]
struct SecondStepPage {
    chrome: Chrome,
    profile: Profile,
    /// They signed in just now, and need not show again that it is them to set it up.
    fresh: bool,
    on: Option<InForce>,
    setup: Option<(Setup, Drawing)>,
    next: String,
    errors: Errors,
}

impl SecondStepPage {
    async fn new(app: &App, me: &Current, visitor: &Visitor, chrome: Chrome) -> Result<Self> {
        let mut db = app.db.acquire().await?;
        let secret = visitor.session.as_deref().unwrap_or_default();
        let profile = Profile::of(&mut db, me.member).await?;
        let called = profile.email.as_ref().unwrap_or(&profile.name);
        let setup = match authenticator::setup(&mut db, me.member, called).await? {
            Some(setup) => {
                let drawing = qr::drawn(&setup.address)?;
                Some((setup, drawing))
            }
            None => None,
        };
        Ok(SecondStepPage {
            chrome,
            fresh: session::is_fresh(&mut db, secret).await?,
            on: authenticator::in_force(&mut db, me.member).await?,
            setup,
            profile,
            next: String::new(),
            errors: Errors::default(),
        })
    }

    fn since(&self, on: &InForce) -> String {
        time::short_date(self.profile.zone.date(on.since))
    }

    /// This page, with where it goes on.
    fn address(&self) -> String {
        address(PAGE, &self.next)
    }

    fn refused(self, field: &'static str, sentence: &str) -> Result<Response> {
        let errors = (field, sentence.to_owned()).into();
        html::refused(&SecondStepPage { errors, ..self })
    }

    /// Whether it is them: by their password, or, where they have none, by having signed in just now. `asked` is
    /// false where signing in just now is enough for everybody.
    async fn is_theirs(
        &self,
        app: &App,
        me: &Current,
        visitor: &Visitor,
        password: &str,
        asked: bool,
    ) -> Result<Result<(), &'static str>> {
        if self.fresh && !(asked && self.profile.has_password) {
            return Ok(Ok(()));
        }
        if !self.profile.has_password {
            return Ok(Err("First have the link mailed to you, and follow it."));
        }
        let proven =
            credentials::prove_again(&app.db, &app.limits, me, password, &visitor.network).await?;
        Ok(match proven {
            true => Ok(()),
            false => Err("This is not your password."),
        })
    }
}

fn address(page: &str, next: &str) -> String {
    match next {
        "" => page.to_owned(),
        next => format!("{page}?{}", html::query(&[("next", next)])),
    }
}

async fn show(
    chrome: Chrome,
    visitor: Visitor,
    State(app): State<App>,
    me: Current,
    Query(form): Query<SetupForm>,
) -> Result<Response> {
    let page = SecondStepPage::new(&app, &me, &visitor, chrome).await?;
    html::page(&SecondStepPage {
        next: form.next,
        ..page
    })
}

async fn begin(
    chrome: Chrome,
    visitor: Visitor,
    State(app): State<App>,
    me: Current,
    Form(form): Form<SetupForm>,
) -> Result<Response> {
    let mut page = SecondStepPage::new(&app, &me, &visitor, chrome.refused()).await?;
    page.next = form.next;
    if page.profile.email.is_none() {
        return page.refused("begin", "Add an email address first, to sign in with.");
    }
    let theirs = page.is_theirs(&app, &me, &visitor, &form.password, false);
    if let Err(sentence) = theirs.await? {
        return page.refused("password", sentence);
    }
    let mut tx = app.db.begin().await?;
    authenticator::begin(&mut tx, me.member).await?;
    tx.commit().await?;
    Ok(html::see_other(&page.address()))
}

async fn confirm(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    Now(now): Now,
    State(app): State<App>,
    me: Current,
    Form(form): Form<SetupForm>,
) -> Result<Response> {
    let digits: String = form.code.chars().filter(char::is_ascii_digit).collect();
    let session = visitor.session.as_deref().unwrap_or_default();
    let mut tx = app.db.begin().await?;
    let codes = authenticator::turn_on(&mut tx, me.member, &digits, session, now).await?;
    tx.commit().await?;
    match codes {
        Some(codes) => Ok(show_once(&app, jar, &codes, &form.next)),
        None => {
            let mut page = SecondStepPage::new(&app, &me, &visitor, chrome.refused()).await?;
            page.next = form.next;
            let field = if page.setup.is_some() {
                "code"
            } else {
                "begin"
            };
            page.refused(
                field,
                "That is not what the app shows now. Wait for its next code and type that; if it is refused too, let \
                 the phone set its clock by itself.",
            )
        }
    }
}

/// Leads to the page of new codes, which has them from a cookie that ends there.
fn show_once(app: &App, jar: CookieJar, codes: &[String], next: &str) -> Response {
    let cookie = Cookie::build((CODES_COOKIE, codes.join(".")))
        .path(CODES_PAGE)
        .http_only(true)
        .secure(app.config.cookies().secure())
        .same_site(SameSite::Strict);
    let address = address(CODES_PAGE, next);
    (jar.add(cookie), html::see_other(&address)).into_response()
}

#[derive(Template)]
#[template(path = "sessions/recovery_codes.html")]
struct CodesPage {
    chrome: Chrome,
    /// None once they were shown.
    codes: Vec<String>,
    next: String,
}

impl CodesPage {
    /// One a line, to be copied.
    fn lines(&self) -> String {
        self.codes.join("\n")
    }

    fn go_on(&self) -> &str {
        match self.next.as_str() {
            "" => PAGE,
            next => html::local_address(next),
        }
    }
}

async fn codes(
    chrome: Chrome,
    jar: CookieJar,
    _: Current,
    Query(form): Query<SetupForm>,
) -> Result<Response> {
    let carried = jar.get(CODES_COOKIE).map(Cookie::value).unwrap_or_default();
    let codes = carried
        .split('.')
        .filter(|code| code.len() == recovery::DIGITS && code.bytes().all(|b| b.is_ascii_digit()))
        .map(recovery::grouped)
        .collect();
    let page = html::page(&CodesPage {
        chrome,
        codes,
        next: form.next,
    })?;
    let shown = jar.remove(Cookie::build(CODES_COOKIE).path(CODES_PAGE).build());
    Ok((shown, page).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    codes_password: String,
    ending_password: String,
}

async fn make_codes(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<PasswordForm>,
) -> Result<Response> {
    let page = SecondStepPage::new(&app, &me, &visitor, chrome.refused()).await?;
    if page.on.is_none() {
        return Ok(html::see_other(PAGE));
    }
    let theirs = page.is_theirs(&app, &me, &visitor, &form.codes_password, true);
    if let Err(sentence) = theirs.await? {
        return page.refused("codes_password", sentence);
    }
    let mut tx = app.db.begin().await?;
    let codes = recovery::make_anew(&mut tx, me.member).await?;
    tx.commit().await?;
    Ok(show_once(&app, jar, &codes, ""))
}

async fn end(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<PasswordForm>,
) -> Result<Response> {
    let page = SecondStepPage::new(&app, &me, &visitor, chrome.refused()).await?;
    if page.on.is_none() {
        return Ok(html::see_other(PAGE));
    }
    let theirs = page.is_theirs(&app, &me, &visitor, &form.ending_password, true);
    if let Err(sentence) = theirs.await? {
        return page.refused("ending_password", sentence);
    }
    let mut tx = app.db.begin().await?;
    authenticator::turn_off(&mut tx, me.member, By::Themselves).await?;
    tx.commit().await?;
    let words = "Signing in asks for no code any more. You can remove Connect Space from your app.";
    let jar = jar.add(Flash::done(words).cookie());
    Ok((jar, html::see_other("/account/security#second-step")).into_response())
}
