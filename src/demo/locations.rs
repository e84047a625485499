//! The sample locations: what they say of themselves, and when they are open. A fourth is announced.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    dice::Dice,
    places::{HILLCREST, PLACES},
};
use crate::{locations::holidays::public_holiday, time::Zone};

pub const ZONE: &str = "Africa/Johannesburg";

const ADDRESS: &str = "Sample address: set yours under Locations";
const PHONE: &str = "+27 31 000 0000";
const STAFFED: (&str, &str) = ("08:00", "17:00");

/// Writes locations, weekly hours and dates with other hours. Returns the ids of the open ones by slug.
pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    now: DateTime<Utc>,
) -> anyhow::Result<BTreeMap<&'static str, Uuid>> {
    let today = Zone::named(ZONE)?.date(now);
    let (mut locations, mut hours, mut exceptions) = (Vec::new(), Vec::new(), Vec::new());
    for (position, place) in PLACES.iter().enumerate() {
        let id = dice.id(now);
        locations.push(LocationRow {
            id,
            slug: place.slug,
            name: place.name,
            position,
            status: "open",
            time_zone: ZONE,
            emblem: place.slug,
            summary: place.summary,
            description: place.description,
            address: ADDRESS,
            phone: PHONE,
            whatsapp: PHONE,
            latitude: place.suburb.0,
            longitude: place.suburb.1,
            email: format!("{}@connect.example", place.slug),
            amenities: place.amenities,
            directions: place.directions,
            gate: place.gate,
            parking: place.parking,
            wifi: place.wifi,
        });
        let saturday = place.saturday.map(|open| ("access", 6, open));
        let week = (1..=5).flat_map(|day| [("access", day, place.week), ("staffed", day, STAFFED)]);
        hours.extend(
            week.chain(saturday)
                .map(|(kind, weekday, (opens, closes))| HoursRow {
                    location_id: id,
                    kind,
                    weekday,
                    opens,
                    closes,
                }),
        );
        exceptions.extend(other_hours(today).into_iter().map(
            |(on_date, opens, closes, reason)| {
                let opens = opens.unwrap_or(place.week.0);
                let closes = closes.unwrap_or(place.week.1);
                ExceptionRow {
                    location_id: id,
                    on_date,
                    opens,
                    closes,
                    reason,
                }
            },
        ));
    }
    let open = locations.iter().map(|place| (place.slug, place.id));
    let open = open.collect();
    locations.push(announced(dice.id(now), locations.len()));
    write(tx, &locations, &hours, &exceptions).await?;
    Ok(open)
}

fn announced(id: Uuid, position: usize) -> LocationRow {
    LocationRow {
        id,
        slug: HILLCREST.slug,
        name: HILLCREST.name,
        position,
        status: "announced",
        time_zone: ZONE,
        emblem: "sunrise",
        summary: HILLCREST.summary,
        description: HILLCREST.description,
        address: ADDRESS,
        phone: "",
        whatsapp: "",
        latitude: HILLCREST.suburb.0,
        longitude: HILLCREST.suburb.1,
        email: format!("{}@connect.example", HILLCREST.slug),
        amenities: &[],
        directions: HILLCREST.directions,
        gate: "",
        parking: HILLCREST.parking,
        wifi: "",
    }
}

type OtherHours = (
    NaiveDate,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
);

/// Early closing before Christmas and New Year, and a late start in three weeks; only on days that
/// are open anyway.
fn other_hours(today: NaiveDate) -> Vec<OtherHours> {
    let year_end = |day| {
        let this_year = NaiveDate::from_ymd_opt(today.year(), 12, day);
        this_year
            .filter(|date| *date >= today)
            .or_else(|| NaiveDate::from_ymd_opt(today.year() + 1, 12, day))
    };
    let late_start = today
        .checked_add_days(Days::new(21))
        .map(|day| day.week(Weekday::Mon).first_day());
    let late_start = late_start.and_then(|monday| monday.checked_add_days(Days::new(2)));
    [
        (
            year_end(24),
            None,
            Some("13:00"),
            "Closing early for the festive season",
        ),
        (
            year_end(31),
            None,
            Some("13:00"),
            "Closing early on the last day of the year",
        ),
        (
            late_start,
            Some("10:00"),
            None,
            "Opening at 10:00 after a fire drill",
        ),
    ]
    .into_iter()
    .filter_map(|(date, opens, closes, reason)| Some((date?, opens, closes, reason)))
    .filter(|(date, ..)| {
        date.weekday().number_from_monday() <= 5 && public_holiday(*date).is_none()
    })
    .collect()
}

async fn write(
    tx: &mut PgConnection,
    locations: &[LocationRow],
    hours: &[HoursRow],
    exceptions: &[ExceptionRow],
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into locations (id, slug, name, position, status, time_zone, emblem, summary, description, address, phone,
             whatsapp, latitude, longitude, email, amenities, directions, gate, parking, wifi)
         select id, slug, name, position, status, time_zone, emblem, summary, description, address, phone,
             whatsapp, latitude, longitude, email, amenities, directions, gate, parking, wifi
         from jsonb_populate_recordset(null::locations, $1)",
        Json(locations) as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into opening_hours (location_id, kind, weekday, opens, closes)
             select location_id, kind, weekday, opens, closes
             from jsonb_populate_recordset(null::opening_hours, $1)",
        Json(hours) as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into hours_exceptions (location_id, on_date, opens, closes, reason)
             select location_id, on_date, opens, closes, reason
             from jsonb_populate_recordset(null::hours_exceptions, $1)",
        Json(exceptions) as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct LocationRow {
    id: Uuid,
    slug: &'static str,
    name: &'static str,
    position: usize,
    status: &'static str,
    time_zone: &'static str,
    emblem: &'static str,
    summary: &'static str,
    description: &'static str,
    address: &'static str,
    phone: &'static str,
    whatsapp: &'static str,
    latitude: f64,
    longitude: f64,
    email: String,
    amenities: &'static [&'static str],
    directions: &'static str,
    gate: &'static str,
    parking: &'static str,
    wifi: &'static str,
}

#[derive(Serialize)]
struct HoursRow {
    location_id: Uuid,
    kind: &'static str,
    weekday: u32,
    opens: &'static str,
    closes: &'static str,
}

#[derive(Serialize)]
struct ExceptionRow {
    location_id: Uuid,
    on_date: NaiveDate,
    opens: &'static str,
    closes: &'static str,
    reason: &'static str,
}
