//! What one server does at most at a time, and what it lets one program ask.

use std::{num::NonZeroU32, thread::available_parallelism, time::Duration};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Requests a minute that one token may make.
const API: NonZeroU32 = NonZeroU32::new(1_200).unwrap();

/// How long somebody waits for their turn to have a password checked.
const PATIENCE: Duration = Duration::from_secs(4);

pub struct Limits {
    hashing: Semaphore,
    /// Only tokens that are good come here, so there is nothing to clear away.
    api: DefaultKeyedRateLimiter<Uuid>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            hashing: Semaphore::new(available_parallelism().map_or(2, usize::from)),
            api: RateLimiter::keyed(Quota::per_minute(API)),
        }
    }
}

impl Limits {
    /// A turn to hash a password, of which there is one for each core: each takes 19 MiB and 25 ms.
    /// `Unavailable` if it does not come within four seconds.
    pub async fn hashing(&self) -> Result<SemaphorePermit<'_>> {
        match timeout(PATIENCE, self.hashing.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Error::Unavailable),
        }
    }

    /// Counts a request made with a token; `TooMany` beyond 1 200 a minute.
    pub fn api_request(&self, token: Uuid) -> Result<()> {
        self.api.check_key(&token).map_err(|early| {
            let wait = early.wait_time_from(DefaultClock::default().now());
            Error::TooMany {
                seconds: wait.as_secs() + 1,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_asks_too_often_waits_and_the_others_do_not() {
        let limits = Limits::default();
        let (busy, quiet) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let refused = (0..2_400).find_map(|_| limits.api_request(busy).err());
        assert!(matches!(refused, Some(Error::TooMany { seconds: 1 })));
        assert!(limits.api_request(quiet).is_ok());
    }
}
