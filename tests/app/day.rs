//! The day's timeline, and what it is told as the house changes.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use connect_space::{app, clock::Clock, database, server};
use reqwest::{Method, StatusCode};
use tokio::time::timeout;

use crate::support::{House, Person, full_day};

const DAY: &str = "2026-11-24";

#[tokio::test]
async fn the_day_shows_bookings_gaps_and_closures_as_links_and_words() {
    let house = House::open().await;
    house
        .run("insert into closures (id, location_id, space_id, during, reason, wording)
              select gen_random_uuid(), location_id, id, tstzrange('2026-11-24 12:00Z', '2026-11-24 14:00Z'), 'x', 'The carpet is cleaned.'
              from spaces where slug = 'lighthouse'")
        .await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("dune", DAY, "09:00", "10:00").await;
    let nomsa = house.member("nomsa").await;
    let day = nomsa
        .get(&format!("/admin/day?location=musgrave&date={DAY}"))
        .await;
    assert!(
        day.links()
            .contains(&format!("/admin/bookings/{reference}")),
        "{:?}",
        day.links()
    );
    // Dune needs a quarter of an hour after each, so the gaps end and begin with that.
    for (from, until) in [("07%3A00", "08%3A45"), ("10%3A15", "19%3A00")] {
        let gap = format!("/admin/bookings/new?space=dune&date={DAY}&from={from}&until={until}");
        assert!(day.links().contains(&gap), "{gap}: {:?}", day.links());
    }
    assert!(day.says("The carpet is cleaned."), "{}", day.text());
    let around =
        format!("/admin/bookings/new?space=lighthouse&date={DAY}&from=16%3A00&until=19%3A00");
    assert!(day.links().contains(&around), "{:?}", day.links());
    assert!(day.says("1 booking"), "{}", day.text());
    assert!(!day.html.contains("R200"), "no money on the counter");
    let lane = nomsa
        .get(&format!(
            "/admin/day?location=musgrave&date={DAY}&space=dune"
        ))
        .await;
    assert!(
        lane.says("09:00–10:00") && lane.says("Thandeka Mkhize"),
        "{}",
        lane.text()
    );
    let closed = nomsa
        .get("/admin/day?location=musgrave&date=2026-11-29")
        .await;
    assert!(closed.says("Closed"), "{}", closed.text());
    assert_eq!(
        nomsa
            .get("/admin/day?location=musgrave&space=nothing")
            .await
            .status,
        StatusCode::NOT_FOUND
    );

    house.app.clock.shift(TimeDelta::minutes(165));
    let now = nomsa.get("/admin/day?location=musgrave").await;
    assert!(
        now.says("1 late") && now.says("Late Thandeka Mkhize, due 09:00"),
        "{}",
        now.text()
    );
    let past = format!("/admin/bookings/new?space=pier&date={DAY}&from=09%3A15&until=19%3A00");
    assert!(now.links().contains(&past), "{:?}", now.links());
}

/// Forty spaces with three hundred bookings: as many queries as with none, and soon.
#[tokio::test]
async fn a_full_day_is_read_at_once() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let path = format!("/admin/day?location=musgrave&date={DAY}");
    let empty = nomsa.get(&path).await;
    assert_eq!(empty.status, StatusCode::OK);
    full_day::fill(&house).await;
    let full = nomsa.get(&path).await;
    assert!(full.says("300 bookings"), "{}", full.text());
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        nomsa.get(&path).await;
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "a day of 40 spaces and 300 bookings: {:?}, {} bytes",
        times[2],
        full.html.len()
    );
    assert!(times[2] < Duration::from_secs(2), "{times:?}");
}

#[tokio::test]
async fn letters_are_switched_off_for_one_person() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    assert!(
        nomsa
            .get("/admin/day")
            .await
            .html
            .contains("data-letters=\"on\"")
    );
    let off = nomsa.post("/admin/keys", &[("letters", "off")]).await;
    assert!(nomsa.follow(&off).await.says("Letters do nothing now"));
    assert!(
        nomsa
            .get("/admin/day")
            .await
            .html
            .contains("data-letters=\"off\"")
    );
}

/// Reads a stream until it says something.
struct Stream(reqwest::Response, String);

impl Stream {
    async fn open(person: &Person, path: &str) -> Stream {
        let answer = person
            .request(Method::GET, path)
            .header("accept-encoding", "gzip, br")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert!(!answer.headers().contains_key("content-encoding"));
        let mut stream = Stream(answer, String::new());
        assert!(stream.hears("retry:", 2_000).await);
        stream
    }

    /// Whether it says that within so many milliseconds.
    async fn hears(&mut self, words: &str, within: u64) -> bool {
        let listening = async {
            while !self.1.contains(words) {
                match self.0.chunk().await {
                    Ok(Some(chunk)) => self.1.push_str(&String::from_utf8_lossy(&chunk)),
                    _ => return false,
                }
            }
            true
        };
        let heard = timeout(Duration::from_millis(within), listening).await;
        let heard = heard.unwrap_or(false);
        self.1.clear();
        heard
    }
}

