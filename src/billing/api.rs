//! Passes for programs: what is sold, one's own, and buying.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    pass::{Pass, cancellation, product::Product, purchase::Purchase, refusal::PassRefusal},
    quote::Line,
};
use crate::{
    app::App,
    bookings::payer::Payer,
    error::{Error, Result},
    extract::Now,
    form,
    members::{dossier::Dossier, find},
    money::Money,
    sessions::current::{Bearer, StaffBearer},
    time::parse_date,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(products))
        .routes(routes!(index, create))
        .routes(routes!(show))
        .routes(routes!(cancel))
        .routes(routes!(of_member))
}

#[derive(Serialize, ToSchema)]
#[schema(as = PassProduct)]
struct ProductJson {
    slug: String,
    name: String,
    /// A location's slug; null for every location.
    location: Option<String>,
    /// `week` or `month`.
    unit: &'static str,
    /// How many of its days can be used; null for every open one.
    days: Option<i32>,
    total_cents: Money,
    currency: &'static str,
}

#[derive(Serialize, ToSchema)]
struct ProductsJson {
    products: Vec<ProductJson>,
}

/// The passes on sale.
#[utoipa::path(get, path = "/pass-products", tag = "Passes", responses((status = 200, body = ProductsJson)))]
async fn products(State(app): State<App>, Now(now): Now, _: Bearer) -> Result<Json<ProductsJson>> {
    let mut db = app.db.acquire().await?;
    let products = Product::on_sale(&mut db, now.date_naive()).await?;
    let products = products
        .into_iter()
        .map(|product| ProductJson {
            slug: product.slug,
            name: product.name,
            location: product.place.map(|(_, slug)| slug),
            unit: product.unit.key(),
            days: product.days,
            total_cents: product.price,
            currency: "ZAR",
        })
        .collect();
    Ok(Json(ProductsJson { products }))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Pass)]
struct PassJson {
    /// Such as `CP-7K3M9`.
    reference: String,
    /// `running`, `coming`, `past` or `cancelled`.
    status: &'static str,
    name: String,
    /// The slug of what it was bought as.
    product: String,
    /// A location's slug; null for every location.
    location: Option<String>,
    #[schema(value_type = String, example = "2026-12-01")]
    first: NaiveDate,
    /// Included.
    #[schema(value_type = String, example = "2026-12-31")]
    last: NaiveDate,
    /// How many of its days can be used; null for every open one.
    days: Option<i32>,
    days_used: i64,
    /// Null for a pass of every open day.
    days_left: Option<i64>,
    /// The last day on which you can give it back as it stands; null when you cannot.
    #[schema(value_type = Option<String>, example = "2026-12-01")]
    free_to_cancel_until: Option<NaiveDate>,
    /// The slug of the company that pays; null when the member does.
    company: Option<String>,
    purchase_order: String,
    total_cents: Money,
    vat_cents: Money,
    currency: String,
    price: Vec<Line>,
}

impl PassJson {
    fn new(pass: Pass, now: DateTime<Utc>) -> Self {
        Self {
            status: pass.state(now).key(),
            days_left: pass.left(),
            free_to_cancel_until: pass.can_be_cancelled(now).then(|| pass.last_free_day()),
            reference: pass.reference,
            name: pass.name,
            product: pass.product,
            location: pass.place_slug,
            first: pass.first,
            last: pass.last,
            days: pass.days,
            days_used: pass.drawn,
            company: pass.company_slug,
            purchase_order: pass.purchase_order,
            total_cents: pass.total,
            vat_cents: pass.vat,
            currency: pass.currency,
            price: pass.price.lines,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct PassesJson {
    passes: Vec<PassJson>,
}

/// Your passes.
///
/// The one that ends last first.
#[utoipa::path(get, path = "/passes", tag = "Passes", responses((status = 200, body = PassesJson)))]
async fn index(State(app): State<App>, Now(now): Now, me: Bearer) -> Result<Json<PassesJson>> {
    let mut db = app.db.acquire().await?;
    let passes = Pass::of(&mut db, me.member).await?.into_iter();
    let passes = passes.map(|pass| PassJson::new(pass, now)).collect();
    Ok(Json(PassesJson { passes }))
}

/// One pass.
#[utoipa::path(get, path = "/passes/{reference}", tag = "Passes",
    params(("reference" = String, Path)), responses((status = 200, body = PassJson)))]
async fn show(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<Json<PassJson>> {
    let mut db = app.db.acquire().await?;
    let pass = Pass::seen_by(&mut db, me.member, me.staff.is_some(), &reference).await?;
    Ok(Json(PassJson::new(pass.ok_or(Error::NotFound)?, now)))
}

#[derive(Deserialize, ToSchema)]
struct NewPass {
    /// A product's slug.
    #[schema(example = "umhlanga-month")]
    product: String,
    /// Its first day.
    #[schema(example = "2026-12-01")]
    first: String,
    /// `me`, or a company's slug; nothing for whoever usually pays.
    #[serde(default)]
    company: String,
    #[serde(default)]
    purchase_order: String,
    /// To whom staff sell it, by email address, phone number or number with us; `company` is then one of theirs.
    on_behalf_of: Option<String>,
}

/// Buy a pass.
///
/// For somebody else by the token of staff. The account of whoever pays is charged at once. Send an `Idempotency-Key`: a repeated request is answered with the
/// pass of the first one.
#[utoipa::path(post, path = "/passes", tag = "Passes", request_body = NewPass,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 200 characters of your own, one for each pass.")),
    responses((status = 201, body = PassJson, headers(("Location" = String)))))]
