//! What happened on an account in a period: the balance before, each entry with the balance after it, and
//! the balance at its end. Nothing here is worked out but sums of the ledger.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use super::account::Entry;
use crate::{
    error::Result,
    id::Id,
    members::{company::Company, member::Member},
    money::Money,
    time::{Span, Zone, short_date},
};

/// Whose account it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Member(Id<Member>),
    Company(Id<Company>),
}

/// Whole days: from the first up to, and without, the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl Period {
    /// The month that a date is in.
    pub fn month_of(date: NaiveDate) -> Period {
        let from = date.with_day(1).unwrap_or(date);
        let until = from.checked_add_months(Months::new(1)).unwrap_or(from);
        Period { from, until }
    }

    /// By its name in addresses: `2026-11`.
    pub fn named(month: &str) -> Option<Period> {
        let plain = month.len() == 7;
        let first = crate::time::parse_date(&format!("{month}-01")).filter(|_| plain)?;
        Some(Self::month_of(first))
    }

    /// The last day in it.
    pub fn last(self) -> NaiveDate {
        self.until.pred_opt().unwrap_or(self.until)
    }

    /// From local midnight to local midnight.
    fn span(self, zone: Zone) -> Span {
        let at = |date: NaiveDate| zone.first_instant(date.and_time(NaiveTime::MIN));
        Span::new(at(self.from), at(self.until))
    }
}

#[derive(Clone, Debug)]
pub struct Line {
    pub at: DateTime<Utc>,
    /// By the account's calendar.
    pub date: NaiveDate,
    pub kind: Entry,
    pub description: String,
    /// The space, its location and the time, of what it is for.
    pub detail: Option<String>,
    /// The booking's or the pass's.
    pub reference: Option<String>,
    /// Who that is for.
    pub booked_for: Option<String>,
    pub amount: Money,
    /// After it.
    pub balance: Money,
}

impl Line {
    /// The page of the booking or pass that it is for.
    pub fn url(&self) -> Option<String> {
        let reference = self.reference.as_deref()?;
        let list = if reference.starts_with("CP-") {
            "passes"
        } else {
            "bookings"
        };
        Some(format!("/{list}/{reference}"))
    }

    /// What the account owes more by it, as the column says.
    pub fn charged(&self) -> Option<Money> {
        (self.amount > Money::ZERO).then_some(self.amount)
    }

    /// What it owes less by it.
    pub fn credited(&self) -> Option<Money> {
        (self.amount < Money::ZERO).then(|| -self.amount)
    }
}

#[derive(Clone, Debug)]
pub struct Statement {
    pub period: Period,
    pub opening: Money,
    pub lines: Vec<Line>,
    pub closing: Money,
    /// What is owed today; below zero, what is in credit.
    pub due: Money,
    /// The date of the account's first entry.
    pub since: Option<NaiveDate>,
}

impl Statement {
    /// Of an account that nothing was booked on yet, all is nothing.
    pub async fn of(
        db: &mut PgConnection,
        holder: Holder,
        period: Period,
        zone: Zone,
    ) -> Result<Statement> {
        let accounts = accounts(db, holder).await?;
        let span = period.span(zone);
        let sums = sqlx::query!(
            r#"select coalesce(sum(cents) filter (where created_at < $2), 0)::bigint as "opening!",
                      coalesce(sum(cents), 0)::bigint as "due!", min(created_at) as since
               from ledger_entries where account_id = any($1)"#,
            &accounts,
            span.from
        )
        .fetch_one(&mut *db)
        .await?;
        let rows = sqlx::query_as!(
            Row,
            r#"select e.created_at, e.kind as "kind: Entry", e.cents, e.description, coalesce(b.reference, p.reference) as reference,
                      m.name as "booked_for?", s.name as "space?", l.name as "location?", l.time_zone as "time_zone?",
                      b.during as "during?"
               from ledger_entries e
               left join bookings b on b.id = e.booking_id
               left join passes p on p.id = e.pass_id
               left join members m on m.id = coalesce(b.member_id, p.member_id)
               left join spaces s on s.id = b.space_id
               left join locations l on l.id = s.location_id
               where e.account_id = any($1) and e.created_at >= $2 and e.created_at < $3
               order by e.created_at, e.id"#,
            &accounts,
            span.from,
            span.until
        )
        .fetch_all(db)
        .await?;
        let opening = Money::cents(sums.opening);
        let mut balance = opening;
        let mut lines = Vec::new();
        for row in rows {
            balance = balance + Money::cents(row.cents);
            lines.push(row.line(balance, zone)?);
        }
        Ok(Statement {
            period,
            opening,
            lines,
            closing: balance,
            due: Money::cents(sums.due),
            since: sums.since.map(|at| zone.date(at)),
        })
    }

