//! Guests of a booking: whom its host invites by mail, and whether they come.

pub mod answer;
pub mod forgetting;
pub mod telling;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use thiserror::Error;
use uuid::Uuid;

use super::{
    booking::{Booking, Status},
    confirmation::Mail,
    locks,
};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::Job,
    members::member::Member,
};

#[derive(Clone, Debug)]
pub struct Guest {
    pub id: Id<Guest>,
    pub booking: Uuid,
    pub name: String,
    pub email: String,
    /// They cannot come.
    pub declined_at: Option<DateTime<Utc>>,
    pub arrived_at: Option<DateTime<Utc>>,
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    pub name: String,
    pub email: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("{space} seats {seats}, and as many guests are invited. Uninvite somebody first.")]
    Full { space: String, seats: i32 },
    #[error("{email} is invited already.")]
    Invited { email: String },
    #[error(
        "You have sent {most} invitations within a day. Send more tomorrow, or ask the front desk."
    )]
    TooMany { most: i32 },
    #[error("Guests are invited to what is booked and not over yet.")]
    Over,
    #[error("Nobody arrives as a guest on another day than that of the booking.")]
    OtherDay,
}

impl Refusal {
    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Refusal::Full { .. } => "too-many-guests",
            Refusal::Invited { .. } => "invited-already",
            Refusal::TooMany { .. } => "too-many-invitations",
            Refusal::Over => "over",
            Refusal::OtherDay => "other-day",
        }
    }

    /// The field of the form that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Refusal::Full { .. } => "guest_name",
            _ => "guest_email",
        }
    }
}

/// Who invites, and for whom the limit of a day does not count.
#[derive(Clone, Copy, Debug)]
pub struct Inviter {
    pub member: Id<Member>,
    pub is_staff: bool,
}

impl Inviter {
    /// What staff do can be taken back for two minutes, in which nobody hears of it.
    fn mail(self) -> Mail {
        match self.is_staff {
            true => Mail::AfterUndo,
            false => Mail::AtOnce,
        }
    }
}

impl Booking {
    /// Somebody can be invited to it, or let go.
    pub fn takes_guests(&self, now: DateTime<Utc>) -> bool {
        let is_booked = matches!(
            self.status,
            Status::Pending | Status::Confirmed | Status::CheckedIn
        );
        is_booked && !self.has_run_out() && now < self.during.until
    }
}

impl Guest {
    /// Those of a booking who are invited, in the order in which they were.
    pub async fn of(db: &mut PgConnection, booking: Id<Booking>) -> Result<Vec<Guest>> {
        let all = Self::of_all(db, &[booking.get()]).await?;
        Ok(all.into_values().flatten().collect())
    }

