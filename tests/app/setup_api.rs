//! Setting the house up by programs, with the permissions of who they act for.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::people::{STAFF, reference};
use crate::support::{Answer, Api, House};

async fn put(api: &Api, path: &str, body: &Value) -> Answer {
    api.send(api.request(Method::PUT, path).json(body)).await
}

#[tokio::test]
async fn what_a_location_says_of_itself_is_read_and_changed_whole() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (api, owner) = (house.api("here").await, house.api("owner").await);
    let mut facts = api.get("/locations/musgrave").await.json;
    assert_eq!(
        (facts["name"].as_str(), facts["gate"].as_str()),
        (Some("Musgrave"), Some("Ring at the gate.")),
        "{facts}"
    );
    facts["description"] = json!("Under the flat-crown trees.");
    facts["amenities"] = json!(["fibre", "parking"]);
    facts["wifi"] = json!("Ask at the desk.");
    facts["slug"] = json!("elsewhere");
    (facts["latitude"], facts["longitude"]) = (json!(-29.85), json!(31.0));
    let saved = put(&api, "/locations/musgrave", &facts).await;
    assert_eq!(
        (
            &saved.json["description"],
            &saved.json["slug"],
            &saved.json["amenities"]
        ),
        (
            &json!("Under the flat-crown trees."),
            &json!("musgrave"),
            &json!(["fibre", "parking"])
        ),
        "{saved:?}"
    );
    let page = house.visitor().get("/locations/musgrave").await;
    assert!(page.says("Under the flat-crown trees."), "{}", page.text());
    let stale = put(&api, "/locations/musgrave", &facts).await;
    assert_eq!(
        (stale.status, stale.problem()),
        (StatusCode::CONFLICT, "stale")
    );
    for (field, value, said) in [
        ("name", json!(" "), "name: Give it a name."),
        ("time_zone", json!("Durban"), "time_zone: Enter a time zone"),
        ("latitude", json!(91.0), "latitude: Enter degrees"),
        ("longitude", json!(null), "longitude: Enter both"),
        ("amenities", json!(["gold"]), "No amenity is called gold."),
        ("status", json!("maybe"), "status: Choose whether"),
    ] {
        let mut wrong = saved.json.clone();
        wrong[field] = value;
        let refused = put(&api, "/locations/musgrave", &wrong).await;
        assert_eq!(refused.problem(), "bad-facts", "{field}");
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains(said), "{field}: {detail}");
    }
    let part = put(&api, "/locations/musgrave", &json!({"name": "Musgrave"})).await;
    assert_eq!(
        part.problem(),
        "bad-json",
        "nothing is lost by leaving it out"
    );
    let mut ballito = saved.json.clone();
    (ballito["slug"], ballito["name"]) = (json!(""), json!("Ballito North"));
    assert_eq!(
        api.post("/locations", &ballito).await.status,
        StatusCode::NOT_FOUND
    );
    let made = owner.post("/locations", &ballito).await;
    assert_eq!(
        (made.status, &made.json["slug"]),
        (StatusCode::CREATED, &json!("ballito-north")),
        "{made:?}"
    );
    let twice = owner.post("/locations", &ballito).await;
    assert_eq!(twice.problem(), "slug-taken");
    let told: String = house
        .one("select string_agg(verb || ' ' || channel, ', ' order by id) from audit_events where subject = 'locations'")
        .await;
    assert_eq!(told, "change location api, add location api");
}

