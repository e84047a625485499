//! What goes with bookings: ordered in time, priced line by line, and never more than there is.

use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::ledger::ledger;
use crate::support::{Answer, Api, House, Page, Person};

/// It is Tuesday the 24th, 06:30; this is Thursday.
const DAY: &str = "2026-11-26";

/// Tea by the person until 15:00 the working day before, two screens by the hour, a flipchart till it begins, lunch
/// that needs half an hour to set up, and a manager of Musgrave.
async fn open() -> House {
    let house = House::open().await;
    house
        .run(
            "insert into extras (id, location_id, slug, name, kinds, unit, cents, stock, lead_minutes, lead_days, lead_clock, setup_minutes, position)
             select gen_random_uuid(), l.id, x.slug, x.name, array['meeting_room'], x.unit, x.cents, x.stock, x.minutes, x.days, x.clock::time, x.setup, x.position
             from locations l cross join (values
                 ('tea', 'Tea and coffee', 'person', 3500, null::int, 0, 1, '15:00', 0, 1),
                 ('screen', 'Screen', 'hour', 6000, 2, 0, null::int, null, 0, 2),
                 ('flipchart', 'Flipchart', 'booking', 5000, null, 0, null, null, 0, 3),
                 ('lunch', 'Lunch', 'person', 15000, null, 120, null, null, 30, 4)
             ) x (slug, name, unit, cents, stock, minutes, days, clock, setup, position)
             where l.slug = 'musgrave';
             insert into members (id, name, email, email_verified_at) values (gen_random_uuid(), 'Ayanda', 'ayanda@example.com', now());
             insert into staff (member_id, role, location_id)
             select m.id, 'manager', l.id from members m, locations l where m.name = 'Ayanda' and l.slug = 'musgrave'",
        )
        .await;
    house
}

async fn book(
    api: &Api,
    space: &str,
    (from, until): (&str, &str),
    people: i32,
    extras: Value,
) -> Answer {
    let wish = json!({
        "space": space, "from": format!("{DAY}T{from}"), "until": format!("{DAY}T{until}"), "people": people, "extras": extras,
    });
    api.post("/bookings", &wish).await
}

async fn booked(api: &Api, people: i32, extras: Value) -> Value {
    let made = book(api, "pier", ("09:00", "11:00"), people, extras).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    made.json
}

async fn put(api: &Api, booking: &Value, body: Value) -> Answer {
    let path = format!(
        "/bookings/{}/extras",
        booking["reference"].as_str().unwrap()
    );
    api.send(api.request(Method::PUT, &path).json(&body)).await
}

fn labels(booking: &Value) -> Vec<(String, i64)> {
    let lines = booking["price"].as_array().unwrap().iter();
    let line = |line: &Value| {
        (
            line["label"].as_str().unwrap().to_owned(),
            line["cents"].as_i64().unwrap(),
        )
    };
    lines.map(line).collect()
}

