//! What the program weighs after many requests of many kinds, and how long it takes to start.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::bench::{Bench, OLD};
use crate::client::Ask;
use crate::cpu;
use crate::load::Load;
use crate::site::Site;
use crate::table::Table;

/// However slow the machine is.
const LONGEST: Duration = Duration::from_secs(150);

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let mut starts = Vec::new();
    for _ in 0..5 {
        starts.push(Site::serve(&bench.house, OLD)?.started_in);
    }
    starts.sort();
    table.at_most(
        "start with the check of migrations, to the first page",
        starts[2].as_secs_f64() * 1_000.0,
        "ms",
        200.0,
    );

    let site = Site::serve(&bench.house, OLD)?;
    let paths = [
        bench.grid(),
        "/bookings".to_owned(),
        format!("/spaces/pier-7?date={}", bench.house.day),
        "/".to_owned(),
    ];
    let (people, turn) = (
        bench.readers.clone(),
        Load {
            connections: 16,
            time: Duration::from_secs(1),
        },
    );
    // Pages of several kinds, and what costs little in between.
    let ask = move |who: usize, n: usize| {
        let path = match n % 10 {
            at if at < paths.len() => paths[at].as_str(),
            at if at % 2 == 0 => "/healthz",
            _ => "/robots.txt",
        };
        Ask {
            encoding: Some("gzip"),
            ..Ask::page(path, &people[(who * 7 + n) % people.len()].cookie)
        }
    };
    let (wanted, begun) = (if bench.quick { 5_000 } else { 100_000 }, Instant::now());
    let (mut done, mut warm) = (0, None);
    while done < wanted && begun.elapsed() < LONGEST {
        done += turn.pages(site.meter, site.at, ask.clone()).await?.done;
        if warm.is_none() {
            warm = Some(cpu::memory(site.meter.app)?.0);
        }
    }
    let (all, share) = cpu::memory(site.meter.app)?;
    table.at_most(
        format!("memory after {done} requests (RSS)"),
        all,
        "MB",
        64.0,
    );
    table.told("the same without what others share (PSS)", share, "MB");
    table.at_most_times(
        "the same beside the first second",
        (all, warm.unwrap_or(all)),
        "MB",
        2.0,
    );
    Ok(())
}
