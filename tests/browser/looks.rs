//! Nothing is wrong with any page or state of one: axe finds nothing, nothing is wider than the screen,
//! everything can be hit with a finger, and the console is silent.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::support::{House, PASSWORD};

const AXE: &str = include_str!("../vendor/axe.min.js");
const LOOKS: &str = include_str!("looks.js");
const WIDTHS: [u32; 3] = [1360, 390, 320];
/// Between a phone and a wide screen, where only the width is looked at.
const BETWEEN: [u32; 2] = [768, 1024];
const SCHEMES: [&str; 2] = ["light", "dark"];

const TAGS: [&str; 6] = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
];
/// The rules that ask how a page is painted.
const PAINTED: [&str; 3] = [
    "color-contrast",
    "link-in-text-block",
    "scrollable-region-focusable",
];

/// The other rules ask about elements alone, and those change once: between a wide screen and a phone.
fn rules(scheme: &str, width: u32) -> Value {
    if scheme == SCHEMES[0] && width != WIDTHS[1] {
        json!({ "type": "tag", "values": TAGS })
    } else {
        json!({ "type": "rule", "values": PAINTED })
    }
}

/// Looks at pages in all ways and writes down what is wrong.
struct Inspector {
    browser: Browser,
    faults: RefCell<Vec<String>>,
    pages: Cell<u32>,
}

impl Inspector {
    async fn new(house: &House) -> Inspector {
        let browser = Browser::open(house).await;
        browser
            .driver
            .set_script_timeout(Duration::from_secs(30))
            .await
            .unwrap();
        // So that it need not be sent anew for each page.
        let on_every_page = json!({ "source": AXE });
        browser
            .tool("Page.addScriptToEvaluateOnNewDocument", on_every_page)
            .await;
        Inspector {
            browser,
            faults: RefCell::default(),
            pages: Cell::new(0),
        }
    }

    async fn visit(&self, path: &str) {
        self.browser.goto(path).await;
        self.look(path).await;
    }

    /// Looks at the page that is open. `state` says how one came there.
    async fn look(&self, state: &str) {
        let said = self.browser.console().await;
        let path = self.browser.path().await;
        // That the page itself came with a status such as 422 is no fault of it.
        let is_own = |message: &str| {
            let address = message.split_once(" - Failed to load resource");
            let address = address.and_then(|(address, _)| address.split('#').next());
            address.is_some_and(|address| address.ends_with(path.as_str()))
        };
        let complaints = said.iter().filter(|entry| !is_own(&entry.message));
        self.faults
            .borrow_mut()
            .extend(complaints.map(|entry| format!("{state}: console: {}", entry.message)));
        for scheme in SCHEMES {
            let colours = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
            let media = json!({ "features": colours });
            self.browser.tool("Emulation.setEmulatedMedia", media).await;
            for width in WIDTHS {
                let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
                self.browser
                    .tool("Emulation.setDeviceMetricsOverride", screen)
                    .await;
                // The one page with a style of its own is a mail, and its policy names that style.
                let markup = scheme == SCHEMES[0] && width == WIDTHS[0] && !path.ends_with("/html");
                let wanted = json!({ "markup": markup, "axe": rules(scheme, width) });
                let found: Vec<String> = self.browser.ask_later(LOOKS, wanted).await;
                let place = format!("{state} in {scheme} at {width} px");
                self.faults
                    .borrow_mut()
                    .extend(found.iter().map(|fault| format!("{place}: {fault}")));
            }
        }
        for width in BETWEEN {
            let screen =
                json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
            self.browser
                .tool("Emulation.setDeviceMetricsOverride", screen)
                .await;
            let root =
                "const root = document.documentElement; return root.scrollWidth - root.clientWidth";
            let beyond: i64 = self.browser.ask(root, json!(null)).await;
            if beyond > 0 {
                let fault = format!("{state} at {width} px is {beyond} px too wide");
                self.faults.borrow_mut().push(fault);
            }
        }
        self.browser
            .tool("Emulation.clearDeviceMetricsOverride", json!({}))
            .await;
        self.pages.set(self.pages.get() + 1);
    }

    fn finish(self, at_least: u32) {
        let faults = self.faults.take();
        assert!(
            faults.is_empty(),
            "{} faults:\n{}",
            faults.len(),
            faults.join("\n")
        );
        assert!(
            self.pages.get() >= at_least,
            "only {} pages were looked at",
            self.pages.get()
        );
    }
}

