//! The one order in which bookings lock rows: the spaces by id, then locations that take only so many people, then the
//! company, the member, the booking.

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    approval,
    booking::Booking,
    waitlist::{self, Because},
};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    jobs::{self, Job},
    locations::location::Location,
    members::{company::Company, member::Member},
};

/// Waits for the space and its parts, three seconds at most. The limit is the statement's: whoever is third in the
/// queue waits for two locks one after the other, and each alone would be in time.
pub async fn space(tx: &mut PgConnection, space: Uuid) -> Result<()> {
    spaces(tx, &[space]).await
}

/// Waits for several spaces and the parts of them, in the order in which everybody does.
pub async fn spaces(tx: &mut PgConnection, spaces: &[Uuid]) -> Result<()> {
    sqlx::query_scalar!("select set_config('statement_timeout', '3s', true)")
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query_scalar!(
        "select id from spaces
         where id = any($1) or id in (select part_id from space_parts where whole_id = any($1))
         order by id for no key update",
        spaces
    )
    .fetch_all(&mut *tx)
    .await?;
    crowded(tx, spaces).await
}

/// Waits for the locations of spaces that take only so many people at once: who comes to another space there counts.
async fn crowded(tx: &mut PgConnection, spaces: &[Uuid]) -> Result<()> {
    sqlx::query_scalar!(
        "select id from locations
         where most_at_once is not null and id in (select location_id from spaces where id = any($1))
         order by id for no key update",
        spaces
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// The same of one without waiting: false when somebody else has it, or a part of it, locked.
pub async fn space_if_idle(tx: &mut PgConnection, space: Uuid) -> Result<bool> {
    let needed = sqlx::query_scalar!(
        r#"select 1 + count(*) as "needed!" from space_parts where whole_id = $1"#,
        space
    )
    .fetch_one(&mut *tx)
    .await?;
    let got = sqlx::query_scalar!(
        "select id from spaces
         where id = $1 or id in (select part_id from space_parts where whole_id = $1)
         order by id for no key update skip locked",
        space
    )
    .fetch_all(&mut *tx)
    .await?;
    if got.len() as i64 != needed {
        return Ok(false);
    }
    crowded(tx, &[space]).await?;
    Ok(true)
}

/// Waits for all the spaces of a location, or of a floor, a zone or one space of it, in the order of their ids.
pub async fn spaces_of(
    tx: &mut PgConnection,
    location: Id<Location>,
    floor: Option<Uuid>,
    zone: Option<Uuid>,
    space: Option<Uuid>,
) -> Result<()> {
    sqlx::query_scalar!(
        "select id from spaces
         where location_id = $1 and ($2::uuid is null or floor_id = $2) and ($3::uuid is null or zone_id = $3)
           and ($4::uuid is null or id = $4)
         order by id for no key update",
        location.get(),
        floor,
        zone,
        space
    )
    .fetch_all(tx)
    .await?;
    Ok(())
}

/// Waits for the company.
pub async fn company(tx: &mut PgConnection, company: Id<Company>) -> Result<()> {
    sqlx::query_scalar!(
        "select id from companies where id = $1 for no key update",
        company.get()
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// Waits for the company that pays for a booking, if one does.
pub async fn payer(tx: &mut PgConnection, booking: Id<Booking>) -> Result<()> {
    sqlx::query_scalar!(
        "select c.id from companies c join accounts a on a.company_id = c.id join bookings b on b.account_id = a.id
         where b.id = $1 for no key update of c",
        booking.get()
    )
    .fetch_optional(tx)
    .await?;
    Ok(())
}

/// Waits for the member; true when they are barred from booking.
pub async fn member(tx: &mut PgConnection, member: Id<Member>) -> Result<bool> {
    let standing = sqlx::query_scalar!(
        "select standing from members where id = $1 for no key update",
        member.get()
    )
    .fetch_one(tx)
    .await?;
    Ok(standing == "barred")
}

/// Waits for a booking's space and then for the booking. One that was moved to another space meanwhile
/// runs the whole once more.
pub async fn booking_and_space(tx: &mut PgConnection, id: Id<Booking>) -> Result<Booking> {
    let unlocked = Booking::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    space(tx, unlocked.space_id).await?;
    let locked = booking(tx, id).await?;
    if locked.space_id == unlocked.space_id {
        Ok(locked)
    } else {
        Err(Error::Contended)
    }
}

/// Waits for the booking and reads it anew; its space is locked already.
pub async fn booking(tx: &mut PgConnection, id: Id<Booking>) -> Result<Booking> {
    sqlx::query_scalar!(
        "select id from bookings where id = $1 for no key update",
        id.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    Booking::by_id(tx, id).await?.ok_or(Error::NotFound)
}

/// Tidies holds and requests that have run out; they count as free without it. Spaces in use are left for the next time.
pub async fn expire_stale(tx: &mut PgConnection) -> Result<()> {
    let spaces = sqlx::query_scalar!(
        "select id from spaces where id in (
             select space_id from bookings where status in ('held', 'pending') and hold_expires_at <= now())
         order by id for no key update skip locked"
    )
    .fetch_all(&mut *tx)
    .await?;
    expire_holds(tx, &spaces).await
}

/// Ends the holds and requests on locked spaces, on their parts and on wholes with them that have run out, those left
/// out that somebody is at this moment
/// confirming or replacing: waiting for them here could be waiting in a circle.
pub async fn expire_holds(tx: &mut PgConnection, spaces: &[Uuid]) -> Result<()> {
    expire(tx, spaces, None).await
}

/// The same for the holds of a locked member, wherever they are: they give back the days of passes.
pub async fn expire_holds_of(tx: &mut PgConnection, member: Id<Member>) -> Result<()> {
    expire(tx, &[], Some(member)).await
}

async fn expire(tx: &mut PgConnection, spaces: &[Uuid], member: Option<Id<Member>>) -> Result<()> {
    let expired = sqlx::query!(
        "update bookings b
         set status = 'expired', hold_expires_at = null, version = b.version + 1,
             sequence = b.sequence + (was.status = 'pending')::int
         from (select id, status from bookings
               where (space_id = any($1) or member_id = $2
                      or id in (select o.booking_id
                                from unnest($1) wanted cross join lateral pieces(wanted) piece
                                join part_occupancies p on p.space_id = piece and p.active
                                join occupancies o on o.id = p.occupancy_id
                                where o.held_until <= now()))
                 and status in ('held', 'pending') and hold_expires_at <= now()
               order by id for no key update skip locked) was
         where was.id = b.id
         returning b.id, b.reference, b.first_refusal, was.status",
        spaces,
        member.map(Id::get)
    )
    .fetch_all(&mut *tx)
    .await?;
    for one in expired {
        let detail = json!({"reference": one.reference});
        if one.status == "pending" {
            audit::record(tx, None, "expire request", "bookings", one.id, detail).await?;
            let booking = Booking::by_id(tx, one.id.into()).await?;
            let booking = booking.ok_or(Error::NotFound)?;
            approval::give_back(tx, &booking, None).await?;
            jobs::enqueue(tx, &Job::RequestExpired { booking: one.id }).await?;
            continue;
        }
        audit::record(tx, None, "expire", "bookings", one.id, detail).await?;
        if waitlist::answered(tx, one.id.into(), Because::Unanswered).await? {
            jobs::enqueue(tx, &Job::OfferMissed { booking: one.id }).await?;
        }
        if one.first_refusal {
            jobs::enqueue(tx, &Job::FirstRefusal { booking: one.id }).await?;
        }
    }
    Ok(())
}
