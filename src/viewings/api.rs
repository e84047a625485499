//! Viewings for programs that act for staff: reading them.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::viewing::{Status, Viewing, Which};
use crate::{
    app::App,
    error::{Error, Result},
    money::Money,
    sessions::current::Bearer,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index))
        .routes(routes!(show))
}

/// The most that are listed at once.
const MOST: i64 = 200;

#[derive(Serialize, ToSchema)]
#[schema(as = Viewing)]
struct ViewingJson {
    /// Such as `V-7K3M9`.
    reference: String,
    /// The location's slug.
    location: String,
    /// Its stage: `new`, `contacted`, `scheduled`, `toured`, `proposal`, `won`, `lost`, `later`, `no_show` or `spam`.
    status: &'static str,
    name: String,
    email: Option<String>,
    phone: Option<String>,
    company: String,
    interests: Vec<&'static str>,
    people: Option<i32>,
    starts_on: Option<String>,
    budget_cents: Option<Money>,
    wished: Vec<String>,
    /// `web`, `phone`, `whatsapp`, `walk_in` or `broker`.
    source: &'static str,
    /// When the visit is, RFC 3339 with the location's offset.
    from: Option<String>,
    until: Option<String>,
    guide: Option<String>,
    next_action: String,
    next_on: Option<String>,
    version: i32,
}

impl From<Viewing> for ViewingJson {
    fn from(viewing: Viewing) -> Self {
        let zone = viewing.zone;
        Self {
            wished: viewing.wished.iter().map(|at| zone.rfc3339(*at)).collect(),
            from: viewing.during.map(|span| zone.rfc3339(span.from)),
            until: viewing.during.map(|span| zone.rfc3339(span.until)),
            interests: viewing.interests.iter().map(|kind| kind.key()).collect(),
            starts_on: viewing.starts_on.map(|date| date.to_string()),
            next_on: viewing.next_on.map(|date| date.to_string()),
            reference: viewing.reference,
            location: viewing.place_slug,
            status: viewing.status.key(),
            name: viewing.name,
            email: viewing.email,
            phone: viewing.phone,
            company: viewing.company,
            people: viewing.people,
            budget_cents: viewing.budget,
            source: viewing.source.key(),
            guide: viewing.guide_name,
            next_action: viewing.next_action,
            version: viewing.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ViewingsJson {
    viewings: Vec<ViewingJson>,
}

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// A stage; all but spam without it.
    #[param(required = false)]
    status: String,
}

/// For staff alone: for everybody else there are no viewings.
fn staff(me: &Bearer) -> Result<()> {
    me.staff.map(|_| ()).ok_or(Error::NotFound)
}

/// People who ask to see a location.
///
/// For staff. Those changed last come first, at most 200.
#[utoipa::path(get, path = "/viewings", tag = "Viewings", params(Filter),
    responses((status = 200, body = ViewingsJson)))]
async fn index(
    State(app): State<App>,
    me: Bearer,
    Query(filter): Query<Filter>,
) -> Result<Json<ViewingsJson>> {
    staff(&me)?;
    let statuses: Vec<Status> = match filter.status.as_str() {
        "" => Status::ALL
            .into_iter()
            .filter(|status| *status != Status::Spam)
            .collect(),
        key => vec![
            Status::named(key)
                .ok_or_else(|| Error::refused("bad-request", "No stage is called that."))?,
        ],
    };
    let which = Which {
        statuses: &statuses,
        most: MOST,
        ..Which::default()
    };
    let viewings = Viewing::list(&mut *app.db.acquire().await?, which).await?;
    let viewings = viewings.into_iter().filter(|viewing| !viewing.forgotten);
    let viewings = viewings.map(ViewingJson::from).collect();
    Ok(Json(ViewingsJson { viewings }))
}

/// One of them.
#[utoipa::path(get, path = "/viewings/{reference}", tag = "Viewings",
    params(("reference" = String, Path)), responses((status = 200, body = ViewingJson)))]
async fn show(
    State(app): State<App>,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<Json<ViewingJson>> {
    staff(&me)?;
    let viewing = Viewing::find(&mut *app.db.acquire().await?, &reference).await?;
    Ok(Json(viewing.into()))
}
