//! The same submission sent more than once: one booking, and the same answer again.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Answer, Api, House, key};

fn wish(from: &str) -> Value {
    json!({"space": "lighthouse", "from": format!("2026-11-24T{from}"), "until": "2026-11-24T12:00", "people": 2})
}

async fn book(api: &Api, wish: &Value, key: &str) -> Answer {
    api.send(
        api.request(Method::POST, "/bookings")
            .header("idempotency-key", key)
            .json(wish),
    )
    .await
}

#[tokio::test]
async fn a_request_sent_again_gets_the_same_answer() {
    // case G8
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let (first, again) = (
        book(&api, &wish("09:00"), "one").await,
        book(&api, &wish("09:00"), "one").await,
    );
    assert_eq!(
        (first.status, again.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(first.json, again.json);
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 1);
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1
    );
    assert_eq!(house.one::<i64>("select count(*) from jobs").await, 1);

    let other = book(&api, &wish("10:00"), "one").await;
    assert_eq!(
        (other.status, other.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "key-reused")
    );

    let sipho = house.api("sipho").await;
    let theirs = book(&sipho, &wish("09:00"), "one").await;
    assert_eq!(
        (theirs.status, theirs.problem()),
        (StatusCode::CONFLICT, "taken"),
        "a key is one member's own"
    );
}

#[tokio::test]
async fn only_success_is_remembered() {
    // case G8
    let house = House::open().await;
    let (thandeka, sipho) = (house.api("thandeka").await, house.api("sipho").await);
    let theirs = book(&sipho, &wish("09:00"), "theirs").await;
    assert_eq!(
        book(&thandeka, &wish("09:00"), "mine").await.status,
        StatusCode::CONFLICT
    );
    let reference = theirs.json["reference"].as_str().unwrap();
    sipho
        .post(&format!("/bookings/{reference}/cancellation"), &json!({}))
        .await;
    assert_eq!(
        book(&thandeka, &wish("09:00"), "mine").await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    for bad in ["", &"x".repeat(201)] {
        let refused = book(&api, &wish("09:00"), bad).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (StatusCode::UNPROCESSABLE_ENTITY, "bad-idempotency-key"),
            "{bad}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_ten_times_at_once_is_one_booking() {
    // case G8
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let ten: JoinSet<Answer> = (0..10)
        .map(|_| {
            let api = api.clone();
            async move { book(&api, &wish("09:00"), "one").await }
        })
        .collect();
    let answers = ten.join_all().await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_eq!(answer.json["reference"], answers[0].json["reference"]);
    }
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_sent_twice_holds_once_and_leads_to_the_same_page() {
    // case G8
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get("/spaces/lighthouse?by=time&date=2026-11-24&from=09:00&until=10:00")
        .await;
    let form = page.form("/bookings");
    let (one, other) = tokio::join!(thandeka.submit(&form), thandeka.submit(&form));
    let third = thandeka.submit(&form).await;
    for answer in [&one, &other, &third] {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        assert_eq!(answer.location(), one.location());
    }
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 1);

    let changed = thandeka
        .submit(&form.clone().with("from", "09:30").without("shown"))
        .await;
    assert_eq!(changed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        changed.says("This was sent before with other details."),
        "{}",
        changed.text()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn confirming_and_cancelling_twice_is_once() {
    // case G8
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let confirm = async || thandeka.post::<&str, &str>(held.location(), &[]).await;
    let (one, other) = tokio::join!(confirm(), confirm());
    assert_eq!(
        (one.status, one.location()),
        (other.status, other.location())
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1
    );
    assert_eq!(house.one::<i64>("select count(*) from jobs").await, 1);
    let cancel = format!("{}/cancellation", one.location());
    let (one, other) = tokio::join!(
        thandeka.post(&cancel, &[("note", "")]),
        thandeka.post(&cancel, &[("note", "")])
    );
    assert_eq!(
        (one.status, other.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        2,
        "one charge, one credit"
    );
    assert_eq!(
        house.one::<i64>("select count(*) from jobs").await,
        2,
        "two mails"
    );
}

#[tokio::test]
async fn a_refused_form_has_a_new_key_and_everything_typed() {
    // case G8
    let house = House::open().await;
    let visitor = house.visitor();
    let sent = key();
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-24"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("people", "3"),
        ("key", sent.as_str()),
        ("name", "Lindiwe Zulu"),
        ("email", "not an address"),
        ("mobile", "12"),
    ];
    let refused = visitor.post("/bookings", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = refused.form("/bookings");
    assert_ne!(again.get("key"), sent);
    for (name, value) in fields.iter().filter(|(name, _)| *name != "key") {
        assert_eq!(again.get(name), *value, "{name}");
    }
    assert!(
        refused.says("Enter an email address like name@example.com."),
        "{}",
        refused.text()
    );
    assert!(
        refused.says("Enter a phone number like 082 123 4567"),
        "{}",
        refused.text()
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from members where email like 'not%'")
            .await,
        0
    );
}
