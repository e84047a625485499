//! A member's bookings: the list, one booking, confirming it and cancelling it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc, Weekday};
use serde::Deserialize;

use super::{
    again,
    booking::{Booking, Consequence, Status},
    calendar, cancellation, confirmation, first_refusal,
    refusal::Refusal,
    wish::Typed,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::{
        arrival::{self, Arrival},
        location::Location,
    },
    money::Money,
    sessions::current::Current,
    spaces::space::Space,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .merge(super::book::routes())
        .merge(super::checkout::routes())
        .merge(super::favourite_pages::routes())
        .route("/bookings", get(index))
        .route("/bookings/{reference}", get(show))
        .route("/bookings/{reference}/again", get(again))
        .route("/bookings/{reference}/directions", get(directions))
        .route(
            "/bookings/{reference}/confirmation",
            get(check).post(confirm),
        )
        .route("/bookings/{reference}/hold", post(extend))
        .route(
            "/bookings/{reference}/cancellation",
            get(consider).post(cancel),
        )
}

/// How many past bookings stand on one page.
const PAST: i64 = 50;

#[derive(Template)]
#[template(path = "bookings/index.html")]
struct IndexPage {
    chrome: Chrome,
    past: bool,
    next: Option<Booking>,
    groups: Vec<Group>,
    emblem: String,
    now: DateTime<Utc>,
    balance: Money,
    /// The address of what is older still.
    older: Option<String>,
}

/// Bookings under one heading; never empty.
struct Group {
    key: &'static str,
    title: &'static str,
    /// Booked by others.
    by_others: bool,
    bookings: Vec<Booking>,
}

impl Group {
    /// Today, the rest of this week, and later, each by the booking's own location.
    fn by_date(bookings: Vec<Booking>, now: DateTime<Utc>) -> Vec<Group> {
        let group = |key, title| Group {
            key,
            title,
            by_others: false,
            bookings: Vec::new(),
        };
        let mut groups = [
            group("today", "Today"),
            group("week", "This week"),
            group("later", "Later"),
        ];
        for booking in bookings {
            let today = booking.zone.date(now);
            let at = match booking.date() {
                date if date <= today => 0,
                date if date <= today.week(Weekday::Mon).last_day() => 1,
                _ => 2,
            };
            groups[at].bookings.push(booking);
        }
        groups
            .into_iter()
            .filter(|group| !group.bookings.is_empty())
            .collect()
    }

    /// What others have booked for the companies that the reader runs.
    fn of_companies(bookings: Vec<Booking>) -> Option<Group> {
        (!bookings.is_empty()).then_some(Group {
            key: "companies",
            title: "Booked for your company",
            by_others: true,
            bookings,
        })
    }

