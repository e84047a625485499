//! Closures as the front desk runs them: stopping new bookings, working through what is hit, reopening.

use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{House, Page, Person};

/// Nomsa closes something from now on; the closure's address.
async fn closes(nomsa: &Person, what: &str) -> String {
    let closed = nomsa.post("/admin/closures", &[("close", what)]).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.text());
    closed.location().to_owned()
}

/// What she does about a booking, by the form that stands on its row.
async fn does(nomsa: &Person, closure: &str, booking: &str, outcome: &str, tell: bool) -> Page {
    let page = nomsa.get(closure).await;
    let mut form = page
        .form(&format!("{closure}/bookings/{booking}/outcome"))
        .with("outcome", outcome)
        .without("tell");
    if tell {
        form = form.with("tell", "yes");
    }
    nomsa.follow(&nomsa.submit(&form).await).await
}

async fn mails_leave(house: &House) {
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
}

#[tokio::test]
async fn one_click_stops_new_bookings_and_lists_those_it_hits() {
    // cases C6, C13
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let later = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let soon = thandeka
        .book("lighthouse", "2026-11-25", "14:00", "15:00")
        .await;
    let elsewhere = thandeka.book("pier", "2026-11-25", "14:00", "15:00").await;
    let all = "select concat((select md5(string_agg(b::text, ',' order by b.id)) from bookings b),
                             (select md5(string_agg(o::text, ',' order by o.id)) from occupancies o),
                             (select md5(string_agg(e::text, ',' order by e.id)) from ledger_entries e),
                             (select count(*) from jobs))";
    let before: String = house.one(all).await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    assert_eq!(
        house.one::<String>(all).await,
        before,
        "nothing is changed, charged or mailed"
    );
    let page = nomsa.get(&closure).await;
    let text = page.text();
    assert!(
        text.find(&soon).unwrap() < text.find(&later).unwrap(),
        "by start: {text}"
    );
    assert!(!text.contains(&elsewhere), "{text}");
    assert!(
        page.html.contains("href=\"tel:+27820000001\"")
            && page
                .html
                .contains("https://wa.me/27820000001?text=Hello%20Thandeka")
    );
    let refused = house
        .member("priya")
        .await
        .hold("lighthouse", "2026-11-27", "09:00", "10:00")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Lighthouse is closed for now."),
        "{}",
        refused.text()
    );
    let there = thandeka.get(&format!("/bookings/{soon}")).await;
    assert!(
        there.says("Confirmed"),
        "what is booked stays: {}",
        there.text()
    );
    let public = house.visitor().get("/spaces/lighthouse").await;
    assert!(
        public.says("Closed until further notice. Lighthouse is closed for now."),
        "{}",
        public.text()
    );
    assert!(
        !house
            .visitor()
            .get("/spaces/pier")
            .await
            .says("Closed until")
    );
    let audit: String = house
        .one("select detail ->> 'what' from audit_events where verb = 'close'")
        .await;
    assert_eq!(audit, "Lighthouse, Musgrave");
}

#[tokio::test]
async fn a_floor_or_location_closes_with_all_that_is_on_it() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa.get("/admin/closures?close=location:musgrave").await;
    assert_eq!(
        page.form("/admin/closures").get("close"),
        "location:musgrave"
    );
    let floor: String = house
        .one("select 'floor:' || f.id from floors f join locations l on l.id = f.location_id where l.slug = 'paris'")
        .await;
    closes(&nomsa, &floor).await;
    let fields = [
        ("close", "location:musgrave"),
        ("from_date", "2026-11-25"),
        ("from_clock", "12:00"),
        ("until_date", "2026-11-26"),
        ("until_clock", "12:00"),
        ("reason", "burst pipe"),
        ("wording", "The water is off."),
    ];
    let closed = nomsa.post("/admin/closures", &fields).await;
    assert_eq!(closed.status, StatusCode::SEE_OTHER, "{}", closed.text());
    let api = house.api("priya").await;
    for (space, from, until, problem) in [
        ("seine", "2026-11-25T10:00", "2026-11-25T11:00", "closure"),
        ("pier", "2026-11-25T11:00", "2026-11-25T12:00", ""),
        ("pier", "2026-11-25T11:45", "2026-11-25T12:15", "closure"),
        ("desk-1", "2026-11-26T11:00", "2026-11-26T12:00", "closure"),
        ("desk-1", "2026-11-26T12:00", "2026-11-26T13:00", ""),
        ("prairie", "2026-11-25T10:00", "2026-11-25T11:00", ""),
    ] {
        let answer = api.book(space, from, until).await;
        assert_eq!(answer.problem(), problem, "{space} {from}: {answer:?}");
    }
    let place = house.visitor().get("/locations/musgrave").await;
    assert!(
        place.says("Closed from Wed 25 November 12:00 to Thu 26 November 12:00. The water is off."),
        "{}",
        place.text()
    );
    assert!(
        house
            .visitor()
            .get("/spaces")
            .await
            .says("Ground floor of Paris")
    );
}

