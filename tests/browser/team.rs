//! The admin of a company looks after its people and its bills, and says who pays.

use crate::browser::{Browser, ways};
use crate::support::House;

ways!(a_company_is_looked_after: by_mouse, by_keys, on_a_phone_without_scripts);

const ROLES: &str = "select string_agg(p.role, ' ' order by p.role) from company_people p join companies c on c.id = p.company_id where c.name = 'Half-Disc Studio'";

async fn a_company_is_looked_after(house: &House, browser: &Browser) {
    let roles = async || house.one::<String>(ROLES).await;
    let before = roles().await;
    browser.sign_in("member").await;
    browser.goto("/account").await;
    browser.tap_css(".tabs a[href='/team']").await;
    browser.tap("People and details of Half-Disc Studio").await;
    browser.fill("email", "sipho@sample.example").await;
    browser.choose_css("#role", "Guest").await;
    browser.tap("Send the invitation").await;
    browser
        .see("An invitation is on its way to sipho@sample.example.")
        .await;
    let invited = "select role from company_invitations where email = 'sipho@sample.example' and withdrawn_at is null";
    assert_eq!(house.one::<String>(invited).await, "guest");
    browser
        .tap("Withdraw the invitation of sipho@sample.example")
        .await;
    browser
        .wait_for("no invitation", async || {
            !browser.says("sipho@sample.example").await
        })
        .await;

    let other = ".entry.person:not(:has(.tag))";
    browser
        .choose_css(&format!("{other} select"), "Guest")
        .await;
    browser.tap_css(&format!("{other} .pick + .btn")).await;
    browser.see("The role is changed.").await;
    assert_ne!(roles().await, before);
    browser.tap_css(&format!("{other} summary")).await;
    browser.tap_css(&format!("{other} .sure .btn.danger")).await;
    browser.see("They no longer belong to the company.").await;
    assert_eq!(
        roles().await.split(' ').count(),
        before.split(' ').count() - 1
    );

    browser.fill("billing_email", "bills@sample.example").await;
    browser
        .fill("billing_address", "1 Sample Street, Durban")
        .await;
    browser.tap("Every booking needs an order number").await;
    browser
        .tap_css("form:has([name='billing_email']) .btn.go")
        .await;
    browser.see("The details are saved.").await;
    let details = "select billing_email || ' ' || billing_address || ' ' || po_required from companies where name = 'Half-Disc Studio'";
    assert_eq!(
        house.one::<String>(details).await,
        "bills@sample.example 1 Sample Street, Durban true"
    );
    browser.tap("Statement of account").await;
    browser.see("Half-Disc Studio").await;
    browser.see("1 Sample Street").await;

    browser.goto("/team").await;
    browser
        .tap_css("label:has([name='payer'][value^='half-disc-studio'])")
        .await;
    browser.tap_css("form[action='/team/payer'] .btn.go").await;
    browser
        .see("From your next booking, Half-Disc Studio pays.")
        .await;
    browser
        .goto("/spaces/umhlanga-lighthouse?date=2026-11-27&from=12:00&until=13:00&people=4")
        .await;
    browser.fill("purchase_order", "PO 42").await;
    browser.tap("Book 12:00").await;
    browser.see("to Half-Disc Studio").await;
}
