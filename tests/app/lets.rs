//! Offices by the week and the month: from midnight to midnight, over nights, closed days and holidays.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{Answer, Api, House, Person, key};

/// A week or month from a first day, by program.
async fn ask(api: &Api, term: &str, from: &str, count: u32) -> Answer {
    let wish = json!({"space": "office-1", "term": term, "from": from, "count": count});
    api.post("/bookings", &wish).await
}

/// The same on the booking form.
async fn hold(person: &Person, by: &str, date: &str, count: &str) -> crate::support::Page {
    let fields = [
        ("space", "office-1"),
        ("by", by),
        ("date", date),
        ("count", count),
        ("people", "2"),
        ("key", &key()),
    ];
    person.post("/bookings", &fields).await
}

#[tokio::test]
async fn a_month_runs_over_nights_closed_days_and_holidays() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let month = ask(&api, "month", "2026-12-01", 1).await;
    assert_eq!(month.status, StatusCode::CREATED, "{month:?}");
    let json = &month.json;
    assert_eq!(json["from"], "2026-12-01T00:00:00+02:00");
    assert_eq!(json["until"], "2027-01-01T00:00:00+02:00");
    assert_eq!(
        (&json["term"], &json["count"]),
        (&json!("month"), &json!(1))
    );
    assert_eq!(json["total_cents"], 780_000);
    assert_eq!(json["price"][0]["label"], "1 month × R7\u{a0}800");

    let reference = json["reference"].as_str().unwrap();
    let member = house.member("thandeka").await;
    let page = member.get(&format!("/bookings/{reference}")).await;
    assert!(
        page.says("Tue 1 December – Thu 31 December"),
        "{}",
        page.text()
    );
    assert!(page.says("1 month"));
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails[0]
            .subject
            .ends_with("1 month from Tue 1 December to Thu 31 December"),
        "{}",
        mails[0].subject
    );
    let file = member.get(&format!("/bookings/{reference}.ics")).await.html;
    assert!(file.contains("DTSTART;VALUE=DATE:20261201"), "{file}");
    assert!(file.contains("DTEND;VALUE=DATE:20270101"), "{file}");
}

#[tokio::test]
async fn lets_and_days_of_one_office_do_not_overlap() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let days = async |from: &str, until: &str| {
        let wish = json!({"space": "office-1", "from": from, "until": until});
        api.post("/bookings", &wish).await
    };
    assert_eq!(
        ask(&api, "week", "2026-12-07", 1).await.status,
        StatusCode::CREATED
    );
    for (term, from) in [
        ("week", "2026-12-13"),
        ("month", "2026-11-30"),
        ("week", "2026-12-01"),
    ] {
        assert_eq!(
            ask(&api, term, from, 1).await.problem(),
            "taken",
            "{term} {from}"
        );
    }
    assert_eq!(days("2026-12-11", "2026-12-12").await.problem(), "taken");
    // What touches stands: the day before, and from the midnight that it ends at.
    assert_eq!(
        days("2026-12-05", "2026-12-06").await.status,
        StatusCode::CREATED
    );
    assert_eq!(
        ask(&api, "month", "2026-12-14", 1).await.status,
        StatusCode::CREATED
    );
    // A day that is booked stands in the way of the month around it.
    assert_eq!(
        days("2027-01-20", "2027-01-21").await.status,
        StatusCode::CREATED
    );
    assert_eq!(ask(&api, "month", "2027-01-14", 1).await.problem(), "taken");
}

#[tokio::test]
async fn a_month_ends_at_the_latest_on_the_months_last() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let month = ask(&api, "month", "2027-01-31", 1).await;
    assert_eq!(
        month.json["until"], "2027-02-28T00:00:00+02:00",
        "{month:?}"
    );
    let by_end =
        json!({"space": "office-1", "term": "month", "from": "2027-03-31", "until": "2027-05-31"});
    let by_end = api.post("/bookings", &by_end).await;
    assert_eq!(by_end.json["count"], 2, "{by_end:?}");
    for (field, value, problem) in [
        ("until", json!("2027-08-15"), "bad-until"),
        ("count", json!(0), "bad-count"),
        ("count", json!(13), "bad-count"),
        ("count", json!("many"), "bad-count"),
        ("from", json!("2027-07-01T09:00"), "bad-from"),
        ("term", json!("year"), "bad-term"),
    ] {
        let mut wish = json!({"space": "office-1", "term": "month", "from": "2027-07-01"});
        wish[field] = value;
        assert_eq!(
            api.post("/bookings", &wish).await.problem(),
            problem,
            "{field}"
        );
    }
}

