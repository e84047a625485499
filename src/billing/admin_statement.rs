//! The statement of anybody's account, for managers.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::Query;
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
    Router::new()
        .route("/admin/members/{reference}/statement", get(of_member))
        .route(
            "/admin/members/{reference}/statement.csv",
            get(table_of_member),
        )
        .route("/admin/companies/{slug}/statement", get(of_company))
        .route(
            "/admin/companies/{slug}/statement.csv",
            get(table_of_company),
        )
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

impl Whose {
    async fn member(db: &mut Db, reference: &str) -> Result<Whose> {
        let person = Dossier::find(db, reference).await?.ok_or(Error::NotFound)?;
        Ok(Whose {
            holder: Holder::Member(person.id),
            page: person.url(),
            name: person.name,
            zone: person.zone,
        })
    }

    async fn company(db: &mut Db, slug: &str) -> Result<Whose> {
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

async fn read(
    db: &mut Db,
    whose: &Whose,
    asked: &Asked,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Statement> {
    let this_month = Period::month_of(whose.zone.date(now));
    let period = Period::named(&asked.month).unwrap_or(this_month);
    Statement::of(db, whose.holder, period, whose.zone).await
}

fn shown(chrome: Chrome, whose: Whose, statement: Statement) -> Result<Response> {
    html::page(&StatementPage {
        chrome,
        whose,
        month: statement.period.from.format("%Y-%m").to_string(),
        statement,
    })
}

fn filed(statement: &Statement) -> Response {
    let month = statement.period.from.format("%Y-%m");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"statement-{month}.csv\""),
        ),
    ];
    (headers, statement_pages::csv_of(statement)).into_response()
}

async fn of_member(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let whose = Whose::member(&mut db, &reference).await?;
    let statement = read(&mut db, &whose, &asked, now).await?;
    shown(chrome, whose, statement)
}

async fn of_company(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let whose = Whose::company(&mut db, &slug).await?;
    let statement = read(&mut db, &whose, &asked, now).await?;
    shown(chrome, whose, statement)
}

async fn table_of_member(
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let whose = Whose::member(&mut db, &reference).await?;
    Ok(filed(&read(&mut db, &whose, &asked, now).await?))
}

async fn table_of_company(
    Now(now): Now,
    State(app): State<App>,
    _: Manager,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let whose = Whose::company(&mut db, &slug).await?;
    Ok(filed(&read(&mut db, &whose, &asked, now).await?))
}
