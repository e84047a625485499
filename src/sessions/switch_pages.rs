//! Taking turns at a shared computer, and covering it.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form, Query};
use serde::Deserialize;

use super::{
    computer::{self, Colleague, Computer},
    computer_pages::at,
    current::{self, Staff},
    lock::{self, Locked},
    session,
    visitor::Visitor,
};
use crate::{
    app::App,
    error::{Error, Result},
    form::Errors,
    html::{self, Chrome},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/switch", get(show).post(switch))
        .route("/admin/lock", post(cover))
        .route("/admin/activity", post(touched))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SwitchForm {
    /// A reference.
    person: String,
    pin: String,
    /// The address of ours to go on at.
    next: String,
    /// What was being sent when the computer was found covered: the address, and the form as it came.
    kept_for: String,
    kept: String,
}

#[derive(Template)]
#[template(path = "sessions/switch.html")]
pub(super) struct SwitchPage {
    chrome: Chrome,
    computer: Option<Computer>,
    colleagues: Vec<Colleague>,
    /// The reference of who is or was at it.
    was: Option<String>,
    locked: bool,
    form: SwitchForm,
    errors: Errors,
}

impl SwitchPage {
    fn initials(&self, name: &str) -> String {
        let me = html::Me {
            name: name.to_owned(),
            is_staff: true,
            manages: false,
        };
        me.initials()
    }

    fn is_chosen(&self, one: &Colleague) -> bool {
        let wanted = Some(&self.form.person).filter(|person| !person.is_empty());
        wanted.or(self.was.as_ref()) == Some(&one.reference)
    }

    fn sign_in(&self) -> String {
        format!(
            "/sign-in?{}",
            html::query(&[("next", wanted(&self.form.next))])
        )
    }
}

fn wanted(next: &str) -> &str {
    match next {
        "" => "/admin",
        next => html::local_address(next),
    }
}

/// The session at this computer that could go on, covered or not, and whose it is.
async fn going(db: &mut Db, visitor: &Visitor, computer: &Computer) -> Result<Option<String>> {
    match &visitor.session {
        Some(secret) => session::at_computer(db, secret, computer.id).await,
        None => Ok(None),
    }
}

async fn show(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Option<Staff>,
    locked: Option<Locked>,
    Query(form): Query<SwitchForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let computer = at(&app, &mut db, &jar).await?;
    let was = match &computer {
        Some(computer) => going(&mut db, &visitor, computer).await?,
        None => None,
    };
    if me.is_none() && was.is_none() {
        return Err(Error::SignIn {
            next: wanted(&form.next).to_owned(),
        });
    }
    html::page(&SwitchPage {
        chrome,
        colleagues: Computer::colleagues(&mut db).await?,
        computer,
        was,
        locked: locked.is_some(),
        form,
        errors: Errors::default(),
    })
}

async fn switch(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Option<Staff>,
    locked: Option<Locked>,
    Form(form): Form<SwitchForm>,
) -> Result<Response> {
    let next = wanted(&form.next).to_owned();
    let (computer, was) = {
        let mut db = app.db.acquire().await?;
        let Some(computer) = at(&app, &mut db, &jar).await? else {
            let to_share = me.map(|_| html::see_other("/admin/switch"));
            return to_share.ok_or(Error::SignIn { next });
        };
        let was = going(&mut db, &visitor, &computer).await?;
        (computer, was.ok_or(Error::SignIn { next })?)
    };
    let proven = computer::prove(&app.db, &app.limits, &computer, &form.person, &form.pin).await?;
    let member = match proven {
        Ok(member) => member,
        Err(refusal) => {
            let mut db = app.db.acquire().await?;
            return html::refused(&SwitchPage {
                chrome: chrome.refused(),
                colleagues: Computer::colleagues(&mut db).await?,
                computer: Some(computer),
                was: Some(was),
                locked: locked.is_some(),
                form: SwitchForm {
                    pin: String::new(),
                    ..form
                },
                errors: ("pin", refusal.to_string()).into(),
            });
        }
    };
    let before = visitor.session.unwrap_or_default();
    let mut tx = app.db.begin().await?;
    let secret = computer::switch(&mut tx, &computer, member, &visitor.device, &before).await?;
    tx.commit().await?;
    let jar = jar.add(current::cookie(app.config.cookies(), secret));
    if form.kept_for.is_empty() {
        return Ok((jar, html::see_other(wanted(&form.next))).into_response());
    }
    let kept = lock::Kept::read(&form.kept_for, &form.kept);
    Ok((jar, html::page(&KeptPage { chrome, kept })?).into_response())
}

/// What was typed before the computer was covered, to be sent now.
#[derive(Template)]
#[template(path = "sessions/kept.html")]
struct KeptPage {
    chrome: Chrome,
    kept: lock::Kept,
}

/// A form that came to a covered computer: nothing of it is done, and nothing of it is lost.
pub(super) async fn keep(
    app: &App,
    chrome: Chrome,
    visitor: &Visitor,
    jar: &CookieJar,
    address: String,
    body: String,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let computer = at(app, &mut db, jar).await?;
    let was = match &computer {
        Some(computer) => going(&mut db, visitor, computer).await?,
        None => None,
    };
    let page = SwitchPage {
        chrome,
        colleagues: Computer::colleagues(&mut db).await?,
        computer,
        was,
        locked: true,
        form: SwitchForm {
            kept_for: address,
            kept: body,
            ..SwitchForm::default()
        },
        errors: Errors::default(),
    };
    let mut answer = html::page(&page)?;
    *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(answer)
}

/// Covers the computer at once.
async fn cover(visitor: Visitor, State(app): State<App>, _: Staff) -> Result<Response> {
    let secret = visitor.session.unwrap_or_default();
    session::cover(&mut *app.db.acquire().await?, &secret).await?;
    Ok(html::see_other("/admin/switch"))
}

/// Somebody is typing, which no request tells of otherwise.
async fn touched(_: Staff) -> StatusCode {
    StatusCode::NO_CONTENT
}
