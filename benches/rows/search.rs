//! What is free for two hours and eight people at all locations, beside one location's day.

use anyhow::Result;

use crate::bench::Bench;
use crate::client::Ask;
use crate::load::Figures;
use crate::table::Table;

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let (mut search, mut grid) = (Vec::new(), Vec::new());
    let load = bench.load(8);
    for _ in 0..bench.rounds() {
        for (runs, path) in [(&mut search, bench.search()), (&mut grid, bench.grid())] {
            let people = bench.readers.clone();
            let ask = move |who: usize, n: usize| {
                Ask::page(&path, &people[(who + n) % people.len()].cookie)
            };
            runs.push(load.pages(bench.old.meter, bench.old.at, ask).await?);
        }
    }
    let (search, grid) = (Figures::median(&search), Figures::median(&grid));
    table.at_most_times(
        "CPU of a search of 110 spaces beside the grid of 40",
        (search.stack(), grid.stack()),
        "ms",
        2.0,
    );
    table.told_times("of it the program", (search.app, grid.app), "ms");
    Ok(())
}
