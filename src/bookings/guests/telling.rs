//! What a guest has been told by mail, and what there is to tell them by now.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use crate::{
    bookings::{
        booking::{Booking, Status},
        locks,
    },
    error::Result,
    sessions::secret,
};

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// They are expected then and there.
    Expected {
        space: Uuid,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        /// False while the time waits for approval.
        firm: bool,
    },
    /// They are not, or not any more.
    Off,
}

/// Why there is a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    Invited,
    Moved,
    /// The time that they knew stands now.
    Approved,
    Cancelled,
    Uninvited,
}

/// A mail that is to be written.
#[derive(Clone, Debug)]
pub struct Letter {
    pub because: Because,
    pub booking: Booking,
    pub name: String,
    pub email: String,
    /// The name of their event in calendars, and the number of its state.
    pub event: (Uuid, i32),
    /// Of their own page.
    pub secret: String,
}

/// What there is to tell a guest, written down as told by this job; `None` where they know it, cannot come, or are
/// forgotten. The same job writes the same once more.
pub async fn letter(
    tx: &mut PgConnection,
    guest: Uuid,
    job: Uuid,
    now: DateTime<Utc>,
) -> Result<Option<Letter>> {
    let booking = sqlx::query_scalar!("select booking_id from guests where id = $1", guest)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(booking) = booking else {
        return Ok(None);
    };
    let booking = locks::booking(tx, booking.into()).await?;
    let row = sqlx::query!(
        r#"select name, email, removed_at is not null as "removed!", told as "told: Json<Told>",
                  told_before as "told_before: Json<Told>", told_job, sequence
           from guests where id = $1 and declined_at is null and forgotten_at is null"#,
        guest
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_again = row.told_job == Some(job);
    let told = row.told.map(|Json(told)| told);
    let before = match is_again {
        true => row.told_before.map(|Json(told)| told),
        false => told.clone(),
    };
    let Some(current) = state(&booking, row.removed, before.is_some(), now) else {
        return Ok(None);
    };
    if told.as_ref() == Some(&current) && !is_again {
        return Ok(None);
    }
    let because = match (&before, &current) {
        (_, Told::Off) if row.removed => Because::Uninvited,
        (_, Told::Off) => Because::Cancelled,
        (None | Some(Told::Off), _) => Because::Invited,
        (Some(before), now) if before.place() == now.place() => Because::Approved,
        _ => Because::Moved,
    };
    let sequence = row.sequence + i32::from(!is_again && before.is_some());
    let (was, is) = (before.map(Json), Json(current));
    sqlx::query!(
        "update guests set told = $2, told_before = $3, told_job = $4, sequence = $5 where id = $1",
        guest,
        is as _,
        was as _,
        job,
        sequence
    )
    .execute(&mut *tx)
    .await?;
    Ok(Some(Letter {
        because,
        booking,
        name: row.name,
        email: row.email,
        event: (guest, sequence),
        secret: mint(tx, guest).await?,
    }))
}

impl Told {
    fn place(&self) -> Option<(Uuid, DateTime<Utc>, DateTime<Utc>)> {
        match self {
            Told::Expected {
                space, from, until, ..
            } => Some((*space, *from, *until)),
            Told::Off => None,
        }
    }
}

/// What is to be known of a booking; nothing where it is over, or was never told and does not stand.
fn state(booking: &Booking, removed: bool, knows: bool, now: DateTime<Utc>) -> Option<Told> {
    if booking.during.until <= now {
        return None;
    }
    let firm = match booking.status {
        _ if removed => None,
        Status::Confirmed | Status::CheckedIn => Some(true),
        Status::Pending if !booking.has_run_out() => Some(false),
        Status::Pending | Status::Cancelled | Status::Declined | Status::Expired => None,
        Status::Held | Status::Completed | Status::NoShow => return None,
    };
    match firm {
        Some(firm) if firm || knows => Some(Told::Expected {
            space: booking.space_id,
            from: booking.during.from,
            until: booking.during.until,
            firm,
        }),
        None if knows => Some(Told::Off),
        _ => None,
    }
}

/// A fresh secret for a mail that is being written. Those in earlier mails go on working.
async fn mint(tx: &mut PgConnection, guest: Uuid) -> Result<String> {
    let fresh = secret::fresh();
    sqlx::query!(
        "insert into guest_links (token_hash, guest_id) values ($1, $2)",
        secret::digest(&fresh),
        guest
    )
    .execute(tx)
    .await?;
    Ok(fresh)
}
