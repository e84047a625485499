//! Who works here, for programs of owners.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::staff::{self, Colleague, Refusal, Role};
use crate::{
    app::App,
    error::{Error, Result},
    extract::unreadable,
    locations::location::Location,
    sessions::current::OwnerBearer,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, take_on))
        .routes(routes!(change))
        .routes(routes!(dismiss))
}

#[derive(Serialize, ToSchema)]
struct StaffJson {
    staff: Vec<ColleagueJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Colleague)]
struct ColleagueJson {
    /// Such as `CM-7K3M9`.
    reference: String,
    name: String,
    email: Option<String>,
    /// `receptionist`, `manager` or `owner`.
    role: &'static str,
    /// The slug of the location that a manager manages.
    location: Option<String>,
    /// They can switch to themselves on a shared computer.
    has_pin: bool,
    /// Without one, a link to choose it was mailed.
    has_password: bool,
    /// RFC 3339, to five minutes.
    last_seen: Option<String>,
}

async fn list(app: &App) -> Result<Json<StaffJson>> {
    let mut db = app.db.acquire().await?;
    let zone = Location::first_zone(&mut db).await?;
    let staff = Colleague::list(&mut db).await?.into_iter();
    let staff = staff.map(|one| ColleagueJson {
        role: one.role.key(),
        reference: one.reference,
        name: one.name,
        email: one.email,
        location: one.location,
        has_pin: one.has_pin,
        has_password: one.has_password,
        last_seen: one.seen_at.map(|at| zone.rfc3339(at)),
    });
    Ok(Json(StaffJson {
        staff: staff.collect(),
    }))
}

fn refused(refusal: Refusal) -> Error {
    Error::refused(refusal.kind(), refusal.to_string())
}

fn role(text: &str) -> Result<Role> {
    let read = text.parse::<Role>();
    read.map_err(|_| Error::refused("bad-role", "Send receptionist, manager or owner as role."))
}

/// Who works here.
///
/// For owners. Owners first, then managers, then the front desk.
#[utoipa::path(get, path = "/staff", tag = "Setting up", responses((status = 200, body = StaffJson)))]
async fn index(State(app): State<App>, _: OwnerBearer) -> Result<Json<StaffJson>> {
    list(&app).await
}

#[derive(Deserialize, ToSchema)]
struct NewColleague {
    name: String,
    /// A member’s, or a new one’s.
    email: String,
    /// `receptionist`, `manager` or `owner`.
    #[schema(example = "receptionist")]
    role: String,
    /// A location's slug; for a manager alone.
    location: Option<String>,
}

/// Take somebody on.
///
/// For owners. Whoever has no password yet is mailed a link to choose one.
#[utoipa::path(post, path = "/staff", tag = "Setting up", request_body = NewColleague,
    responses((status = 200, body = StaffJson)))]
async fn take_on(
    State(app): State<App>,
    me: OwnerBearer,
    body: Result<Json<NewColleague>, JsonRejection>,
) -> Result<Json<StaffJson>> {
    let Json(new) = body.map_err(unreadable)?;
    let (by, role) = (Some(me.member), role(&new.role)?);
    let location = new.location.as_deref();
    let taken = transaction!(app.db, tx => {
        staff::take_on(tx, by, &new.email, &new.name, role, location).await
    })?;
    taken.map_err(refused)?;
    list(&app).await
}

#[derive(Deserialize, ToSchema)]
struct NewRole {
    /// `receptionist`, `manager` or `owner`.
    #[schema(example = "manager")]
    role: String,
    /// A location's slug; for a manager alone.
    location: Option<String>,
}

/// Give somebody who works here another role.
///
/// For owners. It counts from their next request; the last owner stays one.
#[utoipa::path(put, path = "/staff/{reference}", tag = "Setting up", request_body = NewRole,
    params(("reference" = String, Path)), responses((status = 200, body = StaffJson)))]
async fn change(
    State(app): State<App>,
    me: OwnerBearer,
    Path(reference): Path<String>,
    body: Result<Json<NewRole>, JsonRejection>,
) -> Result<Json<StaffJson>> {
    let Json(new) = body.map_err(unreadable)?;
    let (by, role, location) = (me.member, role(&new.role)?, new.location.as_deref());
    let changed = transaction!(app.db, tx =>
        staff::change(tx, by, &reference, role, location).await)?;
    changed.map_err(refused)?;
    list(&app).await
}

/// Dismiss somebody.
///
/// For owners. Their sessions and tokens end at once; they stay a member.
#[utoipa::path(post, path = "/staff/{reference}/dismissal", tag = "Setting up",
    params(("reference" = String, Path)), responses((status = 200, body = StaffJson)))]
async fn dismiss(
    State(app): State<App>,
    me: OwnerBearer,
    Path(reference): Path<String>,
) -> Result<Json<StaffJson>> {
    let by = me.member;
    let dismissed = transaction!(app.db, tx => staff::dismiss(tx, by, &reference).await)?;
    dismissed.map_err(refused)?;
    list(&app).await
}
