//! Calendars that follow bookings by an address of their own: serving them, and making and ending addresses.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{
    calendar,
    feed::{self, Feed, Of},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    html::{self, Chrome},
    locations::location::Location,
    members::profile::Profile,
    sessions::current::{Current, Staff},
    spaces::space::{Audience, Space, Which},
    time::{self, Zone},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/calendar/{file}", get(read))
        .route("/account/calendar", get(own).post(renew_own))
        .route("/account/calendar/ending", post(end_own))
        .route(
            "/admin/spaces/{slug}/calendar",
            get(of_space).post(renew_space),
        )
        .route("/admin/spaces/{slug}/calendar/ending", post(end_space))
}

/// Carries the secret of a new address to the page that shows it, once.
const COOKIE: &str = "new-calendar";

/// For calendars, which read it again and again: what has not changed is not sent twice.
async fn read(
    State(app): State<App>,
    Now(now): Now,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let secret = file.strip_suffix(".ics").ok_or(Error::NotFound)?;
    let mut db = app.db.acquire().await?;
    let found = feed::opened(&mut db, secret).await?;
    let subscription = found.ok_or(Error::NotFound)?;
    let bookings = subscription.bookings(&mut db, now).await?;
    let locations = Location::all(&mut db).await?;
    let (name, for_staff) = match subscription.of {
        Of::Member => ("Connect Space".to_owned(), false),
        Of::Space(space) => (
            any_space(
                &mut db,
                Which {
                    id: Some(space),
                    ..Which::default()
                },
            )
            .await?
            .name,
            true,
        ),
    };
    let file = calendar::feed(&name, &bookings, &locations, for_staff, &app.config, now);
    let kept = [
        (header::ETAG, tag(&file)),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    let theirs = headers.get(header::IF_NONE_MATCH);
    if theirs.is_some_and(|theirs| theirs.as_bytes() == kept[0].1.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "text/calendar; charset=utf-8")];
    Ok((kept, kind, file).into_response())
}

/// Of what it says, whenever it is made.
fn tag(file: &str) -> String {
    let mut digest = Sha256::new();
    for line in file.lines().filter(|line| !line.starts_with("DTSTAMP")) {
        digest.update(line);
        digest.update("\n");
    }
    let digest = digest.finalize();
    let digits: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{digits}\"")
}

/// Also one that people do not see.
async fn any_space(db: &mut Db, which: Which<'_>) -> Result<Space> {
    let which = Which {
        audience: Audience::Keepers,
        ..which
    };
    let mut found = Space::list(db, which).await?;
    found.pop().ok_or(Error::NotFound)
}

/// An address as it is shown: the new one whole, once.
struct Shown {
    feed: Option<Feed>,
    /// `https://…`, and the same as calendars open it at once.
    fresh: Option<(String, String)>,
    zone: Zone,
}

impl Shown {
    fn new(app: &App, feed: Option<Feed>, secret: Option<&str>, zone: Zone) -> Shown {
        let address = |secret| {
            app.config
                .public_url()
                .link(&format!("/calendar/{secret}.ics"))
        };
        let fresh = secret.filter(|_| feed.is_some()).map(|secret| {
            let whole = address(secret);
            let webcal = whole
                .split_once("://")
                .map(|(_, rest)| format!("webcal://{rest}"));
            (whole.clone(), webcal.unwrap_or(whole))
        });
        Shown { feed, fresh, zone }
    }

    fn when(&self, at: &DateTime<Utc>) -> String {
        format!(
            "{}, {}",
            time::short_date(self.zone.date(*at)),
            self.zone.clock(*at)
        )
    }
}

#[derive(Template)]
#[template(path = "bookings/calendar.html")]
struct OwnPage {
    chrome: Chrome,
    shown: Shown,
}

const PAGE: &str = "/account/calendar";

async fn own(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Current,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let zone = Profile::of(&mut db, me.member).await?.zone;
    let feed = feed::current(&mut db, me.member, Of::Member).await?;
    let (jar, secret) = once(jar, PAGE);
    let shown = Shown::new(&app, feed, secret.as_deref(), zone);
    Ok((jar, html::page(&OwnPage { chrome, shown })?).into_response())
}

async fn renew_own(jar: CookieJar, State(app): State<App>, me: Current) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let secret = feed::renew(&mut tx, me.member, Of::Member).await?;
    tx.commit().await?;
    Ok(carried(&app, jar, secret, PAGE))
}

async fn end_own(jar: CookieJar, State(app): State<App>, me: Current) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    feed::revoke(&mut tx, me.member, Of::Member).await?;
    tx.commit().await?;
    Ok(ended(jar, PAGE))
}

#[derive(Template)]
#[template(path = "bookings/admin/calendar.html")]
struct SpacePage {
    chrome: Chrome,
    space: Space,
    shown: Shown,
}

impl SpacePage {
    fn action(&self) -> String {
        page_of(&self.space)
    }
}

async fn of_space(
    chrome: Chrome,
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let space = any_space(
        &mut db,
        Which {
            slug: Some(&slug),
            ..Which::default()
        },
    )
    .await?;
    let zone = Profile::of(&mut db, me.member).await?.zone;
    let feed = feed::current(&mut db, me.member, Of::Space(space.id)).await?;
    let (jar, secret) = once(jar, &page_of(&space));
    let shown = Shown::new(&app, feed, secret.as_deref(), zone);
    let page = SpacePage {
        chrome,
        space,
        shown,
    };
    Ok((jar, html::page(&page)?).into_response())
}

async fn renew_space(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let space = any_space(
        &mut tx,
        Which {
            slug: Some(&slug),
            ..Which::default()
        },
    )
    .await?;
    let secret = feed::renew(&mut tx, me.member, Of::Space(space.id)).await?;
    tx.commit().await?;
    Ok(carried(&app, jar, secret, &page_of(&space)))
}

async fn end_space(
    jar: CookieJar,
    State(app): State<App>,
    me: Staff,
    Path(slug): Path<String>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let space = any_space(
        &mut tx,
        Which {
            slug: Some(&slug),
            ..Which::default()
        },
    )
    .await?;
    feed::revoke(&mut tx, me.member, Of::Space(space.id)).await?;
    tx.commit().await?;
    Ok(ended(jar, &page_of(&space)))
}

fn page_of(space: &Space) -> String {
    format!("/admin/spaces/{}/calendar", space.slug)
}

/// The secret of a new address, which the page shows this once.
fn once(jar: CookieJar, page: &str) -> (CookieJar, Option<String>) {
    let secret = jar.get(COOKIE).map(|cookie| cookie.value().to_owned());
    let jar = jar.remove(Cookie::build(COOKIE).path(page.to_owned()).build());
    (jar, secret)
}

fn carried(app: &App, jar: CookieJar, secret: String, page: &str) -> Response {
    let cookie = Cookie::build((COOKIE, secret))
        .path(page.to_owned())
        .http_only(true)
        .secure(app.config.cookies().secure())
        .same_site(SameSite::Strict);
    let next = format!("{page}#new-address");
    (jar.add(cookie), html::see_other(&next)).into_response()
}

fn ended(jar: CookieJar, page: &str) -> Response {
    let flash = Flash::done("That address works no more.");
    (jar.add(flash.cookie()), html::see_other(page)).into_response()
}
