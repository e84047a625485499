//! Mails: put together, then sent by SMTP, or kept to be read where the sample data has no mail server.

use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, Utc};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use sqlx::{PgExecutor, PgPool};
use tokio::time::timeout;
use uuid::Uuid;

use crate::form::line;

/// How long a mail server may take over each of its answers.
const PATIENCE: Duration = Duration::from_secs(10);

const MISSING: &str = "no mail server is configured: set SMTP_URL";

/// What a feature has to say to one person.
#[derive(Debug, Clone)]
pub struct Message {
    pub to: String,
    pub to_name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub calendar: Option<Calendar>,
    /// Of news: the address that ends it, by a button there or by one press in the mail program.
    pub unsubscribe: Option<String>,
}

/// An event for the reader's calendar: one VCALENDAR whose own METHOD is the same.
#[derive(Debug, Clone)]
pub struct Calendar {
    pub method: Method,
    pub ics: String,
}

/// The iTIP methods (RFC 5546) that travel by mail.
///
/// REQUEST and not PUBLISH, since only what came by REQUEST is taken off people's calendars again by
/// a CANCEL. Such an event names an ORGANIZER, and the reader as ATTENDEE with `PARTSTAT=ACCEPTED` and
/// `RSVP=FALSE`: they booked it themselves, so no program need ask them or answer us. PUBLISH, without
/// attendees, is for files that people fetch, and for several events at once: an invitation is to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Request,
    Cancel,
    Publish,
}

impl Method {
    pub fn name(self) -> &'static str {
        match self {
            Method::Request => "REQUEST",
            Method::Cancel => "CANCEL",
            Method::Publish => "PUBLISH",
        }
    }
}

/// Where mails go.
#[derive(Clone)]
pub enum Mailer {
    Smtp {
        transport: AsyncSmtpTransport<Tokio1Executor>,
        from: Mailbox,
    },
    Kept {
        db: PgPool,
        from: Mailbox,
    },
    Missing,
}

/// The mail server would not even talk: it has seen nothing of this mail.
#[derive(Debug, thiserror::Error)]
#[error("the mail server cannot be reached: {0}")]
pub struct Unreachable(String);

impl Mailer {
    /// `url` as in `smtps://user:password@host:465` or `smtp://host:587?tls=required`. Without one, mails
    /// are kept if there is sample data.
    pub fn new(
        url: Option<&str>,
        from: Mailbox,
        sample: bool,
        db: &PgPool,
    ) -> anyhow::Result<Mailer> {
        let Some(url) = url else {
            return Ok(if sample {
                Mailer::Kept {
                    db: db.clone(),
                    from,
                }
            } else {
                Mailer::Missing
            });
        };
        // The address may hold a password: it is in no message.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .context("SMTP_URL is no address of a mail server")?
            .timeout(Some(PATIENCE))
            .build();
        Ok(Mailer::Smtp { transport, from })
    }

    /// Whether a mail could leave now; nothing is sent.
    pub async fn reach(&self) -> anyhow::Result<()> {
        match self {
            Mailer::Smtp { transport, .. } => Ok(greet(transport).await?),
            Mailer::Kept { .. } => Ok(()),
            Mailer::Missing => anyhow::bail!(MISSING),
        }
    }

    /// `id` stays the same when a mail is sent again, so that it looks sent once: it becomes the
    /// Message-ID. Fails with [`Unreachable`] if it may be tried again as often as one likes.
    pub async fn send(&self, message: &Message, id: Uuid) -> anyhow::Result<()> {
        match self {
            Mailer::Smtp { transport, from } => {
                let mail = compose(message, from, id)?;
                greet(transport).await?;
                // Its text already holds its source.
                transport
                    .send(mail)
                    .await
                    .map_err(|error| anyhow::anyhow!("the mail did not go out: {error}"))?;
            }
            Mailer::Kept { db, from } => keep(db, message, &message_id(from, id)).await?,
            Mailer::Missing => anyhow::bail!(MISSING),
        }
        Ok(())
    }
}

