//! A Chromium with nothing in it, used as a person uses it.

use std::cell::Cell;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::extensions::query::ElementQueryable;
use thirtyfour::prelude::*;
use thirtyfour::{BrowserLogEntry, LoggingPrefsLogLevel};
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::support::House;

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(10);

const ARGUMENTS: [&str; 9] = [
    "headless=new",
    "no-sandbox",
    "disable-gpu",
    "disable-quic",
    "disable-background-networking",
    "hide-scrollbars",
    // Nothing is to be caught half-way.
    "force-prefers-reduced-motion",
    "no-first-run",
    "window-size=1360,900",
];

pub struct Browser {
    pub driver: WebDriver,
    chromedriver: Child,
    profile: PathBuf,
    /// The site's, without a slash at the end.
    url: String,
    has_scripts: bool,
    taps: Cell<u32>,
    fields: Cell<u32>,
}

impl Browser {
    pub async fn open(house: &House) -> Browser {
        Browser::start(house, true).await
    }

    /// As for somebody who has switched JavaScript off in the browser's settings.
    pub async fn without_scripts(house: &House) -> Browser {
        let browser = Browser::start(house, false).await;
        let proof = "data:text/html,<title>off</title><script>document.title = 'on'</script>";
        browser.driver.goto(proof).await.unwrap();
        assert_eq!(browser.driver.title().await.unwrap(), "off");
        browser
    }

