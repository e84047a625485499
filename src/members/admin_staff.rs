//! Who works here: taken on, given another role, dismissed. For owners.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::staff::{self, Colleague, Refusal, Role, SignsIn};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Owner,
    time::{self, Zone},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/staff", get(index).post(take_on))
        .route("/admin/staff/{reference}", post(change))
        .route("/admin/staff/{reference}/dismissal", post(dismiss))
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct StaffForm {
    name: String,
    email: String,
    role: String,
    /// A slug, for a manager.
    location: String,
}

#[derive(Template)]
#[template(path = "members/admin/staff.html")]
struct IndexPage {
    chrome: Chrome,
    me: Owner,
    staff: Vec<Colleague>,
    places: Vec<Location>,
    zone: Zone,
    form: StaffForm,
    errors: Errors,
}

impl IndexPage {
    async fn read(app: &App, me: Owner, chrome: Chrome) -> Result<IndexPage> {
        let mut db = app.db.acquire().await?;
        Ok(IndexPage {
            chrome,
            me,
            staff: Colleague::list(&mut db).await?,
            places: Location::all(&mut db).await?,
            zone: Location::first_zone(&mut db).await?,
            form: StaffForm::default(),
            errors: Errors::default(),
        })
    }

    fn when(&self, at: &DateTime<Utc>) -> String {
        format!(
            "{}, {}",
            time::short_date(self.zone.date(*at)),
            self.zone.clock(*at)
        )
    }

    fn is_at(&self, one: &Colleague, place: &Location) -> bool {
        one.location.as_ref() == Some(&place.slug)
    }
}

async fn index(chrome: Chrome, State(app): State<App>, me: Owner) -> Result<Response> {
    html::page(&IndexPage::read(&app, me, chrome).await?)
}

/// The location counts for managers alone, whatever the form says of others.
fn place(role: Role, location: &str) -> Option<&str> {
    (role == Role::Manager && !location.is_empty()).then_some(location)
}

async fn take_on(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Owner,
    Form(form): Form<StaffForm>,
) -> Result<Response> {
    let by = Some(me.member);
    let outcome = match form.role.parse::<Role>() {
        Err(_) => Err(("role", "Choose a role.".to_owned())),
        Ok(role) => {
            let place = place(role, &form.location);
            let added = transaction!(app.db, tx => {
                staff::take_on(tx, by, &form.email, &form.name, role, place).await
            })?;
            added.map_err(|refusal| (refusal.field(), refusal.to_string()))
        }
    };
    match outcome {
        Ok(signs_in) => {
            let words = match signs_in {
                SignsIn::AsBefore => "They work here now, and sign in with the password they have.",
                SignsIn::ByMailedLink => {
                    "They work here now. A link to choose a password is on its way."
                }
            };
            Ok((
                jar.add(Flash::done(words).cookie()),
                html::see_other("/admin/staff"),
            )
                .into_response())
        }
        Err((field, sentence)) => {
            let page = IndexPage::read(&app, me, chrome.refused()).await?;
            html::refused(&IndexPage {
                form,
                errors: (field, sentence).into(),
                ..page
            })
        }
    }
}

async fn change(
    jar: CookieJar,
    State(app): State<App>,
    me: Owner,
    Path(reference): Path<String>,
    Form(form): Form<StaffForm>,
) -> Result<Response> {
    let Ok(role) = form.role.parse::<Role>() else {
        return Ok(answer(
            jar,
            Err(Refusal::Unreadable("Choose a role.".into())),
            "",
        ));
    };
    let (by, place) = (me.member, place(role, &form.location));
    let changed = transaction!(app.db, tx => staff::change(tx, by, &reference, role, place).await)?;
    Ok(answer(jar, changed, "Their role is changed."))
}

async fn dismiss(
    jar: CookieJar,
    State(app): State<App>,
    me: Owner,
    Path(reference): Path<String>,
) -> Result<Response> {
    let by = me.member;
    let dismissed = transaction!(app.db, tx => staff::dismiss(tx, by, &reference).await)?;
    Ok(answer(
        jar,
        dismissed,
        "They work here no more, and are signed out everywhere.",
    ))
}

fn answer(jar: CookieJar, outcome: Result<(), Refusal>, words: &str) -> Response {
    let flash = match outcome {
        Ok(()) => Flash::done(words),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    (jar.add(flash.cookie()), html::see_other("/admin/staff")).into_response()
}
