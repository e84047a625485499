//! What a booking costs, and that it stays so.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::House;

#[tokio::test]
async fn a_price_that_is_sent_is_not_believed() {
    // case L1
    let house = House::open().await;
    let wish = json!({"space": "lighthouse", "from": "2026-11-24T09:00", "until": "2026-11-24T10:00", "people": 1,
        "total_cents": 1, "price": [{"label": "gift", "cents": 1}], "vat_cents": 0, "member_id": "x", "status": "completed"});
    let booked = house.api("thandeka").await.post("/bookings", &wish).await;
    assert_eq!(
        (
            booked.status,
            &booked.json["total_cents"],
            &booked.json["status"]
        ),
        (StatusCode::CREATED, &json!(20_000), &json!("confirmed"))
    );
    assert_eq!(booked.json["vat_cents"], 2_609);

    let thandeka = house.member("thandeka").await;
    let form = thandeka
        .get("/spaces/pier?by=time&date=2026-11-24&from=09:00&until=10:00")
        .await
        .form("/bookings");
    assert_eq!(form.get("shown"), "20000");
    for shown in ["1", "19999", "20001"] {
        let refused = thandeka.submit(&form.clone().with("shown", shown)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{shown}");
        assert!(
            refused.says("The price is now R200. Look it over and book again to accept it."),
            "{}",
            refused.text()
        );
    }
    let held = thandeka
        .submit(&form.with("total_cents", "1").with("price", "1"))
        .await;
    thandeka.confirm(&held).await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from bookings where total_cents = 20000")
            .await,
        2
    );
}

#[tokio::test]
async fn the_cheapest_rate_applies_and_says_why() {
    // case L4
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get("/spaces/desk-1?by=time&date=2026-11-24&from=09:00&until=13:00")
        .await;
    assert!(
        page.says("4 hours would be R240; the day rate R220 applies."),
        "{}",
        page.text()
    );
    assert_eq!(page.form("/bookings").get("shown"), "22000");
    let three = thandeka
        .get("/spaces/desk-1?by=time&date=2026-11-24&from=09:00&until=12:00")
        .await;
    assert!(
        three.says("3 hours × R60") && !three.says("would be"),
        "{}",
        three.text()
    );
    let quoted = house
        .api("thandeka")
        .await
        .get("/quote?space=desk-1&from=2026-11-24T09:00&until=2026-11-24T13:00&people=1")
        .await;
    assert_eq!(
        (&quoted.json["total_cents"], &quoted.json["reason"]),
        (
            &json!(22_000),
            &json!("4 hours would be R240; the day rate R220 applies.")
        )
    );
    let held = thandeka
        .hold("desk-1", "2026-11-24", "09:00", "13:00")
        .await;
    let reference = thandeka.confirm(&held).await;
    let told = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(told.says("R220"), "{}", told.text());
}

#[tokio::test]
async fn a_booking_keeps_its_price_and_its_tax() {
    // case L5
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let page = async || thandeka.get(&format!("/bookings/{reference}")).await.text();
    assert!(page().await.contains("You are booked."), "said once");
    let before = page().await;
    assert!(
        before.contains("VAT included (15 %)")
            && before.contains("R26.09")
            && before.contains("R200"),
        "{before}"
    );
    house
        .run("insert into vat_rates values ('2026-11-01', 1600); update rates set cents = 99900")
        .await;
    assert_eq!(page().await, before);
    let api = house
        .api("thandeka")
        .await
        .get(&format!("/bookings/{reference}"))
        .await;
    assert_eq!(
        (&api.json["total_cents"], &api.json["vat_cents"]),
        (&json!(20_000), &json!(2_609))
    );
    let new = thandeka
        .get("/spaces/lighthouse?by=time&date=2026-11-27&from=09:00&until=10:00")
        .await;
    assert!(
        new.says("VAT included (16 %)") && new.says("R999"),
        "{}",
        new.text()
    );
}

#[tokio::test]
async fn a_rate_counts_from_its_date() {
    let house = House::open().await;
    house
        .run("insert into rates select gen_random_uuid(), location_id, kind, space_id, unit, 30000, '2026-12-01' from rates where kind = 'meeting_room'")
        .await;
    let api = house.api("thandeka").await;
    for (date, cents) in [("2026-11-30", 20_000), ("2026-12-01", 30_000)] {
        let quoted = api
            .get(&format!(
                "/quote?space=lighthouse&from={date}T09:00&until={date}T10:00"
            ))
            .await;
        assert_eq!(quoted.json["total_cents"], cents, "{date}");
    }
}
