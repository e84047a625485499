//! Reading the journal.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;

use super::{
    article::{Article, Category},
    card::Card,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    form,
    found::{Found, breadcrumbs},
    html::{self, Chrome},
    legal::operator::Operator,
    markdown::Text,
};

pub fn routes() -> Router<App> {
    Router::new()
        .merge(super::feed::routes())
        .route("/journal", get(index))
        .route("/journal/{slug}", get(show))
}

/// More words than this are cut off a search.
const LONGEST_SEARCH: usize = 200;

#[derive(Template)]
#[template(path = "journal/index.html")]
struct IndexPage {
    chrome: Chrome,
    category: Option<Category>,
    words: String,
    articles: Vec<Card>,
}

impl IndexPage {
    /// The journal narrowed to a category, or to none, with the words that were looked for.
    fn narrowed(&self, category: Option<&Category>) -> String {
        let mut query = Vec::new();
        if let Some(category) = category {
            query.push(("category", category.key()));
        }
        if !self.words.is_empty() {
            query.push(("q", self.words.as_str()));
        }
        if query.is_empty() {
            "/journal".into()
        } else {
            format!("/journal?{}", html::query(&query))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndexQuery {
    category: String,
    q: String,
}

async fn index(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    Query(query): Query<IndexQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let category = query.category.parse().ok();
    let words: String = form::line(&query.q).chars().take(LONGEST_SEARCH).collect();
    let zone = Operator::load(&mut db).await?.zone;
    let articles = Article::published(&mut db, category, &words, now).await?;
    let chrome = if words.is_empty() && category.is_none() {
        chrome.found(Found::page(
            "/journal",
            "Journal · Connect Space",
            "Our locations, examples worked out in rand, and advice on finding room to work in Durban.",
            "journal",
        ))
    } else {
        chrome
    };
    html::page(&IndexPage {
        chrome,
        category,
        words,
        articles: articles
            .iter()
            .map(|article| Card::of(article, zone, zone.date(now)))
            .collect(),
    })
}

#[derive(Template)]
#[template(path = "journal/show.html")]
struct ShowPage {
    chrome: Chrome,
    article: Article,
    text: Text,
    card: Card,
    related: Vec<Card>,
}

impl ShowPage {
    /// RFC 3339, for programs.
    fn instant(&self) -> String {
        instant(self.article.published_at.unwrap_or_default())
    }

    fn address(&self) -> String {
        self.chrome.whole(&self.article.url())
    }

    fn whatsapp(&self) -> String {
        let text = format!("{} {}", self.article.title, self.address());
        format!("https://wa.me/?{}", spaced(&[("text", &text)]))
    }

    fn linkedin(&self) -> String {
        let query = html::query(&[("url", &self.address())]);
        format!("https://www.linkedin.com/sharing/share-offsite/?{query}")
    }

    fn email(&self) -> String {
        let (title, address) = (&self.article.title, &self.address());
        format!(
            "mailto:?{}",
            spaced(&[("subject", title), ("body", address)])
        )
    }
}

/// As mail programs and WhatsApp read it: a blank is `%20`.
fn spaced(pairs: &[(&str, &String)]) -> String {
    html::query(pairs).replace('+', "%20")
}

pub(super) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let article = Article::find(&mut db, &slug, now)
        .await?
        .ok_or(Error::NotFound)?;
    let zone = Operator::load(&mut db).await?.zone;
    let mut others = Article::published(&mut db, None, "", now).await?;
    others.retain(|other| other.id != article.id);
    others.sort_by_key(|other| other.category != article.category);
    let text = Text::read(&article.body);
    html::page(&ShowPage {
        chrome: found(chrome, &article, text.words),
        card: Card::of(&article, zone, zone.date(now)),
        text,
        article,
        related: others
            .iter()
            .take(3)
            .map(|other| Card::of(other, zone, zone.date(now)))
            .collect(),
    })
}

fn found(chrome: Chrome, article: &Article, words: usize) -> Chrome {
    let picture = format!("/pictures/article/{}.png", article.slug);
    let data = json!({
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": article.title,
        "description": article.summary,
        "image": chrome.whole(&picture),
        "datePublished": article.published_at.map(instant),
        "dateModified": instant(article.published_at.unwrap_or_default().max(article.updated_at)),
        "author": {"@type": "Organization", "name": article.author},
        "publisher": {"@type": "Organization", "name": "Connect Space", "url": chrome.whole("/")},
        "mainEntityOfPage": chrome.whole(&article.url()),
        "articleSection": article.category.label(),
        "wordCount": words,
        "inLanguage": "en-ZA",
    });
    let way = breadcrumbs(&[
        ("Journal", chrome.whole("/journal")),
        (&article.title, chrome.whole(&article.url())),
    ]);
    let found = Found {
        title: format!("{} · Connect Space", article.title),
        description: article.summary.clone(),
        path: article.url(),
        kind: "article",
        picture,
        data: Vec::new(),
    };
    chrome.found(found.with(data).with(way))
}
