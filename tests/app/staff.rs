//! Who works here: taken on, given another role, dismissed at once.

use reqwest::StatusCode;

use crate::people::{STAFF, reference};
use crate::support::House;

#[tokio::test]
async fn owners_take_people_on_and_nobody_else_sees_the_list() {
    let house = House::open().await;
    house.run(STAFF).await;
    let owner = house.member("owner").await;
    let fields = [
        ("name", "Lindiwe Zulu"),
        ("email", "lindiwe@example.com"),
        ("role", "manager"),
        ("location", "musgrave"),
    ];
    for name in ["nomsa", "here", "thandeka"] {
        let person = house.member(name).await;
        assert_eq!(
            person.get("/admin/staff").await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
        assert_eq!(
            person.post("/admin/staff", &fields).await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
    }
    let bare = owner
        .post(
            "/admin/staff",
            &[
                ("name", "Lindiwe Zulu"),
                ("email", "lindiwe@example.com"),
                ("role", "manager"),
            ],
        )
        .await;
    assert!(
        bare.says("A manager manages one location") && bare.html.contains("value=\"Lindiwe Zulu\"")
    );
    owner.post("/admin/staff", &fields).await;
    let link = house.link_mailed_to("lindiwe@example.com").await;
    let lindiwe = house.visitor();
    lindiwe
        .post(&link, &[("password", "durban-sunrise-2026")])
        .await;
    assert_eq!(lindiwe.get("/admin/audit").await.status, StatusCode::OK);
    let page = owner.get("/admin/staff").await;
    assert!(page.says("Lindiwe Zulu") && page.says("no PIN"));
}

#[tokio::test]
async fn another_role_counts_from_the_next_request() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (owner, here) = (house.member("owner").await, house.member("here").await);
    let api = house.api("here").await;
    assert_eq!(here.get("/admin/audit").await.status, StatusCode::OK);
    let who = reference(&house, "here").await;
    owner
        .post(
            &format!("/admin/staff/{who}"),
            &[("role", "receptionist"), ("location", "musgrave")],
        )
        .await;
    assert_eq!(here.get("/admin/audit").await.status, StatusCode::NOT_FOUND);
    assert_eq!(here.get("/admin/members").await.status, StatusCode::OK);
    assert_eq!(api.get("/members?words=sipho").await.status, StatusCode::OK);
    let told: serde_json::Value = house
        .one("select detail from audit_events where verb = 'change staff'")
        .await;
    assert_eq!(
        (
            told["before"]["role"].as_str(),
            told["after"]["role"].as_str()
        ),
        (Some("manager"), Some("receptionist"))
    );
}

#[tokio::test]
async fn who_is_dismissed_is_out_at_once() {
    let house = House::open().await;
    house.run(STAFF).await;
    let (owner, here, api) = (
        house.member("owner").await,
        house.member("here").await,
        house.api("here").await,
    );
    let who = reference(&house, "here").await;
    let address = house.address("here");
    let asked = [("email", address.as_str()), ("how", "link")];
    house.visitor().post("/sign-in", &asked).await;
    let link = house.link_mailed_to(&address).await;
    let done = owner
        .post::<&str, &str>(&format!("/admin/staff/{who}/dismissal"), &[])
        .await;
    assert!(owner.follow(&done).await.says("signed out everywhere"));
    let late = house.visitor().post::<&str, &str>(&link, &[]).await;
    assert_eq!(late.status, StatusCode::GONE, "a link on its way");
    assert!(
        here.get("/admin/members")
            .await
            .location()
            .starts_with("/sign-in")
    );
    assert_eq!(api.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let back = house.member("here").await;
    assert_eq!(
        back.get("/admin").await.status,
        StatusCode::NOT_FOUND,
        "they stay a member"
    );
    let gone = owner
        .post::<&str, &str>(&format!("/admin/staff/{who}/dismissal"), &[])
        .await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_house_keeps_an_owner_also_when_two_leave_at_once() {
    let house = House::open().await;
    house.run(STAFF).await;
    let owner = house.member("owner").await;
    let who = reference(&house, "owner").await;
    let last = owner
        .post::<&str, &str>(&format!("/admin/staff/{who}/dismissal"), &[])
        .await;
    assert!(owner.follow(&last).await.says("needs an owner"));
    let other = reference(&house, "nomsa").await;
    owner
        .post(&format!("/admin/staff/{other}"), &[("role", "owner")])
        .await;
    let nomsa = house.member("nomsa").await;
    let (me, them) = (
        format!("/admin/staff/{who}/dismissal"),
        format!("/admin/staff/{other}/dismissal"),
    );
    tokio::join!(
        owner.post::<&str, &str>(&them, &[]),
        nomsa.post::<&str, &str>(&me, &[])
    );
    assert_eq!(
        house
            .one::<i64>("select count(*) from staff where role = 'owner'")
            .await,
        1
    );
    let error = sqlx::query("delete from staff")
        .execute(&house.db)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("no owner"),
        "the database holds it too: {error}"
    );
}
