//! Mails, kept or sent to a real mail server.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use connect_space::app::App;
use connect_space::mail::Mailer;
use connect_space::worker;
use serde_json::Value;
use uuid::Uuid;

use crate::support::House;

#[tokio::test]
async fn a_mail_that_is_written_twice_is_kept_once() {
    let house = House::open().await;
    let reference = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    house.deliver_mail().await;
    house.run("update jobs set done_at = null").await;
    assert_eq!(
        house.deliver_mail().await,
        1,
        "the worker died before it noted that it was done"
    );
    let mails = house.mails("thandeka@example.com").await;
    assert_eq!(mails.len(), 1);
    assert!(mails[0].text.contains(&reference), "{}", mails[0].text);
    assert!(
        mails[0]
            .calendar
            .as_ref()
            .unwrap()
            .contains("METHOD:REQUEST")
    );
}

#[tokio::test]
async fn a_cancellation_takes_the_event_off_the_calendar() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    house.deliver_mail().await;
    thandeka
        .post(
            &format!("/bookings/{reference}/cancellation"),
            &[("note", "")],
        )
        .await;
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    let line = |mail: usize, start: &str| -> String {
        let calendar = mails[mail].calendar.as_ref().unwrap();
        calendar
            .lines()
            .find(|line| line.starts_with(start))
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        (line(1, "METHOD"), line(1, "SEQUENCE")),
        ("METHOD:REQUEST".to_owned(), "SEQUENCE:0".to_owned())
    );
    assert_eq!(
        (line(0, "METHOD"), line(0, "SEQUENCE")),
        ("METHOD:CANCEL".to_owned(), "SEQUENCE:1".to_owned())
    );
    assert_eq!(line(0, "UID"), line(1, "UID"));
    assert!(
        mails[0].subject.starts_with("Cancelled: Lighthouse"),
        "{}",
        mails[0].subject
    );
}

/// A mail server that keeps what it gets, and stops with this.
struct Sink {
    folder: PathBuf,
    port: u16,
    server: Child,
}

impl Sink {
    fn start(name: &str) -> Sink {
        let folder =
            std::env::temp_dir().join(format!("connect-space-mail-{}-{name}", std::process::id()));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/smtp_sink.py");
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(script)
            .arg("--folder")
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut port)
            .unwrap();
        let port = port
            .trim()
            .parse()
            .expect("the sink needs python3-aiosmtpd");
        Sink {
            folder,
            port,
            server,
        }
    }

    fn answers(&self, mode: &str) {
        std::fs::write(self.folder.join("mode"), mode).unwrap();
    }

    fn mails(&self) -> Vec<Value> {
        let listing = std::fs::read_to_string(self.folder.join("mails.jsonl")).unwrap_or_default();
        listing
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The house's site with a mail server.
fn sending_to(house: &House, port: u16) -> App {
    let url = format!("smtp://127.0.0.1:{port}");
    let mailer = Mailer::new(
        Some(&url),
        house.app.config.mail_from(),
        false,
        &house.app.db,
    )
    .unwrap();
    App {
        mailer,
        ..house.app.clone()
    }
}

#[tokio::test]
async fn a_mail_server_gets_the_whole_mail_once() {
    let house = House::open().await;
    let sink = Sink::start("once");
    let app = sending_to(&house, sink.port);
    let reference = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    assert_eq!(worker::drain(&app).await.unwrap(), 1);
    assert_eq!(worker::drain(&app).await.unwrap(), 0);
    let mails = sink.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["to"], serde_json::json!(["thandeka@example.com"]));
    assert_eq!(
        mails[0]["subject"],
        "Booked: Lighthouse, Musgrave, Tue 24 November, 09:00–10:00"
    );
    let kinds: Vec<&str> = mails[0]["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics"
        ]
    );
    assert!(
        mails[0]["parts"][0]["text"]
            .as_str()
            .unwrap()
            .contains(&reference)
    );
}

#[tokio::test]
async fn a_mail_that_was_put_off_is_sent_later_under_the_same_id() {
    let house = House::open().await;
    let sink = Sink::start("later");
    let app = sending_to(&house, sink.port);
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    sink.answers("451");
    assert_eq!(worker::drain(&app).await.unwrap(), 1);
    assert_eq!(sink.mails().len(), 0);
    assert!(
        house
            .one::<String>("select last_error from jobs")
            .await
            .contains("451")
    );
    assert_eq!(house.one::<i32>("select attempts from jobs").await, 1);
    sink.answers("ok");
    house.run("update jobs set run_at = now()").await;
    assert_eq!(worker::drain(&app).await.unwrap(), 1);
    // The worker died after the server had taken it: it goes out again, and looks the same.
    house
        .run("update jobs set done_at = null, leased_until = now() - interval '1 second'")
        .await;
    assert_eq!(worker::drain(&app).await.unwrap(), 1);
    let ids: Vec<String> = sink
        .mails()
        .iter()
        .map(|mail| mail["message_id"].to_string())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    let id: Uuid = house.one("select id from jobs").await;
    assert!(ids[0].contains(&id.to_string()), "{ids:?}");
}

#[tokio::test]
async fn a_mail_server_that_is_away_costs_no_attempt() {
    let house = House::open().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let app = sending_to(&house, port);
    house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    for _ in 0..12 {
        assert_eq!(worker::drain(&app).await.unwrap(), 1);
        house.run("update jobs set run_at = now()").await;
    }
    assert_eq!(
        house.one::<String>("select status from jobs").await,
        "waiting"
    );
    assert!(
        house
            .one::<String>("select last_error from jobs")
            .await
            .contains("cannot be reached")
    );
    let sink = Sink::start("away");
    worker::drain(&sending_to(&house, sink.port)).await.unwrap();
    assert_eq!(sink.mails().len(), 1);
}
