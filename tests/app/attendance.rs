//! Who has come, who has left and who did not come, as the front desk ticks it.

use chrono::TimeDelta;
use reqwest::StatusCode;

use crate::support::{House, Page, Person, key};

const DAY: &str = "2026-11-24";

async fn tick(person: &Person, reference: &str, mark: &str, version: Option<i32>) -> Page {
    let version = version
        .map(|version| version.to_string())
        .unwrap_or_default();
    let mut fields = vec![("mark", mark), ("back", "/admin/arrivals")];
    if !version.is_empty() {
        fields.push(("version", &version));
    }
    let path = format!("/admin/bookings/{reference}/attendance");
    let answer = person.post(&path, &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    person.follow(&answer).await
}

async fn status(house: &House, reference: &str) -> String {
    sqlx::query_scalar("select status from bookings where reference = $1")
        .bind(reference)
        .fetch_one(&house.db)
        .await
        .unwrap()
}

async fn version(house: &House, reference: &str) -> i32 {
    sqlx::query_scalar("select version from bookings where reference = $1")
        .bind(reference)
        .fetch_one(&house.db)
        .await
        .unwrap()
}

fn later(house: &House, minutes: i64) {
    house.app.clock.shift(TimeDelta::minutes(minutes));
}

#[tokio::test]
async fn who_has_an_office_since_last_week_stands_on_the_first_page_of_today() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let fields = [
        ("space", "office-1"),
        ("by", "week"),
        ("date", "2026-11-25"),
        ("count", "1"),
        ("people", "2"),
        ("key", &key()),
    ];
    let held = thandeka.post("/bookings", &fields).await;
    let reference = thandeka.confirm(&held).await;
    house.app.clock.shift(TimeDelta::days(3));
    let nomsa = house.member("nomsa").await;
    for path in ["/admin", "/admin/arrivals"] {
        let page = nomsa.get(path).await;
        let there = page.says("Thandeka Mkhize") && page.html.contains(&reference);
        assert!(there, "{path}: {}", page.text());
    }
}

#[tokio::test]
async fn three_letters_find_somebody_and_a_tick_lets_them_in() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house
        .member("priya")
        .await
        .book("lighthouse", DAY, "09:00", "10:00")
        .await;
    later(&house, 140);
    let nomsa = house.member("nomsa").await;
    let found = nomsa.get("/admin/arrivals?q=mkh").await;
    assert!(
        found.says("Thandeka Mkhize") && found.says("Umoya Designs"),
        "{}",
        found.text()
    );
    assert!(
        !found.says("Priya") && found.says("1 of 2 matches"),
        "{}",
        found.text()
    );
    let by_phone = nomsa.get("/admin/arrivals?q=000+0001").await;
    assert!(by_phone.says("Thandeka"), "{}", by_phone.text());
    let elsewhere = nomsa.get("/admin/arrivals?location=paris&q=mkh").await;
    assert!(
        elsewhere.says("Nobody who comes today matches"),
        "{}",
        elsewhere.text()
    );

    let done = tick(
        &nomsa,
        &reference,
        "arrive",
        Some(version(&house, &reference).await),
    )
    .await;
    assert!(
        done.says("Thandeka Mkhize is here: Pier.") && done.says("Undo"),
        "{}",
        done.text()
    );
    assert!(done.says("Here 08:50"), "{}", done.text());
    assert_eq!(status(&house, &reference).await, "checked_in");
    // Twice is once.
    let lines = "select count(*) from audit_events where verb = 'arrive'";
    tick(&nomsa, &reference, "arrive", None).await;
    assert_eq!(house.one::<i64>(lines).await, 1);
    let who: String = house
        .one("select m.name from bookings b join members m on m.id = b.arrived_by")
        .await;
    assert_eq!(who, "Nomsa Khumalo");

    let undone = tick(&nomsa, &reference, "undo", None).await;
    assert!(undone.says("taken back"), "{}", undone.text());
    assert_eq!(status(&house, &reference).await, "confirmed");
}

