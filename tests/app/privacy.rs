//! Who sees what, and who may change it: anything else is not there.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Api, House, Person};

/// Everything that can be asked of a booking on the pages.
async fn every_door(person: &Person, reference: &str) -> Vec<(String, StatusCode)> {
    let mut doors = Vec::new();
    for path in ["", ".ics", "/confirmation", "/cancellation"] {
        let path = format!("/bookings/{reference}{path}");
        doors.push((format!("GET {path}"), person.get(&path).await.status));
    }
    for path in ["/confirmation", "/hold", "/cancellation"] {
        let path = format!("/bookings/{reference}{path}");
        doors.push((
            format!("POST {path}"),
            person
                .post(&path, &[("note", "mine now"), ("kept", "0")])
                .await
                .status,
        ));
    }
    doors
}

/// All that could have been changed.
async fn digest(house: &House) -> String {
    house
        .one(
            "select md5(concat((select string_agg(b::text, '|' order by id) from bookings b),
                               (select string_agg(o::text, '|' order by id) from occupancies o),
                               (select string_agg(e::text, '|' order by id) from ledger_entries e),
                               (select string_agg(j::text, '|' order by id) from jobs j),
                               (select string_agg(m::text, '|' order by id) from members m)))",
        )
        .await
}

#[tokio::test]
async fn anothers_booking_is_not_there() {
    // case O1, case M3
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let confirmed = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let held = thandeka.hold("pier", "2026-11-26", "09:00", "10:00").await;
    let held = held
        .location()
        .trim_start_matches("/bookings/")
        .trim_end_matches("/confirmation")
        .to_owned();
    let before = digest(&house).await;
    // Sipho is a colleague in the same company.
    for name in ["sipho", "priya"] {
        let other = house.member(name).await;
        for reference in [&confirmed, &held] {
            for (door, status) in every_door(&other, reference).await {
                assert_eq!(status, StatusCode::NOT_FOUND, "{name}: {door}");
            }
            let api = house.api(name).await;
            let path = format!("/bookings/{reference}");
            assert_eq!(api.get(&path).await.status, StatusCode::NOT_FOUND, "{name}");
            let cancelled = api.post(&format!("{path}/cancellation"), &json!({})).await;
            assert_eq!(
                (cancelled.status, cancelled.problem()),
                (StatusCode::NOT_FOUND, "not-found"),
                "{name}"
            );
        }
        assert_eq!(
            house.api(name).await.get("/bookings").await.json,
            json!({"bookings": []})
        );
        assert!(!other.get("/bookings").await.says("Lighthouse"), "{name}");
    }
    for (door, status) in every_door(&house.visitor(), &confirmed).await {
        assert_eq!(status, StatusCode::SEE_OTHER, "to the sign-in page: {door}");
    }
    assert_eq!(digest(&house).await, before);
    for (door, status) in every_door(&thandeka, &confirmed).await {
        assert_ne!(status, StatusCode::NOT_FOUND, "the owner: {door}");
    }
}

#[tokio::test]
async fn a_reference_that_was_made_up_looks_like_anothers() {
    // case O1
    let house = House::open().await;
    let reference = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let priya = house.member("priya").await;
    let theirs = priya.get(&format!("/bookings/{reference}")).await;
    let nobodys = priya.get("/bookings/CS-22222").await;
    assert_eq!(theirs.text(), nobodys.text());
    assert_eq!(theirs.status, nobodys.status);
    for made_up in [
        "CS-1",
        "cs-22222",
        "%00",
        "💼",
        "' or 1=1 --",
        "../../etc/passwd",
        "CS-22222.ics",
    ] {
        let page = priya
            .get(&format!("/bookings/{}", made_up.replace(' ', "%20")))
            .await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{made_up}");
    }
}

#[tokio::test]
async fn others_see_that_it_is_taken_and_nothing_more() {
    // case O1, case O6
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-26"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("title", "Merger talks"),
    ];
    let reference = thandeka
        .confirm(&thandeka.post("/bookings", &fields).await)
        .await;
    assert!(
        thandeka
            .get(&format!("/bookings/{reference}"))
            .await
            .says("Merger talks")
    );
    // A colleague knows whom they may book for, and nothing of what she has booked.
    let named = ["Merger", reference.as_str(), "Thandeka", "thandeka"];
    for (other, secrets) in [
        (house.visitor(), &named[..]),
        (house.member("priya").await, &named),
        (house.member("sipho").await, &named[..2]),
    ] {
        let page = other
            .get("/spaces/lighthouse?by=time&date=2026-11-26")
            .await;
        assert!(
            page.says("09:00 , taken") && page.says("09:30 , taken"),
            "{}",
            page.text()
        );
        let asked = other
            .get("/spaces/lighthouse?by=time&date=2026-11-26&from=09:00&until=10:00")
            .await;
        assert!(
            asked.says("Lighthouse is taken at that time. Choose another time or space."),
            "{}",
            asked.text()
        );
        for html in [&page.html, &asked.html] {
            for secret in secrets {
                assert!(!html.contains(secret), "{secret}");
            }
        }
    }
    let listed = house.api("priya").await.get("/availability?location=musgrave&kind=meeting_room&from=2026-11-26T09:00&until=2026-11-26T10:00").await;
    let lighthouse = &listed.json["spaces"][0];
    assert_eq!(
        (lighthouse["slug"].as_str(), lighthouse["free"].as_bool()),
        (Some("lighthouse"), Some(false)),
        "{listed:?}"
    );
    assert!(
        lighthouse["reason"].as_str().unwrap().contains("is taken"),
        "{listed:?}"
    );
    assert!(!listed.json.to_string().contains("Thandeka"));
}

