//! No more news: by the button on the page, or by one press in the mail program (RFC 8058).

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::get,
};

use super::news;
use crate::{
    app::App,
    error::Result,
    html::{self, Chrome},
    sessions::current::Visitor,
};

pub fn routes() -> Router<App> {
    Router::new().route("/unsubscribe/{token}", get(show).post(unsubscribe))
}

#[derive(Template)]
#[template(path = "viewings/unsubscribe.html")]
struct UnsubscribePage {
    chrome: Chrome,
    /// The link is one of ours.
    ours: bool,
    done: bool,
}

async fn show(
    chrome: Chrome,
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let ours = news::reader(&mut db, &token).await?.is_some();
    answer(chrome, ours, false)
}

async fn unsubscribe(
    chrome: Chrome,
    visitor: Visitor,
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let Some(viewing) = news::reader(&mut tx, &token).await? else {
        return answer(chrome, false, false);
    };
    news::end(&mut tx, viewing, &visitor.network).await?;
    tx.commit().await?;
    answer(chrome, true, true)
}

fn answer(chrome: Chrome, ours: bool, done: bool) -> Result<Response> {
    let mut page = html::page(&UnsubscribePage { chrome, ours, done })?;
    if !ours {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(page)
}
