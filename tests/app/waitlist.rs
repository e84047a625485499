//! The waitlist: freed time is offered to the first in the line as a hold, and after that to the next.

use connect_space::worker;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Api, House, Page, Person};

/// It is Tuesday, 06:30; this is the day after the next.
const DAY: &str = "2026-11-26";

fn wish(space: &str, from: &str, until: &str) -> Vec<(&'static str, String)> {
    vec![
        ("space", space.to_owned()),
        ("by", "time".to_owned()),
        ("date", DAY.to_owned()),
        ("from", from.to_owned()),
        ("until", until.to_owned()),
    ]
}

async fn wait(person: &Person, space: &str, from: &str, until: &str) -> Page {
    person.post("/waitlist", &wish(space, from, until)).await
}

async fn waits(person: &Person, space: &str, from: &str, until: &str) {
    let answer = wait(person, space, from, until).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

async fn cancel(person: &Person, reference: &str) {
    let path = format!("/bookings/{reference}/cancellation");
    let cancelled = person
        .post(&path, &[("kept", "100000"), ("days", "0")])
        .await;
    assert_eq!(
        cancelled.status,
        StatusCode::SEE_OTHER,
        "{}",
        cancelled.text()
    );
}

/// Whom something is offered, and what: `Thandeka Mkhize: lighthouse 07:00-09:00`, in UTC.
async fn offers(house: &House) -> Vec<String> {
    sqlx::query_scalar(
        "select m.name || ': ' || s.slug || to_char(lower(b.during) at time zone 'UTC', ' HH24:MI-')
                || to_char(upper(b.during) at time zone 'UTC', 'HH24:MI')
         from bookings b join members m on m.id = b.member_id join spaces s on s.id = b.space_id
         where b.channel = 'waitlist' and b.status = 'held' and b.hold_expires_at > now() order by 1",
    )
    .fetch_all(&house.db)
    .await
    .unwrap()
}

async fn offered_to(house: &House, name: &str) -> String {
    let reference: Option<String> = sqlx::query_scalar(
        "select b.reference from bookings b join members m on m.id = b.member_id
         where b.channel = 'waitlist' and b.status = 'held' and m.email = $1",
    )
    .bind(house.address(name))
    .fetch_optional(&house.db)
    .await
    .unwrap();
    reference.unwrap_or_else(|| panic!("{name} is offered nothing"))
}

/// As if what is offered had run out a moment ago.
async fn run_out(house: &House) {
    house
        .run(
            "update bookings set hold_expires_at = now() - interval '1 second' where status = 'held';
             update occupancies o set held_until = b.hold_expires_at from bookings b
             where b.id = o.booking_id and b.status = 'held';
             update jobs set run_at = now() where kind = 'offer_ends' and status = 'waiting'",
        )
        .await;
    house.deliver_mail().await;
}

async fn endings(house: &House) -> String {
    house
        .one("select coalesce(string_agg(ended_because, ' ' order by created_at), '') from waitlist_entries where ended_at is not null")
        .await
}

async fn subjects(house: &House, name: &str, beginning: &str) -> usize {
    let mails = house.mails(&house.address(name)).await;
    let subjects = mails.iter().map(|mail| &mail.subject);
    subjects
        .filter(|subject| subject.starts_with(beginning))
        .count()
}

#[tokio::test]
async fn what_frees_up_wholly_is_offered_to_the_first_and_unanswered_to_the_next() {
    // cases N6, N7
    let house = House::open().await;
    let (thandeka, priya) = (house.member("thandeka").await, house.member("priya").await);
    let sipho = house.member("sipho").await;
    let reference = sipho.book("lighthouse", DAY, "09:00", "11:00").await;
    // One tap from the page that says it is taken.
    let query = format!("by=time&date={DAY}&from=09%3A00&until=11%3A00");
    let full = thandeka.get(&format!("/spaces/lighthouse?{query}")).await;
    assert!(full.says("Tell me when it frees up"), "{}", full.text());
    let form = full.form("/waitlist");
    let joined = thandeka.submit(&form).await;
    let list = thandeka.follow(&joined).await;
    assert!(
        list.says("You are in the line: Lighthouse, Musgrave, Thu 26 November, 09:00–11:00.")
            && list.says("Waiting for")
            && list.says("In the line"),
        "{}",
        list.text()
    );
    waits(&priya, "lighthouse", "09:00", "11:00").await;
    house.deliver_mail().await;
    assert!(offers(&house).await.is_empty());

    // A part of it is not enough.
    let api = house.api("sipho").await;
    let shorter = json!({"until": format!("{DAY}T10:00"), "from": format!("{DAY}T09:00"), "total_cents": 20_000});
    let path = format!("/bookings/{reference}/change");
    let changed = api.post(&path, &shorter).await;
    assert!(changed.status.is_success(), "{changed:?}");
    house.deliver_mail().await;
    assert!(offers(&house).await.is_empty());

    cancel(&sipho, &reference).await;
    house.deliver_mail().await;
    let hers = ["Thandeka Mkhize: lighthouse 07:00-09:00"];
    assert_eq!(offers(&house).await, hers);
    let link = house
        .path_mailed_to("thandeka@example.com", "/bookings/")
        .await;
    assert!(link.ends_with("/confirmation"), "{link}");
    let page = thandeka.get(&link).await;
    assert!(
        page.says("Held for you until") && !page.says("ten minutes more"),
        "{}",
        page.text()
    );
    assert!(thandeka.get("/bookings").await.says("Free: yours to take"));
    // It is a real hold, also against whoever is next, and her next checkout does not end it.
    let taken = priya.hold("lighthouse", DAY, "09:00", "11:00").await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = thandeka.hold("pier", "2026-11-27", "09:00", "11:00").await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
    assert_eq!(offers(&house).await, hers);

    run_out(&house).await;
    assert_eq!(
        offers(&house).await,
        ["Priya Naidoo: lighthouse 07:00-09:00"]
    );
    assert_eq!(endings(&house).await, "unanswered");
    assert_eq!(
        subjects(&house, "thandeka", "Gone to the next: Lighthouse").await,
        1
    );
    assert_eq!(subjects(&house, "priya", "It is free: Lighthouse").await, 1);
    let offer = offered_to(&house, "priya").await;
    let confirmed = priya
        .post::<&str, &str>(&format!("/bookings/{offer}/confirmation"), &[])
        .await;
    assert_eq!(
        confirmed.status,
        StatusCode::SEE_OTHER,
        "{}",
        confirmed.text()
    );
    assert_eq!(endings(&house).await, "unanswered booked");
    let audited: i64 = house
        .one("select count(*) from audit_events where subject = 'waitlist_entries' and verb in ('wait', 'offer')")
        .await;
    assert_eq!(audited, 4);
}

#[tokio::test]
async fn what_is_declined_or_left_goes_to_the_next_as_well() {
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    let reference = sipho.book("lighthouse", DAY, "09:00", "10:00").await;
    let names = ["thandeka", "priya", "nomsa"];
    for name in names {
        waits(&house.member(name).await, "lighthouse", "09:00", "10:00").await;
    }
    cancel(&sipho, &reference).await;
    house.deliver_mail().await;
    let offer = offered_to(&house, "thandeka").await;
    cancel(&house.member("thandeka").await, &offer).await;
    house.deliver_mail().await;
    assert_eq!(
        offers(&house).await,
        ["Priya Naidoo: lighthouse 07:00-08:00"]
    );
    let priya = house.member("priya").await;
    let list = priya.get("/bookings").await;
    let leave = list.html.split("/waitlist/").nth(1).unwrap();
    let leave = format!("/waitlist/{}/departure", leave.split('/').next().unwrap());
    // Nobody else's to leave.
    let other = house.member("thandeka").await;
    let answer = other.post::<&str, &str>(&leave, &[]).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let left = priya.post::<&str, &str>(&leave, &[]).await;
    assert!(
        priya
            .follow(&left)
            .await
            .says("You have left the line for Lighthouse, Musgrave.")
    );
    house.deliver_mail().await;
    assert_eq!(
        offers(&house).await,
        ["Nomsa Khumalo: lighthouse 07:00-08:00"]
    );
    assert_eq!(endings(&house).await, "declined left");
}

#[tokio::test]
async fn any_time_between_some_days_and_any_room_of_a_place_can_be_waited_for() {
    let house = House::open().await;
    house
        .run("update spaces set status = 'hidden' where slug in ('dune', 'hall')")
        .await;
    let sipho = house.member("sipho").await;
    let mut taken = Vec::new();
    for space in ["lighthouse", "pier"] {
        for day in [DAY, "2026-11-27"] {
            taken.push(sipho.book(space, day, "07:00", "19:00").await);
        }
    }
    let thandeka = house.member("thandeka").await;
    let page = thandeka
        .get("/waitlist/new?location=musgrave&kind=meeting_room")
        .await;
    assert!(page.says("Any meeting room, Musgrave"), "{}", page.text());
    let within = [
        ("location", "musgrave"),
        ("kind", "meeting_room"),
        ("how", "within"),
        ("by", "time"),
        ("first_day", DAY),
        ("last_day", "2026-11-27"),
        ("length", "120"),
    ];
    let joined = thandeka.post("/waitlist", &within).await;
    let list = thandeka.follow(&joined).await;
    assert!(
        list.says("Any meeting room, Musgrave")
            && list.says("2 hours between Thu 26 November and Fri 27 November"),
        "{}",
        list.text()
    );
    // Twice is once, and a day when something is free is not waited for.
    assert_eq!(
        thandeka.post("/waitlist", &within).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from waitlist_entries")
            .await,
        1
    );
    let mut free = within;
    free[5].1 = "2026-11-28";
    let refused = thandeka.post("/waitlist", &free).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.says("Lighthouse is free Sat 28 November, 08:00–10:00: book it now."),
        "{}",
        refused.text()
    );
    cancel(&sipho, &taken[3]).await;
    house.deliver_mail().await;
    assert_eq!(offers(&house).await, ["Thandeka Mkhize: pier 05:00-07:00"]);
    // One offer at a time, whatever else frees up.
    cancel(&sipho, &taken[0]).await;
    house.deliver_mail().await;
    assert_eq!(offers(&house).await.len(), 1);
}