#[tokio::test]
async fn the_front_desk_sees_every_booking() {
    let house = House::open().await;
    let reference = house
        .member("thandeka")
        .await
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let nomsa = house.member("nomsa").await;
    assert_eq!(
        nomsa.get(&format!("/bookings/{reference}")).await.status,
        StatusCode::OK
    );
    assert_eq!(
        nomsa
            .get(&format!("/bookings/{reference}.ics"))
            .await
            .status,
        StatusCode::OK
    );
    let cancelled = nomsa
        .post(
            &format!("/bookings/{reference}/cancellation"),
            &[("note", "")],
        )
        .await;
    assert_eq!(
        cancelled.status,
        StatusCode::NOT_FOUND,
        "cancelling for others has its own page"
    );
}

#[tokio::test]
async fn programs_need_a_token() {
    let house = House::open().await;
    let doors = [
        (Method::GET, "/bookings"),
        (Method::POST, "/bookings"),
        (Method::GET, "/bookings/CS-22222"),
        (Method::POST, "/bookings/CS-22222/cancellation"),
        (Method::GET, "/spaces"),
        (Method::GET, "/availability"),
        (Method::GET, "/quote"),
    ];
    for token in ["", "cs_made-up", "Bearer"] {
        let api = Api::new(&house.url, token);
        for (method, path) in doors.clone() {
            let answer = api
                .send(api.request(method.clone(), path).json(&json!({})))
                .await;
            assert_eq!(
                (answer.status, answer.problem()),
                (StatusCode::UNAUTHORIZED, "no-token"),
                "{method} {path} {token:?}"
            );
        }
    }
    // A session is no token.
    let thandeka = house.member("thandeka").await;
    assert_eq!(
        thandeka.get("/api/v1/bookings").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn forms_are_taken_from_our_own_pages_only() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    let held = thandeka.hold("pier", "2026-11-26", "09:00", "10:00").await;
    let before = digest(&house).await;
    let wish = [
        ("space", "dune"),
        ("by", "time"),
        ("date", "2026-11-26"),
        ("from", "09:00"),
        ("until", "10:00"),
    ];
    let doors = [
        "/bookings".to_owned(),
        held.location().to_owned(),
        held.location().replace("confirmation", "hold"),
        format!("/bookings/{reference}/cancellation"),
        "/sign-in".to_owned(),
        "/sign-out".to_owned(),
        "/sign-up".to_owned(),
        "/reset-password".to_owned(),
    ];
    for door in &doors {
        for (header, value) in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
        ] {
            let request = thandeka.request(Method::POST, door).form(&wish);
            let mut request = request.build().unwrap();
            for name in ["origin", "sec-fetch-site"] {
                request.headers_mut().remove(name);
            }
            request.headers_mut().insert(header, value.parse().unwrap());
            let answer = reqwest::Client::new().execute(request).await.unwrap();
            assert_eq!(
                answer.status(),
                StatusCode::FORBIDDEN,
                "{door} with {header}: {value}"
            );
            assert!(
                answer
                    .text()
                    .await
                    .unwrap()
                    .contains("forms are taken from our own pages only"),
                "{door}"
            );
        }
    }
    assert_eq!(digest(&house).await, before);
    assert!(
        thandeka.get("/bookings").await.says("Lighthouse"),
        "still signed in"
    );
}

#[tokio::test]
async fn looking_changes_nothing() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let reference = thandeka
        .book("lighthouse", "2026-11-26", "09:00", "10:00")
        .await;
    house
        .visitor()
        .ask(
            "lindiwe@example.com",
            "pier",
            "2026-11-26",
            "09:00",
            "10:00",
        )
        .await;
    let link = house.link_mailed_to("lindiwe@example.com").await;
    let before = digest(&house).await;
    let mut seen = vec!["/".to_owned()];
    let mut at = 0;
    seen.extend(
        [
            "/spaces",
            "/bookings",
            "/sign-in",
            "/sign-up",
            "/reset-password",
            &link,
        ]
        .map(str::to_owned),
    );
    seen.push(format!("/bookings/{reference}/cancellation"));
    while let Some(path) = seen.get(at).cloned() {
        let page = thandeka.get(&path).await;
        assert!(page.status.as_u16() < 500, "{path}: {}", page.status);
        for link in page.links() {
            let link = link.split('#').next().unwrap().to_owned();
            if link.starts_with('/') && !seen.contains(&link) && seen.len() < 150 {
                seen.push(link);
            }
        }
        at += 1;
    }
    assert!(at > 30, "{seen:?}");
    assert_eq!(digest(&house).await, before);
}
