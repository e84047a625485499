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
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    booking::{Booking, Status},
    calendar, cancellation, confirmation,
    refusal::Refusal,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Current,
    time::long_date,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .merge(super::book::routes())
        .merge(super::checkout::routes())
        .route("/bookings", get(index))
        .route("/bookings/{reference}", get(show))
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
    later: Vec<Booking>,
    emblem: String,
    now: DateTime<Utc>,
    balance: Money,
    /// The address of what is older still.
    older: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndexQuery {
    past: String,
    before: Option<DateTime<Utc>>,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Query(query): Query<IndexQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let past = !query.past.is_empty();
    let mut later = if past {
        let before = query.before.map_or(now, |before| before.min(now));
        Booking::past(&mut db, me.member, before, PAST).await?
    } else {
        Booking::upcoming(&mut db, me.member, now).await?
    };
    let first = later.iter().position(|booking| !past && booking.is_live());
    let next = first.map(|at| later.remove(at));
    let emblem = next
        .as_ref()
        .map(|booking| booking.emblem.clone())
        .unwrap_or_default();
    let last = later.last().filter(|_| past && later.len() as i64 == PAST);
    let older = last.map(|booking| booking.zone.rfc3339(booking.during.until));
    let older = older.map(|until| {
        format!(
            "/bookings?{}",
            html::query(&[("past", "1"), ("before", &until)])
        )
    });
    let balance = crate::billing::account::Account::balance(&mut db, me.member).await?;
    html::page(&IndexPage {
        chrome,
        past,
        next,
        later,
        emblem,
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
    arrival: Vec<(&'static str, String)>,
    email: String,
    /// It is the reader's own, and not one that staff look at.
    own: bool,
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

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let (plain, as_file) = match reference.strip_suffix(".ics") {
        Some(plain) => (plain, true),
        None => (reference.as_str(), false),
    };
    let booking = Booking::seen_by(&mut db, me.member, me.staff.is_some(), plain)
        .await?
        .ok_or(Error::NotFound)?;
    let location = Location::find(&mut db, &booking.location_slug).await?;
    if as_file {
        let file = calendar::download(&booking, location.as_ref(), &app.config, now);
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
    let email = me.email.clone().unwrap_or_default();
    html::page(&ShowPage {
        chrome,
        emblem: booking.emblem.clone(),
        arrival: location.map(arrival).unwrap_or_default(),
        email,
        own,
        now,
        booking,
    })
}

/// How to get in, as far as the location has said: icon and sentence.
fn arrival(location: Location) -> Vec<(&'static str, String)> {
    let known = [
        ("map-pin", location.address),
        ("map", location.directions),
        ("door-open", location.gate),
        ("car", location.parking),
        ("wifi", location.wifi),
        ("phone", location.phone),
    ];
    known
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
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
            .map(|until| self.booking.zone.clock(until))
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
        Status::Held | Status::Expired => html::page(&ConfirmationPage {
            chrome,
            refusal: None,
            emblem: booking.emblem.clone(),
            now,
            booking,
        }),
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
    kept: Money,
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
        let kept = booking.kept_at(now);
        Self {
            chrome,
            errors,
            note,
            kept,
            back: booking.total - kept,
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
    let shown = form.kept.parse().ok().map(Money::cents);
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
        Some(kept) if kept == booking.total => {
            format!("{} is cancelled. {kept} is kept.", booking.reference)
        }
        Some(kept) if !kept.is_zero() => format!(
            "{} is cancelled. {kept} is kept, {} goes back to your account.",
            booking.reference,
            back(kept)
        ),
        _ => format!("{} is cancelled. It costs you nothing.", booking.reference),
    }
}

async fn changeable(app: &App, me: &Current, reference: &str) -> Result<Booking> {
    let mut db = app.db.acquire().await?;
    Booking::changeable_by(&mut db, me.member, reference)
        .await?
        .ok_or(Error::NotFound)
}

impl Booking {
    /// Ahead or running, with the time still taken.
    fn is_live(&self) -> bool {
        matches!(
            self.status,
            Status::Held | Status::Pending | Status::Confirmed | Status::CheckedIn
        )
    }

    fn date(&self) -> NaiveDate {
        self.zone.date(self.during.from)
    }

    /// The tone of its tag.
    fn tone(&self) -> &'static str {
        match self.status {
            Status::Confirmed | Status::CheckedIn => "ok",
            Status::Held | Status::Pending => "warn",
            Status::NoShow => "bad",
            _ => "",
        }
    }

    /// `Held until 10:52`, or the status.
    fn state_words(&self) -> String {
        match self.hold_expires_at.filter(|_| self.holds) {
            Some(until) => format!("Held until {}", self.zone.clock(until)),
            None => self.status.label().to_owned(),
        }
    }

    fn people_words(&self) -> String {
        if self.people == 1 {
            "1 person".into()
        } else {
            format!("{} people", self.people)
        }
    }

    /// `Today, Tue 24 November`, or the days of a longer booking.
    fn long_day(&self, now: DateTime<Utc>) -> String {
        let today = self.zone.date(now);
        let (first, last) = self.term.dates(self.zone);
        match (last - first).num_days() {
            0 if first == today => format!("Today, {}", long_date(first, today)),
            0 => long_date(first, today),
            days => format!(
                "{} – {}, {} days",
                long_date(first, today),
                long_date(last, today),
                days + 1
            ),
        }
    }

    /// `09:00–11:30`; for several days from the first opening to the last closing.
    fn hours(&self) -> String {
        format!(
            "{}–{}",
            self.zone.clock(self.during.from),
            self.zone.clock(self.during.until)
        )
    }

    /// The local hours within a day, or the days.
    fn times(&self, now: DateTime<Utc>) -> String {
        self.zone.range(self.during, self.zone.date(now))
    }
}
