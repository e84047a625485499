//! The photo that stands for an article in place of its drawing.

use std::collections::HashMap;

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::article::Article;
use crate::{
    audit,
    error::Result,
    id::Id,
    members::member::Member,
    photograph::Photograph,
    spaces::photo::{self, Photo},
};

/// The photo of each article that has one.
pub(super) async fn photos(db: &mut PgConnection) -> Result<HashMap<Id<Article>, Photo>> {
    let rows = sqlx::query!(
        r#"select p.article_id as "article!", p.id, p.alt, l.width, l.height, s.width as small_width
           from photos p
           join photo_files l on l.photo_id = p.id and l.size = 'large'
           join photo_files s on s.photo_id = p.id and s.size = 'small'
           where p.article_id is not null"#
    )
    .fetch_all(db)
    .await?;
    let photos = rows.into_iter().map(|row| {
        let photo = Photo {
            id: row.id,
            alt: row.alt,
            width: row.width,
            height: row.height,
            small_width: row.small_width,
        };
        (row.article.into(), photo)
    });
    Ok(photos.collect())
}

/// Puts a photo in the place of the one that was there, if there was one. Its address is a new one, since
/// browsers keep photos for good.
pub async fn put(
    tx: &mut PgConnection,
    article: &Article,
    photograph: &Photograph,
    alt: &str,
    by: Id<Member>,
) -> Result<()> {
    let before = take(tx, article).await?;
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into photos (id, article_id, alt, position) values ($1, $2, $3, 1)",
        id,
        article.id.get(),
        alt
    )
    .execute(&mut *tx)
    .await?;
    photo::keep(tx, id, photograph).await?;
    let detail = json!({"slug": article.slug, "before": before, "after": alt});
    let (by, id) = (Some(by.get()), article.id.get());
    audit::record(tx, by, "put cover", "articles", id, detail).await?;
    Ok(())
}

/// Takes the photo away, so that the drawing stands again. Twice is once.
pub async fn remove(tx: &mut PgConnection, article: &Article, by: Id<Member>) -> Result<()> {
    let Some(before) = take(tx, article).await? else {
        return Ok(());
    };
    let detail = json!({"slug": article.slug, "before": before});
    let (by, id) = (Some(by.get()), article.id.get());
    audit::record(tx, by, "remove cover", "articles", id, detail).await?;
    Ok(())
}

/// What the photo showed that is gone now. Two who do this at once wait for each other at the article.
async fn take(tx: &mut PgConnection, article: &Article) -> Result<Option<String>> {
    let id = article.id.get();
    sqlx::query!(
        "select id from articles where id = $1 for no key update",
        id
    )
    .fetch_one(&mut *tx)
    .await?;
    let before = sqlx::query_scalar!("delete from photos where article_id = $1 returning alt", id)
        .fetch_optional(tx)
        .await?;
    Ok(before)
}
