//! What is printed and hung at a space's door: its code, drawn to be scanned.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;

use super::door;
use crate::{
    app::App,
    error::Result,
    flash::Flash,
    html::{self, Chrome},
    qr::{self, Drawing},
    sessions::current::Staff,
    spaces::space::Space,
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/spaces/{slug}/door", get(show).post(renew))
}

#[derive(Template)]
#[template(path = "bookings/admin/door.html")]
struct DoorPage {
    chrome: Chrome,
    space: Space,
    /// Without its scheme, as somebody types it.
    address: String,
    drawing: Drawing,
    /// The reader may give it another one.
    manages: bool,
}

async fn show(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let space = Space::kept(&mut db, &slug).await?;
    let code = door::code(&mut db, space.id).await?;
    let address = app.config.public_url().link(&format!("/c/{code}"));
    html::page(&DoorPage {
        chrome,
        manages: me.duties.can_manage(space.location),
        drawing: qr::drawn(&address)?,
        address: address
            .split_once("://")
            .map_or(address.clone(), |(_, rest)| rest.to_owned()),
        space,
    })
}

async fn renew(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let space = Space::kept(&mut tx, &slug).await?;
    me.managing(space.location)?;
    door::renew(&mut tx, me.member, space.id).await?;
    tx.commit().await?;
    let flash = Flash::done(
        "It has a new code. What hangs at its door leads nowhere any more: print it anew.",
    );
    let next = format!("/admin/spaces/{}/door", space.slug);
    Ok((jar.add(flash.cookie()), html::see_other(&next)).into_response())
}
