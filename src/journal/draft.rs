//! Writing an article: what an author wants it to be, and the writing of it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::article::{Article, Category};
use crate::{audit, error::Result, id::Id, members::member::Member};

/// An article as its author wants it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub slug: String,
    pub title: String,
    pub summary: String,
    pub body: String,
    pub category: Category,
    pub author: String,
    pub cover: String,
    /// `None` leaves it a draft; later than now, it appears then.
    pub published_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Another article has this address. Choose another.")]
    SlugTaken,
    #[error(
        "Somebody else has changed this article since you opened it. Copy what you wrote, open it again and put it in."
    )]
    Stale,
}

impl Draft {
    /// Writes a new article.
    pub async fn begin(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
    ) -> Result<Result<(), Refusal>> {
        let id = Uuid::now_v7();
        let written = sqlx::query!(
            "insert into articles (id, slug, title, summary, body, category, author, cover, published_at, withdrawn_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (slug) do nothing",
            id,
            self.slug,
            self.title,
            self.summary,
            self.body,
            self.category.key(),
            self.author,
            self.cover,
            self.published_at,
            self.withdrawn_at
        )
        .execute(&mut *tx)
        .await?;
        if written.rows_affected() == 0 {
            return Ok(Err(Refusal::SlugTaken));
        }
        self.record(tx, by, "write article", id).await?;
        Ok(Ok(()))
    }

    /// Puts it in the place of an article, if that is still at the version that its author read.
    pub async fn replace(
        &self,
        tx: &mut PgConnection,
        article: &Article,
        version: i32,
        by: Id<Member>,
    ) -> Result<Result<(), Refusal>> {
        let namesake = sqlx::query_scalar!(
            r#"select exists (select from articles where slug = $1 and id <> $2) as "taken!""#,
            self.slug,
            article.id.get()
        );
        if namesake.fetch_one(&mut *tx).await? {
            return Ok(Err(Refusal::SlugTaken));
        }
        let written = sqlx::query!(
            "update articles
             set slug = $3, title = $4, summary = $5, body = $6, category = $7, author = $8, cover = $9,
                 published_at = $10, withdrawn_at = $11, version = version + 1, updated_at = now()
             where id = $1 and version = $2",
            article.id.get(),
            version,
            self.slug,
            self.title,
            self.summary,
            self.body,
            self.category.key(),
            self.author,
            self.cover,
            self.published_at,
            self.withdrawn_at
        )
        .execute(&mut *tx)
        .await?;
        if written.rows_affected() == 0 {
            return Ok(Err(Refusal::Stale));
        }
        self.record(tx, by, "change article", article.id.get())
            .await?;
        Ok(Ok(()))
    }

    async fn record(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        verb: &str,
        id: Uuid,
    ) -> Result<()> {
        let detail = json!({
            "slug": self.slug,
            "title": self.title,
            "published_at": self.published_at,
            "withdrawn_at": self.withdrawn_at,
        });
        audit::record(tx, Some(by.get()), verb, "articles", id, detail).await?;
        Ok(())
    }
}
