//! The API on a page of its own, read from its own description.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

use crate::{
    app::App,
    error::Result,
    found::Found,
    html::{self, Chrome},
};

pub fn routes(description: &OpenApi) -> Router<App> {
    let document = json!(description);
    let groups: Arc<[Group]> = groups(&document).into();
    let page = |shelf| {
        let groups = groups.clone();
        get(async move |app, chrome| show(app, chrome, shelf, &groups))
    };
    Router::new()
        .route("/api/docs", page(Shelf::Everybody))
        .route("/api/docs/staff", page(Shelf::Staff))
}

/// On which of the two pages a request is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shelf {
    Everybody,
    Staff,
}

impl Shelf {
    const ALL: [Shelf; 2] = [Shelf::Everybody, Shelf::Staff];

    fn of(tag: &str) -> Shelf {
        match tag {
            "Front desk" | "Viewings" | "Reports" | "Setting up" => Shelf::Staff,
            _ => Shelf::Everybody,
        }
    }

    fn url(self) -> &'static str {
        match self {
            Shelf::Everybody => "/api/docs",
            Shelf::Staff => "/api/docs/staff",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Shelf::Everybody => "For everybody",
            Shelf::Staff => "For staff",
        }
    }
}

#[derive(Template)]
#[template(path = "front/api_docs.html")]
struct ApiDocsPage<'a> {
    chrome: Chrome,
    address: String,
    shelf: Shelf,
    groups: Vec<&'a Group>,
}

fn show(
    State(app): State<App>,
    chrome: Chrome,
    shelf: Shelf,
    groups: &[Group],
) -> Result<Response> {
    let site = app.config.public_url().to_string();
    let (title, sentence) = match shelf {
        Shelf::Everybody => (
            "API for programs · Connect Space",
            "Book desks, meeting rooms and offices at Connect Space from a program of your own: every request, what \
             it takes and what it answers.",
        ),
        Shelf::Staff => (
            "API for staff · Connect Space",
            "What programs of the staff of Connect Space can do: the front desk, viewings, reports and setting up.",
        ),
    };
    let found = Found::page(shelf.url(), title, sentence, "api");
    html::page(&ApiDocsPage {
        chrome: chrome.found(found),
        address: format!("{}/api/v1", site.trim_end_matches('/')),
        shelf,
        groups: groups.iter().filter(|group| group.shelf == shelf).collect(),
    })
}

/// What belongs together.
struct Group {
    shelf: Shelf,
    name: String,
    sentence: String,
    operations: Vec<Operation>,
}

struct Operation {
    /// Its place on the page.
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    parameters: Vec<Field>,
    body: Vec<Field>,
    /// The status of success.
    status: String,
    answer: Vec<Field>,
    /// Address and summary of an operation whose answer is of the same form: it is told once.
    like: Option<(String, String)>,
    example: Example,
}

/// A parameter, or a property of what is sent or answered; those of an object follow it, one deeper.
struct Field {
    name: String,
    depth: usize,
    kind: String,
    required: bool,
    words: String,
}

/// A request that can be copied.
struct Example {
    query: String,
    body: String,
}

fn groups(document: &Value) -> Vec<Group> {
    let mut told = Told::new();
    let group = |(shelf, tag): (Shelf, &Value)| Group {
        shelf,
        name: text(&tag["name"]),
        sentence: text(&tag["description"]),
        operations: operations(document, &tag["name"], shelf, &mut told),
    };
    let on = |shelf| {
        let tags = list(&document["tags"]).map(move |tag| (Shelf::of(&text(&tag["name"])), tag));
        tags.filter(move |(here, _)| *here == shelf)
    };
    let groups = Shelf::ALL.into_iter().flat_map(on).map(group);
    groups
        .filter(|group| !group.operations.is_empty())
        .collect()
}

/// The answers that are told already, by the names of their forms, each with where.
type Told = BTreeMap<String, (String, String)>;

fn operations(document: &Value, tag: &Value, shelf: Shelf, told: &mut Told) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            if operation["tags"][0] == *tag {
                let mut one = Operation::new(document, path, method, operation);
                one.tell_once(operation, shelf, told);
                found.push(one);
            }
        }
    }
    found
}

