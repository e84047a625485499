//! The mails about a series: one for all its dates that were booked, asked for, decided, changed or cancelled together.

use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    approval::Approver,
    booking::{Booking, Status},
    calendar,
    series::Series,
};
use crate::{
    app::App, error::Result, form::line, locations::location::Location, mail::Message, money::Money,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Booked,
    /// Somebody has to approve them first.
    Asked,
    Approved,
    Declined,
    Changed,
    Cancelled,
}

impl Event {
    /// The dates are theirs no longer.
    fn is_off(self) -> bool {
        matches!(self, Event::Cancelled | Event::Declined)
    }
}

struct SeriesMail {
    subject: String,
    site: String,
    /// The page of the series as it is now.
    url: String,
    event: Event,
    /// Those that it is about.
    bookings: Vec<Booking>,
    series: Series,
    now: DateTime<Utc>,
}

impl SeriesMail {
    fn name(&self) -> String {
        line(&self.bookings[0].member_name)
    }

    fn title(&self) -> String {
        let count = match self.bookings.len() {
            1 => "1 date".to_owned(),
            count => format!("{count} dates"),
        };
        match self.event {
            Event::Booked => "Your series is booked".to_owned(),
            Event::Asked => "We have your request for a series".to_owned(),
            Event::Approved => format!("{count} of your series approved"),
            Event::Declined => format!("{count} of your series not granted"),
            Event::Changed => format!("{count} of your series changed"),
            Event::Cancelled => format!("{count} of your series cancelled"),
        }
    }

    /// `Every Monday until Sun 14 February 2027`
    fn repeats(&self) -> String {
        let today = self.bookings[0].zone.date(self.now);
        self.series.recurrence.sentence(today)
    }

    fn lead(&self) -> &'static str {
        match self.event {
            Event::Booked => "all these dates are yours. See you there.",
            Event::Asked if self.bookings[0].competes => {
                "we look at your request for these dates and answer by mail. Others may ask for the same times."
            }
            Event::Asked => {
                "we look at your request for these dates and answer by mail. The times are yours meanwhile."
            }
            Event::Approved => "we have approved these dates, and they are yours. See you there.",
            Event::Declined => "we could not approve these dates. Nothing is charged for them.",
            Event::Changed => "these dates are as below from now on.",
            Event::Cancelled => "these dates are cancelled, and their time is free for others.",
        }
    }

    /// Each with what it costs, or what of it was kept.
    fn dates(&self) -> Vec<(String, String, &Booking)> {
        let cost = |booking: &Booking| match (self.event, booking.kept) {
            (Event::Cancelled, Some(kept)) if kept.is_zero() => "nothing is kept".to_owned(),
            (Event::Cancelled, Some(kept)) => format!("{kept} is kept"),
            _ => booking.total.to_string(),
        };
        let when = |booking: &Booking| format!("{}, {}", booking.when(self.now), booking.space);
        let bookings = self.bookings.iter();
        bookings.map(|one| (when(one), cost(one), one)).collect()
    }

    fn total(&self) -> Money {
        self.bookings.iter().map(|booking| booking.total).sum()
    }

    fn kept(&self) -> Money {
        self.bookings
            .iter()
            .filter_map(|booking| booking.kept)
            .sum()
    }

    fn left_out(&self) -> Vec<(String, String)> {
        match self.event {
            Event::Booked | Event::Asked => {
                let today = self.bookings[0].zone.date(self.now);
                self.series.left_out_words(today)
            }
            _ => Vec::new(),
        }
    }

    /// What whoever declined them said.
    fn reason(&self) -> &str {
        match self.event {
            Event::Declined => &self.bookings[0].decision_note,
            _ => "",
        }
    }

    fn terms(&self) -> String {
        self.bookings[0].cancellation.sentence()
    }
}

#[derive(Template)]
#[template(path = "bookings/emails/series.txt")]
struct Text<'a> {
    mail: &'a SeriesMail,
}

#[derive(Template)]
#[template(path = "bookings/emails/series.html")]
struct Html<'a> {
    mail: &'a SeriesMail,
}

/// `None` where nothing of it stands any more, or its member has no address.
pub async fn booked(app: &App, series: Uuid) -> Result<Option<Message>> {
    write(app, series, Event::Booked, None).await
}

pub async fn changed(app: &App, series: Uuid, bookings: &[Uuid]) -> Result<Option<Message>> {
    write(app, series, Event::Changed, Some(bookings)).await
}

pub async fn cancelled(app: &App, series: Uuid, bookings: &[Uuid]) -> Result<Option<Message>> {
    write(app, series, Event::Cancelled, Some(bookings)).await
}

