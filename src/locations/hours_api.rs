//! When a location is open, for programs of those who manage it.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use axum_extra::extract::Query;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    facts::Facts,
    hours::{Hours, OnHolidays, Week},
    hours_admin::openings,
    location::Location,
    staffed::Staffed,
    timekeeping::{By, Exception, Refusal, Wanted, clocks},
};
use crate::{
    app::App,
    bookings::booking::Booking,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    sessions::current::ManagerBearer,
    time::parse_date,
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, change_week))
        .routes(routes!(change_date, usual))
        .routes(routes!(change_holidays))
}

const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Hours by weekday: `07:00-19:00`, or `07:00-12:00, 13:00-18:00`; a day that is left out is closed.
type Days7 = BTreeMap<String, String>;

fn said(week: &Week) -> Days7 {
    let days = DAYS.iter().zip(1..);
    days.filter_map(|(name, day)| Some(((*name).to_owned(), clocks(week.get(&day)?))))
        .collect()
}

fn read(days: &Days7) -> Result<Week> {
    let mut week = Week::new();
    for (name, text) in days {
        let day = DAYS.iter().zip(1..).find(|(known, _)| *known == name);
        let (_, day) =
            day.ok_or_else(|| Error::refused("bad-hours", "Send days as monday to sunday."))?;
        let hours = openings(text).map_err(|sentence| Error::refused("bad-hours", sentence))?;
        if !hours.is_empty() {
            week.insert(day, hours);
        }
    }
    Ok(week)
}

/// One opening, or closed where nothing stands.
fn one(text: Option<&str>) -> Result<Option<Hours>> {
    let hours = openings(text.unwrap_or_default());
    match hours.map_err(|sentence| Error::refused("bad-hours", sentence))?[..] {
        [] => Ok(None),
        [hours] => Ok(Some(hours)),
        _ => Err(Error::refused(
            "bad-hours",
            "Send one opening, such as 09:00-13:00.",
        )),
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = OpeningHours)]
struct HoursJson {
    /// By weekday, such as `07:00-19:00`; closed days are left out.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    access: Days7,
    /// When somebody is at the front desk.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    staffed: Days7,
    /// Weeks that begin later.
    coming: Vec<ComingJson>,
    /// Dates to come that differ.
    dates: Vec<DateJson>,
    /// `closed`, `reduced` or `normal`.
    holidays: &'static str,
    /// The shorter hours of public holidays.
    reduced: Option<String>,
    /// Grows with each change of the location and its hours.
    version: i32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ComingWeek)]
struct ComingJson {
    #[schema(value_type = String, example = "2026-12-01")]
    from: NaiveDate,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    access: Days7,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DateThatDiffers)]
struct DateJson {
    #[schema(value_type = String, example = "2026-12-24")]
    date: NaiveDate,
    /// Null where it is closed.
    hours: Option<String>,
    reason: String,
}

async fn managed(db: &mut Db, me: &ManagerBearer, slug: &str) -> Result<Location> {
    let place = Location::find(db, slug).await?.ok_or(Error::NotFound)?;
    me.managing(place.id)?;
    Ok(place)
}

async fn answer(db: &mut Db, slug: &str, now: DateTime<Utc>) -> Result<Json<HoursJson>> {
    let place = Location::find(&mut *db, slug).await?;
    let place = place.ok_or(Error::NotFound)?;
    let today = place.zone.date(now);
    let only = std::slice::from_ref(&place);
    let staffed = Staffed::of_all(&mut *db, only, today, today + Days::new(731)).await?;
    let staffed = staffed.get(&place.id).ok_or(Error::NotFound)?;
    let later = staffed.calendar.later.iter();
    let later = later.filter(|(from, _)| *from > today);
    let dates = Exception::of(&mut *db, place.id, today).await?;
    let (holidays, reduced) = match place.on_holidays {
        OnHolidays::Closed => ("closed", None),
        OnHolidays::Reduced(hours) => ("reduced", Some(clocks(&[hours]))),
        OnHolidays::Normal => ("normal", None),
    };
    Ok(Json(HoursJson {
        access: said(staffed.calendar.week_on(today)),
        staffed: said(staffed.week_on(today)),
        coming: later
            .map(|(from, week)| ComingJson {
                from: *from,
                access: said(week),
            })
            .collect(),
        dates: dates
            .into_iter()
            .map(|date| DateJson {
                date: date.on,
                hours: date.hours.map(|hours| clocks(&[hours])),
                reason: date.reason,
            })
            .collect(),
        holidays,
        reduced,
        version: Facts::load(db, place.id).await?.version,
    }))
}

/// When a location is open.
///
/// For its managers, and owners.
#[utoipa::path(get, path = "/locations/{slug}/hours", tag = "Setting up", params(("slug" = String, Path)),
    responses((status = 200, body = HoursJson)))]
async fn show(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path(slug): Path<String>,
) -> Result<Json<HoursJson>> {
    let mut db = app.db.acquire().await?;
    managed(&mut db, &me, &slug).await?;
    answer(&mut db, &slug, now).await
}

/// Which bookings a change leaves outside, as a program reads it.
fn references(bookings: &[Booking]) -> String {
    let references: Vec<&str> = bookings.iter().map(|one| one.reference.as_str()).collect();
    references.join(", ")
}

