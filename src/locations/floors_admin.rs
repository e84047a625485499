//! The floors of a location, their zones, and the spaces on them.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::facts::Entry;
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Staff,
    spaces::{
        floor::Floor,
        floor_setup::{self, Sketch, Zone},
        inventory::{self, Item},
    },
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/locations/{slug}/floors", get(show).post(add))
        .route("/admin/locations/{slug}/floors/{level}", post(change))
        .route(
            "/admin/locations/{slug}/floors/{level}/zones",
            post(add_zone),
        )
        .route(
            "/admin/locations/{slug}/floors/{level}/zones/removal",
            post(remove_zone),
        )
}

/// Any of the page's forms, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub name: String,
    pub level: String,
    pub width: String,
    pub height: String,
    pub zone: String,
}

impl Typed {
    pub fn parse(&self, level: Option<i32>) -> Result<Sketch, Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 60, "Give the floor a name.");
        let typed = level.or_else(|| {
            self.level
                .trim()
                .parse()
                .ok()
                .filter(|n| (-5..=100).contains(n))
        });
        let level =
            typed.ok_or("Enter a level: 0 for the ground floor, 1 for the first.".to_owned());
        let (name, level, width, height) = (
            errors.take("name", name),
            errors.take("level", level),
            errors.take("width", metres(&self.width)),
            errors.take("height", metres(&self.height)),
        );
        match (name, level, width, height) {
            (Some(name), Some(level), Some(width), Some(height)) => Ok(Sketch {
                name,
                level,
                width,
                height,
            }),
            _ => Err(errors),
        }
    }
}

fn metres(text: &str) -> Result<f32, String> {
    match text.trim().replace(',', ".").parse::<f32>() {
        Ok(metres) if (2.0..=200.0).contains(&metres) => Ok(metres),
        _ => Err("Enter metres from 2 to 200.".into()),
    }
}

#[derive(Template)]
#[template(path = "locations/admin/floors.html")]
struct FloorsPage {
    chrome: Chrome,
    errors: Errors,
    entry: Entry,
    floors: Vec<Floor>,
    zones: Vec<Zone>,
    spaces: Vec<Item>,
    typed: Typed,
}

impl FloorsPage {
    fn url(&self) -> String {
        format!("/admin/locations/{}/floors", self.entry.slug)
    }

    fn zones(&self, floor: &Floor) -> Vec<&Zone> {
        self.zones
            .iter()
            .filter(|zone| zone.floor == floor.id)
            .collect()
    }

    fn spaces(&self, floor: &Floor) -> Vec<&Item> {
        self.spaces
            .iter()
            .filter(|space| space.floor == floor.name)
            .collect()
    }

    fn size(&self, metres: &f32) -> String {
        if *metres > 0.0 {
            metres.to_string()
        } else {
            String::new()
        }
    }
}

async fn managed(app: &App, me: &Staff, slug: &str) -> Result<Entry> {
    let entry = Entry::find(&mut *app.db.acquire().await?, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

async fn page(
    app: &App,
    chrome: Chrome,
    entry: Entry,
    typed: Typed,
    errors: Errors,
) -> Result<FloorsPage> {
    let mut db = app.db.acquire().await?;
    let mut spaces = inventory::all(&mut db).await?;
    spaces.retain(|space| space.location == entry.id);
    Ok(FloorsPage {
        chrome,
        errors,
        floors: Floor::of(&mut db, entry.id).await?,
        zones: Zone::of(&mut db, entry.id).await?,
        spaces,
        entry,
        typed,
    })
}

async fn show(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    html::page(&page(&app, chrome, entry, Typed::default(), Errors::default()).await?)
}

async fn add(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    let errors = match typed.parse(None) {
        Err(errors) => errors,
        Ok(wanted) => {
            let (by, at) = (me.member, entry.id);
            match transaction!(app.db, tx => floor_setup::add(tx, by, at, &wanted).await)? {
                Ok(()) => {
                    let words = "The floor is there. Now put spaces on it.";
                    return Ok(settled(jar, &slug, Ok(()), words));
                }
                Err(refusal) => ("level", refusal.to_string()).into(),
            }
        }
    };
    html::refused(&page(&app, chrome.refused(), entry, typed, errors).await?)
}

async fn change(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path((slug, level)): Path<(String, i32)>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    let (by, at) = (me.member, entry.id);
    let outcome = match typed.parse(Some(level)) {
        Err(errors) => Err(errors.iter().next().map_or("", |(_, said)| said).to_owned()),
        Ok(wanted) => transaction!(app.db, tx => floor_setup::change(tx, by, at, &wanted).await)?
            .map_err(|refusal| refusal.to_string()),
    };
    Ok(settled(jar, &slug, outcome, "That is saved."))
}

async fn add_zone(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path((slug, level)): Path<(String, i32)>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    let (by, at) = (me.member, entry.id);
    let outcome = match form::required_line(&typed.zone, 60, "Give the zone a name.") {
        Err(sentence) => Err(sentence),
        Ok(name) => {
            transaction!(app.db, tx => floor_setup::add_zone(tx, by, at, level, &name).await)?
                .map_err(|refusal| refusal.to_string())
        }
    };
    Ok(settled(jar, &slug, outcome, "The zone is there."))
}

async fn remove_zone(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path((slug, level)): Path<(String, i32)>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let entry = managed(&app, &me, &slug).await?;
    let (by, at, name) = (me.member, entry.id, typed.zone);
    let outcome =
        transaction!(app.db, tx => floor_setup::remove_zone(tx, by, at, level, &name).await)?
            .map_err(|refusal| refusal.to_string());
    Ok(settled(jar, &slug, outcome, "The zone is gone."))
}

/// Back to the floors, with `words` when it is done, and why not otherwise.
fn settled(jar: CookieJar, slug: &str, outcome: Result<(), String>, words: &str) -> Response {
    let flash = match outcome {
        Ok(()) => Flash::done(words),
        Err(sentence) => Flash::problem(sentence),
    };
    let back = html::see_other(&format!("/admin/locations/{slug}/floors"));
    (jar.add(flash.cookie()), back).into_response()
}
