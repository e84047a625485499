//! The names that the site answers to: its public one, and those of the machine itself.
//!
//! Whoever points a name of their own at this server could otherwise have browsers take its pages for theirs.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::config::PublicUrl;

/// The site's public address.
#[derive(Clone)]
pub struct Hosts(Arc<PublicUrl>);

impl Hosts {
    pub fn of(public: PublicUrl) -> Hosts {
        Hosts(Arc::new(public))
    }

    /// Addresses in digits are nobody's name.
    fn knows(&self, host: &str) -> bool {
        let host = host.to_lowercase();
        let digits = host.trim_start_matches('[').trim_end_matches(']');
        host == self.0.host()
            || host == "localhost"
            || host.ends_with(".localhost")
            || digits.parse::<IpAddr>().is_ok()
    }
}

/// Refuses what was meant for another site; a request that names none is for us.
pub async fn known(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    match named(&request) {
        Some(host) if !hosts.knows(&host) => {
            let sentence = format!(
                "This is not the site that was asked for. Ours is at {}; whoever runs it under another name says so \
                 with PUBLIC_URL.\n",
                hosts.0
            );
            (StatusCode::MISDIRECTED_REQUEST, sentence).into_response()
        }
        _ => next.run(request).await,
    }
}

/// Whom a request is for, without the port; what cannot be read is nobody we know.
fn named(request: &Request) -> Option<String> {
    if let Some(host) = Uri::host(request.uri()) {
        return Some(host.to_owned());
    }
    let host = request.headers().get(header::HOST)?.as_bytes();
    let read = Authority::try_from(host).map(|authority| authority.host().to_owned());
    Some(read.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_answers_to_its_own_name_and_to_those_of_its_machine() {
        let hosts = Hosts::of("https://desks.example:8443".parse().unwrap());
        for known in [
            "desks.example",
            "DESKS.example",
            "localhost",
            "desk.localhost",
            "127.0.0.1",
            "192.0.2.7",
            "[::1]",
        ] {
            assert!(hosts.knows(known), "{known}");
        }
        for foreign in [
            "evil.example",
            "desks.example.evil.example",
            "evildesks.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "",
        ] {
            assert!(!hosts.knows(foreign), "{foreign}");
        }
    }
}
