//! A member's passes: the list, one pass, buying one and giving it back.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    pass::{
        DayDrawn, Pass, State as PassState, cancellation,
        product::Product,
        purchase::{AHEAD, Purchase},
        refusal::PassRefusal,
    },
    quote::Line,
    rate::PriceList,
};
use crate::{
    app::App,
    bookings::payer::{Payer, Payers},
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    money::Money,
    sessions::current::Current,
    time::{long_date, parse_date},
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/passes", get(index).post(create))
        .route("/passes/new", get(new))
        .route("/passes/{reference}", get(show))
        .route(
            "/passes/{reference}/cancellation",
            get(consider).post(cancel),
        )
}

#[derive(Template)]
#[template(path = "billing/index.html")]
struct IndexPage {
    chrome: Chrome,
    now: DateTime<Utc>,
    running: Vec<(Pass, Vec<DayDrawn>)>,
    coming: Vec<Pass>,
    past: Vec<Pass>,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut page = IndexPage {
        chrome,
        now,
        running: Vec::new(),
        coming: Vec::new(),
        past: Vec::new(),
    };
    for pass in Pass::of(&mut db, me.member).await? {
        match pass.state(now) {
            PassState::Running => {
                let days = pass.days_drawn(&mut db).await?;
                page.running.push((pass, days));
            }
            PassState::Coming => page.coming.push(pass),
            PassState::Past | PassState::Cancelled => page.past.push(pass),
        }
    }
    page.running.reverse();
    page.coming.reverse();
    html::page(&page)
}

#[derive(Template)]
#[template(path = "billing/show.html")]
struct ShowPage {
    chrome: Chrome,
    now: DateTime<Utc>,
    /// It is the reader's own.
    own: bool,
    days: Vec<DayDrawn>,
    emblem: String,
    pass: Pass,
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let pass = Pass::seen_by(&mut db, me.member, me.staff.is_some(), &reference)
        .await?
        .ok_or(Error::NotFound)?;
    html::page(&ShowPage {
        chrome,
        now,
        own: pass.member == me.member,
        days: pass.days_drawn(&mut db).await?,
        emblem: pass.emblem.clone(),
        pass,
    })
}

/// What the form carries; `first` empty means today.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PassForm {
    product: String,
    first: String,
    /// `me`, or a company's slug.
    company: String,
    purchase_order: String,
    shown: String,
    key: String,
}

impl PassForm {
    fn first(&self, today: NaiveDate) -> Result<NaiveDate, String> {
        match self.first.trim() {
            "" => Ok(today),
            text => parse_date(text).ok_or_else(|| "Choose a first day, like 2026-11-24.".into()),
        }
    }
}

#[derive(Template)]
#[template(path = "billing/new.html")]
struct NewPage {
    chrome: Chrome,
    errors: Errors,
    form: PassForm,
    product: Product,
    today: NaiveDate,
    first: NaiveDate,
    payers: Payers,
    lines: Vec<Line>,
    vat: Money,
    vat_label: String,
    terms_version: String,
}

impl NewPage {
    fn latest(&self) -> String {
        (self.today + chrono::Duration::days(AHEAD)).to_string()
    }

    fn last(&self) -> String {
        long_date(self.product.last_day(self.first), self.today)
    }

    fn begins(&self) -> String {
        long_date(self.first, self.today)
    }
}

async fn new_page(
    app: &App,
    chrome: Chrome,
    me: &Current,
    mut form: PassForm,
    now: DateTime<Utc>,
) -> Result<NewPage> {
    let mut db = app.db.acquire().await?;
    let product = Product::find(&mut db, &form.product)
        .await?
        .ok_or(Error::NotFound)?;
    let today = product.zone.date(now);
    let first = form.first(today).unwrap_or(today);
    if form.first.trim().is_empty() {
        form.first = first.to_string();
    }
    let points = PriceList::load(&mut db).await?.vat(today);
    form.key = Uuid::new_v4().to_string();
    form.shown = product.price.in_cents().to_string();
    Ok(NewPage {
        chrome,
        errors: Errors::default(),
        today,
        first,
        payers: Payers::of(&mut db, me.member).await?,
        lines: vec![Line {
            label: product.line(),
            cents: product.price,
        }],
        vat: product.price.vat_inside(points),
        vat_label: super::quote::vat_label(points),
        terms_version: super::pass::terms_version(&mut db).await?,
        form,
        product,
    })
}

/// What it covers, until when and what it costs, before it is bought.
async fn new(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Query(form): Query<PassForm>,
) -> Result<Response> {
    let mut page = new_page(&app, chrome, &me, form, now).await?;
    if !page.product.is_sold(page.today) {
        let flash = Flash::problem(PassRefusal::NotSold.to_string());
        let to_others = html::see_other("/pricing#passes");
        return Ok((CookieJar::new().add(flash.cookie()), to_others).into_response());
    }
    if let Err(sentence) = page.form.first(page.today) {
        page.errors.add("first", sentence);
    }
    html::page(&page)
}

