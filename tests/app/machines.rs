//! Any number of programs on one PostgreSQL: what one counts, all know; who serves need not do the jobs.

use std::sync::Arc;
use std::time::Duration;

use connect_space::{
    app::{self, App},
    config::Config,
    error::Error,
    lifecycle::{Lifecycle, Phase},
    server,
    sessions::limits::Limits,
};
use reqwest::{Method, StatusCode};
use tokio::net::TcpListener;

use crate::support::{House, PASSWORD, Page, Person, program::Program};

/// A second server on the house's database, with nothing in common but that.
pub async fn another(house: &House, proxies: &[&str]) -> Person {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Config {
        port,
        trusted_proxies: proxies.iter().map(|proxy| proxy.parse().unwrap()).collect(),
        ..Config::default()
    };
    let app = App {
        db: connect_space::database::pool(house.database.as_site(), 2),
        config: Arc::new(config),
        limits: Arc::default(),
        lifecycle: Lifecycle::starting(),
        ..house.app.clone()
    };
    app.lifecycle.enter(Phase::Ready);
    let (router, lifecycle) = (app::router(app.clone()), app.lifecycle.clone());
    tokio::spawn(async move { server::serve(&listener, router, &lifecycle).await });
    Person::new(&format!("http://127.0.0.1:{port}"))
}

#[tokio::test]
async fn check_07_wrong_passwords_count_at_all_servers() {
    let house = House::open().await;
    let (here, there) = (house.visitor(), another(&house, &[]).await);
    for round in 0..10 {
        let at = if round % 2 == 0 { &here } else { &there };
        let answer = at.sign_in("thandeka@example.com", "a-wrong-guess").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{round}");
    }
    for at in [&here, &there] {
        let answer = at.sign_in("thandeka@example.com", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn check_07_who_asks_is_what_our_proxies_say_and_nobody_else() {
    let house = House::open().await;
    let proxied = another(&house, &["127.0.0.1"]).await;
    let guess = async |person: &Person, from: &str, password: &str| -> Page {
        let request = person
            .request(Method::POST, "/sign-in")
            .header("x-forwarded-for", from)
            .form(&[("email", "thandeka@example.com"), ("password", password)]);
        person.send(request).await
    };
    for number in 0..10 {
        let made_up = format!("203.0.113.{number}, 198.51.100.7");
        let answer = guess(&proxied, &made_up, "a-wrong-guess").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    }
    let refused = guess(&proxied, "192.0.2.9, 198.51.100.7", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let from_elsewhere = guess(&proxied, "198.51.100.8", PASSWORD).await;
    assert_eq!(
        from_elsewhere.status,
        StatusCode::SEE_OTHER,
        "{}",
        from_elsewhere.text()
    );
    let networks: Vec<String> =
        sqlx::query_scalar("select distinct subject from attempts order by 1")
            .fetch_all(&house.db)
            .await
            .unwrap();
    assert_eq!(
        networks.last().map(String::as_str),
        Some("thandeka@example.com from 198.51.100.7")
    );

    let named = async |person: &Person| {
        let request = person
            .request(Method::GET, "/healthz")
            .header("x-request-id", "of-the-proxy-4711");
        person.send(request).await.header("x-request-id").to_owned()
    };
    assert_eq!(named(&proxied).await, "of-the-proxy-4711");
    assert_ne!(named(&house.visitor()).await, "of-the-proxy-4711");
}

#[tokio::test]
async fn a_token_asks_1200_times_a_minute_at_all_servers_together() {
    let house = House::open().await;
    house.api("thandeka").await;
    house.api("priya").await;
    let tokens: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from api_tokens order by created_at, id")
            .fetch_all(&house.db)
            .await
            .unwrap();
    let minute = "select extract(epoch from date_trunc('minute', now()))::bigint";
    let mut counted = None;
    while counted.is_none() {
        house.run("delete from token_turns").await;
        let servers = [Limits::default(), Limits::default()];
        let begun = house.one::<i64>(minute).await;
        let mut count = 0;
        let refusal = loop {
            let answer = servers[count % 2]
                .api_request(&house.app.db, tokens[0])
                .await;
            if let Err(refusal) = answer {
                break refusal;
            }
            count += 1;
        };
        let others = servers[0].api_request(&house.app.db, tokens[1]).await;
        let again = servers[count % 2]
            .api_request(&house.app.db, tokens[0])
            .await;
        // A new minute began meanwhile: once more.
        if house.one::<i64>(minute).await == begun {
            assert!(
                matches!(refusal, Error::TooMany { seconds: 1..=60 }),
                "{refusal:?}"
            );
            assert!(matches!(again, Err(Error::TooMany { .. })) && others.is_ok());
            counted = Some(count);
        }
    }
    assert_eq!(counted, Some(1_200));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_left_to_those_who_do_them() {
    let house = House::open().await;
    let serving = Program::serve(&house, &["--no-worker"], &[]).await;
    let day = connect_space::clock::Clock::system().now() + chrono::Days::new(5);
    let day = day.date_naive();
    let api = house.api("thandeka").await.at(&serving.url);
    let booked = api
        .book("prairie", &format!("{day}T10:00"), &format!("{day}T11:00"))
        .await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let tried = "select max(attempts) from jobs";
    assert_eq!(house.one::<i32>(tried).await, 0);
    let _working = Program::work(&house).await;
    for _ in 0..200 {
        if house.one::<i32>(tried).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nobody has done the job");
}
