//! A receipt to read and to print: for who paid, and for staff.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

use super::{payment::Method, receipt::Receipt};
use crate::{
    app::App,
    error::{Error, Result},
    html::{self, Chrome},
    money::Money,
    sessions::current::Current,
    time,
};

pub fn routes() -> Router<App> {
    Router::new().route("/receipts/{number}", get(show))
}

#[derive(Template)]
#[template(path = "billing/receipt.html")]
struct ShowPage {
    chrome: Chrome,
    receipt: Receipt,
    number: String,
}

impl ShowPage {
    fn when(&self) -> String {
        let (zone, at) = (self.receipt.zone, self.receipt.at);
        format!("{}, {}", time::short_date(zone.date(at)), zone.clock(at))
    }

    fn how(&self) -> String {
        let way = self.receipt.method.map_or("", Method::label);
        match self.receipt.bank_date {
            Some(date) if self.receipt.bank_reference.is_empty() => {
                format!(
                    "{way}, on the bank’s statement of {}",
                    time::short_date(date)
                )
            }
            Some(date) => format!(
                "{way}, on the bank’s statement of {} as {}",
                time::short_date(date),
                self.receipt.bank_reference
            ),
            None => way.to_owned(),
        }
    }

    /// Whose account it is, for staff.
    fn payer_url(&self) -> Option<&str> {
        self.receipt
            .payer_url
            .as_deref()
            .filter(|_| self.is_staff())
    }

    fn is_staff(&self) -> bool {
        self.chrome.me.as_ref().is_some_and(|me| me.is_staff)
    }
}

async fn show(
    chrome: Chrome,
    State(app): State<App>,
    me: Current,
    Path(number): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let receipt = Receipt::seen_by(&mut db, &me, &number)
        .await?
        .ok_or(Error::NotFound)?;
    html::page(&ShowPage {
        chrome,
        receipt,
        number,
    })
}
