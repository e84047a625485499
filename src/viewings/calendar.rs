//! A visit in people's calendars: proposed, agreed, moved and called off under one UID.

use chrono::{DateTime, Utc};
use icalendar::{Component, Event, EventLike, EventStatus};

use super::viewing::Viewing;
use crate::{
    config::Config, form::line, ical, locations::location::Location, mail, mail::Method, time::Span,
};

/// Whose calendar it goes into.
pub struct Entry<'a> {
    pub viewing: &'a Viewing,
    pub place: Option<&'a Location>,
    /// The reader's own page of it.
    pub url: String,
    /// What the reader should know besides.
    pub words: Vec<String>,
}

impl Entry<'_> {
    /// A time that is yet to be confirmed.
    pub fn proposed(
        &self,
        during: Span,
        to: (&str, &str),
        config: &Config,
        now: DateTime<Utc>,
    ) -> mail::Calendar {
        let event = self.event(Some(during), EventStatus::Tentative, config, now);
        ical::sent(Method::Request, event, to.0, to.1)
    }

    pub fn agreed(&self, to: (&str, &str), config: &Config, now: DateTime<Utc>) -> mail::Calendar {
        let event = self.event(self.viewing.during, EventStatus::Confirmed, config, now);
        ical::sent(Method::Request, event, to.0, to.1)
    }

    pub fn called_off(
        &self,
        to: (&str, &str),
        config: &Config,
        now: DateTime<Utc>,
    ) -> mail::Calendar {
        let event = self.event(self.viewing.during, EventStatus::Cancelled, config, now);
        ical::sent(Method::Cancel, event, to.0, to.1)
    }

    fn event(
        &self,
        during: Option<Span>,
        status: EventStatus,
        config: &Config,
        now: DateTime<Utc>,
    ) -> Event {
        let viewing = self.viewing;
        let mut event = Event::new();
        event
            .uid(&viewing.id.get().to_string())
            .sequence(viewing.sequence.unsigned_abs())
            .timestamp(now)
            .status(status)
            .summary(&format!("Visit to Connect Space {}", line(&viewing.place)))
            .location(&self.address())
            .description(&self.words.join("\n"))
            .append_property(ical::organizer(config));
        // The one that is called off needs no time: its UID says which it was.
        let during = during.unwrap_or(Span::new(now, now));
        event.starts(during.from).ends(during.until);
        if !self.url.is_empty() {
            event.url(&self.url);
        }
        event
    }

    fn address(&self) -> String {
        let address = self.place.map_or("", |place| &place.address);
        let address = address.lines().map(line).filter(|part| !part.is_empty());
        let parts = [format!("Connect Space {}", line(&self.viewing.place))]
            .into_iter()
            .chain(address);
        parts.collect::<Vec<_>>().join(", ")
    }
}
