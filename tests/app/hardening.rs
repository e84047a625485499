//! What holds whoever asks, and however: headers on every answer, and patience that ends.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::House;

const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", "default-src 'none'"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "geolocation=()"),
];

#[tokio::test]
async fn check_12_what_was_meant_for_another_site_is_refused() {
    let house = House::open().await;
    let client = reqwest::Client::new();
    let status = async |path: &str, host: &str| {
        let url = format!("{}{path}", house.url.trim_end_matches('/'));
        let answer = client.get(url).header("host", host).send().await.unwrap();
        answer.status()
    };
    for path in ["/", "/sign-in", "/api/v1/locations", "/static/app.css"] {
        for foreign in ["evil.example", "127.0.0.1.evil.example:3000"] {
            let answer = status(path, foreign).await;
            assert_eq!(answer, StatusCode::MISDIRECTED_REQUEST, "{path} {foreign}");
        }
        for ours in ["127.0.0.1", "localhost:3000", "[::1]:3000"] {
            let answer = status(path, ours).await;
            assert_ne!(answer, StatusCode::MISDIRECTED_REQUEST, "{path} {ours}");
        }
    }
    // Whoever only asks whether we live may call us what they like.
    assert_eq!(status("/healthz", "evil.example").await, StatusCode::OK);
}

#[tokio::test]
async fn check_16_every_answer_has_its_headers() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let asked = [
        (Method::GET, "/", 200),
        (Method::GET, "/bookings", 200),
        (Method::GET, "/nothing", 404),
        (Method::DELETE, "/bookings", 405),
        (Method::GET, "/api/v1/bookings", 401),
        (Method::GET, "/api/v1/nothing", 404),
        (Method::GET, "/static/nothing.css", 404),
        (Method::GET, "/healthz", 200),
    ];
    let mut answers = Vec::new();
    for (method, path, status) in asked {
        let page = thandeka.send(thandeka.request(method, path)).await;
        assert_eq!(page.status.as_u16(), status, "{path}");
        answers.push((path, page));
    }
    answers.push(("a form from elsewhere", {
        let request = thandeka.request(Method::POST, "/sign-out").build().unwrap();
        let mut request = request;
        request.headers_mut().remove("origin");
        request
            .headers_mut()
            .insert("sec-fetch-site", "cross-site".parse().unwrap());
        let answer = reqwest::Client::new().execute(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        crate::support::Page {
            status: answer.status(),
            headers: answer.headers().clone(),
            html: String::new(),
        }
    }));
    house.app.db.close().await;
    answers.push(("without a database", thandeka.get("/bookings").await));
    for (what, page) in &answers {
        for (name, value) in HEADERS {
            assert!(
                page.header(name).contains(value),
                "{what}: {name}: {}",
                page.header(name)
            );
        }
        for needed in [
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(
                page.header("content-security-policy").contains(needed),
                "{what}: {needed}"
            );
        }
    }
    assert!(answers.last().unwrap().1.status.is_server_error());
}

/// What a connection is told after these bytes, until it is closed; at most for so long.
async fn told(url: &str, bytes: &[u8]) -> (String, Duration) {
    let begun = Instant::now();
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let closed = tokio::time::timeout(Duration::from_secs(20), reading).await;
    assert!(closed.is_ok(), "nobody closed it");
    (
        String::from_utf8_lossy(&answer).into_owned(),
        begun.elapsed(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn check_41_patience_with_what_never_ends() {
    let house = House::open().await;
    let mut slow = JoinSet::new();
    for _ in 0..50 {
        let address = house.url.clone();
        slow.spawn(async move { told(&address, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await });
    }
    let begun = Instant::now();
    assert_eq!(house.visitor().get("/healthz").await.status, StatusCode::OK);
    let quick = begun.elapsed();
    let slow = slow.join_all().await;
    for (_, took) in &slow {
        assert!(
            (4..10).contains(&took.as_secs()),
            "a head may take five seconds: {took:?}"
        );
    }
    assert!(
        quick < Duration::from_secs(2),
        "others are answered meanwhile: {quick:?}"
    );

    let large = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n",
        "x".repeat(100_000)
    );
    let (answer, _) = told(&house.url, large.as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 431") || answer.is_empty(),
        "{answer}"
    );
    let thandeka = house.member("thandeka").await;
    let much = thandeka
        .post("/bookings", &[("notes", "x".repeat(3_000_000))])
        .await;
    assert_eq!(much.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn check_44_what_can_be_read_in_two_ways_is_refused() {
    let house = House::open().await;
    for twofold in [
        "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 6\r\n\r\nhello",
        "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
    ] {
        let (answer, _) = told(&house.url, twofold.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{twofold:?}: {answer}");
    }
    let trace = house.visitor();
    let answer = trace.send(trace.request(Method::TRACE, "/spaces")).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}
