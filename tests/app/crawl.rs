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

/// Check 15: looking changes nothing.
#[tokio::test]
async fn every_link_leads_to_a_valid_page() {
    let house = House::sample().await;
    let folder = std::env::temp_dir().join(format!("connect-space-pages-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let people = [
        ("visitor", house.visitor()),
        ("member", house.member("member").await),
        ("colleague", house.member("colleague").await),
        ("receptionist", house.member("receptionist").await),
        ("manager", house.member("manager").await),
        ("owner", house.member("owner").await),
    ];
    let before = rows(&house).await;
    let (mut faults, mut reached) = (Vec::new(), BTreeSet::new());
    for (name, person) in people {
        let mut crawler = Crawler {
            name,
            person,
            folder: &folder,
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
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(before, rows(&house).await, "a row was changed");
    let invalid = html_faults(&folder);
    assert!(invalid.is_empty(), "{invalid}\nin {}", folder.display());
    fs::remove_dir_all(&folder).unwrap();
    println!("{reached:#?}");
    assert!(reached.len() > 20, "{reached:#?}");
}
