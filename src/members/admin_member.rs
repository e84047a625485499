//! One person as the front desk knows them, and what can be done for them.

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
    admin::PersonForm,
    consent::{self, Change, Channel, Who},
    dossier::{Dossier, Note},
    intake,
    member::Standing,
    past::{self, Booked, Held, Looked},
    standing,
};
use crate::{
    app::App,
    billing::{
        account::{Account, Entry},
        payment::{self, Paid},
    },
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Staff,
    time::{self, Zone},
    trail::event::Event,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/members/{reference}", get(show))
        .route(
            "/admin/members/{reference}/details",
            get(details).post(save),
        )
        .route("/admin/members/{reference}/standing", post(change_standing))
        .route("/admin/members/{reference}/notes", post(note))
        .route("/admin/members/{reference}/invitation", post(invite))
}

/// What is looked at of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tab {
    #[default]
    Overview,
    Bookings,
    Money,
    Audit,
}

impl Tab {
    const ALL: [Tab; 4] = [Tab::Overview, Tab::Bookings, Tab::Money, Tab::Audit];

    fn label(self) -> &'static str {
        match self {
            Tab::Overview => "Overview",
            Tab::Bookings => "Bookings and viewings",
            Tab::Money => "Payments",
            Tab::Audit => "Audit",
        }
    }

    fn query(self) -> &'static str {
        match self {
            Tab::Overview => "",
            Tab::Bookings => "?tab=bookings",
            Tab::Money => "?tab=money",
            Tab::Audit => "?tab=audit",
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    tab: Tab,
}

/// What any of the page's forms sent, as typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Typed {
    standing: String,
    reason: String,
    tell: String,
    body: String,
}

#[derive(Template)]
#[template(path = "members/admin/show.html")]
struct ShowPage {
    chrome: Chrome,
    person: Dossier,
    tab: Tab,
    /// They may look at the audit trail, and at what is the managers' of a person.
    manages: bool,
    balance: Money,
    notes: Vec<Note>,
    given: Vec<Channel>,
    consents: Vec<Change>,
    booked: Vec<Booked>,
    held: Vec<Held>,
    looked: Vec<Looked>,
    paid: Vec<Paid>,
    history: Vec<Event>,
    zone: Zone,
    typed: Typed,
    errors: Errors,
    now: DateTime<Utc>,
}

impl ShowPage {
    async fn read(
        db: &mut Db,
        me: &Staff,
        person: Dossier,
        tab: Tab,
        chrome: Chrome,
        now: DateTime<Utc>,
    ) -> Result<ShowPage> {
        let id = person.id;
        let manages = me.duties.manages();
        if tab == Tab::Audit && !manages {
            return Err(Error::NotFound);
        }
        let mut page = ShowPage {
            chrome,
            tab,
            manages,
            balance: Account::balance(db, id).await?,
            notes: Vec::new(),
            given: Vec::new(),
            consents: Vec::new(),
            booked: Vec::new(),
            held: Vec::new(),
            looked: Vec::new(),
            paid: Vec::new(),
            history: Vec::new(),
            zone: person.zone,
            typed: Typed {
                standing: person.standing.key().to_owned(),
                reason: person.standing_reason.clone(),
                tell: "yes".into(),
                ..Typed::default()
            },
            errors: Errors::default(),
            person,
            now,
        };
        match tab {
            Tab::Overview => {
                page.notes = Note::of(db, id).await?;
                page.given = consent::given(db, Who::Member(id)).await?;
                page.consents = consent::history(db, Who::Member(id)).await?;
            }
            Tab::Bookings => {
                page.booked = past::bookings(db, id).await?;
                page.held = past::passes(db, id).await?;
                page.looked = past::viewings(db, id).await?;
            }
            Tab::Money => page.paid = payment::of_member(db, id).await?,
            Tab::Audit => {
                page.history = Event::history(db, me.duties, "members", id.get()).await?;
            }
        }
        Ok(page)
    }

    fn tabs(&self) -> Vec<(Tab, &'static str)> {
        let theirs = Tab::ALL
            .into_iter()
            .filter(|tab| *tab != Tab::Audit || self.manages);
        theirs.map(|tab| (tab, tab.label())).collect()
    }

    fn address(&self, tab: &Tab) -> String {
        format!("{}{}", self.person.url(), tab.query())
    }

    fn phone(&self, e164: &str) -> String {
        form::phone_words(e164)
    }

    fn whatsapp(&self, e164: &str) -> String {
        format!("https://wa.me/{}", e164.trim_start_matches('+'))
    }

    fn when(&self, at: &DateTime<Utc>) -> String {
        format!(
            "{}, {}",
            time::short_date(self.zone.date(*at)),
            self.zone.clock(*at)
        )
    }

    fn day(&self, at: &DateTime<Utc>) -> String {
        time::short_date(self.zone.date(*at))
    }

    fn upcoming(&self) -> Vec<&Booked> {
        let mut ahead: Vec<&Booked> = self
            .booked
            .iter()
            .filter(|one| one.during.until > self.now)
            .collect();
        ahead.reverse();
        ahead
    }

    fn gone_by(&self) -> Vec<&Booked> {
        self.booked
            .iter()
            .filter(|one| one.during.until <= self.now)
            .collect()
    }
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    me: Staff,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let person = Dossier::find(&mut db, &reference)
        .await?
        .ok_or(Error::NotFound)?;
    if let Some(kept) = &person.merged_into {
        return Ok(html::see_other(&format!("/admin/members/{kept}")));
    }
    html::page(&ShowPage::read(&mut db, &me, person, asked.tab, chrome, now).await?)
}

