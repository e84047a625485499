//! Signing up and asking for a new password: both go on in a mail.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{
    link::{Link, Purpose},
    pages::{HOME, wanted},
    visitor::Visitor,
};
use crate::{
    app::App,
    error::Result,
    form::{self, Errors},
    found::Found,
    html::{self, Chrome},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/sign-up", get(show_sign_up).post(sign_up))
        .route("/reset-password", get(show_reset).post(reset))
        .route("/check-your-mail", get(check_your_mail))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SignUpForm {
    name: String,
    email: String,
    next: String,
}

#[derive(Template)]
#[template(path = "sessions/sign_up.html")]
struct SignUpPage {
    chrome: Chrome,
    form: SignUpForm,
    errors: Errors,
}

impl SignUpPage {
    fn sign_in(&self) -> String {
        format!("/sign-in?{}", html::query(&[("next", &self.form.next)]))
    }
}

async fn show_sign_up(chrome: Chrome, Query(form): Query<SignUpForm>) -> Result<Response> {
    let errors = Errors::default();
    let found = Found::page(
        "/sign-up",
        "Sign up · Connect Space",
        "A name and an email address are enough to begin at Connect Space; the password is your choice.",
        "sign-up",
    );
    html::page(&SignUpPage {
        chrome: chrome.found(found),
        form,
        errors,
    })
}

/// Whoever asks learns nothing of who is a member: they are told to look for a mail.
async fn sign_up(
    chrome: Chrome,
    visitor: Visitor,
    State(app): State<App>,
    Form(form): Form<SignUpForm>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let name = errors.take("name", form::name(&form.name));
    let email = errors.take("email", form::email(&form.email));
    let (Some(name), Some(email)) = (name, email) else {
        let chrome = chrome.refused();
        return html::refused(&SignUpPage {
            chrome,
            form,
            errors,
        });
    };
    let mut tx = app.db.begin().await?;
    Link::welcome(&mut tx, &name, &email, wanted(&form.next), &visitor.network).await?;
    tx.commit().await?;
    Ok(to_the_mailbox(&[("to", &email)]))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ResetForm {
    email: String,
}

#[derive(Template)]
#[template(path = "sessions/reset.html")]
struct ResetPage {
    chrome: Chrome,
    form: ResetForm,
    errors: Errors,
}

async fn show_reset(chrome: Chrome, Query(form): Query<ResetForm>) -> Result<Response> {
    let errors = Errors::default();
    html::page(&ResetPage {
        chrome,
        form,
        errors,
    })
}

async fn reset(
    chrome: Chrome,
    visitor: Visitor,
    State(app): State<App>,
    Form(form): Form<ResetForm>,
) -> Result<Response> {
    match form::email(&form.email) {
        Ok(email) => send(&app, Purpose::ResetPassword, &email, HOME, &visitor).await,
        Err(sentence) => {
            let chrome = chrome.refused();
            html::refused(&ResetPage {
                chrome,
                form,
                errors: ("email", sentence).into(),
            })
        }
    }
}

/// Mails a link to whoever has this address, and says to look for it whether or not anybody has.
pub(super) async fn send(
    app: &App,
    purpose: Purpose,
    email: &str,
    next: &str,
    visitor: &Visitor,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    Link::ask(&mut tx, purpose, email, next, &visitor.network).await?;
    tx.commit().await?;
    Ok(to_the_mailbox(&[("to", email), ("whose", "members")]))
}

pub(super) fn to_the_mailbox(sent: &[(&str, &str)]) -> Response {
    html::see_other(&format!("/check-your-mail?{}", html::query(sent)))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Sent {
    to: String,
    /// `members` if mail goes to nobody else.
    whose: String,
}

#[derive(Template)]
#[template(path = "sessions/check_your_mail.html")]
struct CheckYourMailPage {
    chrome: Chrome,
    /// Only if it is an address, so that nobody can put words of theirs on our page.
    to: Option<String>,
    members_only: bool,
}

impl CheckYourMailPage {
    /// Where mail is kept that would have been sent.
    fn mailbox(&self) -> String {
        let to = self.to.as_deref().unwrap_or_default();
        format!("/mail?{}", html::query(&[("to", to)]))
    }
}

async fn check_your_mail(chrome: Chrome, Query(sent): Query<Sent>) -> Result<Response> {
    let to = form::email(&sent.to).ok();
    let members_only = sent.whose == "members";
    html::page(&CheckYourMailPage {
        chrome,
        to,
        members_only,
    })
}
