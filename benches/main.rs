//! How fast the house is, beside what its parts could do: `bin/bench`, or `bin/bench grid` for one row.
//!
//! It brings its own PostgreSQL, data, load and floor, stops by itself, and fails only where something is wrong, never
//! where something is slow.

mod bench;
mod client;
mod cpu;
mod floor;
mod house;
mod load;
mod people;
mod replay;
mod report;
mod rows;
mod site;
mod table;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use bench::Bench;
use rows::names::ROWS;
use table::Table;

fn main() -> ExitCode {
    // `cargo bench` says so to each of them.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let done = if words.iter().any(|word| word == "floor") {
        Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(Into::into)
            .and_then(|runtime| runtime.block_on(floor::serve()))
    } else {
        // One thread for the load, so that the other core is the program's.
        Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Into::into)
            .and_then(|runtime| runtime.block_on(measure(&words)))
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// By Ctrl-C, or as a system that shuts down asks.
async fn asked_to_stop() {
    let mut term = signal(SignalKind::terminate()).expect("signals can be heard");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

async fn measure(words: &[String]) -> Result<()> {
    let is_set = |flag: &str| words.iter().any(|word| word == flag);
    let (quick, write) = (is_set("--quick"), is_set("--write"));
    let named: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with("--"))
        .collect();
    for word in &named {
        let known = ROWS.iter().any(|(row, _)| row == word);
        ensure!(
            known,
            "no row is called {word}: there are {}",
            ROWS.map(|row| row.0).join(", ")
        );
    }
    let begun = Instant::now();
    let bench = Bench::open(quick).await?;
    eprintln!("· ready after {:.0} s", begun.elapsed().as_secs_f64());
    let mut table = Table::default();
    let measured = async {
        for (number, (row, about)) in ROWS.into_iter().enumerate() {
            if named.is_empty() || named.contains(&row) {
                eprintln!("· {row}: {about}");
                table.row = format!("{} {row}", number + 1);
                rows::run(row, &bench, &mut table).await?;
            }
        }
        anyhow::Ok(())
    };
    let measured = tokio::select! {
        measured = measured => measured,
        () = asked_to_stop() => Err(anyhow::anyhow!("interrupted")),
    };
    let report = report::of(&bench, &table, begun.elapsed());
    drop(bench);
    measured?;
    println!("{report}");
    if write {
        ensure!(
            named.is_empty() && !quick,
            "docs/performance.md is written of a whole run"
        );
        std::fs::write("docs/performance.md", report)?;
    }
    ensure!(
        table.broken.is_empty(),
        "wrong, whatever the machine: {}",
        table.broken.join("; ")
    );
    Ok(())
}
