//! Photos of locations and of spaces. Until there is one, a drawing stands in its place.

use std::collections::HashMap;

use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::space::Space;
use crate::{
    audit,
    error::{Error, Result},
    form,
    id::Id,
    locations::location::Location,
    members::member::Member,
    photograph::{Photograph, Rendition},
};

/// How many photos a location or a space may have.
const MOST: i64 = 12;

#[derive(Clone, Debug)]
pub struct Photo {
    pub id: Uuid,
    /// What it shows, in words.
    pub alt: String,
    /// Of the large file, in pixels.
    pub width: i32,
    pub height: i32,
    /// Of the small file.
    pub small_width: i32,
}

/// What photos are of.
#[derive(Clone, Debug)]
pub struct Subject {
    pub of: Of,
    pub slug: String,
    pub name: String,
    /// Whose managers look after its photos.
    pub location: Id<Location>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Of {
    Location(Id<Location>),
    Space(Id<Space>),
}

impl Of {
    fn location(self) -> Option<Uuid> {
        match self {
            Of::Location(id) => Some(id.get()),
            Of::Space(_) => None,
        }
    }

    fn space(self) -> Option<Uuid> {
        match self {
            Of::Space(id) => Some(id.get()),
            Of::Location(_) => None,
        }
    }
}

/// Where a photo goes among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    First,
    Earlier,
    Later,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("There are 12 photos already. Remove one first.")]
    Full,
}

/// What a photo shows, for those who do not see it.
pub fn alt(text: &str) -> Result<String, String> {
    match form::optional_line(text, 200)? {
        empty if empty.is_empty() => {
            Err("Say what the photo shows, for those who do not see it.".into())
        }
        alt => Ok(alt),
    }
}

impl Subject {
    /// A space of any status.
    pub async fn space(db: &mut PgConnection, slug: &str) -> Result<Subject> {
        let row = sqlx::query!(
            "select id, slug, name, location_id from spaces where slug = $1",
            slug
        )
        .fetch_one(db)
        .await?;
        Ok(Subject {
            of: Of::Space(row.id.into()),
            slug: row.slug,
            name: row.name,
            location: row.location_id.into(),
        })
    }

    /// A location of any status.
    pub async fn location(db: &mut PgConnection, slug: &str) -> Result<Subject> {
        let row = sqlx::query!("select id, slug, name from locations where slug = $1", slug)
            .fetch_one(db)
            .await?;
        Ok(Subject {
            of: Of::Location(row.id.into()),
            slug: row.slug,
            name: row.name,
            location: row.id.into(),
        })
    }

    /// What a photo is of.
    pub async fn of_photo(db: &mut PgConnection, photo: Uuid) -> Result<Subject> {
        let row = sqlx::query!(
            r#"select s.slug as "space?", l.slug as "location?" from photos p
               left join spaces s on s.id = p.space_id left join locations l on l.id = p.location_id
               where p.id = $1"#,
            photo
        )
        .fetch_one(&mut *db)
        .await?;
        match (row.space, row.location) {
            (Some(slug), _) => Subject::space(db, &slug).await,
            (None, Some(slug)) => Subject::location(db, &slug).await,
            (None, None) => Err(Error::NotFound),
        }
    }
}

impl Photo {
    /// Where its file is that is about so wide: `large` or `small`. It never changes.
    pub fn url(&self, size: &str) -> String {
        format!("/photos/{}/{size}.webp", self.id)
    }

    /// The cover first.
    pub async fn of(db: impl PgExecutor<'_>, of: Of) -> Result<Vec<Photo>> {
        let photos = sqlx::query_as!(
            Photo,
            "select p.id, p.alt, l.width, l.height, s.width as small_width from photos p
             join photo_files l on l.photo_id = p.id and l.size = 'large'
             join photo_files s on s.photo_id = p.id and s.size = 'small'
             where p.location_id = $1 or p.space_id = $2 order by p.position, p.id",
            of.location(),
            of.space()
        )
        .fetch_all(db)
        .await?;
        Ok(photos)
    }

