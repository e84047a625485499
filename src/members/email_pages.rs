//! Changing one's email address.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{
    email_change::{self, EmailChange},
    profile::Profile,
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::{
        credentials,
        current::{Current, Visitor},
        session,
    },
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account/email", get(show).post(ask))
        .route("/account/email/withdrawal", post(withdraw))
        .route(
            "/account/email/{secret}",
            get(show_confirmation).post(confirm),
        )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EmailForm {
    email: String,
    password: String,
}

#[derive(Template)]
#[template(path = "members/email.html")]
struct EmailPage {
    chrome: Chrome,
    profile: Profile,
    /// They signed in just now, and need not show again that it is them.
    proven: bool,
    /// The address that is yet to be confirmed.
    open: Option<String>,
    form: EmailForm,
    errors: Errors,
}

impl EmailPage {
    async fn new(app: &App, me: &Current, visitor: &Visitor, chrome: Chrome) -> Result<EmailPage> {
        let mut db = app.db.acquire().await?;
        let profile = Profile::of(&mut db, me.member).await?;
        let secret = visitor.session.as_deref().unwrap_or_default();
        let proven = profile.email.is_none() || session::is_fresh(&mut db, secret).await?;
        Ok(EmailPage {
            chrome,
            proven,
            open: EmailChange::open(&mut db, me.member).await?,
            profile,
            form: EmailForm::default(),
            errors: Errors::default(),
        })
    }

    /// Where mail is kept that would have been sent.
    fn mailbox(&self) -> String {
        let to = self.open.as_deref().unwrap_or_default();
        format!("/mail?{}", html::query(&[("to", to)]))
    }
}

async fn show(
    chrome: Chrome,
    visitor: Visitor,
    State(app): State<App>,
    me: Current,
) -> Result<Response> {
    html::page(&EmailPage::new(&app, &me, &visitor, chrome).await?)
}

/// The answer is the same whether or not somebody else has the address.
async fn ask(
    chrome: Chrome,
    visitor: Visitor,
    State(app): State<App>,
    me: Current,
    Form(form): Form<EmailForm>,
) -> Result<Response> {
    let page = EmailPage::new(&app, &me, &visitor, chrome.refused()).await?;
    let (proven, has_password) = (page.proven, page.profile.has_password);
    let refused = |form, field, sentence: String| {
        let errors = (field, sentence).into();
        html::refused(&EmailPage {
            form,
            errors,
            ..page
        })
    };
    let email = match form::email(&form.email) {
        Ok(email) => email,
        Err(sentence) => return refused(form, "email", sentence),
    };
    if !proven {
        if !has_password {
            let sentence = "First have the link mailed to you, and follow it.";
            return refused(form, "email", sentence.into());
        }
        let theirs =
            credentials::prove_again(&app.db, &app.limits, &me, &form.password, &visitor.network);
        if !theirs.await? {
            return refused(form, "password", "This is not your password.".into());
        }
    }
    match transaction!(app.db, tx => EmailChange::ask(tx, me.member, &email, &visitor.network).await)?
    {
        Ok(()) => Ok(html::see_other("/account/email")),
        Err(refusal) => refused(form, "email", refusal.to_string()),
    }
}

async fn withdraw(jar: CookieJar, State(app): State<App>, me: Current) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    EmailChange::withdraw(&mut tx, me.member).await?;
    tx.commit().await?;
    let jar = jar.add(Flash::done("Your email address stays as it is.").cookie());
    Ok((jar, html::see_other("/account")).into_response())
}

#[derive(Template)]
#[template(path = "members/email_confirmation.html")]
struct ConfirmationPage {
    chrome: Chrome,
    /// `None` for a link that works no more, or is not the reader's.
    change: Option<EmailChange>,
    refusal: Option<email_change::Refusal>,
}

/// Opening it changes nothing, since mail programs open links too: the button does.
async fn show_confirmation(
    chrome: Chrome,
    State(app): State<App>,
    me: Current,
    Path(secret): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let change = EmailChange::look(&mut db, me.member, &secret).await?;
    let change = change.filter(|change| change.is_open);
    let status = if change.is_some() {
        StatusCode::OK
    } else {
        StatusCode::GONE
    };
    confirmation(
        status,
        ConfirmationPage {
            chrome,
            change,
            refusal: None,
        },
    )
}

async fn confirm(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Path(secret): Path<String>,
) -> Result<Response> {
    match transaction!(app.db, tx => EmailChange::confirm(tx, me.member, &secret).await)? {
        Ok(change) => {
            let words = format!("Your email address is now {}.", change.new_email);
            let jar = jar.add(Flash::done(words).cookie());
            Ok((jar, html::see_other("/account")).into_response())
        }
        Err(refusal) => {
            let refusal = Some(refusal);
            let chrome = chrome.refused();
            confirmation(
                StatusCode::GONE,
                ConfirmationPage {
                    chrome,
                    change: None,
                    refusal,
                },
            )
        }
    }
}

/// Nobody else is told the address, which is the secret.
fn confirmation(status: StatusCode, page: ConfirmationPage) -> Result<Response> {
    let mut answer = html::page(&page)?;
    *answer.status_mut() = status;
    let policy = HeaderValue::from_static("strict-origin");
    answer.headers_mut().insert(header::REFERRER_POLICY, policy);
    Ok(answer)
}
