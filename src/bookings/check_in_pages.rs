//! Coming and going, as whoever booked says it: on the page of their booking, and by the code at a space's door.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

use super::{
    booking::{Booking, Status},
    check_in::{self, Presence, Refusal, Word},
    door,
    now::next_step,
    pages::changeable,
    sheet::{Asker, Sheet},
    term::{Term, Wish},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::{Flash, Undo},
    html::{self, Chrome},
    sessions::current::Current,
    spaces::{
        space::{Audience, Space, Which},
        standing::Standing,
    },
    time::Span,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route(
            "/bookings/{reference}/check-in",
            get(its_page).post(check_in),
        )
        .route("/bookings/{reference}/check-in/undo", post(take_back))
        .route("/bookings/{reference}/lateness", post(run_late))
        .route("/bookings/{reference}/departure", post(leave))
        .route("/c/{code}", get(door_page).post(at_the_door))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    /// Where it was said.
    back: String,
}

/// Where it is done: the page of the booking.
async fn its_page(
    State(app): State<App>,
    me: Current,
    Path(reference): Path<String>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    Ok(html::see_other(&booking.url()))
}

async fn check_in(
    app: State<App>,
    now: Now,
    me: Current,
    jar: CookieJar,
    reference: Path<String>,
    said: Form<Said>,
) -> Result<Response> {
    say(Word::Arrive, (app, now, me, jar, reference, said)).await
}

async fn take_back(
    app: State<App>,
    now: Now,
    me: Current,
    jar: CookieJar,
    reference: Path<String>,
    said: Form<Said>,
) -> Result<Response> {
    say(Word::Undo, (app, now, me, jar, reference, said)).await
}

async fn run_late(
    app: State<App>,
    now: Now,
    me: Current,
    jar: CookieJar,
    reference: Path<String>,
    said: Form<Said>,
) -> Result<Response> {
    say(Word::Late, (app, now, me, jar, reference, said)).await
}

async fn leave(
    app: State<App>,
    now: Now,
    me: Current,
    jar: CookieJar,
    reference: Path<String>,
    said: Form<Said>,
) -> Result<Response> {
    say(Word::Leave, (app, now, me, jar, reference, said)).await
}

type Asked = (
    State<App>,
    Now,
    Current,
    CookieJar,
    Path<String>,
    Form<Said>,
);

async fn say(word: Word, asked: Asked) -> Result<Response> {
    let (State(app), Now(now), me, jar, Path(reference), Form(said)) = asked;
    let booking = changeable(&app, &me, &reference).await?;
    let flash = said_of(&app, &me, &booking, word, &said.back, now).await?;
    let back = match said.back.as_str() {
        "" => booking.url(),
        back => html::local_address(back).to_owned(),
    };
    Ok((jar.add(flash.cookie()), html::see_other(&back)).into_response())
}

/// Says it, and what came of it.
async fn said_of(
    app: &App,
    me: &Current,
    booking: &Booking,
    word: Word,
    back: &str,
    now: DateTime<Utc>,
) -> Result<Flash> {
    let outcome: Result<Booking, Refusal> = transaction!(app.db, tx =>
        check_in::say(tx, me.member, booking.id, word, now).await)?;
    let booking = match outcome {
        Ok(booking) => booking,
        Err(refusal) => return Ok(Flash::problem(refusal.to_string())),
    };
    let space = &booking.space;
    let words = match word {
        Word::Arrive => format!("You are checked in: {space}."),
        Word::Leave => format!("Thank you. {space} is free for others."),
        Word::Undo => return Ok(Flash::done("That is taken back.")),
        Word::Late => {
            let presence = Presence::of(&mut *app.db.acquire().await?, booking.id).await?;
            let words = presence.words(&booking, now).unwrap_or_default();
            return Ok(Flash::done(words));
        }
    };
    let action = format!("{}/check-in/undo", booking.url());
    Ok(Flash::done(words).with_undo(Undo::new(action, &[("back", back)])))
}

#[derive(Template)]
#[template(path = "bookings/door.html")]
struct DoorPage {
    chrome: Chrome,
    code: String,
    space: Space,
    location: String,
    /// The tone and words of what it is doing now.
    tone: &'static str,
    state: String,
    /// Its page, with the time from now on chosen where it is free.
    book: String,
    is_free: bool,
    /// What the reader has here today.
    mine: Option<(Booking, Presence)>,
    /// What else they have at this moment.
    elsewhere: Option<Booking>,
    now: DateTime<Utc>,
}

