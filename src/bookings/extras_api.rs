//! Extras for programs: what each location offers, what a booking has, and setting them up.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use chrono::NaiveTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    admin_extras::ExtraForm,
    api::BookingJson,
    booking::Booking,
    change::Refusal as Change,
    extras::{
        Lead,
        changing::{self, AtTheDesk},
        ordered::Ordered,
        picks::{MOST, Pick},
        setup::{Refusal, Setup},
    },
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    locations::location::Location,
    money::Money,
    sessions::current::{Bearer, ManagerBearer},
    spaces::space::Kind,
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(offered))
        .routes(routes!(order))
        .routes(routes!(index, create))
        .routes(routes!(change))
}

/// So many of an extra.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ExtraPick)]
pub(super) struct PickJson {
    /// As the location's extras have it.
    #[schema(example = "tea-and-coffee")]
    id: String,
    /// How many; of one by the person, for how many people.
    #[schema(minimum = 1, maximum = 1000, example = 8)]
    quantity: i32,
}

pub(super) fn picks(said: &[PickJson]) -> Result<Vec<Pick>> {
    let mut picks: Vec<Pick> = Vec::new();
    for one in said {
        let is_twice = picks.iter().any(|pick| pick.slug == one.id);
        if is_twice || !(1..=MOST).contains(&one.quantity) || picks.len() > 100 {
            let sentence = "Send each extra once, with a quantity from 1 to 1000.";
            return Err(Error::refused("bad-extras", sentence));
        }
        picks.push(Pick::new(&one.id, one.quantity));
    }
    Ok(picks)
}

/// An extra that a booking has.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderedExtra)]
pub(super) struct OrderedJson {
    #[schema(example = "tea-and-coffee")]
    id: String,
    name: String,
    quantity: i32,
    /// `booking`, `person` or `hour`.
    unit: &'static str,
    /// Of one unit as it was agreed, including VAT; its line is in `price`.
    unit_cents: Money,
}

impl From<Ordered> for OrderedJson {
    fn from(one: Ordered) -> OrderedJson {
        OrderedJson {
            unit: one.unit.key(),
            unit_cents: one.price,
            id: one.slug,
            name: one.name,
            quantity: one.quantity,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ExtrasJson {
    extras: Vec<ExtraJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Extra)]
struct ExtraJson {
    /// Unique at its location.
    #[schema(example = "tea-and-coffee")]
    id: String,
    /// The location's slug.
    location: String,
    name: String,
    description: String,
    /// The kinds of spaces that it goes with.
    kinds: Vec<Kind>,
    /// What its price is for: `booking`, `person` or `hour`.
    unit: &'static str,
    /// Of one unit, including VAT.
    cents: Money,
    /// How many can be in use at once; null for any number.
    stock: Option<i32>,
    /// It is ordered so many minutes before the start, unless `lead_clock` says a time.
    lead_minutes: i64,
    /// It is ordered until `lead_clock`, so many working days before.
    lead_days: Option<i32>,
    #[schema(value_type = Option<String>, example = "15:00:00")]
    lead_clock: Option<NaiveTime>,
    /// The space is taken so much earlier.
    setup_minutes: i32,
    offered: bool,
    /// Grows with every change.
    version: i32,
}

impl ExtraJson {
    fn of(setup: Setup, location: &str) -> ExtraJson {
        let (lead_minutes, clock) = match setup.lead {
            Lead::Minutes(minutes) => (minutes, None),
            Lead::Clock { days, clock } => (0, Some((days, clock))),
        };
        ExtraJson {
            id: setup.slug,
            location: location.to_owned(),
            name: setup.name,
            description: setup.description,
            kinds: setup.kinds,
            unit: setup.unit.key(),
            cents: setup.price,
            stock: setup.stock,
            lead_minutes,
            lead_days: clock.map(|(days, _)| days),
            lead_clock: clock.map(|(_, clock)| clock),
            setup_minutes: setup.setup_minutes,
            offered: setup.offered,
            version: setup.version,
        }
    }
}

/// What goes with bookings at a location.
#[utoipa::path(get, path = "/locations/{slug}/extras", tag = "Locations",
    params(("slug" = String, Path)), responses((status = 200, body = ExtrasJson)))]
