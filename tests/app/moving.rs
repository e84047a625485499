//! Members who move, lengthen and shorten their own bookings, and what that costs.

use chrono::TimeDelta;
use reqwest::StatusCode;
use serde_json::json;

use crate::ledger::{entries, ledger};
use crate::support::{Form, House, Page, Person};

/// It is Tuesday, 06:30; this is the day after the next.
const DAY: &str = "2026-11-26";

fn path(reference: &str) -> String {
    format!("/bookings/{reference}/move")
}

/// Asks what it would come to.
async fn ask(person: &Person, reference: &str, fields: &[(&str, &str)]) -> Page {
    let query = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A")))
        .collect::<Vec<_>>()
        .join("&");
    let page = person.get(&format!("{}?{query}", path(reference))).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    page
}

/// The form that confirms what is shown.
fn offered(asked: &Page, reference: &str) -> Form {
    let at = asked.html.find("id=\"becomes\"");
    let at = at.unwrap_or_else(|| panic!("nothing to confirm: {}", asked.text()));
    let offered = Page {
        status: asked.status,
        headers: asked.headers.clone(),
        html: asked.html[at..].to_owned(),
    };
    offered.form(&path(reference))
}

/// Asks, and confirms what is shown.
async fn change(person: &Person, reference: &str, fields: &[(&str, &str)]) -> Page {
    let asked = ask(person, reference, fields).await;
    person.submit(&offered(&asked, reference)).await
}

/// The same, which works.
async fn changed(person: &Person, reference: &str, fields: &[(&str, &str)]) -> Page {
    let done = change(person, reference, fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    person.follow(&done).await
}

/// `pier 26 07:00-08:00`, in UTC.
async fn place(house: &House, reference: &str) -> String {
    sqlx::query_scalar(
        "select s.slug || to_char(lower(b.during) at time zone 'UTC', ' DD HH24:MI-') || to_char(upper(b.during) at time zone 'UTC', 'HH24:MI')
         from bookings b join spaces s on s.id = b.space_id where b.reference = $1",
    )
    .bind(reference)
    .fetch_one(&house.db)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_member_moves_their_booking_at_the_price_that_is_shown_first() {
    // cases H5, A1
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house.deliver_mail().await;
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(
        page.links().contains(&path(&reference)),
        "{:?}",
        page.links()
    );

    let longer = [("until", "10:30")];
    let asked = ask(&thandeka, &reference, &longer).await;
    assert!(
        asked.says("R100 more. It was R200.") && asked.says("Change it, R100 more"),
        "{}",
        asked.text()
    );
    assert_eq!(place(&house, &reference).await, "pier 26 07:00-08:00");
    let said = changed(&thandeka, &reference, &longer).await;
    assert!(
        said.says("Changed: Pier, Thu 26 November, 09:00–10:30. R100 more is on your account."),
        "{}",
        said.text()
    );

    let said = changed(
        &thandeka,
        &reference,
        &[
            ("space", "lighthouse"),
            ("from", "14:00"),
            ("until", "14:30"),
        ],
    )
    .await;
    assert!(
        said.says("R200 goes back to your account."),
        "{}",
        said.text()
    );
    assert_eq!(place(&house, &reference).await, "lighthouse 26 12:00-12:30");
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 20_000), ("charge", 10_000), ("credit", -20_000)])
    );

    // The old time is free, the new one is not.
    let sipho = house.member("sipho").await;
    sipho.book("pier", DAY, "09:00", "10:30").await;
    let taken = sipho.hold("lighthouse", DAY, "14:00", "14:30").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);

    // Calendars follow, and the mail says who did it.
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    let mail = &mails[0];
    assert!(
        mail.subject
            .starts_with("Changed: Lighthouse, Musgrave, Thu 26 November, 14:00–14:30"),
        "{}",
        mail.subject
    );
    assert!(
        mail.text.contains("this booking is changed, as you asked.")
            && mail
                .text
                .contains("It was: Pier, Musgrave, Thu 26 November, 09:00–10:30"),
        "{}",
        mail.text
    );
    let calendar = mail.calendar.as_deref().unwrap_or_default();
    assert!(
        calendar.contains("SEQUENCE:2") && calendar.contains("METHOD:REQUEST"),
        "{calendar}"
    );

    // Staff read what happened, and have nothing to take back.
    let nomsa = house.member("nomsa").await;
    let page = nomsa.get(&format!("/admin/bookings/{reference}")).await;
    assert!(
        page.says("Changed") && page.says("R300 → R100") && page.says("Thandeka Mkhize"),
        "{}",
        page.text()
    );
    assert!(!page.says("can be taken back"), "{}", page.text());
    let undone = nomsa
        .post(
            &format!("/admin/bookings/{reference}/undo"),
            &[("version", "4")],
        )
        .await;
    assert!(nomsa.follow(&undone).await.says("nothing to take back"));
}