#[tokio::test]
async fn only_offices_are_let() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let week = async |space: &str| {
        let wish = json!({"space": space, "term": "week", "from": "2026-12-01"});
        let answer = api.post("/bookings", &wish).await;
        (answer.problem().to_owned(), answer.json["detail"].clone())
    };
    let (problem, detail) = week("desk-1").await;
    assert_eq!(problem, "not-by-week");
    assert_eq!(
        detail,
        "Desks are booked by the hour or the day. For a week take a pass."
    );
    let (problem, detail) = week("lighthouse").await;
    assert_eq!(problem, "not-by-week");
    assert_eq!(detail, "Lighthouse is booked by the hour, not by the week.");
}

#[tokio::test]
async fn only_the_closure_of_the_office_itself_refuses_a_let() {
    let house = House::open().await;
    house
        .run(
            "insert into closures (id, location_id, during, reason, wording)
             select gen_random_uuid(), id, '[2026-12-21 00:00+02, 2027-01-04 00:00+02)', 'shutdown',
                    'Musgrave rests over the holidays.' from locations where slug = 'musgrave';
             insert into closures (id, location_id, floor_id, during, reason, wording)
             select gen_random_uuid(), location_id, id, '[2026-12-21 00:00+02, 2027-01-04 00:00+02)', 'shutdown',
                    'The ground floor rests.' from floors
             where location_id = (select id from locations where slug = 'musgrave')",
        )
        .await;
    let api = house.api("thandeka").await;
    let day = json!({"space": "office-1", "from": "2026-12-22", "until": "2026-12-23"});
    assert_eq!(api.post("/bookings", &day).await.problem(), "closure");
    let month = ask(&api, "month", "2026-12-01", 1).await;
    assert_eq!(month.status, StatusCode::CREATED, "{month:?}");
    house
        .run(
            "insert into closures (id, location_id, space_id, during, reason, wording)
             select gen_random_uuid(), location_id, id, '[2027-02-10 00:00+02, 2027-02-11 00:00+02)', 'painting',
                    'Office 1 is being painted.' from spaces where slug = 'office-1'",
        )
        .await;
    let painted = ask(&api, "month", "2027-02-01", 1).await;
    assert_eq!(painted.problem(), "closure");
    assert_eq!(painted.json["detail"], "Office 1 is being painted.");
}

#[tokio::test]
async fn one_that_begins_today_is_theirs_from_now_on() {
    let house = House::open_at("2026-11-24T12:20:00Z").await;
    let api = house.api("thandeka").await;
    let week = ask(&api, "week", "2026-11-24", 1).await;
    assert_eq!(week.status, StatusCode::CREATED, "{week:?}");
    assert_eq!(
        week.json["from"], "2026-11-24T14:00:00+02:00",
        "by the step"
    );
    assert_eq!(week.json["until"], "2026-12-01T00:00:00+02:00");
    assert_eq!(week.json["total_cents"], 260_000);
    assert_eq!(ask(&api, "week", "2026-11-23", 1).await.problem(), "past");
    // 365 days ahead is the last day that can be booked.
    assert_eq!(
        ask(&api, "week", "2027-11-18", 1).await.status,
        StatusCode::CREATED
    );
    assert_eq!(
        ask(&api, "week", "2027-11-25", 1).await.problem(),
        "too-far"
    );
}

