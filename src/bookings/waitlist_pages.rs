//! Standing in the line for a room or an office, and leaving it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    order::Wanted,
    term::{By, Unit},
    waitlist::{self, Asked, Entry, Refusal, Shape, Wished},
    wish::Typed,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Current,
    spaces::space::{Kind, Space},
    time::{Zone, length, parse_date},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/waitlist", post(join))
        .route("/waitlist/new", get(new))
        .route("/waitlist/{reference}/departure", post(leave))
}

/// `space`, or `location` and `kind` for any there; a certain time, or so long within some days.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct WaitForm {
    space: String,
    /// `within`, or nothing for the time itself.
    how: String,
    first_day: String,
    last_day: String,
    /// In minutes, by time; how many days, weeks or months else.
    length: String,
    #[serde(flatten)]
    typed: Typed,
}

impl WaitForm {
    fn wanted(&self) -> Wanted {
        match self.typed.kind() {
            Some(kind) if self.space.is_empty() => Wanted::Any {
                location: self.typed.location.clone(),
                kind,
            },
            _ => Wanted::Space(self.space.clone()),
        }
    }

    fn asked(&self, zone: Zone) -> Result<Asked, Errors> {
        let mut errors = Errors::default();
        let people = errors.take("people", self.typed.people());
        let wished = match self.how.as_str() {
            "within" => self.within(&mut errors),
            _ => match self.typed.wish(zone) {
                Ok(wish) => Some(Wished::exactly(wish.term, zone)),
                Err(wrong) => {
                    errors.extend(wrong);
                    None
                }
            },
        };
        match (people, wished) {
            (Some(people), Some(wished)) if errors.is_empty() => Ok(Asked {
                wanted: self.wanted(),
                people,
                wished,
            }),
            _ => Err(errors),
        }
    }

    fn within(&self, errors: &mut Errors) -> Option<Wished> {
        let date = |text: &str| {
            parse_date(text).ok_or_else(|| "Choose a date, like 2026-11-24.".to_owned())
        };
        let first = errors.take("first_day", date(&self.first_day));
        let last = errors.take("last_day", date(&self.last_day));
        let most = match self.typed.by() {
            By::Time => 1440,
            By::Day => 62,
            By::Let(unit) => i64::from(unit.most()),
        };
        let long = self.length.trim().parse().ok();
        let long = long.filter(|long| (1..=most).contains(long));
        let long = errors.take("length", long.ok_or("Choose how long.".to_owned()));
        let (first, last, long) = (first?, last?, long?);
        let count = u32::try_from(long).unwrap_or(1);
        let shape = match self.typed.by() {
            By::Time => Shape::Minutes(long),
            By::Day => Shape::Days(count),
            By::Let(unit) => Shape::Let(unit, count),
        };
        Some(Wished { shape, first, last })
    }
}

#[derive(Template)]
#[template(path = "bookings/waitlist.html")]
struct WaitPage {
    chrome: Chrome,
    errors: Errors,
    form: WaitForm,
    /// The space, or the first of those that would do.
    space: Space,
    location: String,
    /// Where it is booked.
    back: String,
}

impl WaitPage {
    fn what(&self) -> String {
        let what = match self.form.wanted() {
            Wanted::Space(_) => self.space.name.clone(),
            Wanted::Any { kind, .. } => format!("Any {}", kind.label().to_lowercase()),
        };
        format!("{what}, {}", self.location)
    }

    fn lengths(&self) -> Vec<(i64, String)> {
        let policy = &self.space.policy;
        let lengths = [30, 60, 90, 120, 180, 240, 360, 480];
        let lengths = lengths.into_iter();
        lengths
            .filter(|minutes| (policy.min_minutes..=policy.max_minutes).contains(minutes))
            .map(|minutes| (minutes, length(minutes)))
            .collect()
    }

    fn ways(&self) -> Vec<(&'static str, &'static str)> {
        let words = |by: By| match by {
            By::Time => "hours",
            By::Day => "days",
            By::Let(Unit::Week) => "weeks",
            By::Let(Unit::Month) => "months",
        };
        let ways = self.space.policy.ways().into_iter();
        ways.map(|by| (by.key(), words(by))).collect()
    }