#[tokio::test]
async fn days_and_months_of_an_office_are_waited_for() {
    let house = House::open().await;
    let sipho = house.api("sipho").await;
    let month = json!({"space": "office-1", "term": "month", "from": "2026-12-01", "people": 1});
    let booked = sipho.post("/bookings", &month).await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    let api = house.api("thandeka").await;
    let days = json!({"space": "office-1", "first_day": "2026-12-07", "last_day": "2026-12-11", "days": 3});
    let waits = api.post("/waitlist", &days).await;
    assert_eq!(waits.status, StatusCode::CREATED, "{waits:?}");
    let month = json!({"space": "office-1", "first_day": "2026-12-01", "last_day": "2026-12-15", "months": 1});
    let later = house.api("priya").await.post("/waitlist", &month).await;
    assert_eq!(later.status, StatusCode::CREATED, "{later:?}");
    let reference = booked.json["reference"].as_str().unwrap();
    cancel(&house.member("sipho").await, reference).await;
    house.deliver_mail().await;
    let held: Vec<String> = sqlx::query_scalar(
        "select term || ' ' || (lower(during) at time zone 'Africa/Johannesburg')::date || ' ' || last_day
         from bookings where status = 'held' order by 1",
    )
    .fetch_all(&house.db)
    .await
    .unwrap();
    // The first in the line has the days; what is left is long enough for the month from there on.
    assert_eq!(
        held,
        ["day 2026-12-07 2026-12-09", "month 2026-12-10 2027-01-09"]
    );
}

