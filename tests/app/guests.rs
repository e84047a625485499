//! Guests of a booking: invited by mail, with a page of their own that shows nothing else.

use chrono::TimeDelta;
use connect_space::worker;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{House, Page, Person};

/// It is Tuesday, 06:30; this is the day after the next.
const DAY: &str = "2026-11-26";
const LERATO: &str = "lerato@example.com";

async fn invite(person: &Person, reference: &str, name: &str, email: &str) -> Page {
    let fields = [("guest_name", name), ("guest_email", email)];
    person
        .post(&format!("/bookings/{reference}/guests"), &fields)
        .await
}

async fn invited(person: &Person, reference: &str, name: &str, email: &str) {
    let answer = invite(person, reference, name, email).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

/// As if the two minutes had passed.
async fn later(house: &House) {
    house
        .run("update jobs set run_at = now() where status = 'waiting'")
        .await;
    house.deliver_mail().await;
}

async fn count(house: &House, email: &str) -> usize {
    house.mails(email).await.len()
}

/// One line of the newest calendar file that somebody was sent.
async fn line(house: &House, email: &str, name: &str) -> String {
    let mails = house.mails(email).await;
    let calendar = mails[0].calendar.clone().unwrap_or_default();
    let calendar = calendar.replace("\r\n ", "");
    let mut lines = calendar.lines().filter(|line| line.starts_with(name));
    lines.next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_guest_is_told_the_way_and_sees_nothing_else() {
    let house = House::open().await;
    house
        .run("update locations set wifi = 'Sample network' where slug = 'musgrave'")
        .await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .post(
            "/bookings",
            &[
                ("space", "lighthouse"),
                ("by", "time"),
                ("date", DAY),
                ("from", "09:00"),
                ("until", "10:00"),
                ("title", "Secret budget"),
                ("notes", "Water, please"),
                ("contact_name", "Nomvula"),
                ("key", "guests-key-1"),
            ],
        )
        .await;
    let reference = thandeka.confirm(&held).await;
    invited(&thandeka, &reference, "Lerato Moeketsi", LERATO).await;
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(
        page.says("Lerato Moeketsi is invited by mail.") && page.says(LERATO),
        "{}",
        page.text()
    );
    let path = house.path_mailed_to(LERATO, "/guests/").await;
    assert!(path.len() >= "/guests/".len() + 43, "{path}");
    let mail = &house.mails(LERATO).await[0];
    assert_eq!(
        mail.subject,
        "Thandeka Mkhize invites you: Lighthouse, Musgrave, Thu 26 November, 09:00–10:00"
    );
    for part in [
        "Hello Lerato Moeketsi, Thandeka Mkhize expects you",
        "Thu 26 November, 09:00–10:00",
        "Lighthouse, Ground floor, Connect Space Musgrave",
        "1 Sample Street",
        "Ring at the gate.",
        "Nomvula",
    ] {
        assert!(mail.text.contains(part), "no {part:?}: {}", mail.text);
    }
    let calendar = mail
        .calendar
        .clone()
        .unwrap_or_default()
        .replace("\r\n ", "");
    for part in [
        "METHOD:REQUEST",
        "SEQUENCE:0",
        "STATUS:CONFIRMED",
        "DTSTART:20261126T070000Z",
        LERATO,
        &path,
    ] {
        assert!(calendar.contains(part), "no {part:?}: {calendar}");
    }
    let stranger = house.visitor();
    let page = stranger.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "You are expected, Lerato Moeketsi",
        "Invited by Thandeka Mkhize",
        "Ring at the gate.",
        "09:00–10:00",
        "Lighthouse",
    ] {
        assert!(page.says(part), "no {part:?}: {}", page.text());
    }
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-robots-tag"), "noindex");
    let file = stranger.get(&format!("{path}.ics")).await;
    assert!(
        file.html.contains("METHOD:PUBLISH") && file.header("content-type").contains("calendar"),
        "{}",
        file.html
    );
    for text in [&page.html, &mail.text, &mail.html, &calendar, &file.html] {
        for secret in [
            reference.as_str(),
            "Secret budget",
            "Water, please",
            "R200",
            "thandeka@example.com",
            "Sample network",
        ] {
            assert!(!text.contains(secret), "{secret:?} is told: {text}");
        }
    }
    // Only what its hash is made of opens it, and nothing else of ours.
    let token = path.trim_start_matches("/guests/");
    let known: bool = sqlx::query_scalar(
        "select exists (select from guest_links where token_hash = sha256(convert_to($1, 'UTF8')))",
    )
    .bind(token)
    .fetch_one(&house.db)
    .await
    .unwrap();
    assert!(known);
    let other = format!("/guests/{}A", &token[..token.len() - 1]);
    assert_eq!(stranger.get(&other).await.status, StatusCode::NOT_FOUND);
    let booking = stranger.get(&format!("/bookings/{reference}")).await;
    assert!(booking.location().starts_with("/sign-in"));

    // How to get online is the location's to say.
    house
        .run("update locations set wifi_for_guests = true")
        .await;
    assert!(stranger.get(&path).await.says("Sample network"));
}

#[tokio::test]
async fn what_happens_to_the_booking_follows_in_the_guests_calendar() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    invited(&thandeka, &reference, "Lerato", LERATO).await;
    house.deliver_mail().await;
    let uid = line(&house, LERATO, "UID:").await;
    let api = house.api("thandeka").await;
    let moved = json!({"space": "pier", "from": format!("{DAY}T14:00"), "until": format!("{DAY}T15:00"), "people": 1});
    let answer = api
        .post(&format!("/bookings/{reference}/change"), &moved)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    house.deliver_mail().await;
    assert_eq!(count(&house, LERATO).await, 1, "it waits for two minutes");
    later(&house).await;
    let mail = &house.mails(LERATO).await[0];
    assert!(
        mail.subject.starts_with("Moved: Pier, Musgrave") && mail.text.contains("14:00–15:00"),
        "{}",
        mail.text
    );
    assert_eq!(line(&house, LERATO, "UID:").await, uid);
    assert_eq!(line(&house, LERATO, "SEQUENCE:").await, "SEQUENCE:1");
    assert_eq!(line(&house, LERATO, "METHOD:").await, "METHOD:REQUEST");
    let path = house.path_mailed_to(LERATO, "/guests/").await;

    thandeka
        .post::<&str, &str>(&format!("/bookings/{reference}/cancellation"), &[])
        .await;
    later(&house).await;
    let mail = &house.mails(LERATO).await[0];
    assert!(mail.subject.starts_with("Called off"), "{}", mail.subject);
    assert!(!mail.text.contains("/guests/"), "{}", mail.text);
    assert_eq!(line(&house, LERATO, "UID:").await, uid);
    assert_eq!(line(&house, LERATO, "SEQUENCE:").await, "SEQUENCE:2");
    assert_eq!(line(&house, LERATO, "METHOD:").await, "METHOD:CANCEL");
    assert_eq!(line(&house, LERATO, "STATUS:").await, "STATUS:CANCELLED");
    let page = house.visitor().get(&path).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(!page.says("Pier"), "{}", page.text());
    assert_eq!(count(&house, LERATO).await, 3);
}

