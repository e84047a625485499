//! Work that leaves after commit: written with what caused it, and done once.

use connect_space::jobs::{self, Job};
use connect_space::worker;
use reqwest::StatusCode;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::House;

/// A job about nothing: it is done at once.
fn idle() -> Job {
    Job::BookingConfirmed {
        booking: Uuid::now_v7(),
    }
}

async fn enqueue(house: &House) {
    jobs::enqueue(&mut house.app.db.acquire().await.unwrap(), &idle())
        .await
        .unwrap();
}

async fn take(house: &House) -> Option<jobs::Taken> {
    jobs::take(&mut house.app.db.acquire().await.unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn what_is_rolled_back_leaves_no_job() {
    let house = House::open().await;
    let mut tx = house.app.db.begin().await.unwrap();
    jobs::enqueue(&mut tx, &idle()).await.unwrap();
    assert!(take(&house).await.is_none(), "nor is it seen before");
    tx.rollback().await.unwrap();
    assert_eq!(house.one::<i64>("select count(*) from jobs").await, 0);
}

#[tokio::test]
async fn a_booking_that_fails_sends_no_mail() {
    // case P2: the last thing that confirming writes cannot be written
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    house
        .run(
            "create function fail() returns trigger language plpgsql as $$ begin raise exception 'the disk is full'; end $$;
             create trigger fail before insert on audit_events for each row when (new.verb = 'confirm') execute function fail()",
        )
        .await;
    let failed = thandeka.post::<&str, &str>(held.location(), &[]).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        failed.says("Something broke on our side") && !failed.html.contains("disk is full"),
        "{}",
        failed.text()
    );
    assert_eq!(house.one::<i64>("select count(*) from jobs").await, 0);
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        0
    );
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "held"
    );
    assert_eq!(house.deliver_mail().await, 0);
    house.run("drop trigger fail on audit_events").await;
    thandeka.confirm(&held).await;
    assert_eq!(house.deliver_mail().await, 1);
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_again_and_the_late_one_is_refused() {
    let house = House::open().await;
    enqueue(&house).await;
    let slow = take(&house).await.unwrap();
    assert!(take(&house).await.is_none(), "it is leased");
    house
        .run("update jobs set leased_until = now() - interval '1 second'")
        .await;
    let quick = take(&house).await.unwrap();
    assert_eq!((slow.id, slow.attempt, quick.attempt), (quick.id, 1, 2));
    let mut db = house.app.db.acquire().await.unwrap();
    assert!(!slow.done(&mut db).await.unwrap());
    assert!(!slow.failed(&mut db, "too late").await.unwrap());
    assert!(quick.done(&mut db).await.unwrap());
    assert!(!quick.done(&mut db).await.unwrap(), "once");
    assert!(take(&house).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_takers_get_each_job_once() {
    let house = House::open().await;
    for _ in 0..40 {
        enqueue(&house).await;
    }
    let takers: JoinSet<Vec<Uuid>> = (0..8)
        .map(|_| {
            let db = house.app.db.clone();
            async move {
                let mut mine = Vec::new();
                while let Some(taken) = jobs::take(&mut db.acquire().await.unwrap()).await.unwrap()
                {
                    mine.push(taken.id);
                }
                mine
            }
        })
        .collect();
    let mut all = takers.join_all().await.concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 40);
    assert_eq!(house.one::<i32>("select max(attempts) from jobs").await, 1);
}

#[tokio::test]
async fn a_job_that_fails_ten_times_is_dead_until_somebody_tries_it_again() {
    let house = House::open().await;
    enqueue(&house).await;
    let mut waits: Vec<i64> = Vec::new();
    for attempt in 1..=10 {
        let taken = take(&house).await.unwrap();
        assert_eq!(taken.attempt, attempt);
        assert!(
            taken
                .failed(&mut house.app.db.acquire().await.unwrap(), "no luck")
                .await
                .unwrap()
        );
        waits.push(
            house
                .one("select round(extract(epoch from run_at - now()))::bigint from jobs")
                .await,
        );
        assert!(take(&house).await.is_none(), "it waits first");
        house.run("update jobs set run_at = now()").await;
    }
    assert_eq!(waits[..9], [5, 10, 20, 40, 80, 160, 320, 640, 1280]);
    assert!(take(&house).await.is_none());
    let mut db = house.app.db.acquire().await.unwrap();
    let dead = jobs::dead(&mut *db).await.unwrap();
    assert_eq!(
        (dead.len(), dead[0].attempts, dead[0].last_error.as_str()),
        (1, 10, "no luck")
    );
    assert!(jobs::retry(&mut db, dead[0].id).await.unwrap());
    assert!(
        !jobs::retry(&mut db, dead[0].id).await.unwrap(),
        "it is alive already"
    );
    assert!(jobs::dead(&mut *db).await.unwrap().is_empty());
    assert_eq!(take(&house).await.unwrap().attempt, 11);
}

#[tokio::test]
async fn a_worker_that_dies_in_the_last_attempt_leaves_a_dead_job() {
    let house = House::open().await;
    enqueue(&house).await;
    house.run("update jobs set attempts = 9").await;
    take(&house).await.unwrap();
    house
        .run("update jobs set leased_until = now() - interval '1 second'")
        .await;
    assert!(take(&house).await.is_none());
    worker::tidy_once(&house.app).await.unwrap();
    let dead = jobs::dead(&house.app.db).await.unwrap();
    assert_eq!(dead[0].last_error, "the worker died in the last attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_worker_hears_of_jobs_and_stops_when_told() {
    let house = House::open().await;
    let direct = connect_space::database::direct(house.database.as_site());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(worker::run(house.app.clone(), direct, async {
        let _ = stopped.await;
    }));
    let listening = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'connect-space listener'";
    while house.one::<i64>(listening).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let begun = std::time::Instant::now();
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    while house.mails("thandeka@example.com").await.is_empty() {
        assert!(begun.elapsed().as_secs() < 4, "sooner than it polls");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    stop.send(()).unwrap();
    working.await.unwrap();
}
