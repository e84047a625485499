//! What a person does with a page, with a mouse or a thumb, or with the keys alone. A journey that is written with
//! these can be made in each way.

use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};
use thirtyfour::action_chain::ActionChain;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;

use super::{Browser, PATIENCE, field};

/// More than any page has to tab through.
pub const MANY: usize = 300;

/// What the focus is on, unless it has left the page.
#[derive(Debug, Deserialize)]
pub struct Focused {
    pub name: String,
    /// `checkbox`, `date`, `select-one` …; of a link, nothing.
    kind: Option<String>,
    pub is_wanted: bool,
    is_outlined: bool,
    /// In view, and with nothing in front of it.
    is_seen: bool,
    /// What is wanted comes before it.
    is_past: bool,
    /// The link past the header, and what is wanted is there.
    leads_past: bool,
}

impl Focused {
    fn must_show(&self) {
        let name = &self.name;
        assert!(self.is_outlined, "the focus does not show on {name}");
        assert!(self.is_seen, "the focus is out of view on {name}");
    }
}

/// `arguments[0]` is a selector, or an element: of a label it means the choice, of a radio button its whole group,
/// which is one stop.
const FOCUSED: &str = "
    const [wanted] = arguments;
    const control = typeof wanted === 'string' ? null : wanted.control ?? wanted.closest('a, button, summary, input, select, textarea');
    const isGroup = (one) => one.type === 'radio' && one.name === control.name && one.form === control.form;
    const isWanted = (one) => control ? one === control || (control.type === 'radio' && isGroup(one)) : one.matches(wanted);
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const shown = [element, element.closest('label'), element.type === 'file' && element.parentElement].filter((one) => one);
    const isOutlined = shown.some((one) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
    });
    // Of what is higher than the screen, the part that is on it.
    const inside = (low, high, end) => (Math.max(low, 0) + Math.min(high, end)) / 2;
    const boxes = shown.map((one) => one.getClientRects()[0]).filter((box) => box);
    const hits = boxes.map(({ left, right, top, bottom }) => document.elementFromPoint(inside(left, right, innerWidth), inside(top, bottom, innerHeight)));
    return {
        name: element.outerHTML.slice(0, 160),
        kind: element.type || null,
        is_wanted: isWanted(element),
        is_outlined: isOutlined,
        is_seen: shown.some((one) => hits.some((hit) => one.contains(hit))),
        is_past: Boolean(control && control.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING),
        leads_past: element.matches('.skip') && Boolean(control?.closest('#main')),
    };";

/// How far the wanted option is from the chosen one.
const STEPS: &str = "
    const at = document.activeElement;
    const words = (option) => option.text.replaceAll('\\u00a0', ' ');
    return [...at.options].findIndex((option) => words(option).includes(arguments[0])) - at.selectedIndex;";

impl Browser {
    /// Taps the first link, button or choice with these words.
    pub async fn tap(&self, words: &str) {
        self.tap_by(named(words)).await;
    }

    pub async fn tap_css(&self, css: &str) {
        self.tap_by(By::Css(css.to_owned())).await;
    }

    /// Types into the control with that name, in place of what is there. Dates are written 2026-11-24, times 14:00.
    pub async fn fill(&self, name: &str, value: &str) {
        self.fill_css(&field(name), value).await;
    }

    pub async fn fill_css(&self, css: &str, value: &str) {
        self.fields.set(self.fields.get() + 1);
        let by = By::Css(css.to_owned());
        if self.by_keys {
            let kind = self.reach(&by).await.kind.unwrap_or_default();
            if !is_moment(&kind) {
                self.with(Key::Control, 'a').await;
            }
            let keys = typed(&kind, value);
            let keys = if keys.is_empty() {
                char::from(Key::Delete).to_string()
            } else {
                keys
            };
            self.type_in(&keys).await;
        } else {
            self.on(&by, async |field| {
                let kind = field.prop("type").await?.unwrap_or_default();
                field.clear().await?;
                field.send_keys(typed(&kind, value)).await
            })
            .await;
        }
    }

