//! Money at the counter: taken or given back against an account, in part or in full, never more back than was paid.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::account::{Account, Entry};
use crate::{
    audit,
    bookings::locks,
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    locations::location::Location,
    members::{company::Company, member::Member},
    money::Money,
};

#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Method {
    Cash,
    Card,
    /// Seen on the bank's statement.
    Eft,
}

impl Method {
    pub const ALL: [Method; 3] = [Method::Cash, Method::Card, Method::Eft];

    /// As forms and tables name it.
    pub fn key(self) -> &'static str {
        match self {
            Method::Cash => "cash",
            Method::Card => "card",
            Method::Eft => "eft",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Method::Cash => "Cash",
            Method::Card => "Card machine",
            Method::Eft => "EFT",
        }
    }
}

impl FromStr for Method {
    type Err = ();

    fn from_str(text: &str) -> Result<Method, ()> {
        Method::ALL
            .into_iter()
            .find(|method| method.key() == text)
            .ok_or(())
    }
}

/// What is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    Booking(Uuid),
    Member(Id<Member>),
    Company(Id<Company>),
}

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    In,
    Back,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking {
    pub what: For,
    pub way: Way,
    pub amount: Money,
    pub method: Method,
    /// At whose counter.
    pub location: Id<Location>,
    /// The day and the reference on the bank's statement, for an EFT.
    pub bank: Option<(NaiveDate, String)>,
    /// Whether the receipt goes out by mail.
    pub mail: bool,
    pub key: Option<String>,
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("Enter an amount above zero.")]
    Nothing,
    #[error("There are no coins below 10c: take a whole number of ten cents in cash.")]
    Coins,
    #[error(
        "{due} is due on this booking. Take that or less; anything more goes onto the account."
    )]
    MoreThanDue { due: Money },
    #[error("{most} was paid and not given back yet. Give that back or less.")]
    MoreThanPaid { most: Money },
    #[error("Enter the day on which the bank’s statement has it.")]
    NoBankDate,
    #[error("That day is yet to come. Enter the day on which the bank’s statement has it.")]
    BankDateAhead,
    #[error("This was sent before with other details. Begin anew.")]
    KeyReused,
    #[error("No fee is left on this booking to waive.")]
    NoFee,
    #[error("Say why the fee is waived.")]
    NoReason,
}

impl Refusal {
    /// The field of the form that it belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            Refusal::NoBankDate | Refusal::BankDateAhead => "bank_date",
            Refusal::NoReason | Refusal::NoFee => "reason",
            _ => "amount",
        }
    }

    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Nothing => "no-amount",
            Refusal::Coins => "no-such-coins",
            Refusal::MoreThanDue { .. } => "more-than-due",
            Refusal::MoreThanPaid { .. } => "more-than-paid",
            Refusal::NoBankDate | Refusal::BankDateAhead => "bad-bank-date",
            Refusal::KeyReused => "key-reused",
            Refusal::NoFee => "no-fee",
            Refusal::NoReason => "no-reason",
        }
    }
}

/// An account and what of it is known under its lock.
struct Locked {
    account: Uuid,
    /// All that belong to the same holder.
    all: Vec<Uuid>,
}

impl Taking {
    /// Writes the entry with its receipt, and says the receipt's number. The account is locked last, after the
    /// space, the member and the booking, where those are: of many at once none gives back what another has.
    pub async fn take(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        now: DateTime<Utc>,
    ) -> Result<Result<String, Refusal>> {
        if let Some(key) = &self.key
            && let Some(answer) = self.repeated(tx, by, key).await?
        {
            return Ok(answer);
        }
        let location = Location::by_id(tx, self.location)
            .await?
            .ok_or(Error::NotFound)?;
        if let Some(refusal) = self.unfit(location.zone.date(now)) {
            return Ok(Err(refusal));
        }
        let locked = self.lock(tx).await?;
        if let Some(refusal) = self.beyond(tx, &locked).await? {
            return Ok(Err(refusal));
        }
        let number = next_number(tx, location.zone.date(now).year()).await?;
        let id = self.write(tx, by, &locked, &number).await?;
        if self.mail {
            jobs::enqueue(tx, &Job::Receipt { entry: id }).await?;
        }
        self.tell(tx, by, &locked, &number, &location).await?;
        Ok(Ok(number))
    }

