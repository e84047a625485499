//! What goes with bookings at each location, as those who manage it set it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::extras::{
    Lead, Unit,
    setup::{Refusal, Setup},
};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    markdown,
    sessions::current::Manager,
    spaces::space::Kind,
    time::parse_clock,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/extras", get(index).post(create))
        .route("/admin/extras/{location}/{extra}", get(edit).post(update))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ExtraForm {
    pub version: i32,
    pub name: String,
    pub description: String,
    /// A location's slug.
    pub location: String,
    /// `yes` for each kind that it goes with.
    pub hot_desk: String,
    pub meeting_room: String,
    pub office: String,
    pub unit: String,
    pub price: String,
    pub stock: String,
    pub lead_minutes: String,
    pub lead_days: String,
    pub lead_clock: String,
    pub setup_minutes: String,
    pub offered: String,
}

impl ExtraForm {
    fn of(setup: &Setup, places: &[Location]) -> ExtraForm {
        let place = places.iter().find(|place| place.id == setup.location);
        let yes = |is: bool| if is { "yes".to_owned() } else { String::new() };
        let goes = |kind| yes(setup.kinds.contains(&kind));
        let (minutes, days, clock) = match setup.lead {
            Lead::Minutes(0) => Default::default(),
            Lead::Minutes(minutes) => (minutes.to_string(), String::new(), String::new()),
            Lead::Clock { days, clock } => (
                String::new(),
                days.to_string(),
                clock.format("%H:%M").to_string(),
            ),
        };
        ExtraForm {
            version: setup.version,
            name: setup.name.clone(),
            description: setup.description.clone(),
            location: place.map(|place| place.slug.clone()).unwrap_or_default(),
            hot_desk: goes(Kind::HotDesk),
            meeting_room: goes(Kind::MeetingRoom),
            office: goes(Kind::Office),
            unit: setup.unit.key().into(),
            price: setup.price.decimal(),
            stock: setup.stock.map(|n| n.to_string()).unwrap_or_default(),
            lead_minutes: minutes,
            lead_days: days,
            lead_clock: clock,
            setup_minutes: match setup.setup_minutes {
                0 => String::new(),
                minutes => minutes.to_string(),
            },
            offered: yes(setup.offered),
        }
    }

    fn kinds(&self) -> Vec<Kind> {
        let said = [
            (&self.hot_desk, Kind::HotDesk),
            (&self.meeting_room, Kind::MeetingRoom),
            (&self.office, Kind::Office),
        ];
        let said = said.into_iter().filter(|(text, _)| *text == "yes");
        said.map(|(_, kind)| kind).collect()
    }

    pub fn goes_with(&self, kind: &Kind) -> bool {
        self.kinds().contains(kind)
    }

    fn lead(&self, errors: &mut Errors) -> Option<Lead> {
        let minutes = errors.take("lead_minutes", number(&self.lead_minutes, 0, 43_200));
        let days = errors.take("lead_days", number(&self.lead_days, 0, 20));
        let clock = match self.lead_clock.trim() {
            "" => Some(None),
            text => {
                let sentence = || "Choose a time, like 15:00, or none.".to_owned();
                let clock = parse_clock(text).ok_or_else(sentence);
                errors.take("lead_clock", clock.map(Some))
            }
        };
        match (minutes?, days?, clock?) {
            (None, days, Some(clock)) => Some(Lead::Clock {
                days: days.unwrap_or(1),
                clock,
            }),
            (minutes, None, None) => Some(Lead::Minutes(minutes.unwrap_or(0).into())),
            (None, Some(_), None) => {
                errors.add("lead_clock", "Say until which time on that day.");
                None
            }
            (Some(_), ..) => {
                let sentence = "Say minutes before the start, or a time days before, not both.";
                errors.add("lead_minutes", sentence);
                None
            }
        }
    }

    /// `was` is the extra as it stands, whose location, address and unit stay.
    pub fn parse(&self, was: Option<&Setup>, places: &[Location]) -> Result<Setup, Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 60, "Give it a name, such as Tea and coffee.");
        let name = errors.take("name", name);
        let slug = name.as_deref().map(markdown::slug).unwrap_or_default();
        if name.is_some() && slug.is_empty() && was.is_none() {
            errors.add("name", "Use letters that addresses have in its name.");
        }
        let description = form::optional_line(&self.description, 200);
        let description = errors.take("description", description);
        let place = places.iter().find(|place| place.slug == self.location);
        let location = was.map(|was| was.location).or(place.map(|place| place.id));
        if location.is_none() {
            errors.add("location", "Choose a location.");
        }
        let kinds = self.kinds();
        if kinds.is_empty() {
            errors.add("hot_desk", "Choose what it goes with: one kind at least.");
        }
        let unit = was.map(|was| was.unit).or(Unit::named(&self.unit));
        if unit.is_none() {
            errors.add("unit", "Choose what its price is for.");
        }
        let price = errors.take("price", form::rands(&self.price));
        let stock = errors.take("stock", number(&self.stock, 1, 10_000));
        let lead = self.lead(&mut errors);
        let set_up = errors.take("setup_minutes", number(&self.setup_minutes, 0, 480));
        let said = || {
            Some(Setup {
                location: location?,
                slug: was.map_or(slug, |was| was.slug.clone()),
                name: name?,
                description: description?,
                kinds,
                unit: unit?,
                price: price?,
                stock: stock?,
                lead: lead?,
                setup_minutes: set_up?.unwrap_or(0),
                offered: self.offered == "yes",
                version: self.version,
            })
        };
        match errors.is_empty() {
            true => said().ok_or(errors),
            false => Err(errors),
        }
    }
}

