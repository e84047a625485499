//! The front of the house: home with what is free right now, the locations' pages, and their API.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::House;

/// Tuesday 24 November 2026, 10:42 in Durban.
const MID_MORNING: &str = "2026-11-24T08:42:00Z";
/// The same day, 20:00.
const EVENING: &str = "2026-11-24T18:00:00Z";

const ANNOUNCED: &str = "insert into locations (id, slug, name, position, status, time_zone, summary)
    values (gen_random_uuid(), 'ballito', 'Ballito', 9, 'announced', 'Africa/Johannesburg', 'From next year.')";

#[tokio::test]
async fn home_says_what_is_free_right_now() {
    let house = House::open_at(MID_MORNING).await;
    let (thandeka, visitor) = (house.api("thandeka").await, house.visitor());
    let home = visitor.get("/").await;
    assert!(home.says("As of 10:42"), "{}", home.text());
    assert!(home.says("2 desks 10:45–11:45"), "{}", home.text());
    assert!(
        home.says("Rooms free: Lighthouse, Pier and Dune until 19:00"),
        "{}",
        home.text()
    );

    for (space, from, until) in [
        ("desk-1", "11:00", "12:00"),
        ("lighthouse", "12:00", "13:00"),
        ("dune", "12:00", "13:00"),
        ("pier", "11:30", "12:30"),
    ] {
        let booked = thandeka
            .book(
                space,
                &format!("2026-11-24T{from}"),
                &format!("2026-11-24T{until}"),
            )
            .await;
        assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    }
    let home = visitor.get("/").await;
    assert!(home.says("1 desk 10:45–11:45"), "{}", home.text());
    let rooms = "Rooms free: Dune until 11:45; Lighthouse until 12:00";
    assert!(
        home.says(rooms),
        "Dune is tidied for 15 minutes: {}",
        home.text()
    );
}

#[tokio::test]
async fn what_home_offers_can_be_booked() {
    let house = House::open_at(MID_MORNING).await;
    let visitor = house.visitor();
    let links = visitor.get("/").await.links();
    let asks = "/spaces?kind=hot_desk&location=musgrave&by=time&date=2026-11-24&from=10%3A45&until=11%3A45";
    assert!(links.iter().any(|link| link == asks), "{links:?}");
    let list = visitor.get(asks).await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(
        list.says("2 of 2 desks free") && list.says("Book 10:45–11:45"),
        "{}",
        list.text()
    );
}

#[tokio::test]
async fn a_closed_location_says_when_it_opens() {
    let house = House::open_at(EVENING).await;
    let home = house.visitor().get("/").await;
    assert!(home.says("Closed now Opens Wed 07:00"), "{}", home.text());
    let page = house.visitor().get("/locations/musgrave").await;
    assert!(page.says("Closed now, opens Wed 07:00"), "{}", page.text());
    assert!(
        page.says("Wed 25 November, desks free by the hour"),
        "the next open day: {}",
        page.text()
    );
}