async fn create(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Form(form): Form<PassForm>,
) -> Result<Response> {
    let product = {
        let mut db = app.db.acquire().await?;
        Product::find(&mut db, &form.product).await?
    };
    let product = product.ok_or(Error::NotFound)?;
    let mut errors = Errors::default();
    let first = errors.take("first", form.first(product.zone.date(now)));
    let purchase_order = form::optional_line(&form.purchase_order, 60);
    let purchase_order = errors.take("purchase_order", purchase_order);
    let (Some(first), Some(purchase_order)) = (first, purchase_order) else {
        return again(&app, chrome, &me, form, errors, now).await;
    };
    let purchase = Purchase {
        product: product.slug,
        first,
        payer: Payer::said(&form.company),
        purchase_order,
        shown: form.shown.parse().ok().map(Money::cents),
        key: Some(form.key.clone()).filter(|key| (8..=100).contains(&key.len())),
        channel: "web",
        sold_by: None,
    };
    match transaction!(app.db, tx => purchase.buy(tx, me.member, now).await)? {
        Ok(pass) => {
            let flash = Flash::done("The pass is yours. Book any desk with it.");
            Ok((jar.add(flash.cookie()), html::see_other(&pass.url())).into_response())
        }
        Err(refusal) => {
            let errors = Errors::from((refusal.field(), refusal.to_string()));
            again(&app, chrome, &me, form, errors, now).await
        }
    }
}

/// The same page with everything typed still there, and a fresh key.
async fn again(
    app: &App,
    chrome: Chrome,
    me: &Current,
    form: PassForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<Response> {
    let mut page = new_page(app, chrome.refused(), me, form, now).await?;
    page.errors = errors;
    html::refused(&page)
}

#[derive(Template)]
#[template(path = "billing/cancellation.html")]
struct CancellationPage {
    chrome: Chrome,
    now: DateTime<Utc>,
    pass: Pass,
}

/// What giving it back means, before it is done.
async fn consider(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let pass = changeable(&app, &me, &reference).await?;
    if !pass.can_be_cancelled(now) {
        return Ok(html::see_other(&pass.url()));
    }
    html::page(&CancellationPage { chrome, now, pass })
}

async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
) -> Result<Response> {
    let pass = changeable(&app, &me, &reference).await?;
    let flash = match transaction!(app.db, tx => cancellation::cancel(tx, me.member, &pass, now).await)?
    {
        Ok(done) => Flash::done(format!(
            "{} is given back: all {} is credited, and it costs you nothing.",
            done.reference, done.total
        )),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok((jar.add(flash.cookie()), html::see_other(&pass.url())).into_response())
}

/// One's own, or as the admin of the company that pays.
async fn changeable(app: &App, me: &Current, reference: &str) -> Result<Pass> {
    let mut db = app.db.acquire().await?;
    Pass::seen_by(&mut db, me.member, false, reference)
        .await?
        .ok_or(Error::NotFound)
}

impl Pass {
    /// How much of its days is left, in tenths.
    fn tenths(&self) -> i64 {
        match (self.left(), self.days) {
            (Some(left), Some(days)) => left * 10 / i64::from(days),
            _ => 10,
        }
    }

    /// `7 of 10 days left`, or how many were used.
    pub(crate) fn left_words(&self) -> String {
        match (self.left(), self.days, self.drawn) {
            (Some(left), Some(days), _) => format!("{left} of {days} days left"),
            (_, _, 1) => "Every open day, 1 used".into(),
            (_, _, used) => format!("Every open day, {used} used"),
        }
    }

    /// `Ends today`, `Until the end of Wed 23 December`.
    pub(crate) fn ends(&self, now: DateTime<Utc>) -> String {
        let today = self.zone.date(now);
        match (self.last - today).num_days() {
            0 => "Ends at closing time today".into(),
            1 => "Until the end of tomorrow".into(),
            _ => format!("Until the end of {}", long_date(self.last, today)),
        }
    }

    fn state_words(&self, now: DateTime<Utc>) -> &'static str {
        match self.state(now) {
            PassState::Running => "Running",
            PassState::Coming => "Coming",
            PassState::Past => "Past",
            PassState::Cancelled => "Given back",
        }
    }

    /// The tone of its tag.
    fn tone(&self, now: DateTime<Utc>) -> &'static str {
        match self.state(now) {
            PassState::Running => "ok",
            PassState::Coming => "sea",
            PassState::Past | PassState::Cancelled => "",
        }
    }
}
