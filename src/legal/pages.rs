//! Terms, privacy notice, house rules and the statement on accessibility.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use chrono::NaiveDate;

use super::{operator::Operator, terms::Terms};
use crate::{
    app::App,
    error::{Error, Result},
    found::Found,
    html::{self, Chrome},
    markdown::Text,
    time::short_date,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/terms", get(terms))
        .route("/terms/{version}", get(version))
        .route("/privacy", get(privacy))
        .route("/paia", get(paia))
        .route("/house-rules", get(house_rules))
        .route("/accessibility", get(accessibility))
}

#[derive(Template)]
#[template(path = "legal/terms.html")]
struct TermsPage {
    chrome: Chrome,
    terms: Terms,
    text: Text,
    others: Vec<Terms>,
    operator: Operator,
}

impl TermsPage {
    fn on(&self, date: &NaiveDate) -> String {
        short_date(*date)
    }
}

async fn terms(chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let chrome = chrome.found(Found::page(
        "/terms",
        "Terms and cancellation · Connect Space",
        "What holds when you book with us: prices, cancelling, seven days to think again about a pass, and who you deal with.",
        "terms",
    ));
    show_terms(chrome, &app, |terms| terms.is_current).await
}

/// The version that a booking was made under, which is known for what it is and not found in its place.
async fn version(
    chrome: Chrome,
    State(app): State<App>,
    Path(version): Path<String>,
) -> Result<Response> {
    show_terms(chrome, &app, |terms| terms.version == version).await
}

async fn show_terms(chrome: Chrome, app: &App, is_it: impl Fn(&Terms) -> bool) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut others = Terms::all(&mut db).await?;
    let at = others.iter().position(is_it).ok_or(Error::NotFound)?;
    let terms = others.remove(at);
    html::page(&TermsPage {
        chrome,
        text: Text::read(&terms.body),
        terms,
        others,
        operator: Operator::load(&mut db).await?,
    })
}

#[derive(Template)]
#[template(path = "legal/privacy.html")]
struct PrivacyPage {
    chrome: Chrome,
    operator: Operator,
}

async fn privacy(chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let chrome = chrome.found(Found::page(
        "/privacy",
        "Privacy · Connect Space",
        "What we keep about you, why, for how long, and how to see, correct or delete it (POPIA).",
        "privacy",
    ));
    html::page(&PrivacyPage {
        chrome,
        operator: Operator::load(&mut db).await?,
    })
}

#[derive(Template)]
#[template(path = "legal/paia.html")]
struct PaiaPage {
    chrome: Chrome,
    operator: Operator,
}

async fn paia(chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let chrome = chrome.found(Found::page(
        "/paia",
        "Asking for records · Connect Space",
        "How to ask for records that we hold, about yourself or others: the form, whom to send it to, and when you hear (PAIA).",
        "paia",
    ));
    html::page(&PaiaPage {
        chrome,
        operator: Operator::load(&mut db).await?,
    })
}

#[derive(Template)]
#[template(path = "legal/house_rules.html")]
struct HouseRulesPage {
    chrome: Chrome,
}

async fn house_rules(chrome: Chrome) -> Result<Response> {
    let chrome = chrome.found(Found::page(
        "/house-rules",
        "House rules · Connect Space",
        "A dozen rules that let many people work well in one house: noise, calls, guests, food, and looking after things.",
        "house-rules",
    ));
    html::page(&HouseRulesPage { chrome })
}

#[derive(Template)]
#[template(path = "legal/accessibility.html")]
struct AccessibilityPage {
    chrome: Chrome,
    operator: Operator,
}

async fn accessibility(chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let chrome = chrome.found(Found::page(
        "/accessibility",
        "Accessibility · Connect Space",
        "What this site does so that everybody can use it, how that is tested, and what is not good enough yet.",
        "accessibility",
    ));
    html::page(&AccessibilityPage {
        chrome,
        operator: Operator::load(&mut db).await?,
    })
}
