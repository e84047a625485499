//! Who did what to which row, when, and from where: an append-only list that the database itself protects.

use std::future::Future;

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// From where a change comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub channel: Channel,
    /// An IPv4 address, or the first half of an IPv6 address; empty where nobody came over a network.
    pub network: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Channel {
    Page,
    Api,
    /// Typed on the machine that serves.
    Command,
    /// Work that nobody waits for.
    #[default]
    House,
}

impl Channel {
    pub fn words(self) -> &'static str {
        match self {
            Channel::Page => "On our pages",
            Channel::Api => "By the API",
            Channel::Command => "On the server",
            Channel::House => "By itself",
        }
    }
}

tokio::task_local! {
    static ORIGIN: Origin;
}

/// Does something of which every line says that it came from there.
pub async fn coming_from<F: Future>(origin: Origin, doing: F) -> F::Output {
    ORIGIN.scope(origin, doing).await
}

/// Writes one line in the same transaction as the change it tells of. `actor` is the member who acted,
/// or `None` for the house itself; `subject` is the table; `detail` holds what was `before` and `after`, and
/// the slug of the `location` that it touches, where that is not the row's own.
pub async fn record(
    tx: &mut PgConnection,
    actor: Option<Uuid>,
    verb: &str,
    subject: &str,
    subject_id: Uuid,
    detail: Value,
) -> sqlx::Result<()> {
    let origin = ORIGIN.try_with(Clone::clone).unwrap_or_default();
    sqlx::query!(
        "insert into audit_events (id, actor_id, verb, subject, subject_id, detail, channel, network)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        Uuid::now_v7(),
        actor,
        verb,
        subject,
        subject_id,
        detail,
        origin.channel as Channel,
        origin.network
    )
    .execute(tx)
    .await?;
    Ok(())
}
