//! A thousand open pages that wait for news on one program, and a booking.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::task::LocalSet;

use crate::bench::{Bench, OLD};
use crate::client::{Ask, Connection, piece};
use crate::cpu;
use crate::site::Site;
use crate::table::Table;

const STREAMS: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(10);

pub async fn run(bench: &Bench, table: &mut Table) -> Result<()> {
    let site = Site::serve(&bench.house, OLD)?;
    let slot = bench.slots(1).remove(0);
    let listen = Ask {
        path: format!("/live?location=musgrave&date={}", slot.date),
        ..Ask::page("", &bench.readers[0].cookie)
    };
    let (heard, last) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(None)));
    let pages = LocalSet::new();
    let (order, person) = (slot.order(&bench.bookers[1]), site.at);
    let (heard_of, last_of) = (heard.clone(), last.clone());
    let (memory, begun) = pages
        .run_until(async move {
            for n in 0..STREAMS {
                let mut connection = Connection::open(site.at).await?;
                let mut body = connection.listen(&listen).await?;
                let (heard, last) = (heard_of.clone(), last_of.clone());
                tokio::task::spawn_local(async move {
                    while let Some(words) = piece(&mut body).await {
                        if words.starts_with(b"event: change") {
                            heard.set(heard.get() + 1);
                            last.set(Some(Instant::now()));
                            break;
                        }
                    }
                    // Kept open until all have heard.
                    tokio::time::sleep(PATIENCE).await;
                    drop((connection, body, n));
                });
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            let memory = cpu::memory(site.meter.app)?.0;
            let mut booking = Connection::open(person).await?;
            let booked = booking.get(&order).await?;
            let begun = Instant::now();
            ensure!(
                booked.status == 201,
                "the booking answers {}",
                booked.status
            );
            while heard_of.get() < STREAMS && begun.elapsed() < PATIENCE / 2 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            anyhow::Ok((memory, begun))
        })
        .await?;
    let slowest = last.get().map_or(Duration::ZERO, |last: Instant| {
        last.saturating_duration_since(begun)
    });
    table.at_most(
        format!("memory with {STREAMS} streams"),
        memory,
        "MB",
        100.0,
    );
    table.at_least_times(
        "streams that heard of a booking",
        (heard.get() as f64, STREAMS as f64),
        "",
        1.0,
    );
    table.at_most(
        "the last of them heard after",
        slowest.as_secs_f64() * 1_000.0,
        "ms",
        1_000.0,
    );
    Ok(())
}