    /// The cover of each space that has one.
    pub async fn covers(db: impl PgExecutor<'_>) -> Result<HashMap<Id<Space>, Photo>> {
        let rows = sqlx::query!(
            r#"select distinct on (p.space_id) p.space_id as "space!", p.id, p.alt, l.width, l.height, s.width as small_width
               from photos p
               join photo_files l on l.photo_id = p.id and l.size = 'large'
               join photo_files s on s.photo_id = p.id and s.size = 'small'
               where p.space_id is not null order by p.space_id, p.position, p.id"#
        )
        .fetch_all(db)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let photo = Photo {
                    id: row.id,
                    alt: row.alt,
                    width: row.width,
                    height: row.height,
                    small_width: row.small_width,
                };
                (row.space.into(), photo)
            })
            .collect())
    }

    /// A file as WebP; `size` is `large` or `small`.
    pub async fn file(db: impl PgExecutor<'_>, id: Uuid, size: &str) -> Result<Vec<u8>> {
        let webp = sqlx::query_scalar!(
            "select webp from photo_files where photo_id = $1 and size = $2",
            id,
            size
        )
        .fetch_one(db)
        .await?;
        Ok(webp)
    }

    /// Puts it behind the others.
    pub async fn add(
        tx: &mut PgConnection,
        subject: &Subject,
        photograph: &Photograph,
        alt: &str,
        by: Id<Member>,
    ) -> Result<Result<Uuid, Refusal>> {
        let (location, space) = (subject.of.location(), subject.of.space());
        let have = sqlx::query!(
            r#"select count(*) as "count!", coalesce(max(position), 0) as "last!" from photos
               where location_id = $1 or space_id = $2"#,
            location,
            space
        )
        .fetch_one(&mut *tx)
        .await?;
        if have.count >= MOST {
            return Ok(Err(Refusal::Full));
        }
        let id = Uuid::now_v7();
        sqlx::query!(
            "insert into photos (id, location_id, space_id, alt, position) values ($1, $2, $3, $4, $5)",
            id,
            location,
            space,
            alt,
            have.last + 1
        )
        .execute(&mut *tx)
        .await?;
        keep(tx, id, photograph).await?;
        note(tx, subject, "add photo", id, json!({"alt": alt}), by).await?;
        Ok(Ok(id))
    }

    pub async fn describe(
        tx: &mut PgConnection,
        subject: &Subject,
        id: Uuid,
        alt: &str,
        by: Id<Member>,
    ) -> Result<()> {
        let before = sqlx::query_scalar!("select alt from photos where id = $1 for update", id)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query!("update photos set alt = $2 where id = $1", id, alt)
            .execute(&mut *tx)
            .await?;
        let detail = json!({"before": before, "after": alt});
        note(tx, subject, "describe photo", id, detail, by).await
    }

    pub async fn place(
        tx: &mut PgConnection,
        subject: &Subject,
        id: Uuid,
        to: Move,
        by: Id<Member>,
    ) -> Result<()> {
        let mut order: Vec<Uuid> = Photo::of(&mut *tx, subject.of)
            .await?
            .iter()
            .map(|photo| photo.id)
            .collect();
        let at = order
            .iter()
            .position(|one| *one == id)
            .ok_or(Error::NotFound)?;
        let target = match to {
            Move::First => 0,
            Move::Earlier => at.saturating_sub(1),
            Move::Later => (at + 1).min(order.len() - 1),
        };
        order.remove(at);
        order.insert(target, id);
        sqlx::query!(
            "update photos set position = place from unnest($1::uuid[]) with ordinality as placed (photo, place)
             where id = photo",
            &order
        )
        .execute(&mut *tx)
        .await?;
        let detail = json!({"from": at + 1, "to": target + 1});
        note(tx, subject, "move photo", id, detail, by).await
    }

    pub async fn remove(
        tx: &mut PgConnection,
        subject: &Subject,
        id: Uuid,
        by: Id<Member>,
    ) -> Result<()> {
        let alt = sqlx::query_scalar!("delete from photos where id = $1 returning alt", id)
            .fetch_one(&mut *tx)
            .await?;
        note(tx, subject, "remove photo", id, json!({"alt": alt}), by).await
    }
}

/// The files of a photo, in both sizes.
pub async fn keep(tx: &mut PgConnection, photo: Uuid, photograph: &Photograph) -> Result<()> {
    keep_one(tx, photo, "large", &photograph.large).await?;
    keep_one(tx, photo, "small", &photograph.small).await
}

async fn keep_one(tx: &mut PgConnection, photo: Uuid, size: &str, file: &Rendition) -> Result<()> {
    sqlx::query!(
        "insert into photo_files (photo_id, size, width, height, webp) values ($1, $2, $3, $4, $5)",
        photo,
        size,
        i32::try_from(file.width).unwrap_or(i32::MAX),
        i32::try_from(file.height).unwrap_or(i32::MAX),
        file.webp
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The audit line, under the location or the space.
async fn note(
    tx: &mut PgConnection,
    subject: &Subject,
    verb: &str,
    photo: Uuid,
    mut detail: Value,
    by: Id<Member>,
) -> Result<()> {
    detail["photo"] = json!(photo);
    detail["name"] = json!(subject.name);
    let (table, id) = match subject.of {
        Of::Location(id) => ("locations", id.get()),
        Of::Space(id) => ("spaces", id.get()),
    };
    audit::record(tx, Some(by.get()), verb, table, id, detail).await?;
    Ok(())
}
