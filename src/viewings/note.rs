//! What was said and done about a viewing: its request's own words, calls, mails, notes.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::viewing::Viewing;
use crate::{error::Result, id::Id, members::member::Member};

#[derive(Clone, Debug)]
pub struct Note {
    pub kind: Kind,
    pub body: String,
    /// `None` for the prospect's own.
    pub author: Option<String>,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Kind {
    Request,
    Note,
    Call,
    Whatsapp,
    Mail,
}

impl Kind {
    /// What staff can write down.
    pub const BY_STAFF: [Kind; 4] = [Kind::Note, Kind::Call, Kind::Whatsapp, Kind::Mail];

    pub fn key(self) -> &'static str {
        self.row().0
    }

    pub fn label(self) -> &'static str {
        self.row().1
    }

    pub fn icon(self) -> &'static str {
        self.row().2
    }

    pub fn by_staff(key: &str) -> Option<Kind> {
        Kind::BY_STAFF.into_iter().find(|kind| kind.key() == key)
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::Request => ("request", "Request", "footprints"),
            Kind::Note => ("note", "Note", "pencil"),
            Kind::Call => ("call", "Call", "phone"),
            Kind::Whatsapp => ("whatsapp", "WhatsApp", "message-circle"),
            Kind::Mail => ("mail", "Mail", "mail"),
        }
    }
}

pub async fn add(
    tx: &mut PgConnection,
    viewing: Id<Viewing>,
    kind: Kind,
    body: &str,
    author: Option<Id<Member>>,
) -> Result<()> {
    sqlx::query!(
        "insert into viewing_notes (id, viewing_id, kind, body, author_id) values ($1, $2, $3, $4, $5)",
        Uuid::now_v7(),
        viewing.get(),
        kind as Kind,
        body,
        author.map(Id::get)
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The newest first.
pub async fn of(db: &mut PgConnection, viewing: Id<Viewing>) -> Result<Vec<Note>> {
    let notes = sqlx::query_as!(
        Note,
        r#"select n.kind as "kind: Kind", n.body, m.name as "author?", n.at
           from viewing_notes n left join members m on m.id = n.author_id
           where n.viewing_id = $1 order by n.at desc, n.id desc"#,
        viewing.get()
    )
    .fetch_all(db)
    .await?;
    Ok(notes)
}
