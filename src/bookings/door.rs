//! The code at a space's door, which is printed there and leads whoever scans it to checking in.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{audit, error::Result, id::Id, members::member::Member, spaces::space::Space};

/// The space behind a code, however it was typed; `None` for one that was never given, or is no longer.
pub async fn behind(db: &mut PgConnection, code: &str) -> Result<Option<Id<Space>>> {
    let code = code.trim().to_uppercase();
    let id: Option<Uuid> = sqlx::query_scalar!("select id from spaces where door_code = $1", code)
        .fetch_optional(db)
        .await?;
    Ok(id.map(Id::from))
}

pub async fn code(db: &mut PgConnection, space: Id<Space>) -> Result<String> {
    let code = sqlx::query_scalar!("select door_code from spaces where id = $1", space.get())
        .fetch_one(db)
        .await?;
    Ok(code)
}

/// Gives a space another code: what hangs at its door leads nowhere from now on.
pub async fn renew(tx: &mut PgConnection, by: Id<Member>, space: Id<Space>) -> Result<()> {
    sqlx::query!(
        "update spaces set door_code = fresh_door_code() where id = $1",
        space.get()
    )
    .execute(&mut *tx)
    .await?;
    let by = Some(by.get());
    audit::record(tx, by, "renew door code", "spaces", space.get(), json!({})).await?;
    Ok(())
}
