//! The second of two steps: a code of the authenticator app, or a recovery code, typed in one field.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{attempts, authenticator, recovery};
use crate::{error::Result, id::Id, members::member::Member};

/// How many digits an app shows.
const DIGITS: usize = 6;

/// Whether what was typed shows that it is them: once only. `TooMany` after ten wrong ones for them from one network
/// within 15 minutes, whatever is typed then; others who sign in as them elsewhere are not held up. A wrong one is
/// noted: commit in either case.
pub async fn prove(
    tx: &mut PgConnection,
    member: Id<Member>,
    typed: &str,
    network: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    // One at a time for a member, or many at once would all be let in before the first has failed.
    sqlx::query!(
        "select from authenticators where member_id = $1 for no key update",
        member.get()
    )
    .fetch_optional(&mut *tx)
    .await?;
    attempts::may_try_code(tx, member.get(), network).await?;
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let fits = match digits.len() {
        DIGITS => authenticator::spend(tx, member, &digits, now).await?,
        recovery::DIGITS => recovery::spend(tx, member, &digits).await?,
        _ => false,
    };
    if fits {
        attempts::code_fitted(tx, member.get(), network).await?;
    } else {
        attempts::code_failed(tx, member.get(), network).await?;
    }
    Ok(fits)
}
