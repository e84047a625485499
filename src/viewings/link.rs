//! The private links in a prospect's mails: whoever has one may change or withdraw the request.

use sqlx::PgConnection;

use super::viewing::Viewing;
use crate::{error::Result, id::Id, sessions::secret};

/// A fresh secret for a mail that is being written. Those in earlier mails go on working.
pub async fn mint(tx: &mut PgConnection, viewing: Id<Viewing>) -> Result<String> {
    let fresh = secret::fresh();
    sqlx::query!(
        "insert into viewing_links (token_hash, viewing_id, expires_at) values ($1, $2, now() + interval '90 days')",
        secret::digest(&fresh),
        viewing.get()
    )
    .execute(tx)
    .await?;
    Ok(fresh)
}

/// What a secret opens; `None` if it is nobody's, or its time is over.
pub async fn opens(db: &mut PgConnection, secret: &str) -> Result<Option<Viewing>> {
    let id = sqlx::query_scalar!(
        "select viewing_id from viewing_links where token_hash = $1 and expires_at > now()",
        secret::digest(secret)
    )
    .fetch_optional(&mut *db)
    .await?;
    match id {
        Some(id) => Viewing::by_id(db, id.into()).await,
        None => Ok(None),
    }
}
