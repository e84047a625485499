//! What handlers take besides axum's own: the time, and what cannot be read.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, rejection::JsonRejection},
    http::{StatusCode, request::Parts},
};
use chrono::{DateTime, Utc};

use crate::{app::App, error::Error};

/// The instant of the request by the injected clock.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub DateTime<Utc>);

impl FromRequestParts<App> for Now {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Now(app.clock.now()))
    }
}

/// What is wrong with the JSON, in the parser's own words.
pub fn unreadable(rejection: JsonRejection) -> Error {
    let kind = match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => "too-large",
        _ => "bad-json",
    };
    Error::Refused {
        status: rejection.status(),
        kind,
        sentence: rejection.body_text(),
    }
}