#[tokio::test]
async fn what_staff_take_back_in_time_no_guest_hears_of() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    invited(&thandeka, &reference, "Lerato", LERATO).await;
    house.deliver_mail().await;
    let nomsa = house.member("nomsa").await;
    let desk = format!("/admin/bookings/{reference}");
    nomsa
        .post(
            &format!("{desk}/change"),
            &[("from", "11:00"), ("until", "12:00"), ("tell", "yes")],
        )
        .await;
    let undone = nomsa.post::<&str, &str>(&format!("{desk}/undo"), &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    later(&house).await;
    assert_eq!(count(&house, LERATO).await, 1);
    // What they invite, and let go, in those two minutes neither.
    let fields = [("guest_name", "Sam"), ("guest_email", "sam@example.com")];
    nomsa.post(&format!("{desk}/guests"), &fields).await;
    house.deliver_mail().await;
    assert_eq!(count(&house, "sam@example.com").await, 0);
    let page = nomsa.get(&desk).await;
    assert!(
        page.says("Guest invited") && page.says("Sam"),
        "{}",
        page.text()
    );
    let sam: uuid::Uuid = house.one("select id from guests where name = 'Sam'").await;
    nomsa
        .post::<&str, &str>(&format!("{desk}/guests/{sam}/removal"), &[])
        .await;
    later(&house).await;
    assert_eq!(count(&house, "sam@example.com").await, 0);
    assert_eq!(count(&house, LERATO).await, 1);
}

