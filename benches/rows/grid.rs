//! The day of a location with three hundred bookings, signed in, beside the floor.

use anyhow::Result;

use crate::bench::Bench;
use crate::client::Ask;
use crate::load::Figures;
use crate::table::Table;

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    for connections in [8, 32] {
        let (mut ours, mut floor, mut desk) = (Vec::new(), Vec::new(), Vec::new());
        let load = bench.load(connections);
        for _ in 0..bench.rounds() {
            let (grid, people) = (bench.grid(), bench.readers.clone());
            let ask = move |who: usize, n: usize| {
                Ask::page(&grid, &people[(who + n) % people.len()].cookie)
            };
            ours.push(load.pages(bench.old.meter, bench.old.at, ask).await?);
            floor.push(
                load.pages(bench.floor.meter, bench.floor.at, |_, _| Ask::page("/", ""))
                    .await?,
            );
            if connections == 8 {
                let (day, owner) = (
                    format!("/admin/day?location=musgrave&date={}", bench.house.day),
                    bench.owner.clone(),
                );
                let ask = move |_, _| Ask::page(&day, &owner.cookie);
                desk.push(load.pages(bench.old.meter, bench.old.at, ask).await?);
            }
        }
        let (ours, floor) = (Figures::median(&ours), Figures::median(&floor));
        if connections == 8 {
            let desk = Figures::median(&desk);
            table.at_most_times(
                "CPU of the stack, 8 connections",
                (ours.stack(), floor.stack()),
                "ms",
                2.0,
            );
            table.told_times("of it the program", (ours.app, floor.app), "ms");
            table.told_times("of it the database", (ours.database, floor.database), "ms");
            table.at_least_times(
                "requests a second, 8 connections",
                (ours.a_second, floor.a_second),
                "",
                0.5,
            );
            table.told_times(
                "CPU of the front desk's day, with names",
                (desk.stack(), floor.stack()),
                "ms",
            );
        } else {
            table.at_most_times("p99, 32 connections", (ours.p99, floor.p99), "ms", 2.0);
        }
    }
    Ok(())
}