async fn occupied_from(house: &House, booking: &Value) -> String {
    sqlx::query_scalar(
        "select to_char(lower(o.occupies) at time zone 'Africa/Johannesburg', 'HH24:MI') from occupancies o
         join bookings b on b.id = o.booking_id where b.reference = $1",
    )
    .bind(booking["reference"].as_str().unwrap())
    .fetch_one(&house.db)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_member_chooses_them_while_booking_and_reads_each_in_the_bill() {
    let house = open().await;
    let thandeka = house.member("thandeka").await;
    let wish = format!("/spaces/pier?by=time&date={DAY}&from=09:00&until=11:00&people=4");
    let page = thandeka.get(&wish).await;
    assert!(
        page.says("Tea and coffee")
            && page.says("R35 a person. Order until Wed 25 November 15:00."),
        "{}",
        page.text()
    );
    assert!(page.says("2 left at that time"), "{}", page.text());
    let page = thandeka.get(&format!("{wish}&x-tea=4&x-screen=2")).await;
    assert!(
        page.says("Tea and coffee, 4 people × R35 R140"),
        "{}",
        page.text()
    );
    assert!(
        page.says("Screen, 2 × 2 hours × R60 R240") && page.says("Total R780"),
        "{}",
        page.text()
    );
    // Another day is looked at with what is chosen.
    assert!(
        page.links()
            .iter()
            .any(|link| link.contains("x-tea=4") && !link.contains(DAY)),
        "{:?}",
        page.links()
    );
    let held = thandeka.submit(&page.form("/bookings")).await;
    let reference = thandeka.confirm(&held).await;
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(
        page.says("Tea and coffee for 4, 2 × Screen"),
        "{}",
        page.text()
    );
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.text.contains("Tea and coffee, 4 people × R35: R140"),
        "{}",
        mail.text
    );
    assert_eq!(ledger(&house).await.last().unwrap().1, 78_000);
    // What nobody offers, or cannot be read, is said beside it, and what was typed stays.
    for (wrong, sentence) in [
        ("x-tea=many", "Say how many of each extra"),
        ("x-tea=5", "Tea and coffee is for 4 at most"),
        ("x-screen=3", "Screen: only 2 left at that time"),
        ("x-cake=1", "There is no extra called cake here"),
    ] {
        let page = thandeka
            .get(&format!(
                "/spaces/dune?by=time&date={DAY}&from=13:00&until=14:00&people=4&{wrong}"
            ))
            .await;
        assert!(page.says(sentence), "{wrong}: {}", page.text());
        let sent = thandeka.submit(&page.form("/bookings")).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(sent.says(sentence), "{wrong}: {}", sent.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_who_want_two_screens_at_one_time_two_get_them() {
    let house = open().await;
    // Rooms enough for all of them.
    house
        .run(
            "insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, position)
             select gen_random_uuid(), location_id, floor_id, policy_id, 'room-' || n, 'Room ' || n, kind, seats, 100 + n
             from spaces, generate_series(1, 40) n where slug = 'pier'",
        )
        .await;
    let mut tries = JoinSet::new();
    for (n, name) in house.crowd(40).await.into_iter().enumerate() {
        let api = house.api(&name).await;
        let extras = json!([{"id": "screen", "quantity": 1}]);
        tries.spawn(async move {
            // Each meets the others somewhere between 09:00 and 12:00.
            let from = ["09:00", "09:30", "10:00"][n % 3];
            book(&api, &format!("room-{}", n + 1), (from, "12:00"), 1, extras).await
        });
    }
    let answers = tries.join_all().await;
    let won = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .count();
    for lost in answers
        .iter()
        .filter(|answer| answer.status != StatusCode::CREATED)
    {
        assert!(
            ["extra-gone", "busy"].contains(&lost.problem()),
            "{}",
            lost.json
        );
    }
    assert_eq!(won, 2);
    let most: i64 = house
        .one("select extra_in_use(id, '[2026-11-26 00:00Z,2026-11-27 00:00Z)', null) from extras where slug = 'screen'")
        .await;
    assert_eq!(most, 2);
    // Whatever path writes it: the table itself holds it.
    let by_hand = "insert into booking_extras select b.id, x.id, 1, 0, b.during, true from bookings b, extras x
                   where x.slug = 'screen' and not exists (select from booking_extras e where e.booking_id = b.id) limit 1";
    house.run("insert into accounts (id, member_id) select gen_random_uuid(), id from members where name = 'Sipho Dlamini'").await;
    let sipho = house.api("sipho").await;
    assert_eq!(
        book(&sipho, "pier", ("10:00", "11:00"), 1, json!([]))
            .await
            .status,
        StatusCode::CREATED
    );
    let refused = sqlx::query(by_hand).execute(&house.db).await.unwrap_err();
    assert!(refused.to_string().contains("oversold"), "{refused}");
    // A cancelled one goes back at once; half-open times touch.
    assert_eq!(
        book(
            &sipho,
            "dune",
            ("12:00", "13:00"),
            1,
            json!([{"id": "screen", "quantity": 2}])
        )
        .await
        .status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn each_is_ordered_until_its_time_and_not_a_moment_later() {
    let house = open().await;
    let api = house.api("thandeka").await;
    let tea = json!([{"id": "tea", "quantity": 2}]);
    let booking = booked(&api, 4, tea.clone()).await;
    // Until 15:00 on Wednesday, that moment included.
    house.app.clock.shift(TimeDelta::minutes(32 * 60 + 30));
    let more = put(
        &api,
        &booking,
        json!({"extras": [{"id": "tea", "quantity": 3}]}),
    )
    .await;
    assert_eq!(more.status, StatusCode::OK, "{}", more.json);
    assert_eq!(
        book(&api, "lighthouse", ("09:00", "11:00"), 4, tea.clone())
            .await
            .status,
        StatusCode::CREATED
    );
    house.app.clock.shift(TimeDelta::seconds(1));
    let late = book(&api, "dune", ("09:00", "11:00"), 4, tea.clone()).await;
    assert_eq!(
        (late.status, late.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "extra-too-late")
    );
    assert!(
        late.json["detail"]
            .as_str()
            .unwrap()
            .contains("until Wed 25 November 15:00"),
        "{}",
        late.json
    );
    for quantity in [4, 2] {
        let late = put(
            &api,
            &booking,
            json!({"extras": [{"id": "tea", "quantity": quantity}]}),
        )
        .await;
        assert_eq!(late.problem(), "extra-too-late", "{quantity}");
    }
    assert_eq!(
        put(&api, &booking, json!({"extras": []})).await.problem(),
        "extra-too-late"
    );
    // What is ordered already stands in the way of nothing else.
    let flipchart = put(
        &api,
        &booking,
        json!({"extras": [{"id": "tea", "quantity": 3}, {"id": "flipchart", "quantity": 1}]}),
    )
    .await;
    assert_eq!(flipchart.status, StatusCode::OK, "{}", flipchart.json);
    // The page says so, with whom to call.
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get(&format!(
            "/bookings/{}/extras?asked=1&x-tea=1",
            booking["reference"].as_str().unwrap()
        ))
        .await;
    assert!(
        page.says("Tea and coffee could be ordered or changed until Wed 25 November 15:00"),
        "{}",
        page.text()
    );
    // The front desk does it all the same, and says why.
    let nomsa = house.api("nomsa").await;
    let off = json!({"extras": [{"id": "flipchart", "quantity": 1}]});
    assert_eq!(put(&nomsa, &booking, off).await.problem(), "extra-too-late");
    let off = json!({"extras": [{"id": "flipchart", "quantity": 1}], "reason": "The kitchen has not begun"});
    let done = put(&nomsa, &booking, off).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.json);
    assert_eq!(
        labels(&done.json),
        [
            ("2 hours × R200".into(), 40_000),
            ("Flipchart".into(), 5_000)
        ]
    );
    let told = house
        .member("nomsa")
        .await
        .get(&format!(
            "/admin/bookings/{}",
            booking["reference"].as_str().unwrap()
        ))
        .await;
    assert!(
        told.says("Extras changed") && told.says("The kitchen has not begun"),
        "{}",
        told.text()
    );
}

#[tokio::test]
async fn the_difference_is_shown_first_and_goes_over_the_account() {
    let house = open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "11:00").await;
    let path = format!("/bookings/{reference}/extras");
    let page = thandeka.get(&path).await;
    assert!(page.says("Before you change them"), "{}", page.text());
    let page = thandeka
        .get(&format!("{path}?asked=1&x-flipchart=2&x-screen=1"))
        .await;
    assert!(
        page.says("R220 more. It was R400.") && page.says("Flipchart, 2 × R50 R100"),
        "{}",
        page.text()
    );
    let form = post_form(&page, &path);
    let done = thandeka.submit(&form).await;
    let page = thandeka.follow(&done).await;
    assert!(
        page.says("It comes with Screen, 2 × Flipchart. R220 more is on your account."),
        "{}",
        page.text()
    );
    // Sent twice it is done once; a price that nobody was shown is not charged.
    assert_eq!(thandeka.submit(&form).await.status, StatusCode::SEE_OTHER);
    let api = house.api("thandeka").await;
    let booking = json!({"reference": reference});
    let unseen = put(&api, &booking, json!({"extras": [], "total_cents": 1})).await;
    assert_eq!(unseen.problem(), "price-to-choose");
    let stale = put(&api, &booking, json!({"extras": [], "version": 1})).await;
    assert_eq!(stale.problem(), "stale");
    let less = put(
        &api,
        &booking,
        json!({"extras": [{"id": "screen", "quantity": 1}], "total_cents": 52_000}),
    )
    .await;
    assert_eq!(less.status, StatusCode::OK, "{}", less.json);
    let amounts: Vec<i64> = ledger(&house)
        .await
        .into_iter()
        .map(|(_, cents)| cents)
        .collect();
    assert_eq!(amounts, [40_000, 22_000, -10_000]);
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.text.contains("With: Screen") && mail.text.contains("Price: R520"),
        "{}",
        mail.text
    );
    // A later price list changes nothing of it.
    house.run("update extras set cents = 9900").await;
    let stands = put(
        &api,
        &booking,
        json!({"extras": [{"id": "screen", "quantity": 1}, {"id": "flipchart", "quantity": 1}]}),
    )
    .await;
    assert_eq!(
        labels(&stands.json)[1..],
        [
            ("Screen, 2 hours × R60".into(), 12_000),
            ("Flipchart".into(), 9_900)
        ]
    );
    // It is theirs alone.
    for (who, status) in [
        ("sipho", StatusCode::NOT_FOUND),
        ("nomsa", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(
            house.member(who).await.get(&path).await.status,
            status,
            "{who}"
        );
    }
}

fn post_form(page: &Page, path: &str) -> crate::support::Form {
    let at = page.html.find("id=\"becomes\"").unwrap();
    let half = Page {
        status: page.status,
        headers: page.headers.clone(),
        html: page.html[at..].to_owned(),
    };
    half.form(path)
}

#[tokio::test]
async fn they_follow_when_a_booking_moves_grows_or_takes_more_people() {
    let house = open().await;
    let api = house.api("thandeka").await;
    let extras = json!([{"id": "tea", "quantity": 4}, {"id": "screen", "quantity": 1}]);
    let booking = booked(&api, 4, extras).await;
    assert_eq!(booking["total_cents"], 40_000 + 14_000 + 12_000);
    let path = format!(
        "/bookings/{}/change",
        booking["reference"].as_str().unwrap()
    );
    // More people drink more; more hours need the screen longer.
    let change = json!({"people": 6, "total_cents": 40_000 + 21_000 + 12_000});
    let done = api.post(&path, &change).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.json);
    assert_eq!(labels(&done.json)[1].0, "Tea and coffee, 6 people × R35");
    let longer = json!({"from": format!("{DAY}T09:00"), "until": format!("{DAY}T12:00"), "total_cents": 60_000 + 21_000 + 18_000});
    let done = api.post(&path, &longer).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.json);
    assert_eq!(
        labels(&done.json)[2],
        ("Screen, 3 hours × R60".into(), 18_000)
    );
    // What is in use elsewhere then stands against it.
    let sipho = house.api("sipho").await;
    let two = json!([{"id": "screen", "quantity": 2}]);
    assert_eq!(
        book(&sipho, "dune", ("14:00", "15:00"), 1, two)
            .await
            .status,
        StatusCode::CREATED
    );
    let then = json!({"from": format!("{DAY}T13:00"), "until": format!("{DAY}T16:00"), "total_cents": 99_000});
    let gone = api.post(&path, &then).await;
    assert_eq!(gone.problem(), "extra-gone", "{}", gone.json);
    // Nor can it come too soon for what is to be ordered before.
    let tomorrow =
        json!({"from": "2026-11-24T09:00", "until": "2026-11-24T12:00", "total_cents": 99_000});
    assert_eq!(api.post(&path, &tomorrow).await.problem(), "extra-too-late");
    // The front desk moves it with them, and takes that back.
    let nomsa = house.api("nomsa").await;
    let moved = json!({"space": "lighthouse"});
    let done = nomsa.post(&path, &moved).await;
    assert_eq!(
        (done.status, labels(&done.json).len()),
        (StatusCode::OK, 3),
        "{}",
        done.json
    );
    let fewer = json!({"people": 3, "price": "new", "total_cents": 60_000 + 10_500 + 18_000});
    assert_eq!(
        nomsa.post(&path, &json!({"people": 3})).await.problem(),
        "price-to-choose"
    );
    let done = nomsa.post(&path, &fewer).await;
    assert_eq!(done.json["extras"][0]["quantity"], 3, "{}", done.json);
    let back = nomsa
        .post(
            &format!("/bookings/{}/undo", booking["reference"].as_str().unwrap()),
            &json!({}),
        )
        .await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.json);
    assert_eq!(
        (
            back.json["extras"][0]["quantity"].as_i64(),
            back.json["total_cents"].as_i64()
        ),
        (Some(6), Some(99_000))
    );
}

