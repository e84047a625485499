//! Somebody who is known twice becomes one: all that was the duplicate's is the other one's, and its row
//! stays for what points at it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    dossier::{Dossier, Note},
    member::{Member, Standing},
};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    money::Money,
    sessions::{authenticator, browser, link::Link, session},
};

/// What would move, and what stands in the way.
#[derive(Clone, Debug)]
pub struct Preview {
    pub bookings: i64,
    pub passes: i64,
    pub companies: i64,
    pub viewings: i64,
    pub notes: i64,
    pub entries: i64,
    /// What the duplicate owes; below zero, has in credit.
    pub balance: Money,
    pub obstacles: Vec<Refusal>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("They are the same person already. Choose two.")]
    Same,
    #[error("One of them was merged or forgotten before. Look again.")]
    Gone,
    #[error("{name} works here. Dismiss them first.")]
    WorksHere { name: String },
    #[error("Both have a hot desk at the same time: {one} and {other}. Cancel one first.")]
    TwoDesks { one: String, other: String },
    #[error("Both have first refusal on a space: {one} and {other}. Confirm one or let it go.")]
    TwoFirstRefusals { one: String, other: String },
}

/// Looks without touching anything.
pub async fn preview(
    db: &mut PgConnection,
    keep: &Dossier,
    duplicate: &Dossier,
    now: DateTime<Utc>,
) -> Result<Preview> {
    let row = sqlx::query!(
        r#"select (select count(*) from bookings where member_id = $1) as "bookings!",
                  (select count(*) from passes where member_id = $1) as "passes!",
                  (select count(*) from company_people where member_id = $1) as "companies!",
                  (select count(*) from viewings where member_id = $1) as "viewings!",
                  (select count(*) from member_notes where member_id = $1) as "notes!",
                  (select count(*) from ledger_entries e join account_holders h using (account_id)
                   where h.member_id = $1) as "entries!",
                  (select coalesce(sum(e.cents), 0)::bigint from ledger_entries e join account_holders h using (account_id)
                   where h.member_id = $1) as "balance!""#,
        duplicate.id.get()
    )
    .fetch_one(&mut *db)
    .await?;
    Ok(Preview {
        bookings: row.bookings,
        passes: row.passes,
        companies: row.companies,
        viewings: row.viewings,
        notes: row.notes,
        entries: row.entries,
        balance: Money::cents(row.balance),
        obstacles: obstacles(db, keep, duplicate, now).await?,
    })
}

async fn obstacles(
    db: &mut PgConnection,
    keep: &Dossier,
    duplicate: &Dossier,
    now: DateTime<Utc>,
) -> Result<Vec<Refusal>> {
    if keep.id == duplicate.id {
        return Ok(vec![Refusal::Same]);
    }
    let gone = |one: &Dossier| one.merged_into.is_some() || one.erased_at.is_some();
    if gone(keep) || gone(duplicate) {
        return Ok(vec![Refusal::Gone]);
    }
    let mut found = Vec::new();
    if duplicate.role.is_some() {
        let name = duplicate.name.clone();
        found.push(Refusal::WorksHere { name });
    }
    let both = sqlx::query!(
        r#"select a.reference as one, b.reference as other, a.first_refusal and b.first_refusal as "holds!"
           from bookings a join bookings b on a.member_id = $1 and b.member_id = $2
           join spaces s on s.id = a.space_id join spaces t on t.id = b.space_id
           where a.takes_space and b.takes_space
             and (s.kind = 'hot_desk' and t.kind = 'hot_desk' and a.during && b.during and upper(a.during) > $3
                  or a.first_refusal and b.first_refusal and a.hold_expires_at > now() and b.hold_expires_at > now())
           order by lower(a.during) limit 5"#,
        keep.id.get(),
        duplicate.id.get(),
        now
    )
    .fetch_all(db)
    .await?;
    found.extend(both.into_iter().map(|pair| {
        let (one, other) = (pair.one, pair.other);
        if pair.holds {
            Refusal::TwoFirstRefusals { one, other }
        } else {
            Refusal::TwoDesks { one, other }
        }
    }));
    Ok(found)
}

/// Nothing is lost: what the duplicate was called, and where they were reached, stays as a note.
pub async fn merge(
    tx: &mut PgConnection,
    by: Id<Member>,
    keep: &str,
    duplicate: &str,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let ids = sqlx::query_scalar!(
        "select id from members where reference = any($1) order by id for no key update",
        &[keep.to_owned(), duplicate.to_owned()]
    )
    .fetch_all(&mut *tx)
    .await?;
    let (Some(keep), Some(duplicate)) = (
        Dossier::find(tx, keep).await?,
        Dossier::find(tx, duplicate).await?,
    ) else {
        return Err(Error::NotFound);
    };
    if let Some(refusal) = obstacles(tx, &keep, &duplicate, now)
        .await?
        .into_iter()
        .next()
    {
        return Ok(Err(refusal));
    }
    debug_assert_eq!(ids.len(), 2);
    let (to, from) = (keep.id.get(), duplicate.id.get());
    move_bookings(tx, to, from).await?;
    move_companies(tx, to, from).await?;
    move_the_rest(tx, to, from).await?;
    move_consents(tx, to, from).await?;
    end_credentials(tx, &duplicate).await?;
    take_over(tx, &keep, &duplicate).await?;
    Note::add(tx, by, keep.id, &remembered(&duplicate)).await?;
    let detail =
        json!({"reference": duplicate.reference, "name": duplicate.name, "into": keep.reference});
    audit::record(tx, Some(by.get()), "merge", "members", to, detail.clone()).await?;
    audit::record(tx, Some(by.get()), "merge", "members", from, detail).await?;
    Ok(Ok(()))
}

