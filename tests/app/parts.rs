//! Rooms that can be divided and offices with desks in them: a whole and its parts block each other.

use reqwest::StatusCode;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{House, Page};

/// It is Tuesday 24 November 2026; this is the day after the next.
const DAY: &str = "2026-11-26";

/// Hall is Lighthouse and Pier, and Office 1 has both desks in it.
async fn divided() -> House {
    let house = House::open().await;
    house
        .run(
            "insert into space_parts (whole_id, part_id)
             select w.id, p.id from spaces w join spaces p on (w.slug, p.slug) in
                 (('hall', 'lighthouse'), ('hall', 'pier'), ('office-1', 'desk-1'), ('office-1', 'desk-2'))",
        )
        .await;
    house
}

fn is_taken(answer: &Page) -> bool {
    assert!(
        matches!(
            answer.status,
            StatusCode::SEE_OTHER | StatusCode::UNPROCESSABLE_ENTITY
        ),
        "{}: {}",
        answer.status,
        answer.text()
    );
    answer.status == StatusCode::UNPROCESSABLE_ENTITY
}

/// Bookings of a whole and of a part of it at the same time; there are never any.
const DOUBLE: &str = "
    select count(*) from occupancies o join space_parts p on p.whole_id = o.space_id
    join occupancies q on q.space_id = p.part_id and q.occupies && o.occupies where o.active and q.active";

#[tokio::test]
async fn a_whole_and_its_parts_block_each_other_in_both_directions() {
    // case F4
    let house = divided().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let pier = thandeka.book("pier", DAY, "10:00", "11:00").await;
    assert!(is_taken(&sipho.hold("hall", DAY, "09:00", "12:00").await));
    let said = sipho
        .get(&format!("/spaces/hall?date={DAY}&from=09:00&until=12:00"))
        .await;
    assert!(
        said.says("Hall is taken at that time") && said.says("It is made of Lighthouse and Pier"),
        "{}",
        said.text()
    );
    // The other part is free, and so is the whole later on: its half hour of setting up begins as Pier ends.
    sipho.book("lighthouse", DAY, "10:00", "11:00").await;
    assert!(is_taken(&sipho.hold("hall", DAY, "11:15", "14:15").await));
    let hall = sipho.book("hall", DAY, "11:30", "14:30").await;
    for (space, from, until) in [
        ("pier", "11:00", "12:00"),
        ("pier", "12:00", "13:00"),
        ("lighthouse", "14:30", "15:00"),
    ] {
        let answer = thandeka.hold(space, DAY, from, until).await;
        assert!(is_taken(&answer), "{space} {from}: {}", answer.text());
    }
    thandeka.book("pier", DAY, "14:45", "15:45").await;
    // What is free again is free for all of them.
    let cancellation = format!("/bookings/{hall}/cancellation");
    let page = sipho.get(&cancellation).await;
    sipho.submit(&page.form(&cancellation)).await;
    thandeka.book("lighthouse", DAY, "12:00", "13:00").await;
    // Their own booking never stands in its own way: the part becomes the whole, and a part again.
    let day = "2026-11-27";
    let part = thandeka.book("pier", day, "09:00", "12:00").await;
    let path = format!("/bookings/{part}/move");
    let to_hall = [("space", "hall"), ("shown", "60000")];
    let moved = thandeka.post(&path, &to_hall).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    assert!(is_taken(
        &sipho.hold("lighthouse", day, "09:00", "10:00").await
    ));
    let back = thandeka
        .post(&path, &[("space", "pier"), ("shown", "60000")])
        .await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text());
    sipho.book("lighthouse", day, "09:00", "10:00").await;
    assert_eq!(house.one::<i64>(DOUBLE).await, 0);
    // The database holds it, whatever path writes.
    let forced = sqlx::query(
        "insert into occupancies (id, space_id, booking_id, active, during, occupies)
         select gen_random_uuid(), s.id, b.id, true, b.during, b.during
         from bookings b, spaces s where b.reference = $1 and s.slug = 'hall'",
    )
    .bind(&pier)
    .execute(&house.db)
    .await;
    let forced = forced.unwrap_err().to_string();
    assert!(forced.contains("parts_never_overlap"), "{forced}");
}

