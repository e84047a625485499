//! Going back and pressing again, and pressing twice, book once.

use serde_json::json;

use crate::browser::Browser;
use crate::support::House;

const ROOM: &str = "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=8";

/// Of everybody, held ones included.
async fn standing(house: &House) -> i64 {
    house
        .one("select count(*) from bookings where status in ('held', 'confirmed')")
        .await
}

/// By everybody, in cents.
async fn owed(house: &House) -> i64 {
    house
        .one("select sum(cents)::bigint from ledger_entries")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_and_sending_again_books_once() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("member").await;
    let before = standing(&house).await;
    browser.goto(ROOM).await;
    browser.tap("Book 09:00").await;
    browser.see("Look it over and confirm").await;
    browser.driver.back().await.unwrap();
    browser.tap("Book 09:00").await;
    browser.see("Look it over and confirm").await;
    assert_eq!(
        standing(&house).await,
        before + 1,
        "sent again, it takes the place of the first"
    );
    browser.tap("at reception").await;
    browser.see("You are booked").await;
    let booking = browser.path().await;

    // The way back leads to the form that was sent, or past it.
    browser.driver.back().await.unwrap();
    let form = "form[action$='/confirmation']";
    browser
        .wait_for("the form or the booking", async || {
            browser.path().await == booking || browser.is_there(form).await
        })
        .await;
    if browser.is_there(form).await {
        browser.tap("at reception").await;
    }
    browser
        .wait_for("the same booking", async || browser.path().await == booking)
        .await;

    browser.goto(ROOM).await;
    browser.see("is taken at that time").await;
    assert_eq!(standing(&house).await, before + 1);
}

/// Sends the form of the button, and loses the answer.
const SEND: &str = "
    const form = document.querySelector(arguments[0]).form;
    const body = new URLSearchParams(new FormData(form));
    fetch(form.action, { method: 'POST', body, redirect: 'manual' }).then(() => arguments[1]());";

#[tokio::test(flavor = "multi_thread")]
async fn pressing_again_and_twice_books_once() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("member").await;
    let (before, owed_before) = (standing(&house).await, owed(&house).await);
    browser.goto(ROOM).await;
    press_again(&browser, "form[method=post] .btn.go").await;
    browser.see("Look it over and confirm").await;
    press_again(&browser, "form[action$='/confirmation'] .btn.go").await;
    browser.see("You are booked").await;
    assert_eq!(standing(&house).await, before + 1);
    assert!(owed(&house).await > owed_before);
    browser.tap("Cancel this booking").await;
    press_again(&browser, ".btn.danger").await;
    browser.see("My bookings").await;
    assert_eq!(owed(&house).await, owed_before);
}

/// Both presses before the next page is there: a slower second one would hit what that page has in its place.
const PRESS_TWICE: &str = "
    const button = document.querySelector(arguments[0]);
    button.click();
    button.click();";

/// As when an answer was lost on the way: the form was taken already, and now gets a double click.
async fn press_again(browser: &Browser, button: &str) {
    browser.find(button).await;
    let _: () = browser.ask_later(SEND, json!(button)).await;
    let _: () = browser.ask(PRESS_TWICE, json!(button)).await;
}