/// Those that were approved, or declined, together.
pub async fn decided(app: &App, series: Uuid, bookings: &[Uuid]) -> Result<Option<Message>> {
    write(app, series, Event::Approved, Some(bookings)).await
}

#[derive(Template)]
#[template(path = "bookings/emails/series_wanted.txt")]
struct WantedText<'a> {
    mail: &'a SeriesMail,
    name: &'a str,
    /// Where they are decided.
    url: &'a str,
}

#[derive(Template)]
#[template(path = "bookings/emails/series_wanted.html")]
struct WantedHtml<'a> {
    mail: &'a SeriesMail,
    name: &'a str,
    url: &'a str,
}

/// To one of those who may approve them; `None` once all are decided, or for somebody who works here no longer.
pub async fn wanted(
    app: &App,
    series: Uuid,
    bookings: &[Uuid],
    staff: Uuid,
) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let approver = Approver::find(&mut db, staff).await?;
    let found = Series::by_id(&mut db, series.into()).await?;
    let mut waiting: Vec<Booking> = Booking::by_ids(&mut db, bookings)
        .await?
        .into_values()
        .filter(|booking| booking.status == Status::Pending && booking.holds)
        .collect();
    waiting.sort_by_key(|booking| booking.during.from);
    let (Some(series), Some(approver), Some(first)) = (found, approver, waiting.first()) else {
        return Ok(None);
    };
    let Some(to) = approver.email else {
        return Ok(None);
    };
    let site = app.config.public_url();
    let url = &site.link(&format!("/admin/bookings/{}", first.reference));
    let subject = line(&format!(
        "To approve: {} dates, {}, {}",
        waiting.len(),
        first.space,
        first.location
    ));
    let mail = &SeriesMail {
        subject: subject.clone(),
        site: site.link("/"),
        url: site.link(&series.url()),
        event: Event::Asked,
        bookings: waiting,
        series,
        now: app.clock.now(),
    };
    let name = &line(&approver.name);
    Ok(Some(Message {
        to,
        to_name: name.clone(),
        subject,
        text: WantedText { mail, name, url }.render()?,
        html: WantedHtml { mail, name, url }.render()?,
        calendar: None,
        unsubscribe: None,
    }))
}

/// About those of the bookings that still are what happened to them: staff may have taken it back.
async fn write(
    app: &App,
    series: Uuid,
    mut event: Event,
    bookings: Option<&[Uuid]>,
) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(mut series) = Series::by_id(&mut db, series.into()).await? else {
        return Ok(None);
    };
    let mut told: Vec<Booking> = match bookings {
        None => series.bookings.clone(),
        Some(ids) => Booking::by_ids(&mut db, ids).await?.into_values().collect(),
    };
    told.retain(|booking| match event {
        Event::Cancelled => booking.status == Status::Cancelled,
        Event::Approved => matches!(booking.status, Status::Confirmed | Status::Declined),
        _ => booking.is_live(),
    });
    let is = |status| told.iter().any(|booking| booking.status == status);
    event = match event {
        Event::Booked if is(Status::Pending) => Event::Asked,
        Event::Approved if is(Status::Declined) => Event::Declined,
        event => event,
    };
    told.sort_by_key(|booking| booking.during.from);
    let Some(first) = told.first() else {
        return Ok(None);
    };
    let Some(to) = first.member_email.clone() else {
        return Ok(None);
    };
    // Where it was split, what is told of is the one that goes on.
    if let Some(now) = first.series.clone().filter(|now| *now != series.reference)
        && let Some(later) = Series::seen_by(&mut db, first.member, false, &now).await?
    {
        series = later;
    }
    let location = Location::find(&mut db, &first.location_slug).await?;
    let now = app.clock.now();
    let calendar = calendar::several(&told, location.as_ref(), &app.config, now);
    let site = app.config.public_url();
    let mut mail = SeriesMail {
        subject: String::new(),
        url: site.link(&series.url()),
        site: site.link("/"),
        event,
        bookings: told,
        series,
        now,
    };
    let first = &mail.bookings[0];
    mail.subject = line(&format!(
        "{}: {}, {}",
        mail.title(),
        first.space,
        first.location
    ));
    let mail = &mail;
    Ok(Some(Message {
        to,
        to_name: mail.name(),
        subject: mail.subject.clone(),
        text: Text { mail }.render()?,
        html: Html { mail }.render()?,
        calendar: Some(calendar),
        unsubscribe: None,
    }))
}