#[tokio::test]
async fn floors_zones_and_plans_are_set_up_by_a_program() {
    let house = House::open().await;
    house.run(STAFF).await;
    let api = house.api("here").await;
    let floor = json!({"name": "First floor", "level": 1, "width": 20.0, "depth": 12.5});
    let made = api.post("/locations/musgrave/floors", &floor).await;
    assert_eq!(
        made.json["floors"][1],
        json!({"name": "First floor", "level": 1, "width": 20.0, "depth": 12.5, "zones": []}),
        "{made:?}"
    );
    let twice = api.post("/locations/musgrave/floors", &floor).await;
    assert_eq!(
        (twice.status, twice.problem()),
        (StatusCode::CONFLICT, "level-taken")
    );
    let wrong = json!({"name": "Sky", "level": 2, "width": 1.0, "depth": 12.0});
    let wrong = api.post("/locations/musgrave/floors", &wrong).await;
    assert_eq!(wrong.problem(), "bad-floor");
    let zones = "/locations/musgrave/floors/1/zones";
    let zoned = api.post(zones, &json!({"name": "Quiet corner"})).await;
    assert_eq!(
        zoned.json["floors"][1]["zones"],
        json!([{"name": "Quiet corner", "spaces": 0}])
    );
    let again = api.post(zones, &json!({"name": "Quiet corner"})).await;
    assert_eq!(again.problem(), "zone-taken");
    house
        .run("update spaces set zone_id = (select id from zones), floor_id = (select floor_id from zones) where slug = 'desk-1'")
        .await;
    let path = format!("{zones}/Quiet%20corner");
    let used = api.send(api.request(Method::DELETE, &path)).await;
    assert_eq!(used.problem(), "zone-in-use");
    house
        .run("update spaces set zone_id = null where slug = 'desk-1'")
        .await;
    let gone = api.send(api.request(Method::DELETE, &path)).await;
    assert_eq!(gone.json["floors"][1]["zones"], json!([]), "{gone:?}");

    let plan = api.get("/locations/musgrave/floors/1/plan").await;
    assert!(
        plan.json["lines"]
            .as_str()
            .unwrap()
            .contains("wall 0 0 20 0")
    );
    let drawn = json!({"lines": "wall 0 0 20 0\nlabel 4 3 Kitchen", "seen": plan.json["seen"]});
    let redrawn = put(&api, "/locations/musgrave/floors/1/plan", &drawn).await;
    assert_eq!(redrawn.json["lines"], "wall 0 0 20 0\nlabel 4 3 Kitchen");
    let stale = put(&api, "/locations/musgrave/floors/1/plan", &drawn).await;
    assert_eq!(stale.problem(), "stale");
    let unread = json!({"lines": "tree", "seen": redrawn.json["seen"]});
    let unread = put(&api, "/locations/musgrave/floors/1/plan", &unread).await;
    assert_eq!(unread.problem(), "bad-plan");
    let smaller = json!({"name": "Upstairs", "width": 18.0, "depth": 12.0});
    let smaller = put(&api, "/locations/musgrave/floors/1", &smaller).await;
    assert_eq!(smaller.json["floors"][1]["name"], "Upstairs", "{smaller:?}");
    let nowhere = put(
        &api,
        "/locations/musgrave/floors/7",
        &json!({"name": "x", "width": 9.0, "depth": 9.0}),
    )
    .await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn spaces_are_set_up_by_a_program() {
    let house = House::open().await;
    house.run(STAFF).await;
    let api = house.api("here").await;
    let booking = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let all = api.get("/locations/musgrave/spaces").await;
    let names = all.json["spaces"].to_string();
    assert!(
        names.contains("Lighthouse") && !names.contains("Seine"),
        "{names}"
    );
    let mut room = api.get("/locations/musgrave/spaces/lighthouse").await.json;
    assert_eq!(
        (
            room["policy"].as_str(),
            room["level"].as_i64(),
            room["seats"].as_i64()
        ),
        (Some("rooms"), Some(0), Some(6)),
        "{room}"
    );
    room["status"] = json!("hidden");
    let asked = put(&api, "/locations/musgrave/spaces/lighthouse", &room).await;
    assert_eq!(asked.problem(), "bookings-outside");
    assert!(asked.json["detail"].as_str().unwrap().contains(&booking));
    room["seen"] = json!(true);
    room["layouts"] = json!({"boardroom": 8, "theatre": 14});
    let saved = put(&api, "/locations/musgrave/spaces/lighthouse", &room).await;
    assert_eq!(
        (&saved.json["status"], &saved.json["seats"]),
        (&json!("hidden"), &json!(14)),
        "{saved:?}"
    );
    let stale = put(&api, "/locations/musgrave/spaces/lighthouse", &room).await;
    assert_eq!(stale.problem(), "stale");
    let mut new = saved.json.clone();
    (new["slug"], new["name"], new["status"]) = (json!(""), json!("Reef"), json!("active"));
    let made = api.post("/locations/musgrave/spaces", &new).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    assert!(house.visitor().get("/spaces/reef").await.says("Reef"));
    let twice = api.post("/locations/musgrave/spaces", &new).await;
    assert_eq!(twice.problem(), "slug-taken");
    for (field, value, problem) in [
        ("level", json!(9), "no-such-floor"),
        ("zone", json!("Nowhere"), "no-such-zone"),
        ("policy", json!("none"), "no-such-policy"),
        ("name", json!(""), "bad-space"),
        ("at", json!([0.0, 0.0, 0.0, 1.0]), "bad-space"),
        ("kind", json!("tent"), "bad-json"),
    ] {
        let mut wrong = new.clone();
        wrong[field] = value;
        let refused = api.post("/locations/musgrave/spaces", &wrong).await;
        assert_eq!(refused.problem(), problem, "{field}");
    }
    let elsewhere = api.get("/locations/musgrave/spaces/seine").await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_happens_when_nobody_comes_is_set_by_a_program() {
    let house = House::open().await;
    house.run(STAFF).await;
    let api = house.api("here").await;
    let policies = api.get("/locations/musgrave/policies").await;
    let all = policies.json["policies"].as_array().unwrap();
    let mut rooms = all
        .iter()
        .find(|one| one["slug"] == "rooms")
        .unwrap()
        .clone();
    (rooms["check_in_minutes"], rooms["grace_minutes"]) = (json!(20), json!(25));
    rooms["unused"] = json!("release");
    let saved = put(&api, "/locations/musgrave/policies/rooms", &rooms).await;
    let all = saved.json["policies"].as_array().unwrap();
    let own = all
        .iter()
        .find(|one| one["slug"] == "rooms-musgrave")
        .unwrap();
    assert_eq!(
        (
            &own["check_in_minutes"],
            &own["unused"],
            &own["grace_minutes"]
        ),
        (&json!(20), &json!("release"), &json!(25)),
        "{saved:?}"
    );
    for (field, value) in [
        ("check_in_minutes", json!(1441)),
        ("grace_minutes", json!(4)),
        ("unused", json!("shout")),
    ] {
        let mut wrong = own.clone();
        wrong[field] = value;
        let path = "/locations/musgrave/policies/rooms-musgrave";
        assert_eq!(
            put(&api, path, &wrong).await.problem(),
            "bad-policy",
            "{field}"
        );
    }
}

#[tokio::test]
async fn passes_are_set_and_sold_by_a_program() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (api, owner) = (house.api("here").await, house.api("owner").await);
    let list = api.get("/setup/pass-products").await;
    assert!(
        !list.json.to_string().contains("everywhere-month"),
        "what holds everywhere is the owners': {list:?}"
    );
    let new = json!({"name": "Early bird", "location": "musgrave", "unit": "week", "days": 3, "cents": 99_950,
                     "cap": 1, "sold_from": "2026-11-24", "on_sale": true});
    let made = api.post("/setup/pass-products", &new).await;
    let products = made.json["products"].as_array().unwrap();
    let mut early = products
        .iter()
        .find(|one| one["slug"] == "musgrave-early-bird")
        .unwrap()
        .clone();
    assert_eq!(early["cents"], 99_950, "{made:?}");
    assert_eq!(
        api.post("/setup/pass-products", &new).await.problem(),
        "slug-taken"
    );
    for (field, value, problem) in [
        ("cents", json!(0), "bad-price"),
        ("unit", json!("year"), "bad-unit"),
        ("days", json!(32), "bad-pass"),
        ("location", json!("paris"), "bad-pass"),
        ("location", json!(null), "bad-pass"),
    ] {
        let mut wrong = new.clone();
        (wrong["name"], wrong[field]) = (json!("Other"), value);
        let refused = api.post("/setup/pass-products", &wrong).await;
        assert_eq!(refused.problem(), problem, "{field}");
    }
    early["cents"] = json!(90_000);
    let path = "/setup/pass-products/musgrave-early-bird";
    let changed = put(&api, path, &early).await;
    assert!(changed.json.to_string().contains("90000"), "{changed:?}");
    assert_eq!(put(&api, path, &early).await.problem(), "stale");
    let wide = put(&api, "/setup/pass-products/everywhere-month", &early).await;
    assert_eq!(wide.status, StatusCode::NOT_FOUND);
    let everywhere = owner.get("/setup/pass-products").await;
    assert!(everywhere.json.to_string().contains("everywhere-month"));

    let desk = house.api("nomsa").await;
    house
        .run("update members set paying_company_id = null")
        .await;
    let wish = json!({"product": "musgrave-early-bird", "first": "2026-11-25", "on_behalf_of": "082 000 0002"});
    let sell = || {
        desk.request(Method::POST, "/passes")
            .header("idempotency-key", "p1")
            .json(&wish)
    };
    let sold = desk.send(sell()).await;
    assert_eq!(sold.status, StatusCode::CREATED, "{sold:?}");
    assert_eq!(
        desk.send(sell()).await.json["reference"],
        sold.json["reference"]
    );
    let theirs = format!("/members/{}/passes", reference(&house, "sipho").await);
    let theirs = desk.get(&theirs).await;
    assert_eq!(
        theirs.json["passes"][0]["reference"],
        sold.json["reference"]
    );
    assert_eq!(
        house.api("sipho").await.get("/passes").await.json["passes"][0]["reference"],
        sold.json["reference"]
    );
    let told: String = house
        .one("select m.email || ' ' || verb || ' ' || channel from audit_events a join members m on m.id = a.actor_id where subject = 'passes'")
        .await;
    assert_eq!(told, "nomsa@example.com sell api");
    let charged: i64 = house
        .one("select sum(e.cents)::bigint from ledger_entries e join accounts a on a.id = e.account_id
              join members m on m.id = a.member_id where m.email = 'sipho@example.com'")
        .await;
    assert_eq!(charged, 90_000, "once, to whom it is sold");
    let full = desk.post("/passes", &wish).await;
    assert_eq!(
        (full.status, full.problem()),
        (StatusCode::CONFLICT, "sold-out")
    );
    let nobody =
        json!({"product": "musgrave-week", "first": "2026-11-25", "on_behalf_of": "nobody"});
    assert_eq!(
        desk.post("/passes", &nobody).await.problem(),
        "no-such-member"
    );
    let member = house.api("thandeka").await;
    assert_eq!(
        member.post("/passes", &wish).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_pass_is_sold_at_the_counter_once() {
    let house = House::open().await;
    house
        .run("update members set paying_company_id = null")
        .await;
    let nomsa = house.member("nomsa").await;
    let person = format!("/admin/members/{}", reference(&house, "sipho").await);
    let tab = nomsa.get(&format!("{person}?tab=bookings")).await;
    assert!(tab.says("Sell them a pass"), "{}", tab.text());
    let path = format!("{person}/passes/new");
    let form = nomsa.get(&path).await.form(&path);
    let nothing = nomsa.submit(&form).await;
    assert!(
        nothing.status == StatusCode::UNPROCESSABLE_ENTITY && nothing.says("Choose a pass."),
        "{}",
        nothing.text()
    );
    let sale = form.with("product", "musgrave-week 75000");
    let old = nomsa
        .submit(&sale.clone().with("product", "musgrave-week 70000"))
        .await;
    assert!(old.says("The price is now R750."), "{}", old.text());
    let sold = nomsa.submit(&sale).await;
    assert_eq!(sold.status, StatusCode::SEE_OTHER, "{}", sold.text());
    let next = nomsa.follow(&sold).await;
    assert!(
        next.says("is theirs from Tue 24 November. R750 is charged."),
        "{}",
        next.text()
    );
    nomsa.submit(&sale).await;
    let made: String = house
        .one("select concat_ws(' ', count(*), min(p.channel), min(c.name), (select sum(cents) from ledger_entries)) from passes p
              join members c on c.id = p.created_by")
        .await;
    assert_eq!(made, "1 desk Nomsa Khumalo 75000");
    let member = house.member("thandeka").await;
    assert_eq!(member.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn owners_take_on_promote_and_dismiss_by_a_program() {
    let house = House::open().await;
    house.run(STAFF).await;
    let owner = house.api("owner").await;
    let new = json!({"name": "Ayanda Cele", "email": "ayanda@example.com", "role": "receptionist"});
    let taken = owner.post("/staff", &new).await;
    let all = taken.json["staff"].as_array().unwrap();
    let ayanda = all
        .iter()
        .find(|one| one["email"] == "ayanda@example.com")
        .unwrap();
    assert_eq!(
        (&ayanda["role"], &ayanda["has_password"]),
        (&json!("receptionist"), &json!(false)),
        "{taken:?}"
    );
    let path = format!("/staff/{}", ayanda["reference"].as_str().unwrap());
    let manager = json!({"role": "manager", "location": "paris"});
    let promoted = put(&owner, &path, &manager).await;
    assert!(
        promoted.json["staff"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["email"] == "ayanda@example.com" && one["location"] == "paris"),
        "{promoted:?}"
    );
    for (body, problem) in [
        (json!({"role": "king"}), "bad-role"),
        (json!({"role": "manager"}), "without-location"),
        (
            json!({"role": "owner", "location": "paris"}),
            "with-location",
        ),
        (
            json!({"role": "manager", "location": "moon"}),
            "no-such-location",
        ),
    ] {
        assert_eq!(put(&owner, &path, &body).await.problem(), problem);
    }
    // Neither by another role, nor by being taken on anew, nor by dismissal is the house left without an owner.
    let own = format!("/staff/{}", reference(&house, "owner").await);
    let lower = put(&owner, &own, &json!({"role": "receptionist"})).await;
    assert_eq!(lower.problem(), "last-owner");
    let anew = json!({"name": "Owner", "email": "owner@example.com", "role": "receptionist"});
    assert_eq!(owner.post("/staff", &anew).await.problem(), "last-owner");
    let dismissal = format!("{own}/dismissal");
    assert_eq!(
        owner.post(&dismissal, &json!({})).await.problem(),
        "last-owner"
    );
    let nomsa = house.api("nomsa").await;
    let gone = format!("/staff/{}/dismissal", reference(&house, "nomsa").await);
    let gone = owner.post(&gone, &json!({})).await;
    assert!(!gone.json.to_string().contains("nomsa@"), "{gone:?}");
    assert_eq!(nomsa.get("/members").await.status, StatusCode::UNAUTHORIZED);
    let told: i64 = house
        .one("select count(*) from audit_events where channel = 'api' and verb in ('make staff', 'change staff', 'dismiss')")
        .await;
    assert_eq!(told, 3);
}
