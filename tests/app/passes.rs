//! Passes: buying one, the days drawn on it, and that there are never more than there were.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::ledger::{entries, ledger};
use crate::support::{Answer, Api, House, Person, key};

async fn all<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    tasks.into_iter().collect::<JoinSet<T>>().join_all().await
}

async fn buy(api: &Api, product: &str, first: &str) -> Answer {
    api.post("/passes", &json!({"product": product, "first": first}))
        .await
}

/// Buys one and says its reference.
async fn has(house: &House, name: &str, product: &str, first: &str) -> String {
    let bought = buy(&house.api(name).await, product, first).await;
    assert_eq!(bought.status, StatusCode::CREATED, "{bought:?}");
    bought.json["reference"].as_str().unwrap().to_owned()
}

/// Tries again when the house is busy, as it asks.
async fn patiently(api: &Api, path: &str, body: &Value) -> Answer {
    loop {
        let answer = api.post(path, body).await;
        if answer.status != StatusCode::SERVICE_UNAVAILABLE {
            return answer;
        }
    }
}

async fn pass(house: &House, name: &str, reference: &str) -> Value {
    let answer = house
        .api(name)
        .await
        .get(&format!("/passes/{reference}"))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json
}

async fn left(house: &House, name: &str, reference: &str) -> i64 {
    pass(house, name, reference).await["days_left"]
        .as_i64()
        .unwrap()
}

async fn book_day(person: &Person, space: &str, first: &str, last: &str) -> String {
    let held = person.hold_days(space, first, last).await;
    person.confirm(&held).await
}

async fn more_desks(house: &House, count: i32) {
    let sql = "insert into spaces (id, location_id, floor_id, policy_id, slug, name, kind, seats, position)
               select gen_random_uuid(), location_id, floor_id, policy_id, 'more-' || n, 'More ' || n, kind, 1, 100 + n
               from spaces cross join generate_series(1, $1) n where slug = 'desk-1'";
    sqlx::query(sql)
        .bind(count)
        .execute(&house.db)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_pass_is_bought_charged_and_told() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get("/passes/new?product=musgrave-ten&first=2026-11-24")
        .await;
    assert!(
        page.says("To the end of Wed 23 December"),
        "{}",
        page.text()
    );
    assert!(page.says("VAT included (15 %)") && page.says("Buy it, R1 500"));
    let form = page.form("/passes");
    let bought = thandeka.submit(&form).await;
    let shown = thandeka.follow(&bought).await;
    assert!(shown.says("10 of 10 days left"), "{}", shown.text());
    let again = thandeka.submit(&form).await;
    assert_eq!(again.location(), bought.location(), "once for one key");
    let other = thandeka
        .submit(&form.clone().with("first", "2026-11-25"))
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.says("This was sent before with other details."));
    assert_eq!(ledger(&house).await, entries(&[("charge", 150_000)]));
    assert_eq!(house.deliver_mail().await, 1);
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.text.contains("To the end of: Wed 23 December 2026")
            && mail.text.contains("R1\u{a0}500"),
        "{}",
        mail.text
    );
    let audited: i64 = house
        .one("select count(*) from audit_events where subject = 'passes' and verb = 'buy'")
        .await;
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn a_desk_day_draws_on_the_pass_and_comes_back_in_time() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka.get("/spaces/desk-1?by=day&date=2026-11-26").await;
    assert!(
        page.says("Covered by your 10-day month pass (10 of 10 days left)"),
        "{}",
        page.text()
    );
    assert_eq!(page.form("/bookings").get("shown"), "0");
    let quoted = house
        .api("thandeka")
        .await
        .get("/quote?space=desk-1&from=2026-11-26&until=2026-11-27")
        .await;
    assert_eq!(
        (&quoted.json["total_cents"], &quoted.json["pass"]),
        (
            &json!(0),
            &json!([{"date": "2026-11-26", "reference": reference}])
        )
    );
    let held = thandeka
        .hold_days("desk-1", "2026-11-26", "2026-11-26")
        .await;
    assert!(thandeka.get(held.location()).await.says("Book it"));
    assert_eq!(left(&house, "thandeka", &reference).await, 9, "held");
    let booked = thandeka.confirm(&held).await;
    assert_eq!(left(&house, "thandeka", &reference).await, 9);
    let shown = thandeka.get(&format!("/passes/{reference}")).await;
    assert!(
        shown.says("9 of 10 days left") && shown.says("Thu 26 Nov"),
        "{}",
        shown.text()
    );
    assert_eq!(ledger(&house).await, entries(&[("charge", 150_000)]));

    let cancellation = format!("/bookings/{booked}/cancellation");
    let asked = thandeka.get(&cancellation).await;
    assert!(
        asked.says("The day goes back to your pass."),
        "{}",
        asked.text()
    );
    thandeka.submit(&asked.form(&cancellation)).await;
    assert_eq!(left(&house, "thandeka", &reference).await, 10);
    assert_eq!(ledger(&house).await.len(), 1);
    let told = house
        .api("thandeka")
        .await
        .get(&format!("/bookings/{booked}"))
        .await;
    assert_eq!(told.json["pass"][0]["returned"], true, "{told:?}");
}