#[tokio::test]
async fn a_week_over_a_clock_change_is_seven_days() {
    // case B6: in Paris Sunday 25 October 2026 has 25 hours, Sunday 28 March 2027 has 23
    let house = House::open_at("2026-10-01T06:00:00Z").await;
    house
        .run("update booking_policies set by_week = true where name = 'rooms'")
        .await;
    house
        .run(
            "insert into rates (id, location_id, kind, unit, cents, valid_from)
             select gen_random_uuid(), id, 'meeting_room', 'week', 100000, '2020-01-01' from locations;
             update booking_policies set max_advance_days = 365 where name = 'rooms'",
        )
        .await;
    let api = house.api("thandeka").await;
    for (from, span) in [
        (
            "2026-10-19",
            ["2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"],
        ),
        (
            "2027-03-22",
            ["2027-03-22T00:00:00+01:00", "2027-03-29T00:00:00+02:00"],
        ),
    ] {
        let wish = json!({"space": "seine", "term": "week", "from": from});
        let week = api.post("/bookings", &wish).await.json;
        assert_eq!(
            [&week["from"], &week["until"]],
            span.map(Value::from).each_ref(),
            "{week}"
        );
        assert_eq!(week["total_cents"], 100_000);
    }
}

#[tokio::test]
async fn the_page_offers_each_way_and_says_from_when_it_is_free() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let page = house.visitor().get("/spaces/office-1").await;
    for words in [
        "By the day",
        "By the week",
        "By the month",
        "R650 / day, R2 600 / week, R7 800 / month",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(!page.says("Free from"));
    assert_eq!(
        ask(&api, "week", "2026-11-24", 2).await.status,
        StatusCode::CREATED
    );
    let page = house.visitor().get("/spaces/office-1?by=month").await;
    assert!(
        page.says("Taken now. Free from Tue 8 December"),
        "{}",
        page.text()
    );
    assert!(page.says("1 month from Tue 8 December to Thu 7 January 2027"));
    assert!(page.says("Book 1 month"));
    // Between two lets there is room for a week and for no month.
    assert_eq!(
        ask(&api, "week", "2026-12-20", 1).await.status,
        StatusCode::CREATED
    );
    let month = house
        .visitor()
        .get("/spaces/office-1?by=month&date=2026-12-08")
        .await;
    assert!(month.says("Free from Sun 27 December"), "{}", month.text());
    assert!(month.says("Office 1 is taken at that time."));
    assert!(month.says("Free 1 month from Sun 27 December to Tue 26 January 2027"));
    let week = house
        .visitor()
        .get("/spaces/office-1?by=week&date=2026-12-08")
        .await;
    assert!(week.says("Book 1 week"), "{}", week.text());
}

#[tokio::test]
async fn a_refused_form_keeps_the_length() {
    let house = House::open().await;
    let member = house.member("thandeka").await;
    let refused = hold(&member, "month", "2026-12-01", "14").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("Enter how many months, as a number from 1 to 12."));
    let form = refused.form("/bookings");
    assert_eq!(
        ["by", "date", "count", "people"].map(|field| form.get(field)),
        ["month", "2026-12-01", "14", "2"]
    );
    let held = member.submit(&form.with("count", "2")).await;
    let checked = member.follow(&held).await;
    assert!(checked.says("2 months"), "{}", checked.text());
    assert!(checked.says("Tue 1 December – Sun 31 January 2027"));
    assert!(checked.says("R15 600"));
    member.confirm(&held).await;
    let refused = hold(&house.member("sipho").await, "week", "2027-01-31", "1").await;
    assert!(
        refused.says("Office 1 was just taken."),
        "{}",
        refused.text()
    );
    assert!(refused.says("Free 1 week from Mon 1 February 2027 to Sun 7 February 2027"));
}

