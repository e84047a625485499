//! Spaces, what is free, and quotes, for programs.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Query, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    filter,
    layout::Layout,
    parts::Parts,
    space::{Audience, Kind, Space, Which},
};
use crate::{
    app::App,
    billing::{
        pass::{self, days::Draw},
        quote::{Line, Quote},
    },
    bookings::{
        availability::Offer,
        extras::{picks::Pick, shelf::Shelf},
        leave::Leave,
        sheet::{Asker, Sheet},
        term::{By, Wish},
        wish::When,
    },
    error::{Error, Result},
    extract::Now,
    locations::location::Location,
    money::Money,
    sessions::current::Bearer,
    time::Zone,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(availability))
        .routes(routes!(quote))
}

/// Which spaces are meant.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// A location's slug; all locations without it.
    #[param(required = false, example = "umhlanga")]
    location: String,
    /// `hot_desk`, `meeting_room` or `office`; all kinds without it.
    #[param(required = false, example = "meeting_room")]
    kind: String,
    /// How many are coming, 1 without it: smaller spaces are left out.
    #[param(required = false, example = "4")]
    people: String,
}

impl Filter {
    /// With the location that is meant, and its spaces.
    async fn read(&self, db: &mut Db, me: &Bearer) -> Result<(Option<Location>, Which<'static>)> {
        let location = match self.location.as_str() {
            "" => None,
            slug => {
                let known = Location::find(db, slug).await?;
                Some(known.ok_or_else(|| {
                    Error::refused("no-such-location", "There is no such location.")
                })?)
            }
        };
        let kind = match self.kind.as_str() {
            "" => None,
            text => Some(
                text.parse()
                    .map_err(|sentence: String| Error::refused("no-such-kind", sentence))?,
            ),
        };
        let which = Which {
            location: location.as_ref().map(|location| location.id),
            kind,
            people: people(&self.people)?,
            audience: Audience::of(me.staff.is_some()),
            ..Which::default()
        };
        Ok((location, which))
    }
}

/// What a space, or its location, must have.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Narrow {
    /// Words of its name or its place.
    #[param(required = false, example = "pier")]
    words: String,
    /// `boardroom`, `classroom` or `theatre`, for so many people.
    #[param(required = false, example = "boardroom")]
    layout: String,
    /// Of the space `screen`, `video`, `whiteboard`, `monitor`, `window`, `quiet` and `step_free`, of its
    /// location `parking`, `generator`, `inverter` and `fibre_failover`; several with commas between them.
    #[param(required = false, example = "screen,parking")]
    with: String,
}

impl Narrow {
    fn read(self) -> Result<filter::Filter> {
        let pairs = [
            ("words".to_owned(), self.words),
            ("layout".to_owned(), self.layout),
            ("with".to_owned(), self.with),
        ];
        filter::Filter::read(&pairs).map_err(|sentence| Error::refused("no-such-filter", sentence))
    }
}

fn people(text: &str) -> Result<i32> {
    let sentence = "Say how many people are coming: 1 or more.";
    match text {
        "" => Ok(1),
        text => match text.parse() {
            Ok(people) if people >= 1 => Ok(people),
            _ => Err(Error::refused("no-people", sentence)),
        },
    }
}

fn layout(text: &str) -> Result<Option<Layout>> {
    match text {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|sentence: String| Error::refused("no-such-layout", sentence)),
    }
}

/// A time without an offset is one on the space's own wall clock.
fn wish(when: &When, people: i32, layout: Option<Layout>, zone: Zone) -> Result<Wish> {
    let term = when
        .term(zone)
        .map_err(|(kind, sentence)| Error::refused(kind, sentence))?;
    Ok(Wish {
        term,
        people,
        layout,
    })
}

#[derive(Serialize, ToSchema)]
struct SpacesJson {
    spaces: Vec<SpaceJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Space)]
struct SpaceJson {
    slug: String,
    name: String,
    kind: Kind,
    /// The location's slug.
    location: String,
    floor: String,
    seats: i32,
    /// Seats for each way of setting it up; `seats` is the most of them.
    layouts: BTreeMap<&'static str, i32>,
    /// The ways it can be booked: `time`, `day`, `week`, `month`.
    terms: Vec<&'static str>,
    amenities: Vec<String>,
    /// The slugs of the spaces that it is made of: it and they block each other.
    parts: Vec<String>,
    /// Seen and booked by staff alone.
    hidden: bool,
}