#[tokio::test]
async fn cancelling_gives_them_back_by_the_terms_and_frees_them() {
    let house = open().await;
    let api = house.api("thandeka").await;
    let booking = booked(&api, 4, json!([{"id": "screen", "quantity": 2}])).await;
    let sipho = house.api("sipho").await;
    let one = json!([{"id": "screen", "quantity": 1}]);
    assert_eq!(
        book(&sipho, "dune", ("10:00", "11:00"), 1, one.clone())
            .await
            .problem(),
        "extra-gone"
    );
    // Twelve hours before: half of all of it is kept.
    house.app.clock.shift(TimeDelta::minutes(38 * 60 + 30));
    let path = format!(
        "/bookings/{}/cancellation",
        booking["reference"].as_str().unwrap()
    );
    let done = api.post(&path, &json!({})).await;
    assert_eq!(done.json["kept_cents"], 32_000, "{}", done.json);
    assert_eq!(
        book(&sipho, "dune", ("10:00", "11:00"), 1, one.clone())
            .await
            .status,
        StatusCode::CREATED
    );
    // Staff who take a cancellation back find that one of them is gone.
    let again = book(&api, "lighthouse", ("09:00", "11:00"), 2, one.clone())
        .await
        .json;
    let path = format!("/bookings/{}", again["reference"].as_str().unwrap());
    let nomsa = house.api("nomsa").await;
    let cancelled = nomsa
        .post(&format!("{path}/cancellation"), &json!({"because": "us"}))
        .await;
    assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.json);
    let back = nomsa.post(&format!("{path}/undo"), &json!({})).await;
    assert_eq!(
        (back.status, back.json["extras"][0]["id"].as_str()),
        (StatusCode::OK, Some("screen")),
        "{}",
        back.json
    );
    let cancelled = nomsa
        .post(&format!("{path}/cancellation"), &json!({"because": "us"}))
        .await;
    assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.json);
    assert_eq!(
        book(&sipho, "hall", ("09:00", "12:00"), 1, one)
            .await
            .status,
        StatusCode::CREATED
    );
    let gone = nomsa.post(&format!("{path}/undo"), &json!({})).await;
    assert_eq!(gone.status, StatusCode::CONFLICT, "{}", gone.json);
}

