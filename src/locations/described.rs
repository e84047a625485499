//! A location as programs read it, by schema.org.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{guide::Guide, hours::Calendar, location::Location};
use crate::billing::lowest::Lowest;

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Says what its page says and no more; in a sample, nothing that could be taken for a real address.
pub fn local_business(
    place: &Location,
    guide: &Guide,
    (calendar, today): (&Calendar, NaiveDate),
    prices: &Lowest,
    site: &str,
    sample: bool,
) -> Value {
    let hours = calendar.week_on(today).iter().flat_map(|(weekday, hours)| {
        hours.iter().map(|hours| {
            json!({
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": DAYS[(*weekday as usize - 1) % 7],
                "opens": hours.opens.format("%H:%M").to_string(),
                "closes": hours.closes.format("%H:%M").to_string(),
            })
        })
    });
    let is_open = place.is_open();
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": if is_open { "LocalBusiness" } else { "Place" },
        "@id": format!("{site}/locations/{}", place.slug),
        "name": format!("Connect Space {}", place.name),
        "description": place.summary,
        "url": format!("{site}/locations/{}", place.slug),
        "image": format!("{site}/pictures/location/{}.png", place.slug),
    });
    if is_open {
        data["openingHoursSpecification"] = hours.collect();
        data["currenciesAccepted"] = json!("ZAR");
    }
    if let Some(price) = prices.desk_day {
        data["priceRange"] = json!(format!("From {price} a day"));
    }
    if !sample {
        if !place.address.is_empty() {
            data["address"] = json!({
                "@type": "PostalAddress",
                "streetAddress": place.address,
                "addressLocality": guide.town,
                "addressCountry": "ZA",
            });
        }
        if !place.phone.is_empty() {
            data["telephone"] = json!(place.phone);
        }
        if let Some((latitude, longitude)) = place.coordinates {
            data["geo"] =
                json!({"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude});
        }
    }
    data
}
