//! The one who holds the token, for programs.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    company::{Company, CompanyRole},
    profile::Profile,
};
use crate::{app::App, error::Result, sessions::current::Bearer};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
struct MeJson {
    name: String,
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    /// The slug of their home location.
    home: Option<String>,
    companies: Vec<CompanyJson>,
    /// The slug of the company that pays unless they say otherwise; null is themselves.
    payer: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Company)]
struct CompanyJson {
    slug: String,
    name: String,
    role: CompanyRole,
}

/// The member whose token it is.
#[utoipa::path(get, path = "/me", tag = "Account", responses((status = 200, body = MeJson)))]
async fn show(State(app): State<App>, me: Bearer) -> Result<Json<MeJson>> {
    let mut db = app.db.acquire().await?;
    let profile = Profile::of(&mut db, me.member).await?;
    let companies = Company::of(&mut db, me.member).await?;
    let (_, payer) = Company::paying_for(&mut db, me.member).await?;
    Ok(Json(MeJson {
        name: profile.name,
        email: profile.email,
        phone: profile.phone,
        home: profile.home,
        companies: companies
            .into_iter()
            .map(|company| CompanyJson {
                slug: company.slug,
                name: company.name,
                role: company.role,
            })
            .collect(),
        payer,
    }))
}
