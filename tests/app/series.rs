//! Bookings that repeat: every date a booking of its own.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::ledger::{entries, ledger};
use crate::readers::python;
use crate::support::{Form, House, Page, Person, key};

/// It is Tuesday 24 November 2026, 06:30. Wednesday 16 December is a public holiday.
const WEDNESDAYS: &[(&str, &str)] = &[
    ("space", "lighthouse"),
    ("date", "2026-12-02"),
    ("from", "09:00"),
    ("until", "10:00"),
    ("people", "4"),
    ("repeat", "week"),
    ("wed", "1"),
    ("times", "4"),
];

fn with<'a>(
    fields: &[(&'a str, &'a str)],
    others: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut all: Vec<_> = fields.to_vec();
    all.retain(|(name, _)| !others.iter().any(|(other, _)| other == name));
    all.extend(others.iter().filter(|(_, value)| !value.is_empty()));
    all
}

async fn preview(person: &Person, fields: &[(&str, &str)]) -> Page {
    let query: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace(' ', "+")))
        .collect();
    let page = person
        .get(&format!("/series/new?{}", query.join("&")))
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page
}

/// What the button of a preview sends.
fn offered(preview: &Page) -> Form {
    let form = preview.form("/series");
    match preview.html.contains("name=\"skip\" value=\"yes\"") {
        true => form.with("skip", "yes"),
        false => form,
    }
}

/// Books what the preview offers, and says the reference.
async fn book(person: &Person, fields: &[(&str, &str)]) -> String {
    let page = preview(person, fields).await;
    let booked = person.submit(&offered(&page)).await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER, "{}", booked.text());
    booked.location().trim_start_matches("/series/").to_owned()
}

/// `lighthouse 2026-12-02 07:00 confirmed` in UTC, by date, of all series.
async fn dates(house: &House) -> Vec<String> {
    sqlx::query_scalar(
        "select s.slug || to_char(lower(b.during) at time zone 'UTC', ' YYYY-MM-DD HH24:MI ') || b.status
         from bookings b join spaces s on s.id = b.space_id where b.series_id is not null order by lower(b.during), s.slug",
    )
    .fetch_all(&house.db)
    .await
    .unwrap()
}

async fn count(house: &House) -> i64 {
    house
        .one("select count(*) from bookings where series_id is not null")
        .await
}

#[tokio::test]
async fn each_date_is_listed_with_its_price_or_the_reason_and_those_that_are_free_can_be_booked() {
    // cases I1, I2, P3
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    sipho
        .book("lighthouse", "2026-12-09", "09:30", "11:00")
        .await;
    house.deliver_mail().await;
    let thandeka = house.member("thandeka").await;
    let page = preview(&thandeka, WEDNESDAYS).await;
    for words in [
        "2 of 4 dates are free",
        "Wed 2 December Free Lighthouse, 09:00–10:00 R200",
        "Wed 9 December Not possible Lighthouse is taken at that time",
        "Wed 16 December Not possible Musgrave is closed on Wed 16 December",
        "every Wednesday, 4 times",
        "2 dates R400",
        "2 dates are left out",
        "Book the 2 that are free",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert!(
        page.links()
            .contains(&"/spaces/lighthouse?date=2026-12-09".to_owned())
    );
    assert_eq!(count(&house).await, 0, "nothing is made by looking");

    // All or nothing: nothing.
    let whole = thandeka.submit(&offered(&page).without("skip")).await;
    assert_eq!(whole.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        whole.says("2 of the 4 dates cannot be had, so nothing is booked."),
        "{}",
        whole.text()
    );
    assert!(
        whole.html.contains("value=\"2026-12-02\""),
        "what was typed is there"
    );
    assert_eq!(count(&house).await, 0);

    let booked = thandeka.submit(&offered(&whole)).await;
    let page = thandeka.follow(&booked).await;
    for words in [
        "2 left of 2",
        "R400 for what is left",
        "Left out when it was booked",
        "Wed 16 December",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    assert_eq!(
        dates(&house).await,
        [
            "lighthouse 2026-12-02 07:00 confirmed",
            "lighthouse 2026-12-23 07:00 confirmed"
        ]
    );
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 30_000), ("charge", 20_000), ("charge", 20_000)])
    );

    assert_eq!(house.deliver_mail().await, 1, "one mail with all dates");
    let mail = house.mails("thandeka@example.com").await.remove(0);
    for words in [
        "Wed 2 December, 09:00–10:00, Lighthouse: R200",
        "Wed 23 December, 09:00–10:00",
        "Together: R400",
        "Wed 9 December: Lighthouse is taken at that time",
    ] {
        assert!(mail.text.contains(words), "{words}: {}", mail.text);
    }
    assert!(mail.html.contains("Together"), "{}", mail.html);
    let calendar = mail.calendar.unwrap();
    assert_eq!(calendar.matches("BEGIN:VEVENT").count(), 2, "{calendar}");
    assert!(calendar.contains("METHOD:PUBLISH"), "{calendar}");

    // It stands once in the list, and a date leads to the whole.
    let list = thandeka.get("/bookings").await;
    assert!(list.says("1 more date"), "{}", list.text());
    let reference: String = house
        .one("select reference from bookings where series_id is not null order by lower(during) limit 1")
        .await;
    let date = thandeka.get(&format!("/bookings/{reference}")).await;
    let series = booked.location();
    assert!(
        date.links().contains(&series.to_owned()),
        "{:?}",
        date.links()
    );
    let lines: Vec<String> =
        sqlx::query_scalar("select verb from audit_events where subject = 'series'")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(lines, ["book series"]);
}

