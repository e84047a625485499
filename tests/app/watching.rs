//! What watches over the program reads: numbers that are right, at an address that is not public.

use connect_space::{gauges, server};
use reqwest::StatusCode;
use tokio::net::TcpListener;

use crate::support::House;

/// What is told at an address of its own, read anew.
async fn told(house: &House) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/metrics", listener.local_addr().unwrap());
    let (router, lifecycle) = (
        gauges::router(house.app.clone()),
        house.app.lifecycle.clone(),
    );
    tokio::spawn(async move { server::serve(&listener, router, &lifecycle).await });
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    answer.text().await.unwrap()
}

/// A line's number, by its beginning.
fn number(text: &str, line: &str) -> f64 {
    text.lines()
        .find_map(|told| told.strip_prefix(line)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("no {line} in {text}"))
        .parse()
        .unwrap()
}

#[tokio::test]
async fn numbers_tell_what_happened_and_how_the_house_stands() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka.hold("pier", "2026-11-26", "09:00", "10:00").await;
    assert_eq!(number(&told(&house).await, "connect_space_holds"), 1.0);
    thandeka.confirm(&held).await;
    thandeka.get("/spaces/pier").await;
    thandeka.get("/nothing/here").await;
    let before = told(&house).await;
    assert!(number(&before, "connect_space_jobs_due") >= 1.0);
    assert_eq!(house.deliver_mail().await, 1);
    let text = told(&house).await;
    for (line, least) in [
        (
            "connect_space_requests_total{method=\"GET\",route=\"/spaces/{slug}\",status=\"200\"}",
            1.0,
        ),
        (
            "connect_space_requests_total{method=\"GET\",route=\"no route\",status=\"404\"}",
            1.0,
        ),
        (
            "connect_space_requests_total{method=\"POST\",route=\"/bookings\",status=\"303\"}",
            1.0,
        ),
        (
            "connect_space_request_duration_seconds_count{method=\"GET\",route=\"/spaces/{slug}\"}",
            1.0,
        ),
        (
            "connect_space_job_attempts_total{kind=\"booking_confirmed\",outcome=\"done\"}",
            1.0,
        ),
        ("connect_space_mails_total{outcome=\"done\"}", 1.0),
        ("connect_space_database_up", 1.0),
        ("connect_space_database_connections", 1.0),
        ("connect_space_database_connections_most", 4.0),
        ("connect_space_ready", 1.0),
        ("process_resident_memory_bytes", 1e6),
        ("process_cpu_seconds_total", 0.0),
    ] {
        assert!(
            number(&text, line) >= least,
            "{line}: {}",
            number(&text, line)
        );
    }
    for (line, exactly) in [
        ("connect_space_holds", 0.0),
        ("connect_space_bookings_ahead", 1.0),
        ("connect_space_jobs_due", 0.0),
        ("connect_space_jobs_failed", 0.0),
        ("connect_space_overlaps", 0.0),
        ("connect_space_live_streams", 0.0),
    ] {
        assert_eq!(number(&text, line), exactly, "{line}");
    }
    assert_eq!(text.matches("# EOF").count(), 1);
    for private in ["thandeka", "CS-", "pier"] {
        assert!(!text.contains(private), "{private}");
    }
}

#[tokio::test]
async fn check_45_they_are_not_for_the_public() {
    let house = House::open().await;
    for person in [house.visitor(), house.member("thandeka").await] {
        for path in [
            "/metrics",
            "/debug",
            "/debug/pprof",
            "/.git/config",
            "/.env",
        ] {
            assert_eq!(
                person.get(path).await.status,
                StatusCode::NOT_FOUND,
                "{path}"
            );
        }
    }
}

/// Were the constraints gone, the number would say so: it looks for itself.
#[tokio::test]
async fn an_overlap_would_be_seen() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka.book("pier", "2026-11-26", "09:00", "10:00").await;
    house
        .run(
            "alter table occupancies drop constraint occupancies_never_overlap;
             alter table part_occupancies drop constraint parts_never_overlap;
             insert into occupancies (id, space_id, booking_id, active, during, occupies)
             select gen_random_uuid(), space_id, booking_id, active, during, occupies from occupancies",
        )
        .await;
    assert!(number(&told(&house).await, "connect_space_overlaps") >= 1.0);
}

#[tokio::test]
async fn without_a_database_nothing_is_made_up() {
    let house = House::open().await;
    house.app.db.close().await;
    let text = told(&house).await;
    assert_eq!(number(&text, "connect_space_database_up"), 0.0);
    assert!(number(&text, "connect_space_overlaps").is_nan());
}

#[tokio::test]
async fn what_breaks_says_by_which_number_it_is_found() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    house
        .run("alter table bookings rename column title to name_of_it")
        .await;
    let page = thandeka.get("/bookings").await;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    let number = page.header("x-request-id");
    assert!(number.len() == 11 && page.says(number), "{}", page.text());
    let missing = thandeka.get("/nothing").await;
    assert!(!missing.says(missing.header("x-request-id")));
}
