//! A pass is bought on a phone, and a desk is booked with it.

use serde_json::json;

use crate::browser::Browser;
use crate::support::House;

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_and_a_desk_with_it_on_a_phone() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    let phone = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
    browser
        .tool("Emulation.setDeviceMetricsOverride", phone)
        .await;
    buy_and_book(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_and_a_desk_with_it_without_scripts() {
    let house = House::sample().await;
    buy_and_book(&Browser::without_scripts(&house).await).await;
}

impl Browser {
    /// Scrolls as a person does, so that the bar at the foot of a phone covers nothing.
    async fn see_in_the_middle(&self, css: &str) {
        let script = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
        self.ask::<()>(script, json!(css)).await;
    }
}

async fn buy_and_book(browser: &Browser) {
    browser.sign_in("colleague").await;
    browser.goto("/passes").await;
    browser.see("No pass at the moment").await;
    browser.tap("See the passes").await;
    browser
        .tap_css("a[href^='/passes/new?product=musgrave-ten-days']")
        .await;
    browser.see("What it covers").await;
    browser.tap("Buy it, R1").await;
    browser.see("10 of 10 days left").await;
    browser.tap("Book a desk with it").await;
    browser
        .see("Covered by your 10-day month pass (10 of 10 days left)")
        .await;
    browser
        .see_in_the_middle("form[action='/bookings'] .btn.go")
        .await;
    browser.tap("Book the day").await;
    browser.see("Look it over and confirm").await;
    browser.tap("Book it").await;
    browser.see("You are booked").await;
    browser.goto("/passes").await;
    browser.see("9 of 10 days left").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_week_costs_is_reckoned_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    browser.goto("/pricing").await;
    browser
        .see("3 days a week, 6 hours at Musgrave, one desk")
        .await;
    browser.tap("Mon").await;
    browser.tap("Fri").await;
    browser.fill("hours", "2").await;
    browser.tap("Show what it costs").await;
    browser
        .see("5 days a week, 2 hours at Musgrave, one desk")
        .await;
    assert!(browser.says("5 × (2 hours × R60)").await);
    let best = browser.find(".ways .best").await.text().await.unwrap();
    assert!(best.contains("Cheapest"), "{best}");
}
