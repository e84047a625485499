//! `/live`: server-sent events that say that a page is out of date, and nothing else.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use hyper::body::Frame;
use serde::Deserialize;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval, sleep},
};
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
    live::{Ear, News},
    locations::location::Location,
    sessions::{
        current::{Current, cookie_name},
        session,
    },
    spaces::space::Space,
    time::{Span, Zone, parse_date},
    transaction::Db,
};

/// So often a stream says that it is there, or what stands between would cut it.
const BEAT: Duration = Duration::from_secs(15);
/// So often it looks whether its reader still works here.
const LOOK: Duration = Duration::from_secs(3);
/// Changes that come together are told once.
const TOGETHER: Duration = Duration::from_millis(40);

pub fn routes() -> Router<App> {
    Router::new().route("/live", get(live))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// For the front desk's pages.
    desk: String,
    location: String,
    space: String,
    date: String,
}

/// What a page shows: only changes of that are told.
struct Watch {
    location: Option<Uuid>,
    space: Option<Uuid>,
    day: Option<Day>,
}

/// A date, or today, whenever that is by then.
struct Day {
    zone: Zone,
    date: Option<NaiveDate>,
}

impl Day {
    /// With a night after it.
    fn span(&self, now: DateTime<Utc>) -> Span {
        let date = self.date.unwrap_or_else(|| self.zone.date(now));
        let midnight = self.zone.first_instant(date.and_time(NaiveTime::MIN));
        Span::new(midnight, midnight + TimeDelta::hours(36))
    }
}

impl Watch {
    async fn read(db: &mut Db, asked: &Asked) -> Result<Watch> {
        let mut watch = Watch {
            location: None,
            space: None,
            day: None,
        };
        let mut zone = None;
        if !asked.location.is_empty() {
            let location = Location::find(db, &asked.location).await?;
            let location = location.ok_or(Error::NotFound)?;
            zone = Some(location.zone);
            watch.location = Some(location.id.get());
        }
        if !asked.space.is_empty() {
            let space = Space::find(db, &asked.space)
                .await?
                .ok_or(Error::NotFound)?;
            let location = Location::by_id(db, space.location).await?;
            zone = location.map(|location| location.zone);
            watch.location = Some(space.location.get());
            watch.space = Some(space.id.get());
        }
        if !asked.date.is_empty() {
            if zone.is_none() {
                zone = Location::all(db)
                    .await?
                    .first()
                    .map(|location| location.zone);
            }
            let date = parse_date(&asked.date);
            watch.day = zone.map(|zone| Day { zone, date });
        }
        Ok(watch)
    }

    fn is_for(&self, news: News, now: DateTime<Utc>) -> bool {
        let News::Change(change) = news else {
            return true;
        };
        self.location.is_none_or(|here| here == change.location)
            && (self.space.is_none() || change.space.is_none() || self.space == change.space)
            && self.day.as_ref().is_none_or(|day| {
                let span = day.span(now);
                change.touches(span.from, span.until)
            })
    }
}

/// The front desk's pages are told by the session, everybody else's of what is public anyway: that a time
/// has been taken or freed.
async fn live(
    State(app): State<App>,
    me: Option<Current>,
    jar: CookieJar,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let is_staff = me.as_ref().is_some_and(|me| me.staff.is_some());
    let secret = match asked.desk.is_empty() {
        true => None,
        false if is_staff => jar
            .get(&cookie_name(&app))
            .map(|cookie| cookie.value().to_owned()),
        false => return Err(Error::NotFound),
    };
    let watch = Watch::read(&mut *app.db.acquire().await?, &asked).await?;
    let Some(ear) = app.live.listen() else {
        return Ok((
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "30")],
        )
            .into_response());
    };
    let (said, events) = mpsc::channel(4);
    tokio::spawn(tell(app, ear, watch, secret, said));
    let mut headers = HeaderMap::new();
    let fixed = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    // Proxies must not collect it.
    headers.insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    Ok((headers, Body::new(Events(events))).into_response())
}

/// Speaks until the reader is gone, has nothing to do here any more, or the program stops.
async fn tell(
    app: App,
    mut ear: Ear,
    watch: Watch,
    secret: Option<String>,
    said: mpsc::Sender<&'static str>,
) {
    let (mut beat, mut look) = (interval(BEAT), interval(LOOK));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    if said.send("retry: 1000\n\n").await.is_err() {
        return;
    }
    loop {
        let words = tokio::select! {
            news = ear.next() => {
                let mut is_news = watch.is_for(news, app.clock.now());
                sleep(TOGETHER).await;
                while let Some(more) = ear.more() {
                    is_news |= watch.is_for(more, app.clock.now());
                }
                if !is_news { continue }
                "event: change\ndata:\n\n"
            }
            _ = beat.tick() => ":\n\n",
            _ = look.tick(), if secret.is_some() => {
                if still_works_here(&app, secret.as_deref()).await { continue }
                let _ = said.send("event: bye\ndata:\n\n").await;
                return;
            }
            () = said.closed() => return,
            () = app.lifecycle.stopping() => return,
        };
        if said.send(words).await.is_err() {
            return;
        }
    }
}

/// A database that is away says nothing of anybody.
async fn still_works_here(app: &App, secret: Option<&str>) -> bool {
    let Some(secret) = secret else { return false };
    match session::person(&app.db, secret).await {
        Ok(person) => person.is_some_and(|person| person.staff.is_some()),
        Err(_) => true,
    }
}

struct Events(mpsc::Receiver<&'static str>);

impl HttpBody for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.poll_recv(context);
        next.map(|words| words.map(|words| Ok(Frame::data(Bytes::from_static(words.as_bytes())))))
    }
}