    /// The same of many bookings.
    pub async fn of_all(
        db: &mut PgConnection,
        bookings: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Vec<Guest>>> {
        let rows = sqlx::query_as!(
            Guest,
            "select id, booking_id as booking, name, email, declined_at, arrived_at from guests
             where booking_id = any($1) and removed_at is null and forgotten_at is null order by id",
            bookings
        )
        .fetch_all(db)
        .await?;
        let mut guests: BTreeMap<Uuid, Vec<Guest>> = BTreeMap::new();
        for guest in rows {
            guests.entry(guest.booking).or_default().push(guest);
        }
        Ok(guests)
    }

    /// Invites somebody to a booking that the inviter may change, at most as many as its space seats; the mail leaves once it
    /// stands. Sent twice it is done once.
    pub async fn invite(
        tx: &mut PgConnection,
        booking: Id<Booking>,
        by: Inviter,
        whom: &Invited,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Id<Guest>, Refusal>> {
        locks::member(tx, by.member).await?;
        let booking = locks::booking(tx, booking).await?;
        if !booking.takes_guests(now) {
            return Ok(Err(Refusal::Over));
        }
        let guests = Guest::of(tx, booking.id).await?;
        if let Some(known) = guests.iter().find(|guest| guest.email == whom.email) {
            return Ok(match known.name == whom.name {
                true => Ok(known.id),
                false => Err(Refusal::Invited {
                    email: whom.email.clone(),
                }),
            });
        }
        let room = sqlx::query!(
            r#"select s.seats, i.invitations_a_day as most,
                      (select count(*) from guests where invited_by = $2 and invited_at > now() - interval '1 day') as "today!"
               from spaces s, installation i where s.id = $1"#,
            booking.space_id,
            by.member.get()
        )
        .fetch_one(&mut *tx)
        .await?;
        let coming = guests.iter().filter(|guest| guest.declined_at.is_none());
        if coming.count() as i64 >= i64::from(room.seats) {
            let (space, seats) = (booking.space, room.seats);
            return Ok(Err(Refusal::Full { space, seats }));
        }
        if !by.is_staff && room.today >= i64::from(room.most) {
            return Ok(Err(Refusal::TooMany { most: room.most }));
        }
        let id = Id::<Guest>::fresh();
        sqlx::query!(
            "insert into guests (id, booking_id, name, email, invited_by) values ($1, $2, $3, $4, $5)",
            id.get(),
            booking.id.get(),
            whom.name,
            whom.email,
            by.member.get()
        )
        .execute(&mut *tx)
        .await?;
        let job = Job::GuestTold { guest: id.get() };
        by.mail().enqueue(tx, &job).await?;
        note(tx, &booking, Some(by.member), id, "invite guest").await?;
        Ok(Ok(id))
    }

    /// They are not expected any more, and told so if they were told anything. Twice is once.
    pub async fn uninvite(
        tx: &mut PgConnection,
        booking: &Booking,
        by: Inviter,
        guest: Uuid,
    ) -> Result<()> {
        locks::booking(tx, booking.id).await?;
        let removed = sqlx::query_scalar!(
            "update guests set removed_at = coalesce(removed_at, now()) from (select id, removed_at as before from guests where id = $1) was
             where guests.id = was.id and booking_id = $2 and forgotten_at is null returning was.before is null as \"now!\"",
            guest,
            booking.id.get()
        )
        .fetch_optional(&mut *tx)
        .await?;
        if removed.ok_or(Error::NotFound)? {
            by.mail().enqueue(tx, &Job::GuestTold { guest }).await?;
            note(tx, booking, Some(by.member), guest.into(), "uninvite guest").await?;
        }
        Ok(())
    }

    /// Ticks a guest as here, or takes the tick back.
    pub async fn arrive(
        tx: &mut PgConnection,
        booking: &Booking,
        by: Id<Member>,
        guest: Uuid,
        here: bool,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<Guest, Refusal>> {
        let booking = locks::booking(tx, booking.id).await?;
        let guests = Guest::of(tx, booking.id).await?;
        let mut found = guests.into_iter().filter(|one| one.id.get() == guest);
        let guest = found.next().ok_or(Error::NotFound)?;
        if guest.arrived_at.is_some() == here {
            return Ok(Ok(guest));
        }
        let today = booking.zone.date(now);
        let last = booking.zone.date(booking.during.until);
        if here && !(booking.date()..=last).contains(&today) {
            return Ok(Err(Refusal::OtherDay));
        }
        sqlx::query!(
            "update guests set arrived_at = $2, arrived_by = $3 where id = $1",
            guest.id.get(),
            here.then_some(now),
            here.then_some(by.get())
        )
        .execute(&mut *tx)
        .await?;
        let verb = match here {
            true => "guest arrives",
            false => "undo guest arrives",
        };
        note(tx, &booking, Some(by), guest.id, verb).await?;
        Ok(Ok(guest))
    }
}

/// Who it was stands in `guests` alone, where it is forgotten in time.
async fn note(
    tx: &mut PgConnection,
    booking: &Booking,
    by: Option<Id<Member>>,
    guest: Id<Guest>,
    verb: &str,
) -> Result<()> {
    let detail = json!({"reference": booking.reference, "guest": guest.get()});
    let (by, id) = (by.map(Id::get), booking.id.get());
    audit::record(tx, by, verb, "bookings", id, detail).await?;
    Ok(())
}