    /// Chooses what has these words in the list with that name.
    pub async fn choose(&self, name: &str, words: &str) {
        self.choose_css(&field(name), words).await;
    }

    pub async fn choose_css(&self, css: &str, words: &str) {
        self.fields.set(self.fields.get() + 1);
        let by = By::Css(css.to_owned());
        if self.by_keys {
            self.reach(&by).await;
            let steps: i32 = self.ask(STEPS, json!(words)).await;
            let key = if steps < 0 { Key::Up } else { Key::Down };
            for _ in 0..steps.abs() {
                self.press(key.clone()).await;
            }
        } else {
            let option = format!("./option[{0}] | ./optgroup/option[{0}]", with_words(words));
            self.on(&by, async |list| {
                list.find(By::XPath(&option)).await?.click().await
            })
            .await;
        }
    }

    /// Gives the file with this path; the window that asks for one is not the page's.
    pub async fn attach(&self, name: &str, path: &str) {
        let by = By::Css(field(name));
        if self.by_keys {
            self.reach(&by).await;
        }
        self.find_by(by).await.send_keys(path).await.unwrap();
    }

    /// How many taps there were, and how many fields were typed into.
    pub fn effort(&self) -> (u32, u32) {
        (self.taps.get(), self.fields.get())
    }

    pub async fn press(&self, key: impl Into<char>) {
        match key.into() {
            enter if enter == char::from(Key::Enter) => self.enter().await,
            key => self.type_in(&key.to_string()).await,
        }
    }

    /// Types to where the focus is.
    pub async fn type_in(&self, text: &str) {
        self.be_painted().await;
        perform(self.driver.action_chain().send_keys(text)).await;
    }

