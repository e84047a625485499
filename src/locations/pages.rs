//! The page of a location: when it is open, how to get there, and what it has today.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::Value;

use super::{
    arrival::Arrival,
    described::local_business,
    guide::Guide,
    hours::Calendar,
    interest_pages::InterestForm,
    location::{Location, Status},
    sketch::What,
    timetable::{Standing, Unusual},
};
use crate::{
    app::App,
    billing::lowest::Lowest,
    bookings::{
        booking::Booking,
        closure::Notice,
        now::FreeNow,
        sheet::{Asker, Sheet},
        strip::{Strip, strip},
        term::{Term, Wish},
        wish::Typed,
    },
    error::{Error, Result},
    extract::Now,
    form::Errors,
    found::{Found, breadcrumbs},
    html::{self, Chrome},
    sessions::current::Current,
    spaces::{
        amenity::amenity,
        board::{Board, Look},
        floor::Floor,
        photo::{Of, Photo},
        space::{Kind, Space, Which},
    },
    time::{Span, long_date},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .merge(super::interest_pages::routes())
        .merge(super::offices::routes())
        .route("/locations/{slug}", get(show))
}

/// How far ahead the page tells of holidays and other hours.
const AHEAD: Days = Days::new(60);
/// More spaces of a kind than this fold away.
const AT_ONCE: usize = 12;

#[derive(Template)]
#[template(path = "locations/show.html")]
pub(super) struct ShowPage {
    chrome: Chrome,
    place: Location,
    arrival: Arrival,
    /// Writes to the front desk.
    chat: Option<String>,
    guide: Guide,
    interest: InterestForm,
    errors: Errors,
    is_open_for_business: bool,
    is_open_now: bool,
    /// `Open now until 19:00`
    standing: String,
    week: Vec<(String, String)>,
    unusual: Vec<Unusual>,
    today: NaiveDate,
    /// `Today`, or the day that the bars are about.
    day: String,
    groups: Vec<Group>,
    /// The floor plan at the next hour that can be booked.
    board: Option<Board>,
    /// That hour in words.
    hour: String,
    photos: Vec<Photo>,
    notices: Vec<Notice>,
}

/// The spaces of a kind.
struct Group {
    kind: Kind,
    price: String,
    /// `14 of 24 are free now`
    free: String,
    /// Of hot desks: any of them, and how many are free hour by hour.
    any_desk: Option<AnyDesk>,
    rows: Vec<Row>,
}

struct AnyDesk {
    url: String,
    hours: Vec<Hour>,
}

struct Hour {
    clock: String,
    free: usize,
    /// Of all desks.
    tenths: usize,
    /// `None` when it is over, or nothing is free.
    url: Option<String>,
}

struct Row {
    name: String,
    url: String,
    facts: String,
    price: String,
    strip: Option<Strip>,
}

impl Group {
    /// Whose clock times stand over the bars.
    fn scale(&self) -> Option<&Strip> {
        self.rows.first()?.strip.as_ref()
    }
}

impl ShowPage {
    fn amenities(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.place.amenities.iter().filter_map(|key| amenity(key))
    }

    /// What carries the house when something fails.
    fn carrying(&self) -> impl Iterator<Item = (&'static str, &'static str, &str)> {
        let guide = &self.guide;
        said([
            ("Power", "zap", &guide.power),
            ("Fibre", "wifi", &guide.fibre),
            ("Water", "droplets", &guide.water),
        ])
    }

