//! Who did what to which row, and when: an append-only list that the database itself protects.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Writes one line in the same transaction as the change it tells of. `actor` is the member who acted,
/// or `None` for the house itself; `subject` is the table, `detail` what was before and after.
pub async fn record(
    tx: &mut PgConnection,
    actor: Option<Uuid>,
    verb: &str,
    subject: &str,
    subject_id: Uuid,
    detail: Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit_events (id, actor_id, verb, subject, subject_id, detail) values ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        actor,
        verb,
        subject,
        subject_id,
        detail
    )
    .execute(tx)
    .await?;
    Ok(())
}