/// Whoever fails here has been sent nothing. After that a mail may have arrived although its
/// acknowledgement did not, so that trying without end would send it without end.
async fn greet(transport: &AsyncSmtpTransport<Tokio1Executor>) -> Result<(), Unreachable> {
    match timeout(PATIENCE, transport.test_connection()).await {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(Unreachable("it is closing".into())),
        Ok(Err(error)) => Err(Unreachable(error.to_string())),
        Err(_) => Err(Unreachable("it does not answer".into())),
    }
}

fn message_id(from: &Mailbox, id: Uuid) -> String {
    format!("<{id}@{}>", from.email.domain())
}

fn compose(message: &Message, from: &Mailbox, id: Uuid) -> anyhow::Result<lettre::Message> {
    // What people type may hold line breaks; a header may not.
    let to = Mailbox::new(Some(line(&message.to_name)), message.to.parse()?);
    let generated = HeaderName::new_from_ascii_str("Auto-Submitted");
    let mut mail = lettre::Message::builder()
        .from(from.clone())
        .to(to)
        .subject(line(&message.subject))
        .message_id(Some(message_id(from, id)))
        .raw_header(HeaderValue::new(generated, "auto-generated".into()));
    if let Some(address) = &message.unsubscribe {
        let header =
            |name, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        mail = mail
            .raw_header(header("List-Unsubscribe", format!("<{}>", line(address))))
            .raw_header(header(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".into(),
            ));
    }
    let body = MultiPart::alternative()
        .singlepart(SinglePart::plain(message.text.clone()))
        .singlepart(SinglePart::html(message.html.clone()));
    let Some(calendar) = &message.calendar else {
        return Ok(mail.multipart(body)?);
    };
    // Once as an alternative, which mail programs act on, and once as a file, for people and the other programs.
    let kind = format!(
        "text/calendar; charset=utf-8; method={}",
        calendar.method.name()
    );
    let event = SinglePart::builder()
        .content_type(ContentType::parse(&kind)?)
        .body(calendar.ics.clone());
    let file = Attachment::new("booking.ics".into()).body(
        calendar.ics.clone(),
        ContentType::parse("application/ics; name=\"booking.ics\"")?,
    );
    Ok(mail.multipart(
        MultiPart::mixed()
            .multipart(body.singlepart(event))
            .singlepart(file),
    )?)
}

/// A mail that was kept instead of sent.
#[derive(Debug, Clone)]
pub struct Kept {
    pub id: Uuid,
    pub to_name: String,
    pub to_address: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub calendar: Option<String>,
    pub kept_at: DateTime<Utc>,
}

impl Kept {
    /// How many come at once.
    pub const PAGE: usize = 50;

    /// The newest first, at most `PAGE`: to one address or to all, and older than the mail `before`.
    pub async fn newest(
        db: impl PgExecutor<'_>,
        to: Option<&str>,
        before: Option<Uuid>,
    ) -> sqlx::Result<Vec<Kept>> {
        sqlx::query_as!(
            Kept,
            "select id, to_name, to_address, subject, text, html, calendar, kept_at from mails
             where ($1::text is null or lower(to_address) = lower($1))
               and ($2::uuid is null or (kept_at, id) < (select m.kept_at, m.id from mails m where m.id = $2))
             order by kept_at desc, id desc limit $3",
            to,
            before,
            Self::PAGE as i64,
        )
        .fetch_all(db)
        .await
    }

    /// `RowNotFound` if there is none.
    pub async fn find(db: impl PgExecutor<'_>, id: Uuid) -> sqlx::Result<Kept> {
        sqlx::query_as!(
            Kept,
            "select id, to_name, to_address, subject, text, html, calendar, kept_at from mails where id = $1",
            id
        )
        .fetch_one(db)
        .await
    }
}

