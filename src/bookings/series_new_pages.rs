//! Booking a series: what repeats and how, every date with its fate and price, and doing it.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    desk::{Desk, Outcome},
    enquiry,
    extras::{
        picks,
        shelf::{Item, Shelf},
    },
    order::{Booker, Channel, Details},
    payer::{Payer, Payers},
    refusal::Refusal as Rule,
    repeat::Repeat,
    series::{
        Shown, Times,
        placing::{self, Ask, Fate, Refusal},
    },
    term::{By, Term},
    wish::Typed,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    members::find,
    money::Money,
    sessions::current::Current,
    spaces::space::{Audience, Space, Which},
    time::{Span, long_date, parse_clock, parse_date},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/series/new", get(new))
        .route("/series", post(create))
}

/// All that the form says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SeriesForm {
    /// A slug, or `any:` and a location's for any desk there.
    space: String,
    #[serde(flatten)]
    typed: Typed,
    #[serde(flatten)]
    repeat: Repeat,
    title: String,
    notes: String,
    company: String,
    purchase_order: String,
    /// For whom the front desk books.
    who: String,
    reason: String,
    tell: String,
    skip: String,
    key: String,
    /// What was shown.
    dates: String,
    total: String,
}

/// What the form means, with where it is.
struct Scene {
    space: Space,
    location: Location,
    booker: Booker,
    desk: Option<Desk>,
}

impl SeriesForm {
    /// A first date where none was said, and the weekday that goes with it.
    fn settled(mut self, today: NaiveDate) -> SeriesForm {
        if self.typed.date.is_empty() {
            self.typed.date = today.to_string();
        }
        if let Some(first) = parse_date(&self.typed.date) {
            self.repeat = self.repeat.beginning(first);
        }
        self
    }

    fn times(&self, by: By, nights: bool, errors: &mut Errors) -> Option<Times> {
        if by == By::Day {
            return Some(Times::Days { more: 0 });
        }
        let clock =
            |text: &str| parse_clock(text).ok_or_else(|| "Choose a time, like 09:00.".to_owned());
        let from = errors.take("from", clock(&self.typed.from));
        let until = errors.take("until", clock(&self.typed.until));
        let (from, until) = (from?, until?);
        let nights = i64::from(nights && until < from);
        if until <= from && nights == 0 {
            errors.add("until", "Choose an end after the start.");
            return None;
        }
        Some(Times::Clock {
            from,
            until,
            nights,
        })
    }

    fn shown(&self) -> Option<Shown> {
        Some(Shown {
            dates: self.dates.parse().ok()?,
            total: self.total.parse().ok().map(Money::cents)?,
        })
    }

    fn ask(&self, scene: &Scene, errors: &mut Errors) -> Option<Ask> {
        let by = by(&scene.space, &self.typed);
        let first = errors.take(
            "date",
            parse_date(&self.typed.date)
                .ok_or_else(|| "Choose a date, like 2026-11-24.".to_owned()),
        );
        let times = self.times(by, scene.location.nights, errors);
        let people = errors.take("people", self.typed.people());
        let extras = errors.take("extras", self.typed.extras.picks());
        let title = errors.take("title", form::optional_line(&self.title, 100));
        let notes = errors.take("notes", form::optional_text(&self.notes, 1000));
        let order = errors.take(
            "purchase_order",
            form::optional_line(&self.purchase_order, 60),
        );
        let recurrence = match self.repeat.read(first?) {
            Ok(recurrence) => Some(recurrence),
            Err(found) => {
                errors.extend(found);
                None
            }
        };
        Some(Ask {
            wanted: enquiry::wanted(&self.space),
            first: first?,
            times: times?,
            recurrence: recurrence?,
            people: people?,
            layout: self.typed.layout.parse().ok(),
            extras: extras?,
            title: title?,
            details: Details {
                notes: notes?,
                purchase_order: order?,
                ..Details::default()
            },
            payer: Payer::said(&self.company),
            skip: !self.skip.is_empty(),
            shown: self.shown(),
            key: Some(self.key.clone()).filter(|key| (8..=100).contains(&key.len())),
            desk: scene.desk.clone(),
        })
    }

    /// What is said of the wish, for the form that books it.
    fn kept(&self) -> Vec<(String, String)> {
        let typed = &self.typed;
        let wish = [
            ("space", &self.space),
            ("by", &typed.by),
            ("date", &typed.date),
            ("from", &typed.from),
            ("until", &typed.until),
            ("people", &typed.people),
            ("layout", &typed.layout),
            ("who", &self.who),
            ("reason", &self.reason),
        ];
        let wish = wish.into_iter().filter(|(_, text)| !text.is_empty());
        let repeat = self.repeat.fields().into_iter();
        wish.map(|(field, text)| (field.to_owned(), text.clone()))
            .chain(repeat.map(|(field, text)| (field.to_owned(), text)))
            .chain(typed.extras.fields())
            .collect()
    }
}

