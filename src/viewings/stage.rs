//! Where a viewing stands, and moving it on: by version, so that two people never undo each other
//! unseen.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    note,
    viewing::{Status, Viewing},
    visit,
};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    members::member::Member,
    time::long_date,
};

/// What one is lost for; a list, so that they can be counted and name nobody.
pub const LOST_REASONS: [&str; 6] = [
    "Price",
    "Location",
    "Not what they need",
    "Went elsewhere",
    "No answer",
    "Plans changed",
];

/// What a prospect's own withdrawal is lost for.
pub const WITHDRAWN: &str = "Withdrawn by the prospect";

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("Somebody changed this a moment ago. Here is what is there now.")]
    Stale,
    #[error("Say why it was lost.")]
    NoReason,
    #[error("Choose who shows the place, and when.")]
    NoVisit,
    #[error("Say who becomes a member.")]
    NoMember,
    #[error("{guide} shows somebody round at that time. Choose another time or guide.")]
    GuideBusy { guide: String },
    #[error("That is not somebody who can show {place}.")]
    NoGuide { place: String },
    #[error("That time has passed. Choose a later one.")]
    Past,
    #[error("A visit ends after it begins, on the same day.")]
    WrongEnd,
}

/// Where to, and what goes with it.
#[derive(Clone, Debug)]
pub struct Move<'a> {
    pub to: Status,
    /// As it was when whoever moves it saw it.
    pub version: i32,
    /// Of a lost one.
    pub reason: &'a str,
    /// Of one for later: when to ask again.
    pub until: Option<NaiveDate>,
}

/// Waits for the viewing and reads it anew; `Stale` if it is no longer what somebody saw.
pub(super) async fn locked(
    tx: &mut PgConnection,
    id: Id<Viewing>,
    version: i32,
) -> Result<Result<Viewing, Refusal>> {
    sqlx::query_scalar!(
        "select id from viewings where id = $1 for no key update",
        id.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    let viewing = Viewing::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    Ok(if viewing.version == version {
        Ok(viewing)
    } else {
        Err(Refusal::Stale)
    })
}

/// Staff move a viewing. A visit that is yet to come is called off, unless it comes of it.
pub async fn move_to(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Viewing>,
    wanted: Move<'_>,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let viewing = match locked(tx, id, wanted.version).await? {
        Ok(viewing) => viewing,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match wanted.to {
        to if to == viewing.status => return Ok(Ok(())),
        Status::Scheduled => return Ok(Err(Refusal::NoVisit)),
        Status::Won if viewing.member.is_none() => return Ok(Err(Refusal::NoMember)),
        Status::Lost if wanted.reason.is_empty() => return Ok(Err(Refusal::NoReason)),
        _ => {}
    }
    if viewing.status == Status::Scheduled && !matches!(wanted.to, Status::Toured | Status::NoShow)
    {
        visit::call_off(tx, &viewing, Some(by)).await?;
    }
    set(tx, &viewing, &wanted, now).await?;
    let detail = json!({"from": viewing.status, "to": wanted.to, "reason": wanted.reason});
    audit::record(tx, Some(by.get()), "move", "viewings", id.get(), detail).await?;
    visit::news_later(tx, &viewing, &wanted, now).await?;
    Ok(Ok(()))
}

async fn set(
    tx: &mut PgConnection,
    viewing: &Viewing,
    wanted: &Move<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (next_action, next_on) = next(wanted.to, viewing.zone.date(now));
    sqlx::query!(
        "update viewings set status = $2, lost_reason = case when $2 = 'lost' then $3 else '' end,
             spam_reason = case when $2 = 'spam' then 'Set aside by staff.' else '' end,
             next_action = $4, next_on = $5, version = version + 1, changed_at = now()
         where id = $1",
        viewing.id.get(),
        wanted.to as Status,
        wanted.reason,
        next_action,
        wanted.until.or(next_on)
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// What is usually done next, and by when; staff write over it.
pub(super) fn next(status: Status, today: NaiveDate) -> (&'static str, Option<NaiveDate>) {
    let (action, days) = match status {
        Status::New => ("Confirm a time", 1),
        Status::Contacted => ("Agree on a time", 2),
        Status::Scheduled => ("Show the place", 0),
        Status::Toured => ("Ask how they liked it", 1),
        Status::Proposal => ("Ask what they decided", 3),
        Status::Later => ("Ask again", 30),
        Status::NoShow => ("Offer a new time", 1),
        Status::Won | Status::Lost | Status::Spam => return ("", None),
    };
    (action, today.checked_add_days(Days::new(days)))
}

/// The prospect takes the request back, by the link in their mail.
pub async fn withdraw(tx: &mut PgConnection, id: Id<Viewing>, now: DateTime<Utc>) -> Result<()> {
    let viewing = lock(tx, id).await?;
    if viewing.status == Status::Lost {
        return Ok(());
    }
    if viewing.status == Status::Scheduled {
        visit::call_off(tx, &viewing, None).await?;
    }
    let wanted = Move {
        to: Status::Lost,
        version: viewing.version,
        reason: WITHDRAWN,
        until: None,
    };
    set(tx, &viewing, &wanted, now).await?;
    let detail = json!({"from": viewing.status, "to": Status::Lost, "reason": WITHDRAWN});
    audit::record(tx, None, "withdraw", "viewings", id.get(), detail).await?;
    Ok(())
}

/// The prospect asks for other times, by the link in their mail: a visit that was agreed is off.
pub async fn wish_again(
    tx: &mut PgConnection,
    id: Id<Viewing>,
    wished: &[DateTime<Utc>],
    message: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let viewing = lock(tx, id).await?;
    let had_visit = viewing.status == Status::Scheduled;
    if had_visit {
        visit::call_off(tx, &viewing, None).await?;
    }
    let today = viewing.zone.date(now);
    sqlx::query!(
        "update viewings set status = case when status in ('scheduled', 'no_show', 'later') then 'contacted' else status end,
             wished = $2, next_action = 'They ask for another time', next_on = $3,
             version = version + 1, changed_at = now()
         where id = $1",
        id.get(),
        wished,
        today
    )
    .execute(&mut *tx)
    .await?;
    let times: Vec<String> = (wished.iter())
        .map(|at| {
            format!(
                "{} {}",
                long_date(viewing.zone.date(*at), today),
                viewing.zone.clock(*at)
            )
        })
        .collect();
    let times = (!times.is_empty()).then(|| format!("Other times: {}", times.join(" or ")));
    let message = (!message.is_empty()).then(|| message.to_owned());
    let body: Vec<String> = [times, message].into_iter().flatten().collect();
    note::add(tx, id, note::Kind::Request, &body.join("\n"), None).await?;
    let detail = json!({"had_visit": had_visit});
    audit::record(tx, None, "wish again", "viewings", id.get(), detail).await?;
    Ok(())
}

async fn lock(tx: &mut PgConnection, id: Id<Viewing>) -> Result<Viewing> {
    sqlx::query_scalar!(
        "select id from viewings where id = $1 for no key update",
        id.get()
    )
    .fetch_one(&mut *tx)
    .await?;
    Viewing::by_id(tx, id).await?.ok_or(Error::NotFound)
}