#[tokio::test]
async fn one_booking_of_two_rooms_is_checked_against_each_of_them() {
    // case F3: a room that is made of two takes both, and each has to take it
    let house = divided().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    thandeka.book("pier", DAY, "08:00", "09:00").await;
    thandeka.book("lighthouse", DAY, "14:00", "15:00").await;
    assert!(is_taken(&sipho.hold("hall", DAY, "08:30", "11:30").await));
    assert!(is_taken(&sipho.hold("hall", DAY, "11:30", "14:30").await));
    sipho.book("hall", DAY, "09:30", "12:30").await;
    for part in ["lighthouse", "pier"] {
        assert!(is_taken(&thandeka.hold(part, DAY, "11:00", "12:00").await));
    }
    house
        .run("update spaces set status = 'out_of_order' where slug = 'pier'")
        .await;
    let broken = sipho.hold("hall", "2026-11-27", "09:00", "12:00").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.says("Pier is out of order."), "{}", broken.text());
}

#[tokio::test]
async fn an_office_with_desks_in_it_is_one_of_both() {
    // case F4
    let house = divided().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let held = thandeka.hold_days("office-1", DAY, DAY).await;
    thandeka.confirm(&held).await;
    let desk = [
        ("location", "musgrave"),
        ("kind", "hot_desk"),
        ("by", "time"),
        ("date", DAY),
        ("from", "09:00"),
        ("until", "10:00"),
        ("key", "12345678"),
    ];
    assert!(is_taken(&sipho.post("/bookings", &desk).await));
    sipho.book("desk-2", "2026-11-27", "09:00", "10:00").await;
    assert!(is_taken(
        &thandeka
            .hold_days("office-1", "2026-11-27", "2026-11-27")
            .await
    ));
}

#[tokio::test]
async fn a_hold_that_ran_out_a_closed_part_and_a_broken_one() {
    let house = divided().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    // Held, it blocks; run out, it does not.
    thandeka.hold("hall", DAY, "09:00", "12:00").await;
    assert!(is_taken(&sipho.hold("pier", DAY, "10:00", "11:00").await));
    house
        .run(
            "update bookings set hold_expires_at = now() - interval '1 minute' where status = 'held';
             update occupancies set held_until = now() - interval '1 minute'",
        )
        .await;
    sipho.book("pier", DAY, "10:00", "11:00").await;
    // The front desk sees why.
    let nomsa = house.member("nomsa").await;
    let day = nomsa
        .get(&format!("/admin/day?location=musgrave&date={DAY}"))
        .await;
    assert!(day.says("Pier is booked"), "{}", day.text());
    // A part that is closed closes the whole, and the whole its parts.
    house
        .run(
            "insert into closures (id, location_id, space_id, during, reason, wording)
             select gen_random_uuid(), s.location_id, s.id, d.during, 'Carpets', s.name || ' has its carpet cleaned.'
             from spaces s join (values ('pier', tstzrange('2026-11-30', '2026-12-01')), ('hall', tstzrange('2026-12-01', '2026-12-02')))
                 as d (slug, during) on d.slug = s.slug",
        )
        .await;
    let whole = thandeka.hold("hall", "2026-11-30", "09:00", "12:00").await;
    assert!(
        whole.says("Pier has its carpet cleaned."),
        "{}",
        whole.text()
    );
    let part = thandeka
        .hold("lighthouse", "2026-12-01", "09:00", "12:00")
        .await;
    assert!(part.says("Hall has its carpet cleaned."), "{}", part.text());
    thandeka
        .book("lighthouse", "2026-11-30", "09:00", "10:00")
        .await;
    house
        .run("update spaces set status = 'out_of_order' where slug = 'lighthouse'")
        .await;
    let whole = thandeka.hold("hall", "2026-12-03", "09:00", "12:00").await;
    assert!(whole.says("Lighthouse is out of order"), "{}", whole.text());
}

#[tokio::test]
async fn many_at_once_get_the_whole_or_its_parts() {
    // cases F4, G1
    let house = divided().await;
    let names = house.crowd(9).await;
    for round in 0..4 {
        let date = format!("2026-12-{:02}", 1 + round);
        let mut sent = JoinSet::new();
        for (n, name) in names.iter().enumerate() {
            let person = house.member(name).await;
            let date = date.clone();
            sent.spawn(async move {
                let (space, from, until) = match n % 3 {
                    0 => ("hall", "09:00", "12:00"),
                    1 => ("pier", "10:00", "11:00"),
                    _ => ("lighthouse", "11:00", "12:00"),
                };
                person.hold(space, &date, from, until).await
            });
        }
        let answers = sent.join_all().await;
        let won = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::SEE_OTHER)
            .count();
        assert!((1..=2).contains(&won), "{won} of {}", answers.len());
        for answer in answers {
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
        assert_eq!(house.one::<i64>(DOUBLE).await, 0);
    }
}

