//! What is suspected to be spam is kept aside for staff to see, and its sender told nothing of it.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;

use super::seal;
use crate::{error::Result, sessions::attempts};

const PURPOSE: &str = "contact form shown";
/// Nobody reads and fills in the form in less.
const LEAST: TimeDelta = TimeDelta::seconds(3);
/// An office with many people behind one address stays below, as a person does.
const FROM_NETWORK: i64 = 8;
const FROM_ADDRESS: i64 = 3;

/// What came with a form besides what it says.
#[derive(Clone, Copy, Debug)]
pub struct Signs<'a> {
    /// A field that no person sees.
    pub honeypot: &'a str,
    /// When the form was shown, sealed by [`stamp`].
    pub stamp: &'a str,
    /// The fields of one line, as they came.
    pub lines: &'a [&'a str],
    pub message: &'a str,
    pub network: &'a str,
    /// Email or phone, in our own writing.
    pub address: &'a str,
}

/// Notes in a form when it was shown.
pub async fn stamp(db: &mut PgConnection, now: DateTime<Utc>) -> Result<String> {
    seal::seal(db, PURPOSE, &now.timestamp().to_string()).await
}

/// Why this is taken for spam, in words for staff; `None` if it is not. Counts the sending; `TooMany`
/// beyond sixty from one network within an hour.
pub async fn suspicion(
    tx: &mut PgConnection,
    signs: Signs<'_>,
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    let from_network = attempts::contact(tx, signs.network).await?;
    let from_address = attempts::contact(tx, signs.address).await?;
    let shown = seal::open(tx, PURPOSE, signs.stamp).await?;
    let shown = shown
        .and_then(|seconds| seconds.parse().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Ok(if !signs.honeypot.is_empty() {
        Some("A field was filled in that people do not see.".to_owned())
    } else if let Some(shown) = shown {
        let took = now - shown;
        (took < LEAST).then(|| {
            format!(
                "It was sent {} s after the form was shown.",
                took.num_seconds()
            )
        })
    } else {
        Some("It did not come from our form.".to_owned())
    }
    .or_else(|| reads_like_spam(&signs))
    .or_else(|| {
        (from_network > FROM_NETWORK)
            .then(|| "Many came from one network within an hour.".to_owned())
    })
    .or_else(|| {
        (from_address > FROM_ADDRESS)
            .then(|| "Many came with one address within an hour.".to_owned())
    }))
}

fn reads_like_spam(signs: &Signs<'_>) -> Option<String> {
    // Browsers send a field of one line as one line.
    if signs.lines.iter().any(|line| line.contains(['\r', '\n'])) {
        return Some("A field of one line had more, as if to write mail headers.".to_owned());
    }
    if signs.lines.iter().any(|line| links(line) > 0) {
        return Some("There was a link in place of a name.".to_owned());
    }
    let markup = ["<a href", "[url", "[link"];
    let message = signs.message.to_lowercase();
    if links(&message) > 1 || markup.iter().any(|tag| message.contains(tag)) {
        return Some("There were links in the message.".to_owned());
    }
    None
}

fn links(text: &str) -> usize {
    let text = text.to_lowercase();
    text.matches("://").count() + text.replace("://www.", "://").matches("www.").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_link_is_a_persons_own() {
        assert_eq!(links("See https://www.umoya.example for what we do"), 1);
        assert_eq!(links("http://a.example www.b.example"), 2);
        assert_eq!(links("No link, only words: and a colon"), 0);
    }
}
