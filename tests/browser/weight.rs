//! Each public page, seen for the first time.

use serde::Deserialize;
use serde_json::json;

use crate::browser::Browser;
use crate::support::House;

/// In bytes on the wire, with fonts and headers.
const WEIGHT: u64 = 60 * 1024;
/// The page, its style, script, icons and two fonts, and the picture on its tab.
const REQUESTS: usize = 7;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Loaded {
    name: String,
    transfer_size: u64,
}

const LOADED: &str = "
    const entries = ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind));
    return entries.map(({ name, transferSize }) => ({ name, transferSize }));";

#[tokio::test(flavor = "multi_thread")]
async fn first_page_is_light() {
    is_light("/", REQUESTS).await;
}

/// With a style of its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_price_list_is_light() {
    is_light("/pricing", REQUESTS + 1).await;
}

async fn is_light(path: &str, most: usize) {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    let loaded = load(&browser, path).await;
    println!("{} bytes in {} requests", weight(&loaded), loaded.len());
    assert!(loaded.len() <= most, "{loaded:#?}");
    assert!(weight(&loaded) <= WEIGHT, "{loaded:#?}");
    assert!(
        loaded.iter().all(|one| one.transfer_size > 0),
        "something was not loaded: {loaded:#?}"
    );
    assert!(
        loaded.iter().all(|one| one.name.starts_with(&house.url)),
        "something is from elsewhere: {loaded:#?}"
    );
}

fn weight(loaded: &[Loaded]) -> u64 {
    loaded.iter().map(|one| one.transfer_size).sum()
}

/// Everything that a page brings, by somebody who was never here.
async fn load(browser: &Browser, path: &str) -> Vec<Loaded> {
    browser.tool("Network.clearBrowserCache", json!({})).await;
    browser.goto(path).await;
    let _: bool = browser
        .ask_later(
            "document.fonts.ready.then(() => arguments[1](true))",
            json!(null),
        )
        .await;
    browser.ask(LOADED, json!(null)).await
}

/// All but the pages of spaces, of which there is one of each kind at each location.
#[tokio::test(flavor = "multi_thread")]
async fn every_public_page_is_light() {
    let house = House::sample().await;
    let map = house.visitor().get("/sitemap.xml").await.html;
    let listed = map.split("<loc>").skip(1).map(|rest| {
        let address = rest.split("</loc>").next().unwrap();
        format!(
            "/{}",
            address.split('/').skip(3).collect::<Vec<_>>().join("/")
        )
    });
    let mut pages: Vec<String> = listed
        .filter(|path| !path.starts_with("/spaces/"))
        .collect();
    let of_each_kind: Vec<String> = sqlx::query_scalar(
        "select distinct on (location_id, kind) '/spaces/' || slug from spaces where status = 'active' order by location_id, kind, seats desc",
    )
    .fetch_all(&house.db)
    .await
    .unwrap();
    pages.extend(of_each_kind);
    pages.extend(MORE.map(str::to_owned));
    let browser = Browser::open(&house).await;
    let mut heavy = Vec::new();
    for path in &pages {
        let loaded = load(&browser, path).await;
        let foreign = loaded.iter().any(|one| !one.name.starts_with(&house.url));
        println!("{:>6} {path}", weight(&loaded));
        if weight(&loaded) > WEIGHT || foreign {
            heavy.push((path, weight(&loaded), loaded));
        }
    }
    assert!(pages.len() > 35, "{pages:?}");
    assert!(heavy.is_empty(), "{heavy:#?}");
}

