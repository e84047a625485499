//! Screens at the doors of rooms.

use chrono::TimeDelta;
use reqwest::StatusCode;

use crate::support::{House, Page, Person};

/// A house with a manager of Musgrave.
async fn managed() -> (House, Person) {
    let house = House::open().await;
    house
        .run(
            "insert into members (id, name, email, email_verified_at) values (gen_random_uuid(), 'Ayanda', 'ayanda@example.com', now());
             insert into staff (member_id, role, location_id)
             select m.id, 'manager', l.id from members m, locations l where m.name = 'Ayanda' and l.slug = 'musgrave'",
        )
        .await;
    let ayanda = house.member("ayanda").await;
    (house, ayanda)
}

/// Makes a screen, and says the path of its address.
async fn screen(manager: &Person, space: &str, titles: &str) -> String {
    let made = manager
        .post(
            &format!("/admin/spaces/{space}/displays"),
            &[("name", "Left of the door"), ("shows_titles", titles)],
        )
        .await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    address(&made)
}

fn address(made: &Page) -> String {
    let links = made.links().into_iter();
    let mut found =
        links.filter_map(|link| Some(format!("/display/{}", link.split_once("/display/")?.1)));
    found
        .next()
        .unwrap_or_else(|| panic!("no address: {}", made.text()))
}

