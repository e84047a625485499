//! The one place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Tells the time in UTC. Clones share their shift, so a test can move a running program's clock.
#[derive(Clone, Debug)]
pub struct Clock {
    standing_at: Option<DateTime<Utc>>,
    shift_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Clock {
        Clock {
            standing_at: None,
            shift_micros: Arc::default(),
        }
    }

    /// A clock that stands still at `time` until it is shifted.
    pub fn fixed(time: DateTime<Utc>) -> Clock {
        Clock {
            standing_at: Some(time),
            shift_micros: Arc::default(),
        }
    }

    /// Moves this clock and all its clones, forwards or (negative) backwards.
    pub fn shift(&self, by: TimeDelta) {
        let micros = by.num_microseconds().unwrap_or(0);
        self.shift_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The time, cut to the microseconds that PostgreSQL keeps.
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let time = self.standing_at.unwrap_or_else(Utc::now);
        let shift = TimeDelta::microseconds(self.shift_micros.load(Ordering::Relaxed));
        let shifted = time + shift;
        shifted
            .duration_trunc(TimeDelta::microseconds(1))
            .unwrap_or(shifted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_move_together() {
        let clock = Clock::fixed(DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap());
        let clone = clock.clone();
        clock.shift(TimeDelta::hours(-2));
        assert_eq!(clone.now().timestamp(), 1_700_000_000 - 7_200);
    }

    #[test]
    fn keeps_microseconds_only() {
        let clock = Clock::fixed(DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap());
        assert_eq!(clock.now().timestamp_subsec_nanos(), 123_456_000);
        assert_eq!(
            Clock::system().now().timestamp_subsec_nanos() % 1_000,
            0,
            "the machine's clock as well"
        );
    }
}
