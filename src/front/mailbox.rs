//! The mails that were kept instead of sent, to be read by anyone: for sample data only.

use std::sync::LazyLock;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    mail::{Kept, Mailer},
    time,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/mail", get(index))
        .route("/mail/{id}", get(show))
        .route("/mail/{id}/html", get(designed))
        .route("/mail/{id}/booking.ics", get(calendar))
}

/// The style sheet of `templates/emails/layout.html` is the only one that runs, known by its hash.
static DESIGNED_CSP: LazyLock<String> = LazyLock::new(|| {
    let style = include_str!("../../templates/emails/style.css").trim_end();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
});

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    to: String,
    #[serde(default)]
    before: String,
}

#[derive(Template)]
#[template(path = "front/mailbox.html")]
struct MailboxPage {
    chrome: Chrome,
    now: DateTime<Utc>,
    /// As typed; empty for everybody.
    to: String,
    mails: Vec<Kept>,
    /// Nobody asked for a mail of their own: the newest is open beside the list, where there is room.
    is_index: bool,
    open: Option<Kept>,
}

impl MailboxPage {
    fn address(&self, mail: &Kept) -> String {
        format!("/mail/{}{}", mail.id, self.filtered())
    }

    fn sent_to(&self, mail: &Kept) -> String {
        format!("/mail?{}", html::query(&[("to", &mail.to_address)]))
    }

    fn filtered(&self) -> String {
        if self.to.is_empty() {
            String::new()
        } else {
            format!("?{}", html::query(&[("to", &self.to)]))
        }
    }

    /// Where the list goes on, if it does.
    fn older(&self) -> Option<String> {
        let last = self.mails.get(Kept::PAGE - 1)?;
        Some(format!(
            "/mail?{}",
            html::query(&[("to", &self.to), ("before", &last.id.to_string())])
        ))
    }

    fn is_open(&self, mail: &Kept) -> bool {
        self.open.as_ref().is_some_and(|open| open.id == mail.id)
    }

    fn ago(&self, mail: &Kept) -> String {
        ago((self.now - mail.kept_at).num_minutes())
    }
}

async fn index(
    State(app): State<App>,
    chrome: Chrome,
    Now(now): Now,
    Query(filter): Query<Filter>,
) -> Result<Response> {
    mailbox_of(&app)?;
    let to = filter.to.trim().to_owned();
    let mails = Kept::newest(&app.db, some(&to), filter.before.parse().ok()).await?;
    let open = mails.first().cloned();
    html::page(&MailboxPage {
        chrome,
        now,
        to,
        mails,
        is_index: true,
        open,
    })
}

async fn show(
    State(app): State<App>,
    chrome: Chrome,
    Now(now): Now,
    Path(id): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<Response> {
    let open = Some(kept(&app, &id).await?);
    let to = filter.to.trim().to_owned();
    let mails = Kept::newest(&app.db, some(&to), None).await?;
    html::page(&MailboxPage {
        chrome,
        now,
        to,
        mails,
        is_index: false,
        open,
    })
}

/// The mail as mail programs show it.
async fn designed(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let mail = kept(&app, &id).await?;
    Ok((
        [(header::CONTENT_SECURITY_POLICY, DESIGNED_CSP.as_str())],
        Html(mail.html),
    )
        .into_response())
}

async fn calendar(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let file = kept(&app, &id).await?.calendar.ok_or(Error::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"booking.ics\"",
        ),
    ];
    Ok((headers, file).into_response())
}

/// Where mails are really sent, there is nothing here.
fn mailbox_of(app: &App) -> Result<()> {
    match app.mailer {
        Mailer::Kept { .. } => Ok(()),
        Mailer::Smtp { .. } | Mailer::Missing => Err(Error::NotFound),
    }
}

async fn kept(app: &App, id: &str) -> Result<Kept> {
    mailbox_of(app)?;
    let id = id.parse().map_err(|_| Error::NotFound)?;
    Ok(Kept::find(&app.db, id).await?)
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn ago(minutes: i64) -> String {
    match (minutes / 1440, minutes / 60) {
        (days @ 2.., _) => format!("{days} days ago"),
        (1, _) => "1 day ago".into(),
        (_, hours @ 1..) => format!("{} ago", time::length(hours * 60)),
        _ if minutes < 1 => "just now".into(),
        _ => format!("{} ago", time::length(minutes)),
    }
}

struct Piece<'a> {
    text: &'a str,
    is_link: bool,
}

/// Text cut so that the addresses in it can be followed. All pieces together are the text.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    text.split_inclusive(char::is_whitespace).flat_map(|word| {
        let address = word.trim_end_matches(|c: char| c.is_whitespace() || ".,;:!?)>".contains(c));
        let is_address = address.starts_with("https://") || address.starts_with("http://");
        let (link, rest) = word.split_at(if is_address { address.len() } else { 0 });
        [
            Piece {
                text: link,
                is_link: true,
            },
            Piece {
                text: rest,
                is_link: false,
            },
        ]
        .into_iter()
        .filter(|piece| !piece.text.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_can_be_followed() {
        let text = "Confirm it here:\nhttps://desks.example/links/a?b=c\n(or http://desks.example). javascript:alert(1)\n";
        let links: Vec<_> = pieces(text)
            .filter(|piece| piece.is_link)
            .map(|piece| piece.text)
            .collect();
        assert_eq!(
            links,
            ["https://desks.example/links/a?b=c", "http://desks.example"]
        );
        assert_eq!(
            pieces(text).map(|piece| piece.text).collect::<String>(),
            text
        );
        let ends: Vec<_> = pieces("See https://a.example/b.")
            .map(|piece| piece.text)
            .collect();
        assert_eq!(ends, ["See ", "https://a.example/b", "."]);
    }

    #[test]
    fn how_long_ago() {
        for (minutes, words) in [
            (-3, "just now"),
            (0, "just now"),
            (1, "1 minute ago"),
            (59, "59 minutes ago"),
            (119, "1 hour ago"),
            (1439, "23 hours ago"),
            (1440, "1 day ago"),
            (5000, "3 days ago"),
        ] {
            assert_eq!(ago(minutes), words);
        }
    }

    #[test]
    fn the_style_of_a_mail_is_the_one_that_may_run() {
        struct Mail {
            subject: &'static str,
            site: &'static str,
        }
        #[derive(Template)]
        #[template(path = "emails/layout.html")]
        struct Letter {
            mail: Mail,
        }
        let mail = Mail {
            subject: "Hello",
            site: "https://desks.example",
        };
        let page = Letter { mail }.render().unwrap();
        let (_, after) = page.split_once("<style>").unwrap();
        let (style, rest) = after.split_once("</style>").unwrap();
        let hash = BASE64_STANDARD.encode(Sha256::digest(style));
        assert!(
            DESIGNED_CSP.contains(&format!("'sha256-{hash}'")),
            "{style:?}"
        );
        assert!(!rest.contains(" style=") && !DESIGNED_CSP.contains("unsafe"));
    }
}