#[tokio::test]
async fn what_is_set_up_before_takes_the_room_before() {
    let house = open().await;
    let api = house.api("thandeka").await;
    let lunch = json!([{"id": "lunch", "quantity": 2}]);
    let booking = booked(&api, 4, lunch.clone()).await;
    assert_eq!(occupied_from(&house, &booking).await, "08:30");
    let sipho = house.api("sipho").await;
    assert_eq!(
        book(&sipho, "pier", ("08:00", "09:00"), 1, json!([]))
            .await
            .problem(),
        "taken"
    );
    assert_eq!(
        book(&sipho, "pier", ("08:00", "08:30"), 1, json!([]))
            .await
            .status,
        StatusCode::CREATED
    );
    let next = book(&sipho, "pier", ("11:00", "12:00"), 2, lunch.clone()).await;
    assert_eq!(next.problem(), "extra-set-up", "{}", next.json);
    // Without it the room is free for others again.
    let off = put(&api, &booking, json!({"extras": []})).await;
    assert_eq!(off.status, StatusCode::OK, "{}", off.json);
    assert_eq!(occupied_from(&house, &booking).await, "09:00");
    assert_eq!(
        book(&sipho, "pier", ("08:30", "09:00"), 1, json!([]))
            .await
            .status,
        StatusCode::CREATED
    );
    let on = put(&api, &booking, json!({"extras": lunch})).await;
    assert_eq!(on.problem(), "extra-set-up", "{}", on.json);
}

