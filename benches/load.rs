//! Load: some connections that ask as fast as they are answered, for a while, and what that cost.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::LocalSet;

use crate::client::{Ask, Connection};
use crate::cpu::Meter;

#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub connections: usize,
    pub time: Duration,
}

/// What one run, or the middle one of several, showed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    pub a_second: f64,
    /// Milliseconds of processor time for each.
    pub app: f64,
    pub database: f64,
    /// Milliseconds until it is done.
    pub p50: f64,
    pub p99: f64,
    pub done: usize,
}

impl Figures {
    pub fn stack(&self) -> f64 {
        self.app + self.database
    }

    /// The middle of each figure by itself.
    pub fn median(runs: &[Figures]) -> Figures {
        let middle = |figure: fn(&Figures) -> f64| {
            let mut all: Vec<f64> = runs.iter().map(figure).collect();
            all.sort_by(f64::total_cmp);
            all.get(all.len() / 2).copied().unwrap_or_default()
        };
        Figures {
            a_second: middle(|run| run.a_second),
            app: middle(|run| run.app),
            database: middle(|run| run.database),
            p50: middle(|run| run.p50),
            p99: middle(|run| run.p99),
            done: runs.iter().map(|run| run.done).sum(),
        }
    }
}

impl Load {
    /// Asks for pages, each of which must be answered with itself.
    pub async fn pages(
        self,
        meter: Meter,
        at: SocketAddr,
        ask: impl Fn(usize, usize) -> Ask + 'static,
    ) -> Result<Figures> {
        let work = async move |connection: &mut Connection, who: usize, n: usize| {
            connection.page(&ask(who, n)).await
        };
        self.run(meter, &[at], work).await
    }

    /// Does a piece of work again and again on each connection, which is told its own number and how often it has
    /// worked. Connections are spread over the addresses.
    pub async fn run<W>(self, meter: Meter, at: &[SocketAddr], work: W) -> Result<Figures>
    where
        W: AsyncFn(&mut Connection, usize, usize) -> Result<()> + 'static,
    {
        let work = Rc::new(work);
        let mut open = Vec::new();
        for who in 0..self.connections {
            open.push(Connection::open(at[who % at.len()]).await?);
        }
        let (before, begun) = (meter.read()?, Instant::now());
        let workers = LocalSet::new();
        let handles: Vec<_> = open
            .into_iter()
            .enumerate()
            .map(|(who, mut connection)| {
                let work = work.clone();
                workers.spawn_local(async move {
                    let mut times = Vec::new();
                    while begun.elapsed() < self.time {
                        let start = Instant::now();
                        work(&mut connection, who, times.len()).await?;
                        times.push(start.elapsed());
                    }
                    anyhow::Ok(times)
                })
            })
            .collect();
        workers.await;
        let (took, after) = (begun.elapsed(), meter.read()?);
        let mut times = Vec::new();
        for handle in handles {
            times.extend(handle.await??);
        }
        times.sort();
        let each = 1_000.0 / times.len().max(1) as f64;
        Ok(Figures {
            a_second: times.len() as f64 / took.as_secs_f64(),
            app: (after.app - before.app) * each,
            database: (after.database - before.database) * each,
            p50: at_share(&times, 0.5),
            p99: at_share(&times, 0.99),
            done: times.len(),
        })
    }
}

/// Milliseconds that such a share of the sorted times stays within.
pub fn at_share(times: &[Duration], share: f64) -> f64 {
    let at = (times.len() as f64 * share).ceil() as usize;
    let time = times.get(at.saturating_sub(1)).copied();
    time.unwrap_or_default().as_secs_f64() * 1_000.0
}
