//! Companies as the front desk keeps them.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    company::{Company, CompanyRole, Details},
    member::Member,
};
use crate::{audit, error::Result, id::Id, money::Money};

/// A company in a list.
#[derive(Clone, Debug)]
pub struct Client {
    pub slug: String,
    pub name: String,
    pub people: i64,
    /// Its admins, with commas between them.
    pub admins: String,
    /// What it owes; below zero, what it has in credit.
    pub balance: Money,
    pub payment_days: i32,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("There is a company of this name already.")]
    NameTaken,
    #[error("A company pays from 0 to 120 days after its bill.")]
    Days,
    #[error("They belong to it already. Change their role instead.")]
    Belongs,
}

impl Client {
    /// By name, after the one with this slug; those of whose name each word typed begins a word.
    pub async fn list(
        db: &mut PgConnection,
        words: &str,
        after: Option<&str>,
        most: i64,
    ) -> Result<Vec<Client>> {
        let words = super::find::Sought::read(words).letters();
        let clients = sqlx::query_as!(
            Client,
            r#"select c.slug, c.name, c.payment_days,
                      (select count(*) from company_people p where p.company_id = c.id) as "people!",
                      coalesce((select string_agg(m.name, ', ' order by m.name) from company_people p
                                join members m on m.id = p.member_id
                                where p.company_id = c.id and p.role = 'admin'), '') as "admins!",
                      coalesce((select sum(e.cents) from accounts a join ledger_entries e on e.account_id = a.id
                                where a.company_id = c.id), 0)::bigint as "balance!"
               from companies c
               where not exists (select from unnest($1::text[]) word where c.sought not like '% ' || word || '%')
                 and ($2::text is null or (c.name, c.id) > (select k.name, k.id from companies k where k.slug = $2))
               order by c.name, c.id limit $3"#,
            &words,
            after,
            most
        )
        .fetch_all(db)
        .await?;
        Ok(clients)
    }
}

/// The company with this slug, as staff see it; `None` if there is none.
pub async fn find(db: &mut PgConnection, slug: &str) -> Result<Option<Company>> {
    let company = sqlx::query_as!(
        Company,
        r#"select id, slug, name, po_required, 'guest' as "role!: CompanyRole" from companies where slug = $1"#,
        slug
    )
    .fetch_optional(db)
    .await?;
    Ok(company)
}

/// How many days after its bill a company pays; 0: before what it books is its own.
pub async fn payment_days(db: &mut PgConnection, company: Id<Company>) -> Result<i32> {
    let days = sqlx::query_scalar!(
        "select payment_days from companies where id = $1",
        company.get()
    )
    .fetch_one(db)
    .await?;
    Ok(days)
}

/// A company that nobody belongs to yet.
pub async fn create(
    tx: &mut PgConnection,
    by: Id<Member>,
    details: &Details,
    payment_days: i32,
) -> Result<Result<Company, Refusal>> {
    if !(0..=120).contains(&payment_days) {
        return Ok(Err(Refusal::Days));
    }
    let id = Uuid::now_v7();
    let slug = sqlx::query_scalar!(
        "insert into companies (id, name, registration_no, vat_no, billing_address, billing_email, po_required, payment_days)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (name) do nothing returning slug",
        id,
        details.name,
        details.registration_no,
        details.vat_no,
        details.billing_address,
        details.billing_email,
        details.po_required,
        payment_days
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(slug) = slug else {
        return Ok(Err(Refusal::NameTaken));
    };
    let detail = json!({"after": details, "payment_days": payment_days});
    audit::record(tx, Some(by.get()), "create", "companies", id, detail).await?;
    let made = find(tx, &slug).await?;
    Ok(Ok(made.ok_or(crate::error::Error::NotFound)?))
}

/// What was agreed on when it pays.
pub async fn change_payment_days(
    tx: &mut PgConnection,
    by: Id<Member>,
    company: Id<Company>,
    days: i32,
) -> Result<Result<(), Refusal>> {
    if !(0..=120).contains(&days) {
        return Ok(Err(Refusal::Days));
    }
    let before = payment_days(tx, company).await?;
    if before == days {
        return Ok(Ok(()));
    }
    sqlx::query!(
        "update companies set payment_days = $2 where id = $1",
        company.get(),
        days
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"before": {"payment_days": before}, "after": {"payment_days": days}});
    audit::record(
        tx,
        Some(by.get()),
        "change terms",
        "companies",
        company.get(),
        detail,
    )
    .await?;
    Ok(Ok(()))
}

/// Takes somebody into a company at the front desk.
pub async fn take_in(
    tx: &mut PgConnection,
    by: Id<Member>,
    company: &Company,
    member: Id<Member>,
    role: CompanyRole,
) -> Result<Result<(), Refusal>> {
    company.lock(tx).await?;
    if Company::role_of(tx, company.id, member).await?.is_some() {
        return Ok(Err(Refusal::Belongs));
    }
    Company::admit(tx, company.id, member, role).await?;
    let detail = json!({"member": member.get(), "after": role});
    audit::record(
        tx,
        Some(by.get()),
        "take in",
        "companies",
        company.id.get(),
        detail,
    )
    .await?;
    Ok(Ok(()))
}

/// Writes what changed of a company and its terms, and says its slug, which follows its name. Otherwise the field
/// that it is about, the sentence, and whether somebody else had changed it meanwhile.
pub async fn change(
    tx: &mut PgConnection,
    by: Id<Member>,
    company: &Company,
    wanted: &Details,
    payment_days: i32,
) -> Result<Result<String, (&'static str, String, bool)>> {
    if let Err(refusal) = company.change_details(tx, by, wanted).await? {
        let stale = refusal == super::company::Refusal::Stale;
        return Ok(Err(("name", refusal.to_string(), stale)));
    }
    if let Err(refusal) = change_payment_days(tx, by, company.id, payment_days).await? {
        return Ok(Err(("payment_days", refusal.to_string(), false)));
    }
    let slug = sqlx::query_scalar!("select slug from companies where id = $1", company.id.get())
        .fetch_one(tx)
        .await?;
    Ok(Ok(slug))
}
