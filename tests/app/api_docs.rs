//! The description of the API, and that the API is as it says.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::House;

async fn document(house: &House) -> Value {
    let page = house.visitor().get("/api/v1/openapi.json").await;
    serde_json::from_str(&page.html).unwrap()
}

/// What is wrong with an answer, by the schema that describes it.
fn faults(document: &Value, schema: &Value, answer: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        let named = &document["components"]["schemas"][name];
        assert!(named.is_object(), "{at}: no schema is called {name}");
        return faults(document, named, answer, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let tries = choices.iter().map(|one| faults(document, one, answer, at));
        return tries.min_by_key(Vec::len).unwrap();
    }
    let kind = match answer {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = match &schema["type"] {
        Value::Array(several) => several.contains(&json!(kind)),
        one => *one == kind,
    };
    let mut found = Vec::new();
    if !fits {
        found.push(format!("{at}: {kind} is not {}", schema["type"]));
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(answer)
    {
        found.push(format!("{at}: {answer} is none of {values:?}"));
    }
    if let Some(items) = answer.as_array() {
        for (n, item) in items.iter().enumerate() {
            found.extend(faults(
                document,
                &schema["items"],
                item,
                &format!("{at}[{n}]"),
            ));
        }
    }
    if let Some(answer) = answer.as_object() {
        for (name, value) in answer {
            match schema["properties"].get(name) {
                Some(property) => {
                    found.extend(faults(document, property, value, &format!("{at}.{name}")));
                }
                None => found.push(format!("{at}.{name} is not described")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter(|name| !answer.contains_key(name.as_str().unwrap())) {
            found.push(format!("{at}.{name} is missing"));
        }
    }
    found
}

fn described<'a>(document: &'a Value, method: &str, path: &str, status: &str) -> &'a Value {
    let content = &document["paths"][path][method]["responses"][status]["content"];
    let media = content.as_object().unwrap().values().next().unwrap();
    &media["schema"]
}

#[tokio::test]
async fn answers_are_as_described() {
    let house = House::open().await;
    let document = document(&house).await;
    let api = house.api("thandeka").await;
    let wish =
        json!({"space": "lighthouse", "from": "2026-11-26T09:00", "until": "2026-11-26T10:00"});
    let made = api.post("/bookings", &wish).await;
    let taken = api.post("/bookings", &wish).await;
    let reference = made.json["reference"].as_str().unwrap().to_owned();
    let when = "from=2026-11-26T09:00&until=2026-11-26T10:00";
    let month = json!({"product": "musgrave-month", "first": "2026-11-27"});
    let bought = api.post("/passes", &month).await;
    let pass = bought.json["reference"].as_str().unwrap().to_owned();
    let covered = "/quote?space=desk-1&from=2026-11-27&until=2026-11-28".to_owned();
    let star = async |method| api.send(api.request(method, "/favourites/pier")).await;
    let (starred, listed) = (star(Method::PUT).await, api.get("/favourites").await);
    let mut answers = vec![
        ("put", "/favourites/{space}", starred),
        ("get", "/favourites", listed),
        ("delete", "/favourites/{space}", star(Method::DELETE).await),
        ("post", "/passes", bought),
        ("post", "/bookings", made),
        ("post", "/bookings", taken),
    ];
    for (path, address) in [
        ("/me", "/me".to_owned()),
        ("/statement", "/statement".to_owned()),
        ("/locations", "/locations".to_owned()),
        ("/spaces", "/spaces".to_owned()),
        ("/availability", format!("/availability?{when}")),
        ("/quote", format!("/quote?space=lighthouse&{when}")),
        ("/quote", covered),
        ("/quote", "/quote?space=no-such".to_owned()),
        ("/quote", "/quote?space=lighthouse".to_owned()),
        ("/pass-products", "/pass-products".to_owned()),
        ("/passes", "/passes".to_owned()),
        ("/passes/{reference}", format!("/passes/{pass}")),
        ("/bookings", "/bookings".to_owned()),
        ("/bookings/{reference}", format!("/bookings/{reference}")),
    ] {
        answers.push(("get", path, api.get(&address).await));
    }
    let gone = api
        .post(
            &format!("/bookings/{reference}/cancellation"),
            &json!({"reason": "ill"}),
        )
        .await;
    answers.push(("post", "/bookings/{reference}/cancellation", gone));
    for (method, path, answer) in answers {
        let status = answer.status.as_str();
        let schema = described(&document, method, path, status);
        let found = faults(&document, schema, &answer.json, path);
        assert!(found.is_empty(), "{method} {path} {status}: {found:#?}");
    }
}

#[tokio::test]
async fn every_described_request_is_there() {
    let house = House::open().await;
    let document = document(&house).await;
    let visitor = house.visitor();
    let mut count = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let address = format!("/api/v1{}", path.replace(['{', '}'], ""));
            let method = method.to_uppercase().parse().unwrap();
            let answer = visitor.send(visitor.request(method, &address)).await;
            assert_eq!(answer.status, 401, "{path}: without a token");
            assert!(
                operation["summary"].is_string(),
                "{path} says what it is for"
            );
            count += 1;
        }
    }
    assert!(count >= 8, "{count}");
}

#[tokio::test]
async fn the_pages_tell_every_request_once() {
    let house = House::open().await;
    let document = document(&house).await;
    let visitor = house.visitor();
    let (all, staff) = (
        visitor.get("/api/docs").await,
        visitor.get("/api/docs/staff").await,
    );
    let html = all.html + &staff.html;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let line = format!("<code><b>{}</b> {path}</code>", method.to_uppercase());
            assert_eq!(html.matches(&line).count(), 1, "{line}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                assert!(html.contains(&format!(">{name}</code>")), "{path} {name}");
            }
        }
    }
    assert!(!html.contains("$ref"));
}