#[tokio::test]
async fn refunding_is_our_fault_and_in_full() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    // An hour before it begins, when the member's own cancellation would keep all of it.
    let booking = thandeka
        .book("lighthouse", "2026-11-24", "07:00", "08:00")
        .await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    mails_leave(&house).await;
    let before = house.mails("thandeka@example.com").await.len();
    let page = does(&nomsa, &closure, &booking, "refunded", true).await;
    assert!(
        page.says("Refunded in full") && page.says("Every booking is seen to."),
        "{}",
        page.text()
    );
    let owed: i64 = house
        .one("select sum(cents)::bigint from ledger_entries")
        .await;
    assert_eq!(owed, 0);
    let ending: String = house
        .one("select status || ' ' || cancellation_reason || ' ' || kept_cents from bookings")
        .await;
    assert_eq!(ending, "cancelled us 0");
    let taken: i64 = house
        .one("select count(*) from occupancies where active")
        .await;
    assert_eq!(taken, 0, "the time is free");
    house.deliver_mail().await;
    assert_eq!(
        house.mails("thandeka@example.com").await.len(),
        before,
        "it waits two minutes"
    );
    mails_leave(&house).await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails[0]
            .subject
            .starts_with("We had to cancel your booking: Lighthouse"),
        "{}",
        mails[0].subject
    );
    assert!(
        mails[0]
            .text
            .contains("That is our fault, not yours: the whole R200 goes back"),
        "{}",
        mails[0].text
    );
    let method: String = house
        .one("select calendar_method from mails order by kept_at desc, id desc limit 1")
        .await;
    assert_eq!(method, "CANCEL");
}

#[tokio::test]
async fn told_and_stays_can_be_taken_back_before_the_mail_leaves() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let booking = thandeka
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    mails_leave(&house).await;
    let before = house.mails("thandeka@example.com").await.len();
    does(&nomsa, &closure, &booking, "stays", true).await;
    let page = does(&nomsa, &closure, &booking, "again", false).await;
    assert!(page.says("Bookings to see to 1"), "{}", page.text());
    mails_leave(&house).await;
    assert_eq!(
        house.mails("thandeka@example.com").await.len(),
        before,
        "nothing was sent"
    );
    does(&nomsa, &closure, &booking, "told", true).await;
    mails_leave(&house).await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails[0].text.contains("Your booking is still yours."),
        "{}",
        mails[0].text
    );
    let kept: String = house.one("select status from bookings").await;
    assert_eq!(kept, "confirmed");
}

