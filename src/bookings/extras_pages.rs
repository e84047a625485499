//! Other extras for a booking that stands: a member's own page of it, and the front desk's.

use std::ops::Deref;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    booking::{Booking, Status},
    extras::{
        changing::{self, AtTheDesk, Outlook},
        ordered, picks,
        shelf::{Item, Shelf},
    },
    pages::changeable,
};
use crate::{
    app::App,
    billing::quote::vat_label,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    id::Id,
    members::member::Member,
    money::Money,
    sessions::current::{Current, Staff},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/bookings/{reference}/extras", get(consider).post(change))
        .route(
            "/admin/bookings/{reference}/extras",
            get(consider_at_the_desk).post(change_at_the_desk),
        )
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Something was asked already: what is not there is not wanted.
    asked: String,
    version: String,
    /// The price afterwards as it was shown, in cents.
    shown: String,
    /// What staff say to it.
    reason: String,
    tell: String,
    #[serde(flatten)]
    extras: picks::Typed,
}

impl Asked {
    fn read(&self, at_the_desk: bool) -> std::result::Result<changing::Asked, Errors> {
        let mut errors = Errors::default();
        let picks = errors.take("extras", self.extras.picks());
        let reason = errors.take("reason", form::optional_line(&self.reason, 300));
        match (picks, reason) {
            (Some(picks), Some(reason)) => Ok(changing::Asked {
                picks,
                version: self.version.parse().ok(),
                shown: self.shown.parse().ok().map(Money::cents),
                desk: at_the_desk.then(|| AtTheDesk {
                    reason,
                    tell: self.tell == "yes",
                }),
            }),
            _ => Err(errors),
        }
    }
}

/// What both pages show.
struct Scene {
    chrome: Chrome,
    errors: Errors,
    booking: Booking,
    at_the_desk: bool,
    shelf: Shelf,
    asked: Asked,
    /// What it would come to, where that was asked and nothing stands against it.
    outlook: Option<Outlook>,
    now: DateTime<Utc>,
}

impl Scene {
    async fn read(
        db: &mut Db,
        chrome: Chrome,
        booking: Booking,
        asked: Asked,
        errors: Errors,
        (at_the_desk, now): (bool, DateTime<Utc>),
    ) -> Result<Scene> {
        let shelf = changing::shelf(db, &booking, now).await?;
        let is_asked = !asked.asked.is_empty() || !errors.is_empty();
        let mut scene = Scene {
            chrome,
            errors,
            at_the_desk,
            shelf,
            asked,
            outlook: None,
            now,
            booking,
        };
        if !is_asked {
            scene.asked.extras = picks::Typed::of(&scene.booking.extras);
            return Ok(scene);
        }
        match scene.asked.read(at_the_desk) {
            Err(errors) => scene.errors.extend(errors),
            Ok(asked) => match changing::foresee(db, &scene.booking, &asked, now).await? {
                Ok(outlook) => scene.outlook = Some(outlook),
                Err(_) if !scene.errors.is_empty() => {}
                Err(refusal) => scene.errors.add("extras", refusal.to_string()),
            },
        }
        Ok(scene)
    }

    fn items(&self) -> Vec<&Item> {
        let has = |item: &&Item| {
            let mut has = self.booking.extras.iter();
            has.any(|one| one.slug == item.extra.slug)
        };
        let fitting = self.shelf.fitting(self.booking.kind, &self.booking.term);
        let all = self.shelf.items.iter();
        all.filter(|item| has(item) || fitting.iter().any(|one| one.extra.id == item.extra.id))
            .collect()
    }

    fn picked(&self) -> &picks::Typed {
        &self.asked.extras
    }

    fn at_the_desk(&self) -> bool {
        self.at_the_desk
    }

    fn url(&self) -> String {
        format!("{}/extras", self.back())
    }

    fn back(&self) -> String {
        match self.at_the_desk {
            true => format!("/admin/bookings/{}", self.booking.reference),
            false => self.booking.url(),
        }
    }

    fn vat_label(&self, outlook: &Outlook) -> String {
        vat_label(outlook.priced.price.vat_basis_points)
    }

    /// `R280 more`, `R60 back`, or nothing.
    fn difference(&self, outlook: &Outlook) -> String {
        match outlook.difference() {
            more if more > Money::ZERO => format!("{more} more"),
            less if less < Money::ZERO => format!("{} back", -less),
            _ => String::new(),
        }
    }

