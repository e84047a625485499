//! A location's cell of "free right now" on the home page.

use chrono::{DateTime, Utc};

use crate::{
    bookings::{now::FreeNow, sheet::Sheet, term::Term, wish::Typed},
    locations::{hours::Calendar, location::Location, timetable::Standing},
    spaces::space::Kind,
    time::Span,
};

/// A location's cell of "free right now".
#[derive(Default)]
pub struct Live {
    pub headline: String,
    pub detail: String,
    pub url: String,
    pub rooms: String,
    pub rooms_url: String,
}

impl Live {
    pub fn at(place: &Location, calendar: &Calendar, sheet: &Sheet, now: DateTime<Utc>) -> Live {
        let desks = sheet.free_now(place.id, Kind::HotDesk);
        let rooms = sheet.free_now(place.id, Kind::MeetingRoom);
        if desks.is_none() && rooms.is_none() {
            return closed(place, calendar, now);
        }
        let clock = |at| calendar.zone.clock(at);
        let (headline, detail, url) = match desks {
            Some(free) => (
                count(free.spaces.len(), "desk"),
                format!("{}–{}", clock(free.hour.from), clock(free.hour.until)),
                list(place, Kind::HotDesk, Some(free.hour)),
            ),
            None => (
                "Open".to_owned(),
                String::new(),
                list(place, Kind::HotDesk, None),
            ),
        };
        Live {
            headline,
            detail,
            url,
            rooms_url: list(
                place,
                Kind::MeetingRoom,
                rooms.as_ref().map(|free| free.hour),
            ),
            rooms: rooms
                .map(|free| rooms_until(&free, calendar, sheet))
                .unwrap_or_default(),
        }
    }
}

fn closed(place: &Location, calendar: &Calendar, now: DateTime<Utc>) -> Live {
    let moment = |at| calendar.moment(at, now);
    let opens = calendar
        .next_opening(now)
        .map(|next| format!("Opens {}", moment(next.span.from)));
    let opens = opens.unwrap_or_default();
    let url = list(place, Kind::HotDesk, None);
    match calendar.standing(now) {
        Standing::Open { until } => Live {
            headline: format!("Closing {}", moment(until)),
            detail: opens,
            url,
            ..Live::default()
        },
        Standing::Closed { .. } => Live {
            headline: "Closed now".to_owned(),
            detail: opens,
            url,
            ..Live::default()
        },
    }
}

/// `Rooms free: Pier until 13:00; Cowrie, Lagoon and Lighthouse until 19:00`
fn rooms_until(free: &FreeNow<'_>, calendar: &Calendar, sheet: &Sheet) -> String {
    let mut ends: Vec<(DateTime<Utc>, Vec<&str>)> = Vec::new();
    for space in &free.spaces {
        let Some(end) = sheet.free_until(space, free.hour.from) else {
            continue;
        };
        match ends.iter_mut().find(|(other, _)| *other == end) {
            Some((_, names)) => names.push(&space.name),
            None => ends.push((end, vec![&space.name])),
        }
    }
    ends.sort_by_key(|(end, _)| *end);
    let group = |(end, names): &(DateTime<Utc>, Vec<&str>)| {
        format!("{} until {}", listed(names), calendar.zone.clock(*end))
    };
    match ends.as_slice() {
        [] => "No room free for the hour".to_owned(),
        some => {
            let rooms = if free.spaces.len() == 1 {
                "Room"
            } else {
                "Rooms"
            };
            format!(
                "{rooms} free: {}",
                some.iter().map(group).collect::<Vec<_>>().join("; ")
            )
        }
    }
}

/// `Cowrie, Lagoon and Lighthouse`
fn listed(names: &[&str]) -> String {
    match names {
        [first @ .., before, last] => [first, &[&format!("{before} and {last}")]]
            .concat()
            .join(", "),
        other => other.concat(),
    }
}

fn count(number: usize, thing: &str) -> String {
    match number {
        0 => format!("No {thing}"),
        1 => format!("1 {thing}"),
        many => format!("{many} {thing}s"),
    }
}

/// The address of the list, asking for a location and a kind, and for a time if there is one.
fn list(place: &Location, kind: Kind, time: Option<Span>) -> String {
    let typed = Typed {
        kind: kind.to_string(),
        location: place.slug.clone(),
        ..Typed::default()
    };
    let typed = match time {
        Some(span) => typed.with_term(Term::Time(span), place.zone),
        None => typed,
    };
    format!("/spaces?{}", typed.query())
}
