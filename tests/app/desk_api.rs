//! The front desk's programs: people and payments, with the permissions of who they act for.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::people::{STAFF, reference};
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

#[tokio::test]
async fn a_closure_is_made_seen_to_and_ended_by_a_program() {
    let house = House::open().await;
    let booking = house
        .member("thandeka")
        .await
        .book("pier", "2026-11-26", "09:00", "10:00")
        .await;
    let api = house.api("nomsa").await;
    let places = api.get("/closures/places").await;
    assert!(places.json.to_string().contains("space:pier"), "{places:?}");
    let wish = json!({"close": "space:pier", "from": "2026-11-26T05:00:00Z", "reason": "A pipe"});
    let made = api.post("/closures", &wish).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert_eq!(
        (made.json["what"].as_str(), made.json["waiting"].as_i64()),
        (Some("Pier"), Some(1))
    );
    let reference = made.json["reference"].as_str().unwrap();
    let refused = house.api("sipho").await;
    let refused = refused
        .book("pier", "2026-11-26T11:00", "2026-11-26T12:00")
        .await;
    assert_eq!(refused.problem(), "closure");
    let row = format!("/closures/{reference}/bookings/{booking}");
    let called = api
        .post(&format!("{row}/call"), &json!({"reached": true}))
        .await;
    assert_eq!(called.json["bookings"][0]["called"], true, "{called:?}");
    let seen = &called.json["bookings"][0]["version"];
    let moved = json!({"outcome": "moved", "space": "lighthouse", "version": seen});
    let done = api.post(&format!("{row}/outcome"), &moved).await;
    assert_eq!(done.json["bookings"][0]["outcome"], "moved", "{done:?}");
    let now = api.get(&format!("/bookings/{booking}")).await;
    assert_eq!(now.json["space"], "lighthouse");
    let version = done.json["version"].as_i64().unwrap();
    let path = format!("/closures/{reference}");
    let stale = json!({"until": "2026-11-27T05:00:00Z", "version": version + 1});
    let stale = api.send(api.request(Method::PUT, &path).json(&stale)).await;
    assert_eq!(
        (stale.status, stale.problem()),
        (StatusCode::CONFLICT, "stale")
    );
    let later = json!({"until": "2026-11-27T05:00:00Z", "reason": "A pipe", "version": version});
    let later = api.send(api.request(Method::PUT, &path).json(&later)).await;
    assert_eq!(
        later.json["until"], "2026-11-27T07:00:00+02:00",
        "{later:?}"
    );
    let again = json!({"version": later.json["version"]});
    let ended = api.post(&format!("{path}/reopening"), &again).await;
    assert_eq!(ended.json["stage"], "over", "{ended:?}");
    for (body, problem) in [
        (json!({"close": "space:nowhere"}), "no-such-place"),
        (
            json!({"close": "space:pier", "until": "2026-11-01T00:00:00Z"}),
            "end-before-start",
        ),
        (json!({}), "bad-json"),
    ] {
        assert_eq!(
            api.post("/closures", &body).await.problem(),
            problem,
            "{body}"
        );
    }
    let member = house.api("thandeka").await;
    assert_eq!(member.get("/closures").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn hours_policies_and_prices_are_changed_by_a_program_of_who_manages_there() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (api, elsewhere) = (house.api("here").await, house.api("elsewhere").await);
    let put = async |path: &str, body: &serde_json::Value| {
        api.send(api.request(Method::PUT, path).json(body)).await
    };
    let late = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-12-08", "17:00", "19:00")
        .await;
    let hours = api.get("/locations/musgrave/hours").await;
    assert_eq!(hours.json["access"]["monday"], "07:00-19:00", "{hours:?}");
    assert_eq!(hours.json["access"]["sunday"], json!(null));
    let week = |seen: bool| {
        json!({"from": "2026-12-01", "access": {"monday": "07:00-17:00", "tuesday": "07:00-17:00"},
               "version": hours.json["version"], "seen": seen})
    };
    let asked = put("/locations/musgrave/hours", &week(false)).await;
    assert_eq!(asked.problem(), "bookings-outside");
    assert!(
        asked.json["detail"].as_str().unwrap().contains(&late),
        "{asked:?}"
    );
    let saved = put("/locations/musgrave/hours", &week(true)).await;
    assert_eq!(
        saved.json["coming"][0]["access"]["tuesday"], "07:00-17:00",
        "{saved:?}"
    );
    let stale = put("/locations/musgrave/hours", &week(true)).await;
    assert_eq!(
        (stale.status, stale.problem()),
        (StatusCode::CONFLICT, "stale")
    );
    let date = json!({"reason": "Staff day", "version": saved.json["version"]});
    let closed = put("/locations/musgrave/hours/2026-12-02", &date).await;
    assert_eq!(
        closed.json["dates"][0],
        json!({"date": "2026-12-02", "hours": null, "reason": "Staff day"})
    );
    let path = format!(
        "/locations/musgrave/hours/2026-12-02?version={}",
        closed.json["version"]
    );
    let usual = api.send(api.request(Method::DELETE, &path)).await;
    assert_eq!(usual.json["dates"], json!([]), "{usual:?}");
    let holidays =
        json!({"holidays": "reduced", "reduced": "09:00-13:00", "version": usual.json["version"]});
    let holidays = put("/locations/musgrave/holidays", &holidays).await;
    assert_eq!(holidays.json["reduced"], "09:00-13:00", "{holidays:?}");
    let wrong = json!({"from": "2026-12-01", "access": {"monday": "late"}, "version": 1});
    assert_eq!(
        put("/locations/musgrave/hours", &wrong).await.problem(),
        "bad-hours"
    );

    let policies = api.get("/locations/musgrave/policies").await;
    let all = policies.json["policies"].as_array().unwrap().iter();
    let mut rooms = all
        .clone()
        .find(|one| one["slug"] == "rooms")
        .unwrap()
        .clone();
    assert_eq!(
        (rooms["min_minutes"].as_i64(), rooms["spaces"].as_i64()),
        (Some(15), Some(2))
    );
    rooms["min_minutes"] = json!(180);
    let asked = put("/locations/musgrave/policies/rooms", &rooms).await;
    assert_eq!(asked.problem(), "bookings-outside");
    rooms["seen"] = json!(true);
    let saved = put("/locations/musgrave/policies/rooms", &rooms).await;
    assert!(
        saved.json.to_string().contains("rooms-musgrave"),
        "{saved:?}"
    );
    for (field, value) in [
        ("step_minutes", json!(0)),
        ("max_minutes", json!(10)),
        ("max_at_once", json!(0)),
        ("cancellation", json!([])),
        ("max_advance_days", json!(0)),
    ] {
        let mut wrong = rooms.clone();
        wrong[field] = value;
        let refused = put("/locations/musgrave/policies/rooms", &wrong).await;
        assert_eq!(refused.problem(), "bad-policy", "{field}");
    }

    let rate =
        json!({"kind": "meeting_room", "unit": "hour", "cents": 30_000, "from": "2026-12-01"});
    let set = api.post("/locations/musgrave/rates", &rate).await;
    let rates = set.json["rates"].as_array().unwrap();
    let new = rates.iter().find(|rate| rate["cents"] == 30_000).unwrap();
    let path = format!("/locations/musgrave/rates/{}", new["id"].as_str().unwrap());
    let left = api.send(api.request(Method::DELETE, &path)).await;
    assert!(!left.json.to_string().contains("30000"), "{left:?}");
    for (field, value, problem) in [
        ("from", json!("2026-11-01"), "past"),
        ("cents", json!(-1), "bad-price"),
        ("unit", json!("year"), "bad-unit"),
        ("space", json!("seine"), "no-such-space"),
    ] {
        let mut wrong = rate.clone();
        wrong[field] = value;
        let refused = api.post("/locations/musgrave/rates", &wrong).await;
        assert_eq!(refused.problem(), problem);
    }
    for path in ["hours", "policies", "rates"] {
        let path = format!("/locations/musgrave/{path}");
        assert_eq!(elsewhere.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    let audited: i64 = house
        .one("select count(*) from audit_events a join members m on m.id = a.actor_id
              where m.email = 'here@example.com' and channel = 'api' and verb in ('change hours', 'change policy', 'set rate', 'withdraw rate')")
        .await;
    assert_eq!(audited, 7);
}

#[tokio::test]
async fn reports_are_read_by_a_program_of_who_manages_there() {
    let house = House::open().await;
    house.run(STAFF).await;
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "11:00")
        .await;
    let (api, owner) = (house.api("here").await, house.api("owner").await);
    let report = api
        .get("/reports/revenue?first=2026-11-01&last=2026-11-30")
        .await;
    assert_eq!(report.json["locations"], json!(["musgrave"]), "{report:?}");
    assert!(
        report.json["rows"].to_string().contains("400.00"),
        "{report:?}"
    );
    assert_eq!(
        api.get("/reports/revenue?location=paris").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        api.get("/reports/gossip").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        api.get("/reports/lead?first=never").await.problem(),
        "bad-date"
    );
    assert_eq!(
        house.api("nomsa").await.get("/reports/lead").await.status,
        StatusCode::NOT_FOUND
    );
    // A location that has closed is read by its name, and is not among all.
    house
        .run("update locations set status = 'closed' where slug = 'paris'")
        .await;
    let all = owner.get("/reports/kinds").await;
    assert_eq!(all.json["locations"], json!(["musgrave", "chicago"]));
    let closed = owner.get("/reports/kinds?location=paris").await;
    assert_eq!(closed.json["locations"], json!(["paris"]));
    let page = house.member("owner").await.get("/admin/reports").await;
    assert!(page.says("Paris"), "{}", page.text());
}
