//! An owner sets the house up: a location with its hours, floors, spaces and rules; prices, passes and staff.

use crate::browser::{Browser, ways};
use crate::support::House;

ways!(a_location_is_set_up: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(prices_passes_and_staff: by_mouse, by_keys, on_a_phone_without_scripts);

async fn a_location_is_set_up(house: &House, browser: &Browser) {
    browser.sign_in("owner").await;
    browser.goto("/admin/locations").await;
    browser.tap("New location").await;
    browser.fill("name", "Sample Quay").await;
    browser.choose("status", "Open: ").await;
    browser.fill("gate", "Ring twice.").await;
    browser.tap("Add the location").await;
    browser.see("The location is there.").await;

    browser.tap_css(".stages a[href$='/hours']").await;
    browser.fill("access_1", "08:00-17:00").await;
    browser.fill("access_2", "eight").await;
    browser.tap("Save the week").await;
    browser.see("Please check this").await;
    assert_eq!(browser.value("access_1").await, "08:00-17:00");
    browser.fill("access_2", "08:00-17:00").await;
    browser.tap("Save the week").await;
    browser.see("The hours are saved.").await;
    browser.fill("on", "2026-11-30").await;
    browser.fill("hours", "09:00-13:00").await;
    browser.fill_css("#reason", "Sample day").await;
    browser.tap("Save the date").await;
    browser.see("Sample day: 09:00").await;
    browser.tap("As usual again").await;
    browser
        .wait_for("as usual", async || !browser.says("Sample day").await)
        .await;
    let days = "select count(*) from opening_hours h join locations l on l.id = h.location_id where l.slug = 'sample-quay'";
    assert!(house.one::<i64>(days).await >= 2);

    browser.tap_css(".stages a[href$='/floors']").await;
    browser.fill("name", "Ground floor").await;
    browser.fill("level", "0").await;
    browser.fill("width", "20").await;
    browser.fill("height", "12").await;
    browser.tap("Add the floor").await;
    browser.see("The floor is there.").await;
    browser.fill("zone", "Window side").await;
    browser.tap("Add the zone to Ground floor").await;
    browser.see("The zone is there.").await;
    browser.fill_css("#name-0", "Street floor").await;
    browser.tap("Save Ground floor").await;
    browser.see("That is saved.").await;

    browser.tap("New space").await;
    browser.fill("name", "Sample Room").await;
    browser.choose("kind", "Meeting room").await;
    browser.choose("place", "Window side").await;
    browser.fill("seats", "6").await;
    browser.tap("Screen").await;
    browser.fill("x", "2").await;
    browser.fill("y", "3").await;
    browser.tap("Add the space").await;
    browser.see("Sample Room").await;
    let made = "select s.kind || ' ' || s.seats || ' ' || f.name from spaces s join floors f on f.id = s.floor_id where s.name = 'Sample Room'";
    browser
        .wait_for("the space", async || {
            house
                .one::<i64>("select count(*) from spaces where name = 'Sample Room'")
                .await
                == 1
        })
        .await;
    assert_eq!(
        house.one::<String>(made).await,
        "meeting_room 6 Street floor"
    );

    browser.goto("/admin/locations/sample-quay/policies").await;
    browser.tap_css("main a[href*='/policies/']").await;
    browser.fill("notice", "2").await;
    browser.tap("Try it").await;
    browser.find("#test [role='status'] .tag").await;
    browser.tap_css("section .btn.go").await;
    browser.see("The policy is saved.").await;
}

async fn prices_passes_and_staff(house: &House, browser: &Browser) {
    browser.sign_in("owner").await;
    browser.goto("/admin/rates?location=umhlanga").await;
    browser.choose("what", "All meeting rooms").await;
    browser.choose("unit", "Hour").await;
    browser.fill("price", "333").await;
    browser.fill("from", "2027-01-04").await;
    browser.tap("What would it change?").await;
    browser.see("NOT KEPT YET").await;
    browser.see("R333").await;
    let set = "select count(*) from rates where cents = 33300";
    assert_eq!(house.one::<i64>(set).await, 0);
    browser.tap("Set the price").await;
    browser.see("Bookings that exist keep their price.").await;
    assert!(house.one::<i64>(set).await > 0);
    browser.tap("Take back the price of ").await;
    browser.see("The price is taken back.").await;
    assert_eq!(house.one::<i64>(set).await, 0);

    browser.goto("/admin/rates").await;
    browser.tap_css("a[href='/admin/pass-products']").await;
    browser.fill("name", "Sample pass").await;
    browser.choose("location", "Umhlanga").await;
    browser.choose("unit", "Week").await;
    browser.fill("days", "3").await;
    browser.fill("price", "500").await;
    browser.tap("Add the pass").await;
    browser.see("Sample pass is there.").await;
    browser.tap("Sample pass").await;
    browser.fill("price", "550").await;
    browser.tap_css("main form .btn.go").await;
    browser.see("The pass is saved.").await;
    let pass = "select cents::text from pass_products where name = 'Sample pass'";
    assert_eq!(house.one::<String>(pass).await, "55000");

    let role = async || {
        let role = "select coalesce((select s.role from staff s join members m on m.id = s.member_id where m.email = 'sipho@sample.example'), 'none')";
        house.one::<String>(role).await
    };
    browser.goto("/admin/staff").await;
    browser.fill("name", "Sipho Sample").await;
    browser.fill("email", "sipho@sample.example").await;
    browser.choose_css("#role", "Receptionist").await;
    browser.tap("Take them on").await;
    browser.see("They work here now.").await;
    assert_eq!(role().await, "receptionist");
    let reference: String = house
        .one("select reference from members where email = 'sipho@sample.example'")
        .await;
    let theirs = format!("form[action='/admin/staff/{reference}']");
    browser
        .choose_css(&format!("{theirs} [name='role']"), "Manager")
        .await;
    browser
        .choose_css(&format!("{theirs} [name='location']"), "Umhlanga")
        .await;
    browser.tap("Save the role of Sipho Sample").await;
    browser.see("Their role is changed.").await;
    assert_eq!(role().await, "manager");
    browser.tap("Dismiss Sipho Sample").await;
    browser.tap("Yes, dismiss Sipho Sample now").await;
    browser.see("They work here no more").await;
    assert_eq!(role().await, "none");
}
