//! The mail to whoever's booking a closure hits: what is closed, and what that means for them.

use askama::Template;
use uuid::Uuid;

use super::{
    booking::{Booking, Status},
    calendar,
    closure::{
        self,
        worklist::{Letter, Outcome},
    },
};
use crate::{
    app::App,
    error::Result,
    form::line,
    locations::{arrival::Arrival, location::Location},
    mail::Message,
};

struct ClosureMail {
    subject: String,
    site: String,
    url: String,
    title: &'static str,
    booking: Booking,
    when: String,
    wording: String,
    closed: String,
    outcome: Outcome,
    arrival: Arrival,
    chat: Option<String>,
}

impl ClosureMail {
    fn is_refunded(&self) -> bool {
        self.outcome == Outcome::Refunded
    }

    /// What it means for them, in a sentence.
    fn meaning(&self) -> String {
        let total = self.booking.total;
        match self.outcome {
            Outcome::Refunded if total.is_zero() => {
                "So we had to cancel it. Nothing was charged for it.".into()
            }
            Outcome::Refunded => format!(
                "So we had to cancel it. That is our fault, not yours: the whole {total} goes back to the account \
                 it was charged to, and if it is not paid yet, there is nothing to pay."
            ),
            Outcome::Stays => "Your booking stands as it is.".into(),
            Outcome::Told | Outcome::Moved => {
                "Your booking is still yours. We call you about it, or call us if something else suits you better."
                    .into()
            }
        }
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/closure.txt")]
struct ClosureText<'a> {
    mail: &'a ClosureMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/closure.html")]
struct ClosureHtml<'a> {
    mail: &'a ClosureMail,
}

/// `None` when the step was taken back or done anew since, or the member has no address.
pub async fn told(
    app: &App,
    closure: Uuid,
    booking: Uuid,
    version: i32,
) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let now = app.clock.now();
    let Some(letter) = Letter::of(&mut db, closure, booking, version, now).await? else {
        return Ok(None);
    };
    let Letter {
        mut booking,
        outcome,
        closure,
    } = letter;
    let (Some(to), true) = (booking.member_email.clone(), outcome != Outcome::Moved) else {
        return Ok(None);
    };
    let location = Location::find(&mut db, &booking.location_slug).await?;
    let arrival = location.as_ref().map(Arrival::of).unwrap_or_default();
    booking.member_name = line(&booking.member_name);
    let title = match outcome {
        Outcome::Refunded => "We had to cancel your booking",
        _ => "Something closes while you are with us",
    };
    let when = booking.when(now);
    let subject = line(&format!(
        "{title}: {}, {}, {when}",
        booking.space, booking.location
    ));
    let mail = &ClosureMail {
        subject,
        chat: arrival.whatsapp(&format!("Hello, about my booking {}: ", booking.reference)),
        arrival,
        url: app.config.public_url().link(&booking.url()),
        site: app.config.public_url().link("/"),
        title,
        wording: line(&closure.wording),
        closed: closure::words(closure.during, closure.zone, now),
        when,
        outcome,
        booking,
    };
    let booking = &mail.booking;
    let taken_out = booking.status == Status::Cancelled;
    Ok(Some(Message {
        to,
        to_name: booking.member_name.clone(),
        subject: mail.subject.clone(),
        text: ClosureText { mail }.render()?,
        html: ClosureHtml { mail }.render()?,
        calendar: taken_out.then(|| calendar::cancel(booking, location.as_ref(), &app.config, now)),
        unsubscribe: None,
    }))
}
