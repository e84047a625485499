//! A browser, before anybody has signed in with it.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Request},
    http::{HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::CookieJar;

use super::{
    current::{browser_cookie_name, cookie_name},
    entry::Place,
};
use crate::{
    api,
    app::App,
    audit::{self, Channel, Origin},
    form,
};

/// What is known of a browser before anybody has signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The secret of its session, which may have ended.
    pub session: Option<String>,
    /// The secret by which it is known.
    pub browser: Option<String>,
    /// What it calls itself.
    pub device: String,
    /// Where it is: an IPv4 address, or the first half of an IPv6 address.
    pub network: String,
}

impl Visitor {
    pub fn place(&self) -> Place<'_> {
        Place {
            device: &self.device,
            before: self.session.as_deref(),
            known_by: self.browser.as_deref(),
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Visitor, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .map(HeaderValue::as_bytes);
        let device = form::line(&String::from_utf8_lossy(agent.unwrap_or_default()));
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let secret = |name: String| jar.get(&name).map(|cookie| cookie.value().to_owned());
        Ok(Visitor {
            session: secret(cookie_name(app)),
            browser: secret(browser_cookie_name(app)),
            device: device.chars().take(200).collect(),
            network: peer.map_or("unknown".into(), |peer| network(peer.0.ip())),
        })
    }
}

/// Notes for the audit trail from where a request comes.
pub async fn note_origin(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let is_api = request.uri().path().starts_with(api::ADDRESS);
    let origin = Origin {
        channel: if is_api { Channel::Api } else { Channel::Page },
        network: peer.map_or(String::new(), |peer| network(peer.0.ip())),
    };
    audit::coming_from(origin, next.run(request)).await
}

/// A home or an office has one IPv4 address, or 2⁶⁴ IPv6 addresses that begin alike.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_an_ipv6_network_count_as_one() {
        let at = |address: &str| network(address.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:3::4"), at("2001:db8:1:2:ffff::1"));
        assert_ne!(at("2001:db8:1:2::1"), at("2001:db8:1:3::1"));
        assert_eq!(at("::ffff:192.0.2.1"), "192.0.2.1");
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
    }
}
