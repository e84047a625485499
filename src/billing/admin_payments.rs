//! Taking a payment or giving money back at the counter, and waiving a fee.

use askama::Template;
use axum::{
    Form, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    account::Account,
    payment::{self, For, Method, Taking, Way},
};
use crate::{
    app::App,
    bookings::booking::Booking,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    id::Id,
    locations::location::Location,
    members::{client, dossier::Dossier, member::Member},
    money::Money,
    sessions::current::Staff,
    time::parse_date,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/payments/new", get(blank).post(take))
        .route("/admin/bookings/{reference}/waiver", post(waive))
}

/// What was typed, and of what it speaks: a booking, a member or a company.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct PaymentForm {
    /// A reference.
    booking: String,
    /// A reference.
    member: String,
    /// A slug.
    company: String,
    /// `in` or `back`.
    way: String,
    amount: String,
    method: String,
    /// A slug.
    location: String,
    bank_date: String,
    bank_reference: String,
    /// `yes` to mail the receipt.
    mail: String,
    key: String,
}

/// What is paid for, as the page shows it.
struct Matter {
    what: For,
    /// Whose account it is.
    payer: String,
    has_address: bool,
    /// What is owed on the account; below zero, in credit.
    balance: Money,
    /// What is due on the booking, and what it is.
    booking: Option<(Booking, Money)>,
    /// The page it leads back to.
    back: String,
}

impl Matter {
    async fn find(db: &mut Db, me: Id<Member>, form: &PaymentForm) -> Result<Matter> {
        if !form.booking.is_empty() {
            return Matter::of_booking(db, me, &form.booking).await;
        }
        if !form.company.is_empty() {
            let company = client::find(db, &form.company)
                .await?
                .ok_or(Error::NotFound)?;
            return Ok(Matter {
                what: For::Company(company.id),
                balance: Account::balance_of_company(db, company.id).await?,
                has_address: !company.details(db).await?.billing_email.is_empty(),
                back: format!("/admin/companies/{}", company.slug),
                payer: company.name,
                booking: None,
            });
        }
        let person = Dossier::find(db, &form.member)
            .await?
            .ok_or(Error::NotFound)?;
        Ok(Matter {
            what: For::Member(person.id),
            balance: Account::balance(db, person.id).await?,
            has_address: person.email.is_some(),
            back: format!("{}?tab=money", person.url()),
            payer: person.name,
            booking: None,
        })
    }

    async fn of_booking(db: &mut Db, me: Id<Member>, reference: &str) -> Result<Matter> {
        let booking = Booking::seen_by(db, me, true, reference)
            .await?
            .ok_or(Error::NotFound)?;
        let due = payment::due_on(db, booking.id.get()).await?;
        let company = match &booking.company_slug {
            Some(slug) => client::find(db, slug).await?,
            None => None,
        };
        Ok(Matter {
            what: For::Booking(booking.id.get()),
            balance: match &company {
                Some(company) => Account::balance_of_company(db, company.id).await?,
                None => Account::balance(db, booking.member).await?,
            },
            has_address: match &company {
                Some(company) => !company.details(db).await?.billing_email.is_empty(),
                None => booking.member_email.is_some(),
            },
            payer: company.map_or(booking.member_name.clone(), |company| company.name),
            back: format!("/admin/bookings/{}", booking.reference),
            booking: Some((booking, due)),
        })
    }

    /// What there is to pay.
    fn due(&self) -> Money {
        self.booking.as_ref().map_or(self.balance, |(_, due)| *due)
    }
}

#[derive(Template)]
#[template(path = "billing/admin/payment.html")]
struct PaymentPage {
    chrome: Chrome,
    form: PaymentForm,
    matter: Matter,
    places: Vec<Location>,
    errors: Errors,
}

impl PaymentPage {
    fn owed(&self, amount: &Money) -> String {
        if *amount < Money::ZERO {
            format!("{} in credit", (-*amount).exact())
        } else {
            format!("{} due", amount.exact())
        }
    }
}

