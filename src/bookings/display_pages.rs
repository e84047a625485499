//! What a screen at a door shows: free or taken, what comes next; and what can be done there: hold it for whoever
//! stands there, come, and leave.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{
    attendance,
    booking::Booking,
    display::{
        self, Opened, Taken, holding,
        presence::{self, Word},
    },
    door,
    now::next_step,
    refusal::Refusal,
    sheet::{Asker, Sheet},
    strip::{Strip, strip},
    term::{Term, Wish},
};
use crate::{
    app::App,
    assets,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    qr::{self, Drawing},
    sessions::computer::{self, Colleague, Computer},
    spaces::space::{Audience, Space, Which},
    time::{Span, Zone},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/display/{secret}", get(show))
        .route("/display/worker.js", get(worker))
        .route("/display/{secret}/booking", get(held).post(hold))
        .route("/display/{secret}/booking/ending", post(let_go))
        .route("/display/{secret}/presence", get(come_or_go).post(say))
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
    /// What it holds for whoever stands there.
    held: Option<Booking>,
    /// What can be said of the booking that runs or is about to.
    word: Option<Word>,
    /// Closed till later: it does not light up the night.
    is_night: bool,
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

    /// Half an hour after it has closed, till half an hour before it opens.
    fn is_night(&self, now: DateTime<Utc>) -> bool {
        let mut openings = self.openings().into_iter();
        !openings.any(|open| {
            let light = open.widened(30, 30);
            light.from <= now && now < light.until
        })
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
    let held = holding::held(&mut db, scene.opened.id).await?;
    let there = presence::now_there(&mut db, scene.opened, now).await?;
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
        lengths: match (state.key, &held) {
            ("free", None) => lengths.collect(),
            _ => Vec::new(),
        },
        held,
        word: there.map(|(_, word)| word),
        is_night: scene.is_night(now),
        code: qr::drawn(&app.config.public_url().link(&format!("/c/{code}")))?,
        known: scene.known(&taken, window, now)?,
        state,
        space: scene.space,
    })
}

#[derive(Template)]
#[template(path = "bookings/display_booking.html")]
struct HeldPage {
    chrome: Chrome,
    /// Back to the screen.
    path: String,
    when: String,
    until: String,
    /// To be typed: `connect.example/d/7K3M9`.
    address: String,
    code: Drawing,
    booking: Booking,
}

#[derive(Deserialize)]
struct Asked {
    minutes: i64,
}

/// Holds the room for whoever pressed: it is taken at once, and theirs once they take it by phone.
async fn hold(
    State(app): State<App>,
    Now(now): Now,
    jar: CookieJar,
    Path(secret): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response> {
    let path = format!("/display/{secret}");
    let scene = {
        let mut db = app.db.acquire().await?;
        let scene = Scene::read(&mut db, &secret, now).await?;
        if holding::held(&mut db, scene.opened.id).await?.is_some() {
            return Ok(html::see_other(&format!("{path}/booking")));
        }
        scene
    };
    let length = Some(asked.minutes).filter(|minutes| LENGTHS.contains(minutes));
    let Some(wish) = length.and_then(|minutes| scene.wish(minutes)) else {
        return Ok(html::see_other(&path));
    };
    let (opened, space) = (scene.opened, &scene.space);
    let held: Result<Booking, Refusal> =
        transaction!(app.db, tx => holding::hold(tx, opened, space, wish, now).await)?;
    Ok(match held {
        Ok(_) => html::see_other(&format!("{path}/booking")),
        Err(refusal) => {
            let flash = Flash::problem(refusal.to_string());
            (jar.add(flash.cookie()), html::see_other(&path)).into_response()
        }
    })
}

/// The code that leads a phone to what the screen holds; back to the screen where it holds nothing any more.
async fn held(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    Path(secret): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let scene = Scene::read(&mut db, &secret, now).await?;
    let path = format!("/display/{secret}");
    let Some(booking) = holding::held(&mut db, scene.opened.id).await? else {
        return Ok(html::see_other(&path));
    };
    let letters = booking.reference.trim_start_matches("CS-");
    let address = app.config.public_url().link(&format!("/d/{letters}"));
    let until = booking.hold_expires_at;
    html::page(&HeldPage {
        chrome,
        path,
        when: scene
            .zone
            .range(booking.during, scene.sheet.today(&scene.space)),
        until: until.map_or(String::new(), |until| scene.zone.clock(until)),
        code: qr::drawn(&address)?,
        address: address
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .to_owned(),
        booking,
    })
}

async fn let_go(State(app): State<App>, Path(secret): Path<String>) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    let opened = display::opened(&mut tx, &secret).await?;
    holding::let_go(&mut tx, opened.ok_or(Error::NotFound)?).await?;
    tx.commit().await?;
    Ok(html::see_other(&format!("/display/{secret}")))
}

