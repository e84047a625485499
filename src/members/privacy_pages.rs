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
    privacy,
    profile::Profile,
};
use crate::{
    app::App,
    error::Result,
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
}

#[derive(Template)]
#[template(path = "members/privacy.html")]
struct PrivacyPage {
    chrome: Chrome,
    profile: Profile,
    given: Vec<Channel>,
    history: Vec<Change>,
    /// Where to write about any of it.
    contact: String,
}

impl PrivacyPage {
    fn when(&self, at: &DateTime<Utc>) -> String {
        let zone = self.profile.zone;
        format!("{}, {}", time::short_date(zone.date(*at)), zone.clock(*at))
    }
}

async fn show(chrome: Chrome, State(app): State<App>, me: Current) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let who = Who::Member(me.member);
    html::page(&PrivacyPage {
        chrome,
        profile: Profile::of(&mut db, me.member).await?,
        given: consent::given(&mut db, who).await?,
        history: consent::history(&mut db, who).await?,
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
