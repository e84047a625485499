//! The front desk's list of companies, and writing a new one down.

use askama::Template;
use axum::{
    Form, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Query};
use serde::Deserialize;

use super::{
    client::{self, Client},
    company::Details,
};
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    money::Money,
    sessions::current::Staff,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/companies", get(index))
        .route("/admin/companies/new", get(blank).post(create))
}

/// Companies on a page.
const PAGE: i64 = 50;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    words: String,
    after: String,
}

#[derive(Template)]
#[template(path = "members/admin/companies.html")]
struct IndexPage {
    chrome: Chrome,
    asked: Asked,
    companies: Vec<Client>,
}

impl IndexPage {
    fn next(&self) -> Option<String> {
        let last = self
            .companies
            .last()
            .filter(|_| self.companies.len() as i64 == PAGE)?;
        let query = html::query(&[("words", &self.asked.words), ("after", &last.slug)]);
        Some(format!("/admin/companies?{query}"))
    }
}

async fn index(
    chrome: Chrome,
    State(app): State<App>,
    _: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let after = Some(asked.after.as_str()).filter(|slug| !slug.is_empty());
    let companies = Client::list(&mut db, &asked.words, after, PAGE).await?;
    html::page(&IndexPage {
        chrome,
        asked,
        companies,
    })
}

/// What staff type of a company.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct CompanyForm {
    pub name: String,
    pub registration_no: String,
    pub vat_no: String,
    pub billing_address: String,
    pub billing_email: String,
    pub po_required: String,
    pub payment_days: String,
    pub version: i32,
}

impl CompanyForm {
    pub fn of(details: Details, payment_days: i32) -> CompanyForm {
        CompanyForm {
            name: details.name,
            registration_no: details.registration_no,
            vat_no: details.vat_no,
            billing_address: details.billing_address,
            billing_email: details.billing_email,
            po_required: if details.po_required {
                "yes".into()
            } else {
                String::new()
            },
            payment_days: payment_days.to_string(),
            version: details.version,
        }
    }

    /// The details, and the days that it has to pay.
    pub fn parse(&self) -> Result<(Details, i32), Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 100, "Enter the company’s name.");
        let name = errors.take("name", name);
        let registration_no = form::optional_line(&self.registration_no, 40);
        let registration_no = errors.take("registration_no", registration_no);
        let vat_no = errors.take("vat_no", form::vat_number(&self.vat_no));
        let address = form::optional_text(&self.billing_address, 500);
        let address = errors.take("billing_address", address);
        let email = match self.billing_email.trim() {
            "" => Some(String::new()),
            typed => errors.take("billing_email", form::email(typed)),
        };
        let days = self.payment_days.trim().parse::<i32>().ok();
        let days = days.ok_or("Enter how many days, such as 30; 0 for in advance.".into());
        let days = errors.take("payment_days", days);
        match (name, registration_no, vat_no, address, email, days) {
            (
                Some(name),
                Some(registration_no),
                Some(vat_no),
                Some(billing_address),
                Some(billing_email),
                Some(days),
            ) => Ok((
                Details {
                    name,
                    registration_no,
                    vat_no,
                    billing_address,
                    billing_email,
                    po_required: !self.po_required.is_empty(),
                    version: self.version,
                },
                days,
            )),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "members/admin/new_company.html")]
struct NewPage {
    chrome: Chrome,
    form: CompanyForm,
    errors: Errors,
}

async fn blank(chrome: Chrome, _: Staff) -> Result<Response> {
    let form = CompanyForm {
        payment_days: "30".into(),
        ..CompanyForm::default()
    };
    html::page(&NewPage {
        chrome,
        form,
        errors: Errors::default(),
    })
}

async fn create(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Form(form): Form<CompanyForm>,
) -> Result<Response> {
    let errors = match form.parse() {
        Ok((details, days)) => {
            let by = me.member;
            match transaction!(app.db, tx => client::create(tx, by, &details, days).await)? {
                Ok(company) => {
                    let words =
                        format!("{} is written down. Take its people in now.", company.name);
                    let jar = jar.add(Flash::done(words).cookie());
                    let page = format!("/admin/companies/{}", company.slug);
                    return Ok((jar, html::see_other(&page)).into_response());
                }
                Err(refusal) => {
                    let field = if refusal == client::Refusal::Days {
                        "payment_days"
                    } else {
                        "name"
                    };
                    (field, refusal.to_string()).into()
                }
            }
        }
        Err(errors) => errors,
    };
    html::refused(&NewPage {
        chrome: chrome.refused(),
        form,
        errors,
    })
}
