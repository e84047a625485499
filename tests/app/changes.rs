//! Bookings that the front desk moves, lengthens, cancels and decides on, and takes back.

use chrono::TimeDelta;
use reqwest::StatusCode;

use crate::support::{House, Page, Person};

const DAY: &str = "2026-11-24";

async fn column(house: &House, reference: &str, sql: &'static str) -> String {
    sqlx::query_scalar(sql)
        .bind(reference)
        .fetch_one(&house.db)
        .await
        .unwrap()
}

async fn version(house: &House, reference: &str) -> String {
    column(
        house,
        reference,
        "select version::text from bookings where reference = $1",
    )
    .await
}

async fn status(house: &House, reference: &str) -> String {
    column(
        house,
        reference,
        "select status from bookings where reference = $1",
    )
    .await
}

/// `pier 07:00-08:00`, in UTC.
async fn place(house: &House, reference: &str) -> String {
    column(
        house,
        reference,
        "select s.slug || to_char(lower(b.during) at time zone 'UTC', ' HH24:MI-') || to_char(upper(b.during) at time zone 'UTC', 'HH24:MI')
         from bookings b join spaces s on s.id = b.space_id where b.reference = $1",
    )
    .await
}

async fn owed(house: &House) -> i64 {
    house
        .one("select coalesce(sum(cents), 0)::bigint from ledger_entries")
        .await
}

async fn send(
    house: &House,
    person: &Person,
    reference: &str,
    verb: &str,
    fields: &[(&str, &str)],
) -> Page {
    let version = version(house, reference).await;
    let mut all = vec![("version", version.as_str())];
    all.extend_from_slice(fields);
    person
        .post(&format!("/admin/bookings/{reference}/{verb}"), &all)
        .await
}

async fn change(house: &House, person: &Person, reference: &str, fields: &[(&str, &str)]) -> Page {
    send(house, person, reference, "change", fields).await
}

#[tokio::test]
async fn a_booking_moves_in_time_and_space_at_its_price() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house.deliver_mail().await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa.get(&format!("/admin/bookings/{reference}")).await;
    assert!(
        page.says("Thandeka Mkhize") && page.says("082 000 0001"),
        "{}",
        page.text()
    );
    let fields = [
        ("space", "lighthouse"),
        ("from", "14:00"),
        ("until", "15:00"),
        ("tell", "yes"),
    ];
    let moved = change(&house, &nomsa, &reference, &fields).await;
    let shown = nomsa.follow(&moved).await;
    assert!(
        shown.says("Lighthouse, Tue 24 November, 14:00–15:00. The mail leaves in two minutes."),
        "{}",
        shown.text()
    );
    assert!(
        shown.says("Undo") && shown.says("Changed"),
        "{}",
        shown.text()
    );
    assert_eq!(place(&house, &reference).await, "lighthouse 12:00-13:00");
    assert_eq!(owed(&house).await, 20_000);
    // Both times are as they should be: the old one is free, the new one taken.
    let sipho = house.member("sipho").await;
    sipho.book("pier", DAY, "09:00", "10:00").await;
    let taken = sipho.hold("lighthouse", DAY, "14:00", "15:00").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);

    // The mail waits, and then says what is different, for calendars too.
    house
        .run("delete from jobs where kind = 'booking_confirmed'")
        .await;
    assert_eq!(house.deliver_mail().await, 0);
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject
            .starts_with("Changed: Lighthouse, Musgrave, Tue 24 November, 14:00–15:00"),
        "{}",
        mail.subject
    );
    assert!(
        mail.text
            .contains("It was: Pier, Musgrave, Tue 24 November, 09:00–10:00"),
        "{}",
        mail.text
    );
    let calendar = mail.calendar.as_deref().unwrap_or_default();
    assert!(calendar.contains("SEQUENCE:1"), "{calendar}");
}

