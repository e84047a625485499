//! The mails with links.

use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::link::{Link, Purpose};
use crate::{
    app::App,
    bookings::{booking::Booking, confirmation},
    error::Result,
    mail::Message,
};

struct LinkMail {
    subject: String,
    site: String,
    url: String,
    link: Link,
    /// What the link confirms.
    booking: Option<Booking>,
    now: DateTime<Utc>,
}

impl LinkMail {
    fn when(&self, booking: &Booking) -> String {
        booking.when(self.now)
    }

    fn minutes(&self) -> i32 {
        self.link.purpose.minutes()
    }

    /// What is asked of the reader, and what the link is called.
    fn words(&self) -> (&'static str, &'static str) {
        match self.link.purpose {
            Purpose::SignIn => ("Use this link to sign in.", "Sign in"),
            Purpose::ConfirmBooking => (
                "We are holding this space for you. Confirm it, and it is yours.",
                "Confirm the booking",
            ),
            Purpose::ResetPassword => (
                "Use this link to choose a new password.",
                "Choose a new password",
            ),
            Purpose::VerifyEmail => (
                "Use this link to show that this address is yours. You can choose a password there.",
                "Finish signing up",
            ),
            Purpose::Invitation => (
                "We have an account for you. Use this link to choose a password; you can then see your bookings and book by yourself.",
                "Come in",
            ),
        }
    }

    /// What it means if the reader did not ask for it.
    fn otherwise(&self) -> &'static str {
        match self.link.purpose {
            Purpose::ConfirmBooking => {
                "If you did not book this, you need not do anything: the space is let go by itself."
            }
            Purpose::ResetPassword => {
                "If you did not ask for this, you need not do anything: your password stays as it is."
            }
            Purpose::SignIn | Purpose::VerifyEmail | Purpose::Invitation => {
                "If you did not ask for this, you need not do anything. Pass the link on to nobody."
            }
        }
    }
}

#[derive(Template)]
#[template(path = "sessions/emails/link.txt")]
struct LinkText<'a> {
    mail: &'a LinkMail,
}

#[derive(Template)]
#[template(path = "sessions/emails/link.html")]
struct LinkHtml<'a> {
    mail: &'a LinkMail,
}

/// Writes the mail that carries a link, and with it the link's secret; `None` if the link is of no
/// use any more.
pub async fn link(app: &App, link: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some((secret, link)) = Link::mint(&mut db, link.into()).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    let booking = match link.booking {
        Some(id) => confirmation::foreseen(&mut db, id, now).await?,
        None => None,
    };
    let site = app.config.public_url();
    let mail = LinkMail {
        subject: subject(link.purpose, booking.as_ref()),
        site: site.link("/"),
        url: site.link(&format!("/links/{secret}")),
        link,
        booking,
        now,
    };
    Ok(Some(Message {
        to: mail.link.email.clone(),
        to_name: addressee(&mail.link),
        subject: mail.subject.clone(),
        text: LinkText { mail: &mail }.render()?,
        html: LinkHtml { mail: &mail }.render()?,
        calendar: None,
        unsubscribe: None,
    }))
}

fn subject(purpose: Purpose, booking: Option<&Booking>) -> String {
    match (purpose, booking) {
        (Purpose::SignIn, _) => "Your link to sign in".into(),
        (Purpose::ResetPassword, _) => "Choose a new password".into(),
        (Purpose::VerifyEmail, _) => "Finish signing up".into(),
        (Purpose::Invitation, _) => "Your account with Connect Space".into(),
        (Purpose::ConfirmBooking, Some(booking)) => {
            format!("Confirm your booking: {}", booking.space)
        }
        (Purpose::ConfirmBooking, None) => "Confirm your booking".into(),
    }
}

/// Until the address is verified, anybody may have typed the name: it would be a stranger's words.
fn addressee(link: &Link) -> String {
    if link.email_verified {
        link.name.clone()
    } else {
        link.email.clone()
    }
}
