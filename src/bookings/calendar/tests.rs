use icalendar::{Calendar, CalendarDateTime, DatePerhapsTime, PartStat};

use super::*;
use crate::{
    bookings::example,
    time::{Span, Zone},
};

fn request(booking: &Booking) -> mail::Calendar {
    super::request(
        booking,
        Some(&example::location()),
        &Config::default(),
        example::now(),
    )
}

fn download(booking: &Booking) -> String {
    super::download(
        booking,
        Some(&example::location()),
        &Config::default(),
        example::now(),
    )
}

/// The only event of a calendar.
fn read(ics: &str) -> Event {
    let calendar: Calendar = ics.parse().unwrap();
    let mut events = calendar.events();
    let event = events.next().unwrap().clone();
    assert!(events.next().is_none(), "{ics}");
    event
}

fn utc(time: Option<DatePerhapsTime>) -> String {
    match time {
        Some(DatePerhapsTime::DateTime(CalendarDateTime::Utc(at))) => at.to_rfc3339(),
        other => panic!("not in UTC: {other:?}"),
    }
}

#[test]
fn a_booking_is_one_event_of_its_own_time() {
    // case E6
    let booking = example::booking();
    let event = read(&request(&booking).ics);
    assert_eq!(utc(event.get_start()), "2026-11-24T07:00:00+00:00");
    assert_eq!(utc(event.get_end()), "2026-11-24T09:30:00+00:00");
    assert_eq!(event.get_summary(), Some("Pier, Umhlanga · Connect Space"));
    assert_eq!(
        event.get_location(),
        Some("Connect Space Umhlanga, 1 Sample Street, Umhlanga")
    );
    assert_eq!(
        event.get_url(),
        Some("http://127.0.0.1:3000/bookings/CS-7K3M9")
    );
    assert_eq!(
        event.get_description(),
        Some(
            "Reference CS-7K3M9\nR875, paid at reception\nFree to cancel until Mon 23 November 09:00\n\
             http://127.0.0.1:3000/bookings/CS-7K3M9\n\
             Getting here: Follow the lighthouse sign to the lifts, and get out on level 1.\n\
             At the gate: Take a ticket at the boom and hand it in at reception.\n\
             Parking: Visitors have eight bays on the deck.\n\
             Front desk: +27 31 000 0000"
        )
    );
}

#[test]
fn half_past_nine_in_chicago() {
    // case B1
    let zone = Zone::named("America/Chicago").unwrap();
    let at = |text: &str| zone.instant(text.parse().unwrap()).unwrap();
    let during = Span::new(at("2026-07-01T09:30:00"), at("2026-07-01T11:00:00"));
    let booking = Booking {
        zone,
        during,
        ..example::booking()
    };
    let file = download(&booking);
    assert!(file.contains("\r\nDTSTART:20260701T143000Z\r\n"), "{file}");
    assert!(file.contains("\r\nDTEND:20260701T160000Z\r\n"), "{file}");
}

#[test]
fn what_people_type_stays_inside_its_line() {
    let title =
        "Stand-up, weekly; 老虎 👩🏽‍💻\\n\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Evil\u{2028}"
            .to_owned();
    let member_name = "Eve \"E\"; x\r\nATTENDEE:mailto:all@example.com".to_owned();
    let booking = Booking {
        title: title.repeat(9),
        member_name,
        ..example::booking()
    };
    let ics = request(&booking).ics;
    let event = read(&ics);
    let summary = event.get_summary().unwrap();
    assert_eq!(
        summary,
        format!("{} · Pier, Umhlanga", line(&booking.title))
    );
    let attendees = event.get_attendees();
    assert_eq!(attendees.len(), 1, "{ics}");
    assert_eq!(
        attendees[0].cn.as_deref(),
        Some("Eve 'E'; x ATTENDEE:mailto:all@example.com")
    );
    assert!(!ics.replace("\r\n", "").contains(['\r', '\n']), "{ics:?}");
    assert!(ics.split("\r\n").all(|line| line.len() <= 75), "{ics}");
}

#[test]
fn cancelling_takes_the_same_event_away() {
    let booked = example::booking();
    let cancelled = Booking {
        status: Status::Cancelled,
        sequence: booked.sequence + 1,
        ..booked.clone()
    };
    let request = request(&booked);
    let cancel = cancel(&cancelled, None, &Config::default(), example::now());
    assert!(
        request.ics.contains("\r\nMETHOD:REQUEST\r\n")
            && cancel.ics.contains("\r\nMETHOD:CANCEL\r\n")
    );
    let (request, cancel) = (read(&request.ics), read(&cancel.ics));
    assert_eq!(request.get_uid(), cancel.get_uid());
    assert!(request.get_uid().is_some());
    assert!(cancel.get_sequence() > request.get_sequence());
    assert_eq!(request.get_status(), Some(EventStatus::Confirmed));
    assert_eq!(cancel.get_status(), Some(EventStatus::Cancelled));
    assert_eq!(
        cancel.property_value("ORGANIZER"),
        Some("mailto:bookings@connect.example")
    );
    assert_eq!(
        cancel.get_attendees()[0].cal_address,
        "mailto:thandeka@example.com"
    );
    assert_eq!(
        cancel.get_attendees()[0].part_stat,
        Some(PartStat::Accepted)
    );
}

#[test]
fn a_file_names_nobody_as_attendee() {
    let booking = example::booking();
    let file = download(&booking);
    assert!(file.contains("\r\nMETHOD:PUBLISH\r\n"), "{file}");
    assert!(
        !file.contains("ATTENDEE") && !file.contains("thandeka"),
        "{file}"
    );
}
