//! The rows of the bar, each by a word.

pub mod names;

mod booking;
mod contention;
mod grid;
mod instances;
mod memory;
mod search;
mod streams;
mod wire;
mod years;

use anyhow::{Result, bail};

use crate::bench::Bench;
use crate::table::Table;

pub async fn run(word: &str, bench: &Bench, table: &mut Table) -> Result<()> {
    match word {
        "contention" => contention::run(bench, table).await,
        "booking" => booking::run(bench, table).await,
        "grid" => grid::run(bench, table).await,
        "years" => years::run(bench, table).await,
        "search" => search::run(bench, table).await,
        "memory" => memory::run(bench, table).await,
        "wire" => wire::run(bench, table).await,
        "streams" => streams::run(bench, table).await,
        "instances" => instances::run(bench, table).await,
        other => bail!("no row is called {other}"),
    }
}