    pub fn charged(&self) -> Money {
        self.lines.iter().filter_map(Line::charged).sum()
    }

    pub fn credited(&self) -> Money {
        self.lines.iter().filter_map(Line::credited).sum()
    }
}

/// One, or more of somebody who was known twice.
async fn accounts(db: &mut PgConnection, holder: Holder) -> Result<Vec<Uuid>> {
    let (member, company) = match holder {
        Holder::Member(member) => (Some(member.get()), None),
        Holder::Company(company) => (None, Some(company.get())),
    };
    let accounts = sqlx::query_scalar!(
        r#"select account_id as "id!" from account_holders where member_id = $1
           union all select id from accounts where company_id = $2"#,
        member,
        company
    )
    .fetch_all(db)
    .await?;
    Ok(accounts)
}

struct Row {
    created_at: DateTime<Utc>,
    kind: Entry,
    cents: i64,
    description: String,
    reference: Option<String>,
    booked_for: Option<String>,
    space: Option<String>,
    location: Option<String>,
    time_zone: Option<String>,
    during: Option<PgRange<DateTime<Utc>>>,
}

impl Row {
    fn line(self, balance: Money, zone: Zone) -> Result<Line> {
        let detail = match (&self.space, &self.location, &self.time_zone, self.during) {
            (Some(space), Some(location), Some(there), Some(during)) => {
                let when = when(during.into(), Zone::named(there)?);
                Some(format!("{space}, {location}, {when}"))
            }
            _ => None,
        };
        Ok(Line {
            at: self.created_at,
            date: zone.date(self.created_at),
            kind: self.kind,
            description: self.description,
            detail,
            reference: self.reference,
            booked_for: self.booked_for,
            amount: Money::cents(self.cents),
            balance,
        })
    }
}

/// `24 Nov 2026, 09:00–11:30`, or both days where there are two.
fn when(span: Span, zone: Zone) -> String {
    let (from, until) = (zone.date(span.from), zone.date(span.until));
    let (begins, ends) = (zone.clock(span.from), zone.clock(span.until));
    if from == until {
        format!("{}, {begins}–{ends}", short_date(from))
    } else {
        format!(
            "{} {begins} – {} {ends}",
            short_date(from),
            short_date(until)
        )
    }
}

/// Who keeps the account.
#[derive(Clone, Debug)]
pub struct Issuer {
    pub operator: String,
    /// Empty for who is no VAT vendor.
    pub vat_number: String,
}

impl Issuer {
    pub async fn load(db: &mut PgConnection) -> Result<Issuer> {
        let issuer = sqlx::query_as!(
            Issuer,
            r#"select operator, case when vat_registered then vat_number else '' end as "vat_number!"
               from installation"#
        )
        .fetch_one(db)
        .await?;
        Ok(issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_by_name() {
        let period = Period::named("2026-12").unwrap();
        assert_eq!(
            (
                period.from.to_string(),
                period.until.to_string(),
                period.last().to_string()
            ),
            (
                "2026-12-01".into(),
                "2027-01-01".into(),
                "2026-12-31".into()
            )
        );
        for wrong in ["", "2026", "2026-13", "2026-1", "2026-11-24", "x026-11"] {
            assert_eq!(Period::named(wrong), None, "{wrong}");
        }
    }
}