#[tokio::test]
async fn what_does_not_say_how_it_repeats_is_asked_for_it_and_makes_nothing() {
    // cases I7, I4, I6
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    for (changes, words) in [
        (&[("wed", "")][..], "Choose at least one weekday."),
        (
            &[("times", "")],
            "Say until when it repeats, or how many times.",
        ),
        (&[("through", "2026-12-31")], "leave the other empty"),
        (&[("times", "201")], "as a number from 1 to 200"),
        (
            &[("times", ""), ("through", "2026-12-01")],
            "There is no such date before it ends.",
        ),
        (&[("until", "08:00")], "Choose an end after the start."),
        (&[("from", "nine")], "Choose a time, like 09:00."),
        (&[("space", "nowhere")], "There is no such space"),
        (
            &[("repeat", "yearly")],
            "Choose how it repeats from the list.",
        ),
        (&[("every", "0")], "Enter a number from 1 to 52"),
        (&[("people", "many")], "Enter how many people are coming"),
    ] {
        let fields = with(WEDNESDAYS, changes);
        let page = preview(&thandeka, &fields).await;
        assert!(page.says(words), "{changes:?}: {}", page.text());
        assert!(page.find_form("/series").is_none(), "{changes:?}");
        let sent = thandeka.post("/series", &fields).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{changes:?}");
        assert!(sent.says(words), "{changes:?}: {}", sent.text());
    }
    assert_eq!(count(&house).await, 0);
    // That day included, and the first is the next day that was chosen.
    let fields = with(
        WEDNESDAYS,
        &[
            ("wed", ""),
            ("mon", "1"),
            ("times", ""),
            ("through", "2026-12-14"),
        ],
    );
    book(&thandeka, &fields).await;
    assert_eq!(
        dates(&house).await,
        [
            "lighthouse 2026-12-07 07:00 confirmed",
            "lighthouse 2026-12-14 07:00 confirmed"
        ]
    );
}

