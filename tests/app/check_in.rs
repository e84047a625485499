//! Members who come, run late and leave, by button, by the code at the door and through the API; and rooms that nobody
//! comes for.

use chrono::TimeDelta;
use connect_space::worker;
use reqwest::StatusCode;
use serde_json::json;

use crate::ledger::{entries, ledger};
use crate::support::{House, Page, Person};

/// It is 06:30 on this day.
const TODAY: &str = "2026-11-24";

const RELEASE: &str = "update booking_policies set unused = 'release' where name = 'rooms'";

async fn say(person: &Person, reference: &str, noun: &str) -> Page {
    let path = format!("/bookings/{reference}/{noun}");
    let said = person.post::<&str, &str>(&path, &[]).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text());
    person.follow(&said).await
}

async fn status(house: &House, reference: &str) -> String {
    sqlx::query_scalar("select status from bookings where reference = $1")
        .bind(reference)
        .fetch_one(&house.db)
        .await
        .unwrap()
}

async fn tidy(house: &House) {
    worker::tidy_once(&house.app).await.unwrap();
}

fn pass(house: &House, minutes: i64) {
    house.app.clock.shift(TimeDelta::minutes(minutes));
}

#[tokio::test]
async fn check_in_opens_before_the_start_and_is_said_once() {
    // case N1
    let house = House::open().await;
    house
        .run("update booking_policies set check_in_minutes = 5")
        .await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", TODAY, "07:00", "08:00").await;
    pass(&house, 24);
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(page.says("Check-in opens at 06:55."), "{}", page.text());
    assert!(
        page.find_form(&format!("/bookings/{reference}/check-in"))
            .is_none()
    );
    let early = say(&thandeka, &reference, "check-in").await;
    assert!(early.says("Check-in opens at 06:55."), "{}", early.text());
    assert_eq!(status(&house, &reference).await, "confirmed");
    pass(&house, 1);
    for _ in 0..2 {
        let said = say(&thandeka, &reference, "check-in").await;
        assert!(said.says("You are checked in: Pier."), "{}", said.text());
    }
    assert_eq!(status(&house, &reference).await, "checked_in");
    let audit: i64 = house
        .one("select count(*) from audit_events where verb = 'arrive'")
        .await;
    assert_eq!(audit, 1);
    // Staff see it, and it can be taken back.
    let nomsa = house.member("nomsa").await;
    assert!(nomsa.get("/admin").await.says("Here 06:55"));
    let said = say(&thandeka, &reference, "check-in/undo").await;
    assert!(said.says("That is taken back."), "{}", said.text());
    assert_eq!(status(&house, &reference).await, "confirmed");

    let tomorrow = thandeka.book("pier", "2026-11-25", "09:00", "10:00").await;
    let early = say(&thandeka, &tomorrow, "check-in").await;
    assert!(
        early.says("Check-in opens Wed 25 November, 08:55."),
        "{}",
        early.text()
    );
}

#[tokio::test]
async fn others_cannot_come_in_somebodys_place() {
    let house = House::open().await;
    let reference = house
        .member("thandeka")
        .await
        .book("pier", TODAY, "07:00", "08:00")
        .await;
    pass(&house, 40);
    for name in ["priya", "nomsa"] {
        let person = house.member(name).await;
        for noun in ["check-in", "check-in/undo", "lateness", "departure"] {
            let path = format!("/bookings/{reference}/{noun}");
            let said = person.post::<&str, &str>(&path, &[]).await;
            assert_eq!(said.status, StatusCode::NOT_FOUND, "{name} {noun}");
        }
    }
    let api = house.api("priya").await;
    let said = api
        .post(
            &format!("/bookings/{reference}/attendance"),
            &json!({"mark": "arrive"}),
        )
        .await;
    assert_eq!(said.status, StatusCode::NOT_FOUND);
    assert_eq!(status(&house, &reference).await, "confirmed");
}