/// By time where that can be, unless the day is asked for.
fn by(space: &Space, typed: &Typed) -> By {
    let is_by_day = typed.by() == By::Day && space.policy.by_day;
    match is_by_day || !space.policy.by_time {
        true => By::Day,
        false => By::Time,
    }
}

#[derive(Template)]
#[template(path = "bookings/series/new.html")]
struct NewPage {
    chrome: Chrome,
    errors: Errors,
    form: SeriesForm,
    is_staff: bool,
    /// All that can be booked, by location.
    places: Vec<(Location, Vec<Space>)>,
    space: Option<Space>,
    today: NaiveDate,
    payers: Payers,
    /// What would become of each date; nothing where that was not asked.
    fates: Vec<Fate>,
    /// How it repeats, in words.
    sentence: String,
    key: String,
    /// What can go with each date, as it stands for the first.
    shelf: Shelf,
    now: DateTime<Utc>,
}

impl NewPage {
    fn picked(&self) -> &picks::Typed {
        &self.form.typed.extras
    }

    fn extras(&self) -> Vec<&Item> {
        let Some(space) = &self.space else {
            return Vec::new();
        };
        let term = match self.by() {
            By::Time => Term::Time(Span::new(self.now, self.now)),
            _ => Term::Days {
                first: self.today,
                last: self.today,
            },
        };
        self.shelf.fitting(space.kind, &term)
    }

    fn choices(&self) -> Vec<(&'static str, String)> {
        Repeat::choices(parse_date(&self.form.typed.date).unwrap_or(self.today))
    }

    fn by(&self) -> By {
        self.space
            .as_ref()
            .map_or(By::Time, |space| by(space, &self.form.typed))
    }

    fn is_by_time(&self) -> bool {
        self.by() == By::Time
    }

    fn both_ways(&self) -> bool {
        let space = self.space.as_ref();
        space.is_some_and(|space| space.policy.by_time && space.policy.by_day)
    }

    fn asks_people(&self) -> bool {
        self.space.as_ref().is_none_or(|space| space.seats > 1)
    }

    /// `any:umhlanga`
    fn any_of(&self, location: &Location) -> String {
        format!("any:{}", location.slug)
    }

    fn long_date(&self, date: &NaiveDate) -> String {
        long_date(*date, self.today)
    }

    fn shown(&self) -> Shown {
        placing::shown(&self.fates)
    }

    fn refused(&self) -> usize {
        self.fates.len() - self.shown().dates
    }

    /// As it is said to whoever looks: to the front desk, of somebody else.
    fn because(&self, rule: &Rule) -> String {
        match self.is_staff && !self.form.who.is_empty() {
            true => rule.of_them(),
            false => rule.why(),
        }
    }

    /// When the space is free on a date that cannot be had.
    fn elsewhere(&self, fate: &Fate) -> Option<String> {
        let space = self.space.as_ref()?;
        let is_taken = fate.outcome.as_ref().is_err_and(Rule::is_taken);
        let page = match self.form.space.strip_prefix("any:") {
            Some(location) => format!("/locations/{location}/any-desk"),
            None => format!("/spaces/{}", space.slug),
        };
        is_taken.then(|| format!("{page}?date={}", fate.date))
    }

    fn terms(&self) -> String {
        let space = self.space.as_ref();
        space.map_or(String::new(), |space| space.policy.cancellation.sentence())
    }
}

/// For whom it is, and where; nothing where the form does not say it, with why.
async fn scene(
    db: &mut Db,
    me: &Current,
    form: &SeriesForm,
    errors: &mut Errors,
) -> Result<Option<Scene>> {
    let audience = Audience::of(me.staff.is_some());
    let wanted = enquiry::wanted(&form.space);
    let found = match form.space.is_empty() {
        true => None,
        false => wanted.first_space_for(&mut *db, audience).await?,
    };
    let (duties, who) = (me.staff, form.who.trim());
    let (member, desk) = match duties.filter(|_| !who.is_empty()) {
        None => (Some(me.member), None),
        Some(duties) => {
            let reason = errors.take("reason", form::optional_line(&form.reason, 300));
            let mut people = find::people(&mut *db, who, 2).await?;
            let only = people.pop().filter(|_| people.is_empty());
            let sentence =
                "Type a number with us, an email address or a name that is one person's.";
            let member = errors.take("who", only.ok_or_else(|| sentence.to_owned()));
            let desk = Desk {
                by: me.member,
                duties,
                reason: reason.unwrap_or_default(),
                agreed: None,
                outcome: Outcome::Confirmed,
                tell: !form.tell.is_empty(),
                paid: None,
            };
            (member.map(|found| found.id), Some(desk))
        }
    };
    let Some((space, location)) = found else {
        if !form.space.is_empty() || form.repeat.is_asked() {
            errors.add("space", Rule::NoSuchSpace.to_string());
        }
        return Ok(None);
    };
    let channel = match desk {
        Some(_) => Channel::Desk,
        None => Channel::Web,
    };
    Ok(member.map(|member| Scene {
        space,
        location,
        booker: Booker {
            member,
            proven: true,
            channel,
            acting: None,
        },
        desk,
    }))
}

