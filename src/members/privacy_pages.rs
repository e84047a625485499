//! What we hold of a member and why, and what they may be sent.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    consent::{self, Change, Channel, Source, Who},
    erasure::{self, Refusal},
    privacy,
    profile::Profile,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    html::{self, Chrome},
    sessions::current::{Current, Visitor},
    time,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account/privacy", get(show))
        .route("/account/data.json", get(download))
        .route("/account/marketing", post(choose))
        .route("/account/erasure-request", post(ask))
        .route("/account/erasure-request/withdrawal", post(withdraw))
}

#[derive(Template)]
#[template(path = "members/privacy.html")]
struct PrivacyPage {
    chrome: Chrome,
    profile: Profile,
    given: Vec<Channel>,
    history: Vec<Change>,
    /// When they asked to be forgotten.
    asked: Option<DateTime<Utc>>,
    /// What stands in the way of that.
    obstacles: Vec<Refusal>,
    /// Where to write about any of it.
    contact: String,
}

impl PrivacyPage {
    fn when(&self, at: &DateTime<Utc>) -> String {
        let zone = self.profile.zone;
        format!("{}, {}", time::short_date(zone.date(*at)), zone.clock(*at))
    }
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    me: Current,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let who = Who::Member(me.member);
    html::page(&PrivacyPage {
        chrome,
        profile: Profile::of(&mut db, me.member).await?,
        given: consent::given(&mut db, who).await?,
        history: consent::history(&mut db, who).await?,
        asked: erasure::asked_at(&mut db, me.member).await?,
        obstacles: erasure::obstacles(&mut db, me.member, now).await?,
        contact: app.config.mail_from().email.to_string(),
    })
}

async fn download(State(app): State<App>, me: Current) -> Result<Response> {
    let everything = privacy::everything(&mut *app.db.acquire().await?, me.member).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"my-data.json\"",
        ),
    ];
    Ok((headers, format!("{everything:#}")).into_response())
}

async fn ask(jar: CookieJar, State(app): State<App>, me: Current) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    erasure::ask(&mut tx, me.member, me.member).await?;
    tx.commit().await?;
    let words = "We forget you within 30 days. A mail says what that means.";
    Ok(to_forgetting(jar, words))
}

async fn withdraw(jar: CookieJar, State(app): State<App>, me: Current) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    erasure::withdraw(&mut tx, me.member, me.member).await?;
    tx.commit().await?;
    Ok(to_forgetting(jar, "Your account stays as it is."))
}

fn to_forgetting(jar: CookieJar, words: &str) -> Response {
    let back = html::see_other("/account/privacy#forgotten");
    (jar.add(Flash::done(words).cookie()), back).into_response()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MarketingForm {
    /// Those that are ticked.
    channels: Vec<String>,
}

async fn choose(
    visitor: Visitor,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<MarketingForm>,
) -> Result<Response> {
    let wanted: Vec<Channel> = Channel::ALL
        .into_iter()
        .filter(|channel| form.channels.iter().any(|ticked| ticked == channel.key()))
        .collect();
    let mut tx = app.db.begin().await?;
    let who = Who::Member(me.member);
    let changed = consent::choose(&mut tx, who, &wanted, Source::Account, &visitor.network).await?;
    tx.commit().await?;
    let words = match (changed, wanted.is_empty()) {
        (false, _) => "Nothing was changed.",
        (true, true) => "We send you no more news and offers.",
        (true, false) => "Your choice is kept.",
    };
    let jar = jar.add(Flash::done(words).cookie());
    Ok((jar, html::see_other("/account/privacy#marketing")).into_response())
}