#[tokio::test]
async fn the_rules_are_those_of_a_new_booking_and_it_never_stands_in_its_own_way() {
    // cases A8, H3, H10, D4, C1, F5
    let house = House::open().await;
    house
        .run("update booking_policies set max_at_once = 1, notice_minutes = 120 where name like 'rooms%'")
        .await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("dune", DAY, "09:00", "11:00").await;
    changed(
        &thandeka,
        &reference,
        &[("from", "10:00"), ("until", "12:00")],
    )
    .await;
    house
        .member("priya")
        .await
        .book("dune", DAY, "14:00", "15:00")
        .await;
    for (fields, words) in [
        // Dune is cleared for a quarter of an hour.
        (&[("until", "14:00")][..], "Dune is taken at that time"),
        (&[("until", "21:00")], "Musgrave is open 07:00–19:00"),
        (&[("date", "2027-06-01")], "can be booked up to"),
        (
            &[
                ("date", "2026-11-24"),
                ("from", "07:00"),
                ("until", "08:00"),
            ],
            "at least 2 hours ahead",
        ),
        (&[("people", "9")], "Dune seats 8"),
        (
            &[("from", "12:00"), ("until", "11:00")],
            "Choose an end after the start.",
        ),
        (&[("from", "half nine")], "Choose a time, like 09:00."),
        (&[("space", "nowhere")], "There is no such space"),
        (&[("until", "12:00")], "Nothing would change"),
    ] {
        let asked = ask(&thandeka, &reference, fields).await;
        assert!(asked.says(words), "{fields:?}: {}", asked.text());
        assert!(!asked.says("It becomes"), "{fields:?}");
        let sent = thandeka.post(&path(&reference), fields).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(sent.says(words), "{fields:?}: {}", sent.text());
        // What was typed is still there.
        let typed = format!("value=\"{}\"", fields[0].1);
        assert!(
            fields[0].0 == "space" || sent.html.contains(&typed),
            "{fields:?}: {}",
            sent.html
        );
    }
    assert_eq!(place(&house, &reference).await, "dune 26 08:00-10:00");

    house
        .run("update members set standing = 'barred', standing_reason = 'x' where email = 'thandeka@example.com'")
        .await;
    let barred = change(&thandeka, &reference, &[("until", "12:30")]).await;
    assert!(barred.says("cannot make new bookings"), "{}", barred.text());
}

