//! The day's timeline under a mouse, with the keys alone, on a phone and without scripts, and how soon it
//! answers when the day is full.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::Browser;
use crate::support::{House, full_day};

const DAY: &str = "2026-11-25";
const PATH: &str = "/admin/day?location=umhlanga&date=2026-11-25";

/// Nobody has a meeting room tomorrow.
pub const EMPTY_ROOMS: &str = "update bookings set status = 'declined', hold_expires_at = null
    where status in ('held', 'pending', 'confirmed', 'checked_in')
      and during && tstzrange('2026-11-25 00:00+02', '2026-11-26 00:00+02')
      and space_id in (select id from spaces where kind = 'meeting_room')";

/// Thandeka has a room from ten to eleven tomorrow, which nobody else has before or after.
async fn booked(house: &House) -> (String, String) {
    house.run(EMPTY_ROOMS).await;
    let slug: String = house
        .one(
            "select s.slug from spaces s join locations l on l.id = s.location_id
             where l.slug = 'umhlanga' and s.kind = 'meeting_room' and s.status = 'active' order by s.seats limit 1",
        )
        .await;
    let member = house.member("member").await;
    let reference = member.book(&slug, DAY, "10:00", "11:00").await;
    (slug, reference)
}

async fn time(house: &House, reference: &str) -> String {
    sqlx::query_scalar(
        "select to_char(lower(during) at time zone 'Africa/Johannesburg', 'HH24:MI-') || to_char(upper(during) at time zone 'Africa/Johannesburg', 'HH24:MI')
         from bookings where reference = $1",
    )
    .bind(reference)
    .fetch_one(&house.db)
    .await
    .unwrap()
}

