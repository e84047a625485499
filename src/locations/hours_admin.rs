//! When a location is open: its week from a date on, dates that differ, and public holidays.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    facts::Facts,
    hours::{Calendar, Hours, OnHolidays, Week},
    location::Location,
    staffed::Staffed,
    timekeeping::{By, Exception, Refusal, Wanted, clocks},
};
use crate::{
    app::App,
    bookings::booking::Booking,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Staff,
    time::{long_date, parse_clock, parse_date},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/locations/{slug}/hours", get(show).post(change))
        .route("/admin/locations/{slug}/hours/{date}/usual", post(usual))
}

pub(super) const DAYS: [(u32, &str, &str, &str); 7] = [
    (1, "Monday", "access_1", "staffed_1"),
    (2, "Tuesday", "access_2", "staffed_2"),
    (3, "Wednesday", "access_3", "staffed_3"),
    (4, "Thursday", "access_4", "staffed_4"),
    (5, "Friday", "access_5", "staffed_5"),
    (6, "Saturday", "access_6", "staffed_6"),
    (7, "Sunday", "access_7", "staffed_7"),
];

/// Any of the page's three forms, as typed; `what` says which.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    what: String,
    version: String,
    seen: String,
    from: String,
    on: String,
    hours: String,
    reason: String,
    holidays: String,
    reduced: String,
    #[serde(flatten)]
    days: BTreeMap<String, String>,
}

impl Typed {
    fn version(&self) -> i32 {
        self.version.parse().unwrap_or(0)
    }

    fn day(&self, field: &str) -> &str {
        self.days.get(field).map_or("", String::as_str)
    }

    fn parse(&self, today: NaiveDate) -> Result<Wanted, Errors> {
        let mut errors = Errors::default();
        let wanted = match self.what.as_str() {
            "week" => self.week(today, &mut errors),
            "date" => self.date(today, &mut errors),
            _ => self.holidays(&mut errors),
        };
        match wanted {
            Some(wanted) if errors.is_empty() => Ok(wanted),
            _ => Err(errors),
        }
    }

    fn week(&self, today: NaiveDate, errors: &mut Errors) -> Option<Wanted> {
        let from = match parse_date(&self.from) {
            Some(from) if from >= today => Ok(from),
            _ => Err("Choose today or a day to come: what has been stays as it was.".to_owned()),
        };
        let from = errors.take("from", from);
        let (mut access, mut staffed) = (Week::new(), Week::new());
        for (day, _, open, there) in DAYS {
            for (field, week) in [(open, &mut access), (there, &mut staffed)] {
                let hours = errors.take(field, openings(self.day(field)));
                if let Some(hours) = hours.filter(|hours| !hours.is_empty()) {
                    week.insert(day, hours);
                }
            }
        }
        if access.is_empty() && errors.is_empty() {
            errors.add("access_1", "Say at least one day on which it is open.");
        }
        Some(Wanted::Week {
            from: from?,
            access,
            staffed,
        })
    }

    fn date(&self, today: NaiveDate, errors: &mut Errors) -> Option<Wanted> {
        let on = match parse_date(&self.on) {
            Some(on) if on >= today => Ok(on),
            _ => Err("Choose today or a day to come.".to_owned()),
        };
        let hours = match openings(&self.hours).as_deref() {
            Ok([]) => Ok(None),
            Ok([one]) => Ok(Some(*one)),
            Ok(_) => Err("A single date has one opening, such as 09:00-13:00.".to_owned()),
            Err(sentence) => Err(sentence.clone()),
        };
        let missing = "Say why: people read it.";
        let (on, hours, reason) = (
            errors.take("on", on),
            errors.take("hours", hours),
            errors.take("reason", form::required_line(&self.reason, 80, missing)),
        );
        Some(Wanted::Date {
            on: on?,
            hours: hours?,
            reason: reason?,
        })
    }

    fn holidays(&self, errors: &mut Errors) -> Option<Wanted> {
        Some(Wanted::Holidays(match self.holidays.as_str() {
            "normal" => OnHolidays::Normal,
            "closed" => OnHolidays::Closed,
            "reduced" => match openings(&self.reduced).as_deref() {
                Ok([hours]) => OnHolidays::Reduced(*hours),
                _ => {
                    errors.add("reduced", "Enter the shorter hours, such as 09:00-13:00.");
                    return None;
                }
            },
            _ => {
                errors.add("holidays", "Choose what a public holiday means here.");
                return None;
            }
        }))
    }
}

