//! Two people press Book for the same time at the same moment.

use thirtyfour::By;

use crate::browser::Browser;
use crate::support::House;

const ROOM: &str = "/spaces/umhlanga-lighthouse?date=2026-11-26&from=09:00&until=11:30&people=8";

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_gets_the_time_and_the_other_keeps_what_they_typed() {
    let house = House::sample().await;
    let people = [
        ("Lindiwe Zulu", "lindiwe@example.com"),
        ("Ravi Govender", "ravi@example.com"),
    ];
    let browsers = [Browser::open(&house).await, Browser::open(&house).await];
    for (browser, (name, email)) in browsers.iter().zip(people) {
        browser.goto(ROOM).await;
        browser.fill("name", name).await;
        browser.fill("email", email).await;
        browser.fill("mobile", "082 000 0009").await;
    }
    let [first, second] = &browsers;
    tokio::join!(first.tap("Book 09:00"), second.tap("Book 09:00"));
    for browser in &browsers {
        browser
            .wait_for("an answer", || browser.is_there(".errors, .held"))
            .await;
    }
    let (mut won, mut lost) = (Vec::new(), Vec::new());
    for (browser, person) in browsers.iter().zip(people) {
        let list = if browser.is_there(".held").await {
            &mut won
        } else {
            &mut lost
        };
        list.push((browser, person));
    }
    let ([(winner, (_, winning_email))], [(loser, (name, email))]) =
        (won.as_slice(), lost.as_slice())
    else {
        panic!("{} of two got the time", won.len());
    };
    winner
        .goto(&house.link_mailed_to(winning_email).await)
        .await;
    winner.tap_css("main form .btn.go").await;
    winner.see("You are booked").await;
    winner.see("09:00–11:30").await;

    assert!(loser.says("was just taken").await, "{}", loser.text().await);
    for (field, typed) in [
        ("name", *name),
        ("email", *email),
        ("mobile", "082 000 0009"),
    ] {
        assert_eq!(loser.value(field).await, typed, "{field} was lost");
    }
    assert_eq!(loser.value("people").await, "8");
    let offers = loser
        .driver
        .find_all(By::Css("[name=instead]"))
        .await
        .unwrap();
    assert!(!offers.is_empty(), "nothing is offered instead");
    let nearest = offers[0].text().await.unwrap();
    let (when, price) = nearest.rsplit_once(", ").expect("it says the price");
    assert!(
        when.starts_with("Free ") && price.starts_with('R'),
        "{nearest}"
    );
    let (_, times) = when.rsplit_once(", ").expect("it says the time");
    loser.tap(&nearest).await;
    loser.see("Look into your mail").await;
    loser.see(times).await;
    winner.goto(&house.link_mailed_to(email).await).await;
    winner.see(times).await;
}