#[tokio::test]
async fn one_guest_who_cannot_come_leaves_the_booking_and_the_others_as_they_are() {
    // case F8
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    let guests = [LERATO, "sam@example.com", "jo@example.com"];
    for email in guests {
        invited(&thandeka, &reference, "Guest", email).await;
    }
    house.deliver_mail().await;
    let path = house.path_mailed_to(LERATO, "/guests/").await;
    let lerato = house.visitor();
    let page = lerato.get(&path).await;
    let form = page.form(&format!("{path}/answer"));
    let answer = lerato.submit(&form.with("comes", "no")).await;
    let page = lerato.follow(&answer).await;
    assert!(page.says("You cannot come, Guest"), "{}", page.text());
    let told = count(&house, "thandeka@example.com").await;
    later(&house).await;
    let mails = house.mails("thandeka@example.com").await;
    assert_eq!(mails.len(), told + 1, "the host hears of it once");
    assert!(
        mails[0]
            .subject
            .starts_with("Guest cannot come: Lighthouse")
            && mails[0].text.contains("your other guests stay as they are"),
        "{}",
        mails[0].text
    );
    for email in guests {
        assert_eq!(count(&house, email).await, 1, "{email}");
    }
    let status: String = house.one("select status from bookings").await;
    assert_eq!(status, "confirmed");
    let page = thandeka.get(&format!("/bookings/{reference}")).await;
    assert!(page.says("Cannot come"), "{}", page.text());
    // Pressed twice it is said once.
    lerato
        .post(&format!("{path}/answer"), &[("comes", "no")])
        .await;
    later(&house).await;
    assert_eq!(count(&house, "thandeka@example.com").await, told + 1);

    // It moves: those who come hear of it, and whoever then can come after all.
    let api = house.api("thandeka").await;
    let moved = json!({"space": "lighthouse", "from": format!("{DAY}T14:00"), "until": format!("{DAY}T15:00"), "people": 1});
    api.post(&format!("/bookings/{reference}/change"), &moved)
        .await;
    later(&house).await;
    assert_eq!(count(&house, LERATO).await, 1);
    assert_eq!(count(&house, "sam@example.com").await, 2);
    lerato
        .post(&format!("{path}/answer"), &[("comes", "yes")])
        .await;
    later(&house).await;
    let mail = &house.mails(LERATO).await[0];
    assert!(mail.subject.starts_with("Moved"), "{}", mail.subject);
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(
        mail.subject.starts_with("Guest comes after all"),
        "{}",
        mail.subject
    );
    // Too late once it is over.
    house.app.clock.shift(TimeDelta::days(3));
    assert_eq!(lerato.get(&path).await.status, StatusCode::GONE);
    let answer = lerato
        .post(&format!("{path}/answer"), &[("comes", "no")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(
        house
            .one::<bool>("select bool_and(declined_at is null) from guests")
            .await
    );
}

#[tokio::test]
async fn only_whoever_may_change_a_booking_invites_to_it() {
    let house = House::open().await;
    let slug: String = house
        .one("select slug from companies where name = 'Umoya Designs'")
        .await;
    let sipho = house.api("sipho").await;
    let wish = json!({"space": "lighthouse", "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00"), "company": slug});
    let booked = sipho.post("/bookings", &wish).await;
    let reference = booked.json["reference"].as_str().unwrap().to_owned();
    let path = format!("/bookings/{reference}/guests");
    let lerato = json!({"name": "Lerato", "email": LERATO});
    let made = sipho.post(&path, &lerato).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let guest = made.json["guests"][0]["id"].as_str().unwrap().to_owned();
    // A colleague without that role, and a stranger: by any way.
    house
        .run("insert into company_people select c.id, m.id, 'booker' from companies c, members m where m.email = 'priya@example.com'")
        .await;
    for role in ["booker", "guest"] {
        sqlx::query("update company_people set role = $1 where member_id = (select id from members where email = 'priya@example.com')")
            .bind(role)
            .execute(&house.db)
            .await
            .unwrap();
        let api = house.api("priya").await;
        assert_eq!(api.get(&path).await.status, StatusCode::NOT_FOUND, "{role}");
        assert_eq!(
            api.post(&path, &lerato).await.status,
            StatusCode::NOT_FOUND,
            "{role}"
        );
        let delete = api.request(Method::DELETE, &format!("{path}/{guest}"));
        assert_eq!(api.send(delete).await.status, StatusCode::NOT_FOUND);
        let priya = house.member("priya").await;
        let answer = invite(&priya, &reference, "Sam", "sam@example.com").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role}");
        let removal = format!("{path}/{guest}/removal");
        let answer = priya.post::<&str, &str>(&removal, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{role}");
        let desk = format!("/admin/bookings/{reference}/guests");
        let fields = [("guest_name", "Sam"), ("guest_email", "sam@example.com")];
        assert_eq!(
            priya.post(&desk, &fields).await.status,
            StatusCode::NOT_FOUND
        );
    }
    // A guest of another booking is not there under this one.
    let own = sipho
        .book("pier", &format!("{DAY}T09:00"), &format!("{DAY}T10:00"))
        .await;
    let own = own.json["reference"].as_str().unwrap().to_owned();
    let elsewhere = sipho.request(Method::DELETE, &format!("/bookings/{own}/guests/{guest}"));
    assert_eq!(sipho.send(elsewhere).await.status, StatusCode::NOT_FOUND);
    // The admin of the company that pays, and the front desk.
    let thandeka = house.member("thandeka").await;
    invited(&thandeka, &reference, "Sam", "sam@example.com").await;
    let nomsa = house.api("nomsa").await;
    let jo = json!({"name": "Jo", "email": "jo@example.com"});
    assert_eq!(nomsa.post(&path, &jo).await.status, StatusCode::CREATED);
    let delete = sipho.request(Method::DELETE, &format!("{path}/{guest}"));
    let left = sipho.send(delete).await;
    assert_eq!(left.status, StatusCode::OK);
    let names: Vec<&str> = left.json["guests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|guest| guest["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Sam", "Jo"]);
}

#[tokio::test]
async fn guests_are_as_many_as_there_are_seats_and_each_is_invited_once() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    for n in 1..=6 {
        invited(
            &thandeka,
            &reference,
            "Guest",
            &format!("guest-{n}@example.com"),
        )
        .await;
    }
    // A double press.
    invited(&thandeka, &reference, "Guest", "guest-6@example.com").await;
    let seventh = invite(&thandeka, &reference, "Lerato", LERATO).await;
    assert_eq!(seventh.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        seventh.says("Lighthouse seats 6, and as many guests are invited."),
        "{}",
        seventh.text()
    );
    let form = seventh.form(&format!("/bookings/{reference}/guests"));
    assert_eq!(form.get("guest_name"), "Lerato");
    assert_eq!(form.get("guest_email"), LERATO);
    let twice = invite(&thandeka, &reference, "Somebody", "guest-1@example.com").await;
    assert!(twice.says("guest-1@example.com is invited already."));
    for (name, email, words) in [
        ("", LERATO, "Enter your guest’s name."),
        ("Lerato", "", "Enter your guest’s email address."),
        (
            "Lerato",
            "lerato",
            "Enter an email address like name@example.com.",
        ),
    ] {
        let answer = invite(&thandeka, &reference, name, email).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.says(words), "{}", answer.text());
    }
    house.deliver_mail().await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from mails where to_address like 'guest-%'")
            .await,
        6
    );
    // Over is over.
    house.app.clock.shift(TimeDelta::days(3));
    let over = invite(&thandeka, &reference, "Lerato", LERATO).await;
    assert!(over.says("not over yet"), "{}", over.text());
}

