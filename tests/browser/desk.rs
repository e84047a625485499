//! The front desk books for somebody who is on the phone.

use chrono::TimeDelta;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::{Browser, ways};
use crate::day::EMPTY_ROOMS;
use crate::support::House;

/// The seconds that a key, a pause to think and a page take somebody who is used to it.
const KEY: f64 = 0.28;
const THINK: f64 = 1.35;
const PAGE: f64 = 0.6;

/// Presses keys as fast as a browser takes them, and counts.
struct Typist<'a> {
    browser: &'a Browser,
    keys: u32,
}

impl Typist<'_> {
    async fn type_in(&mut self, text: &str) {
        self.keys += text.chars().count() as u32;
        self.browser.type_in(text).await;
    }

    async fn press(&mut self, key: Key) {
        self.keys += 1;
        self.browser.press(key).await;
    }

    async fn with_control(&mut self, key: Key) {
        self.keys += 2;
        self.browser.with(Key::Control, key).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_booked_with_the_keys_alone() {
    let house = House::sample().await;
    house.run(EMPTY_ROOMS).await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    browser.goto("/admin/bookings/new").await;
    // The key that leads here.
    let mut hands = Typist {
        browser: &browser,
        keys: 1,
    };
    hands.type_in("li").await;
    hands.press(Key::Enter).await;
    hands.type_in("wed 9-1130").await;
    hands.press(Key::Tab).await;
    hands.type_in("than").await;
    hands.press(Key::Enter).await;
    hands.type_in("8").await;
    hands.with_control(Key::Enter).await;
    browser.see("Confirmed").await;
    browser.see("Wed 25 November, 09:00–11:30").await;
    browser.see("8 people").await;
    let path = browser.path().await;
    assert!(path.contains("/bookings/CS-"), "{path}");
    let seconds = f64::from(hands.keys) * KEY + 4.0 * THINK + 2.0 * PAGE;
    assert!(hands.keys <= 28, "{} keys", hands.keys);
    assert!(seconds <= 15.0, "{seconds} seconds");
    let made: String = house
        .one("select s.name || ', ' || m.name || ', ' || b.channel || ', ' || c.name from bookings b
              join spaces s on s.id = b.space_id join members m on m.id = b.member_id join members c on c.id = b.created_by
              order by b.id desc limit 1")
        .await;
    assert!(made.starts_with("Lighthouse, Thandeka"), "{made}");
    assert!(made.contains(", phone, "), "{made}");
    let drafts: i64 = house.one("select count(*) from booking_drafts").await;
    assert_eq!(drafts, 0);
    eprintln!("{} keys, {seconds:.1} seconds", hands.keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_words_mean_and_what_fits_stand_there_while_typing() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    browser.goto("/admin/bookings/new").await;
    let mut hands = Typist {
        browser: &browser,
        keys: 0,
    };
    hands.type_in("room umh").await;
    browser
        .wait_for("the list", || {
            browser.is_there("#what-list:not([hidden]) [role=option]")
        })
        .await;
    hands.press(Key::Enter).await;
    hands.type_in("wed 9-11").await;
    browser.see("Wed 25 November, 09:00–11:00").await;
    browser.see("VAT included").await;
    // The next room by the arrow: what is read out follows.
    browser.tab_to("#rooms input[name=space]").await;
    let first: String = browser
        .ask(
            "return document.querySelector('#aloud').textContent",
            json!(null),
        )
        .await;
    hands.press(Key::Down).await;
    browser
        .wait_for("another room", async || {
            let now: String = browser
                .ask(
                    "return document.querySelector('#aloud').textContent",
                    json!(null),
                )
                .await;
            now != first
        })
        .await;
    let kept: bool = browser
        .ask(
            "return document.activeElement.name === 'space'",
            json!(null),
        )
        .await;
    assert!(kept, "the focus stays in the list");
    // A list that is left with Escape takes nothing.
    browser.fill("who", "nobody is called this").await;
    browser.see("Nobody we know is called so").await;
    // An interruption: the draft keeps itself.
    browser
        .wait_for("the draft", async || {
            let drafts: i64 = house.one("select count(*) from booking_drafts").await;
            drafts == 1
        })
        .await;
    browser.goto("/admin/bookings/new").await;
    browser.tap("Meeting room, Umhlanga, wed 9-11").await;
    assert_eq!(browser.value("when").await, "wed 9-11");
}

ways!(a_caller_and_somebody_at_the_desk: by_mouse, by_keys, on_a_phone_without_scripts);

/// What was booked last: where, when, by whom and how.
const BOOKED: &str = "select m.name || ' ' || s.kind || to_char(lower(b.during) at time zone 'Africa/Johannesburg', ' DD HH24:MI ') || b.channel || ' ' || b.people
    from bookings b join spaces s on s.id = b.space_id join members m on m.id = b.member_id order by b.id desc limit 1";

async fn a_caller_and_somebody_at_the_desk(house: &House, browser: &Browser) {
    house.run(EMPTY_ROOMS).await;
    house.app.clock.shift(TimeDelta::hours(4));
    browser.sign_in("receptionist").await;
    browser.goto("/admin").await;
    browser.tap("New booking").await;
    browser.fill("what", "room umhlanga").await;
    browser.fill("when", "wed 9-11").await;
    browser.fill("who", "thandeka").await;
    let offered = "#who-list:not([hidden]) [role='option']";
    match (browser.has_scripts(), browser.is_by_keys()) {
        (true, true) => {
            browser.find(offered).await;
            browser.press(Key::Enter).await;
        }
        (true, false) => browser.tap_css(offered).await,
        (false, _) => {}
    }
    browser.fill("people", "4").await;
    browser.tap("On the phone").await;
    browser.tap("Check").await;
    browser.see("Wed 25 November, 09:00–11:00").await;
    browser.see("VAT included").await;
    if !browser.has_scripts() {
        browser.tap_css(".people label").await;
    }
    browser.tap_css("#rooms label").await;
    browser.tap_css("#book").await;
    browser.see("Confirmed").await;
    let booked: String = house.one(BOOKED).await;
    assert_eq!(booked, "Thandeka Mkhize meeting_room 25 09:00 phone 4");

    browser.goto("/admin/bookings/new").await;
    browser.fill("what", "desk umhlanga").await;
    browser.fill("when", "now for 90 min").await;
    browser.tap("New guest").await;
    browser.fill("guest_name", "Lindiwe Sample").await;
    browser.fill("guest_phone", "082 000 0999").await;
    browser.tap("At the desk").await;
    browser.tap("Check").await;
    browser.see("VAT included").await;
    assert_eq!(browser.value("guest_name").await, "Lindiwe Sample");
    browser.tap_css("#rooms label").await;
    browser.tap_css("#book").await;
    browser
        .wait_for("it is booked", async || {
            browser.path().await.contains("/bookings/CS-")
        })
        .await;
    let booked: String = house.one(BOOKED).await;
    assert_eq!(booked, "Lindiwe Sample hot_desk 24 10:30 desk 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_is_taken_over_by_the_keys_and_what_was_booked_is_taken_back() {
    let house = House::sample().await;
    house.run(EMPTY_ROOMS).await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    browser.goto("/admin/bookings/new").await;
    let mut hands = Typist {
        browser: &browser,
        keys: 0,
    };
    hands.type_in("room umh").await;
    hands.press(Key::Enter).await;
    hands.type_in("wed 15-16").await;
    hands.press(Key::Enter).await;
    hands.type_in("Zinhle Tester").await;
    browser.see("New guest: Zinhle Tester").await;
    browser
        .wait_for("the offer", || {
            browser.is_there("#who-list:not([hidden]) [role=option]")
        })
        .await;
    hands.press(Key::Enter).await;
    let at = "return document.activeElement.name || document.activeElement.textContent.trim()";
    browser
        .wait_for("the phone", async || {
            browser.ask::<String>(at, json!(null)).await == "guest_phone"
        })
        .await;
    assert_eq!(browser.value("guest_name").await, "Zinhle Tester");
    assert_eq!(browser.value("who").await, "");
    hands.type_in("082 000 0001").await;
    browser.see("has 082 000 0001 already").await;
    browser.fill("guest_phone", "082 000 9911").await;
    hands.with_control(Key::Enter).await;
    browser.see("Confirmed").await;
    // Enter once more leads nowhere; Tab leads to what comes next.
    hands.press(Key::Enter).await;
    browser.see("Confirmed").await;
    hands.press(Key::Tab).await;
    let next: String = browser.ask(at, json!(null)).await;
    assert_eq!(next, "Book for somebody else");
    browser.tap("Undo").await;
    browser.see("Taken back").await;
    let left: i64 = house
        .one("select count(*) from bookings b join members m on m.id = b.member_id where m.name = 'Zinhle Tester' and b.status <> 'cancelled'")
        .await;
    assert_eq!(left, 0);
}
