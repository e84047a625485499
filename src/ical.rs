//! Calendars as files and mails carry them (iCalendar, RFC 5545 and 5546).

use icalendar::{Attendee, Calendar, Component, Event, PartStat, Property, Role};

use crate::{
    config::Config,
    form::line,
    mail::{self, Method},
};

/// One event that somebody takes part in, for their mail. See [`Method`] for why they have accepted.
pub fn sent(method: Method, mut event: Event, email: &str, name: &str) -> mail::Calendar {
    event.attendee(
        Attendee::new(format!("mailto:{email}"))
            .cn(parameter(name))
            .role(Role::ReqParticipant)
            .partstat(PartStat::Accepted)
            .rsvp(false),
    );
    mail::Calendar {
        method,
        ics: wrapped(method.name(), event),
    }
}

/// Whom mails come from, since nobody else may take an event off calendars again.
pub fn organizer(config: &Config) -> Property {
    let sender = config.mail_from();
    let mut organizer = Property::new("ORGANIZER", format!("mailto:{}", sender.email));
    if let Some(name) = &sender.name {
        organizer.add_parameter("CN", &parameter(name));
    }
    organizer
}

/// A calendar with one event.
pub fn wrapped(method: &str, event: Event) -> String {
    empty(method).push(event).to_string()
}

/// A calendar with several events.
pub fn all(method: &str, events: impl IntoIterator<Item = Event>) -> String {
    let mut calendar = empty(method);
    calendar.extend(events);
    calendar.to_string()
}

/// A calendar to follow, which readers ask for again every hour.
pub fn followed(name: &str, events: impl IntoIterator<Item = Event>) -> String {
    let mut calendar = empty("PUBLISH");
    for (key, value) in [
        ("NAME", name),
        ("X-WR-CALNAME", name),
        ("X-PUBLISHED-TTL", "PT1H"),
    ] {
        calendar.append_property(Property::new(key, line(value)));
    }
    let mut interval = Property::new("REFRESH-INTERVAL", "PT1H");
    interval.add_parameter("VALUE", "DURATION");
    calendar.append_property(interval);
    calendar.extend(events);
    calendar.to_string()
}

fn empty(method: &str) -> Calendar {
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Connect Space//Bookings//EN"),
        ("METHOD", method),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar
}

/// A name as a parameter may hold it: there is no way to write a quotation mark there.
fn parameter(text: &str) -> String {
    line(text).replace('"', "'")
}
