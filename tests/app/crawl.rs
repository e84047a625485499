//! Every page that somebody can reach by following links: it is there, its HTML is valid, and looking
//! at it changes nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::doors::ROUTES;
use crate::support::{House, Page, Person};

/// Addresses of one route that one person opens.
const OF_A_ROUTE: usize = 4;

/// The route that an address belongs to.
fn route(address: &str) -> Option<&'static str> {
    let path = address.split(['?', '#']).next().unwrap();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |route: &&str| {
        let holes: Vec<&str> = route.split('/').collect();
        let wild = holes.last().is_some_and(|last| last.starts_with("{*"));
        let same = |(hole, part): (&&str, &&str)| hole == part || hole.starts_with('{');
        (holes.len() == parts.len() || wild && parts.len() >= holes.len())
            && holes.iter().zip(&parts).all(same)
    };
    let routes = ROUTES
        .iter()
        .filter(|(method, _, _)| *method == "GET")
        .map(|(_, path, _)| *path);
    routes
        .filter(fits)
        .min_by_key(|route| route.matches('{').count())
}

struct Crawler<'a> {
    name: &'a str,
    person: Person,
    folder: &'a Path,
    faults: Vec<String>,
    reached: BTreeSet<&'static str>,
}

impl Crawler<'_> {
    async fn walk(&mut self, first: &[&str]) {
        let mut waiting: VecDeque<(String, String)> = first
            .iter()
            .map(|address| (address.to_string(), "the start".to_owned()))
            .collect();
        let mut seen = BTreeSet::new();
        let mut opened: BTreeMap<&str, usize> = BTreeMap::new();
        while let Some((address, from)) = waiting.pop_front() {
            if !seen.insert(address.clone()) {
                continue;
            }
            let Some(route) = route(&address) else {
                self.faults.push(format!(
                    "{}: {from} leads to {address}, which is no page",
                    self.name
                ));
                continue;
            };
            let count = opened.entry(route).or_default();
            if *count == OF_A_ROUTE {
                continue;
            }
            *count += 1;
            let page = self.person.get(&address).await;
            self.reached.insert(route);
            if page.status.is_redirection() {
                waiting.push_back((local(page.location()), address));
                continue;
            }
            if !page.status.is_success() {
                self.faults.push(format!(
                    "{}: {from} leads to {address}: {}",
                    self.name, page.status
                ));
            }
            if page.header("content-type").starts_with("text/html") {
                self.keep(&address, &page);
                let links = page
                    .links()
                    .into_iter()
                    .filter(|link| link.starts_with(['/', '?']));
                let whole = |link: String| match link.strip_prefix('?') {
                    Some(query) => format!("{}?{query}", address.split('?').next().unwrap()),
                    None => link,
                };
                waiting.extend(links.map(|link| (local(&whole(link)), address.clone())));
            }
        }
    }

    fn keep(&self, address: &str, page: &Page) {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = address.chars().take(100).map(plain).collect();
        let file = self.folder.join(format!("{}{name}.html", self.name));
        fs::write(file, &page.html).unwrap();
    }
}

/// Without its fragment.
fn local(link: &str) -> String {
    link.split('#').next().unwrap().to_owned()
}

/// What the Nu checker of the WHATWG has to say about the files of a folder.
fn html_faults(folder: &Path) -> String {
    let tools = std::env::var_os("TOOLS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools"),
        PathBuf::from,
    );
    let jar = tools.join("node_modules/vnu-jar/build/dist/vnu.jar");
    assert!(jar.is_file(), "bin/test brings the HTML checker");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let checked = Command::new("java")
        .args(["-Xmx512m", "-jar"])
        .arg(jar)
        .args(["--errors-only", "--format", "gnu"])
        .args(files)
        .output()
        .expect("java runs");
    String::from_utf8_lossy(&checked.stderr).replace(&format!("\"file:{}/", folder.display()), "\"")
}

/// All rows, but for when somebody was last here.
async fn rows(house: &House) -> Vec<(String, String)> {
    sqlx::query_as(
        "select table_name::text,
                md5(query_to_xml(format('select * from %I order by 1', table_name), true, false, '')::text)
         from information_schema.tables
         where table_schema = 'public' and table_name not in ('sessions', 'attempts', 'api_tokens', 'calendar_feeds')
         order by table_name",
    )
    .fetch_all(&house.db)
    .await
    .unwrap()
}

