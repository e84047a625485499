//! The front desk writes people and companies down, bars and merges them, and takes people in.

use crate::browser::{Browser, ways};
use crate::support::House;

ways!(people_are_written_down_barred_and_merged: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(a_company_is_written_down: by_mouse, by_keys, on_a_phone_without_scripts);

async fn people_are_written_down_barred_and_merged(house: &House, browser: &Browser) {
    let standing = async || {
        house
            .one::<String>(
                "select standing from members where name = 'Lindiwe Sample' order by id limit 1",
            )
            .await
    };
    browser.sign_in("owner").await;
    browser.goto("/admin/members").await;
    browser.tap_css("a[href='/admin/members/new']").await;
    browser.fill("name", "Lindiwe Sample").await;
    browser.fill("phone", "083 111 4567").await;
    browser.choose("home", "Umhlanga").await;
    browser.tap("Write them down").await;
    browser.see("Lindiwe Sample is written down.").await;
    let first = browser.path().await;
    browser.fill("body", "Likes the window").await;
    browser.tap("Note it").await;
    browser.see("Noted.").await;
    browser.see("Likes the window").await;
    browser.tap("Barred").await;
    browser.fill("reason", "Sample reason").await;
    browser.tap_css("#standing-form .btn").await;
    browser
        .see("Lindiwe Sample books nothing from now on.")
        .await;
    assert_eq!(standing().await, "barred");
    browser.tap("Lift it, and tell them").await;
    browser.see("Lindiwe Sample may book as before.").await;
    assert_eq!(standing().await, "good");
    browser.tap_css("a[href$='/details']").await;
    browser.fill("email", "lindiwe@sample.example").await;
    browser.tap("Save").await;
    browser.see("Saved.").await;

    // The same person once more.
    browser.goto("/admin/members/new").await;
    browser.fill("name", "Lindi Sample").await;
    browser.fill("phone", "083 111 4567").await;
    browser.tap("Write them down").await;
    browser.see("Please check this").await;
    browser
        .tap("This is somebody else with the same number")
        .await;
    browser.tap("Write them down").await;
    browser.see("Lindi Sample is written down.").await;
    browser.goto(&first).await;
    browser.tap("Same as somebody else").await;
    browser.fill("words", "lindi sample").await;
    browser.tap_css("[role='search'] .btn").await;
    browser.tap("Lindi Sample, ").await;
    browser.see("is the same person").await;
    browser.tap("Merge ").await;
    browser.see("All that was ").await;
    let left = "select count(*) from members where name in ('Lindiwe Sample', 'Lindi Sample') and merged_into is null";
    assert_eq!(house.one::<i64>(left).await, 1);

    browser.goto("/admin/members").await;
    browser.fill("words", "lindiwe@sample").await;
    browser.choose("standing", "Good standing").await;
    browser.tap_css(".sift .btn.go").await;
    browser.tap("Lindiwe Sample").await;
    browser
        .wait_for("the one that stays", async || {
            first.starts_with(&browser.path().await)
        })
        .await;
}

async fn a_company_is_written_down(house: &House, browser: &Browser) {
    let of_it = "select string_agg(m.email || ' ' || p.role, ', ' order by m.email) from company_people p join companies c on c.id = p.company_id
                 join members m on m.id = p.member_id where c.name = 'Sample Builders'";
    browser.sign_in("receptionist").await;
    browser.goto("/admin/companies").await;
    browser.tap_css("a[href='/admin/companies/new']").await;
    browser.fill("name", "Sample Builders").await;
    browser.fill("payment_days", "many").await;
    browser.tap("Write it down").await;
    browser.see("Please check this").await;
    browser.fill("payment_days", "30").await;
    browser.tap("Write it down").await;
    browser.see("Sample Builders is written down.").await;
    for (email, role) in [("member@connect", "Admin"), ("colleague@connect", "Booker")] {
        browser.fill("words", email).await;
        browser.tap("Find somebody to take in").await;
        browser.choose_css("[id^='as-']", role).await;
        browser.tap("Take in ").await;
        browser.see(" belongs to Sample Builders now.").await;
    }
    let people: String = house.one(of_it).await;
    assert_eq!(
        people,
        "colleague@connect.example booker, member@connect.example admin"
    );
    browser
        .choose_css(
            "form[action$='/role']:has([value='booker'][selected]) select",
            "Guest",
        )
        .await;
    browser
        .tap_css("form[action$='/role']:has([value='booker'][selected]) .btn")
        .await;
    browser.see("The role is changed.").await;
    let people: String = house.one(of_it).await;
    assert!(
        people.starts_with("colleague@connect.example guest"),
        "{people}"
    );
    browser.fill("billing_email", "bills@sample.example").await;
    browser.tap("Every booking needs an order number").await;
    browser.tap_css("aside .btn.go").await;
    browser
        .wait_for("it is kept", async || {
            let kept = "select count(*) from companies where name = 'Sample Builders' and po_required and payment_days = 30 and billing_email = 'bills@sample.example'";
            house.one::<i64>(kept).await == 1
        })
        .await;
    browser.goto("/admin/companies").await;
    browser.fill("words", "sample build").await;
    browser.tap_css("[role='search'] .btn.go").await;
    browser.see("30 days").await;
}