#[tokio::test]
async fn two_who_see_to_the_same_booking_do_it_once() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let booking = thandeka
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    let form = nomsa
        .get(&closure)
        .await
        .form(&format!("{closure}/bookings/{booking}/outcome"));
    let (first, second) = tokio::join!(
        nomsa.post(&form.action, &[("version", "0"), ("outcome", "refunded")]),
        nomsa.post(&form.action, &[("version", "0"), ("outcome", "stays")]),
    );
    assert_eq!(
        (first.status, second.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    let page = nomsa.get(&closure).await;
    assert!(page.says("Seen to 1"), "{}", page.text());
    let outcome: String = house.one("select outcome from closure_steps").await;
    let status: String = house.one("select status from bookings").await;
    assert_eq!(
        outcome == "refunded",
        status == "cancelled",
        "{outcome} {status}"
    );
    let stale = nomsa
        .post(&form.action, &[("version", "0"), ("outcome", "told")])
        .await;
    let said = nomsa.follow(&stale).await;
    assert!(
        said.says("Somebody has seen to this booking a moment ago"),
        "{}",
        said.text()
    );
}

#[tokio::test]
async fn ticks_say_who_was_reached() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let booking = thandeka
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    let address = format!("{closure}/bookings/{booking}/call");
    let ticked = nomsa
        .submit(&nomsa.get(&closure).await.form(&address))
        .await;
    let page = nomsa.follow(&ticked).await;
    assert_eq!(
        page.form(&address).get("reached"),
        "no",
        "the next press takes it away"
    );
    assert!(page.says("Bookings to see to 1"), "a tick decides nothing");
    let told = does(&nomsa, &closure, &booking, "told", false).await;
    assert!(told.says("Seen to 1"), "{}", told.text());
}

#[tokio::test]
async fn tenants_are_told_and_never_cancelled() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let api = house.api("thandeka").await;
    let wish = json!({"space": "office-1", "term": "month", "from": "2026-12-01", "count": 1, "people": 1});
    let month = api.post("/bookings", &wish).await;
    let booking = month.json["reference"].as_str().unwrap().to_owned();
    let closure = closes(&nomsa, "space:office-1").await;
    let page = nomsa.get(&closure).await;
    assert!(
        page.says("A tenant: told, never cancelled."),
        "{}",
        page.text()
    );
    let said = does(&nomsa, &closure, &booking, "refunded", false).await;
    assert!(
        said.says("A tenant by the month stays a tenant"),
        "{}",
        said.text()
    );
    let status: String = house.one("select status from bookings").await;
    assert_eq!(status, "confirmed");
    let told = does(&nomsa, &closure, &booking, "told", false).await;
    assert!(told.says("Seen to 1"), "{}", told.text());
}

#[tokio::test]
async fn others_of_its_kind_that_are_free_are_proposed() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    thandeka
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    house
        .member("priya")
        .await
        .book("dune", "2026-11-25", "09:00", "10:00")
        .await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    let text = nomsa.get(&closure).await.text();
    let proposed = text.split("Free then, at the same price:").nth(1).unwrap();
    assert!(proposed.contains("Move to Pier (6 seats)"), "{proposed}");
    assert!(!proposed.contains("Dune"), "taken: {proposed}");
    assert!(!proposed.contains("Desk"), "of another kind: {proposed}");
}

#[tokio::test]
async fn moving_keeps_the_price_and_the_reference() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let booking = thandeka
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    let address = format!("{closure}/bookings/{booking}/outcome");
    let move_to = |space: &'static str| [("version", "0"), ("space", space), ("tell", "yes")];
    let closed = nomsa
        .follow(&nomsa.post(&address, &move_to("lighthouse")).await)
        .await;
    assert!(closed.says("Bookings to see to 1"), "{}", closed.text());
    let page = nomsa
        .follow(&nomsa.post(&address, &move_to("pier")).await)
        .await;
    assert!(
        page.says("Moved") && page.says("Every booking is seen to."),
        "{}",
        page.text()
    );
    let there = thandeka.get(&format!("/bookings/{booking}")).await;
    assert!(
        there.says("Pier") && there.says("R200") && there.says("Confirmed"),
        "{}",
        there.text()
    );
    let owed: i64 = house
        .one("select sum(cents)::bigint from ledger_entries")
        .await;
    assert_eq!(owed, 20_000);
    let taken: String = house
        .one("select s.slug from occupancies o join spaces s on s.id = o.space_id where o.active")
        .await;
    assert_eq!(taken, "pier");
    mails_leave(&house).await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(mails[0].text.contains("Pier"), "{}", mails[0].text);
}

