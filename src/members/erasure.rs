//! Forgetting somebody who asks for it (POPIA s 24): the person goes, what the law has us keep stays.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{dossier::Dossier, member::Member};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    locations::location::Location,
    money::Money,
    sessions::{link::Link, session},
};

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "They have bookings ahead or are here now. Cancel those first, or wait until they are over."
    )]
    Booked,
    #[error("They have a pass that is in force. Give it back first, or wait until it is over.")]
    HasPass,
    #[error(
        "Their account is not settled: {balance}. Take the payment or give the money back first."
    )]
    Unsettled { balance: String },
    #[error("They work here. Dismiss them first.")]
    WorksHere,
    #[error("{company} would have no admin. Make somebody else one first.")]
    LastAdmin { company: String },
}

impl Refusal {
    /// To the person themselves.
    pub fn to_them(&self) -> String {
        match self {
            Refusal::Booked => "You have bookings ahead or are here now: cancel those you do not need, the others end first.".into(),
            Refusal::HasPass => "You have a pass that is in force: give it back, or it ends first.".into(),
            Refusal::Unsettled { balance } => format!("Your account is not settled: {balance}."),
            Refusal::WorksHere => "You work here: an owner ends that first.".into(),
            Refusal::LastAdmin { company } => {
                format!("{company} would have no admin: make somebody else one first.")
            }
        }
    }
}

/// What stands in the way of forgetting somebody now.
pub async fn obstacles(
    db: &mut PgConnection,
    member: Id<Member>,
    now: DateTime<Utc>,
) -> Result<Vec<Refusal>> {
    let row = sqlx::query!(
        r#"select exists (select from staff where member_id = $1) as "works_here!",
                  exists (select from bookings where member_id = $1 and takes_space and upper(during) > $2) as "booked!",
                  exists (select from passes where member_id = $1 and cancelled_at is null and upper(valid) > ($2 at time zone time_zone)::date)
                      as "has_pass!",
                  (select coalesce(sum(e.cents), 0)::bigint from ledger_entries e join account_holders h using (account_id)
                   where h.member_id = $1) as "balance!",
                  (select c.name from company_people p join companies c on c.id = p.company_id
                   where p.member_id = $1 and p.role = 'admin'
                     and not exists (select from company_people o where o.company_id = p.company_id
                                     and o.role = 'admin' and o.member_id <> $1) limit 1) as last_admin"#,
        member.get(),
        now
    )
    .fetch_one(db)
    .await?;
    let mut found = Vec::new();
    if row.works_here {
        found.push(Refusal::WorksHere);
    }
    if row.booked {
        found.push(Refusal::Booked);
    }
    if row.has_pass {
        found.push(Refusal::HasPass);
    }
    if row.balance != 0 {
        let balance = Money::cents(row.balance);
        let balance = if row.balance > 0 {
            format!("{} is due", balance.exact())
        } else {
            format!("{} is in credit", (-balance).exact())
        };
        found.push(Refusal::Unsettled { balance });
    }
    if let Some(company) = row.last_admin {
        found.push(Refusal::LastAdmin { company });
    }
    Ok(found)
}

/// Somebody who asked for it and is not forgotten yet.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// `CM-7K3M9`
    pub reference: String,
    pub name: String,
    /// The last day for it: 30 after it was asked.
    pub by: NaiveDate,
}

/// The first to ask first; of a location those who call it home, and those who call none so.
pub async fn waiting(
    db: &mut PgConnection,
    location: Option<Id<Location>>,
) -> Result<Vec<Waiting>> {
    let waiting = sqlx::query_as!(
        Waiting,
        r#"select m.reference, m.name,
                  (m.erasure_asked_at at time zone coalesce(l.time_zone, 'Africa/Johannesburg'))::date + 30 as "by!"
           from members m left join locations l on l.id = m.home_location_id
           where m.erasure_asked_at is not null and m.erased_at is null and m.merged_into is null
             and ($1::uuid is null or m.home_location_id is null or m.home_location_id = $1)
           order by m.erasure_asked_at limit 50"#,
        location.map(Id::get)
    )
    .fetch_all(db)
    .await?;
    Ok(waiting)
}

/// When a member asked for it; `None` where they have not, or took it back.
pub async fn asked_at(db: &mut PgConnection, member: Id<Member>) -> Result<Option<DateTime<Utc>>> {
    let asked = sqlx::query_scalar!(
        "select erasure_asked_at from members where id = $1",
        member.get()
    )
    .fetch_one(db)
    .await?;
    Ok(asked)
}

