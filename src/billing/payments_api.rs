//! Payments at the counter, for programs that act for staff.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    payment::{self, For, Method, Taking, Way},
    receipt::Receipt,
};
use crate::{
    app::App,
    bookings::booking::Booking,
    error::{Error, Result},
    extract::Now,
    form,
    locations::location::Location,
    members::{client, dossier::Dossier},
    money::Money,
    sessions::current::StaffBearer,
    time, transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(take))
}

#[derive(Deserialize, ToSchema)]
struct PaymentJson {
    /// A booking's reference; one of `booking`, `member` and `company` is sent.
    booking: Option<String>,
    /// A member's reference.
    member: Option<String>,
    /// A company's slug.
    company: Option<String>,
    /// Above zero.
    cents: i64,
    /// Give the money back in place of taking it.
    #[serde(default)]
    back: bool,
    /// `cash`, `card` or `eft`.
    method: String,
    /// The slug of the location at whose counter it is.
    location: String,
    /// For an EFT: the day on which the bank's statement has it.
    #[schema(example = "2026-11-24")]
    bank_date: Option<String>,
    bank_reference: Option<String>,
    /// Mail the receipt to who pays.
    #[serde(default)]
    mail: bool,
}

#[derive(Serialize, ToSchema)]
struct ReceiptJson {
    /// Such as `RC-2026-000123`.
    receipt: String,
    /// RFC 3339.
    at: String,
    cents: Money,
    method: Method,
    payer: String,
    booking: Option<String>,
    /// What the account owes now; below zero, has in credit.
    balance_cents: Money,
    /// What is still due on the booking.
    due_cents: Option<Money>,
}

async fn what(db: &mut Db, me: &StaffBearer, sent: &PaymentJson) -> Result<For> {
    match (&sent.booking, &sent.member, &sent.company) {
        (Some(reference), None, None) => {
            let booking = Booking::seen_by(db, me.member, true, reference).await?;
            Ok(For::Booking(booking.ok_or(Error::NotFound)?.id.get()))
        }
        (None, Some(reference), None) => {
            let person = Dossier::find(db, reference).await?.ok_or(Error::NotFound)?;
            Ok(For::Member(person.id))
        }
        (None, None, Some(slug)) => {
            let company = client::find(db, slug).await?.ok_or(Error::NotFound)?;
            Ok(For::Company(company.id))
        }
        _ => Err(Error::refused(
            "bad-request",
            "Send one of booking, member and company.",
        )),
    }
}

/// Take a payment, or give money back.
///
/// For staff. Never more back than was paid. With an `Idempotency-Key` a repeated request answers with the
/// receipt of the first one.
#[utoipa::path(post, path = "/payments", tag = "Front desk", request_body = PaymentJson,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 200 characters.")),
    responses((status = 201, body = ReceiptJson)))]
async fn take(
    State(app): State<App>,
    Now(now): Now,
    me: StaffBearer,
    headers: HeaderMap,
    Json(sent): Json<PaymentJson>,
) -> Result<(StatusCode, Json<ReceiptJson>)> {
    let key = headers
        .get("idempotency-key")
        .map(|key| key.to_str().unwrap_or_default().to_owned());
    if key
        .as_ref()
        .is_some_and(|key| !(1..=200).contains(&key.len()))
    {
        return Err(Error::refused(
            "bad-idempotency-key",
            "Send a key of 1 to 200 characters.",
        ));
    }
    let mut db = app.db.acquire().await?;
    let what = what(&mut db, &me, &sent).await?;
    let location = Location::find(&mut db, &sent.location).await?;
    let location =
        location.ok_or_else(|| Error::refused("no-such-location", "Send a location’s slug."))?;
    let bank_reference =
        form::optional_line(sent.bank_reference.as_deref().unwrap_or_default(), 60)
            .map_err(|sentence| Error::refused("bad-bank-reference", sentence))?;
    let taking = Taking {
        what,
        way: if sent.back { Way::Back } else { Way::In },
        amount: Money::cents(sent.cents),
        method: (sent.method.parse())
            .map_err(|()| Error::refused("bad-method", "Send cash, card or eft."))?,
        location: location.id,
        bank: (sent.bank_date.as_deref())
            .and_then(time::parse_date)
            .map(|date| (date, bank_reference)),
        mail: sent.mail,
        key,
    };
    drop(db);
    let by = me.member;
    let taken = transaction!(app.db, tx => taking.take(tx, by, now).await)?;
    let number = taken.map_err(|refusal| Error::refused(refusal.kind(), refusal.to_string()))?;
    let mut db = app.db.acquire().await?;
    let receipt = Receipt::seen_by(&mut db, &me, &number)
        .await?
        .ok_or(Error::NotFound)?;
    let due_cents = match what {
        For::Booking(id) => Some(payment::due_on(&mut db, id).await?),
        For::Member(_) | For::Company(_) => None,
    };
    Ok((
        StatusCode::CREATED,
        Json(ReceiptJson {
            receipt: number,
            at: receipt.zone.rfc3339(receipt.at),
            cents: receipt.amount,
            method: receipt.method.unwrap_or(taking.method),
            payer: receipt.payer,
            booking: receipt.booking,
            balance_cents: receipt.balance,
            due_cents,
        }),
    ))
}
