//! The picture of each public page, for chats and search engines, drawn when it is asked for.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex},
};

use askama::Template;
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    journal::article::Article,
    locations::location::Location,
    picture::png,
    spaces::space::{Space, Which},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/pictures/{name}", get(icon))
        .route("/pictures/page/{name}", get(page))
        .route("/pictures/location/{name}", get(location))
        .route("/pictures/space/{name}", get(space))
        .route("/pictures/article/{name}", get(article))
}

/// As chats show them.
const WIDTH: u32 = 1200;
/// Letters in a line of the title.
const LINE: usize = 20;
/// So many pictures are kept; then all are drawn anew.
const KEPT: usize = 200;

/// Name, what stands over the title, and the title.
const PAGES: [(&str, &str, &str); 15] = [
    (
        "home",
        "Durban",
        "A good desk, wherever Durban takes you today",
    ),
    ("spaces", "Find a space", "See what is free, and book it"),
    (
        "offices",
        "Serviced offices",
        "A door of your own, everything behind it",
    ),
    ("pricing", "Pricing", "What you pay is what you see"),
    ("contact", "Come and see", "Book a viewing, ask a question"),
    ("journal", "Journal", "Room to work, and how to find it"),
    ("terms", "Small print", "Terms and cancellation"),
    ("privacy", "Small print", "What we keep about you, and why"),
    ("paia", "Small print", "Asking for records"),
    ("house-rules", "For everybody", "House rules"),
    ("accessibility", "For everybody", "Accessibility"),
    ("sign-in", "For members", "Sign in"),
    ("sign-up", "For members", "Sign up"),
    ("api", "For programs", "Book from a program of your own"),
    ("interest", "Opening soon", "Be told when it opens"),
];

enum Art {
    /// Of an article.
    Cover(String),
    /// Of a location.
    Emblem(String),
}

#[derive(Template)]
#[template(path = "front/picture.svg")]
struct Picture {
    over: String,
    lines: Vec<String>,
    art: Art,
}

impl Picture {
    fn new(over: &str, title: &str, art: Art) -> Picture {
        Picture {
            over: over.to_owned(),
            lines: lines(title),
            art,
        }
    }

    /// The title stands in the middle of the room below the name.
    fn top(&self) -> usize {
        300 - self.lines.len() * 33
    }
}

/// A title in at most five lines; what is longer ends in an ellipsis.
fn lines(title: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    if lines.len() > 5 {
        lines.truncate(5);
        lines[4].push('…');
    }
    lines
}

async fn page(headers: HeaderMap, Path(name): Path<String>) -> Result<Response> {
    let name = stem(&name)?;
    let known = PAGES.iter().find(|(known, ..)| *known == name);
    let (_, over, title) = known.ok_or(Error::NotFound)?;
    let picture = Picture::new(over, title, Art::Emblem("default".into()));
    answer(picture.render()?, WIDTH, &headers).await
}

async fn location(
    headers: HeaderMap,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let place = Location::find(&mut db, stem(&name)?).await?;
    let place = place.ok_or(Error::NotFound)?;
    drop(db);
    let picture = Picture::new("Durban", &place.name, Art::Emblem(place.emblem));
    answer(picture.render()?, WIDTH, &headers).await
}

async fn space(
    headers: HeaderMap,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let which = Which {
        slug: Some(stem(&name)?),
        ..Which::default()
    };
    let space = Space::list(&mut db, which).await?.pop();
    let space = space.ok_or(Error::NotFound)?;
    let place = Location::by_id(&mut db, space.location).await?;
    let place = place.ok_or(Error::NotFound)?;
    drop(db);
    let over = format!("{}, {}", space.kind.label(), place.name);
    let picture = Picture::new(&over, &space.name, Art::Emblem(place.emblem));
    answer(picture.render()?, WIDTH, &headers).await
}

async fn article(
    headers: HeaderMap,
    Now(now): Now,
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let article = Article::find(&mut db, stem(&name)?, now).await?;
    let article = article.ok_or(Error::NotFound)?;
    drop(db);
    let over = article.category.label();
    let picture = Picture::new(over, &article.title, Art::Cover(article.cover));
    answer(picture.render()?, WIDTH, &headers).await
}

/// The icon that a phone puts on its screen.
async fn icon(headers: HeaderMap, Path(name): Path<String>) -> Result<Response> {
    let width = match name.as_str() {
        "icon-180.png" => 180,
        "icon-192.png" => 192,
        "icon-512.png" => 512,
        _ => return Err(Error::NotFound),
    };
    let svg = include_str!("../../static/icon.svg").to_owned();
    answer(svg, width, &headers).await
}

fn stem(name: &str) -> Result<&str> {
    name.strip_suffix(".png").ok_or(Error::NotFound)
}

static DRAWN: LazyLock<Mutex<BTreeMap<String, Bytes>>> = LazyLock::new(Mutex::default);

/// One at a time: nobody waits for a picture, and bookings want the processor.
static PENCIL: Semaphore = Semaphore::const_new(1);

async fn answer(svg: String, width: u32, headers: &HeaderMap) -> Result<Response> {
    let tag = BASE64_URL_SAFE_NO_PAD.encode(&Sha256::digest(format!("{width} {svg}"))[..12]);
    let kept = [
        (header::ETAG, format!("\"{tag}\"")),
        (header::CACHE_CONTROL, "public, max-age=86400".to_owned()),
        (header::CONTENT_TYPE, "image/png".to_owned()),
    ];
    let theirs = headers.get(header::IF_NONE_MATCH);
    if theirs.is_some_and(|theirs| theirs.as_bytes() == kept[0].1.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let body = match drawn(&tag) {
        Some(body) => body,
        None => draw(svg, width, tag).await?,
    };
    Ok((kept, body).into_response())
}

fn drawn(tag: &str) -> Option<Bytes> {
    let drawn = DRAWN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    drawn.get(tag).cloned()
}

async fn draw(svg: String, width: u32, tag: String) -> Result<Bytes> {
    let _pencil = PENCIL.acquire().await.map_err(anyhow::Error::from)?;
    if let Some(body) = drawn(&tag) {
        return Ok(body);
    }
    let work = tokio::task::spawn_blocking(move || png(&svg, width));
    let body = Bytes::from(work.await.map_err(anyhow::Error::from)??);
    let mut drawn = DRAWN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if drawn.len() >= KEPT {
        drawn.clear();
    }
    drawn.insert(tag, body.clone());
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_fit_the_picture() {
        assert_eq!(lines("House rules"), ["House rules"]);
        let long = lines(
            "What your tax invoice must say, so that the VAT in it is yours, and then some more of it still",
        );
        assert_eq!(long.len(), 5);
        assert!(long[4].ends_with('…'));
    }
}
