//! Old addresses lead to the new ones, and what has gone says so.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::former::Whereabouts;
use crate::{app::App, error::Error};

/// Asks where a page has gone before it is answered with 404.
pub async fn lead_on(State(app): State<App>, request: Request, next: Next) -> Response {
    let asks = [Method::GET, Method::HEAD].contains(request.method());
    let uri = request.uri().clone();
    let answer = next.run(request).await;
    if !asks || answer.status() != StatusCode::NOT_FOUND {
        return answer;
    }
    let Some((section, slug, rest)) = parts(&uri) else {
        return answer;
    };
    let whereabouts = async {
        let mut db = app.db.acquire().await?;
        Whereabouts::of(&mut db, section, slug).await
    };
    match whereabouts.await {
        Ok(Whereabouts::Moved(slug)) => {
            let query = uri
                .query()
                .map_or(String::new(), |query| format!("?{query}"));
            let there = format!("/{section}/{slug}{rest}{query}");
            (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, there)]).into_response()
        }
        Ok(Whereabouts::Gone) => StatusCode::GONE.into_response(),
        Ok(Whereabouts::Unknown) | Err(Error::NotFound) => answer,
        Err(error) => error.into_response(),
    }
}

/// `/spaces/pier/more` as `spaces`, `pier` and `/more`.
fn parts(uri: &Uri) -> Option<(&str, &str, &str)> {
    let (section, rest) = uri.path().strip_prefix('/')?.split_once('/')?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (slug, rest) = rest.split_at(end);
    (!slug.is_empty()).then_some((section, slug, rest))
}
