//! What a guest sees and says on their own page: that they cannot come, or can after all.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Guest, note};
use crate::{
    bookings::{booking::Booking, locks},
    error::{Error, Result},
    jobs::{self, Job},
    sessions::secret,
};

/// What a guest's link opens.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub guest: Guest,
    pub booking: Booking,
    /// They are not expected any more.
    pub removed: bool,
    /// Of their event in calendars.
    pub sequence: i32,
    /// They read how to get online.
    pub wifi: bool,
}

impl Invitation {
    /// They are expected, whether or not they come.
    pub fn stands(&self) -> bool {
        !self.removed && self.booking.is_live() && !self.booking.has_run_out()
    }

    /// Their answer still changes something.
    pub fn may_answer(&self, now: DateTime<Utc>) -> bool {
        self.stands() && now < self.booking.during.until
    }

    /// `None` for a link that is nobody's, or of somebody who is forgotten.
    pub async fn opened_by(db: &mut PgConnection, secret: &str) -> Result<Option<Invitation>> {
        let row = sqlx::query!(
            r#"select g.id, g.booking_id, g.name, g.email, g.declined_at, g.arrived_at, g.sequence,
                      g.removed_at is not null as "removed!", l.wifi_for_guests
               from guest_links k
               join guests g on g.id = k.guest_id
               join bookings b on b.id = g.booking_id
               join spaces s on s.id = b.space_id
               join locations l on l.id = s.location_id
               where k.token_hash = $1 and g.forgotten_at is null"#,
            secret::digest(secret)
        )
        .fetch_optional(&mut *db)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let booking = Booking::by_id(db, row.booking_id.into()).await?;
        Ok(Some(Invitation {
            guest: Guest {
                id: row.id.into(),
                booking: row.booking_id,
                name: row.name,
                email: row.email,
                declined_at: row.declined_at,
                arrived_at: row.arrived_at,
            },
            booking: booking.ok_or(Error::NotFound)?,
            removed: row.removed,
            sequence: row.sequence,
            wifi: row.wifi_for_guests,
        }))
    }

    /// Says whether they come; the host hears of it two minutes later, in which they may think better of it. The
    /// booking and its other guests stay as they are. False when it is too late to say.
    pub async fn answer(
        tx: &mut PgConnection,
        secret: &str,
        comes: bool,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let unlocked = Self::opened_by(tx, secret).await?.ok_or(Error::NotFound)?;
        locks::booking(tx, unlocked.booking.id).await?;
        let found = Self::opened_by(tx, secret).await?.ok_or(Error::NotFound)?;
        if !found.may_answer(now) {
            return Ok(false);
        }
        if found.guest.declined_at.is_none() == comes {
            return Ok(true);
        }
        sqlx::query!(
            "update guests set declined_at = case when $2 then null else now() end where id = $1",
            found.guest.id.get(),
            comes
        )
        .execute(&mut *tx)
        .await?;
        let guest = found.guest.id.get();
        jobs::enqueue_after(tx, &Job::GuestAnswered { guest }, jobs::UNDO).await?;
        let verb = match comes {
            // It may have moved meanwhile.
            true => {
                jobs::enqueue(tx, &Job::GuestTold { guest }).await?;
                "guest comes"
            }
            false => "guest declines",
        };
        note(tx, &found.booking, None, found.guest.id, verb).await?;
        Ok(true)
    }
}

/// What the host is to hear of a guest's answer: who, whether they come, and the booking; `None` where they know.
pub async fn to_host(
    tx: &mut PgConnection,
    guest: Uuid,
    job: Uuid,
) -> Result<Option<(String, bool, Booking)>> {
    let row = sqlx::query!(
        r#"select booking_id, name, declined_at is not null as "declined!", host_heard, host_job from guests
           where id = $1 and removed_at is null and forgotten_at is null for no key update"#,
        guest
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row.filter(|row| row.declined != row.host_heard || row.host_job == Some(job))
    else {
        return Ok(None);
    };
    sqlx::query!(
        "update guests set host_heard = $2, host_job = $3 where id = $1",
        guest,
        row.declined,
        job
    )
    .execute(&mut *tx)
    .await?;
    let booking = Booking::by_id(tx, row.booking_id.into()).await?;
    let booking = booking.filter(|booking| booking.is_live() && !booking.has_run_out());
    Ok(booking.map(|booking| (row.name, !row.declined, booking)))
}
