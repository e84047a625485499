//! How a public page presents itself to those who find it elsewhere: search engines, chats, feeds.

use std::fmt;

use askama::filters::HtmlSafe;
use serde_json::{Value, json};

/// What the head of a public page says of it. A page without one asks not to be listed.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub title: String,
    pub description: String,
    /// The one path under which this page is known.
    pub path: String,
    /// `website` or `article`.
    pub kind: &'static str,
    /// The path of its picture for chats.
    pub picture: String,
    /// What programs read.
    pub data: Vec<Data>,
}

impl Found {
    /// A page with the picture of its name: `/pictures/page/{picture}.png`.
    pub fn page(path: &str, title: &str, description: &str, picture: &str) -> Found {
        Found {
            title: title.to_owned(),
            description: description.to_owned(),
            path: path.to_owned(),
            kind: "website",
            picture: format!("/pictures/page/{picture}.png"),
            data: Vec::new(),
        }
    }

    pub fn with(mut self, data: Value) -> Found {
        self.data.push(Data::from(data));
        self
    }
}

/// Structured data that stands in a `script` element, which it cannot end.
#[derive(Clone, Debug, PartialEq)]
pub struct Data(String);

impl From<Value> for Data {
    fn from(value: Value) -> Data {
        let mut text = String::new();
        for c in value.to_string().chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    text.push_str(&format!("\\u{:04x}", c as u32));
                }
                c => text.push(c),
            }
        }
        Data(text)
    }
}

impl fmt::Display for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Data {}

/// The way from home to a page, as schema.org has it. `steps` are names and whole addresses.
pub fn breadcrumbs(steps: &[(&str, String)]) -> Value {
    let items = steps.iter().enumerate().map(|(at, (name, address))| {
        json!({"@type": "ListItem", "position": at + 1, "name": name, "item": address})
    });
    json!({
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": items.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_element() {
        let value = json!({"name": "</script><script>alert(1)</script> & \u{2028} <!--"});
        let data = Data::from(value.clone()).to_string();
        assert!(!data.contains(['<', '>', '&', '\u{2028}']), "{data}");
        let read: Value = serde_json::from_str(&data).unwrap();
        assert_eq!(read, value);
    }
}