#[tokio::test]
async fn it_never_stands_in_its_own_way_and_never_on_anothers() {
    // cases A8, H3, H10
    let house = House::open().await;
    house
        .run("update booking_policies set max_at_once = 1 where name like 'rooms%'")
        .await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("dune", DAY, "09:00", "11:00").await;
    let other = house
        .member("priya")
        .await
        .book("dune", DAY, "13:00", "14:00")
        .await;
    let nomsa = house.member("nomsa").await;
    let half_over = change(
        &house,
        &nomsa,
        &reference,
        &[("from", "10:00"), ("until", "12:00")],
    )
    .await;
    assert_eq!(
        half_over.status,
        StatusCode::SEE_OTHER,
        "{}",
        half_over.text()
    );
    // Dune is cleared for a quarter of an hour, so 12:45 is the latest end.
    let fields = [
        ("until", "13:00"),
        ("price", "keep"),
        ("reason", "Because I say so"),
    ];
    let refused = change(&house, &nomsa, &reference, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Dune is taken at that time"),
        "{}",
        refused.text()
    );
    assert_eq!(place(&house, &reference).await, "dune 08:00-10:00");
    let late = change(
        &house,
        &nomsa,
        &other,
        &[("from", "12:30"), ("until", "13:30")],
    )
    .await;
    assert_eq!(late.status, StatusCode::SEE_OTHER, "{}", late.text());
}

#[tokio::test]
async fn staff_pass_over_policy_with_a_reason_that_is_written_down() {
    // cases D4, O4
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("hall", DAY, "09:00", "12:00").await;
    let nomsa = house.member("nomsa").await;
    let short = [("until", "10:00"), ("price", "keep")];
    let refused = change(&house, &nomsa, &reference, &short).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("The shortest booking of Hall is 3 hours")
            && refused.says("Do it all the same"),
        "{}",
        refused.text()
    );
    let fields = [short[0], short[1], ("reason", "The speaker is ill")];
    let done = change(&house, &nomsa, &reference, &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let shown = nomsa.follow(&done).await;
    assert!(
        shown.says("Passed over: The shortest booking of Hall is 3 hours.")
            && shown.says("The speaker is ill"),
        "{}",
        shown.text()
    );
    let evening = [
        ("from", "19:00"),
        ("until", "22:00"),
        ("price", "keep"),
        ("reason", "Club night"),
    ];
    let done = change(&house, &nomsa, &reference, &evening).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
}

