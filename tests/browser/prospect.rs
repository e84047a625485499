//! From the first page to a requested viewing and an asked question; and the board by mouse and keys.

use chrono::TimeDelta;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::{Browser, ways};
use crate::support::House;

ways!(requests: by_mouse, by_keys, on_a_phone, on_a_phone_without_scripts);

/// A time on the front page, a name, a number, the button: two taps and two fields. By the keystroke
/// model (1.5 s a tap, 0.28 s a key, 1.35 s to think before each of the four, 1 s a page) that is under
/// 30 seconds.
async fn requests(house: &House, browser: &Browser) {
    browser.goto("/").await;
    browser.tap_css(".come-see .chips a").await;
    browser.see("Come and see us").await;
    assert!(
        browser.is_there("[name=wish]:checked").await,
        "the time is not chosen"
    );
    let asked = browser
        .driver
        .find_all(thirtyfour::By::Css("form[method=post] .in[required]"))
        .await
        .unwrap();
    assert_eq!(asked.len(), 2);
    house.app.clock.shift(TimeDelta::seconds(20));
    browser.fill("name", "Lindiwe Zulu").await;
    browser.fill("reach", "082 000 0009").await;
    browser.tap("Request the viewing").await;
    browser.see("We confirm a time by").await;
    let (taps, fields) = browser.effort();
    let keys = "Lindiwe Zulu".len() + "082 000 0009".len();
    let seconds = 1.5 * f64::from(taps + fields) + 0.28 * keys as f64 + 1.35 * 4.0 + 2.0;
    println!("{taps} taps, {fields} fields, {seconds:.0} s");
    assert!(
        (taps, fields) == (2, 2) && seconds <= 30.0,
        "{taps} taps, {fields} fields, {seconds} s"
    );
    let kept = "select status from viewings order by created_at desc, id desc limit 1";
    assert_eq!(house.one::<String>(kept).await, "new");
    let wished = "select cardinality(wished)::bigint from viewings order by created_at desc, id desc limit 1";
    assert_eq!(house.one::<i64>(wished).await, 1);
}

ways!(asks_a_question: by_mouse, by_keys, on_a_phone_without_scripts);

/// The form keeps what was typed when something is missing.
async fn asks_a_question(house: &House, browser: &Browser) {
    browser.goto("/contact").await;
    browser.tap("Ask a question").await;
    browser.see("Ask us something").await;
    house.app.clock.shift(TimeDelta::seconds(20));
    browser.tap("Mount Edgecombe").await;
    browser.fill("name", "Lindiwe Zulu").await;
    browser.fill("message", "Is there a shower?").await;
    browser.tap("Send the question").await;
    browser.see("Please check this").await;
    assert_eq!(browser.value("message").await, "Is there a shower?");
    browser.fill("reach", "lindiwe@example.com").await;
    browser.tap("Send the question").await;
    browser.see("Thank you for asking").await;
    let kept = "select l.slug || ': ' || q.body from questions q join locations l on l.id = q.location_id where q.email = 'lindiwe@example.com'";
    assert_eq!(
        house.one::<String>(kept).await,
        "mount-edgecombe: Is there a shower?"
    );
}

ways!(a_viewing_is_seen_through: by_mouse, by_keys, on_a_phone_without_scripts);

