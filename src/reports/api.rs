//! The reports' figures for programs of managers and owners.

use axum::{
    Json,
    extract::{Path, State},
};
use axum_extra::extract::Query;
use chrono::{DateTime, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    figures::Scope,
    sheets::{self, Sheet},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    locations::location::Location,
    sessions::current::ManagerBearer,
    time::parse_date,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Clone, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// A location's slug; all that one manages without it.
    #[param(required = false, example = "umhlanga")]
    location: String,
    /// The beginning of the month before `last` without it.
    #[param(required = false, example = "2026-11-01")]
    first: String,
    /// Today without it.
    #[param(required = false, example = "2026-11-30")]
    last: String,
}

impl Asked {
    async fn scope(&self, db: &mut Db, me: &ManagerBearer, now: DateTime<Utc>) -> Result<Scope> {
        let locations = Location::ever(&mut *db).await?;
        let today = locations
            .first()
            .map_or(now.date_naive(), |place| place.zone.date(now));
        let date = |text: &str, usual| match text {
            "" => Ok(usual),
            text => parse_date(text)
                .ok_or_else(|| Error::refused("bad-date", "Send a date like 2026-11-24.")),
        };
        let last = date(&self.last, today)?;
        let month = chrono::Datelike::with_day(&last, 1).unwrap_or(last);
        let usual = month.checked_sub_months(Months::new(1)).unwrap_or(month);
        let days = (date(&self.first, usual)?, last);
        let scope = Scope::new(me.duties(), locations, &self.location, days);
        scope.ok_or(Error::NotFound)
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Report)]
struct ReportJson {
    /// The slugs of the locations that are counted.
    locations: Vec<String>,
    #[schema(value_type = String, example = "2026-11-01")]
    first: NaiveDate,
    #[schema(value_type = String, example = "2026-11-30")]
    last: NaiveDate,
    /// The names of the columns.
    heading: Vec<&'static str>,
    /// As the page and the file have them: amounts in rands, hours with one decimal.
    rows: Vec<Vec<String>>,
    /// Where there is one, the row that adds the others up.
    total: Option<Vec<String>>,
}

/// A report.
///
/// For managers of their location, and owners. `spaces`, `kinds`, `week`, `revenue`, `lead`, `no-shows` or `members`,
/// for two years at most.
#[utoipa::path(get, path = "/reports/{report}", tag = "Reports", params(("report" = String, Path), Asked),
    responses((status = 200, body = ReportJson)))]
async fn show(
    State(app): State<App>,
    Now(now): Now,
    me: ManagerBearer,
    Path(report): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<ReportJson>> {
    let mut db = app.db.acquire().await?;
    let scope = asked.scope(&mut db, &me, now).await?;
    let everywhere = me.duties().is_owner() && asked.location.is_empty();
    let sheet = sheets::read(&mut db, &report, &scope, everywhere, now).await?;
    let Sheet {
        heading,
        rows,
        total,
    } = sheet.ok_or(Error::NotFound)?;
    Ok(Json(ReportJson {
        locations: scope
            .locations
            .iter()
            .map(|place| place.slug.clone())
            .collect(),
        first: scope.first,
        last: scope.last,
        heading,
        rows,
        total,
    }))
}
