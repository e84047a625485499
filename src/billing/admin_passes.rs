//! Selling a pass at the counter, to whoever stands there or calls.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::pass::{product::Product, purchase::Purchase};
use crate::{
    app::App,
    bookings::payer::{Payer, Payers},
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    members::dossier::Dossier,
    money::Money,
    sessions::current::Staff,
    time::{long_date, parse_date},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route(
        "/admin/members/{reference}/passes/new",
        get(blank).post(sell),
    )
}

/// As typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct SaleForm {
    /// A product's slug and the price that was shown, in cents: `musgrave-week 75000`.
    product: String,
    first: String,
    /// `me`, a company's slug, or nothing for whoever usually pays.
    company: String,
    purchase_order: String,
    key: String,
}

impl SaleForm {
    fn chosen(&self) -> (&str, Option<Money>) {
        let (slug, shown) = self.product.split_once(' ').unwrap_or((&self.product, ""));
        (slug, shown.parse().ok().map(Money::cents))
    }
}

#[derive(Template)]
#[template(path = "billing/admin/sale.html")]
struct SalePage {
    chrome: Chrome,
    errors: Errors,
    person: Dossier,
    products: Vec<Product>,
    payers: Payers,
    form: SaleForm,
}

impl SalePage {
    fn value(&self, product: &Product) -> String {
        format!("{} {}", product.slug, product.price.in_cents())
    }

    fn is_chosen(&self, product: &Product) -> bool {
        self.form.chosen().0 == product.slug
    }
}

async fn found(db: &mut Db, reference: &str) -> Result<Dossier> {
    let person = Dossier::find(db, reference).await?;
    let person = person.filter(|person| person.erased_at.is_none());
    person.ok_or(Error::NotFound)
}

async fn page(
    db: &mut Db,
    chrome: Chrome,
    person: Dossier,
    mut form: SaleForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<SalePage> {
    form.key = Uuid::new_v4().to_string();
    Ok(SalePage {
        chrome,
        errors,
        products: Product::on_sale(db, now.date_naive()).await?,
        payers: Payers::of(db, person.id).await?,
        person,
        form,
    })
}

async fn blank(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let person = found(&mut db, &reference).await?;
    let form = SaleForm {
        first: person.zone.date(now).to_string(),
        ..SaleForm::default()
    };
    html::page(&page(&mut db, chrome, person, form, Errors::default(), now).await?)
}

async fn sell(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(form): Form<SaleForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let person = found(&mut db, &reference).await?;
    let product = Product::find(&mut db, form.chosen().0).await?;
    let errors = match wanted(&form, product, &me) {
        Err(errors) => errors,
        Ok(purchase) => {
            let to = person.id;
            match transaction!(app.db, tx => purchase.buy(tx, to, now).await)? {
                Ok(pass) => {
                    let said = format!(
                        "{} {}, {}, is theirs from {}. {} is charged.",
                        pass.name,
                        pass.reference,
                        pass.where_valid(),
                        long_date(pass.first, pass.zone.date(now)),
                        pass.total
                    );
                    let next = format!("/admin/payments/new?member={}", person.reference);
                    return Ok(
                        (jar.add(Flash::done(said).cookie()), html::see_other(&next))
                            .into_response(),
                    );
                }
                Err(refusal) => (refusal.field(), refusal.to_string()).into(),
            }
        }
    };
    html::refused(&page(&mut db, chrome.refused(), person, form, errors, now).await?)
}

/// Every mistake at once.
fn wanted(form: &SaleForm, product: Option<Product>, me: &Staff) -> Result<Purchase, Errors> {
    let mut errors = Errors::default();
    let product = errors.take("product", product.ok_or("Choose a pass.".to_owned()));
    let first: Result<NaiveDate, String> =
        parse_date(&form.first).ok_or("Choose the first day.".to_owned());
    let first = errors.take("first", first);
    let order = form::optional_line(&form.purchase_order, 60);
    let order = errors.take("purchase_order", order);
    match (product, first, order) {
        (Some(product), Some(first), Some(purchase_order)) => Ok(Purchase {
            product: product.slug,
            first,
            payer: Payer::said(&form.company),
            purchase_order,
            shown: form.chosen().1,
            key: Some(form.key.clone()).filter(|key| (8..=100).contains(&key.len())),
            channel: "desk",
            sold_by: Some(me.member),
        }),
        _ => Err(errors),
    }
}