#[tokio::test]
async fn a_late_cancel_keeps_the_day_and_says_so_before() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    let booked = book_day(&thandeka, "desk-1", "2026-11-25", "2026-11-25").await;
    let cancellation = format!("/bookings/{booked}/cancellation");
    let early = thandeka.get(&cancellation).await.form(&cancellation);
    house.app.clock.shift(chrono::TimeDelta::hours(2));
    let late = thandeka.submit(&early).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.says("Cancelling now keeps 1 day of your pass.")
            && late.says("The day stays drawn on your pass."),
        "{}",
        late.text()
    );
    let done = thandeka.submit(&late.form(&cancellation)).await;
    assert!(
        thandeka
            .follow(&done)
            .await
            .says("Its day stays drawn on your pass.")
    );
    assert_eq!(left(&house, "thandeka", &reference).await, 9);
    // The day is paid for: another desk on it costs nothing more.
    book_day(&thandeka, "desk-2", "2026-11-25", "2026-11-25").await;
    assert_eq!(left(&house, "thandeka", &reference).await, 9);
    assert_eq!(ledger(&house).await, entries(&[("charge", 150_000)]));
}

#[tokio::test]
async fn of_several_days_those_still_in_time_come_back() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    let booked = book_day(&thandeka, "desk-1", "2026-11-25", "2026-11-27").await;
    assert_eq!(left(&house, "thandeka", &reference).await, 7);
    house.app.clock.shift(chrono::TimeDelta::hours(2));
    let cancellation = format!("/bookings/{booked}/cancellation");
    let asked = thandeka.get(&cancellation).await;
    assert!(
        asked.says("The later days go back to your pass."),
        "{}",
        asked.text()
    );
    thandeka.submit(&asked.form(&cancellation)).await;
    assert_eq!(left(&house, "thandeka", &reference).await, 9);
}

#[tokio::test]
async fn when_days_run_out_the_rest_is_charged_line_by_line() {
    // case K1
    let house = House::open().await;
    has(&house, "thandeka", "musgrave-three", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get("/spaces/desk-1?by=day&date=2026-11-24&last=2026-11-28")
        .await;
    assert!(
        page.says("3 days covered by your 3-day month pass (3 of 3 days left)")
            && page.says("2 days × R220"),
        "{}",
        page.text()
    );
    assert_eq!(page.form("/bookings").get("shown"), "44000");
    book_day(&thandeka, "desk-1", "2026-11-24", "2026-11-28").await;
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 60_000), ("charge", 44_000)])
    );
}

