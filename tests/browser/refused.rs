//! What a refused form looks like: everything typed is there, and a list on top leads to what to mend.

use serde_json::json;

use crate::browser::Browser;
use crate::support::House;

const ROOM: &str = "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=8";
const TYPED: [(&str, &str); 3] = [
    ("name", "Lindiwe Zulu"),
    ("email", "lindiwe at example"),
    ("mobile", "12"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_keeps_everything_and_leads_to_the_faults() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    send_what_is_wrong(&browser).await;
    assert!(
        browser
            .ask::<bool>(
                "return document.activeElement.matches('.errors')",
                json!(null)
            )
            .await,
        "reading starts at the list"
    );
    for field in ["email", "mobile"] {
        browser
            .tap_css(&format!(".errors a[href='#{field}']"))
            .await;
        let script = "const field = document.activeElement;
            const words = (field.getAttribute('aria-describedby') ?? '').split(' ');
            return field.name === arguments[0] && field.ariaInvalid === 'true'
                && words.some((id) => document.getElementById(id)?.innerText.includes('Error'));";
        assert!(
            browser.ask::<bool>(script, json!(field)).await,
            "the list does not lead to {field}, or it does not say what is wrong"
        );
    }
    browser.fill("email", "lindiwe@example.com").await;
    browser.fill("mobile", "082 000 0009").await;
    browser.tap("Book 09:00").await;
    browser.see("Look into your mail").await;

    browser.goto("/sign-in").await;
    browser.fill("email", "member@connect.example").await;
    browser.fill("password", "not this one").await;
    browser.tap_css("main .btn.go").await;
    browser.see("Please check this").await;
    assert!(browser.driver.title().await.unwrap().starts_with("Error: "));
    assert_eq!(browser.value("email").await, "member@connect.example");
    assert_eq!(browser.value("password").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_booking_reads_the_same_on_a_phone_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::on_a_phone_without_scripts(&house).await;
    send_what_is_wrong(&browser).await;
    let top = "return document.querySelector('.errors').getBoundingClientRect().top";
    let top: f64 = browser.ask(top, json!(null)).await;
    assert!(top < 800.0, "what is wrong is {top} pixels down the page");
    browser.tap_css(".errors a[href='#mobile']").await;
    let focused = browser.driver.active_element().await.unwrap();
    assert_eq!(
        focused.attr("name").await.unwrap().as_deref(),
        Some("mobile")
    );
}

async fn send_what_is_wrong(browser: &Browser) {
    browser.goto(ROOM).await;
    assert!(!browser.driver.title().await.unwrap().starts_with("Error: "));
    for (name, value) in TYPED {
        browser.fill(name, value).await;
    }
    browser.tap("Book 09:00").await;
    browser.see("Please check this").await;
    assert!(browser.driver.title().await.unwrap().starts_with("Error: "));
    for (name, value) in TYPED {
        assert_eq!(browser.value(name).await, value);
    }
    for (name, value) in [
        ("date", "2026-11-26"),
        ("from", "09:00"),
        ("until", "11:30"),
        ("people", "8"),
    ] {
        assert_eq!(browser.value(name).await, value);
    }
}
