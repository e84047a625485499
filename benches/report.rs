//! The whole of `docs/performance.md`: the machine, the table, how to read it, what falls short.

use std::fs;
use std::time::Duration;

use crate::bench::Bench;
use crate::table::Table;

pub fn of(bench: &Bench, table: &Table, took: Duration) -> String {
    let short = match table.short() {
        short if short.is_empty() => "Nothing.".to_owned(),
        short => short.join("\n"),
    };
    include_str!("performance.md")
        .replace("{machine}", &machine(bench, took))
        .replace("{table}", table.to_string().trim_end())
        .replace("{short}", &short)
}

fn machine(bench: &Bench, took: Duration) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| {
        line.strip_prefix("MemTotal:")?
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    });
    let memory: f64 = memory.unwrap_or_default();
    format!(
        "{} · connect-space {} · PostgreSQL {} · {cores} cores, {:.0} GB · {} and 10000 past bookings · {:.0} s",
        bench.house.today,
        env!("CARGO_PKG_VERSION"),
        bench.house.version,
        memory / 1024.0 / 1024.0,
        bench.past,
        took.as_secs_f64(),
    )
}
