//! How many people a location takes at once, whatever they have booked.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Answer, Api, House};

const DAY: &str = "2026-11-26";

async fn house(most: i32) -> House {
    let house = House::open().await;
    sqlx::query("update locations set most_at_once = $1 where slug = 'musgrave'")
        .bind(most)
        .execute(&house.db)
        .await
        .unwrap();
    house
        .run(
            "insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, position)
             select gen_random_uuid(), location_id, floor_id, policy_id, 'desk-' || n, 'Desk ' || n, 'hot_desk', 1, 20 + n
             from spaces, generate_series(3, 30) n where slug = 'desk-1'",
        )
        .await;
    house
}

async fn book(api: &Api, space: &str, from: &str, until: &str, people: i32) -> Answer {
    let wish = json!({"space": space, "people": people, "from": format!("{DAY}T{from}"), "until": format!("{DAY}T{until}")});
    api.post("/bookings", &wish).await
}

fn taken(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json["reference"].as_str().unwrap().to_owned()
}

fn full(answer: &Answer, words: &str) {
    assert_eq!(answer.problem(), "house-full", "{answer:?}");
    let detail = answer.json["detail"].as_str().unwrap();
    assert!(detail.contains(words), "{detail}");
}

#[tokio::test]
async fn the_one_over_what_a_location_takes_is_refused() {
    // case F6
    let house = house(20).await;
    let names = house.crowd(21).await;
    for (name, desk) in names.iter().take(20).zip(1..) {
        let api = house.api(name).await;
        taken(&book(&api, &format!("desk-{desk}"), "09:00", "12:00", 1).await);
    }
    let last = house.api(&names[20]).await;
    let refused = book(&last, "desk-21", "11:00", "13:00", 1).await;
    full(
        &refused,
        "Musgrave takes 20 people at once, and is full at that time.",
    );
    let any = json!({"location": "musgrave", "kind": "hot_desk", "from": format!("{DAY}T11:00"), "until": format!("{DAY}T13:00")});
    full(&last.post("/bookings", &any).await, "is full at that time");
    // Touching is not overlapping, and elsewhere is elsewhere.
    taken(&book(&last, "desk-21", "12:00", "13:00", 1).await);
    let person = house.member(&names[20]).await;
    let page = person.get(&format!("/spaces/desk-22?date={DAY}")).await;
    assert!(page.says("09:00 , taken"), "{}", page.text());
    let there = json!({"space": "paris-desk", "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00")});
    taken(&last.post("/bookings", &there).await);
    // Whoever leaves makes room.
    let reference: String = house
        .one("select reference from bookings b join spaces s on s.id = b.space_id where s.slug = 'desk-5'")
        .await;
    let api = house.api(&names[4]).await;
    api.post(&format!("/bookings/{reference}/cancellation"), &json!({}))
        .await;
    taken(&book(&last, "desk-22", "09:00", "10:00", 1).await);
}

#[tokio::test]
async fn all_who_come_count_and_what_one_has_already_stays_theirs() {
    let house = house(8).await;
    let (thandeka, sipho) = (house.api("thandeka").await, house.api("sipho").await);
    let first = taken(&book(&thandeka, "lighthouse", "09:00", "11:00", 5).await);
    full(
        &book(&sipho, "pier", "10:00", "12:00", 4).await,
        "takes 8 people at once, and 3 more fit at that time",
    );
    taken(&book(&sipho, "pier", "10:00", "12:00", 3).await);
    // Two that do not meet do not add up.
    taken(&book(&sipho, "dune", "12:00", "13:00", 8).await);
    // A change does not count against itself, and giving up is never too much.
    house
        .run("update locations set most_at_once = 2 where slug = 'musgrave'")
        .await;
    let change = |from: &str, until: &str, people: i32| json!({"space": "lighthouse", "people": people, "from": format!("{DAY}T{from}"), "until": format!("{DAY}T{until}")});
    let path = format!("/bookings/{first}/change");
    let mut less = change("09:00", "10:30", 4);
    less["total_cents"] = json!(30_000);
    let shorter = thandeka.post(&path, &less).await;
    assert_eq!(shorter.status, StatusCode::OK, "{shorter:?}");
    let longer = thandeka.post(&path, &change("09:00", "11:00", 4)).await;
    full(&longer, "is full at that time");
    // The front desk may, with a reason.
    let nomsa = house.api("nomsa").await;
    let mut wish = json!({"space": "hall", "people": 3, "from": format!("{DAY}T14:00"), "until": format!("{DAY}T17:00"),
                          "on_behalf_of": "thandeka@example.com"});
    full(&nomsa.post("/bookings", &wish).await, "2 more fit");
    wish["reason"] = json!("The fire marshal agreed");
    taken(&nomsa.post("/bookings", &wish).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_one_instant_do_not_go_over_it() {
    let house = house(3).await;
    for round in 0..8 {
        let (from, until) = (
            format!("{:02}:00", 8 + round),
            format!("{:02}:00", 9 + round),
        );
        let mut race = JoinSet::new();
        for (name, space) in [
            ("thandeka", "lighthouse"),
            ("sipho", "pier"),
            ("priya", "dune"),
        ] {
            let api = house.api(name).await;
            let (from, until) = (from.clone(), until.clone());
            race.spawn(async move { book(&api, space, &from, &until, 2).await });
        }
        let answers = race.join_all().await;
        let won = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::CREATED);
        assert_eq!(won.count(), 1, "{answers:?}");
    }
}

#[tokio::test]
async fn those_who_manage_a_location_say_how_many_it_takes() {
    let house = House::open().await;
    house
        .run(
            "insert into members (id, name, email, email_verified_at) values (gen_random_uuid(), 'Ayanda', 'ayanda@example.com', now());
             insert into staff (member_id, role, location_id)
             select m.id, 'manager', l.id from members m, locations l where m.name = 'Ayanda' and l.slug = 'musgrave'",
        )
        .await;
    let ayanda = house.member("ayanda").await;
    let form = |page: crate::support::Page| page.form("/admin/locations/musgrave");
    let page = ayanda.get("/admin/locations/musgrave").await;
    let wrong = ayanda
        .submit(&form(page).with("most_at_once", "none"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.says("Enter a number of people from 1 to 10000, or nothing."),
        "{}",
        wrong.text()
    );
    let right = form(wrong)
        .with("most_at_once", "40")
        .with("wifi_for_guests", "yes");
    assert_eq!(ayanda.submit(&right).await.status, StatusCode::SEE_OTHER);
    let page = ayanda.get("/admin/locations/musgrave").await;
    assert_eq!(form(page).get("most_at_once"), "40");
    let api = house.api("ayanda").await;
    let mut facts = api.get("/locations/musgrave").await.json;
    assert_eq!(
        (&facts["most_at_once"], &facts["wifi_for_guests"]),
        (&json!(40), &json!(true))
    );
    facts["most_at_once"] = Value::Null;
    let put = api
        .request(reqwest::Method::PUT, "/locations/musgrave")
        .json(&facts);
    let answer = api.send(put).await;
    assert_eq!(answer.json["most_at_once"], Value::Null, "{answer:?}");
}
