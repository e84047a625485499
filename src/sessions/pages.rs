//! Signing in and signing out.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{
    code_pages, computer_pages, credentials, current, entry, link::Purpose, link_pages, mail_pages,
    rule_pages, sample, second_step_pages, security_pages, session, switch_pages, visitor::Visitor,
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    found::Found,
    html::{self, Chrome},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign-in", get(show_sign_in).post(sign_in))
        .route("/sign-out", post(sign_out))
        .merge(code_pages::routes())
        .merge(mail_pages::routes())
        .merge(link_pages::routes())
        .merge(rule_pages::routes())
        .merge(security_pages::routes())
        .merge(second_step_pages::routes())
        .merge(switch_pages::routes())
        .merge(computer_pages::routes())
}

/// Where signing in leads when nothing else was wanted.
pub(super) const HOME: &str = "/today";

pub(super) fn wanted(next: &str) -> &str {
    match next {
        "" => HOME,
        next => html::local_address(next),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SignInForm {
    email: String,
    password: String,
    /// The address of ours to go to afterwards.
    next: String,
    /// `link` for a mail instead of a password.
    how: String,
}

#[derive(Template)]
#[template(path = "sessions/sign_in.html")]
struct SignInPage {
    chrome: Chrome,
    form: SignInForm,
    errors: Errors,
}

impl SignInPage {
    fn sign_up(&self) -> String {
        format!("/sign-up?{}", html::query(&[("next", &self.form.next)]))
    }
}

async fn show_sign_in(chrome: Chrome, Query(form): Query<SignInForm>) -> Result<Response> {
    let errors = Errors::default();
    let found = Found::page(
        "/sign-in",
        "Sign in · Connect Space",
        "Sign in to Connect Space with a password or by a link in a mail: your bookings, passes and company.",
        "sign-in",
    );
    html::page(&SignInPage {
        chrome: chrome.found(found),
        form,
        errors,
    })
}

async fn sign_in(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    Form(form): Form<SignInForm>,
) -> Result<Response> {
    let again = |form, field, sentence: String| {
        let chrome = chrome.clone().refused();
        html::refused(&SignInPage {
            chrome,
            form,
            errors: (field, sentence).into(),
        })
    };
    let email = match form::email(&form.email) {
        Ok(email) => email,
        Err(sentence) => return again(form, "email", sentence),
    };
    if form.how == "link" {
        return mail_pages::send(&app, Purpose::SignIn, &email, wanted(&form.next), &visitor).await;
    }
    let proven = credentials::prove(
        &app.db,
        &app.limits,
        &email,
        &form.password,
        &visitor.network,
    )
    .await?;
    let Some(member) = proven else {
        let sentence = "This email address and this password do not go together.";
        return again(form, "password", sentence.into());
    };
    let next = wanted(&form.next);
    let mut tx = app.db.begin().await?;
    let computer = computer_pages::at(&app, &mut tx, &jar).await?;
    let entry = entry::by_password(&mut tx, member, visitor.place(), computer.as_ref()).await?;
    tx.commit().await?;
    let (jar, address) = code_pages::lead_in(&app, jar, entry, next);
    Ok((jar, html::see_other(&address)).into_response())
}

async fn sign_out(visitor: Visitor, jar: CookieJar, State(app): State<App>) -> Result<Response> {
    if let Some(session) = &visitor.session {
        session::end(&mut *app.db.acquire().await?, session).await?;
    }
    let jar = jar
        .remove(current::cookie(app.config.cookies(), String::new()))
        .add(Flash::done("You are signed out.").cookie());
    Ok((jar, html::see_other("/")).into_response())
}