    fn answer(self, is_refused: bool) -> Result<Response> {
        match (self.at_the_desk, is_refused) {
            (true, false) => html::page(&DeskPage(self)),
            (true, true) => html::refused(&DeskPage(self)),
            (false, false) => html::page(&ExtrasPage(self)),
            (false, true) => html::refused(&ExtrasPage(self)),
        }
    }
}

#[derive(Template)]
#[template(path = "bookings/extras.html")]
struct ExtrasPage(Scene);

#[derive(Template)]
#[template(path = "bookings/admin/extras_of.html")]
struct DeskPage(Scene);

impl Deref for ExtrasPage {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.0
    }
}

impl Deref for DeskPage {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.0
    }
}

async fn consider(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    show(&app, chrome, booking, asked, (false, now)).await
}

async fn consider_at_the_desk(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let booking = any(&app, &me, &reference).await?;
    show(&app, chrome, booking, asked, (true, now)).await
}

async fn any(app: &App, me: &Staff, reference: &str) -> Result<Booking> {
    let mut db = app.db.acquire().await?;
    let found = Booking::seen_by(&mut db, me.member, true, reference).await?;
    found.ok_or(Error::NotFound)
}

/// What is over has nothing to change.
async fn show(
    app: &App,
    chrome: Chrome,
    booking: Booking,
    asked: Asked,
    (at_the_desk, now): (bool, DateTime<Utc>),
) -> Result<Response> {
    if !booking.takes_extras(now) {
        let back = match at_the_desk {
            true => format!("/admin/bookings/{}", booking.reference),
            false => booking.url(),
        };
        return Ok(html::see_other(&back));
    }
    let mut db = app.db.acquire().await?;
    let (errors, here) = (Errors::default(), (at_the_desk, now));
    let scene = Scene::read(&mut db, chrome, booking, asked, errors, here).await?;
    scene.answer(false)
}

async fn change(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    carry_out((&app, me.member), chrome, jar, booking, asked, (false, now)).await
}

async fn change_at_the_desk(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response> {
    let booking = any(&app, &me, &reference).await?;
    carry_out((&app, me.member), chrome, jar, booking, asked, (true, now)).await
}

async fn carry_out(
    (app, by): (&App, Id<Member>),
    chrome: Chrome,
    jar: CookieJar,
    booking: Booking,
    asked: Asked,
    (at_the_desk, now): (bool, DateTime<Utc>),
) -> Result<Response> {
    let errors = match asked.read(at_the_desk) {
        Err(errors) => errors,
        Ok(order) => {
            let id = booking.id;
            let done = transaction!(app.db, tx => changing::change(tx, by, id, &order, now).await)?;
            match done {
                Ok(changed) => return Ok(done_with(jar, &booking, &changed, at_the_desk)),
                Err(refusal) => Errors::from(("extras", refusal.to_string())),
            }
        }
    };
    let mut db = app.db.acquire().await?;
    let booking = Booking::by_id(&mut db, booking.id).await?;
    let booking = booking.ok_or(Error::NotFound)?;
    let here = (at_the_desk, now);
    let scene = Scene::read(&mut db, chrome.refused(), booking, asked, errors, here).await?;
    scene.answer(true)
}

/// `It comes with Tea and coffee for 8. R280 more is on your account.`
fn done_with(jar: CookieJar, before: &Booking, after: &Booking, at_the_desk: bool) -> Response {
    let whose = match at_the_desk {
        true => "their account".to_owned(),
        false => after.whose_account(),
    };
    let money = match (after.charged, after.total - before.total) {
        (true, more) if more > Money::ZERO => format!(" {more} more is on {whose}."),
        (true, less) if less < Money::ZERO => format!(" {} goes back to {whose}.", -less),
        _ => String::new(),
    };
    let what = match after.extras.is_empty() {
        true => "It comes with nothing extra now.".to_owned(),
        false => format!("It comes with {}.", ordered::words(&after.extras)),
    };
    let back = match at_the_desk {
        true => format!("/admin/bookings/{}", after.reference),
        false if after.status == Status::Held => format!("{}/confirmation", after.url()),
        false => after.url(),
    };
    let flash = Flash::done(format!("{what}{money}"));
    (jar.add(flash.cookie()), html::see_other(&back)).into_response()
}
