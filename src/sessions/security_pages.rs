//! How a member signs in: their password, where they are signed in, and the tokens of their programs.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    attempts,
    authenticator::{self, InForce},
    credentials,
    current::{self, Current},
    link::{Link, Purpose},
    mail_pages, pin,
    session::{self, Session},
    token::{self, Token},
    visitor::Visitor,
};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    members::profile::Profile,
    time, transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account/security", get(show))
        .route("/account/password", post(change_password))
        .route("/account/pin", post(set_pin))
        .route("/account/pin/ending", post(end_pin))
        .route("/account/proof", post(prove_by_mail))
        .route("/account/sessions/ending", post(end_others))
        .route("/account/sessions/{id}/ending", post(end_session))
        .route("/account/tokens", post(make_token))
        .route("/account/tokens/{id}/ending", post(end_token))
}

const PAGE: &str = "/account/security";

/// Carries a new token to the page that shows it, once.
const TOKEN_COOKIE: &str = "new-token";

#[derive(Template)]
#[template(path = "sessions/security.html")]
struct SecurityPage {
    chrome: Chrome,
    profile: Profile,
    /// They signed in just now.
    proven: bool,
    second_step: Option<InForce>,
    /// Whether they have a PIN; `None` for those who do not work here.
    pin: Option<bool>,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    new_token: Option<String>,
    token_name: String,
    errors: Errors,
}

impl SecurityPage {
    async fn new(app: &App, me: &Current, visitor: &Visitor, chrome: Chrome) -> Result<Self> {
        let mut db = app.db.acquire().await?;
        let secret = visitor.session.as_deref().unwrap_or_default();
        Ok(SecurityPage {
            chrome,
            profile: Profile::of(&mut db, me.member).await?,
            proven: session::is_fresh(&mut db, secret).await?,
            second_step: authenticator::in_force(&mut db, me.member).await?,
            pin: match me.staff {
                Some(_) => Some(pin::is_set(&mut db, me.member).await?),
                None => None,
            },
            sessions: session::list(&mut db, me.member, secret).await?,
            tokens: token::list(&mut db, me.member).await?,
            new_token: None,
            token_name: String::new(),
            errors: Errors::default(),
        })
    }

    fn when(&self, at: &DateTime<Utc>) -> String {
        let zone = self.profile.zone;
        format!("{}, {}", time::short_date(zone.date(*at)), zone.clock(*at))
    }
}

