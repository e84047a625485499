//! A site that people come to. A fourth one is a row, not a change of code.

use chrono::Weekday;
use sqlx::PgConnection;

use super::hours::{Hours, OnHolidays};
use crate::{error::Result, id::Id, members::member::Member, time::Zone};

#[derive(Clone, Debug)]
pub struct Location {
    pub id: Id<Location>,
    pub slug: String,
    pub name: String,
    pub status: Status,
    pub zone: Zone,
    pub on_holidays: OnHolidays,
    /// Which drawing stands for it: a file of `templates/shared/art/`.
    pub emblem: String,
    pub summary: String,
    pub description: String,
    pub address: String,
    pub phone: String,
    /// The number that the front desk reads WhatsApp on.
    pub whatsapp: String,
    pub email: String,
    pub amenities: Vec<String>,
    pub directions: String,
    pub gate: String,
    pub parking: String,
    pub wifi: String,
    /// Guests whom members invite read it too.
    pub wifi_for_guests: bool,
    /// Latitude and longitude of the door, in degrees.
    pub coordinates: Option<(f64, f64)>,
    /// The first day of a week, by which limits count.
    pub week_starts: Weekday,
    /// So many people it takes at once; `None` for as many as it seats.
    pub most_at_once: Option<i32>,
    /// Open past midnight on some day.
    pub nights: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Known, not yet open.
    Announced,
    Open,
    Closed,
}

impl Location {
    /// There is something to see and to book.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// Every location in the house's order, closed ones left out.
    pub async fn all(db: &mut PgConnection) -> Result<Vec<Location>> {
        let mut locations = Self::ever(db).await?;
        locations.retain(|location| location.status != Status::Closed);
        Ok(locations)
    }

    /// The same with closed ones.
    pub async fn ever(db: &mut PgConnection) -> Result<Vec<Location>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select id, slug, name, status, time_zone, holidays, holiday_opens, holiday_closes, emblem,
                      summary, description, address, phone, whatsapp, email, amenities, directions, gate, parking, wifi,
                      wifi_for_guests, latitude, longitude, week_starts, most_at_once,
                      exists (select from opening_hours h
                              where h.location_id = locations.id and h.closes <= h.opens) as "nights!"
               from locations order by position, name"#
        )
        .fetch_all(db)
        .await?;
        rows.into_iter().map(Location::try_from).collect()
    }

    pub async fn by_id(db: &mut PgConnection, id: Id<Location>) -> Result<Option<Location>> {
        Ok(Self::all(db)
            .await?
            .into_iter()
            .find(|location| location.id == id))
    }

    /// By its slug; `None` when there is none or it has closed.
    /// Of our first location: the calendar of what belongs to none.
    pub async fn first_zone(db: &mut PgConnection) -> Result<Zone> {
        let name = sqlx::query_scalar!(
            r#"select coalesce((select time_zone from locations order by position, name limit 1), 'Africa/Johannesburg')
                   as "zone!""#
        )
        .fetch_one(db)
        .await?;
        Ok(Zone::named(&name)?)
    }

    pub async fn find(db: &mut PgConnection, slug: &str) -> Result<Option<Location>> {
        Ok(Self::all(db)
            .await?
            .into_iter()
            .find(|location| location.slug == slug))
    }

    /// Where a member usually is: the location they call home, else that of their latest booking.
    pub async fn usual(db: &mut PgConnection, member: Id<Member>) -> Result<Option<Id<Location>>> {
        let usual = sqlx::query_scalar!(
            r#"select coalesce(
                   m.home_location_id,
                   (select s.location_id from bookings b join spaces s on s.id = b.space_id
                    where b.member_id = m.id order by b.created_at desc limit 1)) as "location"
               from members m where m.id = $1"#,
            member.get()
        )
        .fetch_optional(db)
        .await?;
        Ok(usual.flatten().map(Id::from))
    }
}

struct Row {
    id: uuid::Uuid,
    slug: String,
    name: String,
    status: String,
    time_zone: String,
    holidays: String,
    holiday_opens: Option<chrono::NaiveTime>,
    holiday_closes: Option<chrono::NaiveTime>,
    emblem: String,
    summary: String,
    description: String,
    address: String,
    phone: String,
    whatsapp: String,
    email: String,
    amenities: Vec<String>,
    directions: String,
    gate: String,
    parking: String,
    wifi: String,
    wifi_for_guests: bool,
    latitude: Option<f64>,
    longitude: Option<f64>,
    week_starts: i32,
    most_at_once: Option<i32>,
    nights: bool,
}

impl TryFrom<Row> for Location {
    type Error = crate::error::Error;

    fn try_from(row: Row) -> Result<Location> {
        let reduced = row.holiday_opens.zip(row.holiday_closes);
        Ok(Location {
            id: row.id.into(),
            zone: Zone::named(&row.time_zone)?,
            on_holidays: match (row.holidays.as_str(), reduced) {
                ("normal", _) => OnHolidays::Normal,
                ("reduced", Some((opens, closes))) => OnHolidays::Reduced(Hours { opens, closes }),
                _ => OnHolidays::Closed,
            },
            status: match row.status.as_str() {
                "open" => Status::Open,
                "announced" => Status::Announced,
                _ => Status::Closed,
            },
            slug: row.slug,
            name: row.name,
            emblem: row.emblem,
            summary: row.summary,
            description: row.description,
            address: row.address,
            phone: row.phone,
            whatsapp: row.whatsapp,
            email: row.email,
            amenities: row.amenities,
            directions: row.directions,
            gate: row.gate,
            parking: row.parking,
            wifi: row.wifi,
            wifi_for_guests: row.wifi_for_guests,
            coordinates: row.latitude.zip(row.longitude),
            week_starts: weekday(row.week_starts),
            most_at_once: row.most_at_once,
            nights: row.nights,
        })
    }
}

/// By its ISO number, Monday 1.
fn weekday(number: i32) -> Weekday {
    let weekday = u8::try_from(number - 1).map(Weekday::try_from);
    weekday.ok().and_then(Result::ok).unwrap_or(Weekday::Mon)
}
