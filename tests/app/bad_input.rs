//! Whatever is sent gets a clear answer: never a fault of ours, always the right status.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{House, Page, key};

/// What people and programs type where something else was meant.
fn oddities() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        " ",
        "-1",
        "0",
        "99999999999999999999",
        "NaN",
        "2026-02-30",
        "0000-00-00",
        "+10000-01-01",
        "24:00",
        "09:00:00",
        "2026-11-24T09:00:00+99:99",
        "' or 1=1 --",
        "\"><script>alert(1)</script>",
        "../../etc/passwd",
        "%",
        "%00",
        "a\0b",
        "a\r\nSet-Cookie: x=1",
        "🌅🏖️",
        "\u{202e}edoc",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push("x".repeat(5_000));
    all
}

/// A page that says what is the matter, for anything but a success.
fn assert_clear(page: &Page, what: &str) {
    let status = page.status;
    assert!(!status.is_server_error(), "{what:?}: {status}");
    if status.is_client_error() {
        assert!(
            page.header("content-type").starts_with("text/html"),
            "{what:?}: {status} {}",
            page.header("content-type")
        );
        assert!(
            page.html.contains("</html>") && page.text().len() > 50,
            "{what:?}: {status} {}",
            page.html
        );
    }
    assert!(!page.html.contains("<script>alert"), "{what:?}");
    assert!(
        page.headers.contains_key("content-security-policy"),
        "{what:?}"
    );
}

#[tokio::test]
async fn odd_values_in_addresses() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let query = |field: &str, value: &str| {
        format!(
            "{field}={}",
            form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>()
        )
    };
    for odd in oddities() {
        let segment: String = query("", &odd).trim_start_matches('=').replace('+', "%20");
        for path in ["/spaces/", "/locations/", "/bookings/", "/links/", "/mail/"] {
            assert_clear(
                &thandeka.get(&format!("{path}{segment}")).await,
                &format!("{path}{odd}"),
            );
        }
        for field in [
            "kind", "location", "by", "date", "last", "from", "until", "people", "amenity",
        ] {
            let odd_one = query(field, &odd);
            for base in [
                "/spaces?date=2026-11-24&from=09:00&until=10:00&",
                "/spaces/lighthouse?date=2026-11-24&from=09:00&until=10:00&",
                "/locations/musgrave/any-desk?by=day&",
            ] {
                assert_clear(
                    &thandeka.get(&format!("{base}{odd_one}")).await,
                    &format!("{base}{field}={odd}"),
                );
            }
        }
        for path in [
            "/bookings?past=",
            "/bookings/held?space=lighthouse&held=",
            "/sign-in?next=",
            "/check-your-mail?to=",
            "/mail?before=",
        ] {
            assert_clear(
                &thandeka
                    .get(&format!(
                        "{path}{}",
                        query("", &odd).trim_start_matches('=')
                    ))
                    .await,
                &format!("{path}{odd}"),
            );
        }
    }
    assert_clear(
        &thandeka
            .get("/spaces?date=2026-11-24&date=2026-11-25&people=1&people=2")
            .await,
        "fields twice",
    );
}

#[tokio::test]
async fn odd_values_in_forms() {
    let house = House::open().await;
    let (visitor, thandeka) = (house.visitor(), house.member("thandeka").await);
    let right = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-24"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("people", "1"),
        ("title", "Weekly"),
        ("name", "Lindiwe Zulu"),
        ("email", "lindiwe@example.com"),
        ("mobile", "082 000 0009"),
    ];
    for odd in oddities() {
        for (place, (field, _)) in right.iter().enumerate() {
            let key = key();
            let mut fields: Vec<(&str, &str)> = right.to_vec();
            fields[place].1 = &odd;
            fields.push(("key", &key));
            let (page, what) = (
                visitor.post("/bookings", &fields).await,
                format!("{field}={odd}"),
            );
            assert_clear(&page, &what);
            let refused = [
                StatusCode::UNPROCESSABLE_ENTITY,
                StatusCode::NOT_FOUND,
                StatusCode::SEE_OTHER,
            ];
            assert!(refused.contains(&page.status), "{what}: {}", page.status);
        }
        // Sixty mails an hour from one network are the most.
        house.run("delete from attempts").await;
        for field in ["key", "shown", "kind", "last"] {
            let mut fields = right.to_vec();
            fields.push((field, &odd));
            assert_clear(
                &thandeka.post("/bookings", &fields).await,
                &format!("{field}={odd}"),
            );
        }
        for path in ["/sign-in", "/sign-up", "/reset-password"] {
            for field in ["email", "password", "next", "name", "how"] {
                assert_clear(
                    &visitor.post(path, &[(field, odd.as_str())]).await,
                    &format!("{path} {field}={odd}"),
                );
            }
        }
    }
}

