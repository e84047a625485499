//! Staff enter a viewing from the phone, WhatsApp, the door or a broker, and correct one.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form, Query};
use serde::Deserialize;

use super::{
    details::{self, Details},
    pages,
    request::{self, Prospect, Request},
    viewing::{Source, Term, Viewing},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    members::member::Member,
    money::Money,
    sessions::current::{Staff, Visitor},
    spaces::space::Kind,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/viewings/new", get(new).post(create))
        .route(
            "/admin/viewings/{reference}/details",
            get(edit).post(update),
        )
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct DetailsForm {
    version: i32,
    /// A slug, of a new one.
    location: String,
    source: String,
    broker: String,
    name: String,
    email: String,
    phone: String,
    company: String,
    interest: Vec<String>,
    people: String,
    starts_on: String,
    term: String,
    /// In rands a month.
    budget: String,
    message: String,
}

impl DetailsForm {
    fn of(viewing: &Viewing) -> DetailsForm {
        DetailsForm {
            version: viewing.version,
            location: viewing.place_slug.clone(),
            source: viewing.source.key().into(),
            broker: viewing.broker.clone(),
            name: viewing.name.clone(),
            email: viewing.email.clone().unwrap_or_default(),
            phone: viewing
                .phone
                .as_deref()
                .map(form::phone_words)
                .unwrap_or_default(),
            company: viewing.company.clone(),
            interest: viewing
                .interests
                .iter()
                .map(|kind| kind.key().into())
                .collect(),
            people: viewing
                .people
                .map(|people| people.to_string())
                .unwrap_or_default(),
            starts_on: viewing
                .starts_on
                .map(|date| date.to_string())
                .unwrap_or_default(),
            term: viewing.term.key().into(),
            budget: viewing
                .budget
                .map(|budget| (budget.in_cents() / 100).to_string())
                .unwrap_or_default(),
            message: String::new(),
        }
    }

    fn parse(&self) -> Result<(Details, String), Errors> {
        let mut errors = Errors::default();
        let name = errors.take(
            "name",
            form::name(&self.name).map_err(|_| "Enter a name.".into()),
        );
        let optional = |text: &str, parse: fn(&str) -> Result<String, String>| match text.trim() {
            "" => Ok(None),
            text => parse(text).map(Some),
        };
        let email = errors.take("email", optional(&self.email, form::email));
        let phone = match optional(&self.phone, form::phone) {
            Ok(None) if self.email.trim().is_empty() => {
                Err("Enter a phone number or an email address.".into())
            }
            phone => phone,
        };
        let phone = errors.take("phone", phone);
        let company = errors.take("company", form::optional_line(&self.company, 100));
        let people = errors.take("people", pages::people(&self.people));
        let starts_on = errors.take(
            "starts_on",
            pages::starts_on(&self.starts_on, chrono::NaiveDate::MIN),
        );
        let budget = errors.take("budget", budget(&self.budget));
        let broker = match form::optional_line(&self.broker, 100) {
            Ok(none) if none.is_empty() && self.source == "broker" => {
                Err("Say which broker.".into())
            }
            broker => broker,
        };
        let broker = errors.take("broker", broker);
        let message = errors.take("message", form::optional_text(&self.message, 2000));
        let (
            Some(name),
            Some(email),
            Some(phone),
            Some(company),
            Some(people),
            Some(starts_on),
            Some(budget),
            Some(broker),
            Some(message),
        ) = (
            name, email, phone, company, people, starts_on, budget, broker, message,
        )
        else {
            return Err(errors);
        };
        let details = Details {
            prospect: Prospect { name, email, phone },
            company,
            interests: self
                .interest
                .iter()
                .filter_map(|kind| kind.parse().ok())
                .collect(),
            people,
            starts_on,
            term: Term::named(&self.term).unwrap_or_default(),
            budget,
            source: Source::named(&self.source).unwrap_or(Source::Phone),
            broker,
        };
        Ok((details, message))
    }
}

impl DetailsForm {
    /// What a new one asks for, and at which of the places.
    fn request<'a>(&self, places: &'a [Location]) -> Result<(&'a Location, Request), Errors> {
        let place = places.iter().find(|place| place.slug == self.location);
        match (self.parse(), place) {
            (Ok((details, message)), Some(place)) => Ok((place, request(details, message))),
            (parsed, place) => {
                let mut errors = parsed.err().unwrap_or_default();
                if place.is_none() {
                    errors.add("location", "Choose a location.");
                }
                Err(errors)
            }
        }
    }
}

fn budget(text: &str) -> Result<Option<Money>, String> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != 'R')
        .collect();
    match plain.as_str() {
        "" => Ok(None),
        plain => match plain.parse::<i64>() {
            Ok(rands @ 1..=10_000_000) => Ok(Some(Money::rands(rands))),
            _ => Err("Enter whole rands, like 4500.".into()),
        },
    }
}

