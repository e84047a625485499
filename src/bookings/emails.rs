//! The mails about a booking: that it is confirmed, and that it is cancelled.

use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    booking::{Booking, Status},
    calendar, first_refusal as refusal,
    term::Term,
    undo::{self, By, Known},
};
use crate::{
    app::App,
    config::Config,
    error::Result,
    form::line,
    locations::{arrival::Arrival, location::Location},
    mail::Message,
    money::Money,
};

pub(super) struct BookingMail {
    pub(super) subject: String,
    pub(super) site: String,
    /// The booking's page.
    pub(super) url: String,
    /// The terms that it was made under.
    terms: String,
    pub(super) booking: Booking,
    /// `None` for a location that has closed for good.
    location: Option<Location>,
    /// The pages of calendars on the web, with it filled in.
    calendars: Vec<(&'static str, String)>,
    now: DateTime<Utc>,
}

impl BookingMail {
    /// `event` says what became of the booking: `Booked`.
    pub(super) fn new(
        event: &str,
        mut booking: Booking,
        location: Option<Location>,
        config: &Config,
        now: DateTime<Utc>,
    ) -> Self {
        // A line break typed by a person must not look like a line of ours.
        booking.title = line(&booking.title);
        booking.member_name = line(&booking.member_name);
        let when = booking.when(now);
        let site = config.public_url();
        BookingMail {
            subject: line(&format!(
                "{event}: {}, {}, {when}",
                booking.space, booking.location
            )),
            url: site.link(&booking.url()),
            terms: site.link(&format!("/terms/{}", booking.terms_version)),
            site: site.link("/"),
            calendars: calendar::links(&booking, location.as_ref(), config, now),
            booking,
            location,
            now,
        }
    }

    /// By the day, with the first opening and the last closing; weeks and months are whole.
    pub(super) fn when(&self) -> String {
        let booking = &self.booking;
        let range = booking
            .zone
            .range(booking.during, booking.zone.date(self.now));
        match booking.term {
            Term::Days { first, last } if first != last => range,
            Term::Days { .. } => format!("{}, {range}", booking.when(self.now)),
            Term::Time(_) | Term::Let(_) => booking.when(self.now),
        }
    }

    /// What cancelling costs from now on; `None` when there is nothing to say about it any more.
    fn cancelling(&self) -> Option<String> {
        let booking = &self.booking;
        if booking.total.is_zero() || !booking.can_be_cancelled(self.now) {
            return None;
        }
        Some(match booking.free_until(self.now) {
            Some(until) => format!("Free to cancel until {until}."),
            None => format!(
                "Cancelling is no longer free: {} would be kept now.",
                booking.kept_at(self.now)
            ),
        })
    }

    /// How to get in and whom to call; nothing for a location that has closed for good.
    pub(super) fn arrival(&self) -> Arrival {
        self.location
            .as_ref()
            .map(Arrival::of_guest)
            .unwrap_or_default()
            .with_contact(&self.booking.contact())
    }

    fn chat(&self) -> Option<String> {
        let about = format!("Hello, about my booking {}: ", self.booking.reference);
        self.arrival().whatsapp(&about)
    }

    pub(super) fn again(&self) -> String {
        format!("{}/again", self.url)
    }

    fn kept(&self) -> Money {
        self.booking.kept.unwrap_or_default()
    }

    fn back(&self) -> Money {
        self.booking.total - self.kept()
    }

    /// Where the money goes after cancelling; it may be paid by then or not.
    fn settlement(&self) -> String {
        let (kept, back) = (self.kept(), self.back());
        if !self.booking.charged {
            "Nothing was charged.".to_owned()
        } else if kept.is_zero() {
            format!(
                "Nothing is kept. The whole {back} goes back to the account it was charged to; if it is not paid \
                 yet, there is nothing to pay."
            )
        } else if back.is_zero() {
            format!(
                "The whole {kept} is kept, by the terms it was booked under. If it is not paid yet, it remains to be \
                 paid at reception."
            )
        } else {
            format!(
                "{kept} is kept, by the terms it was booked under, and {back} goes back to the account it was charged \
                 to. If it is not paid yet, {kept} remains to be paid at reception."
            )
        }
    }