#[tokio::test]
async fn a_screen_says_how_its_room_is_and_nothing_of_whom() {
    let (house, ayanda) = managed().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .post(
            "/bookings",
            &[
                ("space", "pier"),
                ("by", "time"),
                ("date", "2026-11-24"),
                ("from", "09:00"),
                ("until", "10:00"),
                ("title", "Budget <b>"),
                ("key", "12345678"),
            ],
        )
        .await;
    thandeka.confirm(&held).await;
    thandeka
        .book("lighthouse", "2026-11-24", "07:00", "19:00")
        .await;
    let (silent, told) = (
        screen(&ayanda, "pier", "").await,
        screen(&ayanda, "pier", "yes").await,
    );
    let tablet = house.visitor();
    // Half an hour before the doors open.
    let page = tablet.get(&silent).await;
    assert!(
        page.says("Closed") && page.says("Next: Tue 24 November, 09:00–10:00: Reserved"),
        "{}",
        page.text()
    );
    house.app.clock.shift(TimeDelta::minutes(75));
    let page = tablet.get(&silent).await;
    assert!(
        page.says("Free until 09:00") && page.says("15 min 30 min 60 min"),
        "{}",
        page.text()
    );
    house.app.clock.shift(TimeDelta::minutes(90));
    let page = tablet.get(&silent).await;
    assert!(
        page.says("Taken Reserved until 10:00") && !page.says("Book it now"),
        "{}",
        page.text()
    );
    let page = tablet.get(&told).await;
    assert!(page.says("Budget <b> until 10:00"), "{}", page.text());
    assert!(
        !page.html.contains("Budget <b>"),
        "what people type is no markup, in the data neither"
    );
    for page in [&page, &tablet.get(&silent).await] {
        assert!(
            !page.html.contains("Thandeka") && !page.html.contains("ighthouse"),
            "{}",
            page.html
        );
        assert!(
            page.html.contains("no-store") || page.header("cache-control").contains("no-"),
            "{:?}",
            page.headers
        );
    }
    // Early to leave is early to be free, and closed is closed.
    house
        .run("insert into closures (id, location_id, space_id, during, reason, wording)
              select gen_random_uuid(), location_id, id, tstzrange('2026-11-24T08:30:00Z', '2026-11-24T09:30:00Z'), 'x', 'The carpet is cleaned.'
              from spaces where slug = 'pier'")
        .await;
    house.app.clock.shift(TimeDelta::minutes(90));
    assert!(
        tablet
            .get(&silent)
            .await
            .says("Closed The carpet is cleaned.")
    );
    house.app.clock.shift(TimeDelta::minutes(50));
    assert!(tablet.get(&silent).await.says("Free until 19:00"));
}

/// Presses a length, and says the path under the code.
async fn press(tablet: &Person, path: &str, minutes: &str) -> String {
    let held = tablet
        .post(&format!("{path}/booking"), &[("minutes", minutes)])
        .await;
    assert_eq!(
        held.location(),
        format!("{path}/booking"),
        "{}",
        held.text()
    );
    let page = tablet.follow(&held).await;
    let text = page.text();
    let at = text
        .find("/d/")
        .unwrap_or_else(|| panic!("no address: {text}"));
    text[at..].split_whitespace().next().unwrap().to_owned()
}

async fn holds(house: &House) -> i64 {
    house
        .one("select count(*) from bookings where status = 'held' and hold_expires_at > now()")
        .await
}

#[tokio::test]
async fn who_presses_a_length_has_the_room_held_and_takes_it_by_phone() {
    let (house, ayanda) = managed().await;
    let path = screen(&ayanda, "pier", "").await;
    let other = screen(&ayanda, "pier", "").await;
    let tablet = house.visitor();
    house.app.clock.shift(TimeDelta::minutes(64));
    let page = tablet.get(&path).await;
    assert!(
        page.says("Book it now 15 min 30 min 60 min"),
        "{}",
        page.text()
    );
    let address = press(&tablet, &path, "30").await;
    // The next quarter of an hour that can be booked, and everybody sees it.
    let page = tablet.get(&format!("{path}/booking")).await;
    assert!(
        page.says("07:45–08:15") && page.says("R100") && page.html.contains("class=\"code\""),
        "{}",
        page.text()
    );
    let elsewhere = tablet.get(&other).await;
    assert!(
        elsewhere.says("07:45–08:15: Held") && !elsewhere.says("30 min"),
        "{}",
        elsewhere.text()
    );
    let sipho = house.member("sipho").await;
    let refused = sipho.hold("pier", "2026-11-24", "08:00", "09:00").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Pressed again it is the same one; the tablet itself has nothing to confirm it with.
    assert_eq!(press(&tablet, &path, "15").await, address);
    assert_eq!(holds(&house).await, 1);
    assert!(tablet.get(&path).await.says("Held for whoever stands here"));
    let letters = address.trim_start_matches("/d/");
    for nobody in [&tablet, &ayanda] {
        let confirmed = nobody
            .post::<&str, &str>(&format!("/bookings/CS-{letters}/confirmation"), &[])
            .await;
        assert_ne!(confirmed.status, StatusCode::OK);
        assert_eq!(
            holds(&house).await,
            1,
            "the screen spends nothing, nor does whoever made it"
        );
    }
    assert!(
        house
            .visitor()
            .get(&address)
            .await
            .says("Sign in and take it")
    );
    assert_eq!(
        house
            .visitor()
            .post(&address, &[("shown", "10000")])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(holds(&house).await, 1);
    let thandeka = house.member("thandeka").await;
    let page = thandeka.get(&address).await;
    assert!(page.says("Take it for R100"), "{}", page.text());
    let unseen = thandeka.post(&address, &[("shown", "1")]).await;
    assert!(unseen.says("The price is now R100"), "{}", unseen.text());
    let taken = thandeka.submit(&page.form(&address)).await;
    let page = thandeka.follow(&taken).await;
    assert!(
        page.says("Pier is yours.") && page.says("07:45–08:15"),
        "{}",
        page.text()
    );
    let owed: i64 = house
        .one("select sum(cents)::bigint from ledger_entries")
        .await;
    assert_eq!(owed, 10_000);
    // Whoever is second reads that it is gone; the screen goes back to the room by itself.
    let second = sipho.post(&address, &[("shown", "10000")]).await;
    assert!(
        second.says("This hold has ended, or somebody else has taken it"),
        "{}",
        second.text()
    );
    assert_eq!(
        tablet.get(&format!("{path}/booking")).await.location(),
        path
    );
    assert_eq!(thandeka.get(&address).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_hold_at_a_door_ends_by_itself_or_by_hand_and_not_without_end() {
    let (house, ayanda) = managed().await;
    let path = screen(&ayanda, "pier", "").await;
    let tablet = house.visitor();
    house.app.clock.shift(TimeDelta::minutes(64));
    let address = press(&tablet, &path, "30").await;
    house.run("update bookings set hold_expires_at = now() - interval '1 second'; update occupancies set held_until = now() - interval '1 second'").await;
    assert!(tablet.get(&path).await.says("Book it now"));
    let thandeka = house.member("thandeka").await;
    assert!(thandeka.get(&address).await.says("This hold has ended"));
    let late = thandeka.post(&address, &[("shown", "10000")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        0
    );
    press(&tablet, &path, "15").await;
    let back = tablet
        .post::<&str, &str>(&format!("{path}/booking/ending"), &[])
        .await;
    assert_eq!(back.location(), path);
    assert_eq!(holds(&house).await, 0);
    for _ in 2..6 {
        press(&tablet, &path, "15").await;
        tablet
            .post::<&str, &str>(&format!("{path}/booking/ending"), &[])
            .await;
    }
    let enough = tablet
        .post(&format!("{path}/booking"), &[("minutes", "15")])
        .await;
    assert!(
        tablet
            .follow(&enough)
            .await
            .says("It was held here several times")
    );
    for nonsense in ["45", "-30", "600"] {
        let back = tablet
            .post(&format!("{path}/booking"), &[("minutes", nonsense)])
            .await;
        assert_eq!(back.location(), path, "{nonsense}");
    }
    // What does not fit before the next booking is not offered, nor held.
    house
        .run("update bookings set created_at = now() - interval '2 hours'")
        .await;
    thandeka.book("pier", "2026-11-24", "08:00", "09:00").await;
    let page = tablet.get(&path).await;
    assert!(
        page.says("Book it now 15 min") && !page.says("30 min"),
        "{}",
        page.text()
    );
    let back = tablet
        .post(&format!("{path}/booking"), &[("minutes", "30")])
        .await;
    assert_eq!((back.location(), holds(&house).await), (path.as_str(), 0));
}

#[tokio::test]
async fn the_team_checks_people_in_at_the_door_with_their_pin() {
    let (house, ayanda) = managed().await;
    let path = screen(&ayanda, "pier", "").await;
    let tablet = house.visitor();
    let hash = connect_space::sessions::credentials::hash(&house.app.limits, "2580".to_owned())
        .await
        .unwrap();
    sqlx::query("update staff set pin_hash = $1, pin_set_at = now() where role = 'receptionist'")
        .bind(&hash)
        .execute(&house.db)
        .await
        .unwrap();
    let nomsa: String = house
        .one("select reference from members where name = 'Nomsa Khumalo'")
        .await;
    house
        .member("thandeka")
        .await
        .book("pier", "2026-11-24", "08:00", "09:00")
        .await;
    assert!(!tablet.get(&path).await.says("Check in"));
    house.app.clock.shift(TimeDelta::minutes(90));
    assert!(tablet.get(&path).await.says("Check in"));
    let page = tablet.get(&format!("{path}/presence")).await;
    assert!(
        page.says("Your booking? Scan this") && !page.says("Thandeka"),
        "{}",
        page.text()
    );
    let say = async |word: &str, pin: &str| {
        let fields = [("word", word), ("person", nomsa.as_str()), ("pin", pin)];
        tablet.post(&format!("{path}/presence"), &fields).await
    };
    let wrong = say("arrive", "1111").await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.says("That is not their PIN"),
        "{}",
        wrong.text()
    );
    let done = say("arrive", "2580").await;
    assert!(tablet.follow(&done).await.says("Checked in."));
    let (status, by): (String, String) = sqlx::query_as(
        "select b.status, m.name from bookings b join audit_events e on e.subject_id = b.id and e.verb = 'arrive' join members m on m.id = e.actor_id",
    )
    .fetch_one(&house.db)
    .await
    .unwrap();
    assert_eq!(
        (status.as_str(), by.as_str()),
        ("checked_in", "Nomsa Khumalo")
    );
    house.app.clock.shift(TimeDelta::minutes(15));
    assert!(tablet.get(&path).await.says("End early"));
    let done = say("leave", "2580").await;
    assert!(
        tablet
            .follow(&done)
            .await
            .says("Ended: the rest of the time is free.")
    );
    assert!(tablet.get(&path).await.says("Free until 19:00"));
    // Whoever guesses is soon stopped, on this screen.
    house
        .member("thandeka")
        .await
        .book("pier", "2026-11-24", "09:00", "10:00")
        .await;
    house.app.clock.shift(TimeDelta::minutes(30));
    for _ in 0..5 {
        say("arrive", "3690").await;
    }
    let stopped = say("arrive", "2580").await;
    assert!(
        stopped.says("That was wrong too often"),
        "{}",
        stopped.text()
    );
}

#[tokio::test]
async fn an_address_is_good_for_one_room_until_it_is_ended() {
    let (house, ayanda) = managed().await;
    let page = "/admin/spaces/pier/displays";
    assert!(
        ayanda
            .get("/admin/spaces/pier")
            .await
            .links()
            .contains(&page.to_owned())
    );
    let nameless = ayanda.post(page, &[("name", " ")]).await;
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.says("Say where it hangs"), "{}", nameless.text());
    let (first, second) = (
        screen(&ayanda, "pier", "").await,
        screen(&ayanda, "pier", "").await,
    );
    let tablet = house.visitor();
    for path in [&first, &second] {
        assert_eq!(tablet.get(path).await.status, StatusCode::OK);
    }
    // Only a hash is kept, and the page does not show it again.
    let secret = first.trim_start_matches("/display/");
    let kept: i64 =
        sqlx::query_scalar("select count(*) from displays where token_hash = sha256($1::bytea)")
            .bind(secret.as_bytes())
            .fetch_one(&house.db)
            .await
            .unwrap();
    assert_eq!(kept, 1);
    let list = ayanda.get(page).await;
    assert!(
        !list.html.contains(secret) && list.says("Last seen"),
        "{}",
        list.text()
    );
    let id: uuid::Uuid = house
        .one("select id from displays order by made_at limit 1")
        .await;
    let ending = format!("{page}/{id}/ending");
    let elsewhere = format!("/admin/spaces/lighthouse/displays/{id}/ending");
    assert_eq!(
        ayanda.post::<&str, &str>(&elsewhere, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        house
            .member("nomsa")
            .await
            .post::<&str, &str>(&ending, &[])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let ended = ayanda.post::<&str, &str>(&ending, &[]).await;
    assert!(
        ayanda
            .follow(&ended)
            .await
            .says("that screen shows nothing any more")
    );
    assert_eq!(tablet.get(&first).await.status, StatusCode::NOT_FOUND);
    assert_eq!(tablet.get(&second).await.status, StatusCode::OK);
    assert_eq!(
        tablet.get("/display/nothing").await.status,
        StatusCode::NOT_FOUND
    );
    let lines: Vec<String> =
        sqlx::query_scalar("select verb from audit_events where verb like '%display' order by id")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(lines, ["make display", "make display", "end display"]);
}