/// The account of the duplicate stays as it is: it is found through the row, and belongs to who stays.
async fn move_bookings(tx: &mut PgConnection, to: Uuid, from: Uuid) -> Result<()> {
    sqlx::query!(
        "update bookings set member_id = $1, version = version + 1 where member_id = $2",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update waitlist_entries set member_id = $1 where member_id = $2",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    // A key is one submission's of one member.
    sqlx::query!(
        "update passes set member_id = $1, key = null where member_id = $2",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from idempotency_keys where member_id = $1", from)
        .execute(tx)
        .await?;
    Ok(())
}

/// In each company the higher of both roles.
async fn move_companies(tx: &mut PgConnection, to: Uuid, from: Uuid) -> Result<()> {
    sqlx::query!(
        "insert into company_people (company_id, member_id, role)
         select company_id, $1, role from company_people where member_id = $2
         on conflict (company_id, member_id) do update
         set role = case when 'admin' in (excluded.role, company_people.role) then 'admin'
                         when 'booker' in (excluded.role, company_people.role) then 'booker' else 'guest' end",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update members k set paying_company_id = coalesce(k.paying_company_id, d.paying_company_id)
         from members d where k.id = $1 and d.id = $2",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from company_people where member_id = $1", from)
        .execute(tx)
        .await?;
    Ok(())
}

async fn move_the_rest(tx: &mut PgConnection, to: Uuid, from: Uuid) -> Result<()> {
    sqlx::query!(
        "update viewings set member_id = $1 where member_id = $2",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update member_notes set member_id = $1 where member_id = $2",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update members set merged_into = $1 where merged_into = $2",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into favourites (member_id, space_id, position)
         select $1, space_id, place from (
             select f.space_id, (select coalesce(max(position), 0) from favourites where member_id = $1)
                    + row_number() over (order by f.position) as place
             from favourites f
             where f.member_id = $2 and f.space_id not in (select space_id from favourites where member_id = $1)) others
         where place <= 20",
        to,
        from
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from favourites where member_id = $1", from)
        .execute(tx)
        .await?;
    Ok(())
}

/// The younger decision about each channel counts; both stay written down.
async fn move_consents(tx: &mut PgConnection, to: Uuid, from: Uuid) -> Result<()> {
    let younger = sqlx::query!(
        "select distinct on (d.channel) d.channel, d.given, d.source, d.wording_version, d.wording, d.network, d.at
         from consents d
         where d.member_id = $2
           and not exists (select from consents k where k.member_id = $1 and k.channel = d.channel and k.at >= d.at)
         order by d.channel, d.id desc",
        to,
        from
    )
    .fetch_all(&mut *tx)
    .await?;
    for one in younger {
        sqlx::query!(
            "insert into consents (id, member_id, channel, given, source, wording_version, wording, network, at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            Uuid::now_v7(),
            to,
            one.channel,
            one.given,
            one.source,
            one.wording_version,
            one.wording,
            one.network,
            one.at
        )
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

async fn end_credentials(tx: &mut PgConnection, duplicate: &Dossier) -> Result<()> {
    session::end_all(tx, duplicate.id).await?;
    Link::end_all(tx, duplicate.id).await?;
    authenticator::forget(tx, duplicate.id).await?;
    browser::forget_all(tx, duplicate.id).await?;
    sqlx::query!(
        "with feeds as (update calendar_feeds set revoked_at = now() where member_id = $1 and revoked_at is null)
         update api_tokens set revoked_at = now() where member_id = $1 and revoked_at is null",
        duplicate.id.get()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What the one who stays has not of their own, they have from the duplicate; the stricter standing counts.
async fn take_over(tx: &mut PgConnection, keep: &Dossier, duplicate: &Dossier) -> Result<()> {
    sqlx::query!(
        "update members set email = null, phone = null, password_hash = null, email_verified_at = null,
             merged_into = $2, version = version + 1 where id = $1",
        duplicate.id.get(),
        keep.id.get()
    )
    .execute(&mut *tx)
    .await?;
    let strictness = |standing| match standing {
        Standing::Good => 0,
        Standing::PayFirst => 1,
        Standing::Barred => 2,
    };
    let stricter = if strictness(duplicate.standing) > strictness(keep.standing) {
        duplicate
    } else {
        keep
    };
    sqlx::query!(
        "update members set email = coalesce(email, $2), phone = coalesce(phone, $3),
             home_location_id = coalesce(home_location_id, (select id from locations where slug = $4)),
             standing = $5, standing_reason = $6, created_at = least(created_at, $7), version = version + 1
         where id = $1",
        keep.id.get(),
        duplicate.email,
        duplicate.phone,
        duplicate.home,
        stricter.standing as Standing,
        stricter.standing_reason,
        duplicate.since
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn remembered(duplicate: &Dossier) -> String {
    let ways = [
        Some(&duplicate.name),
        duplicate.email.as_ref(),
        duplicate.phone.as_ref(),
    ];
    let ways: Vec<&str> = ways.into_iter().flatten().map(String::as_str).collect();
    format!(
        "Was also here as {}: {}",
        duplicate.reference,
        ways.join(", ")
    )
}
