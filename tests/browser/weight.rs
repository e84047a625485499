//! The first page, seen for the first time.

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
    browser.goto(path).await;
    let _: bool = browser
        .ask_later(
            "document.fonts.ready.then(() => arguments[1](true))",
            json!(null),
        )
        .await;
    let loaded: Vec<Loaded> = browser.ask(LOADED, json!(null)).await;
    let weight: u64 = loaded.iter().map(|one| one.transfer_size).sum();
    println!("{weight} bytes in {} requests", loaded.len());
    assert!(loaded.len() <= most, "{loaded:#?}");
    assert!(weight <= WEIGHT, "{weight} bytes: {loaded:#?}");
    assert!(
        loaded.iter().all(|one| one.transfer_size > 0),
        "something was not loaded: {loaded:#?}"
    );
    assert!(
        loaded.iter().all(|one| one.name.starts_with(&house.url)),
        "something is from elsewhere: {loaded:#?}"
    );
}

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
