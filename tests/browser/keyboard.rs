//! Signing in, booking and cancelling with the keys alone.

use serde::Deserialize;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::support::{House, PASSWORD};

/// More than any page has to tab through.
const MANY: usize = 300;

/// What the focus is on, unless it has left the page.
#[derive(Debug, Deserialize)]
struct Focused {
    name: String,
    is_wanted: bool,
    is_outlined: bool,
    /// In view, and with nothing in front of it.
    is_seen: bool,
}

const FOCUSED: &str = "
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const shown = [element, element.closest('label')].filter((one) => one);
    const isOutlined = shown.some((one) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
    });
    const box = shown.at(-1).getClientRects()[0];
    const hit = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
        name: element.outerHTML.slice(0, 160),
        is_wanted: element.matches(arguments[0]),
        is_outlined: isOutlined,
        is_seen: shown.some((one) => one.contains(hit)),
    };";

/// Presses Tab until the focus is on what is wanted. Each stop on the way must be visible.
pub async fn tab_to(browser: &Browser, wanted: &str) {
    for _ in 0..MANY {
        if tab(browser, wanted)
            .await
            .is_some_and(|focused| focused.is_wanted)
        {
            return;
        }
    }
    panic!("Tab does not reach {wanted} on {}", browser.path().await);
}

async fn tab(browser: &Browser, wanted: &str) -> Option<Focused> {
    browser.press(Key::Tab).await;
    let focused: Option<Focused> = browser.ask(FOCUSED, json!(wanted)).await;
    if let Some(focused) = &focused {
        assert!(
            focused.is_outlined,
            "the focus does not show on {}",
            focused.name
        );
        assert!(
            focused.is_seen,
            "the focus is out of view on {}",
            focused.name
        );
    }
    focused
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_books_and_cancels_with_the_keys_alone() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.goto("/sign-in").await;
    tab_to(&browser, "[name=email]").await;
    browser.type_in("member@connect.example").await;
    tab_to(&browser, "[name=password]").await;
    browser.type_in(PASSWORD).await;
    browser.press(Key::Enter).await;
    browser
        .wait_for("signed in", || browser.is_there("form[action='/sign-out']"))
        .await;

    browser.goto("/").await;
    tab_to(&browser, "[name=kind]").await;
    browser.press(Key::Right).await;
    tab_to(&browser, "[name=date]").await;
    tab_to(&browser, "[name=people]").await;
    browser.press(Key::Right).await;
    tab_to(&browser, ".finder .btn.go").await;
    browser.press(Key::Space).await;
    browser.see("2 people, any location").await;
    assert!(browser.path().await.contains("kind=meeting_room"));
    tab_to(&browser, ".result .btn[href*='umhlanga-lighthouse']").await;
    browser.press(Key::Enter).await;

    browser.see("Tap a start, then an end").await;
    tab_to(&browser, ".days a[href*='2026-11-26']").await;
    browser.press(Key::Enter).await;
    browser.see("Thu 26 November").await;
    tab_to(&browser, ".slots a[href*='from=10']").await;
    browser.press(Key::Enter).await;
    browser.see("now tap its end").await;
    tab_to(&browser, ".slots a[href*='until=11']").await;
    browser.press(Key::Enter).await;
    browser.see("Tap a start, then an end").await;
    tab_to(&browser, "form[method=post] .btn.go").await;
    browser.press(Key::Enter).await;
    browser.see("Held for you until").await;
    tab_to(&browser, "form[action$='/confirmation'] .btn.go").await;
    browser.press(Key::Space).await;
    browser.see("You are booked").await;
    let reference = browser.find(".ref").await.text().await.unwrap();
    tab_to(&browser, "a[href$='/cancellation']").await;
    browser.press(Key::Enter).await;
    browser.see("It costs you nothing").await;
    tab_to(&browser, "[name=note]").await;
    browser.type_in("Load-shedding").await;
    tab_to(&browser, ".btn.danger").await;
    browser.press(Key::Enter).await;
    browser.see(&format!("{reference} is cancelled")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_focus_is_never_lost_or_trapped() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    let room = "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30";
    for (path, least) in [
        ("/", 12),
        (room, 30),
        ("/sign-in", 8),
        ("/locations/umhlanga", 30),
    ] {
        browser.goto(path).await;
        let mut stops = 0;
        while tab(&browser, "*").await.is_some() {
            stops += 1;
            assert!(stops < MANY, "the focus does not leave {path}");
        }
        assert!(stops >= least, "{path} has {stops} stops only");
    }

    browser.goto("/spaces").await;
    tab_to(&browser, ".skip").await;
    browser.press(Key::Enter).await;
    let first = tab(&browser, "#main *")
        .await
        .expect("the focus is on the page");
    assert!(first.is_wanted, "past the header comes {first:?}");

    let phone = json!({ "width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": false });
    browser
        .tool("Emulation.setDeviceMetricsOverride", phone)
        .await;
    browser.goto("/spaces").await;
    tab_to(&browser, ".phone-only > summary").await;
    browser.press(Key::Enter).await;
    tab_to(&browser, ".sheet a[href='/sign-in']").await;
    browser.press(Key::Escape).await;
    let closed = json!(".phone-only:not([open]) > summary");
    let after: Option<Focused> = browser.ask(FOCUSED, closed).await;
    assert!(
        after.is_some_and(|focused| focused.is_wanted),
        "Escape does not lead back to the button"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_signed_out_with_the_keys_alone() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("member").await;
    browser.goto("/account").await;
    tab_to(&browser, ".tabs a[href='/account/security']").await;
    browser.press(Key::Enter).await;
    browser.see("Where you are signed in").await;
    tab_to(&browser, "form[action^='/account/sessions/'] .btn").await;
    browser.press(Key::Enter).await;
    browser.see("That device is signed out.").await;
    browser.goto("/team").await;
    tab_to(&browser, "[name=payer]").await;
    browser.press(Key::Down).await;
    tab_to(&browser, "form[action='/team/payer'] .btn").await;
    browser.press(Key::Space).await;
    browser
        .see("From your next booking, Half-Disc Studio pays.")
        .await;
}