#[tokio::test]
async fn each_date_keeps_notice_and_horizon_and_draws_on_what_the_dates_before_left() {
    // cases I15, I14
    let house = House::open().await;
    house
        .run("update booking_policies set notice_minutes = 240 where name = 'rooms'")
        .await;
    let thandeka = house.member("thandeka").await;
    let page = preview(
        &thandeka,
        &with(
            WEDNESDAYS,
            &[
                ("date", "2026-11-24"),
                ("wed", ""),
                ("tue", "1"),
                ("times", "16"),
            ],
        ),
    )
    .await;
    for words in [
        "Tue 24 November Not possible Lighthouse is booked at least 4 hours ahead",
        "Tue 1 December Free",
        "Tue 16 February 2027 Free",
        "Tue 23 February 2027 Not possible Lighthouse can be booked up to Mon 22 February 2027",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    // A pass of three days covers three dates, and not a fourth.
    let buying = thandeka
        .get("/passes/new?product=musgrave-three&first=2026-11-24")
        .await;
    let bought = thandeka.submit(&buying.form("/passes")).await;
    assert_eq!(bought.status, StatusCode::SEE_OTHER, "{}", bought.text());
    let desk = [
        ("space", "desk-1"),
        ("by", "day"),
        ("date", "2026-11-25"),
        ("repeat", "workdays"),
        ("times", "5"),
    ];
    let page = preview(&thandeka, &desk).await;
    assert!(
        page.says("Wed 25 November Free Desk 1, 07:00–19:00 R0 Thu 26 November Free Desk 1, 07:00–19:00 R0 Fri 27 November Free Desk 1, 07:00–19:00 R0 Mon 30 November Free Desk 1, 07:00–19:00 R220"),
        "{}",
        page.text()
    );
    let booked = thandeka.submit(&offered(&page)).await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER, "{}", booked.text());
    assert_eq!(
        house
            .one::<i64>("select count(*) from pass_days where active")
            .await,
        3
    );
    // Who has a desk that day already, has it.
    let page = preview(
        &thandeka,
        &with(
            &desk,
            &[
                ("space", "any:musgrave"),
                ("by", "time"),
                ("from", "09:00"),
                ("until", "10:00"),
            ],
        ),
    )
    .await;
    assert!(
        page.says("5 dates are free") || page.says("dates are free"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn any_desk_is_the_best_on_each_date() {
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    sipho.book("desk-1", "2026-11-26", "09:00", "10:00").await;
    let thandeka = house.member("thandeka").await;
    let fields = [
        ("space", "any:musgrave"),
        ("date", "2026-11-25"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("repeat", "day"),
        ("times", "3"),
    ];
    book(&thandeka, &fields).await;
    assert_eq!(
        dates(&house).await,
        [
            "desk-1 2026-11-25 07:00 confirmed",
            "desk-2 2026-11-26 07:00 confirmed",
            "desk-1 2026-11-27 07:00 confirmed"
        ]
    );
}

#[tokio::test]
async fn local_time_stays_local_and_a_time_that_is_none_is_that_dates_refusal() {
    // cases B5, B3
    let house = House::open_at("2026-10-20T06:00:00Z").await;
    let thandeka = house.member("thandeka").await;
    let sundays = [
        ("space", "prairie"),
        ("date", "2026-10-25"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("repeat", "week"),
        ("sun", "1"),
        ("times", "2"),
    ];
    book(&thandeka, &sundays).await;
    assert_eq!(
        dates(&house).await,
        [
            "prairie 2026-10-25 14:00 confirmed",
            "prairie 2026-11-01 15:00 confirmed"
        ]
    );
    let nights = [
        ("space", "seine"),
        ("date", "2026-10-24"),
        ("from", "02:30"),
        ("until", "03:30"),
        ("repeat", "day"),
        ("times", "3"),
    ];
    let page = preview(&thandeka, &nights).await;
    assert!(
        page.says("2 of 3 dates are free")
            && page.says("the clocks go back and 02:30 happens twice"),
        "{}",
        page.text()
    );
}

async fn scope(person: &Person, address: &str) -> Form {
    let page = person.get(address).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let action = address.split('?').next().unwrap();
    let forms: Vec<&str> = page.html.split("<form").collect();
    let at = forms.iter().position(|form| {
        form.contains("method=\"post\"") && form.contains(&format!("action=\"{action}\""))
    });
    let at = at.unwrap_or_else(|| panic!("nothing to confirm: {}", page.text()));
    let rest = Page {
        status: page.status,
        headers: page.headers.clone(),
        html: format!("<form{}", forms[at..].join("<form")),
    };
    rest.form(action)
}

#[tokio::test]
async fn dates_are_cancelled_one_by_one_between_two_days_or_from_one_on() {
    // cases I9, I17, K11, M1
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let weekly = with(
        WEDNESDAYS,
        &[
            ("date", "2026-11-25"),
            ("times", ""),
            ("through", "2027-01-20"),
        ],
    );
    let reference = book(&thandeka, &weekly).await;
    // 25 Nov, 2, 9, 23, 30 Dec, 6, 13, 20 Jan
    assert_eq!(count(&house).await, 8);
    house.deliver_mail().await;
    let second: String = house
        .one("select reference from bookings where lower(during) = '2026-12-02T07:00:00Z'")
        .await;
    let cancellation = format!("/bookings/{second}/cancellation");
    let page = thandeka.get(&cancellation).await;
    thandeka.submit(&page.form(&cancellation)).await;
    let live = async || {
        house
            .one::<i64>("select count(*) from bookings where status = 'confirmed'")
            .await
    };
    assert_eq!(live().await, 7);
    house.deliver_mail().await;

    let path = format!("/series/{reference}/cancellation");
    let page = thandeka
        .get(&format!("{path}?first=2026-12-20&last=2027-01-07"))
        .await;
    assert!(page.says("These 3 dates go, 4 stay"), "{}", page.text());
    let form = scope(
        &thandeka,
        &format!("{path}?first=2026-12-20&last=2027-01-07"),
    )
    .await;
    let done = thandeka.submit(&form).await;
    assert!(
        thandeka
            .follow(&done)
            .await
            .says("3 dates are cancelled. R600 goes back to your account."),
    );
    assert_eq!(live().await, 4);
    assert_eq!(house.deliver_mail().await, 1, "one mail for all of them");
    let mail = house.mails("thandeka@example.com").await.remove(0);
    assert!(
        mail.subject.starts_with("3 dates of your series cancelled")
            && mail.text.contains("nothing is kept"),
        "{}",
        mail.text
    );
    assert_eq!(
        mail.calendar.unwrap().matches("STATUS:CANCELLED").count(),
        3
    );

    // Late for the first: half is kept of it, and what is not shown is not kept.
    let all = scope(&thandeka, &path).await;
    house.app.clock.shift(TimeDelta::hours(12));
    let refused = thandeka.submit(&all).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("have changed since you looked"),
        "{}",
        refused.text()
    );
    assert!(
        refused.says("R100 is kept. R700 goes back."),
        "{}",
        refused.text()
    );
    // Once it has begun it is past, and stays.
    house.app.clock.shift(TimeDelta::hours(15));
    let done = thandeka.submit(&scope(&thandeka, &path).await).await;
    assert!(thandeka.follow(&done).await.says("3 dates are cancelled."));
    assert_eq!(live().await, 1);
    let nothing = thandeka.post(&path, &[("first", "")]).await;
    assert!(nothing.says("There is no date ahead"), "{}", nothing.text());
    // Nobody else finds it.
    let priya = house.member("priya").await;
    for address in [
        format!("/series/{reference}"),
        path.clone(),
        format!("/series/{reference}/move"),
        format!("/series/{reference}.ics"),
    ] {
        assert_eq!(
            priya.get(&address).await.status,
            StatusCode::NOT_FOUND,
            "{address}"
        );
    }
    assert_eq!(
        priya.post(&path, &[("first", "")]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn later_dates_become_others_and_the_series_splits() {
    // cases I11, H5
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let weekly = with(WEDNESDAYS, &[("date", "2026-11-25"), ("times", "3")]);
    let reference = book(&thandeka, &weekly).await;
    house.deliver_mail().await;
    house.app.clock.shift(TimeDelta::hours(36));
    let path = format!("/series/{reference}/move");
    // A day later and longer: the past one stays.
    let address = format!("{path}?from=10:00&until=11:30&later=1");
    let page = thandeka.get(&address).await;
    for words in [
        "All 2 dates can become so",
        "Wed 2 December, 09:00–10:00 Lighthouse, Thu 3 December, 10:00–11:30 R300 was R200",
        "R200 more. Together they cost R600 then.",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    let done = thandeka.submit(&scope(&thandeka, &address).await).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let after = thandeka.follow(&done).await;
    assert!(
        after.says("every Thursday") && after.says("It goes on from") && after.says("2 left of 2"),
        "{}",
        after.text()
    );
    let before = thandeka.get(&format!("/series/{reference}")).await;
    assert!(
        before.says("they go on as")
            && before.says("every Wednesday until Wed 25 November")
            && before.says("0 left of 1"),
        "{}",
        before.text()
    );
    assert_eq!(
        dates(&house).await,
        [
            "lighthouse 2026-11-25 07:00 confirmed",
            "lighthouse 2026-12-03 08:00 confirmed",
            "lighthouse 2026-12-10 08:00 confirmed"
        ]
    );
    assert_eq!(
        ledger(&house).await,
        entries(&[
            ("charge", 20_000),
            ("charge", 20_000),
            ("charge", 20_000),
            ("charge", 10_000),
            ("charge", 10_000)
        ])
    );
    assert_eq!(house.deliver_mail().await, 1, "one mail for all of them");
    let mail = house.mails("thandeka@example.com").await.remove(0);
    assert!(
        mail.subject.starts_with("2 dates of your series changed")
            && mail.text.contains("Thu 10 December, 10:00–11:30"),
        "{}",
        mail.text
    );
    // Each day one later, where each stands in the way of the one before.
    let daily = with(
        WEDNESDAYS,
        &[
            ("space", "pier"),
            ("date", "2026-11-30"),
            ("repeat", "day"),
            ("times", "3"),
        ],
    );
    let reference = book(&thandeka, &daily).await;
    let address = format!("/series/{reference}/move?later=1");
    let done = thandeka.submit(&scope(&thandeka, &address).await).await;
    assert_eq!(
        done.location(),
        format!("/series/{reference}"),
        "nothing was before: it does not split"
    );
    assert!(thandeka.follow(&done).await.says("3 left of 3"));
    let pier: i64 = house
        .one("select count(*) from bookings b join spaces s on s.id = b.space_id where s.slug = 'pier' and lower(during) between '2026-12-01' and '2026-12-04'")
        .await;
    assert_eq!(pier, 3);
    // By the month it keeps its days; nonsense is told.
    let monthly = with(WEDNESDAYS, &[("repeat", "date"), ("times", "2")]);
    let reference = book(&thandeka, &monthly).await;
    for (query, words) in [
        ("later=1", "A series by the month keeps its days."),
        ("later=soon", "Enter how many days later"),
        ("from=11:00", "Choose an end after the start."),
        ("from=9", "Choose a time, like 09:00."),
        ("people=0", "Enter how many people"),
        ("space=nowhere", "There is no such space"),
        ("first=2027-06-01&people=2", "There is no date ahead"),
        ("first=2027-06-01&last=2027-05-01", "not before the first"),
        ("from=09:00&until=10:00", "Nothing would change"),
    ] {
        let page = thandeka
            .get(&format!("/series/{reference}/move?{query}"))
            .await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.says(words), "{query}: {}", page.text());
    }
}

#[tokio::test]
async fn a_date_that_somebody_else_has_is_only_reported() {
    // cases I13, I2
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = book(
        &thandeka,
        &with(WEDNESDAYS, &[("times", ""), ("through", "2026-12-30")]),
    )
    .await;
    // 2, 9, 23, 30 December; the second is given up and taken by another, who also has an hour of the third.
    let second: String = house
        .one("select reference from bookings where lower(during) = '2026-12-09T07:00:00Z'")
        .await;
    let cancellation = format!("/bookings/{second}/cancellation");
    let page = thandeka.get(&cancellation).await;
    thandeka.submit(&page.form(&cancellation)).await;
    let sipho = house.member("sipho").await;
    sipho
        .book("lighthouse", "2026-12-09", "09:00", "11:00")
        .await;
    sipho
        .book("lighthouse", "2026-12-23", "10:00", "11:00")
        .await;
    let address = format!("/series/{reference}/move?from=10:00&until=11:00");
    let page = thandeka.get(&address).await;
    assert!(
        page.says("2 of 3 dates can become so")
            && page.says("Wed 23 December, 09:00–10:00 Stays Lighthouse is taken"),
        "{}",
        page.text()
    );
    assert!(!page.says("Wed 9 December, 09:00–10:00"), "{}", page.text());
    let form = scope(&thandeka, &address).await;
    let whole = thandeka.submit(&form).await;
    assert_eq!(whole.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        whole.says("One of the 3 dates cannot become so, and nothing is changed."),
        "{}",
        whole.text()
    );
    let done = thandeka.submit(&form.with("skip", "yes")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(
        dates(&house).await,
        [
            "lighthouse 2026-12-02 08:00 confirmed",
            "lighthouse 2026-12-09 07:00 cancelled",
            "lighthouse 2026-12-23 07:00 confirmed",
            "lighthouse 2026-12-30 08:00 confirmed"
        ]
    );
}

#[tokio::test]
async fn many_at_once_get_every_date_once() {
    // cases G1, G4, I2
    let house = House::open().await;
    let mut people = Vec::new();
    for name in house.crowd(6).await {
        people.push(house.member(&name).await);
    }
    let sent = async |skip: &str, space: &str| -> Vec<Page> {
        let mut sent = JoinSet::new();
        for (n, person) in people.iter().cloned().enumerate() {
            // They begin on two days a week apart, so that they meet on some of their dates.
            let date = format!("2026-12-{:02}", 1 + 7 * (n % 2));
            let (skip, space, key) = (skip.to_owned(), space.to_owned(), key());
            sent.spawn(async move {
                let others = [
                    ("space", space.as_str()),
                    ("date", &date),
                    ("until", "18:00"),
                    ("repeat", "workdays"),
                    ("times", "7"),
                    ("skip", &skip),
                    ("key", &key),
                ];
                person.post("/series", &with(WEDNESDAYS, &others)).await
            });
        }
        sent.join_all().await
    };
    let answers = sent("yes", "lighthouse").await;
    for answer in &answers {
        assert!(
            matches!(
                answer.status,
                StatusCode::SEE_OTHER
                    | StatusCode::UNPROCESSABLE_ENTITY
                    | StatusCode::SERVICE_UNAVAILABLE
            ),
            "{}: {}",
            answer.status,
            answer.text()
        );
    }
    let made: i64 = house
        .one(
            "select count(*) from (select lower(during) from bookings where status = 'confirmed' group by 1
             having count(*) > 1) twice",
        )
        .await;
    assert_eq!(made, 0, "no date twice");
    assert!(count(&house).await >= 6);
    // All or nothing: the dates of whoever is refused are all left free.
    let answers = sent("", "pier").await;
    let won = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::SEE_OTHER)
        .count() as i64;
    let partly: i64 = house
        .one("select count(*) from (select series_id from bookings b join spaces s on s.id = b.space_id where s.slug = 'pier' group by 1 having count(*) <> 7) part")
        .await;
    let whole: i64 = house
        .one("select count(distinct series_id) from bookings b join spaces s on s.id = b.space_id where s.slug = 'pier'")
        .await;
    assert_eq!((partly, whole), (0, won));
}

#[tokio::test]
async fn what_was_looked_over_is_what_is_booked_and_sent_twice_it_is_booked_once() {
    // case G8
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let page = preview(&thandeka, &with(WEDNESDAYS, &[("times", "2")])).await;
    let form = offered(&page);
    let sipho = house.member("sipho").await;
    sipho
        .book("lighthouse", "2026-12-09", "09:00", "10:00")
        .await;
    let changed = thandeka.submit(&form.clone().with("skip", "yes")).await;
    assert_eq!(changed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        changed.says("Something has changed since you looked."),
        "{}",
        changed.text()
    );
    let form = offered(&changed);
    let first = thandeka.submit(&form).await;
    let again = thandeka.submit(&form).await;
    assert_eq!(first.location(), again.location());
    assert_eq!(count(&house).await, 1);
    let other = thandeka.submit(&form.with("people", "5")).await;
    assert!(
        other.says("This was sent before with other details."),
        "{}",
        other.text()
    );
    house.run("update members set standing = 'barred', standing_reason = 'x' where email = 'sipho@example.com'").await;
    let barred = sipho
        .post("/series", &with(WEDNESDAYS, &[("space", "pier")]))
        .await;
    assert!(barred.says("cannot make new bookings"), "{}", barred.text());
    assert_eq!(count(&house).await, 1);
}

#[tokio::test]
async fn the_front_desk_books_changes_and_cancels_a_series_for_somebody() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let fields = with(
        WEDNESDAYS,
        &[
            ("who", "priya@example.com"),
            ("times", "2"),
            ("tell", "yes"),
        ],
    );
    let reference = book(&nomsa, &fields).await;
    let booker: String = house
        .one("select m.name || ' ' || b.channel from bookings b join members m on m.id = b.member_id where series_id is not null limit 1")
        .await;
    assert_eq!(booker, "Priya Naidoo desk");
    let priya = house.member("priya").await;
    assert!(
        priya
            .get(&format!("/series/{reference}"))
            .await
            .says("2 left of 2")
    );
    assert!(
        nomsa
            .get(&format!("/series/{reference}"))
            .await
            .says("Booked by Priya Naidoo.")
    );
    // She hears of it once it cannot be taken back any more.
    assert_eq!(house.deliver_mail().await, 0);
    house.run("update jobs set run_at = now()").await;
    assert_eq!(house.deliver_mail().await, 1);
    let nobody = preview(&nomsa, &with(&fields, &[("who", "nobody at all")])).await;
    assert!(nobody.says("that is one person"), "{}", nobody.text());
    // Outside of hours with a reason.
    let early = with(
        &fields,
        &[("space", "pier"), ("from", "06:00"), ("until", "07:00")],
    );
    let page = preview(&nomsa, &early).await;
    assert!(
        page.says("None of these dates can be had"),
        "{}",
        page.text()
    );
    book(
        &nomsa,
        &with(&early, &[("reason", "The owner opens for them")]),
    )
    .await;

    let address = format!("/series/{reference}/move?from=10:00&until=12:00");
    let done = nomsa.submit(&scope(&nomsa, &address).await).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let path = format!("/series/{reference}/cancellation");
    let form = scope(&nomsa, &path).await;
    let without = nomsa.submit(&form).await;
    assert!(
        without.says("Say why it is cancelled."),
        "{}",
        without.text()
    );
    let done = nomsa
        .submit(&form.with("cause", "us").with("tell", "yes"))
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let gone: i64 = house
        .one("select count(*) from bookings where cancellation_reason = 'us'")
        .await;
    assert_eq!(gone, 2);
    house.run("update jobs set run_at = now()").await;
    house.deliver_mail().await;
    let mail = house.mails("priya@example.com").await.remove(0);
    assert!(
        mail.subject.starts_with("2 dates of your series cancelled"),
        "{}",
        mail.subject
    );
    // A member does not book for others.
    let own = preview(
        &priya,
        &with(&fields, &[("who", "sipho@example.com"), ("space", "pier")]),
    )
    .await;
    let sent = priya.submit(&offered(&own)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
    let whose: i64 = house
        .one("select count(*) from bookings b join members m on m.id = b.member_id where m.email = 'sipho@example.com'")
        .await;
    assert_eq!(whose, 0);
}

#[tokio::test]
async fn programs_book_read_change_and_cancel_series() {
    let house = House::open().await;
    let (api, other, desk) = (
        house.api("thandeka").await,
        house.api("priya").await,
        house.api("nomsa").await,
    );
    let new = |more: Value| {
        let mut body = json!({"space": "lighthouse", "from": "2026-12-02T09:00", "until": "2026-12-02T10:00",
            "rrule": "FREQ=WEEKLY;BYDAY=WE;UNTIL=20261223T070000Z", "people": 4});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    let outlook = api.post("/series", &new(json!({"dry_run": true}))).await;
    assert_eq!(outlook.status, StatusCode::OK, "{}", outlook.json);
    assert_eq!(outlook.json["possible"], 3);
    assert_eq!(outlook.json["total_cents"], 60_000);
    assert_eq!(outlook.json["dates"][2]["refused"], "closed-day");
    assert_eq!(
        outlook.json["dates"][0]["from"],
        "2026-12-02T09:00:00+02:00"
    );
    let whole = api.post("/series", &new(json!({}))).await;
    assert_eq!(
        (whole.status, whole.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "dates-refused")
    );
    let made = api.post("/series", &new(json!({"skip": true}))).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.json);
    assert_eq!(made.json["rrule"], "FREQ=WEEKLY;BYDAY=WE;UNTIL=20261223");
    assert_eq!(made.json["left_out"][0]["date"], "2026-12-16");
    let reference = made.json["reference"].as_str().unwrap().to_owned();
    assert_eq!(made.json["bookings"][0]["series"], reference.as_str());
    let path = format!("/series/{reference}");
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(api.get("/series").await.json["series"][0]["left"], 3);
    let taken = other.post("/series", &new(json!({}))).await;
    assert_eq!(
        (taken.status, taken.problem()),
        (StatusCode::CONFLICT, "dates-refused")
    );
    for (body, kind) in [
        (json!({"rrule": "FREQ=HOURLY;COUNT=2"}), "bad-rrule"),
        (json!({"rrule": "FREQ=WEEKLY;COUNT=2"}), "bad-rrule"),
        (json!({"rrule": "FREQ=DAILY;COUNT=900"}), "bad-rrule"),
        (json!({"space": "nowhere"}), "no-such-space"),
        (json!({"reason": "because"}), "for-staff"),
    ] {
        let refused = api.post("/series", &new(body.clone())).await;
        assert_eq!(refused.problem(), kind, "{body}: {}", refused.json);
    }
    let change = format!("{path}/change");
    let body = json!({"first": "2026-12-09", "from": "11:00", "until": "12:30"});
    let mut dry = body.clone();
    dry["dry_run"] = true.into();
    let outlook = api.post(&change, &dry).await;
    assert_eq!(outlook.json["total_cents"], 60_000, "{}", outlook.json);
    assert_eq!(
        other.post(&change, &body).await.status,
        StatusCode::NOT_FOUND
    );
    let split = api.post(&change, &body).await;
    assert_eq!(split.status, StatusCode::OK, "{}", split.json);
    assert_eq!(split.json["follows"], reference.as_str());
    let later = format!("/series/{}", split.json["reference"].as_str().unwrap());
    let cancellation = format!("{later}/cancellation");
    let dry = api.post(&cancellation, &json!({"dry_run": true})).await;
    assert_eq!(
        dry.json["bookings"].as_array().unwrap().len(),
        2,
        "{}",
        dry.json
    );
    let done = api
        .post(&cancellation, &json!({"first": "2026-12-20"}))
        .await;
    assert_eq!(
        done.json["bookings"].as_array().unwrap().len(),
        1,
        "{}",
        done.json
    );
    let by_desk = desk.post(&cancellation, &json!({"because": "us"})).await;
    assert_eq!(by_desk.status, StatusCode::OK, "{}", by_desk.json);
    let nothing = api.post(&cancellation, &json!({})).await;
    assert_eq!(nothing.problem(), "nothing-ahead");
    let theirs = desk
        .post(
            "/series",
            &new(json!({"space": "pier", "skip": true, "on_behalf_of": "priya@example.com"})),
        )
        .await;
    assert_eq!(theirs.status, StatusCode::CREATED, "{}", theirs.json);
    assert_eq!(other.get("/series").await.json["series"][0]["left"], 3);
    let denied = other
        .post(
            "/series",
            &new(json!({"on_behalf_of": "sipho@example.com"})),
        )
        .await;
    assert_eq!(denied.status, StatusCode::NOT_FOUND);
}

const EVENTS: &str = "from icalendar import Calendar
file = Calendar.from_ical(sys.stdin.read())
answer = [[str(e['UID']), e.decoded('DTSTART').isoformat(), str(e['STATUS']), int(e['SEQUENCE'])] for e in file.walk('VEVENT')]";

#[tokio::test]
async fn calendar_programs_read_each_date_as_an_event_of_its_own() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = book(&thandeka, &with(WEDNESDAYS, &[("times", "2")])).await;
    house.deliver_mail().await;
    let mail = house.mails("thandeka@example.com").await.remove(0);
    let made = python(EVENTS, &mail.calendar.unwrap());
    let first: String = house
        .one("select reference from bookings where series_id is not null order by lower(during) limit 1")
        .await;
    let cancellation = format!("/bookings/{first}/cancellation");
    let page = thandeka.get(&cancellation).await;
    thandeka.submit(&page.form(&cancellation)).await;
    let file = thandeka.get(&format!("/series/{reference}.ics")).await;
    let read = python(EVENTS, &file.html);
    assert_eq!(read[0][0], made[0][0], "the same event");
    assert_eq!(
        (&read[0][2], &read[1][2]),
        (&"CANCELLED".into(), &"CONFIRMED".into())
    );
    assert_eq!(read[1][1], "2026-12-09T07:00:00+00:00");
    assert!(read[0][3].as_i64() > made[0][3].as_i64());
    assert_ne!(read[0][0], read[1][0]);
}

#[tokio::test]
async fn what_each_date_was_shown_to_become_is_what_it_becomes() {
    // case G8
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = book(&thandeka, &with(WEDNESDAYS, &[("times", "2")])).await;
    let address = format!("/series/{reference}/move?until=11:00");
    let form = scope(&thandeka, &address).await;
    house
        .run(
            "insert into rates (id, location_id, kind, unit, cents, valid_from)
             select gen_random_uuid(), id, 'meeting_room', 'hour', 30000, '2026-11-01' from locations where slug = 'musgrave'",
        )
        .await;
    let dearer = thandeka.submit(&form).await;
    assert_eq!(dearer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        dearer.says("Something has changed since you looked.")
            && dearer.says("Together they cost R1 200 then."),
        "{}",
        dearer.text()
    );
    let sum = "select sum(cents)::bigint from ledger_entries";
    assert_eq!(house.one::<i64>(sum).await, 40_000);
    let done = thandeka.submit(&scope(&thandeka, &address).await).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(house.one::<i64>(sum).await, 120_000);
}

#[tokio::test]
async fn dates_between_two_days_change_alone_and_the_series_stays_one() {
    // case I9
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let weekly = with(
        WEDNESDAYS,
        &[
            ("date", "2026-11-25"),
            ("times", ""),
            ("through", "2027-01-06"),
        ],
    );
    let reference = book(&thandeka, &weekly).await;
    let range = "first=2026-12-09&last=2026-12-30";
    let address = format!("/series/{reference}/move?{range}&from=11:00&until=12:00");
    let done = thandeka.submit(&scope(&thandeka, &address).await).await;
    assert_eq!(
        done.location(),
        format!("/series/{reference}"),
        "{}",
        done.text()
    );
    assert_eq!(
        dates(&house).await,
        [
            "lighthouse 2026-11-25 07:00 confirmed",
            "lighthouse 2026-12-02 07:00 confirmed",
            "lighthouse 2026-12-09 09:00 confirmed",
            "lighthouse 2026-12-23 09:00 confirmed",
            "lighthouse 2026-12-30 09:00 confirmed",
            "lighthouse 2027-01-06 07:00 confirmed"
        ]
    );
    assert_eq!(house.one::<i64>("select count(*) from series").await, 1);
}

#[tokio::test]
async fn a_day_later_is_the_same_time_on_the_wall_whatever_the_clocks_do() {
    // case B5
    let house = House::open_at("2026-10-20T06:00:00Z").await;
    let thandeka = house.member("thandeka").await;
    let daily = [
        ("space", "prairie"),
        ("date", "2026-10-30"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("repeat", "day"),
        ("times", "3"),
    ];
    let reference = book(&thandeka, &daily).await;
    // In Chicago the clocks go back on Sunday 1 November.
    assert_eq!(
        dates(&house).await,
        [
            "prairie 2026-10-30 14:00 confirmed",
            "prairie 2026-10-31 14:00 confirmed",
            "prairie 2026-11-01 15:00 confirmed"
        ]
    );
    let address = format!("/series/{reference}/move?later=1");
    let done = thandeka.submit(&scope(&thandeka, &address).await).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(
        dates(&house).await,
        [
            "prairie 2026-10-31 14:00 confirmed",
            "prairie 2026-11-01 15:00 confirmed",
            "prairie 2026-11-02 15:00 confirmed"
        ]
    );
}
