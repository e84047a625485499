//! Adding a space and changing it: its facts, its place on the floor, and how people will see it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, RawForm, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    amenity::{AMENITIES, amenity},
    floor::Floor,
    floor_setup::Zone,
    layout::Layout,
    plan::{self, Drawing},
    setup::{Refusal, Setup},
    space::{Audience, Kind, Space, Status, Which},
    space_form::SpaceForm,
};
use crate::{
    app::App,
    billing::rate::PriceList,
    bookings::{booking::Booking, rules::Rules},
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    id::Id,
    locations::facts::{Entry, Facts},
    sessions::current::Staff,
    time, transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/locations/{slug}/spaces/new", get(new).post(create))
        .route("/admin/spaces/{slug}", get(edit).post(update))
}

/// Its floor, drawn, with where it is to stand.
struct Placing {
    frame: [f32; 4],
    scenery: Vec<plan::Shape>,
    spots: Vec<Vec<plan::Shape>>,
    /// In units of the drawing.
    here: [f32; 4],
}

#[derive(Template)]
#[template(path = "spaces/admin/edit.html")]
struct EditPage {
    chrome: Chrome,
    errors: Errors,
    entry: Entry,
    /// As it stands; `None` for a new one.
    slug: Option<String>,
    floors: Vec<Floor>,
    zones: Vec<Zone>,
    policies: Vec<Rules>,
    typed: SpaceForm,
    /// Bookings ahead of one that is to be booked no more.
    booked: Vec<Booking>,
    /// As people would see it.
    drawing: Option<Drawing>,
    price: String,
    placing: Option<Placing>,
    now: DateTime<Utc>,
}

impl EditPage {
    fn heading(&self) -> &str {
        if self.slug.is_some() {
            &self.typed.name
        } else {
            "New space"
        }
    }

    fn action(&self) -> String {
        match &self.slug {
            Some(slug) => format!("/admin/spaces/{slug}"),
            None => format!("/admin/locations/{}/spaces/new", self.entry.slug),
        }
    }

    /// A floor and one of its zones, or none.
    fn places(&self) -> Vec<(String, String)> {
        let mut places = Vec::new();
        for floor in &self.floors {
            places.push((format!("{} ", floor.id), floor.name.clone()));
            for zone in self.zones.iter().filter(|zone| zone.floor == floor.id) {
                let words = format!("{}, {}", floor.name, zone.name);
                places.push((format!("{} {}", floor.id, zone.id), words));
            }
        }
        places
    }

    fn has(&self, key: &str) -> bool {
        self.typed.amenities.iter().any(|known| known == key)
    }

    fn is_policy(&self, id: &Uuid) -> bool {
        self.typed.policy == id.to_string()
    }

    fn policy_slug(&self) -> Option<&str> {
        let known = self
            .policies
            .iter()
            .find(|rules| self.is_policy(&rules.id))?;
        Some(&known.slug)
    }

    fn amenities(&self) -> Vec<&'static str> {
        let known = self.typed.amenities.iter().filter_map(|key| amenity(key));
        known.map(|(words, _)| words).collect()
    }
}