#[tokio::test]
async fn a_room_that_nobody_comes_for_is_released_and_its_member_told() {
    // cases N2, N3
    let house = House::open().await;
    house.run(RELEASE).await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let missed = thandeka.book("pier", TODAY, "07:00", "09:00").await;
    let used = sipho.book("lighthouse", TODAY, "07:00", "09:00").await;
    house.deliver_mail().await;
    pass(&house, 44);
    let page = thandeka.get("/today").await;
    assert!(
        page.says("Check in by 07:15, or the rest of it goes to others."),
        "{}",
        page.text()
    );
    say(&sipho, &used, "check-in").await;
    tidy(&house).await;
    assert_eq!(status(&house, &missed).await, "confirmed");
    pass(&house, 1);
    tidy(&house).await;
    assert_eq!(status(&house, &missed).await, "no_show");
    assert_eq!(status(&house, &used).await, "checked_in");
    // The rest is free for others at once, what it cost stays.
    sipho.book("pier", TODAY, "07:15", "08:00").await;
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 40_000), ("charge", 40_000), ("charge", 15_000)])
    );
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Not used: Pier, Musgrave"),
        "{}",
        mail.subject
    );
    assert!(
        mail.text.contains("Its price of R400 stays."),
        "{}",
        mail.text
    );
    let by: i64 = house
        .one("select count(*) from audit_events where verb = 'release' and actor_id is null")
        .await;
    assert_eq!(by, 1);

    // Whoever comes after all does not get what somebody else has.
    let said = say(&thandeka, &missed, "check-in").await;
    assert!(
        said.says("somebody else has Pier by now"),
        "{}",
        said.text()
    );
    let nomsa = house.member("nomsa").await;
    let undone = nomsa
        .post(
            &format!("/admin/bookings/{missed}/attendance"),
            &[("mark", "undo")],
        )
        .await;
    assert!(
        nomsa
            .follow(&undone)
            .await
            .says("Pier has been given to somebody else since")
    );
    assert_eq!(status(&house, &missed).await, "no_show");
    // The fee is waived in one step.
    let waived = nomsa
        .post(
            &format!("/admin/bookings/{missed}/waiver"),
            &[("reason", "The gate was shut"), ("tell", "yes")],
        )
        .await;
    assert_eq!(waived.status, StatusCode::SEE_OTHER, "{}", waived.text());
    assert_eq!(
        house
            .one::<i64>("select sum(cents)::bigint from ledger_entries")
            .await,
        55_000
    );
}

#[tokio::test]
async fn whoever_comes_after_all_has_it_again_where_it_is_free() {
    let house = House::open().await;
    house.run(RELEASE).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", TODAY, "07:00", "09:00").await;
    pass(&house, 46);
    tidy(&house).await;
    let said = say(&thandeka, &reference, "check-in").await;
    assert!(said.says("You are checked in"), "{}", said.text());
    let taken = house
        .member("sipho")
        .await
        .hold("pier", TODAY, "08:00", "09:00")
        .await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);

    // What the front desk gave back is not released once more.
    let other = house
        .member("sipho")
        .await
        .book("lighthouse", TODAY, "08:00", "09:00")
        .await;
    pass(&house, 60);
    tidy(&house).await;
    assert_eq!(status(&house, &other).await, "no_show");
    let nomsa = house.member("nomsa").await;
    nomsa
        .post(
            &format!("/admin/bookings/{other}/attendance"),
            &[("mark", "undo")],
        )
        .await;
    tidy(&house).await;
    assert_eq!(status(&house, &other).await, "confirmed");
}

