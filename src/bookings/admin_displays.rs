//! The screens at a space's door: making one, whose address is shown once, and ending it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use serde::Deserialize;
use uuid::Uuid;

use super::display::{self, Display};
use crate::{
    app::App,
    error::{Error, Result},
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    sessions::current::Staff,
    spaces::space::Space,
    time::{Zone, short_date},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/spaces/{slug}/displays", get(show).post(make))
        .route("/admin/spaces/{slug}/displays/{id}/ending", post(end))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    name: String,
    shows_titles: String,
}

#[derive(Template)]
#[template(path = "bookings/admin/displays.html")]
struct DisplaysPage {
    chrome: Chrome,
    errors: Errors,
    space: Space,
    displays: Vec<Display>,
    typed: Typed,
    /// The whole address of the one that was just made, which is shown once.
    fresh: Option<String>,
    zone: Zone,
}

impl DisplaysPage {
    async fn new(db: &mut Db, chrome: Chrome, space: Space) -> Result<DisplaysPage> {
        let location = Location::by_id(&mut *db, space.location).await?;
        let zone = match location {
            Some(location) => location.zone,
            None => Location::first_zone(&mut *db).await?,
        };
        Ok(DisplaysPage {
            chrome,
            errors: Errors::default(),
            displays: display::of(db, space.id).await?,
            space,
            typed: Typed::default(),
            fresh: None,
            zone,
        })
    }

    /// `Made 24 Nov 2026. Last seen 24 Nov 2026 10:12.`
    fn words(&self, display: &Display) -> String {
        let day = |at| short_date(self.zone.date(at));
        let seen = match display.last_seen_at {
            Some(at) => format!("Last seen {} {}.", day(at), self.zone.clock(at)),
            None => "Not opened yet.".to_owned(),
        };
        let titles = match display.shows_titles {
            true => "Shows titles.",
            false => "Shows no titles.",
        };
        format!("Made {}. {seen} {titles}", day(display.made_at))
    }
}

async fn managed(db: &mut Db, me: &Staff, slug: &str) -> Result<Space> {
    let space = Space::kept(db, slug).await?;
    me.managing(space.location)?;
    Ok(space)
}

async fn show(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let space = managed(&mut db, &me, &slug).await?;
    html::page(&DisplaysPage::new(&mut db, chrome, space).await?)
}

/// The answer itself shows the address, since nothing keeps it; sent again it makes another one.
async fn make(
    State(app): State<App>,
    chrome: Chrome,
    me: Staff,
    Path(slug): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let space = managed(&mut tx, &me, &slug).await?;
    let missing = "Say where it hangs, like: left of the door.";
    match form::required_line(&typed.name, 100, missing) {
        Ok(name) => {
            let shows_titles = !typed.shows_titles.is_empty();
            let secret = display::make(&mut tx, me.member, space.id, &name, shows_titles).await?;
            let mut page = DisplaysPage::new(&mut tx, chrome, space).await?;
            tx.commit().await?;
            page.fresh = Some(app.config.public_url().link(&format!("/display/{secret}")));
            html::page(&page)
        }
        Err(sentence) => {
            let mut page = DisplaysPage::new(&mut tx, chrome.refused(), space).await?;
            page.errors = Errors::from(("name", sentence));
            page.typed = typed;
            html::refused(&page)
        }
    }
}

async fn end(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path((slug, id)): Path<(String, Uuid)>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let space = managed(&mut tx, &me, &slug).await?;
    if !display::end(&mut tx, me.member, space.id, id).await? {
        return Err(Error::NotFound);
    }
    tx.commit().await?;
    let flash = Flash::done("It is ended: that screen shows nothing any more.");
    let next = format!("/admin/spaces/{slug}/displays");
    Ok((jar.add(flash.cookie()), html::see_other(&next)).into_response())
}