#[tokio::test]
async fn who_books_otherwise_waits_no_longer_and_nobody_ends_with_two() {
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    let reference = sipho.book("lighthouse", DAY, "09:00", "10:00").await;
    let (thandeka, priya) = (house.member("thandeka").await, house.member("priya").await);
    waits(&thandeka, "lighthouse", "09:00", "10:00").await;
    waits(&priya, "lighthouse", "09:00", "10:00").await;
    // At another time it is not what she waits for.
    thandeka.book("pier", DAY, "12:00", "13:00").await;
    assert_eq!(endings(&house).await, "");
    cancel(&sipho, &reference).await;
    house.deliver_mail().await;
    assert_eq!(
        offers(&house).await,
        ["Thandeka Mkhize: lighthouse 07:00-08:00"]
    );
    thandeka.book("pier", DAY, "09:30", "10:30").await;
    house.deliver_mail().await;
    assert_eq!(
        offers(&house).await,
        ["Priya Naidoo: lighthouse 07:00-08:00"]
    );
    // And before anything was offered.
    house
        .api("priya")
        .await
        .book("dune", "2026-11-26T09:00", "2026-11-26T10:00")
        .await;
    house.deliver_mail().await;
    assert!(offers(&house).await.is_empty());
    assert_eq!(endings(&house).await, "booked booked");
    assert_eq!(subjects(&house, "priya", "Gone to the next").await, 0);
}

