//! What the documents say is so: dependencies and their licences, tests that are named, metrics that are drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use connect_space::gauges;
use serde_json::Value;

use crate::support::House;

fn read(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = read("Cargo.toml");
    let under = |heading: &str| -> BTreeSet<String> {
        let (_, rest) = manifest.split_once(&format!("\n[{heading}]\n")).unwrap();
        let lines = rest.split("\n[").next().unwrap().lines();
        let names = lines.filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()));
        names.collect()
    };
    let told = read("docs/dependencies.md");
    let (program, tests) = told.split_once("## In the tests alone").unwrap();
    let (tests, _) = tests.split_once("## Checks").unwrap();
    for (heading, text) in [("dependencies", program), ("dev-dependencies", tests)] {
        let rows = text.lines().filter(|line| line.starts_with("| `"));
        let mut listed = BTreeSet::new();
        for row in rows {
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            assert!(cells[2].len() > 15, "{row} gives no reason");
            listed.insert(cells[1].trim_matches('`').to_owned());
        }
        assert_eq!(
            listed,
            under(heading),
            "docs/dependencies.md and Cargo.toml differ"
        );
    }
}

#[test]
fn every_licence_is_allowed() {
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .args(["--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let world: Value = serde_json::from_slice(&told.stdout).unwrap();
    let list = read(".config/deny.toml");
    let (_, allowed) = list.split_once("allow = [").unwrap();
    let allowed: BTreeSet<&str> = allowed
        .split(']')
        .next()
        .unwrap()
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    let packages = world["packages"].as_array().unwrap();
    assert!(packages.len() > 200);
    for package in packages {
        let name = &package["name"];
        let Some(source) = package["source"].as_str() else {
            assert_eq!(name, "connect-space");
            continue;
        };
        assert!(
            source.starts_with("registry+"),
            "{name} comes from {source}"
        );
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(is_allowed(licence, &allowed), "{name} is under {licence}");
    }
}

/// Whether one may choose so that all that is left is allowed: `A OR B`, `A AND B`, brackets, and `/` of old.
fn is_allowed(licence: &str, allowed: &BTreeSet<&str>) -> bool {
    let licence = licence.replace('/', " OR ");
    let licence = licence.trim();
    let mut depth = 0;
    // AND binds closer than OR.
    for word in [" OR ", " AND "] {
        for (at, letter) in licence.char_indices() {
            match letter {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ if depth == 0 && licence[at..].starts_with(word) => {
                    let (left, right) = (&licence[..at], &licence[at + word.len()..]);
                    let (left, right) = (is_allowed(left, allowed), is_allowed(right, allowed));
                    return if word == " OR " {
                        left || right
                    } else {
                        left && right
                    };
                }
                _ => {}
            }
        }
    }
    match licence
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
    {
        Some(inner) => is_allowed(inner, allowed),
        None => allowed.contains(licence),
    }
}

#[test]
fn a_licence_is_read_as_it_is_meant() {
    let allowed = BTreeSet::from([
        "MIT",
        "Apache-2.0",
        "Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception",
    ]);
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
    ] {
        assert!(is_allowed(good, &allowed), "{good}");
    }
    for bad in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "GPL-3.0 OR MIT AND GPL-3.0",
        "(MIT OR Apache-2.0) AND GPL-3.0",
        "none",
    ] {
        assert!(!is_allowed(bad, &allowed), "{bad}");
    }
}

/// The functions that are tests, below the folders, by file.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            if entry.is_dir() {
                below(&entry, found);
            } else if entry.extension().is_some_and(|ending| ending == "rs") {
                found.push(entry);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in [root.join("src"), root.join("tests/app")] {
        let mut files = Vec::new();
        below(&folder, &mut files);
        for file in files {
            let name = file.strip_prefix(&folder).unwrap().with_extension("");
            let text = fs::read_to_string(&file).unwrap();
            let mut marked = false;
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    marked = true;
                } else if let Some(rest) = line.split_once("fn ").filter(|_| marked) {
                    let function = rest.1.split('(').next().unwrap().to_owned();
                    all.entry(name.display().to_string())
                        .or_default()
                        .insert(function);
                    marked = false;
                }
            }
        }
    }
    all
}

#[test]
fn every_check_names_tests_that_are_there() {
    let text = read("docs/security.md");
    let tests = tests();
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
        .collect();
    for (number, row) in (1..).zip(&rows) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells[1], number.to_string(), "{row}");
        let named: Vec<&str> = quoted(cells[4])
            .into_iter()
            .filter(|name| name.contains("::"))
            .collect();
        assert!(
            !named.is_empty() || cells[4].contains("**missing**"),
            "{row} names no test"
        );
        for name in named {
            let (file, function) = name.rsplit_once("::").unwrap();
            let known = tests
                .get(file)
                .is_some_and(|functions| functions.contains(function));
            assert!(known, "check {number}: there is no {name}");
        }
    }
    assert_eq!(rows.len(), 48);
    // Those that are named after their number are in the table.
    let numbered = |name: &&String| name.strip_prefix("check_")?.get(..2)?.parse::<usize>().ok();
    for function in tests.values().flatten() {
        if let Some(number) = numbered(&function) {
            assert!(
                rows[number - 1].contains(function.as_str()),
                "{function} is not in the table"
            );
        }
    }
}

/// The dashboard and the alerts ask for numbers that there are.
#[tokio::test]
async fn what_is_watched_is_told() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    house.deliver_mail().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let (router, lifecycle) = (
        gauges::router(house.app.clone()),
        house.app.lifecycle.clone(),
    );
    tokio::spawn(async move { connect_space::server::serve(&listener, router, &lifecycle).await });
    let told = reqwest::get(url).await.unwrap().text().await.unwrap();
    let there: BTreeSet<&str> = told
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(['{', ' ']).next().unwrap())
        .collect();
    let mut asked = 0;
    for file in [
        "docs/operations/dashboard.json",
        "docs/operations/alerts.yml",
    ] {
        let text = read(file);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for word in text.split(|c| !is_name(c)) {
            if word.starts_with("connect_space_") || word.starts_with("process_") {
                assert!(
                    there.contains(word),
                    "{file} asks for {word}, which nobody tells: {there:#?}"
                );
                asked += 1;
            }
        }
    }
    assert!(asked > 30, "{asked}");
    serde_json::from_str::<Value>(&read("docs/operations/dashboard.json")).unwrap();
}

/// A link from one document to another leads somewhere.
#[test]
fn documents_lead_where_they_say() {
    for file in [
        "README.md",
        "docs/operating.md",
        "docs/security.md",
        "docs/scaling.md",
        "docs/backups.md",
        "docs/upgrading.md",
        "docs/installing.md",
        "docs/monitoring.md",
        "docs/dependencies.md",
    ] {
        let text = read(file);
        for word in text.split(|c: char| c.is_whitespace() || "()[]`,;:".contains(c)) {
            let path = word.trim_end_matches('.');
            let is_ours = path.starts_with("docs/")
                || path.starts_with("bin/")
                || path.starts_with(".config/");
            let is_there = Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists();
            assert!(!is_ours || is_there, "{file} names {path}");
        }
    }
}
