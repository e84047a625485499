//! Finding a space with a phone, with the keys, and with scripts off.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::support::House;

const PLAN: &str =
    "/spaces?view=plan&floor=1&location=umhlanga&date=2026-11-27&from=09:00&until=10:00";

async fn as_phone(browser: &Browser) {
    let phone = json!({ "width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": true });
    browser
        .tool("Emulation.setDeviceMetricsOverride", phone)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_of_the_day_is_tapped_on_a_phone_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    as_phone(&browser).await;
    browser.goto("/spaces").await;
    browser.tap("Meeting room").await;
    browser.tap("More filters").await;
    browser.tap("Screen").await;
    browser.tap("See what’s free").await;
    browser.see("Screen").await;
    browser.tap("Day").await;
    assert!(browser.path().await.contains("with=screen"));
    browser.tap("Day after").await;
    browser.tap_css(".lane .free a[href*='2026-11-25']").await;
    browser.see("Your booking").await;
    browser.find("form[method=post] .btn.go").await;

    browser.goto(PLAN).await;
    assert!(
        !browser
            .find(".places")
            .await
            .text()
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        !browser
            .ask::<bool>(
                "return document.querySelector('.floor').checkVisibility()",
                json!(null)
            )
            .await,
        "the plan gives way to its list"
    );
    browser.tap_css(".spot-line.free a").await;
    browser.find("form[method=post] .btn.go").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_is_chosen_on_the_plan_with_the_keys() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.goto(PLAN).await;
    let mut name = String::new();
    for _ in 0..80 {
        browser.press(Key::Tab).await;
        let script = "const at = document.activeElement;
            return at.matches('.spot.free') ? at.getAttribute('aria-label') : ''";
        name = browser.ask(script, json!(null)).await;
        if !name.is_empty() {
            break;
        }
    }
    assert!(
        name.starts_with("Desk ") && name.contains(": Free, R"),
        "{name}"
    );
    browser.press(Key::Enter).await;
    browser.see("09:00–10:00").await;
    browser.see(name.split(':').next().unwrap()).await;
    browser.find("form[method=post] .btn.go").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_is_right_beside_ones_own_desk() {
    // cases M6, O6
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    browser.sign_in("member").await;
    browser.goto(PLAN).await;
    browser.tap_css(".spot.free").await;
    browser.tap_css("form[method=post] .btn.go").await;
    browser.tap("Book it").await;
    browser.see("You are booked").await;
    browser.goto(PLAN).await;
    browser.tap_css(".spot.yours").await;
    browser
        .tap_css(".spot-line:target a[href$='/cancellation']")
        .await;
    browser.see("It costs you nothing").await;

    browser.goto(PLAN).await;
    browser.tap_css(".spot.taken").await;
    let said = browser
        .find(".spot-line:target")
        .await
        .text()
        .await
        .unwrap();
    assert!(said.contains("Taken"), "{said}");
}
