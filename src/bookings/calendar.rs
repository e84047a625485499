//! A booking in people's calendars (iCalendar, RFC 5545 and 5546).

pub mod guest;

use chrono::{DateTime, Utc};
use icalendar::{Component, Event, EventLike, EventStatus};

use super::{
    booking::{Booking, Status},
    term::Term,
};
use crate::{
    config::Config,
    form::line,
    html, ical,
    locations::{arrival::Arrival, location::Location},
    mail::{self, Method},
    spaces::space::Kind,
};

/// Puts it into the member's calendar.
pub fn request(
    booking: &Booking,
    location: Option<&Location>,
    config: &Config,
    now: DateTime<Utc>,
) -> mail::Calendar {
    Entry {
        booking,
        location,
        config,
        now,
    }
    .sent(Method::Request)
}

/// Takes it out again.
pub fn cancel(
    booking: &Booking,
    location: Option<&Location>,
    config: &Config,
    now: DateTime<Utc>,
) -> mail::Calendar {
    Entry {
        booking,
        location,
        config,
        now,
    }
    .sent(Method::Cancel)
}

/// A file to be fetched and opened by anyone, so without attendees.
pub fn download(
    booking: &Booking,
    location: Option<&Location>,
    config: &Config,
    now: DateTime<Utc>,
) -> String {
    ical::wrapped(
        "PUBLISH",
        Entry {
            booking,
            location,
            config,
            now,
        }
        .event(),
    )
}

/// The same of several, each an event of its own that later mails about it follow.
pub fn several(
    bookings: &[Booking],
    location: Option<&Location>,
    config: &Config,
    now: DateTime<Utc>,
) -> mail::Calendar {
    let event = |booking| {
        let entry = Entry {
            booking,
            location,
            config,
            now,
        };
        entry.event()
    };
    mail::Calendar {
        method: Method::Publish,
        ics: ical::all(Method::Publish.name(), bookings.iter().map(event)),
    }
}

/// Many of them under one name, as calendars follow them. `for_staff` says who has booked, and leads to the front
/// desk's pages.
pub fn feed(
    name: &str,
    bookings: &[Booking],
    locations: &[Location],
    for_staff: bool,
    config: &Config,
    now: DateTime<Utc>,
) -> String {
    let event = |booking: &Booking| {
        let mut places = locations.iter();
        let entry = Entry {
            booking,
            location: places.find(|place| place.slug == booking.location_slug),
            config,
            now,
        };
        match for_staff {
            true => entry.for_staff(),
            false => entry.event(),
        }
    };
    ical::followed(name, bookings.iter().map(event))
}

/// The pages of calendars on the web, with it filled in.
pub fn links(
    booking: &Booking,
    location: Option<&Location>,
    config: &Config,
    now: DateTime<Utc>,
) -> Vec<(&'static str, String)> {
    let entry = Entry {
        booking,
        location,
        config,
        now,
    };
    let (title, place, text) = (entry.summary(), entry.place(), entry.description());
    let during = booking.during;
    let at = |format: &str| {
        (
            during.from.format(format).to_string(),
            during.until.format(format).to_string(),
        )
    };
    let whole_days = match booking.term {
        Term::Let(term) => Some((term.first, term.until())),
        Term::Time(_) | Term::Days { .. } => None,
    };
    let (from, until) = match whole_days {
        Some((first, until)) => (
            first.format("%Y%m%d").to_string(),
            until.format("%Y%m%d").to_string(),
        ),
        None => at("%Y%m%dT%H%M%SZ"),
    };
    let google = html::query_elsewhere(&[
        ("action", "TEMPLATE"),
        ("text", &title),
        ("dates", &format!("{from}/{until}")),
        ("location", &place),
        ("details", &text),
    ]);
    let (from, until) = match whole_days {
        Some((first, until)) => (first.to_string(), until.to_string()),
        None => at("%Y-%m-%dT%H:%M:%SZ"),
    };
    let all_day = whole_days.is_some().to_string();
    let outlook = html::query_elsewhere(&[
        ("path", "/calendar/action/compose"),
        ("rru", "addevent"),
        ("subject", &title),
        ("startdt", &from),
        ("enddt", &until),
        ("allday", &all_day),
        ("location", &place),
        ("body", &text),
    ]);
    let compose = |host| format!("https://{host}/calendar/0/deeplink/compose?{outlook}");
    vec![
        (
            "Google Calendar",
            format!("https://calendar.google.com/calendar/render?{google}"),
        ),
        ("Outlook.com", compose("outlook.live.com")),
        ("Microsoft 365", compose("outlook.office.com")),
    ]
}

struct Entry<'a> {
    booking: &'a Booking,
    location: Option<&'a Location>,
    config: &'a Config,
    now: DateTime<Utc>,
}