#[tokio::test]
async fn whatever_frees_time_is_offered() {
    let house = House::open().await;
    let (sipho, thandeka) = (house.member("sipho").await, house.member("thandeka").await);
    let nomsa = house.member("nomsa").await;
    let is_offered = async || {
        house.deliver_mail().await;
        let offered = offers(&house).await;
        house
            .run("update bookings set status = 'expired', hold_expires_at = null where status = 'held'; delete from waitlist_entries")
            .await;
        offered
    };
    // A hold at the checkout that runs out.
    sipho.hold("pier", DAY, "09:00", "10:00").await;
    waits(&thandeka, "pier", "09:00", "10:00").await;
    run_out(&house).await;
    worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(is_offered().await, ["Thandeka Mkhize: pier 07:00-08:00"]);
    // The desk moves it elsewhere.
    let reference = sipho.book("pier", DAY, "09:00", "10:00").await;
    waits(&thandeka, "pier", "09:00", "10:00").await;
    let path = format!("/admin/bookings/{reference}/change");
    let moved = nomsa.post(&path, &[("space", "lighthouse")]).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text());
    assert_eq!(is_offered().await, ["Thandeka Mkhize: pier 07:00-08:00"]);
    // A closure that is over.
    house
        .run(
            "insert into closures (id, location_id, during, reason, wording)
             select gen_random_uuid(), id, tstzrange('2026-11-26', '2026-11-27'), 'Water', 'No water' from locations where slug = 'musgrave'",
        )
        .await;
    waits(&thandeka, "dune", "15:00", "16:00").await;
    worker::tidy_once(&house.app).await.unwrap();
    assert!(offers(&house).await.is_empty());
    house.run("delete from closures").await;
    worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(is_offered().await, ["Thandeka Mkhize: dune 13:00-14:00"]);
    // What is over by now is not waited for.
    sipho.book("pier", "2026-11-24", "07:00", "08:00").await;
    let mut today = wish("pier", "07:00", "08:00");
    today[2].1 = "2026-11-24".to_owned();
    let joined = thandeka.post("/waitlist", &today).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.text());
    house.app.clock.shift(chrono::TimeDelta::hours(1));
    worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(endings(&house).await, "over");
}

