//! What the program writes to its log: a line of JSON for each event, by whose number a request is found, and
//! nothing of anybody.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::support::{Api, House, PASSWORD, Person, key, program::Program};

/// A mail server that refuses everybody and repeats their address while it does.
async fn refusing_mail_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (reader, mut writer) = stream.into_split();
                let mut lines = BufReader::new(reader).lines();
                let _ = writer.write_all(b"220 ready\r\n").await;
                while let Ok(Some(line)) = lines.next_line().await {
                    let answer = match line.get(..4) {
                        Some("RCPT") => format!("550 5.1.1 nobody here: {}\r\n", &line[8..]),
                        Some("QUIT") => "221 bye\r\n".into(),
                        _ => "250 fine\r\n".into(),
                    };
                    if writer.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn check_25_the_log_is_json_by_request_and_holds_nothing_of_anybody() {
    let house = House::open().await;
    let mail = refusing_mail_server().await;
    let settings = [
        ("LOG_FORMAT", "json"),
        ("RUST_LOG", "info,connect_space=debug,sqlx=debug"),
        ("SMTP_URL", mail.as_str()),
        ("MAIL_FROM", "The house <house@desks.example>"),
    ];
    let program = Program::serve(&house, &[], &settings).await;
    let thandeka = Person::new(&program.url);
    let wrong = thandeka
        .sign_in("thandeka@example.com", "a-wrong-guess-of-mine")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let signed_in = thandeka.sign_in("thandeka@example.com", PASSWORD).await;
    assert_eq!(signed_in.status, StatusCode::SEE_OTHER);
    let session = thandeka.cookie("__Host-session").expect("a session");

    let day = connect_space::clock::Clock::system().now() + chrono::Days::new(5);
    let day = day.date_naive().to_string();
    let wish = [
        ("space", "prairie"),
        ("by", "time"),
        ("date", &day),
        ("from", "10:00"),
        ("until", "11:00"),
        ("title", "Ubuntu-secret-workshop"),
        ("key", &key()),
    ];
    let held = thandeka.post("/bookings", &wish).await;
    let reference = thandeka.confirm(&held).await;
    let newcomer = Person::new(&program.url);
    newcomer
        .ask("lindiwe.zulu@example.net", "seine", &day, "10:00", "11:00")
        .await;
    newcomer
        .post("/reset-password", &[("email", "sipho@example.com")])
        .await;
    newcomer.get("/links/a-secret-of-a-link").await;
    newcomer.get("/spaces?q=canary-in-a-query").await;
    let token = house.api("thandeka").await;
    let answer = token.at(&program.url).get("/bookings").await;
    assert_eq!(answer.status, StatusCode::OK);
    Api::new(&program.url, "cs_a-token-that-is-none")
        .get("/bookings")
        .await;
    let agent = thandeka
        .request(Method::GET, "/bookings")
        .header("user-agent", "A browser of Thandeka's");
    let page = thandeka.send(agent).await;
    let number = page.header("x-request-id").to_owned();
    assert!(!number.is_empty());
    for _ in 0..400 {
        if program.log().contains("job failed") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }

    let log = program.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let mine: Vec<_> = lines
        .iter()
        .filter(|line| line["span"]["id"] == number.as_str())
        .collect();
    let told = mine
        .iter()
        .find(|line| line["message"] == "answered")
        .expect("its line");
    assert_eq!(
        (&told["span"]["route"], &told["status"]),
        (&"/bookings".into(), &200.into())
    );
    assert!(told["ms"].as_f64().is_some_and(|ms| ms > 0.0) && told["span"]["method"] == "GET");
    let failed = lines
        .iter()
        .find(|line| line["message"] == "job failed")
        .expect("a job failed");
    let why = failed["error"].as_str().unwrap();
    assert!(
        why.contains("…@example"),
        "the mail server's words, but for the address: {why}"
    );
    for secret in [
        "thandeka",
        "lindiwe",
        "sipho",
        "zulu",
        "000 0009",
        "27820000009",
        "ubuntu-secret",
        "a-wrong-guess",
        "a-secret-of-a-link",
        "canary-in-a-query",
        "a-token-that-is-none",
        "a browser of",
        "\u{1b}",
        PASSWORD,
        &reference.to_lowercase(),
        &session.to_lowercase(),
    ] {
        let at = log.to_lowercase().find(&secret.to_lowercase());
        let line = at.and_then(|at| log.get(at.saturating_sub(200)..at + 100));
        assert_eq!(at, None, "{secret} is in the log: {line:?}");
    }
}