#[tokio::test]
async fn a_different_price_is_shown_before_it_is_charged() {
    // case H5
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let longer = change(&house, &nomsa, &reference, &[("until", "11:00")]).await;
    assert_eq!(longer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        longer.says("It would cost R400 instead of R200") && longer.says("R200 more"),
        "{}",
        longer.text()
    );
    assert_eq!(owed(&house).await, 20_000);
    let wrong = change(
        &house,
        &nomsa,
        &reference,
        &[("until", "11:00"), ("price", "new"), ("shown", "30000")],
    )
    .await;
    assert!(wrong.says("The price is now R400"), "{}", wrong.text());
    let fields = [("until", "11:00"), ("price", "new"), ("shown", "40000")];
    assert_eq!(
        change(&house, &nomsa, &reference, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(owed(&house).await, 40_000);
    let fields = [("until", "09:30"), ("price", "new"), ("shown", "10000")];
    assert_eq!(
        change(&house, &nomsa, &reference, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(owed(&house).await, 10_000);
    let fields = [("until", "12:00"), ("price", "keep")];
    assert_eq!(
        change(&house, &nomsa, &reference, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(owed(&house).await, 10_000);
    // Taken back, and the money with it.
    let undone = send(&house, &nomsa, &reference, "undo", &[]).await;
    assert!(nomsa.follow(&undone).await.says("Taken back"));
    assert_eq!(place(&house, &reference).await, "pier 07:00-07:30");
    assert_eq!(owed(&house).await, 10_000);
}

#[tokio::test]
async fn undo_gives_back_time_money_and_silence() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house.deliver_mail().await;
    let nomsa = house.member("nomsa").await;
    let fields = [
        ("until", "11:00"),
        ("price", "new"),
        ("shown", "40000"),
        ("tell", "yes"),
    ];
    change(&house, &nomsa, &reference, &fields).await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from jobs where status = 'waiting'")
            .await,
        1
    );
    send(&house, &nomsa, &reference, "undo", &[]).await;
    assert_eq!(place(&house, &reference).await, "pier 07:00-08:00");
    assert_eq!(owed(&house).await, 20_000);
    assert_eq!(
        house
            .one::<i64>("select count(*) from jobs where status = 'waiting'")
            .await,
        0
    );
    // Once is enough.
    let twice = send(&house, &nomsa, &reference, "undo", &[]).await;
    assert!(nomsa.follow(&twice).await.says("nothing to take back"));

    // Not if somebody has the time by then.
    change(
        &house,
        &nomsa,
        &reference,
        &[("from", "14:00"), ("until", "15:00")],
    )
    .await;
    house
        .member("priya")
        .await
        .book("pier", DAY, "09:00", "10:00")
        .await;
    let refused = send(&house, &nomsa, &reference, "undo", &[]).await;
    let said = nomsa.follow(&refused).await;
    assert!(
        said.says("Pier has been given to somebody else meanwhile"),
        "{}",
        said.text()
    );
    assert_eq!(place(&house, &reference).await, "pier 12:00-13:00");
    // And not for ever.
    change(
        &house,
        &nomsa,
        &reference,
        &[("from", "15:00"), ("until", "16:00")],
    )
    .await;
    house
        .run("update booking_changes set made_at = made_at - interval '3 minutes'")
        .await;
    let late = send(&house, &nomsa, &reference, "undo", &[]).await;
    assert!(nomsa.follow(&late).await.says("two minutes have passed"));
    assert_eq!(place(&house, &reference).await, "pier 13:00-14:00");
}

#[tokio::test]
async fn nobody_is_mailed_where_the_desk_said_not_to() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house.deliver_mail().await;
    let nomsa = house.member("nomsa").await;
    let waiting = async || {
        house
            .one::<i64>("select count(*) from jobs where status = 'waiting'")
            .await
    };
    let fields = [("from", "14:00"), ("until", "15:00")];
    change(&house, &nomsa, &reference, &fields).await;
    assert_eq!(place(&house, &reference).await, "pier 12:00-13:00");
    assert_eq!(waiting().await, 0);
    send(
        &house,
        &nomsa,
        &reference,
        "cancellation",
        &[("cause", "us")],
    )
    .await;
    assert_eq!(status(&house, &reference).await, "cancelled");
    assert_eq!(waiting().await, 0);
    let held = thandeka.hold("lighthouse", DAY, "10:00", "11:00").await;
    let held = held.location().split('/').nth(2).unwrap().to_owned();
    send(&house, &nomsa, &held, "decision", &[("decision", "accept")]).await;
    assert_eq!(status(&house, &held).await, "confirmed");
    assert_eq!(waiting().await, 0);
}

#[tokio::test]
async fn what_somebody_else_changed_is_shown_and_not_overwritten() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let seen = version(&house, &reference).await;
    change(
        &house,
        &nomsa,
        &reference,
        &[("from", "14:00"), ("until", "15:00")],
    )
    .await;
    let path = format!("/admin/bookings/{reference}/change");
    let late = nomsa
        .post(
            &path,
            &[
                ("version", seen.as_str()),
                ("from", "16:00"),
                ("until", "17:00"),
            ],
        )
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.says("Somebody changed this booking a moment ago") && late.says("14:00–15:00"),
        "{}",
        late.text()
    );
    // What was typed is still there, to be sent again.
    assert!(late.html.contains("value=\"16:00\""), "{}", late.html);
    assert_eq!(place(&house, &reference).await, "pier 12:00-13:00");

    // Two at once: one wins, the other is told.
    let seen = version(&house, &reference).await;
    let other = house.member("nomsa").await;
    let one_way = [
        ("version", seen.as_str()),
        ("from", "09:00"),
        ("until", "10:00"),
    ];
    let other_way = [
        ("version", seen.as_str()),
        ("from", "10:00"),
        ("until", "11:00"),
    ];
    let (one, two) = tokio::join!(nomsa.post(&path, &one_way), other.post(&path, &other_way));
    let mut answers = [one.status.as_u16(), two.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [303, 422]);
}

#[tokio::test]
async fn what_somebody_else_changed_is_neither_cancelled_nor_taken_back_unseen() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let fields = [("from", "14:00"), ("until", "15:00")];
    change(&house, &nomsa, &reference, &fields).await;
    let seen = version(&house, &reference).await;
    let fields = [("from", "16:00"), ("until", "17:00")];
    change(&house, &nomsa, &reference, &fields).await;
    let path = |verb: &str| format!("/admin/bookings/{reference}/{verb}");
    let fields = [("version", seen.as_str()), ("cause", "us")];
    let late = nomsa.post(&path("cancellation"), &fields).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.says("Somebody changed this booking a moment ago"),
        "{}",
        late.text()
    );
    assert_eq!(status(&house, &reference).await, "confirmed");
    let late = nomsa
        .post(&path("undo"), &[("version", seen.as_str())])
        .await;
    assert!(nomsa.follow(&late).await.says("nothing to take back"));
    assert_eq!(place(&house, &reference).await, "pier 14:00-15:00");
}

