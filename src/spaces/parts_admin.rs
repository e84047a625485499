//! Which parts a space has: a room that can be divided, an office with desks in it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, RawForm, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;

use super::{
    parts::{self, Parts},
    space::{Audience, Kind, Space, Which},
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    sessions::current::Staff,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/spaces/{slug}/parts", get(show).post(change))
}

#[derive(Template)]
#[template(path = "spaces/admin/parts.html")]
struct PartsPage {
    chrome: Chrome,
    errors: Errors,
    whole: Space,
    /// The wholes that it is a part of itself.
    part_of: Vec<Space>,
    /// What it may be made of, and whether it is.
    others: Vec<(Space, bool)>,
}

/// With the parts that it has, or those that were just chosen.
async fn page(
    db: &mut Db,
    chrome: Chrome,
    whole: Space,
    chosen: Option<&[String]>,
) -> Result<PartsPage> {
    let which = Which {
        location: Some(whole.location),
        audience: Audience::Keepers,
        ..Which::default()
    };
    let spaces = Space::list(&mut *db, which).await?;
    let parts = Parts::all(db).await?;
    let wholes: Vec<_> = parts.wholes(whole.id).collect();
    let is_part = |space: &Space| match chosen {
        Some(chosen) => chosen.contains(&space.slug),
        None => parts.of(whole.id).contains(&space.id),
    };
    let part_of = spaces.iter().filter(|space| wholes.contains(&space.id));
    let others = spaces
        .iter()
        .filter(|space| parts::may_be_part(space, &whole, &parts));
    // Rooms first: they are what is divided most.
    let mut others: Vec<&Space> = others.collect();
    others.sort_by_key(|space| space.kind == Kind::HotDesk);
    Ok(PartsPage {
        chrome,
        errors: Errors::default(),
        part_of: part_of.cloned().collect(),
        others: others
            .into_iter()
            .map(|space| (space.clone(), is_part(space)))
            .collect(),
        whole,
    })
}

async fn managed(db: &mut Db, me: &Staff, slug: &str) -> Result<Space> {
    let space = Space::kept(db, slug).await?;
    me.managing(space.location)?;
    Ok(space)
}

async fn show(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let whole = managed(&mut db, &me, &slug).await?;
    html::page(&page(&mut db, chrome, whole, None).await?)
}

async fn change(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response> {
    let whole = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let fields = form_urlencoded::parse(&form);
    let chosen = fields.filter(|(field, _)| field == "part");
    let chosen: Vec<String> = chosen.map(|(_, slug)| slug.into_owned()).collect();
    match transaction!(app.db, tx => parts::set(tx, me.member, &whole, &chosen).await)? {
        Ok(()) => {
            let words = match chosen.is_empty() {
                true => "It is one space by itself.",
                false => "Its parts are kept. From now on it and they block each other.",
            };
            let back = format!("/admin/spaces/{slug}/parts");
            let done = jar.add(Flash::done(words).cookie());
            Ok((done, html::see_other(&back)).into_response())
        }
        Err(refusal) => {
            let mut db = app.db.acquire().await?;
            let mut page = page(&mut db, chrome.refused(), whole, Some(&chosen)).await?;
            page.errors = Errors::from(("parts", refusal.to_string()));
            html::refused(&page)
        }
    }
}
