//! Who pays: an account with an append-only ledger. The balance is the sum of its entries, what is owed above zero.

use serde::Serialize;
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::Result,
    id::Id,
    members::{company::Company, member::Member},
    money::Money,
};

pub struct Account;

/// What an entry does to the balance: charges and refunds raise what is owed, the others lower it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Entry {
    Charge,
    Payment,
    Credit,
    Refund,
    Waiver,
}

impl Entry {
    pub fn words(self) -> &'static str {
        match self {
            Entry::Charge => "Charge",
            Entry::Payment => "Payment",
            Entry::Credit => "Credit",
            Entry::Refund => "Refund",
            Entry::Waiver => "Waiver",
        }
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Booking(Uuid),
    Pass(Uuid),
}

impl Cause {
    fn booking(self) -> Option<Uuid> {
        match self {
            Cause::Booking(id) => Some(id),
            Cause::Pass(_) => None,
        }
    }

    fn pass(self) -> Option<Uuid> {
        match self {
            Cause::Pass(id) => Some(id),
            Cause::Booking(_) => None,
        }
    }
}

impl Account {
    /// The member's own account, opened at first need; the member is locked, so once.
    pub async fn of_member(tx: &mut PgConnection, member: Id<Member>) -> Result<Id<Account>> {
        let id = sqlx::query_scalar!("select id from accounts where member_id = $1", member.get())
            .fetch_optional(&mut *tx)
            .await?;
        let id = match id {
            Some(id) => id,
            None => {
                sqlx::query_scalar!(
                    "insert into accounts (id, member_id) values ($1, $2) returning id",
                    Uuid::now_v7(),
                    member.get()
                )
                .fetch_one(tx)
                .await?
            }
        };
        Ok(id.into())
    }

    /// A company's account, opened at first need.
    pub async fn of_company(tx: &mut PgConnection, company: Id<Company>) -> Result<Id<Account>> {
        sqlx::query!(
            "insert into accounts (id, company_id) values ($1, $2) on conflict (company_id) do nothing",
            Uuid::now_v7(),
            company.get()
        )
        .execute(&mut *tx)
        .await?;
        let id = sqlx::query_scalar!(
            "select id from accounts where company_id = $1",
            company.get()
        )
        .fetch_one(tx)
        .await?;
        Ok(id.into())
    }

    /// Writes an entry; `amount` is never negative.
    pub async fn enter(
        tx: &mut PgConnection,
        account: Id<Account>,
        cause: Cause,
        entry: Entry,
        amount: Money,
        description: &str,
        by: Option<Id<Member>>,
    ) -> Result<()> {
        let cents = match entry {
            Entry::Charge | Entry::Refund => amount,
            Entry::Payment | Entry::Credit | Entry::Waiver => -amount,
        };
        sqlx::query!(
            "insert into ledger_entries (id, account_id, booking_id, pass_id, kind, cents, description, created_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            Uuid::now_v7(),
            account.get(),
            cause.booking(),
            cause.pass(),
            entry as Entry,
            cents.in_cents(),
            description,
            by.map(Id::get)
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    /// What is owed; below zero, what is in credit.
    pub async fn balance(db: &mut PgConnection, member: Id<Member>) -> Result<Money> {
        let cents = sqlx::query_scalar!(
            r#"select coalesce(sum(e.cents), 0)::bigint as "cents!" from ledger_entries e
               join account_holders h using (account_id) where h.member_id = $1"#,
            member.get()
        )
        .fetch_one(db)
        .await?;
        Ok(Money::cents(cents))
    }

    /// The same of a company.
    pub async fn balance_of_company(db: &mut PgConnection, company: Id<Company>) -> Result<Money> {
        let cents = sqlx::query_scalar!(
            r#"select coalesce(sum(e.cents), 0)::bigint as "cents!" from ledger_entries e
               join accounts a on a.id = e.account_id where a.company_id = $1"#,
            company.get()
        )
        .fetch_one(db)
        .await?;
        Ok(Money::cents(cents))
    }
}
