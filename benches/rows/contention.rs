//! Fifty people at once, each with a session or a token of their own, for one hour of one room; and again.

use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::PgConnection;
use tokio::task::LocalSet;

use crate::bench::{Bench, CROWD, OLD, Slot};
use crate::client::{Answer, Ask, Connection};
use crate::people::Person;
use crate::table::Table;

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let count = if bench.quick { 40 } else { 200 };
    let mut db = bench.house.admin(OLD).await?;
    let deadlocks = deadlocks(&mut db).await?;
    let mut seen = Seen::default();
    for (n, slot) in bench.slots(count).iter().enumerate() {
        let answers = all_at_once(bench, slot, n % 2 == 0).await?;
        for (person, answer) in answers {
            seen.note(&answer);
            // The form's winner has a hold, which becomes a booking once they have looked it over.
            if let Some(page) = answer.location.filter(|_| answer.status == 303) {
                let mut winner = Connection::open(bench.old.at).await?;
                let confirmed = winner.ask(&Ask::form(page, &person.cookie, &[])).await?;
                seen.note(&confirmed);
            }
        }
        let booked: i64 = sqlx::query_scalar(
            "select count(*) from bookings b join spaces s on s.id = b.space_id
             where s.slug = $1 and b.during = tstzrange($2::timestamp at time zone 'Africa/Johannesburg',
                                                        $3::timestamp at time zone 'Africa/Johannesburg')
               and b.status = 'confirmed'",
        )
        .bind(&slot.space)
        .bind(slot.date.and_time(slot.from.parse().context("a clock")?))
        .bind(slot.date.and_time(slot.until.parse().context("a clock")?))
        .fetch_one(&mut db)
        .await?;
        if booked != 1 {
            seen.other_than_one += 1;
        }
    }
    // Its count is written down with a delay.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let deadlocks = self::deadlocks(&mut db).await? - deadlocks;
    let people = format!("{CROWD} people, {count} free hours");
    table.none(
        format!("{people}: hours without exactly one booking"),
        seen.other_than_one,
    );
    table.none(format!("{people}: answers of status 5xx"), seen.broken);
    table.none(format!("{people}: deadlocks"), deadlocks as u64);
    table.at_most(
        format!("{people}: slowest answer"),
        seen.slowest.as_secs_f64() * 1_000.0,
        "ms",
        1_000.0,
    );
    Ok(())
}

#[derive(Default)]
struct Seen {
    other_than_one: u64,
    broken: u64,
    slowest: Duration,
}

impl Seen {
    fn note(&mut self, answer: &Answer) {
        self.broken += u64::from(answer.status >= 500);
        self.slowest = self.slowest.max(answer.took);
    }
}

/// Everybody of the crowd asks at the same moment, by form or through the API.
async fn all_at_once(bench: &Bench, slot: &Slot, by_form: bool) -> Result<Vec<(Person, Answer)>> {
    let start = Rc::new(tokio::sync::Barrier::new(CROWD));
    let crowd = LocalSet::new();
    let mut handles = Vec::new();
    for person in bench.bookers.iter().take(CROWD).cloned() {
        let ask = if by_form {
            slot.hold(&person)
        } else {
            slot.order(&person)
        };
        let (start, at) = (start.clone(), bench.old.at);
        handles.push(crowd.spawn_local(async move {
            let mut connection = Connection::open(at).await?;
            start.wait().await;
            let answer = connection.ask(&ask).await?;
            anyhow::Ok((person, answer))
        }));
    }
    crowd.await;
    let mut answers = Vec::new();
    for handle in handles {
        answers.push(handle.await??);
    }
    Ok(answers)
}

async fn deadlocks(db: &mut PgConnection) -> Result<i64> {
    let count = "select deadlocks from pg_stat_database where datname = current_database()";
    Ok(sqlx::query_scalar(count).fetch_one(db).await?)
}
