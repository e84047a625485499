//! The front desk says when somebody left who stayed past the end, sees what it comes to, and charges it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

use super::{
    admin_booking::{find, way_back},
    booking::Booking,
    overrun::{self, Outlook, Said},
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    money::Money,
    sessions::current::Staff,
    time::{length, parse_clock},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route(
        "/admin/bookings/{reference}/overrun",
        get(show).post(charge),
    )
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    version: Option<i32>,
    /// By the clock, after the end.
    left: String,
    /// What it comes to as it was shown, in cents.
    shown: Option<i64>,
    tell: String,
}

#[derive(Template)]
#[template(path = "bookings/admin/overrun.html")]
struct OverrunPage {
    chrome: Chrome,
    booking: Booking,
    sent: Sent,
    errors: Errors,
    outlook: Option<Outlook>,
    now: DateTime<Utc>,
}

impl OverrunPage {
    fn url(&self) -> String {
        format!("/admin/bookings/{}", self.booking.reference)
    }

    /// `25 minutes`
    fn past_the_end(&self, outlook: &Outlook) -> String {
        let over = outlook.left - self.booking.during.until;
        length(over.num_minutes().max(1))
    }

    fn clock(&self, at: &DateTime<Utc>) -> String {
        self.booking.zone.clock(*at)
    }

    /// What is charged beyond what was for a time said before; below zero, what goes back.
    fn difference(&self, outlook: &Outlook) -> Money {
        outlook.total - self.booking.total
    }
}

/// With what it comes to, where a time is said; now is proposed to whoever says it when they leave.
async fn page(
    db: &mut Db,
    chrome: Chrome,
    booking: Booking,
    mut sent: Sent,
    now: DateTime<Utc>,
) -> Result<OverrunPage> {
    let mut errors = Errors::default();
    let just_over = now - booking.during.until < Duration::hours(2);
    if sent.left.is_empty() && just_over {
        sent.left = booking.zone.clock(now);
    }
    let outlook = match parse_clock(&sent.left) {
        None if sent.left.is_empty() => None,
        None => {
            errors.add("left", "Enter a time, such as 11:40.");
            None
        }
        Some(clock) => {
            let left = booking.left_at_clock(clock);
            let foreseen = overrun::foresee(db, &booking, left, now).await?;
            errors.take("left", foreseen.map_err(|refusal| refusal.to_string()))
        }
    };
    Ok(OverrunPage {
        chrome,
        booking,
        sent,
        errors,
        outlook,
        now,
    })
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path(reference): Path<String>,
    Query(sent): Query<Sent>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let booking = find(&mut db, &me, &reference).await?;
    html::page(&page(&mut db, chrome, booking, sent, now).await?)
}

async fn charge(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let booking = find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let mut refusal = None;
    if let Some(clock) = parse_clock(&sent.left) {
        let said = Said {
            left: booking.left_at_clock(clock),
            shown: sent.shown.map(Money::cents),
            version: sent.version,
            tell: sent.tell == "yes",
        };
        let done = transaction!(app.db, tx =>
            overrun::record(tx, me.member, booking.id, &said, now).await)?;
        match done {
            Ok(written) => {
                let cents = written.price.overran.map(|overran| overran.cents);
                let said = match cents.filter(|cents| !cents.is_zero()) {
                    Some(cents) => format!(
                        "{} is charged to {} for staying until {}.",
                        cents.exact(),
                        written.whose_account(),
                        sent.left
                    ),
                    None => format!("It is written down that they stayed until {}.", sent.left),
                };
                let back = format!("/admin/bookings/{reference}");
                let flash = Flash::done(said).with_undo(way_back(&written, ""));
                return Ok((jar.add(flash.cookie()), html::see_other(&back)).into_response());
            }
            Err(why) => refusal = Some(why.to_string()),
        }
    }
    let mut db = app.db.acquire().await?;
    let booking = find(&mut db, &me, &reference).await?;
    let mut page = page(&mut db, chrome.refused(), booking, sent, now).await?;
    if let Some(refusal) = refusal
        && page.errors.is_empty()
    {
        page.errors.add("left", refusal);
    }
    html::refused(&page)
}
