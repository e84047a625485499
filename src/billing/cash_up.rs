//! The till of a location: what came in since it was last counted, counting it, and what was counted before.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::payment::Method;
use crate::{
    audit, error::Result, id::Id, locations::location::Location, members::member::Member,
    money::Money,
};

/// What is in the till by the books.
#[derive(Clone, Debug, Default)]
pub struct Till {
    /// Below zero where more was given back than taken.
    pub expected: BTreeMap<Method, Money>,
    pub entries: Vec<Taken>,
    /// When it was last counted.
    pub since: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub struct Taken {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub receipt: String,
    pub method: Method,
    /// Below zero where it was given back.
    pub amount: Money,
    pub payer: String,
    pub taken_by: String,
}

impl Till {
    /// What is in none of the location's cash-ups yet, the earliest first.
    pub async fn open(db: &mut PgConnection, location: Id<Location>) -> Result<Till> {
        let entries = sqlx::query_as!(
            Taken,
            r#"select e.id, e.created_at as at, e.receipt as "receipt!", e.method as "method!: Method",
                      -e.cents as "amount!", coalesce(m.name, c.name) as "payer!", coalesce(t.name, '') as "taken_by!"
               from ledger_entries e
               join account_holders h using (account_id)
               left join members m on m.id = h.member_id
               left join companies c on c.id = h.company_id
               left join members t on t.id = e.created_by
               where e.location_id = $1 and e.method is not null
                 and not exists (select from cash_up_entries k where k.entry_id = e.id)
               order by e.created_at, e.id"#,
            location.get()
        )
        .fetch_all(&mut *db)
        .await?;
        let since = sqlx::query_scalar!(
            "select max(closed_at) from cash_ups where location_id = $1",
            location.get()
        )
        .fetch_one(db)
        .await?;
        let mut expected: BTreeMap<Method, Money> = Method::ALL
            .into_iter()
            .map(|method| (method, Money::ZERO))
            .collect();
        for entry in &entries {
            let sum = expected.entry(entry.method).or_default();
            *sum = *sum + entry.amount;
        }
        Ok(Till {
            expected,
            entries,
            since,
        })
    }

    /// Stands for what was looked at, so that nothing is closed unseen.
    pub fn seen(&self) -> String {
        self.entries.last().map_or("nothing".into(), |last| {
            format!("{}-{}", self.entries.len(), last.receipt)
        })
    }
}

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("Nothing was taken or given back since the last cash-up.")]
    Nothing,
    #[error("Money came in while you counted. Look at the sums now, then close again.")]
    Changed,
    #[error("What you counted is not what is expected. Say why, as far as you know.")]
    NoNote,
}

/// Closes the till: what is in it is in this cash-up, and whatever comes later in the next. Its number.
pub async fn close(
    tx: &mut PgConnection,
    by: Id<Member>,
    location: &Location,
    counted: &BTreeMap<Method, Money>,
    note: &str,
    seen: &str,
    now: DateTime<Utc>,
) -> Result<Result<i32, Refusal>> {
    // One at a time at a counter.
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended($1, 0))",
        format!("till {:?}", location.id)
    )
    .execute(&mut *tx)
    .await?;
    let till = Till::open(tx, location.id).await?;
    if till.entries.is_empty() {
        return Ok(Err(Refusal::Nothing));
    }
    if till.seen() != seen {
        return Ok(Err(Refusal::Changed));
    }
    let differs = till
        .expected
        .iter()
        .any(|(method, sum)| counted.get(method) != Some(sum));
    if differs && note.is_empty() {
        return Ok(Err(Refusal::NoNote));
    }
    let id = Uuid::now_v7();
    let number = sqlx::query_scalar!(
        "insert into cash_ups (id, location_id, number, on_date, closed_by, note)
         select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5 from cash_ups where location_id = $2
         returning number",
        id,
        location.id.get(),
        location.zone.date(now),
        by.get(),
        note
    )
    .fetch_one(&mut *tx)
    .await?;
    for (method, expected) in &till.expected {
        let counted = counted.get(method).copied().unwrap_or_default();
        sqlx::query!(
            "insert into cash_up_counts (cash_up_id, method, expected_cents, counted_cents) values ($1, $2, $3, $4)",
            id,
            *method as Method,
            expected.in_cents(),
            counted.in_cents()
        )
        .execute(&mut *tx)
        .await?;
    }
    let entries: Vec<Uuid> = till.entries.iter().map(|entry| entry.id).collect();
    sqlx::query!(
        "insert into cash_up_entries (entry_id, cash_up_id) select unnest($1::uuid[]), $2",
        &entries,
        id
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({"number": number, "location": location.slug, "note": note});
    audit::record(tx, Some(by.get()), "cash up", "cash_ups", id, detail).await?;
    Ok(Ok(number))
}

/// A till that was counted.
#[derive(Clone, Debug)]
pub struct CashUp {
    pub number: i32,
    pub on_date: NaiveDate,
    pub closed_at: DateTime<Utc>,
    pub closed_by: String,
    pub note: String,
    pub entries: i64,
    pub counts: Vec<Count>,
}

#[derive(Clone, Debug)]
pub struct Count {
    pub method: Method,
    pub expected: Money,
    pub counted: Money,
}

impl Count {
    /// Below zero where money is missing.
    pub fn difference(&self) -> Money {
        self.counted - self.expected
    }
}

impl CashUp {
    pub fn difference(&self) -> Money {
        self.counts.iter().map(Count::difference).sum()
    }

    /// The latest first, `most` of them older than the one with this number.
    pub async fn list(
        db: &mut PgConnection,
        location: Id<Location>,
        before: Option<i32>,
        most: i64,
    ) -> Result<Vec<CashUp>> {
        let rows = sqlx::query!(
            r#"select u.id, u.number, u.on_date, u.closed_at, m.name as closed_by, u.note,
                      (select count(*) from cash_up_entries k where k.cash_up_id = u.id) as "entries!"
               from cash_ups u join members m on m.id = u.closed_by
               where u.location_id = $1 and ($2::int is null or u.number < $2) order by u.number desc limit $3"#,
            location.get(),
            before,
            most
        )
        .fetch_all(&mut *db)
        .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let counts = sqlx::query!(
            r#"select cash_up_id, method as "method: Method", expected_cents, counted_cents from cash_up_counts
               where cash_up_id = any($1) order by array_position(array['cash', 'card', 'eft'], method)"#,
            &ids
        )
        .fetch_all(db)
        .await?;
        let all = rows.into_iter().map(|row| CashUp {
            counts: counts
                .iter()
                .filter(|count| count.cash_up_id == row.id)
                .map(|count| Count {
                    method: count.method,
                    expected: Money::cents(count.expected_cents),
                    counted: Money::cents(count.counted_cents),
                })
                .collect(),
            number: row.number,
            on_date: row.on_date,
            closed_at: row.closed_at,
            closed_by: row.closed_by,
            note: row.note,
            entries: row.entries,
        });
        Ok(all.collect())
    }
}
