//! Work that leaves after commit: written in the transaction that caused it, taken by a worker under a lease.
//!
//! A job is done at least once. Everything here compares with the database's clock.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// How long a taken job is left to its worker; then another may take it.
pub const LEASE: Duration = Duration::from_secs(20);

/// How long doing a job may take: less than its lease, so that nobody begins it a second time meanwhile.
pub const TIME_LIMIT: Duration = Duration::from_secs(15);

/// How long mails about what staff did wait, so that undoing it sends nothing.
pub const UNDO: Duration = Duration::from_secs(120);

/// What there is to do. Bare ids: the rest is read, and secrets are made, when it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    BookingConfirmed {
        booking: Uuid,
    },
    /// `sequence` is the booking's, as it stood when it was cancelled.
    BookingCancelled {
        booking: Uuid,
        sequence: i32,
    },
    /// `change` says what is different and what was before.
    BookingChanged {
        change: Uuid,
    },
    /// That somebody stayed past the end, as a change has it.
    BookingOverran {
        change: Uuid,
    },
    /// To whoever asks for a time that has to be approved: we have their request.
    ApprovalAsked {
        booking: Uuid,
    },
    /// To one of those who may approve it.
    ApprovalWanted {
        booking: Uuid,
        staff: Uuid,
    },
    /// A request that nobody decided before it would have begun.
    RequestExpired {
        booking: Uuid,
    },
    /// Time of a space is free again that somebody waits for.
    TimeFreed {
        space: Uuid,
    },
    /// To whoever waited: it is free, and held for them.
    WaitlistOffered {
        booking: Uuid,
    },
    /// An offer has run out.
    OfferEnds {
        booking: Uuid,
    },
    /// To whoever has not answered one.
    OfferMissed {
        booking: Uuid,
    },
    /// A request that was not granted.
    BookingDeclined {
        booking: Uuid,
    },
    /// A room that was released, since nobody came; nothing has happened to it since `version`.
    BookingReleased {
        booking: Uuid,
        version: i32,
    },
    /// To a guest: what is different from what they know.
    GuestTold {
        guest: Uuid,
    },
    /// To the host: whether a guest comes.
    GuestAnswered {
        guest: Uuid,
    },
    /// All its dates in one mail.
    SeriesBooked {
        series: Uuid,
    },
    /// To one of those who may approve its dates that wait for it.
    SeriesWanted {
        series: Uuid,
        bookings: Vec<Uuid>,
        staff: Uuid,
    },
    /// Those that were approved or declined together.
    SeriesDecided {
        series: Uuid,
        bookings: Vec<Uuid>,
    },
    /// Those that were cancelled together.
    SeriesCancelled {
        series: Uuid,
        bookings: Vec<Uuid>,
    },
    /// Those that were changed together.
    SeriesChanged {
        series: Uuid,
        bookings: Vec<Uuid>,
    },
    PassBought {
        pass: Uuid,
    },
    PassCancelled {
        pass: Uuid,
    },
    /// Asks an address whether it wants to be told when a location opens.
    InterestNoted {
        interest: Uuid,
    },
    /// Tells it.
    LocationOpened {
        interest: Uuid,
    },
    /// It was given, or has run out: what the booking says when the mail is written.
    FirstRefusal {
        booking: Uuid,
    },
    /// To whoever's booking a closure hits: what was done about it. Nothing has happened to it since `version`.
    ClosureTold {
        closure: Uuid,
        booking: Uuid,
        version: i32,
    },
    /// Mails a link, whatever its purpose.
    Link {
        link: Uuid,
    },
    /// To the prospect: their request is here.
    ViewingRequested {
        viewing: Uuid,
    },
    /// To the location: a request is here.
    ViewingArrived {
        viewing: Uuid,
    },
    /// That a visit is agreed, has moved or is off, to its guide or, without one, to the prospect.
    ViewingInvitation {
        viewing: Uuid,
        sequence: i32,
        guide: Option<Uuid>,
    },
    /// Before a visit, to the same; `sequence` is the visit's, which a moved one has not.
    ViewingReminder {
        viewing: Uuid,
        sequence: i32,
        guide: Option<Uuid>,
    },
    /// To whoever wanted to hear from us later and agreed to news; nothing has happened since `version`.
    ViewingNews {
        viewing: Uuid,
        version: i32,
    },
    QuestionReceived {
        question: Uuid,
    },
    QuestionArrived {
        question: Uuid,
    },
    QuestionAnswered {
        answer: Uuid,
    },
    /// Tells the address that an account has.
    EmailChangeRequested {
        change: Uuid,
    },
    /// Mails the new address the link that confirms it.
    EmailChangeLink {
        change: Uuid,
    },
    /// Tells the address that an account had.
    EmailChanged {
        change: Uuid,
    },
    PasswordChanged {
        member: Uuid,
    },
    /// Tells a member that signing in asks for a code from now on.
    SecondStepOn {
        member: Uuid,
    },
    /// That it does no more.
    SecondStepOff {
        member: Uuid,
    },
    /// The same where whoever runs the house took it off.
    SecondStepTakenOff {
        member: Uuid,
    },
    RecoveryCodesMade {
        member: Uuid,
    },
    RecoveryCodeUsed {
        member: Uuid,
    },
    /// Tells a member that wrong codes are typed after their password.
    CodesGuessed {
        member: Uuid,
    },
    /// Tells a member that they have signed in where they never did before.
    BrowserSeen {
        browser: Uuid,
    },
    /// Tells a member that they asked to be forgotten, and what comes of it.
    ErasureAsked {
        member: Uuid,
    },
    /// Tells a member that they are barred or pay first, and why, or that it is lifted.
    StandingChanged {
        member: Uuid,
    },
    /// A payment's or a refund's, to who paid.
    Receipt {
        entry: Uuid,
    },
    TokenMade {
        token: Uuid,
    },
    Invited {
        invitation: Uuid,
    },
}