#[tokio::test]
async fn moving_late_is_no_way_round_the_terms() {
    // cases M1, H5
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "11:00").await;
    // 23 hours before: half is kept.
    house.app.clock.shift(TimeDelta::minutes(27 * 60 + 30));
    let asked = ask(&thandeka, &reference, &[("until", "10:00")]).await;
    assert!(
        asked.says("Given up too late, by the terms")
            && asked.says("R100 back. It was R400.")
            && asked.says("R100 of what you give up is kept"),
        "{}",
        asked.text()
    );
    let later = [("date", "2026-12-10")];
    let asked = ask(&thandeka, &reference, &later).await;
    assert!(
        asked.says("The price stays as it is.")
            && asked.says("R200 is kept if you cancel it once it is moved"),
        "{}",
        asked.text()
    );
    changed(&thandeka, &reference, &later).await;
    let cancellation = format!("/bookings/{reference}/cancellation");
    let page = thandeka.get(&cancellation).await;
    assert!(page.says("R200 is kept."), "{}", page.text());
    // Nor is making it short once it lies far off.
    let said = changed(&thandeka, &reference, &[("until", "09:15")]).await;
    assert!(said.says("R200 goes back"), "{}", said.text());
    let page = thandeka.get(&cancellation).await;
    thandeka.submit(&page.form(&cancellation)).await;
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 40_000), ("credit", -20_000)])
    );
}

#[tokio::test]
async fn once_it_has_begun_only_its_end_changes_and_over_nothing() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", "2026-11-24", "07:00", "09:00").await;
    house.app.clock.shift(TimeDelta::minutes(60));
    let page = thandeka.get(&path(&reference)).await;
    assert!(page.says("so only its end can change"), "{}", page.text());
    assert!(!page.html.contains("name=\"from\""), "{}", page.html);
    for fields in [
        &[("from", "08:00")][..],
        &[("date", DAY)],
        &[("space", "lighthouse")],
        &[("people", "3")],
    ] {
        let sent = thandeka.post(&path(&reference), fields).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            sent.says("This booking has begun, so only its end can change."),
            "{fields:?}: {}",
            sent.text()
        );
    }
    let past = thandeka
        .post(&path(&reference), &[("until", "07:15")])
        .await;
    assert!(past.says("That time has passed"), "{}", past.text());
    let said = changed(&thandeka, &reference, &[("until", "09:30")]).await;
    assert!(said.says("R100 more"), "{}", said.text());
    // What is given up now is kept by the terms, and free for others all the same.
    let asked = ask(&thandeka, &reference, &[("until", "08:00")]).await;
    assert!(
        asked.says("R300 of what you give up is kept"),
        "{}",
        asked.text()
    );
    changed(&thandeka, &reference, &[("until", "08:00")]).await;
    house
        .member("sipho")
        .await
        .book("pier", "2026-11-24", "08:00", "09:00")
        .await;

    house.app.clock.shift(TimeDelta::minutes(60));
    let over = thandeka.get(&path(&reference)).await;
    assert_eq!(over.location(), format!("/bookings/{reference}"));
    let sent = thandeka
        .post(&path(&reference), &[("until", "10:00")])
        .await;
    assert!(sent.says("This booking is over"), "{}", sent.text());
    assert_eq!(place(&house, &reference).await, "pier 24 05:00-06:00");

    // case H7
    let other = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    let cancellation = format!("/bookings/{other}/cancellation");
    let page = thandeka.get(&cancellation).await;
    thandeka.submit(&page.form(&cancellation)).await;
    let sent = thandeka.post(&path(&other), &[("until", "11:00")]).await;
    assert!(
        sent.says("This booking is cancelled, so it cannot be changed"),
        "{}",
        sent.text()
    );
}

#[tokio::test]
async fn sent_twice_it_is_done_once_and_of_two_one_is_told() {
    // case G8
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let asked = ask(&thandeka, &reference, &[("until", "11:00")]).await;
    let form = offered(&asked, &reference);
    let other = form.clone().with("until", "12:00").with("shown", "60000");
    let (one, two) = tokio::join!(thandeka.submit(&form), thandeka.submit(&form));
    assert_eq!(
        (one.status, two.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    assert_eq!(
        ledger(&house).await,
        entries(&[("charge", 20_000), ("charge", 20_000)])
    );
    let late = thandeka.submit(&other).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.says("Somebody changed this booking a moment ago")
            && late.html.contains("value=\"12:00\""),
        "{}",
        late.text()
    );

    // A price that has changed since is shown, and not charged unseen.
    let asked = ask(&thandeka, &reference, &[("until", "12:00")]).await;
    house
        .run("update rates set cents = 30000 where kind = 'meeting_room'")
        .await;
    let refused = thandeka.submit(&offered(&asked, &reference)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("It costs R900 then, instead of R400.") && refused.says("R500 more"),
        "{}",
        refused.text()
    );
    let again = thandeka.submit(&offered(&refused, &reference)).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text());
}

