//! Opening hours, steps, lengths, how far ahead, and how many people.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Api, House};

/// The rule that refuses a time, or `booked` after giving it back.
async fn outcome(api: &Api, space: &str, from: &str, until: &str) -> String {
    let answer = api.book(space, from, until).await;
    if answer.status == StatusCode::CREATED {
        let reference = answer.json["reference"].as_str().unwrap();
        api.post(&format!("/bookings/{reference}/cancellation"), &json!({}))
            .await;
        return "booked".to_owned();
    }
    assert!(answer.status.is_client_error(), "{answer:?}");
    answer.problem().to_owned()
}

#[tokio::test]
async fn only_within_opening_hours_and_on_open_days() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let asked = async |space, from, until| outcome(&api, space, from, until).await;
    // case C1
    assert_eq!(
        asked("lighthouse", "2026-11-24T06:45", "2026-11-24T09:00").await,
        "outside-hours"
    );
    assert_eq!(
        asked("lighthouse", "2026-11-24T18:00", "2026-11-24T19:15").await,
        "outside-hours"
    );
    assert_eq!(
        asked("lighthouse", "2026-11-24T07:00", "2026-11-24T19:00").await,
        "booked"
    );
    assert_eq!(
        asked("lighthouse", "2026-11-29T10:00", "2026-11-29T11:00").await,
        "closed-day",
        "a Sunday"
    );
    // case C3: Friday to Monday, over a Sunday
    assert_eq!(
        asked("office-1", "2026-11-27", "2026-12-01").await,
        "closed-day"
    );
    assert_eq!(
        asked("office-1", "2026-11-27", "2026-11-29").await,
        "booked",
        "Friday and Saturday"
    );
    assert_eq!(
        asked("lighthouse", "2026-12-16T10:00", "2026-12-16T11:00").await,
        "closed-day",
        "a public holiday"
    );
}

#[tokio::test]
async fn hours_of_a_date_replace_those_of_its_weekday() {
    // case C8
    let house = House::open().await;
    house
        .run(
            "insert into hours_exceptions
             select id, day::date, opens::time, closes::time, reason from locations,
                 (values ('2026-11-25', '10:00', '12:00', 'Stocktaking'), ('2026-12-16', '09:00', '12:00', 'Open after all'),
                         ('2026-11-26', null, null, 'Moving desks')) as days (day, opens, closes, reason)
             where slug = 'musgrave'",
        )
        .await;
    let api = house.api("thandeka").await;
    let asked = async |from, until| outcome(&api, "lighthouse", from, until).await;
    assert_eq!(
        asked("2026-11-25T09:00", "2026-11-25T10:00").await,
        "outside-hours"
    );
    assert_eq!(
        asked("2026-11-25T10:00", "2026-11-25T12:00").await,
        "booked"
    );
    assert_eq!(
        asked("2026-11-26T10:00", "2026-11-26T11:00").await,
        "closed-day"
    );
    assert_eq!(
        asked("2026-12-16T10:00", "2026-12-16T11:00").await,
        "booked",
        "a holiday that staff opened"
    );
    let day = house
        .visitor()
        .get("/spaces/lighthouse?by=time&date=2026-11-25")
        .await;
    let starts: Vec<String> = day
        .links()
        .into_iter()
        .filter(|link| link.contains("date=2026-11-25&from="))
        .collect();
    assert!(starts[0].contains("from=10%3A00"), "{starts:?}");
    assert!(
        starts.last().unwrap().contains("from=11%3A30"),
        "{starts:?}"
    );
    assert!(
        day.html.contains("Moving desks"),
        "why the day after is closed"
    );
}

#[tokio::test]
async fn starts_and_lengths_go_in_steps() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let asked = async |from, until| outcome(&api, "lighthouse", from, until).await;
    // case C10
    assert_eq!(
        asked("2026-11-24T10:07", "2026-11-24T11:07").await,
        "off-grid"
    );
    assert_eq!(
        asked("2026-11-24T10:00:30", "2026-11-24T11:00").await,
        "off-grid"
    );
    // case C11
    assert_eq!(
        asked("2026-11-24T10:00", "2026-11-24T11:01").await,
        "off-grid"
    );
    assert_eq!(
        asked("2026-11-24T10:15", "2026-11-24T11:15").await,
        "booked"
    );
    let refused = house
        .member("thandeka")
        .await
        .hold("lighthouse", "2026-11-24", "10:07", "11:00")
        .await;
    assert!(
        refused.says("Start and end go in steps of 15 minutes, such as 07:15 or 07:30."),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn desks_go_by_the_day_where_rooms_go_by_the_hour() {
    // case C12
    let house = House::open().await;
    house
        .run("update booking_policies set by_time = false where name = 'desks'")
        .await;
    let api = house.api("thandeka").await;
    let asked = async |space, from, until| outcome(&api, space, from, until).await;
    assert_eq!(asked("desk-1", "2026-11-24", "2026-11-25").await, "booked");
    assert_eq!(
        asked("desk-1", "2026-11-24T09:00", "2026-11-24T10:00").await,
        "not-by-time"
    );
    assert_eq!(
        asked("lighthouse", "2026-11-24T09:00", "2026-11-24T10:00").await,
        "booked"
    );
    assert_eq!(
        asked("lighthouse", "2026-11-24", "2026-11-25").await,
        "not-by-day"
    );
}

#[tokio::test]
async fn neither_too_short_nor_too_long() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let asked = async |until| outcome(&api, "hall", "2026-11-24T09:00", until).await;
    // case D1
    assert_eq!(asked("2026-11-24T11:45").await, "too-short");
    assert_eq!(
        asked("2026-11-24T11:59").await,
        "off-grid",
        "2 h 59 is refused too, for its step"
    );
    assert_eq!(asked("2026-11-24T12:00").await, "booked");
    // case D2
    assert_eq!(asked("2026-11-24T13:00").await, "booked");
    assert_eq!(asked("2026-11-24T13:15").await, "too-long");
}

