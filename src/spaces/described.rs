//! A space as programs read it, by schema.org.

use serde_json::{Value, json};

use super::space::Space;
use crate::{billing::rate::Rates, locations::location::Location};

/// What it is and what it costs, unit by unit, with VAT.
pub fn product(space: &Space, place: &Location, rates: &Rates, site: &str) -> Value {
    let address = format!("{site}/spaces/{}", space.slug);
    // UN/CEFACT codes.
    let units = [
        (rates.hour, "HUR"),
        (rates.day, "DAY"),
        (rates.week, "WEE"),
        (rates.month, "MON"),
    ];
    let offers = units.into_iter().filter_map(|(price, unit)| {
        let price = price?.decimal();
        Some(json!({
            "@type": "Offer",
            "url": address,
            "price": price,
            "priceCurrency": "ZAR",
            "availability": "https://schema.org/InStock",
            "priceSpecification": {
                "@type": "UnitPriceSpecification",
                "price": price,
                "priceCurrency": "ZAR",
                "unitCode": unit,
                "valueAddedTaxIncluded": true,
            },
        }))
    });
    json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": format!("{}, {}", space.name, place.name),
        "category": space.kind.label(),
        "description": space.summary,
        "url": address,
        "image": format!("{site}/pictures/space/{}.png", space.slug),
        "offers": offers.collect::<Vec<_>>(),
    })
}