#[tokio::test]
async fn leaving_early_frees_the_rest_at_once() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    // Dune is cleared for a quarter of an hour after each booking.
    let reference = thandeka.book("dune", DAY, "08:00", "12:00").await;
    let nomsa = house.member("nomsa").await;
    later(&house, 100);
    tick(&nomsa, &reference, "arrive", None).await;
    later(&house, 50);
    let left = tick(&nomsa, &reference, "leave", None).await;
    assert!(
        left.says("has left. Dune is free again."),
        "{}",
        left.text()
    );
    assert_eq!(status(&house, &reference).await, "completed");
    let taken: String = house
        .one("select occupies::text from occupancies where active")
        .await;
    // Until 09:00, and the quarter after.
    assert!(
        taken.contains("06:00:00") && taken.contains("07:15:00"),
        "{taken}"
    );
    let priya = house.member("priya").await;
    let too_soon = priya.hold("dune", DAY, "09:00", "10:00").await;
    assert_eq!(too_soon.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = priya.book("dune", DAY, "09:15", "10:15").await;

    // Somebody has the time, so it cannot be taken back; once they have gone it can.
    let refused = tick(&nomsa, &reference, "undo", None).await;
    assert!(
        refused.says("Dune has been given to somebody else since"),
        "{}",
        refused.text()
    );
    assert_eq!(status(&house, &reference).await, "completed");
    tick(&nomsa, &other, "arrive", None).await;
    later(&house, 16);
    tick(&nomsa, &other, "leave", None).await;
    let refused = tick(&nomsa, &reference, "undo", None).await;
    assert!(refused.says("given to somebody else"), "{}", refused.text());
    house.run("update bookings set status = 'cancelled', cancelled_at = now(), cancellation_reason = 'us', left_at = null
               where member_id = (select id from members where email = 'priya@example.com')").await;
    tick(&nomsa, &reference, "undo", None).await;
    assert_eq!(status(&house, &reference).await, "checked_in");
    let taken: String = house
        .one("select occupies::text from occupancies where active")
        .await;
    assert!(taken.contains("10:15:00"), "{taken}");
}

#[tokio::test]
async fn whoever_did_not_come_may_come_after_all() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "11:00").await;
    let nomsa = house.member("nomsa").await;
    let early = tick(&nomsa, &reference, "miss", None).await;
    assert!(early.says("has not begun"), "{}", early.text());
    later(&house, 165);
    let board = nomsa.get("/admin").await;
    assert!(
        board.says("Late") && board.says("Did not come"),
        "{}",
        board.text()
    );
    tick(&nomsa, &reference, "miss", None).await;
    assert_eq!(status(&house, &reference).await, "no_show");
    let sipho = house.member("sipho").await;
    let other = sipho.book("pier", DAY, "10:00", "11:00").await;
    let refused = tick(&nomsa, &reference, "arrive", None).await;
    assert!(refused.says("given to somebody else"), "{}", refused.text());
    sipho
        .post(&format!("/bookings/{other}/cancellation"), &[("note", "")])
        .await;
    tick(&nomsa, &reference, "arrive", None).await;
    assert_eq!(status(&house, &reference).await, "checked_in");
    let whole: bool = house
        .one("select o.during = b.during from occupancies o join bookings b on b.id = o.booking_id where o.active")
        .await;
    assert!(whole);
}

#[tokio::test]
async fn nobody_leaves_before_it_begins_or_arrives_once_it_is_over() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    tick(&nomsa, &reference, "arrive", None).await;
    let early = tick(&nomsa, &reference, "leave", None).await;
    assert!(early.says("has not begun"), "{}", early.text());
    assert_eq!(status(&house, &reference).await, "checked_in");
    tick(&nomsa, &reference, "undo", None).await;
    later(&house, 215);
    let late = tick(&nomsa, &reference, "arrive", None).await;
    assert!(late.says("is over"), "{}", late.text());
    assert_eq!(status(&house, &reference).await, "confirmed");
}

#[tokio::test]
async fn what_changed_meanwhile_is_not_ticked_unseen() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "11:00").await;
    let seen = version(&house, &reference).await;
    let nomsa = house.member("nomsa").await;
    later(&house, 155);
    house.run("update bookings set version = version + 1").await;
    let refused = tick(&nomsa, &reference, "arrive", Some(seen)).await;
    assert!(
        refused.says("Somebody changed this booking a moment ago"),
        "{}",
        refused.text()
    );
    assert_eq!(status(&house, &reference).await, "confirmed");
    let tomorrow = thandeka.book("pier", "2026-11-25", "09:00", "11:00").await;
    let refused = tick(&nomsa, &tomorrow, "arrive", None).await;
    assert!(refused.says("on its own days only"), "{}", refused.text());
    let held = thandeka.hold("lighthouse", DAY, "10:00", "11:00").await;
    let held = held.location().split('/').nth(2).unwrap().to_owned();
    let refused = tick(&nomsa, &held, "arrive", None).await;
    assert!(refused.says("not confirmed"), "{}", refused.text());
}

#[tokio::test]
async fn a_time_that_ends_completes_by_itself() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    later(&house, 155);
    tick(&nomsa, &reference, "arrive", None).await;
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(status(&house, &reference).await, "checked_in");
    later(&house, 60);
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(status(&house, &reference).await, "completed");
    let refused = tick(&nomsa, &reference, "undo", None).await;
    assert!(refused.says("nothing to take back"), "{}", refused.text());
}

#[tokio::test]
async fn two_ticks_at_once_are_one() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    later(&house, 155);
    let (one, other) = (house.member("nomsa").await, house.member("nomsa").await);
    tokio::join!(
        tick(
            &one,
            &reference,
            "arrive",
            Some(version(&house, &reference).await)
        ),
        tick(
            &other,
            &reference,
            "arrive",
            Some(version(&house, &reference).await)
        )
    );
    assert_eq!(status(&house, &reference).await, "checked_in");
    let lines = "select count(*) from audit_events where verb = 'arrive'";
    assert_eq!(house.one::<i64>(lines).await, 1);
}

#[tokio::test]
async fn the_board_shows_what_needs_a_hand() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    house
        .run(
            "insert into closures (id, location_id, space_id, during, reason, wording)
             select gen_random_uuid(), location_id, id, tstzrange('2026-11-24 06:00Z', null), 'A pipe has burst.', 'Closed for repairs.'
             from spaces where slug = 'lighthouse'",
        )
        .await;
    let nomsa = house.member("nomsa").await;
    let board = nomsa.get("/admin").await;
    assert!(
        board.says("A pipe has burst.") && board.says("1 hit by a closure"),
        "{}",
        board.text()
    );
    assert!(
        !nomsa
            .get("/admin?location=paris")
            .await
            .says("A pipe has burst.")
    );
    // What the counter sees holds no money.
    assert!(
        !board.html.contains("R200") && !nomsa.get("/admin/arrivals").await.html.contains("R200")
    );
}