async fn write(
    app: &App,
    me: &ManagerBearer,
    place: &Location,
    wanted: Wanted,
    (version, seen): (i32, bool),
    now: DateTime<Utc>,
) -> Result<Json<HoursJson>> {
    let by = By {
        member: me.member,
        location: place,
        version,
        seen,
    };
    let done = transaction!(app.db, tx => by.change(tx, &wanted, now).await)?;
    done.map_err(|refusal| match refusal {
        Refusal::Stale => {
            Error::conflict("stale", "Somebody changed these hours a moment ago. Read them again.")
        }
        Refusal::Outside(bookings) => Error::refused(
            "bookings-outside",
            format!(
                "These bookings would lie outside: {}. They stay as they are: send seen once you know of them.",
                references(&bookings)
            ),
        ),
    })?;
    answer(&mut *app.db.acquire().await?, &place.slug, now).await
}

#[derive(Deserialize, ToSchema)]
struct NewWeek {
    /// Today or a day to come.
    #[schema(value_type = String, example = "2026-12-01")]
    from: NaiveDate,
    /// By weekday, such as `{"monday": "07:00-19:00"}`; a day that is left out is closed.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    access: Days7,
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, String>)]
    staffed: Days7,
    version: i32,
    /// The bookings that would lie outside are known.
    #[serde(default)]
    seen: bool,
}

/// Change the week, from a day on.
///
/// For the location's managers, and owners. Bookings that would lie outside are named first, and never touched.
#[utoipa::path(put, path = "/locations/{slug}/hours", tag = "Setting up", request_body = NewWeek,
    params(("slug" = String, Path)), responses((status = 200, body = HoursJson)))]
async fn change_week(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path(slug): Path<String>,
    body: Result<Json<NewWeek>, JsonRejection>,
) -> Result<Json<HoursJson>> {
    let place = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let Json(body) = body.map_err(unreadable)?;
    to_come(body.from, &place, now)?;
    let access = read(&body.access)?;
    if access.is_empty() {
        return Err(Error::refused(
            "bad-hours",
            "Say at least one day on which it is open.",
        ));
    }
    let wanted = Wanted::Week {
        from: body.from,
        access,
        staffed: read(&body.staffed)?,
    };
    write(&app, &me, &place, wanted, (body.version, body.seen), now).await
}

fn to_come(date: NaiveDate, place: &Location, now: DateTime<Utc>) -> Result<()> {
    if date < place.zone.date(now) {
        let sentence = "Choose today or a day to come: what has been stays as it was.";
        return Err(Error::refused("past", sentence));
    }
    Ok(())
}

#[derive(Deserialize, ToSchema)]
struct NewDate {
    /// Such as `09:00-13:00`; nothing closes it.
    hours: Option<String>,
    /// People read it.
    reason: String,
    version: i32,
    #[serde(default)]
    seen: bool,
}

/// Say what is different on a date.
///
/// For the location's managers, and owners.
#[utoipa::path(put, path = "/locations/{slug}/hours/{date}", tag = "Setting up", request_body = NewDate,
    params(("slug" = String, Path), ("date" = String, Path)), responses((status = 200, body = HoursJson)))]
async fn change_date(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path((slug, date)): Path<(String, String)>,
    body: Result<Json<NewDate>, JsonRejection>,
) -> Result<Json<HoursJson>> {
    let place = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let on = parse_date(&date).ok_or(Error::NotFound)?;
    let Json(body) = body.map_err(unreadable)?;
    to_come(on, &place, now)?;
    let reason = form::required_line(&body.reason, 80, "Say why: people read it.");
    let wanted = Wanted::Date {
        on,
        hours: one(body.hours.as_deref())?,
        reason: reason.map_err(|sentence| Error::refused("bad-reason", sentence))?,
    };
    write(&app, &me, &place, wanted, (body.version, body.seen), now).await
}

#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Seen {
    version: i32,
    /// The bookings that would lie outside are known.
    #[param(required = false)]
    seen: bool,
}

/// A date is again as its weekday.
///
/// For the location's managers, and owners.
#[utoipa::path(delete, path = "/locations/{slug}/hours/{date}", tag = "Setting up",
    params(("slug" = String, Path), ("date" = String, Path), Seen), responses((status = 200, body = HoursJson)))]
async fn usual(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path((slug, date)): Path<(String, String)>,
    Query(asked): Query<Seen>,
) -> Result<Json<HoursJson>> {
    let place = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let on = parse_date(&date).ok_or(Error::NotFound)?;
    let wanted = Wanted::Usual { on };
    write(&app, &me, &place, wanted, (asked.version, asked.seen), now).await
}

#[derive(Deserialize, ToSchema)]
struct NewHolidays {
    /// `closed`, `reduced` or `normal`.
    #[schema(example = "closed")]
    holidays: String,
    /// The shorter hours, such as `09:00-13:00`.
    reduced: Option<String>,
    version: i32,
    #[serde(default)]
    seen: bool,
}

/// Say what public holidays mean.
///
/// For the location's managers, and owners.
#[utoipa::path(put, path = "/locations/{slug}/holidays", tag = "Setting up", request_body = NewHolidays,
    params(("slug" = String, Path)), responses((status = 200, body = HoursJson)))]
async fn change_holidays(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path(slug): Path<String>,
    body: Result<Json<NewHolidays>, JsonRejection>,
) -> Result<Json<HoursJson>> {
    let place = managed(&mut *app.db.acquire().await?, &me, &slug).await?;
    let Json(body) = body.map_err(unreadable)?;
    let wanted = match (body.holidays.as_str(), one(body.reduced.as_deref())?) {
        ("closed", _) => OnHolidays::Closed,
        ("normal", _) => OnHolidays::Normal,
        ("reduced", Some(hours)) => OnHolidays::Reduced(hours),
        _ => {
            let sentence = "Send closed, normal, or reduced with its hours.";
            return Err(Error::refused("bad-holidays", sentence));
        }
    };
    let seen = (body.version, body.seen);
    write(&app, &me, &place, Wanted::Holidays(wanted), seen, now).await
}