#[tokio::test]
async fn running_late_gives_the_time_of_grace_once_more() {
    let house = House::open().await;
    house.run(RELEASE).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", TODAY, "07:00", "09:00").await;
    pass(&house, 40);
    let said = say(&thandeka, &reference, "lateness").await;
    assert!(
        said.says("You run late: it is kept until 07:30."),
        "{}",
        said.text()
    );
    // Once.
    say(&thandeka, &reference, "lateness").await;
    pass(&house, 19);
    tidy(&house).await;
    assert_eq!(status(&house, &reference).await, "confirmed");
    pass(&house, 1);
    tidy(&house).await;
    assert_eq!(status(&house, &reference).await, "no_show");
}

#[tokio::test]
async fn nothing_is_released_where_the_policy_says_so_or_it_is_taken_by_the_day() {
    let house = House::open().await;
    house
        .run("update booking_policies set unused = 'release' where name = 'desks'")
        .await;
    house
        .run("update booking_policies set unused = 'ask' where name = 'rooms'")
        .await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka.hold_days("desk-1", TODAY, TODAY).await;
    let desk = thandeka.confirm(&held).await;
    let room = thandeka.book("pier", TODAY, "07:00", "09:00").await;
    pass(&house, 44);
    let nomsa = house.member("nomsa").await;
    assert!(!nomsa.get("/admin").await.says("release?"));
    pass(&house, 6);
    tidy(&house).await;
    assert_eq!(status(&house, &desk).await, "confirmed");
    assert_eq!(status(&house, &room).await, "confirmed");
    let board = nomsa.get("/admin").await;
    assert!(
        board.says("Nobody came: release?") && board.says("Release it"),
        "{}",
        board.text()
    );
    let said = say(&thandeka, &desk, "lateness").await;
    assert!(said.says("it stays yours all its time"), "{}", said.text());
}

#[tokio::test]
async fn leaving_early_frees_the_rest() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", TODAY, "07:00", "09:00").await;
    pass(&house, 60);
    let said = say(&thandeka, &reference, "departure").await;
    assert!(said.says("Check in first."), "{}", said.text());
    say(&thandeka, &reference, "check-in").await;
    let said = say(&thandeka, &reference, "departure").await;
    assert!(said.says("Pier is free for others."), "{}", said.text());
    let sipho = house.member("sipho").await;
    sipho.book("pier", TODAY, "08:00", "09:00").await;
    let said = say(&thandeka, &reference, "check-in/undo").await;
    assert!(
        said.says("somebody else has Pier by now"),
        "{}",
        said.text()
    );
}