impl SpaceJson {
    fn new(space: Space, locations: &[Location], parts: &Parts) -> Self {
        let location = locations
            .iter()
            .find(|location| location.id == space.location);
        Self {
            location: location
                .map(|location| location.slug.clone())
                .unwrap_or_default(),
            layouts: space
                .layouts
                .iter()
                .map(|(layout, seats)| (layout.key(), *seats))
                .collect(),
            terms: space.policy.ways().into_iter().map(By::key).collect(),
            parts: parts.slugs(parts.of(space.id).iter().copied()),
            hidden: space.is_hidden(),
            slug: space.slug,
            name: space.name,
            kind: space.kind,
            floor: space.floor_name,
            seats: space.seats,
            amenities: space.amenities,
        }
    }
}

/// Every space that people may book.
///
/// For staff with the hidden ones, which they book for people.
#[utoipa::path(get, path = "/spaces", tag = "Spaces", params(Filter, Narrow), responses((status = 200, body = SpacesJson)))]
async fn index(
    State(app): State<App>,
    me: Bearer,
    Query(filter): Query<Filter>,
    Query(narrow): Query<Narrow>,
) -> Result<Json<SpacesJson>> {
    let narrow = narrow.read()?;
    let mut db = app.db.acquire().await?;
    let (_, which) = filter.read(&mut db, &me).await?;
    let people = which.people;
    let spaces = Space::list(&mut db, which).await?;
    let locations = Location::all(&mut db).await?;
    let parts = Parts::all(&mut db).await?;
    let admits = |space: &Space| {
        let mut locations = locations.iter();
        let location = locations.find(|location| location.id == space.location);
        location.is_some_and(|location| narrow.admits(space, location, people))
    };
    let spaces = spaces
        .into_iter()
        .filter(admits)
        .map(|space| SpaceJson::new(space, &locations, &parts))
        .collect();
    Ok(Json(SpacesJson { spaces }))
}

#[derive(Serialize, ToSchema)]
struct AvailabilityJson {
    spaces: Vec<AvailableJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Available)]
struct AvailableJson {
    slug: String,
    name: String,
    kind: Kind,
    location: String,
    seats: i32,
    /// Seen and booked by staff alone.
    hidden: bool,
    free: bool,
    /// Also for a time that is taken; null where a rule forbids the time itself.
    total_cents: Option<Money>,
    /// Why it is not free.
    reason: Option<String>,
}

/// What is free from when until when.
///
/// All spaces that seat so many, free or not.
#[utoipa::path(get, path = "/availability", tag = "Spaces", params(Filter, Narrow, When), responses((status = 200, body = AvailabilityJson)))]
async fn availability(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Query(filter): Query<Filter>,
    Query(narrow): Query<Narrow>,
    Query(when): Query<When>,
) -> Result<Json<AvailabilityJson>> {
    let narrow = narrow.read()?;
    let layout = layout(&narrow.layout)?;
    let mut db = app.db.acquire().await?;
    let (here, which) = filter.read(&mut db, &me).await?;
    let zone = match &here {
        Some(location) => location.zone,
        None => Location::all(&mut db)
            .await?
            .first()
            .map(|location| location.zone)
            .ok_or(Error::NotFound)?,
    };
    let people = which.people;
    let days = wish(&when, people, layout, zone)?.term.dates(zone);
    let asker = Asker::program(me.member);
    let sheet = Sheet::load(&mut db, which, days, &asker, now).await?;
    let spaces = sheet
        .spaces
        .iter()
        .filter(|space| narrow.admits(space, sheet.location(space), people))
        .map(|space| {
            let wish = wish(&when, people, layout, sheet.zone(space))?;
            Ok(available(&sheet, space, &wish))
        })
        .collect::<Result<_>>()?;
    Ok(Json(AvailabilityJson { spaces }))
}

fn available(sheet: &Sheet, space: &Space, wish: &Wish) -> AvailableJson {
    let checked = sheet.check(space, wish);
    let total = match &checked {
        Ok(offer) => Some(offer.quote.total),
        Err(_) => sheet.price(space, &wish.term).ok().map(|quote| quote.total),
    };
    AvailableJson {
        slug: space.slug.clone(),
        name: space.name.clone(),
        kind: space.kind,
        location: sheet.location(space).slug.clone(),
        seats: space.seats,
        hidden: space.is_hidden(),
        free: checked.is_ok(),
        total_cents: total,
        reason: checked.err().map(|refusal| refusal.to_string()),
    }
}