#[tokio::test]
async fn missing_and_unknown_fields() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let right = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-24"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("unheard-of", "x"),
    ];
    for missing in 0..right.len() - 1 {
        let mut fields = right.to_vec();
        let (field, _) = fields.remove(missing);
        let page = thandeka.post("/bookings", &fields).await;
        assert_clear(&page, field);
        let expected = match field {
            "space" => StatusCode::NOT_FOUND,
            "by" => StatusCode::SEE_OTHER,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        assert_eq!(page.status, expected, "without {field}");
    }
    for path in ["/bookings", "/sign-in", "/sign-up", "/reset-password"] {
        let page = house.visitor().post::<&str, &str>(path, &[]).await;
        assert_clear(&page, path);
        assert!(page.status.is_client_error(), "{path}: {}", page.status);
    }
}

#[tokio::test]
async fn too_much_at_once() {
    let house = House::open().await;
    let (thandeka, api) = (house.member("thandeka").await, house.api("thandeka").await);
    let much = "x".repeat(1 << 20);
    for path in ["/bookings", "/sign-in", "/sign-up"] {
        let page = thandeka.post(path, &[("title", much.as_str())]).await;
        assert_clear(&page, path);
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
    let answer = api.post("/bookings", &json!({"title": much})).await;
    assert_eq!(
        (answer.status, answer.problem()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too-large")
    );
    let long = thandeka
        .get(&format!("/spaces?date={}", "1".repeat(50_000)))
        .await;
    assert_clear(&long, "a long address");
    let head = thandeka
        .send(
            thandeka
                .request(Method::GET, "/spaces")
                .header("x-much", "x".repeat(100_000)),
        )
        .await;
    assert_eq!(head.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let title = "🌅".repeat(100);
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-24"),
        ("from", "09:00"),
        ("until", "10:00"),
        ("title", title.as_str()),
    ];
    let held = thandeka.post("/bookings", &fields).await;
    assert_eq!(
        held.status,
        StatusCode::SEE_OTHER,
        "a hundred characters of any kind: {}",
        held.text()
    );
}

#[tokio::test]
async fn line_breaks_end_no_line_of_ours() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    let fields = [
        ("space", "lighthouse"),
        ("by", "time"),
        ("date", "2026-11-26"),
        ("from", "09:00"),
        ("until", "10:00"),
        (
            "title",
            "Plan\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Fake\r\nBcc: all@example.com",
        ),
    ];
    let held = thandeka.post("/bookings", &fields).await;
    let reference = thandeka.confirm(&held).await;
    let file = thandeka
        .get(&format!("/bookings/{reference}.ics"))
        .await
        .html;
    assert_eq!(file.matches("\r\nBEGIN:VEVENT").count(), 1, "{file}");
    assert_eq!(file.matches("\r\nSUMMARY:").count(), 1, "{file}");
    house.deliver_mail().await;
    let mail = &house.mails("thandeka@example.com").await[0];
    assert!(!mail.subject.contains('\n'));
    assert_eq!(
        mail.calendar
            .as_ref()
            .unwrap()
            .matches("\r\nBEGIN:VEVENT")
            .count(),
        1
    );
}

#[tokio::test]
async fn wrong_methods_and_unknown_routes() {
    let house = House::open().await;
    let thandeka = house.member("thandeka").await;
    for (method, path) in [
        (Method::POST, "/spaces"),
        (Method::PUT, "/bookings"),
        (Method::DELETE, "/bookings"),
        (Method::PATCH, "/sign-in"),
        (Method::GET, "/sign-out"),
        (Method::POST, "/bookings/CS-22222"),
        (Method::DELETE, "/bookings/CS-22222/cancellation"),
    ] {
        let page = thandeka.send(thandeka.request(method.clone(), path)).await;
        assert_clear(&page, path);
        assert_eq!(
            page.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
        assert!(!page.header("allow").is_empty(), "{method} {path}");
        assert!(page.says("That does not work this way"), "{}", page.text());
    }
    for path in [
        "/admin.php",
        "/.env",
        "/.git/config",
        "/bookings/CS-22222/nothing",
        "/spaces/",
        "/static/nothing.css",
        "/metrics",
        "//",
    ] {
        let page = thandeka.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_clear(&thandeka.get("/nothing").await, "/nothing");
    let api = house.api("thandeka").await;
    for (method, path, status, problem) in [
        (Method::DELETE, "/bookings", 405, "wrong-method"),
        (Method::PUT, "/quote", 405, "wrong-method"),
        (Method::GET, "/nothing", 404, "not-found"),
        (Method::GET, "/bookings/CS-22222", 404, "not-found"),
        (Method::GET, "", 404, "not-found"),
    ] {
        let answer = api.send(api.request(method.clone(), path)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem()),
            (status, problem),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn broken_requests_of_programs() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let post = async |kind: &str, body: &str| {
        let request = api
            .request(Method::POST, "/bookings")
            .header("content-type", kind)
            .body(body.to_owned());
        let answer = api.send(request).await;
        (answer.status.as_u16(), answer.problem().to_owned())
    };
    let bad = |status: u16| (status, "bad-json".to_owned());
    assert_eq!(post("application/json", "{").await, bad(400));
    assert_eq!(post("application/json", "").await, bad(400));
    assert_eq!(post("application/json", "[]").await, bad(422));
    assert_eq!(post("application/json", r#"{"from": 9}"#).await, bad(422));
    assert_eq!(
        post("application/json", r#"{"space": "lighthouse"}"#).await,
        (422, "bad-from".to_owned())
    );
    assert_eq!(post("text/plain", "{}").await, bad(415));
    assert_eq!(
        post("application/x-www-form-urlencoded", "space=lighthouse").await,
        bad(415)
    );
    assert_eq!(
        post("application/json", &"[".repeat(10_000)).await,
        bad(422)
    );
    let member = house.member("thandeka").await;
    for kind in ["application/json", "text/plain", "multipart/form-data", ""] {
        let page = member
            .send(
                member
                    .request(Method::POST, "/bookings")
                    .header("content-type", kind)
                    .body("{}"),
            )
            .await;
        assert_clear(&page, kind);
        assert_eq!(page.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let garbled = member
        .request(Method::POST, "/bookings")
        .header("content-type", "application/x-www-form-urlencoded");
    let page = member
        .send(garbled.body(b"space=%ff%fe&date=\xff\xfe".to_vec()))
        .await;
    assert_clear(&page, "no UTF-8");
    let mut cookie = member.request(Method::GET, "/bookings").build().unwrap();
    cookie.headers_mut().insert(
        "cookie",
        "__Host-session=%00%ff; flash=done.%%%; held=%0d%0a"
            .parse()
            .unwrap(),
    );
    assert!(
        !reqwest::Client::new()
            .execute(cookie)
            .await
            .unwrap()
            .status()
            .is_server_error()
    );
}

#[tokio::test]
async fn odd_values_of_programs_name_the_rule() {
    let house = House::open().await;
    let api = house.api("thandeka").await;
    let right = json!({"space": "lighthouse", "from": "2026-11-24T09:00", "until": "2026-11-24T10:00", "people": 1, "title": "Weekly"});
    for odd in oddities() {
        for field in ["space", "from", "until", "title", "location"] {
            let mut wish = right.clone();
            wish[field] = json!(odd);
            let answer = api.post("/bookings", &wish).await;
            assert!(
                !answer.status.is_server_error(),
                "{field}={odd:?}: {answer:?}"
            );
            assert!(
                answer.status.is_success() || !answer.problem().is_empty(),
                "{field}={odd:?}: {answer:?}"
            );
        }
        let odd: String = form_urlencoded::byte_serialize(odd.as_bytes()).collect();
        for path in [
            format!("/quote?space={odd}&from=2026-11-24T09:00&until=2026-11-24T10:00"),
            format!("/quote?space=lighthouse&from={odd}&until={odd}"),
            format!("/availability?location={odd}&from=2026-11-24&until=2026-11-25"),
            format!("/availability?from={odd}&until=2026-11-25"),
            format!("/spaces?kind={odd}"),
            format!("/spaces?people={odd}"),
            format!("/bookings/{odd}"),
        ] {
            let answer = api.get(&path).await;
            assert!(!answer.status.is_server_error(), "{path}: {answer:?}");
            assert!(
                answer.status.is_success() || !answer.problem().is_empty(),
                "{path}: {answer:?}"
            );
        }
    }
    for (field, value, problem) in [
        ("space", json!("made-up"), "no-such-space"),
        ("from", json!("tomorrow"), "bad-from"),
        ("until", json!("25:00"), "bad-until"),
        ("people", json!(0), "no-people"),
        ("people", json!(7), "too-many-people"),
        ("title", json!("x".repeat(101)), "bad-title"),
        ("until", json!("2026-11-24"), "bad-until"),
    ] {
        let mut wish = right.clone();
        wish[field] = value.clone();
        let answer = api.post("/bookings", &wish).await;
        assert_eq!(
            (answer.status, answer.problem()),
            (StatusCode::UNPROCESSABLE_ENTITY, problem),
            "{field}={value}"
        );
    }
}
