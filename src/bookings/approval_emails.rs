//! The mails about a request that somebody has to approve: that it is here, that it wants an answer, that it has
//! run out.

use askama::Template;
use uuid::Uuid;

use super::{
    approval::Approver,
    booking::Status,
    emails::{BookingMail, read},
};
use crate::{app::App, error::Result, form::line, mail::Message};

#[derive(Template)]
#[template(path = "bookings/emails/asked.txt")]
struct AskedText<'a> {
    mail: &'a BookingMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/asked.html")]
struct AskedHtml<'a> {
    mail: &'a BookingMail,
}

/// To whoever asked; `None` once it is decided.
pub async fn asked(app: &App, booking: Uuid) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location)) if booking.status == Status::Pending => {
            let now = app.clock.now();
            let mail = &BookingMail::new("Asked for", booking, location, &app.config, now);
            mail.message(&AskedText { mail }, &AskedHtml { mail }, &app.config)
        }
        _ => Ok(None),
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/wanted.txt")]
struct WantedText<'a> {
    mail: &'a BookingMail,
    name: &'a str,
    /// Where it is decided.
    url: &'a str,
}

#[derive(Template)]
#[template(path = "bookings/emails/wanted.html")]
struct WantedHtml<'a> {
    mail: &'a BookingMail,
    name: &'a str,
    url: &'a str,
}

/// To one of those who may approve it; `None` once it is decided, or for somebody who works here no longer.
pub async fn wanted(app: &App, booking: Uuid, staff: Uuid) -> Result<Option<Message>> {
    let approver = Approver::find(&mut *app.db.acquire().await?, staff).await?;
    let (Some(approver), Some((booking, location))) = (approver, read(app, booking).await?) else {
        return Ok(None);
    };
    let Some(to) = approver.email.filter(|_| booking.status == Status::Pending) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let mail = &BookingMail::new("To approve", booking, location, &app.config, now);
    let path = format!("/admin/bookings/{}", mail.booking.reference);
    let url = &app.config.public_url().link(&path);
    let name = &line(&approver.name);
    Ok(Some(Message {
        to,
        to_name: name.clone(),
        subject: mail.subject.clone(),
        text: WantedText { mail, name, url }.render()?,
        html: WantedHtml { mail, name, url }.render()?,
        calendar: None,
        unsubscribe: None,
    }))
}

#[derive(Template)]
#[template(path = "bookings/emails/not_decided.txt")]
struct NotDecidedText<'a> {
    mail: &'a BookingMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/not_decided.html")]
struct NotDecidedHtml<'a> {
    mail: &'a BookingMail,
}

/// To whoever asked.
pub async fn expired(app: &App, booking: Uuid) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location)) if booking.status == Status::Expired => {
            let now = app.clock.now();
            let mail = &BookingMail::new("Not decided", booking, location, &app.config, now);
            mail.message(
                &NotDecidedText { mail },
                &NotDecidedHtml { mail },
                &app.config,
            )
        }
        _ => Ok(None),
    }
}
