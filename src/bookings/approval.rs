//! Spaces whose bookings somebody has to approve: a request takes its time until it is decided, or would begin. Where
//! requests compete it takes none, and whoever is approved has it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    booking::{Booking, Status},
    confirmation::{self, Mail},
    decision, locks,
    order::is_overlap,
    refusal::Refusal,
    waitlist,
};
use crate::{
    audit,
    billing::account::{Account, Cause, Entry},
    error::Result,
    id::Id,
    jobs::{self, Job},
    members::member::Member,
    money::Money,
};

/// Whether somebody may approve what is asked for at a location: the front desk, its managers, and owners.
pub async fn may(db: &mut PgConnection, who: Id<Member>, booking: Id<Booking>) -> Result<bool> {
    let may = sqlx::query_scalar!(
        r#"select exists (select from staff p join bookings b on b.id = $2 join spaces s on s.id = b.space_id
                          where p.member_id = $1 and (p.role <> 'manager' or p.location_id = s.location_id)) as "may!""#,
        who.get(),
        booking.get()
    )
    .fetch_one(db)
    .await?;
    Ok(may)
}

/// Whether a booking has to be approved before it stands, by whoever makes it firm.
pub async fn is_needed(
    db: &mut PgConnection,
    booking: Id<Booking>,
    by: Id<Member>,
) -> Result<bool> {
    let by_policy = sqlx::query_scalar!(
        "select p.approval from bookings b join spaces s on s.id = b.space_id join booking_policies p on p.id = s.policy_id
         where b.id = $1",
        booking.get()
    )
    .fetch_one(&mut *db)
    .await?;
    Ok(by_policy && !may(db, by, booking).await?)
}

/// Whether several may ask for the time of a booking at once.
pub async fn competes(db: &mut PgConnection, booking: Id<Booking>) -> Result<bool> {
    let competes = sqlx::query_scalar!(
        "select p.compete from bookings b join spaces s on s.id = b.space_id join booking_policies p on p.id = s.policy_id
         where b.id = $1",
        booking.get()
    )
    .fetch_one(db)
    .await?;
    Ok(competes)
}

/// The requests that compete with a booking for its time, on its space or on a whole or part of it, in the order in
/// which they were made.
pub async fn rivals(db: &mut PgConnection, booking: Id<Booking>) -> Result<Vec<Booking>> {
    let ids = sqlx::query_scalar!(
        "select b.id from bookings b
         join occupancies o on o.booking_id = b.id
         join occupancies mine on mine.booking_id = $1
         where b.status = 'pending' and b.competes and b.id <> $1 and b.hold_expires_at > now()
           and o.occupies && mine.occupies
           and (o.space_id = mine.space_id
                or exists (select from pieces(o.space_id) theirs join pieces(mine.space_id) ours on theirs = ours))
         order by b.id",
        booking.get()
    )
    .fetch_all(&mut *db)
    .await?;
    let mut rivals: Vec<Booking> = Booking::by_ids(db, &ids).await?.into_values().collect();
    rivals.sort_by_key(|rival| rival.id);
    Ok(rivals)
}

/// What whoever asked for the same time reads once somebody else has it.
const LOST: &str = "The time was given to another request.";

/// Declines those that compete with what stands from now on, and lets them know.
pub async fn decline_rivals(
    tx: &mut PgConnection,
    winner: Id<Booking>,
    by: Id<Member>,
) -> Result<()> {
    for rival in rivals(tx, winner).await? {
        let rival = locks::booking(tx, rival.id).await?;
        if rival.status != Status::Pending {
            continue;
        }
        decision::note(tx, rival.id, by, LOST).await?;
        decision::let_go(tx, by, &rival, Status::Declined, LOST).await?;
        give_back(tx, &rival, Some(by)).await?;
        let booking = rival.id.get();
        jobs::enqueue_after(tx, &Job::BookingDeclined { booking }, jobs::UNDO).await?;
    }
    Ok(())
}

/// Makes a hold firm where whoever does it may, and asks those who may where not. The space is locked.
pub async fn firm_or_ask(
    tx: &mut PgConnection,
    id: Id<Booking>,
    by: Id<Member>,
    mail: Mail,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    if is_needed(tx, id, by).await? {
        return ask(tx, id, by, mail, now).await;
    }
    let space = space_of(tx, id).await?;
    Ok(match confirmation::settle(tx, id, by, mail).await? {
        true => Ok(()),
        false => Err(Refusal::HoldLost { space }),
    })
}

async fn space_of(tx: &mut PgConnection, id: Id<Booking>) -> Result<String> {
    let name = sqlx::query_scalar!(
        "select s.name from bookings b join spaces s on s.id = b.space_id where b.id = $1",
        id.get()
    )
    .fetch_one(tx)
    .await?;
    Ok(name)
}

