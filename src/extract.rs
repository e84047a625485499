//! What handlers take besides axum's own: the time.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, Utc};

use crate::app::App;

/// The instant of the request by the injected clock.
#[derive(Clone, Copy, Debug)]
pub struct Now(pub DateTime<Utc>);

impl FromRequestParts<App> for Now {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Now(app.clock.now()))
    }
}
