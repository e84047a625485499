//! A regular on a phone: the usual desk for tomorrow from home, with scripts, without them, and with the
//! keys alone.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::support::House;

/// From home to booked.
const TAPS: u32 = 2;

async fn on_a_phone(browser: &Browser) {
    let phone = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
    browser
        .tool("Emulation.setDeviceMetricsOverride", phone)
        .await;
}

async fn books_in_two_taps(house: &House, browser: &Browser) {
    on_a_phone(browser).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn the_usual_desk_is_two_taps_from_home() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    books_in_two_taps(&house, &browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    books_in_two_taps(&house, &browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_and_its_favourites_with_the_keys_alone() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("member").await;
    browser.goto("/spaces/umhlanga-desk-4").await;
    tab_to(&browser, ".star").await;
    browser.press(Key::Enter).await;
    browser
        .wait_for("a star", || browser.is_there(".star[aria-pressed='true']"))
        .await;
    browser.goto("/today").await;
    tab_to(
        &browser,
        "form[action='/spaces/umhlanga-desk-4/favourite'] [value='first']",
    )
    .await;
    browser.press(Key::Enter).await;
    browser.see("Book Desk 4").await;
    tab_to(&browser, "form[action='/today/desk'] .btn.go").await;
    browser.press(Key::Enter).await;
    browser.see("You are booked").await;
    assert!(browser.says("Desk 4").await);
}

async fn tab_to(browser: &Browser, wanted: &str) {
    let is_there = "return document.activeElement.matches(arguments[0]);";
    for _ in 0..120 {
        browser.press(Key::Tab).await;
        if browser.ask::<bool>(is_there, json!(wanted)).await {
            return;
        }
    }
    panic!("Tab does not reach {wanted} on {}", browser.path().await);
}