/// A person whose page can be worked on.
pub(super) async fn known(db: &mut Db, reference: &str) -> Result<Dossier> {
    let person = Dossier::find(db, reference).await?.ok_or(Error::NotFound)?;
    if person.merged_into.is_some() || person.erased_at.is_some() {
        return Err(Error::NotFound);
    }
    Ok(person)
}

async fn again(
    app: &App,
    me: &Staff,
    person: Dossier,
    typed: Typed,
    errors: Errors,
    chrome: Chrome,
    now: DateTime<Utc>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let page = ShowPage::read(&mut db, me, person, Tab::Overview, chrome.refused(), now).await?;
    html::refused(&ShowPage {
        typed,
        errors,
        ..page
    })
}

fn done(jar: CookieJar, person: &Dossier, words: String) -> Response {
    (
        jar.add(Flash::done(words).cookie()),
        html::see_other(&person.url()),
    )
        .into_response()
}

async fn change_standing(
    chrome: Chrome,
    Now(now): Now,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(reference): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let person = known(&mut *app.db.acquire().await?, &reference).await?;
    let mut errors = Errors::default();
    let wanted = typed
        .standing
        .parse::<Standing>()
        .map_err(|()| "Choose one.".into());
    let wanted = errors.take("standing", wanted);
    let reason = errors.take("reason", form::optional_line(&typed.reason, 300));
    if let (Some(wanted), Some(reason)) = (wanted, reason) {
        let tell = !typed.tell.is_empty();
        let (by, id) = (me.member, person.id);
        let changed =
            transaction!(app.db, tx => standing::change(tx, by, id, wanted, &reason, tell).await)?;
        match changed {
            Ok(()) => {
                let words = match wanted {
                    Standing::Good => format!("{} may book as before.", person.name),
                    Standing::PayFirst => format!("{} pays first from now on.", person.name),
                    Standing::Barred => format!("{} books nothing from now on.", person.name),
                };
                return Ok(done(jar, &person, words));
            }
            Err(refusal) => errors.add("reason", refusal.to_string()),
        }
    }
    again(&app, &me, person, typed, errors, chrome, now).await
}

async fn note(
    chrome: Chrome,
    Now(now): Now,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(reference): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let person = known(&mut *app.db.acquire().await?, &reference).await?;
    let body = form::optional_text(&typed.body, 2000).and_then(|body| {
        Some(body)
            .filter(|body| !body.is_empty())
            .ok_or("Write what to remember.".into())
    });
    match body {
        Ok(body) => {
            let mut tx = app.db.begin().await?;
            Note::add(&mut tx, me.member, person.id, &body).await?;
            tx.commit().await?;
            Ok(done(jar, &person, "Noted.".into()))
        }
        Err(sentence) => {
            let errors = ("body", sentence).into();
            again(&app, &me, person, typed, errors, chrome, now).await
        }
    }
}

async fn invite(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    let person = known(&mut *app.db.acquire().await?, &reference).await?;
    let invited = transaction!(app.db, tx => intake::invite(tx, me.member, person.id).await)?;
    let flash = match invited {
        Ok(email) => Flash::done(format!("An invitation is on its way to {email}.")),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok((jar.add(flash.cookie()), html::see_other(&person.url())).into_response())
}

#[derive(Template)]
#[template(path = "members/admin/details.html")]
struct DetailsPage {
    chrome: Chrome,
    person: Dossier,
    form: PersonForm,
    /// They were changed elsewhere meanwhile, to these.
    stale: Option<PersonForm>,
    places: Vec<Location>,
    errors: Errors,
}

fn typed(person: &Dossier) -> PersonForm {
    PersonForm {
        name: person.name.clone(),
        email: person.email.clone().unwrap_or_default(),
        phone: person
            .phone
            .as_deref()
            .map(form::phone_words)
            .unwrap_or_default(),
        home: person.home.clone().unwrap_or_default(),
        anyway: String::new(),
        version: person.version,
    }
}

async fn details(
    chrome: Chrome,
    State(app): State<App>,
    _: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let person = known(&mut db, &reference).await?;
    html::page(&DetailsPage {
        chrome,
        form: typed(&person),
        stale: None,
        places: Location::all(&mut db).await?,
        person,
        errors: Errors::default(),
    })
}

async fn save(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(reference): Path<String>,
    Form(mut form): Form<PersonForm>,
) -> Result<Response> {
    known(&mut *app.db.acquire().await?, &reference).await?;
    let (by, version) = (me.member, form.version);
    let mut stale = false;
    let errors: Errors = match form.parse() {
        Ok(wanted) => {
            let saved = transaction!(app.db, tx => {
                intake::change(tx, by, &reference, version, &wanted, form.anyway()).await
            })?;
            match saved {
                Ok(()) => {
                    let jar = jar.add(Flash::done("Saved.").cookie());
                    let page = format!("/admin/members/{reference}");
                    return Ok((jar, html::see_other(&page)).into_response());
                }
                Err(refusal) => {
                    stale = refusal == intake::Refusal::Stale;
                    (refusal.field(), refusal.to_string()).into()
                }
            }
        }
        Err(errors) => errors,
    };
    let mut db = app.db.acquire().await?;
    let person = known(&mut db, &reference).await?;
    if stale {
        form.version = person.version;
    }
    html::refused(&DetailsPage {
        chrome: chrome.refused(),
        stale: stale.then(|| typed(&person)),
        places: Location::all(&mut db).await?,
        form,
        person,
        errors,
    })
}