    /// What is wrong with it whatever the account says.
    fn unfit(&self, today: NaiveDate) -> Option<Refusal> {
        if self.amount <= Money::ZERO {
            return Some(Refusal::Nothing);
        }
        if self.method == Method::Cash && self.amount.in_cents() % 10 != 0 {
            return Some(Refusal::Coins);
        }
        match (&self.bank, self.method) {
            (None, Method::Eft) => Some(Refusal::NoBankDate),
            (Some((date, _)), Method::Eft) if *date > today => Some(Refusal::BankDateAhead),
            _ => None,
        }
    }

    async fn lock(&self, tx: &mut PgConnection) -> Result<Locked> {
        let account = match self.what {
            For::Booking(id) => {
                sqlx::query_scalar!("select account_id from bookings where id = $1", id)
                    .fetch_one(&mut *tx)
                    .await?
            }
            For::Member(member) => {
                locks::member(tx, member).await?;
                Account::of_member(tx, member).await?.get()
            }
            For::Company(company) => Account::of_company(tx, company).await?.get(),
        };
        lock_account(tx, account).await
    }

    /// More than there is to take or to give back.
    async fn beyond(&self, tx: &mut PgConnection, locked: &Locked) -> Result<Option<Refusal>> {
        let booking = match self.what {
            For::Booking(id) => Some(id),
            _ => None,
        };
        if self.way == Way::In {
            let Some(id) = booking else { return Ok(None) };
            let due = due_on(tx, id).await?;
            return Ok((self.amount > due).then_some(Refusal::MoreThanDue {
                due: due.max(Money::ZERO),
            }));
        }
        let row = sqlx::query!(
            r#"select coalesce(-sum(cents), 0)::bigint as "on_account!",
                      coalesce(-sum(cents) filter (where booking_id = $2), 0)::bigint as "on_booking!"
               from ledger_entries where account_id = any($1) and kind in ('payment', 'refund')"#,
            &locked.all,
            booking
        )
        .fetch_one(tx)
        .await?;
        let paid = match booking {
            Some(_) => row.on_booking.min(row.on_account),
            None => row.on_account,
        };
        let most = Money::cents(paid.max(0));
        Ok((self.amount > most).then_some(Refusal::MoreThanPaid { most }))
    }

    async fn write(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        locked: &Locked,
        number: &str,
    ) -> Result<Uuid> {
        let (kind, cents, words) = match self.way {
            Way::In => (Entry::Payment, -self.amount, "Payment"),
            Way::Back => (Entry::Refund, self.amount, "Given back"),
        };
        let booking = match self.what {
            For::Booking(id) => Some(id),
            _ => None,
        };
        let (bank_date, bank_reference) = match &self.bank {
            Some((date, reference)) if self.method == Method::Eft => {
                (Some(*date), reference.as_str())
            }
            _ => (None, ""),
        };
        let description = format!(
            "{words}, {}, receipt {number}",
            self.method.label().to_lowercase()
        );
        let id = Uuid::now_v7();
        sqlx::query!(
            "insert into ledger_entries (id, account_id, booking_id, kind, cents, description, created_by, method,
                                         location_id, bank_date, bank_reference, receipt, key, request_hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            id,
            locked.account,
            booking,
            kind as Entry,
            cents.in_cents(),
            description,
            by.get(),
            self.method as Method,
            self.location.get(),
            bank_date,
            bank_reference,
            number,
            self.key,
            self.key.as_ref().map(|_| self.fingerprint())
        )
        .execute(tx)
        .await?;
        Ok(id)
    }

    async fn tell(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        locked: &Locked,
        number: &str,
        location: &Location,
    ) -> Result<()> {
        let (verb, detail) = (
            match self.way {
                Way::In => "take payment",
                Way::Back => "give money back",
            },
            json!({"receipt": number, "amount": self.amount.exact(), "method": self.method.label(),
                   "location": location.slug}),
        );
        let (subject, id) = self.subject(tx, locked).await?;
        audit::record(tx, Some(by.get()), verb, subject, id, detail).await?;
        Ok(())
    }

