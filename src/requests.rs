//! Around each request: its number, who sent it, how long it took, and a line in the log.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use crate::metrics::{Metrics, UnderWay};
use crate::proxies::{self, Network};

/// In each answer, and in each line of the log about it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What nobody would look for in the log: files, and whoever asks whether we live.
const QUIET: [&str; 3] = ["/static/{*name}", "/healthz", "/readyz"];

/// The status of a request whose sender hung up before it was answered; nobody sees it.
const GONE: u16 = 499;

#[derive(Clone)]
pub struct Requests {
    pub metrics: Arc<Metrics>,
    pub proxies: Arc<[Network]>,
}

/// By which people can tell us what they met.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// Stands around everything else. From here on `ConnectInfo` is the address of whoever asks, not of a proxy of ours.
pub async fn attend(State(all): State<Requests>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|peer| peer.0);
    let by_proxy = peer.is_some_and(|peer| proxies::are_ours(&all.proxies, peer.ip()));
    if let Some(peer) = peer.filter(|_| by_proxy) {
        let client = proxies::client(&all.proxies, peer.ip(), request.headers());
        let client = SocketAddr::new(client, peer.port());
        request.extensions_mut().insert(ConnectInfo(client));
    }
    let given = by_proxy.then(|| given(request.headers())).flatten();
    let id = given.unwrap_or_else(fresh);
    request.extensions_mut().insert(id.clone());

    let asked = Asked::of(&request, &all.metrics);
    // The route and not the address, which may hold a secret.
    let span = tracing::info_span!(
        "request",
        id = id.as_str(),
        method = asked.method,
        route = asked.route
    );
    async move {
        let mut answer = next.run(request).await;
        answer.headers_mut().insert(REQUEST_ID, id.0);
        asked.answered(answer.status().as_u16());
        answer
    }
    .instrument(span)
    .await
}

/// What a proxy of ours calls it, so that its log and ours say the same.
fn given(headers: &HeaderMap) -> Option<RequestId> {
    let id = headers.get(REQUEST_ID)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let good = (8..=64).contains(&id.len()) && id.as_bytes().iter().all(plain);
    good.then(|| RequestId(id.clone()))
}

/// Two groups of five that can be said on the telephone, such as `7K3M9-QX4TB`.
fn fresh() -> RequestId {
    const SPEAKABLE: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTVWXYZ";
    let id: [u8; 11] = std::array::from_fn(|place| match place {
        5 => b'-',
        _ => SPEAKABLE[rand::random_range(0..SPEAKABLE.len())],
    });
    RequestId(HeaderValue::from_bytes(&id).expect("digits and letters are a header's"))
}

/// A request that is under way; one that is dropped before its answer counts as gone.
struct Asked {
    metrics: Arc<Metrics>,
    method: &'static str,
    route: String,
    begun: Instant,
    answered: bool,
    _under_way: UnderWay,
}

impl Asked {
    fn of(request: &Request, metrics: &Arc<Metrics>) -> Asked {
        let route = request.extensions().get::<MatchedPath>();
        Asked {
            metrics: metrics.clone(),
            method: word(request.method()),
            route: route.map_or("no route", MatchedPath::as_str).to_owned(),
            begun: Instant::now(),
            answered: false,
            _under_way: metrics.request(),
        }
    }

    fn answered(mut self, status: u16) {
        self.answered = true;
        self.note(status);
    }

    fn note(&self, status: u16) {
        let took = self.begun.elapsed();
        self.metrics
            .answered(self.method, &self.route, status, took);
        let ms = took.as_micros() as f64 / 1_000.0;
        if QUIET.contains(&self.route.as_str()) {
            tracing::debug!(status, ms, "answered");
        } else {
            tracing::info!(status, ms, "answered");
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.answered {
            self.note(GONE);
        }
    }
}

/// The methods that we know: others are made up, and would each be a series of its own.
fn word(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