async fn show(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
) -> Result<Response> {
    let mut page = SecurityPage::new(&app, &me, &visitor, chrome).await?;
    page.new_token = jar
        .get(TOKEN_COOKIE)
        .map(|cookie| cookie.value().to_owned());
    let shown = jar.remove(Cookie::build(TOKEN_COOKIE).path(PAGE).build());
    Ok((shown, html::page(&page)?).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    current: String,
    password: String,
}

/// Everywhere else it signs them out; here it goes on in a new session.
async fn change_password(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<PasswordForm>,
) -> Result<Response> {
    let page = SecurityPage::new(&app, &me, &visitor, chrome.refused()).await?;
    let (proven, has_password) = (page.proven, page.profile.has_password);
    let refused = |field, sentence: String| {
        let errors = (field, sentence).into();
        html::refused(&SecurityPage { errors, ..page })
    };
    let password = match form::new_password(&form.password, me.email.as_deref()) {
        Ok(password) => password,
        Err(sentence) => return refused("password", sentence),
    };
    if has_password {
        let is_theirs =
            credentials::prove_again(&app.db, &app.limits, &me, &form.current, &visitor.network);
        if !is_theirs.await? {
            return refused("current", "This is not your password now.".into());
        }
    } else if !proven {
        return refused(
            "password",
            "First have the link mailed to you, and follow it.".into(),
        );
    }
    let hash = credentials::hash(&app.limits, password).await?;
    let mut tx = app.db.begin().await?;
    credentials::change(&mut tx, me.member, &hash).await?;
    let session = session::begin(&mut tx, me.member, &visitor.device, None).await?;
    tx.commit().await?;
    let jar = jar
        .add(current::cookie(app.config.cookies(), session))
        .add(Flash::done("Your new password is set. Everywhere else you are signed out.").cookie());
    Ok((jar, html::see_other(PAGE)).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PinForm {
    pin_password: String,
    pin: String,
}

/// For those who work here: with it they take turns at a shared computer. Their password shows that it is them.
async fn set_pin(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<PinForm>,
) -> Result<Response> {
    if me.staff.is_none() {
        return Err(Error::NotFound);
    }
    let page = SecurityPage::new(&app, &me, &visitor, chrome.refused()).await?;
    let refused = |field, sentence: String| {
        let errors = (field, sentence).into();
        html::refused(&SecurityPage { errors, ..page })
    };
    let pin = match pin::fit(&form.pin) {
        Ok(pin) => pin,
        Err(sentence) => return refused("pin", sentence),
    };
    let theirs = credentials::prove_again(
        &app.db,
        &app.limits,
        &me,
        &form.pin_password,
        &visitor.network,
    );
    if !theirs.await? {
        return refused("pin_password", "This is not your password.".into());
    }
    let hash = credentials::hash(&app.limits, pin).await?;
    let mut tx = app.db.begin().await?;
    pin::set(&mut tx, me.member, Some(&hash)).await?;
    tx.commit().await?;
    let jar = jar.add(Flash::done("Your PIN is set.").cookie());
    Ok((jar, html::see_other("/account/security#pin")).into_response())
}

async fn end_pin(jar: CookieJar, State(app): State<App>, me: Current) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    pin::set(&mut tx, me.member, None).await?;
    tx.commit().await?;
    let jar = jar.add(Flash::done("You have no PIN any more.").cookie());
    Ok((jar, html::see_other("/account/security#pin")).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProofForm {
    /// The address of ours to come back to.
    next: String,
}

/// Who has no password shows by a link in their mail that it is them: following it signs them in anew.
async fn prove_by_mail(
    visitor: Visitor,
    State(app): State<App>,
    me: Current,
    Form(form): Form<ProofForm>,
) -> Result<Response> {
    let email = me.email.as_deref().ok_or(Error::NotFound)?;
    let mut tx = app.db.begin().await?;
    attempts::ask_for_mail(&mut tx, &visitor.network).await?;
    let next = html::local_address(&form.next);
    Link::issue(&mut tx, Purpose::SignIn, me.member, None, next).await?;
    tx.commit().await?;
    Ok(mail_pages::to_the_mailbox(&[("to", email)]))
}

async fn end_session(
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    if !session::revoke(&mut tx, me.member, id).await? {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    let secret = visitor.session.unwrap_or_default();
    let still_here = session::person(&app.db, &secret).await?.is_some();
    let next = if still_here {
        "/account/security#sessions"
    } else {
        "/sign-in"
    };
    let jar = jar.add(Flash::done("That device is signed out.").cookie());
    Ok((jar, html::see_other(next)).into_response())
}

async fn end_others(
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let secret = visitor.session.unwrap_or_default();
    session::revoke_others(&mut tx, me.member, &secret).await?;
    tx.commit().await?;
    let jar = jar.add(Flash::done("You are signed out everywhere but here.").cookie());
    Ok((jar, html::see_other("/account/security#sessions")).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenForm {
    token_name: String,
}

async fn make_token(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<TokenForm>,
) -> Result<Response> {
    let made = match form::required_line(&form.token_name, 60, "Give it a name, to know it by.") {
        Err(sentence) => Err(sentence),
        Ok(name) => {
            transaction!(app.db, tx => token::issue(tx, me.member, &name, Some(me.member)).await)?
                .map_err(|refusal| refusal.to_string())
        }
    };
    match made {
        Ok(token) => {
            let cookie = Cookie::build((TOKEN_COOKIE, token))
                .path(PAGE)
                .http_only(true)
                .secure(app.config.cookies().secure())
                .same_site(SameSite::Strict);
            Ok((
                jar.add(cookie),
                html::see_other("/account/security#new-token"),
            )
                .into_response())
        }
        Err(sentence) => {
            let page = SecurityPage::new(&app, &me, &visitor, chrome.refused()).await?;
            html::refused(&SecurityPage {
                token_name: form.token_name,
                errors: ("token_name", sentence).into(),
                ..page
            })
        }
    }
}

async fn end_token(
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    if !token::revoke(&mut tx, me.member, id).await? {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    let jar = jar.add(Flash::done("That token works no more.").cookie());
    Ok((jar, html::see_other("/account/security#tokens")).into_response())
}
