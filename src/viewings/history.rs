//! What happened to a viewing, in words: its notes and what the audit trail has of it, as one list.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use super::{
    note::{self, Note},
    viewing::{Status, Viewing},
};
use crate::{error::Result, id::Id};

#[derive(Clone, Debug)]
pub struct Happening {
    pub at: DateTime<Utc>,
    /// `None` for the prospect, or the house itself.
    pub who: Option<String>,
    pub icon: &'static str,
    /// `Call`, `Moved from New to Contacted`.
    pub title: String,
    /// Somebody's own words; may be empty.
    pub body: String,
}

/// The newest first.
pub async fn of(db: &mut PgConnection, viewing: Id<Viewing>) -> Result<Vec<Happening>> {
    let notes = note::of(&mut *db, viewing).await?;
    let events = sqlx::query!(
        r#"select e.at, e.verb, e.detail, m.name as "who?" from audit_events e
           left join members m on m.id = e.actor_id
           where e.subject = 'viewings' and e.subject_id = $1 and e.verb <> 'request' order by e.at desc"#,
        viewing.get()
    )
    .fetch_all(db)
    .await?;
    let events = events.into_iter().map(|event| Happening {
        at: event.at,
        who: event.who,
        icon: "arrow-right",
        title: words(&event.verb, &event.detail),
        body: String::new(),
    });
    let mut all: Vec<Happening> = notes.into_iter().map(noted).chain(events).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(all)
}

fn noted(note: Note) -> Happening {
    Happening {
        at: note.at,
        who: note.author,
        icon: note.kind.icon(),
        title: note.kind.label().to_owned(),
        body: note.body,
    }
}

fn words(verb: &str, detail: &Value) -> String {
    let status = |key| {
        detail[key]
            .as_str()
            .and_then(Status::named)
            .map_or("?", Status::label)
    };
    match verb {
        "move" => format!("Moved from {} to {}", status("from"), status("to")),
        "schedule" if detail["moved_from"].is_null() => "Agreed on a visit".into(),
        "schedule" => "Moved the visit".into(),
        "withdraw" => "Withdrawn by the prospect".into(),
        "wish again" => "Asked for another time".into(),
        "edit" => "Changed the details".into(),
        "plan" => "Changed what is next".into(),
        "win" => "Won".into(),
        other => other.to_owned(),
    }
}
