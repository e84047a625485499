//! Spaces, what is free, and quotes, for programs.

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::space::{Kind, Space, Which};
use crate::{
    app::App,
    billing::quote::{Line, Quote},
    bookings::{
        sheet::{Asker, Sheet},
        term::Wish,
        wish,
    },
    error::{Error, Result},
    extract::Now,
    id::Id,
    locations::location::Location,
    money::Money,
    sessions::current::Bearer,
    time::Zone,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/spaces", get(index))
        .route("/availability", get(availability))
        .route("/quote", get(quote))
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Filter {
    space: String,
    location: String,
    kind: String,
    from: String,
    until: String,
    people: String,
}

impl Filter {
    fn kind(&self) -> Result<Option<Kind>> {
        match self.kind.as_str() {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|sentence: String| Error::refused("no-such-kind", sentence)),
        }
    }

    async fn location(&self, db: &mut Db) -> Result<Option<Location>> {
        match self.location.as_str() {
            "" => Ok(None),
            slug => {
                let known = Location::find(db, slug).await?;
                known
                    .map(Some)
                    .ok_or_else(|| Error::refused("no-such-location", "There is no such location."))
            }
        }
    }

    fn people(&self) -> Result<i32> {
        let sentence = "Say how many people are coming: 1 or more.";
        match self.people.as_str() {
            "" => Ok(1),
            text => match text.parse() {
                Ok(people) if people >= 1 => Ok(people),
                _ => Err(Error::refused("no-people", sentence)),
            },
        }
    }

    fn wish(&self, zone: Zone) -> Result<Wish> {
        let term = wish::term(&self.from, &self.until, zone)
            .map_err(|(kind, sentence)| Error::refused(bad_field(kind), sentence))?;
        let people = self.people()?;
        Ok(Wish { term, people })
    }
}

/// A field that cannot be read is a bad request by its name; a rule keeps its own.
fn bad_field(kind: &'static str) -> &'static str {
    match kind {
        "from" => "bad-from",
        "until" => "bad-until",
        rule => rule,
    }
}

#[derive(Serialize)]
struct SpaceJson<'a> {
    slug: &'a str,
    name: &'a str,
    kind: &'static str,
    location: &'a str,
    floor: &'a str,
    seats: i32,
    amenities: &'a [String],
}

impl<'a> SpaceJson<'a> {
    fn new(space: &'a Space, locations: &'a [Location]) -> Self {
        let slug = |id: Id<Location>| {
            locations
                .iter()
                .find(|location| location.id == id)
                .map_or("", |location| &location.slug)
        };
        Self {
            slug: &space.slug,
            name: &space.name,
            kind: space.kind.key(),
            location: slug(space.location),
            floor: &space.floor_name,
            seats: space.seats,
            amenities: &space.amenities,
        }
    }
}

async fn index(
    State(app): State<App>,
    _: Bearer,
    Query(filter): Query<Filter>,
) -> Result<Json<Value>> {
    let mut db = app.db.acquire().await?;
    let (kind, here) = (filter.kind()?, filter.location(&mut db).await?);
    let which = Which {
        location: here.map(|location| location.id),
        kind,
        people: filter.people()?,
        ..Which::default()
    };
    let spaces = Space::list(&mut db, which).await?;
    let locations = Location::all(&mut db).await?;
    let spaces: Vec<_> = spaces
        .iter()
        .map(|space| SpaceJson::new(space, &locations))
        .collect();
    Ok(Json(json!({ "spaces": spaces })))
}

#[derive(Serialize)]
struct AvailableJson {
    slug: String,
    name: String,
    kind: &'static str,
    location: String,
    seats: i32,
    free: bool,
    /// Also for a time that is taken; null where a rule forbids the time itself.
    total_cents: Option<Money>,
    /// Why it is not free.
    reason: Option<String>,
}

async fn availability(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Query(filter): Query<Filter>,
) -> Result<Json<Value>> {
    let mut db = app.db.acquire().await?;
    let (kind, here) = (filter.kind()?, filter.location(&mut db).await?);
    let zone = match &here {
        Some(location) => location.zone,
        None => Location::all(&mut db)
            .await?
            .first()
            .map(|location| location.zone)
            .ok_or(Error::NotFound)?,
    };
    let wish = filter.wish(zone)?;
    let which = Which {
        location: here.map(|location| location.id),
        kind,
        people: wish.people,
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
    let spaces: Vec<AvailableJson> = sheet
        .spaces
        .iter()
        .map(|space| available(&sheet, space, &filter))
        .collect::<Result<_>>()?;
    Ok(Json(json!({ "spaces": spaces })))
}

/// A time without an offset is one on the space's own wall clock.
fn available(sheet: &Sheet, space: &Space, filter: &Filter) -> Result<AvailableJson> {
    let wish = filter.wish(sheet.zone(space))?;
    let checked = sheet.check(space, &wish);
    let total = match &checked {
        Ok(offer) => Some(offer.quote.total),
        Err(_) => sheet.price(space, &wish.term).ok().map(|quote| quote.total),
    };
    Ok(AvailableJson {
        slug: space.slug.clone(),
        name: space.name.clone(),
        kind: space.kind.key(),
        location: sheet.location(space).slug.clone(),
        seats: space.seats,
        free: checked.is_ok(),
        total_cents: total,
        reason: checked.err().map(|refusal| refusal.to_string()),
    })
}

#[derive(Serialize)]
struct QuoteJson {
    space: String,
    free: bool,
    total_cents: Money,
    vat_cents: Money,
    currency: &'static str,
    price: Vec<Line>,
    reason: Option<String>,
}

/// The price of a time that the rules allow, free or taken.
async fn quote(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Query(filter): Query<Filter>,
) -> Result<Json<QuoteJson>> {
    let mut db = app.db.acquire().await?;
    let space = Space::find(&mut db, &filter.space)
        .await?
        .ok_or(Error::NotFound)?;
    let zone = Location::by_id(&mut db, space.location)
        .await?
        .ok_or(Error::NotFound)?
        .zone;
    let wish = filter.wish(zone)?;
    let which = Which {
        id: Some(space.id),
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
        Ok(offer) => (true, offer.quote),
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
        ..
    } = quote;
    Ok(Json(QuoteJson {
        space: space.slug,
        free,
        total_cents: total,
        vat_cents: vat,
        currency: "ZAR",
        price: lines,
        reason,
    }))
}
