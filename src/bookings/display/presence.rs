//! Who comes to a room and who leaves it, said at its door by somebody who works here, with their PIN.

use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

use super::Opened;
use crate::{
    bookings::{
        attendance::{self, Mark, Refusal},
        booking::Booking,
        check_in::Presence,
    },
    error::{Error, Result},
    id::Id,
    members::member::Member,
};

/// What can be said of a room's booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    Arrive,
    Leave,
}

impl Word {
    pub fn label(self) -> &'static str {
        match self {
            Word::Arrive => "Check in",
            Word::Leave => "End early",
        }
    }

    fn mark(self) -> Mark {
        match self {
            Word::Arrive => Mark::Arrive,
            Word::Leave => Mark::Leave,
        }
    }
}

/// The booking of a room that somebody may come to now, or leave; and which of the two.
pub async fn now_there(
    db: &mut PgConnection,
    opened: Opened,
    now: DateTime<Utc>,
) -> Result<Option<(Booking, Word)>> {
    let ids = sqlx::query_scalar!(
        "select id from bookings
         where space_id = $1 and status in ('confirmed', 'checked_in') and lower(during) < $3 and upper(during) > $2
         order by lower(during)",
        opened.space.get(),
        now,
        now + Duration::days(1)
    )
    .fetch_all(&mut *db)
    .await?;
    for id in ids {
        let Some(booking) = Booking::by_id(db, id.into()).await? else {
            continue;
        };
        let presence = Presence::of(db, booking.id).await?;
        if presence.may_leave(&booking, now) {
            return Ok(Some((booking, Word::Leave)));
        }
        if presence.may_check_in(&booking, now) {
            return Ok(Some((booking, Word::Arrive)));
        }
    }
    Ok(None)
}

/// Says it for whoever booked. Nothing to say any more is said so.
pub async fn say(
    tx: &mut PgConnection,
    by: Id<Member>,
    opened: Opened,
    word: Word,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Refusal>> {
    let there = now_there(tx, opened, now).await?;
    let Some((booking, _)) = there.filter(|(_, other)| *other == word) else {
        return Ok(Err(Refusal::Stale));
    };
    if booking.space_id != opened.space.get() {
        return Err(Error::NotFound);
    }
    attendance::mark(tx, by, booking.id, word.mark(), None, now).await
}
