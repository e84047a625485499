//! The photo of an article: put in, changed, and taken away by managers.

use askama::Template;
use axum::{
    Router,
    extract::{Multipart, Path, State, multipart::MultipartRejection},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;

use super::{article::Article, cover};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    sessions::current::Manager,
    spaces::photo,
    upload::Upload,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/articles/{slug}/cover/removal", post(remove))
}

/// What takes a whole photo, which has its own limits of size and time.
pub fn uploads() -> Router<App> {
    Router::new().route("/admin/articles/{slug}/cover", get(show).post(put))
}

#[derive(Template)]
#[template(path = "journal/admin/cover.html")]
struct CoverPage {
    chrome: Chrome,
    errors: Errors,
    article: Article,
    /// What was typed about the new photo.
    alt: String,
}

async fn article(app: &App, slug: &str) -> Result<Article> {
    let article = Article::by_slug(&mut *app.db.acquire().await?, slug).await?;
    article.ok_or(Error::NotFound)
}

async fn show(
    _: Manager,
    chrome: Chrome,
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<Response> {
    html::page(&CoverPage {
        chrome,
        errors: Errors::default(),
        article: article(&app, &slug).await?,
        alt: String::new(),
    })
}

async fn put(
    me: Manager,
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    Path(slug): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response> {
    let article = article(&app, &slug).await?;
    let mut sent = Upload::read(form).await?;
    let mut errors = Errors::default();
    let alt = errors.take("alt", photo::alt(&sent.alt));
    let photograph = errors.take("photo", sent.photograph().await?);
    if let (Some(photograph), Some(alt)) = (photograph, alt) {
        let mut tx = app.db.begin().await?;
        cover::put(&mut tx, &article, &photograph, &alt, me.member).await?;
        tx.commit().await?;
        return Ok(said(jar, "The photo stands for the article now.", &article));
    }
    html::refused(&CoverPage {
        chrome: chrome.refused(),
        errors,
        article,
        alt: sent.alt,
    })
}

async fn remove(
    me: Manager,
    jar: CookieJar,
    State(app): State<App>,
    Path(slug): Path<String>,
) -> Result<Response> {
    let article = article(&app, &slug).await?;
    let mut tx = app.db.begin().await?;
    cover::remove(&mut tx, &article, me.member).await?;
    tx.commit().await?;
    Ok(said(
        jar,
        "The drawing stands for the article again.",
        &article,
    ))
}

fn said(jar: CookieJar, sentence: &str, article: &Article) -> Response {
    let there = html::see_other(&format!("/admin/articles/{}/cover", article.slug));
    (jar.add(Flash::done(sentence).cookie()), there).into_response()
}
