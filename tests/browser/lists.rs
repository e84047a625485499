//! The front desk looks things up: bookings, which are cancelled together, the week, figures, and who did what.

use crate::browser::{Browser, ways};
use crate::day::EMPTY_ROOMS;
use crate::support::House;

ways!(bookings_are_found_and_cancelled_together: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(figures_and_the_trail_are_read: by_mouse, by_keys, on_a_phone_without_scripts);

async fn bookings_are_found_and_cancelled_together(house: &House, browser: &Browser) {
    house.run(EMPTY_ROOMS).await;
    let colleague = house.member("colleague").await;
    for (from, until) in [("10:00", "11:00"), ("14:00", "15:00")] {
        colleague
            .book("umhlanga-lighthouse", "2026-11-25", from, until)
            .await;
    }
    browser.sign_in("receptionist").await;
    browser.goto("/admin/bookings").await;
    browser.fill_css("#q", "lighthouse").await;
    browser.choose("location", "Umhlanga").await;
    browser.choose("status", "Confirmed").await;
    browser.fill("first", "2026-11-25").await;
    browser.fill("last", "2026-11-25").await;
    browser.tap_css(".finder-bar .btn.go").await;
    browser.see("2 shown").await;
    for row in 1..=2 {
        browser
            .tap_css(&format!("tbody tr:nth-child({row}) .tickbox label"))
            .await;
    }
    browser.tap("Cancel the ticked ones").await;
    browser.see("Cancel 2 bookings").await;
    browser.choose("reason", "Our fault").await;
    browser.tap("Cancel them").await;
    browser.see("Please check this").await;
    browser.fill("note", "Sample reason").await;
    browser.tap("Cancel them").await;
    browser.see("2 of 2 cancelled.").await;
    let cancelled = "select count(*) from bookings where cancellation_note = 'Sample reason' and cancellation_reason = 'us' and kept_cents = 0";
    assert_eq!(house.one::<i64>(cancelled).await, 2);

    browser.goto("/admin/week").await;
    browser
        .tap_css("[aria-label='Location'] a[href*='umhlanga']")
        .await;
    browser.tap("Kinds").await;
    browser.see("Meeting rooms").await;
    browser
        .tap_css(
            "[aria-label='Part of the day'] a:nth-child(2), [aria-label='Rows'] a[aria-current]",
        )
        .await;
    browser.tap("The week after").await;
    browser.tap_css(".heat tbody td a").await;
    browser
        .wait_for("a day", async || {
            browser.path().await.starts_with("/admin/day")
        })
        .await;
    let path = browser.path().await;
    assert!(
        path.contains("location=umhlanga") && path.contains("2026-1"),
        "{path}"
    );
}

async fn figures_and_the_trail_are_read(house: &House, browser: &Browser) {
    let owner = house.member("owner").await;
    let colleague = house.member("colleague").await;
    let reference = colleague
        .book("umhlanga-lighthouse", "2026-11-27", "12:00", "13:00")
        .await;
    browser.sign_in("owner").await;
    browser.goto("/admin/reports").await;
    browser
        .tap_css("[aria-label='Location'] a[href*='umhlanga']")
        .await;
    browser.fill("first", "2026-11-02").await;
    browser.fill("last", "2026-11-08").await;
    browser.tap("Show").await;
    browser
        .wait_for("that week", async || {
            browser.path().await.contains("last=2026-11-08")
        })
        .await;
    assert!(browser.path().await.contains("location=umhlanga"));
    browser.tap_css(".report details:not([open]) summary").await;
    browser.find(".report table.figures tbody th").await;
    let table = browser.find(".report a[href*='table.csv']").await;
    let table = owner.get(&table.attr("href").await.unwrap().unwrap()).await;
    assert_eq!(table.status, 200);
    assert!(table.html.lines().count() > 1, "{}", table.html);

    browser.goto("/admin/audit").await;
    browser.fill("words", &reference).await;
    browser.fill("first", "2026-11-01").await;
    browser.tap_css(".sift .btn.go").await;
    browser.see(&reference).await;
    browser.choose("subject", "ooking").await;
    browser.tap_css(".sift .btn.go").await;
    browser.see(&reference).await;
    browser.fill("words", "nothing is called this").await;
    browser.tap_css(".sift .btn.go").await;
    browser.see("Nothing was done that fits.").await;
    browser.tap("Show all").await;
    browser
        .wait_for("all", async || browser.path().await == "/admin/audit")
        .await;
}