/// Public pages that no search engine is to list.
const MORE: [&str; 9] = [
    "/spaces?view=day&location=umhlanga",
    "/spaces?view=plan&location=umhlanga",
    "/spaces?kind=hot_desk&location=umhlanga",
    "/contact?about=question",
    "/contact/thanks?location=umhlanga",
    "/journal?q=power",
    "/sign-in",
    "/sign-up",
    "/api/docs",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_may_do_is_fixed() {
    let house = House::sample().await;
    let page = house.visitor().get("/").await;
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"),
        "{policy}"
    );

    // And the browser holds to it: a script or a style within a page does nothing, and is reported.
    let browser = Browser::open(&house).await;
    browser.goto("/").await;
    let _: () = browser
        .ask(
            "document.body.insertAdjacentHTML('beforeend', arguments[0]);
        const script = document.createElement('script');
        script.text = 'document.title = `done`';
        document.body.append(script);",
            json!("<p style='display: none'>styled</p>"),
        )
        .await;
    assert_ne!(browser.driver.title().await.unwrap(), "done");
    browser.see("styled").await;
    let said = browser.console().await;
    assert_eq!(
        said.iter()
            .filter(|entry| entry.message.contains("Content Security Policy"))
            .count(),
        2,
        "{said:?}"
    );
}

/// Of a public page and of a member's, packed, in bytes.
const SCRIPTS: u64 = 3 * 1024;
const SCRIPTS_OF_A_MEMBER: u64 = 20 * 1024;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Weighed {
    name: String,
    transfer_size: u64,
    encoded_body_size: u64,
}

const WEIGHED: &str = "
    const entries = ['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind));
    return entries.map(({ name, transferSize, encodedBodySize }) => ({ name, transferSize, encodedBodySize }));";

/// The page and its scripts as they come over the wire to somebody who has seen nothing yet.
async fn weigh(browser: &Browser, path: &str) -> (u64, u64) {
    browser.tool("Network.clearBrowserCache", json!({})).await;
    browser.goto(path).await;
    let _: bool = browser
        .ask_later(
            "document.fonts.ready.then(() => arguments[1](true))",
            json!(null),
        )
        .await;
    let loaded: Vec<Weighed> = browser.ask(WEIGHED, json!(null)).await;
    assert!(
        loaded.iter().all(|one| one.transfer_size > 0),
        "{path}: something came from the cache: {loaded:#?}"
    );
    let scripts = loaded.iter().filter(|one| one.name.contains(".js?"));
    let scripts: u64 = scripts.map(|one| one.encoded_body_size).sum();
    let whole: u64 = loaded.iter().map(|one| one.transfer_size).sum();
    println!("{path}: {whole} bytes, {scripts} of them scripts");
    (whole, scripts)
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_are_few_and_members_pages_light() {
    let house = House::sample().await;
    let browser = Browser::open(&house).await;
    let mut most = 0;
    for path in [
        "/",
        "/spaces",
        "/spaces/umhlanga-lighthouse",
        "/pricing",
        "/contact",
    ] {
        let (whole, scripts) = weigh(&browser, path).await;
        assert!(whole <= WEIGHT, "{path}: {whole} bytes");
        assert!(scripts <= SCRIPTS, "{path}: {scripts} bytes of scripts");
        most = most.max(scripts);
    }
    assert!(most > 0, "no script was weighed");
    browser.sign_in("member").await;
    browser
        .goto("/spaces/umhlanga-lighthouse?date=2026-11-27&from=07:15&until=09:15&people=8")
        .await;
    browser.tap_css("form[method='post'] .btn.go").await;
    browser.see("Look it over and confirm").await;
    let confirmation = browser.path().await;
    for path in [
        "/",
        "/spaces",
        "/spaces?view=day&location=umhlanga&date=2026-11-25",
        "/spaces?view=plan&location=umhlanga&date=2026-11-25&from=09:00&until=10:00",
        "/spaces/umhlanga-lighthouse",
        &confirmation,
        "/today",
        "/bookings",
        "/passes",
        "/statement",
        "/account",
    ] {
        let (whole, scripts) = weigh(&browser, path).await;
        assert!(whole <= WEIGHT, "{path}: {whole} bytes");
        assert!(
            scripts <= SCRIPTS_OF_A_MEMBER,
            "{path}: {scripts} bytes of scripts"
        );
    }
}
