//! Holds at the checkout: for ten minutes, longer once, one for each member.

use reqwest::StatusCode;

use crate::support::House;

const RUN_OUT: &str =
    "update occupancies set held_until = now() - interval '1 second' where held_until is not null;
    update bookings set hold_expires_at = now() - interval '1 second' where status = 'held'";

#[tokio::test]
async fn a_hold_keeps_others_out_until_it_runs_out() {
    // case L6
    let house = House::open().await;
    let (thandeka, sipho) = (house.member("thandeka").await, house.member("sipho").await);
    let held = thandeka
        .hold("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    let page = thandeka.follow(&held).await;
    assert!(
        page.says("Held for you until") && page.says("Book, pay R200 at reception"),
        "{}",
        page.text()
    );
    let refused = sipho
        .hold("lighthouse", "2026-11-24", "09:30", "10:30")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    house.run(RUN_OUT).await;
    let search = house
        .visitor()
        .get("/spaces/lighthouse?by=time&date=2026-11-24&from=09:30&until=10:30")
        .await;
    assert!(
        search.find_form("/bookings").is_some(),
        "free everywhere at once"
    );
    sipho
        .book("lighthouse", "2026-11-24", "09:30", "10:30")
        .await;
    let late = thandeka.post::<&str, &str>(held.location(), &[]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.says("This hold has ended and Lighthouse has been taken since."),
        "{}",
        late.text()
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from ledger_entries")
            .await,
        1
    );
}

#[tokio::test]
async fn a_hold_can_be_confirmed_late_while_it_is_free() {
    // case L6
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    house.run(RUN_OUT).await;
    assert!(
        thandeka
            .get(held.location())
            .await
            .says("The hold has ended. You can still confirm if the time is free.")
    );
    let reference = thandeka.confirm(&held).await;
    assert!(
        thandeka
            .get(&format!("/bookings/{reference}"))
            .await
            .says("You are booked, Thandeka Mkhize")
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from occupancies where active and held_until is null")
            .await,
        1
    );
}

#[tokio::test]
async fn a_hold_that_was_tidied_away_can_be_confirmed_too() {
    // case L6
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    house.run(RUN_OUT).await;
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    assert_eq!(
        house.one::<String>("select status from bookings").await,
        "expired"
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from occupancies where active")
            .await,
        0
    );
    thandeka.confirm(&held).await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from occupancies where active")
            .await,
        1
    );
}

#[tokio::test]
async fn ten_minutes_more_and_only_once() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    let longer = held.location().replace("confirmation", "hold");
    house
        .run("update bookings set hold_expires_at = now() + interval '1 minute'")
        .await;
    let form = thandeka.get(held.location()).await.form(&longer);
    let page = thandeka.follow(&thandeka.submit(&form).await).await;
    assert!(
        page.says("Held for ten minutes more.") && page.find_form(&longer).is_none(),
        "{}",
        page.text()
    );
    let minutes =
        "select round(extract(epoch from b.hold_expires_at - now()) / 60)::bigint from bookings b
                   join occupancies o on o.booking_id = b.id and o.held_until = b.hold_expires_at";
    assert_eq!(house.one::<i64>(minutes).await, 10);
    let refused = thandeka.submit(&form).await;
    assert!(
        thandeka
            .follow(&refused)
            .await
            .says("This hold was made longer once already.")
    );
}

#[tokio::test]
async fn a_new_hold_takes_the_place_of_the_old() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    thandeka
        .hold("lighthouse", "2026-11-24", "09:00", "10:00")
        .await;
    let own = thandeka
        .hold("lighthouse", "2026-11-24", "09:30", "10:30")
        .await;
    assert_eq!(
        own.status,
        StatusCode::SEE_OTHER,
        "one's own hold is not in the way: {}",
        own.text()
    );
    thandeka.hold("pier", "2026-11-24", "09:00", "10:00").await;
    assert_eq!(
        house
            .one::<i64>("select count(*) from bookings where takes_space")
            .await,
        1
    );
    house
        .member("sipho")
        .await
        .book("lighthouse", "2026-11-24", "09:00", "11:00")
        .await;
}

#[tokio::test]
async fn holds_run_by_the_databases_clock_and_rules_by_ours() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let held = thandeka
        .hold("lighthouse", "2026-11-24", "11:00", "12:00")
        .await;
    house.app.clock.shift(chrono::TimeDelta::hours(2));
    assert!(
        thandeka
            .get(held.location())
            .await
            .says("Nobody else can take it till then."),
        "two hours by our clock, none by the database's"
    );
    let other = house
        .member("sipho")
        .await
        .hold("lighthouse", "2026-11-24", "11:00", "12:00")
        .await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    let past = house
        .member("sipho")
        .await
        .hold("lighthouse", "2026-11-24", "08:00", "09:00")
        .await;
    assert!(past.says("That time has passed."), "{}", past.text());
}

#[tokio::test]
async fn who_took_the_time_in_another_tab_is_led_there() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let hold = async || {
        thandeka
            .hold("lighthouse", "2026-11-26", "09:00", "10:00")
            .await
    };
    let (first, second) = (hold().await, hold().await);
    assert_ne!(first.location(), second.location());
    let late = thandeka.post::<&str, &str>(first.location(), &[]).await;
    assert_eq!(late.status, StatusCode::SEE_OTHER, "{}", late.text());
    assert_eq!(late.location(), second.location());
    let there = thandeka.follow(&late).await;
    assert!(
        there.says("You took this time meanwhile"),
        "{}",
        there.text()
    );
}
