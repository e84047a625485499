//! The front desk finds, writes down and is paid by people: with a phone, by keyboard and without scripts; and takes
//! turns at a shared computer.

use connect_space::sessions::credentials;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::support::House;

async fn on_a_phone(browser: &Browser) {
    let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
    browser
        .tool("Emulation.setDeviceMetricsOverride", screen)
        .await;
}

/// Finds a member, takes a part of what is due, and reads the receipt.
async fn takes_a_payment(browser: &Browser) {
    browser.goto("/admin/members").await;
    browser.fill("words", "ayanda").await;
    browser.press(Key::Enter).await;
    browser.tap_css("main .table th a").await;
    browser.tap("Payments").await;
    browser.tap("Take a payment or give money back").await;
    browser.fill("amount", "150").await;
    browser.tap("Cash").await;
    browser.tap("Write the receipt").await;
    browser.see("RC-2026-").await;
    browser.see("R150.00").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_taken_on_a_phone_without_scripts() {
    let house = House::sample().await;
    house
        .run("update members set name = 'Ayanda Sample' where email = 'member@connect.example'")
        .await;
    let browser = Browser::without_scripts(&house).await;
    browser.sign_in("receptionist").await;
    on_a_phone(&browser).await;
    takes_a_payment(&browser).await;
    browser.goto("/admin/cash-up").await;
    browser.see("R150.00").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_written_down_and_noted_by_keyboard_alone() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    browser.goto("/admin/members/new").await;
    let first = browser.find("#name").await;
    first.send_keys("Lindiwe Sample").await.unwrap();
    browser.press(Key::Tab).await;
    let phone = browser.driver.active_element().await.unwrap();
    phone.send_keys("083 111 4567").await.unwrap();
    browser.press(Key::Enter).await;
    browser.see("Lindiwe Sample is written down.").await;
    let note = browser.find("#body").await;
    note.send_keys("Likes the window").await.unwrap();
    browser.press(Key::Tab).await;
    browser.press(Key::Enter).await;
    browser.see("Noted.").await;
    browser.see("Likes the window").await;
}

/// Staff with PINs, and the computer they share.
async fn shares(house: &House, browser: &Browser) {
    house
        .run("update staff set pin_hash = null, pin_set_at = null")
        .await;
    for (name, pin) in [("receptionist", "2580"), ("manager", "9031")] {
        let hash = credentials::hash(&house.app.limits, pin.into())
            .await
            .unwrap();
        sqlx::query("update staff set pin_hash = $1, pin_set_at = now() where member_id = (select id from members where email = $2)")
            .bind(hash)
            .bind(format!("{name}@connect.example"))
            .execute(&house.db)
            .await
            .unwrap();
    }
    browser.sign_in("receptionist").await;
    browser.goto("/admin/computer").await;
    browser.fill("name", "Sample front desk").await;
    browser.tap("Share it").await;
    browser.see("is shared now").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_one_takes_over_by_pin_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    shares(&house, &browser).await;
    browser.goto("/admin/switch").await;
    browser.tap_css(".faces label:not(:has(:checked))").await;
    browser.fill("pin", "9031").await;
    browser.press(Key::Enter).await;
    browser
        .wait_for("the front desk", async || browser.path().await == "/admin")
        .await;
    let who: String = house
        .one("select m.email from sessions x join members m on m.id = x.member_id where x.by_pin")
        .await;
    assert_eq!(who, "manager@connect.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_covers_itself_and_goes_on_with_what_was_typed() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    shares(&house, &browser).await;
    browser.goto("/admin/members/new").await;
    browser.fill("name", "Half a na").await;
    // Six minutes pass for the page without a touch.
    let later = "const now = Date.now; Date.now = () => now() + 6 * 60_000; return true";
    browser.ask::<bool>(later, json!(null)).await;
    browser.see("Who goes on?").await;
    assert!(
        !browser.says("A name is enough").await,
        "what lay open is not to be read"
    );
    let member = house.member("receptionist").await;
    assert_eq!(
        member.get("/admin").await.status,
        200,
        "their other devices are not covered"
    );
    browser.fill("pin", "1111").await;
    browser.press(Key::Enter).await;
    browser.see("That is not their PIN").await;
    browser.fill("pin", "2580").await;
    browser.press(Key::Enter).await;
    browser.see("A name is enough").await;
    assert_eq!(browser.value("name").await, "Half a na");
    browser.tap("Write them down").await;
    browser.see("Half a na is written down.").await;
}
