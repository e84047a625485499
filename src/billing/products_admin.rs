//! What passes are sold, where, for how much, and how many.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;

use super::{
    pass::{
        product::Unit,
        setup::{Refusal, Setup},
    },
    rates_admin::rands,
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    markdown,
    sessions::current::Manager,
    time::parse_date,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/pass-products", get(index).post(create))
        .route("/admin/pass-products/{product}", get(edit).post(update))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProductForm {
    pub version: i32,
    pub slug: String,
    pub name: String,
    /// A location's slug, or nothing for every one.
    pub location: String,
    pub unit: String,
    pub days: String,
    pub price: String,
    pub cap: String,
    pub sold_from: String,
    pub on_sale: String,
}

impl ProductForm {
    fn of(setup: &Setup, places: &[Location]) -> ProductForm {
        let place = places.iter().find(|place| Some(place.id) == setup.location);
        let number = |number: Option<i32>| number.map(|n| n.to_string()).unwrap_or_default();
        ProductForm {
            version: setup.version,
            slug: setup.slug.clone(),
            name: setup.name.clone(),
            location: place.map(|place| place.slug.clone()).unwrap_or_default(),
            unit: setup.unit.key().into(),
            days: number(setup.days),
            price: setup.price.decimal(),
            cap: number(setup.cap),
            sold_from: setup.sold_from.to_string(),
            on_sale: if setup.on_sale {
                "yes".into()
            } else {
                String::new()
            },
        }
    }

    /// `was` is the pass as it stands, whose location and length stay.
    pub fn parse(&self, was: Option<&Setup>, places: &[Location]) -> Result<Setup, Errors> {
        let mut errors = Errors::default();
        let name = form::required_line(&self.name, 60, "Give it a name, such as Month pass.");
        let name = errors.take("name", name).unwrap_or_default();
        let place = places.iter().find(|place| place.slug == self.location);
        if place.is_none() && !self.location.is_empty() {
            errors.add("location", "Choose a location.");
        }
        let typed = match (self.slug.trim(), place) {
            ("", Some(place)) => format!("{} {name}", place.slug),
            ("", None) => format!("everywhere {name}"),
            (slug, _) => slug.to_owned(),
        };
        let mut number = |field: &'static str, text: &str, most: i32| match text.trim() {
            "" => None,
            text => {
                let read = text.parse().ok().filter(|n| (1..=most).contains(n));
                errors.take(
                    field,
                    read.ok_or(format!("Enter a number from 1 to {most}, or nothing.")),
                )
            }
        };
        let (days, cap) = (
            number("days", &self.days, 31),
            number("cap", &self.cap, 100_000),
        );
        let price = rands(&self.price).and_then(|price| price.ok_or("Say what it costs.".into()));
        let price = errors.take("price", price);
        let from = parse_date(&self.sold_from).ok_or("Choose the first day it is sold.".into());
        let from = errors.take("sold_from", from);
        match (price, from) {
            (Some(price), Some(sold_from)) if errors.is_empty() => Ok(Setup {
                slug: was.map_or_else(|| markdown::slug(&typed), |was| was.slug.clone()),
                name,
                location: was.map_or(place.map(|place| place.id), |was| was.location),
                unit: match was {
                    Some(was) => was.unit,
                    None if self.unit == "week" => Unit::Week,
                    None => Unit::Month,
                },
                days,
                price,
                cap,
                sold_from,
                on_sale: self.on_sale == "yes",
                version: self.version,
            }),
            _ => Err(errors),
        }
    }
}

#[derive(Template)]
#[template(path = "billing/admin/products.html")]
struct ProductsPage {
    chrome: Chrome,
    errors: Errors,
    places: Vec<Location>,
    is_owner: bool,
    products: Vec<Setup>,
    /// The one that is changed; `None` for a new one.
    chosen: Option<Setup>,
    typed: ProductForm,
}

impl ProductsPage {
    fn place(&self, setup: &Setup) -> &str {
        let known = self
            .places
            .iter()
            .find(|place| Some(place.id) == setup.location);
        known.map_or("Every location", |place| &place.name)
    }

    fn action(&self) -> String {
        match &self.chosen {
            Some(setup) => format!("/admin/pass-products/{}", setup.slug),
            None => "/admin/pass-products".into(),
        }
    }
}

async fn page(
    db: &mut Db,
    chrome: Chrome,
    me: &Manager,
    chosen: Option<Setup>,
    typed: ProductForm,
    errors: Errors,
) -> Result<ProductsPage> {
    Ok(ProductsPage {
        chrome,
        errors,
        places: places(db, me).await?,
        is_owner: me.duties.is_owner(),
        products: Setup::all(db, me.duties).await?,
        chosen,
        typed,
    })
}

async fn places(db: &mut Db, me: &Manager) -> Result<Vec<Location>> {
    let mut places = Location::all(db).await?;
    places.retain(|place| me.duties.can_manage(place.id));
    Ok(places)
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Manager,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let typed = ProductForm {
        unit: "month".into(),
        on_sale: "yes".into(),
        sold_from: now.date_naive().to_string(),
        ..ProductForm::default()
    };
    html::page(&page(&mut db, chrome, &me, None, typed, Errors::default()).await?)
}

async fn edit(
    State(app): State<App>,
    chrome: Chrome,
    me: Manager,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let setup = Setup::find(&mut db, me.duties, &slug).await?;
    let typed = ProductForm::of(&setup, &places(&mut db, &me).await?);
    html::page(&page(&mut db, chrome, &me, Some(setup), typed, Errors::default()).await?)
}

fn field(refusal: Refusal) -> Errors {
    let field = match refusal {
        Refusal::SlugTaken => "slug",
        Refusal::Stale => "name",
    };
    (field, refusal.to_string()).into()
}

async fn create(
    State(app): State<App>,
    chrome: Chrome,
    me: Manager,
    jar: CookieJar,
    Form(typed): Form<ProductForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let errors = match typed.parse(None, &places(&mut db, &me).await?) {
        Err(errors) => errors,
        Ok(setup) if !setup.is_for(me.duties) => {
            ("location", "Choose a location.".to_owned()).into()
        }
        Ok(setup) => match transaction!(app.db, tx => setup.create(tx, me.member).await)? {
            Ok(()) => return Ok(done(jar, &format!("{} is there.", setup.name))),
            Err(refusal) => field(refusal),
        },
    };
    html::refused(&page(&mut db, chrome.refused(), &me, None, typed, errors).await?)
}

async fn update(
    State(app): State<App>,
    chrome: Chrome,
    me: Manager,
    jar: CookieJar,
    Path(slug): Path<String>,
    Form(mut typed): Form<ProductForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let was = Setup::find(&mut db, me.duties, &slug).await?;
    let errors = match typed.parse(Some(&was), &places(&mut db, &me).await?) {
        Err(errors) => errors,
        Ok(setup) => match transaction!(app.db, tx => setup.change(tx, me.member, &was).await)? {
            Ok(()) => {
                return Ok(done(
                    jar,
                    "The pass is saved. What is sold already stays as it was sold.",
                ));
            }
            Err(refusal) => {
                typed.version = was.version;
                field(refusal)
            }
        },
    };
    html::refused(&page(&mut db, chrome.refused(), &me, Some(was), typed, errors).await?)
}

fn done(jar: CookieJar, said: &str) -> Response {
    let back = html::see_other("/admin/pass-products");
    (jar.add(Flash::done(said).cookie()), back).into_response()
}
