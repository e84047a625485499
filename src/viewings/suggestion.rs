//! Visits that the front page suggests, each a link to the contact form with the time chosen.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::times::{Times, wish};
use crate::{error::Result, html, locations::location::Location, time::long_date};

#[derive(Clone, Debug)]
pub struct Suggestion {
    pub url: String,
    /// `Wed 25 November, 11:00, Umhlanga`
    pub words: String,
}

/// One at each of the first three locations, or three at the only one; each on a later day.
pub async fn visits(
    db: &mut PgConnection,
    places: &[Location],
    now: DateTime<Utc>,
) -> Result<Vec<Suggestion>> {
    let offered = Times::offered(db, places, now).await?;
    let here: Vec<(&Location, Vec<DateTime<Utc>>)> = (places.iter())
        .filter_map(|place| Some((place, offered.get(&place.id)?.suggested(3))))
        .filter(|(_, times)| !times.is_empty())
        .collect();
    Ok((0..3)
        .filter_map(|number| {
            let (place, times) = here.get(number % here.len().max(1))?;
            Some(suggestion(place, *times.get(number).or(times.last())?, now))
        })
        .collect())
}

fn suggestion(place: &Location, at: DateTime<Utc>, now: DateTime<Utc>) -> Suggestion {
    let query = [
        ("location", place.slug.as_str()),
        ("wish", &wish(place, at)),
    ];
    let date = long_date(place.zone.date(at), place.zone.date(now));
    Suggestion {
        url: format!("/contact?{}", html::query(&query)),
        words: format!("{date}, {}, {}", place.zone.clock(at), place.name),
    }
}
