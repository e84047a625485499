//! Who stays past the end: seen at a price first, charged by the terms it was booked under, put right, taken back, waived.

use chrono::TimeDelta;
use connect_space::worker;
use reqwest::StatusCode;
use serde_json::json;

use crate::ledger::{entries, ledger};
use crate::support::{House, Page, Person};

/// It is 06:30 on this day.
const TODAY: &str = "2026-11-24";

const TERMS: &str = "update booking_policies set overrun_minutes = 10 where name = 'rooms'";

/// The Pier from 08:00 to 10:00, at R400, under the terms; so many minutes after its end.
async fn stayed(house: &House, minutes: i64) -> String {
    house.run(TERMS).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", TODAY, "08:00", "10:00").await;
    house.deliver_mail().await;
    let nomsa = house.member("nomsa").await;
    pass(house, 90);
    let path = format!("/admin/bookings/{reference}/attendance");
    nomsa.post(&path, &[("mark", "arrive")]).await;
    pass(house, 120 + minutes);
    worker::tidy_once(&house.app).await.unwrap();
    reference
}

fn pass(house: &House, minutes: i64) {
    house.app.clock.shift(TimeDelta::minutes(minutes));
}

fn path(reference: &str) -> String {
    format!("/admin/bookings/{reference}/overrun")
}

async fn asked(person: &Person, reference: &str, left: &str) -> Page {
    person
        .get(&format!("{}?left={left}", path(reference)))
        .await
}

/// As its form stands.
async fn charged(person: &Person, reference: &str, left: &str) -> Page {
    let form = asked(person, reference, left).await.form(&path(reference));
    let answer = person.submit(&form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    person.follow(&answer).await
}

async fn owed(house: &House) -> i64 {
    house
        .one("select sum(cents)::bigint from ledger_entries")
        .await
}

#[tokio::test]
async fn staying_longer_is_seen_at_its_price_and_charged_by_each_step_begun() {
    let house = House::open().await;
    let reference = stayed(&house, 100).await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa.get(&format!("/admin/bookings/{reference}")).await;
    assert!(page.says("Stayed longer"), "{}", page.text());
    // Ten minutes are nobody's matter, a second more is; each quarter of an hour costs R50.
    for (left, says) in [
        ("10:10", "Nothing is charged"),
        ("10:11", "R50 for staying"),
        ("10:15", "R50 for staying"),
        ("10:16", "R100 for staying"),
        ("11:40", "R350 for staying"),
    ] {
        let page = asked(&nomsa, &reference, left).await;
        assert!(page.says(says), "{left}: {}", page.text());
    }
    assert_eq!(owed(&house).await, 40_000, "nothing is charged by looking");
    let done = charged(&nomsa, &reference, "10:20").await;
    assert!(
        done.says("R100.00 is charged to") && done.says("Stayed past the end"),
        "{}",
        done.text()
    );
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 40_000), ("charge", 10_000)])
    );
    // Its member reads why, and hears of it once it can no longer be taken back.
    let thandeka = house.member("thandeka").await;
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(
        page.says("Stayed until 10:20") && page.says("R500"),
        "{}",
        page.text()
    );
    assert_eq!(house.deliver_mail().await, 0);
    house.run("update jobs set run_at = now()").await;
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(mail.subject.starts_with("Stayed longer: Pier"));
    for text in [
        "you stayed until 10:20",
        "For staying: R100",
        "Price: R500",
        "Staying more than 10 minutes past the end is charged, in steps of 15 minutes.",
    ] {
        assert!(mail.text.contains(text), "{text}: {}", mail.text);
    }
    let vat: i64 = house.one("select vat_cents from bookings").await;
    assert_eq!(vat, 6_522, "15 of 115 parts of R500");
}

#[tokio::test]
async fn the_terms_are_those_it_was_booked_under_and_are_said_before() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let free = thandeka.book("pier", TODAY, "07:00", "08:00").await;
    house.run(TERMS).await;
    let terms = "Staying more than 10 minutes past the end is charged, in steps of 15 minutes.";
    assert!(thandeka.get("/spaces/pier").await.says(terms));
    let held = thandeka.hold("pier", TODAY, "08:00", "09:00").await;
    assert!(
        thandeka.follow(&held).await.says(terms),
        "before it is confirmed"
    );
    let bound = thandeka.confirm(&held).await;
    house
        .run("update booking_policies set overrun_minutes = 240 where name = 'rooms'")
        .await;
    pass(&house, 5 * 60);
    let page = asked(&nomsa, &free, "10:00").await;
    assert!(
        page.says("staying past the end costs nothing") && page.says("Nothing is charged"),
        "{}",
        page.text()
    );
    let page = asked(&nomsa, &bound, "10:00").await;
    assert!(page.says("R200 for staying"), "{}", page.text());
}