/// From a call to a member, on the board, on its page and by its form; and a question is answered.
async fn a_viewing_is_seen_through(house: &House, browser: &Browser) {
    let is = async |wanted: &str| {
        let status = "select status from viewings where name = 'Sipho Sample'";
        assert_eq!(house.one::<String>(status).await, wanted);
    };
    browser.sign_in("receptionist").await;
    browser.goto("/admin/viewings").await;
    browser.tap_css("a[href='/admin/viewings/new']").await;
    browser.choose("location", "Umhlanga").await;
    browser.fill("name", "Sipho Sample").await;
    browser.tap("Put it on the board").await;
    browser.see("Please check this").await;
    browser.fill("email", "sipho@sample.example").await;
    browser.tap("Put it on the board").await;
    browser.see("What was said and done").await;
    is("new").await;
    let viewing = browser.path().await;

    browser
        .fill_css("#log [name='body']", "Wants a window")
        .await;
    browser.tap("Note it").await;
    browser.see("Wants a window").await;
    browser.fill("date", "2026-11-26").await;
    browser.fill("from", "10:00").await;
    browser.tap("Agree on this visit").await;
    browser.see("Sipho Sample comes Thu 26 November").await;
    is("scheduled").await;
    browser.fill("action", "Send the price list").await;
    browser.fill("on", "2026-11-27").await;
    browser.tap("Keep it").await;
    browser
        .wait_for("the plan", async || {
            let plan = "select count(*) from viewings where next_action = 'Send the price list' and next_on = '2026-11-27'";
            house.one::<i64>(plan).await == 1
        })
        .await;

    browser.goto("/admin/viewings?stage=scheduled").await;
    browser.see("Send the price list").await;
    let reference = viewing.rsplit('/').next().unwrap();
    browser
        .choose_css(&format!("#to-{reference}"), "Toured")
        .await;
    browser
        .tap_css(&format!("form:has(#to-{reference}) .btn"))
        .await;
    browser.see("Sipho Sample: Toured.").await;
    is("toured").await;
    browser.goto(&viewing).await;
    browser.fill("company", "Sample Builders").await;
    browser.tap_css("#win .btn").await;
    browser.see("is a member now").await;
    is("won").await;

    let asked = "select '/admin/questions/' || reference from questions where status = 'open' and email is not null order by answer_by limit 1";
    let asked: String = house.one(asked).await;
    browser.goto("/admin/questions").await;
    browser.tap_css(&format!("a[href='{asked}']")).await;
    browser.tap("Mail the answer").await;
    browser.see("Please check this").await;
    browser.fill("body", "Yes, there is a shower.").await;
    browser.tap("Mail the answer").await;
    browser.see("The answer is on its way.").await;
    let answered = "select count(*) from question_answers where body = 'Yes, there is a shower.'";
    assert_eq!(house.one::<i64>(answered).await, 1);
}

const STATUS: &str = "select status from viewings where name = 'Kamini Perumal'";

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_moved_by_mouse_by_keys_and_by_its_form() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    browser.sign_in("receptionist").await;
    let is = async |status: &str| house.one::<String>(STATUS).await == status;
    browser.goto("/admin/viewings").await;
    let script = "
        const card = [...document.querySelectorAll('.vcard')].find((card) => card.textContent.includes('Kamini Perumal'));
        const column = document.querySelector('[data-stage=contacted]');
        const data = new DataTransfer();
        const fire = (on, kind) => on.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
        fire(card, 'dragstart'); fire(column, 'dragover'); fire(column, 'drop');";
    let _: () = browser.ask(script, json!(null)).await;
    browser.wait_for("dragged", || is("contacted")).await;
    browser.see("Kamini Perumal: Contacted.").await;

    // M, two to the right over Scheduled, Enter.
    let reference: String = house
        .one("select reference from viewings where name = 'Kamini Perumal'")
        .await;
    let name = format!(".vcard .name[href='/admin/viewings/{reference}']");
    browser.tab_to(&name).await;
    browser.press('m').await;
    browser.hears("Kamini Perumal, in Contacted").await;
    browser.press(Key::Right).await;
    browser.press(Key::Right).await;
    browser.press(Key::Enter).await;
    browser.wait_for("moved by keys", || is("toured")).await;

    // It keeps the focus. Escape leaves it, and what needs more than a stage asks for it.
    browser.see("Kamini Perumal: Toured.").await;
    let is_at_hand = "return document.activeElement.matches(arguments[0])";
    browser
        .wait_for("focus stays on it", || {
            browser.ask::<bool>(is_at_hand, json!(name))
        })
        .await;
    browser.press('m').await;
    browser.press(Key::Right).await;
    browser.press(Key::Escape).await;
    assert!(is("toured").await);
    browser.tab_to(&name).await;
    browser.press('m').await;
    browser.press(Key::Left).await;
    browser.press(Key::Enter).await;
    browser.see("Choose who shows the place, and when.").await;
    assert!(is("toured").await);
}
