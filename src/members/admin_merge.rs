//! Two who are the same person become one: first looked at, then done.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Query};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    admin_member,
    dossier::Dossier,
    find::{self, Found},
    merge::{self, Preview},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form,
    html::{self, Chrome},
    money::Money,
    sessions::current::Manager,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route(
        "/admin/members/{reference}/merge",
        get(show).post(carry_out),
    )
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    words: String,
    /// The reference of the duplicate.
    duplicate: String,
}

#[derive(Template)]
#[template(path = "members/admin/merge.html")]
struct MergePage {
    chrome: Chrome,
    person: Dossier,
    asked: Asked,
    found: Vec<Found>,
    /// The duplicate, once it is chosen, and what would move.
    chosen: Option<(Dossier, Preview)>,
}

impl MergePage {
    async fn read(
        app: &App,
        reference: &str,
        asked: Asked,
        chrome: Chrome,
        now: DateTime<Utc>,
    ) -> Result<MergePage> {
        let mut db = app.db.acquire().await?;
        let person = admin_member::known(&mut db, reference).await?;
        let words = if asked.words.is_empty() {
            &person.name
        } else {
            &asked.words
        };
        let mut found = find::people(&mut db, words, 20).await?;
        found.retain(|one| one.id != person.id);
        let chosen = match asked.duplicate.as_str() {
            "" => None,
            other => {
                let duplicate = Dossier::find(&mut db, other)
                    .await?
                    .ok_or(Error::NotFound)?;
                let preview = merge::preview(&mut db, &person, &duplicate, now).await?;
                Some((duplicate, preview))
            }
        };
        Ok(MergePage {
            chrome,
            person,
            asked,
            found,
            chosen,
        })
    }

    fn phone(&self, e164: &str) -> String {
        form::phone_words(e164)
    }
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    html::page(&MergePage::read(&app, &reference, asked, chrome, now).await?)
}

async fn carry_out(
    chrome: Chrome,
    Now(now): Now,
    jar: CookieJar,
    State(app): State<App>,
    me: Manager,
    Path(reference): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response> {
    let page = MergePage::read(&app, &reference, asked.clone(), chrome.refused(), now).await?;
    let Some((duplicate, _)) = &page.chosen else {
        return html::refused(&page);
    };
    let by = me.member;
    let merged =
        transaction!(app.db, tx => merge::merge(tx, by, &reference, &asked.duplicate, now).await)?;
    match merged {
        Ok(()) => {
            let words = format!(
                "All that was {}’s is {}’s now.",
                duplicate.reference, reference
            );
            let jar = jar.add(Flash::done(words).cookie());
            Ok((jar, html::see_other(&page.person.url())).into_response())
        }
        Err(refusal) => {
            let jar = jar.add(Flash::problem(refusal.to_string()).cookie());
            let back = html::query(&[("duplicate", &asked.duplicate)]);
            Ok((
                jar,
                html::see_other(&format!("{}/merge?{back}", page.person.url())),
            )
                .into_response())
        }
    }
}