async fn offered(
    State(app): State<App>,
    _: Bearer,
    Path(location): Path<String>,
) -> Result<Json<ExtrasJson>> {
    let mut db = app.db.acquire().await?;
    let place = Location::find(&mut db, &location).await?;
    let place = place.ok_or(Error::NotFound)?;
    let extras = Setup::offered(&mut db, place.id).await?.into_iter();
    Ok(Json(ExtrasJson {
        extras: extras
            .map(|setup| ExtraJson::of(setup, &place.slug))
            .collect(),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
struct NewOrder {
    /// Everything that it is to have; what is left out is taken off.
    extras: Vec<PickJson>,
    /// The price afterwards as it was shown; another one is not charged.
    #[schema(value_type = Option<i64>)]
    total_cents: Option<Money>,
    /// Of the booking that was read.
    version: Option<i32>,
    /// For staff: why it is ordered or taken off too late.
    #[serde(default)]
    reason: String,
    /// For staff: the member hears of it by mail, two minutes later.
    #[serde(default)]
    tell: bool,
}

/// Order what goes with a booking.
///
/// In place of what it has; the difference is on its account. Each until it is to be ordered; staff with a `reason`
/// also later.
#[utoipa::path(put, path = "/bookings/{reference}/extras", tag = "Bookings", request_body = NewOrder,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn order(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<NewOrder>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    let (booking, is_theirs) = {
        let mut db = app.db.acquire().await?;
        let seen = Booking::seen_by(&mut db, me.member, me.staff.is_some(), &reference).await?;
        let booking = seen.ok_or(Error::NotFound)?;
        let is_theirs = booking.is_run_by(&mut db, me.member).await?;
        (booking, is_theirs)
    };
    let Json(new) = body.map_err(unreadable)?;
    let reason = form::optional_line(&new.reason, 300)
        .map_err(|sentence| Error::refused("bad-reason", sentence))?;
    let desk = AtTheDesk {
        reason,
        tell: new.tell,
    };
    let asked = changing::Asked {
        picks: picks(&new.extras)?,
        version: new.version,
        shown: new.total_cents,
        desk: (!is_theirs).then_some(desk),
    };
    let (by, id) = (me.member, booking.id);
    let done = transaction!(app.db, tx => changing::change(tx, by, id, &asked, now).await)?;
    let done = done.map_err(|refusal| match refusal {
        Change::Rule(rule) => rule.into(),
        Change::Stale => Error::conflict(refusal.kind(), refusal.to_string()),
        _ => Error::refused(refusal.kind(), refusal.to_string()),
    })?;
    Ok(Json(done.into()))
}

#[derive(Deserialize, ToSchema)]
struct NewExtra {
    name: String,
    #[serde(default)]
    description: String,
    /// The location's slug, which stays.
    #[serde(default)]
    location: String,
    kinds: Vec<Kind>,
    /// `booking`, `person` or `hour`, which stays.
    #[serde(default)]
    #[schema(example = "person")]
    unit: String,
    /// Of one unit, including VAT.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    cents: i64,
    stock: Option<i32>,
    lead_minutes: Option<i32>,
    lead_days: Option<i32>,
    /// `15:00`
    lead_clock: Option<String>,
    setup_minutes: Option<i32>,
    offered: bool,
    /// Of the one that was read; one that has changed since is refused.
    #[serde(default)]
    version: i32,
}

impl NewExtra {
    /// Checked as the page checks it; `was` is the one that is changed.
    fn read(self, was: Option<&Setup>, places: &[Location]) -> Result<Setup> {
        if !(0..=1_000_000_000).contains(&self.cents) {
            return Err(Error::refused("bad-price", "Send a price in cents."));
        }
        let number = |number: Option<i32>| number.map(|n| n.to_string()).unwrap_or_default();
        let yes = |is: bool| if is { "yes".to_owned() } else { String::new() };
        let typed = ExtraForm {
            version: self.version,
            hot_desk: yes(self.kinds.contains(&Kind::HotDesk)),
            meeting_room: yes(self.kinds.contains(&Kind::MeetingRoom)),
            office: yes(self.kinds.contains(&Kind::Office)),
            name: self.name,
            description: self.description,
            location: self.location,
            unit: self.unit,
            price: Money::cents(self.cents).decimal(),
            stock: number(self.stock),
            lead_minutes: number(self.lead_minutes.filter(|minutes| *minutes > 0)),
            lead_days: number(self.lead_days),
            lead_clock: self.lead_clock.unwrap_or_default(),
            setup_minutes: number(self.setup_minutes),
            offered: yes(self.offered),
        };
        typed.parse(was, places).map_err(|errors| {
            let first = errors.iter().next();
            let said = first.map(|(field, said)| format!("{field}: {said}"));
            Error::refused("bad-extra", said.unwrap_or_default())
        })
    }
}

async fn places(db: &mut Db, me: &ManagerBearer) -> Result<Vec<Location>> {
    let mut places = Location::all(db).await?;
    places.retain(|place| me.duties().can_manage(place.id));
    Ok(places)
}

async fn list(db: &mut Db, me: &ManagerBearer) -> Result<Json<ExtrasJson>> {
    let places = places(db, me).await?;
    let extras = Setup::all(db, me.duties()).await?.into_iter();
    let extras = extras.filter_map(|setup| {
        let mut places = places.iter();
        let place = places.find(|place| place.id == setup.location)?;
        Some(ExtraJson::of(setup, &place.slug))
    });
    Ok(Json(ExtrasJson {
        extras: extras.collect(),
    }))
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::NameTaken => Error::conflict("name-taken", refusal.to_string()),
        Refusal::Stale => Error::conflict(
            "stale",
            "Somebody changed this extra a moment ago. Read it again.",
        ),
    }
}

/// The extras that you set, also those that are not offered.
///
/// For managers of their locations, and owners.
#[utoipa::path(get, path = "/setup/extras", tag = "Setting up", responses((status = 200, body = ExtrasJson)))]
async fn index(State(app): State<App>, me: ManagerBearer) -> Result<Json<ExtrasJson>> {
    list(&mut *app.db.acquire().await?, &me).await
}

/// Offer a new extra.
///
/// For managers at their location, and owners anywhere.
#[utoipa::path(post, path = "/setup/extras", tag = "Setting up", request_body = NewExtra,
    responses((status = 200, body = ExtrasJson)))]
