//! People and programs as clients of the house.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use connect_space::app::App;
use connect_space::sessions::{current, session};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde_json::Value;

use super::page::{Form, Page};

/// Somebody with a browser that keeps cookies and follows no redirect by itself. Clones share the
/// browser.
#[derive(Clone)]
pub struct Person {
    url: String,
    http: Client,
    cookies: Arc<Mutex<BTreeMap<String, Cookie>>>,
}

#[derive(Clone)]
struct Cookie {
    value: String,
    path: String,
}

impl Person {
    pub fn new(url: &str) -> Person {
        Person {
            url: url.to_owned(),
            http: client(),
            cookies: Arc::default(),
        }
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    /// A form sent from one of our own pages.
    pub async fn post<N: AsRef<str>, V: AsRef<str>>(&self, path: &str, fields: &[(N, V)]) -> Page {
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
            .collect();
        self.send(self.request(Method::POST, path).form(&fields))
            .await
    }

    pub async fn submit(&self, form: &Form) -> Page {
        self.post(&form.action, &form.fields).await
    }

    /// The page that a redirect leads to.
    pub async fn follow(&self, answer: &Page) -> Page {
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        self.get(answer.location()).await
    }

    /// A request as a browser sends it from our own pages, to be changed before it is sent.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .http
            .request(method.clone(), format!("{}{path}", self.url))
            .header(COOKIE, self.cookies_for(path));
        if method == Method::GET {
            request
        } else {
            request
                .header("origin", &self.url)
                .header("sec-fetch-site", "same-origin")
        }
    }

    /// Sends and keeps the cookies that come back.
    pub async fn send(&self, request: RequestBuilder) -> Page {
        let answer = request.send().await.expect("the server answers");
        for cookie in answer.headers().get_all(SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        Page {
            status: answer.status(),
            headers: answer.headers().clone(),
            html: answer.text().await.unwrap(),
        }
    }

    /// Types email address and password into the sign-in form.
    pub async fn sign_in(&self, email: &str, password: &str) -> Page {
        self.post("/sign-in", &[("email", email), ("password", password)])
            .await
    }

    /// Is signed in without the form, for tests of something else.
    pub async fn sign_in_as(&self, app: &App, email: &str) {
        let mut db = app.db.acquire().await.unwrap();
        let member: Option<uuid::Uuid> =
            sqlx::query_scalar("select id from members where email = $1")
                .bind(email)
                .fetch_optional(&mut *db)
                .await
                .unwrap();
        let member = member.unwrap_or_else(|| panic!("nobody has the address {email}"));
        let secret = session::begin(&mut db, member.into(), "test", None)
            .await
            .unwrap();
        self.keep(&current::cookie(app.config.cookies(), secret).to_string());
    }

    /// The value of a cookie that the browser has.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies
            .lock()
            .unwrap()
            .get(name)
            .map(|cookie| cookie.value.clone())
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.keep(&format!("{name}={value}; Path=/"));
    }

    /// Asks for a space by time on the booking form: a member gets a hold, a visitor a mail.
    pub async fn hold(&self, space: &str, date: &str, from: &str, until: &str) -> Page {
        let fields = [
            ("space", space),
            ("by", "time"),
            ("date", date),
            ("from", from),
            ("until", until),
            ("key", &key()),
        ];
        self.post("/bookings", &fields).await
    }

    /// The same by the day, to the last day included.
    pub async fn hold_days(&self, space: &str, first: &str, last: &str) -> Page {
        let fields = [
            ("space", space),
            ("by", "day"),
            ("date", first),
            ("last", last),
            ("key", &key()),
        ];
        self.post("/bookings", &fields).await
    }

    /// Asks without being known.
    pub async fn ask(&self, email: &str, space: &str, date: &str, from: &str, until: &str) -> Page {
        let who = [
            ("name", "Lindiwe Zulu"),
            ("email", email),
            ("mobile", "082 000 0009"),
        ];
        let wish = [
            ("space", space),
            ("by", "time"),
            ("date", date),
            ("from", from),
            ("until", until),
            ("key", &key()),
        ];
        self.post("/bookings", &[who.as_slice(), &wish].concat())
            .await
    }

    /// Holds and confirms, and says the reference.
    pub async fn book(&self, space: &str, date: &str, from: &str, until: &str) -> String {
        let held = self.hold(space, date, from, until).await;
        self.confirm(&held).await
    }

    /// Confirms what the answer to the booking form leads to, and says the reference.
    pub async fn confirm(&self, held: &Page) -> String {
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.text());
        let confirmed = self.post::<&str, &str>(held.location(), &[]).await;
        assert_eq!(
            confirmed.status,
            StatusCode::SEE_OTHER,
            "{}",
            confirmed.text()
        );
        confirmed
            .location()
            .trim_start_matches("/bookings/")
            .to_owned()
    }

    fn cookies_for(&self, path: &str) -> String {
        let cookies = self.cookies.lock().unwrap();
        let here = cookies
            .iter()
            .filter(|(_, cookie)| path.starts_with(&cookie.path));
        here.map(|(name, cookie)| format!("{name}={}", cookie.value))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&self, set_cookie: &str) {
        let mut parts = set_cookie.split("; ");
        let (name, value) = parts.next().unwrap().split_once('=').unwrap();
        let attributes: Vec<&str> = parts.collect();
        let path = attributes
            .iter()
            .find_map(|part| part.strip_prefix("Path="))
            .unwrap_or("/")
            .to_owned();
        let mut cookies = self.cookies.lock().unwrap();
        if attributes.contains(&"Max-Age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(
                name.to_owned(),
                Cookie {
                    value: value.to_owned(),
                    path,
                },
            );
        }
    }
}

/// A program with a token.
#[derive(Clone)]
pub struct Api {
    url: String,
    token: String,
    http: Client,
}

/// What the API answered: `json` is null if it was none.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub json: Value,
}

impl Answer {
    /// The last word of a problem's `type`; empty if this is no problem.
    pub fn problem(&self) -> &str {
        assert!(
            self.status.is_success() || self.headers["content-type"] == "application/problem+json",
            "{self:?}"
        );
        self.json["type"]
            .as_str()
            .and_then(|kind| kind.strip_prefix("urn:connect-space:problem:"))
            .unwrap_or_default()
    }
}

impl Api {
    pub fn new(url: &str, token: &str) -> Api {
        Api {
            url: url.to_owned(),
            token: token.to_owned(),
            http: client(),
        }
    }

    /// The same program, asking another server.
    pub fn at(&self, url: &str) -> Api {
        Api::new(url, &self.token)
    }

    /// `path` follows `/api/v1`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Books from and until a local time.
    pub async fn book(&self, space: &str, from: &str, until: &str) -> Answer {
        self.post(
            "/bookings",
            &serde_json::json!({"space": space, "from": from, "until": until, "people": 1}),
        )
        .await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.url))
            .bearer_auth(&self.token)
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.expect("the server answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        Answer {
            status,
            headers,
            json: serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default(),
        }
    }
}

fn client() -> Client {
    Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

/// A key for one submission, as a page makes it.
pub fn key() -> String {
    uuid::Uuid::new_v4().to_string()
}
