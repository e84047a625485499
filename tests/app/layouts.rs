//! Rooms that can be set up in several ways, each with its seats.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{House, key};

async fn house() -> House {
    let house = House::open().await;
    house
        .run(
            r#"update spaces set seats = 24, layouts = '{"boardroom": 12, "classroom": 16, "theatre": 24}'
               where slug = 'lighthouse'"#,
        )
        .await;
    house
}

#[tokio::test]
async fn people_are_counted_against_the_layout() {
    // case F5
    let house = house().await;
    let api = house.api("thandeka").await;
    let ask = async |people: i32, layout: &str| {
        let wish = json!({
            "space": "lighthouse", "from": "2026-11-25T09:00", "until": "2026-11-25T10:00",
            "people": people, "layout": layout,
        });
        api.post("/bookings", &wish).await
    };
    let refused = ask(20, "boardroom").await;
    assert_eq!(refused.problem(), "too-many-people");
    assert_eq!(
        refused.json["detail"],
        "Lighthouse seats 12 as boardroom. For 20 choose theatre (24)."
    );
    assert_eq!(
        ask(14, "boardroom").await.json["detail"],
        "Lighthouse seats 12 as boardroom. For 14 choose classroom (16) or theatre (24)."
    );
    assert_eq!(
        ask(25, "theatre").await.json["detail"],
        "Lighthouse seats 24. Choose 24 or fewer."
    );
    assert_eq!(
        ask(4, "cabaret").await.json["detail"],
        "Lighthouse is set up as boardroom (12) or classroom (16) or theatre (24). Choose one of these."
    );
    assert_eq!(ask(4, "hammocks").await.problem(), "no-such-layout");
    let booked = ask(16, "classroom").await;
    assert_eq!(booked.status, StatusCode::CREATED, "{booked:?}");
    assert_eq!(booked.json["layout"], "classroom");
}

#[tokio::test]
async fn the_page_asks_and_the_mail_says_it() {
    let house = house().await;
    let member = house.member("thandeka").await;
    let address = "/spaces/lighthouse?date=2026-11-25&from=09:00&until=10:00";
    let page = member.get(&format!("{address}&people=14")).await;
    for words in ["Set up as", "Boardroom, seats 12", "Theatre, seats 24"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    // The smallest that seats them is meant until another is chosen.
    let ask = page.form("/spaces/lighthouse");
    assert_eq!(ask.get("layout"), "classroom");
    let refused = member
        .get(&format!("{address}&people=14&layout=boardroom"))
        .await;
    assert!(
        refused.says(
            "Lighthouse seats 12 as boardroom. For 14 choose classroom (16) or theatre (24)."
        ),
        "{}",
        refused.text()
    );
    let page = member
        .get(&format!("{address}&people=14&layout=theatre"))
        .await;
    let held = member.submit(&page.form("/bookings")).await;
    assert!(member.follow(&held).await.says("for 14 people, theatre"));
    let reference = member.confirm(&held).await;
    let api = house.api("thandeka").await;
    let booking = api.get(&format!("/bookings/{reference}")).await;
    assert_eq!(booking.json["layout"], "theatre");
    house.deliver_mail().await;
    let mails = house.mails("thandeka@example.com").await;
    assert!(
        mails[0].text.contains("14 people, theatre"),
        "{}",
        mails[0].text
    );
}

#[tokio::test]
async fn a_refused_form_keeps_the_layout() {
    let house = house().await;
    let member = house.member("thandeka").await;
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-25"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("people", "20"),
        ("layout", "boardroom"),
        ("key", &key()),
    ];
    let refused = member.post("/bookings", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = refused.form("/bookings");
    assert_eq!(
        (form.get("people"), form.get("layout")),
        ("20", "boardroom")
    );
    member
        .confirm(&member.submit(&form.with("layout", "theatre")).await)
        .await;
}
