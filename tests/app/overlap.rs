//! What may stand beside what: bookings that touch, overlap, or need time around them.

use reqwest::StatusCode;

use crate::support::{Api, House};

/// Whether a time on Tuesday 24 November is taken, after asking for it and giving it back.
async fn is_refused(api: &Api, space: &str, from: &str, until: &str) -> bool {
    let answer = api
        .book(
            space,
            &format!("2026-11-24T{from}"),
            &format!("2026-11-24T{until}"),
        )
        .await;
    if answer.status == StatusCode::CREATED {
        let reference = answer.json["reference"].as_str().unwrap();
        let back = api
            .post(
                &format!("/bookings/{reference}/cancellation"),
                &serde_json::json!({}),
            )
            .await;
        assert_eq!(back.status, StatusCode::OK);
        return false;
    }
    assert_eq!(
        (answer.status, answer.problem()),
        (StatusCode::CONFLICT, "taken"),
        "{answer:?}"
    );
    true
}

#[tokio::test]
async fn bookings_touch_and_do_not_overlap() {
    let house = House::open().await;
    let (thandeka, sipho) = (house.api("thandeka").await, house.api("sipho").await);
    let booked = thandeka
        .book("lighthouse", "2026-11-24T09:00", "2026-11-24T12:00")
        .await;
    assert_eq!(booked.status, StatusCode::CREATED);
    let refused = async |from, until| is_refused(&sipho, "lighthouse", from, until).await;

    assert!(
        !refused("12:00", "13:00").await,
        "case A1: it begins where the other ends"
    );
    assert!(
        !refused("08:00", "09:00").await,
        "case A2: it ends where the other begins"
    );
    assert!(refused("11:00", "14:00").await, "case A3: over the end");
    assert!(
        refused("08:00", "09:15").await,
        "case A4: over the beginning"
    );
    assert!(refused("10:00", "11:00").await, "case A5: within");
    assert!(refused("09:00", "12:00").await, "case A5: the same");
    assert!(refused("08:00", "13:00").await, "case A6: around");
    assert!(
        !is_refused(&sipho, "pier", "09:00", "12:00").await,
        "case A8: another room"
    );
}

#[tokio::test]
async fn the_pages_refuse_what_the_api_refuses_and_keep_what_was_typed() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka
        .book("lighthouse", "2026-11-24", "09:00", "12:00")
        .await;
    let sipho = house.member("sipho").await;
    // case A3
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-24"),
        ("from", "11:00"),
        ("until", "14:00"),
        ("people", "5"),
        ("title", "Planning & “cake”"),
        ("key", "a-key-of-its-own"),
    ];
    let refused = sipho.post("/bookings", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Lighthouse was just taken."),
        "{}",
        refused.text()
    );
    let again = refused.form("/bookings");
    for (field, value) in fields.iter().filter(|(field, _)| *field != "key") {
        assert_eq!(again.get(field), *value, "{field}");
    }
    assert!(
        refused.says("Free Tue 24 November, 12:00–15:00"),
        "the nearest time: {}",
        refused.text()
    );
    assert!(
        refused.says("Pier is free Tue 24 November, 11:00–14:00"),
        "the nearest space: {}",
        refused.text()
    );
    // case A1
    sipho
        .book("lighthouse", "2026-11-24", "12:00", "13:00")
        .await;
}

#[tokio::test]
async fn a_cancelled_time_is_free_and_its_row_stays() {
    // case A9
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let first = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let cancelled = thandeka
        .post(&format!("/bookings/{first}/cancellation"), &[("note", "")])
        .await;
    assert_eq!(cancelled.status, StatusCode::SEE_OTHER);
    let sipho = house.member("sipho").await;
    let second = sipho
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    assert_ne!(first, second);
    let kept = thandeka.get(&format!("/bookings/{first}")).await;
    assert!(
        kept.says("Cancelled") && kept.says("Lighthouse"),
        "{}",
        kept.text()
    );
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 2);
    assert_eq!(
        house
            .one::<i64>("select count(*) from occupancies where active")
            .await,
        1
    );
}

#[tokio::test]
async fn an_end_at_or_before_the_start_is_refused_by_form_api_and_database() {
    // case A10
    let house = House::open().await;
    let (page, api) = (house.member("thandeka").await, house.api("thandeka").await);
    for until in ["09:00", "08:00"] {
        let refused = page.hold("lighthouse", "2026-11-24", "09:00", until).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            refused.says("Choose an end after the start."),
            "{}",
            refused.text()
        );
        let refused = api
            .book(
                "lighthouse",
                "2026-11-24T09:00",
                &format!("2026-11-24T{until}"),
            )
            .await;
        assert_eq!(
            (refused.status, refused.problem()),
            (StatusCode::UNPROCESSABLE_ENTITY, "end-before-start")
        );
    }
    page.book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    for (sql, rule) in [
        (
            "update bookings set during = 'empty'",
            "bookings_during_check",
        ),
        (
            "update bookings set during = tstzrange(lower(during), lower(during))",
            "bookings_during_check",
        ),
        (
            "update occupancies set during = 'empty'",
            "occupancies_during_check",
        ),
        (
            "update occupancies set occupies = tstzrange(lower(during), lower(during) + interval '1 minute')",
            "occupancies_check",
        ),
    ] {
        let error = sqlx::raw_sql(sql).execute(&house.db).await.unwrap_err();
        let broken = error
            .as_database_error()
            .and_then(|error| error.constraint())
            .unwrap_or_default()
            .to_owned();
        assert_eq!(broken, rule, "{sql}: {error}");
    }
    let backwards = "update bookings set during = tstzrange(upper(during), lower(during))";
    let error = sqlx::raw_sql(backwards)
        .execute(&house.db)
        .await
        .unwrap_err();
    assert_eq!(
        error.as_database_error().unwrap().code().unwrap(),
        "22000",
        "a range cannot even be written: {error}"
    );
}

