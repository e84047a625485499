//! What goes with bookings in the sample, at sample prices.

use chrono::{DateTime, NaiveTime, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::dice::Dice;

/// An extra that each of some locations has.
struct Sample {
    slug: &'static str,
    name: &'static str,
    description: &'static str,
    kinds: &'static [&'static str],
    unit: &'static str,
    /// In rands.
    price: i64,
    stock: Option<i32>,
    lead_minutes: i32,
    /// By this hour the working day before.
    lead_hour: Option<u32>,
    setup_minutes: i32,
    /// None for every location.
    only: Option<&'static str>,
}

const ROOMS: &[&str] = &["meeting_room"];

const EXTRAS: [Sample; 6] = [
    Sample {
        slug: "tea-and-coffee",
        name: "Tea and coffee",
        description: "with rooibos and rusks (sample price)",
        kinds: ROOMS,
        unit: "person",
        price: 35,
        stock: None,
        lead_minutes: 120,
        lead_hour: None,
        setup_minutes: 0,
        only: None,
    },
    Sample {
        slug: "lunch-platter",
        name: "Lunch platter",
        description: "halaal and vegetarian (sample price)",
        kinds: ROOMS,
        unit: "person",
        price: 145,
        stock: None,
        lead_minutes: 0,
        lead_hour: Some(15),
        setup_minutes: 15,
        only: None,
    },
    Sample {
        slug: "screen",
        name: "Second screen",
        description: "on wheels, 55 inches (sample price)",
        kinds: ROOMS,
        unit: "hour",
        price: 60,
        stock: Some(2),
        lead_minutes: 0,
        lead_hour: None,
        setup_minutes: 0,
        only: None,
    },
    Sample {
        slug: "whiteboard",
        name: "Whiteboard",
        description: "with pens (sample price)",
        kinds: ROOMS,
        unit: "booking",
        price: 50,
        stock: Some(3),
        lead_minutes: 0,
        lead_hour: None,
        setup_minutes: 0,
        only: None,
    },
    Sample {
        slug: "video-kit",
        name: "Camera and microphones",
        description: "for people who join from elsewhere (sample price)",
        kinds: ROOMS,
        unit: "booking",
        price: 180,
        stock: Some(1),
        lead_minutes: 60,
        lead_hour: None,
        setup_minutes: 15,
        only: Some("umhlanga"),
    },
    Sample {
        slug: "monitor",
        name: "Desk monitor",
        description: "27 inches (sample price)",
        kinds: &["hot_desk"],
        unit: "booking",
        price: 40,
        stock: Some(6),
        lead_minutes: 0,
        lead_hour: None,
        setup_minutes: 0,
        only: Some("musgrave"),
    },
];

#[derive(Serialize)]
struct Row {
    id: Uuid,
    location: &'static str,
    slug: &'static str,
    name: &'static str,
    description: &'static str,
    kinds: &'static [&'static str],
    unit: &'static str,
    cents: i64,
    stock: Option<i32>,
    lead_minutes: i32,
    lead_days: Option<i32>,
    lead_clock: Option<NaiveTime>,
    setup_minutes: i32,
    position: usize,
}

pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let mut rows = Vec::new();
    for location in ["musgrave", "umhlanga", "mount-edgecombe"] {
        let here = EXTRAS
            .iter()
            .filter(|extra| extra.only.is_none_or(|only| only == location));
        rows.extend(here.zip(1..).map(|(extra, position)| {
            Row {
                id: dice.id(now),
                location,
                slug: extra.slug,
                name: extra.name,
                description: extra.description,
                kinds: extra.kinds,
                unit: extra.unit,
                cents: extra.price * 100,
                stock: extra.stock,
                lead_minutes: extra.lead_minutes,
                lead_days: extra.lead_hour.map(|_| 1),
                lead_clock: extra
                    .lead_hour
                    .and_then(|hour| NaiveTime::from_hms_opt(hour, 0, 0)),
                setup_minutes: extra.setup_minutes,
                position,
            }
        }));
    }
    sqlx::query!(
        "insert into extras (id, location_id, slug, name, description, kinds, unit, cents, stock, lead_minutes, lead_days, lead_clock,
                             setup_minutes, position)
         select r.id, l.id, r.slug, r.name, r.description, r.kinds, r.unit, r.cents, r.stock, r.lead_minutes, r.lead_days, r.lead_clock,
                r.setup_minutes, r.position
         from jsonb_to_recordset($1) r (id uuid, location text, slug text, name text, description text, kinds text[], unit text,
                                        cents bigint, stock int, lead_minutes int, lead_days int, lead_clock time, setup_minutes int,
                                        position int)
         join locations l on l.slug = r.location",
        Json(rows) as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
