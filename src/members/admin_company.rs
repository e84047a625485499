//! One company as the front desk keeps it: details, terms, people and what it owes.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Query};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    admin_companies::CompanyForm,
    admin_member, client,
    company::{self, Colleague, Company, CompanyRole},
    find::{self, Found},
};
use crate::{
    app::App,
    billing::{
        account::{Account, Entry},
        payment::{self, Paid},
    },
    error::{Error, Result},
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Staff,
    time::{self, Zone},
    trail::event::Event,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/companies/{slug}", get(show).post(save))
        .route("/admin/companies/{slug}/people", post(take_in))
        .route(
            "/admin/companies/{slug}/people/{reference}/role",
            post(change_role),
        )
        .route(
            "/admin/companies/{slug}/people/{reference}/removal",
            post(remove),
        )
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Of whom is to be taken in.
    words: String,
}

#[derive(Template)]
#[template(path = "members/admin/company.html")]
struct ShowPage {
    chrome: Chrome,
    company: Company,
    people: Vec<Colleague>,
    balance: Money,
    paid: Vec<Paid>,
    history: Vec<Event>,
    manages: bool,
    zone: Zone,
    words: String,
    found: Vec<Found>,
    form: CompanyForm,
    /// It was changed elsewhere meanwhile, to this.
    stale: Option<CompanyForm>,
    errors: Errors,
}

impl ShowPage {
    async fn read(
        app: &App,
        me: &Staff,
        slug: &str,
        asked: Asked,
        chrome: Chrome,
    ) -> Result<ShowPage> {
        let mut db = app.db.acquire().await?;
        let company = client::find(&mut db, slug).await?.ok_or(Error::NotFound)?;
        let details = company.details(&mut db).await?;
        let days = client::payment_days(&mut db, company.id).await?;
        let people = company.people(&mut db).await?;
        let mut found = find::people(&mut db, &asked.words, 10).await?;
        found.retain(|one| people.iter().all(|known| known.member != one.id));
        Ok(ShowPage {
            chrome,
            balance: Account::balance_of_company(&mut db, company.id).await?,
            paid: payment::of_company(&mut db, company.id).await?,
            history: Event::history(&mut db, me.duties, "companies", company.id.get()).await?,
            manages: me.duties.manages(),
            zone: Location::first_zone(&mut db).await?,
            words: asked.words,
            form: CompanyForm::of(details, days),
            stale: None,
            errors: Errors::default(),
            found,
            people,
            company,
        })
    }

    fn url(&self) -> String {
        format!("/admin/companies/{}", self.company.slug)
    }

    fn when(&self, at: &DateTime<Utc>) -> String {
        format!(
            "{}, {}",
            time::short_date(self.zone.date(*at)),
            self.zone.clock(*at)
        )
    }
}

async fn show(
    chrome: Chrome,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    html::page(&ShowPage::read(&app, &me, &slug, asked, chrome).await?)
}

async fn save(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
    Form(form): Form<CompanyForm>,
) -> Result<Response> {
    let mut page = ShowPage::read(&app, &me, &slug, Asked::default(), chrome.refused()).await?;
    page.errors = match form.parse() {
        Ok((wanted, days)) => {
            let (by, company) = (me.member, page.company.clone());
            let saved = transaction!(app.db, tx => {
                client::change(tx, by, &company, &wanted, days).await
            })?;
            match saved {
                Ok(slug) => return Ok(done(jar, &slug, "Saved.")),
                Err((field, sentence, stale)) => {
                    if stale {
                        page.stale = Some(page.form.clone());
                    }
                    (field, sentence).into()
                }
            }
        }
        Err(errors) => errors,
    };
    let version = if page.stale.is_some() {
        page.form.version
    } else {
        form.version
    };
    page.form = CompanyForm { version, ..form };
    html::refused(&page)
}

fn done(jar: CookieJar, slug: &str, words: &str) -> Response {
    let jar = jar.add(Flash::done(words).cookie());
    (jar, html::see_other(&format!("/admin/companies/{slug}"))).into_response()
}

fn refused(jar: CookieJar, slug: &str, sentence: String) -> Response {
    let jar = jar.add(Flash::problem(sentence).cookie());
    (jar, html::see_other(&format!("/admin/companies/{slug}"))).into_response()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PersonForm {
    /// A reference.
    member: String,
    role: String,
}

fn role(text: &str) -> Result<CompanyRole> {
    text.parse()
        .map_err(|()| Error::refused("no-such-role", "Choose a role."))
}

async fn take_in(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
    Form(form): Form<PersonForm>,
) -> Result<Response> {
    let (company, person) = {
        let mut db = app.db.acquire().await?;
        let company = client::find(&mut db, &slug).await?.ok_or(Error::NotFound)?;
        (company, admin_member::known(&mut db, &form.member).await?)
    };
    let (by, role) = (me.member, role(&form.role)?);
    let taken =
        transaction!(app.db, tx => client::take_in(tx, by, &company, person.id, role).await)?;
    Ok(match taken {
        Ok(()) => done(
            jar,
            &slug,
            &format!("{} belongs to {} now.", person.name, company.name),
        ),
        Err(refusal) => refused(jar, &slug, refusal.to_string()),
    })
}

async fn change_role(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path((slug, reference)): Path<(String, String)>,
    Form(form): Form<PersonForm>,
) -> Result<Response> {
    let (company, person) = {
        let mut db = app.db.acquire().await?;
        let company = client::find(&mut db, &slug).await?.ok_or(Error::NotFound)?;
        (company, admin_member::known(&mut db, &reference).await?)
    };
    let (by, role) = (me.member, role(&form.role)?);
    let changed = transaction!(app.db, tx => company.change_role(tx, by, person.id, role).await)?;
    answer(jar, &slug, changed, "The role is changed.")
}

async fn remove(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path((slug, reference)): Path<(String, String)>,
) -> Result<Response> {
    let (company, person) = {
        let mut db = app.db.acquire().await?;
        let company = client::find(&mut db, &slug).await?.ok_or(Error::NotFound)?;
        (company, admin_member::known(&mut db, &reference).await?)
    };
    let by = me.member;
    let removed = transaction!(app.db, tx => company.remove(tx, by, person.id).await)?;
    answer(jar, &slug, removed, "They no longer belong to the company.")
}

fn answer(
    jar: CookieJar,
    slug: &str,
    outcome: Result<bool, company::Refusal>,
    words: &str,
) -> Result<Response> {
    match outcome {
        Ok(true) => Ok(done(jar, slug, words)),
        Ok(false) => Ok(refused(jar, slug, "They do not belong to it.".into())),
        Err(refusal) => Ok(refused(jar, slug, refusal.to_string())),
    }
}
