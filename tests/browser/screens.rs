//! A screen at a door whose network goes away and comes back, as behind a wall that somebody moved.

use chrono::TimeDelta;
use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::browser::Browser;
use crate::support::House;

/// What the screen is plugged into.
struct Cable {
    url: String,
    is_cut: watch::Sender<bool>,
}

impl Cable {
    async fn to(house: &House) -> Cable {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let there = format!("127.0.0.1:{}", house.app.config.port);
        let is_cut = watch::Sender::new(false);
        let watched = is_cut.clone();
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let (there, mut cut) = (there.clone(), watched.subscribe());
                tokio::spawn(async move {
                    if *cut.borrow_and_update() {
                        return;
                    }
                    let mut there = TcpStream::connect(there).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut here, &mut there) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Cable { url, is_cut }
    }
}

const HAS_KEPT: &str = "
    const done = arguments[arguments.length - 1];
    caches.open('door').then((kept) => kept.keys()).then((keys) => {
        const paths = keys.map((one) => new URL(one.url).pathname);
        done(paths.includes('/display/door') && paths.some((path) => path.endsWith('door.css')));
    });";
const TRIES: &str = "dispatchEvent(new Event(arguments[0])); return true;";
const IS_DRESSED: &str =
    "return getComputedStyle(document.querySelector('.door')).display === 'grid'";
/// The clock on the wall goes on, though nothing is heard.
const LATER: &str =
    "const real = Date.now; Date.now = () => real() + arguments[0] * 60000; return true;";
const IS_AWAY: &str = "return !document.getElementById('away').hidden";

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_goes_on_without_a_network_and_recovers_by_itself() {
    let house = House::open().await;
    house
        .run("insert into displays (id, token_hash, space_id, name, shows_titles, made_by)
              select gen_random_uuid(), sha256('door'), s.id, 'Door', true, m.id from spaces s, members m
              where s.slug = 'pier' and m.email = 'nomsa@example.com'")
        .await;
    house
        .member("thandeka")
        .await
        .book("pier", "2026-11-24", "09:00", "10:00")
        .await;
    house.app.clock.shift(TimeDelta::minutes(64));
    let browser = Browser::open(&house).await;
    let cable = Cable::to(&house).await;
    let address = format!("{}/display/door", cable.url);
    browser.driver.goto(&address).await.unwrap();
    browser.see("until 09:00").await;
    let kept = async || browser.ask_later::<bool>(HAS_KEPT, json!(null)).await;
    browser.wait_for("the page is kept", kept).await;

    cable.is_cut.send_replace(true);
    browser.ask::<bool>(TRIES, json!("offline")).await;
    browser
        .see("No connection. This is what was known at 07:34.")
        .await;
    // Switched off and on again in the dark, it shows what it knew, dressed as before.
    browser.driver.refresh().await.unwrap();
    browser.see("until 09:00").await;
    browser
        .see("No connection. This is what was known at 07:34.")
        .await;
    assert!(browser.ask::<bool>(IS_DRESSED, json!(null)).await);
    assert!(!browser.says("30 min").await, "nothing can be pressed");
    browser.ask::<bool>(LATER, json!(95)).await;
    browser.see("Reserved until 10:00").await;
    browser.ask::<bool>(LATER, json!(60)).await;
    browser.see("until 19:00").await;
    browser.ask::<bool>(LATER, json!(12 * 60)).await;
    browser.see("Closed").await;
    let is_dim = async || browser.is_there(".night").await;
    browser.wait_for("it is dim at night", is_dim).await;

    cable.is_cut.send_replace(false);
    browser.ask::<bool>(TRIES, json!("online")).await;
    let is_back = async || !browser.ask::<bool>(IS_AWAY, json!(null)).await;
    browser.wait_for("it is back", is_back).await;
}
