//! Two programs on one database, asked in turn, beside one. Connections are shared out here as a proxy would.

use anyhow::Result;

use crate::bench::{Bench, OLD};
use crate::client::{Ask, Connection};
use crate::cpu::Meter;
use crate::load::Figures;
use crate::site::Site;
use crate::table::Table;

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let second = Site::serve(&bench.house, OLD)?;
    let (mut one, mut two) = (Vec::new(), Vec::new());
    let load = bench.load(16);
    for _ in 0..bench.rounds() {
        for (runs, at) in [
            (&mut one, vec![bench.old.at]),
            (&mut two, vec![bench.old.at, second.at]),
        ] {
            let (grid, people) = (bench.grid(), bench.readers.clone());
            let work = async move |connection: &mut Connection, who: usize, n: usize| {
                let ask = Ask::page(&grid, &people[(who + n) % people.len()].cookie);
                connection.page(&ask).await
            };
            runs.push(
                load.run(
                    Meter {
                        app: 0,
                        ..bench.old.meter
                    },
                    &at,
                    work,
                )
                .await?,
            );
        }
    }
    let pair = (
        Figures::median(&two).a_second,
        Figures::median(&one).a_second,
    );
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Two programs, their database and the load need a core each.
    if cores >= 6 {
        table.at_least_times("reads a second of two beside one", pair, "", 1.6);
    } else {
        let what =
            format!("reads a second of two beside one, all on {cores} cores, which one fills");
        table.told_times(what, pair, "");
    }
    Ok(())
}
