//! The audit trail as a page and as a file.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use axum_extra::extract::Query;
use chrono::{DateTime, Days, NaiveTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::event::{Event, Which, subject_words};
use crate::{
    app::App,
    csv,
    error::Result,
    html::{self, Chrome},
    members::{profile::Profile, staff::Duties},
    sessions::current::Manager,
    time::{Span, Zone, parse_date},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/audit", get(index))
        .route("/admin/audit.csv", get(table))
}

/// Lines on a page.
const PAGE: i64 = 50;
/// Lines of a file read at once.
const BATCH: i64 = 1000;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Asked {
    person: String,
    verb: String,
    subject: String,
    first: String,
    last: String,
    words: String,
    before: String,
}

impl Asked {
    fn which(&self, zone: Zone, most: i64) -> Which {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let midnight = |date: chrono::NaiveDate| zone.first_instant(date.and_time(NaiveTime::MIN));
        let (first, last) = (parse_date(&self.first), parse_date(&self.last));
        let during = (first.is_some() || last.is_some()).then(|| {
            Span::new(
                first.map_or(DateTime::UNIX_EPOCH, midnight),
                last.and_then(|last| last.checked_add_days(Days::new(1)))
                    .map_or(DateTime::<Utc>::MAX_UTC, midnight),
            )
        });
        Which {
            person: self.person.clone(),
            verb: some(&self.verb),
            subject: some(&self.subject),
            subject_id: None,
            during,
            words: self.words.clone(),
            before: Uuid::parse_str(&self.before).ok(),
            most,
        }
    }

    fn query(&self, before: &str) -> String {
        let pairs = [
            ("person", self.person.as_str()),
            ("verb", &self.verb),
            ("subject", &self.subject),
            ("first", &self.first),
            ("last", &self.last),
            ("words", &self.words),
            ("before", before),
        ];
        html::query(
            &pairs
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect::<Vec<_>>(),
        )
    }
}

#[derive(Template)]
#[template(path = "trail/index.html")]
struct IndexPage {
    chrome: Chrome,
    asked: Asked,
    verbs: Vec<String>,
    subjects: Vec<String>,
    history: Vec<Event>,
    zone: Zone,
}

impl IndexPage {
    fn older(&self) -> Option<String> {
        let last = self
            .history
            .last()
            .filter(|_| self.history.len() as i64 == PAGE)?;
        Some(format!(
            "/admin/audit?{}",
            self.asked.query(&last.id.to_string())
        ))
    }

    fn table_address(&self) -> String {
        format!("/admin/audit.csv?{}", self.asked.query(""))
    }

    fn thing<'a>(&self, table: &'a str) -> &'a str {
        subject_words(table)
    }

    fn is_filtered(&self) -> bool {
        !self.asked.query("").is_empty()
    }
}

async fn index(
    chrome: Chrome,
    State(app): State<App>,
    me: Manager,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let zone = Profile::of(&mut db, me.member).await?.zone;
    let (verbs, subjects) = Event::choices(&mut db).await?;
    let history = Event::list(&mut db, me.duties, &asked.which(zone, PAGE)).await?;
    html::page(&IndexPage {
        chrome,
        asked,
        verbs,
        subjects,
        history,
        zone,
    })
}

const HEADING: [&str; 9] = [
    "When",
    "Who",
    "Did",
    "To",
    "Called",
    "Location",
    "From where",
    "Network",
    "Change",
];

/// All of them; read and sent piece by piece.
async fn table(
    State(app): State<App>,
    me: Manager,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let zone = {
        let mut db = app.db.acquire().await?;
        Profile::of(&mut db, me.member).await?.zone
    };
    let which = asked.which(zone, BATCH);
    Ok(csv::stream("audit.csv", &HEADING, move |file| {
        write_all(app, me.duties, which, zone, file)
    }))
}

/// Until the oldest line, or until nobody reads any more.
async fn write_all(
    app: App,
    duties: Duties,
    mut which: Which,
    zone: Zone,
    file: csv::Pieces,
) -> Result<()> {
    loop {
        let events = Event::list(&mut *app.db.acquire().await?, duties, &which).await?;
        let Some(last) = events.last() else {
            return Ok(());
        };
        which.before = Some(last.id);
        if !file.send(events.iter().map(|event| row(event, zone))).await {
            return Ok(());
        }
    }
}

fn row(event: &Event, zone: Zone) -> Vec<String> {
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let changes = event.changes(zone).into_iter().map(|change| {
        if change.before.is_empty() {
            format!("{}: {}", change.field, change.after)
        } else {
            format!("{}: {} → {}", change.field, change.before, change.after)
        }
    });
    vec![
        zone.rfc3339(event.at),
        some(&event.actor),
        event.verb.clone(),
        event.thing().to_owned(),
        some(&event.called),
        some(&event.location),
        event.channel.words().to_owned(),
        event.network.clone(),
        changes.collect::<Vec<_>>().join("; "),
    ]
}