/// `07:00-12:00, 13:00-18:00`; nothing is closed. In order and without overlap.
pub(super) fn openings(text: &str) -> Result<Vec<Hours>, String> {
    let wrong = || "Enter hours like 07:00-19:00, or nothing where it is closed.".to_owned();
    let text = text
        .replace('–', "-")
        .replace(" and ", ",")
        .replace(" to ", "-");
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut openings: Vec<Hours> = Vec::new();
    for part in parts {
        let (opens, closes) = part.split_once('-').ok_or_else(wrong)?;
        let opens = parse_clock(opens).ok_or_else(wrong)?;
        let closes = match closes.trim() {
            "24:00" => parse_clock("00:00"),
            closes => parse_clock(closes),
        };
        let closes = closes.ok_or_else(wrong)?;
        if openings
            .last()
            .is_some_and(|before| before.closes <= before.opens || opens < before.closes)
        {
            return Err("Write the openings of a day one after the other.".into());
        }
        openings.push(Hours { opens, closes });
    }
    Ok(openings)
}

#[derive(Template)]
#[template(path = "locations/admin/hours.html")]
struct HoursPage {
    chrome: Chrome,
    errors: Errors,
    place: Location,
    typed: Typed,
    exceptions: Vec<Exception>,
    /// Weeks that begin later.
    coming: Vec<(NaiveDate, Vec<(&'static str, String)>)>,
    /// Bookings that would lie outside what was just asked for.
    outside: Vec<Booking>,
    today: NaiveDate,
    now: DateTime<Utc>,
}

impl HoursPage {
    fn url(&self) -> String {
        format!("/admin/locations/{}/hours", self.place.slug)
    }

    fn on(&self, date: &NaiveDate) -> String {
        long_date(*date, self.today)
    }

    fn hours(&self, exception: &Exception) -> String {
        let hours = exception
            .hours
            .map(|hours| clocks(&[hours]).replace('-', "–"));
        hours.unwrap_or("Closed".into())
    }

    fn asks(&self, what: &str) -> bool {
        self.typed.what == *what && !self.outside.is_empty()
    }
}

/// As the forms stand before anybody types.
fn as_it_is(place: &Location, calendar: &Calendar, staffed: &Staffed, today: NaiveDate) -> Typed {
    let mut days = BTreeMap::new();
    for (day, _, open, there) in DAYS {
        let of = |week: &Week| {
            week.get(&day)
                .map(|hours| clocks(hours))
                .unwrap_or_default()
        };
        days.insert(open.to_owned(), of(calendar.week_on(today)));
        days.insert(there.to_owned(), of(staffed.week_on(today)));
    }
    let (holidays, reduced) = match place.on_holidays {
        OnHolidays::Closed => ("closed", String::new()),
        OnHolidays::Reduced(hours) => ("reduced", clocks(&[hours])),
        OnHolidays::Normal => ("normal", String::new()),
    };
    Typed {
        from: today.to_string(),
        holidays: holidays.into(),
        reduced,
        days,
        ..Typed::default()
    }
}

async fn managed(app: &App, me: &Staff, slug: &str) -> Result<Location> {
    let place = Location::find(&mut *app.db.acquire().await?, slug).await?;
    let place = place.ok_or(Error::NotFound)?;
    me.managing(place.id)?;
    Ok(place)
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let place = managed(&app, &me, &slug).await?;
    html::page(
        &page(
            &app,
            chrome,
            place,
            None,
            Errors::default(),
            Vec::new(),
            now,
        )
        .await?,
    )
}

async fn page(
    app: &App,
    chrome: Chrome,
    place: Location,
    typed: Option<Typed>,
    errors: Errors,
    outside: Vec<Booking>,
    now: DateTime<Utc>,
) -> Result<HoursPage> {
    let mut db = app.db.acquire().await?;
    let today = place.zone.date(now);
    let only = std::slice::from_ref(&place);
    let staffed = Staffed::of_all(&mut db, only, today, today + Days::new(731)).await?;
    let staffed = staffed.get(&place.id).ok_or(Error::NotFound)?;
    let is = as_it_is(&place, &staffed.calendar, staffed, today);
    let coming = staffed
        .calendar
        .later
        .iter()
        .filter(|(from, _)| *from > today);
    let coming = coming.map(|(from, week)| {
        let days = DAYS.iter().filter_map(|(day, name, ..)| {
            let hours = week.get(day)?;
            Some((*name, clocks(hours).replace('-', "–")))
        });
        (*from, days.collect())
    });
    let version = Facts::load(&mut db, place.id).await?.version;
    let typed = match typed {
        // The other forms of the page stand as things are.
        Some(mut typed) => {
            match typed.what.as_str() {
                "week" => (typed.holidays, typed.reduced) = (is.holidays, is.reduced),
                "date" => {
                    (typed.holidays, typed.reduced) = (is.holidays, is.reduced);
                    (typed.from, typed.days) = (is.from, is.days);
                }
                _ => (typed.from, typed.days) = (is.from, is.days),
            }
            typed
        }
        None => is,
    };
    Ok(HoursPage {
        chrome,
        errors,
        typed: Typed {
            version: version.to_string(),
            ..typed
        },
        exceptions: Exception::of(&mut db, place.id, today).await?,
        coming: coming.collect(),
        outside,
        place,
        today,
        now,
    })
}

async fn change(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let place = managed(&app, &me, &slug).await?;
    let (errors, outside) = match typed.parse(place.zone.date(now)) {
        Err(errors) => (errors, Vec::new()),
        Ok(wanted) => {
            let by = By {
                member: me.member,
                location: &place,
                version: typed.version(),
                seen: typed.seen == "yes",
            };
            match transaction!(app.db, tx => by.change(tx, &wanted, now).await)? {
                Ok(()) => return Ok(done(jar, &slug)),
                Err(refusal) => said(refusal, &typed),
            }
        }
    };
    let page = page(
        &app,
        chrome.refused(),
        place,
        Some(typed),
        errors,
        outside,
        now,
    )
    .await?;
    html::refused(&page)
}

/// What a refusal says, beside the form it answers.
fn said(refusal: Refusal, typed: &Typed) -> (Errors, Vec<Booking>) {
    let field = match typed.what.as_str() {
        "week" => "from",
        "date" => "on",
        _ => "holidays",
    };
    match refusal {
        Refusal::Stale => {
            let sentence = "Somebody changed these hours a moment ago. What you typed is still here: look it over \
                            and save again.";
            ((field, sentence.to_owned()).into(), Vec::new())
        }
        Refusal::Outside(bookings) => {
            let sentence = match bookings.len() {
                1 => "One booking would lie outside these hours. Look at it below, then say so."
                    .to_owned(),
                count => format!(
                    "{count} bookings would lie outside these hours. Look at them below, then say so."
                ),
            };
            ((field, sentence).into(), bookings)
        }
    }
}

async fn usual(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path((slug, date)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let place = managed(&app, &me, &slug).await?;
    let on = parse_date(&date).ok_or(Error::NotFound)?;
    let by = By {
        member: me.member,
        location: &place,
        version: typed.version(),
        seen: typed.seen == "yes",
    };
    let wanted = Wanted::Usual { on };
    match transaction!(app.db, tx => by.change(tx, &wanted, now).await)? {
        Ok(()) => Ok(done(jar, &slug)),
        Err(refusal) => {
            let (errors, outside) = said(refusal, &typed);
            html::refused(&page(&app, chrome.refused(), place, None, errors, outside, now).await?)
        }
    }
}

fn done(jar: CookieJar, slug: &str) -> Response {
    let flash = Flash::done("The hours are saved.").cookie();
    let back = html::see_other(&format!("/admin/locations/{slug}/hours"));
    (jar.add(flash), back).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_as_people_type_them() {
        let read = |text: &str| openings(text).map(|hours| clocks(&hours));
        assert_eq!(read("07:00-19:00").unwrap(), "07:00-19:00");
        assert_eq!(
            read(" 7:00 – 12:00 and 13:00 to 18:00").unwrap(),
            "07:00-12:00, 13:00-18:00"
        );
        assert_eq!(read("18:00-02:00").unwrap(), "18:00-02:00");
        assert_eq!(read("00:00-24:00").unwrap(), "00:00-00:00");
        assert_eq!(read("").unwrap(), "");
        for wrong in [
            "all day",
            "07:00",
            "25:00-26:00",
            "13:00-18:00, 07:00-12:00",
            "18:00-02:00, 03:00-04:00",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
