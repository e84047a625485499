//! Closing a room, and setting one up.

use serde_json::json;

use crate::browser::{Browser, ways};
use crate::support::House;

ways!(closes_a_room: by_mouse, by_keys, on_a_phone_without_scripts);

/// From the space's page at the front desk to a closed room whose bookings are seen to.
async fn closes_a_room(house: &House, browser: &Browser) {
    browser.sign_in("receptionist").await;
    browser
        .goto("/admin/closures?close=space:umhlanga-lighthouse")
        .await;
    browser.tap_css("main .btn.danger").await;
    browser.see("takes no new bookings").await;
    let closed = "select count(*) from closures where space_id = (select id from spaces where slug = 'umhlanga-lighthouse')";
    assert_eq!(house.one::<i64>(closed).await, 1);
    assert!(browser.is_there(".hit a[href^='tel:']").await);
    assert!(browser.is_there(".hit a[href^='https://wa.me/']").await);
    browser.tap_css(".hit button[value='stays']").await;
    browser.see("Seen to 1").await;
    browser.tap("Reopen now").await;
    browser.see("Open again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_is_placed_by_a_click_and_drawn_as_it_is_typed() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("owner").await;
    browser.goto("/admin/spaces/umhlanga-lighthouse").await;
    browser.fill("name", "Light tower").await;
    browser
        .wait_for("the preview", || {
            browser.is_there("[aria-label^='Plan of Light tower']")
        })
        .await;
    let was = browser.value("x").await;
    let click = "const floor = document.querySelector('svg.placing'), box = floor.getBoundingClientRect();
        floor.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }));";
    let _: () = browser.ask(click, json!(null)).await;
    assert_ne!(browser.value("x").await, was, "the click set the place");
    browser.tap_css("main .btn.go").await;
    browser.see("That is saved.").await;
    let name: String = house
        .one("select name from spaces where slug = 'umhlanga-lighthouse'")
        .await;
    assert_eq!(name, "Light tower");
}

#[tokio::test(flavor = "multi_thread")]
async fn and_by_numbers_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    browser.sign_in("owner").await;
    browser.goto("/admin/spaces/umhlanga-lighthouse").await;
    browser.fill("x", "1.5").await;
    browser.tap_css("main button[value='preview']").await;
    browser
        .wait_for("the preview", || browser.is_there("rect.here[x='48']"))
        .await;
    browser.tap_css("main .btn.go").await;
    browser.see("That is saved.").await;
    let x: f32 = house
        .one("select plan_x from spaces where slug = 'umhlanga-lighthouse'")
        .await;
    assert!((x - 1.5).abs() < 0.01, "{x}");
}