    fn is_by_time(&self) -> bool {
        self.form.typed.by() == By::Time
    }

    fn is_by_day(&self) -> bool {
        self.form.typed.by() == By::Day
    }
}

async fn new(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Current,
    Query(form): Query<WaitForm>,
) -> Result<Response> {
    html::page(&page(&app, chrome, form, Errors::default(), now).await?)
}

async fn page(
    app: &App,
    chrome: Chrome,
    mut form: WaitForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<WaitPage> {
    let (space, location) = find(app, &form).await?;
    let today = location.zone.date(now);
    if form.typed.by.is_empty() {
        let way = space.policy.ways().into_iter().next();
        form.typed.by = way.unwrap_or(By::Time).key().to_owned();
    }
    let date = form.typed.date(today).to_string();
    for field in [
        &mut form.typed.date,
        &mut form.typed.last,
        &mut form.first_day,
        &mut form.last_day,
    ] {
        if field.is_empty() {
            field.clone_from(&date);
        }
    }
    if form.typed.people.is_empty() {
        form.typed.people = "1".into();
    }
    let people = form.typed.people.as_str();
    let query = [
        ("date", form.typed.date.as_str()),
        ("people", people),
        ("by", &form.typed.by),
        ("from", &form.typed.from),
        ("until", &form.typed.until),
    ];
    let query = html::query(
        &query
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect::<Vec<_>>(),
    );
    let back = match form.wanted() {
        Wanted::Space(slug) => format!("/spaces/{slug}?{query}"),
        Wanted::Any { location, kind } => {
            format!("/spaces?location={location}&kind={kind}&{query}")
        }
    };
    Ok(WaitPage {
        chrome,
        errors,
        form,
        location: location.name,
        space,
        back,
    })
}

/// Hot desks have no line: there is no page about one.
async fn find(app: &App, form: &WaitForm) -> Result<(Space, Location)> {
    let first = (form.wanted())
        .first_space(&mut *app.db.acquire().await?)
        .await?;
    let (space, location) = first.ok_or(Error::NotFound)?;
    match space.kind {
        Kind::HotDesk => Err(Error::NotFound),
        Kind::MeetingRoom | Kind::Office => Ok((space, location)),
    }
}

async fn join(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Form(mut form): Form<WaitForm>,
) -> Result<Response> {
    let (_, location) = find(&app, &form).await?;
    form.typed.nights = location.nights;
    let errors = match form.asked(location.zone) {
        Err(errors) => errors,
        Ok(asked) => {
            match transaction!(app.db, tx => waitlist::join(tx, me.member, &asked, now).await)? {
                Ok(entry) => return Ok(done(jar, joined(&entry, now))),
                Err(refusal) => (field(&refusal, &form), refusal.to_string()).into(),
            }
        }
    };
    html::refused(&page(&app, chrome.refused(), form, errors, now).await?)
}

fn field(refusal: &Refusal, form: &WaitForm) -> &'static str {
    let is_within = form.how == "within";
    match refusal {
        Refusal::Days | Refusal::Over if is_within => "last_day",
        Refusal::TooLong => "length",
        _ if is_within => "first_day",
        _ => "date",
    }
}

fn joined(entry: &Entry, now: DateTime<Utc>) -> Flash {
    let (what, when) = (entry.what(), entry.when(&now));
    Flash::done(format!(
        "You are in the line: {what}, {when}. We mail you once it is free."
    ))
}

fn done(jar: CookieJar, flash: Flash) -> Response {
    let lists = html::see_other("/bookings#waiting");
    (jar.add(flash.cookie()), lists).into_response()
}

async fn leave(
    State(app): State<App>,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let entry = Entry::changeable_by(&mut tx, me.member, false, &reference).await?;
    let entry = entry.ok_or(Error::NotFound)?;
    waitlist::leave(&mut tx, me.member, &entry).await?;
    tx.commit().await?;
    let flash = Flash::done(format!("You have left the line for {}.", entry.what()));
    Ok(done(jar, flash))
}
