//! The page behind the link of an invitation. Opening it changes nothing: the button does.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{
    invitation::{Invitation, Refusal},
    member::Member,
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::{
        browser,
        current::{self, Current, Visitor},
        entry::Arrived,
        session,
    },
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route("/invitations/{secret}", get(show).post(accept))
}

/// How the reader of an invitation goes on.
enum Way {
    /// They are signed in with the address that was invited.
    Accept,
    /// Nobody has the address: they say their name, and have an account.
    New,
    /// The address has an account: with it they sign in.
    SignIn,
    /// They are signed in with another address.
    Other,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NewcomerForm {
    name: String,
}

#[derive(Template)]
#[template(path = "members/invitation.html")]
struct InvitationPage {
    chrome: Chrome,
    /// `None` for one that stands no longer.
    invitation: Option<(Invitation, Way)>,
    form: NewcomerForm,
    errors: Errors,
}

impl InvitationPage {
    async fn new(app: &App, me: Option<&Current>, chrome: Chrome, secret: &str) -> Result<Self> {
        let mut db = app.db.acquire().await?;
        let invitation = match Invitation::look(&mut db, secret).await? {
            Some(invitation) => {
                let way = match me {
                    Some(me) if me.email.as_ref() == Some(&invitation.email) => Way::Accept,
                    Some(_) => Way::Other,
                    None if Member::by_email(&mut db, &invitation.email)
                        .await?
                        .is_some() =>
                    {
                        Way::SignIn
                    }
                    None => Way::New,
                };
                Some((invitation, way))
            }
            None => None,
        };
        let (form, errors) = (NewcomerForm::default(), Errors::default());
        Ok(InvitationPage {
            chrome,
            invitation,
            form,
            errors,
        })
    }

    fn sign_in(&self) -> String {
        let email = self
            .invitation
            .as_ref()
            .map_or("", |(invitation, _)| &invitation.email);
        format!(
            "/sign-in?{}",
            html::query(&[("next", self.chrome.path.as_str()), ("email", email)])
        )
    }

    /// Nobody else is told the address, which is the secret.
    fn answer(&self, status: StatusCode) -> Result<Response> {
        let mut answer = html::page(self)?;
        *answer.status_mut() = if self.invitation.is_some() {
            status
        } else {
            StatusCode::GONE
        };
        let policy = HeaderValue::from_static("strict-origin");
        answer.headers_mut().insert(header::REFERRER_POLICY, policy);
        Ok(answer)
    }
}

async fn show(
    chrome: Chrome,
    State(app): State<App>,
    me: Option<Current>,
    Path(secret): Path<String>,
) -> Result<Response> {
    let page = InvitationPage::new(&app, me.as_ref(), chrome, &secret).await?;
    page.answer(StatusCode::OK)
}

async fn accept(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Option<Current>,
    Path(secret): Path<String>,
    Form(form): Form<NewcomerForm>,
) -> Result<Response> {
    let page = InvitationPage::new(&app, me.as_ref(), chrome.refused(), &secret).await?;
    let again = |form, field, sentence: String| {
        let errors = (field, sentence).into();
        let page = InvitationPage {
            form,
            errors,
            ..page
        };
        page.answer(StatusCode::UNPROCESSABLE_ENTITY)
    };
    let (jar, company) = match me {
        Some(me) => {
            match transaction!(app.db, tx => Invitation::accept(tx, &secret, me.member).await)? {
                Ok(company) => (jar, company),
                Err(refusal) => return again(form, "name", refusal.to_string()),
            }
        }
        None => {
            let name = match form::name(&form.name) {
                Ok(name) => name,
                Err(sentence) => return again(form, "name", sentence),
            };
            let welcomed = transaction!(app.db, tx => match Invitation::welcome(tx, &secret, &name).await? {
                Ok(newcomer) => {
                    let member = newcomer.member;
                    let session = session::begin(tx, member, &visitor.device, None).await?;
                    let browser =
                        browser::arrive(tx, member, &visitor.device, visitor.browser.as_deref())
                            .await?;
                    Ok(Ok((newcomer, Arrived { session, browser })))
                }
                Err(refusal) => Ok(Err::<_, Refusal>(refusal)),
            })?;
            match welcomed {
                Ok((newcomer, arrived)) => (
                    current::cookies(app.config.cookies(), arrived)
                        .into_iter()
                        .fold(jar, CookieJar::add),
                    newcomer.company,
                ),
                Err(refusal) => return again(form, "name", refusal.to_string()),
            }
        }
    };
    let jar = jar.add(Flash::done(format!("You belong to {company} now.")).cookie());
    Ok((jar, html::see_other("/team")).into_response())
}