/// The time stays theirs till it would begin; those who may approve it are told, each by mail.
pub async fn ask(
    tx: &mut PgConnection,
    id: Id<Booking>,
    by: Id<Member>,
    mail: Mail,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let space = space_of(tx, id).await?;
    let competes = competes(tx, id).await?;
    if competes && asked_already(tx, id).await? {
        return Ok(Err(Refusal::AskedAlready { space }));
    }
    let asked = sqlx::query!(
        r#"update bookings
           set status = 'pending', competes = $4, hold_expires_at = now() + (lower(during) - $2), created_by = coalesce(created_by, $3),
               decided_by = null, decided_at = null, decision_note = '', version = version + 1
           where id = $1 returning reference, lower(during) > $2 as "ahead!""#,
        id.get(),
        now,
        by.get(),
        competes
    )
    .fetch_one(&mut *tx)
    .await;
    if is_overlap(&asked) {
        return Ok(Err(Refusal::HoldLost { space }));
    }
    let asked = asked?;
    if !asked.ahead {
        return Ok(Err(Refusal::TooLateToAsk { space }));
    }
    keep_till_it_begins(tx, id).await?;
    let by = Some(by.get());
    let detail = json!({"reference": asked.reference});
    audit::record(tx, by, "ask", "bookings", id.get(), detail).await?;
    waitlist::booked(tx, id).await?;
    if !matches!(mail, Mail::Never | Mail::Together) {
        jobs::enqueue(tx, &Job::ApprovalAsked { booking: id.get() }).await?;
    }
    if mail != Mail::Together {
        tell_approvers(tx, id).await?;
    }
    Ok(Ok(()))
}

/// The same member has asked for it, or for a part of it: once is enough.
async fn asked_already(tx: &mut PgConnection, id: Id<Booking>) -> Result<bool> {
    let own = Booking::by_id(tx, id).await?;
    let rivals = rivals(tx, id).await?;
    Ok(own.is_some_and(|own| rivals.iter().any(|rival| rival.member == own.member)))
}

async fn keep_till_it_begins(tx: &mut PgConnection, id: Id<Booking>) -> Result<()> {
    sqlx::query!(
        "update occupancies o set held_until = b.hold_expires_at from bookings b where b.id = $1 and o.booking_id = b.id",
        id.get()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// One mail to each who may approve the dates of a series, where some of these wait for it.
pub async fn tell_of_series(tx: &mut PgConnection, series: Uuid, bookings: &[Uuid]) -> Result<()> {
    let waiting = sqlx::query_scalar!(
        "select id from bookings where id = any($1) and status = 'pending' order by lower(during) limit 1",
        bookings
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(first) = waiting else { return Ok(()) };
    for staff in approvers(tx, first.into()).await? {
        let bookings = bookings.to_vec();
        let job = Job::SeriesWanted {
            series,
            bookings,
            staff,
        };
        jobs::enqueue(tx, &job).await?;
    }
    Ok(())
}

async fn tell_approvers(tx: &mut PgConnection, id: Id<Booking>) -> Result<()> {
    for staff in approvers(tx, id).await? {
        let job = Job::ApprovalWanted {
            booking: id.get(),
            staff,
        };
        jobs::enqueue(tx, &job).await?;
    }
    Ok(())
}

/// The front desk and the location's managers, or else the owners.
async fn approvers(tx: &mut PgConnection, id: Id<Booking>) -> Result<Vec<Uuid>> {
    let near = sqlx::query_scalar!(
        "select p.member_id from staff p join bookings b on b.id = $1 join spaces s on s.id = b.space_id
         where p.role = 'receptionist' or p.location_id = s.location_id",
        id.get()
    )
    .fetch_all(&mut *tx)
    .await?;
    if !near.is_empty() {
        return Ok(near);
    }
    let owners = sqlx::query_scalar!("select member_id from staff where role = 'owner'")
        .fetch_all(tx)
        .await?;
    Ok(owners)
}

/// After another time or space was written: what was approved is asked anew where that needs it, a request is
/// kept till its new start, and one that needs no approval any more stands. What runs already goes on.
pub async fn after_move(
    tx: &mut PgConnection,
    before: &Booking,
    by: Id<Member>,
    mail: Mail,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let needed = is_needed(tx, before.id, by).await?;
    match before.status {
        Status::Confirmed if needed && now < before.during.from => {
            ask(tx, before.id, by, mail, now).await
        }
        Status::Pending if needed || may(tx, by, before.id).await? => {
            sqlx::query!(
                "update bookings set hold_expires_at = now() + (lower(during) - $2) where id = $1",
                before.id.get(),
                now
            )
            .execute(&mut *tx)
            .await?;
            keep_till_it_begins(tx, before.id).await?;
            if needed && mail != Mail::Together {
                tell_approvers(tx, before.id).await?;
            }
            Ok(Ok(()))
        }
        Status::Pending => firm_or_ask(tx, before.id, by, mail, now).await,
        _ => Ok(Ok(())),
    }
}

/// What goes back of a request that was charged before it was moved: all but what the move itself had cost.
pub async fn give_back(
    tx: &mut PgConnection,
    booking: &Booking,
    by: Option<Id<Member>>,
) -> Result<()> {
    let back = booking.total - booking.price.at_least;
    if !booking.charged || back <= Money::ZERO {
        return Ok(());
    }
    let account = sqlx::query_scalar!(
        "select account_id from bookings where id = $1",
        booking.id.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    let words = format!("Booking {} not approved", booking.reference);
    let cause = Cause::Booking(booking.id.get());
    Account::enter(tx, account.into(), cause, Entry::Credit, back, &words, by).await
}

/// Who is asked, as their mail addresses them.
#[derive(Clone, Debug)]
pub struct Approver {
    pub name: String,
    pub email: Option<String>,
}

impl Approver {
    /// `None` for somebody who works here no longer.
    pub async fn find(db: &mut PgConnection, staff: Uuid) -> Result<Option<Approver>> {
        let approver = sqlx::query_as!(
            Approver,
            "select m.name, m.email from staff p join members m on m.id = p.member_id where p.member_id = $1",
            staff
        )
        .fetch_optional(db)
        .await?;
        Ok(approver)
    }
}
