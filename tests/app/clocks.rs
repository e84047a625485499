//! Time zones and the days on which clocks change. The clock of each house stands still, so these run
//! alike in any year (case B16).

use connect_space::time::Zone;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::House;

/// Two days before European clocks go forward.
const SPRING_IN_PARIS: &str = "2026-03-27T08:00:00Z";
/// Three days before they go back.
const AUTUMN_IN_PARIS: &str = "2026-10-22T08:00:00Z";
/// A summer's day in Chicago.
const SUMMER: &str = "2026-07-13T12:00:00Z";

#[tokio::test]
async fn an_instant_is_kept_in_utc_and_said_in_local_time() {
    // case B1
    let house = House::open_at(SUMMER).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("prairie", "2026-07-14", "09:30", "10:30")
        .await;
    let stored: String = house
        .one("select to_char(lower(during) at time zone 'UTC', 'HH24:MI') from bookings")
        .await;
    assert_eq!(stored, "14:30");
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(page.says("09:30–10:30"), "{}", page.text());
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.text.contains("09:30–10:30") && mail.subject.contains("09:30–10:30"),
        "{}",
        mail.text
    );
    let file = thandeka
        .get(&format!("/bookings/{reference}.ics"))
        .await
        .html;
    assert!(file.contains("DTSTART:20260714T143000Z"), "{file}");
    let api = house
        .api("thandeka")
        .await
        .get(&format!("/bookings/{reference}"))
        .await;
    assert_eq!(api.json["from"], "2026-07-14T09:30:00-05:00");
}

#[tokio::test]
async fn an_hour_that_clocks_skip_is_refused_with_the_reason_and_not_listed() {
    // case B2
    let house = House::open_at(SPRING_IN_PARIS).await;
    let thandeka = house.member("thandeka").await;
    let refused = thandeka.hold("seine", "2026-03-29", "02:30", "04:00").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("the clocks skip 02:30, so there is no such time"),
        "{}",
        refused.text()
    );
    let api = house.api("thandeka").await;
    let refused = api
        .book("seine", "2026-03-29T02:30", "2026-03-29T04:00")
        .await;
    assert_eq!(
        (refused.status, refused.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "time-missing")
    );
    let day = thandeka.get("/spaces/seine?by=time&date=2026-03-29").await;
    let starts: Vec<String> = day
        .links()
        .into_iter()
        .filter(|link| link.contains("date=2026-03-29&from="))
        .collect();
    assert!(
        starts.iter().any(|link| link.contains("from=01%3A30")),
        "{starts:?}"
    );
    assert!(
        starts.iter().any(|link| link.contains("from=03%3A00")),
        "{starts:?}"
    );
    assert!(
        !starts.iter().any(|link| link.contains("from=02%3A")),
        "{starts:?}"
    );
}

#[tokio::test]
async fn an_hour_that_happens_twice_is_never_guessed() {
    // case B3
    let house = House::open_at(AUTUMN_IN_PARIS).await;
    let refused = house
        .member("thandeka")
        .await
        .hold("seine", "2026-10-25", "02:30", "04:00")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("the clocks go back and 02:30 happens twice"),
        "{}",
        refused.text()
    );
    let api = house.api("thandeka").await;
    let refused = api
        .book("seine", "2026-10-25T02:30", "2026-10-25T04:00")
        .await;
    assert_eq!(
        (refused.status, refused.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "time-twice")
    );
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 0);
    // With an offset it is one instant: the first half past two, and then the second.
    for offset in ["+02:00", "+01:00"] {
        let from = format!("2026-10-25T02:30:00{offset}");
        let booked = api.post("/bookings", &json!({"space": "seine", "from": from, "until": format!("2026-10-25T02:45:00{offset}")})).await;
        assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
        assert_eq!(booked.json["from"], from.as_str());
    }
}

#[tokio::test]
async fn a_booking_over_the_repeated_hour_takes_both_halves() {
    // case B4, case B8
    let house = House::open_at(AUTUMN_IN_PARIS).await;
    let api = house.api("thandeka").await;
    let booked = api
        .book("seine", "2026-10-25T01:00", "2026-10-25T04:00")
        .await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    assert_eq!(
        booked.json["total_cents"], 80_000,
        "four hours pass between 01:00 and 04:00: {booked:?}"
    );
    assert!(
        booked.json["price"][0]["label"]
            .as_str()
            .unwrap()
            .starts_with("4 hours"),
        "{booked:?}"
    );
    let other = house.api("sipho").await;
    for offset in ["+02:00", "+01:00"] {
        let (from, until) = (
            format!("2026-10-25T02:15:00{offset}"),
            format!("2026-10-25T02:45:00{offset}"),
        );
        let taken = other.book("seine", &from, &until).await;
        assert_eq!(
            (taken.status, taken.problem()),
            (StatusCode::CONFLICT, "taken"),
            "{from}"
        );
        let query = format!(
            "/availability?location=paris&kind=meeting_room&from={}&until={}",
            from.replace('+', "%2B"),
            until.replace('+', "%2B")
        );
        let listed = other.get(&query).await;
        assert_eq!(listed.json["spaces"][0]["free"], false, "{listed:?}");
    }
}