    async fn subject(
        &self,
        db: &mut PgConnection,
        locked: &Locked,
    ) -> Result<(&'static str, Uuid)> {
        Ok(match self.what {
            For::Booking(id) => ("bookings", id),
            For::Company(company) => ("companies", company.get()),
            For::Member(_) => {
                let holder = sqlx::query_scalar!(
                    r#"select member_id as "member_id!" from account_holders where account_id = $1"#,
                    locked.account
                );
                ("members", holder.fetch_one(db).await?)
            }
        })
    }

    /// What the same key took before; `None` the first time. Submissions of one key wait for each other.
    async fn repeated(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
        key: &str,
    ) -> Result<Option<Result<String, Refusal>>> {
        sqlx::query!(
            "select pg_advisory_xact_lock(hashtextextended($1, 0))",
            format!("payment {by:?} {key}")
        )
        .execute(&mut *tx)
        .await?;
        let known = sqlx::query!(
            r#"select receipt as "receipt!", request_hash as "hash!" from ledger_entries
               where created_by = $1 and key = $2"#,
            by.get(),
            key
        )
        .fetch_optional(tx)
        .await?;
        Ok(known.map(|known| {
            if known.hash == self.fingerprint() {
                Ok(known.receipt)
            } else {
                Err(Refusal::KeyReused)
            }
        }))
    }

    fn fingerprint(&self) -> Vec<u8> {
        let content = (
            self.what,
            self.way,
            self.amount,
            self.method,
            self.location,
            &self.bank,
        );
        Sha256::digest(format!("{content:?}")).to_vec()
    }
}

/// Waits for an account, and for all others of the same holder, in the order of their ids.
async fn lock_account(tx: &mut PgConnection, account: Uuid) -> Result<Locked> {
    let all = sqlx::query_scalar!(
        r#"select a.id from accounts a
           where a.id = $1 or a.id in (select o.account_id from account_holders h join account_holders o using (member_id)
                                       where h.account_id = $1)
           order by a.id for no key update"#,
        account
    )
    .fetch_all(tx)
    .await?;
    Ok(Locked { account, all })
}

async fn next_number(tx: &mut PgConnection, year: i32) -> Result<String> {
    let last = sqlx::query_scalar!(
        "insert into document_numbers (kind, year, last) values ('receipt', $1, 1)
         on conflict (kind, year) do update set last = document_numbers.last + 1 returning last",
        year
    )
    .fetch_one(tx)
    .await?;
    Ok(format!("RC-{year}-{last:06}"))
}