/// The page as the form stands, without fates.
async fn page(
    db: &mut Db,
    chrome: Chrome,
    me: &Current,
    form: SeriesForm,
    now: DateTime<Utc>,
) -> Result<NewPage> {
    let audience = Audience::of(me.staff.is_some());
    let wanted = enquiry::wanted(&form.space);
    let found = match form.space.is_empty() {
        true => None,
        false => wanted.first_space_for(&mut *db, audience).await?,
    };
    let locations = Location::all(&mut *db).await?;
    let zone = found.as_ref().map(|(_, location)| location.zone);
    let today = zone.or(locations.first().map(|location| location.zone));
    let today = today.map_or_else(|| now.date_naive(), |zone| zone.date(now));
    let spaces = Space::list(
        &mut *db,
        Which {
            audience,
            ..Which::default()
        },
    )
    .await?;
    let places = locations.into_iter().map(|location| {
        let here = spaces.iter().filter(|space| space.location == location.id);
        let repeats = here.filter(|space| space.policy.by_time || space.policy.by_day);
        let here = repeats.cloned().collect();
        (location, here)
    });
    let shelf = match &found {
        Some((_, location)) => Shelf::of_any_day(&mut *db, location, now).await?,
        None => Shelf::default(),
    };
    Ok(NewPage {
        shelf,
        now,
        chrome,
        errors: Errors::default(),
        is_staff: me.staff.is_some(),
        places: places
            .filter(|(_, spaces): &(_, Vec<Space>)| !spaces.is_empty())
            .collect(),
        space: found.map(|(space, _)| space),
        today,
        payers: Payers::of(db, me.member).await?,
        fates: Vec::new(),
        sentence: String::new(),
        key: Uuid::new_v4().to_string(),
        form: form.settled(today),
    })
}

async fn new(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Query(form): Query<SeriesForm>,
) -> Result<Response> {
    let mut page = page(&mut *app.db.acquire().await?, chrome, &me, form, now).await?;
    if !page.form.repeat.is_asked() {
        if page.form.tell.is_empty() {
            page.form.tell = "yes".to_owned();
        }
        return html::page(&page);
    }
    let mut errors = Errors::default();
    let scene = scene(&mut *app.db.acquire().await?, &me, &page.form, &mut errors).await?;
    let ask = scene
        .as_ref()
        .and_then(|scene| page.form.ask(scene, &mut errors));
    if let (Some(scene), Some(ask), true) = (&scene, ask, errors.is_empty()) {
        page.sentence = ask.recurrence.sentence(page.today);
        let booker = scene.booker;
        let foreseen = match transaction!(app.db, tx => ask.foresee(tx, booker, now).await)? {
            Ok(never) => match never {},
            Err(foreseen) => foreseen,
        };
        match foreseen {
            Ok(fates) => page.fates = fates,
            Err(refusal) => errors.add(field(&refusal, page.by()), refusal.to_string()),
        }
    }
    page.chrome = page.chrome.with(&errors);
    page.errors = errors;
    html::page(&page)
}

/// Where a refusal of the whole belongs.
fn field(refusal: &Refusal, by: By) -> &'static str {
    match refusal {
        Refusal::Problem(problem) => problem.field(),
        Refusal::Rule(Rule::NoSuchSpace) => "space",
        Refusal::Rule(rule) => rule.field(by),
        Refusal::Dates(_) | Refusal::Changed(_) => "dates",
    }
}

async fn create(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Form(form): Form<SeriesForm>,
) -> Result<Response> {
    let mut errors = Errors::default();
    let scene = scene(&mut *app.db.acquire().await?, &me, &form, &mut errors).await?;
    let ask = scene
        .as_ref()
        .and_then(|scene| form.ask(scene, &mut errors));
    let mut refused = Vec::new();
    if let (Some(scene), Some(ask), true) = (&scene, &ask, errors.is_empty()) {
        let booker = scene.booker;
        match transaction!(app.db, tx => ask.place(tx, booker, now).await)? {
            Ok(reference) => {
                let flash = Flash::done("Your series is booked. These are its dates.");
                let there = html::see_other(&format!("/series/{reference}"));
                return Ok((jar.add(flash.cookie()), there).into_response());
            }
            Err(refusal) => {
                let by = by(&scene.space, &form.typed);
                errors.add(field(&refusal, by), refusal.to_string());
                if let Refusal::Dates(fates) | Refusal::Changed(fates) = refusal {
                    refused = fates;
                }
            }
        }
    }
    let mut page = page(
        &mut *app.db.acquire().await?,
        chrome.refused(),
        &me,
        form,
        now,
    )
    .await?;
    if let Some(ask) = ask {
        page.sentence = ask.recurrence.sentence(page.today);
    }
    page.fates = refused;
    page.errors = errors;
    html::refused(&page)
}