#[tokio::test]
async fn two_that_change_places_wait_for_each_other() {
    let house = House::open().await;
    let names = house.crowd(8).await;
    let mut references = Vec::new();
    for (n, name) in names.iter().enumerate() {
        let member = house.member(name).await;
        let hour = 7 + n;
        let (from, until) = (format!("{hour:02}:00"), format!("{:02}:00", hour + 1));
        let space = ["pier", "lighthouse"][n % 2];
        references.push(member.book(space, DAY, &from, &until).await);
    }
    let nomsa = house.member("nomsa").await;
    let moves = references.iter().enumerate().map(|(n, reference)| {
        let space = ["lighthouse", "pier"][n % 2];
        let (house, nomsa) = (&house, nomsa.clone());
        async move {
            change(house, &nomsa, reference, &[("space", space)])
                .await
                .status
        }
    });
    let mut done = Vec::new();
    let mut moves: Vec<_> = moves.collect();
    // Pairs at once, each from one room to the other.
    while let (Some(one), Some(other)) = (moves.pop(), moves.pop()) {
        let (one, other) = tokio::join!(one, other);
        done.extend([one, other]);
    }
    assert!(
        done.iter().all(|status| *status == StatusCode::SEE_OTHER),
        "{done:?}"
    );
    let overlaps: i64 = house
        .one("select count(*) from occupancies a join occupancies b on a.id < b.id and a.space_id = b.space_id and a.active and b.active and a.occupies && b.occupies")
        .await;
    assert_eq!(overlaps, 0);
}

