//! The terms, each version as people accepted it.

use chrono::NaiveDate;
use sqlx::PgConnection;

use crate::error::Result;

#[derive(Clone, Debug)]
pub struct Terms {
    /// `2026-11`
    pub version: String,
    pub in_force_from: NaiveDate,
    /// Markdown.
    pub body: String,
    pub is_current: bool,
}

impl Terms {
    /// Every version, the one in force first, then the newest.
    pub async fn all(db: &mut PgConnection) -> Result<Vec<Terms>> {
        let terms = sqlx::query_as!(
            Terms,
            r#"select version, in_force_from, body, version = terms_version as "is_current!"
               from terms, installation
               order by version = terms_version desc, in_force_from desc, version desc"#
        )
        .fetch_all(db)
        .await?;
        Ok(terms)
    }
}
