//! Setting locations up: their facts, for those who manage them; a new one, for owners.

use askama::Template;
use axum::{
    Router,
    extract::{Path, RawForm, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;

use super::{
    facts::{Entry, Facts},
    floors_admin, hours_admin,
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    markdown,
    sessions::current::{Manager, Owner, Staff},
    spaces::amenity::AMENITIES,
    time::Zone,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/locations", get(index))
        .route("/admin/locations/new", get(new).post(create))
        .route("/admin/locations/{slug}", get(edit).post(update))
        .merge(hours_admin::routes())
        .merge(floors_admin::routes())
}

#[derive(Template)]
#[template(path = "locations/admin/index.html")]
struct IndexPage {
    chrome: Chrome,
    entries: Vec<Entry>,
    is_owner: bool,
}

async fn index(me: Manager, chrome: Chrome, State(app): State<App>) -> Result<Response> {
    let mut entries = Entry::all(&mut *app.db.acquire().await?).await?;
    entries.retain(|entry| me.duties.can_manage(entry.id));
    html::page(&IndexPage {
        chrome,
        entries,
        is_owner: me.duties.is_owner(),
    })
}

impl Entry {
    /// What is missing before anybody can book here.
    pub fn to_do(&self) -> Vec<(&'static str, String)> {
        let at = |path: &str| format!("/admin/locations/{}/{path}", self.slug);
        let steps = [
            (self.has_hours, "Say when it is open", at("hours")),
            (self.spaces > 0, "Add a floor and its spaces", at("floors")),
            (
                self.has_rates,
                "Say what its spaces cost",
                format!("/admin/rates?location={}", self.slug),
            ),
        ];
        let open = steps.into_iter().filter(|(done, ..)| !done);
        open.map(|(_, words, url)| (words, url)).collect()
    }

    fn tag(&self) -> (&'static str, &'static str) {
        match self.status.as_str() {
            "open" => ("ok", "Open"),
            "announced" => ("warn", "Announced"),
            _ => ("", "Closed for good"),
        }
    }
}

/// As typed; amenities repeat.
#[derive(Clone, Debug, Default)]
pub(super) struct FactsForm {
    facts: Facts,
    /// Degrees, south and west below zero.
    latitude: String,
    longitude: String,
    /// Nothing for no cap.
    most_at_once: String,
}

impl FactsForm {
    pub(super) fn of(facts: Facts) -> FactsForm {
        let degrees = |at: Option<f64>| at.map(|at| at.to_string()).unwrap_or_default();
        FactsForm {
            latitude: degrees(facts.latitude),
            longitude: degrees(facts.longitude),
            most_at_once: (facts.most_at_once)
                .map(|most| most.to_string())
                .unwrap_or_default(),
            facts,
        }
    }

    fn read(form: &[u8]) -> FactsForm {
        let mut typed = FactsForm::default();
        typed.facts.week_starts = 1;
        for (field, value) in form_urlencoded::parse(form) {
            let value = value.into_owned();
            let facts = &mut typed.facts;
            let text = match &*field {
                "slug" => &mut facts.slug,
                "name" => &mut facts.name,
                "status" => &mut facts.status,
                "time_zone" => &mut facts.time_zone,
                "summary" => &mut facts.summary,
                "description" => &mut facts.description,
                "town" => &mut facts.town,
                "address" => &mut facts.address,
                "phone" => &mut facts.phone,
                "whatsapp" => &mut facts.whatsapp,
                "email" => &mut facts.email,
                "directions" => &mut facts.directions,
                "gate" => &mut facts.gate,
                "parking" => &mut facts.parking,
                "wifi" => &mut facts.wifi,
                "step_free" => &mut facts.step_free,
                "power" => &mut facts.power,
                "water" => &mut facts.water,
                "fibre" => &mut facts.fibre,
                "latitude" => &mut typed.latitude,
                "longitude" => &mut typed.longitude,
                "most_at_once" => &mut typed.most_at_once,
                "amenity" => {
                    facts.amenities.push(value);
                    continue;
                }
                "wifi_for_guests" => {
                    facts.wifi_for_guests = true;
                    continue;
                }
                "week_starts" => {
                    facts.week_starts = value.parse().unwrap_or(0);
                    continue;
                }
                "version" => {
                    facts.version = value.parse().unwrap_or(0);
                    continue;
                }
                _ => continue,
            };
            *text = value;
        }
        typed
    }

    pub(super) fn parse(&self) -> Result<Facts, Errors> {
        let (typed, mut errors) = (&self.facts, Errors::default());
        let mut facts = typed.clone();
        let name = form::required_line(&typed.name, 60, "Give it a name.");
        facts.name = errors.take("name", name).unwrap_or_default();
        let slug = if typed.slug.trim().is_empty() {
            &facts.name
        } else {
            &typed.slug
        };
        facts.slug = markdown::slug(slug);
        if facts.slug.is_empty() && !facts.name.is_empty() {
            errors.add(
                "slug",
                "Write an address of small letters, figures and hyphens.",
            );
        }
        if !["announced", "open", "closed"].contains(&typed.status.as_str()) {
            errors.add("status", "Choose whether it is open.");
        }
        if Zone::named(&typed.time_zone).is_err() {
            errors.add("time_zone", "Enter a time zone like Africa/Johannesburg.");
        }
        if !(1..=7).contains(&typed.week_starts) {
            errors.add("week_starts", "Choose the day that weeks begin on.");
        }
        if !typed.email.trim().is_empty() {
            facts.email = errors
                .take("email", form::email(&typed.email))
                .unwrap_or_default();
        }
        for (field, text, most) in [
            ("summary", &mut facts.summary, 260),
            ("description", &mut facts.description, 2000),
            ("town", &mut facts.town, 100),
            ("address", &mut facts.address, 300),
            ("phone", &mut facts.phone, 40),
            ("whatsapp", &mut facts.whatsapp, 40),
            ("directions", &mut facts.directions, 1000),
            ("gate", &mut facts.gate, 1000),
            ("parking", &mut facts.parking, 1000),
            ("wifi", &mut facts.wifi, 1000),
            ("step_free", &mut facts.step_free, 1000),
            ("power", &mut facts.power, 1000),
            ("water", &mut facts.water, 1000),
            ("fibre", &mut facts.fibre, 1000),
        ] {
            let read = form::optional_text(text, most);
            *text = errors.take(field, read).unwrap_or_default();
        }
        facts
            .amenities
            .retain(|key| AMENITIES.iter().any(|(known, ..)| known == key));
        facts.latitude = errors
            .take("latitude", degrees(&self.latitude, 90.0))
            .flatten();
        facts.longitude = errors
            .take("longitude", degrees(&self.longitude, 180.0))
            .flatten();
        if facts.latitude.is_some() != facts.longitude.is_some() && errors.is_empty() {
            errors.add(
                "longitude",
                "Enter both latitude and longitude, or neither.",
            );
        }
        let most = people(&self.most_at_once);
        facts.most_at_once = errors.take("most_at_once", most).flatten();
        if errors.is_empty() {
            Ok(facts)
        } else {
            Err(errors)
        }
    }
}

fn people(text: &str) -> Result<Option<i32>, String> {
    let read = match text.trim() {
        "" => return Ok(None),
        text => text.parse().ok(),
    };
    let read = read.filter(|most| (1..=10_000).contains(most));
    let sentence = "Enter a number of people from 1 to 10000, or nothing.";
    read.map(Some).ok_or_else(|| sentence.to_owned())
}

fn degrees(text: &str, most: f64) -> Result<Option<f64>, String> {
    match text.trim() {
        "" => Ok(None),
        text => match text.replace(',', ".").parse::<f64>() {
            Ok(at) if at.abs() <= most => Ok(Some(at)),
            _ => Err(format!(
                "Enter degrees from -{most} to {most}, such as -29.85."
            )),
        },
    }
}

#[derive(Template)]
#[template(path = "locations/admin/edit.html")]
struct EditPage {
    chrome: Chrome,
    errors: Errors,
    /// As it stands; `None` for a new one.
    entry: Option<Entry>,
    typed: FactsForm,
}

impl EditPage {
    fn heading(&self) -> &str {
        self.entry
            .as_ref()
            .map_or("New location", |entry| &entry.name)
    }

    fn action(&self) -> String {
        let slug = self.entry.as_ref().map_or("new", |entry| &entry.slug);
        format!("/admin/locations/{slug}")
    }

    fn weekdays(&self) -> [(i32, &'static str); 7] {
        hours_admin::DAYS.map(|(number, name, ..)| (number as i32, name))
    }

    fn has(&self, key: &str) -> bool {
        self.typed.facts.amenities.iter().any(|known| known == key)
    }
}

async fn new(_: Owner, chrome: Chrome) -> Result<Response> {
    let facts = Facts {
        status: "announced".into(),
        time_zone: "Africa/Johannesburg".into(),
        week_starts: 1,
        ..Facts::default()
    };
    html::page(&EditPage {
        chrome,
        errors: Errors::default(),
        entry: None,
        typed: FactsForm::of(facts),
    })
}

async fn create(
    State(app): State<App>,
    chrome: Chrome,
    me: Owner,
    jar: CookieJar,
    RawForm(form): RawForm,
) -> Result<Response> {
    let typed = FactsForm::read(&form);
    let errors = match typed.parse() {
        Err(errors) => errors,
        Ok(facts) => match transaction!(app.db, tx => facts.create(tx, me.member).await)? {
            Ok(()) => {
                let flash =
                    Flash::done("The location is there. Next: its hours, floors and prices.");
                let next = html::see_other(&format!("/admin/locations/{}", facts.slug));
                return Ok((jar.add(flash.cookie()), next).into_response());
            }
            Err(refusal) => ("slug", refusal.to_string()).into(),
        },
    };
    html::refused(&EditPage {
        chrome: chrome.refused(),
        errors,
        entry: None,
        typed,
    })
}

async fn edit(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let entry = Entry::find(&mut db, &slug).await?;
    me.managing(entry.id)?;
    html::page(&EditPage {
        chrome,
        errors: Errors::default(),
        typed: FactsForm::of(Facts::load(&mut db, entry.id).await?),
        entry: Some(entry),
    })
}

async fn update(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response> {
    let entry = Entry::find(&mut *app.db.acquire().await?, &slug).await?;
    me.managing(entry.id)?;
    let mut typed = FactsForm::read(&form);
    typed.facts.slug.clone_from(&entry.slug);
    let errors = match typed.parse() {
        Err(errors) => errors,
        Ok(facts) => {
            let (by, id) = (me.member, entry.id);
            match transaction!(app.db, tx => facts.change(tx, by, id).await)? {
                Ok(()) => {
                    let flash = Flash::done("That is saved.").cookie();
                    let back = html::see_other(&format!("/admin/locations/{slug}"));
                    return Ok((jar.add(flash), back).into_response());
                }
                Err(refusal) => {
                    let now = Facts::load(&mut *app.db.acquire().await?, id).await?;
                    typed.facts.version = now.version;
                    ("name", refusal.to_string()).into()
                }
            }
        }
    };
    html::refused(&EditPage {
        chrome: chrome.refused(),
        errors,
        entry: Some(entry),
        typed,
    })
}
