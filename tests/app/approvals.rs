//! Spaces whose bookings somebody has to approve.

use connect_space::worker;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::ledger::{entries, ledger};
use crate::support::{Form, House, Page, Person};

/// It is Tuesday, 06:30; this is the day after the next.
const DAY: &str = "2026-11-26";

/// A house whose rooms need approval, with managers here and elsewhere.
async fn house() -> House {
    let house = House::open().await;
    house
        .run(
            "update booking_policies set approval = true where name = 'rooms';
             insert into members (id, name, email, email_verified_at)
             select gen_random_uuid(), name, name || '@example.com', now() from unnest(array['musgrave', 'paris']) name;
             insert into staff (member_id, role, location_id)
             select m.id, 'manager', l.id from members m join locations l on l.slug = m.name;",
        )
        .await;
    house
}

async fn status(house: &House, reference: &str) -> String {
    sqlx::query_scalar("select status from bookings where reference = $1")
        .bind(reference)
        .fetch_one(&house.db)
        .await
        .unwrap()
}

async fn decide(person: &Person, reference: &str, fields: &[(&str, &str)]) -> Page {
    let all = [&[("tell", "yes")], fields].concat();
    person
        .post(&format!("/admin/bookings/{reference}/decision"), &all)
        .await
}

async fn mailed(house: &House) {
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
}

/// As if it would have begun a moment ago.
async fn runs_out(house: &House) {
    house
        .run(
            "update bookings set hold_expires_at = now() - interval '1 second' where status = 'pending';
             update occupancies o set held_until = b.hold_expires_at from bookings b
             where b.id = o.booking_id and b.status = 'pending'",
        )
        .await;
}

#[tokio::test]
async fn a_request_keeps_its_time_is_told_and_is_charged_once_it_is_approved() {
    // cases J1, J6
    let house = house().await;
    let thandeka = house.member("thandeka").await;
    let space = thandeka.get("/spaces/lighthouse").await;
    assert!(
        space.says("We look at each request before it stands"),
        "{}",
        space.text()
    );
    let held = thandeka.hold("lighthouse", DAY, "09:00", "10:00").await;
    let check = thandeka.follow(&held).await;
    assert!(
        check.says("Ask for it") && check.says("nothing is charged until we approve it"),
        "{}",
        check.text()
    );
    let reference = thandeka.confirm(&held).await;
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(
        page.says("We have your request.")
            && page.says("Waiting for approval")
            && page.says("R200")
            && page.says("Nothing is charged until we approve it."),
        "{}",
        page.text()
    );
    assert_eq!(status(&house, &reference).await, "pending");
    assert_eq!(ledger(&house).await, entries(&[]));
    // Sent again it is the same.
    assert_eq!(thandeka.confirm(&held).await, reference);

    let sipho = house.member("sipho").await;
    let taken = sipho.hold("lighthouse", DAY, "09:30", "10:30").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let own = thandeka.hold("lighthouse", DAY, "09:30", "10:30").await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);

    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Asked for: Lighthouse"),
        "{}",
        mail.subject
    );
    let calendar = mail.calendar.as_deref().unwrap_or_default();
    assert!(calendar.contains("STATUS:TENTATIVE"), "{calendar}");
    let link = format!("/admin/bookings/{reference}");
    for approver in ["nomsa", "musgrave"] {
        let mails = house.mails(&house.address(approver)).await;
        assert_eq!(mails.len(), 1);
        assert!(
            mails[0].subject.starts_with("To approve: Lighthouse") && mails[0].text.contains(&link),
            "{}",
            mails[0].text
        );
    }
    assert!(house.mails("paris@example.com").await.is_empty());

    let nomsa = house.member("nomsa").await;
    assert!(nomsa.get("/admin").await.says("Requests to decide"));
    assert!(nomsa.get(&link).await.says("Needed to decline"));
    let approved = decide(&nomsa, &reference, &[("decision", "accept")]).await;
    assert!(nomsa.follow(&approved).await.says("Lighthouse: confirmed."));
    assert_eq!(ledger(&house).await, entries(&[("charge", 20_000)]));
    mailed(&house).await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Booked: Lighthouse"),
        "{}",
        mail.subject
    );
    let calendar = mail.calendar.as_deref().unwrap_or_default();
    assert!(
        calendar.contains("STATUS:CONFIRMED") && calendar.contains("SEQUENCE:1"),
        "{calendar}"
    );
    let story = nomsa.get(&link).await;
    assert!(
        story.says("Asked for, to be approved") && story.says("Confirmed"),
        "{}",
        story.text()
    );
}

