//! What programs ask a site for: which pages there are, which to leave alone, and how to put it on a phone.

use askama::Template;
use axum::{
    Json, Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::NaiveDate;
use serde_json::json;

use crate::{
    app::App,
    assets,
    error::Result,
    extract::Now,
    journal::article::Article,
    locations::location::Location,
    spaces::space::{Space, Which},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/sitemap.xml", get(sitemap))
        .route("/robots.txt", get(robots))
        .route("/manifest.webmanifest", get(manifest))
}

/// The public pages that are always there.
const PAGES: [&str; 15] = [
    "/",
    "/spaces",
    "/offices",
    "/contact",
    "/journal",
    "/pricing",
    "/terms",
    "/privacy",
    "/paia",
    "/house-rules",
    "/accessibility",
    "/sign-in",
    "/sign-up",
    "/api/docs",
    "/api/docs/staff",
];

#[derive(Template)]
#[template(path = "front/sitemap.xml")]
struct Sitemap {
    /// Whole addresses, and when they last changed if that is known.
    pages: Vec<(String, Option<NaiveDate>)>,
}

async fn sitemap(Now(now): Now, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let site = app.config.public_url();
    let mut pages: Vec<_> = PAGES.iter().map(|path| (site.link(path), None)).collect();
    for location in Location::all(&mut db).await? {
        pages.push((site.link(&format!("/locations/{}", location.slug)), None));
    }
    for space in Space::list(&mut db, Which::default()).await? {
        pages.push((site.link(&format!("/spaces/{}", space.slug)), None));
    }
    for article in Article::published(&mut db, None, "", now).await? {
        let changed = article.published_at.max(Some(article.updated_at));
        let changed = changed.map(|at| at.date_naive());
        pages.push((site.link(&article.url()), changed));
    }
    let kind = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];
    Ok((kind, Sitemap { pages }.render()?).into_response())
}

async fn robots(State(app): State<App>) -> Response {
    let text = format!(
        "User-agent: *\nAllow: /api/docs\nDisallow: /admin\nDisallow: /api/\nDisallow: /links/\nDisallow: /mail\nDisallow: /bookings\n\n\
         Sitemap: {}\n",
        app.config.public_url().link("/sitemap.xml")
    );
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (kind, text).into_response()
}

async fn manifest() -> Response {
    let kind = [(header::CONTENT_TYPE, "application/manifest+json")];
    let manifest = Json(json!({
        "name": "Connect Space",
        "short_name": "Connect Space",
        "description": "Hot desks, meeting rooms and offices in Durban",
        "lang": "en-ZA",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5fafb",
        "theme_color": "#045a68",
        "icons": [
            {"src": assets::url("icon.svg"), "type": "image/svg+xml", "sizes": "any", "purpose": "any"},
            {"src": "/pictures/icon-192.png", "type": "image/png", "sizes": "192x192", "purpose": "any"},
            {"src": "/pictures/icon-512.png", "type": "image/png", "sizes": "512x512", "purpose": "maskable"},
        ],
        "shortcuts": [
            {"name": "Find a space", "url": "/spaces"},
            {"name": "My bookings", "url": "/bookings"},
        ],
    }));
    (kind, manifest).into_response()
}
