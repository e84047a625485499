//! A booking to write tests with: Pier in Umhlanga, on Tuesday 24 November 2026 from 09:00 to 11:30.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    booking::{Booking, Price, Status},
    policy::{Cancellation, Tier},
    term::Term,
};
use crate::{
    billing::quote::Line,
    id::Id,
    locations::{
        hours::OnHolidays,
        location::{self, Location},
    },
    money::Money,
    spaces::space::Kind,
    time::{Span, Zone},
};

/// Two days before the booking begins.
pub fn now() -> DateTime<Utc> {
    during().from - TimeDelta::days(2)
}

fn during() -> Span {
    let at = |text: &str| zone().instant(text.parse().unwrap()).unwrap();
    Span::new(at("2026-11-24T09:00:00"), at("2026-11-24T11:30:00"))
}

fn zone() -> Zone {
    Zone::named("Africa/Johannesburg").unwrap()
}

/// Confirmed.
pub fn booking() -> Booking {
    let member = Id::from(Uuid::from_u128(2));
    let tier = |minutes_before, kept_percent| Tier {
        minutes_before,
        kept_percent,
    };
    Booking {
        id: Uuid::from_u128(1).into(),
        reference: "CS-7K3M9".into(),
        space_id: Uuid::from_u128(3),
        space: "Pier".into(),
        space_slug: "umhlanga-pier".into(),
        kind: Kind::MeetingRoom,
        floor: "Level 1".into(),
        location_id: Uuid::from_u128(4).into(),
        location: "Umhlanga".into(),
        location_slug: "umhlanga".into(),
        emblem: "umhlanga".into(),
        zone: zone(),
        member,
        member_name: "Thandeka Mkhize".into(),
        member_email: Some("thandeka@example.com".into()),
        member_phone: Some("+27820000001".into()),
        created_by: Some(member),
        booked_by: None,
        term: Term::Time(during()),
        during: during(),
        people: 8,
        layout: None,
        title: String::new(),
        notes: String::new(),
        contact_name: String::new(),
        contact_phone: None,
        company: None,
        company_slug: None,
        purchase_order: String::new(),
        status: Status::Confirmed,
        hold_expires_at: None,
        hold_extended: false,
        first_refusal: false,
        holds: false,
        charged: true,
        price: Price {
            lines: vec![Line {
                label: "2½ hours × R350".into(),
                cents: Money::rands(875),
            }],
            vat_basis_points: 1500,
            reason: None,
            ..Price::default()
        },
        total: Money::rands(875),
        vat: Money::rands(875).vat_inside(1500),
        currency: "ZAR".into(),
        overrun: None,
        cancellation: Cancellation(vec![tier(1440, 0), tier(120, 50), tier(0, 100)]),
        terms_version: "2026-11".into(),
        kept: None,
        sequence: 0,
        version: 1,
        created_at: now(),
        cancelled_at: None,
        arrived_at: None,
        left_at: None,
        missed_at: None,
        competes: false,
        decision_note: String::new(),
        drawn: Vec::new(),
        extras: Vec::new(),
        series: None,
    }
}

/// Where it is.
pub fn location() -> Location {
    Location {
        id: Uuid::from_u128(4).into(),
        slug: "umhlanga".into(),
        name: "Umhlanga".into(),
        status: location::Status::Open,
        zone: zone(),
        on_holidays: OnHolidays::Closed,
        emblem: "umhlanga".into(),
        summary: String::new(),
        description: String::new(),
        address: "1 Sample Street\nUmhlanga".into(),
        phone: "+27 31 000 0000".into(),
        whatsapp: "+27 31 000 0001".into(),
        email: "umhlanga@connect.example".into(),
        amenities: Vec::new(),
        directions: "Follow the lighthouse sign to the lifts, and get out on level 1.".into(),
        gate: "Take a ticket at the boom and hand it in at reception.".into(),
        parking: "Visitors have eight bays on the deck.".into(),
        wifi: "The password is on the card at reception.".into(),
        wifi_for_guests: false,
        coordinates: Some((-29.73, 31.08)),
        week_starts: chrono::Weekday::Mon,
        most_at_once: None,
        nights: false,
    }
}