#[derive(Template)]
#[template(path = "bookings/display_presence.html")]
struct PresencePage {
    chrome: Chrome,
    errors: Errors,
    path: String,
    space: Space,
    when: String,
    word: Word,
    code: Drawing,
    colleagues: Vec<Colleague>,
    person: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PinForm {
    word: String,
    person: String,
    pin: String,
}

async fn presence_page(
    app: &App,
    chrome: Chrome,
    secret: &str,
    (person, errors): (String, Errors),
    now: DateTime<Utc>,
) -> Result<Option<PresencePage>> {
    let mut db = app.db.acquire().await?;
    let scene = Scene::read(&mut db, secret, now).await?;
    let there = presence::now_there(&mut db, scene.opened, now).await?;
    let Some((booking, word)) = there else {
        return Ok(None);
    };
    let code = door::code(&mut db, scene.space.id).await?;
    Ok(Some(PresencePage {
        chrome,
        errors,
        path: format!("/display/{secret}"),
        when: scene
            .zone
            .range(booking.during, scene.sheet.today(&scene.space)),
        word,
        code: qr::drawn(&app.config.public_url().link(&format!("/c/{code}")))?,
        colleagues: Computer::colleagues(&mut db).await?,
        person,
        space: scene.space,
    }))
}

/// How to say that one is here, or leaves: by one's own phone, or by somebody who works here.
async fn come_or_go(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    Path(secret): Path<String>,
) -> Result<Response> {
    let typed = (String::new(), Errors::default());
    match presence_page(&app, chrome, &secret, typed, now).await? {
        Some(page) => html::page(&page),
        None => Ok(html::see_other(&format!("/display/{secret}"))),
    }
}

/// Wrong PINs are counted for the person and for this screen.
async fn say(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    jar: CookieJar,
    Path(secret): Path<String>,
    Form(form): Form<PinForm>,
) -> Result<Response> {
    let path = format!("/display/{secret}");
    let opened = display::opened(&mut *app.db.acquire().await?, &secret).await?;
    let opened = opened.ok_or(Error::NotFound)?;
    let word = match form.word.as_str() {
        "leave" => Word::Leave,
        _ => Word::Arrive,
    };
    let proven = computer::prove_at(&app.db, &app.limits, opened.id, &form.person, &form.pin).await;
    let sentence = match proven {
        Ok(Ok(by)) => {
            let said: Result<Booking, attendance::Refusal> =
                transaction!(app.db, tx => presence::say(tx, by, opened, word, now).await)?;
            let flash = match said {
                Ok(_) if word == Word::Arrive => Flash::done("Checked in."),
                Ok(_) => Flash::done("Ended: the rest of the time is free."),
                Err(refusal) => Flash::problem(refusal.to_string()),
            };
            return Ok((jar.add(flash.cookie()), html::see_other(&path)).into_response());
        }
        Ok(Err(refusal)) => refusal.to_string(),
        Err(Error::TooMany { .. }) => {
            "That was wrong too often. Try again in a quarter of an hour, or at the desk."
                .to_owned()
        }
        Err(error) => return Err(error),
    };
    let typed = (form.person, Errors::from(("pin", sentence)));
    match presence_page(&app, chrome.refused(), &secret, typed, now).await? {
        Some(page) => html::refused(&page),
        None => Ok(html::see_other(&path)),
    }
}

/// The script that keeps a screen alive without a network; it may look after screens alone.
async fn worker(headers: HeaderMap, uri: Uri) -> Response {
    assets::serve(Path("js/door-worker.js".to_owned()), headers, uri).await
}
