//! How the house is laid out, read from its source: nouns know no HTTP, doors no SQL, the kit no
//! feature, and no feature another's door; and what pages may hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{doors, support::House};

const FEATURES: [&str; 12] = [
    "billing",
    "bookings",
    "front",
    "journal",
    "legal",
    "locations",
    "members",
    "reports",
    "sessions",
    "spaces",
    "trail",
    "viewings",
];
const FRAME: [&str; 13] = [
    "api.rs",
    "main.rs",
    "lib.rs",
    "app.rs",
    "command.rs",
    "gauges.rs",
    "doctor",
    "server.rs",
    "worker.rs",
    "database.rs",
    "lifecycle.rs",
    "embedded",
    "demo",
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Noun,
    Door,
    Kit,
    Frame,
}

struct Source {
    /// Below `src`, such as `bookings/pages.rs`.
    path: String,
    kind: Kind,
    /// Without comments, and without the tests in it.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        if entry.is_dir() {
            found.extend(files(&entry, ending));
        } else if entry.to_string_lossy().ends_with(ending) {
            found.push(entry);
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    files(&src, ".rs")
        .into_iter()
        .filter_map(|file| {
            let path = file
                .strip_prefix(&src)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            if path.ends_with("tests.rs") || path.ends_with("example.rs") {
                return None;
            }
            let text = fs::read_to_string(&file).unwrap();
            let shipped = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let code = shipped
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            Some(Source {
                kind: kind(&path, &code),
                path,
                code,
            })
        })
        .collect()
}

/// What answers requests or writes mails is a door: it says so by what it uses.
fn kind(path: &str, code: &str) -> Kind {
    let first = path.split('/').next().unwrap();
    if FRAME.contains(&first) {
        Kind::Frame
    } else if !FEATURES.contains(&first) {
        Kind::Kit
    } else if path.ends_with("emails.rs") {
        Kind::Door
    } else if says(code, &["axum", "axum_extra", "askama"]).is_empty() {
        Kind::Noun
    } else {
        Kind::Door
    }
}

/// Those of the words that the code uses.
fn says(code: &str, words: &[&str]) -> Vec<String> {
    let used = |word: &&&str| {
        let parts = code.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        parts.into_iter().any(|part| part == **word)
    };
    words
        .iter()
        .filter(used)
        .map(|word| (*word).to_owned())
        .collect()
}

/// The paths in this crate that a file names, `super` included: one for each name, from the crate's root.
fn imports(source: &Source) -> Vec<String> {
    let folder = source
        .path
        .rsplit_once('/')
        .map_or("", |(folder, _)| folder);
    let above = format!("crate::{}::", folder.replace('/', "::"));
    paths(&source.code.replace("super::", &above))
}

fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let compact: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    for (at, _) in compact.match_indices("crate::") {
        let rest = &compact[at + "crate::".len()..];
        expand(rest, String::new(), &mut found);
    }
    found
}

/// Reads one path, or a group of them in braces, and says how much of the text it was.
fn expand(text: &str, prefix: String, found: &mut Vec<String>) -> usize {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(text.len());
    let path = format!("{prefix}{}", &text[..end]);
    if !text[end..].starts_with('{') {
        found.push(path);
        return end;
    }
    let mut at = end + 1;
    while at < text.len() && !text[at..].starts_with('}') {
        match text[at..].chars().next() {
            Some(c) if c.is_alphanumeric() || c == '_' => {
                at += expand(&text[at..], path.clone(), found).max(1)
            }
            Some(c) => at += c.len_utf8(),
            None => break,
        }
    }
    at + 1
}

#[test]
fn the_reader_of_this_test_sees_what_is_there() {
    assert_eq!(
        paths("use crate::{app::App, bookings::{book, pages::routes}, form};"),
        [
            "app::App",
            "bookings::book",
            "bookings::pages::routes",
            "form"
        ]
    );
    let sources = sources();
    let kind = |path: &str| {
        sources
            .iter()
            .find(|source| source.path == path)
            .unwrap()
            .kind
    };
    assert_eq!(kind("bookings/pages.rs"), Kind::Door);
    assert_eq!(kind("bookings/emails.rs"), Kind::Door);
    assert_eq!(kind("bookings/order.rs"), Kind::Noun);
    assert_eq!(kind("money.rs"), Kind::Kit);
    assert_eq!(kind("demo/rows.rs"), Kind::Frame);
    assert!(sources.len() > 60);
    for kind in [Kind::Noun, Kind::Door, Kind::Kit, Kind::Frame] {
        assert!(
            sources.iter().filter(|source| source.kind == kind).count() > 5,
            "{kind:?}"
        );
    }
    let features: Vec<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    for folder in features.iter().filter(|name| !name.ends_with(".rs")) {
        assert!(
            FEATURES.contains(&folder.as_str()) || FRAME.contains(&folder.as_str()),
            "{folder} is a feature that this test does not know"
        );
    }
}

/// Every breach of a rule, as one list.
fn breaches(breach: impl Fn(&Source) -> Vec<String>) -> Vec<String> {
    sources()
        .iter()
        .flat_map(|source| {
            breach(source)
                .into_iter()
                .map(|what| format!("{}: {what}", source.path))
        })
        .collect()
}