#[tokio::test]
async fn nobody_sends_more_invitations_than_the_house_allows_in_a_day() {
    let house = House::open().await;
    house
        .run("update installation set invitations_a_day = 3")
        .await;
    let thandeka = house.member("thandeka").await;
    let (one, other) = (
        thandeka.book("lighthouse", DAY, "09:00", "10:00").await,
        thandeka.book("pier", DAY, "09:00", "10:00").await,
    );
    invited(&thandeka, &one, "A", "a@example.com").await;
    invited(&thandeka, &one, "B", "b@example.com").await;
    invited(&thandeka, &other, "C", "c@example.com").await;
    // Letting somebody go does not make room for another.
    let guest: uuid::Uuid = house.one("select id from guests where name = 'A'").await;
    thandeka
        .post::<&str, &str>(&format!("/bookings/{one}/guests/{guest}/removal"), &[])
        .await;
    let refused = invite(&thandeka, &one, "D", "d@example.com").await;
    assert!(
        refused.says("You have sent 3 invitations within a day."),
        "{}",
        refused.text()
    );
    house
        .run("update guests set invited_at = invited_at - interval '25 hours'")
        .await;
    invited(&thandeka, &one, "D", "d@example.com").await;
}

#[tokio::test]
async fn guests_of_a_request_hear_of_it_once_it_stands() {
    let house = House::open().await;
    house
        .run("update booking_policies set approval = true where name = 'rooms'")
        .await;
    let thandeka = house.member("thandeka").await;
    let (granted, declined) = (
        thandeka.book("lighthouse", DAY, "09:00", "10:00").await,
        thandeka.book("pier", DAY, "09:00", "10:00").await,
    );
    invited(&thandeka, &granted, "Lerato", LERATO).await;
    invited(&thandeka, &declined, "Sam", "sam@example.com").await;
    later(&house).await;
    assert_eq!(count(&house, LERATO).await, 0);
    let nomsa = house.member("nomsa").await;
    for (reference, decision) in [(&granted, "accept"), (&declined, "let_go")] {
        let path = format!("/admin/bookings/{reference}/decision");
        nomsa
            .post(
                &path,
                &[
                    ("decision", decision),
                    ("note", "We paint it"),
                    ("tell", "yes"),
                ],
            )
            .await;
    }
    later(&house).await;
    let mail = &house.mails(LERATO).await[0];
    assert!(mail.subject.contains("invites you"), "{}", mail.subject);
    assert_eq!(count(&house, "sam@example.com").await, 0);
}

