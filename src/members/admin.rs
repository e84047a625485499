//! The front desk's list of people, and writing somebody new down.

use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Query};
use serde::Deserialize;

use super::{
    admin_companies, admin_company, admin_member, admin_merge, admin_privacy, admin_staff,
    find::Found,
    intake::{self, Person},
    member::Standing,
    roster::{self, Which},
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Staff,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/members", get(index))
        .route("/admin/members/new", get(blank).post(create))
        .merge(admin_member::routes())
        .merge(admin_merge::routes())
        .merge(admin_privacy::routes())
        .merge(admin_staff::routes())
        .merge(admin_companies::routes())
        .merge(admin_company::routes())
}

/// People on a page.
const PAGE: i64 = 50;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    words: String,
    standing: String,
    location: String,
    company: String,
    /// `yes` for those who asked to be forgotten.
    erasure: String,
    after: String,
}

impl Asked {
    fn query(&self, after: &str) -> String {
        let pairs = [
            ("words", self.words.as_str()),
            ("standing", &self.standing),
            ("location", &self.location),
            ("company", &self.company),
            ("erasure", &self.erasure),
            ("after", after),
        ];
        html::query(
            &pairs
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect::<Vec<_>>(),
        )
    }
}

#[derive(Template)]
#[template(path = "members/admin/index.html")]
struct IndexPage {
    chrome: Chrome,
    asked: Asked,
    places: Vec<Location>,
    people: Vec<Found>,
}

impl IndexPage {
    fn next(&self) -> Option<String> {
        let last = self
            .people
            .last()
            .filter(|_| self.people.len() as i64 == PAGE)?;
        Some(format!(
            "/admin/members?{}",
            self.asked.query(&last.reference)
        ))
    }

    /// What was typed, as the beginning of somebody new.
    fn typed(&self) -> String {
        html::query(&[("name", &self.asked.words)])
    }

    fn is_sifted(&self) -> bool {
        !self.asked.query("").is_empty()
    }

    fn phone(&self, e164: &str) -> String {
        form::phone_words(e164)
    }
}

async fn index(
    chrome: Chrome,
    State(app): State<App>,
    _: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let places = Location::all(&mut db).await?;
    let home = places.iter().find(|place| place.slug == asked.location);
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let which = Which {
        words: asked.words.clone(),
        standing: asked.standing.parse::<Standing>().ok(),
        home: home.map(|place| place.id.get()),
        company: some(&asked.company),
        erasure: !asked.erasure.is_empty(),
        after: some(&asked.after),
        most: PAGE,
    };
    let people = roster::list(&mut db, &which).await?;
    html::page(&IndexPage {
        chrome,
        asked,
        places,
        people,
    })
}

/// What staff type of a person.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PersonForm {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub home: String,
    /// `yes` where somebody else has the number as well.
    pub anyway: String,
    pub version: i32,
}

impl PersonForm {
    pub fn parse(&self) -> Result<Person, Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 100, "Enter their name.");
        let name = errors.take("name", name);
        let filled = |text: &str| !text.trim().is_empty();
        let email = filled(&self.email).then(|| errors.take("email", form::email(&self.email)));
        let phone = filled(&self.phone).then(|| errors.take("phone", form::phone(&self.phone)));
        match name {
            Some(name) if errors.is_empty() => Ok(Person {
                name,
                email: email.flatten(),
                phone: phone.flatten(),
                home: Some(self.home.clone()).filter(|slug| !slug.is_empty()),
            }),
            _ => Err(errors),
        }
    }

    pub fn anyway(&self) -> bool {
        !self.anyway.is_empty()
    }
}

#[derive(Template)]
#[template(path = "members/admin/new.html")]
struct NewPage {
    chrome: Chrome,
    form: PersonForm,
    places: Vec<Location>,
    errors: Errors,
}

async fn blank(
    chrome: Chrome,
    State(app): State<App>,
    _: Staff,
    Query(form): Query<PersonForm>,
) -> Result<Response> {
    let places = Location::all(&mut *app.db.acquire().await?).await?;
    let errors = Errors::default();
    html::page(&NewPage {
        chrome,
        form,
        places,
        errors,
    })
}

async fn create(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Form(form): Form<PersonForm>,
) -> Result<Response> {
    let errors = match form.parse() {
        Ok(person) => {
            let made = transaction!(app.db, tx => {
                intake::create(tx, me.member, &person, form.anyway()).await
            })?;
            match made {
                Ok(reference) => {
                    let jar =
                        jar.add(Flash::done(format!("{} is written down.", person.name)).cookie());
                    let page = format!("/admin/members/{reference}");
                    return Ok((jar, html::see_other(&page)).into_response());
                }
                Err(refusal) => (refusal.field(), refusal.to_string()).into(),
            }
        }
        Err(errors) => errors,
    };
    let places = Location::all(&mut *app.db.acquire().await?).await?;
    html::refused(&NewPage {
        chrome: chrome.refused(),
        form,
        places,
        errors,
    })
}
