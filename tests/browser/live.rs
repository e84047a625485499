//! Forms that follow what is chosen: nothing moves under the fingers, and nothing needs them.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::support::House;

const ASKED: &str = "/spaces?kind=meeting_room&date=2026-11-26&from=09:00&until=10:00&people=2";

const TYPE: &str = "
    const field = document.activeElement;
    field.value = arguments[0];
    field.dispatchEvent(new Event('input', { bubbles: true }));";
const IS_FOCUSED: &str = "return document.activeElement.name === arguments[0]";

async fn network(browser: &Browser, offline: bool, latency: u32) {
    browser.tool("Network.enable", json!({})).await;
    let conditions = json!({ "offline": offline, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1 });
    browser
        .tool("Network.emulateNetworkConditions", conditions)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_follow_while_the_caret_stays() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.goto(ASKED).await;
    browser.see("09:00–10:00, 2 people").await;

    browser.fill("people", "12").await;
    browser.press(Key::Home).await;
    browser.see("09:00–10:00, 12 people").await;
    assert!(browser.path().await.contains("people=12"));
    browser.press('1').await;
    assert_eq!(browser.value("people").await, "112", "the caret stays");
    browser.see("09:00–10:00, 112 people").await;
    assert!(browser.ask::<bool>(IS_FOCUSED, json!("people")).await);

    // Answers that were overtaken change nothing.
    network(&browser, false, 600).await;
    for people in ["3", "4", "5"] {
        let _: () = browser.ask(TYPE, json!(people)).await;
    }
    browser
        .wait_for("busy", || browser.is_there("#found[aria-busy=true]"))
        .await;
    browser.see("5 people").await;
    assert!(!browser.is_there("[aria-busy]").await);
    assert_eq!(browser.value("people").await, "5");

    // Without a line nothing is lost, and the button still works once it is back.
    network(&browser, true, 0).await;
    let _: () = browser.ask(TYPE, json!("6")).await;
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert!(browser.says("5 people").await);
    assert_eq!(browser.value("people").await, "6");
    network(&browser, false, 0).await;
    browser.tap("See what’s free").await;
    browser.see("6 people").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_button_does_the_same() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    browser.goto(ASKED).await;
    browser.fill("people", "12").await;
    assert!(browser.says("09:00–10:00, 2 people").await);
    browser.tap("See what’s free").await;
    browser.see("09:00–10:00, 12 people").await;
}