async fn create(
    State(app): State<App>,
    me: ManagerBearer,
    body: Result<Json<NewExtra>, JsonRejection>,
) -> Result<Json<ExtrasJson>> {
    let Json(new) = body.map_err(unreadable)?;
    let mut db = app.db.acquire().await?;
    let setup = new.read(None, &places(&mut db, &me).await?)?;
    let by = me.member;
    transaction!(app.db, tx => setup.create(tx, by).await)?.map_err(refused)?;
    list(&mut db, &me).await
}

/// Change an extra.
///
/// For managers of its location, and owners. What is ordered already keeps its price.
#[utoipa::path(put, path = "/setup/extras/{location}/{extra}", tag = "Setting up", request_body = NewExtra,
    params(("location" = String, Path), ("extra" = String, Path)), responses((status = 200, body = ExtrasJson)))]
async fn change(
    State(app): State<App>,
    me: ManagerBearer,
    Path((location, extra)): Path<(String, String)>,
    body: Result<Json<NewExtra>, JsonRejection>,
) -> Result<Json<ExtrasJson>> {
    let mut db = app.db.acquire().await?;
    let places = places(&mut db, &me).await?;
    let place = places.iter().find(|place| place.slug == location);
    let place = place.ok_or(Error::NotFound)?.id;
    let was = Setup::find(&mut db, me.duties(), place, &extra).await?;
    let Json(new) = body.map_err(unreadable)?;
    let setup = new.read(Some(&was), &places)?;
    let by = me.member;
    transaction!(app.db, tx => setup.change(tx, by, &was).await)?.map_err(refused)?;
    list(&mut db, &me).await
}
