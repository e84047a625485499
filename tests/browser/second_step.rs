//! A member sets up a second step, keeps the recovery codes, signs in with a code, with a recovery code when the phone
//! is lost, and turns it off again.

use chrono::TimeDelta;
use totp_rs::{Builder, Secret, Totp};

use crate::browser::{Browser, ways};
use crate::support::{House, PASSWORD};

ways!(a_second_step_from_setting_it_up_to_turning_it_off: by_mouse, by_keys, on_a_phone_without_scripts);

/// What the app shows half a minute later, so that each code is another one.
fn next_code(house: &House, app: &Totp) -> String {
    house.app.clock.shift(TimeDelta::seconds(30));
    let seconds = house.app.clock.now().timestamp();
    app.generate(u64::try_from(seconds).unwrap()).to_string()
}

async fn types_the_password(browser: &Browser) {
    browser.goto("/sign-in?next=%2Faccount%2Fsecurity").await;
    browser.fill("email", "member@connect.example").await;
    browser.fill("password", PASSWORD).await;
    browser.tap_css(".auth form .btn.go").await;
    browser.see("Your code, please").await;
}

async fn a_second_step_from_setting_it_up_to_turning_it_off(house: &House, browser: &Browser) {
    browser.sign_in("member").await;
    browser.goto("/account/security").await;
    browser
        .tap_css("a[href='/account/security/second-step']")
        .await;
    browser.see("You need an authenticator app").await;
    browser.tap_css("#begin").await;
    browser.see("Type what it shows").await;
    let key = browser.find(".key").await.text().await.unwrap();
    let secret = Secret::try_from_base32(key.replace(' ', "")).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    browser.fill("code", "000000").await;
    browser.tap("Turn it on").await;
    browser.see("That is not what the app shows now.").await;
    browser.fill("code", &next_code(house, &app)).await;
    browser.tap("Turn it on").await;
    browser.see("They are shown only this once.").await;
    let code = browser.find(".codes li").await.text().await.unwrap();
    assert_eq!(code.len(), 19, "{code}");
    browser.tap("I have kept them").await;
    browser.see("10 are left").await;

    types_the_password(browser).await;
    browser.fill("code", "123456").await;
    browser.tap_css(".auth .btn.go").await;
    browser.see("That is not a code that is good now.").await;
    browser.fill("code", &next_code(house, &app)).await;
    browser.tap_css(".auth .btn.go").await;
    browser.see("Where you are signed in").await;

    types_the_password(browser).await;
    browser.fill("code", &code).await;
    browser.tap_css(".auth .btn.go").await;
    browser.see("9 recovery codes are left.").await;

    browser
        .tap_css("a[href='/account/security/second-step']")
        .await;
    browser.fill("ending_password", PASSWORD).await;
    browser.tap("Turn it off").await;
    browser.see("Signing in asks for no code any more.").await;
    house.deliver_mail().await;
    browser.goto("/mail?to=member@connect.example").await;
    browser.see("Signing in asks for no code any more").await;
    browser
        .see("A recovery code of your account was used")
        .await;
    browser.see("Signing in asks for a code from now on").await;
}
