//! The marks that Lighthouse gives to one page of each kind, on a phone with a slow line.

use std::path::PathBuf;

use serde_json::Value;
use tokio::process::Command;

use crate::support::House;

const PAGES: [&str; 10] = [
    "/",
    "/locations/umhlanga",
    "/spaces",
    "/spaces/umhlanga-lighthouse",
    "/pricing",
    "/offices",
    "/journal",
    "/journal/what-your-invoice-must-say",
    "/contact",
    "/terms",
];
/// A single reading swings with whatever else the machine does.
const READINGS: usize = 3;
const SPEED: f64 = 0.98;
const SHIFT: f64 = 0.01;

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_public_page_has_full_marks() {
    let house = House::sample().await;
    let mut short = Vec::new();
    for path in PAGES {
        let mut speeds = Vec::new();
        for _ in 0..READINGS {
            let marks = read(&house, path).await;
            let mark = |of: &str| {
                marks["categories"][of]["score"]
                    .as_f64()
                    .unwrap_or_default()
            };
            let measured = |of: &str| marks["audits"][of]["numericValue"].as_f64();
            for of in ["accessibility", "best-practices", "seo"] {
                if mark(of) < 1.0 {
                    short.push(format!("{path} {of} {}: {:?}", mark(of), failed(&marks)));
                }
            }
            let shift = measured("cumulative-layout-shift").unwrap_or(1.0);
            if shift > SHIFT {
                short.push(format!("{path} shifts by {shift}"));
            }
            println!(
                "{path}: {} with {:?} ms to its largest part",
                mark("performance"),
                measured("largest-contentful-paint")
            );
            speeds.push(mark("performance"));
        }
        speeds.sort_by(f64::total_cmp);
        if speeds[READINGS / 2] < SPEED {
            short.push(format!("{path} speed {speeds:?}"));
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}

async fn read(house: &House, path: &str) -> Value {
    let tools = std::env::var_os("TOOLS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/tools"),
        PathBuf::from,
    );
    let program = tools.join("node_modules/lighthouse/cli/index.js");
    assert!(program.is_file(), "bin/test brings Lighthouse");
    let out = Command::new("node")
        .arg(program)
        .arg(format!("{}{path}", house.url.trim_end_matches('/')))
        .args(["--quiet", "--output=json", "--output-path=stdout"])
        .arg("--only-categories=performance,accessibility,best-practices,seo")
        .arg("--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking")
        .env("CHROME_PATH", "/usr/bin/chromium")
        .output()
        .await
        .expect("node is installed");
    serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out.stderr)))
}

/// What it found to be wrong, and where.
fn failed(marks: &Value) -> Vec<String> {
    let audits = marks["audits"].as_object().into_iter().flatten();
    let wrong = audits.filter(|(_, audit)| audit["score"].as_f64() == Some(0.0));
    wrong
        .map(|(name, audit)| {
            let items = audit["details"]["items"].as_array().into_iter().flatten();
            let places: Vec<&str> = items
                .filter_map(|item| item["node"]["snippet"].as_str())
                .collect();
            format!("{name} {}", places.join(" "))
        })
        .collect()
}