async fn blank(
    chrome: Chrome,
    State(app): State<App>,
    me: Staff,
    Query(asked): Query<PaymentForm>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let matter = Matter::find(&mut db, me.member, &asked).await?;
    let places = Location::all(&mut db).await?;
    let due = matter.due();
    let back = due < Money::ZERO;
    let usual = match &matter.booking {
        Some((booking, _)) => Some(booking.location_slug.clone()),
        None => counter_of(&mut db, &me, &places).await?,
    };
    let form = PaymentForm {
        way: if back { "back" } else { "in" }.into(),
        amount: if due.is_zero() {
            String::new()
        } else {
            Money::cents(due.in_cents().abs()).decimal()
        },
        location: usual.unwrap_or_default(),
        mail: if matter.has_address {
            "yes".into()
        } else {
            String::new()
        },
        key: Uuid::new_v4().to_string(),
        ..asked
    };
    html::page(&PaymentPage {
        chrome,
        form,
        matter,
        places,
        errors: Errors::default(),
    })
}

/// Where a member of staff works, as far as that is known.
async fn counter_of(db: &mut Db, me: &Staff, places: &[Location]) -> Result<Option<String>> {
    let usual = Location::usual(db, me.member).await?;
    let found = places
        .iter()
        .find(|place| Some(place.id) == usual || Some(place.id.get()) == me.duties.managed());
    Ok(found.map(|place| place.slug.clone()))
}

impl PaymentForm {
    fn parse(&self, what: For, places: &[Location]) -> Result<Taking, Errors> {
        let mut errors = Errors::default();
        let amount = errors.take("amount", form::rands(&self.amount));
        let method = self
            .method
            .parse::<Method>()
            .map_err(|()| "Say how it is paid.".into());
        let method = errors.take("method", method);
        let place = places.iter().find(|place| place.slug == self.location);
        let place = errors.take("location", place.ok_or("Say at which counter.".into()));
        let bank_reference = errors.take(
            "bank_reference",
            form::optional_line(&self.bank_reference, 60),
        );
        match (amount, method, place, bank_reference) {
            (Some(amount), Some(method), Some(place), Some(reference)) => Ok(Taking {
                what,
                way: if self.way == "back" {
                    Way::Back
                } else {
                    Way::In
                },
                amount,
                method,
                location: place.id,
                bank: parse_date(&self.bank_date)
                    .filter(|_| method == Method::Eft)
                    .map(|date| (date, reference)),
                mail: !self.mail.is_empty(),
                key: Some(self.key.clone()).filter(|key| (1..=200).contains(&key.len())),
            }),
            _ => Err(errors),
        }
    }
}

async fn take(
    chrome: Chrome,
    Now(now): Now,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Form(form): Form<PaymentForm>,
) -> Result<Response> {
    let (matter, places) = {
        let mut db = app.db.acquire().await?;
        (
            Matter::find(&mut db, me.member, &form).await?,
            Location::all(&mut db).await?,
        )
    };
    let errors = match form.parse(matter.what, &places) {
        Ok(taking) => {
            let taken = transaction!(app.db, tx => taking.take(tx, me.member, now).await)?;
            match taken {
                Ok(number) => {
                    let words = match taking.way {
                        Way::In => format!("{} is taken.", taking.amount.exact()),
                        Way::Back => format!("{} is given back.", taking.amount.exact()),
                    };
                    let jar = jar.add(Flash::done(words).cookie());
                    return Ok(
                        (jar, html::see_other(&format!("/receipts/{number}"))).into_response()
                    );
                }
                Err(refusal) => (refusal.field(), refusal.to_string()).into(),
            }
        }
        Err(errors) => errors,
    };
    html::refused(&PaymentPage {
        chrome: chrome.refused(),
        form,
        matter,
        places,
        errors,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WaiverForm {
    reason: String,
    tell: String,
    /// The address of ours to go to afterwards.
    back: String,
}

async fn waive(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(reference): Path<String>,
    Form(form): Form<WaiverForm>,
) -> Result<Response> {
    let booking = Booking::seen_by(&mut *app.db.acquire().await?, me.member, true, &reference)
        .await?
        .ok_or(Error::NotFound)?;
    let back = match form.back.as_str() {
        "" => format!("/admin/bookings/{reference}"),
        back => html::local_address(back).to_owned(),
    };
    let flash = match form::optional_line(&form.reason, 300) {
        Err(sentence) => Flash::problem(sentence),
        Ok(reason) => {
            let (by, id, tell) = (me.member, booking.id.get(), !form.tell.is_empty());
            match transaction!(app.db, tx => payment::waive(tx, by, id, &reason, tell).await)? {
                Ok(fee) => Flash::done(format!("{} of {reference} is waived.", fee.exact())),
                Err(refusal) => Flash::problem(refusal.to_string()),
            }
        }
    };
    Ok((jar.add(flash.cookie()), html::see_other(&back)).into_response())
}
