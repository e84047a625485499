//! Many at the same instant: one wins, the others read why not, and nobody is left waiting.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection, Executor};
use tokio::task::JoinSet;

use crate::support::{House, Page, admin};

/// Deadlocks that PostgreSQL has counted in the house's database. The site's connections end, since
/// each reports what it has counted when it does.
async fn deadlocks(house: &House) -> i64 {
    house.app.db.close().await;
    let count = sqlx::query_scalar("select deadlocks from pg_stat_database where datname = $1");
    count
        .bind(house.database.name())
        .fetch_one(&mut admin().await)
        .await
        .unwrap()
}

async fn all<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    tasks.into_iter().collect::<JoinSet<T>>().join_all().await
}

async fn overlaps(house: &House) -> i64 {
    house
        .one(
            "select count(*) from occupancies a join occupancies b
             on a.space_id = b.space_id and a.id < b.id and a.active and b.active and a.occupies && b.occupies",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_people_on_the_pages_one_gets_the_slot() {
    // case G1
    let house = House::open().await;
    let mut people = Vec::new();
    for name in house.crowd(50).await {
        people.push(house.member(&name).await);
    }
    let begun = Instant::now();
    let held = people.into_iter().map(|person| async move {
        person
            .hold("lighthouse", "2026-11-24", "09:00", "10:00")
            .await
    });
    let pages: Vec<Page> = all(held).await;
    let (won, lost): (Vec<_>, Vec<_>) = pages
        .iter()
        .partition(|page| page.status == StatusCode::SEE_OTHER);
    assert_eq!((won.len(), lost.len()), (1, 49));
    for page in lost {
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.says("Lighthouse was just taken."), "{}", page.text());
    }
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 1);
    assert_eq!(deadlocks(&house).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_programs_one_gets_the_slot() {
    // case G1
    let house = House::open().await;
    let mut programs = Vec::new();
    for name in house.crowd(50).await {
        programs.push(house.api(&name).await);
    }
    let booked = programs.into_iter().map(|api| async move {
        api.book("lighthouse", "2026-11-24T09:00", "2026-11-24T10:00")
            .await
    });
    let answers = all(booked).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers
        .iter()
        .partition(|answer| answer.status == StatusCode::CREATED);
    assert_eq!((won.len(), lost.len()), (1, 49));
    for answer in lost {
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::CONFLICT, "taken")
        );
        assert!(
            answer.json["detail"]
                .as_str()
                .unwrap()
                .starts_with("Lighthouse was just taken."),
            "{answer:?}"
        );
    }
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1
    );
    assert_eq!(house.one::<i64>("select count(*) from jobs").await, 1);
    assert_eq!(deadlocks(&house).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_confirmations_and_cancellations_cross_without_deadlock() {
    // case G1
    let house = House::open().await;
    let mut people = Vec::new();
    for name in house.crowd(8).await {
        people.push(house.member(&name).await);
    }
    let busy = people.into_iter().map(|person| async move {
        for round in 0..6 {
            let (from, until) = (
                format!("{:02}:00", 9 + round),
                format!("{:02}:00", 10 + round),
            );
            for space in ["lighthouse", "pier"] {
                let held = person.hold(space, "2026-11-26", &from, &until).await;
                if held.status != StatusCode::SEE_OTHER {
                    assert_eq!(held.status, StatusCode::UNPROCESSABLE_ENTITY);
                    continue;
                }
                let confirmed = person.post::<&str, &str>(held.location(), &[]).await;
                assert!(confirmed.status.as_u16() < 500, "{}", confirmed.status);
                if confirmed.status == StatusCode::SEE_OTHER && round % 2 == 0 {
                    let cancelled = person
                        .post::<&str, &str>(&format!("{}/cancellation", confirmed.location()), &[])
                        .await;
                    assert_eq!(
                        cancelled.status,
                        StatusCode::SEE_OTHER,
                        "{}",
                        cancelled.text()
                    );
                }
            }
        }
    });
    all(busy).await;
    assert_eq!(overlaps(&house).await, 0);
    let unbalanced = "select count(*) from bookings b where status in ('confirmed', 'cancelled')
        and (select sum(cents) from ledger_entries e where e.booking_id = b.id)
            <> (case status when 'confirmed' then total_cents else kept_cents end)";
    assert_eq!(house.one::<i64>(unbalanced).await, 0);
    assert!(
        house
            .one::<i64>("select count(*) from bookings where status = 'cancelled'")
            .await
            > 0
    );
    assert_eq!(deadlocks(&house).await, 0);
}

/// With a reference, an hour of 24 November and a space: like the booking that a member has made.
const UNLOCKED: &str = "
    with other as (
        insert into bookings (id, reference, space_id, member_id, account_id, channel, term, during, people, status, confirmed_at,
                              price, total_cents, vat_cents, cancellation, terms_version)
        select gen_random_uuid(), $1, s.id, member_id, account_id, 'desk', term, during, people, b.status, confirmed_at,
               price, total_cents, vat_cents, b.cancellation, terms_version
        from bookings b, spaces s where channel = 'web' and s.slug = $3
        returning id, space_id),
    slot as (select timestamptz '2026-11-24 00:00+02' + make_interval(hours => $2) as start)
    insert into occupancies (id, space_id, booking_id, active, during, occupies)
    select gen_random_uuid(), space_id, id, true, tstzrange(start, start + interval '1 hour'), tstzrange(start, start + interval '1 hour')
    from other, slot";

/// Books two rooms for the same hour as no code of ours would: in any order and without their locks.
async fn write_unlocked(options: PgConnectOptions, number: usize) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect_with(&options).await?;
    connection.execute("set deadlock_timeout = '20ms'").await?;
    // All wait here, and so begin together.
    connection
        .execute("select pg_advisory_lock_shared(1)")
        .await?;
    let mut rooms = ["lighthouse", "pier"];
    rooms.rotate_left(number % 2);
    let mut tx = connection.begin().await?;
    for (room, letter) in rooms.into_iter().zip(["A", "B"]) {
        let reference = format!("CS-22{}{}{letter}", number / 8 + 2, number % 8 + 2);
        sqlx::query(UNLOCKED)
            .bind(reference)
            .bind(14)
            .bind(room)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await
}

fn code(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(|error| Some(error.code()?.into_owned()))
        .unwrap_or_else(|| error.to_string())
}

/// Fifty connections at once, and the errors that they met.
async fn fifty_unlocked(house: &House) -> Vec<String> {
    let mut gate = PgConnection::connect_with(&house.database.as_superuser())
        .await
        .unwrap();
    gate.execute("select pg_advisory_lock(1)").await.unwrap();
    let writers: JoinSet<_> = (0..50)
        .map(|number| write_unlocked(house.database.as_superuser(), number))
        .collect();
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted";
    while house.one::<i64>(waiting).await < 50 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gate.close().await.unwrap();
    writers
        .join_all()
        .await
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .map(code)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_lock_there_are_deadlocks_and_without_the_constraint_double_bookings() {
    // case G3: these races would show it if our code did not lock
    let house = House::open().await;
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    let errors = fifty_unlocked(&house).await;
    let count = |code: &str| errors.iter().filter(|error| *error == code).count();
    assert!(count("40P01") > 0, "{errors:?}");
    assert_eq!(count("40P01") + count("23P01"), 49, "{errors:?}");
    assert_eq!(overlaps(&house).await, 0);

    let again =
        "delete from occupancies using bookings b where b.id = booking_id and channel = 'desk';
        delete from bookings where channel = 'desk'";
    house.run(again).await;
    house
        .run("alter table occupancies drop constraint occupancies_never_overlap")
        .await;
    let errors = fifty_unlocked(&house).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(overlaps(&house).await, 2 * 50 * 49 / 2);
    assert!(deadlocks(&house).await > 0);
}

#[tokio::test]
async fn what_the_lock_did_not_see_the_constraint_refuses_in_the_same_words() {
    // case G4: somebody writes without the lock and commits while ours waits
    let house = House::open().await;
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    for (api, number) in [(false, 1), (true, 2)] {
        let mut tx = house.db.begin().await.unwrap();
        let hour = 10 + number;
        sqlx::query(UNLOCKED)
            .bind(format!("CS-2222{}", number + 1))
            .bind(hour)
            .bind("lighthouse")
            .execute(&mut *tx)
            .await
            .unwrap();
        let (from, until) = (format!("{hour}:00"), format!("{}:00", hour + 1));
        let asked = async {
            if api {
                let answer = house
                    .api("sipho")
                    .await
                    .book(
                        "lighthouse",
                        &format!("2026-11-24T{from}"),
                        &format!("2026-11-24T{until}"),
                    )
                    .await;
                assert_eq!(
                    (answer.status, answer.problem()),
                    (StatusCode::CONFLICT, "taken"),
                    "{answer:?}"
                );
            } else {
                let page = house
                    .member("sipho")
                    .await
                    .hold("lighthouse", "2026-11-24", &from, &until)
                    .await;
                assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
                assert!(page.says("Lighthouse was just taken."), "{}", page.text());
            }
        };
        let committed = async {
            until_waiting(&house).await;
            tx.commit().await.unwrap();
        };
        tokio::join!(asked, committed);
    }
}

/// Returns once a connection of the site waits for a lock.
async fn until_waiting(house: &House) {
    let waiting = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'connect-space' and wait_event_type = 'Lock'";
    while house.one::<i64>(waiting).await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_changes_while_an_undo_waits_is_not_taken_back() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", "2026-11-24", "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let path = |verb: &str| format!("/admin/bookings/{reference}/{verb}");
    let moved = [("from", "14:00"), ("until", "15:00")];
    nomsa.post(&path("change"), &moved).await;
    let mut tx = house.db.begin().await.unwrap();
    tx.execute("select from spaces where slug = 'pier' for no key update")
        .await
        .unwrap();
    let other = async {
        until_waiting(&house).await;
        tx.execute("update bookings set version = version + 1")
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    let (path, nothing) = (path("undo"), [("back", "")]);
    let (answer, ()) = tokio::join!(nomsa.post(&path, &nothing), other);
    let said = nomsa.follow(&answer).await;
    assert!(said.says("nothing to take back"), "{}", said.text());
    let begins: String = house
        .one("select to_char(lower(during) at time zone 'Africa/Johannesburg', 'HH24:MI') from bookings")
        .await;
    assert_eq!(begins, "14:00");
}

#[tokio::test]
async fn a_deadlock_is_tried_again() {
    // case G4: another transaction locks the member and then the space, ours the other way round
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let mut tx = house.db.begin().await.unwrap();
    // Ours is to be the victim: it looks for deadlocks after a second.
    tx.execute("set local deadlock_timeout = '1min'")
        .await
        .unwrap();
    tx.execute("select from members where email = 'thandeka@example.com' for update")
        .await
        .unwrap();
    let other = async {
        until_waiting(&house).await;
        tx.execute("select from spaces where slug = 'lighthouse' for update")
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(
        api.book("lighthouse", "2026-11-24T09:00", "2026-11-24T10:00"),
        other
    );
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(deadlocks(&house).await, 1, "or this has tested nothing");
}

#[tokio::test]
async fn a_lock_held_too_long_is_given_up() {
    // case G10
    let house = House::open().await;
    let (thandeka, api) = (house.member("thandeka").await, house.api("sipho").await);
    let third = house.api("priya").await;
    let mut tx = house.db.begin().await.unwrap();
    tx.execute("select from spaces where slug in ('lighthouse', 'pier') for no key update")
        .await
        .unwrap();
    let begun = Instant::now();
    let (page, answer, behind) = tokio::join!(
        thandeka.hold("lighthouse", "2026-11-24", "09:00", "10:00"),
        api.book("pier", "2026-11-24T09:00", "2026-11-24T10:00"),
        third.book("pier", "2026-11-24T09:00", "2026-11-24T10:00")
    );
    assert_eq!(
        behind.problem(),
        "busy",
        "also whoever waits behind a waiter"
    );
    assert!(
        (2..4).contains(&begun.elapsed().as_secs()),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.says("We are busy right now. Nothing was changed; try again in a moment."),
        "{}",
        page.text()
    );
    assert!(!page.header("retry-after").is_empty());
    assert_eq!(
        (answer.status, answer.problem()),
        (StatusCode::SERVICE_UNAVAILABLE, "busy")
    );
    assert!(answer.headers.contains_key("retry-after"));
    tx.rollback().await.unwrap();
    assert_eq!(house.one::<i64>("select count(*) from bookings").await, 0);
    thandeka
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_five_who_ask_for_any_desk_two_get_one_each() {
    // case G9
    let house = House::open().await;
    let mut programs = Vec::new();
    for name in house.crowd(5).await {
        programs.push(house.api(&name).await);
    }
    let any = json!({"location": "musgrave", "kind": "hot_desk", "from": "2026-11-24T09:00", "until": "2026-11-24T10:00"});
    let answers = all(programs.into_iter().map(|api| {
        let any = any.clone();
        async move { api.post("/bookings", &any).await }
    }))
    .await;
    let mut desks: Vec<&str> = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .filter_map(|answer| answer.json["space"].as_str())
        .collect();
    desks.sort_unstable();
    assert_eq!(desks, ["desk-1", "desk-2"]);
    let refused: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status != StatusCode::CREATED)
        .collect();
    assert_eq!(refused.len(), 3);
    for answer in refused {
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::CONFLICT, "taken"),
            "{answer:?}"
        );
    }
    assert_eq!(deadlocks(&house).await, 0);
}

#[tokio::test]
async fn any_desk_leaves_the_smallest_gap() {
    // case F1, case F2
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let any = async |from: &str, until: &str| {
        let wish = json!({"location": "musgrave", "kind": "hot_desk", "from": format!("2026-11-24T{from}"), "until": format!("2026-11-24T{until}")});
        let answer = api.post("/bookings", &wish).await;
        answer.json["space"]
            .as_str()
            .unwrap_or(answer.problem())
            .to_owned()
    };
    let first = any("09:00", "10:00").await;
    assert_eq!(
        any("10:00", "11:00").await,
        first,
        "beside the other, not on a new desk"
    );
    assert_ne!(any("09:00", "11:00").await, first);
    assert_eq!(any("10:30", "11:30").await, "taken");
}
