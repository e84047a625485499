//! What somebody may ask of us about their data (POPIA ss 23 and 24), and what they agree to, at the front desk.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::{
    admin_member,
    consent::{self, Channel, Source, Who},
    dossier::Dossier,
    erasure::{self, Refusal},
    privacy,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    html::{self, Chrome},
    sessions::current::{Manager, Staff, Visitor},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/members/{reference}/marketing", post(choose))
        .route("/admin/members/{reference}/data.json", get(download))
        .route("/admin/members/{reference}/erasure-request", post(ask))
        .route("/admin/members/{reference}/erasure", get(show).post(erase))
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
    _: Staff,
    Path(reference): Path<String>,
    Form(form): Form<MarketingForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let person = admin_member::known(&mut tx, &reference).await?;
    let wanted: Vec<Channel> = Channel::ALL
        .into_iter()
        .filter(|channel| form.channels.iter().any(|ticked| ticked == channel.key()))
        .collect();
    let who = Who::Member(person.id);
    consent::choose(&mut tx, who, &wanted, Source::FrontDesk, &visitor.network).await?;
    tx.commit().await?;
    let jar = jar.add(Flash::done("What they said is kept.").cookie());
    Ok((jar, html::see_other(&format!("{}#privacy", person.url()))).into_response())
}

/// To hand over to the person who asks.
async fn download(
    State(app): State<App>,
    _: Manager,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let person = admin_member::known(&mut db, &reference).await?;
    let everything = privacy::everything(&mut db, person.id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}.json\"", person.reference),
        ),
    ];
    Ok((headers, format!("{everything:#}")).into_response())
}

async fn ask(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let person = admin_member::known(&mut tx, &reference).await?;
    erasure::ask(&mut tx, me.member, person.id).await?;
    tx.commit().await?;
    let words = "Noted. A manager forgets them once nothing stands in the way.";
    let jar = jar.add(Flash::done(words).cookie());
    Ok((jar, html::see_other(&format!("{}#privacy", person.url()))).into_response())
}

#[derive(Template)]
#[template(path = "members/admin/erasure.html")]
struct ErasurePage {
    chrome: Chrome,
    person: Dossier,
    obstacles: Vec<Refusal>,
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let person = admin_member::known(&mut db, &reference).await?;
    html::page(&ErasurePage {
        chrome,
        obstacles: erasure::obstacles(&mut db, person.id, now).await?,
        person,
    })
}

async fn erase(
    chrome: Chrome,
    Now(now): Now,
    jar: CookieJar,
    State(app): State<App>,
    me: Manager,
    Path(reference): Path<String>,
) -> Result<Response> {
    admin_member::known(&mut *app.db.acquire().await?, &reference).await?;
    let by = me.member;
    let erased = transaction!(app.db, tx => erasure::erase(tx, by, &reference, now).await)?;
    if erased.is_err() {
        let mut db = app.db.acquire().await?;
        let person = admin_member::known(&mut db, &reference).await?;
        return html::refused(&ErasurePage {
            chrome: chrome.refused(),
            obstacles: erasure::obstacles(&mut db, person.id, now).await?,
            person,
        });
    }
    let jar = jar.add(Flash::done(format!("{reference} is forgotten.")).cookie());
    Ok((jar, html::see_other("/admin/members")).into_response())
}