/// What everybody comes to from the front page, written into the folder: faults on the way, and the routes.
async fn walk_all(house: &House, folder: &Path) -> (Vec<String>, BTreeSet<&'static str>) {
    let people = [
        ("visitor", house.visitor()),
        ("member", house.member("member").await),
        ("colleague", house.member("colleague").await),
        ("receptionist", house.member("receptionist").await),
        ("manager", house.member("manager").await),
        ("owner", house.member("owner").await),
    ];
    fs::create_dir_all(folder).unwrap();
    let (mut faults, mut reached) = (Vec::new(), BTreeSet::new());
    for (name, person) in people {
        let mut crawler = Crawler {
            name,
            person,
            folder,
            faults: Vec::new(),
            reached: BTreeSet::new(),
        };
        let first: &[&str] = match name {
            "visitor" | "member" | "colleague" => &["/", "/api/docs"],
            _ => &["/", "/admin"],
        };
        crawler.walk(first).await;
        faults.append(&mut crawler.faults);
        reached.append(&mut crawler.reached);
    }
    (faults, reached)
}

fn folder(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("connect-space-{name}-{}", std::process::id()))
}

/// Check 15: looking changes nothing.
#[tokio::test]
async fn every_link_leads_to_a_valid_page() {
    let house = House::sample().await;
    let folder = folder("pages");
    let before = rows(&house).await;
    let (faults, reached) = walk_all(&house, &folder).await;
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(before, rows(&house).await, "a row was changed");
    let invalid = html_faults(&folder);
    assert!(invalid.is_empty(), "{invalid}\nin {}", folder.display());
    fs::remove_dir_all(&folder).unwrap();
    println!("{reached:#?}");
    assert!(reached.len() > 20, "{reached:#?}");
}

/// Into every column of text that takes it, but for those that are read as keys and addresses.
const CANARIES: &str = r#"
do $$
declare
    field record;
begin
    create table planted (field text);
    for field in
        select t.relname as named, a.attname as col
        from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        where t.relkind = 'r' and t.relnamespace = 'public'::regnamespace and a.atttypid = 'text'::regtype
          and a.attgenerated = '' and t.relname <> 'planted'
          and a.attname not in ('time_zone', 'email', 'new_email', 'old_email', 'password_hash', 'pin_hash', 'slug', 'reference',
                                'emblem', 'currency', 'version', 'terms_version', 'wording_version', 'cover', 'rrule', 'key', 'message_id')
    loop
        begin
            execute format('update %I set %I = %I || $c$<canary a="1" b=''2''>&$c$ where %I <> ''''',
                           field.named, field.col, field.col, field.col);
            insert into planted values (field.named || '.' || field.col);
        exception when others then
            -- It takes only what it knows.
        end;
    end loop;
    update bookings set price = replace(price::text, '"label": "', '"label": "<canary>')::jsonb;
end $$
"#;

/// Check 19: what is stored is shown as it is, whatever it looks like.
#[tokio::test]
async fn nothing_that_is_stored_becomes_a_part_of_a_page() {
    let house = House::sample().await;
    house.run(CANARIES).await;
    let planted: Vec<String> = sqlx::query_scalar("select field from planted order by 1")
        .fetch_all(&house.db)
        .await
        .unwrap();
    println!("{planted:?}");
    assert!(planted.len() >= 60, "{planted:?}");
    let folder = folder("canaries");
    let (faults, _) = walk_all(&house, &folder).await;
    assert!(faults.is_empty(), "{faults:#?}");
    let (mut shown, mut loose) = (0, Vec::new());
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let html = fs::read_to_string(&path).unwrap();
        shown += usize::from(html.contains("canary"));
        if let Some(at) = html.find("<canary") {
            let before: Vec<char> = html[..at].chars().collect();
            let around: String = before[before.len().saturating_sub(120)..].iter().collect();
            loose.push(format!("{}: {around}", path.display()));
        }
    }
    assert!(loose.is_empty(), "{loose:#?}");
    assert!(shown >= 100, "{shown} pages show any of it");
    fs::remove_dir_all(&folder).unwrap();
}
