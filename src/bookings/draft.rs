//! Bookings that somebody at the front desk was interrupted in: all that was typed, for each of them.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::enquiry::Typed;
use crate::{
    error::{Error, Result},
    id::Id,
    members::member::Member,
};

#[derive(Clone, Debug)]
pub struct Draft {
    pub id: Uuid,
    pub typed: Typed,
    pub saved_at: DateTime<Utc>,
}

/// The most that one person keeps; the oldest makes room.
const MOST: i64 = 20;

impl Draft {
    /// Somebody's, the latest first.
    pub async fn of(db: &mut PgConnection, staff: Id<Member>) -> Result<Vec<Draft>> {
        let drafts = sqlx::query!(
            r#"select id, typed as "typed: Json<Typed>", saved_at from booking_drafts
               where staff_id = $1 order by saved_at desc, id"#,
            staff.get()
        )
        .fetch_all(db)
        .await?;
        let draft = drafts.into_iter().map(|row| Draft {
            id: row.id,
            typed: row.typed.0,
            saved_at: row.saved_at,
        });
        Ok(draft.collect())
    }

    /// Somebody's own; `None` for another's.
    pub async fn find(db: &mut PgConnection, staff: Id<Member>, id: Uuid) -> Result<Option<Draft>> {
        let drafts = Self::of(db, staff).await?;
        Ok(drafts.into_iter().find(|draft| draft.id == id))
    }

    /// In place of the same draft as it was, or as a new one.
    pub async fn save(
        tx: &mut PgConnection,
        staff: Id<Member>,
        id: Option<Uuid>,
        typed: &Typed,
        now: DateTime<Utc>,
    ) -> Result<Uuid> {
        let kept = storable(&typed.without_key()).map_err(|error| Error::Broken(error.into()))?;
        let known = sqlx::query_scalar!(
            "update booking_drafts set typed = $3, saved_at = $4 where staff_id = $1 and id = $2 returning id",
            staff.get(),
            id,
            kept,
            now
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(id) = known {
            return Ok(id);
        }
        let id = Uuid::now_v7();
        sqlx::query!(
            "insert into booking_drafts (id, staff_id, typed, saved_at) values ($1, $2, $3, $4)",
            id,
            staff.get(),
            kept,
            now
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "delete from booking_drafts where staff_id = $1 and id not in (
                 select id from booking_drafts where staff_id = $1 order by saved_at desc, id limit $2)",
            staff.get(),
            MOST
        )
        .execute(&mut *tx)
        .await?;
        Ok(id)
    }

    /// Another's stays.
    pub async fn discard(tx: &mut PgConnection, staff: Id<Member>, id: Uuid) -> Result<()> {
        sqlx::query!(
            "delete from booking_drafts where staff_id = $1 and id = $2",
            staff.get(),
            id
        )
        .execute(tx)
        .await?;
        Ok(())
    }
}

/// Without the character of no value, for which PostgreSQL has no room.
fn storable(typed: &Typed) -> serde_json::Result<Value> {
    serde_json::from_str(&serde_json::to_string(typed)?.replace("\\u0000", ""))
}
