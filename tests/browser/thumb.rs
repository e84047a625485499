//! On a phone nothing that a thumb needs lies under the bar with the price.

use serde_json::json;
use thirtyfour::By;

use crate::browser::Browser;
use crate::support::House;

/// What in the page cannot be hit where it comes to stand when it is scrolled only as far as it must.
const COVERED: &str = "
    const faults = [];
    for (const one of document.querySelectorAll('main :is(a, button, input, select, summary, textarea)')) {
        if (!one.checkVisibility() || one.closest('.paybar, .vh') || one.type === 'hidden') continue;
        for (const edge of [document.body.scrollHeight, 0]) {
            scrollTo({ top: edge, behavior: 'instant' });
            one.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
            const { left, right, top, bottom } = one.getBoundingClientRect();
            const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
            const low = document.elementFromPoint((left + right) / 2, bottom - 3);
            if (![hit, low].every((at) => at && (one.contains(at) || at.contains(one))))
                faults.push(`${one.outerHTML.slice(0, 90)} under ${(low ?? hit)?.className}`);
        }
    }
    return faults;";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_lies_under_the_bar() {
    let house = House::sample().await;
    let browser = Browser::on_a_phone(&house).await;
    for path in [
        "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=8",
        "/spaces/umhlanga-pier",
        "/spaces/musgrave-office-1a?by=week",
        "/locations/musgrave/any-desk?by=day",
    ] {
        browser.goto(path).await;
        assert!(browser.find(".paybar").await.is_displayed().await.unwrap());
        let covered: Vec<String> = browser.ask(COVERED, json!(null)).await;
        assert!(covered.is_empty(), "{path}: {covered:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_at_the_screens_edge_is_tapped_and_followed() {
    let house = House::sample().await;
    let browser = Browser::on_a_phone(&house).await;
    browser.goto("/spaces/musgrave-desk-1?by=time").await;
    let tab = browser.find("#times .tabs a[href*='by=day']").await;
    let _: () = browser
        .ask(
            "scrollTo(0, 0);
             document.querySelector(arguments[0]).scrollIntoView({ block: 'nearest', behavior: 'instant' });",
            json!("#times .tabs a[href*='by=day']"),
        )
        .await;
    let (place, bar) = (
        tab.rect().await.unwrap(),
        browser.find(".paybar").await.rect().await.unwrap(),
    );
    assert!(place.y + place.height <= bar.y, "{place:?} under {bar:?}");
    browser
        .driver
        .action_chain()
        .move_to_element_center(&tab)
        .click()
        .perform()
        .await
        .unwrap();
    browser.see("Choose a day").await;

    // On the card itself there is no bar to be in its way.
    browser
        .driver
        .find(By::Css(".paybar a"))
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    let button = browser.find("#book form[method='post'] .btn.go").await;
    let _: () = browser
        .ask(
            "document.querySelector(arguments[0]).scrollIntoView({ block: 'end', behavior: 'instant' });",
            json!("#book form[method='post'] .btn.go"),
        )
        .await;
    browser
        .driver
        .action_chain()
        .move_to_element_center(&button)
        .click()
        .perform()
        .await
        .unwrap();
    browser.see("Please check this").await;
}