#[tokio::test]
async fn two_who_want_the_same_time_do_not_both_get_it() {
    // cases G1, A4
    let house = House::open().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let hers = thandeka.book("pier", DAY, "09:00", "10:00").await;
    let his = sipho.book("lighthouse", DAY, "09:00", "10:00").await;
    let wish = [("space", "dune"), ("from", "11:00"), ("until", "12:00")];
    let (hers, his) = (path(&hers), path(&his));
    let (one, two) = tokio::join!(thandeka.post(&hers, &wish), sipho.post(&his, &wish));
    let mut answers = [one.status.as_u16(), two.status.as_u16()];
    answers.sort_unstable();
    assert_eq!(answers, [303, 422]);
    let refused = if one.status == StatusCode::SEE_OTHER {
        two
    } else {
        one
    };
    assert!(refused.says("taken"), "{}", refused.text());
}

#[tokio::test]
async fn others_have_nothing_to_change_and_the_admin_of_the_company_that_pays_does() {
    // cases M3, O1
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    house
        .run("update members set paying_company_id = (select id from companies) where email = 'sipho@example.com'")
        .await;
    let reference = sipho.book("pier", DAY, "09:00", "10:00").await;
    house.deliver_mail().await;
    for name in ["priya", "nomsa"] {
        let person = house.member(name).await;
        assert_eq!(
            person.get(&path(&reference)).await.status,
            StatusCode::NOT_FOUND
        );
        let sent = person.post(&path(&reference), &[("until", "11:00")]).await;
        assert_eq!(sent.status, StatusCode::NOT_FOUND);
    }
    let thandeka = house.member("thandeka").await;
    let said = changed(&thandeka, &reference, &[("until", "11:00")]).await;
    assert!(
        said.says("R200 more is on the account of Umoya Designs."),
        "{}",
        said.text()
    );
    house.deliver_mail().await;
    let mail = &house.mails("sipho@example.com").await[0];
    assert!(
        mail.text
            .contains("Thandeka Mkhize has changed this booking."),
        "{}",
        mail.text
    );

    // Whoever has left the company spends nothing of it any more.
    house
        .run("delete from company_people where member_id = (select id from members where email = 'sipho@example.com')")
        .await;
    let gone = change(&sipho, &reference, &[("until", "12:00")]).await;
    assert!(
        gone.says("Umoya Designs does not pay for your bookings any more"),
        "{}",
        gone.text()
    );
    let last = thandeka
        .post(&path(&reference), &[("until", "10:00"), ("shown", "20000")])
        .await;
    assert_eq!(last.status, StatusCode::SEE_OTHER, "{}", last.text());
}

#[tokio::test]
async fn days_of_a_pass_follow_unless_it_is_too_late_for_them() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let bought = api
        .post(
            "/passes",
            &json!({"product": "musgrave-three", "first": "2026-11-24"}),
        )
        .await;
    let pass = bought.json["reference"].as_str().unwrap().to_owned();
    let left = async || api.get(&format!("/passes/{pass}")).await.json["days_left"].clone();
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("desk-1", "2026-11-27", "09:00", "17:00")
        .await;
    assert_eq!(left().await, 2);
    changed(&thandeka, &reference, &[("date", DAY)]).await;
    assert_eq!(left().await, 2);
    // 22 hours before, its day is spent: it may move within the day, and then stays spent.
    house.app.clock.shift(TimeDelta::minutes(28 * 60 + 30));
    let asked = ask(&thandeka, &reference, &[("date", "2026-11-27")]).await;
    assert!(
        asked.says("Its day on Thu 26 November stays drawn on your pass by now"),
        "{}",
        asked.text()
    );
    changed(
        &thandeka,
        &reference,
        &[("from", "17:30"), ("until", "18:30"), ("space", "desk-2")],
    )
    .await;
    let cancellation = format!("/bookings/{reference}/cancellation");
    let page = thandeka.get(&cancellation).await;
    assert!(
        page.says("The day stays drawn on your pass."),
        "{}",
        page.text()
    );
    thandeka.submit(&page.form(&cancellation)).await;
    assert_eq!(left().await, 2);
}

