//! Adding a space and changing it: its facts, its place on the floor, and how people will see it.

use std::collections::BTreeMap;

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
    space::{Kind, Space, Status},
};
use crate::{
    app::App,
    billing::rate::PriceList,
    bookings::{booking::Booking, rules::Rules},
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    id::Id,
    locations::facts::{Entry, Facts},
    markdown,
    sessions::current::Staff,
    time, transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/locations/{slug}/spaces/new", get(new).post(create))
        .route("/admin/spaces/{slug}", get(edit).post(update))
}

/// As typed; amenities repeat, layouts have a field each.
#[derive(Clone, Debug, Default)]
struct SpaceForm {
    slug: String,
    name: String,
    kind: String,
    /// A floor's id, and a zone's or nothing, with a blank between them.
    place: String,
    policy: String,
    seats: String,
    layouts: BTreeMap<Layout, String>,
    amenities: Vec<String>,
    summary: String,
    status: String,
    position: String,
    x: String,
    y: String,
    w: String,
    h: String,
    version: i32,
    /// Bookings ahead were looked at.
    seen: bool,
    /// `preview`: show it and keep nothing.
    then: String,
}

impl SpaceForm {
    fn of(setup: &Setup) -> SpaceForm {
        let zone = setup.zone.map(|id| id.to_string()).unwrap_or_default();
        let [x, y, w, h] = setup.at.map(|metres| metres.to_string());
        SpaceForm {
            slug: setup.slug.clone(),
            name: setup.name.clone(),
            kind: setup.kind.key().into(),
            place: format!("{} {zone}", setup.floor),
            policy: setup.policy.to_string(),
            seats: setup.seats.to_string(),
            layouts: setup
                .layouts
                .iter()
                .map(|(layout, seats)| (*layout, seats.to_string()))
                .collect(),
            amenities: setup.amenities.clone(),
            summary: setup.summary.clone(),
            status: setup.status.clone(),
            position: setup.position.to_string(),
            x,
            y,
            w,
            h,
            version: setup.version,
            ..SpaceForm::default()
        }
    }

    fn read(form: &[u8]) -> SpaceForm {
        let mut typed = SpaceForm::default();
        for (field, value) in form_urlencoded::parse(form) {
            let value = value.into_owned();
            match &*field {
                "slug" => typed.slug = value,
                "name" => typed.name = value,
                "kind" => typed.kind = value,
                "place" => typed.place = value,
                "policy" => typed.policy = value,
                "seats" => typed.seats = value,
                "amenity" => typed.amenities.push(value),
                "summary" => typed.summary = value,
                "status" => typed.status = value,
                "position" => typed.position = value,
                "x" => typed.x = value,
                "y" => typed.y = value,
                "w" => typed.w = value,
                "h" => typed.h = value,
                "version" => typed.version = value.parse().unwrap_or(0),
                "seen" => typed.seen = value == "yes",
                "then" => typed.then = value,
                field => {
                    if let Some(layout) = field
                        .strip_prefix("layout_")
                        .and_then(|key| key.parse().ok())
                    {
                        typed.layouts.insert(layout, value);
                    }
                }
            }
        }
        typed
    }

    fn layout(&self, layout: &Layout) -> &str {
        self.layouts.get(layout).map_or("", String::as_str)
    }

    fn parse(&self) -> Result<Setup, Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 60, "Give it a name.");
        let name = errors.take("name", name).unwrap_or_default();
        let typed = if self.slug.trim().is_empty() {
            &name
        } else {
            &self.slug
        };
        let slug = markdown::slug(typed);
        if slug.is_empty() && !name.is_empty() {
            errors.add(
                "slug",
                "Write an address of small letters, figures and hyphens.",
            );
        }
        let kind = errors.take("kind", self.kind.parse::<Kind>());
        let (floor, zone) = self.place.split_once(' ').unwrap_or((&self.place, ""));
        let floor = floor
            .parse::<Uuid>()
            .map_err(|_| "Choose a floor.".to_owned());
        let floor = errors.take("place", floor).unwrap_or_default();
        let policy = self
            .policy
            .parse::<Uuid>()
            .map_err(|_| "Choose a policy.".to_owned());
        let policy = errors.take("policy", policy).unwrap_or_default();
        let layouts = self.parse_layouts(&mut errors);
        let seats = match layouts.values().max() {
            Some(most) => *most,
            None => errors.take("seats", seats(&self.seats)).unwrap_or(1),
        };
        let summary = errors
            .take("summary", form::optional_text(&self.summary, 260))
            .unwrap_or_default();
        if !["active", "hidden", "out_of_order", "retired"].contains(&self.status.as_str()) {
            errors.add("status", "Choose whether it can be booked.");
        }
        let at = [
            errors.take("x", metres(&self.x, 0.0)),
            errors.take("y", metres(&self.y, 0.0)),
            errors.take("w", metres(&self.w, 0.2)),
            errors.take("h", metres(&self.h, 0.2)),
        ];
        let position = self.position.trim();
        let position = if position.is_empty() {
            Ok(0)
        } else {
            position.parse().map_err(|_| "Enter a number.".to_owned())
        };
        let position = errors.take("position", position).unwrap_or(0);
        let mut amenities = self.amenities.clone();
        amenities.retain(|key| amenity(key).is_some());
        match kind {
            Some(kind) if errors.is_empty() => Ok(Setup {
                slug,
                name,
                kind,
                floor,
                zone: zone.parse().ok(),
                policy,
                seats,
                layouts: if kind == Kind::MeetingRoom {
                    layouts
                } else {
                    BTreeMap::new()
                },
                amenities,
                summary,
                status: self.status.clone(),
                position,
                at: at.map(Option::unwrap_or_default),
                version: self.version,
            }),
            _ => Err(errors),
        }
    }

    fn parse_layouts(&self, errors: &mut Errors) -> BTreeMap<Layout, i32> {
        let mut layouts = BTreeMap::new();
        for (layout, text) in self
            .layouts
            .iter()
            .filter(|(_, text)| !text.trim().is_empty())
        {
            if let Some(seats) = errors.take("seats", seats(text)) {
                layouts.insert(*layout, seats);
            }
        }
        layouts
    }
}

fn seats(text: &str) -> Result<i32, String> {
    let seats = text
        .trim()
        .parse()
        .ok()
        .filter(|seats| (1..=500).contains(seats));
    seats.ok_or("Enter seats from 1 to 500.".into())
}

fn metres(text: &str, least: f32) -> Result<f32, String> {
    match text.trim().replace(',', ".").parse::<f32>() {
        Ok(metres) if (least..=200.0).contains(&metres) => Ok((metres * 100.0).round() / 100.0),
        _ => Err(format!("Enter metres from {least} to 200.")),
    }
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
        let all = crate::spaces::space::Which {
            location: Some(self.entry.id),
            unlisted: true,
            ..Default::default()
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