#[tokio::test]
async fn a_fourth_location_is_a_row() {
    let house = House::open().await;
    assert!(house.visitor().get("/").await.says("Three locations"));
    house.run(ANNOUNCED).await;
    let home = house.visitor().get("/").await;
    assert!(
        home.says("Three locations")
            && home.says("Ballito Not open yet From next year. Be told when it opens"),
        "{}",
        home.text()
    );
    assert!(
        !home.html.contains("value=\"ballito\""),
        "nothing can be booked there yet"
    );
    let page = house.visitor().get("/locations/ballito").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.says("Not open yet Ballito From next year.") && !page.says("Opening hours"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_members_next_booking_comes_first() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    assert!(!thandeka.get("/").await.says("Your next booking"));
    thandeka.book("pier", "2026-11-25", "09:00", "10:00").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-24", "14:00", "15:00")
        .await;
    let home = thandeka.get("/").await;
    assert!(
        home.says("Your next booking Today, 14:00–15:00 Lighthouse Musgrave"),
        "{}",
        home.text()
    );
    assert!(home.links().contains(&format!("/bookings/{reference}")));
    assert!(!house.visitor().get("/").await.says("Your next booking"));

    let address = format!("/bookings/{reference}/cancellation");
    let sure = thandeka.get(&address).await;
    assert_eq!(
        thandeka.submit(&sure.form(&address)).await.status,
        StatusCode::SEE_OTHER
    );
    let home = thandeka.get("/").await;
    assert!(
        home.says("Your next booking Wed 25 November, 09:00–10:00 Pier"),
        "{}",
        home.text()
    );
}

#[tokio::test]
async fn a_locations_page_tells_its_hours_and_the_days_that_differ() {
    let house = House::open_at(MID_MORNING).await;
    let page = house.visitor().get("/locations/musgrave").await;
    assert!(page.says("Open now until 19:00"), "{}", page.text());
    assert!(
        page.says("Monday to Friday 07:00–19:00 Saturday 08:00–13:00 Sunday Closed"),
        "{}",
        page.text()
    );
    assert!(
        page.says("Wed 16 December Day of Reconciliation Closed"),
        "{}",
        page.text()
    );
    assert!(
        page.says("From R60 / hour or R220 / day"),
        "{}",
        page.text()
    );
    assert!(
        page.says("At the gate Ring at the gate."),
        "{}",
        page.text()
    );
    assert!(!page.says("Sample text"), "this house holds no sample data");
    assert!(
        page.links()
            .iter()
            .any(|link| link == "/spaces/lighthouse?date=2026-11-24"),
        "{:?}",
        page.links()
    );

    let unknown = house.visitor().get("/locations/atlantis").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(
        unknown.says("This page is not here") && unknown.links().contains(&"/spaces".to_owned())
    );
}

#[tokio::test]
async fn desks_are_counted_hour_by_hour() {
    let house = House::open_at(MID_MORNING).await;
    let thandeka = house.api("thandeka").await;
    let booked = thandeka
        .book("desk-1", "2026-11-24T13:30", "2026-11-24T14:30")
        .await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let page = house.visitor().get("/locations/musgrave").await;
    let hours =
        "10:00 – none free 11:00 2 free 12:00 2 free 13:00 1 free 14:00 1 free 15:00 2 free";
    assert!(page.says(hours), "{}", page.text());
}

#[tokio::test]
async fn programs_read_the_locations() {
    let house = House::open_at(MID_MORNING).await;
    house.run(ANNOUNCED).await;
    let answer = house.api("thandeka").await.get("/locations").await;
    let locations = answer.json["locations"].as_array().expect("a list").clone();
    assert_eq!(
        locations[0],
        json!({
            "slug": "musgrave", "name": "Musgrave", "status": "open", "time_zone": "Africa/Johannesburg",
            "open_now": true,
            "today": {"opens": "2026-11-24T07:00:00+02:00", "closes": "2026-11-24T19:00:00+02:00"}
        })
    );
    assert_eq!(
        locations[1]["today"]["opens"], "2026-11-24T08:00:00-06:00",
        "Chicago is asleep"
    );
    assert_eq!(locations[1]["open_now"], false);
    assert_eq!(
        (&locations[3]["status"], &locations[3]["today"]),
        (&json!("announced"), &Value::Null)
    );

    let stranger = reqwest::get(format!("{}/api/v1/locations", house.url))
        .await
        .expect("the server answers");
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
}

/// The sample has a location that is announced: a page, a list, and nothing to book or to be shown.
#[tokio::test]
async fn the_sample_announces_a_location() {
    let house = House::sample().await;
    let visitor = house.visitor();
    assert!(
        visitor
            .get("/")
            .await
            .links()
            .contains(&"/locations/hillcrest".to_owned())
    );
    let page = visitor.get("/locations/hillcrest").await;
    assert!(
        page.says("Not open yet") && page.says("Sample: nothing is being built"),
        "{}",
        page.text()
    );
    assert!(page.find_form("/locations/hillcrest/interest").is_some());
    assert!(page.html.contains(r#""@type":"Place""#) && !page.html.contains("openingHours"));
    for closed in ["/contact", "/pricing", "/offices", "/spaces"] {
        assert!(
            !visitor
                .get(closed)
                .await
                .html
                .contains("value=\"hillcrest\""),
            "{closed}"
        );
    }
    let board = house
        .member("receptionist")
        .await
        .get("/admin/viewings")
        .await;
    assert!(
        board.says("7 people wait to hear that Hillcrest opens"),
        "{}",
        board.text()
    );
}
