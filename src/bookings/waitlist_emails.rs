//! The mails about an offer from the waitlist: that it stands, and that it has run out.

use askama::Template;
use uuid::Uuid;

use super::{
    booking::Status,
    emails::{BookingMail, read},
    first_refusal,
};
use crate::{app::App, error::Result, mail::Message};

#[derive(Template)]
#[template(path = "bookings/emails/offered.txt")]
struct OfferedText<'a> {
    mail: &'a BookingMail,
    until: &'a str,
}

#[derive(Template)]
#[template(path = "bookings/emails/offered.html")]
struct OfferedHtml<'a> {
    mail: &'a BookingMail,
    until: &'a str,
}

/// To whoever waited; `None` once it is answered or has run out.
pub async fn offered(app: &App, booking: Uuid) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location)) if booking.status == Status::Held && booking.holds => {
            let now = app.clock.now();
            let until = booking.hold_expires_at;
            let until = until.map(|until| first_refusal::words(until, booking.zone, now));
            let until = &until.unwrap_or_default();
            let mail = &BookingMail::new("It is free", booking, location, &app.config, now);
            mail.plain(&OfferedText { mail, until }, &OfferedHtml { mail, until })
        }
        _ => Ok(None),
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/offer_ended.txt")]
struct OfferEndedText<'a> {
    mail: &'a BookingMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/offer_ended.html")]
struct OfferEndedHtml<'a> {
    mail: &'a BookingMail,
}

/// To whoever has not answered.
pub async fn ended(app: &App, booking: Uuid) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location)) if booking.status == Status::Expired => {
            let now = app.clock.now();
            let mail = &BookingMail::new("Gone to the next", booking, location, &app.config, now);
            mail.plain(&OfferEndedText { mail }, &OfferEndedHtml { mail })
        }
        _ => Ok(None),
    }
}
