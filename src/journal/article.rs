//! An article, and who may read it when.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::cover;
use crate::{error::Result, id::Id, spaces::photo::Photo};

#[derive(Clone, Debug)]
pub struct Article {
    pub id: Id<Article>,
    pub slug: String,
    pub title: String,
    pub summary: String,
    /// Markdown.
    pub body: String,
    pub category: Category,
    pub author: String,
    /// The drawing that stands for it while there is no photo.
    pub cover: String,
    pub photo: Option<Photo>,
    pub published_at: Option<DateTime<Utc>>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Locations,
    CaseStudies,
    Advice,
}

/// Where an article is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Draft,
    /// It appears by itself.
    Scheduled,
    Published,
    Withdrawn,
}

/// The drawings that an article can have: files of `templates/journal/covers/`.
pub const COVERS: [(&str, &str); 6] = [
    ("places", "Three places and a sunrise"),
    ("power", "A lamp that stays on"),
    ("desks", "Desks from above"),
    ("table", "A table from above"),
    ("clock", "A clock and letters"),
    ("paper", "A paper with figures"),
];

impl Category {
    pub const ALL: [Category; 3] = [Category::Locations, Category::CaseStudies, Category::Advice];

    pub fn key(self) -> &'static str {
        match self {
            Category::Locations => "locations",
            Category::CaseStudies => "case_studies",
            Category::Advice => "advice",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Category::Locations => "Our locations",
            Category::CaseStudies => "Case studies",
            Category::Advice => "Space advice",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl FromStr for Category {
    type Err = String;

    fn from_str(text: &str) -> Result<Category, String> {
        Category::ALL
            .into_iter()
            .find(|category| category.key() == text)
            .ok_or_else(|| "Choose a category.".to_owned())
    }
}

impl Stage {
    pub fn label(self) -> &'static str {
        match self {
            Stage::Draft => "Draft",
            Stage::Scheduled => "Scheduled",
            Stage::Published => "Published",
            Stage::Withdrawn => "Withdrawn",
        }
    }
}

impl Article {
    /// Those that everybody may read, the newest first; with words to look for, the closest first.
    pub async fn published(
        db: &mut PgConnection,
        category: Option<Category>,
        words: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<Article>> {
        // The beginning of a word finds it, too.
        let is_word = words.chars().all(char::is_alphanumeric);
        let begins = (is_word && !words.is_empty()).then(|| format!("{words}:*"));
        let rows = sqlx::query_as!(
            Row,
            "select id, slug, title, summary, body, category, author, cover, published_at, withdrawn_at, updated_at,
                    version
             from articles,
                  (select websearch_to_tsquery('english', $2) || coalesce(to_tsquery('english', $4), '')) as sought(wanted)
             where published_at <= $3 and withdrawn_at is null
               and ($1::text is null or category = $1)
               and ($2 = '' or search @@ wanted)
             order by case when $2 <> '' then ts_rank(search, wanted) end desc nulls last, published_at desc, id",
            category.map(Category::key),
            words,
            now,
            begins
        )
        .fetch_all(&mut *db)
        .await?;
        Article::read(db, rows).await
    }

    /// One that everybody may read.
    pub async fn find(
        db: &mut PgConnection,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Article>> {
        let row = sqlx::query_as!(
            Row,
            "select id, slug, title, summary, body, category, author, cover, published_at, withdrawn_at, updated_at,
                    version
             from articles where slug = $1 and published_at <= $2 and withdrawn_at is null",
            slug,
            now
        )
        .fetch_optional(&mut *db)
        .await?;
        Ok(Article::read(db, row.into_iter().collect()).await?.pop())
    }

    /// Every one, for those who write them: what is not published first, then the newest.
    pub async fn all(db: &mut PgConnection) -> Result<Vec<Article>> {
        let rows = sqlx::query_as!(
            Row,
            "select id, slug, title, summary, body, category, author, cover, published_at, withdrawn_at, updated_at,
                    version
             from articles order by published_at desc nulls first, updated_at desc"
        )
        .fetch_all(&mut *db)
        .await?;
        Article::read(db, rows).await
    }

    /// Whatever its stage.
    pub async fn by_slug(db: &mut PgConnection, slug: &str) -> Result<Option<Article>> {
        Ok(Article::all(db)
            .await?
            .into_iter()
            .find(|article| article.slug == slug))
    }

    async fn read(db: &mut PgConnection, rows: Vec<Row>) -> Result<Vec<Article>> {
        let mut photos = cover::photos(db).await?;
        let dressed = rows.into_iter().map(|row| {
            let mut article = Article::try_from(row)?;
            article.photo = photos.remove(&article.id);
            Ok(article)
        });
        dressed.collect()
    }

    pub fn stage(&self, now: DateTime<Utc>) -> Stage {
        match self.published_at {
            _ if self.withdrawn_at.is_some() => Stage::Withdrawn,
            None => Stage::Draft,
            Some(at) if at > now => Stage::Scheduled,
            Some(_) => Stage::Published,
        }
    }

    pub fn url(&self) -> String {
        format!("/journal/{}", self.slug)
    }
}

struct Row {
    id: uuid::Uuid,
    slug: String,
    title: String,
    summary: String,
    body: String,
    category: String,
    author: String,
    cover: String,
    published_at: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
    version: i32,
}

impl TryFrom<Row> for Article {
    type Error = crate::error::Error;

    fn try_from(row: Row) -> Result<Article> {
        Ok(Article {
            id: row.id.into(),
            category: row.category.parse().map_err(anyhow::Error::msg)?,
            slug: row.slug,
            title: row.title,
            summary: row.summary,
            body: row.body,
            author: row.author,
            cover: row.cover,
            photo: None,
            published_at: row.published_at,
            withdrawn_at: row.withdrawn_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}
