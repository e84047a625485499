//! The marks that Lighthouse gives to one page of each kind on a phone.

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
const SHIFT: f64 = 0.01;
/// A single reading swings with whatever else the machine does.
const READINGS: usize = 3;
const SPEED: f64 = 0.98;

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_public_page_has_full_marks() {
    let house = House::sample().await;
    let mut short = Vec::new();
    for path in PAGES {
        // How fast the machine is has no say in any of these.
        let marks = read(&house, path, &["--throttling-method=provided"]).await;
        for of in ["accessibility", "best-practices", "seo"] {
            if mark(&marks, of) < 1.0 {
                let wrong = failed(&marks, of);
                short.push(format!("{path} {of}: {wrong:?}"));
            }
        }
        let shift = measured(&marks, "cumulative-layout-shift").unwrap_or(1.0);
        if shift > SHIFT {
            short.push(format!("{path} shifts by {shift}"));
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "reads how fast pages come, on a machine that does nothing else: bin/bench pages"]
async fn each_kind_of_public_page_comes_quickly_to_a_slow_phone() {
    let house = House::sample().await;
    let mut short = Vec::new();
    for path in PAGES {
        let mut speeds = Vec::new();
        for _ in 0..READINGS {
            let marks = read(&house, path, &[]).await;
            let speed = mark(&marks, "performance");
            let largest = measured(&marks, "largest-contentful-paint").unwrap_or(f64::NAN);
            println!("{path}: {speed} with {largest:.0} ms to its largest part");
            speeds.push(speed);
        }
        speeds.sort_by(f64::total_cmp);
        if speeds[READINGS / 2] < SPEED {
            short.push(format!("{path} speed {speeds:?}"));
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}

fn mark(marks: &Value, of: &str) -> f64 {
    marks["categories"][of]["score"]
        .as_f64()
        .unwrap_or_default()
}

fn measured(marks: &Value, audit: &str) -> Option<f64> {
    marks["audits"][audit]["numericValue"].as_f64()
}

async fn read(house: &House, path: &str, words: &[&str]) -> Value {
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
        .args(words)
        .env("CHROME_PATH", "/usr/bin/chromium")
        .output()
        .await
        .expect("node is installed");
    serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out.stderr)))
}

/// What it found to be wrong in one of its categories, and where.
fn failed(marks: &Value, of: &str) -> Vec<String> {
    let parts = marks["categories"][of]["auditRefs"].as_array();
    let audits = parts.into_iter().flatten().filter_map(|part| {
        let name = part["id"].as_str()?;
        Some((name, &marks["audits"][name]))
    });
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
