//! Where owners say whether whoever manages signs in with a second step.

use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{
    current::Owner,
    rule::{self, Manages},
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    html::{self, Chrome},
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/settings/sign-in", get(show).post(save))
}

#[derive(Template)]
#[template(path = "sessions/rule.html")]
struct RulePage {
    chrome: Chrome,
    asks_managers: bool,
    managing: Vec<Manages>,
}

impl RulePage {
    fn without(&self) -> usize {
        let without = self.managing.iter().filter(|one| !one.has_second_step);
        without.count()
    }
}

async fn show(_: Owner, chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&RulePage {
        chrome,
        asks_managers: rule::asks_managers(&mut db).await?,
        managing: rule::who_manages(&mut db).await?,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RuleForm {
    /// Ticked or left out.
    managers: String,
}

async fn save(
    me: Owner,
    jar: CookieJar,
    State(app): State<App>,
    Form(form): Form<RuleForm>,
) -> Result<Response> {
    let asks = !form.managers.is_empty();
    let mut tx = app.db.begin().await?;
    rule::ask_managers(&mut tx, me.member, asks).await?;
    tx.commit().await?;
    let words = match asks {
        true => "Whoever manages signs in with a second step from now on.",
        false => "Whoever manages may sign in with a password alone.",
    };
    let jar = jar.add(Flash::done(words).cookie());
    Ok((jar, html::see_other("/admin/settings/sign-in")).into_response())
}