#[tokio::test]
async fn what_cannot_be_waited_for_is_said() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let free = wait(&thandeka, "pier", "09:00", "10:00").await;
    assert_eq!(free.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        free.says("Pier is free Thu 26 November, 09:00–10:00: book it now."),
        "{}",
        free.text()
    );
    let night = wait(&thandeka, "pier", "21:00", "22:00").await;
    assert!(
        night.says("Musgrave is open 07:00–19:00"),
        "{}",
        night.text()
    );
    let desk = wait(&thandeka, "desk-1", "09:00", "10:00").await;
    assert_eq!(desk.status, StatusCode::NOT_FOUND);
    let nonsense = wait(&thandeka, "pier", "9 o'clock", "").await;
    assert_eq!(nonsense.status, StatusCode::UNPROCESSABLE_ENTITY);
    let api = house.api("thandeka").await;
    let both = json!({"space": "pier", "first_day": DAY, "minutes": 60, "days": 2});
    assert_eq!(api.post("/waitlist", &both).await.problem(), "bad-length");
    let desks = json!({"location": "musgrave", "kind": "hot_desk", "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00")});
    assert_eq!(api.post("/waitlist", &desks).await.problem(), "no-waitlist");
    let long = json!({"space": "pier", "first_day": DAY, "last_day": "2027-11-26", "minutes": 60});
    assert_eq!(api.post("/waitlist", &long).await.problem(), "bad-days");
    let visitor = house.visitor().get("/waitlist/new?space=pier").await;
    assert_eq!(visitor.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_front_desk_sees_who_waits_and_takes_them_off() {
    let house = House::open().await;
    let sipho = house.member("sipho").await;
    let reference = sipho.book("lighthouse", DAY, "09:00", "10:00").await;
    let api = house.api("thandeka").await;
    let wish = json!({"space": "lighthouse", "from": format!("{DAY}T09:30"), "until": format!("{DAY}T10:30"), "people": 2});
    let joined = api.post("/waitlist", &wish).await;
    assert_eq!(joined.status, StatusCode::CREATED, "{joined:?}");
    let nomsa = house.member("nomsa").await;
    let page = nomsa.get("/admin/waitlist?location=musgrave").await;
    assert!(
        page.says("Thandeka Mkhize")
            && page.says("082 000 0001")
            && page.says("Lighthouse, Musgrave, 2 people")
            && page.says("Thu 26 November, 09:30–10:30"),
        "{}",
        page.text()
    );
    assert!(
        nomsa
            .get("/admin/waitlist?location=paris")
            .await
            .says("Nobody waits")
    );
    let day = nomsa
        .get(&format!("/admin/day?location=musgrave&date={DAY}"))
        .await;
    assert!(day.says("1 waits for it"), "{}", day.text());
    let of_staff = house.api("nomsa").await;
    let listed = of_staff.get("/waitlist?location=musgrave").await;
    let entry = &listed.json["waitlist"][0];
    assert_eq!(
        (&entry["space"], entry["member"].is_string(), &entry["from"]),
        (
            &json!("lighthouse"),
            true,
            &json!("2026-11-26T09:30:00+02:00")
        )
    );
    // Others see their own alone.
    let others = house
        .api("sipho")
        .await
        .get("/waitlist?location=musgrave")
        .await;
    assert_eq!(others.json["waitlist"], json!([]));
    let place = entry["reference"].as_str().unwrap().to_owned();
    let delete = |api: &Api| api.request(Method::DELETE, &format!("/waitlist/{place}"));
    let sipho = house.api("sipho").await;
    assert_eq!(
        sipho.send(delete(&sipho)).await.status,
        StatusCode::NOT_FOUND
    );
    let path = format!("/admin/waitlist/{place}/departure");
    let off = nomsa.post::<&str, &str>(&path, &[]).await;
    assert!(
        nomsa
            .follow(&off)
            .await
            .says("Thandeka Mkhize waits no longer.")
    );
    // Twice is once.
    assert_eq!(api.send(delete(&api)).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.get("/waitlist").await.json["waitlist"], json!([]));
    assert!(!reference.is_empty());
}

/// Two servers, each doing all that is due.
async fn two_servers(house: &House) {
    let mut servers = JoinSet::new();
    for _ in 0..2 {
        let app = house.app.clone();
        servers.spawn(async move { worker::drain(&app).await.unwrap() });
    }
    servers.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_offer_each_time_once_and_each_person_one() {
    let house = House::open().await;
    house
        .run("update spaces set status = 'hidden' where slug in ('dune', 'hall')")
        .await;
    let sipho = house.member("sipho").await;
    let mut taken = Vec::new();
    for space in ["lighthouse", "pier"] {
        taken.push(sipho.book(space, DAY, "09:00", "10:00").await);
    }
    let mut people = Vec::new();
    for name in house.crowd(4).await {
        let api = house.api(&name).await;
        let any = json!({"location": "musgrave", "kind": "meeting_room",
                         "from": format!("{DAY}T09:00"), "until": format!("{DAY}T10:00")});
        let joined = api.post("/waitlist", &any).await;
        assert_eq!(joined.status, StatusCode::CREATED, "{joined:?}");
        people.push(house.member(&name).await);
    }
    house.deliver_mail().await;
    let mut freed = JoinSet::new();
    for reference in taken {
        let sipho = sipho.clone();
        freed.spawn(async move { cancel(&sipho, &reference).await });
    }
    freed.join_all().await;
    two_servers(&house).await;
    let names: Vec<String> = offers(&house).await;
    let names: Vec<&str> = names
        .iter()
        .map(|offer| offer.split(':').next().unwrap())
        .collect();
    assert_eq!(names, ["Member 1", "Member 2"]);
    // They answer at the very moment at which it runs out: it is theirs or the next one's, never both.
    let mut race = JoinSet::new();
    for (name, person) in ["member-1", "member-2"].into_iter().zip(people) {
        let offer = offered_to(&house, name).await;
        race.spawn(async move {
            let path = format!("/bookings/{offer}/confirmation");
            person.post::<&str, &str>(&path, &[]).await.status
        });
    }
    run_out(&house).await;
    two_servers(&house).await;
    for status in race.join_all().await {
        assert!(status.as_u16() < 500, "{status}");
    }
    worker::tidy_once(&house.app).await.unwrap();
    two_servers(&house).await;
    let each: i64 = house
        .one(
            "select coalesce(max(n), 0) from (select count(*) as n from bookings b
             where b.takes_space and b.member_id in (select member_id from waitlist_entries) group by member_id) x",
        )
        .await;
    assert!(each <= 1, "somebody has {each}");
    let overlaps: i64 = house
        .one(
            "select count(*) from occupancies a join occupancies b
             on a.space_id = b.space_id and a.id < b.id and a.active and b.active and a.occupies && b.occupies",
        )
        .await;
    assert_eq!(overlaps, 0);
}
