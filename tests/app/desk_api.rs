//! The front desk's programs: people and payments, with the permissions of who they act for.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::people::reference;
use crate::support::House;

#[tokio::test]
async fn people_are_found_and_written_down() {
    let house = House::open().await;
    let api = house.api("nomsa").await;
    let found = api.get("/members?words=umoya").await;
    assert_eq!(found.json["members"][0]["name"], "Sipho Dlamini");
    assert_eq!(
        found.json["members"][0]["companies"],
        json!(["Umoya Designs"])
    );
    let made = api.post("/members", &json!({"name": "Ayanda Cele", "phone": "083 111 4567", "role": "owner", "standing": "barred"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(
        (
            made.json["phone"].as_str(),
            made.json["standing"].as_str(),
            made.json["balance_cents"].as_i64()
        ),
        (Some("+27831114567"), Some("good"), Some(0))
    );
    assert_eq!(
        house.one::<i64>("select count(*) from staff").await,
        1,
        "nobody makes themselves an owner"
    );
    let path = format!("/members/{}", made.json["reference"].as_str().unwrap());
    assert_eq!(api.get(&path).await.json["name"], "Ayanda Cele");
    for (body, problem) in [
        (json!({"name": " "}), "bad-name"),
        (json!({"name": "X", "email": "x"}), "bad-email"),
        (
            json!({"name": "X", "email": "sipho@example.com"}),
            "email-taken",
        ),
        (json!({"name": "X", "phone": "0831114567"}), "phone-known"),
        (json!({"name": "X", "home": "moon"}), "no-such-location"),
    ] {
        assert_eq!(api.post("/members", &body).await.problem(), problem);
    }
    assert_eq!(
        house.api("thandeka").await.get("/members").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn payments_are_taken_once_and_given_back_no_more_than_once() {
    let house = House::open().await;
    let api = house.api("nomsa").await;
    house
        .run("update members set paying_company_id = null")
        .await;
    let booking = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let body =
        json!({"booking": booking, "cents": 15_000, "method": "card", "location": "musgrave"});
    let send = || {
        api.request(Method::POST, "/payments")
            .header("idempotency-key", "k1")
            .json(&body)
    };
    let first = api.send(send()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{first:?}");
    assert_eq!(
        (
            first.json["receipt"].as_str(),
            first.json["due_cents"].as_i64()
        ),
        (Some("RC-2026-000001"), Some(5_000))
    );
    assert_eq!(api.send(send()).await.json["receipt"], "RC-2026-000001");
    for (body, problem) in [
        (
            json!({"booking": booking, "cents": 15_001, "method": "card", "location": "musgrave", "back": true}),
            "more-than-paid",
        ),
        (
            json!({"booking": booking, "cents": 5_001, "method": "card", "location": "musgrave"}),
            "more-than-due",
        ),
        (
            json!({"booking": booking, "cents": -5, "method": "card", "location": "musgrave"}),
            "no-amount",
        ),
        (
            json!({"booking": booking, "cents": 5, "method": "barter", "location": "musgrave"}),
            "bad-method",
        ),
        (
            json!({"booking": booking, "cents": 500, "method": "eft", "location": "musgrave"}),
            "bad-bank-date",
        ),
        (
            json!({"cents": 5, "method": "card", "location": "musgrave"}),
            "bad-request",
        ),
    ] {
        assert_eq!(
            api.post("/payments", &body).await.problem(),
            problem,
            "{body}"
        );
    }
    let on_account = json!({"member": reference(&house, "thandeka").await, "cents": 1_000, "method": "cash", "location": "paris"});
    assert_eq!(
        api.post("/payments", &on_account).await.json["balance_cents"],
        4_000
    );
    assert_eq!(
        house
            .api("sipho")
            .await
            .post("/payments", &on_account)
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let channel: String = house
        .one("select channel from audit_events where verb = 'take payment' limit 1")
        .await;
    assert_eq!(channel, "api");
}
