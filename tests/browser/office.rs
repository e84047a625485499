//! An office by the month, with first refusal before it, and with the price following on a phone.

use crate::browser::{Browser, ways};
use crate::support::House;

const FREE: &str = "select slug from spaces s where kind = 'office'
    and not exists (select from occupancies o where o.space_id = s.id and active and upper(occupies) > '2026-11-20')
    order by slug limit 1";
const LET: &str = "select string_agg(b.status || ' ' || b.term, ', ')
    from bookings b join members m on m.id = b.member_id join spaces s on s.id = b.space_id
    where m.email = 'colleague@connect.example' and s.kind = 'office' and b.status in ('held', 'confirmed')";

ways!(an_office_by_the_month_with_first_refusal: by_mouse, by_keys, on_a_phone_without_scripts);

async fn an_office_by_the_month_with_first_refusal(house: &House, browser: &Browser) {
    let office: String = house.one(FREE).await;
    browser.sign_in("colleague").await;
    browser.goto(&format!("/spaces/{office}")).await;
    browser.tap("By the month").await;
    browser.see("Book 1 month").await;
    browser.fill("date", "2026-12-14").await;
    browser.fill("count", "2").await;
    browser.tap("Check price").await;
    browser.see("Book 2 months").await;
    browser.tap("First refusal till").await;
    browser.see("You have first refusal till").await;
    assert_eq!(house.one::<String>(LET).await, "held month");
    browser
        .tap_css("form[action$='/confirmation'] .btn.go")
        .await;
    browser.see("You are booked").await;
    browser.see("2 months").await;
    assert_eq!(house.one::<String>(LET).await, "confirmed month");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_office_by_the_month_on_a_phone() {
    let house = House::sample().await;
    let office: String = house.one(FREE).await;
    let browser = Browser::on_a_phone(&house).await;
    browser.sign_in("colleague").await;
    browser.goto(&format!("/spaces/{office}")).await;
    browser.tap("By the month").await;
    browser.see("Book 1 month").await;
    // The price follows while the number is still being edited.
    browser.fill("count", "2").await;
    browser.see("Book 2 months").await;
    assert_eq!(browser.value("count").await, "2");
    assert!(browser.path().await.contains("count=2"));
    browser.tap("Book 2 months").await;
    browser.see("Held for you until").await;
    browser.see("2 months").await;
    browser
        .tap_css("form[action$='/confirmation'] .btn.go")
        .await;
    browser.see("You are booked").await;
}
