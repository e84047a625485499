//! A pass is bought, and a desk is booked with it.

use crate::browser::{Browser, ways};
use crate::support::House;

ways!(a_pass_and_a_desk_with_it: by_mouse, by_keys, on_a_phone, on_a_phone_without_scripts);

async fn a_pass_and_a_desk_with_it(house: &House, browser: &Browser) {
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
    browser.tap("Book the day").await;
    browser.see("Look it over and confirm").await;
    browser.tap("Book it").await;
    browser.see("You are booked").await;
    browser.goto("/passes").await;
    browser.see("9 of 10 days left").await;
    let drawn = "select count(*) from pass_days d join passes p on p.id = d.pass_id join members m on m.id = p.member_id
                 where m.email = 'colleague@connect.example' and d.active";
    assert_eq!(house.one::<i64>(drawn).await, 1);
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