/// Nothing where nothing is said.
fn number(text: &str, least: i32, most: i32) -> Result<Option<i32>, String> {
    match text.trim() {
        "" => Ok(None),
        text => {
            let read = text.parse().ok().filter(|n| (least..=most).contains(n));
            let sentence = || format!("Enter a number from {least} to {most}, or nothing.");
            read.map(Some).ok_or_else(sentence)
        }
    }
}

#[derive(Template)]
#[template(path = "bookings/admin/extras.html")]
struct ExtrasPage {
    chrome: Chrome,
    errors: Errors,
    places: Vec<Location>,
    extras: Vec<Setup>,
    /// The one that is changed; `None` for a new one.
    chosen: Option<Setup>,
    typed: ExtraForm,
}

impl ExtrasPage {
    async fn read(
        db: &mut Db,
        chrome: Chrome,
        me: &Manager,
        chosen: Option<Setup>,
        typed: ExtraForm,
        errors: Errors,
    ) -> Result<ExtrasPage> {
        Ok(ExtrasPage {
            chrome,
            errors,
            places: places(db, me).await?,
            extras: Setup::all(db, me.duties).await?,
            chosen,
            typed,
        })
    }

    fn of(&self, place: &Location) -> Vec<&Setup> {
        let here = self.extras.iter();
        here.filter(|setup| setup.location == place.id).collect()
    }

    fn url(&self, setup: &Setup) -> String {
        let mut places = self.places.iter();
        let place = places.find(|place| place.id == setup.location);
        let place = place.map_or("", |place| &place.slug);
        format!("/admin/extras/{place}/{}", setup.slug)
    }

    fn action(&self) -> String {
        match &self.chosen {
            Some(setup) => self.url(setup),
            None => "/admin/extras".into(),
        }
    }
}

async fn places(db: &mut Db, me: &Manager) -> Result<Vec<Location>> {
    let mut places = Location::all(db).await?;
    places.retain(|place| me.duties.can_manage(place.id));
    Ok(places)
}

async fn index(State(app): State<App>, chrome: Chrome, me: Manager) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let typed = ExtraForm {
        meeting_room: "yes".into(),
        unit: Unit::Booking.key().into(),
        offered: "yes".into(),
        ..ExtraForm::default()
    };
    html::page(&ExtrasPage::read(&mut db, chrome, &me, None, typed, Errors::default()).await?)
}

async fn edit(
    State(app): State<App>,
    chrome: Chrome,
    me: Manager,
    Path((location, slug)): Path<(String, String)>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let (setup, places) = find(&mut db, &me, &location, &slug).await?;
    let typed = ExtraForm::of(&setup, &places);
    html::page(
        &ExtrasPage::read(&mut db, chrome, &me, Some(setup), typed, Errors::default()).await?,
    )
}

async fn find(
    db: &mut Db,
    me: &Manager,
    location: &str,
    slug: &str,
) -> Result<(Setup, Vec<Location>)> {
    let places = places(db, me).await?;
    let place = places.iter().find(|place| place.slug == location);
    let place = place.ok_or(Error::NotFound)?.id;
    Ok((Setup::find(db, me.duties, place, slug).await?, places))
}

async fn create(
    State(app): State<App>,
    chrome: Chrome,
    me: Manager,
    jar: CookieJar,
    Form(typed): Form<ExtraForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let errors = match typed.parse(None, &places(&mut db, &me).await?) {
        Err(errors) => errors,
        Ok(setup) => match transaction!(app.db, tx => setup.create(tx, me.member).await)? {
            Ok(()) => return Ok(done(jar, &format!("{} is there.", setup.name))),
            Err(refusal) => ("name", refusal.to_string()).into(),
        },
    };
    html::refused(&ExtrasPage::read(&mut db, chrome.refused(), &me, None, typed, errors).await?)
}

async fn update(
    State(app): State<App>,
    chrome: Chrome,
    me: Manager,
    jar: CookieJar,
    Path((location, slug)): Path<(String, String)>,
    Form(mut typed): Form<ExtraForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let (was, places) = find(&mut db, &me, &location, &slug).await?;
    let errors = match typed.parse(Some(&was), &places) {
        Err(errors) => errors,
        Ok(setup) => match transaction!(app.db, tx => setup.change(tx, me.member, &was).await)? {
            Ok(()) => {
                let said = "The extra is saved. What is ordered already keeps its price.";
                return Ok(done(jar, said));
            }
            Err(refusal) => {
                if refusal == Refusal::Stale {
                    typed.version = was.version;
                }
                ("name", refusal.to_string()).into()
            }
        },
    };
    let page = ExtrasPage::read(&mut db, chrome.refused(), &me, Some(was), typed, errors).await?;
    html::refused(&page)
}

fn done(jar: CookieJar, said: &str) -> Response {
    let back = html::see_other("/admin/extras");
    (jar.add(Flash::done(said).cookie()), back).into_response()
}
