//! For whom it is, and what to know of them before booking.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::Typed;
use crate::{
    error::Result,
    form,
    id::Id,
    members::{
        find::{self, Found},
        member::{Member, Standing},
    },
    money::Money,
    time::{Span, Zone},
};

/// Somebody, and what to know before booking for them.
#[derive(Clone, Debug)]
pub struct Person {
    pub found: Found,
    pub owed: Money,
    /// The part of it that was charged more than a month ago.
    pub overdue: Money,
    /// What they have at that time already: `Pier, 09:00–10:00 (CS-7K3M9)`.
    pub booked: Vec<String>,
}

impl Person {
    pub(super) async fn read(
        db: &mut PgConnection,
        found: Found,
        during: Option<Span>,
        zone: Zone,
        now: DateTime<Utc>,
    ) -> Result<Person> {
        let account = sqlx::query!(
            r#"select coalesce(sum(e.cents), 0)::bigint as "owed!",
                      coalesce(sum(e.cents) filter (where e.cents < 0 or e.created_at < $2), 0)::bigint as "overdue!"
               from accounts a join ledger_entries e on e.account_id = a.id
               where a.member_id = $1
                  or a.company_id = (select paying_company_id from members where id = $1)"#,
            found.id.get(),
            now - Duration::days(30)
        )
        .fetch_one(&mut *db)
        .await?;
        let mut booked = Vec::new();
        if let Some(during) = during {
            let rows = sqlx::query!(
                r#"select b.reference, s.name, b.during as "during!" from bookings b join spaces s on s.id = b.space_id
                   where b.member_id = $1 and b.status in ('held', 'pending', 'confirmed', 'checked_in')
                     and (b.hold_expires_at is null or b.hold_expires_at > now())
                     and lower(b.during) < $3 and upper(b.during) > $2
                   order by lower(b.during) limit 5"#,
                found.id.get(),
                during.from,
                during.until
            )
            .fetch_all(&mut *db)
            .await?;
            booked = rows
                .into_iter()
                .map(|row| {
                    let range = zone.range(row.during.into(), zone.date(now));
                    format!("{}, {range} ({})", row.name, row.reference)
                })
                .collect();
        }
        Ok(Person {
            found,
            owed: Money::cents(account.owed),
            overdue: Money::cents(account.overdue.max(0)),
            booked,
        })
    }

    /// What to say before booking, the gravest first: `bad`, `warn` or nothing, and the sentence.
    pub fn warnings(&self) -> Vec<(&'static str, String)> {
        let mut warnings = Vec::new();
        let name = &self.found.name;
        let because = match self.found.standing_reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        match self.found.standing {
            Standing::Good => {}
            Standing::Barred => warnings.push((
                "bad",
                format!(
                    "{name} is barred from booking{because}. Give a reason to book all the same."
                ),
            )),
            Standing::PayFirst => {
                warnings.push(("warn", format!("{name} pays before booking{because}.")));
            }
        }
        if self.overdue > Money::ZERO {
            warnings.push((
                "warn",
                format!(
                    "{} is overdue: charged more than 30 days ago. {} is owed in all.",
                    self.overdue, self.owed
                ),
            ));
        } else if self.owed > Money::ZERO {
            let due = format!(
                "{} is due on their account; none of it is overdue.",
                self.owed
            );
            warnings.push(("", due));
        }
        if !self.booked.is_empty() {
            let booked = self.booked.join("; ");
            warnings.push(("warn", format!("{name} is booked then: {booked}.")));
        }
        warnings
    }
}

/// The person that the form names, as far as the letters still mean them; or the only one they can mean.
pub(super) async fn chosen(
    db: &mut PgConnection,
    typed: &Typed,
    found: &[Found],
) -> Result<Option<Found>> {
    let id: Option<Id<Member>> = typed.member.parse::<Uuid>().ok().map(Id::from);
    if let Some(known) = found.iter().find(|one| Some(one.id) == id) {
        return Ok(Some(known.clone()));
    }
    if typed.who.trim().is_empty() || found.len() != 1 {
        let Some(id) = id else { return Ok(None) };
        let Ok(member) = Member::find(&mut *db, id).await else {
            return Ok(None);
        };
        if !typed.who.trim().is_empty() && form::line(&typed.who) != member.name {
            return Ok(None);
        }
        let same = find::people(db, &member.name, 100).await?;
        return Ok(same.into_iter().find(|one| one.id == id));
    }
    Ok(found.first().cloned())
}