/// A job under a lease.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Stays the same through all attempts.
    pub id: Uuid,
    pub attempt: i32,
    pub kind: String,
    payload: serde_json::Value,
}

/// A job that failed as often as it may.
#[derive(Debug, Clone)]
pub struct Dead {
    pub id: Uuid,
    pub kind: String,
    pub attempts: i32,
    pub last_error: String,
    pub created_at: DateTime<Utc>,
    pub failed_at: DateTime<Utc>,
}

/// To be done as soon as the transaction is committed.
pub async fn enqueue(tx: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    enqueue_after(tx, job, Duration::ZERO).await
}

/// To be done once `delay` has passed since the transaction began.
pub async fn enqueue_after(tx: &mut PgConnection, job: &Job, delay: Duration) -> sqlx::Result<()> {
    enqueue_revocable(tx, job, delay).await?;
    Ok(())
}

/// The same with its id, by which it can be taken back until then.
pub async fn enqueue_revocable(
    tx: &mut PgConnection,
    job: &Job,
    delay: Duration,
) -> sqlx::Result<Uuid> {
    let id = Uuid::now_v7();
    let payload = serde_json::to_value(job).map_err(|e| sqlx::Error::Encode(e.into()))?;
    sqlx::query!(
        "insert into jobs (id, payload, run_at) values ($1, $2, now() + make_interval(secs => $3))",
        id,
        payload,
        delay.as_secs_f64(),
    )
    .execute(tx)
    .await?;
    Ok(id)
}

/// Takes a job back that nobody has begun; false if somebody has.
pub async fn drop_waiting(tx: &mut PgConnection, id: Uuid) -> sqlx::Result<bool> {
    let dropped = sqlx::query!(
        "delete from jobs where id = $1 and status = 'waiting' and attempts = 0",
        id
    )
    .execute(tx)
    .await?;
    Ok(dropped.rows_affected() == 1)
}

