//! What a browser that was never here fetches for the first page, and what a day weighs.

use std::collections::BTreeSet;

use anyhow::Result;

use crate::bench::Bench;
use crate::client::{Ask, Connection};
use crate::table::Table;

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let mut connection = Connection::open(bench.old.at).await?;
    for (what, path) in [
        ("the first page", "/".to_owned()),
        ("the first page of a day", bench.grid()),
    ] {
        let (requests, bytes) = cold(&mut connection, &path).await?;
        table.at_most(format!("{what}: requests"), requests as f64, "", 6.0);
        table.at_most(
            format!("{what}: on the wire"),
            bytes as f64 / 1024.0,
            "KB",
            60.0,
        );
    }
    let day = Ask {
        encoding: Some("gzip"),
        ..Ask::page(bench.grid(), &bench.readers[0].cookie)
    };
    let day = connection.get(&day).await?;
    anyhow::ensure!(day.encoding == "gzip", "the day comes as {}", day.encoding);
    table.at_most("a day, gzip", day.body.len() as f64 / 1024.0, "KB", 20.0);
    Ok(())
}

/// Requests and bytes, heads among them: the page, and what it and its style sheets name. Pictures that wait until
/// they are seen are left out, as a browser does.
async fn cold(connection: &mut Connection, path: &str) -> Result<(usize, usize)> {
    let mut wanted: BTreeSet<String> = BTreeSet::from([path.to_owned()]);
    let mut fetched: BTreeSet<String> = BTreeSet::new();
    let mut bytes = 0;
    while let Some(path) = wanted.pop_first() {
        let ask = Ask {
            path: path.clone(),
            encoding: Some("gzip, br"),
            ..Ask::default()
        };
        let answer = connection.get(&ask).await?;
        bytes += answer.bytes;
        let named = named(connection, &path, &answer.kind).await?;
        fetched.insert(path);
        wanted.extend(named.into_iter().filter(|path| !fetched.contains(path)));
    }
    Ok((fetched.len(), bytes))
}

/// What an answer makes a browser fetch at once. It is asked for once more as it is, which counts for nothing.
async fn named(connection: &mut Connection, path: &str, kind: &str) -> Result<Vec<String>> {
    let find = match kind {
        kind if kind.starts_with("text/html") => of_page,
        kind if kind.starts_with("text/css") => of_styles,
        kind if kind.contains("javascript") => of_script,
        _ => return Ok(Vec::new()),
    };
    let plain = Ask {
        path: path.to_owned(),
        ..Ask::default()
    };
    let text = connection.get(&plain).await?.body;
    let here = path.split('?').next().unwrap_or(path);
    let found = find(&String::from_utf8_lossy(&text)).into_iter();
    Ok(found
        .filter(|link| !link.starts_with("data:"))
        .map(|link| absolute(here, &link))
        .collect())
}

fn of_page(text: &str) -> Vec<String> {
    let is_fetched = |tag: &&str| match tag.split([' ', '>']).next() {
        Some("link") => ["icon", "stylesheet", "preload", "modulepreload", "manifest"]
            .iter()
            .any(|rel| attribute(tag, "rel") == Some(*rel)),
        Some("script") => true,
        Some("img") => attribute(tag, "loading") != Some("lazy"),
        _ => false,
    };
    let tags = text.split('<').skip(1).filter(is_fetched);
    tags.filter_map(|tag| attribute(tag, "href").or(attribute(tag, "src")))
        .map(|link| link.replace("&amp;", "&"))
        .collect()
}

/// Fonts are fetched where they are used; those of a first page are named by the page.
fn of_styles(text: &str) -> Vec<String> {
    let parts = text.split("url(").skip(1);
    let links = parts.filter_map(|part| part.split(')').next());
    let links = links.map(|link| link.trim_matches(['"', '\'']));
    links
        .filter(|link| !link.ends_with(".woff2"))
        .map(str::to_owned)
        .collect()
}

fn of_script(text: &str) -> Vec<String> {
    let imports = text
        .lines()
        .filter(|line| line.starts_with("import") && !line.starts_with("import("));
    let links = imports.filter_map(|line| line.rsplit(['"', '\'']).nth(1));
    links.map(str::to_owned).collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let tag = tag.split('>').next()?;
    let rest = tag.split_once(&format!(" {name}=\""))?.1;
    rest.split('"').next()
}

fn absolute(here: &str, link: &str) -> String {
    let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
    match link.strip_prefix("./") {
        Some(link) => format!("{folder}/{link}"),
        None if link.starts_with('/') => link.to_owned(),
        None => format!("{folder}/{link}"),
    }
}