#[tokio::test]
async fn staff_cancel_by_the_terms_or_in_full() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house.deliver_mail().await;
    let nomsa = house.member("nomsa").await;
    // Two and a half hours before: half is kept.
    let fields = [
        ("cause", "member"),
        ("note", "Called in sick"),
        ("tell", "yes"),
    ];
    let done = send(&house, &nomsa, &reference, "cancellation", &fields).await;
    let said = nomsa.follow(&done).await;
    assert!(said.says("R100 is kept"), "{}", said.text());
    assert_eq!(
        (
            status(&house, &reference).await.as_str(),
            owed(&house).await
        ),
        ("cancelled", 10_000)
    );
    let undone = send(&house, &nomsa, &reference, "undo", &[]).await;
    assert!(nomsa.follow(&undone).await.says("Taken back"));
    assert_eq!(
        (
            status(&house, &reference).await.as_str(),
            owed(&house).await
        ),
        ("confirmed", 20_000)
    );
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
    assert!(
        house
            .mails("thandeka@example.com")
            .await
            .iter()
            .all(|mail| !mail.subject.starts_with("Cancelled"))
    );

    let fields = [("cause", "us"), ("tell", "yes")];
    send(&house, &nomsa, &reference, "cancellation", &fields).await;
    assert_eq!(owed(&house).await, 0);
    assert_eq!(
        column(
            &house,
            &reference,
            "select cancellation_reason from bookings where reference = $1"
        )
        .await,
        "us"
    );
    // case H7
    let moved = change(
        &house,
        &nomsa,
        &reference,
        &[("from", "14:00"), ("until", "15:00")],
    )
    .await;
    assert!(
        moved.says("This booking is cancelled, so it cannot be changed"),
        "{}",
        moved.text()
    );
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Cancelled: Pier") && mail.text.contains("Nothing is kept"),
        "{}",
        mail.text
    );
}

#[tokio::test]
async fn what_has_begun_is_made_longer() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    house.app.clock.shift(TimeDelta::minutes(165));
    nomsa
        .post(
            &format!("/admin/bookings/{reference}/attendance"),
            &[("mark", "arrive")],
        )
        .await;
    let longer = change(
        &house,
        &nomsa,
        &reference,
        &[("until", "10:30"), ("price", "keep")],
    )
    .await;
    assert_eq!(longer.status, StatusCode::SEE_OTHER, "{}", longer.text());
    assert_eq!(place(&house, &reference).await, "pier 07:00-08:30");
    assert_eq!(status(&house, &reference).await, "checked_in");
    let past = change(
        &house,
        &nomsa,
        &reference,
        &[("from", "08:00"), ("until", "10:30"), ("price", "keep")],
    )
    .await;
    assert!(past.says("That time has passed"), "{}", past.text());
}

#[tokio::test]
async fn a_pass_draws_anew_for_another_day() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let pass = serde_json::json!({"product": "musgrave-three", "first": DAY});
    house.api("thandeka").await.post("/passes", &pass).await;
    let reference = thandeka.book("desk-1", DAY, "09:00", "10:00").await;
    let drawn = "select string_agg(on_date::text, ' ') from pass_days where active";
    assert_eq!(house.one::<String>(drawn).await, DAY);
    let nomsa = house.member("nomsa").await;
    let moved = change(&house, &nomsa, &reference, &[("date", "2026-11-26")]).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    assert_eq!(house.one::<String>(drawn).await, "2026-11-26");
    send(&house, &nomsa, &reference, "undo", &[]).await;
    assert_eq!(house.one::<String>(drawn).await, DAY);
}

#[tokio::test]
async fn holds_are_confirmed_or_let_go_and_requests_decided() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka.hold("pier", DAY, "09:00", "10:00").await;
    let reference = held.location().split('/').nth(2).unwrap().to_owned();
    let nomsa = house.member("nomsa").await;
    assert!(nomsa.get("/admin").await.says("Let it go"));
    let done = send(
        &house,
        &nomsa,
        &reference,
        "decision",
        &[("decision", "accept"), ("back", "/admin")],
    )
    .await;
    assert!(
        nomsa
            .follow(&done)
            .await
            .says("Thandeka Mkhize, Pier: confirmed.")
    );
    assert_eq!(
        (
            status(&house, &reference).await.as_str(),
            owed(&house).await
        ),
        ("confirmed", 20_000)
    );
    let twice = send(
        &house,
        &nomsa,
        &reference,
        "decision",
        &[("decision", "let_go")],
    )
    .await;
    assert!(
        nomsa
            .follow(&twice)
            .await
            .says("nothing to decide: it is confirmed")
    );

    let held = thandeka.hold("lighthouse", DAY, "09:00", "10:00").await;
    let asked = held.location().split('/').nth(2).unwrap().to_owned();
    house
        .run(
            "update bookings set status = 'pending', hold_expires_at = null where status = 'held';
              update occupancies set held_until = null",
        )
        .await;
    let board = nomsa.get("/admin").await;
    assert!(
        board.says("Requests to decide") && board.says("Decline"),
        "{}",
        board.text()
    );
    send(
        &house,
        &nomsa,
        &asked,
        "decision",
        &[
            ("decision", "let_go"),
            ("tell", "yes"),
            ("note", "A fair that day"),
        ],
    )
    .await;
    assert_eq!(status(&house, &asked).await, "declined");
    house.run("delete from jobs where kind = 'booking_confirmed'; update jobs set run_at = now() where status = 'waiting'").await;
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Not granted: Lighthouse"),
        "{}",
        mail.subject
    );
}