    fn on(&self, unusual: &Unusual) -> String {
        long_date(unusual.date, self.today)
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ShowQuery {
    /// The level of the floor to show.
    floor: String,
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    me: Option<Current>,
    Path(slug): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let place = Location::find(&mut db, &slug).await?;
    let place = place.ok_or(Error::NotFound)?;
    let nothing = (InterestForm::default(), Errors::default());
    let floor = query.floor.parse().ok();
    html::page(&page(&mut db, chrome, me, place, floor, nothing, now).await?)
}

/// The page of a location, with what was typed into its form.
pub(super) async fn page(
    db: &mut Db,
    chrome: Chrome,
    me: Option<Current>,
    place: Location,
    floor: Option<i32>,
    (interest, errors): (InterestForm, Errors),
    now: DateTime<Utc>,
) -> Result<ShowPage> {
    let today = place.zone.date(now);
    let only = std::slice::from_ref(&place);
    let calendar = Calendar::of_all(&mut *db, only, today, today + AHEAD).await?;
    let calendar = calendar.into_values().next().ok_or(Error::NotFound)?;
    let date = calendar.next_day(now).unwrap_or(today);
    let which = Which {
        location: Some(place.id),
        ..Which::default()
    };
    let asker = me.as_ref().map(|me| Asker::member(me.member));
    let sheet = Sheet::load(
        &mut *db,
        which,
        (date, date),
        &asker.unwrap_or_default(),
        now,
    )
    .await?;
    let own = match &me {
        Some(me) => Booking::upcoming(&mut *db, me.member, now).await?,
        None => Vec::new(),
    };
    let hour = calendar.next_hour(now).map(Term::Time);
    let board = match hour {
        Some(term) => {
            let look = Look {
                sheet: &sheet,
                wish: Wish::new(term, 1),
                typed: &Typed::default(),
                zone: place.zone,
                own: &own,
            };
            let floors = Floor::of(&mut *db, place.id).await?;
            let to_floor = |level: i32| format!("/locations/{}?floor={level}#plan", place.slug);
            look.board(&floors, floor, to_floor)
        }
        None => None,
    };
    let is_open_for_business = place.status == Status::Open;
    let arrival = Arrival::of(&place);
    let guide = Guide::of(db, place.id).await?;
    let prices = Lowest::at(place.id, &sheet.spaces, sheet.prices(), date);
    let data = local_business(
        &place,
        &guide,
        (&calendar, today),
        &prices,
        &chrome.site,
        chrome.sample,
    );
    Ok(ShowPage {
        photos: Photo::of(&mut *db, Of::Location(place.id)).await?,
        notices: Notice::of(&mut *db, Some(place.id), None, now).await?,
        chrome: found(chrome, &place, data),
        chat: arrival.whatsapp("Hello, "),
        arrival,
        guide,
        interest,
        errors,
        is_open_for_business,
        is_open_now: is_open_for_business && calendar.opening_at(now).is_some(),
        standing: standing(&calendar, now),
        week: calendar.week(today),
        unusual: calendar.unusual(today, today + AHEAD),
        today,
        day: if date == today {
            "Today".to_owned()
        } else {
            long_date(date, today)
        },
        groups: Kind::ALL
            .into_iter()
            .filter_map(|kind| group(&sheet, &place, kind, date))
            .collect(),
        board: board.filter(|board| !board.groups.is_empty()),
        hour: hour.map_or_else(String::new, |term| term.words(place.zone, today)),
        place,
    })
}

fn found(chrome: Chrome, place: &Location, data: Value) -> Chrome {
    let path = format!("/locations/{}", place.slug);
    let way = breadcrumbs(&[
        ("Connect Space", chrome.whole("/")),
        (&place.name, chrome.whole(&path)),
    ]);
    let found = Found {
        title: format!(
            "{}: desks, meeting rooms and offices · Connect Space",
            place.name
        ),
        description: format!(
            "{} Hours, directions, prices, and what is free.",
            place.summary
        ),
        picture: format!("/pictures/location/{}.png", place.slug),
        kind: "website",
        path,
        data: Vec::new(),
    };
    chrome.found(found.with(data).with(way))
}

fn said<'a, const N: usize>(
    texts: [(&'static str, &'static str, &'a String); N],
) -> impl Iterator<Item = (&'static str, &'static str, &'a str)> {
    let texts = texts.into_iter().filter(|(.., text)| !text.is_empty());
    texts.map(|(title, icon, text)| (title, icon, text.as_str()))
}

fn standing(calendar: &Calendar, now: DateTime<Utc>) -> String {
    match calendar.standing(now) {
        Standing::Open { until } => format!("Open now until {}", calendar.moment(until, now)),
        Standing::Closed { opens: Some(opens) } => {
            format!("Closed now, opens {}", calendar.moment(opens, now))
        }
        Standing::Closed { opens: None } => "Closed".to_owned(),
    }
}

fn group(sheet: &Sheet, place: &Location, kind: Kind, date: NaiveDate) -> Option<Group> {
    let spaces: Vec<&Space> = sheet
        .spaces
        .iter()
        .filter(|space| space.kind == kind)
        .collect();
    if spaces.is_empty() {
        return None;
    }
    let prices = Lowest::at(place.id, &sheet.spaces, sheet.prices(), date);
    let on_day = Typed {
        date: date.to_string(),
        ..Typed::default()
    };
    Some(Group {
        kind,
        price: price(kind, &prices),
        free: free(sheet.free_now(place.id, kind), spaces.len()),
        any_desk: (kind == Kind::HotDesk).then(|| any_desk(sheet, place, date, &on_day)),
        rows: spaces
            .into_iter()
            .map(|space| row(sheet, space, date, &on_day))
            .collect(),
    })
}

fn any_desk(sheet: &Sheet, place: &Location, date: NaiveDate, on_day: &Typed) -> AnyDesk {
    let address = format!("/locations/{}/any-desk", place.slug);
    let all = sheet
        .spaces
        .iter()
        .filter(|space| space.kind == Kind::HotDesk)
        .count();
    let hours = sheet
        .free_each_hour(place.id, Kind::HotDesk, date)
        .into_iter();
    let hour = |(span, free): (Span, usize)| {
        let query = on_day.with_term(Term::Time(span), place.zone).query();
        Hour {
            clock: place.zone.clock(span.from),
            free,
            tenths: (free * 10).div_ceil(all.max(1)),
            url: (free > 0).then(|| format!("{address}?{query}")),
        }
    };
    AnyDesk {
        hours: hours.map(hour).collect(),
        url: format!("{address}?{}", on_day.query()),
    }
}

fn price(kind: Kind, lowest: &Lowest) -> String {
    let per = |price: Option<_>, unit| price.map(|price| format!("{price} / {unit}"));
    let prices = match kind {
        Kind::HotDesk => [per(lowest.desk_hour, "hour"), per(lowest.desk_day, "day")],
        Kind::MeetingRoom => [per(lowest.room_hour, "hour"), None],
        Kind::Office => [per(lowest.office_day, "day"), None],
    };
    let prices: Vec<String> = prices.into_iter().flatten().collect();
    if prices.is_empty() {
        String::new()
    } else {
        format!("From {}", prices.join(" or "))
    }
}

fn free(now: Option<FreeNow<'_>>, all: usize) -> String {
    now.map_or_else(String::new, |free| {
        format!("{} of {all} free now", free.spaces.len())
    })
}

fn row(sheet: &Sheet, space: &Space, date: NaiveDate, on_day: &Typed) -> Row {
    let seats = if space.seats == 1 {
        "1 seat".to_owned()
    } else {
        format!("{} seats", space.seats)
    };
    let rates = sheet.prices().of(space, date);
    let price = match space.kind {
        Kind::Office => rates.day.map(|day| format!("{day} / day")),
        Kind::HotDesk | Kind::MeetingRoom => rates.hour.map(|hour| format!("{hour} / hour")),
    };
    Row {
        price: price.unwrap_or_default(),
        name: space.name.clone(),
        url: format!("/spaces/{}?{}", space.slug, on_day.query()),
        facts: format!("{seats}, {}", space.floor_name),
        strip: strip(sheet, space, date, None),
    }
}
