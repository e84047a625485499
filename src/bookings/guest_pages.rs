//! Inviting guests to a booking and letting them go: for whoever may change it, and for the front desk.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    admin_booking,
    booking::{Booking, Status},
    guest_form::GuestForm,
    guests::{Guest, Inviter},
    pages::{self, changeable},
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::{Flash, Undo},
    form::Errors,
    html::{self, Chrome},
    sessions::current::{Current, Staff},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/bookings/{reference}/guests", post(invite))
        .route(
            "/bookings/{reference}/guests/{guest}/removal",
            post(uninvite),
        )
        .route("/admin/bookings/{reference}/guests", post(invite_by_staff))
        .route(
            "/admin/bookings/{reference}/guests/{guest}/removal",
            post(uninvite_by_staff),
        )
        .route(
            "/admin/bookings/{reference}/guests/{guest}/attendance",
            post(tick),
        )
}

/// What is said once somebody is invited: a request is told of when it stands.
fn said(name: &str, booking: &Booking, by: Inviter) -> Flash {
    Flash::done(match (booking.status, by.is_staff) {
        (Status::Pending, _) => format!("{name} hears of it by mail once it is approved."),
        (_, true) => format!("{name} hears of it by mail in two minutes."),
        _ => format!("{name} is invited by mail."),
    })
}

async fn invite(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<GuestForm>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    let by = Inviter {
        member: me.member,
        is_staff: false,
    };
    let mut errors = Errors::default();
    if let Some(whom) = form.parse(&mut errors) {
        let invited = transaction!(app.db, tx =>
            Guest::invite(tx, booking.id, by, &whom, now).await)?;
        match invited {
            Ok(_) => {
                let jar = jar.add(said(&whom.name, &booking, by).cookie());
                return Ok((jar, back_to(&booking)).into_response());
            }
            Err(refusal) => errors.add(refusal.field(), refusal.to_string()),
        }
    }
    let found = pages::seen(&app, &me, &reference).await?;
    let mut page = pages::show_page(&app, chrome.refused(), &me, found, now).await?;
    page.typed = form;
    page.errors = errors;
    html::refused(&page)
}

fn back_to(booking: &Booking) -> Response {
    html::see_other(&format!("{}#guests", booking.url()))
}

async fn uninvite(
    State(app): State<App>,
    me: Current,
    jar: CookieJar,
    Path((reference, guest)): Path<(String, Uuid)>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    let by = Inviter {
        member: me.member,
        is_staff: false,
    };
    let mut tx = app.db.begin().await?;
    Guest::uninvite(&mut tx, &booking, by, guest).await?;
    tx.commit().await?;
    let flash = Flash::done("They are not expected any more, and hear of it if they knew.");
    Ok((jar.add(flash.cookie()), back_to(&booking)).into_response())
}

async fn invite_by_staff(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<GuestForm>,
) -> Result<Response> {
    let booking = admin_booking::find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let by = Inviter {
        member: me.member,
        is_staff: true,
    };
    let mut errors = Errors::default();
    if let Some(whom) = form.parse(&mut errors) {
        let invited = transaction!(app.db, tx =>
            Guest::invite(tx, booking.id, by, &whom, now).await)?;
        match invited {
            Ok(_) => {
                let flash = said(&whom.name, &booking, by);
                return Ok(admin_booking::done(jar, flash, "", &booking));
            }
            Err(refusal) => errors.add(refusal.field(), refusal.to_string()),
        }
    }
    let mut db = app.db.acquire().await?;
    let mut page = admin_booking::page(&mut db, chrome.refused(), booking, now).await?;
    page.typed = form;
    page.errors = errors;
    html::refused(&page)
}

async fn uninvite_by_staff(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path((reference, guest)): Path<(String, Uuid)>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let booking = admin_booking::find(&mut tx, &me, &reference).await?;
    let by = Inviter {
        member: me.member,
        is_staff: true,
    };
    Guest::uninvite(&mut tx, &booking, by, guest).await?;
    tx.commit().await?;
    let flash =
        Flash::done("They are not expected any more, and hear of it in two minutes if they knew.");
    Ok(admin_booking::done(jar, flash, "", &booking))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tick {
    /// `arrive` or `undo`.
    mark: String,
    /// Where it was ticked.
    back: String,
}

async fn tick(
    State(app): State<App>,
    Now(now): Now,
    me: Staff,
    jar: CookieJar,
    Path((reference, guest)): Path<(String, Uuid)>,
    Form(form): Form<Tick>,
) -> Result<Response> {
    let booking = admin_booking::find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let here = form.mark != "undo";
    let outcome = transaction!(app.db, tx =>
        Guest::arrive(tx, &booking, me.member, guest, here, now).await)?;
    let flash = match outcome {
        Ok(guest) if here => {
            let (name, host) = (&guest.name, &booking.member_name);
            let url = format!(
                "/admin/bookings/{}/guests/{}/attendance",
                booking.reference,
                guest.id.get()
            );
            let fields = [("mark", "undo"), ("back", form.back.as_str())];
            Flash::done(format!("{name} is here for {host}: {}.", booking.space))
                .with_undo(Undo::new(url, &fields))
        }
        Ok(guest) => Flash::done(format!("{}: taken back.", guest.name)),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok(admin_booking::done(jar, flash, &form.back, &booking))
}
