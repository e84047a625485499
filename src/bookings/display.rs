//! A screen at the door of a space: its address holds a secret of which the table keeps the hash, and shows what
//! everybody may know of that space, and of no other.

pub mod holding;
pub mod presence;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use crate::{
    audit, error::Result, form::line, id::Id, members::member::Member, sessions::secret,
    spaces::space::Space, time::Span,
};

/// One that works, as whoever looks after it sees it.
#[derive(Clone, Debug)]
pub struct Display {
    pub id: Uuid,
    pub name: String,
    pub shows_titles: bool,
    pub made_at: DateTime<Utc>,
    /// To the minute.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// What the secret of an address opens.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub id: Uuid,
    pub space: Id<Space>,
    pub shows_titles: bool,
}

/// A time that is taken, as a screen says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    pub during: Span,
    /// The title, or that it is reserved.
    pub words: String,
}

/// Those of a space that work.
pub async fn of(db: &mut PgConnection, space: Id<Space>) -> Result<Vec<Display>> {
    let displays = sqlx::query_as!(
        Display,
        "select id, name, shows_titles, made_at, last_seen_at from displays
         where space_id = $1 and revoked_at is null order by made_at",
        space.get()
    )
    .fetch_all(db)
    .await?;
    Ok(displays)
}

/// Makes one and returns its secret, which cannot be had again.
pub async fn make(
    tx: &mut PgConnection,
    by: Id<Member>,
    space: Id<Space>,
    name: &str,
    shows_titles: bool,
) -> Result<String> {
    let secret = secret::fresh();
    sqlx::query!(
        "insert into displays (id, token_hash, space_id, name, shows_titles, made_by) values ($1, $2, $3, $4, $5, $6)",
        Uuid::now_v7(),
        secret::digest(&secret),
        space.get(),
        name,
        shows_titles,
        by.get()
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"name": name, "shows_titles": shows_titles});
    audit::record(
        tx,
        Some(by.get()),
        "make display",
        "spaces",
        space.get(),
        detail,
    )
    .await?;
    Ok(secret)
}

/// Ends one of a space: its address leads nowhere from now on. False if there is none.
pub async fn end(
    tx: &mut PgConnection,
    by: Id<Member>,
    space: Id<Space>,
    id: Uuid,
) -> Result<bool> {
    let ended = sqlx::query_scalar!(
        "update displays set revoked_at = now() where id = $1 and space_id = $2 and revoked_at is null returning name",
        id,
        space.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(name) = ended else { return Ok(false) };
    let detail = json!({"name": name});
    audit::record(
        tx,
        Some(by.get()),
        "end display",
        "spaces",
        space.get(),
        detail,
    )
    .await?;
    Ok(true)
}

/// What a secret opens; `None` if it is none of ours, or works no more. Notes that it was seen, once a minute.
pub async fn opened(db: &mut PgConnection, secret: &str) -> Result<Option<Opened>> {
    let row = sqlx::query!(
        r#"select id, space_id, shows_titles, coalesce(last_seen_at < now() - interval '1 minute', true) as "stale!"
           from displays where token_hash = $1 and revoked_at is null"#,
        secret::digest(secret)
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    if row.stale {
        sqlx::query!(
            "update displays set last_seen_at = now() where id = $1",
            row.id
        )
        .execute(db)
        .await?;
    }
    Ok(Some(Opened {
        id: row.id,
        space: row.space_id.into(),
        shows_titles: row.shows_titles,
    }))
}

/// What takes a space within a window, its parts and the whole that it is a part of included; earliest first.
pub async fn taken(db: &mut PgConnection, opened: Opened, window: Span) -> Result<Vec<Taken>> {
    let rows = sqlx::query!(
        r#"select o.during as "during!", b.title, b.status
           from occupancies o join bookings b on b.id = o.booking_id
           where (o.space_id = $1
                  or o.id in (select p.occupancy_id from pieces($1) piece
                              join part_occupancies p on p.space_id = piece and p.active and p.occupies && $2))
             and o.active and o.during && $2 and b.status <> 'no_show'
             and (o.held_until is null or o.held_until > now())
           order by lower(o.during)"#,
        opened.space.get(),
        PgRange::from(window)
    )
    .fetch_all(db)
    .await?;
    let words = |title: &str, status: &str| match (line(title), status) {
        (_, "held") => "Held".to_owned(),
        (title, _) if opened.shows_titles && !title.is_empty() => title,
        _ => "Reserved".to_owned(),
    };
    let taken = rows.into_iter().map(|row| Taken {
        words: words(&row.title, &row.status),
        during: row.during.into(),
    });
    Ok(taken.collect())
}
