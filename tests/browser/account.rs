//! A member changes their email address and signs a device out, with and without scripts.

use thirtyfour::Key;

use crate::browser::Browser;
use crate::support::{House, PASSWORD};

const NEW: &str = "thandeka@sample.example";

#[tokio::test(flavor = "multi_thread")]
async fn another_email_address_with_the_link_from_the_mailbox_without_scripts() {
    let house = House::sample().await;
    let browser = Browser::without_scripts(&house).await;
    browser.sign_in("member").await;
    house
        .run("update sessions set created_at = now() - interval '1 hour'")
        .await;
    browser.goto("/account").await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_signed_out_and_a_token_copied() {
    let house = House::sample().await;
    let (browser, phone) = (Browser::open(&house).await, Browser::open(&house).await);
    phone.sign_in("member").await;
    browser.sign_in("member").await;
    browser.goto("/account/security").await;
    browser.see("Chrome on Android").await;
    browser.tap("Sign out Chrome on Linux").await;
    browser.see("That device is signed out.").await;
    phone.goto("/account").await;
    assert!(
        phone.path().await.starts_with("/sign-in"),
        "{}",
        phone.path().await
    );

    browser.fill("token_name", "Room display").await;
    browser.press(Key::Enter).await;
    browser.see("It is shown only this once.").await;
    assert!(
        browser
            .find("#token")
            .await
            .value()
            .await
            .unwrap()
            .unwrap()
            .starts_with("cs_")
    );
    browser.see("Copy").await;
    browser.driver.refresh().await.unwrap();
    browser.see("Room display").await;
    assert!(!browser.is_there("#token").await);
    browser.tap("Revoke Room display").await;
    browser.see("That token works no more.").await;
}
