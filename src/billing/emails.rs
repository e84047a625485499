//! The mails about a pass: that it is bought, and that it was given back.

use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{account::Entry, pass::Pass, receipt::Receipt};
use crate::{app::App, error::Result, form::line, mail::Message, money::Money, time};

struct PassMail {
    subject: String,
    /// The pass's page, where to book with it, and the site.
    url: String,
    desks: String,
    site: String,
    name: String,
    pass: Pass,
    now: DateTime<Utc>,
}

impl PassMail {
    /// `event` says what became of the pass.
    fn new(event: &str, pass: Pass, app: &App) -> Self {
        let (site, now) = (app.config.public_url(), app.clock.now());
        PassMail {
            subject: line(&format!("{event}: {}, {}", pass.name, pass.when(now))),
            url: site.link(&pass.url()),
            desks: site.link(&pass.desks_url()),
            site: site.link("/"),
            // A line break typed by a person must not look like a line of ours.
            name: line(&pass.member_name),
            now,
            pass,
        }
    }

    fn message(&self, text: &impl Template, html: &impl Template) -> Result<Option<Message>> {
        let Some(to) = self.pass.member_email.clone() else {
            return Ok(None);
        };
        Ok(Some(Message {
            to,
            to_name: self.name.clone(),
            subject: self.subject.clone(),
            text: text.render()?,
            html: html.render()?,
            calendar: None,
            unsubscribe: None,
        }))
    }
}

#[derive(Template)]
#[template(path = "billing/emails/bought.txt")]
struct BoughtText<'a> {
    mail: &'a PassMail,
}

#[derive(Template)]
#[template(path = "billing/emails/bought.html")]
struct BoughtHtml<'a> {
    mail: &'a PassMail,
}

/// `None` for a pass that was given back meanwhile, or whose member has no address.
pub async fn bought(app: &App, pass: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    match Pass::by_id(&mut db, pass.into()).await? {
        Some(pass) if pass.cancelled_at.is_none() => {
            let mail = &PassMail::new("Your pass", pass, app);
            mail.message(&BoughtText { mail }, &BoughtHtml { mail })
        }
        _ => Ok(None),
    }
}

#[derive(Template)]
#[template(path = "billing/emails/cancelled.txt")]
struct CancelledText<'a> {
    mail: &'a PassMail,
}

#[derive(Template)]
#[template(path = "billing/emails/cancelled.html")]
struct CancelledHtml<'a> {
    mail: &'a PassMail,
}

/// `None` when its member has no address.
pub async fn cancelled(app: &App, pass: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(pass) = Pass::by_id(&mut db, pass.into()).await? else {
        return Ok(None);
    };
    let mail = &PassMail::new("Given back", pass, app);
    mail.message(&CancelledText { mail }, &CancelledHtml { mail })
}

struct ReceiptMail {
    subject: String,
    site: String,
    name: String,
    /// The receipt's page; `None` where no money passed.
    url: Option<String>,
    receipt: Receipt,
}

impl ReceiptMail {
    fn number(&self) -> String {
        self.receipt.number.clone().unwrap_or_default()
    }

    fn sentence(&self) -> String {
        let amount = self.receipt.amount.exact();
        let of = self
            .receipt
            .booking
            .as_ref()
            .map_or(String::new(), |booking| format!(" for booking {booking}"));
        match self.receipt.kind {
            Entry::Refund => format!("we gave {amount} back{of}."),
            Entry::Waiver => format!("you need not pay {amount}. {}.", self.receipt.description),
            _ => format!("we have your {amount}{of}. Thank you."),
        }
    }

    fn when(&self) -> String {
        let (zone, at) = (self.receipt.zone, self.receipt.at);
        format!("{}, {}", time::short_date(zone.date(at)), zone.clock(at))
    }

    fn balance(&self) -> String {
        let balance = self.receipt.balance;
        if balance < Money::ZERO {
            format!("Your account has {} in credit now.", (-balance).exact())
        } else {
            format!("Your account owes {} now.", balance.exact())
        }
    }
}

#[derive(Template)]
#[template(path = "billing/emails/receipt.txt")]
struct ReceiptText<'a> {
    mail: &'a ReceiptMail,
}

#[derive(Template)]
#[template(path = "billing/emails/receipt.html")]
struct ReceiptHtml<'a> {
    mail: &'a ReceiptMail,
}

/// `None` when who pays has no address.
pub async fn receipt(app: &App, entry: Uuid) -> Result<Option<Message>> {
    let mut db = app.db.acquire().await?;
    let Some(receipt) = Receipt::of(&mut db, entry).await? else {
        return Ok(None);
    };
    let Some(to) = receipt.payer_email.clone() else {
        return Ok(None);
    };
    let site = app.config.public_url();
    let number = receipt.number.clone().unwrap_or_default();
    let mail = &ReceiptMail {
        subject: line(&format!("{} {number}", receipt.title())),
        site: site.link("/"),
        name: line(&receipt.payer),
        url: (receipt.number.as_ref()).map(|number| site.link(&format!("/receipts/{number}"))),
        receipt,
    };
    Ok(Some(Message {
        to,
        to_name: mail.name.clone(),
        subject: mail.subject.clone(),
        text: ReceiptText { mail }.render()?,
        html: ReceiptHtml { mail }.render()?,
        calendar: None,
        unsubscribe: None,
    }))
}
