//! Staff take turns at a shared computer, which covers itself.

use connect_space::sessions::credentials;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::{Browser, ways};
use crate::support::House;

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

ways!(the_next_one_takes_over_by_pin: by_mouse, by_keys, on_a_phone_without_scripts);

async fn the_next_one_takes_over_by_pin(house: &House, browser: &Browser) {
    shares(house, browser).await;
    browser.goto("/admin/switch").await;
    let manager: String = house
        .one("select reference from members where email = 'manager@connect.example'")
        .await;
    browser
        .tap_css(&format!(".faces label:has([value='{manager}'])"))
        .await;
    browser.fill("pin", "1111").await;
    browser.tap("Go on").await;
    browser.see("That is not their PIN").await;
    browser.fill("pin", "9031").await;
    browser.tap("Go on").await;
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
