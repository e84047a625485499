//! All that the front desk knows of a person.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    company::Company,
    member::{Member, Standing},
    staff::Role,
};
use crate::{audit, error::Result, id::Id, time::Zone};

#[derive(Clone, Debug)]
pub struct Dossier {
    pub id: Id<Member>,
    /// `CM-7K3M9`
    pub reference: String,
    pub name: String,
    pub email: Option<String>,
    pub email_verified: bool,
    /// E.164.
    pub phone: Option<String>,
    pub home: Option<String>,
    pub home_name: Option<String>,
    pub standing: Standing,
    pub standing_reason: String,
    pub has_password: bool,
    pub since: DateTime<Utc>,
    pub version: i32,
    /// `None` for those who do not work here.
    pub role: Option<Role>,
    pub erasure_asked_at: Option<DateTime<Utc>>,
    pub erased_at: Option<DateTime<Utc>>,
    /// The reference of the person whom this one turned out to be.
    pub merged_into: Option<String>,
    pub last_visit: Option<DateTime<Utc>>,
    /// Of their home location, or else of our first.
    pub zone: Zone,
    pub companies: Vec<Company>,
}

impl Dossier {
    pub async fn find(db: &mut PgConnection, reference: &str) -> Result<Option<Dossier>> {
        let Some(row) = sqlx::query!(
            r#"select m.id, m.reference, m.name, m.email, m.email_verified_at is not null as "email_verified!", m.phone,
                      l.slug as "home?", l.name as "home_name?", m.standing as "standing: Standing", m.standing_reason,
                      m.password_hash is not null as "has_password!", m.created_at, m.version, s.role as "role?: Role",
                      m.erasure_asked_at, m.erased_at, k.reference as "merged_into?",
                      (select lower(b.during) from bookings b where b.member_id = m.id
                       and b.status in ('checked_in', 'completed') order by lower(b.during) desc limit 1) as last_visit,
                      coalesce(l.time_zone, (select time_zone from locations order by position, name limit 1),
                               'Africa/Johannesburg') as "zone!"
               from members m
               left join locations l on l.id = m.home_location_id
               left join staff s on s.member_id = m.id
               left join members k on k.id = m.merged_into
               where m.reference = $1"#,
            reference
        )
        .fetch_optional(&mut *db)
        .await?
        else {
            return Ok(None);
        };
        Ok(Some(Dossier {
            companies: Company::of(db, row.id.into()).await?,
            id: row.id.into(),
            reference: row.reference,
            name: row.name,
            email: row.email,
            email_verified: row.email_verified,
            phone: row.phone,
            home: row.home,
            home_name: row.home_name,
            standing: row.standing,
            standing_reason: row.standing_reason,
            has_password: row.has_password,
            since: row.created_at,
            version: row.version,
            role: row.role,
            erasure_asked_at: row.erasure_asked_at,
            erased_at: row.erased_at,
            merged_into: row.merged_into,
            last_visit: row.last_visit,
            zone: Zone::named(&row.zone)?,
        }))
    }

    pub fn url(&self) -> String {
        format!("/admin/members/{}", self.reference)
    }
}

/// What staff noted of somebody, dated and signed.
#[derive(Clone, Debug)]
pub struct Note {
    pub at: DateTime<Utc>,
    pub author: String,
    pub body: String,
}

impl Note {
    /// The newest first.
    pub async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Note>> {
        let notes = sqlx::query_as!(
            Note,
            "select n.at, a.name as author, n.body from member_notes n join members a on a.id = n.author_id
             where n.member_id = $1 order by n.at desc, n.id desc",
            member.get()
        )
        .fetch_all(db)
        .await?;
        Ok(notes)
    }

    pub async fn add(
        tx: &mut PgConnection,
        by: Id<Member>,
        member: Id<Member>,
        body: &str,
    ) -> Result<()> {
        sqlx::query!(
            "insert into member_notes (id, member_id, author_id, body) values ($1, $2, $3, $4)",
            Uuid::now_v7(),
            member.get(),
            by.get(),
            body
        )
        .execute(&mut *tx)
        .await?;
        audit::record(
            tx,
            Some(by.get()),
            "note",
            "members",
            member.get(),
            json!({}),
        )
        .await?;
        Ok(())
    }
}
