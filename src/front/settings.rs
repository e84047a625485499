//! Where everything is set: the pages that a manager or an owner may change, in one list.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};

use crate::{
    app::App,
    error::Result,
    html::{self, Chrome},
    legal::operator::Operator,
    locations::location::Location,
    sessions::{current::Manager, rule},
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/settings", get(index))
}

#[derive(Template)]
#[template(path = "front/settings.html")]
struct SettingsPage {
    chrome: Chrome,
    /// Only for owners.
    operator: Option<Operator>,
    /// Whoever manages signs in with a second step.
    asks_managers: bool,
    /// Those that the reader manages.
    places: Vec<Location>,
}

async fn index(me: Manager, chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let operator = match me.duties.is_owner() {
        true => Some(Operator::load(&mut db).await?),
        false => None,
    };
    let mut places = Location::all(&mut db).await?;
    places.retain(|place| me.duties.can_manage(place.id));
    html::page(&SettingsPage {
        chrome,
        operator,
        asks_managers: rule::asks_managers(&mut db).await?,
        places,
    })
}
