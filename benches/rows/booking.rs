//! A booking through its form, a hold and then its confirmation, beside pgbench doing the same SQL.

use std::rc::Rc;

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::bench::Slot;
use crate::client::{Ask, Connection};
use crate::load::Figures;
use crate::people::Person;
use crate::replay::Replay;
use crate::table::Table;

/// More than a machine of this size takes in a run.
const MANY: usize = 1_200;

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let replay = Replay::record(bench).await?;
    table.told(
        "statements of a hold and its confirmation",
        replay.statements as f64,
        "",
    );
    for connections in [8, 16] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..bench.rounds().min(4) {
            ours.push(book(bench, connections).await?);
            theirs.push(replay.run(bench, connections)?);
        }
        let (ours, theirs) = (Figures::median(&ours), Figures::median(&theirs));
        let at = |what: &str| format!("{what}, {connections} connections");
        table.at_least_times(
            at("bookings a second beside pgbench"),
            (ours.a_second, theirs.a_second),
            "",
            0.5,
        );
        table.at_most(
            at("CPU of the program for each POST"),
            ours.app / 2.0,
            "ms",
            0.3,
        );
        table.at_most_times(
            at("CPU of the database for each booking beside pgbench"),
            (ours.database, theirs.database),
            "ms",
            1.5,
        );
        table.told(at("p99 of a booking"), ours.p99, "ms");
    }
    Ok(())
}

async fn book(bench: &Bench, connections: usize) -> Result<Figures> {
    let slots: Rc<[Slot]> = bench.slots(MANY).into();
    let people: Rc<[Person]> = bench.bookers.as_slice().into();
    let work = async move |connection: &mut Connection, who: usize, n: usize| {
        let slot = slots
            .get(who + n * connections)
            .context("more bookings than times")?;
        // Nobody is at two places at once: everybody has a share of the people.
        let share = people.len() / connections;
        let person = &people[who * share + n % share];
        let held = connection.get(&slot.hold(person)).await?;
        let page = held.location.context("a hold leads on")?;
        let done = connection
            .get(&Ask::form(page, &person.cookie, &[]))
            .await?;
        anyhow::ensure!(done.status == 303, "a confirmation answers {}", done.status);
        Ok(())
    };
    bench
        .load(connections)
        .run(bench.old.meter, &[bench.old.at], work)
        .await
}