#[tokio::test]
async fn the_database_refuses_an_overlap_whoever_writes_it() {
    // case A3, case G12
    let house = House::open().await;
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "12:00")
        .await;
    let again = "with other as (
            insert into bookings (id, reference, space_id, member_id, account_id, channel, term, during, people, status, confirmed_at,
                                  price, total_cents, vat_cents, cancellation, terms_version)
            select gen_random_uuid(), 'CS-22222', space_id, member_id, account_id, 'desk', term, during, people, status,
                   confirmed_at, price, total_cents, vat_cents, cancellation, terms_version from bookings
            returning id, space_id, during)
        insert into occupancies (id, space_id, booking_id, active, during, occupies)
        select gen_random_uuid(), space_id, id, true, during, during from other";
    let error = sqlx::raw_sql(again).execute(&house.db).await.unwrap_err();
    assert_eq!(
        error.as_database_error().unwrap().constraint(),
        Some("occupancies_never_overlap"),
        "{error}"
    );
}

#[tokio::test]
async fn turnaround_keeps_the_next_booking_away() {
    // case E1
    let house = House::open().await;
    let api = house.api("thandeka").await;
    assert_eq!(
        api.book("dune", "2026-11-24T10:00", "2026-11-24T11:00")
            .await
            .status,
        StatusCode::CREATED
    );
    let other = house.api("sipho").await;
    assert!(is_refused(&other, "dune", "11:00", "12:00").await);
    assert!(!is_refused(&other, "dune", "11:15", "12:15").await);
    assert!(
        is_refused(&other, "dune", "09:00", "10:00").await,
        "its own turnaround needs time as well"
    );
    assert!(!is_refused(&other, "dune", "08:45", "09:45").await);
}

#[tokio::test]
async fn a_booking_keeps_the_turnaround_it_was_made_with() {
    // case E2
    let house = House::open().await;
    let api = house.api("thandeka").await;
    assert_eq!(
        api.book("dune", "2026-11-24T10:00", "2026-11-24T11:00")
            .await
            .status,
        StatusCode::CREATED
    );
    house.run("update booking_policies set turnaround_minutes = 0 where name = 'rooms with turnaround'").await;
    let other = house.api("sipho").await;
    assert!(
        is_refused(&other, "dune", "11:00", "12:00").await,
        "the old booking keeps its 15 minutes"
    );
    assert!(!is_refused(&other, "dune", "11:15", "12:15").await);
    assert!(
        !is_refused(&other, "dune", "09:00", "10:00").await,
        "a new one has none"
    );
}

#[tokio::test]
async fn a_room_is_cleared_and_then_set_up() {
    // case E3
    let house = House::open().await;
    let api = house.api("thandeka").await;
    assert_eq!(
        api.book("hall", "2026-11-24T08:00", "2026-11-24T11:00")
            .await
            .status,
        StatusCode::CREATED
    );
    let other = house.api("sipho").await;
    assert!(
        is_refused(&other, "hall", "11:30", "14:30").await,
        "30 minutes between them"
    );
    assert!(
        !is_refused(&other, "hall", "11:45", "14:45").await,
        "45 minutes: 15 to clear, 30 to set up"
    );
}

#[tokio::test]
async fn time_around_a_booking_is_in_no_price_mail_or_calendar() {
    // case E6
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("hall", "2026-11-24", "09:00", "12:00").await;
    assert_eq!(
        house.one::<i64>("select total_cents from bookings").await,
        60_000,
        "three hours at R200"
    );
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(mail.text.contains("09:00–12:00"), "{}", mail.text);
    let file = thandeka
        .get(&format!("/bookings/{reference}.ics"))
        .await
        .html;
    for calendar in [mail.calendar.as_deref().unwrap(), &file] {
        assert!(
            calendar.contains("DTSTART:20261124T070000Z")
                && calendar.contains("DTEND:20261124T100000Z"),
            "{calendar}"
        );
    }
    assert_eq!(house.one::<i64>("select (extract(epoch from upper(occupies) - lower(occupies)) / 60)::bigint from occupancies").await, 225);
}
