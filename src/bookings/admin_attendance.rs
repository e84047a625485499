//! The ticks of the front desk: here, gone, nobody came, and back.

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::{
    attendance::{self, Mark},
    booking::Booking,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::{Flash, Undo},
    html,
    sessions::current::Staff,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/bookings/{reference}/attendance", post(mark))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tick {
    mark: String,
    version: Option<i32>,
    /// Where it was ticked.
    back: String,
}

async fn mark(
    State(app): State<App>,
    Now(now): Now,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<Tick>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let booking = Booking::seen_by(&mut db, me.member, true, &reference)
        .await?
        .ok_or(Error::NotFound)?;
    drop(db);
    let wanted = Mark::named(&form.mark)
        .ok_or_else(|| Error::refused("bad-mark", "Choose arrive, leave, miss or undo."))?;
    let outcome = transaction!(app.db, tx =>
        attendance::mark(tx, me.member, booking.id, wanted, form.version, now).await)?;
    let flash = match outcome {
        Ok(booking) => done(wanted, &booking, &form.back),
        Err(refusal) => Flash::problem(format!("{}: {refusal}", booking.member_name)),
    };
    let back = match form.back.as_str() {
        "" => "/admin",
        back => html::local_address(back),
    };
    Ok((jar.add(flash.cookie()), html::see_other(back)).into_response())
}

/// What was ticked, and the way back.
fn done(mark: Mark, booking: &Booking, back: &str) -> Flash {
    let (who, space) = (&booking.member_name, &booking.space);
    let said = match mark {
        Mark::Arrive => format!("{who} is here: {space}."),
        Mark::Leave => format!("{who} has left. {space} is free again."),
        Mark::Miss => format!("{who} did not come. {space} is free again."),
        Mark::Undo => return Flash::done(format!("{who}: taken back.")),
    };
    let version = booking.version.to_string();
    let undo = Undo::new(
        format!("/admin/bookings/{}/attendance", booking.reference),
        &[("mark", "undo"), ("version", &version), ("back", back)],
    );
    Flash::done(said).with_undo(undo)
}
