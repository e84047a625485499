//! What somebody may be sent besides what concerns their bookings: asked for each channel, unticked until
//! they say yes, and every change of mind kept (POPIA s 69; nothing else counts as a yes).

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::member::Member;
use crate::{audit, error::Result, id::Id};

/// Whose mind it is.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    Member(Id<Member>),
    /// Somebody who is no member, by the email address (in lower case) or phone number (E.164) that
    /// they left with us.
    Address(&'a str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
    Whatsapp,
}

/// Where it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Source {
    Account,
    Viewing,
    FrontDesk,
    /// By the link in a message.
    Unsubscribe,
}

/// Changes with every change of [`Channel::wording`].
pub const WORDING_VERSION: &str = "2026-11";

impl Channel {
    pub const ALL: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Whatsapp];

    /// As forms and tables name it.
    pub fn key(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Whatsapp => "whatsapp",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Channel::Email => "Email",
            Channel::Sms => "SMS",
            Channel::Whatsapp => "WhatsApp",
        }
    }

    /// What is agreed to, word for word, beside the box to tick.
    pub fn wording(self) -> &'static str {
        match self {
            Channel::Email => {
                "Connect Space may email me news and offers about its desks, rooms, offices and events."
            }
            Channel::Sms => {
                "Connect Space may send me news and offers about its desks, rooms, offices and events by SMS."
            }
            Channel::Whatsapp => {
                "Connect Space may send me news and offers about its desks, rooms, offices and events on WhatsApp."
            }
        }
    }
}

impl FromStr for Channel {
    type Err = ();

    fn from_str(text: &str) -> Result<Channel, ()> {
        Channel::ALL
            .into_iter()
            .find(|channel| channel.key() == text)
            .ok_or(())
    }
}

impl Source {
    pub fn words(self) -> &'static str {
        match self {
            Source::Account => "On your account page",
            Source::Viewing => "With a request for a viewing",
            Source::FrontDesk => "At the front desk",
            Source::Unsubscribe => "By the link in a message",
        }
    }
}

/// One change of mind.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    pub channel: Channel,
    pub given: bool,
    pub source: Source,
    pub wording_version: String,
    pub wording: String,
    pub network: String,
    pub at: DateTime<Utc>,
}

/// The channels that somebody has agreed to and not taken back since.
pub async fn given(db: &mut PgConnection, who: Who<'_>) -> Result<Vec<Channel>> {
    let (member, address) = who.columns();
    let channels = sqlx::query_scalar!(
        r#"select channel as "channel: Channel" from (
               select distinct on (channel) channel, given from consents
               where member_id = $1 or address = $2 order by channel, id desc) newest
           where given order by channel"#,
        member,
        address
    )
    .fetch_all(db)
    .await?;
    Ok(channels)
}

/// Keeps what somebody wants now: `wanted` and no other channel. A row is written for each that changes;
/// `network` is where they said it. True if any did.
pub async fn choose(
    tx: &mut PgConnection,
    who: Who<'_>,
    wanted: &[Channel],
    source: Source,
    network: &str,
) -> Result<bool> {
    let (member, address) = who.columns();
    // One at a time, so that a double click is one change.
    sqlx::query!(
        "select from members where id = $1 for no key update",
        member
    )
    .fetch_optional(&mut *tx)
    .await?;
    let before = given(tx, who).await?;
    let changed = Channel::ALL
        .into_iter()
        .filter(|channel| before.contains(channel) != wanted.contains(channel));
    let mut count = 0;
    for channel in changed {
        sqlx::query!(
            "insert into consents (id, member_id, address, channel, given, source, wording_version, wording, network)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            Uuid::now_v7(),
            member,
            address,
            channel as Channel,
            wanted.contains(&channel),
            source as Source,
            WORDING_VERSION,
            channel.wording(),
            network
        )
        .execute(&mut *tx)
        .await?;
        count += 1;
    }
    if let Some(member) = member.filter(|_| count > 0) {
        let detail = json!({"before": before, "after": wanted, "source": source});
        audit::record(
            tx,
            Some(member),
            "choose marketing",
            "members",
            member,
            detail,
        )
        .await?;
    }
    Ok(count > 0)
}

/// Every change of mind, the newest first.
pub async fn history(db: &mut PgConnection, who: Who<'_>) -> Result<Vec<Change>> {
    let (member, address) = who.columns();
    let changes = sqlx::query_as!(
        Change,
        r#"select channel as "channel: Channel", given, source as "source: Source", wording_version, wording,
                  network, at
           from consents where member_id = $1 or address = $2 order by id desc"#,
        member,
        address
    )
    .fetch_all(db)
    .await?;
    Ok(changes)
}

impl<'a> Who<'a> {
    fn columns(self) -> (Option<Uuid>, Option<&'a str>) {
        match self {
            Who::Member(member) => (Some(member.get()), None),
            Who::Address(address) => (None, Some(address)),
        }
    }
}
