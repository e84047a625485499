//! Signing in, booking and cancelling with the keys alone.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::{Browser, MANY};
use crate::support::{House, PASSWORD};

#[tokio::test(flavor = "multi_thread")]
async fn a_member_books_and_cancels_with_the_keys_alone() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.goto("/sign-in").await;
    browser.tab_to("[name=email]").await;
    browser.type_in("member@connect.example").await;
    browser.tab_to("[name=password]").await;
    browser.type_in(PASSWORD).await;
    browser.press(Key::Enter).await;
    browser
        .wait_for("signed in", || browser.is_there("form[action='/sign-out']"))
        .await;

    browser.goto("/").await;
    browser.tab_to("[name=kind]").await;
    browser.press(Key::Right).await;
    browser.tab_to("[name=date]").await;
    browser.tab_to("[name=people]").await;
    browser.press(Key::Right).await;
    browser.tab_to(".finder .btn.go").await;
    browser.press(Key::Space).await;
    browser.see("2 people, any location").await;
    assert!(browser.path().await.contains("kind=meeting_room"));
    browser
        .tab_to(".result .btn[href*='umhlanga-lighthouse']")
        .await;
    browser.press(Key::Enter).await;

    browser.see("Tap a start, then an end").await;
    browser.tab_to(".days a[href*='2026-11-26']").await;
    browser.press(Key::Enter).await;
    browser.see("Thu 26 November").await;
    browser.tab_to(".slots a[href*='from=10']").await;
    browser.press(Key::Enter).await;
    browser.see("now tap its end").await;
    browser.tab_to(".slots a[href*='until=11']").await;
    browser.press(Key::Enter).await;
    browser.see("Tap a start, then an end").await;
    browser.tab_to("form[method=post] .btn.go").await;
    browser.press(Key::Enter).await;
    browser.see("Held for you until").await;
    browser
        .tab_to("form[action$='/confirmation'] .btn.go")
        .await;
    browser.press(Key::Space).await;
    browser.see("You are booked").await;
    let reference = browser.find(".ref").await.text().await.unwrap();
    browser.tab_to("a[href$='/cancellation']").await;
    browser.press(Key::Enter).await;
    browser.see("It costs you nothing").await;
    browser.tab_to("[name=note]").await;
    browser.type_in("Load-shedding").await;
    browser.tab_to(".btn.danger").await;
    browser.press(Key::Enter).await;
    browser.see(&format!("{reference} is cancelled")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_is_never_lost_or_trapped() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    let room = "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30";
    for (path, least) in [
        ("/", 12),
        (room, 30),
        ("/sign-in", 8),
        ("/locations/umhlanga", 30),
    ] {
        browser.goto(path).await;
        let mut stops = 0;
        while browser.tab(json!("*")).await.is_some() {
            stops += 1;
            assert!(stops < MANY, "the focus does not leave {path}");
        }
        assert!(stops >= least, "{path} has {stops} stops only");
    }

    browser.goto("/spaces").await;
    browser.tab_to(".skip").await;
    browser.press(Key::Enter).await;
    let first = browser
        .tab(json!("#main *"))
        .await
        .expect("the focus is on the page");
    assert!(first.is_wanted, "past the header comes {first:?}");

    browser.as_phone().await;
    browser.goto("/spaces").await;
    browser.tab_to(".phone-only > summary").await;
    browser.press(Key::Enter).await;
    browser.tab_to(".sheet a[href='/sign-in']").await;
    browser.press(Key::Escape).await;
    let closed = json!(".phone-only:not([open]) > summary");
    let after = browser.focused(closed).await;
    assert!(
        after.is_some_and(|focused| focused.is_wanted),
        "Escape does not lead back to the button"
    );
}