    /// The mail with its event for calendars; `None` if we have no address of the member's.
    pub(super) fn message(
        &self,
        text: &impl Template,
        html: &impl Template,
        config: &Config,
    ) -> Result<Option<Message>> {
        let location = self.location.as_ref();
        let is_off = matches!(
            self.booking.status,
            Status::Cancelled | Status::Declined | Status::Expired
        );
        let calendar = if is_off {
            calendar::cancel(&self.booking, location, config, self.now)
        } else {
            calendar::request(&self.booking, location, config, self.now)
        };
        let message = self.plain(text, html)?;
        Ok(message.map(|message| Message {
            calendar: Some(calendar),
            ..message
        }))
    }

    /// To the booking's member.
    pub(super) fn plain(
        &self,
        text: &impl Template,
        html: &impl Template,
    ) -> Result<Option<Message>> {
        let Some(to) = self.booking.member_email.clone() else {
            return Ok(None);
        };
        Ok(Some(Message {
            to,
            to_name: self.booking.member_name.clone(),
            subject: self.subject.clone(),
            text: text.render()?,
            html: html.render()?,
            calendar: None,
            unsubscribe: None,
        }))
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/first_refusal.txt")]
struct FirstRefusalText<'a> {
    mail: &'a BookingMail,
    /// Until when; `None` once it has run out.
    until: Option<String>,
}

#[derive(Template)]
#[template(path = "bookings/emails/first_refusal.html")]
struct FirstRefusalHtml<'a> {
    mail: &'a BookingMail,
    until: Option<String>,
}

/// That it was given and until when, or that it has run out; `None` if it was confirmed or let go since.
pub async fn first_refusal(app: &App, booking: Uuid) -> Result<Option<Message>> {
    let Some((booking, location)) = read(app, booking).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    let until = match booking.status {
        Status::Held => booking
            .hold_expires_at
            .map(|until| refusal::words(until, booking.zone, now)),
        Status::Expired => None,
        _ => return Ok(None),
    };
    let event = match &until {
        Some(until) => format!("First refusal till {until}"),
        None => "First refusal has ended".to_owned(),
    };
    let mail = &BookingMail::new(&event, booking, location, &app.config, now);
    let html = FirstRefusalHtml {
        mail,
        until: until.clone(),
    };
    mail.plain(&FirstRefusalText { mail, until }, &html)
}

#[derive(Template)]
#[template(path = "bookings/emails/confirmed.txt")]
struct ConfirmedText<'a> {
    mail: &'a BookingMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/confirmed.html")]
struct ConfirmedHtml<'a> {
    mail: &'a BookingMail,
}

/// `None` for a booking that is confirmed no longer, or whose member has no address.
pub async fn confirmed(app: &App, booking: Uuid) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location))
            if matches!(booking.status, Status::Confirmed | Status::CheckedIn) =>
        {
            confirmation(booking, location, &app.config, app.clock.now())
        }
        _ => Ok(None),
    }
}

fn confirmation(
    booking: Booking,
    location: Option<Location>,
    config: &Config,
    now: DateTime<Utc>,
) -> Result<Option<Message>> {
    let mail = &BookingMail::new("Booked", booking, location, config, now);
    mail.message(&ConfirmedText { mail }, &ConfirmedHtml { mail }, config)
}

#[derive(Template)]
#[template(path = "bookings/emails/cancelled.txt")]
struct CancelledText<'a> {
    mail: &'a BookingMail,
    by: By,
}

#[derive(Template)]
#[template(path = "bookings/emails/cancelled.html")]
struct CancelledHtml<'a> {
    mail: &'a BookingMail,
    by: By,
}

/// `sequence` is the cancellation's own: `None` if anything has happened to the booking since, or if
/// its member has no address.
pub async fn cancelled(app: &App, booking: Uuid, sequence: i32) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location))
            if booking.status == Status::Cancelled && booking.sequence == sequence =>
        {
            let mut db = app.db.acquire().await?;
            let by = super::cancellation::by(&mut db, booking.id).await?;
            cancellation(
                booking,
                location,
                by.unwrap_or(By::Us),
                &app.config,
                app.clock.now(),
            )
        }
        _ => Ok(None),
    }
}

fn cancellation(
    booking: Booking,
    location: Option<Location>,
    by: By,
    config: &Config,
    now: DateTime<Utc>,
) -> Result<Option<Message>> {
    let mail = &BookingMail::new("Cancelled", booking, location, config, now);
    let html = CancelledHtml {
        mail,
        by: by.clone(),
    };
    mail.message(&CancelledText { mail, by }, &html, config)
}