    /// Presses Enter once: the driver would press it again on the next page, if this one gives way to it meanwhile.
    async fn enter(&self) {
        self.be_painted().await;
        for kind in ["keyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13,
                "text": if kind == "keyDown" { "\r" } else { "" } });
            let tools = self.driver.cdp();
            if let Err(error) = tools.send_raw("Input.dispatchKeyEvent", key).await {
                assert!(has_left(&error), "{error}");
            }
        }
    }

    /// Presses a key while another is held down.
    pub async fn with(&self, held: Key, key: impl Into<char>) {
        self.be_painted().await;
        let chain = self
            .driver
            .action_chain()
            .key_down(char::from(held.clone()));
        let chain = chain.send_keys(key.into().to_string());
        perform(chain.key_up(char::from(held))).await;
    }

    /// Presses Tab until the focus is on what is wanted. Each stop on the way must be visible.
    pub async fn tab_to(&self, css: &str) {
        for _ in 0..MANY {
            let focused = self.tab(json!(css)).await;
            if focused.is_some_and(|focused| focused.is_wanted) {
                return;
            }
        }
        panic!("Tab does not reach {css} on {}", self.path().await);
    }

    /// Presses Tab, and says where it led.
    pub async fn tab(&self, wanted: Value) -> Option<Focused> {
        self.press(Key::Tab).await;
        let focused = self.focused(wanted).await;
        if let Some(focused) = &focused {
            focused.must_show();
        }
        focused
    }

    /// What has the focus, held against a selector or an element.
    pub async fn focused(&self, wanted: Value) -> Option<Focused> {
        self.ask(FOCUSED, wanted).await
    }

    async fn tap_by(&self, by: By) {
        self.taps.set(self.taps.get() + 1);
        if self.by_keys {
            self.press_on(&by).await;
        } else {
            self.click(&by).await;
        }
    }

    async fn click(&self, by: &By) {
        self.on(by, async |element| {
            // As a person would: away from what sticks to the screen's edge.
            let middle = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
            let argument = vec![element.to_json()?];
            self.driver.execute(middle, argument).await?;
            match element.click().await {
                Err(error) if has_left(&error) => Ok(()),
                done => done,
            }
        })
        .await;
    }

    /// Does something with an element. What follows the house may be replaced between being found and being touched.
    async fn on(&self, by: &By, act: impl AsyncFn(WebElement) -> WebDriverResult<()>) {
        let start = Instant::now();
        loop {
            self.be_painted().await;
            let element = self.find_by(by.clone()).await;
            match act(element).await {
                Ok(()) => return,
                Err(error) => assert!(
                    is_gone(&error) && start.elapsed() < PATIENCE,
                    "{by:?} on {}: {error}",
                    self.path().await
                ),
            }
        }
    }

    async fn press_on(&self, by: &By) {
        let at = self.reach(by).await;
        match at.kind.as_deref() {
            Some("checkbox") => self.press(Key::Space).await,
            Some("radio") => self.arrow_to(by).await,
            _ => self.enter().await,
        }
    }

    /// Among the choices of a group.
    async fn arrow_to(&self, by: &By) {
        let is_chosen = "
            const [wanted] = arguments, control = wanted.control ?? wanted;
            return [document.activeElement === control, control.checked]";
        for _ in 0..MANY {
            let wanted = self.find_by(by.clone()).await.to_json().unwrap();
            match self.ask::<(bool, bool)>(is_chosen, wanted).await {
                (true, true) => return,
                (true, false) => self.press(Key::Space).await,
                (false, _) => self.press(Key::Down).await,
            }
        }
        panic!("the arrows do not reach {by:?}");
    }

    /// Tabs to an element, forwards or back, past the header where that is the way. What has been replaced meanwhile
    /// is found anew.
    async fn reach(&self, by: &By) -> Focused {
        let mut has_tabbed = false;
        let mut wanted = self.find_by(by.clone()).await;
        for _ in 0..MANY {
            let argument = vec![wanted.to_json().unwrap()];
            let focused = match self.driver.execute(FOCUSED, argument).await {
                Ok(answer) => answer.convert::<Option<Focused>>().unwrap(),
                Err(error) => {
                    assert!(is_gone(&error), "{error}");
                    wanted = self.find_by(by.clone()).await;
                    continue;
                }
            };
            let mut is_past = false;
            if let Some(focused) = focused {
                if has_tabbed {
                    focused.must_show();
                }
                if focused.is_wanted {
                    return focused;
                }
                if focused.leads_past {
                    self.enter().await;
                }
                is_past = focused.is_past;
            }
            match is_past {
                true => self.with(Key::Shift, Key::Tab).await,
                false => self.press(Key::Tab).await,
            }
            has_tabbed = true;
        }
        panic!("Tab does not reach {by:?} on {}", self.path().await);
    }
}

fn is_gone(error: &WebDriverError) -> bool {
    let is_replaced = matches!(
        error.as_inner(),
        WebDriverErrorInner::StaleElementReference(_)
            | WebDriverErrorInner::ElementNotInteractable(_)
    );
    is_replaced || has_left(error)
}

/// The page gave way to the next one while the browser was about to answer.
fn has_left(error: &WebDriverError) -> bool {
    error.to_string().contains("aborted by navigation")
}

async fn perform(keys: ActionChain) {
    if let Err(error) = keys.perform().await {
        assert!(has_left(&error), "{error}");
    }
}

fn named(words: &str) -> By {
    let kinds = "self::a or self::button or self::label or self::summary";
    By::XPath(format!("//*[{kinds}][{}]", with_words(words)))
}

fn with_words(words: &str) -> String {
    format!("contains(normalize-space(translate(., '\u{a0}', ' ')), \"{words}\")")
}

fn is_moment(kind: &str) -> bool {
    matches!(kind, "date" | "time")
}

/// What is typed for a value: these browsers write dates and times as Americans do.
fn typed(kind: &str, value: &str) -> String {
    let parts: Vec<&str> = value.split(['-', ':']).collect();
    match (kind, parts.as_slice()) {
        ("date", [year, month, day]) => format!("{month}{day}{year}"),
        ("time", [hour, minute]) => {
            let hour: u32 = hour.parse().unwrap();
            let half = if hour < 12 { "AM" } else { "PM" };
            format!("{:02}{minute}{half}", (hour + 11) % 12 + 1)
        }
        _ => value.to_owned(),
    }
}
