//! What has changed anywhere, told to every open page: PostgreSQL notifies all programs, and each tells its
//! own streams.
//!
//! A change says where and when, and nothing of whom. Whoever hears it reads the page anew.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{PgPool, postgres::PgListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use uuid::Uuid;

/// The most streams of this program at once.
const STREAMS: usize = 1_000;
/// Changes that a slow stream may be behind before it is told that it missed some.
const BEHIND: usize = 256;
/// How long until the listener tries again after it has lost the database.
const AGAIN: Duration = Duration::from_millis(500);

/// A change of what takes a space, or what closes it.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Change {
    pub location: Uuid,
    /// `None` where it is more than one space.
    pub space: Option<Uuid>,
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl Change {
    /// It is about a part of a time; without an end it is about everything from its start on.
    pub fn touches(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.from.is_none_or(|begins| begins < until) && self.until.is_none_or(|ends| ends > from)
    }
}

/// What a stream is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum News {
    Change(Change),
    /// Something may have been missed.
    Missed,
}

#[derive(Clone, Debug)]
pub struct Live {
    news: broadcast::Sender<News>,
    places: Arc<Semaphore>,
}

/// One stream's ear, and its place among all.
pub struct Ear {
    news: broadcast::Receiver<News>,
    _place: OwnedSemaphorePermit,
}

impl Default for Live {
    fn default() -> Live {
        Live {
            news: broadcast::Sender::new(BEHIND),
            places: Arc::new(Semaphore::new(STREAMS)),
        }
    }
}

impl Live {
    /// `None` when there are as many streams as there may be.
    pub fn listen(&self) -> Option<Ear> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        Some(Ear {
            news: self.news.subscribe(),
            _place: place,
        })
    }

    /// How many streams are open.
    pub fn streams(&self) -> usize {
        STREAMS - self.places.available_permits()
    }

    /// Passes on what the database tells, for as long as the program runs. `direct` gives a connection
    /// that lives for long and goes through no transaction pooler.
    pub async fn run(self, direct: PgPool) {
        loop {
            if let Err(error) = self.hear(&direct).await {
                tracing::warn!(%error, "not listening for changes");
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    async fn hear(&self, direct: &PgPool) -> sqlx::Result<()> {
        let mut listener = PgListener::connect_with(direct).await?;
        listener.listen("live").await?;
        // While nobody listened, anything may have happened.
        let _ = self.news.send(News::Missed);
        loop {
            match listener.try_recv().await? {
                Some(notification) => {
                    let change = serde_json::from_str(notification.payload());
                    let news = change.map_or(News::Missed, News::Change);
                    // An error means that nobody has a page open.
                    let _ = self.news.send(news);
                }
                // It has lost its connection and has a new one.
                None => drop(self.news.send(News::Missed)),
            }
        }
    }
}

impl Ear {
    /// The next piece of news; for a stream that was too slow, that it missed some.
    pub async fn next(&mut self) -> News {
        match self.news.recv().await {
            Ok(news) => news,
            Err(broadcast::error::RecvError::Lagged(_)) => News::Missed,
            // The sender lives as long as the program.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }

    /// What has come in meanwhile, without waiting.
    pub fn more(&mut self) -> Option<News> {
        match self.news.try_recv() {
            Ok(news) => Some(news),
            Err(broadcast::error::TryRecvError::Lagged(_)) => Some(News::Missed),
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_slow_stream_learns_that_it_missed_something() {
        let live = Live::default();
        let mut ear = live.listen().unwrap();
        let change = Change {
            location: Uuid::nil(),
            space: None,
            from: None,
            until: None,
        };
        for _ in 0..BEHIND + 1 {
            let _ = live.news.send(News::Change(change));
        }
        assert_eq!(ear.next().await, News::Missed);
        assert_eq!(ear.next().await, News::Change(change));
    }

    #[test]
    fn there_are_only_so_many_streams() {
        let live = Live::default();
        let ears: Vec<Ear> = (0..STREAMS).map_while(|_| live.listen()).collect();
        assert_eq!(ears.len(), STREAMS);
        assert!(live.listen().is_none());
        drop(ears);
        assert!(live.listen().is_some());
        assert_eq!(live.streams(), 0);
    }

    #[test]
    fn a_change_touches_the_days_it_is_about() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let change: Change = serde_json::from_str(
            r#"{"location": "00000000-0000-0000-0000-000000000000", "space": null,
                "from": "2026-11-24T07:00:00+00:00", "until": null}"#,
        )
        .unwrap();
        assert!(change.touches(at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z")));
        assert!(change.touches(at("2030-01-01T00:00:00Z"), at("2030-01-02T00:00:00Z")));
        assert!(!change.touches(at("2026-11-23T00:00:00Z"), at("2026-11-24T07:00:00Z")));
    }
}
