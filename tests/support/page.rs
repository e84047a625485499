//! An answer as a person reads it: its words, its links and its forms.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub html: String,
}

/// A form of a page, with everything that it holds already.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Page {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Where a redirect leads; empty for other answers.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The words of the page, without its tags.
    pub fn text(&self) -> String {
        let body = self
            .html
            .split_once("<body")
            .map_or(self.html.as_str(), |(_, body)| body);
        let words: Vec<&str> = body
            .split('<')
            .filter_map(|piece| Some(piece.split_once('>')?.1))
            .collect();
        plain(&words.join(" "))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// The first form that is sent to an address, whatever its fragment, or to the page itself for `""`.
    pub fn form(&self, action: &str) -> Form {
        self.find_form(action)
            .unwrap_or_else(|| panic!("no form to {action:?} in {}: {}", self.status, self.text()))
    }

    pub fn find_form(&self, action: &str) -> Option<Form> {
        let starts = self
            .html
            .match_indices("<form")
            .map(|(at, _)| &self.html[at..]);
        let forms = starts.map(|html| html.split_once("</form>").map_or(html, |(form, _)| form));
        forms
            .map(read_form)
            .find(|form| form.action.split('#').next() == Some(action))
    }

    /// The addresses that links lead to.
    pub fn links(&self) -> Vec<String> {
        tags(&self.html, "a")
            .filter_map(|tag| attribute(tag, "href"))
            .collect()
    }
}

impl Form {
    pub fn get(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map_or("", |(_, value)| value)
    }

    /// The same with a field filled in.
    pub fn with(mut self, name: &str, value: &str) -> Form {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Form {
        self.fields.retain(|(field, _)| field != name);
        self
    }
}

fn read_form(html: &str) -> Form {
    let action = tags(html, "form")
        .next()
        .and_then(|tag| attribute(tag, "action"))
        .unwrap_or_default();
    let is_sent = |tag: &&str| {
        let is_choice = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
        !is_choice || tag.contains(" checked")
    };
    let inputs = tags(html, "input").filter(is_sent).filter_map(|tag| {
        Some((
            attribute(tag, "name")?,
            attribute(tag, "value").unwrap_or_default(),
        ))
    });
    let mut fields: Vec<_> = inputs.collect();
    for (name, inside) in elements(html, "textarea") {
        fields.push((name, plain(inside).trim().to_owned()));
    }
    for (name, inside) in elements(html, "select") {
        let chosen = tags(inside, "option").find(|tag| tag.contains(" selected"));
        let Some(chosen) = chosen.or_else(|| tags(inside, "option").next()) else {
            continue;
        };
        let words = inside
            .split_once(chosen)
            .and_then(|(_, rest)| rest.split_once('<'))
            .map_or("", |(words, _)| words);
        fields.push((
            name,
            attribute(chosen, "value").unwrap_or_else(|| plain(words.trim_start_matches('>'))),
        ));
    }
    Form { action, fields }
}

/// Elements with a name, and what is inside.
fn elements<'a>(html: &'a str, element: &'a str) -> impl Iterator<Item = (String, &'a str)> {
    tags(html, element).filter_map(move |tag| {
        let (_, after) = html.split_once(tag)?;
        let inside = after
            .strip_prefix('>')?
            .split(&format!("</{element}"))
            .next()?
            .to_owned();
        let start = html.find(tag)? + tag.len() + 1;
        Some((attribute(tag, "name")?, &html[start..start + inside.len()]))
    })
}

/// What stands between the angle brackets of each opening tag.
fn tags<'a>(html: &'a str, element: &'a str) -> impl Iterator<Item = &'a str> {
    html.split('<').filter_map(move |piece| {
        let tag = piece.split('>').next()?;
        (tag.split(char::is_whitespace).next()? == element).then_some(tag)
    })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(plain(rest.split('"').next()?))
}

/// With the characters that HTML writes in code.
fn plain(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (code, character)| {
        text.replace(code, character)
    })
}
