//! Cancelling several bookings: what each would cost is looked over first, and what became of each after.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form, Query};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    booking::Booking,
    cancellation::{self, ByStaff, Reason},
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    sessions::current::Staff,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/bookings/cancellations", get(show).post(cancel))
}

/// The most that are cancelled at once: a page of the list.
const MOST: usize = 50;

#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
struct Typed {
    /// References.
    of: Vec<String>,
    reason: String,
    note: String,
    tell: String,
}

impl Default for Typed {
    fn default() -> Typed {
        Typed {
            of: Vec::new(),
            reason: Reason::Member.key().to_owned(),
            note: String::new(),
            tell: String::new(),
        }
    }
}

impl Typed {
    fn url(&self) -> String {
        let of: Vec<_> = self.of.iter().map(|reference| ("of", reference)).collect();
        format!("/admin/bookings/cancellations?{}", html::query(&of))
    }
}

#[derive(Template)]
#[template(path = "bookings/desk/cancellations.html")]
struct CancellationsPage {
    chrome: Chrome,
    errors: Errors,
    typed: Typed,
    bookings: Vec<Booking>,
    now: DateTime<Utc>,
}

impl CancellationsPage {
    async fn read(
        db: &mut Db,
        chrome: Chrome,
        me: &Staff,
        typed: Typed,
        now: DateTime<Utc>,
    ) -> Result<CancellationsPage> {
        let mut bookings = Vec::new();
        for reference in typed.of.iter().take(MOST) {
            bookings.extend(Booking::seen_by(db, me.member, true, reference).await?);
        }
        Ok(CancellationsPage {
            chrome,
            errors: Errors::default(),
            typed,
            bookings,
            now,
        })
    }

    fn is_open(&self, booking: &Booking) -> bool {
        booking.is_live() && !booking.has_run_out()
    }

    /// How many can still be cancelled.
    fn open(&self) -> usize {
        let bookings = self.bookings.iter();
        bookings.filter(|booking| self.is_open(booking)).count()
    }

    /// What became of it, or what its terms keep.
    fn outcome(&self, booking: &Booking) -> String {
        match booking.kept {
            Some(kept) if kept.is_zero() => "Nothing was kept.".to_owned(),
            Some(kept) => format!("{kept} was kept."),
            None if self.is_open(booking) => match booking.consequence_at(self.now) {
                nothing if nothing.is_nothing() => "By its terms nothing is kept.".to_owned(),
                kept => format!("By its terms {kept} is kept, if it is their wish."),
            },
            None => "There is nothing to cancel any more.".to_owned(),
        }
    }
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Query(typed): Query<Typed>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&CancellationsPage::read(&mut db, chrome, &me, typed, now).await?)
}

/// Each by itself, so that one that cannot be cancelled holds up no other.
async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut page = CancellationsPage::read(&mut db, chrome, &me, typed, now).await?;
    drop(db);
    let missing = "Say why they are cancelled.";
    let note = form::required_line(&page.typed.note, 300, missing);
    let note = page.errors.take("note", note);
    let reason = Reason::named(&page.typed.reason).ok_or_else(|| "Choose whose wish it is.".into());
    let reason = page.errors.take("reason", reason);
    let (Some(note), Some(reason)) = (note, reason) else {
        page.chrome = page.chrome.refused();
        return html::refused(&page);
    };
    let mut done = 0;
    for booking in page.bookings.iter().filter(|booking| page.is_open(booking)) {
        let how = ByStaff {
            reason,
            in_full: false,
            shown: None,
            note: note.clone(),
            tell: page.typed.tell == "yes",
            version: Some(booking.version),
        };
        let outcome = transaction!(app.db, tx =>
            cancellation::cancel_by_staff(tx, me.member, booking.id, &how, now).await)?;
        done += usize::from(outcome.is_ok());
    }
    let said = Flash::done(format!("{done} of {} cancelled.", page.bookings.len()));
    Ok((jar.add(said.cookie()), html::see_other(&page.typed.url())).into_response())
}
