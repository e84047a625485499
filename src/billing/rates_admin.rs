//! What a location's spaces cost, from which day on, and what a new price changes for whom.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form, Query};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    products_admin,
    tariff::{Effect, Rate, Unit, Wanted},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Manager,
    spaces::space::{Audience, Kind, Space, Which},
    time::{long_date, parse_date, short_date},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/rates", get(index).post(change))
        .route("/admin/rates/{id}/withdrawal", post(withdraw))
        .merge(products_admin::routes())
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct RateForm {
    /// A location's slug.
    location: String,
    /// A kind, or `space:` and a slug.
    what: String,
    unit: String,
    /// Rands including VAT; empty where the unit is sold no more.
    price: String,
    from: String,
    /// `preview`: say what it changes and keep nothing.
    then: String,
}

impl RateForm {
    fn parse(&self, spaces: &[Space]) -> Result<Wanted, Errors> {
        let mut errors = Errors::default();
        let (kind, space) = match self.what.strip_prefix("space:") {
            Some(slug) => {
                let found = spaces.iter().find(|space| space.slug == slug);
                (found.map(|space| space.kind), Some(slug.to_owned()))
            }
            None => (self.what.parse().ok(), None),
        };
        let kind = errors.take("what", kind.ok_or("Choose what it is the price of.".into()));
        let unit = Unit::named(&self.unit).ok_or("Choose a unit.".into());
        let (unit, price, from) = (
            errors.take("unit", unit),
            errors.take("price", rands(&self.price)),
            errors.take(
                "from",
                parse_date(&self.from).ok_or("Choose the first day of the new price.".into()),
            ),
        );
        match (kind, unit, price, from) {
            (Some(kind), Some(unit), Some(price), Some(from)) => Ok(Wanted {
                kind,
                space,
                unit,
                price,
                from,
            }),
            _ => Err(errors),
        }
    }
}

/// `350`, `R350`, `1 240.50`; nothing where it is not sold.
pub(super) fn rands(text: &str) -> Result<Option<Money>, String> {
    let wrong = || "Enter rands and cents, such as 350 or 1240.50.".to_owned();
    let text: String = text
        .trim()
        .trim_start_matches(['R', 'r'])
        .split_whitespace()
        .collect();
    if text.is_empty() {
        return Ok(None);
    }
    let text = text.replace(',', ".");
    let (rands, cents) = text.split_once('.').unwrap_or((&text, "0"));
    let cents = match cents.len() {
        1 => format!("{cents}0"),
        _ => cents.to_owned(),
    };
    let number = |text: &str, most: i64| text.parse().ok().filter(|n: &i64| (0..=most).contains(n));
    let cents = number(&cents, 99)
        .filter(|_| cents.len() == 2)
        .ok_or_else(wrong)?;
    let total = number(rands, 10_000_000).ok_or_else(wrong)? * 100 + cents;
    if total > 0 {
        Ok(Some(Money::cents(total)))
    } else {
        Err(wrong())
    }
}

#[derive(Template)]
#[template(path = "billing/admin/rates.html")]
struct RatesPage {
    chrome: Chrome,
    errors: Errors,
    place: Location,
    places: Vec<Location>,
    rates: Vec<Rate>,
    spaces: Vec<Space>,
    typed: RateForm,
    /// What was asked about, in words, and what it would change.
    effects: Option<(String, Vec<Effect>)>,
    today: NaiveDate,
}

impl RatesPage {
    fn heading(&self, rate: &Rate) -> String {
        match &rate.space {
            Some((_, name)) => name.clone(),
            None => format!("All {}", rate.kind.plural().to_lowercase()),
        }
    }

    fn price(&self, price: &Option<Money>) -> String {
        price.map_or("Not sold".to_owned(), |price| price.to_string())
    }

    fn from(&self, date: &NaiveDate) -> String {
        short_date(*date)
    }

