//! A member's account: who they are to us.

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
    email_pages, invitation_pages, privacy_pages,
    profile::{Profile, Refusal, Wanted},
    team_pages,
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Current,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/account", get(show).post(save))
        .merge(email_pages::routes())
        .merge(privacy_pages::routes())
        .merge(team_pages::routes())
        .merge(invitation_pages::routes())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProfileForm {
    name: String,
    phone: String,
    /// A location's slug, or nothing.
    home: String,
    version: i32,
}

impl From<&Profile> for ProfileForm {
    fn from(profile: &Profile) -> ProfileForm {
        ProfileForm {
            name: profile.name.clone(),
            phone: profile
                .phone
                .as_deref()
                .map(form::phone_words)
                .unwrap_or_default(),
            home: profile.home.clone().unwrap_or_default(),
            version: profile.version,
        }
    }
}

impl ProfileForm {
    fn parse(&self) -> Result<Wanted, Errors> {
        let mut errors = Errors::default();
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let name = errors.take("name", form::name(&self.name));
        let phone = match self.phone.trim() {
            "" => Some(None),
            typed => errors.take("phone", form::phone(typed)).map(Some),
        };
        match (name, phone) {
            (Some(name), Some(phone)) => Ok(Wanted {
                name,
                phone,
                home: some(&self.home),
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "members/profile.html")]
struct ProfilePage {
    chrome: Chrome,
    profile: Profile,
    locations: Vec<Location>,
    form: ProfileForm,
    errors: Errors,
    /// It was changed elsewhere meanwhile, and this is what it was changed to.
    stale: Option<ProfileForm>,
}

impl ProfilePage {
    async fn new(app: &App, me: &Current, chrome: Chrome) -> Result<ProfilePage> {
        let mut db = app.db.acquire().await?;
        let profile = Profile::of(&mut db, me.member).await?;
        Ok(ProfilePage {
            chrome,
            form: ProfileForm::from(&profile),
            profile,
            locations: Location::all(&mut db)
                .await?
                .into_iter()
                .filter(Location::is_open)
                .collect(),
            errors: Errors::default(),
            stale: None,
        })
    }

    fn home_of(&self, form: &ProfileForm) -> &str {
        let home = self
            .locations
            .iter()
            .find(|location| location.slug == form.home);
        home.map_or("none", |location| &location.name)
    }
}

async fn show(chrome: Chrome, State(app): State<App>, me: Current) -> Result<Response> {
    html::page(&ProfilePage::new(&app, &me, chrome).await?)
}

async fn save(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
    Form(form): Form<ProfileForm>,
) -> Result<Response> {
    let wanted = match form.parse() {
        Ok(wanted) => wanted,
        Err(errors) => {
            let page = ProfilePage::new(&app, &me, chrome.refused()).await?;
            return html::refused(&ProfilePage {
                form,
                errors,
                ..page
            });
        }
    };
    let saved =
        transaction!(app.db, tx => Profile::change(tx, me.member, form.version, &wanted).await)?;
    let Err(refusal) = saved else {
        let jar = jar.add(Flash::done("Your profile is saved.").cookie());
        return Ok((jar, html::see_other("/account")).into_response());
    };
    let mut page = ProfilePage::new(&app, &me, chrome.refused()).await?;
    let field = match refusal {
        Refusal::Stale => "name",
        Refusal::NoSuchLocation => "home",
    };
    page.errors.add(field, refusal.to_string());
    let version = page.form.version;
    let there = std::mem::replace(&mut page.form, ProfileForm { version, ..form });
    page.stale = (refusal == Refusal::Stale).then_some(there);
    html::refused(&page)
}
