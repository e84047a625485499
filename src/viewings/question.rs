//! Anything else that somebody asks: stored, promised an answer, answered by mail.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::request::Prospect;
use crate::{
    audit,
    error::{Error, Result},
    id::{self, Id},
    jobs::{self, Job},
    locations::location::Location,
    members::member::Member,
    time::{Zone, long_date},
};

#[derive(Clone, Debug)]
pub struct Question {
    pub id: Id<Question>,
    pub reference: String,
    pub place: String,
    pub place_slug: String,
    pub zone: Zone,
    pub status: Status,
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub body: String,
    pub spam_reason: String,
    pub answer_by: DateTime<Utc>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Status {
    Open,
    Answered,
    Closed,
    Spam,
}

impl Status {
    pub const ALL: [Status; 4] = [Status::Open, Status::Answered, Status::Closed, Status::Spam];

    pub fn key(self) -> &'static str {
        self.row().0
    }

    pub fn label(self) -> &'static str {
        self.row().1
    }

    pub fn tone(self) -> &'static str {
        self.row().2
    }

    pub fn named(key: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.key() == key)
    }

    fn row(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Status::Open => ("open", "Open", "sea"),
            Status::Answered => ("answered", "Answered", "ok"),
            Status::Closed => ("closed", "Closed", ""),
            Status::Spam => ("spam", "Spam", ""),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub body: String,
    pub author: String,
    pub at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("Somebody changed this a moment ago. Here is what is there now.")]
    Stale,
    #[error("We have no email address of theirs: call them, then close the question.")]
    NoAddress,
}

impl Question {
    /// Keeps a question; the same words of the same person again are the same question.
    pub async fn ask(
        tx: &mut PgConnection,
        place: &Location,
        prospect: &Prospect,
        body: &str,
        spam: Option<&str>,
        answer_by: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query!(
            "select pg_advisory_xact_lock(hashtextextended('prospect ' || $1, 0))",
            prospect.address()
        )
        .execute(&mut *tx)
        .await?;
        let known = sqlx::query_scalar!(
            "select 1 from questions where (email = $1 or phone = $2) and body = $3
                 and created_at > now() - interval '14 days'",
            prospect.email.as_deref(),
            prospect.phone.as_deref(),
            body
        )
        .fetch_optional(&mut *tx)
        .await?;
        if known.is_some() {
            return Ok(());
        }
        let id = Uuid::now_v7();
        let status = if spam.is_some() {
            Status::Spam
        } else {
            Status::Open
        };
        sqlx::query!(
            "insert into questions (id, reference, location_id, status, name, email, phone, body, spam_reason, answer_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            id,
            free_reference(&mut *tx).await?,
            place.id.get(),
            status as Status,
            prospect.name,
            prospect.email.as_deref(),
            prospect.phone.as_deref(),
            body,
            spam.unwrap_or_default(),
            answer_by
        )
        .execute(&mut *tx)
        .await?;
        audit::record(
            tx,
            None,
            "ask",
            "questions",
            id,
            json!({"spam": spam.is_some()}),
        )
        .await?;
        if spam.is_none() {
            jobs::enqueue(tx, &Job::QuestionReceived { question: id }).await?;
            jobs::enqueue(tx, &Job::QuestionArrived { question: id }).await?;
        }
        Ok(())
    }

    /// The ones to be answered first on top; of those that are done, the newest.
    pub async fn list(db: &mut PgConnection, status: Status) -> Result<Vec<Question>> {
        Question::read(db, Some(status), None, None).await
    }

    pub async fn by_id(db: &mut PgConnection, id: Uuid) -> Result<Option<Question>> {
        Ok(Question::read(db, None, Some(id), None).await?.pop())
    }

    /// `NotFound` if there is none.
    pub async fn find(db: &mut PgConnection, reference: &str) -> Result<Question> {
        let found = Question::read(db, None, None, Some(reference)).await?.pop();
        found.ok_or(Error::NotFound)
    }

