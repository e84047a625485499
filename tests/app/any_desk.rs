//! Any desk: the one that fits best, and one each for those who ask at once.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Answer, Api, House};

async fn any(api: &Api, from: &str, until: &str) -> Answer {
    let wish = json!({
        "location": "musgrave", "kind": "hot_desk",
        "from": format!("2026-11-25T{from}"), "until": format!("2026-11-25T{until}"),
    });
    api.post("/bookings", &wish).await
}

#[tokio::test]
async fn a_third_of_two_desks_is_refused() {
    // case F1
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let first = any(&api, "09:00", "11:00").await;
    let second = any(&api, "10:00", "12:00").await;
    assert_ne!(first.json["space"], second.json["space"]);
    let third = any(&api, "10:30", "11:30").await;
    assert_eq!(third.status, StatusCode::CONFLICT);
    assert_eq!(
        third.json["detail"],
        "The last one was just taken. Choose another time or location."
    );
    assert_eq!(
        any(&api, "12:00", "13:00").await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn the_smallest_gap_is_taken() {
    // case F2
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let first = any(&api, "09:00", "10:00").await;
    let second = any(&api, "10:00", "11:00").await;
    assert_eq!(first.json["space"], second.json["space"], "{second:?}");
    let both_hours = any(&api, "09:00", "11:00").await;
    assert_eq!(both_hours.status, StatusCode::CREATED, "{both_hours:?}");
    assert_ne!(both_hours.json["space"], first.json["space"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_at_once_get_two_desks_and_a_clear_no() {
    // case G9
    let house = House::open().await;
    house.crowd(12).await;
    for round in 0..4 {
        let mut asked = tokio::task::JoinSet::new();
        for number in 0..3 {
            let api = house
                .api(&format!("member-{}", round * 3 + number + 1))
                .await;
            let hours = [
                format!("{:02}:00", 8 + round),
                format!("{:02}:00", 9 + round),
            ];
            asked.spawn(async move { any(&api, &hours[0], &hours[1]).await });
        }
        let answers = asked.join_all().await;
        let desks: BTreeSet<String> = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::CREATED)
            .map(|answer| answer.json["space"].to_string())
            .collect();
        assert_eq!(desks.len(), 2, "{answers:?}");
        let refused = answers.iter().filter(|answer| answer.problem() == "taken");
        assert_eq!(refused.count(), 1, "{answers:?}");
    }
}
