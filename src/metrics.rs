//! Numbers about the running program, for Prometheus. They name routes and kinds, never people.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// What the text is (OpenMetrics 1.0, which Prometheus reads).
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// In seconds, from a page at its fastest to the longest that a request may take.
const TIMES: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Work {
    kind: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// How an attempt at a job or a mail ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Done,
    /// Nothing was wrong with it: later.
    Postponed,
    Failed,
}

impl End {
    fn word(self) -> &'static str {
        match self {
            End::Done => "done",
            End::Postponed => "postponed",
            End::Failed => "failed",
        }
    }
}

/// A number that goes up and down; not a number while nobody knows it.
pub type Level = Gauge<f64, AtomicU64>;

/// Counted while it happens.
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    times: Family<Asked, Histogram, fn() -> Histogram>,
    under_way: Gauge,
    jobs: Family<Work, Counter>,
    job_times: Histogram,
    mails: Family<Outcome, Counter>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut all = Registry::default();
        let registry = all.sub_registry_with_prefix("connect_space");
        let requests = Family::default();
        registry.register(
            "requests",
            "Answers, by route and status; 499 is who hung up",
            requests.clone(),
        );
        let times = Family::new_with_constructor((|| Histogram::new(TIMES)) as fn() -> Histogram);
        let words = "How long until an answer began, by route";
        registry.register_with_unit("request_duration", words, Unit::Seconds, times.clone());
        let under_way = Gauge::default();
        registry.register(
            "requests_under_way",
            "Requests without an answer so far",
            under_way.clone(),
        );
        let jobs = Family::default();
        registry.register(
            "job_attempts",
            "Attempts at jobs, by kind and how they ended",
            jobs.clone(),
        );
        let job_times = Histogram::new(TIMES);
        let words = "How long an attempt at a job took";
        registry.register_with_unit("job_duration", words, Unit::Seconds, job_times.clone());
        let mails = Family::default();
        registry.register("mails", "Mails, by how sending them ended", mails.clone());
        Metrics {
            registry: all,
            requests,
            times,
            under_way,
            jobs,
            job_times,
            mails,
        }
    }
}

impl Metrics {
    /// A request begins; it is under way until this is dropped.
    pub fn request(&self) -> UnderWay {
        self.under_way.inc();
        UnderWay(self.under_way.clone())
    }

    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        let asked = Asked { method, route };
        self.times.get_or_create(&asked).observe(took.as_secs_f64());
        let Asked { method, route } = asked;
        let answered = Answered {
            method,
            route,
            status,
        };
        self.requests.get_or_create(&answered).inc();
    }

    pub fn job(&self, kind: &str, end: End, took: Duration) {
        self.job_times.observe(took.as_secs_f64());
        let work = Work {
            kind: kind.to_owned(),
            outcome: end.word(),
        };
        self.jobs.get_or_create(&work).inc();
    }

    pub fn mail(&self, end: End) {
        let outcome = Outcome {
            outcome: end.word(),
        };
        self.mails.get_or_create(&outcome).inc();
    }

    /// All of it, as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = text::encode(&mut text, &self.registry);
        text
    }
}

pub struct UnderWay(Gauge);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_happens() {
        let metrics = Metrics::default();
        let first = metrics.request();
        metrics.answered("GET", "/spaces/{slug}", 200, Duration::from_millis(3));
        metrics.answered("GET", "/spaces/{slug}", 404, Duration::from_millis(30));
        metrics.job("booking_confirmed", End::Failed, Duration::from_secs(1));
        metrics.mail(End::Done);
        let text = metrics.text();
        for line in [
            "connect_space_requests_total{method=\"GET\",route=\"/spaces/{slug}\",status=\"404\"} 1",
            "connect_space_request_duration_seconds_bucket{le=\"0.005\",method=\"GET\",route=\"/spaces/{slug}\"} 1",
            "connect_space_requests_under_way 1",
            "connect_space_job_attempts_total{kind=\"booking_confirmed\",outcome=\"failed\"} 1",
            "connect_space_mails_total{outcome=\"done\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        drop(first);
        assert!(
            metrics
                .text()
                .contains("connect_space_requests_under_way 0")
        );
    }
}
