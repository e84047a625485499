//! What a screen at a door shows: free or taken, what comes next, and the codes to book, come and leave by phone.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{
    display::{self, Opened, Taken},
    door,
    now::next_step,
    sheet::{Asker, Sheet},
    strip::{Strip, strip},
    term::{Term, Wish},
    wish::Typed,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    qr::{self, Drawing},
    spaces::space::{Audience, Space, Which},
    time::{Span, Zone},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/display/{secret}", get(show))
        .route("/display/{secret}/booking", get(take))
}

/// How long a screen goes on by itself when it hears nothing, in hours.
const KNOWN_HOURS: i64 = 36;
/// The lengths that are offered at the door, in minutes.
const LENGTHS: [i64; 3] = [15, 30, 60];

#[derive(Template)]
#[template(path = "bookings/display.html")]
struct DisplayPage {
    chrome: Chrome,
    /// Its own address.
    path: String,
    space: Space,
    location: String,
    now_clock: String,
    state: Standing,
    strip: Option<Strip>,
    next: Option<String>,
    /// Minutes that can be had from the next step on.
    lengths: Vec<i64>,
    code: Drawing,
    known: String,
}

/// How it is now.
struct Standing {
    /// `free`, `busy` or `shut`.
    key: &'static str,
    word: &'static str,
    line: String,
}

/// What the script goes on with: instants in milliseconds, each with its local clock.
#[derive(Serialize)]
struct Known {
    at: i64,
    /// How far the local clock is ahead of UTC, in minutes.
    zone: i64,
    taken: Vec<Stretch>,
    open: Vec<Stretch>,
    shut: Vec<Stretch>,
}

#[derive(Serialize)]
struct Stretch {
    from: i64,
    until: i64,
    begins: String,
    ends: String,
    words: String,
}

impl Stretch {
    fn new(span: Span, words: &str, zone: Zone) -> Stretch {
        Stretch {
            from: span.from.timestamp_millis(),
            until: span.until.timestamp_millis(),
            begins: zone.clock(span.from),
            ends: zone.clock(span.until),
            words: words.to_owned(),
        }
    }
}

/// Everything about the space that a screen is made from.
struct Scene {
    opened: Opened,
    sheet: Sheet,
    space: Space,
    zone: Zone,
}

impl Scene {
    async fn read(db: &mut Db, secret: &str, now: DateTime<Utc>) -> Result<Scene> {
        let opened = display::opened(&mut *db, secret)
            .await?
            .ok_or(Error::NotFound)?;
        let which = Which {
            id: Some(opened.space),
            audience: Audience::Keepers,
            ..Which::default()
        };
        let today = now.date_naive();
        let days = (today - Duration::days(1), today + Duration::days(2));
        let sheet = Sheet::load(db, which, days, &Asker::default(), now).await?;
        let space = sheet.spaces.first().cloned().ok_or(Error::NotFound)?;
        let zone = sheet.zone(&space);
        Ok(Scene {
            opened,
            sheet,
            space,
            zone,
        })
    }

    /// A booking of so many minutes from the next step on, where it can be had.
    fn wish(&self, minutes: i64) -> Option<Wish> {
        let from = next_step(&self.sheet, &self.space, self.sheet.now());
        let term = Term::Time(Span::new(from, from + Duration::minutes(minutes)));
        let wish = Wish::new(term, 1);
        self.sheet.check(&self.space, &wish).is_ok().then_some(wish)
    }

    fn openings(&self) -> Vec<Span> {
        let today = self.sheet.today(&self.space);
        let days = [today - Duration::days(1), today, today + Duration::days(1)];
        let days = days
            .into_iter()
            .flat_map(|date| self.sheet.day(&self.space, date).openings);
        days.map(|opening| opening.span).collect()
    }