#[tokio::test]
async fn it_is_put_right_taken_back_and_waived_each_once() {
    let house = House::open().await;
    let reference = stayed(&house, 100).await;
    let nomsa = house.member("nomsa").await;
    charged(&nomsa, &reference, "11:00").await;
    assert_eq!(owed(&house).await, 60_000);
    charged(&nomsa, &reference, "10:30").await;
    assert_eq!(owed(&house).await, 50_000, "the other is given back");
    let page = nomsa.get(&format!("/bookings/{reference}")).await;
    assert!(page.says("Stayed until 10:30") && !page.says("Stayed until 11:00"));
    // Within two minutes it is taken back, and nobody is told.
    let form = nomsa
        .get(&format!("/admin/bookings/{reference}"))
        .await
        .form(&format!("/admin/bookings/{reference}/undo"));
    nomsa.submit(&form).await;
    assert_eq!(owed(&house).await, 60_000, "as it was before the last");
    let again = charged(&nomsa, &reference, "10:30").await;
    assert!(
        again.says("Why its fee of R100.00 is waived"),
        "{}",
        again.text()
    );
    let waiver = format!("/admin/bookings/{reference}/waiver");
    let reason = [("reason", "The door was locked")];
    tokio::join!(nomsa.post(&waiver, &reason), nomsa.post(&waiver, &reason));
    assert_eq!(
        owed(&house).await,
        40_000,
        "waived once, and nothing more than it"
    );
    let late = asked(&nomsa, &reference, "11:00").await;
    assert!(late.says("What it cost was waived."), "{}", late.text());
    // What is waived is not given back once more by taking the charge back.
    let undo = format!("/admin/bookings/{reference}/undo");
    nomsa.post::<&str, &str>(&undo, &[]).await;
    assert_eq!(owed(&house).await, 40_000);
}

#[tokio::test]
async fn two_who_say_it_at_once_charge_it_once() {
    let house = House::open().await;
    let reference = stayed(&house, 100).await;
    let (nomsa, elsewhere) = (house.member("nomsa").await, house.member("nomsa").await);
    let form = asked(&nomsa, &reference, "11:00")
        .await
        .form(&path(&reference));
    let other = form.clone().with("left", "11:30").with("shown", "30000");
    let (one, two) = tokio::join!(nomsa.submit(&form), nomsa.submit(&form));
    assert_eq!(
        (one.status, two.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    assert_eq!(owed(&house).await, 60_000, "sent twice it is charged once");
    let stale = elsewhere.submit(&other).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.says("Somebody changed this booking"),
        "{}",
        stale.text()
    );
    assert_eq!(owed(&house).await, 60_000);
}

#[tokio::test]
async fn what_cannot_be_is_refused_beside_its_field() {
    let house = House::open().await;
    house.run(TERMS).await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let coming = thandeka.book("pier", TODAY, "08:00", "10:00").await;
    let cancelled = thandeka.book("lighthouse", TODAY, "08:00", "10:00").await;
    let page = asked(&nomsa, &coming, "10:30").await;
    assert!(page.says("This booking ends at 10:00."), "{}", page.text());
    thandeka
        .post::<&str, &str>(&format!("/bookings/{cancelled}/cancellation"), &[])
        .await;
    pass(&house, 5 * 60);
    for (reference, left, says) in [
        (&coming, "12:00", "That is yet to come."),
        (&coming, "x", "Enter a time, such as 11:40."),
        (
            &cancelled,
            "10:30",
            "This booking is cancelled: nobody stayed past its end.",
        ),
    ] {
        let page = asked(&nomsa, reference, left).await;
        assert!(page.says(says), "{left}: {}", page.text());
        let sent = [("left", left), ("shown", "0")];
        let answer = nomsa.post(&path(reference), &sent).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says(says), "{left}: {}", answer.text());
    }
    // The price is another by now than what was seen.
    let sent = [("left", "11:00"), ("shown", "100")];
    let other = nomsa.post(&path(&coming), &sent).await;
    assert!(other.says("It comes to R200 now"), "{}", other.text());
    pass(&house, 32 * 24 * 60);
    let late = asked(&nomsa, &coming, "10:30").await;
    assert!(
        late.says("It ended more than a month ago"),
        "{}",
        late.text()
    );
    // Nobody else says so, or sees that there is anything to say.
    assert_eq!(
        thandeka.get(&path(&coming)).await.status,
        StatusCode::NOT_FOUND
    );
    let alone: i64 = house
        .one("select count(*) from audit_events where verb = 'overrun'")
        .await;
    assert_eq!(alone, 0);
}

#[tokio::test]
async fn programs_of_the_front_desk_ask_and_charge() {
    let house = House::open().await;
    let reference = stayed(&house, 100).await;
    let api = house.api("nomsa").await;
    let route = format!("/bookings/{reference}/overrun");
    let seen = api
        .get(&format!("{route}?left=2026-11-24T10:20:00%2B02:00"))
        .await;
    assert_eq!(
        seen.json,
        json!({"charged_until": "2026-11-24T10:30:00+02:00", "cents": 10_000, "total_cents": 50_000})
    );
    let body = json!({"left": "2026-11-24T10:20:00+02:00", "shown_cents": 5_000});
    let other = api.post(&route, &body).await;
    assert_eq!(other.problem(), "price-changed", "{:?}", other.json);
    let body = json!({"left": "2026-11-24T10:20:00+02:00", "shown_cents": 10_000});
    let done = api.post(&route, &body).await;
    assert_eq!(done.json["status"], "completed", "{:?}", done.json);
    assert_eq!(owed(&house).await, 50_000);
    let bad = api.post(&route, &json!({"left": "10:20"})).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let theirs = house.api("thandeka").await;
    assert_eq!(
        theirs.post(&route, &body).await.status,
        StatusCode::NOT_FOUND
    );
}
