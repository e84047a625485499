//! Moving, lengthening and cancelling a booking for its member, as the front desk does it.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};

use super::{
    admin_booking::{Sent, done, field, find, page, way_back},
    booking::Booking,
    cancellation::{self, ByStaff, Reason, StaffRefusal},
    change::{self, Pricing, Refusal, Wanted, Way},
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    money::Money,
    sessions::current::Staff,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/bookings/{reference}/change", post(change_it))
        .route("/admin/bookings/{reference}/cancellation", post(cancel))
}

async fn change_it(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let booking = find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let sent = complete(sent, &booking);
    let mut errors = Errors::default();
    let wish = sent.typed(&booking).wish(booking.zone);
    let reason = errors.take("reason", form::optional_line(&sent.reason, 300));
    let (wish, reason) = match (wish, reason) {
        (Ok(wish), Some(reason)) => (wish, reason),
        (wish, _) => {
            errors.extend(wish.err().unwrap_or_default());
            return again(&app, (chrome, &me, now), &reference, sent, errors, None).await;
        }
    };
    let wanted = Wanted {
        space: sent.space.clone(),
        term: wish.term,
        people: wish.people,
    };
    let way = Way {
        version: sent.version,
        price: pricing(&sent),
        reason,
        tell: sent.tells(),
    };
    let outcome = transaction!(app.db, tx =>
        change::change(tx, me.member, booking.id, &wanted, &way, now).await)?;
    match outcome {
        Ok(changed) => {
            let flash = Flash::done(said(&changed, way.tell, now))
                .with_undo(way_back(&changed, &sent.back));
            Ok(done(jar, flash, &sent.back, &changed))
        }
        Err(refusal) => {
            errors.add(field(&refusal, &booking), refusal.to_string());
            again(
                &app,
                (chrome, &me, now),
                &reference,
                sent,
                errors,
                Some(refusal),
            )
            .await
        }
    }
}

/// What a form leaves out stays as it is, so that a press of a button can say the new end alone.
fn complete(sent: Sent, booking: &Booking) -> Sent {
    let stands = Sent::of(booking);
    let or = |said: String, stands: String| if said.is_empty() { stands } else { said };
    Sent {
        space: or(sent.space, stands.space),
        date: or(sent.date, stands.date),
        last: or(sent.last, stands.last),
        count: or(sent.count, stands.count),
        from: or(sent.from, stands.from),
        until: or(sent.until, stands.until),
        people: or(sent.people, stands.people),
        ..sent
    }
}

fn pricing(sent: &Sent) -> Option<Pricing> {
    match sent.price.as_str() {
        "keep" => Some(Pricing::Keep),
        "new" => {
            let shown = sent.shown.parse().ok().map(Money::cents)?;
            Some(Pricing::New { shown })
        }
        _ => None,
    }
}

/// `Thandeka Mkhize: Pier, Tue 24 November, 10:00–11:00. The mail leaves in two minutes.`
fn said(booking: &Booking, tell: bool, now: DateTime<Utc>) -> String {
    let mail = match tell && booking.member_email.is_some() {
        true => " The mail leaves in two minutes.",
        false => "",
    };
    format!(
        "{}: {}, {}.{mail}",
        booking.member_name,
        booking.space,
        booking.when(now)
    )
}

/// The page again, with what is there now and what was typed, since the house or somebody else said no.
async fn again(
    app: &App,
    (chrome, me, now): (Chrome, &Staff, DateTime<Utc>),
    reference: &str,
    sent: Sent,
    errors: Errors,
    refusal: Option<Refusal>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let booking = find(&mut db, me, reference).await?;
    let mut page = page(&mut db, chrome.refused(), booking, now).await?;
    page.over = refusal.as_ref().is_some_and(Refusal::is_policy) || !sent.reason.is_empty();
    page.price = match refusal {
        Some(Refusal::Price { was, now }) => Some((was, now)),
        _ => None,
    };
    let stands = std::mem::take(&mut page.sent);
    page.sent = Sent {
        version: stands.version,
        cause: match sent.cause.as_str() {
            "" => stands.cause,
            _ => sent.cause,
        },
        memo: stands.memo,
        title: stands.title,
        contact_name: stands.contact_name,
        contact_phone: stands.contact_phone,
        ..sent
    };
    page.errors = errors;
    html::refused(&page)
}

async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let booking = find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let mut errors = Errors::default();
    let cause = Reason::named(&sent.cause).ok_or_else(|| "Choose why.".to_owned());
    let cause = errors.take("cause", cause);
    let note = errors.take("note", form::optional_line(&sent.note, 500));
    if let (Some(reason), Some(note)) = (cause, note) {
        let how = ByStaff {
            reason,
            in_full: !sent.in_full.is_empty(),
            shown: sent.kept.parse().ok().map(Money::cents),
            note,
            tell: sent.tells(),
            version: sent.version,
        };
        let outcome = transaction!(app.db, tx =>
            cancellation::cancel_by_staff(tx, me.member, booking.id, &how, now).await)?;
        match outcome {
            Ok(done_to) => {
                let flash = Flash::done(settled(&done_to, how.tell))
                    .with_undo(way_back(&done_to, &sent.back));
                return Ok(done(jar, flash, &sent.back, &done_to));
            }
            Err(refusal) => {
                let field = match refusal {
                    StaffRefusal::NoReason => "note",
                    _ => "cause",
                };
                errors.add(field, refusal.to_string());
            }
        }
    }
    let sent = complete(sent, &booking);
    again(&app, (chrome, &me, now), &reference, sent, errors, None).await
}

fn settled(booking: &Booking, tell: bool) -> String {
    let kept = booking.kept.unwrap_or_default();
    let money = match (booking.charged, kept.is_zero()) {
        (false, _) => String::new(),
        (true, true) => " Nothing is kept.".to_owned(),
        (true, false) => format!(" {kept} is kept."),
    };
    let mail = match tell && booking.member_email.is_some() && booking.charged {
        true => " The mail leaves in two minutes.",
        false => "",
    };
    format!(
        "Cancelled: {}, {}.{money}{mail}",
        booking.member_name, booking.space
    )
}
