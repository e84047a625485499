//! The statement of an account for programs.

use axum::{
    Json,
    extract::{Query, State},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    account::Entry,
    statement::{Holder, Period, Statement},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    members::{company::Company, profile::Profile},
    money::Money,
    sessions::current::Bearer,
    time,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// The first day; that of this month without it.
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// The first day that is not wanted; that of next month without it.
    #[param(example = "2026-12-01")]
    until: Option<String>,
    /// The slug of a company that one administers; one's own account without it.
    company: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Statement)]
struct StatementJson {
    /// The first day.
    from: String,
    /// The first day that is not in it.
    until: String,
    currency: &'static str,
    opening_cents: Money,
    closing_cents: Money,
    /// Owed today; below zero, in credit.
    due_cents: Money,
    entries: Vec<EntryJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = StatementEntry)]
struct EntryJson {
    /// RFC 3339.
    at: String,
    /// By the account's calendar.
    date: String,
    kind: Entry,
    description: String,
    /// The booking's or the pass's.
    reference: Option<String>,
    /// Above zero is owed more.
    cents: Money,
    balance_cents: Money,
}

/// What was charged and paid, with the balance after each entry.
#[utoipa::path(get, path = "/statement", tag = "Account", params(Asked), responses((status = 200, body = StatementJson)))]
async fn show(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Query(asked): Query<Asked>,
) -> Result<Json<StatementJson>> {
    let mut db = app.db.acquire().await?;
    let zone = Profile::of(&mut db, me.member).await?.zone;
    let holder = match &asked.company {
        None => Holder::Member(me.member),
        Some(slug) => {
            let company = Company::run_by(&mut db, me.member, slug).await?;
            Holder::Company(company.ok_or(Error::NotFound)?.id)
        }
    };
    let this_month = Period::month_of(zone.date(now));
    let date = |text: &Option<String>, otherwise, kind| match text {
        None => Ok(otherwise),
        Some(text) => {
            time::parse_date(text).ok_or_else(|| Error::refused(kind, "Send dates as 2026-11-24."))
        }
    };
    let period = Period {
        from: date(&asked.from, this_month.from, "bad-from")?,
        until: date(&asked.until, this_month.until, "bad-until")?,
    };
    if period.until <= period.from {
        return Err(Error::refused("bad-until", "Let until be after from."));
    }
    let statement = Statement::of(&mut db, holder, period, zone).await?;
    Ok(Json(StatementJson {
        from: period.from.to_string(),
        until: period.until.to_string(),
        currency: "ZAR",
        opening_cents: statement.opening,
        closing_cents: statement.closing,
        due_cents: statement.due,
        entries: statement
            .lines
            .into_iter()
            .map(|line| EntryJson {
                at: zone.rfc3339(line.at),
                date: line.date.to_string(),
                kind: line.kind,
                description: line.description,
                reference: line.reference,
                cents: line.amount,
                balance_cents: line.balance,
            })
            .collect(),
    }))
}
