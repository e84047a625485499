//! Starring a space, from wherever it is shown.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::favourite::{Favourite, Full};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    html::{self, local_address},
    sessions::current::Current,
    spaces::space::Space,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route("/spaces/{slug}/favourite", post(star))
}

#[derive(Deserialize)]
struct StarForm {
    star: Star,
    /// The page that it was pressed on.
    #[serde(default)]
    next: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Star {
    On,
    Off,
    First,
}

async fn star(
    State(app): State<App>,
    me: Current,
    jar: CookieJar,
    Path(slug): Path<String>,
    Form(form): Form<StarForm>,
) -> Result<Response> {
    let done: Result<(), Full> = transaction!(app.db, tx => match form.star {
        Star::On => {
            let space = Space::find(tx, &slug).await?.ok_or(Error::NotFound)?;
            Favourite::add(tx, me.member, space.id).await
        }
        Star::Off => Favourite::remove(tx, me.member, &slug).await.map(Ok),
        Star::First => Favourite::put_first(tx, me.member, &slug).await.map(Ok),
    })?;
    let jar = match done {
        Ok(()) => jar,
        Err(full) => jar.add(Flash::problem(full.to_string()).cookie()),
    };
    let next = match form.next.as_str() {
        "" => "/today",
        next => local_address(next),
    };
    Ok((jar, html::see_other(next)).into_response())
}