    /// In force, coming, or gone.
    fn state(&self, rate: &Rate) -> (&'static str, &'static str) {
        let same = |other: &&Rate| {
            (other.kind, &other.space, other.unit) == (rate.kind, &rate.space, rate.unit)
        };
        let newest = self
            .rates
            .iter()
            .filter(same)
            .filter(|other| other.from <= self.today);
        match newest.map(|other| other.from).max() {
            _ if rate.from > self.today => ("warn", "To come"),
            Some(from) if from == rate.from => ("ok", "In force"),
            _ => ("", "Before"),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Chosen {
    location: String,
}

/// The one that is asked for, or the first; and all that the reader manages.
async fn managed(db: &mut Db, me: &Manager, slug: &str) -> Result<(Location, Vec<Location>)> {
    let mut places = Location::all(db).await?;
    places.retain(|place| me.duties.can_manage(place.id));
    let chosen = match slug {
        "" => places.first(),
        slug => places.iter().find(|place| place.slug == slug),
    };
    Ok((chosen.cloned().ok_or(Error::NotFound)?, places))
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Manager,
    Query(chosen): Query<Chosen>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let places = managed(&mut db, &me, &chosen.location).await?;
    let typed = RateForm {
        from: (places.0.zone.date(now) + chrono::Days::new(1)).to_string(),
        ..RateForm::default()
    };
    html::page(&page(&mut db, chrome, places, typed, Errors::default(), now).await?)
}

async fn page(
    db: &mut Db,
    chrome: Chrome,
    (place, places): (Location, Vec<Location>),
    typed: RateForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<RatesPage> {
    Ok(RatesPage {
        chrome,
        errors,
        rates: Rate::list(&mut *db, place.id).await?,
        spaces: spaces(db, &place).await?,
        today: place.zone.date(now),
        place,
        places,
        typed,
        effects: None,
    })
}

async fn spaces(db: &mut Db, place: &Location) -> Result<Vec<Space>> {
    let which = Which {
        location: Some(place.id),
        audience: Audience::Keepers,
        ..Which::default()
    };
    Space::list(db, which).await
}

async fn change(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Manager,
    jar: CookieJar,
    Form(typed): Form<RateForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let places = managed(&mut db, &me, &typed.location).await?;
    let here = spaces(&mut db, &places.0).await?;
    let errors = match typed.parse(&here) {
        Err(errors) => errors,
        Ok(wanted) if typed.then == "preview" => {
            let words = words(&wanted, &here, places.0.zone.date(now));
            let effects = wanted.effects(&mut db, places.0.id).await?;
            let mut page = page(&mut db, chrome, places, typed, Errors::default(), now).await?;
            page.effects = Some((words, effects));
            return html::page(&page);
        }
        Ok(wanted) => {
            let (by, today) = (me.member, places.0.zone.date(now));
            let at = (places.0.id, places.0.slug.as_str());
            match transaction!(app.db, tx => wanted.write(tx, by, at, today).await)? {
                Ok(()) => {
                    let said = format!(
                        "{}. Bookings that exist keep their price.",
                        words(&wanted, &here, today)
                    );
                    return Ok(back(jar, &Flash::done(said), &places.0.slug));
                }
                Err(refusal) => ("from", refusal.to_string()).into(),
            }
        }
    };
    html::refused(&page(&mut db, chrome.refused(), places, typed, errors, now).await?)
}

/// `Pier, hour: R350 from Tue 1 December`.
fn words(wanted: &Wanted, spaces: &[Space], today: NaiveDate) -> String {
    let named = |slug: &String| spaces.iter().find(|space| space.slug == *slug);
    let what = match wanted.space.as_ref().and_then(named) {
        Some(space) => space.name.clone(),
        None => format!("All {}", wanted.kind.plural().to_lowercase()),
    };
    let price = wanted
        .price
        .map_or("not sold".to_owned(), |price| price.to_string());
    let unit = wanted.unit.label().to_lowercase();
    format!(
        "{what}, {unit}: {price} from {}",
        long_date(wanted.from, today)
    )
}

async fn withdraw(
    State(app): State<App>,
    Now(now): Now,
    me: Manager,
    jar: CookieJar,
    Path(id): Path<Uuid>,
    Form(typed): Form<RateForm>,
) -> Result<Response> {
    let (place, _) = managed(&mut *app.db.acquire().await?, &me, &typed.location).await?;
    let (by, today) = (me.member, place.zone.date(now));
    let at = (place.id, place.slug.as_str());
    let flash = match transaction!(app.db, tx => Rate::withdraw(tx, by, at, id, today).await)? {
        Ok(()) => Flash::done("The price is taken back."),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok(back(jar, &flash, &place.slug))
}

fn back(jar: CookieJar, flash: &Flash, slug: &str) -> Response {
    let address = format!("/admin/rates?{}", html::query(&[("location", slug)]));
    (jar.add(flash.cookie()), html::see_other(&address)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_as_people_type_them() {
        for (typed, cents) in [
            ("350", 35_000),
            ("R1 240.50", 124_050),
            ("12,5", 1_250),
            ("0.99", 99),
        ] {
            assert_eq!(rands(typed), Ok(Some(Money::cents(cents))), "{typed}");
        }
        assert_eq!(rands(" "), Ok(None));
        for wrong in ["free", "-5", "1.234", "0", "99999999999", "1.2.3"] {
            assert!(rands(wrong).is_err(), "{wrong}");
        }
    }
}
