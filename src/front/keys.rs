//! The keys of the front desk's pages, and the switch for those that are a letter alone.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use crate::{
    app::App,
    error::Result,
    flash::Flash,
    html::{self, Chrome},
    members::staff,
    sessions::current::Staff,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/keys", get(keys).post(switch))
}

#[derive(Template)]
#[template(path = "front/keys.html")]
struct KeysPage {
    chrome: Chrome,
    letters: bool,
}

async fn keys(State(app): State<App>, chrome: Chrome, me: Staff) -> Result<Response> {
    let letters = staff::uses_letters(&mut *app.db.acquire().await?, me.member).await?;
    html::page(&KeysPage { chrome, letters })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    letters: String,
}

async fn switch(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Form(wish): Form<Wish>,
) -> Result<Response> {
    let letters = wish.letters == "on";
    let mut tx = app.db.begin().await?;
    staff::use_letters(&mut tx, me.member, letters).await?;
    tx.commit().await?;
    let said = match letters {
        true => "Letters are keys again.",
        false => "Letters do nothing now. Arrows and Enter still work.",
    };
    Ok((
        jar.add(Flash::done(said).cookie()),
        html::see_other("/admin/keys"),
    )
        .into_response())
}
