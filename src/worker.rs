//! Does what the jobs say, and tidies what time has overtaken.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow};
use sqlx::{PgPool, postgres::PgListener};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    app::App,
    billing, bookings,
    error::{Error, Result},
    jobs::{self, Job, TIME_LIMIT, Taken},
    locations,
    mail::Unreachable,
    members,
    metrics::End,
    sessions, viewings,
};

/// How many jobs are done at once.
const HANDS: usize = 3;

/// How often a worker looks for jobs though nothing woke it.
const POLL: Duration = Duration::from_secs(5);

const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Works until `stop` resolves, and returns when the jobs then in hand are done. `direct` gives the
/// connection that listens: it lives for long and cannot go through a transaction pooler.
pub async fn run(app: App, direct: PgPool, stop: impl Future<Output = ()>) {
    let (wake, woken) = watch::channel(());
    let (stopping, stopped) = watch::channel(false);
    let mut hands = JoinSet::new();
    for _ in 0..HANDS {
        hands.spawn(work(app.clone(), woken.clone(), stopped.clone()));
    }
    let mut helpers = JoinSet::new();
    helpers.spawn(listen(direct, wake));
    helpers.spawn(tidy(app));
    stop.await;
    stopping.send_replace(true);
    hands.join_all().await;
}

/// Does every job that is due, one after the other, and says how many there were. For tests.
pub async fn drain(app: &App) -> anyhow::Result<usize> {
    let mut count = 0;
    while next(app).await? {
        count += 1;
    }
    Ok(count)
}