/// What is still to pay for a booking; below zero, what is to be given back.
pub async fn due_on(db: &mut PgConnection, booking: Uuid) -> Result<Money> {
    let cents = sqlx::query_scalar!(r#"select due_on($1) as "due!""#, booking)
        .fetch_one(db)
        .await?;
    Ok(Money::cents(cents))
}

/// Waives what is kept of a late cancellation, charged for a booking that was not used, or for staying past the end.
/// What was done before is not taken back any more, or it would be given back twice. `tell` has the person told why by
/// mail. The amount, if there was a fee.
pub async fn waive(
    tx: &mut PgConnection,
    by: Id<Member>,
    booking: Uuid,
    reason: &str,
    tell: bool,
) -> Result<Result<Money, Refusal>> {
    if reason.is_empty() {
        return Ok(Err(Refusal::NoReason));
    }
    let row = sqlx::query!(
        "update bookings set version = version + 1 where id = $1 returning account_id, reference",
        booking
    )
    .fetch_one(&mut *tx)
    .await?;
    lock_account(tx, row.account_id).await?;
    let fee = fee_on(tx, booking).await?;
    if fee <= Money::ZERO {
        return Ok(Err(Refusal::NoFee));
    }
    let id = Uuid::now_v7();
    sqlx::query!(
        "insert into ledger_entries (id, account_id, booking_id, kind, cents, description, created_by)
         values ($1, $2, $3, 'waiver', $4, $5, $6)",
        id,
        row.account_id,
        booking,
        (-fee).in_cents(),
        format!("Fee of booking {} waived: {reason}", row.reference),
        by.get()
    )
    .execute(&mut *tx)
    .await?;
    if tell {
        jobs::enqueue_after(tx, &Job::Receipt { entry: id }, jobs::UNDO).await?;
    }
    let detail = json!({"reference": row.reference, "amount": fee.exact(), "reason": reason});
    audit::record(tx, Some(by.get()), "waive fee", "bookings", booking, detail).await?;
    Ok(Ok(fee))
}

/// What may be waived of a booking, whether or not it is paid: all that is charged of one that did not come to pass,
/// and what staying past the end costs of one that did.
pub async fn fee_on(db: &mut PgConnection, booking: Uuid) -> Result<Money> {
    let cents = sqlx::query_scalar!(
        r#"select case
                      when b.status in ('cancelled', 'no_show') then l.charged + l.waived
                      else coalesce((b.price -> 'overran' ->> 'cents')::bigint, 0) + l.waived
                  end as "fee!"
           from bookings b
           cross join lateral (
               select coalesce(sum(cents) filter (where kind in ('charge', 'credit')), 0)::bigint as charged,
                      coalesce(sum(cents) filter (where kind = 'waiver'), 0)::bigint as waived
               from ledger_entries where booking_id = b.id) l
           where b.id = $1"#,
        booking
    )
    .fetch_one(db)
    .await?;
    Ok(Money::cents(cents))
}

/// What is missing before something of this price may be charged to an account that pays first: what was paid
/// for the booking itself counts, and so does what the account has in credit. `None` when nothing is missing, or
/// when the account pays afterwards: that of a member in good standing, or of a company with days to pay. `charged`
/// is what it was charged for the same before.
pub async fn missing(
    tx: &mut PgConnection,
    account: Id<Account>,
    booking: Option<Uuid>,
    total: Money,
    charged: Money,
) -> Result<Option<Money>> {
    let pays_first = sqlx::query_scalar!(
        r#"select coalesce(m.standing = 'pay_first', c.payment_days = 0, false) as "first!"
           from account_holders h left join members m on m.id = h.member_id left join companies c on c.id = h.company_id
           where h.account_id = $1"#,
        account.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    if !pays_first || total.is_zero() {
        return Ok(None);
    }
    let locked = lock_account(tx, account.get()).await?;
    let row = sqlx::query!(
        r#"select coalesce(sum(cents), 0)::bigint as "balance!",
                  coalesce(-sum(cents) filter (where booking_id = $2 and kind in ('payment', 'refund')), 0)::bigint as "paid!"
           from ledger_entries where account_id = any($1)"#,
        &locked.all,
        booking
    )
    .fetch_one(tx)
    .await?;
    let by_payment = total - Money::cents(row.paid);
    let by_credit = total - charged + Money::cents(row.balance);
    let missing = by_payment.min(by_credit);
    Ok((missing > Money::ZERO).then_some(missing))
}

/// A payment or refund in a list.
#[derive(Clone, Debug)]
pub struct Paid {
    pub at: DateTime<Utc>,
    pub kind: Entry,
    pub description: String,
    pub amount: Money,
    pub receipt: Option<String>,
    /// The booking's.
    pub reference: Option<String>,
    pub taken_by: Option<String>,
}

/// What was paid, given back and waived on a member's own account: the last hundred, the latest first.
pub async fn of_member(db: &mut PgConnection, member: Id<Member>) -> Result<Vec<Paid>> {
    of(db, Some(member.get()), None).await
}

/// The same of a company's.
pub async fn of_company(db: &mut PgConnection, company: Id<Company>) -> Result<Vec<Paid>> {
    of(db, None, Some(company.get())).await
}

async fn of(
    db: &mut PgConnection,
    member: Option<Uuid>,
    company: Option<Uuid>,
) -> Result<Vec<Paid>> {
    let paid = sqlx::query_as!(
        Paid,
        r#"select e.created_at as at, e.kind as "kind: Entry", e.description, abs(e.cents) as "amount!", e.receipt,
                  b.reference as "reference?", t.name as "taken_by?"
           from ledger_entries e join account_holders h using (account_id)
           left join bookings b on b.id = e.booking_id left join members t on t.id = e.created_by
           where (h.member_id = $1 or h.company_id = $2) and e.kind in ('payment', 'refund', 'waiver')
           order by e.created_at desc, e.id desc limit 100"#,
        member,
        company
    )
    .fetch_all(db)
    .await?;
    Ok(paid)
}