#[tokio::test]
async fn the_code_at_the_door_checks_in_or_says_what_the_room_is_doing() {
    let house = House::open().await;
    let code: String = house
        .one("select door_code from spaces where slug = 'pier'")
        .await;
    assert_eq!(code.len(), 12);
    let door = format!("/c/{code}");
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", TODAY, "07:00", "08:00").await;
    pass(&house, 20);
    let page = thandeka.get(&door.to_lowercase()).await;
    assert!(
        page.says("Pier") && page.says("Yours: Tue 24 November, 07:00–08:00"),
        "{}",
        page.text()
    );
    // Looking changes nothing.
    assert_eq!(status(&house, &reference).await, "confirmed");
    let said = thandeka.submit(&page.form(&door)).await;
    let page = thandeka.follow(&said).await;
    assert!(
        page.says("You are checked in: Pier.") && page.says("You are here until 08:00."),
        "{}",
        page.text()
    );
    pass(&house, 15);

    let sipho = house.member("sipho").await;
    let page = sipho.get(&door).await;
    assert!(
        page.says("Taken until 08:00")
            && page.says("There is nothing of yours to check in to here today."),
        "{}",
        page.text()
    );
    assert!(!page.says("Thandeka"), "{}", page.text());
    let said = sipho.post::<&str, &str>(&door, &[]).await;
    assert!(sipho.follow(&said).await.says("There is nothing of yours"));
    let visitor = house.visitor().get(&door).await;
    assert!(
        visitor.says("Sign in to check in")
            && visitor
                .links()
                .iter()
                .any(|link| link == &format!("/sign-in?next={door}")),
        "{}",
        visitor.text()
    );

    let free: String = house
        .one("select door_code from spaces where slug = 'lighthouse'")
        .await;
    let page = sipho.get(&format!("/c/{free}")).await;
    assert!(
        page.says("Free until 19:00") && page.says("Book it now"),
        "{}",
        page.text()
    );
    let book = page
        .links()
        .into_iter()
        .find(|link| link.starts_with("/spaces/lighthouse?"))
        .unwrap();
    assert!(book.contains("from=07%3A15"), "{book}");
    assert_eq!(sipho.get("/c/NOTHING").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn staff_print_the_code_and_managers_give_another() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let path = "/admin/spaces/pier/door";
    let code: String = house
        .one("select door_code from spaces where slug = 'pier'")
        .await;
    let page = nomsa.get(path).await;
    assert!(
        page.html.contains("viewBox=\"0 0 ") && page.says(&format!("/c/{code}")),
        "{}",
        page.html
    );
    let refused = nomsa.post::<&str, &str>(path, &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    house.run("update staff set role = 'owner'").await;
    let done = nomsa.post::<&str, &str>(path, &[]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(
        nomsa.get(&format!("/c/{code}")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn programs_say_the_same() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let booked = api
        .book("pier", "2026-11-24T07:00", "2026-11-24T08:00")
        .await;
    let path = format!(
        "/bookings/{}/attendance",
        booked.json["reference"].as_str().unwrap()
    );
    let early = api.post(&path, &json!({"mark": "arrive"})).await;
    assert_eq!(
        (early.status, early.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "too-early")
    );
    pass(&house, 20);
    let here = api.post(&path, &json!({"mark": "arrive"})).await;
    assert_eq!(here.json["status"], "checked_in", "{here:?}");
    assert_eq!(
        api.post(&path, &json!({"mark": "miss"})).await.problem(),
        "bad-mark"
    );
    pass(&house, 20);
    let gone = api.post(&path, &json!({"mark": "leave"})).await;
    assert_eq!(gone.json["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_as_the_room_is_released_has_it_or_whoever_takes_it_never_both() {
    let house = House::open().await;
    house.run(RELEASE).await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    for hour in 7..13 {
        let at = |hour: i64, minute| format!("{hour:02}:{minute}");
        let (begins, ends) = (at(hour, "00"), at(hour + 1, "00"));
        let reference = thandeka.book("pier", TODAY, &begins, &ends).await;
        let now: chrono::DateTime<chrono::Utc> = house.app.clock.now();
        let due = format!("{TODAY}T{:02}:15:00Z", hour - 2);
        let due: chrono::DateTime<chrono::Utc> = due.parse().unwrap();
        house.app.clock.shift(due - now);
        let path = format!("/bookings/{reference}/check-in");
        let (from, until) = (at(hour, "30"), at(hour + 1, "00"));
        let (said, (), other) = tokio::join!(
            thandeka.post::<&str, &str>(&path, &[]),
            tidy(&house),
            sipho.hold("pier", TODAY, &from, &until),
        );
        assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.text());
        let is_in = status(&house, &reference).await == "checked_in";
        let has_it = other.status == StatusCode::SEE_OTHER;
        assert!(is_in != has_it, "at {hour} in: {is_in}, taken: {has_it}");
        if has_it {
            let hold = other
                .location()
                .trim_end_matches("/confirmation")
                .to_owned();
            let path = format!("{hold}/cancellation");
            let gone = sipho.post::<&str, &str>(&path, &[]).await;
            assert_eq!(gone.status, StatusCode::SEE_OTHER);
        }
    }
    let overlaps: i64 = house
        .one(
            "select count(*) from occupancies a join occupancies b
             on a.space_id = b.space_id and a.id < b.id and a.active and b.active and a.occupies && b.occupies",
        )
        .await;
    assert_eq!(overlaps, 0);
}
