//! The mails to those who want to be told when a location opens.

use askama::Template;
use uuid::Uuid;

use super::interest::Interest;
use crate::{app::App, error::Result, mail::Message};

struct InterestMail {
    subject: String,
    site: String,
    /// Confirms, and takes it back.
    url: String,
    place: String,
    interest: Interest,
    has_opened: bool,
}

#[derive(Template)]
#[template(path = "locations/emails/interest.txt")]
struct InterestText<'a> {
    mail: &'a InterestMail,
}

#[derive(Template)]
#[template(path = "locations/emails/interest.html")]
struct InterestHtml<'a> {
    mail: &'a InterestMail,
}

/// Asks whether the address is theirs; `None` if they have answered already.
pub async fn noted(app: &App, interest: Uuid) -> Result<Option<Message>> {
    let mail = write(app, interest, false).await?;
    Ok(mail
        .filter(|(_, interest)| !interest.is_confirmed)
        .map(|(message, _)| message))
}

/// Their location has opened.
pub async fn opened(app: &App, interest: Uuid) -> Result<Option<Message>> {
    let mail = write(app, interest, true).await?;
    Ok(mail.map(|(message, _)| message))
}

async fn write(app: &App, interest: Uuid, has_opened: bool) -> Result<Option<(Message, Interest)>> {
    let mut db = app.db.acquire().await?;
    let Some((secret, interest)) = Interest::mint(&mut db, interest).await? else {
        return Ok(None);
    };
    let site = app.config.public_url();
    let mail = InterestMail {
        subject: if has_opened {
            format!("{} is open", interest.location)
        } else {
            format!("Shall we tell you when {} opens?", interest.location)
        },
        site: site.link("/"),
        url: site.link(&format!("/interest/{secret}")),
        place: site.link(&format!("/locations/{}", interest.location_slug)),
        interest,
        has_opened,
    };
    let message = Message {
        to: mail.interest.email.clone(),
        to_name: mail.interest.email.clone(),
        subject: mail.subject.clone(),
        text: InterestText { mail: &mail }.render()?,
        html: InterestHtml { mail: &mail }.render()?,
        calendar: None,
        unsubscribe: None,
    };
    Ok(Some((message, mail.interest)))
}
