//! The plan of a floor as lines that can be written, with what they draw beside them.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::{
    floor::Floor,
    plan::{self, Shape},
    space::{Audience, Space, Which},
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    locations::facts::Entry,
    sessions::current::Staff,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route(
        "/admin/locations/{slug}/floors/{level}/plan",
        get(show).post(change),
    )
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    lines: String,
    /// The plan that was looked at.
    seen: String,
    /// `preview`: show it and keep nothing.
    then: String,
}

#[derive(Template)]
#[template(path = "spaces/admin/drawing.html")]
struct DrawingPage {
    chrome: Chrome,
    errors: Errors,
    entry: Entry,
    floor: Floor,
    typed: Typed,
    scenery: Vec<Shape>,
    spots: Vec<Vec<Shape>>,
}

impl DrawingPage {
    fn url(&self) -> String {
        format!(
            "/admin/locations/{}/floors/{}/plan",
            self.entry.slug, self.floor.level
        )
    }

    fn frame(&self) -> [f32; 4] {
        plan::floor::frame(&self.floor.plan)
    }
}

/// With what the lines draw; where they cannot be read, with what is drawn now.
async fn page(
    db: &mut Db,
    chrome: Chrome,
    entry: Entry,
    level: i32,
    typed: Typed,
    errors: Errors,
) -> Result<DrawingPage> {
    let mut floor = Floor::on(&mut *db, entry.id, level).await?;
    if let Ok(drawn) = floor.plan.redrawn(&typed.lines) {
        floor.plan = drawn;
    }
    let which = Which {
        location: Some(entry.id),
        audience: Audience::Keepers,
        ..Which::default()
    };
    let spaces = Space::list(db, which).await?;
    let here = spaces.iter().filter(|space| space.floor == floor.id);
    Ok(DrawingPage {
        chrome,
        errors,
        entry,
        scenery: plan::floor::scenery(&floor),
        spots: here
            .map(|space| plan::floor::spot(&floor, space, false, ""))
            .collect(),
        floor,
        typed,
    })
}

async fn managed(db: &mut Db, me: &Staff, slug: &str) -> Result<Entry> {
    let entry = Entry::find(db, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

async fn show(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path((slug, level)): Path<(String, i32)>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let entry = managed(&mut db, &me, &slug).await?;
    let floor = Floor::on(&mut db, entry.id, level).await?;
    let typed = Typed {
        lines: floor.plan.written(),
        seen: floor.seen(),
        ..Typed::default()
    };
    html::page(&page(&mut db, chrome, entry, level, typed, Errors::default()).await?)
}

async fn change(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path((slug, level)): Path<(String, i32)>,
    Form(mut typed): Form<Typed>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let entry = managed(&mut db, &me, &slug).await?;
    let floor = Floor::on(&mut db, entry.id, level).await?;
    let refusal = if typed.then == "preview" {
        floor.plan.redrawn(&typed.lines).err()
    } else {
        let (by, at) = (me.member, (entry.id, level));
        let (lines, seen) = (typed.lines.as_str(), typed.seen.as_str());
        match transaction!(app.db, tx => Floor::redraw(tx, by, at, lines, seen).await)? {
            Ok(()) => {
                let flash = Flash::done("The plan is drawn.").cookie();
                let back = format!("/admin/locations/{slug}/floors/{level}/plan");
                return Ok((jar.add(flash), html::see_other(&back)).into_response());
            }
            Err(refusal) => {
                typed.seen = floor.seen();
                Some(refusal)
            }
        }
    };
    match refusal {
        None => html::page(&page(&mut db, chrome, entry, level, typed, Errors::default()).await?),
        Some(refusal) => {
            let errors = ("lines", refusal.to_string()).into();
            html::refused(&page(&mut db, chrome.refused(), entry, level, typed, errors).await?)
        }
    }
}
