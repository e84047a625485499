//! The day of arrival: what a booking, its mail and its guest's page say of getting in.

use reqwest::StatusCode;

use crate::support::House;

const TOLD: &str = "update locations set directions = 'Up the ridge.', wifi = 'The password is Umlalazi.', phone = '+27 31 000 0000',
    whatsapp = '+27 31 000 0001', latitude = -29.85, longitude = 31 where slug = 'musgrave'";

#[tokio::test]
async fn a_booking_says_how_to_get_in_and_whom_to_call() {
    let house = House::open().await;
    house.run(TOLD).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", "2026-11-24", "09:00", "10:00").await;
    let path = format!("/bookings/{reference}");
    let page = thandeka.get(&path).await;
    for words in [
        "1 Sample Street",
        "Ring at the gate.",
        "Up the ridge.",
        "Umlalazi",
        "+27 31 000 0000",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    let links = page.links();
    let link = |start: &str| {
        let found = links.iter().find(|link| link.starts_with(start));
        found
            .unwrap_or_else(|| panic!("{start}: {links:?}"))
            .clone()
    };
    assert_eq!(link("/terms/"), "/terms/2026-11", "as they were accepted");
    assert_eq!(link("tel:"), "tel:+27310000000");
    assert_eq!(link("geo:"), "geo:-29.85,31?q=-29.85,31");
    assert!(link("https://www.google.com/maps/dir/").contains("-29.85"));
    assert!(link("https://www.openstreetmap.org/").contains("mlat=-29.85"));
    assert!(link("https://wa.me/27310000001").contains(&reference));
    assert!(link("https://calendar.google.com/").contains("20261124T070000Z%2F20261124T080000Z"));
    assert!(link("https://outlook.live.com/").contains("2026-11-24T07%3A00%3A00Z"));

    let share = link("https://wa.me/?text=");
    assert!(
        share.contains("Pier") && share.contains("Up%20the%20ridge"),
        "{share}"
    );
    for private in [reference.as_str(), "Thandeka", "Umlalazi", "R200"] {
        assert!(!share.contains(private), "{private}: {share}");
    }
}

#[tokio::test]
async fn the_way_online_is_for_people_with_a_booking() {
    let house = House::open().await;
    house.run(TOLD).await;
    let thandeka = house.member("thandeka").await;
    let place = thandeka.get("/locations/musgrave").await;
    assert!(
        place.says("Up the ridge.") && !place.says("Umlalazi"),
        "{}",
        place.text()
    );
    let reference = thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    let path = format!("/bookings/{reference}");
    let ics = thandeka.get(&format!("{path}.ics")).await;
    assert!(ics.html.contains("GEO:-29.85"), "{}", ics.html);
    assert!(!ics.html.contains("Umlalazi"), "{}", ics.html);
    thandeka
        .post(&format!("{path}/cancellation"), &[("note", "")])
        .await;
    assert!(!thandeka.get(&path).await.says("Umlalazi"));
}

#[tokio::test]
async fn the_page_for_a_guest_says_nothing_else_of_the_booking() {
    let house = House::open().await;
    house.run(TOLD).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", "2026-11-24", "09:00", "10:00").await;
    let path = format!("/bookings/{reference}/directions");
    let page = thandeka.get(&path).await;
    for words in [
        "Pier",
        "Ground floor",
        "Tue 24 November",
        "09:00–10:00",
        "Up the ridge.",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(
        !page.says("R200") && !page.says("Umlalazi"),
        "{}",
        page.text()
    );
    let sipho = house.member("sipho").await;
    assert_eq!(sipho.get(&path).await.status, StatusCode::NOT_FOUND);
}