#[tokio::test]
async fn open_pages_hear_of_a_booking_within_a_second_and_of_nothing_else() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let thandeka = house.member("thandeka").await;
    let mut day = Stream::open(&nomsa, "/live?desk=1&location=musgrave&date=2026-11-24").await;
    let mut tomorrow = Stream::open(&nomsa, "/live?desk=1&location=musgrave&date=2026-11-25").await;
    let mut paris = Stream::open(&nomsa, "/live?desk=1&location=paris&date=2026-11-24").await;
    let mut home = Stream::open(&house.visitor(), "/live").await;
    let mut pier = Stream::open(&house.visitor(), "/live?space=pier&date=2026-11-24").await;
    let mut dune = Stream::open(&house.visitor(), "/live?space=dune&date=2026-11-24").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let start = Instant::now();
    thandeka.hold("pier", DAY, "09:00", "10:00").await;
    assert!(day.hears("event: change", 1_000).await);
    println!(
        "heard {:?} after the booking was asked for",
        start.elapsed()
    );
    assert!(home.hears("event: change", 1_000).await && pier.hears("event: change", 1_000).await);
    let (one, two, three) = tokio::join!(
        tomorrow.hears("event: change", 400),
        paris.hears("event: change", 400),
        dune.hears("event: change", 400)
    );
    assert!(!one && !two && !three);
}

#[tokio::test]
async fn streams_tell_nobody_anything_of_anybody() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let visitor = house.visitor();
    // What was let in never ends, so nothing but how it begins is read.
    let begins = async |person: &Person, path: &str| {
        let asked = person.request(Method::GET, path).send();
        let answer = timeout(Duration::from_secs(5), asked).await;
        answer.expect("it begins at once").unwrap().status()
    };
    for (person, path) in [
        (&visitor, "/live?desk=1&location=musgrave"),
        (&thandeka, "/live?desk=1"),
        (&visitor, "/live?space=nothing"),
    ] {
        assert_eq!(begins(person, path).await, StatusCode::NOT_FOUND, "{path}");
    }
    let answer = visitor.request(Method::GET, "/live").send().await.unwrap();
    let mut stream = Stream(answer, String::new());
    tokio::time::sleep(Duration::from_millis(300)).await;
    thandeka.hold("pier", DAY, "09:00", "10:00").await;
    let mut said = String::new();
    while !said.contains("event: change\ndata:\n\n") {
        let chunk = timeout(Duration::from_secs(2), stream.0.chunk())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        said.push_str(&String::from_utf8_lossy(&chunk));
    }
    for line in said.lines().filter(|line| !line.is_empty()) {
        assert!(
            ["retry: 1000", "event: change", "data:", ":"].contains(&line),
            "{line}"
        );
    }
}

#[tokio::test]
async fn whoever_works_here_no_longer_hears_no_more() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let mut day = Stream::open(&nomsa, "/live?desk=1&location=musgrave").await;
    house.run("delete from staff where member_id = (select id from members where email = 'nomsa@example.com')").await;
    let start = Instant::now();
    assert!(day.hears("event: bye", 5_000).await);
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(
        matches!(
            timeout(Duration::from_secs(2), day.0.chunk()).await,
            Ok(Ok(None))
        ),
        "it is over"
    );
}

#[tokio::test]
async fn a_stream_gives_its_place_back_and_a_lost_database_is_made_up_for() {
    let house = House::open().await;
    let nomsa = house.member("nomsa").await;
    let mut day = Stream::open(&nomsa, "/live?desk=1&location=musgrave").await;
    assert_eq!(house.app.live.streams(), 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    house
        .run(
            "select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and application_name like '%listener'",
        )
        .await;
    assert!(
        day.hears("event: change", 5_000).await,
        "it is told that it may have missed something"
    );
    drop(day);
    let start = Instant::now();
    while house.app.live.streams() > 0 {
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "its place is still taken"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A second program on the same database.
#[tokio::test]
async fn it_is_heard_in_every_program() {
    let house = House::open().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let other = app::App {
        db: database::pool(house.database.as_site(), 2),
        clock: Clock::fixed(house.app.clock.now()),
        live: connect_space::live::Live::default(),
        ..house.app.clone()
    };
    tokio::spawn(
        other
            .live
            .clone()
            .run(database::direct(house.database.as_site())),
    );
    let (router, lifecycle) = (app::router(other.clone()), other.lifecycle.clone());
    tokio::spawn(async move { server::serve(&listener, router, &lifecycle).await });
    let elsewhere = Person::new(&url);
    elsewhere.sign_in_as(&other, "nomsa@example.com").await;
    let mut day = Stream::open(&elsewhere, "/live?desk=1&location=musgrave&date=2026-11-24").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka.book("pier", DAY, "09:00", "10:00").await;
    assert!(day.hears("event: change", 1_000).await);
    let there = elsewhere
        .get("/admin/day?location=musgrave&date=2026-11-24")
        .await;
    assert!(there.html.contains(&reference), "{}", there.text());
}