#[tokio::test]
async fn reopening_takes_bookings_again_and_changes_nothing_else() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let booking = thandeka
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    let other = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let closure = closes(&nomsa, "space:lighthouse").await;
    does(&nomsa, &closure, &booking, "refunded", false).await;
    let form = nomsa
        .get(&closure)
        .await
        .form(&format!("{closure}/reopening"));
    let page = nomsa.follow(&nomsa.submit(&form).await).await;
    assert!(
        page.says("Open again") && page.says("Refunded in full"),
        "{}",
        page.text()
    );
    thandeka
        .book("lighthouse", "2026-11-25", "09:00", "10:00")
        .await;
    let kept: i64 = house
        .one("select count(*) from bookings where status = 'confirmed'")
        .await;
    assert_eq!(
        kept, 2,
        "{other} stands and the refunded one stays refunded"
    );
    assert!(
        !house
            .visitor()
            .get("/spaces/lighthouse")
            .await
            .says("Closed until")
    );
    let again = nomsa.follow(&nomsa.submit(&form).await).await;
    assert!(again.says("It was reopened already."), "{}", again.text());
}

#[tokio::test]
async fn a_closure_that_grows_hits_more_and_old_forms_are_told_so() {
    let house = House::open().await;
    let (thandeka, nomsa) = (house.member("thandeka").await, house.member("nomsa").await);
    let booking = thandeka
        .book("lighthouse", "2026-11-27", "09:00", "10:00")
        .await;
    let fields = [
        ("close", "space:lighthouse"),
        ("until_date", "2026-11-25"),
        ("until_clock", "12:00"),
    ];
    let closed = nomsa.post("/admin/closures", &fields).await;
    let closure = closed.location().to_owned();
    let page = nomsa.get(&closure).await;
    assert!(page.says("It hits no booking."), "{}", page.text());
    let form = page.form(&closure);
    let grown = form.clone().with("until_date", "").with("until_clock", "");
    let page = nomsa.follow(&nomsa.submit(&grown).await).await;
    assert!(page.says(&booking), "{}", page.text());
    let stale = nomsa.submit(&form.with("reason", "paint")).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stale.says("Somebody changed this a moment ago."),
        "{}",
        stale.text()
    );
    assert_eq!(
        stale.form(&closure).get("reason"),
        "paint",
        "what was typed is kept"
    );
    for (field, value, sentence) in [
        (
            "until_date",
            "2026-11-20",
            "Choose an end after the beginning",
        ),
        ("until_date", "x", "Enter a day, and a time like 14:00."),
    ] {
        let wrong = nomsa
            .post(
                "/admin/closures",
                &[("close", "space:pier"), (field, value)],
            )
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.says(sentence), "{sentence}: {}", wrong.text());
    }
    let nothing = nomsa
        .post("/admin/closures", &[("close", "space:nowhere")])
        .await;
    assert!(nothing.says("Choose what to close."), "{}", nothing.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_books_while_it_closes_is_refused_or_listed() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let mut tasks = JoinSet::new();
    for (number, name) in house.crowd(16).await.into_iter().enumerate() {
        let api = house.api(&name).await;
        tasks.spawn(async move {
            let space = ["lighthouse", "pier", "dune", "desk-1"][number % 4];
            let day = 25 + number / 8;
            let hour = 8 + number % 8;
            let answer = api
                .book(
                    space,
                    &format!("2026-11-{day}T{hour:02}:00"),
                    &format!("2026-11-{day}T{:02}:00", hour + 1),
                )
                .await;
            (
                answer.problem().to_owned(),
                answer.json["reference"].as_str().map(str::to_owned),
            )
        });
    }
    // The list as it stands at the moment at which it is closed.
    let closing = tokio::spawn(async move {
        let closure = closes(&nomsa, "location:musgrave").await;
        nomsa.get(&closure).await
    });
    let answers = tasks.join_all().await;
    let page = closing.await.unwrap();
    for (problem, reference) in answers {
        match reference {
            Some(reference) => assert!(
                page.says(&reference),
                "{reference} got in and is not listed"
            ),
            None => assert_eq!(problem, "closure"),
        }
    }
}
