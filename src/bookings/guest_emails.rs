//! The mails about guests: to them, that they are invited, that it has moved or is off; to the host, whether they come.

use askama::Template;
use uuid::Uuid;

use super::{
    booking::Status,
    calendar::guest::ForGuest,
    emails::{BookingMail, read},
    guest_page::{address, arrival},
    guests::{
        answer,
        telling::{self, Because, Letter},
    },
};
use crate::{app::App, error::Result, form::line, locations::arrival::Arrival, mail::Message};

/// What the templates read of it.
struct GuestMail {
    because: Because,
    name: String,
    host: String,
    /// Their own page.
    url: String,
    arrival: Arrival,
    /// The time waits for approval.
    pending: bool,
}

impl GuestMail {
    fn off(&self) -> bool {
        matches!(self.because, Because::Cancelled | Because::Uninvited)
    }

    fn title(&self) -> &'static str {
        match self.because {
            Because::Invited => "You are invited",
            Because::Moved => "It is at another time or place",
            Because::Approved => "It stands",
            Because::Cancelled => "It is called off",
            Because::Uninvited => "You are not expected any more",
        }
    }

    fn lead(&self) -> String {
        let host = &self.host;
        match self.because {
            Because::Invited => format!("{host} expects you at Connect Space. This is the way."),
            Because::Moved if self.pending => format!(
                "what {host} invited you to is to be as below. We still have to approve it, and you hear from us \
                 once we have."
            ),
            Because::Moved => format!("what {host} invited you to is as below from now on."),
            Because::Approved => format!("what {host} invited you to is approved, and stands."),
            Because::Cancelled => {
                format!("what {host} invited you to is called off. You need do nothing.")
            }
            Because::Uninvited => format!(
                "{host} does not expect you any more. If that surprises you, ask them. You need do nothing else."
            ),
        }
    }

    fn event(&self) -> String {
        match self.because {
            Because::Invited => format!("{} invites you", self.host),
            Because::Moved => "Moved".to_owned(),
            Because::Approved => "Confirmed".to_owned(),
            Because::Cancelled | Because::Uninvited => "Called off".to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/guest.txt")]
struct GuestText<'a> {
    mail: &'a BookingMail,
    guest: &'a GuestMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/guest.html")]
struct GuestHtml<'a> {
    mail: &'a BookingMail,
    guest: &'a GuestMail,
}

/// `None` where the guest knows everything already.
pub async fn told(app: &App, guest: Uuid, job: Uuid) -> Result<Option<Message>> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let letter = telling::letter(&mut tx, guest, job, now).await?;
    tx.commit().await?;
    let Some(letter) = letter else {
        return Ok(None);
    };
    write(app, letter).await.map(Some)
}

async fn write(app: &App, letter: Letter) -> Result<Message> {
    let now = app.clock.now();
    let (booking, location) = match read(app, letter.booking.id.get()).await? {
        Some((_, location)) => (letter.booking, location),
        None => (letter.booking, None),
    };
    let guest = &GuestMail {
        because: letter.because,
        name: line(&letter.name),
        host: line(&booking.member_name),
        url: address(app, &letter.secret),
        arrival: arrival(&booking.contact(), location.as_ref()),
        pending: booking.status == Status::Pending,
    };
    let calendar = ForGuest {
        booking: &booking,
        location: location.as_ref(),
        arrival: &guest.arrival,
        event: letter.event,
        page: &guest.url,
        off: guest.off(),
        config: &app.config,
        now,
    }
    .sent(&letter.email, &guest.name);
    let mail = &BookingMail::new(&guest.event(), booking, location, &app.config, now);
    Ok(Message {
        to: letter.email,
        to_name: guest.name.clone(),
        subject: mail.subject.clone(),
        text: GuestText { mail, guest }.render()?,
        html: GuestHtml { mail, guest }.render()?,
        calendar: Some(calendar),
        unsubscribe: None,
    })
}

#[derive(Template)]
#[template(path = "bookings/emails/guest_answer.txt")]
struct AnswerText<'a> {
    mail: &'a BookingMail,
    name: &'a str,
    comes: bool,
}

#[derive(Template)]
#[template(path = "bookings/emails/guest_answer.html")]
struct AnswerHtml<'a> {
    mail: &'a BookingMail,
    name: &'a str,
    comes: bool,
}

/// To the host; `None` where they know, or have no address.
pub async fn answered(app: &App, guest: Uuid, job: Uuid) -> Result<Option<Message>> {
    let mut tx = app.db.begin().await?;
    let said = answer::to_host(&mut tx, guest, job).await?;
    tx.commit().await?;
    let Some((name, comes, booking)) = said else {
        return Ok(None);
    };
    let name = &line(&name);
    let event = match comes {
        true => format!("{name} comes after all"),
        false => format!("{name} cannot come"),
    };
    let mail = &BookingMail::new(&event, booking, None, &app.config, app.clock.now());
    mail.plain(
        &AnswerText { mail, name, comes },
        &AnswerHtml { mail, name, comes },
    )
}
