//! Booking from the page of a space: a hold, and for a newcomer the way to their mail.

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{
    CookieJar, Form,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;

use super::{
    book::{Typist, book_page},
    booking::Booking,
    extras::picks::Pick,
    order::{Booker, Channel, Details, Hold, NEWCOMER_MINUTES, Order, Wanted},
    payer::Payer,
    refusal::Refusal,
    term::Wish,
    wish::Typed,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    form::{self, Errors},
    html::{self, Chrome},
    id::Id,
    members::{company::Colleague, member::Member},
    money::Money,
    sessions::{
        attempts,
        current::{Current, Visitor},
    },
    spaces::space::Kind,
    transaction,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/bookings", post(create))
        .route("/bookings/held", get(held))
}

/// Keeps the key of a newcomer's hold, so that a corrected form takes its place.
const HELD: &str = "held";

/// A session has ended while its form lay open.
const SIGNED_OUT: &str =
    "You were signed out after you opened this page, so nothing is booked yet.";

/// What the form posts: `space`, or `location` for any desk there, the wish, and who.
#[derive(Debug, Deserialize)]
struct BookingForm {
    #[serde(default)]
    space: String,
    #[serde(default)]
    shown: String,
    #[serde(default)]
    key: String,
    /// `first_refusal`, or nothing for the checkout.
    #[serde(default)]
    hold: String,
    /// `yes` where somebody was signed in when the form was made.
    #[serde(default)]
    member: String,
    /// A suggestion taken instead: the fields it replaces, as a query.
    #[serde(default)]
    instead: String,
    #[serde(flatten)]
    typed: Typed,
    #[serde(flatten)]
    visitor: Typist,
}

impl BookingForm {
    /// With the suggestion that was tapped in place of the wish that did not fit, and the price on its button.
    fn settled(mut self) -> Self {
        if self.instead.is_empty() {
            return self;
        }
        self.shown.clear();
        self.space.clear();
        for (field, value) in form_urlencoded::parse(std::mem::take(&mut self.instead).as_bytes()) {
            match &*field {
                "space" => self.space = value.into_owned(),
                "shown" => self.shown = value.into_owned(),
                field => {
                    self.typed.set(field, &value);
                }
            }
        }
        self
    }

    fn wanted(&self) -> Wanted {
        if self.space.is_empty() {
            let kind = self.typed.kind().unwrap_or(Kind::HotDesk);
            Wanted::Any {
                location: self.typed.location.clone(),
                kind,
            }
        } else {
            Wanted::Space(self.space.clone())
        }
    }

    fn order(&self, wish: Wish, said: Said, member: bool, jar: &CookieJar) -> Order {
        Order {
            wanted: self.wanted(),
            wish,
            extras: said.extras,
            title: said.title,
            details: said.details,
            payer: if member {
                Payer::said(&self.visitor.company)
            } else {
                Payer::Member
            },
            hold: if member && self.hold == "first_refusal" {
                Hold::FirstRefusal
            } else {
                Hold::Checkout
            },
            // What it costs for a colleague is shown before it is confirmed.
            shown: said.shown.filter(|_| self.visitor.whom.is_empty()),
            key: Some(self.key.clone()).filter(|key| is_key(key)),
            replaces: jar
                .get(HELD)
                .map(|cookie| cookie.value().to_owned())
                .filter(|key| is_key(key)),
            desk: None,
        }
    }
}

/// What our own pages make: letters, digits and hyphens.
fn is_key(key: &str) -> bool {
    (8..=100).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Who a newcomer says they are.
struct Newcomer {
    name: String,
    email: String,
    phone: String,
}

/// What the form says besides the wish and who.
struct Said {
    extras: Vec<Pick>,
    title: String,
    details: Details,
    shown: Option<Money>,
}

impl BookingForm {
    /// A price that cannot be read is no price that was shown: it has to be shown again.
    fn said(&self, errors: &mut Errors) -> Option<Said> {
        let typist = &self.visitor;
        let shown = match self.shown.as_str() {
            "" => Some(None),
            cents => errors.take(
                "shown",
                cents
                    .parse()
                    .map(|cents| Some(Money::cents(cents)))
                    .map_err(|_| "Look the price over and book again to accept it.".to_owned()),
            ),
        };
        let extras = errors.take("extras", self.typed.extras.picks());
        let title = errors.take("title", form::optional_line(&typist.title, 100));
        let contact_name = errors.take(
            "contact_name",
            form::optional_line(&typist.contact_name, 100),
        );
        let contact_phone = match typist.contact_phone.trim() {
            "" => Some(None),
            text => errors.take("contact_phone", form::phone(text).map(Some)),
        };
        let notes = errors.take("notes", form::optional_text(&typist.notes, 1000));
        let purchase_order = errors.take(
            "purchase_order",
            form::optional_line(&typist.purchase_order, 60),
        );
        Some(Said {
            extras: extras?,
            title: title?,
            shown: shown?,
            details: Details {
                contact_name: contact_name?,
                contact_phone: contact_phone?,
                notes: notes?,
                purchase_order: purchase_order?,
            },
        })
    }
}

impl Typist {
    fn newcomer(&self, errors: &mut Errors) -> Option<Newcomer> {
        let name = errors.take("name", form::name(&self.name));
        let email = errors.take("email", form::email(&self.email));
        let phone = errors.take("mobile", form::phone(&self.mobile));
        Some(Newcomer {
            name: name?,
            email: email?,
            phone: phone?,
        })
    }
}

/// Holds the time: a member goes on to the confirmation, a newcomer to their mail.
async fn create(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    visitor: Visitor,
    jar: CookieJar,
    Form(form): Form<BookingForm>,
) -> Result<Response> {
    let mut form = form.settled();
    let mut errors = Errors::default();
    let location = {
        let mut db = app.db.acquire().await?;
        let first = form.wanted().first_space(&mut db).await?;
        first.map(|(_, location)| location).ok_or(Error::NotFound)?
    };
    form.typed.nights = location.nights;
    let wish = form
        .typed
        .wish(location.zone)
        .map_err(|found| errors.extend(found))
        .ok();
    let said = form.said(&mut errors);
    let newcomer = match me {
        Some(_) => None,
        None if form.member == "yes" => {
            errors.add("signed_out", SIGNED_OUT);
            None
        }
        None => form.visitor.newcomer(&mut errors),
    };
    let (Some(wish), Some(said), true) = (wish, said, errors.is_empty()) else {
        return again(&app, chrome, me.as_ref(), form, errors, now).await;
    };
    let order = form.order(wish, said, me.is_some(), &jar);
    let placed = match (&me, newcomer) {
        (Some(me), _) => {
            let booker = match form.visitor.whom.as_str() {
                "" => Booker::themselves(me.member, Channel::Web),
                whom => Booker {
                    acting: Some(me.member),
                    ..Booker::themselves(colleague(&app, me, whom).await?, Channel::Web)
                },
            };
            let placed = transaction!(app.db, tx => order.place(tx, booker, now).await)?;
            placed.map_err(|refusal| Told::to(booker, refusal))
        }
        (None, Some(newcomer)) => transaction!(app.db, tx => {
            attempts::ask_for_mail(tx, &visitor.network).await?;
            let member = Member::at_address(tx, &newcomer.name, &newcomer.email, Some(&newcomer.phone)).await?;
            let booker = Booker { proven: false, ..Booker::themselves(member, Channel::Web) };
            order.place(tx, booker, now).await
        })?
        .map_err(Told::them),
        (None, None) => return Err(Error::NotFound),
    };
    match placed {
        Ok(booking) if me.is_some() => {
            Ok(html::see_other(&format!("{}/confirmation", booking.url())))
        }
        Ok(booking) => Ok(held_for_newcomer(&app, jar, &form, &booking)),
        Err(told) => {
            let errors = Errors::from((told.refusal.field(form.typed.by()), told.sentence));
            again(&app, chrome, me.as_ref(), form, errors, now).await
        }
    }
}

/// A refusal in the words of whoever reads it: of oneself, or of a colleague.
struct Told {
    refusal: Refusal,
    sentence: String,
}

impl Told {
    fn them(refusal: Refusal) -> Told {
        Told {
            sentence: refusal.to_string(),
            refusal,
        }
    }

    fn to(booker: Booker, refusal: Refusal) -> Told {
        match booker.acting {
            None => Told::them(refusal),
            Some(_) => Told {
                sentence: refusal.of_them(),
                refusal,
            },
        }
    }
}

async fn colleague(app: &App, me: &Current, whom: &str) -> Result<Id<Member>> {
    let mut db = app.db.acquire().await?;
    let found = Colleague::booked_for(&mut db, me.member, whom).await?;
    found.ok_or(Error::NotFound)
}

/// The same page with everything typed still there, and a fresh key.
async fn again(
    app: &App,
    chrome: Chrome,
    me: Option<&Current>,
    form: BookingForm,
    errors: Errors,
    now: DateTime<Utc>,
) -> Result<Response> {
    let wanted = form.wanted();
    let mut page = book_page(app, chrome.refused(), me, wanted, form.typed, now).await?;
    page.visitor = form.visitor;
    page.errors = errors;
    page.sent_back = true;
    html::refused(&page)
}

/// To the page that says to look into the mail. It says only what was asked for: nobody learns who is
/// a member, and the page can be loaded again.
fn held_for_newcomer(app: &App, jar: CookieJar, form: &BookingForm, booking: &Booking) -> Response {
    let held = booking
        .hold_expires_at
        .map(|at| booking.zone.rfc3339(at))
        .unwrap_or_default();
    let address = html::query(&[("space", &booking.space_slug), ("held", &held)]);
    let cookie = Cookie::build((HELD, form.key.clone()))
        .path("/bookings")
        .http_only(true)
        .secure(app.config.cookies().secure())
        .same_site(SameSite::Lax)
        .build();
    (
        jar.add(cookie),
        html::see_other(&format!("/bookings/held?{address}&{}", form.typed.query())),
    )
        .into_response()
}

#[derive(Template)]
#[template(path = "bookings/held.html")]
struct HeldPage {
    chrome: Chrome,
    space: String,
    location: String,
    when: String,
    until: String,
    minutes: i64,
}

#[derive(Deserialize)]
struct HeldQuery {
    space: String,
    held: Option<DateTime<Utc>>,
    #[serde(flatten)]
    typed: Typed,
}

async fn held(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    Query(mut query): Query<HeldQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let (space, location) = Wanted::Space(query.space)
        .first_space(&mut db)
        .await?
        .ok_or(Error::NotFound)?;
    let zone = location.zone;
    query.typed.nights = location.nights;
    let wish = query.typed.wish(zone).map_err(|_| Error::NotFound)?;
    let held = query
        .held
        .filter(|held| (1900..3000).contains(&held.year()));
    html::page(&HeldPage {
        chrome,
        space: space.name,
        location: location.name,
        when: wish.term.words(zone, zone.date(now)),
        until: held.map(|held| zone.clock(held)).unwrap_or_default(),
        minutes: NEWCOMER_MINUTES,
    })
}