/// Leases the job that has been due longest, if any.
pub async fn take(db: &mut PgConnection) -> sqlx::Result<Option<Taken>> {
    sqlx::query_as!(
        Taken,
        r#"update jobs
           set attempts = attempts + 1, leased_until = now() + make_interval(secs => $1)
           where id = (
               select id from jobs
               where status = 'waiting' and run_at <= now() and attempts < attempts_allowed
                 and (leased_until is null or leased_until <= now())
               order by run_at limit 1
               for update skip locked)
           returning id, attempts as attempt, kind as "kind!", payload"#,
        LEASE.as_secs_f64(),
    )
    .fetch_optional(db)
    .await
}

impl Taken {
    /// An error means that another version of the program wrote it.
    pub fn job(&self) -> serde_json::Result<Job> {
        Job::deserialize(&self.payload)
    }

    /// False if the lease ran out and another worker has taken the job since.
    pub async fn done(&self, db: &mut PgConnection) -> sqlx::Result<bool> {
        let marked = sqlx::query!(
            "update jobs set done_at = now(), leased_until = null
             where id = $1 and attempts = $2 and status = 'waiting'",
            self.id,
            self.attempt,
        )
        .execute(db)
        .await?;
        Ok(marked.rows_affected() == 1)
    }

    /// Waits 5 s, 10 s, 20 s and so on before the next attempt; after the last one the job is dead.
    /// False if the lease was lost, as for `done`.
    pub async fn failed(&self, db: &mut PgConnection, error: &str) -> sqlx::Result<bool> {
        let marked = sqlx::query!(
            "update jobs
             set leased_until = null, last_error = left($3, 2000),
                 run_at = now() + interval '5 seconds' * power(2, greatest(9 - (attempts_allowed - attempts), 0)),
                 failed_at = case when attempts >= attempts_allowed then now() end
             where id = $1 and attempts = $2 and status = 'waiting'",
            self.id,
            self.attempt,
            error,
        )
        .execute(db)
        .await?;
        Ok(marked.rows_affected() == 1)
    }

    /// Tries again in half a minute, as often as it takes: nothing is wrong with the job itself.
    /// False if the lease was lost, as for `done`.
    pub async fn postponed(&self, db: &mut PgConnection, error: &str) -> sqlx::Result<bool> {
        let marked = sqlx::query!(
            "update jobs
             set leased_until = null, last_error = left($3, 2000),
                 run_at = now() + interval '30 seconds', attempts_allowed = attempts_allowed + 1
             where id = $1 and attempts = $2 and status = 'waiting'",
            self.id,
            self.attempt,
            error,
        )
        .execute(db)
        .await?;
        Ok(marked.rows_affected() == 1)
    }
}

/// The dead jobs, the latest first, at most 200.
pub async fn dead(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Dead>> {
    sqlx::query_as!(
        Dead,
        r#"select id, kind as "kind!", attempts, coalesce(last_error, '') as "last_error!",
                  created_at, failed_at as "failed_at!"
           from jobs where status = 'failed' order by failed_at desc limit 200"#
    )
    .fetch_all(db)
    .await
}

/// Gives a dead job ten more attempts, the first at once. False if it is not dead.
pub async fn retry(tx: &mut PgConnection, id: Uuid) -> sqlx::Result<bool> {
    let revived = sqlx::query!(
        "update jobs set failed_at = null, run_at = now(), attempts_allowed = attempts + 10
         where id = $1 and status = 'failed'",
        id
    )
    .execute(tx)
    .await?;
    Ok(revived.rows_affected() == 1)
}

/// Buries jobs whose worker died in the last attempt, and forgets those done a month ago.
pub async fn tidy(db: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!(
        "update jobs
         set failed_at = now(), leased_until = null,
             last_error = coalesce(last_error || '; then ', '') || 'the worker died in the last attempt'
         where status = 'waiting' and attempts >= attempts_allowed and leased_until <= now()"
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!("delete from jobs where status = 'done' and done_at < now() - interval '30 days'")
        .execute(db)
        .await?;
    Ok(())
}
