//! An office by the month: on a phone, with the price following, and with the keys alone.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::keyboard::tab_to;
use crate::support::House;

const FREE: &str = "select slug from spaces s where kind = 'office'
    and not exists (select from occupancies o where o.space_id = s.id and active and upper(occupies) > '2026-11-20')
    order by slug limit 1";

async fn phone(browser: &Browser) {
    let phone = json!({ "width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    browser
        .tool("Emulation.setDeviceMetricsOverride", phone)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_by_the_month_on_a_phone() {
    let house = House::sample().await;
    let office: String = house.one(FREE).await;
    let browser = Browser::open(&house).await;
    phone(&browser).await;
    browser.sign_in("colleague").await;
    browser.goto(&format!("/spaces/{office}")).await;
    browser.tap("By the month").await;
    browser.see("Book 1 month").await;
    // The price follows while the number is still being edited.
    browser.fill("count", "2").await;
    browser.see("Book 2 months").await;
    assert_eq!(browser.value("count").await, "2");
    assert!(browser.path().await.contains("count=2"));
    browser.tap("Book 2 months").await;
    browser.see("Held for you until").await;
    browser.see("2 months").await;
    browser
        .tap_css("form[action$='/confirmation'] .btn.go")
        .await;
    browser.see("You are booked").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn first_refusal_on_an_office_with_the_keys_alone() {
    let house = House::sample().await;
    let office: String = house.one(FREE).await;
    let browser = Browser::open(&house).await;
    browser.sign_in("colleague").await;
    browser
        .goto(&format!("/spaces/{office}?by=month&date=2026-12-14"))
        .await;
    tab_to(&browser, "#wish [name=count]").await;
    browser.press(Key::Up).await;
    browser.see("Book 2 months").await;
    tab_to(&browser, "#go [name=hold]").await;
    browser.press(Key::Enter).await;
    browser.see("You have first refusal till").await;
    tab_to(&browser, "form[action$='/confirmation'] .btn.go").await;
    browser.press(Key::Enter).await;
    browser.see("You are booked").await;
}
