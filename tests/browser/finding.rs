//! Finding a space in the list, on the day and on the plan.

use serde_json::json;

use crate::browser::{Browser, ways};
use crate::support::House;

const PLAN: &str =
    "/spaces?view=plan&floor=1&location=umhlanga&date=2026-11-27&from=09:00&until=10:00";

ways!(a_space_is_found_in_three_views: by_mouse, by_keys, on_a_phone_without_scripts);

async fn a_space_is_found_in_three_views(_: &House, browser: &Browser) {
    browser.goto("/spaces").await;
    browser.tap("Meeting room").await;
    browser.choose("location", "Umhlanga").await;
    browser.fill("date", "2026-11-26").await;
    browser.fill("people", "8").await;
    browser.tap("More filters").await;
    browser.tap("Screen").await;
    browser.tap("See what’s free").await;
    browser.see("8 people").await;
    browser.see("Thu 26 November").await;
    let asked = browser.path().await;
    for part in [
        "kind=meeting_room",
        "location=umhlanga",
        "date=2026-11-26",
        "people=8",
        "with=screen",
    ] {
        assert!(asked.contains(part), "{part}: {asked}");
    }
    browser.find("#umhlanga-lighthouse").await;
    browser
        .tap_css("[aria-label='Filters in use'] a:not([href*='with='])")
        .await;
    browser
        .wait_for("one filter less", async || {
            !browser.path().await.contains("with=")
        })
        .await;

    browser.tap_css("a[href*='view=day']").await;
    browser.tap("Day after").await;
    browser.see("Fri 27 November").await;
    browser
        .tap_css(".lane .free a[href*='umhlanga-lighthouse']")
        .await;
    browser.see("Your booking").await;
    offers_the_27th(browser).await;

    browser.goto("/spaces").await;
    browser.tap("Hot desk").await;
    browser.choose("location", "Umhlanga").await;
    browser.fill("date", "2026-11-27").await;
    browser.choose("from", "09:00").await;
    browser.choose("until", "10:00").await;
    browser.tap("See what’s free").await;
    browser.see("09:00–10:00").await;
    browser.tap_css("a[href*='view=plan']").await;
    browser.find(".places").await;
    let is_drawn = "return document.querySelector('.floor').checkVisibility()";
    let is_wide = "return innerWidth > 480";
    let [drawn, wide] = [is_drawn, is_wide].map(|script| browser.ask::<bool>(script, json!(null)));
    assert_eq!(
        drawn.await,
        wide.await,
        "on a phone the plan gives way to its list"
    );
    browser.tap_css(".spot.free, .spot-line.free a").await;
    browser.see("09:00–10:00").await;
    offers_the_27th(browser).await;
}

/// The page of what was found has its price and its button.
async fn offers_the_27th(browser: &Browser) {
    let path = browser.path().await;
    assert!(path.starts_with("/spaces/umhlanga-"), "{path}");
    assert!(path.contains("date=2026-11-27"), "{path}");
    let button = browser.find("#go .btn.go").await.text().await.unwrap();
    assert!(button.starts_with("Book "), "{button}");
    assert!(browser.is_there("#quote .bill").await);
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