#[tokio::test]
async fn a_day_covers_one_desk_at_a_time() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    let api = house.api("thandeka").await;
    let total = async |space: &str, from: &str, until: &str| {
        let (from, until) = (format!("2026-11-26T{from}"), format!("2026-11-26T{until}"));
        api.book(space, &from, &until).await.json["total_cents"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(total("desk-1", "09:00", "11:00").await, 0);
    assert_eq!(
        total("desk-2", "10:00", "11:00").await,
        6_000,
        "a second one"
    );
    assert_eq!(total("desk-2", "13:00", "15:00").await, 0, "the same day");
    assert_eq!(left(&house, "thandeka", &reference).await, 9);
}

#[tokio::test]
async fn a_pass_ends_at_closing_time_of_its_last_day() {
    let house = House::open().await;
    has(&house, "thandeka", "musgrave-week", "2026-11-24").await;
    let api = house.api("thandeka").await;
    for (space, date, cents) in [
        ("desk-1", "2026-11-30", 0),
        ("desk-1", "2026-12-01", 22_000),
        ("lighthouse", "2026-11-30", 200_000),
    ] {
        let quoted = api
            .get(&format!(
                "/quote?space={space}&from={date}T09:00&until={date}T19:00"
            ))
            .await;
        assert_eq!(quoted.json["total_cents"], cents, "{space} {date}");
    }
    // In Chicago it is still the day before; the pass of another location covers nothing there.
    let chicago = api
        .get("/quote?space=chicago-desk&from=2026-11-26T09:00&until=2026-11-26T10:00")
        .await;
    assert_eq!(chicago.json["total_cents"], 6_000);
    house.app.clock.shift(chrono::TimeDelta::days(7));
    let thandeka = house.member("thandeka").await;
    assert!(thandeka.get("/passes").await.says("No pass at the moment"));
}

#[tokio::test]
async fn every_location_counts_by_its_own_calendar() {
    let house = House::open().await;
    has(&house, "thandeka", "everywhere-month", "2026-11-25").await;
    let api = house.api("thandeka").await;
    for (space, from, until, cents) in [
        ("paris-desk", "2026-11-25T00:00", "2026-11-25T01:00", 0),
        ("paris-desk", "2026-11-24T22:00", "2026-11-24T23:00", 6_000),
        ("chicago-desk", "2026-11-25T08:00", "2026-11-25T09:00", 0),
        ("chicago-desk", "2026-12-23T16:00", "2026-12-23T17:00", 0),
    ] {
        let quoted = api
            .get(&format!("/quote?space={space}&from={from}&until={until}"))
            .await;
        assert_eq!(
            quoted.json["total_cents"], cents,
            "{space} {from}: {quoted:?}"
        );
    }
}

#[tokio::test]
async fn the_pass_that_ends_first_is_drawn_first() {
    let house = House::open().await;
    let long = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    let short = has(&house, "thandeka", "musgrave-week", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    book_day(&thandeka, "desk-1", "2026-11-27", "2026-11-28").await;
    book_day(&thandeka, "desk-1", "2026-11-30", "2026-12-01").await;
    assert_eq!(left(&house, "thandeka", &short).await, 2);
    assert_eq!(left(&house, "thandeka", &long).await, 9);
}

#[tokio::test]
async fn a_hold_that_ran_out_gives_its_day_back_everywhere_at_once() {
    // case L6
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-three", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold_days("desk-1", "2026-11-24", "2026-11-26")
        .await;
    assert_eq!(left(&house, "thandeka", &reference).await, 0);
    house
        .run("update occupancies set held_until = now() - interval '1 second' where held_until is not null;
              update bookings set hold_expires_at = now() - interval '1 second' where status = 'held'")
        .await;
    assert_eq!(left(&house, "thandeka", &reference).await, 3);
    let api = house.api("thandeka").await;
    let booked = api
        .post(
            "/bookings",
            &json!({"space": "desk-2", "from": "2026-11-26", "until": "2026-11-28"}),
        )
        .await;
    assert_eq!(booked.json["total_cents"], 0, "{booked:?}");
    assert_eq!(left(&house, "thandeka", &reference).await, 1);
    // Confirmed late it is a new wish, and the price is another now.
    let late = thandeka.post::<&str, &str>(held.location(), &[]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(late.says("The price is now R440."), "{}", late.text());
    let reference_of = booked.json["reference"].as_str().unwrap();
    api.post(
        &format!("/bookings/{reference_of}/cancellation"),
        &json!({}),
    )
    .await;
    thandeka.confirm(&held).await;
    assert_eq!(left(&house, "thandeka", &reference).await, 0);
    assert_eq!(ledger(&house).await, entries(&[("charge", 60_000)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_bookings_at_once_never_draw_more_than_there_is() {
    // case G5
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-three", "2026-11-24").await;
    more_desks(&house, 1).await;
    let api = house.api("thandeka").await;
    let days = (24..=30)
        .map(|day| format!("2026-11-{day}"))
        .chain((1..=23).map(|day| format!("2026-12-{day:02}")));
    let open: Vec<String> = days
        .filter(|day| {
            let date: chrono::NaiveDate = day.parse().unwrap();
            let closed =
                chrono::Datelike::weekday(&date) == chrono::Weekday::Sun || day == "2026-12-16";
            !closed
        })
        .collect();
    let wishes: Vec<(String, &str)> = open
        .iter()
        .flat_map(|day| [(day.clone(), "desk-1"), (day.clone(), "desk-2")])
        .take(50)
        .collect();
    assert!(wishes.len() >= 48);
    let count = wishes.len();
    let booked = all(wishes.into_iter().map(|(day, space)| {
        let api = api.clone();
        async move {
            let (from, until) = (format!("{day}T09:00"), format!("{day}T10:00"));
            let wish = json!({"space": space, "from": from, "until": until});
            patiently(&api, "/bookings", &wish).await
        }
    }))
    .await;
    let made = booked
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(
        made.count(),
        count,
        "{:?}",
        booked.iter().find(|one| one.status != StatusCode::CREATED)
    );
    let free = booked
        .iter()
        .filter(|answer| answer.json["total_cents"] == 0)
        .count();
    assert_eq!(free, 3);
    assert_eq!(left(&house, "thandeka", &reference).await, 0);
    let sums: bool = house
        .one("select (select sum(cents) from ledger_entries) = 60000 + (select sum(total_cents) from bookings)")
        .await;
    assert!(sums);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_desks_at_once_on_one_day_are_one_day_and_one_desk() {
    // case G5
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    more_desks(&house, 50).await;
    let api = house.api("thandeka").await;
    let booked = all((1..=50).map(|n| {
        let api = api.clone();
        async move {
            let wish = json!({"space": format!("more-{n}"), "from": "2026-11-26T09:00", "until": "2026-11-26T10:00"});
            patiently(&api, "/bookings", &wish).await
        }
    }))
    .await;
    let free = booked
        .iter()
        .filter(|answer| answer.json["total_cents"] == 0)
        .count();
    assert_eq!(free, 1);
    assert_eq!(left(&house, "thandeka", &reference).await, 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_buyers_of_the_last_three_three_get_one() {
    let house = House::open().await;
    let mut buyers = Vec::new();
    for name in house.crowd(20).await {
        buyers.push(house.api(&name).await);
    }
    let wish = json!({"product": "musgrave-three", "first": "2026-12-01"});
    let answers = all(buyers.into_iter().map(|api| {
        let wish = wish.clone();
        async move { patiently(&api, "/passes", &wish).await }
    }))
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!((won.len(), lost.len()), (3, 17));
    for answer in lost {
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::CONFLICT, "sold-out")
        );
    }
    assert_eq!(house.one::<i64>("select count(*) from passes").await, 3);
    assert_eq!(
        house
            .one::<i64>("select sum(cents)::bigint from ledger_entries")
            .await,
        180_000
    );
    // A month later they are free again, and one that is given back is at once.
    let later = buy(&house.api("sipho").await, "musgrave-three", "2027-01-01").await;
    assert_eq!(later.status, StatusCode::CREATED, "{later:?}");
}

#[tokio::test]
async fn a_pass_keeps_its_price_and_terms() {
    // case L5
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    let before = pass(&house, "thandeka", &reference).await;
    let thandeka = house.member("thandeka").await;
    let form = thandeka
        .get("/passes/new?product=musgrave-ten")
        .await
        .form("/passes");
    house
        .run("update pass_products set cents = 99900, name = 'Other', days = 2; insert into vat_rates values ('2026-11-01', 1600)")
        .await;
    assert_eq!(pass(&house, "thandeka", &reference).await, before);
    let refused = thandeka.submit(&form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("The price is now R999."), "{}", refused.text());
    thandeka.submit(&refused.form("/passes")).await;
    house.run("update pass_products set on_sale = false").await;
    let gone = thandeka
        .post("/passes", &[("product", "musgrave-ten"), ("key", &key())])
        .await;
    assert!(
        gone.says("This pass is not sold any more."),
        "{}",
        gone.text()
    );
}

#[tokio::test]
async fn a_pass_is_given_back_only_while_it_is_not_used() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-week", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    let booked = book_day(&thandeka, "desk-1", "2026-11-27", "2026-11-27").await;
    let api = house.api("thandeka").await;
    let give_back = format!("/passes/{reference}/cancellation");
    let used = api.post(&give_back, &json!({})).await;
    assert_eq!(used.problem(), "used", "{used:?}");
    api.post(&format!("/bookings/{booked}/cancellation"), &json!({}))
        .await;
    let page = thandeka.get(&give_back).await;
    thandeka.submit(&page.form(&give_back)).await;
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 75_000), ("credit", -75_000)])
    );
    assert_eq!(
        pass(&house, "thandeka", &reference).await["status"],
        "cancelled"
    );
    let quoted = api
        .get("/quote?space=desk-1&from=2026-11-27&until=2026-11-28")
        .await;
    assert_eq!(quoted.json["total_cents"], 22_000);
    assert_eq!(
        house.deliver_mail().await,
        4,
        "bought, booked, cancelled, given back"
    );
}

/// ECT Act s 44: seven days to think again, also when the pass has begun, as long as it is not used.
#[tokio::test]
async fn whoever_bought_a_pass_may_think_again_for_seven_days() {
    let house = House::open_at("2026-11-24T10:00:00+02:00").await;
    let (thandeka, api) = (house.member("thandeka").await, house.api("thandeka").await);
    let buy = async || {
        let reference = has(&house, "thandeka", "musgrave-month", "2026-11-24").await;
        house
            .run("update passes set created_at = '2026-11-24T08:00:00Z'")
            .await;
        reference
    };
    let (kept, first) = (buy().await, buy().await);
    let bought = pass(&house, "thandeka", &first).await;
    assert_eq!(bought["free_to_cancel_until"], "2026-12-01", "{bought}");
    house.deliver_mail().await;

    // A minute before the seventh day is over.
    house
        .app
        .clock
        .shift(TimeDelta::days(7) + TimeDelta::minutes(839));
    let page = thandeka.get("/passes").await;
    assert!(
        page.says("until the end of Tue 1 December that costs you nothing"),
        "{}",
        page.text()
    );
    let in_one_step = page.form(&format!("/passes/{first}/cancellation"));
    let given_back = thandeka.submit(&in_one_step).await;
    let page = thandeka.follow(&given_back).await;
    assert!(page.says("all R2 300 is credited"), "{}", page.text());
    assert_eq!(
        ledger(&house).await,
        entries(&[
            ("charge", 230_000),
            ("charge", 230_000),
            ("credit", -230_000)
        ])
    );
    let noted: bool = house
        .one(
            "select (detail->>'within_seven_days')::bool and (detail->>'credit_cents')::bigint = 230000
             from audit_events where verb = 'cancel' and subject = 'passes'",
        )
        .await;
    assert!(noted);
    assert_eq!(house.deliver_mail().await, 1);
    let mail = house.mails("thandeka@example.com").await.remove(0);
    assert!(
        mail.text.contains("refunded within 30 days"),
        "{}",
        mail.text
    );

    house.app.clock.shift(TimeDelta::minutes(2));
    let refused = api
        .post(&format!("/passes/{kept}/cancellation"), &json!({}))
        .await;
    assert_eq!(refused.problem(), "begun", "{refused:?}");
    let page = thandeka.get("/passes").await;
    assert!(
        page.find_form(&format!("/passes/{kept}/cancellation"))
            .is_none()
    );
    let over = pass(&house, "thandeka", &kept).await;
    assert_eq!(over["free_to_cancel_until"], Value::Null, "{over}");
}

/// With its first desk the service has begun, as its buyer wished, and the right is over.
#[tokio::test]
async fn a_pass_in_use_is_not_given_back_within_the_seven_days_either() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-month", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    book_day(&thandeka, "desk-1", "2026-11-25", "2026-11-25").await;
    let page = thandeka.get("/passes").await;
    let give_back = format!("/passes/{reference}/cancellation");
    assert!(page.find_form(&give_back).is_none());
    let refused = thandeka.post::<&str, &str>(&give_back, &[]).await;
    assert!(
        thandeka
            .follow(&refused)
            .await
            .says("Days of this pass are used or booked")
    );
}

#[tokio::test]
async fn a_company_pays_for_those_who_may_book_for_it() {
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    let form = sipho
        .get("/passes/new?product=musgrave-week")
        .await
        .form("/passes");
    assert_eq!(form.get("company"), "me", "unless something else is chosen");
    let company: String = house.one("select slug from companies").await;
    let bought = sipho.submit(&form.with("company", &company)).await;
    let shown = sipho.follow(&bought).await;
    assert!(shown.says("Charged to Umoya Designs."), "{}", shown.text());
    let owed: i64 = house
        .one("select sum(cents)::bigint from ledger_entries join accounts a on a.id = account_id where a.company_id is not null")
        .await;
    assert_eq!(owed, 75_000);
    // Its admin sees it, others do not.
    let path = bought.location();
    assert_eq!(
        house.member("thandeka").await.get(path).await.status,
        StatusCode::OK
    );
    assert_eq!(
        house.member("priya").await.get(path).await.status,
        StatusCode::NOT_FOUND
    );
    let priya = house.member("priya").await;
    let mine = priya
        .get("/passes/new?product=musgrave-week")
        .await
        .form("/passes");
    let refused = priya.submit(&mine.with("company", &company)).await;
    assert_eq!(
        refused.status,
        StatusCode::NOT_FOUND,
        "as if there were none"
    );
    assert_eq!(house.one::<i64>("select count(*) from passes").await, 1);
}

#[tokio::test]
async fn a_program_buys_at_the_expense_of_a_company_one_may_book_for() {
    let house = House::open().await;
    let company: String = house.one("select slug from companies").await;
    let week = |who: &str, number: &str| json!({"product": "musgrave-week", "first": "2026-11-24", "company": who, "purchase_order": number});
    let (sipho, priya) = (house.api("sipho").await, house.api("priya").await);
    let bought = sipho.post("/passes", &week(&company, "")).await;
    assert_eq!(bought.json["company"], company, "{bought:?}");
    let own = sipho.post("/passes", &week("me", "")).await;
    assert_eq!(own.json["company"], Value::Null, "{own:?}");
    for refused in [
        priya.post("/passes", &week(&company, "")).await,
        sipho.post("/passes", &week("no-such", "")).await,
    ] {
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{refused:?}");
    }
    // Nothing said: whoever usually pays. And where an order number is asked for, it is asked for here.
    house
        .run(
            "update companies set po_required = true;
             update members set paying_company_id = (select id from companies) where email = 'sipho@example.com'",
        )
        .await;
    let refused = sipho.post("/passes", &week("", "")).await;
    assert_eq!(refused.problem(), "no-purchase-order", "{refused:?}");
    let bought = sipho.post("/passes", &week("", "PO-1234")).await;
    assert_eq!(
        (&bought.json["company"], &bought.json["purchase_order"]),
        (&json!(company), &json!("PO-1234"))
    );
    let owed: i64 = house
        .one("select sum(cents)::bigint from ledger_entries join accounts a on a.id = account_id where a.company_id is not null")
        .await;
    assert_eq!(owed, 150_000);
    let page = house.member("sipho").await;
    let form = page
        .get("/passes/new?product=musgrave-week")
        .await
        .form("/passes");
    assert_eq!(form.get("company"), company, "who usually pays");
    let refused = page.submit(&form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Umoya Designs asks for a purchase order number. Enter it."));
    let bought = page
        .submit(&refused.form("/passes").with("purchase_order", "PO-77"))
        .await;
    let shown = page.follow(&bought).await;
    assert!(shown.says("purchase order PO-77"), "{}", shown.text());
}

/// Thandeka's desk by the day, asked for by somebody who is not signed in.
async fn asks_for_a_day(house: &House, desk: &str, date: &str) -> String {
    let fields = [
        ("name", "Thandeka Mkhize"),
        ("email", "thandeka@example.com"),
        ("mobile", "082 000 0001"),
        ("space", desk),
        ("by", "day"),
        ("date", date),
        ("last", date),
        ("shown", "22000"),
        ("key", &key()),
    ];
    let visitor = house.visitor();
    let held = visitor.post("/bookings", &fields).await;
    let page = visitor.follow(&held).await;
    assert!(!page.says("3-day"), "nobody else is told: {}", page.text());
    house.link_mailed_to("thandeka@example.com").await
}

#[tokio::test]
async fn a_hold_made_signed_out_draws_on_the_pass_once_the_link_is_followed() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-three", "2026-11-24").await;
    house.deliver_mail().await;
    let link = asks_for_a_day(&house, "desk-1", "2026-11-26").await;
    let words = format!("R0, covered by your 3-day month pass {reference}");
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.text.contains(&words) && mail.html.contains(&words),
        "{}",
        mail.text
    );
    assert_eq!(left(&house, "thandeka", &reference).await, 3, "not yet");

    let visitor = house.visitor();
    let page = visitor.get(&link).await;
    assert!(page.says(&words), "{}", page.text());
    let booked = visitor.post(&link, &page.form("").fields).await;
    let shown = visitor.follow(&booked).await;
    assert!(shown.says("You are booked"), "{}", shown.text());
    assert!(shown.says("Thu 26 November is drawn on your 3-day month pass"));
    assert_eq!(left(&house, "thandeka", &reference).await, 2);
    assert_eq!(ledger(&house).await, entries(&[("charge", 60_000)]));
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    let words = format!("Total, covered by your 3-day month pass {reference}: R0");
    assert!(mail.text.contains(&words), "{}", mail.text);
    let file = house.member("thandeka").await;
    let file = file.get(&format!("{}.ics", booked.location())).await.html;
    let words = format!("R0\\, covered by your 3-day month pass {reference}");
    assert!(file.replace("\r\n ", "").contains(&words), "{file}");
}

#[tokio::test]
async fn a_pass_used_up_meanwhile_is_said_before_anything_is_charged() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-three", "2026-11-24").await;
    house.deliver_mail().await;
    let link = asks_for_a_day(&house, "desk-1", "2026-11-27").await;
    let visitor = house.visitor();
    let stale = visitor.get(&link).await.form("");
    let thandeka = house.member("thandeka").await;
    book_day(&thandeka, "desk-2", "2026-11-24", "2026-11-26").await;
    let refused = visitor.post(&link, &stale.fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("The price is now R220.") && refused.says("R220, paid at reception"),
        "{}",
        refused.text()
    );
    assert_eq!(ledger(&house).await, entries(&[("charge", 60_000)]));
    // The link still works, for what it says now.
    let booked = visitor.post(&link, &refused.form("").fields).await;
    assert!(visitor.follow(&booked).await.says("You are booked"));
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 60_000), ("charge", 22_000)])
    );
    assert_eq!(left(&house, "thandeka", &reference).await, 0);
}