#[tokio::test]
async fn words_for_the_team_stay_with_the_team() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let fields = [
        ("title", "Board"),
        ("memo", "Difficult guest"),
        ("contact_name", "Zanele"),
        ("contact_phone", "082 000 0007"),
    ];
    let done = send(&house, &nomsa, &reference, "memo", &fields).await;
    let shown = nomsa.follow(&done).await;
    assert!(
        shown.html.contains("Difficult guest") && shown.says("Zanele, 082 000 0007"),
        "{}",
        shown.text()
    );
    for path in [
        format!("/bookings/{reference}"),
        format!("/bookings/{reference}.ics"),
        "/account/data.json".into(),
    ] {
        assert!(
            !thandeka.get(&path).await.html.contains("Difficult guest"),
            "{path}"
        );
    }
    let wrong = send(
        &house,
        &nomsa,
        &reference,
        "memo",
        &[("contact_phone", "call me"), ("memo", "Kept")],
    )
    .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.html.contains("call me") && wrong.html.contains("Kept"),
        "{}",
        wrong.html
    );
}

#[tokio::test]
async fn programs_of_staff_do_the_same() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let (nomsa, priya) = (house.api("nomsa").await, house.api("priya").await);
    let path = |verb: &str| format!("/bookings/{reference}/{verb}");
    let wish =
        serde_json::json!({"from": "2026-11-24T14:00", "until": "2026-11-24T15:00", "version": 2});
    assert_eq!(
        priya.post(&path("change"), &wish).await.status,
        StatusCode::NOT_FOUND
    );
    let moved = nomsa.post(&path("change"), &wish).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    assert_eq!(moved.json["from"], "2026-11-24T14:00:00+02:00");
    let stale = nomsa.post(&path("change"), &wish).await;
    assert_eq!(
        (stale.status, stale.problem()),
        (StatusCode::CONFLICT, "stale")
    );
    let longer = serde_json::json!({"from": "2026-11-24T14:00", "until": "2026-11-24T16:00"});
    assert_eq!(
        nomsa.post(&path("change"), &longer).await.problem(),
        "price-to-choose"
    );
    let undone = nomsa.post(&path("undo"), &serde_json::json!({})).await;
    assert_eq!(undone.json["from"], "2026-11-24T09:00:00+02:00");
    house.app.clock.shift(TimeDelta::minutes(155));
    let here = nomsa
        .post(&path("attendance"), &serde_json::json!({"mark": "arrive"}))
        .await;
    assert_eq!(here.json["status"], "checked_in", "{here:?}");
    let unsaid = nomsa
        .post(&path("cancellation"), &serde_json::json!({}))
        .await;
    assert_eq!(unsaid.problem(), "bad-because");
    let gone = nomsa
        .post(&path("cancellation"), &serde_json::json!({"because": "us"}))
        .await;
    assert_eq!(
        (
            gone.json["status"].as_str(),
            gone.json["kept_cents"].as_i64()
        ),
        (Some("cancelled"), Some(0))
    );
    assert_eq!(
        priya
            .post(&path("undo"), &serde_json::json!({}))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
}
