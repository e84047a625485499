//! A Chromium with nothing in it, used as a person uses it.

mod hands;

pub use hands::MANY;

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
pub const PATIENCE: Duration = Duration::from_secs(10);

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
    /// Whoever sits before it has no mouse, or does not use it.
    by_keys: bool,
    taps: Cell<u32>,
    fields: Cell<u32>,
}

/// The same journey in several ways, a test each: `ways!(books: by_mouse, by_keys)` makes `books::by_mouse` and
/// `books::by_keys`. The journey is an `async fn(&House, &Browser)`, and a way is how the browser is opened.
macro_rules! ways {
    ($journey:ident: $($way:ident),+) => {
        mod $journey {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $way() {
                let house = crate::support::House::sample().await;
                let browser = crate::browser::Browser::$way(&house).await;
                super::$journey(&house, &browser).await;
            })+
        }
    };
}
pub(crate) use ways;

impl Browser {
    pub async fn open(house: &House) -> Browser {
        Browser::start(house, true).await
    }

    /// On a screen of 1360 pixels.
    pub async fn by_mouse(house: &House) -> Browser {
        Browser::open(house).await
    }

    /// As by somebody who has nothing but the keys: what is tapped is tabbed to and pressed, and every stop on the
    /// way must show where the focus is.
    pub async fn by_keys(house: &House) -> Browser {
        let mut browser = Browser::open(house).await;
        browser.by_keys = true;
        browser
    }

    pub async fn on_a_phone(house: &House) -> Browser {
        let browser = Browser::open(house).await;
        browser.as_phone().await;
        browser
    }

    pub async fn on_a_phone_without_scripts(house: &House) -> Browser {
        let browser = Browser::without_scripts(house).await;
        browser.as_phone().await;
        browser
    }

    /// From now on the screen is a phone's, and is touched.
    pub async fn as_phone(&self) {
        let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true });
        self.tool("Emulation.setDeviceMetricsOverride", screen)
            .await;
        self.tool(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": true }),
        )
        .await;
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
            by_keys: false,
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
        let mut url = self.driver.current_url().await.unwrap();
        url.set_fragment(None);
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

    /// The first that can be seen, within the time that something may take to appear.
    async fn find_by(&self, by: By) -> WebElement {
        let start = Instant::now();
        loop {
            // Among what follows the house one may go while they are looked over: then once more.
            let query = self.driver.query(by.clone()).and_displayed().nowait();
            if let Ok(element) = query.first().await {
                return element;
            }
            if start.elapsed() > PATIENCE {
                panic!("{} has no {by:?}: {}", self.path().await, self.text().await);
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether the pages' scripts run.
    pub fn has_scripts(&self) -> bool {
        self.has_scripts
    }

    pub fn is_by_keys(&self) -> bool {
        self.by_keys
    }

    pub async fn is_there(&self, css: &str) -> bool {
        !self.driver.find_all(By::Css(css)).await.unwrap().is_empty()
    }

    /// What is in the first control with that name that can be seen.
    pub async fn value(&self, name: &str) -> String {
        let field = self.find(&field(name)).await;
        field.value().await.unwrap().unwrap_or_default()
    }

    /// A page that has not been loaded and painted yet takes neither keys nor taps, and has put its focus nowhere.
    async fn be_painted(&self) {
        if !self.has_scripts {
            return;
        }
        let start = Instant::now();
        // The question is lost with a page that gives way to the next one.
        while let Err(error) = self.driver.execute_async(PAINTED, Vec::new()).await {
            assert!(start.elapsed() < PATIENCE, "nothing is painted: {error}");
            sleep(Duration::from_millis(20)).await;
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

    /// Waits until those who listen to a page are told the words, which comes after the picture.
    pub async fn hears(&self, words: &str) {
        let said = "return document.querySelector('#said').textContent";
        let told = async || self.ask::<String>(said, json!(null)).await.contains(words);
        self.wait_for(words, told).await;
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

/// Calls back once all is loaded, scripts have run, and two frames have been painted.
const PAINTED: &str = "
    const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()));
    if (document.readyState === 'complete') painted();
    else addEventListener('load', painted, { once: true });";

/// The control with that name.
pub fn field(name: &str) -> String {
    format!("[name='{name}']:not([type=hidden])")
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