async fn work(app: App, mut woken: watch::Receiver<()>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        woken.mark_unchanged();
        match next(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(error = format!("{error:#}"), "no job could be taken"),
        }
        tokio::select! {
            () = sleep(POLL) => {}
            Ok(()) = woken.changed() => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Takes one job and does it. False if none is due.
async fn next(app: &App) -> anyhow::Result<bool> {
    let Some(taken) = jobs::take(&mut *app.db.acquire().await?).await? else {
        return Ok(false);
    };
    let begun = Instant::now();
    let outcome = attempt(app, &taken).await;
    let end = outcome.as_ref().map_or_else(end_of, |()| End::Done);
    app.metrics.job(&taken.kind, end, begun.elapsed());
    let mut db = app.db.acquire().await?;
    let marked = match outcome {
        Ok(()) => taken.done(&mut db).await?,
        Err(error) => {
            let sentence = format!("{error:#}");
            tracing::warn!(job = %taken.id, kind = taken.kind, attempt = taken.attempt, error = sentence, "job failed");
            if end == End::Postponed {
                taken.postponed(&mut db, &sentence).await?
            } else {
                taken.failed(&mut db, &sentence).await?
            }
        }
    };
    if !marked {
        tracing::warn!(job = %taken.id, kind = taken.kind, attempt = taken.attempt, "lease lost before the job was done");
    }
    Ok(true)
}

/// Where the mail server would not even talk, nothing is wrong with the job.
fn end_of(error: &anyhow::Error) -> End {
    if error.is::<Unreachable>() {
        End::Postponed
    } else {
        End::Failed
    }
}

/// In a task of its own, so that a panic or the time limit ends this attempt and nothing else.
async fn attempt(app: &App, taken: &Taken) -> anyhow::Result<()> {
    let mut task = JoinSet::new();
    task.spawn(perform(app.clone(), taken.clone()));
    match timeout(TIME_LIMIT, task.join_next())
        .await
        .context("took longer than its time limit")?
    {
        Some(outcome) => outcome?.map_err(|error| match error {
            Error::Broken(error) => error,
            other => anyhow!("{other:?}"),
        }),
        None => Ok(()),
    }
}

/// A feature that has nothing to say any more writes no mail.
async fn perform(app: App, taken: Taken) -> Result<()> {
    let message = match taken.job().context("written by another version")? {
        Job::BookingConfirmed { booking } => bookings::emails::confirmed(&app, booking).await?,
        Job::BookingCancelled { booking, sequence } => {
            bookings::emails::cancelled(&app, booking, sequence).await?
        }
        Job::BookingChanged { change } => bookings::emails::changed(&app, change).await?,
        Job::BookingOverran { change } => bookings::emails::overran(&app, change).await?,
        Job::ApprovalAsked { booking } => bookings::approval_emails::asked(&app, booking).await?,
        Job::ApprovalWanted { booking, staff } => {
            bookings::approval_emails::wanted(&app, booking, staff).await?
        }
        Job::RequestExpired { booking } => {
            bookings::approval_emails::expired(&app, booking).await?
        }
        Job::TimeFreed { space } => {
            serve_line(&app, space).await?;
            None
        }
        Job::WaitlistOffered { booking } => {
            bookings::waitlist_emails::offered(&app, booking).await?
        }
        Job::OfferEnds { booking } => {
            let mut tx = app.db.begin().await?;
            bookings::waitlist::offering::run_out(&mut tx, booking).await?;
            tx.commit().await?;
            None
        }
        Job::OfferMissed { booking } => bookings::waitlist_emails::ended(&app, booking).await?,
        Job::BookingDeclined { booking } => bookings::emails::declined(&app, booking).await?,
        Job::BookingReleased { booking, version } => {
            bookings::emails::released(&app, booking, version).await?
        }
        Job::GuestTold { guest } => bookings::guest_emails::told(&app, guest, taken.id).await?,
        Job::GuestAnswered { guest } => {
            bookings::guest_emails::answered(&app, guest, taken.id).await?
        }
        Job::SeriesBooked { series } => bookings::series_emails::booked(&app, series).await?,
        Job::SeriesWanted {
            series,
            bookings,
            staff,
        } => bookings::series_emails::wanted(&app, series, &bookings, staff).await?,
        Job::SeriesDecided { series, bookings } => {
            bookings::series_emails::decided(&app, series, &bookings).await?
        }
        Job::SeriesCancelled { series, bookings } => {
            bookings::series_emails::cancelled(&app, series, &bookings).await?
        }
        Job::SeriesChanged { series, bookings } => {
            bookings::series_emails::changed(&app, series, &bookings).await?
        }
        Job::PassBought { pass } => billing::emails::bought(&app, pass).await?,
        Job::PassCancelled { pass } => billing::emails::cancelled(&app, pass).await?,
        Job::InterestNoted { interest } => locations::emails::noted(&app, interest).await?,
        Job::LocationOpened { interest } => locations::emails::opened(&app, interest).await?,
        Job::FirstRefusal { booking } => bookings::emails::first_refusal(&app, booking).await?,
        Job::ClosureTold {
            closure,
            booking,
            version,
        } => bookings::closure_emails::told(&app, closure, booking, version).await?,
        Job::Link { link } => sessions::emails::link(&app, link).await?,
        Job::ViewingRequested { viewing } => viewings::emails::requested(&app, viewing).await?,
        Job::ViewingArrived { viewing } => viewings::emails::arrived(&app, viewing).await?,
        Job::ViewingInvitation {
            viewing,
            sequence,
            guide,
        } => viewings::emails::invitation(&app, viewing, sequence, guide).await?,
        Job::ViewingReminder {
            viewing,
            sequence,
            guide,
        } => viewings::emails::reminder(&app, viewing, sequence, guide).await?,
        Job::ViewingNews { viewing, version } => {
            viewings::emails::news(&app, viewing, version).await?
        }
        Job::QuestionReceived { question } => {
            viewings::question_emails::received(&app, question).await?
        }
        Job::QuestionArrived { question } => {
            viewings::question_emails::arrived(&app, question).await?
        }
        Job::QuestionAnswered { answer } => {
            viewings::question_emails::answered(&app, answer).await?
        }
        Job::EmailChangeRequested { change } => {
            members::emails::change_requested(&app, change).await?
        }
        Job::EmailChangeLink { change } => members::emails::change_link(&app, change).await?,
        Job::EmailChanged { change } => members::emails::changed(&app, change).await?,
        Job::PasswordChanged { member } => members::emails::password_changed(&app, member).await?,
        Job::SecondStepOn { member } => {
            members::security_emails::second_step_on(&app, member).await?
        }
        Job::SecondStepOff { member } => {
            members::security_emails::second_step_off(&app, member).await?
        }
        Job::SecondStepTakenOff { member } => {
            members::security_emails::second_step_taken_off(&app, member).await?
        }
        Job::RecoveryCodesMade { member } => {
            members::security_emails::recovery_codes_made(&app, member).await?
        }
        Job::RecoveryCodeUsed { member } => {
            members::security_emails::recovery_code_used(&app, member).await?
        }
        Job::CodesGuessed { member } => {
            members::security_emails::codes_guessed(&app, member).await?
        }
        Job::BrowserSeen { browser } => {
            members::security_emails::browser_seen(&app, browser).await?
        }
        Job::ErasureAsked { member } => members::emails::erasure_asked(&app, member).await?,
        Job::StandingChanged { member } => members::emails::standing_changed(&app, member).await?,
        Job::Receipt { entry } => billing::emails::receipt(&app, entry).await?,
        Job::TokenMade { token } => members::emails::token_made(&app, token).await?,
        Job::Invited { invitation } => members::emails::invited(&app, invitation).await?,
    };
    if let Some(message) = message {
        let sent = app.mailer.send(&message, taken.id).await;
        let end = sent.as_ref().map_or_else(end_of, |()| End::Done);
        app.metrics.mail(end);
        sent?;
    }
    Ok(())
}

/// Offers what is free of a space to all who wait for it and whom it suits, one after the other.
async fn serve_line(app: &App, space: uuid::Uuid) -> Result<()> {
    loop {
        let mut tx = app.db.begin().await?;
        let now = app.clock.now();
        let offered = bookings::waitlist::offering::offer_next(&mut tx, space, now).await?;
        tx.commit().await?;
        if !offered {
            return Ok(());
        }
    }
}

/// Wakes the hands when a job is committed. Without it they still poll.
async fn listen(direct: PgPool, wake: watch::Sender<()>) {
    loop {
        if let Err(error) = hear(&direct, &wake).await {
            tracing::warn!(%error, "not listening for jobs");
        }
        sleep(POLL).await;
    }
}

async fn hear(direct: &PgPool, wake: &watch::Sender<()>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(direct).await?;
    listener.listen("jobs").await?;
    loop {
        listener.try_recv().await?;
        wake.send_replace(());
    }
}

async fn tidy(app: App) {
    loop {
        if let Err(error) = tidy_once(&app).await {
            tracing::warn!(?error, "not tidied");
        }
        sleep(TIDY_EVERY).await;
    }
}

/// Each in a transaction of its own, so that what fails holds up nothing else.
pub async fn tidy_once(app: &App) -> Result<()> {
    let mut tx = app.db.begin().await?;
    jobs::tidy(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.begin().await?;
    bookings::locks::expire_stale(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.begin().await?;
    bookings::attendance::complete_ended(&mut tx, app.clock.now()).await?;
    bookings::undo::forget(&mut tx).await?;
    tx.commit().await?;
    let now = app.clock.now();
    let unused = bookings::check_in::unused(&mut *app.db.acquire().await?, now).await?;
    for booking in unused {
        let mut tx = app.db.begin().await?;
        match bookings::check_in::release(&mut tx, booking.into(), now).await {
            Ok(_) => tx.commit().await?,
            // Somebody is busy with it or its space: the next time.
            Err(error) => tracing::warn!(?error, "a room was not released"),
        }
    }
    // Closures that end and hours that are longer free time too.
    let mut tx = app.db.begin().await?;
    bookings::waitlist::tidy(&mut tx, now).await?;
    let awaited = bookings::waitlist::offering::awaited(&mut tx).await?;
    tx.commit().await?;
    for space in awaited {
        if let Err(error) = serve_line(app, space).await {
            tracing::warn!(?error, "a line was not served");
        }
    }
    let mut tx = app.db.begin().await?;
    sessions::session::forget_expired(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.begin().await?;
    viewings::forgetting::forget_old(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.begin().await?;
    bookings::guests::forgetting::forget_old(&mut tx).await?;
    tx.commit().await?;
    let mut tx = app.db.begin().await?;
    locations::interest::Interest::tell(&mut tx).await?;
    locations::interest::Interest::forget(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}
