//! The machine is lost: what was copied comes back, up to the last moment or to one before a mistake.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use connect_space::clock::Clock;
use reqwest::StatusCode;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::sleep;

use crate::support::{Api, program, program::Program};

/// Folders that PostgreSQL's user may enter, gone with this.
struct Room(PathBuf);

impl Room {
    fn new() -> Room {
        let folder =
            std::env::temp_dir().join(format!("connect-space-drill-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Room(folder)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn script(name: &str, words: &[&str], room: &Room, data: &Path) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("bin").join(name));
    command
        .args(words)
        .env("DATA_DIR", data)
        .env("BACKUP_DIR", room.at("copies"))
        .env_remove("BACKUP_URL");
    command
}

fn done(mut command: Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = String::from_utf8_lossy(&stderr).into_owned() + &String::from_utf8_lossy(&stdout);
    assert!(status.success(), "{said}");
    said
}

struct Follower(Child);

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// As root of the private PostgreSQL.
async fn superuser(data: &Path) -> PgConnection {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(data.join("postgres/socket"))
        .username("postgres")
        .database("connect_space");
    PgConnection::connect_with(&options).await.unwrap()
}

async fn token(data: &Path) -> String {
    let made = program::command(&["token", "add", "--email", "thandeka@example.com"])
        .env("DATA_DIR", data)
        .output()
        .unwrap();
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// Books the n-th quarter of an hour from five days ahead on in a room that is open around the clock, and says the
/// reference that was acknowledged.
async fn book(api: &Api, number: u32) -> String {
    let start = (Clock::system().now() + chrono::Days::new(5)).date_naive();
    let start =
        start.and_hms_opt(8, 0, 0).unwrap() + chrono::TimeDelta::minutes(15) * number as i32;
    let (from, until) = (start, start + chrono::TimeDelta::minutes(15));
    let wish = json!({"space": "seine", "people": 1,
        "from": from.format("%Y-%m-%dT%H:%M").to_string(), "until": until.format("%Y-%m-%dT%H:%M").to_string()});
    let answer = api.post("/bookings", &wish).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json["reference"].as_str().unwrap().to_owned()
}

/// Which of the references a restored copy has, and how long it took until it served them.
async fn restored(
    room: &Room,
    name: &str,
    words: &[&str],
    token: &str,
    all: &[String],
) -> (Vec<bool>, Duration) {
    let begun = Instant::now();
    let data = room.at(name);
    done(script("restore", words, room, &data));
    let site = Program::serve_folder(&data, &[]).await;
    let took = begun.elapsed();
    let api = Api::new(&site.url, token);
    let mut there = Vec::new();
    for reference in all {
        let answer = api.get(&format!("/bookings/{reference}")).await;
        there.push(answer.status == StatusCode::OK);
    }
    // It goes on from there: the next one can be booked.
    book(&api, 90).await;
    (there, took)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_comes_back_and_so_does_any_moment() {
    let room = Room::new();
    let data = room.at("lost");
    let mut site = Program::serve_folder(&data, &[]).await;
    let mut postgres = superuser(&data).await;
    postgres
        .execute(sqlx::raw_sql(include_str!("../support/house.sql")))
        .await
        .unwrap();
    let token = token(&data).await;
    let api = Api::new(&site.url, &token);
    let mut acknowledged = vec![book(&api, 0).await];

    let follower = script("backup", &["follow"], &room, &data)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let follower = Follower(follower);
    while std::fs::read_dir(room.at("copies/wal")).map_or(0, |files| files.count()) == 0 {
        sleep(Duration::from_millis(20)).await;
    }
    let said = done(script("backup", &["base"], &room, &data));
    assert!(said.contains("is whole"), "{said}");
    for number in 1..30 {
        acknowledged.push(book(&api, number).await);
    }
    sleep(Duration::from_millis(300)).await;
    let moment: String = sqlx::query_scalar("select now()::text")
        .fetch_one(&mut postgres)
        .await
        .unwrap();
    sleep(Duration::from_millis(300)).await;
    for number in 30..60 {
        acknowledged.push(book(&api, number).await);
    }

    // The power goes, and the disk with it.
    let last = Instant::now();
    let pid = std::fs::read_to_string(data.join("postgres/data/postmaster.pid")).unwrap();
    site.kill();
    let killed = Command::new("kill")
        .args(["-9", pid.lines().next().unwrap()])
        .status();
    assert!(killed.unwrap().success());
    drop(follower);
    drop(postgres);
    sleep(Duration::from_millis(500)).await;
    std::fs::remove_dir_all(&data).unwrap();

    let (there, took) = restored(&room, "found", &[], &token, &acknowledged).await;
    let lost = there.iter().filter(|there| !**there).count();
    println!(
        "recovery: {lost} of {} acknowledged bookings lost, served again after {took:.1?} ({:.1?} after the last)",
        acknowledged.len(),
        last.elapsed()
    );
    // What is acknowledged is on its way to the copy, which is some milliseconds behind.
    assert!(lost <= 1, "{there:?}");
    assert!(
        there[..59].iter().all(|there| *there),
        "only the very last may be missing: {there:?}"
    );
    assert!(took < Duration::from_secs(60), "{took:?}");

    let (there, took) = restored(&room, "before", &["--to", &moment], &token, &acknowledged).await;
    println!("recovery to a moment: served after {took:.1?}");
    assert!(
        there[..30].iter().all(|there| *there),
        "all before it: {there:?}"
    );
    assert!(
        there[30..].iter().all(|there| !*there),
        "and none after: {there:?}"
    );

    let refused = script("restore", &[], &room, &room.at("found"))
        .output()
        .unwrap();
    assert!(!refused.status.success(), "nothing is written over");
    done(script("backup", &["tidy"], &room, &data));
}
