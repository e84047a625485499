//! What one server does at most at a time, and what all of them together let one program ask.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use sqlx::PgPool;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use uuid::Uuid;

use crate::error::{Error, Result};

/// Requests a minute that one token may make, at all servers together.
const API: i32 = 1_200;

/// So many of them a server takes at once, so that the database is not asked for each.
const HANDFUL: i32 = 40;

/// How long somebody waits for their turn to have a password checked.
const PATIENCE: Duration = Duration::from_secs(4);

pub struct Limits {
    hashing: Semaphore,
    /// Only tokens that are good come here.
    api: Mutex<HashMap<Uuid, Handful>>,
    /// A token's turn to take a handful, shared with some others: many requests at once take one and not one each.
    taking: [tokio::sync::Mutex<()>; 16],
}

/// What a server may still let a token ask until the minute is over.
#[derive(Clone, Copy, Debug)]
struct Handful {
    left: i32,
    until: Instant,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            hashing: Semaphore::new(available_parallelism().map_or(2, usize::from)),
            api: Mutex::default(),
            taking: Default::default(),
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

    /// Counts a request made with a token; `TooMany` beyond 1 200 a minute at all servers together. A server that
    /// has begun a handful of forty keeps it, so that a token at n servers may be refused up to 40 n requests early.
    pub async fn api_request(&self, db: &PgPool, token: Uuid) -> Result<()> {
        if let Some(answer) = self.use_what_is_left(token) {
            return answer;
        }
        let turn = usize::from(token.as_bytes()[15]) % self.taking.len();
        let _turn = self.taking[turn].lock().await;
        if let Some(answer) = self.use_what_is_left(token) {
            return answer;
        }
        let handful = take(db, token).await?;
        self.keep(token, handful);
        if handful.left < 0 {
            return Err(too_many(handful.until));
        }
        Ok(())
    }

    /// `None` if the database has to be asked.
    fn use_what_is_left(&self, token: Uuid) -> Option<Result<()>> {
        let mut all = self.api.lock().unwrap_or_else(PoisonError::into_inner);
        let handful = all.get_mut(&token)?;
        if handful.until <= Instant::now() {
            return None;
        }
        match handful.left {
            0 => None,
            1.. => {
                handful.left -= 1;
                Some(Ok(()))
            }
            _ => Some(Err(too_many(handful.until))),
        }
    }

    fn keep(&self, token: Uuid, handful: Handful) {
        let now = Instant::now();
        let mut all = self.api.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, handful| handful.until > now);
        all.insert(token, handful);
    }
}

/// A handful less the request that asks for it; fewer than none when the minute's are all given.
async fn take(db: &PgPool, token: Uuid) -> Result<Handful> {
    let row = sqlx::query!(
        r#"insert into token_turns as turns (token_id, minute, given)
           values ($1, date_trunc('minute', now()), $2)
           on conflict (token_id) do update
           set given = case when turns.minute = excluded.minute
                            then least(turns.given + excluded.given, $3 + 1) else excluded.given end,
               minute = excluded.minute
           returning given,
                     extract(epoch from minute + interval '1 minute' - now())::float8 as "seconds!""#,
        token,
        HANDFUL,
        API
    )
    .fetch_one(db)
    .await?;
    Ok(Handful {
        left: if row.given > API { -1 } else { HANDFUL - 1 },
        until: Instant::now() + Duration::from_secs_f64(row.seconds.clamp(0.0, 60.0)),
    })
}

fn too_many(until: Instant) -> Error {
    let wait = until.saturating_duration_since(Instant::now());
    Error::TooMany {
        seconds: wait.as_secs() + 1,
    }
}