impl DoorPage {
    /// What there is to do about the reader's booking here, or why nothing.
    fn words(&self, booking: &Booking, presence: &Presence) -> String {
        match booking.status {
            Status::CheckedIn => format!("You are here until {}.", booking.zone.clock(booking.during.until)),
            Status::NoShow => "Nobody had checked in, so the rest of it was given free. It is yours again if nobody has taken it.".to_owned(),
            _ => presence.words(booking, self.now).unwrap_or_default(),
        }
    }
}

async fn door_page(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    Path(code): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let space = behind(&mut db, &code).await?;
    let which = Which {
        id: Some(space.id),
        ..Which::default()
    };
    let today = {
        let date = now.date_naive();
        (date - Duration::days(1), date + Duration::days(1))
    };
    let asker = match &me {
        Some(me) => Asker::member(me.member),
        None => Asker::default(),
    };
    let sheet = Sheet::load(&mut db, which, today, &asker, now).await?;
    let own = match &me {
        Some(me) => Booking::upcoming(&mut db, me.member, now).await?,
        None => Vec::new(),
    };
    let (tone, state, book, is_free) = match sheet.spaces.first() {
        Some(space) => stands(&sheet, space, now),
        None => (
            "warn",
            "Not to be booked at the moment".to_owned(),
            String::new(),
            false,
        ),
    };
    let location = sheet
        .spaces
        .first()
        .map(|space| sheet.location(space).name.clone());
    let mine = today_here(&mut db, &own, &space, now).await?;
    let elsewhere = own.into_iter().find(|booking| {
        let firm = matches!(booking.status, Status::Confirmed | Status::CheckedIn);
        firm && booking.space_id != space.id.get()
            && booking.during.from - Duration::minutes(30) <= now
    });
    html::page(&DoorPage {
        chrome,
        code: code.to_uppercase(),
        location: location.unwrap_or_default(),
        space,
        tone,
        state,
        book,
        is_free,
        elsewhere: elsewhere.filter(|_| mine.is_none()),
        mine,
        now,
    })
}

async fn behind(db: &mut Db, code: &str) -> Result<Space> {
    let id = door::behind(db, code).await?.ok_or(Error::NotFound)?;
    let which = Which {
        id: Some(id),
        audience: Audience::Keepers,
        ..Which::default()
    };
    Space::list(db, which).await?.pop().ok_or(Error::NotFound)
}

/// The reader's booking here that runs now or begins next today.
async fn today_here(
    db: &mut Db,
    own: &[Booking],
    space: &Space,
    now: DateTime<Utc>,
) -> Result<Option<(Booking, Presence)>> {
    let here = own.iter().find(|booking| {
        let comes = matches!(
            booking.status,
            Status::Confirmed | Status::CheckedIn | Status::NoShow
        );
        comes && booking.space_id == space.id.get() && booking.date() <= booking.zone.date(now)
    });
    Ok(match here {
        Some(booking) => Some((booking.clone(), Presence::of(db, booking.id).await?)),
        None => None,
    })
}

/// How it stands from the step that comes next, for as long as can be booked least; and where to book it then.
fn stands(
    sheet: &Sheet,
    space: &Space,
    now: DateTime<Utc>,
) -> (&'static str, String, String, bool) {
    let zone = sheet.zone(space);
    let page = format!("/spaces/{}", space.slug);
    let from = next_step(sheet, space, now);
    let length = space.policy.min_minutes.max(30);
    let wish = Wish::new(
        Term::Time(Span::new(from, from + Duration::minutes(length))),
        1,
    );
    match Standing::of(sheet, space, &wish, &[]) {
        Standing::Free(term, _) => {
            let until = sheet.free_until(space, from);
            let words = match until {
                Some(until) => format!("Free until {}", zone.clock(until)),
                None => "Free today".to_owned(),
            };
            let wish = super::wish::Typed::default().with_term(term, zone).query();
            ("ok", words, format!("{page}?{wish}#book"), true)
        }
        Standing::Taken(words) => ("bad", words, page, false),
        Standing::Yours { when, .. } => ("sea", format!("Yours {when}"), page, false),
        Standing::Shut(words) => ("warn", words, page, false),
    }
}

/// Checks in to the reader's booking behind the door.
async fn at_the_door(
    State(app): State<App>,
    Now(now): Now,
    me: Current,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let space = behind(&mut db, &code).await?;
    let own = Booking::upcoming(&mut db, me.member, now).await?;
    let mine = today_here(&mut db, &own, &space, now).await?;
    drop(db);
    let page = format!("/c/{}", code.to_uppercase());
    let flash = match &mine {
        Some((booking, _)) => said_of(&app, &me, booking, Word::Arrive, &page, now).await?,
        None => Flash::problem("There is nothing of yours to check in to here today."),
    };
    Ok((jar.add(flash.cookie()), html::see_other(&page)).into_response())
}
