//! The audit trail: from where each change came, who may read it, and how it is sifted.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::House;

const STAFF: &str = "
    insert into members (id, name, email) select gen_random_uuid(), initcap(name), name || '@example.com'
    from unnest(array['here', 'elsewhere', 'owner']) name;
    insert into staff (member_id, role, location_id)
    select m.id, s.role, l.id from (values ('here', 'manager', 'musgrave'), ('elsewhere', 'manager', 'paris'), ('owner', 'owner', null))
    as s (name, role, slug) join members m on m.email = s.name || '@example.com' left join locations l on l.slug = s.slug";

#[tokio::test]
async fn each_line_says_from_where_it_came() {
    let house = House::open().await;
    let reference = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    house
        .api("sipho")
        .await
        .book("pier", "2026-11-26T09:00", "2026-11-26T10:00")
        .await;
    house
        .member("priya")
        .await
        .hold("dune", "2026-11-26", "09:00", "10:00")
        .await;
    house
        .run("update bookings set hold_expires_at = now() - interval '1 minute' where status = 'held';
              update occupancies set held_until = now() - interval '1 minute' where held_until is not null")
        .await;
    connect_space::worker::tidy_once(&house.app).await.unwrap();
    let lines: Vec<(String, String, String, Option<String>)> = sqlx::query_as(
        "select e.verb, e.channel, e.network, l.slug from audit_events e left join locations l on l.id = e.location_id
         where e.verb in ('confirm', 'expire', 'make token') order by e.id",
    )
    .fetch_all(&house.db)
    .await
    .unwrap();
    let line = |verb: &str, channel: &str, network: &str, place: Option<&str>| {
        (
            verb.to_owned(),
            channel.to_owned(),
            network.to_owned(),
            place.map(str::to_owned),
        )
    };
    assert_eq!(
        lines,
        [
            line("confirm", "page", "127.0.0.1", Some("musgrave")),
            line("make token", "house", "", None),
            line("confirm", "api", "127.0.0.1", Some("musgrave")),
            line("expire", "house", "", Some("musgrave")),
        ]
    );
    house.run(STAFF).await;
    let page = house.member("owner").await.get("/admin/audit").await;
    assert!(
        page.says(&format!("Booking {reference}")),
        "{}",
        page.text()
    );
    assert!(
        page.html
            .contains(&format!("href=\"/admin/bookings/{reference}\"")),
        "each line leads to what it is about"
    );
    assert!(page.says("On our pages, 127.0.0.1"));
}

#[tokio::test]
async fn a_manager_reads_what_touches_their_location_and_an_owner_everything() {
    let house = House::open().await;
    house.run(STAFF).await;
    let here = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let there = house
        .member("sipho")
        .await
        .book("seine", "2026-11-26", "09:00", "10:00")
        .await;
    for (name, sees_here, sees_there) in [
        ("owner", true, true),
        ("here", true, false),
        ("elsewhere", false, true),
    ] {
        let person = house.member(name).await;
        for path in ["/admin/audit", "/admin/audit.csv"] {
            let page = person.get(path).await;
            assert_eq!(page.html.contains(&here), sees_here, "{name} {path}");
            assert_eq!(page.html.contains(&there), sees_there, "{name} {path}");
        }
    }
    for path in ["/admin/audit", "/admin/audit.csv"] {
        let receptionist = house.member("nomsa").await;
        assert_eq!(receptionist.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn it_is_sifted_by_person_deed_thing_day_and_words_page_by_page() {
    let house = House::open().await;
    house.run(STAFF).await;
    house
        .run("insert into audit_events (id, at, actor_id, verb, subject, subject_id, detail)
              select ('0193' || lpad(to_hex(n), 28, '0'))::uuid, timestamptz '2026-11-01 00:30+02' + n * interval '1 hour', m.id,
                     case when n % 2 = 0 then 'cancel' else 'confirm' end, 'members', m.id, jsonb_build_object('note', 'number ' || n || ' 100%')
              from generate_series(1, 120) n, members m where m.name = 'Priya Naidoo'")
        .await;
    let owner = house.member("owner").await;
    let count = async |query: &str| {
        let page = owner.get(&format!("/admin/audit?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        page.html.matches("trail-line").count()
    };
    assert_eq!(count("").await, 50);
    assert_eq!(
        count("person=priya&verb=cancel&first=2026-11-01&last=2026-11-01").await,
        11
    );
    assert_eq!(count("person=nobody").await, 0);
    assert_eq!(count("subject=members&words=number+7+100%25").await, 1);
    assert_eq!(count("words=_").await, 0, "no sign of the database’s own");
    assert_eq!(count("verb=confirm&person=pri").await, 50);
    let first = owner.get("/admin/audit?verb=confirm").await;
    let older = first
        .html
        .split("href=\"/admin/audit?")
        .find(|part| part.contains("before="))
        .unwrap();
    let older = older
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let second = owner.get(&format!("/admin/audit?{older}")).await;
    assert_eq!(second.html.matches("trail-line").count(), 10);
    assert!(!second.html.contains("before="), "that was the last page");
    let table = owner.get("/admin/audit.csv?verb=cancel").await;
    assert_eq!(table.html.lines().count(), 61);
    for hostile in [
        "before=x",
        "first=2026-13-01",
        "last=9999-12-31",
        "person=%00",
    ] {
        let status = owner.get(&format!("/admin/audit?{hostile}")).await.status;
        assert!(
            status == StatusCode::OK || status == StatusCode::NOT_FOUND,
            "{hostile}: {status}"
        );
    }
}

#[tokio::test]
async fn its_file_has_every_line_however_many_there_are() {
    let house = House::open().await;
    house.run(STAFF).await;
    house
        .run(
            "insert into audit_events (id, verb, subject, subject_id)
              select ('0193' || lpad(to_hex(n), 28, '0'))::uuid, 'count', 'members', m.id
              from generate_series(1, 2500) n, members m where m.name = 'Priya Naidoo'",
        )
        .await;
    let table = house
        .member("owner")
        .await
        .get("/admin/audit.csv?verb=count")
        .await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(table.html.lines().count(), 2501);
    let nobody = house.member("nomsa").await.get("/admin/audit.csv").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_before_and_after_stands_beside_each_other() {
    let house = House::open().await;
    house.run(STAFF).await;
    let thandeka = house.member("thandeka").await;
    let form = thandeka.get("/account").await;
    assert!(form.says("Thandeka Mkhize"));
    thandeka
        .post(
            "/account",
            &[
                ("version", "1"),
                ("name", "Thandeka Zulu"),
                ("phone", "082 000 0001"),
                ("home", "musgrave"),
            ],
        )
        .await;
    let page = house
        .member("here")
        .await
        .get("/admin/audit?verb=change+profile")
        .await;
    assert!(
        page.says("Thandeka Mkhize → Thandeka Zulu"),
        "{}",
        page.text()
    );
    let told: serde_json::Value = house
        .one("select detail from audit_events where verb = 'change profile'")
        .await;
    assert_eq!(told["before"]["name"], json!("Thandeka Mkhize"));
}
