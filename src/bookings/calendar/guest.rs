//! A booking in the calendar of a guest: where, when, who invites and the way; nothing else of it.

use chrono::{DateTime, Utc};
use icalendar::{Component, Event, EventStatus};
use uuid::Uuid;

use super::{Entry, on_the_day};
use crate::{
    bookings::booking::{Booking, Status},
    config::Config,
    form::line,
    ical,
    locations::{arrival::Arrival, location::Location},
    mail::{self, Method},
};

pub struct ForGuest<'a> {
    pub booking: &'a Booking,
    pub location: Option<&'a Location>,
    /// What they are told of the way.
    pub arrival: &'a Arrival,
    /// The event's name and the number of its state: each guest has their own.
    pub event: (Uuid, i32),
    /// The address of their page.
    pub page: &'a str,
    /// They are not expected any more.
    pub off: bool,
    pub config: &'a Config,
    pub now: DateTime<Utc>,
}

impl ForGuest<'_> {
    /// Puts it into their calendar, or takes it out again.
    pub fn sent(&self, email: &str, name: &str) -> mail::Calendar {
        let method = match self.off {
            true => Method::Cancel,
            false => Method::Request,
        };
        ical::sent(method, self.event(), email, name)
    }

    /// A file to be fetched and opened.
    pub fn download(&self) -> String {
        ical::wrapped(Method::Publish.name(), self.event())
    }

    fn event(&self) -> Event {
        let (id, sequence) = self.event;
        let booking = self.booking;
        let entry = Entry {
            booking,
            location: self.location,
            config: self.config,
            now: self.now,
        };
        let mut event = entry.event();
        event
            .uid(&id.to_string())
            .sequence(sequence.unsigned_abs())
            .status(match booking.status {
                _ if self.off => EventStatus::Cancelled,
                Status::Pending => EventStatus::Tentative,
                _ => EventStatus::Confirmed,
            })
            .summary(&format!(
                "{} · {}, Connect Space {}",
                line(&booking.member_name),
                line(&booking.space),
                line(&booking.location)
            ))
            .description(&self.description())
            .url(self.page);
        event
    }

    fn description(&self) -> String {
        let host = line(&self.booking.member_name);
        let mut lines = vec![format!("Invited by {host}")];
        if self.off {
            lines.push("This is off.".to_owned());
            return lines.join("\n");
        }
        lines.push(format!(
            "{}, {}",
            line(&self.booking.space),
            line(&self.booking.floor)
        ));
        lines.push(self.page.to_owned());
        lines.extend(on_the_day(self.arrival));
        lines.join("\n")
    }
}