/// They changed their mind, or it was never theirs.
pub async fn withdraw(tx: &mut PgConnection, by: Id<Member>, member: Id<Member>) -> Result<()> {
    let taken_back = sqlx::query!(
        "update members set erasure_asked_at = null where id = $1 and erasure_asked_at is not null and erased_at is null",
        member.get()
    )
    .execute(&mut *tx)
    .await?;
    if taken_back.rows_affected() > 0 {
        let (by, verb) = (Some(by.get()), "ask to be kept");
        audit::record(tx, by, verb, "members", member.get(), json!({})).await?;
    }
    Ok(())
}

/// Notes that somebody asked for it, and tells them so by mail; asking twice is once.
pub async fn ask(tx: &mut PgConnection, by: Id<Member>, member: Id<Member>) -> Result<()> {
    let asked = sqlx::query!(
        "update members set erasure_asked_at = now() where id = $1 and erasure_asked_at is null and erased_at is null",
        member.get()
    )
    .execute(&mut *tx)
    .await?;
    if asked.rows_affected() > 0 {
        audit::record(
            tx,
            Some(by.get()),
            "ask to be forgotten",
            "members",
            member.get(),
            json!({}),
        )
        .await?;
        let job = Job::ErasureAsked {
            member: member.get(),
        };
        match by == member {
            true => jobs::enqueue(tx, &job).await?,
            false => jobs::enqueue_after(tx, &job, jobs::UNDO).await?,
        }
    }
    Ok(())
}

/// Name, addresses, notes, choices and everything typed into bookings go. Bookings, the ledger, receipts, what
/// was agreed to and the audit trail stay, without a name where they have none of their own: accounts are kept
/// for five years (Tax Administration Act s 29).
pub async fn erase(
    tx: &mut PgConnection,
    by: Id<Member>,
    reference: &str,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    sqlx::query!(
        "select from members where reference = $1 for no key update",
        reference
    )
    .fetch_one(&mut *tx)
    .await?;
    let person = Dossier::find(tx, reference).await?.ok_or(Error::NotFound)?;
    if person.erased_at.is_some() {
        return Ok(Ok(()));
    }
    if let Some(refusal) = obstacles(tx, person.id, now).await?.into_iter().next() {
        return Ok(Err(refusal));
    }
    let id = person.id.get();
    session::end_all(tx, person.id).await?;
    Link::end_all(tx, person.id).await?;
    sqlx::query!(
        "with everyone as (select id from members where id = $1 or merged_into = $1),
              tokens as (delete from api_tokens where member_id in (select id from everyone)),
              browsers as (delete from browsers where member_id in (select id from everyone)),
              steps as (delete from authenticators where member_id in (select id from everyone)),
              feeds as (delete from calendar_feeds where member_id in (select id from everyone)),
              notes as (delete from member_notes where member_id in (select id from everyone)),
              stars as (delete from favourites where member_id in (select id from everyone)),
              firms as (delete from company_people where member_id in (select id from everyone)),
              addresses as (delete from email_changes where member_id in (select id from everyone)),
              lines as (update waitlist_entries set ended_at = now(), ended_because = 'left'
                        where ended_at is null and member_id in (select id from everyone)),
              invited as (update guests set name = '', email = '', forgotten_at = now()
                         where forgotten_at is null
                           and (email = $2 or booking_id in (select id from bookings where member_id in (select id from everyone)))),
              doors as (delete from guest_links where guest_id in (
                            select id from guests where email = $2 or booking_id in (
                                select id from bookings where member_id in (select id from everyone)))),
              letters as (delete from mails where lower(to_address) = $2),
              typed as (update bookings set title = '', notes = '', contact_name = '', contact_phone = null,
                            cancellation_note = '', decision_note = '', version = version + 1
                        where member_id in (select id from everyone))
         update members set name = 'Forgotten ' || reference, email = null, phone = null, password_hash = null,
             email_verified_at = null, home_location_id = null, standing = 'good', standing_reason = '', notes = '',
             paying_company_id = null, erased_at = now(), version = version + 1
         where id in (select id from everyone)",
        id,
        person.email
    )
    .execute(&mut *tx)
    .await?;
    audit::record(
        tx,
        Some(by.get()),
        "forget",
        "members",
        id,
        json!({"reference": reference}),
    )
    .await?;
    Ok(Ok(()))
}