#[tokio::test]
async fn an_account_that_pays_first_pays_for_what_becomes_dearer() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    house
        .run("update members set standing = 'pay_first', standing_reason = 'x' where email = 'thandeka@example.com'")
        .await;
    let refused = change(&thandeka, &reference, &[("until", "11:00")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.says("R400 is missing"), "{}", refused.text());
    // Shorter needs nothing more.
    changed(&thandeka, &reference, &[("until", "09:30")]).await;
}

#[tokio::test]
async fn programs_see_what_a_change_comes_to_and_make_it() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let booked = api
        .book("pier", "2026-11-26T09:00", "2026-11-26T10:00")
        .await;
    let reference = booked.json["reference"].as_str().unwrap();
    let change = format!("/bookings/{reference}/change");
    let asked = api
        .get(&format!(
            "{change}?from=2026-11-26T10:00&until=2026-11-26T12:00"
        ))
        .await;
    assert_eq!(asked.status, StatusCode::OK, "{asked:?}");
    assert_eq!(asked.json["total_cents"], 40_000);
    assert_eq!(asked.json["difference_cents"], 20_000);
    let mut wish = json!({"from": "2026-11-26T10:00", "until": "2026-11-26T12:00"});
    let unseen = api.post(&change, &wish).await;
    assert_eq!(
        (unseen.status, unseen.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "price-to-choose")
    );
    wish["total_cents"] = json!(40_000);
    let done = api.post(&change, &wish).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    assert_eq!(done.json["total_cents"], 40_000);
    assert_eq!(done.json["from"], "2026-11-26T10:00:00+02:00");
    let stale = api.post(&change, &json!({"people": 3, "version": 1})).await;
    assert_eq!(
        (stale.status, stale.problem()),
        (StatusCode::CONFLICT, "stale")
    );
    let as_staff = api
        .post(&change, &json!({"people": 3, "price": "keep"}))
        .await;
    assert_eq!(as_staff.problem(), "for-staff");
    let theirs = house.api("priya").await;
    assert_eq!(theirs.get(&change).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        theirs.post(&change, &wish).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_time_that_becomes_a_day_has_all_of_it() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let booked = api
        .book("desk-1", "2026-11-26T08:30", "2026-11-26T09:00")
        .await;
    let reference = booked.json["reference"].as_str().unwrap();
    let change = format!("/bookings/{reference}/change");
    let other = house.api("sipho").await;
    let early = other
        .book("desk-1", "2026-11-26T07:00", "2026-11-26T07:30")
        .await;
    assert_eq!(early.status, StatusCode::CREATED);
    let day = json!({"from": "2026-11-26", "until": "2026-11-27", "total_cents": 22_000});
    let refused = api.post(&change, &day).await;
    assert_eq!(refused.problem(), "taken", "the day begins at seven");
    let reference = early.json["reference"].as_str().unwrap();
    other
        .post(&format!("/bookings/{reference}/cancellation"), &json!({}))
        .await;
    let done = api.post(&change, &day).await;
    assert_eq!(done.status, StatusCode::OK, "{done:?}");
    let begins = house
        .one::<String>("select to_char(lower(during) at time zone 'Africa/Johannesburg', 'HH24:MI') from bookings where status = 'confirmed'")
        .await;
    assert_eq!(begins, "07:00");
}
