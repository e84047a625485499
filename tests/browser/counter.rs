//! The front desk's day: holds are decided, people come or do not, money is taken, waived and counted.

use chrono::TimeDelta;

use crate::booking::FREE_TODAY;
use crate::browser::{Browser, ways};
use crate::day::EMPTY_ROOMS;
use crate::support::House;

ways!(the_board_and_the_arrivals: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(money_is_taken_waived_and_counted: by_mouse, by_keys, on_a_phone_without_scripts);

const STATES: &str = "select string_agg(b.status, ' ' order by b.id) from bookings b where b.id in (select id from bookings where channel = 'web' order by id desc limit 2)";
const VISITS: &str = "select count(*) filter (where status = 'checked_in') || ' here, ' || count(*) filter (where status = 'no_show') || ' missing' from bookings
    where during && tstzrange('2026-11-24 00:00+02', '2026-11-25 00:00+02')";

async fn the_board_and_the_arrivals(house: &House, browser: &Browser) {
    house.run(EMPTY_ROOMS).await;
    house.app.clock.shift(TimeDelta::hours(4));
    house.run("insert into jobs (id, payload, failed_at, last_error) values (gen_random_uuid(), '{\"kind\": \"link\"}', now(), 'The mail server said no.')").await;
    let mut held = Vec::new();
    for (name, room) in [
        ("colleague", "umhlanga-lighthouse"),
        ("member", "umhlanga-pier"),
    ] {
        let answer = house
            .member(name)
            .await
            .hold(room, "2026-11-25", "12:00", "13:00")
            .await;
        held.push(
            answer
                .location()
                .trim_end_matches("/confirmation")
                .to_owned(),
        );
    }
    browser.sign_in("receptionist").await;
    browser.goto("/admin?location=umhlanga").await;
    browser.tap_css(".stats a[href='#held-title']").await;
    browser
        .tap_css(&format!(
            "form[action='/admin{}/decision'] [value='accept']",
            held[0]
        ))
        .await;
    browser.see("Lighthouse: confirmed.").await;
    browser.tap_css(".stats a[href='#held-title']").await;
    browser
        .tap_css(&format!(
            "form[action='/admin{}/decision'] [value='let_go']",
            held[1]
        ))
        .await;
    browser.see("Pier: expired.").await;
    assert_eq!(house.one::<String>(STATES).await, "confirmed expired");

    let visits = async || house.one::<String>(VISITS).await;
    let before = visits().await;
    browser.tap_css(".visits [value='arrive']").await;
    browser.see(" is here: ").await;
    assert_ne!(visits().await, before);
    browser.tap_css(".flash .btn").await;
    browser.see(": taken back.").await;
    assert_eq!(visits().await, before);
    browser.tap_css(".visits [value='miss']").await;
    browser.see(" did not come. ").await;
    assert_ne!(visits().await, before);
    browser.tap_css(".flash .btn").await;
    browser.see(": taken back.").await;
    assert_eq!(visits().await, before);
    browser.tap_css(".stats a[href='#failed']").await;
    browser.tap("Try again").await;
    browser.see("It is being sent again.").await;
    browser.see("All mails are on their way.").await;

    // The next one at the door says their name.
    let who: String = house
        .one("select m.name from bookings b join members m on m.id = b.member_id where b.status = 'confirmed'
              and b.during && tstzrange('2026-11-24 10:30+02', '2026-11-25 00:00+02') order by lower(b.during), b.id limit 1")
        .await;
    browser.goto("/admin/arrivals").await;
    browser.fill("q", &who).await;
    browser.tap_css(".find-visit .btn").await;
    browser.tap(&format!("Here {who}")).await;
    browser.see(&format!("{who} is here: ")).await;
    assert_ne!(visits().await, before);
}

async fn money_is_taken_waived_and_counted(house: &House, browser: &Browser) {
    house.run(FREE_TODAY).await;
    house
        .run("update members set name = 'Ayanda Sample' where email = 'member@connect.example'")
        .await;
    let member = house.member("member").await;
    let late = member
        .book("umhlanga-lighthouse", "2026-11-24", "15:00", "16:00")
        .await;
    let address = format!("/bookings/{late}/cancellation");
    let form = member.get(&address).await.form(&address);
    member.submit(&form).await;

    browser.sign_in("receptionist").await;
    browser.goto("/admin/members").await;
    browser.fill("words", "ayanda").await;
    browser.tap_css(".sift .btn.go").await;
    browser.tap("Ayanda Sample").await;
    browser.tap("Payments").await;
    browser.tap("Take a payment or give money back").await;
    browser.fill("amount", "150").await;
    browser.choose("location", "Umhlanga").await;
    browser
        .tap_css("label:has([name='method'][value='cash'])")
        .await;
    browser.tap("Write the receipt").await;
    browser.see("RC-2026-").await;
    browser.see("R150.00").await;

    browser.goto(&format!("/admin/bookings/{late}")).await;
    browser.fill_css("#waive-reason", "Sample reason").await;
    browser.tap("Waive it").await;
    browser.see("is waived.").await;
    let owed: i64 = sqlx::query_scalar("select sum(cents)::bigint from ledger_entries e join bookings b on b.id = e.booking_id where b.reference = $1")
        .bind(&late)
        .fetch_one(&house.db)
        .await
        .unwrap();
    assert_eq!(owed, 0);

    let counted = "select count(*) from cash_ups";
    let before: i64 = house.one(counted).await;
    browser.goto("/admin/locations/umhlanga/cash-up").await;
    browser.see("R150.00").await;
    for name in ["cash", "card", "eft"] {
        browser.fill(name, "10").await;
    }
    browser.tap("Close the till").await;
    browser.see("Please check this").await;
    assert_eq!(browser.value("cash").await, "10");
    browser.fill("note", "Sample reason").await;
    browser.tap("Close the till").await;
    browser.see("is closed.").await;
    assert_eq!(house.one::<i64>(counted).await, before + 1);
}
