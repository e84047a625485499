//! The contact page: ask to see a location, or ask something.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use axum_extra::extract::{Form, Query};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    private_pages, promise,
    question::Question,
    request::{self, Prospect, Request},
    spam::{self, Signs},
    times::{Times, wish},
    unsubscribe_pages,
    viewing::{Source, Term},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    form::{self, Errors},
    found::Found,
    html::{self, Chrome},
    id::Id,
    legal::operator::Operator,
    locations::location::Location,
    members::consent::Channel,
    sessions::current::{Current, Visitor},
    spaces::space::Kind,
    time::{long_date, parse_date},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/contact", get(show).post(send))
        .route("/contact/thanks", get(thanks))
        .merge(private_pages::routes())
        .merge(unsubscribe_pages::routes())
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ContactForm {
    /// `question`, or a viewing.
    about: String,
    /// A slug.
    location: String,
    name: String,
    /// Email or phone.
    reach: String,
    /// Each a location's slug and a time of its wall clock: `musgrave 2026-11-25T09:00`.
    wish: Vec<String>,
    interest: Vec<String>,
    people: String,
    starts_on: String,
    company: String,
    message: String,
    news: Vec<String>,
    /// Seen by no person.
    website: String,
    /// When it was shown.
    shown: String,
}

impl ContactForm {
    fn is_question(&self) -> bool {
        self.about == "question"
    }
}

/// A location to choose, with what is offered there.
pub(super) struct Choice {
    pub place: Location,
    times: Times,
    by: String,
}

#[derive(Template)]
#[template(path = "viewings/contact.html")]
struct ContactPage {
    chrome: Chrome,
    form: ContactForm,
    errors: Errors,
    choices: Vec<Choice>,
    /// `12 months`: for so long what comes of nothing is kept.
    kept: String,
    now: DateTime<Utc>,
}

impl ContactPage {
    fn is_chosen(&self, choice: &Choice) -> bool {
        self.form.location == choice.place.slug
    }

    fn value(&self, choice: &Choice, at: &DateTime<Utc>) -> String {
        wish(&choice.place, *at)
    }

    fn clock(&self, choice: &Choice, at: &DateTime<Utc>) -> String {
        choice.place.zone.clock(*at)
    }

    fn wishes(&self, value: &str) -> bool {
        self.form.wish.iter().any(|wish| wish == value)
    }

    fn day(&self, choice: &Choice, date: &NaiveDate) -> String {
        let today = choice.place.zone.date(self.now);
        match (*date - today).num_days() {
            0 => "Today".into(),
            1 => format!("Tomorrow, {}", date.format("%a")),
            _ => long_date(*date, today),
        }
    }

    /// The other subject, with what was typed so far in the address of neither: it may be personal.
    fn other(&self, about: &str) -> String {
        format!(
            "/contact?{}",
            html::query(&[("about", about), ("location", &self.form.location)])
        )
    }

    fn has_ticked(&self, channel: &Channel) -> bool {
        self.form.news.iter().any(|key| key == channel.key())
    }

    fn looks_for(&self, kind: &Kind) -> bool {
        self.form.interest.iter().any(|key| key == kind.key())
    }

    /// Something beyond the first fields was filled in, so they stand open.
    fn says_more(&self) -> bool {
        let form = &self.form;
        let more = [&form.people, &form.starts_on, &form.company, &form.message];
        more.iter().any(|text| !text.is_empty()) || !form.interest.is_empty()
    }
}

async fn choices(db: &mut Db, now: DateTime<Utc>) -> Result<Vec<Choice>> {
    let places = Location::all(db).await?;
    let mut times: BTreeMap<Id<Location>, Times> = Times::offered(db, &places, now).await?;
    let mut choices = Vec::new();
    // What is only announced has nothing to show yet, but a list to be told by.
    let open = places.into_iter().filter(Location::is_open);
    for place in open {
        let by = promise::answer_by(db, &place, now).await?;
        choices.push(Choice {
            times: times.remove(&place.id).unwrap_or_default(),
            by: promise::words(&place, by, now),
            place,
        });
    }
    Ok(choices)
}

async fn show(
    chrome: Chrome,
    me: Option<Current>,
    Now(now): Now,
    State(app): State<App>,
    Query(mut form): Query<ContactForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let choices = choices(&mut db, now).await?;
    if !choices
        .iter()
        .any(|choice| choice.place.slug == form.location)
    {
        form.location = choices
            .first()
            .map(|choice| choice.place.slug.clone())
            .unwrap_or_default();
    }
    if let Some(Current(me)) = me
        && form.name.is_empty()
        && form.reach.is_empty()
    {
        form.name = me.name;
        form.reach = me.email.or(me.phone).unwrap_or_default();
    }
    form.shown = spam::stamp(&mut db, now).await?;
    let errors = Errors::default();
    let kept = Operator::load(&mut db).await?.keeps_prospects();
    html::page(&ContactPage {
        chrome: found(
            chrome,
            "Come and see us, or ask us something · Connect Space",
        ),
        form,
        errors,
        choices,
        kept,
        now,
    })
}

/// The form, as it is asked for or sent, is one page to be found.
fn found(chrome: Chrome, title: &str) -> Chrome {
    chrome.found(Found::page(
        "/contact",
        title,
        "See a desk, a meeting room or an office in Durban before you decide: choose a time, leave your name and a \
         way to reach you.",
        "contact",
    ))
}