impl Operation {
    fn new(document: &Value, path: &str, method: &str, operation: &Value) -> Operation {
        let schema = |holder: &Value| holder["content"]["application/json"]["schema"].clone();
        let body = schema(&operation["requestBody"]);
        let success = members(&operation["responses"]).find(|(status, _)| status.starts_with('2'));
        let parameters = list(&operation["parameters"]).map(|one| Field {
            name: text(&one["name"]),
            depth: 0,
            kind: format!(
                "{}, in the {}",
                kind(document, &one["schema"]),
                text(&one["in"])
            ),
            required: one["required"] == true,
            words: text(&one["description"]),
        });
        Operation {
            id: format!("{method}{}", path.replace(['/', '{', '}'], "-")),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(&operation["summary"]).trim_end_matches('.').to_owned(),
            description: text(&operation["description"]),
            parameters: parameters.collect(),
            answer: success
                .map(|(_, answer)| fields(document, &schema(answer), 0))
                .unwrap_or_default(),
            status: success
                .map(|(status, _)| status.clone())
                .unwrap_or_default(),
            like: None,
            example: Example {
                query: example_query(operation),
                body: example_body(document, &body),
            },
            body: fields(document, &body, 0),
        }
    }
}

impl Operation {
    /// An example says more than the line with its address does.
    fn is_worth_showing(&self) -> bool {
        !self.example.query.is_empty() || !self.example.body.is_empty()
    }

    /// Leads to where the same answer is told, if it is.
    fn tell_once(&mut self, operation: &Value, shelf: Shelf, told: &mut Told) {
        let success = members(&operation["responses"]).find(|(status, _)| status.starts_with('2'));
        let form =
            success.map(|(_, answer)| &answer["content"]["application/json"]["schema"]["$ref"]);
        let Some(form) = form.and_then(Value::as_str) else {
            return;
        };
        match told.get(form) {
            Some(above) => {
                self.like = Some(above.clone());
                self.answer.clear();
            }
            None => {
                let here = (format!("{}#{}", shelf.url(), self.id), self.summary.clone());
                told.insert(form.to_owned(), here);
            }
        }
    }
}

fn example_query(operation: &Value) -> String {
    let given = list(&operation["parameters"])
        .filter(|one| one["in"] == "query" && !one["example"].is_null())
        .map(|one| format!("{}={}", text(&one["name"]), plain(&one["example"])));
    let given: Vec<String> = given.collect();
    if given.is_empty() {
        String::new()
    } else {
        format!("?{}", given.join("&"))
    }
}

fn example_body(document: &Value, schema: &Value) -> String {
    let given: serde_json::Map<String, Value> = members(&resolved(document, schema)["properties"])
        .filter_map(|(name, property)| {
            let example = property.get("example").or(property["examples"].get(0))?;
            Some((name.clone(), example.clone()))
        })
        .collect();
    if given.is_empty() {
        String::new()
    } else {
        Value::Object(given).to_string()
    }
}

/// The properties of an object, or of what a list holds, as deep as people read.
fn fields(document: &Value, schema: &Value, depth: usize) -> Vec<Field> {
    const DEEPEST: usize = 3;
    let object = resolved(document, schema);
    let object = match object.get("items") {
        Some(item) => resolved(document, item),
        None => object,
    };
    let mut found = Vec::new();
    for (name, property) in members(&object["properties"]) {
        let whole = resolved(document, property);
        let words = match text(&property["description"]) {
            own if own.is_empty() => text(&whole["description"]),
            own => own,
        };
        found.push(Field {
            name: name.clone(),
            depth,
            kind: kind(document, property),
            required: list(&object["required"]).any(|one| one == name.as_str()),
            words,
        });
        if depth < DEEPEST {
            found.extend(fields(document, whole, depth + 1));
        }
    }
    found
}

/// What a reference, or one of several that may also be null, stands for.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(of) = schema["oneOf"].as_array().or(schema["allOf"].as_array()) {
        let real = of.iter().find(|one| one["type"] != "null");
        return real.map_or(schema, |one| resolved(document, one));
    }
    let name = schema["$ref"]
        .as_str()
        .and_then(|name| name.rsplit('/').next());
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

/// `string`, `list of object`, `one of a, b`, `integer or null`.
fn kind(document: &Value, schema: &Value) -> String {
    let whole = resolved(document, schema);
    let nullable = list(&schema["type"]).chain(list(&schema["oneOf"]).map(|one| &one["type"]));
    let or_null = if nullable.into_iter().any(|one| one == "null") {
        " or null"
    } else {
        ""
    };
    let values: Vec<String> = list(&whole["enum"]).map(plain).collect();
    let name = if !values.is_empty() {
        format!("one of {}", values.join(", "))
    } else if let Some(item) = whole.get("items") {
        format!("list of {}", kind(document, item))
    } else {
        let types = match &whole["type"] {
            Value::Array(several) => several.iter().find(|one| *one != "null"),
            one => Some(one),
        };
        types.map(text).unwrap_or_default()
    };
    name + or_null
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// As it stands in an address.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