#[tokio::test]
async fn managers_say_which_parts_a_space_has() {
    let house = House::open().await;
    house
        .run(
            "insert into members (id, name, email, email_verified_at) values (gen_random_uuid(), 'Ayanda', 'ayanda@example.com', now());
             insert into staff (member_id, role, location_id)
             select m.id, 'manager', l.id from members m, locations l where m.name = 'Ayanda' and l.slug = 'musgrave'",
        )
        .await;
    let ayanda = house.member("ayanda").await;
    let path = "/admin/spaces/hall/parts";
    assert!(
        ayanda
            .get("/admin/spaces/hall")
            .await
            .links()
            .contains(&path.to_owned())
    );
    let page = ayanda.get(path).await;
    assert!(
        page.says("What it is made of") && !page.html.contains("value=\"hall\""),
        "{}",
        page.text()
    );
    // What is booked at the same time stands in the way.
    let thandeka = house.member("thandeka").await;
    let hall = thandeka.book("hall", "2026-12-10", "09:00", "12:00").await;
    let pier = house
        .member("sipho")
        .await
        .book("pier", "2026-12-10", "11:00", "13:00")
        .await;
    let both = [("part", "lighthouse"), ("part", "pier")];
    let refused = ayanda.post(path, &both).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says(&format!("{hall} and {pier} are booked for the same time")),
        "{}",
        refused.text()
    );
    assert!(
        refused.html.contains("value=\"pier\" checked"),
        "what was chosen is there"
    );
    for (parts, words) in [
        (
            &[("part", "hall"), ("part", "dune")][..],
            "Choose spaces of the same location",
        ),
        (
            &[("part", "seine"), ("part", "dune")],
            "Choose spaces of the same location",
        ),
        (&[("part", "dune")], "Choose two parts or more"),
    ] {
        let refused = ayanda.post(path, parts).await;
        assert!(refused.says(words), "{parts:?}: {}", refused.text());
    }
    let kept = ayanda
        .post(path, &[("part", "lighthouse"), ("part", "dune")])
        .await;
    assert!(ayanda.follow(&kept).await.says("they block each other"));
    // What was booked of the whole before counts from now on.
    assert!(is_taken(
        &thandeka.hold("dune", "2026-12-10", "10:00", "11:00").await
    ));
    let spaces = house
        .api("thandeka")
        .await
        .get("/spaces?location=musgrave")
        .await;
    let of = |slug: &str| {
        let spaces = spaces.json["spaces"].as_array().unwrap();
        spaces.iter().find(|space| space["slug"] == slug).unwrap()["parts"].clone()
    };
    assert_eq!(
        (of("hall"), of("dune")),
        (json!(["lighthouse", "dune"]), json!([]))
    );
    // A part has no parts, and a whole is none.
    let part = ayanda.get("/admin/spaces/dune/parts").await;
    assert!(part.says("is a part of Hall"), "{}", part.text());
    let nested = ayanda
        .post(
            "/admin/spaces/dune/parts",
            &[("part", "desk-1"), ("part", "desk-2")],
        )
        .await;
    assert!(nested.says("is a part of Hall itself"), "{}", nested.text());
    let nested = ayanda
        .post(
            "/admin/spaces/office-1/parts",
            &[("part", "hall"), ("part", "desk-2")],
        )
        .await;
    assert!(
        nested.says("Hall has parts of its own"),
        "{}",
        nested.text()
    );
    let none = ayanda.post::<&str, &str>(path, &[]).await;
    assert!(
        ayanda
            .follow(&none)
            .await
            .says("It is one space by itself.")
    );
    thandeka.book("dune", "2026-12-10", "10:00", "11:00").await;
    let lines: i64 = house
        .one("select count(*) from audit_events where verb = 'change parts'")
        .await;
    assert_eq!(lines, 2);
    assert_eq!(
        house.member("nomsa").await.get(path).await.status,
        StatusCode::NOT_FOUND
    );
}