async fn send(
    chrome: Chrome,
    visitor: Visitor,
    Now(now): Now,
    State(app): State<App>,
    Form(form): Form<ContactForm>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let choices = choices(&mut tx, now).await?;
    let (choice, prospect, request, message) = match parse(&form, &choices, now) {
        Ok(parsed) => parsed,
        Err(errors) => {
            return html::refused(&ContactPage {
                chrome: chrome.refused(),
                form,
                errors,
                choices,
                kept: Operator::load(&mut tx).await?.keeps_prospects(),
                now,
            });
        }
    };
    let signs = Signs {
        honeypot: &form.website,
        stamp: &form.shown,
        lines: &[&form.name, &form.reach, &form.company],
        message: &form.message,
        network: &visitor.network,
        address: prospect.address(),
    };
    let spam = spam::suspicion(&mut tx, signs, now).await?;
    let place = &choice.place;
    if form.is_question() {
        let by = promise::answer_by(&mut tx, place, now).await?;
        Question::ask(&mut tx, place, &prospect, &message, spam.as_deref(), by).await?;
    } else {
        request::receive(
            &mut tx,
            place,
            &request,
            spam.as_deref(),
            None,
            &visitor.network,
            now,
        )
        .await?;
    }
    tx.commit().await?;
    let about = if form.is_question() {
        "question"
    } else {
        "viewing"
    };
    let query = html::query(&[("about", about), ("location", &place.slug)]);
    Ok(html::see_other(&format!("/contact/thanks?{query}")))
}

type Parsed<'a> = (&'a Choice, Prospect, Request, String);

fn parse<'a>(
    form: &ContactForm,
    choices: &'a [Choice],
    now: DateTime<Utc>,
) -> Result<Parsed<'a>, Errors> {
    let mut errors = Errors::default();
    let choice = choices
        .iter()
        .find(|choice| choice.place.slug == form.location);
    let choice = errors.take(
        "location",
        choice.ok_or_else(|| "Choose a location.".to_owned()),
    );
    let wished = choice
        .map(|choice| wished(form, choice))
        .unwrap_or(Ok(Vec::new()));
    let wished = errors.take("wish", wished);
    let name = errors.take("name", form::name(&form.name));
    let reach = errors.take("reach", Prospect::reached_by(&form.reach));
    let today = now.date_naive();
    let people = errors.take("people", people(&form.people));
    let starts_on = errors.take("starts_on", starts_on(&form.starts_on, today));
    let company = errors.take("company", form::optional_line(&form.company, 100));
    let message = match form::optional_text(&form.message, 2000) {
        Ok(empty) if empty.is_empty() && form.is_question() => {
            Err("Write your question.".to_owned())
        }
        message => message,
    };
    let message = errors.take("message", message);
    let (
        Some(choice),
        Some(wished),
        Some(name),
        Some((email, phone)),
        Some(people),
        Some(starts_on),
        Some(company),
        Some(message),
    ) = (
        choice, wished, name, reach, people, starts_on, company, message,
    )
    else {
        return Err(errors);
    };
    let prospect = Prospect { name, email, phone };
    let request = Request {
        prospect: prospect.clone(),
        company,
        interests: form
            .interest
            .iter()
            .filter_map(|kind| kind.parse::<Kind>().ok())
            .collect(),
        people,
        starts_on,
        term: Term::Unsaid,
        budget: None,
        wished,
        message: message.clone(),
        channels: form
            .news
            .iter()
            .filter_map(|key| key.parse().ok())
            .collect(),
        source: Source::Web,
        broker: String::new(),
    };
    Ok((choice, prospect, request, message))
}

/// Of the chosen location, since the others' times stand in the form as well. What is not on offer, by
/// hand or because it was taken meanwhile, is refused.
fn wished(form: &ContactForm, choice: &Choice) -> Result<Vec<DateTime<Utc>>, String> {
    choice.times.wished(&form.wish, &choice.place)
}

pub(super) fn people(text: &str) -> Result<Option<i32>, String> {
    match text.trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(people @ 1..=999) => Ok(Some(people)),
            _ => Err("Say how many people, as a number from 1 to 999.".into()),
        },
    }
}

pub(super) fn starts_on(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, String> {
    match text.trim() {
        "" => Ok(None),
        text => match parse_date(text) {
            Some(date) if date + chrono::Days::new(1) < today => {
                Err("That day has passed. Choose a later one.".into())
            }
            Some(date) => Ok(Some(date)),
            None => Err("Enter a date like 2026-11-24.".into()),
        },
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Thanks {
    about: String,
    location: String,
}

#[derive(Template)]
#[template(path = "viewings/thanks.html")]
struct ThanksPage {
    chrome: Chrome,
    is_question: bool,
    place: Location,
    by: String,
}

/// Says nothing of who sent what, so that it can be reloaded, and is the same for everybody.
async fn thanks(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    Query(sent): Query<Thanks>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let place = Location::find(&mut db, &sent.location)
        .await?
        .ok_or(Error::NotFound)?;
    let by = promise::answer_by(&mut db, &place, now).await?;
    html::page(&ThanksPage {
        chrome: found(chrome, "Thank you · Connect Space"),
        is_question: sent.about == "question",
        by: promise::words(&place, by, now),
        place,
    })
}
