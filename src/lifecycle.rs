//! Where the program is in its life: starting, ready, draining, stopping.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long what has begun may take to end.
const FINISH: Duration = Duration::from_secs(10);

/// How long `/readyz` says no before new connections are refused, so that a balancer looks away first.
const DRAIN: Duration = Duration::from_millis(1_500);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The database is not there or not migrated yet.
    Starting,
    Ready,
    /// Still answering everything, but asking to be left out of new traffic.
    Draining,
    /// What has begun is finished, nothing new begins.
    Stopping,
    /// Asked twice: nothing is waited for.
    Leaving,
}

/// Shared by everything that has to know when to begin and when to end; phases only move forward.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    phase: Arc<watch::Sender<Phase>>,
}

impl Lifecycle {
    pub fn starting() -> Lifecycle {
        Lifecycle {
            phase: Arc::new(watch::Sender::new(Phase::Starting)),
        }
    }

    pub fn is_ready(&self) -> bool {
        *self.phase.borrow() == Phase::Ready
    }

    /// Enters `phase` unless it has been reached or passed.
    pub fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let forward = *current < phase;
            if forward {
                *current = phase;
            }
            forward
        });
    }

    /// Returns once `phase` has been reached.
    pub async fn reached(&self, phase: Phase) {
        // The sender lives in `self`, so the channel cannot be closed while this waits.
        let _ = self
            .phase
            .subscribe()
            .wait_for(|current| *current >= phase)
            .await;
    }

    /// Returns once the program is to stop: endless streams end here.
    pub async fn stopping(&self) {
        self.reached(Phase::Stopping).await;
    }

    /// Returns once what has begun is to be given up: 10 s after stopping, or when asked twice.
    pub async fn giving_up(&self) {
        self.stopping().await;
        tokio::select! {
            () = tokio::time::sleep(FINISH) => {}
            () = self.reached(Phase::Leaving) => {}
        }
    }

    /// From now on Ctrl-C or a closed terminal stops, SIGTERM drains first, and a second signal
    /// hurries.
    pub fn follow_signals(&self) -> io::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hangup = signal(SignalKind::hangup())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let lifecycle = self.clone();
        tokio::spawn(async move {
            let drain = tokio::select! {
                _ = interrupt.recv() => false,
                _ = hangup.recv() => false,
                _ = terminate.recv() => lifecycle.is_ready(),
            };
            if drain {
                lifecycle.enter(Phase::Draining);
                tokio::select! {
                    () = tokio::time::sleep(DRAIN) => {}
                    _ = interrupt.recv() => {}
                }
            }
            lifecycle.enter(Phase::Stopping);
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = hangup.recv() => {}
                _ = terminate.recv() => {}
            }
            lifecycle.enter(Phase::Leaving);
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn phases_only_move_forward() {
        let lifecycle = Lifecycle::starting();
        lifecycle.enter(Phase::Stopping);
        lifecycle.enter(Phase::Ready);
        assert!(!lifecycle.is_ready());
        lifecycle.stopping().await;
    }
}