/// Puts one fault of each kind into a page.
const SPOIL: &str = "
    const add = (html) => {
        document.querySelector('main').insertAdjacentHTML('beforeend', html);
        return document.querySelector('main').lastElementChild;
    };
    add('<p>Pale words</p>').style.color = '#ccc';
    add('<button type=button>x</button>').style.cssText = 'width: 20px; height: 20px; padding: 0';
    add('<div>Wide</div>').style.width = '2000px';
    add('<input>');
    add('<p onclick=\"go()\">Press</p>');
    console.error('Oh no');";

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_seen() {
    let house = House::open().await;
    let look = Inspector::new(&house).await;
    look.browser.goto("/sign-up").await;
    let _: () = look.browser.ask(SPOIL, json!(null)).await;
    look.look("spoilt").await;
    let faults = look.faults.take();
    for fault in [
        "console: ",
        "in light at 1360 px: handler: ",
        "in light at 1360 px: axe label: ",
        "in light at 320 px: axe label: ",
        "in light at 390 px: axe color-contrast: ",
        "in dark at 1360 px: sideways: ",
        "in dark at 320 px: small: ",
    ] {
        let expected = format!("spoilt: {fault}").replace("spoilt: in", "spoilt in");
        assert!(
            faults.iter().any(|one| one.starts_with(&expected)),
            "no {expected:?}: {faults:#?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_pages() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    for path in [
        "/",
        "/locations/musgrave",
        "/locations/umhlanga",
        "/locations/mount-edgecombe",
        "/offices",
        "/journal",
        "/journal?q=invoice",
        "/journal?q=zebra",
        "/journal/what-your-invoice-must-say",
        "/terms",
        "/privacy",
        "/paia",
        "/house-rules",
        "/accessibility",
        "/no-such-page",
    ] {
        look.visit(path).await;
    }
    look.visit("/locations/hillcrest").await;
    look.browser.tap("Put me on the list").await;
    look.browser.see("Please check this").await;
    look.look("a refused wish to be told").await;
    look.browser.fill("email", "lindiwe@example.com").await;
    look.browser.tap_css("label.tick").await;
    look.browser.tap("Put me on the list").await;
    look.browser.see("Look into the mailbox").await;
    let link = house
        .path_mailed_to("lindiwe@example.com", "/interest/")
        .await;
    look.visit(&link).await;
    house.app.db.close().await;
    look.visit("/spaces?location=umhlanga").await;
    assert!(look.browser.says("Nothing was changed").await);
    look.finish(19);
}

#[tokio::test(flavor = "multi_thread")]
async fn prices() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    for path in [
        "/pricing",
        "/pricing?week=1&kind=meeting_room&place=umhlanga&day=1&day=3&hours=3&people=6",
        "/pricing?week=1&kind=office&place=umhlanga&hours=0&people=400&first=2020-01-01",
    ] {
        look.visit(path).await;
    }
    look.finish(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_of_spaces() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    for path in [
        "/spaces",
        "/spaces?kind=hot_desk&location=umhlanga&date=2026-11-25&from=09:00&until=12:00",
        "/spaces?kind=meeting_room&people=8&date=2026-11-25&from=09:00&until=11:00",
        "/spaces?kind=office&by=day&date=2026-11-25&last=2026-11-27",
        "/spaces?kind=meeting_room&people=400&date=2026-11-25&from=09:00&until=11:00",
        "/spaces?kind=meeting_room&people=0&date=2026-11-25&from=11:00&until=09:00",
        "/spaces?location=musgrave&kind=meeting_room&with=generator&with=video",
        "/spaces?view=day&location=umhlanga&date=2026-11-25",
        "/spaces?view=day&location=umhlanga&date=2026-11-29",
        "/spaces?view=plan&location=mount-edgecombe&date=2026-11-25&from=09:00&until=10:00",
        "/spaces?view=plan&location=umhlanga&floor=2&date=2026-11-25&from=09:00&until=10:00",
    ] {
        look.visit(path).await;
    }
    look.finish(11);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_spaces() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    for path in [
        "/spaces/umhlanga-lighthouse",
        "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=8",
        "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00",
        "/spaces/umhlanga-lighthouse?date=2026-11-26&from=03:00&until=04:00",
        "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=800",
        "/spaces/umhlanga-lighthouse?date=2026-11-29",
        "/spaces/musgrave-desk-1?by=day&date=2026-11-26",
        "/spaces/musgrave-office-1a?by=month&date=2026-12-01",
        "/spaces/mount-edgecombe-mill?date=2026-11-26&from=09:00&until=12:00&people=18",
        "/spaces/mount-edgecombe-mill?date=2026-11-26&from=09:00&until=12:00&people=18&layout=boardroom",
        "/locations/musgrave/any-desk",
        "/locations/musgrave/any-desk?by=day&date=2026-11-26&last=2026-11-27",
        "/locations/musgrave/any-desk?by=time&date=2026-11-26&from=09:00&until=13:00",
    ] {
        look.visit(path).await;
    }
    look.browser
        .goto("/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=8")
        .await;
    look.browser.fill("email", "nobody").await;
    look.browser.tap_css("form[method='post'] .btn.go").await;
    look.browser.see("Please check this").await;
    look.look("a refused booking").await;
    look.browser.fill("name", "Lindiwe Zulu").await;
    look.browser.fill("email", "lindiwe@example.com").await;
    look.browser.fill("mobile", "082 000 0009").await;
    look.browser.tap_css("form[method='post'] .btn.go").await;
    look.browser.see("Look into your mail").await;
    look.look("a newcomer's hold").await;
    let link = house.link_mailed_to("lindiwe@example.com").await;
    look.visit(&link).await;
    look.browser.tap_css("main .btn.go").await;
    look.browser.see("CS-").await;
    look.look("a newcomer's booking").await;
    look.visit(&link).await;
    look.finish(18);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_mails() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.visit("/mail?to=nobody@example.com").await;
    look.visit("/sign-in").await;
    look.browser.fill("email", "member@connect.example").await;
    look.browser.fill("password", "wrong").await;
    look.browser.tap_css("main .btn.go").await;
    look.browser.see("Please check this").await;
    look.look("a refused sign-in").await;

    look.visit("/sign-up").await;
    look.browser.tap("Mail me the link").await;
    look.browser.see("Please check this").await;
    look.look("a refused sign-up").await;
    look.browser.fill("name", "Lindiwe Zulu").await;
    look.browser.fill("email", "lindiwe@example.com").await;
    look.browser.tap("Mail me the link").await;
    look.browser.see("Check your mail").await;
    look.look("after signing up").await;
    let link = house.link_mailed_to("lindiwe@example.com").await;
    look.visit("/mail").await;
    look.browser.tap_css("main .item").await;
    look.look("a mail").await;
    look.browser.tap("As mail programs show it").await;
    look.look("a mail as designed").await;
    look.visit(&link).await;
    look.browser.fill("password", "short").await;
    look.browser.tap_css("main .btn.go").await;
    look.browser.see("Please check this").await;
    look.look("a refused password").await;
    look.browser.fill("password", "long enough for all").await;
    look.browser.tap_css("main .btn.go").await;
    look.browser
        .wait_for("signed in", || {
            look.browser.is_there("form[action='/sign-out']")
        })
        .await;
    look.visit("/today").await;
    look.visit("/bookings").await;
    look.visit("/bookings?past=1").await;
    look.visit("/waitlist/new?space=umhlanga-lighthouse").await;
    look.visit("/waitlist/new?location=umhlanga&kind=office")
        .await;
    look.visit(&link).await;

    look.browser.driver.delete_all_cookies().await.unwrap();
    look.visit("/reset-password").await;
    look.browser.tap("Mail me the link").await;
    look.browser.see("Please check this").await;
    look.look("a refused reset").await;
    look.browser.fill("email", "member@connect.example").await;
    look.browser.tap("Mail me the link").await;
    look.browser.see("Check your mail").await;
    look.look("after asking for a reset").await;
    look.visit(&house.link_mailed_to("member@connect.example").await)
        .await;
    look.visit("/links/nothing").await;
    look.finish(20);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_bookings_at_the_front_desk() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("manager").await;
    for path in [
        "/admin/bookings/new",
        "/admin/bookings/new?what=room&when=wed+9-11&who=mkhize&people=4&key=12345678",
        "/admin/bookings/new?when=wed+9&who=zzz&key=12345678",
        "/admin/bookings",
        "/admin/bookings?sort=latest&location=umhlanga",
        "/admin/bookings?q=zzz",
        "/admin/bookings/sheet?location=umhlanga&date=2026-11-24",
        "/admin/bookings/sheet?location=umhlanga&date=2026-11-22",
        "/admin/week",
        "/admin/week?by=kind&location=umhlanga&part=2",
    ] {
        look.visit(path).await;
    }
    look.browser.goto("/admin/bookings/new").await;
    look.browser.tap_css("#book").await;
    look.browser.see("Please check this").await;
    look.look("a refused booking at the front desk").await;
    look.finish(11);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_front_desk() {
    let house = House::sample().await;
    house.run("update jobs set failed_at = now(), last_error = 'The mail server said no.' where status = 'waiting'").await;
    house.run("insert into jobs (id, payload, failed_at, last_error) values (gen_random_uuid(), '{\"kind\": \"link\"}', now(), 'The mail server said no.')").await;
    house
        .run(
            "update members set erasure_asked_at = now() where email = 'colleague@connect.example'",
        )
        .await;
    house.app.clock.shift(chrono::TimeDelta::hours(4));
    let colleague = house.member("colleague").await;
    colleague
        .hold("umhlanga-lighthouse", "2026-11-26", "09:00", "11:30")
        .await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("owner").await;
    let booked: String = house
        .one("select reference from bookings where status = 'confirmed' and term = 'time' and total_cents > 0 and lower(during) > '2026-11-25' order by lower(during), id limit 1")
        .await;
    look.visit(&format!("/admin/bookings/{booked}")).await;
    look.browser.find("#change .btn.go").await;
    look.browser.fill("until", "0500PM").await;
    look.browser.tap("Change it").await;
    look.browser.find(".errors").await;
    look.look("a change that waits for a decision, or is refused")
        .await;
    for path in [
        "/admin",
        "/admin?location=umhlanga",
        "/admin/arrivals",
        "/admin/keys",
        "/admin/day?location=umhlanga&date=2026-11-24",
        "/admin/day?location=umhlanga&date=2026-11-29",
        "/admin/day?location=umhlanga&date=2026-11-24&space=umhlanga-lighthouse",
        "/admin/arrivals?q=zzz",
        "/admin/spaces",
        "/admin/spaces/umhlanga-lighthouse/photos",
        "/admin/closures",
        "/admin/waitlist",
        "/admin/closures?close=space:umhlanga-lighthouse",
        "/admin/reports",
        "/admin/reports?location=musgrave&first=2001-01-01&last=2001-01-31",
        "/admin/locations",
        "/admin/locations/new",
        "/admin/locations/musgrave",
        "/admin/locations/musgrave/hours",
        "/admin/locations/musgrave/floors",
        "/admin/locations/musgrave/floors/0/plan",
        "/admin/locations/musgrave/policies",
        "/admin/locations/musgrave/policies/meeting-rooms",
        "/admin/locations/musgrave/spaces/new",
        "/admin/spaces/umhlanga-lighthouse",
        "/admin/rates",
        "/admin/pass-products",
        "/admin/pass-products/musgrave-week",
        "/admin/articles",
        "/admin/articles/new",
        "/admin/articles/working-asynchronously",
        "/admin/articles/working-asynchronously/cover",
        "/admin/settings",
        "/admin/settings/sign-in",
        "/admin/settings/operator",
    ] {
        look.visit(path).await;
    }
    look.browser.fill("name", " ").await;
    look.browser.tap("Save").await;
    look.browser.see("Please check this").await;
    look.look("refused settings").await;
    look.browser
        .goto("/admin/spaces/umhlanga-lighthouse/photos")
        .await;
    look.browser.tap("Add the photo").await;
    look.browser.see("Please check this").await;
    look.look("a refused photo").await;
    look.finish(13);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_people_and_money_at_the_front_desk() {
    let house = House::sample().await;
    let reference: String = house
        .one("select reference from members where email = 'member@connect.example'")
        .await;
    let company: String = house
        .one("select slug from companies order by name limit 1")
        .await;
    let booking: String = house.one("select reference from bookings where status = 'confirmed' and total_cents > 0 order by id limit 1").await;
    house.run("insert into member_notes (id, member_id, author_id, body) select gen_random_uuid(), m.id, s.member_id, 'Likes the window.'
               from members m, staff s where m.email = 'member@connect.example' and s.role = 'owner'").await;
    house.run("update members set standing = 'pay_first', standing_reason = 'Sample reason' where email = 'member@connect.example'").await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("owner").await;
    let person = format!("/admin/members/{reference}");
    for path in [
        "/admin/members",
        "/admin/members?words=zzz",
        "/admin/members/new",
        person.as_str(),
        &format!("{person}?tab=bookings"),
        &format!("{person}?tab=money"),
        &format!("{person}?tab=audit"),
        &format!("{person}/details"),
        &format!("{person}/passes/new"),
        &format!("{person}/merge?words=a"),
        &format!("{person}/erasure"),
        &format!("{person}/statement"),
        "/admin/companies",
        "/admin/companies/new",
        &format!("/admin/companies/{company}?words=a"),
        &format!("/admin/payments/new?booking={booking}"),
        "/admin/audit",
        "/admin/audit?words=zzz",
        "/admin/locations/musgrave/cash-up",
        "/admin/staff",
        "/admin/computer",
        "/admin/proof",
        "/account/security",
    ] {
        look.visit(path).await;
    }
    look.browser
        .goto(&format!("/admin/payments/new?booking={booking}"))
        .await;
    look.browser.fill("amount", "0").await;
    look.browser.tap("Write the receipt").await;
    look.browser.see("Please check this").await;
    look.look("a refused payment").await;
    look.browser.fill("amount", "50").await;
    look.browser.tap("Card machine").await;
    look.browser.tap("Write the receipt").await;
    look.browser.see("RC-2026-").await;
    look.look("a receipt").await;
    let counter: String = house.one("select l.slug from ledger_entries e join locations l on l.id = e.location_id where e.receipt is not null order by e.receipt desc limit 1").await;
    look.visit(&format!("/admin/locations/{counter}/cash-up"))
        .await;
    for name in ["cash", "card", "eft"] {
        look.browser.fill(name, "10").await;
    }
    look.browser.fill("note", "Sample").await;
    look.browser.tap("Close the till").await;
    look.browser.see("is closed").await;
    look.visit(&format!("/admin/locations/{counter}/cash-ups"))
        .await;
    look.browser.goto("/admin/computer").await;
    look.browser.fill("name", "Sample desk").await;
    look.browser.tap("Share it").await;
    look.browser.see("is shared now").await;
    look.visit("/admin/computer").await;
    house
        .run("update staff set pin_hash = 'x', pin_set_at = now()")
        .await;
    look.visit("/admin/switch").await;
    look.finish(25);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_member() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("member").await;
    look.visit("/").await;
    look.visit("/bookings").await;
    look.visit("/bookings?past=1").await;
    look.visit("/bookings?past=company").await;
    look.visit("/spaces?kind=office").await;

    look.visit("/account").await;
    look.browser.fill("name", " ").await;
    look.browser.tap("Save").await;
    look.browser.see("Please check this").await;
    look.look("a refused profile").await;
    look.visit("/account/privacy").await;
    for path in ["/account/security", "/account/email", "/team", "/statement"] {
        look.visit(path).await;
    }
    look.browser.tap_css(".chips a[href*='company=']").await;
    look.look("a company's statement").await;
    look.browser.goto("/team").await;
    look.browser.tap("People and details").await;
    look.look("a company").await;
    look.browser.fill("email", "nobody").await;
    look.browser.tap("Send the invitation").await;
    look.browser.see("Please check this").await;
    look.look("a refused invitation").await;
    look.browser.goto("/account/security").await;
    look.browser.fill("token_name", "Room display").await;
    look.browser.tap("Make a token").await;
    look.browser.see("It is shown only this once.").await;
    look.look("a new token").await;
    look.visit("/account/security/second-step").await;
    look.browser.tap_css("#begin").await;
    look.browser.see("Type what it shows").await;
    look.look("a code to scan").await;
    let key = look.browser.find(".key").await.text().await.unwrap();
    let secret = totp_rs::Secret::try_from_base32(key.replace(' ', "")).unwrap();
    let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let code = |seconds: i64| app.generate(u64::try_from(seconds).unwrap()).to_string();
    let now = house.app.clock.now().timestamp();
    look.browser.fill("code", &code(now)).await;
    look.browser.tap("Turn it on").await;
    look.browser.see("They are shown only this once.").await;
    look.look("recovery codes").await;
    look.visit("/account/security/second-step").await;
    look.browser.goto("/sign-in").await;
    look.browser.fill("email", "member@connect.example").await;
    look.browser.fill("password", PASSWORD).await;
    look.browser.tap_css(".auth form .btn.go").await;
    look.browser.see("Your code, please").await;
    look.look("the second step").await;
    look.browser.fill("code", "000000").await;
    look.browser.tap_css(".auth .btn.go").await;
    look.browser.see("Please check this").await;
    look.look("a refused code").await;
    look.browser.fill("code", &code(now + 30)).await;
    look.browser.tap_css(".auth .btn.go").await;
    look.browser
        .wait_for("being signed in", || {
            look.browser.is_there("form[action='/sign-out']")
        })
        .await;

    // The day after tomorrow costs nothing to cancel, today costs half.
    look.visit("/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=8")
        .await;
    look.browser.tap("Book 09:00").await;
    look.browser.see("Look it over and confirm").await;
    look.look("a hold").await;
    house.run("update bookings set hold_expires_at = now() - interval '1 minute' where status = 'held'").await;
    look.browser.driver.refresh().await.unwrap();
    look.look("an ended hold").await;
    let colleague = house.member("colleague").await;
    colleague
        .book("umhlanga-lighthouse", "2026-11-26", "09:00", "11:30")
        .await;
    look.browser.tap("at reception").await;
    look.browser.see("This cannot be confirmed").await;
    look.look("a lost hold").await;

    for (date, cost) in [
        ("2026-11-27", "It costs you nothing"),
        ("2026-11-24", "is kept"),
    ] {
        look.browser
            .goto(&format!("/spaces/umhlanga-lighthouse?date={date}"))
            .await;
        look.browser.tap_css("form[method='post'] .btn.go").await;
        look.browser.see("Look it over and confirm").await;
        look.browser.tap("at reception").await;
        look.browser.see("You are booked").await;
        if date == "2026-11-27" {
            look.look("a booking").await;
            look.visit("/").await;
            look.browser.driver.back().await.unwrap();
        }
        look.browser.tap("Cancel this booking").await;
        look.browser.see(cost).await;
        look.look(&format!("a cancellation: {cost}")).await;
        look.browser.tap("Cancel it").await;
        look.browser.see("is cancelled").await;
        look.look(&format!("after a cancellation: {cost}")).await;
    }
    let cancelled: String = house
        .one("select reference from bookings order by cancelled_at desc nulls last limit 1")
        .await;
    look.visit(&format!("/bookings/{cancelled}")).await;
    look.browser
        .goto("/spaces/umhlanga-lighthouse?date=2026-11-27")
        .await;
    house.run("delete from sessions").await;
    look.browser.tap_css("form[method='post'] .btn.go").await;
    look.browser.see("You were signed out").await;
    look.look("signed out in mid-form").await;
    look.finish(28);
}

#[tokio::test(flavor = "multi_thread")]
async fn passes() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("colleague").await;
    look.visit("/passes").await;
    look.visit("/passes/new?product=everywhere-month&first=2026-12-01")
        .await;
    look.browser.fill("first", "01012020").await;
    look.browser.tap("Buy it").await;
    look.browser.see("Please check this").await;
    look.look("a refused pass").await;
    look.visit("/passes/new?product=musgrave-week").await;
    look.browser.tap("Buy it").await;
    look.browser.see("5 of 5 days left").await;
    look.look("a pass").await;
    look.browser.tap("Give it back").await;
    look.browser.see("It costs you nothing").await;
    look.look("a pass to give back").await;
    look.browser.driver.delete_all_cookies().await.unwrap();
    look.browser.sign_in("member").await;
    look.visit("/passes").await;
    look.browser.tap("See the pass").await;
    look.look("a running pass").await;
    look.finish(7);
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_to_see_the_place() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.visit("/contact?location=umhlanga").await;
    look.browser.tap("Tell us more").await;
    look.look("more to tell").await;
    look.browser.tap("Request the viewing").await;
    look.browser.see("Please check this").await;
    look.look("a refused request").await;
    look.visit("/contact?about=question").await;
    look.visit("/contact/thanks?location=musgrave").await;
    look.visit("/unsubscribe/nothing").await;
    look.visit("/viewings/nothing").await;
    look.browser.goto("/contact?location=umhlanga").await;
    house.app.clock.shift(chrono::TimeDelta::seconds(20));
    look.browser.fill("name", "Lindiwe Zulu").await;
    look.browser.fill("reach", "lindiwe@example.com").await;
    look.browser.tap("Request the viewing").await;
    look.browser.see("We confirm a time by").await;
    house.deliver_mail().await;
    let mail = house.mails("lindiwe@example.com").await.remove(0);
    let at = mail.text.find("/viewings/").unwrap();
    let link = mail.text[at..]
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    look.visit(&link).await;
    look.browser.tap("Withdraw the request").await;
    look.browser.see("Your request is withdrawn").await;
    look.look("a withdrawn request").await;
    look.finish(9);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_viewings_board() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("owner").await;
    let lead: String = house
        .one("select reference from viewings where name = 'Anele Mbatha'")
        .await;
    let asked: String = house
        .one("select reference from questions where status = 'answered'")
        .await;
    let pages = [
        "/admin/viewings".to_owned(),
        "/admin/viewings?stage=won".into(),
        "/admin/viewings?stage=spam".into(),
        "/admin/viewings/new".into(),
        "/admin/viewings/funnel".into(),
        "/admin/viewings/funnel?first=2001-01-01&last=2001-02-01".into(),
        format!("/admin/viewings/{lead}"),
        format!("/admin/viewings/{lead}/details"),
        "/admin/questions".into(),
        "/admin/questions?status=spam".into(),
        format!("/admin/questions/{asked}"),
    ];
    for page in &pages {
        look.visit(page).await;
    }
    look.browser.goto(&pages[6]).await;
    look.browser.tap("Note it").await;
    look.browser.see("Please check this").await;
    look.look("a refused note").await;
    look.finish(12);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_regular() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("member").await;
    look.visit("/spaces/umhlanga-pier").await;

    look.visit("/today").await;
    look.browser
        .tap_css("form[action='/spaces/musgrave-desk-3/favourite'] [value='first']")
        .await;
    look.browser.see("Paid at reception").await;
    house
        .run("update rates set cents = cents + 100 where kind = 'hot_desk' and unit = 'day'")
        .await;
    look.browser
        .tap_css("form[action='/today/desk'] .btn")
        .await;
    look.browser.see("The price is now").await;
    look.look("a usual desk at another price").await;
    look.browser
        .tap_css("form[action='/today/desk'] .btn")
        .await;
    look.browser.see("Undo").await;
    look.look("a usual desk that is booked").await;
    look.browser.tap("Page for a guest").await;
    look.browser.see("Getting here").await;
    look.look("the page for a guest").await;
    look.finish(5);
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_coming_and_calendars() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("member").await;
    let reference = house
        .member("member")
        .await
        .book("umhlanga-lighthouse", "2026-11-27", "12:00", "13:00")
        .await;
    let change = format!("/bookings/{reference}/move");
    look.visit(&change).await;
    look.visit(&format!("{change}?until=14%3A00")).await;
    look.visit(&format!("{change}?until=23%3A00")).await;
    look.visit("/account/calendar").await;
    look.browser.tap("Make the address").await;
    look.browser.see("It is shown only this once").await;
    look.look("a new address").await;
    let code: String = house
        .one("select door_code from spaces where slug = 'umhlanga-lighthouse'")
        .await;
    look.visit(&format!("/c/{code}")).await;
    look.browser.driver.delete_all_cookies().await.unwrap();
    look.visit(&format!("/c/{code}")).await;
    look.browser.sign_in("manager").await;
    look.visit("/admin/spaces/umhlanga-lighthouse/door").await;
    look.visit("/admin/spaces/umhlanga-lighthouse/calendar")
        .await;
    look.finish(9);
}

#[tokio::test(flavor = "multi_thread")]
async fn series() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("member").await;
    look.visit("/series/new").await;
    let wish = "space=umhlanga-lighthouse&date=2026-12-02&from=09%3A00&until=10%3A00&people=4";
    look.visit(&format!("/series/new?{wish}&repeat=week")).await;
    // Wednesday 16 December is a public holiday.
    look.visit(&format!("/series/new?{wish}&repeat=week&wed=1&times=4"))
        .await;
    look.browser.tap("that are free").await;
    look.browser.see("Your series is booked").await;
    look.look("a series").await;
    let series = look.browser.path().await;
    look.visit(&format!("{series}/cancellation")).await;
    look.visit(&format!("{series}/move")).await;
    look.visit(&format!("{series}/move?from=10%3A00&until=11%3A30"))
        .await;
    look.visit("/bookings").await;
    look.visit("/spaces/umhlanga-lighthouse?date=2026-12-03&from=09%3A00&until=10%3A00")
        .await;
    look.browser.driver.delete_all_cookies().await.unwrap();
    look.browser.sign_in("receptionist").await;
    look.visit("/series/new?space=umhlanga-pier").await;
    look.visit(&format!("{series}/cancellation?first=2026-12-03"))
        .await;
    look.finish(11);
}

/// The guests of a booking, theirs and the front desk's pages of them, and an offer from the waitlist.
#[tokio::test(flavor = "multi_thread")]
async fn guests_and_an_offer() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("member").await;
    let reference: String = house
        .one("select b.reference from bookings b join members m on m.id = b.member_id join spaces s on s.id = b.space_id
              where m.email = 'member@connect.example' and b.status = 'confirmed' and lower(b.during) > '2026-11-24T05:00Z'
              order by s.kind = 'meeting_room' desc, lower(b.during) limit 1")
        .await;
    look.visit(&format!("/bookings/{reference}")).await;
    look.browser.fill("guest_name", "Lerato Moeketsi").await;
    look.browser.fill("guest_email", "lerato").await;
    look.browser.tap("Invite a guest").await;
    look.browser.see("Enter an email address").await;
    look.look("a refused invitation").await;
    look.browser.fill("guest_email", "lerato@example.com").await;
    look.browser.tap("Invite a guest").await;
    look.browser.see("is invited by mail").await;
    look.look("a booking with a guest").await;
    house
        .run("insert into guest_links (guest_id, token_hash) select id, sha256('guest') from guests where email = 'lerato@example.com'")
        .await;
    look.browser.driver.delete_all_cookies().await.unwrap();
    look.visit("/guests/guest").await;
    look.browser.tap("I cannot come").await;
    look.browser.see("You cannot come").await;
    look.look("a guest who cannot come").await;
    house
        .run("update guests set removed_at = now(), declined_at = null where email = 'lerato@example.com'")
        .await;
    look.visit("/guests/guest").await;
    house
        .run("update guests set removed_at = null where email = 'lerato@example.com'")
        .await;
    look.browser.sign_in("receptionist").await;
    look.visit(&format!("/admin/bookings/{reference}")).await;
    look.visit("/admin/arrivals").await;
    look.finish(7);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_and_screens() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("owner").await;
    look.visit("/admin/spaces/umhlanga-lighthouse/parts").await;
    look.visit("/admin/spaces/umhlanga-lighthouse/displays")
        .await;
    look.browser.fill("name", "Left of the door").await;
    look.browser.tap("Make an address for a screen").await;
    look.browser.see("It is shown only this once").await;
    look.look("a new screen").await;
    house
        .run("insert into displays (id, token_hash, space_id, name, shows_titles, made_by)
              select gen_random_uuid(), sha256('door'), s.id, 'Door', true, m.id from spaces s, members m
              where s.slug = 'umhlanga-lighthouse' and m.email = 'owner@connect.example'")
        .await;
    look.browser.driver.delete_all_cookies().await.unwrap();
    look.visit("/display/door").await;
    house.app.clock.shift(chrono::TimeDelta::minutes(216));
    look.visit("/display/door").await;
    look.browser.tap("30 min").await;
    look.browser.see("It is yours once you take it").await;
    look.look("a room that is held at its door").await;
    let letters: String = house
        .one("select substr(reference, 4) from bookings where channel = 'door'")
        .await;
    look.visit(&format!("/d/{letters}")).await;
    house
        .run("update bookings set status = 'confirmed', confirmed_at = now(), hold_expires_at = null where channel = 'door'")
        .await;
    look.visit("/display/door").await;
    look.visit("/display/door/presence").await;
    look.finish(9);
}

#[tokio::test(flavor = "multi_thread")]
async fn extras() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("member").await;
    let wish = "date=2027-03-03&from=09%3A00&until=10%3A00&people=4&x-tea-and-coffee=4&x-screen=1";
    look.visit(&format!("/spaces/umhlanga-lighthouse?{wish}"))
        .await;
    look.visit(&format!("/spaces/umhlanga-lighthouse?{wish}&x-cake=1"))
        .await;
    look.visit(&format!(
        "/series/new?space=umhlanga-lighthouse&{wish}&repeat=week&wed=1&times=2"
    ))
    .await;
    let booking = house.member("member").await;
    let reference = booking
        .book("umhlanga-lighthouse", "2027-03-03", "09:00", "10:00")
        .await;
    look.visit(&format!("/bookings/{reference}/extras")).await;
    look.visit(&format!(
        "/bookings/{reference}/extras?asked=1&x-tea-and-coffee=1&x-screen=1"
    ))
    .await;
    look.browser.driver.delete_all_cookies().await.unwrap();
    look.browser.sign_in("owner").await;
    look.visit("/admin/extras").await;
    look.visit("/admin/extras/umhlanga/lunch-platter").await;
    look.visit(&format!(
        "/admin/bookings/{reference}/extras?asked=1&x-screen=2"
    ))
    .await;
    look.visit("/admin/bookings/sheet?location=umhlanga&date=2027-03-03")
        .await;
    look.finish(9);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stayed_longer() {
    let house = House::sample().await;
    let look = Inspector::new(&house).await;
    look.browser.sign_in("receptionist").await;
    let over: String = house
        .one(
            "select concat_ws(' ', reference, to_char(ended + interval '25 minutes', 'HH24:MI'),
                              to_char(ended - interval '5 minutes', 'HH24:MI'))
             from (select *, upper(during) at time zone 'Africa/Johannesburg' as ended from bookings) b
             where overrun is not null and status in ('completed', 'confirmed') and ended < '2026-11-23'
             order by ended desc limit 1",
        )
        .await;
    let words: Vec<&str> = over.split(' ').collect();
    let page = format!("/admin/bookings/{}/overrun", words[0]);
    look.visit(&page).await;
    for left in &words[1..] {
        look.visit(&format!("{page}?left={left}")).await;
    }
    look.finish(3);
}
