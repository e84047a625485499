//! The visit itself: who shows the place and when, in whose calendars, and who is reminded.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sqlx::{PgConnection, error::ErrorKind, postgres::types::PgRange};
use uuid::Uuid;

use super::{
    stage::{self, Move, Refusal},
    viewing::{Status, Viewing},
};
use crate::{
    audit,
    error::Result,
    id::Id,
    jobs::{self, Job},
    locations::location::Location,
    members::member::Member,
    time::Span,
};

/// How long mails that staff cause wait, so that taking a step back sends nothing.
const SECOND_THOUGHTS: Duration = Duration::from_secs(120);
/// How long before a visit both sides are reminded of it.
const REMINDERS: [TimeDelta; 2] = [TimeDelta::hours(24), TimeDelta::hours(2)];

/// Who can show a location.
#[derive(Clone, Debug)]
pub struct Guide {
    pub id: Uuid,
    pub name: String,
}

impl Guide {
    pub async fn of(db: &mut PgConnection, location: Id<Location>) -> Result<Vec<Guide>> {
        let guides = sqlx::query_as!(
            Guide,
            "select m.id, m.name from staff s join members m on m.id = s.member_id
             where s.location_id is null or s.location_id = $1 order by m.name",
            location.get()
        )
        .fetch_all(db)
        .await?;
        Ok(guides)
    }
}

/// Staff agree on a visit, or move it. `tell` the prospect, or only the guide.
pub async fn schedule(
    tx: &mut PgConnection,
    by: Id<Member>,
    id: Id<Viewing>,
    (guide, during): (Uuid, Span),
    tell: bool,
    version: i32,
    now: DateTime<Utc>,
) -> Result<Result<(), Refusal>> {
    let before = match stage::locked(tx, id, version).await? {
        Ok(viewing) => viewing,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if during.from < now {
        return Ok(Err(Refusal::Past));
    }
    if during.is_empty() || during.minutes() > 12 * 60 {
        return Ok(Err(Refusal::WrongEnd));
    }
    let guides = Guide::of(tx, before.location).await?;
    let Some(guide) = guides.into_iter().find(|one| one.id == guide) else {
        let place = before.place;
        return Ok(Err(Refusal::NoGuide { place }));
    };
    let (action, _) = stage::next(Status::Scheduled, before.zone.date(now));
    let written = sqlx::query!(
        "update viewings set status = 'scheduled', guide_id = $2, during = $3, sequence = sequence + 1,
             lost_reason = '', spam_reason = '', next_action = $4, next_on = $5,
             version = version + 1, changed_at = now()
         where id = $1",
        id.get(),
        guide.id,
        PgRange::from(during),
        action,
        before.zone.date(during.from)
    )
    .execute(&mut *tx)
    .await;
    if is_overlap(&written) {
        return Ok(Err(Refusal::GuideBusy { guide: guide.name }));
    }
    written?;
    let detail = json!({"from": before.status, "to": Status::Scheduled, "guide": guide.id,
                        "starts": during.from, "moved_from": before.during.map(|span| span.from)});
    audit::record(tx, Some(by.get()), "schedule", "viewings", id.get(), detail).await?;
    let visit = Visit {
        viewing: id.get(),
        sequence: before.sequence + 1,
    };
    let former = before
        .guide
        .filter(|former| before.status == Status::Scheduled && *former != guide.id);
    let prospect = tell.then_some(None);
    let told = (former.into_iter().chain([guide.id]).map(Some)).chain(prospect);
    for who in told {
        visit.invite(tx, who, SECOND_THOUGHTS).await?;
    }
    for who in [Some(guide.id)].into_iter().chain(prospect) {
        visit.remind(tx, who, during.from, now).await?;
    }
    Ok(Ok(()))
}

fn is_overlap<T>(outcome: &sqlx::Result<T>) -> bool {
    matches!(outcome, Err(sqlx::Error::Database(error)) if error.kind() == ErrorKind::ExclusionViolation)
}

/// Takes the visit off both calendars, and the guide is free again. `by` staff, or the prospect, who
/// need not be told in two minutes what they did.
pub(super) async fn call_off(
    tx: &mut PgConnection,
    viewing: &Viewing,
    by: Option<Id<Member>>,
) -> Result<()> {
    // Moved out of its stage as well, since a scheduled viewing has a visit.
    sqlx::query!(
        "update viewings set status = 'contacted', guide_id = null, during = null, sequence = sequence + 1 where id = $1",
        viewing.id.get()
    )
    .execute(&mut *tx)
    .await?;
    let visit = Visit {
        viewing: viewing.id.get(),
        sequence: viewing.sequence + 1,
    };
    let delay = by.map_or(Duration::ZERO, |_| SECOND_THOUGHTS);
    for who in viewing.guide.map(Some).into_iter().chain([None]) {
        visit.invite(tx, who, delay).await?;
    }
    Ok(())
}

/// Whoever is put off until later, and agreed to news, is asked again then.
pub(super) async fn news_later(
    tx: &mut PgConnection,
    viewing: &Viewing,
    wanted: &Move<'_>,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(date) = wanted.until.filter(|_| wanted.to == Status::Later) else {
        return Ok(());
    };
    let morning = viewing
        .zone
        .first_instant(date.and_hms_opt(9, 0, 0).unwrap_or_default());
    if let Ok(delay) = (morning - now).to_std() {
        let (viewing, version) = (viewing.id.get(), viewing.version + 1);
        let news = Job::ViewingNews { viewing, version };
        jobs::enqueue_after(tx, &news, delay).await?;
    }
    Ok(())
}

/// A visit as it stands in calendars.
struct Visit {
    viewing: Uuid,
    sequence: i32,
}

impl Visit {
    async fn invite(
        &self,
        tx: &mut PgConnection,
        guide: Option<Uuid>,
        delay: Duration,
    ) -> Result<()> {
        let job = Job::ViewingInvitation {
            viewing: self.viewing,
            sequence: self.sequence,
            guide,
        };
        Ok(jobs::enqueue_after(tx, &job, delay).await?)
    }

    /// One that is moved or called off has another sequence by then, and its reminders say nothing.
    async fn remind(
        &self,
        tx: &mut PgConnection,
        guide: Option<Uuid>,
        starts: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let job = Job::ViewingReminder {
            viewing: self.viewing,
            sequence: self.sequence,
            guide,
        };
        for before in REMINDERS {
            if let Ok(delay) = (starts - before - now).to_std() {
                jobs::enqueue_after(tx, &job, delay).await?;
            }
        }
        Ok(())
    }
}

/// Notes that the prospect has been mailed the visit as it stands.
pub async fn told(db: &mut PgConnection, viewing: &Viewing) -> Result<()> {
    sqlx::query!(
        "update viewings set told_sequence = $2 where id = $1",
        viewing.id.get(),
        viewing.sequence
    )
    .execute(db)
    .await?;
    Ok(())
}
