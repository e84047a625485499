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

#[tokio::test]
async fn who_books_at_the_door_does_so_with_their_own_phone() {
    let (house, ayanda) = managed().await;
    let path = screen(&ayanda, "pier", "").await;
    let tablet = house.visitor();
    house.app.clock.shift(TimeDelta::minutes(64));
    let page = tablet.get(&path).await;
    assert!(
        page.links().contains(&format!("{path}/booking?minutes=30")),
        "{:?}",
        page.links()
    );
    let page = tablet.get(&format!("{path}/booking?minutes=30")).await;
    // The next quarter of an hour that can be booked.
    assert!(
        page.says("07:45–08:15") && page.says("R100") && page.html.contains("class=\"code\""),
        "{}",
        page.text()
    );
    for nonsense in ["45", "-30", "600"] {
        let back = tablet
            .get(&format!("{path}/booking?minutes={nonsense}"))
            .await;
        assert_eq!(back.location(), path, "{nonsense}");
    }
    house
        .member("sipho")
        .await
        .book("pier", "2026-11-24", "07:45", "08:30")
        .await;
    assert_eq!(
        tablet
            .get(&format!("{path}/booking?minutes=15"))
            .await
            .location(),
        path
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
