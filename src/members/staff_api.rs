//! People for programs that act for staff: finding them, and writing somebody down.

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    dossier::Dossier,
    find::Found,
    intake::{self, Person},
    member::Standing,
    roster::{self, Which},
};
use crate::{
    app::App,
    billing::account::Account,
    error::{Error, Result},
    form,
    money::Money,
    sessions::current::StaffBearer,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show))
}

/// The most that are listed at once.
const MOST: i64 = 50;

#[derive(Serialize, ToSchema)]
struct PersonJson {
    /// Such as `CM-7K3M9`.
    reference: String,
    name: String,
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    /// The names of the companies they belong to.
    companies: Vec<String>,
    standing: Standing,
    /// Why, where they are not in good standing.
    standing_reason: String,
}

impl From<Found> for PersonJson {
    fn from(found: Found) -> PersonJson {
        PersonJson {
            reference: found.reference,
            name: found.name,
            email: found.email,
            phone: found.phone,
            companies: found
                .companies
                .split(", ")
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            standing: found.standing,
            standing_reason: found.standing_reason,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct PeopleJson {
    members: Vec<PersonJson>,
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// Letters of the name, the company or the email address, or how the phone number ends.
    #[param(required = false)]
    words: String,
    /// The reference of the last one on the page before.
    #[param(required = false)]
    after: String,
}

/// Find members.
///
/// For staff. By name, at most 50; `after` goes on.
#[utoipa::path(get, path = "/members", tag = "Front desk", params(Filter), responses((status = 200, body = PeopleJson)))]
async fn index(
    State(app): State<App>,
    _: StaffBearer,
    Query(filter): Query<Filter>,
) -> Result<Json<PeopleJson>> {
    let which = Which {
        words: filter.words,
        after: Some(filter.after).filter(|after| !after.is_empty()),
        most: MOST,
        ..Which::default()
    };
    let found = roster::list(&mut *app.db.acquire().await?, &which).await?;
    let members = found.into_iter().map(PersonJson::from).collect();
    Ok(Json(PeopleJson { members }))
}

#[derive(Serialize, ToSchema)]
struct MemberFileJson {
    reference: String,
    name: String,
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    /// The slug of their home location.
    home: Option<String>,
    companies: Vec<String>,
    standing: Standing,
    standing_reason: String,
    /// What they owe; below zero, have in credit.
    balance_cents: Money,
}

/// One of them, with what they owe.
#[utoipa::path(get, path = "/members/{reference}", tag = "Front desk", params(("reference" = String, Path)),
    responses((status = 200, body = MemberFileJson)))]
async fn show(
    State(app): State<App>,
    _: StaffBearer,
    Path(reference): Path<String>,
) -> Result<Json<MemberFileJson>> {
    let mut db = app.db.acquire().await?;
    let person = Dossier::find(&mut db, &reference)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(Json(MemberFileJson {
        balance_cents: Account::balance(&mut db, person.id).await?,
        reference: person.reference,
        name: person.name,
        email: person.email,
        phone: person.phone,
        home: person.home,
        companies: person
            .companies
            .into_iter()
            .map(|company| company.name)
            .collect(),
        standing: person.standing,
        standing_reason: person.standing_reason,
    }))
}

#[derive(Deserialize, ToSchema)]
struct NewPersonJson {
    name: String,
    email: Option<String>,
    /// As people type it, or E.164.
    phone: Option<String>,
    /// The slug of a location.
    home: Option<String>,
    /// Take the phone number although somebody else has it.
    #[serde(default)]
    same_phone: bool,
}

/// Write somebody down.
///
/// For staff. A name is enough.
#[utoipa::path(post, path = "/members", tag = "Front desk", request_body = NewPersonJson,
    responses((status = 201, body = MemberFileJson)))]
async fn create(
    State(app): State<App>,
    me: StaffBearer,
    Json(new): Json<NewPersonJson>,
) -> Result<(StatusCode, Json<MemberFileJson>)> {
    let refused = |kind| move |sentence: String| Error::refused(kind, sentence);
    let name =
        form::required_line(&new.name, 100, "Send their name.").map_err(refused("bad-name"))?;
    let email = new
        .email
        .as_deref()
        .map(form::email)
        .transpose()
        .map_err(refused("bad-email"))?;
    let phone = new
        .phone
        .as_deref()
        .map(form::phone)
        .transpose()
        .map_err(refused("bad-phone"))?;
    let person = Person {
        name,
        email,
        phone,
        home: new.home,
    };
    let by = me.member;
    let made = transaction!(app.db, tx => intake::create(tx, by, &person, new.same_phone).await)?;
    let reference = made.map_err(|refusal| Error::refused(refusal.kind(), refusal.to_string()))?;
    let shown = show(State(app), me, Path(reference)).await?;
    Ok((StatusCode::CREATED, shown))
}
