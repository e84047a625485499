//! What watches over the program asks here: `/metrics`, with what was counted and how things stand, and the probes.
//!
//! All of it is served at an address of its own, `METRICS_ADDRESS`, and never by the site.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use prometheus_client::encoding::text;
use prometheus_client::metrics::{counter::Counter, gauge::Gauge, info::Info};
use prometheus_client::registry::Registry;
use tokio::sync::Mutex;

use crate::app::{self, App};
use crate::metrics::{self, Level};
use crate::reports::vitals::Vitals;

/// The database is asked no more often than this, however many look.
const FRESH: Duration = Duration::from_secs(10);
/// Ticks of the processor's time in a second, as Linux counts them for programs.
const TICKS: f64 = 100.0;

/// For the address that is not public.
pub fn router(app: App) -> Router {
    let watched = Watched {
        gauges: Arc::new(Mutex::new(Gauges::new(&app))),
        app: app.clone(),
    };
    Router::new()
        .route("/metrics", get(show))
        .with_state(watched)
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(app::readyz))
        .with_state(app)
}

#[derive(Clone)]
struct Watched {
    app: App,
    gauges: Arc<Mutex<Gauges>>,
}

async fn show(State(watched): State<Watched>) -> impl IntoResponse {
    let mut gauges = watched.gauges.lock().await;
    gauges.look(&watched.app).await;
    let counted = watched.app.metrics.text();
    let counted = counted.trim_end_matches("# EOF\n");
    let text = format!("{counted}{}", gauges.text());
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text)
}

/// Reads one number of a thing.
type Look<T> = fn(&T) -> f64;

/// Read when somebody looks.
struct Gauges {
    registry: Registry,
    house: Vec<(Level, Look<Vitals>)>,
    program: Vec<(Level, Look<App>)>,
    database: Level,
    memory: Level,
    files: Level,
    processor: Counter<f64, AtomicU64>,
    asked: Option<Instant>,
}

/// How the house stands: name, what it is, and where it is read.
const HOUSE: [(&str, &str, Look<Vitals>); 10] = [
    (
        "overlaps",
        "Pairs of bookings that share a space and a time: always 0",
        |v| v.overlaps as f64,
    ),
    ("holds", "Holds that are running", |v| v.holds as f64),
    (
        "holds_stale",
        "Holds that are over and not tidied away",
        |v| v.stale_holds as f64,
    ),
    (
        "bookings_ahead",
        "Bookings from yesterday on that are confirmed or checked in",
        |v| v.confirmed as f64,
    ),
    ("requests_pending", "Bookings that wait for approval", |v| {
        v.pending as f64
    }),
    ("jobs_due", "Jobs that could be done now", |v| {
        v.jobs_due as f64
    }),
    (
        "jobs_later",
        "Jobs that wait for their time, or are being done",
        |v| v.jobs_later as f64,
    ),
    (
        "jobs_failed",
        "Jobs that failed as often as they may",
        |v| v.jobs_failed as f64,
    ),
    (
        "jobs_behind_seconds",
        "For how long the oldest job that is due has waited",
        |v| v.jobs_behind,
    ),
    (
        "people_active",
        "People signed in and seen within a quarter of an hour",
        |v| v.people_signed_in as f64,
    ),
];

/// How this program stands.
const PROGRAM: [(&str, &str, Look<App>); 5] = [
    (
        "database_connections",
        "Connections of this program's pool",
        |app| app.db.size().into(),
    ),
    (
        "database_connections_idle",
        "Those that nobody uses",
        |app| app.db.num_idle() as f64,
    ),
    (
        "database_connections_most",
        "The most that it may have",
        |app| app.db.options().get_max_connections().into(),
    ),
    (
        "live_streams",
        "Pages that are open and told of changes",
        |app| app.live.streams() as f64,
    ),
    ("ready", "1 while this program takes traffic", |app| {
        app.lifecycle.is_ready().into()
    }),
];

impl Gauges {
    fn new(app: &App) -> Gauges {
        let mut registry = Registry::default();
        let ours = registry.sub_registry_with_prefix("connect_space");
        let mut level = |name: &str, what: &str| {
            let level = Level::default();
            ours.register(name, what, level.clone());
            level
        };
        let house = HOUSE.map(|(name, what, read)| (level(name, what), read));
        let program = PROGRAM.map(|(name, what, read)| (level(name, what), read));
        let database = level("database_up", "1 if the database answered this time");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        ours.register("program", "What runs here", version);
        let memory = Level::default();
        registry.register(
            "process_resident_memory_bytes",
            "Memory in use",
            memory.clone(),
        );
        let files = Level::default();
        registry.register(
            "process_open_fds",
            "Open files and connections",
            files.clone(),
        );
        let begun = Gauge::<i64>::default();
        begun.set(app.clock.now().timestamp());
        registry.register(
            "process_start_time_seconds",
            "When this program began",
            begun,
        );
        let processor = Counter::default();
        registry.register(
            "process_cpu_seconds",
            "Processor time used",
            processor.clone(),
        );
        Gauges {
            registry,
            house: house.into(),
            program: program.into(),
            database,
            memory,
            files,
            processor,
            asked: None,
        }
    }

    async fn look(&mut self, app: &App) {
        for (level, read) in &self.program {
            level.set(read(app));
        }
        self.look_at_the_process();
        if self.asked.is_some_and(|asked| asked.elapsed() < FRESH) {
            return;
        }
        let vitals = Vitals::read(&app.db, app.clock.now()).await;
        if let Err(error) = &vitals {
            tracing::warn!(?error, "how the house stands could not be read");
        }
        // After a failure the next look asks again.
        self.asked = vitals.is_ok().then(Instant::now);
        self.database.set(vitals.is_ok().into());
        for (level, read) in &self.house {
            // What nobody knows is no number, and least of all the last one.
            level.set(vitals.as_ref().map_or(f64::NAN, read));
        }
    }

    /// Where the system tells it: Linux does.
    fn look_at_the_process(&self) {
        if let Some(bytes) = memory(&fs::read_to_string("/proc/self/status").unwrap_or_default()) {
            self.memory.set(bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            self.files.set(files.count() as f64);
        }
        if let Some(seconds) = processor(&fs::read_to_string("/proc/self/stat").unwrap_or_default())
        {
            self.processor
                .inner()
                .store(seconds.to_bits(), Ordering::Relaxed);
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

/// Bytes of memory in /proc/self/status, which says so in kB.
fn memory(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// Seconds of processor time in /proc/self/stat: the 14th and 15th word, where the second may hold spaces.
fn processor(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_whitespace().skip(11);
    let mut ticks = || words.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_says_of_a_process() {
        assert_eq!(memory("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2_097_152.0));
        let stat = "17 (connect (x) y) S 1 17 17 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 9 0 1";
        assert_eq!(processor(stat), Some(3.0));
        assert_eq!((memory(""), processor("")), (None, None));
    }
}
