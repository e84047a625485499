//! What comes of following a link: whoever does has the mailbox that the mail was for.

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{
    credentials,
    entry::{self, Entry, Place},
    link::{Link, Purpose},
};
use crate::{
    bookings::{confirmation, refusal::Refusal},
    error::Result,
    members::member::Member,
    money::Money,
};

#[derive(Debug)]
pub struct Arrival {
    pub link: Link,
    pub entry: Entry,
    /// The address of ours that it leads to.
    pub next: String,
    /// The reference of the booking that the link was to confirm, or why it could not be.
    pub confirmed: Option<Result<String, Refusal>>,
}

/// Why a link was not followed.
#[derive(Debug)]
pub enum Setback {
    /// It was used before, has run out, or never was.
    Spent,
    /// Its booking costs something else than the page with its button said; the link still works.
    PriceChanged(Refusal),
}

/// Uses a link up, once: its address is verified, its booking confirmed, its reader let in.
/// `password_hash` is the password they chose, where the link offers that; `shown` the price of its booking
/// that they saw. A booking that cannot be confirmed takes nothing else back.
pub async fn follow(
    tx: &mut PgConnection,
    secret: &str,
    password_hash: Option<&str>,
    place: Place<'_>,
    shown: Option<Money>,
    now: DateTime<Utc>,
) -> Result<Result<Arrival, Setback>> {
    let Some(link) = Link::consume(tx, secret).await? else {
        return Ok(Err(Setback::Spent));
    };
    // First, since it locks the space, and everybody locks spaces before members.
    let confirmed = match link.booking {
        Some(booking) => match confirm(tx, &link, booking, shown, now).await? {
            Err(changed @ Refusal::PriceChanged { .. }) => {
                return Ok(Err(Setback::PriceChanged(changed)));
            }
            outcome => Some(outcome),
        },
        None => None,
    };
    Member::verify_email(tx, link.member).await?;
    if let Some(hash) = password_hash.filter(|_| link.offers_password()) {
        match link.purpose {
            Purpose::ResetPassword => credentials::change(tx, link.member, hash).await?,
            _ => credentials::set(tx, link.member, hash).await?,
        }
    }
    let next = match &confirmed {
        Some(Ok(reference)) => format!("/bookings/{reference}"),
        Some(Err(_)) => "/bookings".into(),
        None => link.next.clone(),
    };
    let entry = entry::by_link(tx, link.member, place).await?;
    Ok(Ok(Arrival {
        link,
        entry,
        next,
        confirmed,
    }))
}

/// What a refused confirmation did is undone by itself.
async fn confirm(
    tx: &mut PgConnection,
    link: &Link,
    booking: Uuid,
    shown: Option<Money>,
    now: DateTime<Utc>,
) -> Result<Result<String, Refusal>> {
    let mut part = tx.begin().await?;
    let outcome = confirmation::confirm_proven(&mut part, link.member, booking, shown, now).await?;
    match outcome {
        Ok(_) => part.commit().await?,
        Err(_) => part.rollback().await?,
    }
    Ok(outcome)
}
