use super::*;
use crate::{
    bookings::{booking::Drawn, example},
    mail::Method,
    time::{Span, Zone},
};

fn confirmed(booking: Booking) -> Message {
    confirmation(
        booking,
        Some(example::location()),
        &Config::default(),
        example::now(),
    )
    .unwrap()
    .unwrap()
}

fn cancelled(kept: Money) -> Message {
    cancelled_by(By::Themselves, kept)
}

fn cancelled_by(by: By, kept: Money) -> Message {
    let booking = Booking {
        status: Status::Cancelled,
        kept: Some(kept),
        sequence: 1,
        ..example::booking()
    };
    cancellation(
        booking,
        Some(example::location()),
        by,
        &Config::default(),
        example::now(),
    )
    .unwrap()
    .unwrap()
}

#[track_caller]
fn both_say(message: &Message, words: &str) {
    assert!(
        message.text.contains(words),
        "{words:?} is not in {}",
        message.text
    );
    assert!(
        message.html.contains(words),
        "{words:?} is not in {}",
        message.html
    );
}

#[test]
fn a_confirmation_says_all_that_matters() {
    let message = confirmed(Booking {
        title: "Board meeting".into(),
        ..example::booking()
    });
    assert_eq!(message.to, "thandeka@example.com");
    assert_eq!(
        message.subject,
        "Booked: Pier, Umhlanga, Tue 24 November, 09:00–11:30"
    );
    for words in [
        "Hello Thandeka Mkhize",
        "Tue 24 November, 09:00–11:30",
        "Pier, Level 1, Connect Space Umhlanga",
        "8 people",
        "Board meeting",
        "CS-7K3M9",
        "http://127.0.0.1:3000/bookings/CS-7K3M9",
        "2½ hours × R350",
        "Total, paid at reception",
        "R875",
        "VAT included (15 %)",
        "R114.13",
        "Free to cancel until Mon 23 November 09:00.",
        "half is kept until 2 hours before",
        "1 Sample Street",
        "Follow the lighthouse sign",
        "Take a ticket at the boom",
        "eight bays",
        "The password is on the card",
        "+27 31 000 0000",
        "https://wa.me/27310000001?text=Hello",
        "https://www.google.com/maps/dir/?api=1",
        "https://calendar.google.com/calendar/render?action=TEMPLATE",
        "https://outlook.live.com/calendar/0/deeplink/compose?",
        "http://127.0.0.1:3000/terms/2026-11",
    ] {
        both_say(&message, words);
    }
    assert_eq!(message.calendar.unwrap().method, Method::Request);
}

#[test]
fn it_says_who_or_what_pays() {
    let drawn = Drawn {
        date: example::booking().date(),
        reference: "CP-7K3M9".into(),
        name: "Week pass".into(),
        begins: example::now(),
        spent: true,
        kept: false,
    };
    let by_pass = Booking {
        total: Money::ZERO,
        vat: Money::ZERO,
        drawn: vec![drawn],
        ..example::booking()
    };
    both_say(
        &confirmed(by_pass.clone()),
        "Total, covered by your Week pass CP-7K3M9",
    );
    let ics = confirmed(by_pass)
        .calendar
        .unwrap()
        .ics
        .replace("\r\n ", "");
    assert!(
        ics.contains("R0\\, covered by your Week pass CP-7K3M9"),
        "{ics}"
    );
    let by_company = Booking {
        company: Some("Umoya Designs".into()),
        ..example::booking()
    };
    both_say(
        &confirmed(by_company),
        "Total, on the account of Umoya Designs",
    );
    let free = Booking {
        total: Money::ZERO,
        vat: Money::ZERO,
        ..example::booking()
    };
    both_say(&confirmed(free), "Total, nothing to pay");
}

#[test]
fn whom_to_call_stands_with_the_way() {
    let message = confirmed(Booking {
        contact_name: "Nomvula Zulu".into(),
        contact_phone: Some("+27820000008".into()),
        ..example::booking()
    });
    let (_, way) = message.text.split_once("FINDING US").unwrap();
    assert!(
        way.contains("On the day: Nomvula Zulu, 082 000 0008"),
        "{way}"
    );
    both_say(&message, "Nomvula Zulu, 082 000 0008");
}