#[tokio::test]
async fn cancelling_a_let_follows_the_terms_of_the_office() {
    let house = House::open().await;
    house
        .run(
            r#"update booking_policies set cancellation = '[{"minutes_before": 10080, "kept_percent": 0}, {"minutes_before": 0, "kept_percent": 50}]'
               where name = 'offices'"#,
        )
        .await;
    let api = house.api("thandeka").await;
    for (from, kept) in [("2026-12-02", 0), ("2026-11-30", 130_000)] {
        let week = ask(&api, "week", from, 1).await;
        let reference = week.json["reference"].as_str().unwrap();
        let cancelled = api
            .post(&format!("/bookings/{reference}/cancellation"), &json!({}))
            .await;
        assert_eq!(cancelled.json["kept_cents"], kept, "{from}: {cancelled:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_office_by_the_month_and_by_the_day_at_once() {
    // case G1: half want the month, half a day in it
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..20 {
        let api = api.clone();
        asked.spawn(async move {
            let wish = if number % 2 == 0 {
                json!({"space": "office-1", "term": "month", "from": "2026-12-01"})
            } else {
                json!({"space": "office-1", "from": "2026-12-10", "until": "2026-12-11"})
            };
            api.post("/bookings", &wish).await
        });
    }
    let answers = asked.join_all().await;
    let made = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(made.count(), 1);
    let lost = answers.iter().filter(|answer| answer.problem() == "taken");
    assert_eq!(lost.count(), 19, "{answers:?}");
}

#[tokio::test]
async fn a_quote_and_what_is_available_by_the_month() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let quote = api
        .get("/quote?space=office-1&term=week&from=2026-11-24&count=5")
        .await;
    assert_eq!(quote.json["total_cents"], 1_040_000, "{quote:?}");
    assert_eq!(
        quote.json["reason"],
        "5 weeks would be R13\u{a0}000; a mix of the month and week rates applies."
    );
    let offices = api
        .get("/availability?kind=office&term=month&from=2026-12-01")
        .await;
    assert_eq!(offices.json["spaces"][0]["free"], true, "{offices:?}");
    let spaces = api.get("/spaces?kind=office").await;
    assert_eq!(
        spaces.json["spaces"][0]["terms"],
        json!(["day", "week", "month"])
    );
}

#[tokio::test]
async fn an_offices_prices_stand_with_and_without_their_vat() {
    let house = House::open().await;
    let visitor = house.visitor();
    let month = "/spaces/office-1?by=month&date=2026-12-01";
    let page = visitor.get(month).await;
    for words in [
        "By the month R6 782.61 R1 017.39 R7 800",
        "By the day R565.22 R84.78 R650",
        "Total R7 800 Without VAT R6 782.61 VAT included (15 %) R1 017.39",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(
        visitor
            .get("/offices")
            .await
            .says("R6 782.61 + R1 017.39 VAT = R7 800"),
        "{}",
        visitor.get("/offices").await.text()
    );
    let list = "/spaces?kind=office&by=month&date=2026-12-01";
    let page = visitor.get(list).await;
    assert!(page.says("R6 782.61 + R1 017.39 VAT"), "{}", page.text());
    // The others are for people, who want to know what they pay.
    let desk = visitor.get("/spaces/desk-1").await;
    assert!(!desk.says("Without VAT"), "{}", desk.text());

    house
        .run("update installation set vat_registered = false")
        .await;
    for path in [month, "/offices", list] {
        let page = visitor.get(path).await;
        assert!(page.says("R7 800") && !page.says("VAT"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_card_says_from_when_an_office_is_free() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let visitor = house.visitor();
    let (list, week) = ("/spaces", "/spaces?kind=office&by=week&date=2026-12-01");
    assert!(!visitor.get("/spaces").await.says("Free from"));
    assert_eq!(
        ask(&api, "month", "2026-11-24", 2).await.status,
        StatusCode::CREATED
    );
    assert_eq!(
        ask(&api, "week", "2027-02-01", 1).await.status,
        StatusCode::CREATED
    );
    // A month fits only after the week of February, a week before it.
    for (path, words) in [
        ("/spaces", "Free from Mon 8 February 2027"),
        (week, "Free from Sun 24 January 2027"),
    ] {
        let page = visitor.get(path).await;
        assert!(page.says(words), "{path}: {}", page.text());
    }
    let page = visitor.get(week).await;
    let link = "/spaces/office-1?kind=office&by=week&date=2027-01-24&count=1";
    assert!(
        page.links().iter().any(|to| to.starts_with(link)),
        "{:?}",
        page.links()
    );
    assert_eq!(
        ask(&api, "month", "2027-02-08", 6).await.status,
        StatusCode::CREATED
    );
    assert!(visitor.get(list).await.says("Let for now"));
}
