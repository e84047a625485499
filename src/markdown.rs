//! Markdown made into markup that can do no harm: no script, no style, no element of a page of its own.

use std::{collections::HashSet, fmt, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use askama::filters::HtmlSafe;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};

/// Markup that was cleaned: pages write it as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Markup(String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// A text as a page shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    pub markup: Markup,
    /// Of the second level, in order.
    pub headings: Vec<Heading>,
    pub words: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Heading {
    /// Where the address leads: `what-it-costs`.
    pub id: String,
    pub text: String,
}

impl Text {
    /// The page has its own heading of the first level, so those of a text begin with the second.
    pub fn read(markdown: &str) -> Text {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let mut events: Vec<Event> = Parser::new_ext(markdown, options).map(harmless).collect();
        let headings = name_headings(&mut events);
        let words = events.iter().map(words).sum();
        let mut html = String::new();
        push_html(&mut html, events.into_iter());
        Text {
            markup: Markup(CLEANER.clean(&html).to_string()),
            headings,
            words,
        }
    }
}

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::default();
    cleaner
        .url_schemes(["https", "http", "mailto", "tel"].into())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener"))
        .rm_tags(["img", "map", "area"])
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"]);
    cleaner
});

/// HTML inside Markdown is shown as it was typed.
fn harmless(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(typed) | Event::InlineHtml(typed) => Event::Text(typed),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        other => other,
    }
}

fn words(event: &Event) -> usize {
    match event {
        Event::Text(text) | Event::Code(text) => text.split_whitespace().count(),
        _ => 0,
    }
}

/// Gives every heading a level and an id of its own, and lists those of the second level.
fn name_headings(events: &mut [Event]) -> Vec<Heading> {
    let mut taken = HashSet::new();
    let mut found = Vec::new();
    for at in 0..events.len() {
        let Event::Start(Tag::Heading { level, .. }) = &events[at] else {
            continue;
        };
        let level = (*level).clamp(HeadingLevel::H2, HeadingLevel::H3);
        let end = (at..events.len())
            .find(|end| matches!(events[*end], Event::End(TagEnd::Heading(_))))
            .unwrap_or(events.len() - 1);
        let text: String = events[at..end]
            .iter()
            .filter_map(|event| match event {
                Event::Text(text) | Event::Code(text) => Some(&**text),
                _ => None,
            })
            .collect();
        let base = slug(&text);
        let mut id = base.clone();
        let mut number = 1;
        while !taken.insert(id.clone()) {
            number += 1;
            id = format!("{base}-{number}");
        }
        events[at] = Event::Start(Tag::Heading {
            level,
            id: Some(CowStr::from(id.clone())),
            classes: Vec::new(),
            attrs: Vec::new(),
        });
        events[end] = Event::End(TagEnd::Heading(level));
        if level == HeadingLevel::H2 {
            found.push(Heading { id, text });
        }
    }
    found
}

/// `What it costs (2026)` as `what-it-costs-2026`; accents and other scripts fall away.
pub fn slug(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '\'' && c != '’')
        .map(|word| word.replace(['\'', '’'], "").to_lowercase())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markup(markdown: &str) -> String {
        Text::read(markdown).markup.to_string()
    }

    #[test]
    fn nothing_in_a_text_can_do_harm() {
        for bad in [
            "<script>alert(1)</script>",
            "Hello <img src=x onerror=alert(1)> you",
            "[press](javascript:alert(1))",
            "[press](JaVaScRiPt:alert(1))",
            "[press](data:text/html,<script>alert(1)</script>)",
            "![x](javascript:alert(1))",
            "<a href=\"javascript:alert(1)\" onclick=\"go()\">x</a>",
            "<p style=\"position:fixed\">over everything</p>",
            "<svg><script>alert(1)</script></svg>",
            "<iframe src=\"https://evil.example\"></iframe>",
        ] {
            let markup = markup(bad);
            for tag in [
                "<script",
                "<img",
                "<svg",
                "<iframe",
                "<p style",
                "<a href=\"javascript",
                "<a href=\"data",
            ] {
                assert!(!markup.to_lowercase().contains(tag), "{bad}: {markup}");
            }
        }
        assert_eq!(
            markup("1 < 2 & <b>typed</b>"),
            "<p>1 &lt; 2 &amp; &lt;b&gt;typed&lt;/b&gt;</p>\n"
        );
    }

    #[test]
    fn links_lead_where_they_say() {
        assert_eq!(
            markup("[prices](/pricing)"),
            "<p><a href=\"/pricing\" rel=\"noopener\">prices</a></p>\n"
        );
    }

    #[test]
    fn headings_have_addresses_of_their_own() {
        let text =
            Text::read("# What it costs\n\nOne two.\n\n## What it costs\n\n### `Small` print\n");
        let ids: Vec<&str> = text.headings.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["what-it-costs", "what-it-costs-2"]);
        assert!(
            text.markup.0.contains("<h3 id=\"small-print\">"),
            "{}",
            text.markup
        );
        assert_eq!(text.words, 10);
    }

    #[test]
    fn slugs() {
        assert_eq!(slug("What’s new in uMhlanga?"), "whats-new-in-umhlanga");
        assert_eq!(slug("–"), "");
    }
}
