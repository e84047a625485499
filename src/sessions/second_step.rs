//! The second of two steps: a code of the authenticator app, or a recovery code, typed in one field.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{attempts, authenticator, recovery};
use crate::{
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
};

/// How many digits an app shows.
const DIGITS: usize = 6;

/// At so many wrong ones within a day their owner is told: whoever types them has the password.
const ALARM: i64 = 10;

/// From where somebody types a code.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    network: &'a str,
    /// They have signed in there before.
    known: bool,
}

impl Origin<'_> {
    pub fn new(network: &str, known: bool) -> Origin<'_> {
        Origin { network, known }
    }
}

/// Whether what was typed shows that it is them: once only. `TooMany` after ten wrong ones for them from one network
/// within 15 minutes, whatever is typed then; others who sign in as them elsewhere are not held up. Whoever has their
/// password and many networks is stopped after fifty within a day: from then on codes of the app are good only in
/// browsers in which they have signed in before, and recovery codes everywhere. A wrong one is noted: commit in either
/// case.
pub async fn prove(
    tx: &mut PgConnection,
    member: Id<Member>,
    typed: &str,
    from: Origin<'_>,
    now: DateTime<Utc>,
) -> Result<bool> {
    // One at a time for a member, or many at once would all be let in before the first has failed.
    sqlx::query!(
        "select from authenticators where member_id = $1 for no key update",
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let can_be_guessed = !from.known && digits.len() != recovery::DIGITS;
    attempts::may_try_code(tx, member.get(), from.network, can_be_guessed).await?;
    let fits = match digits.len() {
        DIGITS => authenticator::spend(tx, member, &digits, now).await?,
        recovery::DIGITS => recovery::spend(tx, member, &digits).await?,
        _ => false,
    };
    if fits {
        attempts::code_fitted(tx, member.get(), from.network).await?;
    } else {
        let today = attempts::code_failed(tx, member.get(), from.network).await?;
        if today == ALARM {
            let member = member.get();
            jobs::enqueue(tx, &Job::CodesGuessed { member }).await?;
        }
    }
    Ok(fits)
}