/// What is asked for, and for how many.
#[derive(Deserialize, IntoParams)]
#[serde(default)]
#[derive(Default)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// The space's slug.
    #[param(required = true, example = "umhlanga-lagoon")]
    space: String,
    /// How many are coming, 1 without it.
    #[param(required = false, example = "4")]
    people: String,
    /// How the room is to be set up.
    #[param(required = false, example = "theatre")]
    layout: String,
    /// What goes with it, each with how many.
    #[param(required = false, example = "tea-and-coffee:8,screen:1")]
    extras: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Quote)]
struct QuoteJson {
    space: String,
    free: bool,
    total_cents: Money,
    /// The part of the total that is VAT.
    vat_cents: Money,
    currency: &'static str,
    /// They add up to the total.
    price: Vec<Line>,
    /// The days of your passes that it would draw on.
    pass: Vec<Draw>,
    /// Why it is not simply hours, or days, times their rate.
    reason: Option<String>,
    /// What cancelling costs, as the pages say it.
    cancellation: String,
    /// The terms that a booking made now accepts: they are at `/terms/{version}`.
    #[schema(example = "2026-11")]
    terms_version: String,
}

/// With what goes with it, as far as that can be had.
async fn with_extras(
    db: &mut Db,
    (sheet, space): (&Sheet, &Space),
    wish: &Wish,
    mut offer: Offer,
    said: &str,
) -> Result<Quote> {
    let mut picks = Vec::new();
    for one in said.split(',').filter(|one| !one.is_empty()) {
        let (id, quantity) = one.split_once(':').unwrap_or((one, "1"));
        let sentence = "Send extras like tea-and-coffee:8,screen:1.";
        let quantity = quantity.parse().ok();
        let quantity = quantity.ok_or_else(|| Error::refused("bad-extras", sentence))?;
        picks.push(Pick::new(id, quantity));
    }
    let place = sheet.location(space);
    let shelf = Shelf::read(db, place, offer.during, None, sheet.now()).await?;
    let mut leave = Leave::default();
    let added = shelf.add((sheet, space), wish, &offer, &picks, &mut leave);
    added.map_err(Error::from)?.onto(&mut offer);
    Ok(offer.quote)
}

/// What a time costs, line by line.
///
/// Of any time that the rules allow, free or taken.
#[utoipa::path(get, path = "/quote", tag = "Spaces", params(Asked, When), responses((status = 200, body = QuoteJson)))]
async fn quote(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Query(asked): Query<Asked>,
    Query(when): Query<When>,
) -> Result<Json<QuoteJson>> {
    let mut db = app.db.acquire().await?;
    let audience = Audience::of(me.staff.is_some());
    let space = Space::find_for(&mut db, &asked.space, audience)
        .await?
        .ok_or(Error::NotFound)?;
    let zone = Location::by_id(&mut db, space.location)
        .await?
        .ok_or(Error::NotFound)?
        .zone;
    let layout = layout(&asked.layout)?;
    let wish = wish(&when, people(&asked.people)?, layout, zone)?;
    let which = Which {
        id: Some(space.id),
        audience,
        ..Which::default()
    };
    let sheet = Sheet::load(
        &mut db,
        which,
        wish.term.dates(zone),
        &Asker::program(me.member),
        now,
    )
    .await?;
    let (free, quote) = match sheet.check(&space, &wish) {
        Ok(offer) => (
            true,
            with_extras(&mut db, (&sheet, &space), &wish, offer, &asked.extras).await?,
        ),
        Err(refusal) if refusal.is_taken() => {
            (false, sheet.price(&space, &wish.term).map_err(Error::from)?)
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let Quote {
        lines,
        total,
        vat,
        reason,
        draws,
        ..
    } = quote;
    Ok(Json(QuoteJson {
        space: space.slug.clone(),
        free,
        total_cents: total,
        vat_cents: vat,
        currency: "ZAR",
        price: lines,
        pass: draws,
        reason,
        cancellation: space.policy.cancellation.sentence(),
        terms_version: pass::terms_version(&mut db).await?,
    }))
}