#[tokio::test]
async fn declining_needs_a_reason_that_is_read_and_frees_the_time() {
    let house = house().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let without = decide(&nomsa, &reference, &[("decision", "let_go")]).await;
    assert!(nomsa.follow(&without).await.says("Say why"));
    assert_eq!(status(&house, &reference).await, "pending");
    let fields = [
        ("decision", "let_go"),
        ("note", "The floor is being sanded that day"),
    ];
    decide(&nomsa, &reference, &fields).await;
    assert_eq!(status(&house, &reference).await, "declined");
    mailed(&house).await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Not granted: Lighthouse")
            && mail
                .text
                .contains("The reason: The floor is being sanded that day"),
        "{}",
        mail.text
    );
    let calendar = mail.calendar.as_deref().unwrap_or_default();
    assert!(calendar.contains("STATUS:CANCELLED"), "{calendar}");
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(page.says("The floor is being sanded"), "{}", page.text());
    house
        .member("sipho")
        .await
        .book("lighthouse", DAY, "09:00", "10:00")
        .await;
}

#[tokio::test]
async fn only_those_who_may_approve_do() {
    // case J4
    let house = house().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    let accept = [("decision", "accept")];
    for name in ["thandeka", "sipho", "paris"] {
        let person = house.member(name).await;
        let answer = decide(&person, &reference, &accept).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
        let api = house.api(name).await;
        let path = format!("/bookings/{reference}/decision");
        let answer = api.post(&path, &json!({"decision": "accept"})).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
    assert_eq!(status(&house, &reference).await, "pending");
    let manager = house.api("musgrave").await;
    let path = format!("/bookings/{reference}/decision");
    let without = manager.post(&path, &json!({"decision": "let_go"})).await;
    assert_eq!(without.problem(), "no-reason");
    let approved = manager.post(&path, &json!({"decision": "accept"})).await;
    assert_eq!(approved.json["status"], "confirmed", "{approved:?}");
}

#[tokio::test]
async fn whoever_may_approve_books_at_once_for_themselves_and_for_others() {
    // case J7
    let house = house().await;
    let nomsa = house.member("nomsa").await;
    let own = nomsa.book("lighthouse", DAY, "09:00", "10:00").await;
    assert_eq!(status(&house, &own).await, "confirmed");
    let form = nomsa
        .get("/admin/bookings/new")
        .await
        .form("/admin/bookings");
    let wish = [("what", "pier"), ("when", "thu 9-11"), ("who", "thandeka")];
    let form = wish
        .iter()
        .fold(form, |form: Form, (name, value)| form.with(name, value));
    let booked = nomsa.submit(&form).await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER, "{}", booked.text());
    let statuses = "select string_agg(distinct status, ' ') from bookings";
    assert_eq!(house.one::<String>(statuses).await, "confirmed");
    let api = house.api("thandeka").await;
    let asked = api
        .book("lighthouse", "2026-11-27T09:00", "2026-11-27T10:00")
        .await;
    assert_eq!(
        (asked.status, &asked.json["status"]),
        (StatusCode::CREATED, &json!("pending"))
    );
}