#[tokio::test]
async fn guests_are_forgotten_in_time_and_nothing_of_them_stays() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("lighthouse", DAY, "09:00", "10:00").await;
    invited(&thandeka, &reference, "Lerato Moeketsi", LERATO).await;
    house.deliver_mail().await;
    let path = house.path_mailed_to(LERATO, "/guests/").await;
    house
        .run("update bookings set during = tstzrange(now() - interval '30 days', now() - interval '29 days')")
        .await;
    worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(
        house.one::<String>("select name from guests").await,
        "Lerato Moeketsi"
    );
    house
        .run("update bookings set during = tstzrange(now() - interval '40 days', now() - interval '31 days')")
        .await;
    worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(
        house
            .one::<String>("select name || email from guests")
            .await,
        ""
    );
    assert_eq!(
        house.one::<i64>("select count(*) from guests").await,
        1,
        "that somebody came stays"
    );
    assert_eq!(
        house.visitor().get(&path).await.status,
        StatusCode::NOT_FOUND
    );
    for table in ["audit_events", "jobs", "mails", "guests", "guest_links"] {
        let sql = format!("select count(*) from {table} t where t::text ilike '%lerato%'");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&house.db)
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

#[tokio::test]
async fn the_front_desk_expects_guests_and_ticks_them() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    invited(&thandeka, &reference, "Lerato Moeketsi", LERATO).await;
    invited(&thandeka, &reference, "Sam", "sam@example.com").await;
    house
        .run("update guests set declined_at = now() where name = 'Sam'")
        .await;
    let nomsa = house.member("nomsa").await;
    let page = nomsa.get("/admin/arrivals?q=moek").await;
    assert!(
        page.says("Lerato Moeketsi") && page.says("Thandeka Mkhize") && page.says("Lighthouse"),
        "{}",
        page.text()
    );
    assert!(!page.says("Sam"), "{}", page.text());
    let guest: uuid::Uuid = house
        .one("select id from guests where name like 'Lerato%'")
        .await;
    let path = format!("/admin/bookings/{reference}/guests/{guest}/attendance");
    let form = page.form(&path);
    let ticked = nomsa.submit(&form.clone().with("mark", "arrive")).await;
    let page = nomsa.follow(&ticked).await;
    assert!(
        page.says("Lerato Moeketsi is here for Thandeka Mkhize: Lighthouse."),
        "{}",
        page.text()
    );
    assert!(
        house
            .one::<bool>("select arrived_at is not null from guests where name like 'Lerato%'")
            .await
    );
    let sheet = nomsa
        .get("/admin/bookings/sheet?location=musgrave&date=2026-11-24")
        .await;
    assert!(sheet.says("Guests: Lerato Moeketsi"), "{}", sheet.text());
    assert!(!sheet.says("Sam"), "{}", sheet.text());
    let story = nomsa.get(&format!("/admin/bookings/{reference}")).await;
    assert!(story.says("A guest is here"), "{}", story.text());
    nomsa.post(&path, &[("mark", "undo")]).await;
    assert!(
        house
            .one::<bool>("select arrived_at is null from guests where name like 'Lerato%'")
            .await
    );
}