    async fn read(
        db: &mut PgConnection,
        status: Option<Status>,
        id: Option<Uuid>,
        reference: Option<&str>,
    ) -> Result<Vec<Question>> {
        let rows = sqlx::query!(
            r#"select q.id, q.reference, l.name as place, l.slug as place_slug, l.time_zone,
                   q.status as "status: Status", q.name, q.email, q.phone, q.body, q.spam_reason, q.answer_by,
                   q.version, q.created_at
               from questions q join locations l on l.id = q.location_id
               where q.forgotten_at is null and ($1::text is null or q.status = $1)
                 and ($2::uuid is null or q.id = $2) and ($3::text is null or q.reference = $3)
               order by case when q.status = 'open' then q.answer_by end, q.changed_at desc limit 200"#,
            status.map(Status::key),
            id,
            reference
        )
        .fetch_all(db)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Question {
                    id: row.id.into(),
                    reference: row.reference,
                    place: row.place,
                    place_slug: row.place_slug,
                    zone: Zone::named(&row.time_zone)?,
                    status: row.status,
                    name: row.name,
                    email: row.email,
                    phone: row.phone,
                    body: row.body,
                    spam_reason: row.spam_reason,
                    answer_by: row.answer_by,
                    version: row.version,
                    created_at: row.created_at,
                })
            })
            .collect()
    }

    /// How many there are of each.
    pub async fn counts(db: &mut PgConnection) -> Result<Vec<(Status, i64)>> {
        let rows = sqlx::query!(
            r#"select status as "status: Status", count(*) as "count!" from questions
               where forgotten_at is null group by status"#
        )
        .fetch_all(db)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.status, row.count))
            .collect())
    }

    pub async fn answers(&self, db: &mut PgConnection) -> Result<Vec<Answer>> {
        let answers = sqlx::query_as!(
            Answer,
            "select a.body, m.name as author, a.at from question_answers a join members m on m.id = a.author_id
             where a.question_id = $1 order by a.at",
            self.id.get()
        )
        .fetch_all(db)
        .await?;
        Ok(answers)
    }

    /// Mails an answer, and counts the question as answered.
    pub async fn answer(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        body: &str,
        version: i32,
    ) -> Result<Result<(), Refusal>> {
        if self.email.is_none() {
            return Ok(Err(Refusal::NoAddress));
        }
        if !self.change(tx, by, Status::Answered, version).await? {
            return Ok(Err(Refusal::Stale));
        }
        let answer = Uuid::now_v7();
        sqlx::query!(
            "insert into question_answers (id, question_id, body, author_id) values ($1, $2, $3, $4)",
            answer,
            self.id.get(),
            body,
            by.get()
        )
        .execute(&mut *tx)
        .await?;
        jobs::enqueue(tx, &Job::QuestionAnswered { answer }).await?;
        Ok(Ok(()))
    }

    /// Closes it, opens it again, sets it aside as spam or takes it back from there.
    pub async fn set(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        status: Status,
        version: i32,
    ) -> Result<Result<(), Refusal>> {
        let changed = self.change(tx, by, status, version).await?;
        Ok(if changed { Ok(()) } else { Err(Refusal::Stale) })
    }

    async fn change(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        status: Status,
        version: i32,
    ) -> Result<bool> {
        let changed = sqlx::query!(
            "update questions set status = $2, version = version + 1, changed_at = now()
             where id = $1 and version = $3",
            self.id.get(),
            status as Status,
            version
        )
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        let detail = json!({"from": self.status.key(), "to": status.key()});
        audit::record(
            tx,
            Some(by.get()),
            "move",
            "questions",
            self.id.get(),
            detail,
        )
        .await?;
        Ok(true)
    }

    pub fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        self.status == Status::Open && self.answer_by < now
    }

    /// `Fri 27 November, 12:00`
    pub fn moment(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let date = long_date(self.zone.date(at), self.zone.date(now));
        format!("{date}, {}", self.zone.clock(at))
    }

    pub fn url(&self) -> String {
        format!("/admin/questions/{}", self.reference)
    }
}

/// An answer's words with its question, for its mail.
pub async fn answered(db: &mut PgConnection, answer: Uuid) -> Result<Option<(Question, String)>> {
    let row = sqlx::query!(
        "select question_id, body from question_answers where id = $1",
        answer
    )
    .fetch_optional(&mut *db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let question = Question::by_id(db, row.question_id).await?;
    Ok(question.map(|question| (question, row.body)))
}

async fn free_reference(tx: &mut PgConnection) -> Result<String> {
    loop {
        let reference = id::reference("Q-");
        let known = sqlx::query_scalar!("select 1 from questions where reference = $1", reference)
            .fetch_optional(&mut *tx)
            .await?;
        if known.is_none() {
            return Ok(reference);
        }
    }
}