    fn state(&self, taken: &[Taken], now: DateTime<Utc>) -> Standing {
        let runs = |span: Span| span.from <= now && now < span.until;
        let clock = |at| self.zone.clock(at);
        if let Some(busy) = taken.iter().find(|taken| runs(taken.during)) {
            return Standing {
                key: "busy",
                word: "Taken",
                line: format!("{} until {}", busy.words, clock(busy.during.until)),
            };
        }
        let moment = Span::new(now, now + Duration::minutes(1));
        if let Some(closure) = self.sheet.closures(&self.space, moment).next() {
            return Standing {
                key: "shut",
                word: "Closed",
                line: closure.wording.clone(),
            };
        }
        let Some(open) = self.openings().into_iter().find(|open| runs(*open)) else {
            return Standing {
                key: "shut",
                word: "Closed",
                line: String::new(),
            };
        };
        let next = taken
            .iter()
            .map(|taken| taken.during.from)
            .find(|from| *from > now);
        let until = next.map_or(open.until, |next| next.min(open.until));
        Standing {
            key: "free",
            word: "Free",
            line: format!("until {}", clock(until)),
        }
    }

    fn known(&self, taken: &[Taken], window: Span, now: DateTime<Utc>) -> Result<String> {
        let stretch = |span, words: &str| Stretch::new(span, words, self.zone);
        let openings = self.openings().into_iter();
        let shut = self.sheet.closures(&self.space, window);
        let known = Known {
            at: now.timestamp_millis(),
            zone: self.zone.ahead(now).num_minutes(),
            taken: taken
                .iter()
                .map(|one| stretch(one.during, &one.words))
                .collect(),
            open: openings.map(|open| stretch(open, "")).collect(),
            shut: shut
                .map(|closure| stretch(closure.during, &closure.wording))
                .collect(),
        };
        Ok(serde_json::to_string(&known).map_err(anyhow::Error::from)?)
    }
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    Path(secret): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let scene = Scene::read(&mut db, &secret, now).await?;
    let window = Span::new(
        now - Duration::hours(12),
        now + Duration::hours(KNOWN_HOURS),
    );
    let taken = display::taken(&mut db, scene.opened, window).await?;
    let code = door::code(&mut db, scene.space.id).await?;
    let next = taken.iter().find(|taken| taken.during.from > now);
    let today = scene.sheet.today(&scene.space);
    let next = next.map(|next| {
        let range = scene.zone.dated(next.during, today);
        format!("{range}: {}", next.words)
    });
    let state = scene.state(&taken, now);
    let lengths = LENGTHS
        .into_iter()
        .filter(|minutes| scene.wish(*minutes).is_some());
    html::page(&DisplayPage {
        chrome,
        path: format!("/display/{secret}"),
        location: scene.sheet.location(&scene.space).name.clone(),
        now_clock: scene.zone.clock(now),
        strip: strip(&scene.sheet, &scene.space, today, None),
        next,
        lengths: match state.key {
            "free" => lengths.collect(),
            _ => Vec::new(),
        },
        code: qr::drawn(&app.config.public_url().link(&format!("/c/{code}")))?,
        known: scene.known(&taken, window, now)?,
        state,
        space: scene.space,
    })
}

#[derive(Template)]
#[template(path = "bookings/display_booking.html")]
struct TakePage {
    chrome: Chrome,
    /// Back to the screen.
    path: String,
    space: Space,
    when: String,
    price: String,
    code: Drawing,
}

#[derive(Deserialize)]
struct Asked {
    minutes: i64,
}

/// The code that leads a phone to booking this time: whoever books is signed in there, and pays as they usually do.
async fn take(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    Path(secret): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let scene = Scene::read(&mut *app.db.acquire().await?, &secret, now).await?;
    let path = format!("/display/{secret}");
    let length = Some(asked.minutes).filter(|minutes| LENGTHS.contains(minutes));
    let Some(wish) = length.and_then(|minutes| scene.wish(minutes)) else {
        return Ok(html::see_other(&path));
    };
    let offer = scene
        .sheet
        .check(&scene.space, &wish)
        .map_err(|_| Error::NotFound)?;
    let typed = Typed {
        people: "1".to_owned(),
        ..Typed::default()
    };
    let query = typed.with_term(wish.term, scene.zone).query();
    let address = format!("/spaces/{}?{query}#book", scene.space.slug);
    html::page(&TakePage {
        chrome,
        path,
        when: scene
            .zone
            .range(offer.during, scene.sheet.today(&scene.space)),
        price: offer.quote.total.to_string(),
        code: qr::drawn(&app.config.public_url().link(&address))?,
        space: scene.space,
    })
}
