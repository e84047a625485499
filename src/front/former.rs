//! What pages were called before, and what has gone.

use sqlx::PgConnection;

use crate::error::Result;

/// Where a page is whose address leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// It is called so now.
    Moved(String),
    /// It was public once.
    Gone,
    Unknown,
}

impl Whereabouts {
    /// Of a journal article, a location or a space, by the first part of its path and its slug.
    pub async fn of(db: &mut PgConnection, section: &str, slug: &str) -> Result<Whereabouts> {
        let kind = match section {
            "journal" => "article",
            "locations" => "location",
            "spaces" => "space",
            _ => return Ok(Whereabouts::Unknown),
        };
        let found = sqlx::query!(
            r#"with things as (
                   select 'article' as kind, id, slug, withdrawn_at is not null as gone from articles
                   where published_at is not null
                   union all select 'location', id, slug, status = 'closed' from locations
                   union all select 'space', id, slug, status = 'retired' from spaces
               )
               select slug as "slug!", gone as "gone!" from things t
               where t.kind = $1
                 and (t.slug = $2 or exists (select from former_slugs f
                                             where f.kind = t.kind and f.subject_id = t.id and f.slug = $2))
               order by t.slug = $2 desc limit 1"#,
            kind,
            slug
        )
        .fetch_optional(db)
        .await?;
        Ok(match found {
            Some(thing) if thing.gone => Whereabouts::Gone,
            Some(thing) if thing.slug != slug => Whereabouts::Moved(thing.slug),
            _ => Whereabouts::Unknown,
        })
    }
}