#[test]
fn the_time_is_the_locations() {
    // case B1
    let zone = Zone::named("America/Chicago").unwrap();
    let at = |text: &str| zone.instant(text.parse().unwrap()).unwrap();
    let during = Span::new(at("2026-07-01T09:30:00"), at("2026-07-01T11:00:00"));
    let message = confirmed(Booking {
        zone,
        during,
        term: Term::Time(during),
        ..example::booking()
    });
    both_say(&message, "Wed 1 July, 09:30–11:00");
    assert!(
        message
            .calendar
            .unwrap()
            .ics
            .contains("DTSTART:20260701T143000Z")
    );
}

#[test]
fn booked_too_late_to_cancel_for_nothing() {
    let now = example::booking().during.from - chrono::TimeDelta::hours(3);
    let message = confirmation(example::booking(), None, &Config::default(), now)
        .unwrap()
        .unwrap();
    both_say(
        &message,
        "Cancelling is no longer free: R437.50 would be kept now.",
    );
    assert!(
        !message.text.contains("Free to cancel until Mon"),
        "{}",
        message.text
    );
    assert!(
        !message.html.contains("Finding us"),
        "a location that is gone has no way to it"
    );
}

#[test]
fn what_people_type_is_text() {
    let message = confirmed(Booking {
        title: "<b>Stand-up</b> & \"tea\"\r\n\r\nTotal, paid at reception: R0".into(),
        member_name: "<img src=x onerror=alert(1)>\r\nBcc: all@example.com".into(),
        space: "Pier\r\nX-Evil: 1".into(),
        ..example::booking()
    });
    assert!(
        !message.html.contains("<b>") && !message.html.contains("<img"),
        "{}",
        message.html
    );
    assert!(
        message.html.contains("&#60;b&#62;Stand-up"),
        "{}",
        message.html
    );
    assert!(
        message
            .text
            .contains("\nTitle: <b>Stand-up</b> & \"tea\" Total, paid at reception: R0\n"),
        "{}",
        message.text
    );
    for text in [&message.subject, &message.to_name] {
        assert!(!text.contains(['\r', '\n']), "{text:?}");
    }
}

#[test]
fn a_cancellation_says_where_the_money_goes() {
    let part = cancelled(Money::cents(43_750));
    assert_eq!(
        part.subject,
        "Cancelled: Pier, Umhlanga, Tue 24 November, 09:00–11:30"
    );
    both_say(
        &part,
        "R437.50 is kept, by the terms it was booked under, and R437.50 goes back",
    );
    both_say(&part, "CS-7K3M9");
    both_say(&part, "/bookings/CS-7K3M9/again");
    both_say(&part, "+27 31 000 0000");
    both_say(
        &cancelled(Money::ZERO),
        "Nothing is kept. The whole R875 goes back",
    );
    both_say(&cancelled(Money::rands(875)), "The whole R875 is kept");
    let calendar = part.calendar.unwrap();
    assert_eq!(calendar.method, Method::Cancel);
    assert!(
        calendar.ics.contains("\r\nSEQUENCE:1\r\n"),
        "{}",
        calendar.ics
    );
}

#[test]
fn a_cancellation_says_whose_it_is() {
    for (by, words) in [
        (By::Themselves, "you have cancelled this booking"),
        (By::Us, "we have cancelled this booking"),
        (
            By::Admin("Thandeka Mkhize".to_owned()),
            "Thandeka Mkhize has cancelled this booking",
        ),
    ] {
        both_say(&cancelled_by(by, Money::ZERO), words);
    }
}

#[test]
fn nobody_is_written_to_without_an_address() {
    let booking = Booking {
        member_email: None,
        ..example::booking()
    };
    assert!(
        confirmation(booking, None, &Config::default(), example::now())
            .unwrap()
            .is_none()
    );
}