#[tokio::test]
async fn each_date_of_a_series_has_them() {
    let house = open().await;
    let api = house.api("thandeka").await;
    let series = json!({
        "space": "pier", "from": "2026-12-01T09:00", "until": "2026-12-01T10:00", "rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3", "people": 2,
        "extras": [{"id": "tea", "quantity": 2}, {"id": "screen", "quantity": 2}],
    });
    let made = api.post("/series", &series).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    for booking in made.json["bookings"].as_array().unwrap() {
        assert_eq!(booking["total_cents"], 20_000 + 7_000 + 12_000, "{booking}");
    }
    // Somebody else finds that none is left on any of them, and leaves them out.
    let page = house.member("sipho").await;
    let page = page.get("/series/new?space=dune&by=time&date=2026-12-01&from=09:00&until=10:00&people=1&repeat=week&tue=1&times=3&x-screen=1").await;
    assert!(
        page.says("Screen: none is left at that time")
            && page.says("None of these dates can be had"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn managers_keep_what_their_location_offers() {
    let house = open().await;
    let ayanda = house.member("ayanda").await;
    let list = ayanda.get("/admin/extras").await;
    assert!(
        list.says("Tea and coffee") && list.says("until 15:00 the working day before"),
        "{}",
        list.text()
    );
    let fields = [
        ("name", "Whiteboard"),
        ("location", "musgrave"),
        ("meeting_room", "yes"),
        ("unit", "booking"),
        ("price", "40"),
        ("stock", "1"),
        ("offered", "yes"),
    ];
    for (field, value, sentence) in [
        ("name", "", "Give it a name"),
        ("price", "much", "Enter an amount"),
        ("stock", "0", "Enter a number from 1"),
        ("meeting_room", "", "Choose what it goes with"),
        ("location", "paris", "Choose a location"),
    ] {
        let sent: Vec<(&str, &str)> = fields
            .iter()
            .map(|one| if one.0 == field { (field, value) } else { *one })
            .collect();
        let page = ayanda.post("/admin/extras", &sent).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.says(sentence), "{field}: {}", page.text());
    }
    let done = ayanda.post("/admin/extras", &fields).await;
    assert!(ayanda.follow(&done).await.says("Whiteboard is there."));
    let page = ayanda.post("/admin/extras", &fields).await;
    assert!(
        page.says("Another extra here has this name"),
        "{}",
        page.text()
    );
    // Dearer from now on, and a stale form is refused.
    let path = "/admin/extras/musgrave/whiteboard";
    let dearer = [fields.as_slice(), &[("version", "1")]].concat();
    let dearer: Vec<(&str, &str)> = dearer
        .into_iter()
        .map(|one| {
            if one.0 == "price" {
                ("price", "60")
            } else {
                one
            }
        })
        .collect();
    assert_eq!(
        ayanda.post(path, &dearer).await.status,
        StatusCode::SEE_OTHER
    );
    let stale = ayanda.post(path, &dearer).await;
    assert!(
        stale.says("Somebody else has changed this extra"),
        "{}",
        stale.text()
    );
    let api = house.api("ayanda").await;
    let offered = api.get("/locations/musgrave/extras").await;
    let whiteboard = offered.json["extras"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .clone();
    assert_eq!(
        (whiteboard["cents"].as_i64(), whiteboard["stock"].as_i64()),
        (Some(6_000), Some(1)),
        "{whiteboard}"
    );
    let quote = api
        .get(&format!("/quote?space=pier&from={DAY}T09:00&until={DAY}T10:00&people=2&extras=tea:2,whiteboard:1"))
        .await;
    assert_eq!(
        quote.json["total_cents"],
        20_000 + 7_000 + 6_000,
        "{}",
        quote.json
    );
    let off = json!({"name": "Whiteboard", "kinds": ["meeting_room"], "cents": 6000, "offered": false, "version": 2});
    let path = "/setup/extras/musgrave/whiteboard";
    let changed = api.send(api.request(Method::PUT, path).json(&off)).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.json);
    assert_eq!(
        booked_with(&api, "whiteboard").await.problem(),
        "no-such-extra"
    );
}

async fn booked_with(api: &Api, id: &str) -> Answer {
    book(
        api,
        "pier",
        ("09:00", "10:00"),
        2,
        json!([{"id": id, "quantity": 1}]),
    )
    .await
}

#[tokio::test]
async fn reception_sees_what_to_prepare_and_by_when() {
    let house = open().await;
    let api = house.api("thandeka").await;
    let today = json!({
        "space": "pier", "from": "2026-11-24T13:00", "until": "2026-11-24T14:00", "people": 2, "notes": "By the window",
        "extras": [{"id": "lunch", "quantity": 2}, {"id": "flipchart", "quantity": 1}],
    });
    assert_eq!(
        api.post("/bookings", &today).await.status,
        StatusCode::CREATED
    );
    let nomsa: Person = house.member("nomsa").await;
    let sheet = nomsa
        .get("/admin/bookings/sheet?location=musgrave&date=2026-11-24")
        .await;
    assert!(
        sheet.says("To prepare") && sheet.says("12:30 Lunch for 2 Pier, 13:00"),
        "{}",
        sheet.text()
    );
    assert!(
        sheet.says("By the window With: Flipchart, Lunch for 2"),
        "{}",
        sheet.text()
    );
    let board = nomsa.get("/admin").await;
    assert!(
        board.says("To prepare Lunch for 2 Pier, for Thandeka Mkhize 12:30"),
        "{}",
        board.text()
    );
}