async fn create(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    headers: HeaderMap,
    new: Result<Json<NewPass>, JsonRejection>,
) -> Result<Response> {
    let Json(new) = new.map_err(|rejection| Error::Refused {
        status: rejection.status(),
        kind: "bad-json",
        sentence: rejection.body_text(),
    })?;
    let first = parse_date(&new.first)
        .ok_or_else(|| Error::refused("bad-first", "Send a first day like 2026-11-24."))?;
    let key = match headers.get("idempotency-key").map(|key| key.to_str()) {
        None => None,
        Some(Ok(key)) if (1..=200).contains(&key.len()) => Some(key.to_owned()),
        Some(_) => {
            let sentence = "Send an Idempotency-Key of 1 to 200 plain characters.";
            return Err(Error::refused("bad-idempotency-key", sentence));
        }
    };
    let (member, sold_by) = match &new.on_behalf_of {
        None => (me.member, None),
        Some(who) => {
            me.staff.ok_or(Error::NotFound)?;
            let found = find::only(&mut *app.db.acquire().await?, who).await?;
            (found.ok_or_else(nobody)?.id, Some(me.member))
        }
    };
    let purchase = Purchase {
        product: new.product,
        first,
        payer: Payer::said(&new.company),
        purchase_order: form::optional_line(&new.purchase_order, 60)
            .map_err(|sentence| Error::refused("bad-purchase-order", sentence))?,
        shown: None,
        key,
        channel: "api",
        sold_by,
    };
    let pass =
        transaction!(app.db, tx => purchase.buy(tx, member, now).await)?.map_err(Error::from)?;
    let address = format!("/api/v1{}", pass.url());
    let located = [(header::LOCATION, address)];
    Ok((StatusCode::CREATED, located, Json(PassJson::new(pass, now))).into_response())
}

fn nobody() -> Error {
    let sentence =
        "Send an email address, a phone number or a number with us that is one person's.";
    Error::refused("no-such-member", sentence)
}

/// A member's passes.
///
/// For staff. The one that ends last first.
#[utoipa::path(get, path = "/members/{reference}/passes", tag = "Front desk", params(("reference" = String, Path)),
    responses((status = 200, body = PassesJson)))]
async fn of_member(
    State(app): State<App>,
    Now(now): Now,
    _: StaffBearer,
    Path(reference): Path<String>,
) -> Result<Json<PassesJson>> {
    let mut db = app.db.acquire().await?;
    let person = Dossier::find(&mut db, &reference).await?;
    let person = person.ok_or(Error::NotFound)?;
    let passes = Pass::of(&mut db, person.id).await?.into_iter();
    let passes = passes.map(|pass| PassJson::new(pass, now)).collect();
    Ok(Json(PassesJson { passes }))
}

/// Give a pass back.
///
/// While no day of it is drawn: up to the day before it begins, and within seven days after it was bought
/// even if it has begun. All of its price goes back. Twice is once.
#[utoipa::path(post, path = "/passes/{reference}/cancellation", tag = "Passes",
    params(("reference" = String, Path)), responses((status = 200, body = PassJson)))]
async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<Json<PassJson>> {
    let pass = {
        let mut db = app.db.acquire().await?;
        let pass = Pass::seen_by(&mut db, me.member, false, &reference).await?;
        pass.ok_or(Error::NotFound)?
    };
    let done = transaction!(app.db, tx => cancellation::cancel(tx, me.member, &pass, now).await)?;
    Ok(Json(PassJson::new(done.map_err(Error::from)?, now)))
}

/// Sold out is a conflict, a broken rule cannot be processed.
impl From<PassRefusal> for Error {
    fn from(refusal: PassRefusal) -> Self {
        match refusal {
            PassRefusal::SoldOut { .. } => Error::conflict(refusal.kind(), refusal.to_string()),
            _ => Error::refused(refusal.kind(), refusal.to_string()),
        }
    }
}