#[derive(Template)]
#[template(path = "viewings/admin/edit.html")]
struct EditPage {
    chrome: Chrome,
    /// `None` for a new one.
    viewing: Option<Viewing>,
    places: Vec<Location>,
    form: DetailsForm,
    errors: Errors,
}

impl EditPage {
    fn looks_for(&self, kind: &Kind) -> bool {
        self.form.interest.iter().any(|key| key == kind.key())
    }

    fn action(&self) -> String {
        match &self.viewing {
            Some(viewing) => format!("{}/details", viewing.url()),
            None => "/admin/viewings/new".into(),
        }
    }
}

/// Where there is something to see.
async fn open_places(db: &mut Db) -> Result<Vec<Location>> {
    let mut places = Location::all(db).await?;
    places.retain(Location::is_open);
    Ok(places)
}

/// What the page of a booking knows of whoever stands there and only wants to look.
#[derive(Default, Deserialize)]
#[serde(default)]
struct WalkIn {
    guest_name: String,
    guest_phone: String,
    guest_email: String,
    who: String,
    /// A member's id.
    member: String,
    people: String,
    notes: String,
    channel: String,
    /// Of the booking that it was going to be; nothing where nobody was going to book.
    key: String,
}

impl WalkIn {
    async fn form(self, db: &mut Db) -> Result<DetailsForm> {
        let mut form = DetailsForm {
            source: match (self.key.as_str(), self.channel.as_str()) {
                ("", _) | (_, "phone") => Source::Phone,
                _ => Source::WalkIn,
            }
            .key()
            .into(),
            name: self.guest_name,
            phone: self.guest_phone,
            email: self.guest_email,
            people: self.people,
            message: self.notes,
            ..DetailsForm::default()
        };
        let known = match self.member.parse::<uuid::Uuid>() {
            Ok(id) => Member::find(db, id.into()).await.ok(),
            Err(_) => None,
        };
        if let Some(member) = known {
            form.phone = member
                .phone
                .as_deref()
                .map(form::phone_words)
                .unwrap_or_default();
            form.email = member.email.unwrap_or_default();
            form.name = member.name;
        } else if form.name.is_empty() {
            form.name = self.who;
        }
        Ok(form)
    }
}

async fn new(
    State(app): State<App>,
    chrome: Chrome,
    _: Staff,
    Query(walk_in): Query<WalkIn>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&EditPage {
        chrome,
        viewing: None,
        places: open_places(&mut db).await?,
        form: walk_in.form(&mut db).await?,
        errors: Errors::default(),
    })
}

async fn create(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    visitor: Visitor,
    me: Staff,
    jar: CookieJar,
    Form(form): Form<DetailsForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let places = open_places(&mut tx).await?;
    let (place, request) = match form.request(&places) {
        Ok(asked) => asked,
        Err(errors) => {
            return html::refused(&EditPage {
                chrome: chrome.refused(),
                viewing: None,
                places,
                form,
                errors,
            });
        }
    };
    let (by, network) = (Some(me.member), &visitor.network);
    let id = request::receive(&mut tx, place, &request, None, by, network, now).await?;
    let viewing = Viewing::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(saved(jar, &viewing))
}

fn request(details: Details, message: String) -> Request {
    Request {
        prospect: details.prospect,
        company: details.company,
        interests: details.interests,
        people: details.people,
        starts_on: details.starts_on,
        term: details.term,
        budget: details.budget,
        wished: Vec::new(),
        message,
        channels: Vec::new(),
        source: details.source,
        broker: details.broker,
    }
}

async fn edit(
    State(app): State<App>,
    chrome: Chrome,
    _: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    let form = DetailsForm::of(&viewing);
    let (viewing, errors) = (Some(viewing), Errors::default());
    html::page(&EditPage {
        chrome,
        viewing,
        places: Vec::new(),
        form,
        errors,
    })
}

async fn update(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<DetailsForm>,
) -> Result<Response> {
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    let errors = match form.parse() {
        Ok((details, _)) => {
            match transaction!(app.db, tx =>
                details::save(tx, me.member, viewing.id, &details, form.version).await)?
            {
                Ok(()) => return Ok(saved(jar, &viewing)),
                Err(refusal) => ("name", refusal.to_string()).into(),
            }
        }
        Err(errors) => errors,
    };
    // The newest version, so that sending it once more is meant.
    let form = DetailsForm {
        version: viewing.version,
        ..form
    };
    let (chrome, viewing) = (chrome.refused(), Some(viewing));
    html::refused(&EditPage {
        chrome,
        viewing,
        places: Vec::new(),
        form,
        errors,
    })
}

fn saved(jar: CookieJar, viewing: &Viewing) -> Response {
    let jar = jar.add(Flash::done("That is saved.").cookie());
    (jar, html::see_other(&viewing.url())).into_response()
}