#[tokio::test]
async fn guests_are_invited_while_booking_with_it_or_not_at_all() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka.hold("lighthouse", DAY, "09:00", "10:00").await;
    let wrong = [("guests", "Lerato Moeketsi\nSam sam@example.com")];
    let refused = thandeka.post(held.location(), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Write one name and one email address on each line, not “Lerato Moeketsi”.")
            && refused.says("Sam sam@example.com"),
        "{}",
        refused.text()
    );
    let many: Vec<String> = (1..=7).map(|n| format!("guest-{n}@example.com")).collect();
    let many = [("guests", many.join("\n"))];
    let refused = thandeka.post(held.location(), &many).await;
    assert!(refused.says("Lighthouse seats 6"), "{}", refused.text());
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "held"
    );
    assert_eq!(house.one::<i64>("select count(*) from guests").await, 0);
    let right = [(
        "guests",
        "Lerato Moeketsi <lerato@example.com>\nsam@example.com, Sam",
    )];
    let booked = thandeka.post(held.location(), &right).await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER, "{}", booked.text());
    house.deliver_mail().await;
    for email in [LERATO, "sam@example.com"] {
        assert_eq!(count(&house, email).await, 1, "{email}");
    }

    let api = house.api("sipho").await;
    let mut wish = json!({"space": "pier", "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00"),
                          "guests": [{"name": "Jo", "email": "nowhere"}]});
    assert_eq!(api.post("/bookings", &wish).await.problem(), "bad-email");
    wish["guests"] = json!([{"name": "Jo", "email": "jo@example.com"}]);
    let booked = api.post("/bookings", &wish).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    house.deliver_mail().await;
    assert_eq!(count(&house, "jo@example.com").await, 1);
}

#[tokio::test]
async fn guests_of_one_date_of_a_series_hear_of_that_date_alone() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let series = json!({"space": "lighthouse", "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00"),
                        "rrule": "FREQ=DAILY;COUNT=2", "people": 2});
    let made = api.post("/series", &series).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let references: Vec<String> =
        sqlx::query_scalar("select reference from bookings order by lower(during)")
            .fetch_all(&house.db)
            .await
            .unwrap();
    let thandeka = house.member("thandeka").await;
    invited(&thandeka, &references[0], "Lerato", LERATO).await;
    invited(&thandeka, &references[1], "Sam", "sam@example.com").await;
    house.deliver_mail().await;
    api.post(
        &format!("/bookings/{}/cancellation", references[1]),
        &json!({}),
    )
    .await;
    later(&house).await;
    assert_eq!(count(&house, LERATO).await, 1);
    let mail = &house.mails("sam@example.com").await[0];
    assert!(mail.subject.starts_with("Called off"), "{}", mail.subject);
}
