//! A session that ends while the booking form lies open, and addresses that ask for what cannot be.

use reqwest::StatusCode;

use crate::support::House;

const ROOM: &str = "/spaces/lighthouse?date=2026-11-24&from=09:00&until=10:00&people=3";

#[tokio::test]
async fn what_was_typed_comes_along_by_the_sign_in_page() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let form = thandeka.get(ROOM).await.form("/bookings");
    let form = form
        .with("title", "Budget & tea")
        .with("notes", "Two\nlines");
    house.run("delete from sessions").await;

    let page = thandeka.submit(&form).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.says("You were signed out after you opened this page, so nothing is booked yet."));
    assert!(!page.says("Enter your name"), "{}", page.text());
    assert!(page.html.contains("<title>Error: "));
    let kept = page.form("/bookings");
    let typed = [
        ("space", "lighthouse"),
        ("date", "2026-11-24"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("people", "3"),
        ("title", "Budget & tea"),
        ("notes", "Two\nlines"),
    ];
    for (field, value) in typed {
        assert_eq!(kept.get(field), value, "{field}");
    }
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 0);

    let links = page.links();
    let sign_in = links.iter().find(|link| link.starts_with("/sign-in?next="));
    let form = thandeka.get(sign_in.unwrap()).await.form("/sign-in");
    let form = form.with("email", "thandeka@example.com");
    let signed_in = thandeka
        .submit(&form.with("password", crate::support::PASSWORD))
        .await;
    let back = thandeka.follow(&signed_in).await.form("/bookings");
    for (field, value) in typed {
        assert_eq!(back.get(field), value, "{field}");
    }
    let held = thandeka.submit(&back).await;
    thandeka.confirm(&held).await;
    let title: String = house.one("select title from bookings").await;
    assert_eq!(title, "Budget & tea");
}

#[tokio::test]
async fn and_who_has_no_password_at_hand_goes_on_as_a_newcomer() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let form = thandeka.get(ROOM).await.form("/bookings");
    house.run("delete from sessions").await;
    let again = thandeka.submit(&form).await.form("/bookings");
    let again = again
        .with("name", "Lindiwe Zulu")
        .with("mobile", "082 000 0009");
    let held = thandeka
        .submit(&again.with("email", "lindiwe@example.com"))
        .await;
    assert!(
        held.location().starts_with("/bookings/held"),
        "{}",
        held.text()
    );
}

#[tokio::test]
async fn the_title_says_that_an_address_asks_for_what_cannot_be() {
    let house = House::open().await;
    let visitor = house.visitor();
    let is_marked = async |path: &str| {
        let page = visitor.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let marks = page.html.matches("<title>Error: ").count();
        let has_list = page.says("Please check this");
        assert_eq!(has_list, marks == 1, "{path}: {}", page.text());
        marks == 1
    };
    for fault in [
        "/spaces/lighthouse?date=2026-11-24&from=09:00&until=10:00&people=none",
        "/spaces/lighthouse?date=soon&from=09:00&until=10:00",
        "/locations/musgrave/any-desk?date=2026-11-24&from=09:00&until=noon",
        "/spaces?date=2026-11-24&from=09:00&until=10:00&people=none",
    ] {
        assert!(is_marked(fault).await, "{fault}");
    }
    for right in [
        ROOM,
        "/spaces/lighthouse",
        "/locations/musgrave/any-desk",
        "/spaces",
    ] {
        assert!(!is_marked(right).await, "{right}");
    }
}
