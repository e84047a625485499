//! The receipt of a payment, or of money that was given back: what it says never changes.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{account::Entry, payment::Method};
use crate::{
    error::Result, legal::operator::Operator, money::Money, sessions::person::Person, time::Zone,
};

#[derive(Clone, Debug)]
pub struct Receipt {
    /// `RC-2026-000123`; `None` where no money passed: a fee was waived.
    pub number: Option<String>,
    pub kind: Entry,
    pub at: DateTime<Utc>,
    pub zone: Zone,
    pub amount: Money,
    pub method: Option<Method>,
    pub bank_date: Option<NaiveDate>,
    pub bank_reference: String,
    pub description: String,
    pub location: Option<String>,
    /// Whose account it is on.
    pub payer: String,
    /// Their page at the front desk.
    pub payer_url: Option<String>,
    pub payer_email: Option<String>,
    /// The booking's reference.
    pub booking: Option<String>,
    pub taken_by: String,
    /// What the account owed once it was written; below zero, had in credit.
    pub balance: Money,
    pub issuer: Operator,
}

impl Receipt {
    /// For staff, for whose account it is, and for the admins of a company whose it is; `None` for all others.
    pub async fn seen_by(
        db: &mut PgConnection,
        person: &Person,
        number: &str,
    ) -> Result<Option<Receipt>> {
        let seen = sqlx::query_scalar!(
            "select e.id from ledger_entries e join account_holders h using (account_id)
             where e.receipt = $1
               and ($2 or h.member_id = $3 or exists (select from company_people p
                    where p.company_id = h.company_id and p.member_id = $3 and p.role = 'admin'))",
            number,
            person.staff.is_some(),
            person.member.get()
        )
        .fetch_optional(&mut *db)
        .await?;
        match seen {
            Some(id) => Receipt::of(db, id).await,
            None => Ok(None),
        }
    }

    /// Of a ledger entry.
    pub async fn of(db: &mut PgConnection, entry: Uuid) -> Result<Option<Receipt>> {
        let Some(row) = sqlx::query!(
            r#"select e.receipt, e.kind as "kind: Entry", e.created_at, abs(e.cents) as "cents!", e.method as "method: Method",
                      e.bank_date, e.bank_reference, e.description, l.name as "location?", l.time_zone as "time_zone?",
                      coalesce(m.name, c.name) as "payer!", m.reference as "person?", c.slug as "company?", coalesce(m.email, nullif(c.billing_email, '')) as payer_email,
                      b.reference as "booking?", coalesce(t.name, '') as "taken_by!",
                      (select coalesce(sum(o.cents), 0)::bigint from ledger_entries o join account_holders x on x.account_id = o.account_id
                       where (x.member_id = h.member_id or x.company_id = h.company_id)
                         and (o.created_at, o.id) <= (e.created_at, e.id)) as "balance!"
               from ledger_entries e
               join account_holders h on h.account_id = e.account_id
               left join members m on m.id = h.member_id
               left join companies c on c.id = h.company_id
               left join locations l on l.id = e.location_id
               left join bookings b on b.id = e.booking_id
               left join members t on t.id = e.created_by
               where e.id = $1"#,
            entry
        )
        .fetch_optional(&mut *db)
        .await?
        else {
            return Ok(None);
        };
        let issuer = Operator::load(db).await?;
        Ok(Some(Receipt {
            number: row.receipt,
            kind: row.kind,
            at: row.created_at,
            zone: match row.time_zone {
                Some(name) => Zone::named(&name)?,
                None => issuer.zone,
            },
            amount: Money::cents(row.cents),
            method: row.method,
            bank_date: row.bank_date,
            bank_reference: row.bank_reference,
            description: row.description,
            location: row.location,
            payer_url: match (row.person, row.company) {
                (Some(person), _) => Some(format!("/admin/members/{person}")),
                (None, company) => company.map(|slug| format!("/admin/companies/{slug}")),
            },
            payer: row.payer,
            payer_email: row.payer_email,
            booking: row.booking,
            taken_by: row.taken_by,
            balance: Money::cents(row.balance),
            issuer,
        }))
    }

    /// `Received from` or `Given back to`
    pub fn way(&self) -> &'static str {
        match self.kind {
            Entry::Refund => "Given back to",
            Entry::Waiver => "Waived for",
            _ => "Received from",
        }
    }

    pub fn title(&self) -> &'static str {
        match self.kind {
            Entry::Refund => "Receipt for money given back",
            Entry::Waiver => "Fee waived",
            _ => "Receipt",
        }
    }
}
