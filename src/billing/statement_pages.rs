//! The statement of an account, to read, to print, and as a table for accountants.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use chrono::{Months, NaiveDate};
use serde::Deserialize;

use super::{
    account::Entry,
    statement::{Holder, Issuer, Line, Period, Statement},
};
use crate::{
    app::App,
    csv,
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    members::{
        company::{Company, CompanyRole, Details},
        profile::Profile,
    },
    money::Money,
    sessions::current::Current,
    time::{self, Zone},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/statement", get(show))
        .route("/statement.csv", get(table))
}

/// How many months back can be chosen from the list.
const MONTHS: usize = 36;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// A company's slug; nothing for one's own.
    company: String,
    /// `2026-11`; nothing for this one.
    month: String,
}

#[derive(Template)]
#[template(path = "billing/statement.html")]
struct StatementPage {
    chrome: Chrome,
    statement: Statement,
    issuer: Issuer,
    profile: Profile,
    /// Whose account it is, if not one's own.
    company: Option<(Company, Details)>,
    /// Those whose account one may see as well.
    companies: Vec<Company>,
    today: NaiveDate,
}

impl StatementPage {
    async fn read(
        app: &App,
        me: &Current,
        asked: &Asked,
        today: impl Fn(Zone) -> NaiveDate,
        chrome: Chrome,
    ) -> Result<Self> {
        let mut db = app.db.acquire().await?;
        let mut companies = Company::of(&mut db, me.member).await?;
        companies.retain(|company| company.role == CompanyRole::Admin);
        let profile = Profile::of(&mut db, me.member).await?;
        let company = match asked.company.as_str() {
            "" => None,
            slug => {
                let company = companies.iter().find(|company| company.slug == slug);
                let company = company.ok_or(Error::NotFound)?.clone();
                let details = company.details(&mut db).await?;
                Some((company, details))
            }
        };
        let holder = match &company {
            Some((company, _)) => Holder::Company(company.id),
            None => Holder::Member(me.member),
        };
        let today = today(profile.zone);
        let period = Period::named(&asked.month).unwrap_or_else(|| Period::month_of(today));
        Ok(StatementPage {
            chrome,
            statement: Statement::of(&mut db, holder, period, profile.zone).await?,
            issuer: Issuer::load(&mut db).await?,
            profile,
            company,
            companies,
            today,
        })
    }

    fn slug(&self) -> &str {
        self.company
            .as_ref()
            .map_or("", |(company, _)| &company.slug)
    }

    fn holder(&self) -> &str {
        self.company
            .as_ref()
            .map_or(&self.profile.name, |(_, details)| &details.name)
    }

    fn month(&self, period: &Period) -> String {
        period.from.format("%Y-%m").to_string()
    }

    fn month_words(&self, period: &Period) -> String {
        period.from.format("%B %Y").to_string()
    }

    /// The months from now back to the first entry.
    fn months(&self) -> Vec<Period> {
        let newest = Period::month_of(self.today)
            .from
            .max(self.statement.period.from);
        let oldest = self
            .statement
            .since
            .unwrap_or(self.today)
            .min(self.statement.period.from);
        let back = (0..).map_while(|months| newest.checked_sub_months(Months::new(months)));
        back.map(Period::month_of)
            .take_while(|month| month.until > oldest)
            .take(MONTHS)
            .collect()
    }

    fn address(&self, path: &str, month: &Period) -> String {
        let month = self.month(month);
        let mut query = vec![("month", month.as_str())];
        if let Some((company, _)) = &self.company {
            query.push(("company", &company.slug));
        }
        format!("{path}?{}", html::query(&query))
    }

    fn month_before(&self) -> Option<String> {
        let from = self.statement.period.from;
        let before = Period::month_of(from.pred_opt()?);
        let since = self.statement.since?;
        (since < from).then(|| self.address("/statement", &before))
    }

    fn month_after(&self) -> Option<String> {
        let until = self.statement.period.until;
        (until <= self.today).then(|| self.address("/statement", &Period::month_of(until)))
    }

    fn table_address(&self) -> String {
        self.address("/statement.csv", &self.statement.period)
    }

    fn date(&self, date: &NaiveDate) -> String {
        time::short_date(*date)
    }
}

async fn show(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    me: Current,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    html::page(&StatementPage::read(&app, &me, &asked, |zone| zone.date(now), chrome).await?)
}

const HEADING: [&str; 9] = [
    "Date",
    "Kind",
    "Description",
    "For",
    "Booked for",
    "Reference",
    "Charge",
    "Payment or credit",
    "Balance",
];

async fn table(
    chrome: Chrome,
    Now(now): Now,
    State(app): State<App>,
    me: Current,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let page = StatementPage::read(&app, &me, &asked, |zone| zone.date(now), chrome).await?;
    Ok(file(&page.statement))
}

/// Each entry with the balance after it, between the balances before and after all of them.
pub(super) fn file(statement: &Statement) -> Response {
    let balance = |date: NaiveDate, words: &str, balance: Money| {
        let mut row = vec![date.to_string(), words.to_owned()];
        row.resize(HEADING.len() - 1, String::new());
        row.push(balance.decimal());
        row
    };
    let mut rows = vec![balance(
        statement.period.from,
        "Opening balance",
        statement.opening,
    )];
    rows.extend(statement.lines.iter().map(row));
    rows.push(balance(
        statement.period.last(),
        "Closing balance",
        statement.closing,
    ));
    let name = format!("statement-{}.csv", statement.period.from.format("%Y-%m"));
    csv::file(&name, csv::table(&HEADING, rows))
}

fn row(line: &Line) -> Vec<String> {
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let amount = |amount: Option<Money>| amount.map(Money::decimal).unwrap_or_default();
    vec![
        line.date.to_string(),
        line.kind.words().to_owned(),
        line.description.clone(),
        some(&line.detail),
        some(&line.booked_for),
        some(&line.reference),
        amount(line.charged()),
        amount(line.credited()),
        line.balance.decimal(),
    ]
}
