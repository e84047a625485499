//! The computer that this browser is on, which staff may share, and whose password is asked for there.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{
    CookieJar, Form, Query,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;

use super::{
    authenticator,
    computer::Computer,
    credentials,
    current::Staff,
    second_step::{self, Origin},
    session,
    visitor::Visitor,
};
use crate::{
    app::App,
    config::Cookies,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/computer", get(describe).post(share))
        .route("/admin/computer/ending", post(end))
        .route("/admin/proof", get(ask).post(prove))
}

const COMPUTER: &str = "computer";

/// For a year, like the computer stands there.
fn cookie(cookies: Cookies, secret: String) -> Cookie<'static> {
    Cookie::build((cookies.name(COMPUTER), secret))
        .path("/")
        .http_only(true)
        .secure(cookies.secure())
        .same_site(SameSite::Strict)
        .permanent()
        .build()
}

/// The computer that this browser is on, if staff share it.
pub(super) async fn at(app: &App, db: &mut Db, jar: &CookieJar) -> Result<Option<Computer>> {
    match jar.get(&app.config.cookies().name(COMPUTER)) {
        Some(cookie) => Computer::find(db, cookie.value()).await,
        None => Ok(None),
    }
}

#[derive(Clone, Deserialize)]
#[serde(default)]
struct ComputerForm {
    name: String,
    lock_minutes: String,
}

impl Default for ComputerForm {
    fn default() -> Self {
        ComputerForm {
            name: String::new(),
            lock_minutes: "5".into(),
        }
    }
}

#[derive(Template)]
#[template(path = "sessions/computer.html")]
struct ComputerPage {
    chrome: Chrome,
    computer: Option<Computer>,
    form: ComputerForm,
    errors: Errors,
}

async fn describe(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    _: Staff,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&ComputerPage {
        chrome,
        computer: at(&app, &mut db, &jar).await?,
        form: ComputerForm::default(),
        errors: Errors::default(),
    })
}

async fn share(
    chrome: Chrome,
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Form(form): Form<ComputerForm>,
) -> Result<Response> {
    me.proven()?;
    let mut errors = Errors::default();
    let name = form::required_line(
        &form.name,
        60,
        "Say which computer it is, such as: Musgrave front desk.",
    );
    let name = errors.take("name", name);
    let minutes = form
        .lock_minutes
        .parse::<i32>()
        .ok()
        .filter(|minutes| (1..=60).contains(minutes));
    let minutes = errors.take(
        "lock_minutes",
        minutes.ok_or("Choose from 1 to 60 minutes.".into()),
    );
    let (Some(name), Some(minutes)) = (name, minutes) else {
        let computer = at(&app, &mut *app.db.acquire().await?, &jar).await?;
        return html::refused(&ComputerPage {
            chrome: chrome.refused(),
            computer,
            form,
            errors,
        });
    };
    let session = visitor.session.unwrap_or_default();
    let mut tx = app.db.begin().await?;
    let secret = Computer::share(&mut tx, me.member, &name, minutes, &session).await?;
    tx.commit().await?;
    let words = format!("{name} is shared now: whoever has a PIN can take their turn.");
    let jar = jar
        .add(cookie(app.config.cookies(), secret))
        .add(Flash::done(words).cookie());
    Ok((jar, html::see_other("/admin/computer")).into_response())
}

async fn end(jar: CookieJar, State(app): State<App>, me: Staff) -> Result<Response> {
    me.proven()?;
    let mut tx = app.db.begin().await?;
    if let Some(computer) = at(&app, &mut tx, &jar).await? {
        computer.end(&mut tx, me.member).await?;
    }
    tx.commit().await?;
    let jar = jar
        .remove(cookie(app.config.cookies(), String::new()))
        .add(Flash::done("This computer is shared no more.").cookie());
    Ok((jar, html::see_other("/admin/computer")).into_response())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProofForm {
    password: String,
    /// Of their second step, if they have one.
    code: String,
    /// The address of ours to go on at.
    next: String,
}

#[derive(Template)]
#[template(path = "sessions/proof.html")]
struct ProofPage {
    chrome: Chrome,
    form: ProofForm,
    has_email: bool,
    /// They sign in with a second step, which is asked for here as well.
    has_second_step: bool,
    errors: Errors,
}

async fn ask(
    chrome: Chrome,
    me: Staff,
    State(app): State<App>,
    Query(form): Query<ProofForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&ProofPage {
        chrome,
        has_email: me.email.is_some(),
        has_second_step: authenticator::is_on(&mut db, me.member).await?,
        form,
        errors: Errors::default(),
    })
}

async fn prove(
    chrome: Chrome,
    visitor: Visitor,
    Now(now): Now,
    State(app): State<App>,
    me: Staff,
    Form(form): Form<ProofForm>,
) -> Result<Response> {
    let theirs =
        credentials::prove_again(&app.db, &app.limits, &me, &form.password, &visitor.network)
            .await?;
    let mut tx = app.db.begin().await?;
    let has_second_step = authenticator::is_on(&mut tx, me.member).await?;
    // Somebody who works here stands at a computer of ours.
    let from = Origin::new(&visitor.network, true);
    let wrong = if !theirs {
        Some(("password", "This is not your password."))
    } else if has_second_step
        && !second_step::prove(&mut tx, me.member, &form.code, from, now).await?
    {
        Some(("code", "That is not a code that is good now."))
    } else {
        let secret = visitor.session.as_deref().unwrap_or_default();
        session::note_proof(&mut tx, secret).await?;
        None
    };
    tx.commit().await?;
    if let Some((field, sentence)) = wrong {
        return html::refused(&ProofPage {
            chrome: chrome.refused(),
            has_email: me.email.is_some(),
            has_second_step,
            form: ProofForm {
                next: form.next,
                ..ProofForm::default()
            },
            errors: (field, sentence.to_owned()).into(),
        });
    }
    let next = match form.next.as_str() {
        "" => "/admin",
        next => html::local_address(next),
    };
    Ok(html::see_other(next))
}
