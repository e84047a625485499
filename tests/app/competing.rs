//! Requests that compete for one time, and series that have to be approved.

use reqwest::StatusCode;
use serde_json::json;

use crate::ledger::{entries, ledger};
use crate::support::{House, Page, Person};

const DAY: &str = "2026-11-26";

async fn house(compete: bool) -> House {
    let house = House::open().await;
    sqlx::query("update booking_policies set approval = true, compete = $1 where name = 'rooms'")
        .bind(compete)
        .execute(&house.db)
        .await
        .unwrap();
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

#[tokio::test]
async fn of_requests_that_compete_one_is_approved_and_the_others_are_told() {
    // case J2
    let house = house(true).await;
    let (thandeka, sipho, priya) = (
        house.member("thandeka").await,
        house.member("sipho").await,
        house.member("priya").await,
    );
    let page = thandeka.get("/spaces/lighthouse").await;
    assert!(
        page.says("Others may ask for the same time"),
        "{}",
        page.text()
    );
    let held = thandeka.hold("lighthouse", DAY, "09:00", "10:00").await;
    let check = thandeka.follow(&held).await;
    assert!(
        check.says("Others may ask for the same time, and nothing is charged"),
        "{}",
        check.text()
    );
    // At the checkout it is theirs alone.
    let taken = sipho.hold("lighthouse", DAY, "09:30", "10:30").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let first = thandeka.confirm(&held).await;
    let second = sipho.book("lighthouse", DAY, "09:30", "10:30").await;
    let third = priya.book("lighthouse", DAY, "10:30", "11:00").await;
    let page = thandeka.get(&format!("/bookings/{first}")).await;
    assert!(
        page.says("Others may ask for the same time"),
        "{}",
        page.text()
    );
    // Once is enough for one person.
    let held = thandeka.hold("lighthouse", DAY, "09:15", "09:45").await;
    let again = thandeka.post::<&str, &str>(held.location(), &[]).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        again.says("You have asked for Lighthouse at that time already."),
        "{}",
        again.text()
    );
    thandeka
        .post::<&str, &str>(
            &held.location().replace("confirmation", "cancellation"),
            &[],
        )
        .await;
    house.deliver_mail().await;
    let asked = &house.mails("nomsa@example.com").await[0];
    assert!(
        asked.text.contains("whoever you approve has it"),
        "{}",
        asked.text
    );

    let nomsa = house.member("nomsa").await;
    let page = nomsa.get(&format!("/admin/bookings/{second}")).await;
    assert!(
        page.says("They compete for this time.") && page.says("Thandeka Mkhize"),
        "{}",
        page.text()
    );
    assert!(!page.says("Priya Naidoo"), "{}", page.text());
    decide(&nomsa, &second, &[("decision", "accept")]).await;
    assert_eq!(status(&house, &second).await, "confirmed");
    assert_eq!(status(&house, &first).await, "declined");
    assert_eq!(status(&house, &third).await, "pending");
    assert_eq!(ledger(&house).await, entries(&[("charge", 20_000)]));
    mailed(&house).await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Not granted: Lighthouse")
            && mail.text.contains("The time was given to another request."),
        "{}",
        mail.text
    );
    assert!(
        house.mails("sipho@example.com").await[0]
            .subject
            .starts_with("Booked")
    );
    // From now on it is taken.
    let late = priya.hold("lighthouse", DAY, "10:00", "10:30").await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    let gone = decide(&nomsa, &first, &[("decision", "accept")]).await;
    assert!(nomsa.follow(&gone).await.says("nothing to decide"));
}

#[tokio::test]
async fn what_somebody_holds_meanwhile_is_not_given_away() {
    let house = house(true).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    let sipho = house.member("sipho").await;
    sipho.hold("lighthouse", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let answer = decide(&nomsa, &reference, &[("decision", "accept")]).await;
    let page = nomsa.follow(&answer).await;
    assert!(
        page.says("Lighthouse is held by somebody else at that time."),
        "{}",
        page.text()
    );
    assert_eq!(status(&house, &reference).await, "pending");
    assert_eq!(ledger(&house).await, entries(&[]));
}

#[tokio::test]
async fn a_series_is_asked_for_in_one_mail_and_decided_in_one_step() {
    let house = house(false).await;
    let series = json!({"space": "lighthouse", "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00"),
                        "rrule": "FREQ=WEEKLY;BYDAY=TH;COUNT=3", "people": 2});
    let made = house.api("thandeka").await.post("/series", &series).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    house.deliver_mail().await;
    let asked = house.mails("nomsa@example.com").await;
    assert_eq!(asked.len(), 1, "one for all dates");
    assert!(
        asked[0]
            .subject
            .starts_with("To approve: 3 dates, Lighthouse")
            && asked[0].text.contains("Thu 3 December")
            && asked[0].text.contains("Thu 10 December"),
        "{}",
        asked[0].text
    );
    let told = house.mails("thandeka@example.com").await;
    assert_eq!(told.len(), 1);
    assert!(
        told[0]
            .subject
            .starts_with("We have your request for a series")
            && told[0].text.contains("The times are yours meanwhile."),
        "{}",
        told[0].text
    );
    let path = house
        .path_mailed_to("nomsa@example.com", "/admin/bookings/")
        .await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa.get(&path).await;
    assert!(
        page.says("All 3 dates of the series that wait"),
        "{}",
        page.text()
    );
    let form = page.form(&format!("{path}/decision"));
    let answer = nomsa
        .submit(&form.with("whole", "yes").with("decision", "accept"))
        .await;
    assert!(nomsa.follow(&answer).await.says("3 dates are approved."));
    assert_eq!(
        house
            .one::<i64>("select count(*) from bookings where status = 'confirmed'")
            .await,
        3
    );
    mailed(&house).await;
    let told = house.mails("thandeka@example.com").await;
    assert_eq!(told.len(), 2, "one more for all dates");
    assert!(
        told[0]
            .subject
            .starts_with("3 dates of your series approved"),
        "{}",
        told[0].subject
    );

    // Moved together they are asked for together.
    let reference: String = house.one("select reference from series").await;
    let change = json!({"from": "11:00", "until": "12:00"});
    let answer = house
        .api("thandeka")
        .await
        .post(&format!("/series/{reference}/change"), &change)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    mailed(&house).await;
    assert_eq!(house.mails("nomsa@example.com").await.len(), 2);
    let reference: String = house
        .one("select reference from bookings order by lower(during) limit 1")
        .await;
    let fields = [
        ("decision", "let_go"),
        ("whole", "yes"),
        ("note", "The floor is sanded"),
    ];
    decide(&nomsa, &reference, &fields).await;
    mailed(&house).await;
    let told = house.mails("thandeka@example.com").await;
    assert!(
        told[0]
            .subject
            .starts_with("3 dates of your series not granted")
            && told[0].text.contains("The floor is sanded"),
        "{}",
        told[0].text
    );
    assert_eq!(told.len(), 4);
}