    fn of_past(bookings: Vec<Booking>) -> Vec<Group> {
        let past = Group {
            key: "past",
            title: "Past",
            by_others: false,
            bookings,
        };
        Some(past)
            .filter(|past| !past.bookings.is_empty())
            .into_iter()
            .collect()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndexQuery {
    past: String,
    /// The reference of the last one on the page before.
    after: Option<String>,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Query(query): Query<IndexQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let balance = crate::billing::account::Account::balance(&mut db, me.member).await?;
    let past = !query.past.is_empty();
    let (mut next, mut older) = (None, None);
    let groups = if past {
        let after = query.after.as_deref();
        let bookings = Booking::past(&mut db, me.member, after, PAST, now).await?;
        let last = bookings.last().filter(|_| bookings.len() as i64 == PAST);
        older = last.map(|last| format!("/bookings?past=1&after={}", last.reference));
        Group::of_past(bookings)
    } else {
        let mut bookings = Booking::upcoming(&mut db, me.member, now).await?;
        let first = bookings.iter().position(Booking::is_live);
        next = first.map(|at| bookings.remove(at));
        let others = Booking::of_companies(&mut db, me.member, now).await?;
        let mut groups = Group::by_date(bookings, now);
        groups.extend(Group::of_companies(others));
        groups
    };
    html::page(&IndexPage {
        chrome,
        past,
        emblem: next
            .as_ref()
            .map(|booking| booking.emblem.clone())
            .unwrap_or_default(),
        next,
        groups,
        now,
        balance,
        older,
    })
}

#[derive(Template)]
#[template(path = "bookings/show.html")]
struct ShowPage {
    chrome: Chrome,
    emblem: String,
    arrival: Arrival,
    calendars: Vec<(&'static str, String)>,
    /// Tells somebody else where and when.
    share: String,
    /// Writes to the front desk about it.
    chat: Option<String>,
    email: String,
    /// It is the reader's own, and not one that staff or a company's admin look at.
    own: bool,
    may_change: bool,
    /// It was booked a moment ago in one tap, and one tap takes it back.
    undo: bool,
    now: DateTime<Utc>,
    booking: Booking,
}

impl ShowPage {
    fn heading(&self) -> String {
        match self.booking.status {
            Status::Confirmed if self.own => {
                format!("You are booked, {}", self.booking.member_name)
            }
            _ => format!("{}, {}", self.booking.space, self.booking.location),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ShowQuery {
    undo: String,
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
    Query(query): Query<ShowQuery>,
) -> Result<Response> {
    let (plain, as_file) = match reference.strip_suffix(".ics") {
        Some(plain) => (plain, true),
        None => (reference.as_str(), false),
    };
    let (booking, location) = seen(&app, &me, plain).await?;
    let location = location.as_ref();
    if as_file {
        let file = calendar::download(&booking, location, &app.config, now);
        let name = format!("attachment; filename=\"{}.ics\"", booking.reference);
        return Ok((
            [
                (
                    header::CONTENT_TYPE,
                    "text/calendar; charset=utf-8".to_owned(),
                ),
                (header::CONTENT_DISPOSITION, name),
            ],
            file,
        )
            .into_response());
    }
    let own = booking.member == me.member;
    if booking.status == Status::Held && own {
        return Ok(html::see_other(&format!("{}/confirmation", booking.url())));
    }
    let may_change = own || {
        let mut db = app.db.acquire().await?;
        booking.is_run_by(&mut db, me.member).await?
    };
    let email = me.email.clone().unwrap_or_default();
    let arrival = location.map(Arrival::of_guest).unwrap_or_default();
    let about = format!("Hello, about my booking {}: ", booking.reference);
    html::page(&ShowPage {
        chrome,
        emblem: booking.emblem.clone(),
        calendars: calendar::links(&booking, location, &app.config, now),
        share: arrival::whatsapp("", &way_there(&booking, &arrival, &app, now)),
        chat: arrival.whatsapp(&about),
        arrival,
        email,
        own,
        may_change,
        undo: own && !query.undo.is_empty() && booking.can_be_cancelled(now),
        now,
        booking,
    })
}

/// Place, time and directions, for whoever they are sent to: nothing of the person or the price.
fn way_there(booking: &Booking, arrival: &Arrival, app: &App, now: DateTime<Utc>) -> String {
    let mut lines = vec![
        format!(
            "{}, {}, Connect Space {}",
            booking.space, booking.floor, booking.location
        ),
        booking.when(now),
    ];
    let told = arrival.hints.iter().filter(|hint| !hint.is_private);
    lines.extend(told.map(|hint| format!("{}: {}", hint.heading, hint.text)));
    let page = format!("/locations/{}", booking.location_slug);
    lines.push(app.config.public_url().link(&page));
    lines.join("\n")
}

#[derive(Template)]
#[template(path = "bookings/directions.html")]
struct DirectionsPage {
    chrome: Chrome,
    arrival: Arrival,
    now: DateTime<Utc>,
    booking: Booking,
}

/// For a guest, to be printed or shown: place, time and the way, and nothing else of the booking.
async fn directions(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (booking, location) = seen(&app, &me, &reference).await?;
    html::page(&DirectionsPage {
        chrome,
        arrival: location.as_ref().map(Arrival::of).unwrap_or_default(),
        now,
        booking,
    })
}

/// To the page of its space, with the same chosen for the next such day that is free.
async fn again(
    State(app): State<App>,
    Now(now): Now,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let (booking, _) = seen(&app, &me, &reference).await?;
    let mut db = app.db.acquire().await?;
    if Space::find(&mut db, &booking.space_slug).await?.is_none() {
        let words = format!(
            "{} is no longer offered. This is what else there is.",
            booking.space
        );
        let others = format!(
            "/spaces?{}",
            html::query(&[
                ("kind", booking.kind.key()),
                ("location", &booking.location_slug)
            ])
        );
        let jar = jar.add(Flash::problem(words).cookie());
        return Ok((jar, html::see_other(&others)).into_response());
    }
    let page = format!("/spaces/{}", booking.space_slug);
    let Some(term) = again::again(&mut db, &booking, me.member, now).await? else {
        let words = "Nothing like it is free in the next weeks. Choose another time.";
        let jar = jar.add(Flash::problem(words).cookie());
        return Ok((jar, html::see_other(&page)).into_response());
    };
    let wish = Typed {
        people: booking.people.to_string(),
        ..Typed::default()
    };
    let query = wish.with_term(term, booking.zone).query();
    Ok(html::see_other(&format!("{page}?{query}#book")))
}

/// A booking that they may see, and where it is; no location when that has closed for good.
async fn seen(app: &App, me: &Current, reference: &str) -> Result<(Booking, Option<Location>)> {
    let mut db = app.db.acquire().await?;
    let booking = Booking::seen_by(&mut db, me.member, me.staff.is_some(), reference)
        .await?
        .ok_or(Error::NotFound)?;
    let location = Location::find(&mut db, &booking.location_slug).await?;
    Ok((booking, location))
}

#[derive(Template)]
#[template(path = "bookings/confirmation.html")]
struct ConfirmationPage {
    chrome: Chrome,
    refusal: Option<String>,
    emblem: String,
    now: DateTime<Utc>,
    booking: Booking,
}

impl ConfirmationPage {
    fn held_until(&self) -> String {
        self.booking
            .hold_expires_at
            .map(|until| match self.booking.first_refusal {
                true => first_refusal::words(until, self.booking.zone, self.now),
                false => self.booking.zone.clock(until),
            })
            .unwrap_or_default()
    }
}

/// Everything once more before it is final, and until when the time is held.
async fn check(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let booking = Booking::changeable_by(&mut db, me.member, &reference)
        .await?
        .ok_or(Error::NotFound)?;
    match booking.status {
        Status::Held | Status::Expired if booking.member == me.member => {
            html::page(&ConfirmationPage {
                chrome,
                refusal: None,
                emblem: booking.emblem.clone(),
                now,
                booking,
            })
        }
        _ => Ok(html::see_other(&booking.url())),
    }
}

async fn confirm(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    match transaction!(app.db, tx => confirmation::confirm(tx, me.member, booking.id, now).await)? {
        Ok(booking) => Ok((
            jar.add(Flash::done("You are booked.").cookie()),
            html::see_other(&booking.url()),
        )
            .into_response()),
        Err(refusal) => html::refused(&ConfirmationPage {
            chrome: chrome.refused(),
            refusal: Some(refusal.to_string()),
            emblem: booking.emblem.clone(),
            now,
            booking,
        }),
    }
}

/// Ten minutes more, once.
async fn extend(
    State(app): State<App>,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    let outcome =
        transaction!(app.db, tx => confirmation::extend_hold(tx, me.member, booking.id).await)?;
    let flash = match outcome {
        Ok(()) => Flash::done("Held for ten minutes more."),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok((
        jar.add(flash.cookie()),
        html::see_other(&format!("{}/confirmation", booking.url())),
    )
        .into_response())
}

#[derive(Template)]
#[template(path = "bookings/cancellation.html")]
struct CancellationPage {
    chrome: Chrome,
    errors: Errors,
    note: String,
    cost: Consequence,
    back: Money,
    now: DateTime<Utc>,
    booking: Booking,
}

impl CancellationPage {
    fn new(
        chrome: Chrome,
        errors: Errors,
        note: String,
        booking: Booking,
        now: DateTime<Utc>,
    ) -> Self {
        let cost = booking.consequence_at(now);
        Self {
            chrome,
            errors,
            note,
            cost,
            back: booking.total - cost.kept,
            now,
            booking,
        }
    }
}

/// What cancelling means, before it is done.
async fn consider(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    if !booking.can_be_cancelled(now) {
        return Ok(html::see_other(&booking.url()));
    }
    html::page(&CancellationPage::new(
        chrome,
        Errors::default(),
        String::new(),
        booking,
        now,
    ))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CancellationForm {
    note: String,
    kept: String,
    days: String,
}

impl CancellationForm {
    /// The consequence that the person was shown.
    fn shown(&self) -> Option<Consequence> {
        Some(Consequence {
            kept: self.kept.parse().ok().map(Money::cents)?,
            days: self.days.parse().unwrap_or_default(),
        })
    }
}

async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<CancellationForm>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    let shown = form.shown();
    let note = match form::optional_line(&form.note, 500) {
        Ok(note) => note,
        Err(sentence) => {
            let errors = Errors::from(("note", sentence));
            return html::refused(&CancellationPage::new(
                chrome.refused(),
                errors,
                form.note,
                booking,
                now,
            ));
        }
    };
    match transaction!(app.db, tx => cancellation::cancel(tx, me.member, booking.id, &note, shown, now).await)?
    {
        Ok(done) => {
            let flash = Flash::done(settled(&done));
            Ok((jar.add(flash.cookie()), html::see_other("/bookings")).into_response())
        }
        Err(refusal @ Refusal::ConsequenceChanged { .. }) => {
            let errors = Errors::from(("note", refusal.to_string()));
            html::refused(&CancellationPage::new(
                chrome.refused(),
                errors,
                note,
                booking,
                now,
            ))
        }
        Err(refusal) => Ok((
            jar.add(Flash::problem(refusal.to_string()).cookie()),
            html::see_other(&booking.url()),
        )
            .into_response()),
    }
}

/// What became of it and of the money, in two sentences.
fn settled(booking: &Booking) -> String {
    let back = |kept: Money| booking.total - kept;
    match booking.kept {
        _ if !booking.charged => format!("{} is let go.", booking.space),
        Some(kept) if kept == booking.total && !kept.is_zero() => {
            format!("{} is cancelled. {kept} is kept.", booking.reference)
        }
        Some(kept) if !kept.is_zero() => format!(
            "{} is cancelled. {kept} is kept, {} goes back to your account.",
            booking.reference,
            back(kept)
        ),
        _ => match booking.drawn.iter().filter(|day| day.spent).count() {
            0 => format!("{} is cancelled. It costs you nothing.", booking.reference),
            1 => format!(
                "{} is cancelled. Its day stays drawn on your pass.",
                booking.reference
            ),
            days => format!(
                "{} is cancelled. {days} days stay drawn on your pass.",
                booking.reference
            ),
        },
    }
}

async fn changeable(app: &App, me: &Current, reference: &str) -> Result<Booking> {
    let mut db = app.db.acquire().await?;
    Booking::changeable_by(&mut db, me.member, reference)
        .await?
        .ok_or(Error::NotFound)
}
