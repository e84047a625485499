//! Who did what to which row, when, and from where: an append-only list that the database itself protects.

use std::future::Future;

use serde::Serialize;
use serde_json::{Map, Value, json};
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

/// What a change made of a thing, field by field.
pub struct Change {
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl Change {
    /// The fields in which two of the same differ.
    pub fn between<T: Serialize>(before: &T, after: &T) -> anyhow::Result<Change> {
        let (Value::Object(mut before), Value::Object(mut after)) =
            (serde_json::to_value(before)?, serde_json::to_value(after)?)
        else {
            return Ok(Change {
                before: Map::new(),
                after: Map::new(),
            });
        };
        before.retain(|field, was| {
            let same = after.get(field) == Some(was);
            if same {
                after.remove(field);
            }
            !same
        });
        Ok(Change { before, after })
    }

    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// How many fields are other ones.
    pub fn count(&self) -> usize {
        self.after.len()
    }

    /// For [`record`].
    pub fn detail(&self) -> Value {
        json!({"before": self.before, "after": self.after})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_what_differs() {
        let was = json!({"name": "Umoya", "phone": "031", "vat": true});
        let is = json!({"name": "Umoya", "phone": "032", "vat": false});
        let change = Change::between(&was, &is).unwrap();
        let told = json!({"before": {"phone": "031", "vat": true}, "after": {"phone": "032", "vat": false}});
        assert_eq!((change.detail(), change.count()), (told, 2));
        assert!(Change::between(&was, &was).unwrap().is_empty());
    }
}
