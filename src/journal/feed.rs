//! The journal as an Atom feed.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Utc};

use super::{article::Article, pages::instant};
use crate::{app::App, error::Result, extract::Now, markdown::Text};

pub fn routes() -> Router<App> {
    Router::new().route("/journal/feed.xml", get(feed))
}

/// The newest of them; readers keep what they have seen.
const AT_MOST: usize = 20;

#[derive(Template)]
#[template(path = "journal/feed.xml")]
struct Feed {
    site: String,
    updated: DateTime<Utc>,
    entries: Vec<Entry>,
}

struct Entry {
    article: Article,
    /// Markup, to be escaped once more.
    content: String,
}

impl Feed {
    fn updated(&self) -> String {
        instant(self.updated)
    }
}

impl Entry {
    fn published_at(&self) -> DateTime<Utc> {
        self.article.published_at.unwrap_or_default()
    }

    fn published(&self) -> String {
        instant(self.published_at())
    }

    /// What was scheduled appears later than it was last written.
    fn updated(&self) -> String {
        instant(self.published_at().max(self.article.updated_at))
    }
}

async fn feed(Now(now): Now, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let articles = Article::published(&mut db, None, "", now).await?;
    let entries: Vec<Entry> = articles
        .into_iter()
        .take(AT_MOST)
        .map(|article| Entry {
            content: Text::read(&article.body).markup.to_string(),
            article,
        })
        .collect();
    let newest = entries
        .iter()
        .map(|entry| entry.published_at().max(entry.article.updated_at));
    let feed = Feed {
        site: app.config.public_url().to_string(),
        updated: newest.max().unwrap_or_default(),
        entries,
    };
    let kind = [(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")];
    Ok((kind, feed.render()?).into_response())
}