async fn becomes(house: &House, reference: &str, wanted: &str) {
    let start = Instant::now();
    loop {
        let is = time(house, reference).await;
        if is == wanted {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(10),
            "{is} is not {wanted}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The middle of an element, or its right edge, on the screen.
const WHERE: &str = "
    const element = document.querySelector(arguments[0].css);
    element.scrollIntoView({ block: 'center', behavior: 'instant' });
    const box = element.getBoundingClientRect();
    return [arguments[0].edge ? box.right - 4 : box.x + box.width / 2, box.y + box.height / 2];";
const QUARTER: &str = "
    const track = document.querySelector('.track').getBoundingClientRect();
    return track.width / (document.querySelector('#day').dataset.hours * 4);";

async fn press(browser: &Browser, kind: &str, at: (f64, f64)) {
    let buttons = u8::from(kind != "mouseReleased");
    let mouse = json!({ "type": kind, "x": at.0, "y": at.1, "button": "left", "buttons": buttons, "clickCount": 1 });
    browser.tool("Input.dispatchMouseEvent", mouse).await;
}

async fn drag(browser: &Browser, css: &str, edge: bool, by: (f64, f64)) {
    let from: (f64, f64) = browser
        .ask(WHERE, json!({ "css": css, "edge": edge }))
        .await;
    press(browser, "mousePressed", from).await;
    for step in 1..=8 {
        let part = f64::from(step) / 8.0;
        press(
            browser,
            "mouseMoved",
            (from.0 + by.0 * part, from.1 + by.1 * part),
        )
        .await;
    }
    press(browser, "mouseReleased", (from.0 + by.0, from.1 + by.1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_mouse_a_booking_is_moved_lengthened_and_put_back() {
    let house = House::sample().await;
    let (_, reference) = booked(&house).await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    browser.goto(PATH).await;
    let css = format!("[data-ref='{reference}']");
    browser.find(&css).await;
    let quarter: f64 = browser.ask(QUARTER, json!(null)).await;
    drag(&browser, &css, false, (quarter * 4.0, 0.0)).await;
    becomes(&house, &reference, "11:00-12:00").await;
    browser.see("The mail leaves in two minutes.").await;
    assert!(
        browser.path().await.starts_with("/admin/day"),
        "the page stays"
    );
    browser.tap("Undo").await;
    becomes(&house, &reference, "10:00-11:00").await;
    browser.see("Taken back").await;
    // A longer one costs more, so it is refused here with the reason and the way on.
    drag(&browser, &css, true, (quarter * 4.0, 0.0)).await;
    browser
        .see("Choose whether the price stays or follows")
        .await;
    becomes(&house, &reference, "10:00-11:00").await;
    browser.tap("Do it on its page").await;
    browser.find("#change").await;
    assert_eq!(browser.value("until").await, "12:00");
    let said = browser.console().await;
    let trouble: Vec<_> = said
        .iter()
        .filter(|one| !one.message.contains("422"))
        .collect();
    assert!(trouble.is_empty(), "{trouble:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_wide_screen_a_booking_stands_beside_the_day() {
    let house = House::sample().await;
    let (_, reference) = booked(&house).await;
    let browser = Browser::open(&house).await;
    let screen = |width: u32| json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    browser
        .tool("Emulation.setDeviceMetricsOverride", screen(1440))
        .await;
    browser.sign_in("receptionist").await;
    browser.goto(PATH).await;
    let css = format!("[data-ref='{reference}']");
    let panel = "#inspector:not([hidden])";
    browser.find(&css).await;
    assert!(!browser.is_there(panel).await);
    // By mouse: it stays on the page, and its actions are there.
    let at: (f64, f64) = browser
        .ask(WHERE, json!({ "css": css, "edge": false }))
        .await;
    press(&browser, "mousePressed", at).await;
    press(&browser, "mouseReleased", at).await;
    browser.find(panel).await;
    let words = "return document.querySelector('#inspector').innerText";
    let shown: String = browser.ask(words, json!(null)).await;
    for part in [reference.as_str(), "Move or lengthen", "Cancel it", "10:00"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(browser.path().await.starts_with("/admin/day"));
    // By keys: Escape closes it and goes back, Space opens it, and it follows.
    browser.press(Key::Escape).await;
    assert!(!browser.is_there(panel).await);
    let on = "return document.activeElement.dataset.ref === arguments[0]";
    assert!(browser.ask::<bool>(on, json!(reference)).await);
    browser.press(' ').await;
    browser.find(panel).await;
    browser.press(Key::Down).await;
    browser
        .wait_for("the next one at hand", async || {
            let at = "return document.activeElement.dataset.ref || ''";
            let at: String = browser.ask(at, json!(null)).await;
            at.is_empty()
                || browser
                    .ask::<String>(words, json!(null))
                    .await
                    .contains(&at)
        })
        .await;
    // On a narrow screen it is the booking's page.
    browser
        .tool("Emulation.setDeviceMetricsOverride", screen(1000))
        .await;
    browser.goto(PATH).await;
    browser.tap_css(&css).await;
    browser
        .wait_for("its page", async || {
            browser.path().await.contains(&reference)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_keys_alone_a_booking_is_found_moved_and_ticked() {
    let house = House::sample().await;
    let (_, reference) = booked(&house).await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    browser.goto(PATH).await;
    browser.find(&format!("[data-ref='{reference}']")).await;
    // One stop for the whole timeline.
    let stops = "return [...document.querySelectorAll('#day a')].filter((one) => one.tabIndex === 0).length";
    assert_eq!(browser.ask::<usize>(stops, json!(null)).await, 1);
    let is_at_hand = "return document.activeElement.dataset.ref === arguments[0]";
    let reach = async || {
        browser.tab_to("#day .cell > a").await;
        for _ in 0..60 {
            if browser.ask::<bool>(is_at_hand, json!(reference)).await {
                return;
            }
            browser.press(Key::Down).await;
        }
        panic!("the arrows do not reach {reference}");
    };
    reach().await;
    assert_eq!(browser.ask::<usize>(stops, json!(null)).await, 1);
    browser.press('m').await;
    browser.hears("Moving").await;
    for _ in 0..2 {
        browser.press(Key::Right).await;
    }
    browser.hears("10:30 to 11:30").await;
    browser.press(Key::Escape).await;
    becomes(&house, &reference, "10:00-11:00").await;
    browser.press('m').await;
    for _ in 0..4 {
        browser.press(Key::Right).await;
    }
    browser.press(Key::Enter).await;
    becomes(&house, &reference, "11:00-12:00").await;
    browser.see("The mail leaves in two minutes.").await;
    browser
        .wait_for("focus stays on it", || {
            browser.ask::<bool>(is_at_hand, json!(reference))
        })
        .await;
    // Into the gap beside it, and a booking there.
    browser.press(Key::Left).await;
    browser.press('n').await;
    browser
        .wait_for("new booking", async || {
            browser.path().await.starts_with("/admin/bookings/new")
        })
        .await;
    // From nowhere, a booking of anything that day.
    browser.goto(PATH).await;
    browser.press('n').await;
    browser
        .wait_for("new booking of the day", async || {
            browser.path().await.contains("new?location=")
        })
        .await;
    browser.goto(PATH).await;
    browser.press(']').await;
    browser
        .wait_for("the next day", async || {
            browser.path().await.contains("2026-11-26")
        })
        .await;
    browser.press('[').await;
    browser
        .wait_for("the day before", async || {
            browser.path().await.contains("2026-11-25")
        })
        .await;
    browser.press('/').await;
    assert!(
        browser
            .ask::<bool>("return document.activeElement.id === 'find'", json!(null))
            .await
    );

    // Switched off, letters do nothing.
    browser.goto("/admin/keys").await;
    browser.tap("Switch letters off").await;
    browser.see("Letters do nothing now").await;
    browser.goto(PATH).await;
    reach().await;
    browser.press('x').await;
    browser.press(']').await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(browser.path().await.contains("2026-11-25"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_and_on_a_phone_it_is_links_and_forms() {
    let house = House::sample().await;
    let (slug, reference) = booked(&house).await;
    let browser = Browser::without_scripts(&house).await;
    browser.as_phone().await;
    browser.sign_in("receptionist").await;
    browser.goto(PATH).await;
    browser.tap_css(&format!("#lane-{slug} .open")).await;
    browser.see("10:00–11:00").await;
    browser
        .tap_css(&format!("a[href='/admin/bookings/{reference}']"))
        .await;
    browser.fill("from", "1200PM").await;
    browser.fill("until", "0100PM").await;
    browser.tap("Change it").await;
    becomes(&house, &reference, "12:00-13:00").await;
    browser.tap("Undo").await;
    becomes(&house, &reference, "10:00-11:00").await;
    browser.goto("/admin/arrivals").await;
    browser.fill("q", "tha").await;
    browser.tap_css(".find-visit .btn").await;
    browser
        .wait_for("found", async || browser.path().await.contains("q=tha"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_elsewhere_appears_and_what_is_moved_stays_under_the_hand() {
    let house = House::sample().await;
    let (slug, reference) = booked(&house).await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    browser.goto(PATH).await;
    browser.find(&format!("[data-ref='{reference}']")).await;
    browser
        .wait_for("the stream", async || house.app.live.streams() > 0)
        .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let colleague = house.member("colleague").await;
    let other = colleague.book(&slug, DAY, "12:00", "13:00").await;
    let start = Instant::now();
    browser
        .wait_for("it appears", async || {
            browser.is_there(&format!("[data-ref='{other}']")).await
        })
        .await;
    println!("it appeared {:?} after it was confirmed", start.elapsed());
    assert!(start.elapsed() < Duration::from_millis(1_500));

    // While one is being moved its row is not replaced; afterwards it is.
    let _: () = browser
        .ask(
            "document.querySelector(`[data-ref='${arguments[0]}']`).focus()",
            json!(reference),
        )
        .await;
    browser.press('m').await;
    browser.press(Key::Right).await;
    let third = colleague.book(&slug, DAY, "14:00", "15:00").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert!(browser.is_there(".moving").await);
    assert!(!browser.is_there(&format!("[data-ref='{third}']")).await);
    browser.press(Key::Escape).await;
    browser
        .wait_for("it catches up", async || {
            browser.is_there(&format!("[data-ref='{third}']")).await
        })
        .await;
}

/// The longest time from an input to the next picture, in ms, over a move by keys and one by mouse.
const WATCH: &str = "
    window.slowest = {};
    new PerformanceObserver((list) => {
        for (const { name, duration, interactionId } of list.getEntries()) if (interactionId) window.slowest[name] = Math.max(window.slowest[name] ?? 0, duration);
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
    window.frames = [];
    let last = performance.now();
    const frame = (now) => { window.frames.push(now - last); last = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);";

#[tokio::test(flavor = "multi_thread")]
async fn a_full_day_follows_the_hand_on_a_slow_machine() {
    let house = House::open().await;
    full_day::fill(&house).await;
    house.run("update staff set role = 'receptionist'").await;
    let browser = Browser::open(&house).await;
    browser.goto("/sign-in").await;
    browser.fill("email", "nomsa@example.com").await;
    browser.fill("password", crate::support::PASSWORD).await;
    browser.tap_css("form[action^='/sign-in'] .btn.go").await;
    browser
        .wait_for("Sign out", async || {
            browser.is_there("form[action='/sign-out']").await
        })
        .await;
    browser
        .goto("/admin/day?location=musgrave&date=2026-11-24")
        .await;
    browser.see("300 bookings").await;
    browser
        .tool("Emulation.setCPUThrottlingRate", json!({ "rate": 4 }))
        .await;
    let _: () = browser.ask(WATCH, json!(null)).await;
    let _: () = browser
        .ask(
            "document.querySelector('#lane-pier .bk').focus()",
            json!(null),
        )
        .await;
    browser.press('m').await;
    for n in 0..10 {
        browser
            .press(if n % 3 == 2 { Key::Down } else { Key::Right })
            .await;
    }
    browser.press(Key::Escape).await;
    drag(&browser, "#lane-lighthouse .bk", false, (160.0, 180.0)).await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let slowest: Value = browser.ask("return window.slowest", json!(null)).await;
    let mut frames: Vec<f64> = browser.ask("return window.frames", json!(null)).await;
    frames.sort_by(f64::total_cmp);
    println!(
        "longest from input to picture at a quarter of the speed: {slowest} ms; 95 of 100 frames within {:.0} ms",
        frames[frames.len() * 95 / 100]
    );
    assert!(slowest.as_object().is_some_and(|events| !events.is_empty()));
}