#[tokio::test]
async fn a_link_leaves_the_days_of_a_hold_at_the_checkout_alone() {
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-three", "2026-11-24").await;
    house.deliver_mail().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold_days("desk-2", "2026-11-24", "2026-11-26")
        .await;
    assert_eq!(left(&house, "thandeka", &reference).await, 0);
    let link = asks_for_a_day(&house, "desk-1", "2026-11-27").await;
    let visitor = house.visitor();
    let page = visitor.get(&link).await;
    assert!(page.says("R220, paid at reception"), "{}", page.text());
    let booked = visitor.post(&link, &page.form("").fields).await;
    assert!(visitor.follow(&booked).await.says("You are booked"));
    thandeka.confirm(&held).await;
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 60_000), ("charge", 22_000)])
    );
}

#[tokio::test]
async fn a_pass_is_nobody_elses() {
    // case R1
    let house = House::open().await;
    let reference = has(&house, "thandeka", "musgrave-ten", "2026-11-24").await;
    let (priya, program) = (house.member("priya").await, house.api("priya").await);
    for path in [
        format!("/passes/{reference}"),
        format!("/passes/{reference}/cancellation"),
    ] {
        assert_eq!(
            priya.get(&path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let give_back = format!("/passes/{reference}/cancellation");
    assert_eq!(
        priya.post::<&str, &str>(&give_back, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        program.post(&give_back, &json!({})).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        program.get(&format!("/passes/{reference}")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(program.get("/passes").await.json, json!({"passes": []}));
    let nomsa = house.member("nomsa").await;
    assert_eq!(
        nomsa.get(&format!("/passes/{reference}")).await.status,
        StatusCode::OK
    );
    let visitor = house.visitor().get(&format!("/passes/{reference}")).await;
    assert_eq!(visitor.status, StatusCode::SEE_OTHER);
    let quoted = program
        .get("/quote?space=desk-1&from=2026-11-26&until=2026-11-27")
        .await;
    assert_eq!(
        quoted.json["total_cents"], 22_000,
        "nor is it drawn on for others"
    );
}

#[tokio::test]
async fn the_database_holds_what_no_code_may_break() {
    let house = House::open().await;
    has(&house, "thandeka", "musgrave-three", "2026-11-24").await;
    let thandeka = house.member("thandeka").await;
    book_day(&thandeka, "desk-1", "2026-11-24", "2026-11-26").await;
    has_charge(&thandeka).await;
    let draw = "insert into pass_days (booking_id, on_date, pass_id, places, valid, place, during)
        select (select id from bookings where total_cents > 0), ";
    for (what, row) in [
        (
            "a fourth place",
            "'2026-11-27', id, places, valid, 4, '[2026-11-27 07:00Z, 2026-11-27 08:00Z)'",
        ),
        (
            "a place that a day has",
            "'2026-11-27', id, places, valid, 1, '[2026-11-27 07:00Z, 2026-11-27 08:00Z)'",
        ),
        (
            "a day outside",
            "'2026-12-24', id, places, valid, 1, '[2026-12-24 07:00Z, 2026-12-24 08:00Z)'",
        ),
        (
            "two desks",
            "'2026-11-24', id, places, valid, 1, '[2026-11-24 07:00Z, 2026-11-24 08:00Z)'",
        ),
        (
            "more places than there are",
            "'2026-11-27', id, 9, valid, 4, '[2026-11-27 07:00Z, 2026-11-27 08:00Z)'",
        ),
    ] {
        let sql = format!("{draw} {row} from passes");
        let outcome = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&house.db)
            .await;
        assert!(outcome.is_err(), "{what}");
    }
    let rate = "insert into rates (id, location_id, kind, unit, cents, valid_from)
        select gen_random_uuid(), id, 'hot_desk', 'week', 1, '2026-01-01' from locations";
    assert!(
        sqlx::raw_sql(rate).execute(&house.db).await.is_err(),
        "a desk has no week of its own"
    );
}

/// A booking that no pass covers.
async fn has_charge(person: &Person) {
    person.book("desk-2", "2026-11-27", "09:00", "10:00").await;
}