#[tokio::test]
async fn what_nobody_decides_in_time_is_free_at_once_and_says_so() {
    // case J8
    let house = house().await;
    let thandeka = house.member("thandeka").await;
    let first = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    let second = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house.deliver_mail().await;
    runs_out(&house).await;
    let page = thandeka.get(&format!("/bookings/{first}")).await;
    assert!(
        !page.says("Waiting for approval. The time"),
        "{}",
        page.text()
    );
    let nomsa = house.member("nomsa").await;
    assert!(!nomsa.get("/admin").await.says("Requests to decide"));
    // Nothing has tidied yet, and it is free for others; nobody approves it any more.
    let late = decide(&nomsa, &second, &[("decision", "accept")]).await;
    assert!(nomsa.follow(&late).await.says("run out"));
    let sipho = house.member("sipho").await;
    sipho.book("lighthouse", DAY, "09:00", "10:00").await;
    assert_eq!(status(&house, &first).await, "expired");
    worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(status(&house, &second).await, "expired");
    house.deliver_mail().await;
    let subjects: Vec<String> = house
        .mails("thandeka@example.com")
        .await
        .into_iter()
        .map(|mail| mail.subject)
        .filter(|subject| subject.starts_with("Not decided: "))
        .collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert_eq!(ledger(&house).await, entries(&[]));
    let verbs: i64 = house
        .one("select count(*) from audit_events where verb = 'expire request'")
        .await;
    assert_eq!(verbs, 2);
}

#[tokio::test]
async fn what_was_approved_is_asked_anew_when_its_time_changes() {
    // case H4
    let house = house().await;
    let (thandeka, api) = (house.member("thandeka").await, house.api("thandeka").await);
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    decide(&nomsa, &reference, &[("decision", "accept")]).await;
    house.deliver_mail().await;
    let path = format!("/bookings/{reference}/change");
    let people = api.post(&path, &json!({"people": 3})).await;
    assert_eq!(people.json["status"], "confirmed", "{people:?}");
    let move_to = async |from: &str, until: &str, total: i64| -> Value {
        let wish = json!({
            "from": format!("{DAY}T{from}"), "until": format!("{DAY}T{until}"), "total_cents": total,
        });
        let answer = api.post(&path, &wish).await;
        assert!(answer.status.is_success(), "{answer:?}");
        answer.json
    };
    let moved = move_to("11:00", "13:00", 40_000).await;
    assert_eq!(moved["status"], "pending");
    // The old time is free, the new one is not; it is not charged twice.
    let sipho = house.member("sipho").await;
    sipho.book("lighthouse", DAY, "09:00", "10:00").await;
    let taken = sipho.hold("lighthouse", DAY, "12:00", "14:00").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let charged = [("charge", 20_000), ("charge", 20_000)];
    assert_eq!(ledger(&house).await, entries(&charged));
    decide(&nomsa, &reference, &[("decision", "accept")]).await;
    assert_eq!(status(&house, &reference).await, "confirmed");
    assert_eq!(ledger(&house).await, entries(&charged));
    // What the front desk moves stays approved.
    let change = format!("/admin/bookings/{reference}/change");
    let fields = [("from", "12:00"), ("until", "14:00")];
    let by_desk = nomsa.post(&change, &fields).await;
    assert_eq!(by_desk.status, StatusCode::SEE_OTHER, "{}", by_desk.text());
    assert_eq!(status(&house, &reference).await, "confirmed");
    // Asked anew and declined, all of it goes back; in a room that needs no approval it stands.
    move_to("14:00", "16:00", 40_000).await;
    let fields = [("decision", "let_go"), ("note", "A fair that day")];
    decide(&nomsa, &reference, &fields).await;
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 20_000), ("charge", 20_000), ("credit", -40_000)])
    );
    let other = thandeka.book("pier", DAY, "16:00", "17:00").await;
    let path = format!("/bookings/{other}/change");
    let moved = api.post(&path, &json!({"space": "dune"})).await;
    assert_eq!(moved.json["status"], "confirmed", "{moved:?}");
    assert_eq!(ledger(&house).await.len(), 4);
}

#[tokio::test]
async fn cancelling_a_request_costs_nothing_however_late() {
    let house = house().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-24", "07:00", "08:00")
        .await;
    let page = format!("/bookings/{reference}/cancellation");
    let cancelled = thandeka.post::<&str, &str>(&page, &[]).await;
    assert_eq!(
        cancelled.status,
        StatusCode::SEE_OTHER,
        "{}",
        cancelled.text()
    );
    assert_eq!(status(&house, &reference).await, "cancelled");
    assert_eq!(ledger(&house).await, entries(&[]));
    mailed(&house).await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(mail.text.contains("Nothing was charged."), "{}", mail.text);
}
