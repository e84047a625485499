//! The guests of a booking, for programs.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    booking::Booking,
    guests::{Guest, Invited, Inviter, Refusal},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    sessions::current::Bearer,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, invite))
        .routes(routes!(uninvite))
}

#[derive(Serialize, ToSchema)]
struct GuestsJson {
    guests: Vec<GuestJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = InvitedGuest)]
struct GuestJson {
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    name: String,
    email: String,
    /// False once they have said that they cannot.
    comes: bool,
    arrived: bool,
}

impl From<Guest> for GuestJson {
    fn from(guest: Guest) -> GuestJson {
        GuestJson {
            id: guest.id.get(),
            name: guest.name,
            email: guest.email,
            comes: guest.declined_at.is_none(),
            arrived: guest.arrived_at.is_some(),
        }
    }
}

/// Somebody to be invited by mail.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct InviteJson {
    #[schema(example = "Lerato Moeketsi")]
    name: String,
    #[schema(example = "lerato@example.com")]
    email: String,
}

impl InviteJson {
    pub(super) fn read(&self) -> Result<Invited> {
        let name = form::required_line(&self.name, 100, "Send your guest’s name.");
        let refused = |kind| move |sentence: String| Error::refused(kind, sentence);
        Ok(Invited {
            name: name.map_err(refused("bad-name"))?,
            email: form::email(&self.email).map_err(refused("bad-email"))?,
        })
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        match refusal {
            Refusal::Invited { .. } => Error::conflict(refusal.kind(), refusal.to_string()),
            _ => Error::refused(refusal.kind(), refusal.to_string()),
        }
    }
}

/// One's own, one that one's company pays for as its admin, or any for staff.
async fn open(app: &App, me: &Bearer, reference: &str) -> Result<(Booking, Inviter)> {
    let mut db = app.db.acquire().await?;
    let is_staff = me.staff.is_some();
    let booking = Booking::seen_by(&mut db, me.member, is_staff, reference).await?;
    let by = Inviter {
        member: me.member,
        is_staff,
    };
    Ok((booking.ok_or(Error::NotFound)?, by))
}

async fn list(app: &App, booking: &Booking) -> Result<Json<GuestsJson>> {
    let guests = Guest::of(&mut *app.db.acquire().await?, booking.id).await?;
    Ok(Json(GuestsJson {
        guests: guests.into_iter().map(GuestJson::from).collect(),
    }))
}

/// The guests of a booking.
#[utoipa::path(get, path = "/bookings/{reference}/guests", tag = "Bookings",
    params(("reference" = String, Path)), responses((status = 200, body = GuestsJson)))]
async fn index(
    State(app): State<App>,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<Json<GuestsJson>> {
    let (booking, _) = open(&app, &me, &reference).await?;
    list(&app, &booking).await
}

/// Invite a guest.
///
/// They get a mail with the way, the time and a calendar file, and hear of moves and cancellations.
#[utoipa::path(post, path = "/bookings/{reference}/guests", tag = "Bookings", request_body = InviteJson,
    params(("reference" = String, Path)), responses((status = 201, body = GuestsJson)))]
async fn invite(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<InviteJson>, JsonRejection>,
) -> Result<(StatusCode, Json<GuestsJson>)> {
    let (booking, by) = open(&app, &me, &reference).await?;
    let Json(body) = body.map_err(unreadable)?;
    let whom = body.read()?;
    let invited = transaction!(app.db, tx => Guest::invite(tx, booking.id, by, &whom, now).await)?;
    invited?;
    Ok((StatusCode::CREATED, list(&app, &booking).await?))
}

/// Let a guest go.
///
/// They hear of it if they knew.
#[utoipa::path(delete, path = "/bookings/{reference}/guests/{guest}", tag = "Bookings",
    params(("reference" = String, Path), ("guest" = String, Path)), responses((status = 200, body = GuestsJson)))]
async fn uninvite(
    State(app): State<App>,
    me: Bearer,
    Path((reference, guest)): Path<(String, Uuid)>,
) -> Result<Json<GuestsJson>> {
    let (booking, by) = open(&app, &me, &reference).await?;
    let mut tx = app.db.begin().await?;
    Guest::uninvite(&mut tx, &booking, by, guest).await?;
    tx.commit().await?;
    list(&app, &booking).await
}
