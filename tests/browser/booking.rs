//! Booking a room, moving it and cancelling it; any desk; and coming to what was booked.

use chrono::TimeDelta;

use crate::browser::{Browser, ways};
use crate::day::EMPTY_ROOMS;
use crate::support::House;

ways!(a_room_is_booked_moved_and_cancelled: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(any_desk_is_booked: by_mouse, by_keys, on_a_phone_without_scripts);
ways!(a_member_comes_and_leaves: by_mouse, by_keys, on_a_phone_without_scripts);

/// Nobody has the first room of Umhlanga today.
pub const FREE_TODAY: &str = "update bookings set status = 'declined', hold_expires_at = null
    where status in ('held', 'pending', 'confirmed', 'checked_in') and lower(during) < '2026-11-25'
      and space_id = (select id from spaces where slug = 'umhlanga-lighthouse')";

/// What stands of what was booked on the site, in Durban's time.
const BOOKED: &str = "select s.slug || to_char(lower(b.during) at time zone 'Africa/Johannesburg', ' DD HH24:MI') || to_char(upper(b.during) at time zone 'Africa/Johannesburg', '-HH24:MI ') || b.people || ' ' || b.status || ' ' || b.title
    from bookings b join spaces s on s.id = b.space_id join members m on m.id = b.member_id
    where m.email = 'colleague@connect.example' order by b.id desc limit 1";

async fn a_room_is_booked_moved_and_cancelled(house: &House, browser: &Browser) {
    house.run(EMPTY_ROOMS).await;
    let booked = async || house.one::<String>(BOOKED).await;
    browser.sign_in("colleague").await;
    browser.goto("/spaces/umhlanga-lighthouse").await;
    browser.tap_css(".days a[href*='2026-11-25']").await;
    browser.see("Wed 25 November").await;
    browser.tap_css(".slots a[href*='from=10%3A00']").await;
    browser.see("now tap its end").await;
    browser.tap_css(".slots a[href*='until=11%3A00']").await;
    browser.see("Tap a start, then an end").await;
    browser.fill("people", "6").await;
    browser.tap("Check price").await;
    browser.see("10:00–11:00").await;
    browser.fill("title", "Sample meeting").await;
    browser.tap("Book 10:00").await;
    browser.see("Held for you until").await;
    browser
        .tap_css("form[action$='/confirmation'] .btn.go")
        .await;
    browser.see("You are booked").await;
    let at_ten = "umhlanga-lighthouse 25 10:00-11:00 6 confirmed Sample meeting";
    assert_eq!(booked().await, at_ten);

    browser.tap_css("main a[href$='/move']").await;
    browser.see("Change this booking").await;
    browser.fill("from", "14:00").await;
    browser.fill("until", "15:30").await;
    browser.tap("See what it comes to").await;
    browser.see("It becomes").await;
    assert_eq!(
        booked().await,
        at_ten,
        "nothing happens before it is accepted"
    );
    browser.tap_css("#becomes .btn.go").await;
    browser
        .see("Changed: Lighthouse, Wed 25 November, 14:00–15:30")
        .await;
    let at_two = "umhlanga-lighthouse 25 14:00-15:30 6 confirmed Sample meeting";
    assert_eq!(booked().await, at_two);

    browser.tap("Cancel this booking").await;
    browser.see("It costs you nothing").await;
    browser.fill("note", "Sample reason").await;
    browser.tap("Cancel it").await;
    browser.see("is cancelled").await;
    assert_eq!(booked().await, at_two.replace("confirmed", "cancelled"));
    let note = "select cancellation_note from bookings where cancelled_at is not null order by cancelled_at desc limit 1";
    assert_eq!(house.one::<String>(note).await, "Sample reason");
}

async fn any_desk_is_booked(house: &House, browser: &Browser) {
    browser.sign_in("colleague").await;
    browser
        .goto("/spaces?kind=hot_desk&location=umhlanga")
        .await;
    browser
        .tap_css("main a[href^='/locations/umhlanga/any-desk']")
        .await;
    browser.see("Any desk at Umhlanga").await;
    browser.tap("By the day").await;
    browser.tap_css(".days a[href*='2026-11-26']").await;
    browser.see("Book the day").await;
    browser.see("Thu 26 November").await;
    browser.tap("Book the day").await;
    browser.see("Held for you until").await;
    browser
        .tap_css("form[action$='/confirmation'] .btn.go")
        .await;
    browser.see("You are booked").await;
    browser.see("Desk ").await;
    let booked: String = house.one(BOOKED).await;
    assert!(
        booked.starts_with("umhlanga-desk-") && booked.ends_with(" 26 07:00-19:00 1 confirmed "),
        "{booked}"
    );
}

async fn a_member_comes_and_leaves(house: &House, browser: &Browser) {
    let is = async |wanted: &str| {
        let booked: String = house.one(BOOKED).await;
        assert_eq!(booked.split(' ').nth(4), Some(wanted), "{booked}");
    };
    house.run(FREE_TODAY).await;
    house
        .run("update booking_policies set unused = 'release', grace_minutes = 15")
        .await;
    let colleague = house.member("colleague").await;
    colleague
        .book("umhlanga-lighthouse", "2026-11-24", "08:00", "10:00")
        .await;
    house.app.clock.shift(TimeDelta::minutes(85));
    browser.sign_in("colleague").await;
    browser.goto("/today").await;
    browser.tap("I am running late").await;
    browser.see("kept").await;
    browser.tap("Check in").await;
    browser.see("You are checked in: Lighthouse.").await;
    is("checked_in").await;
    browser.tap("I am not here yet").await;
    browser.see("That is taken back.").await;
    is("confirmed").await;

    // At the door, with its code.
    house.app.clock.shift(TimeDelta::minutes(20));
    let code: String = house
        .one("select door_code from spaces where slug = 'umhlanga-lighthouse'")
        .await;
    browser.goto(&format!("/c/{code}")).await;
    browser.tap("Check in").await;
    browser.see("You are here until 10:00").await;
    is("checked_in").await;
    browser.tap("I am leaving").await;
    browser.see("Lighthouse is free for others.").await;
    is("completed").await;
}