impl Entry<'_> {
    fn sent(&self, method: Method) -> mail::Calendar {
        let (event, booking) = (self.event(), self.booking);
        match &booking.member_email {
            Some(email) => ical::sent(method, event, email, &booking.member_name),
            None => mail::Calendar {
                method,
                ics: ical::wrapped(method.name(), event),
            },
        }
    }

    /// The member's own time, without set-up and turnaround. In UTC, which needs no rules of a time
    /// zone beside it.
    fn event(&self) -> Event {
        let booking = self.booking;
        let mut event = Event::new();
        event
            // A UUID alone, as RFC 7986 wants it: it stays the same if our domain changes.
            .uid(&booking.id.get().to_string())
            .sequence(booking.sequence.unsigned_abs())
            .timestamp(self.now)
            .status(match booking.status {
                Status::Held | Status::Pending => EventStatus::Tentative,
                Status::Confirmed | Status::CheckedIn | Status::Completed | Status::NoShow => {
                    EventStatus::Confirmed
                }
                Status::Cancelled | Status::Declined | Status::Expired => EventStatus::Cancelled,
            })
            .summary(&self.summary())
            .location(&self.place())
            .description(&self.description())
            .url(&self.url())
            .append_property(ical::organizer(self.config));
        if let Some((latitude, longitude)) = self.location.and_then(|place| place.coordinates) {
            event.add_property("GEO", format!("{latitude};{longitude}"));
        }
        match booking.term {
            // Whole days on the location's calendar, whatever the clock of the reader.
            Term::Let(term) => event.starts(term.first).ends(term.until()),
            Term::Time(_) | Term::Days { .. } => {
                event.starts(booking.during.from).ends(booking.during.until)
            }
        };
        // Whoever has a desk or an office for the day can still be asked to meetings.
        event.add_property(
            "TRANSP",
            if booking.kind == Kind::MeetingRoom {
                "OPAQUE"
            } else {
                "TRANSPARENT"
            },
        );
        event
    }

    /// With whose it is, and nothing that is for members alone.
    fn for_staff(&self) -> Event {
        let booking = self.booking;
        let who = [
            Some(booking.member_name.as_str()),
            booking.company.as_deref(),
        ];
        let who: Vec<String> = who.into_iter().flatten().map(line).collect();
        let page = format!("/admin/bookings/{}", booking.reference);
        let url = self.config.public_url().link(&page);
        let told = [
            format!("Reference {}", booking.reference),
            line(&booking.title),
            booking.people_words(),
            booking.contact(),
            url.clone(),
        ];
        let told: Vec<String> = told.into_iter().filter(|text| !text.is_empty()).collect();
        let mut event = self.event();
        event
            .summary(&who.join(", "))
            .description(&told.join("\n"))
            .url(&url);
        event
    }

    fn place(&self) -> String {
        let address = self.location.map_or("", |location| &location.address);
        let address = address.lines().map(line).filter(|part| !part.is_empty());
        let parts = [format!("Connect Space {}", line(&self.booking.location))]
            .into_iter()
            .chain(address);
        parts.collect::<Vec<_>>().join(", ")
    }

    fn url(&self) -> String {
        self.config.public_url().link(&self.booking.url())
    }

    fn summary(&self) -> String {
        let place = format!(
            "{}, {}",
            line(&self.booking.space),
            line(&self.booking.location)
        );
        match line(&self.booking.title) {
            title if title.is_empty() => format!("{place} · Connect Space"),
            title => format!("{title} · {place}"),
        }
    }

    fn description(&self) -> String {
        let booking = self.booking;
        let mut lines = vec![format!("Reference {}", booking.reference)];
        if booking.status == Status::Cancelled {
            lines.push("This booking is cancelled.".into());
        } else {
            lines.push(format!("{}, {}", booking.total, booking.payment()));
            lines.extend(
                booking
                    .free_until(self.now)
                    .map(|until| format!("Free to cancel until {until}")),
            );
        }
        lines.push(self.url());
        if booking.status != Status::Cancelled
            && let Some(location) = self.location
        {
            lines.extend(on_the_day(
                &Arrival::of(location).with_contact(&booking.contact()),
            ));
        }
        lines.join("\n")
    }
}

/// The way in and whom to call; calendars are shared, so nothing that is for guests alone.
fn on_the_day(arrival: &Arrival) -> Vec<String> {
    let hints = arrival
        .hints
        .iter()
        .filter(|hint| hint.heading != "Address");
    let mut lines: Vec<String> = hints
        .map(|hint| format!("{}: {}", hint.heading, line(&hint.text)))
        .collect();
    if !arrival.phone.is_empty() {
        lines.push(format!("Front desk: {}", line(&arrival.phone)));
    }
    lines
}

#[cfg(test)]
mod tests;