#[tokio::test]
async fn a_day_of_23_or_25_hours_is_one_day() {
    // case B6
    for (now, date, hours) in [
        (SPRING_IN_PARIS, "2026-03-29", 23),
        (AUTUMN_IN_PARIS, "2026-10-25", 25),
    ] {
        let house = House::open_at(now).await;
        let thandeka = house.member("thandeka").await;
        let held = thandeka.hold_days("paris-desk", date, date).await;
        thandeka.confirm(&held).await;
        let length: i64 = house.one("select (extract(epoch from upper(during) - lower(during)) / 3600)::bigint from bookings").await;
        assert_eq!(length, hours);
        assert_eq!(
            house.one::<i64>("select total_cents from bookings").await,
            22_000,
            "one day"
        );
    }
}

#[tokio::test]
async fn opening_hours_are_local_on_the_day_clocks_change() {
    // case B7
    let house = House::open_at("2026-03-06T12:00:00Z").await;
    house
        .run(
            "insert into hours_exceptions select id, '2026-03-08', '13:00', '18:00', 'A late start' from locations where slug = 'chicago'",
        )
        .await;
    let day = house
        .member("thandeka")
        .await
        .get("/spaces/prairie?by=time&date=2026-03-08")
        .await;
    let starts: Vec<String> = day
        .links()
        .into_iter()
        .filter(|link| link.contains("date=2026-03-08&from="))
        .collect();
    assert!(
        starts.first().unwrap().contains("from=13%3A00"),
        "{starts:?}"
    );
    assert!(
        starts.last().unwrap().contains("from=17%3A30"),
        "{starts:?}"
    );
    let booked = house
        .api("thandeka")
        .await
        .book("prairie", "2026-03-08T17:00", "2026-03-08T18:00")
        .await;
    assert_eq!(
        booked.json["from"], "2026-03-08T17:00:00-05:00",
        "{booked:?}"
    );
}

#[tokio::test]
async fn elapsed_hours_are_priced_and_shown() {
    // case B8
    let house = House::open_at(SPRING_IN_PARIS).await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get("/spaces/seine?by=time&date=2026-03-29&from=01:00&until=04:00")
        .await;
    assert!(
        page.says("2 hours × R200") && page.says("R400"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn days_ahead_are_counted_on_the_local_calendar() {
    // case B9: 30 days with a change of clock among them
    let house = House::open_at("2026-03-10T22:30:00Z").await;
    let api = house.api("thandeka").await;
    let day = async |first: &str, until: &str| {
        let answer = api
            .post(
                "/bookings",
                &json!({"space": "paris-desk", "from": first, "until": until}),
            )
            .await;
        (answer.status, answer.problem().to_owned())
    };
    // It is 23:30 on 10 March in Paris; a day on, at 00:30, one more can be booked.
    assert_eq!(day("2026-04-09", "2026-04-10").await.0, StatusCode::CREATED);
    assert_eq!(
        day("2026-04-10", "2026-04-11").await,
        (StatusCode::UNPROCESSABLE_ENTITY, "too-far".to_owned())
    );
    house.app.clock.shift(chrono::TimeDelta::hours(1));
    assert_eq!(day("2026-04-10", "2026-04-11").await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn changing_a_locations_zone_moves_no_booking() {
    // case B13
    let house = House::open_at(SUMMER).await;
    let thandeka = house.member("thandeka").await;
    thandeka
        .book("prairie", "2026-07-14", "09:30", "10:30")
        .await;
    let instant = "select extract(epoch from lower(during))::bigint from bookings";
    let before: i64 = house.one(instant).await;
    house
        .run("update locations set time_zone = 'America/New_York' where slug = 'chicago'")
        .await;
    assert_eq!(house.one::<i64>(instant).await, before);
    let list = thandeka.get("/bookings").await;
    assert!(
        list.says("10:30–11:30"),
        "the same instant on the new clock: {}",
        list.text()
    );
}

#[tokio::test]
async fn a_zone_that_nobody_knows_is_an_error_and_never_utc() {
    // case B15
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("prairie", "2026-11-24", "09:30", "10:30")
        .await;
    house
        .run("update locations set time_zone = 'America/Nowhere' where slug = 'chicago'")
        .await;
    for path in [
        "/bookings",
        "/spaces/prairie",
        &format!("/bookings/{reference}.ics"),
    ] {
        let page = thandeka.get(path).await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert!(!page.html.contains("15:30"), "{path} fell back to UTC");
    }
    assert!(Zone::named("America/Nowhere").is_err());
}