async fn page(
    db: &mut Db,
    chrome: Chrome,
    entry: Entry,
    slug: Option<String>,
    typed: SpaceForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<EditPage> {
    let floors = Floor::of(&mut *db, entry.id).await?;
    let policies = Rules::all(&mut *db).await?;
    let mut page = EditPage {
        zones: Zone::of(&mut *db, entry.id).await?,
        chrome,
        errors,
        entry,
        slug,
        floors,
        policies,
        typed,
        booked: Vec::new(),
        drawing: None,
        price: String::new(),
        placing: None,
        now,
    };
    if let Ok(setup) = page.typed.parse() {
        page.show_it(db, &setup).await?;
    }
    Ok(page)
}

impl EditPage {
    /// The drawings and the price, of what is typed.
    async fn show_it(&mut self, db: &mut Db, setup: &Setup) -> Result<()> {
        let Some(rules) = self.policies.iter().find(|rules| rules.id == setup.policy) else {
            return Ok(());
        };
        let id = match &self.slug {
            Some(slug) => Setup::load(&mut *db, slug).await?.0,
            None => Id::fresh(),
        };
        let space = Space {
            id,
            location: self.entry.id,
            floor: setup.floor,
            floor_name: String::new(),
            zone: setup.zone,
            slug: setup.slug.clone(),
            name: setup.name.clone(),
            kind: setup.kind,
            seats: setup.seats,
            layouts: setup.layouts.clone(),
            amenities: setup.amenities.clone(),
            summary: setup.summary.clone(),
            status: Status::Active,
            policy_id: rules.id,
            policy: rules.policy.clone(),
        };
        let rates = PriceList::load(&mut *db)
            .await?
            .of(&space, self.now.date_naive());
        let priced = [
            (rates.hour, "an hour"),
            (rates.day, "a day"),
            (rates.month, "a month"),
        ];
        let priced = priced
            .into_iter()
            .filter_map(|(price, unit)| Some(format!("{} {unit}", price?)));
        self.price = priced.collect::<Vec<_>>().join(", ");
        self.drawing = Some(plan::drawing(&space));
        let all = Which {
            location: Some(self.entry.id),
            audience: Audience::Keepers,
            ..Which::default()
        };
        let others = Space::list(db, all).await?;
        if let Some(floor) = self.floors.iter_mut().find(|floor| floor.id == setup.floor)
            && floor.is_drawn()
        {
            floor.places.insert(id, setup.at);
            let spots = others
                .iter()
                .filter(|other| other.floor == floor.id && other.id != id);
            let mut spots: Vec<_> = spots
                .map(|other| plan::floor::spot(floor, other, false, ""))
                .collect();
            spots.push(plan::floor::spot(floor, &space, false, ""));
            self.placing = Some(Placing {
                frame: plan::floor::frame(&floor.plan),
                scenery: plan::floor::scenery(floor),
                spots,
                here: setup.at.map(|metres| metres * plan::floor::METRE),
            });
        }
        Ok(())
    }
}

async fn managed_location(app: &App, me: &Staff, slug: &str) -> Result<Entry> {
    let entry = Entry::find(&mut *app.db.acquire().await?, slug).await?;
    me.managing(entry.id)?;
    Ok(entry)
}

async fn new(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let entry = managed_location(&app, &me, &slug).await?;
    let typed = SpaceForm {
        kind: Kind::MeetingRoom.key().into(),
        status: "active".into(),
        seats: "1".into(),
        x: "1".into(),
        y: "1".into(),
        w: "4".into(),
        h: "4".into(),
        ..SpaceForm::default()
    };
    let mut db = app.db.acquire().await?;
    html::page(&page(&mut db, chrome, entry, None, typed, Errors::default(), now).await?)
}

/// The location's date.
async fn today(db: &mut Db, entry: &Entry, now: DateTime<Utc>) -> Result<chrono::NaiveDate> {
    let facts = Facts::load(db, entry.id).await?;
    Ok(time::Zone::named(&facts.time_zone)?.date(now))
}

async fn create(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response> {
    let entry = managed_location(&app, &me, &slug).await?;
    let typed = SpaceForm::read(&form);
    let mut db = app.db.acquire().await?;
    let errors = match typed.parse() {
        Err(errors) => errors,
        Ok(_) if typed.then == "preview" => {
            return html::page(
                &page(&mut db, chrome, entry, None, typed, Errors::default(), now).await?,
            );
        }
        Ok(setup) => {
            let (by, at, today) = (me.member, entry.id, today(&mut db, &entry, now).await?);
            match transaction!(app.db, tx => setup.create(tx, by, at, today).await)? {
                Ok(()) => {
                    let said = format!("{} is there.", setup.name);
                    let back = html::see_other(&format!("/admin/spaces/{}", setup.slug));
                    return Ok((jar.add(Flash::done(said).cookie()), back).into_response());
                }
                Err(refusal) => (field(&refusal), refusal.to_string()).into(),
            }
        }
    };
    html::refused(&page(&mut db, chrome.refused(), entry, None, typed, errors, now).await?)
}

fn field(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::SlugTaken => "slug",
        Refusal::NoSuchFloor => "place",
        Refusal::NoSuchPolicy => "policy",
        Refusal::Stale => "name",
        Refusal::Booked(_) => "status",
    }
}

/// A space whose location the reader manages.
async fn managed(app: &App, me: &Staff, slug: &str) -> Result<(Id<Space>, Entry, Setup)> {
    let mut db = app.db.acquire().await?;
    let (id, location, setup) = Setup::load(&mut db, slug).await?;
    me.managing(location)?;
    let entries = Entry::all(&mut db).await?.into_iter();
    let mut entry = entries.filter(|entry| entry.id == location);
    Ok((id, entry.next().ok_or(Error::NotFound)?, setup))
}

async fn edit(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let (_, entry, setup) = managed(&app, &me, &slug).await?;
    let mut db = app.db.acquire().await?;
    let typed = SpaceForm::of(&setup);
    html::page(
        &page(
            &mut db,
            chrome,
            entry,
            Some(slug),
            typed,
            Errors::default(),
            now,
        )
        .await?,
    )
}

async fn update(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    RawForm(form): RawForm,
) -> Result<Response> {
    let (id, entry, was) = managed(&app, &me, &slug).await?;
    let mut typed = SpaceForm::read(&form);
    (typed.slug, typed.kind) = (slug.clone(), was.kind.key().into());
    let mut db = app.db.acquire().await?;
    let mut booked = Vec::new();
    let errors = match typed.parse() {
        Err(errors) => errors,
        Ok(_) if typed.then == "preview" => {
            let page = page(
                &mut db,
                chrome,
                entry,
                Some(slug),
                typed,
                Errors::default(),
                now,
            )
            .await?;
            return html::page(&page);
        }
        Ok(setup) => {
            let (by, seen, at) = (
                me.member,
                typed.seen,
                (today(&mut db, &entry, now).await?, now),
            );
            match transaction!(app.db, tx => setup.change(tx, by, id, seen, at).await)? {
                Ok(()) => {
                    let back = html::see_other(&format!("/admin/spaces/{slug}"));
                    return Ok(
                        (jar.add(Flash::done("That is saved.").cookie()), back).into_response()
                    );
                }
                Err(refusal) => {
                    if let Refusal::Stale = refusal {
                        typed.version = was.version;
                    }
                    let errors = (field(&refusal), refusal.to_string()).into();
                    if let Refusal::Booked(ahead) = refusal {
                        booked = ahead;
                    }
                    errors
                }
            }
        }
    };
    let mut page = page(
        &mut db,
        chrome.refused(),
        entry,
        Some(slug),
        typed,
        errors,
        now,
    )
    .await?;
    page.booked = booked;
    html::refused(&page)
}
