//! A regular: the usual desk for tomorrow, from home in two taps and from the favourites.

use crate::browser::{Browser, ways};
use crate::support::House;

/// From home to booked.
const TAPS: u32 = 2;

async fn books_in_two_taps(house: &House, browser: &Browser) {
    browser.sign_in("member").await;
    browser.goto("/").await;
    let button = browser.find("form[action='/today/desk'] .btn.go").await;
    let card = browser.find("#usual").await.text().await.unwrap();
    for words in [
        "Your usual desk tomorrow",
        "Desk 8",
        "Umhlanga",
        "Wed 25 November",
        "Covered by your",
        "Nothing to pay",
        "Free to cancel until",
    ] {
        assert!(
            card.to_lowercase().contains(&words.to_lowercase()),
            "{words}: {card}"
        );
    }
    let place = button.rect().await.unwrap();
    assert!(
        place.y + place.height <= 844.0,
        "the button is below the first screen: {place:?}"
    );

    let (before, _) = browser.effort();
    browser.tap("Book Desk 8").await;
    browser.see("You are booked, Thandeka Mkhize").await;
    let (taps, _) = browser.effort();
    println!("{} taps from home to a booked desk", taps - before);
    assert!(taps - before <= TAPS);
    browser.see("Wed 25 November").await;
    let booked = "select count(*) from bookings where channel = 'web' and status = 'confirmed' and created_at > now() - interval '1 minute'";
    assert_eq!(house.one::<i64>(booked).await, 1);

    browser.tap("Undo").await;
    browser.see("is cancelled. It costs you nothing.").await;
    assert_eq!(house.one::<i64>(booked).await, 0);
}

ways!(books_in_two_taps: on_a_phone, on_a_phone_without_scripts);

ways!(a_favourite_becomes_the_usual_desk: by_mouse, by_keys, on_a_phone_without_scripts);

async fn a_favourite_becomes_the_usual_desk(house: &House, browser: &Browser) {
    browser.sign_in("member").await;
    browser.goto("/spaces/umhlanga-desk-4").await;
    browser.tap_css(".star").await;
    browser
        .wait_for("a star", || browser.is_there(".star[aria-pressed='true']"))
        .await;
    browser.goto("/today").await;
    browser
        .tap_css("form[action='/spaces/umhlanga-desk-4/favourite'] [value='first']")
        .await;
    browser.see("Book Desk 4").await;
    browser.tap_css("form[action='/today/desk'] .btn.go").await;
    browser.see("You are booked").await;
    assert!(browser.says("Desk 4").await);
    let desk = "select s.slug from bookings b join spaces s on s.id = b.space_id where b.channel = 'web' order by b.id desc limit 1";
    assert_eq!(house.one::<String>(desk).await, "umhlanga-desk-4");
    browser.goto("/today").await;
    browser
        .tap_css("form[action='/spaces/umhlanga-desk-4/favourite'] [value='off']")
        .await;
    browser
        .wait_for("no star", async || {
            !browser
                .is_there("form[action='/spaces/umhlanga-desk-4/favourite']")
                .await
        })
        .await;
}