#[derive(Template)]
#[template(path = "bookings/emails/changed.txt")]
struct ChangedText<'a> {
    mail: &'a BookingMail,
    /// The space and the time that its member knew.
    before: String,
    by: By,
}

#[derive(Template)]
#[template(path = "bookings/emails/changed.html")]
struct ChangedHtml<'a> {
    mail: &'a BookingMail,
    before: String,
    by: By,
}

/// `None` if it was taken back or overtaken by another change, or if its member has no address.
pub async fn changed(app: &App, change: Uuid) -> Result<Option<Message>> {
    let Some(known) = undo::known(&mut *app.db.acquire().await?, change).await? else {
        return Ok(None);
    };
    match read(app, known.booking).await? {
        Some((booking, location)) if booking.is_live() && booking.status != Status::Held => {
            moved(booking, location, &known, &app.config, app.clock.now())
        }
        _ => Ok(None),
    }
}

fn moved(
    booking: Booking,
    location: Option<Location>,
    known: &Known,
    config: &Config,
    now: DateTime<Utc>,
) -> Result<Option<Message>> {
    let zone = booking.zone;
    let was = Term::Time(known.during).words(zone, zone.date(now));
    let before = line(&format!("{}, {}, {was}", known.space, known.location));
    let mail = &BookingMail::new("Changed", booking, location, config, now);
    let html = ChangedHtml {
        mail,
        before: before.clone(),
        by: known.by.clone(),
    };
    let by = known.by.clone();
    mail.message(&ChangedText { mail, before, by }, &html, config)
}

#[derive(Template)]
#[template(path = "bookings/emails/declined.txt")]
struct DeclinedText<'a> {
    mail: &'a BookingMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/declined.html")]
struct DeclinedHtml<'a> {
    mail: &'a BookingMail,
}

/// `None` for a request that was granted after all, or whose member has no address.
pub async fn declined(app: &App, booking: Uuid) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location)) if booking.status == Status::Declined => {
            let now = app.clock.now();
            let mail = &BookingMail::new("Not granted", booking, location, &app.config, now);
            mail.message(&DeclinedText { mail }, &DeclinedHtml { mail }, &app.config)
        }
        _ => Ok(None),
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/released.txt")]
struct ReleasedText<'a> {
    mail: &'a BookingMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/released.html")]
struct ReleasedHtml<'a> {
    mail: &'a BookingMail,
}

/// `version` is the release's own: `None` if anything has happened to the booking since, or if its member has no
/// address.
pub async fn released(app: &App, booking: Uuid, version: i32) -> Result<Option<Message>> {
    match read(app, booking).await? {
        Some((booking, location))
            if booking.status == Status::NoShow && booking.version == version =>
        {
            let now = app.clock.now();
            let mail = &BookingMail::new("Not used", booking, location, &app.config, now);
            mail.plain(&ReleasedText { mail }, &ReleasedHtml { mail })
        }
        _ => Ok(None),
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/overran.txt")]
struct OverranText<'a> {
    mail: &'a BookingMail,
    /// By the clock.
    left: String,
    cents: Money,
}

#[derive(Template)]
#[template(path = "bookings/emails/overran.html")]
struct OverranHtml<'a> {
    mail: &'a BookingMail,
    left: String,
    cents: Money,
}

/// `None` if it was taken back or said anew, or if its member has no address.
pub async fn overran(app: &App, change: Uuid) -> Result<Option<Message>> {
    let Some(known) = undo::known(&mut *app.db.acquire().await?, change).await? else {
        return Ok(None);
    };
    let Some((booking, location)) = read(app, known.booking).await? else {
        return Ok(None);
    };
    let Some(overran) = booking.price.overran else {
        return Ok(None);
    };
    let (left, cents) = (booking.zone.clock(overran.until), overran.cents);
    let now = app.clock.now();
    let mail = &BookingMail::new("Stayed longer", booking, location, &app.config, now);
    let html = OverranHtml {
        mail,
        left: left.clone(),
        cents,
    };
    mail.plain(&OverranText { mail, left, cents }, &html)
}

pub(super) async fn read(app: &App, booking: Uuid) -> Result<Option<(Booking, Option<Location>)>> {
    let mut db = app.db.acquire().await?;
    let Some(booking) = Booking::by_id(&mut db, booking.into()).await? else {
        return Ok(None);
    };
    let location = Location::find(&mut db, &booking.location_slug).await?;
    Ok(Some((booking, location)))
}

#[cfg(test)]
mod tests;