#[tokio::test]
async fn nothing_that_has_passed() {
    // case D5: it is 12:10
    let house = House::open_at("2026-11-24T10:10:00Z").await;
    let api = house.api("thandeka").await;
    let asked = async |from, until| outcome(&api, "lighthouse", from, until).await;
    assert_eq!(asked("2026-11-24T12:00", "2026-11-24T13:00").await, "past");
    assert_eq!(asked("2026-11-23T12:00", "2026-11-23T13:00").await, "past");
    assert_eq!(
        asked("2026-11-24T12:15", "2026-11-24T13:00").await,
        "booked"
    );
    assert_eq!(
        outcome(&api, "office-1", "2026-11-23", "2026-11-24").await,
        "past"
    );
    let refused = house
        .member("thandeka")
        .await
        .hold("lighthouse", "2026-11-24", "12:00", "13:00")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("That time has passed. Choose a later one."),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn only_as_far_ahead_as_the_policy_says() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    assert_eq!(
        outcome(&api, "desk-1", "2026-12-24", "2026-12-25").await,
        "booked",
        "30 days ahead"
    );
    assert_eq!(
        outcome(&api, "desk-1", "2026-12-28", "2026-12-29").await,
        "too-far"
    );
}

#[tokio::test]
async fn no_more_people_than_seats() {
    // case F5
    let house = House::open().await;
    let refusal = async |people: i32| {
        let wish = json!({"space": "lighthouse", "from": "2026-11-24T09:00", "until": "2026-11-24T10:00", "people": people});
        let answer = house.api("thandeka").await.post("/bookings", &wish).await;
        (answer.status, answer.problem().to_owned())
    };
    assert_eq!(
        refusal(8).await,
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "too-many-people".to_owned()
        )
    );
    assert_eq!(
        refusal(0).await,
        (StatusCode::UNPROCESSABLE_ENTITY, "no-people".to_owned())
    );
    assert_eq!(refusal(6).await.0, StatusCode::CREATED);
    let member = house.member("thandeka").await;
    let fields = [
        ("space", "pier"),
        ("by", "time"),
        ("date", "2026-11-24"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("people", "8"),
    ];
    let refused = member.post("/bookings", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Pier seats 6. Choose 6 or fewer."),
        "{}",
        refused.text()
    );
    assert_eq!(
        refused.form("/bookings").get("people"),
        "8",
        "what was typed is still there"
    );
}

#[tokio::test]
async fn a_closure_says_why() {
    let house = House::open().await;
    house
        .run(
            "insert into closures (id, location_id, during, reason, wording)
             select gen_random_uuid(), id, tstzrange('2026-11-25 10:00+02', '2026-11-25 12:00+02'), 'pipe', 'Water is off that morning.'
             from locations where slug = 'musgrave'",
        )
        .await;
    let member = house.member("thandeka").await;
    let refused = member
        .hold("lighthouse", "2026-11-25", "11:00", "13:00")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Water is off that morning."),
        "{}",
        refused.text()
    );
    member
        .book("lighthouse", "2026-11-25", "12:00", "13:00")
        .await;
}

#[tokio::test]
async fn a_night_belongs_to_the_day_it_began_on() {
    let house = House::open().await;
    house
        .run(
            "update opening_hours set opens = '18:00', closes = '02:00'
             where location_id = (select id from locations where slug = 'chicago')",
        )
        .await;
    let api = house.api("thandeka").await;
    let noon = api
        .book("prairie", "2026-11-25T12:00", "2026-11-25T13:00")
        .await;
    assert_eq!(
        noon.json["detail"],
        "Chicago is open 18:00 to 02:00 the next day on Wed 25 November. Choose a time within that."
    );
    let page = house
        .visitor()
        .get("/spaces/prairie?date=2026-11-26&from=00:30&until=01:30")
        .await;
    assert!(page.says("Wed 25 November. Tap a start"), "{}", page.text());
    assert!(page.says("Book 00:30–01:30"));
    // Another day keeps the hour of the night, so its date is the one after.
    let links = page.links();
    let thursday = links
        .iter()
        .find(|link| link.contains("date=2026-11-27") && link.contains("from=00%3A30"));
    let thursday = house.visitor().get(thursday.unwrap()).await;
    assert!(
        thursday.says("Thu 26 November. Tap a start"),
        "{}",
        thursday.text()
    );
}
