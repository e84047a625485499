//! How the mails to prospects and about them look: a few sentences, a few facts, one button.

use askama::Template;

use crate::{app::App, error::Result, form::line, mail::Message};

/// `title` is a heading, `lines` are paragraphs; what people typed keeps its line breaks only in `said`.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    pub subject: String,
    pub title: String,
    pub lines: Vec<String>,
    pub facts: Vec<(&'static str, String)>,
    /// Somebody's own words, and whose they are.
    pub said: Option<(String, String)>,
    /// What the button says, and the path it leads to.
    pub button: Option<(&'static str, String)>,
    pub after: Vec<String>,
    /// Why this was sent.
    pub reason: &'static str,
    /// Of news: the path that ends them.
    pub unsubscribe: Option<String>,
}

struct Mail<'a> {
    subject: &'a str,
    site: String,
    letter: &'a Letter,
    url: String,
    unsubscribe: Option<String>,
}

#[derive(Template)]
#[template(path = "viewings/emails/letter.txt")]
struct Text<'a> {
    mail: &'a Mail<'a>,
}

#[derive(Template)]
#[template(path = "viewings/emails/letter.html")]
struct Html<'a> {
    mail: &'a Mail<'a>,
}

impl Letter {
    /// A fact that says nothing is left out.
    pub fn fact(mut self, heading: &'static str, text: impl Into<String>) -> Letter {
        let text = line(&text.into());
        if !text.is_empty() {
            self.facts.push((heading, text));
        }
        self
    }

    pub fn to(&self, app: &App, email: &str, name: &str) -> Result<Message> {
        let site = app.config.public_url();
        let link = |path: &String| site.link(path);
        let mail = &Mail {
            subject: &self.subject,
            site: site.link("/"),
            letter: self,
            url: self
                .button
                .as_ref()
                .map(|(_, path)| link(path))
                .unwrap_or_default(),
            unsubscribe: self.unsubscribe.as_ref().map(link),
        };
        Ok(Message {
            to: email.to_owned(),
            to_name: name.to_owned(),
            subject: line(&self.subject),
            text: Text { mail }.render()?,
            html: Html { mail }.render()?,
            calendar: None,
            unsubscribe: mail.unsubscribe.clone(),
        })
    }
}
