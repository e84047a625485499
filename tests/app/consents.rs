//! What people may be sent besides what they asked for: nothing, until they say yes, and the record of it.

use connect_space::members::consent::{self, Channel, Source, Who};
use reqwest::StatusCode;

use crate::support::{House, Person};

async fn choose(person: &Person, channels: &[&str]) -> String {
    let fields: Vec<_> = channels
        .iter()
        .map(|channel| ("channels", *channel))
        .collect();
    let answer = person.post("/account/marketing", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    person.get("/account/privacy").await.text()
}

fn ticked(html: &str) -> usize {
    html.matches(" checked").count()
}

#[tokio::test]
async fn nothing_is_ticked_and_every_change_is_kept() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    assert_eq!(ticked(&thandeka.get("/account/privacy").await.html), 0);
    let page = choose(&thandeka, &["email", "whatsapp"]).await;
    assert!(page.contains("Your choice is kept."), "{page}");
    assert_eq!(ticked(&thandeka.get("/account/privacy").await.html), 2);
    let page = choose(&thandeka, &["whatsapp", "email", "fax"]).await;
    assert!(page.contains("Nothing was changed."), "{page}");
    let page = choose(&thandeka, &["email"]).await;
    assert!(
        page.contains("WhatsApp: no") && page.contains("WhatsApp: yes"),
        "{page}"
    );
    let page = choose(&thandeka, &[]).await;
    assert!(
        page.contains("We send you no more news and offers."),
        "{page}"
    );
    let kept: Vec<(String, bool, String, String)> =
        sqlx::query_as("select channel, given, wording_version, network from consents order by id")
            .fetch_all(&house.db)
            .await
            .unwrap();
    let changes: Vec<_> = kept.iter().map(|row| (row.0.as_str(), row.1)).collect();
    assert_eq!(
        changes,
        [
            ("email", true),
            ("whatsapp", true),
            ("whatsapp", false),
            ("email", false)
        ]
    );
    assert!(
        kept.iter()
            .all(|row| row.2 == consent::WORDING_VERSION && row.3 == "127.0.0.1")
    );
    let audit: i64 = house
        .one("select count(*) from audit_events where verb = 'choose marketing'")
        .await;
    assert_eq!(audit, 3);
    assert!(
        !house
            .member("sipho")
            .await
            .get("/account/privacy")
            .await
            .says("WhatsApp: yes")
    );
}

#[tokio::test]
async fn twice_at_once_is_one_change() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let clicks: Vec<_> = (0..8)
        .map(|_| {
            let thandeka = thandeka.clone();
            tokio::spawn(async move { choose(&thandeka, &["email"]).await })
        })
        .collect();
    for click in clicks {
        click.await.unwrap();
    }
    assert_eq!(house.one::<i64>("select count(*) from consents").await, 1);
}

#[tokio::test]
async fn who_is_no_member_is_known_by_their_address() {
    let house = House::open().await;
    let mut tx = house.app.db.begin().await.unwrap();
    let who = Who::Address("lindiwe@example.com");
    assert!(
        consent::choose(
            &mut tx,
            who,
            &[Channel::Email],
            Source::Viewing,
            "192.0.2.1"
        )
        .await
        .unwrap()
    );
    assert_eq!(
        consent::given(&mut tx, who).await.unwrap(),
        [Channel::Email]
    );
    assert_eq!(
        consent::given(&mut tx, Who::Address("+27820000009"))
            .await
            .unwrap(),
        []
    );
    assert!(
        consent::choose(&mut tx, who, &[], Source::Unsubscribe, "192.0.2.1")
            .await
            .unwrap()
    );
    assert_eq!(consent::given(&mut tx, who).await.unwrap(), []);
    assert_eq!(consent::history(&mut tx, who).await.unwrap().len(), 2);
}
