//! A member keeps their account: name and number, email address, password, devices, tokens, news, the calendar's
//! address and the statement.

use crate::browser::{Browser, ways};
use crate::support::{House, PASSWORD};

const NEW: &str = "thandeka@sample.example";

ways!(profile_and_email_address: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(password_devices_and_tokens: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(news_calendar_and_statement: by_mouse, by_keys, on_a_phone_without_scripts);

async fn profile_and_email_address(house: &House, browser: &Browser) {
    browser.sign_in("member").await;
    house
        .run("update sessions set created_at = now() - interval '1 hour'")
        .await;
    browser.goto("/account").await;
    browser.fill("name", "Thandeka Sample").await;
    browser.fill("phone", "082 000 0001").await;
    browser.choose("home", "Mount Edgecombe").await;
    browser.tap("Save").await;
    browser.see("Your profile is saved.").await;
    let kept = "select m.name || ' ' || m.phone || ' ' || l.slug from members m join locations l on l.id = m.home_location_id
                where m.email = 'member@connect.example'";
    let profile: String = house.one(kept).await;
    assert_eq!(profile, "Thandeka Sample +27820000001 mount-edgecombe");

    browser.tap("Change it").await;
    browser.fill("email", NEW).await;
    browser.fill("password", "wrong-password").await;
    browser.tap("Mail the link").await;
    browser.see("This is not your password.").await;
    assert_eq!(browser.value("email").await, NEW);
    browser.fill("password", PASSWORD).await;
    browser.tap("Mail the link").await;
    browser.see(&format!("on its way to {NEW}")).await;
    house.deliver_mail().await;
    browser.tap("See the mail").await;
    browser.tap("Confirm your new email address").await;
    browser.tap_css(".letter a[href*='/account/email/']").await;
    browser.see("From now on you sign in with").await;
    browser.tap("Use this address").await;
    browser
        .see(&format!("Your email address is now {NEW}."))
        .await;
    house.deliver_mail().await;
    browser.goto("/mail?to=member@connect.example").await;
    browser.see("Your email address was changed").await;
    browser.see("Another email address for your account").await;
}

async fn password_devices_and_tokens(house: &House, browser: &Browser) {
    let other = house.member("member").await;
    browser.sign_in("member").await;
    browser.goto("/account").await;
    browser.tap_css(".tabs a[href='/account/security']").await;
    browser.tap("Sign out Unknown device").await;
    browser.see("That device is signed out.").await;
    let there = other.get("/account").await;
    assert!(there.location().starts_with("/sign-in"), "{}", there.status);

    browser.fill("token_name", "Room display").await;
    browser.tap("Make a token").await;
    browser.see("It is shown only this once.").await;
    let token = browser.find("#token").await.value().await.unwrap();
    assert!(token.is_some_and(|token| token.starts_with("cs_")));
    browser.goto("/account/security").await;
    browser.see("Room display").await;
    assert!(!browser.is_there("#token").await);
    browser.tap("Revoke Room display").await;
    browser.see("That token works no more.").await;
    let tokens =
        "select count(*) from api_tokens where name = 'Room display' and revoked_at is null";
    assert_eq!(house.one::<i64>(tokens).await, 0);

    browser.fill("current", PASSWORD).await;
    browser.fill("password", "short").await;
    browser.tap("Set the password").await;
    browser.see("Please check this").await;
    browser.fill("current", PASSWORD).await;
    browser.fill("password", "another long one").await;
    browser.tap("Set the password").await;
    browser.see("Your new password is set.").await;
    let anew = house.visitor();
    let answer = anew
        .sign_in("member@connect.example", "another long one")
        .await;
    assert_eq!(answer.location(), "/today", "{}", answer.text());
}

async fn news_calendar_and_statement(house: &House, browser: &Browser) {
    let given = "select count(*) from (select distinct on (channel) given from consents c join members m on m.id = c.member_id
                 where m.email = 'colleague@connect.example' order by channel, c.id desc) as now where given";
    browser.sign_in("colleague").await;
    browser.goto("/account").await;
    browser.tap_css(".tabs a[href='/account/privacy']").await;
    let before: i64 = house.one(given).await;
    browser
        .tap_css("label:has([name='channels']:not(:checked))")
        .await;
    browser.tap("Save").await;
    browser.see("Your choice is kept.").await;
    assert_eq!(house.one::<i64>(given).await, before + 1);
    browser.tap("Stop all of it").await;
    browser.see("We send you no more news and offers.").await;
    assert_eq!(house.one::<i64>(given).await, 0);

    browser.tap_css(".tabs a[href='/account/calendar']").await;
    browser.tap("Make the address").await;
    browser.see("It is shown only this once").await;
    let address = browser
        .find("#address")
        .await
        .value()
        .await
        .unwrap()
        .unwrap();
    let path = address.strip_prefix(house.url.trim_end_matches('/'));
    let path = path.unwrap_or_else(|| panic!("{address}"));
    let feed = house.visitor().get(path).await;
    assert!(feed.html.starts_with("BEGIN:VCALENDAR"), "{}", feed.html);
    browser.tap("End it").await;
    browser.see("That address works no more.").await;
    assert_eq!(house.visitor().get(path).await.status, 404);

    browser.goto("/today").await;
    house
        .member("colleague")
        .await
        .book("umhlanga-lighthouse", "2026-11-27", "12:00", "13:00")
        .await;
    browser.goto("/statement").await;
    browser.see("Statement of account").await;
    browser.see("Lighthouse").await;
    browser.choose("month", "October 2026").await;
    browser.tap_css(".months .btn.go").await;
    browser.see("1 Oct 2026 to 31 Oct 2026").await;
    assert!(!browser.says("Lighthouse, 27").await);
    assert!(browser.path().await.contains("month="));
}
