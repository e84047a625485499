//! From the first page to a booked room and back, by somebody we do not know, with JavaScript off.

use thirtyfour::By;

use crate::browser::Browser;
use crate::support::House;

/// Somebody who has never been here books a room for eight within these.
const TAPS: u32 = 8;
/// Name, email and mobile.
const FIELDS: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn from_first_page_to_booked_room_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    browser.goto("/").await;
    browser.tap("Meeting room").await;
    browser
        .tap_css("label:has([name='people'][value='8'])")
        .await;
    browser.tap("See what’s free").await;
    browser.see("8 people, any location").await;
    browser.tap("See times").await;

    // The whole price stands there before anything is asked.
    let bill = browser.find(".bill").await;
    let lines = bill.text().await.unwrap();
    assert!(
        lines.contains("Total") && lines.contains("VAT included"),
        "{lines}"
    );
    let total = browser.find(".bill tfoot td").await.text().await.unwrap();
    assert!(total.starts_with('R'), "{total}");
    let (price, name) = (
        bill.rect().await.unwrap(),
        browser.find("[name=name]").await.rect().await.unwrap(),
    );
    assert!(
        price.y + price.height <= name.y,
        "the price comes after the questions"
    );
    let asked = browser
        .driver
        .find_all(By::Css("form[method=post] .in[required]"))
        .await
        .unwrap();
    assert_eq!(asked.len(), 3);
    let slot = browser.path().await;
    let button = browser
        .find("form[method=post] .btn.go")
        .await
        .text()
        .await
        .unwrap();

    browser.fill("name", "Lindiwe Zulu").await;
    browser.fill("email", "lindiwe@example.com").await;
    browser.fill("mobile", "082 000 0009").await;
    browser.tap(&button).await;
    browser.see("Look into your mail").await;
    browser.see("Held for you until").await;

    house.deliver_mail().await;
    browser.tap("read the mail here").await;
    browser.tap_css(".letter a[href*='/links/']").await;
    browser.see("one press and the space is yours").await;
    browser.tap_css("main form .btn.go").await;
    browser.see("You are booked, Lindiwe Zulu").await;
    let (taps, fields) = browser.effort();
    println!("{taps} taps and {fields} fields from first page to booked room");
    assert!(
        taps <= TAPS && fields <= FIELDS,
        "{taps} taps, {fields} fields"
    );

    let booking = browser.path().await;
    let reference = booking.trim_start_matches("/bookings/");
    assert!(reference.starts_with("CS-"), "{booking}");
    assert!(browser.says(reference).await && browser.says(&total).await);
    let times = button.trim_start_matches("Book ");
    assert!(browser.says(times).await, "{times}");

    browser.goto(&slot).await;
    browser.tap("My bookings").await;
    browser.see(reference).await;
    browser.tap("Cancel").await;
    browser.see("Cancel this booking?").await;
    browser.see("kept").await;
    browser.tap("Cancel it").await;
    browser.see(&format!("{reference} is cancelled")).await;
    assert!(browser.path().await.starts_with("/bookings"));
    assert!(
        !browser.is_there(".ticket").await,
        "it is still what comes next"
    );
    assert!(browser.is_there(".item.past").await || !browser.is_there(".item").await);

    browser.goto(&slot).await;
    assert_eq!(
        browser
            .find("form[method=post] .btn.go")
            .await
            .text()
            .await
            .unwrap(),
        button,
        "the time is not free again"
    );
}