async fn keep(db: impl PgExecutor<'_>, message: &Message, message_id: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into mails
             (id, message_id, to_name, to_address, subject, text, html, calendar, calendar_method)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (message_id) do nothing",
        Uuid::now_v7(),
        message_id,
        line(&message.to_name),
        message.to,
        line(&message.subject),
        message.text,
        message.html,
        message.calendar.as_ref().map(|c| c.ics.as_str()),
        message.calendar.as_ref().map(|c| c.method.name()),
    )
    .execute(db)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn composed(message: &Message) -> anyhow::Result<String> {
        let from = "Connect Space <bookings@connect.example>".parse()?;
        Ok(String::from_utf8(
            compose(message, &from, Uuid::nil())?.formatted(),
        )?)
    }

    fn message() -> Message {
        Message {
            to: "thandeka@example.com".into(),
            to_name: "Thandeka Mkhize".into(),
            subject: "Booked: Lighthouse".into(),
            text: "See you on Tuesday.".into(),
            html: "<p>See you on Tuesday.</p>".into(),
            calendar: None,
            unsubscribe: None,
        }
    }

    #[test]
    fn news_can_be_ended_by_one_press() {
        let address = "https://desks.example/unsubscribe/abc".to_owned();
        let mail = composed(&Message {
            unsubscribe: Some(address),
            ..message()
        })
        .unwrap();
        assert!(
            mail.contains("List-Unsubscribe: <https://desks.example/unsubscribe/abc>\r\n")
                && mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
            "{mail}"
        );
        assert!(!composed(&message()).unwrap().contains("List-Unsubscribe"));
    }

    #[test]
    fn line_breaks_make_no_headers() {
        let tricky = Message {
            to_name: "Eve\r\nBcc: all@example.com".into(),
            subject: "Hello\r\nX-Evil: 1\nX-More: 2".into(),
            ..message()
        };
        let mail = composed(&tricky).unwrap();
        let (headers, _) = mail.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = headers
            .lines()
            .filter(|line| !line.starts_with(' '))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        assert!(
            names.contains(&"Subject") && names.contains(&"To"),
            "{headers}"
        );
        for name in names {
            assert!(!["Bcc", "X-Evil", "X-More"].contains(&name), "{headers}");
        }
        assert_eq!(headers.matches("example.com>").count(), 1, "{headers}");
    }

    #[test]
    fn one_address_and_no_more() {
        for to in [
            "a@example.com, b@example.com",
            "a@example.com\r\nBcc: b@example.com",
            "",
        ] {
            assert!(
                composed(&Message {
                    to: to.into(),
                    ..message()
                })
                .is_err(),
                "{to:?}"
            );
        }
    }

    #[test]
    fn a_mail_sent_again_looks_the_same_and_is_no_reply_to_answer() {
        let mail = composed(&message()).unwrap();
        assert!(
            mail.contains("Message-ID: <00000000-0000-0000-0000-000000000000@connect.example>\r\n"),
            "{mail}"
        );
        assert!(
            mail.contains("Auto-Submitted: auto-generated\r\n"),
            "{mail}"
        );
    }

    #[test]
    fn an_event_is_an_alternative_and_a_file() {
        let ics = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n".to_owned();
        let calendar = Some(Calendar {
            method: Method::Cancel,
            ics,
        });
        let mail = composed(&Message {
            calendar,
            ..message()
        })
        .unwrap();
        let at = |part: &str| {
            mail.find(part)
                .unwrap_or_else(|| panic!("no {part} in {mail}"))
        };
        assert!(at("multipart/mixed") < at("multipart/alternative"));
        assert!(at("text/plain") < at("text/html"));
        assert!(at("text/html") < at("text/calendar; charset=utf-8; method=CANCEL"));
        assert!(at("method=CANCEL") < at("application/ics"));
        assert!(mail.contains("filename=\"booking.ics\""), "{mail}");
    }

    #[tokio::test]
    async fn the_password_of_the_mail_server_is_in_no_error() {
        let db = PgPool::connect_lazy("postgres://localhost/none").unwrap();
        for url in [
            "smpt://me:secret@example.com",
            "smtp://me:secret@:x",
            "smtp://me:secret",
        ] {
            let from = "bookings@connect.example".parse().unwrap();
            let error = Mailer::new(Some(url), from, false, &db).err();
            let error = format!("{:?}", error.expect(url));
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