#[test]
fn nouns_know_no_http_and_doors_no_sql() {
    let found = breaches(|source| match source.kind {
        Kind::Door => says(&source.code, &["sqlx", "PgConnection", "PgPool"]),
        _ => Vec::new(),
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn nouns_know_no_doors() {
    let doors = doors();
    let found = breaches(|source| {
        let imports = imports(source).into_iter();
        let of_doors = imports.filter(|path| leads_into(&doors, path));
        if source.kind == Kind::Noun {
            of_doors.collect()
        } else {
            Vec::new()
        }
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_kit_knows_no_feature() {
    let found = breaches(|source| {
        let imports = imports(source).into_iter();
        let features = imports.filter(|path| FEATURES.contains(&path.split("::").next().unwrap()));
        if source.kind == Kind::Kit {
            features.collect()
        } else {
            Vec::new()
        }
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_feature_imports_anothers_door() {
    let doors = doors();
    let found = breaches(|source| {
        let own = source.path.split('/').next().unwrap();
        let imports = imports(source).into_iter();
        let of_others = imports.filter(|path| {
            let is_door = leads_into(&doors, path);
            // Who is asking is for every door to know.
            let who =
                path.starts_with("sessions::current::") || path.starts_with("sessions::visitor::");
            is_door && !path.starts_with(own) && !who
        });
        if matches!(source.kind, Kind::Noun | Kind::Door) {
            of_others.collect()
        } else {
            Vec::new()
        }
    });
    assert!(found.is_empty(), "{found:#?}");
}

fn leads_into(doors: &[String], path: &str) -> bool {
    let path = format!("{path}::");
    doors.iter().any(|door| path.starts_with(door))
}

/// The modules of doors, as paths begin that lead into them.
fn doors() -> Vec<String> {
    let doors = sources()
        .into_iter()
        .filter(|source| source.kind == Kind::Door);
    doors
        .map(|door| door.path.trim_end_matches(".rs").replace('/', "::") + "::")
        .collect()
}

#[test]
fn sql_is_never_assembled_and_the_time_is_asked_once() {
    let found = breaches(|source| {
        let mut found = says(&source.code, &["AssertSqlSafe"]);
        if source.path != "clock.rs" {
            found.extend(
                ["Utc::now", "Local::now", "SystemTime::now"]
                    .into_iter()
                    .filter(|word| source.code.contains(word))
                    .map(str::to_owned),
            );
        }
        let logs = ["println!", "dbg!", "todo!", "unimplemented!"];
        if source.path != "main.rs" {
            found.extend(
                logs.into_iter()
                    .filter(|word| source.code.contains(word))
                    .map(str::to_owned),
            );
        }
        found
    });
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn pages_hold_no_inline_style_or_script() {
    let mut found = Vec::new();
    for file in files(&root().join("templates"), ".html") {
        let path = file
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let is_mail = path.contains("emails/");
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            let handler = lower.match_indices(" on").any(|(at, _)| {
                let rest = &lower[at + 3..];
                let end = rest
                    .find(|c: char| !c.is_ascii_alphabetic())
                    .unwrap_or(rest.len());
                end > 2 && rest[end..].starts_with("=\"")
            });
            // Structured data is no script: browsers do not run it.
            let data = "<script type=\"application/ld+json\"";
            let inline_script = lower.match_indices("<script").any(|(at, _)| {
                let tag = lower[at..].split('>').next().unwrap();
                !tag.contains("src=") && tag != data
            });
            // Mail programs take no style sheet of ours, and no scripts.
            let style = !is_mail && (lower.contains(" style=") || lower.contains("<style"));
            if handler || inline_script || style || lower.contains("javascript:") {
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_people_typed_is_always_escaped() {
    /// The few that write markup of our own.
    const OURS: [&str; 0] = [];
    let mut found = Vec::new();
    for file in files(&root().join("templates"), "") {
        let path = file
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let unescaped =
                line.replace(' ', "").contains("|safe") || line.contains("escape(\"none\")");
            if unescaped && !OURS.contains(&path.as_str()) {
                found.push(format!("{path}:{}: {line}", number + 1));
            }
        }
    }
    /// What they make was cleaned, or cannot end its element.
    const CLEAN: [&str; 2] = ["found.rs", "markdown.rs"];
    for source in sources() {
        let unescaped = source.code.contains("HtmlSafe") && !CLEAN.contains(&&*source.path);
        if unescaped || source.code.contains("escape = \"none\"") {
            found.push(source.path);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn every_route_says_who_reaches_it() {
    let house = House::open().await;
    let there = doors::routes(&house);
    let listed: BTreeSet<_> = doors::ROUTES
        .iter()
        .map(|(method, path, _)| (method.to_string(), path.to_string()))
        .collect();
    assert!(there.len() > 30, "{there:#?}");
    let unlisted: Vec<_> = there.difference(&listed).collect();
    assert!(
        unlisted.is_empty(),
        "say in ROUTES who reaches {unlisted:#?}"
    );
    let gone: Vec<_> = listed.difference(&there).collect();
    assert!(gone.is_empty(), "these are no routes: {gone:#?}");
}
