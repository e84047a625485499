//! The statement of anybody's account, for managers.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};
use axum_extra::extract::Query;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    statement::{Holder, Period, Statement},
    statement_pages,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    locations::location::Location,
    members::{client, dossier::Dossier},
    sessions::current::Manager,
    time::{self, Zone},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    let (member, company) = ("/admin/members/{reference}", "/admin/companies/{slug}");
    Router::new()
        .route(&format!("{member}/statement"), get(show::<OfMember>))
        .route(&format!("{member}/statement.csv"), get(table::<OfMember>))
        .route(&format!("{company}/statement"), get(show::<OfCompany>))
        .route(&format!("{company}/statement.csv"), get(table::<OfCompany>))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// `2026-11`; nothing for this one.
    month: String,
}

/// Whose account it is, and their page.
struct Whose {
    holder: Holder,
    name: String,
    page: String,
    zone: Zone,
}

/// Accounts of a kind, found by the name that addresses have for whose they are.
trait Account: 'static {
    fn find(db: &mut Db, name: &str) -> impl Future<Output = Result<Whose>> + Send;
}

struct OfMember;

impl Account for OfMember {
    async fn find(db: &mut Db, reference: &str) -> Result<Whose> {
        let person = Dossier::find(db, reference).await?.ok_or(Error::NotFound)?;
        Ok(Whose {
            holder: Holder::Member(person.id),
            page: person.url(),
            name: person.name,
            zone: person.zone,
        })
    }
}

struct OfCompany;

impl Account for OfCompany {
    async fn find(db: &mut Db, slug: &str) -> Result<Whose> {
        let company = client::find(db, slug).await?.ok_or(Error::NotFound)?;
        Ok(Whose {
            holder: Holder::Company(company.id),
            page: format!("/admin/companies/{}", company.slug),
            name: company.name,
            zone: Location::first_zone(db).await?,
        })
    }
}

#[derive(Template)]
#[template(path = "billing/admin/statement.html")]
struct StatementPage {
    chrome: Chrome,
    whose: Whose,
    statement: Statement,
    month: String,
}

impl StatementPage {
    fn day(&self, date: &chrono::NaiveDate) -> String {
        time::short_date(*date)
    }

    fn month_words(&self) -> String {
        self.statement.period.from.format("%B %Y").to_string()
    }

    fn before(&self) -> Option<String> {
        let from = self.statement.period.from;
        let earlier = self.statement.since.is_some_and(|since| since < from);
        earlier.then(|| from.pred_opt().map(|day| day.format("%Y-%m").to_string()))?
    }
}

async fn read(db: &mut Db, whose: &Whose, asked: &Asked, now: DateTime<Utc>) -> Result<Statement> {
    let this_month = Period::month_of(whose.zone.date(now));
    let period = Period::named(&asked.month).unwrap_or(this_month);
    Statement::of(db, whose.holder, period, whose.zone).await
}

async fn show<A: Account>(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let whose = A::find(&mut db, &name).await?;
    let statement = read(&mut db, &whose, &asked, now).await?;
    html::page(&StatementPage {
        chrome,
        whose,
        month: statement.period.from.format("%Y-%m").to_string(),
        statement,
    })
}

async fn table<A: Account>(
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let whose = A::find(&mut db, &name).await?;
    let statement = read(&mut db, &whose, &asked, now).await?;
    Ok(statement_pages::file(&statement))
}