    async fn start(house: &House, has_scripts: bool) -> Browser {
        // The port that it finds may be somebody else's a moment later: then it gives up at once.
        let (chromedriver, port) = (0..5)
            .find_map(|_| chromedriver())
            .expect("chromedriver starts");
        let profile = std::env::temp_dir().join(format!("connect-space-chromium-{port}"));
        let mut wishes = DesiredCapabilities::chrome();
        for argument in ARGUMENTS {
            wishes.add_arg(argument).unwrap();
        }
        let folder = format!("user-data-dir={}", profile.display());
        wishes.add_arg(&folder).unwrap();
        if !has_scripts {
            let settings = json!({ "profile.managed_default_content_settings.javascript": 2 });
            wishes.add_experimental_option("prefs", settings).unwrap();
        }
        wishes
            .set_browser_log_level(LoggingPrefsLogLevel::All)
            .unwrap();
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wishes).await;
        Browser {
            driver: driver.expect("Chromium starts"),
            chromedriver,
            profile,
            url: house.url.trim_end_matches('/').to_owned(),
            has_scripts,
            taps: Cell::new(0),
            fields: Cell::new(0),
        }
    }

    /// Signs in as one of the sample's people by the form, with the first part of their address.
    pub async fn sign_in(&self, name: &str) {
        self.goto("/sign-in").await;
        self.tap(&format!("{name}@connect.example")).await;
        self.wait_for("Sign out", || self.is_there("form[action='/sign-out']"))
            .await;
    }

    pub async fn goto(&self, path: &str) {
        self.driver
            .goto(format!("{}{path}", self.url))
            .await
            .unwrap();
    }

    /// Path and query of the address.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.as_str().trim_start_matches(&self.url).to_owned()
    }

    /// What can be read on the page.
    pub async fn text(&self) -> String {
        let body = self.driver.query(By::Css("body")).first().await.unwrap();
        body.text()
            .await
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub async fn says(&self, words: &str) -> bool {
        self.text().await.contains(words)
    }

    /// Waits until the page says something.
    pub async fn see(&self, words: &str) {
        let start = Instant::now();
        while !self.says(words).await {
            let (path, text) = (self.path().await, self.text().await);
            assert!(
                start.elapsed() < PATIENCE,
                "{path} does not say {words:?}: {text}"
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn find(&self, css: &str) -> WebElement {
        self.find_by(By::Css(css.to_owned())).await
    }

    async fn find_by(&self, by: By) -> WebElement {
        let query = self.driver.query(by.clone()).and_displayed();
        match query
            .wait(PATIENCE, Duration::from_millis(50))
            .first()
            .await
        {
            Ok(element) => element,
            Err(_) => panic!("{} has no {by:?}: {}", self.path().await, self.text().await),
        }
    }

    pub async fn is_there(&self, css: &str) -> bool {
        !self.driver.find_all(By::Css(css)).await.unwrap().is_empty()
    }

    /// What is in the first control with that name that can be seen.
    pub async fn value(&self, name: &str) -> String {
        let field = self
            .find(&format!("[name='{name}']:not([type=hidden])"))
            .await;
        field.value().await.unwrap().unwrap_or_default()
    }

    /// Taps the first link, button or choice with these words.
    pub async fn tap(&self, words: &str) {
        self.tap_on(self.named(words).await).await;
    }

    /// The first link, button or choice with these words.
    pub async fn named(&self, words: &str) -> WebElement {
        let kinds = "self::a or self::button or self::label or self::summary";
        let words = format!("contains(normalize-space(translate(., '\u{a0}', ' ')), \"{words}\")");
        self.find_by(By::XPath(format!("//*[{kinds}][{words}]")))
            .await
    }

    pub async fn tap_css(&self, css: &str) {
        self.tap_on(self.find(css).await).await;
    }

    async fn tap_on(&self, element: WebElement) {
        self.taps.set(self.taps.get() + 1);
        self.be_painted().await;
        // As a person would: away from what sticks to the screen's edge.
        let middle = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        let element_now = element.to_json().unwrap();
        self.driver
            .execute(middle, vec![element_now])
            .await
            .unwrap();
        element
            .click()
            .await
            .unwrap_or_else(|error| panic!("it cannot be tapped: {error}"));
    }

    /// Types into the control with that name, in place of what is there.
    pub async fn fill(&self, name: &str, value: &str) {
        self.fields.set(self.fields.get() + 1);
        let field = self
            .find(&format!("[name='{name}']:not([type=hidden])"))
            .await;
        field.clear().await.unwrap();
        field.send_keys(value).await.unwrap();
    }

    /// How many taps there were, and how many fields were typed into.
    pub fn effort(&self) -> (u32, u32) {
        (self.taps.get(), self.fields.get())
    }

    pub async fn press(&self, key: impl Into<char>) {
        self.type_in(&key.into().to_string()).await;
    }

    /// Types to where the focus is.
    pub async fn type_in(&self, text: &str) {
        self.be_painted().await;
        let keys = self.driver.action_chain().send_keys(text);
        keys.perform().await.unwrap();
    }

    /// A page that has not been painted yet takes neither keys nor taps, and has put its focus
    /// nowhere.
    async fn be_painted(&self) {
        if self.has_scripts {
            let two_frames =
                "requestAnimationFrame(() => requestAnimationFrame(() => arguments[1]()))";
            let _: () = self.ask_later(two_frames, json!(null)).await;
        }
    }

    /// What a script returns, given `arguments[0]`.
    pub async fn ask<T: DeserializeOwned>(&self, script: &str, argument: Value) -> T {
        let answer = self.driver.execute(script, vec![argument]).await;
        answer
            .unwrap_or_else(|error| panic!("{script}: {error}"))
            .convert()
            .unwrap()
    }

    /// The same for a script that calls its last argument when it is done.
    pub async fn ask_later<T: DeserializeOwned>(&self, script: &str, argument: Value) -> T {
        let answer = self.driver.execute_async(script, vec![argument]).await;
        answer
            .unwrap_or_else(|error| panic!("{error}"))
            .convert()
            .unwrap()
    }

    /// Something that only Chromium's developer tools can do.
    pub async fn tool(&self, command: &str, settings: Value) {
        self.driver.cdp().send_raw(command, settings).await.unwrap();
    }

    /// What the console said since the last time.
    pub async fn console(&self) -> Vec<BrowserLogEntry> {
        self.driver.browser_log().await.unwrap()
    }

    pub async fn wait_for(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let start = Instant::now();
        while !condition().await {
            assert!(
                start.elapsed() < PATIENCE,
                "{what}: not on {}",
                self.path().await
            );
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// A picture of what went wrong is left in `target/screenshots`.
impl Drop for Browser {
    fn drop(&mut self) {
        // Without this, Chromium outlives its driver.
        block_in_place(|| {
            Handle::current().block_on(async {
                if std::thread::panicking() {
                    let _ = take_picture(&self.driver).await;
                }
                let _ = self.driver.clone().quit().await;
            });
        });
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

async fn take_picture(driver: &WebDriver) -> WebDriverResult<()> {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("test").replace("::", "-");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{name}.png"));
    driver.screenshot(&path).await?;
    eprintln!("see {}", path.display());
    Ok(())
}

/// A driver with the port that it has found for itself; `None` when it did not come to listen there.
fn chromedriver() -> Option<(Child, u16)> {
    let mut chromedriver = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed");
    let mut lines = BufReader::new(chromedriver.stdout.take().unwrap()).lines();
    let said = |line: &String| line.contains("started successfully on port");
    let line = lines.find_map(|line| line.ok().filter(said));
    let Some(line) = line else {
        let _ = chromedriver.wait();
        return None;
    };
    // The driver must never wait for somebody to read.
    std::thread::spawn(move || lines.for_each(drop));
    let digits = line
        .trim_end_matches('.')
        .rsplit(' ')
        .next()
        .unwrap_or_default();
    let port = digits
        .parse()
        .unwrap_or_else(|_| panic!("no port in {line:?}"));
    Some((chromedriver, port))
}
