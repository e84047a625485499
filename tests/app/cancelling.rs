//! Cancelling, what it keeps, and what it gives back.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;

use crate::ledger::{entries, ledger};
use crate::support::{House, Person};

/// Cancels by the page, as it is shown.
async fn cancel(person: &Person, reference: &str, note: &str) -> String {
    let path = format!("/bookings/{reference}/cancellation");
    let page = person.get(&path).await;
    let done = person.submit(&page.form(&path).with("note", note)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    person.follow(&done).await.text()
}

#[tokio::test]
async fn cancelling_is_free_until_a_day_before() {
    // case M1: the booking is on Thursday at 09:00
    for (hours_before, words, kept) in [
        (25, "It costs you nothing.", 0),
        (24, "It costs you nothing.", 0),
        (23, "R100 is kept.", 10_000),
        (1, "All of it is kept: R200.", 20_000),
    ] {
        let house = House::open().await;
        let thandeka = house.member("thandeka").await;
        let reference = thandeka
            .book("lighthouse", "2026-11-26", "09:00", "10:00")
            .await;
        // It is Tuesday, 06:30.
        house
            .app
            .clock
            .shift(TimeDelta::minutes(50 * 60 + 30 - hours_before * 60));
        let page = thandeka
            .get(&format!("/bookings/{reference}/cancellation"))
            .await;
        assert!(
            page.says(words),
            "{hours_before} hours before: {}",
            page.text()
        );
        cancel(&thandeka, &reference, "").await;
        let credit = kept - 20_000;
        let expected = [("charge", 20_000), ("credit", credit)];
        assert_eq!(
            ledger(&house).await,
            entries(if credit == 0 {
                &expected[..1]
            } else {
                &expected
            }),
            "{hours_before}"
        );
        assert_eq!(
            house.one::<i64>("select kept_cents from bookings").await,
            kept
        );
        let api = house
            .api("thandeka")
            .await
            .get(&format!("/bookings/{reference}"))
            .await;
        assert_eq!(
            (&api.json["status"], &api.json["kept_cents"]),
            (&json!("cancelled"), &json!(kept))
        );
    }
}

#[tokio::test]
async fn a_worse_consequence_than_was_shown_is_asked_again() {
    // case M1
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let path = format!("/bookings/{reference}/cancellation");
    let form = thandeka.get(&path).await.form(&path);
    house.app.clock.shift(TimeDelta::hours(28));
    let asked = thandeka.submit(&form).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        asked.says("Cancelling now keeps R100. Look it over and cancel again to accept it."),
        "{}",
        asked.text()
    );
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "confirmed"
    );
    assert_eq!(
        thandeka.submit(&asked.form(&path)).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn what_has_begun_is_not_cancelled() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    house.app.clock.shift(TimeDelta::minutes(150));
    let refused = thandeka
        .post(
            &format!("/bookings/{reference}/cancellation"),
            &[("note", "")],
        )
        .await;
    assert!(
        thandeka
            .follow(&refused)
            .await
            .says("This booking has begun or ended, so it cannot be cancelled here.")
    );
    let refused = house
        .api("thandeka")
        .await
        .post(&format!("/bookings/{reference}/cancellation"), &json!({}))
        .await;
    assert_eq!(
        (refused.status, refused.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "begun")
    );
}

#[tokio::test]
async fn who_cancelled_when_and_why_is_kept() {
    // case M4
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let told = cancel(&thandeka, &reference, "The client is ill").await;
    assert!(
        told.contains(&format!("{reference} is cancelled. It costs you nothing.")),
        "{told}"
    );
    let kept = "select m.email || ', ' || (cancelled_at > now() - interval '1 minute') || ', ' || cancellation_reason || ', ' || cancellation_note
                from bookings b join members m on m.id = b.cancelled_by";
    assert_eq!(
        house.one::<String>(kept).await,
        "thandeka@example.com, true, member, The client is ill"
    );
    let audit: Vec<(String, String, String)> = sqlx::query_as(
        "select verb, m.email, coalesce(detail ->> 'note', '') from audit_events e join members m on m.id = e.actor_id
         where subject = 'bookings' order by e.id",
    )
    .fetch_all(&house.db)
    .await
    .unwrap();
    let line = |verb: &str, note: &str| {
        (
            verb.to_owned(),
            "thandeka@example.com".to_owned(),
            note.to_owned(),
        )
    };
    assert_eq!(
        audit,
        [
            line("hold", ""),
            line("confirm", ""),
            line("cancel", "The client is ill")
        ]
    );
}

#[tokio::test]
async fn cancelling_gives_everything_back() {
    // case M5
    let house = House::open().await;
    house
        .run("update booking_policies set max_at_once = 1 where name = 'desks'")
        .await;
    let (thandeka, api) = (house.member("thandeka").await, house.api("thandeka").await);
    let counters = async || {
        let listed = api.get("/availability?location=musgrave&kind=hot_desk&from=2026-11-26T09:00&until=2026-11-26T10:00").await;
        let free = listed.json["spaces"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|space| space["free"] == true)
            .count();
        let desks = house
            .visitor()
            .get("/locations/musgrave/any-desk?by=time&date=2026-11-26")
            .await
            .text();
        let balance: i64 = house
            .one("select coalesce(sum(cents), 0)::bigint from ledger_entries")
            .await;
        (free, desks.matches("% free").count(), desks, balance)
    };
    let before = counters().await;
    assert_eq!(before.0, 2);
    let reference = thandeka
        .book("desk-1", "2026-11-26", "09:00", "10:00")
        .await;
    let booked = counters().await;
    assert_eq!(
        booked.0, 0,
        "one is taken, and it is the one that a member may have at once"
    );
    assert_ne!((booked.1, booked.3), (before.1, before.3));
    cancel(&thandeka, &reference, "").await;
    assert_eq!(counters().await, before);
    thandeka
        .book("desk-2", "2026-11-26", "09:00", "10:00")
        .await;
}
