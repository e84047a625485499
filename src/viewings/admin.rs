//! The viewings board: who asked, where each stands, and what is next.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use axum_extra::extract::Query;
use chrono::{DateTime, Days, Utc};
use serde::Deserialize;

use super::{
    admin_edit, admin_questions, admin_viewing, funnel_pages,
    question::{self, Question},
    viewing::{Status, Viewing, Which},
};
use crate::{
    app::App,
    error::Result,
    extract::Now,
    form,
    html::{self, Chrome},
    locations::{interest::Interest, location::Location},
    sessions::current::Staff,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/viewings", get(board))
        .merge(admin_edit::routes())
        .merge(admin_viewing::routes())
        .merge(admin_questions::routes())
        .merge(funnel_pages::routes())
}

/// How long won and lost ones stay on the board.
const DONE_STAY: Days = Days::new(30);
/// The most that a list of one stage shows.
const MOST: i64 = 200;

#[derive(Template)]
#[template(path = "viewings/admin/board.html")]
struct BoardPage {
    chrome: Chrome,
    places: Vec<Location>,
    /// A slug, or empty for all.
    location: String,
    /// What is shown as a list: always on a phone, elsewhere only what is not on the board.
    stage: Status,
    columns: Vec<Column>,
    /// How many there are of each.
    counts: BTreeMap<Status, usize>,
    overdue: usize,
    questions: i64,
    /// How many want to be told when a location opens, by its name.
    waiting: Vec<(String, i64)>,
    now: DateTime<Utc>,
}

struct Column {
    key: &'static str,
    label: &'static str,
    /// What it holds, so that a phone shows the one that is asked for.
    stages: Vec<Status>,
    cards: Vec<Viewing>,
}

impl BoardPage {
    fn count(&self, status: &Status) -> usize {
        self.counts.get(status).copied().unwrap_or_default()
    }

    fn is_board(&self) -> bool {
        self.columns.len() > 1
    }

    fn is_shown(&self, column: &Column) -> bool {
        column.stages.contains(&self.stage)
    }

    fn is_here(&self, place: &Location) -> bool {
        self.location == place.slug
    }

    fn address(&self, stage: &str, location: &str) -> String {
        let pairs = [("stage", stage), ("location", location)];
        let said: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        if said.is_empty() {
            "/admin/viewings".to_owned()
        } else {
            format!("/admin/viewings?{}", html::query(&said))
        }
    }

    fn at_stage(&self, stage: &Status) -> String {
        self.address(stage.key(), &self.location)
    }

    fn at_location(&self, location: &str) -> String {
        let stage = if self.is_board() {
            ""
        } else {
            self.stage.key()
        };
        self.address(stage, location)
    }

    /// Where a moved card leads back to.
    fn here(&self) -> String {
        self.at_location(&self.location)
    }

    fn card<'a>(&'a self, viewing: &'a Viewing) -> Card<'a> {
        Card {
            viewing,
            now: self.now,
        }
    }
}

/// A viewing as its card shows it.
struct Card<'a> {
    viewing: &'a Viewing,
    now: DateTime<Utc>,
}

impl Card<'_> {
    /// Since when it stands where it is: `3 d`.
    fn age(&self) -> String {
        let hours = (self.now - self.viewing.changed_at).num_hours();
        match hours {
            ..1 => "now".into(),
            1..24 => format!("{hours} h"),
            _ => format!("{} d", hours / 24),
        }
    }

    /// `Tue 24 November, 09:00–09:30`, once it is agreed.
    fn when(&self) -> Option<String> {
        let stands = self.viewing.status == Status::Scheduled;
        self.viewing.when(self.now).filter(|_| stands)
    }

    fn next_on(&self) -> String {
        let Some(date) = self.viewing.next_on else {
            return String::new();
        };
        let today = self.viewing.zone.date(self.now);
        match (date - today).num_days() {
            0 => "today".into(),
            1 => "tomorrow".into(),
            _ => date.format("%a %-d %b").to_string(),
        }
    }

    fn wants(&self) -> String {
        self.viewing.wants(self.now)
    }

    fn is_overdue(&self) -> bool {
        self.viewing.is_overdue(self.now)
    }

    fn whatsapp(&self) -> Option<String> {
        self.viewing.phone.as_deref().map(whatsapp)
    }

    fn initials(&self) -> Option<String> {
        let name = self.viewing.assignee_name.clone()?;
        Some(
            html::Me {
                name,
                is_staff: true,
                manages: false,
            }
            .initials(),
        )
    }
}

/// `https://wa.me/27821234567`
pub(super) fn whatsapp(e164: &str) -> String {
    format!("https://wa.me/{}", e164.trim_start_matches('+'))
}

/// Kept short so that tables and cards read alike.
pub(super) fn phone(e164: &str) -> String {
    form::phone_words(e164)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct BoardQuery {
    stage: String,
    location: String,
}

async fn board(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(query): Query<BoardQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut places = Location::all(&mut db).await?;
    places.retain(Location::is_open);
    let here = places.iter().find(|place| place.slug == query.location);
    let which = Which {
        location: here.map(|place| place.id),
        ..Which::default()
    };
    let counts = Viewing::counts(&mut db, which.location).await?;
    let stage = Status::named(&query.stage);
    let on_board = [Status::WORKING.as_slice(), &[Status::Won, Status::Lost]].concat();
    let viewings = match stage.filter(|stage| !stage.is_working()) {
        Some(stage) => {
            let statuses = &[stage];
            Viewing::list(
                &mut db,
                Which {
                    statuses,
                    most: MOST,
                    ..which
                },
            )
            .await?
        }
        None => {
            let mut all = Viewing::list(
                &mut db,
                Which {
                    statuses: &on_board,
                    ..which
                },
            )
            .await?;
            all.retain(|viewing| {
                viewing.status.is_working() || viewing.changed_at > now - DONE_STAY
            });
            all
        }
    };
    let questions = Question::counts(&mut db).await?;
    let open = questions
        .iter()
        .find(|(status, _)| *status == question::Status::Open);
    html::page(&BoardPage {
        chrome,
        location: here.map(|place| place.slug.clone()).unwrap_or_default(),
        overdue: viewings
            .iter()
            .filter(|viewing| viewing.is_overdue(now))
            .count(),
        columns: columns(stage, viewings),
        stage: stage.unwrap_or(Status::New),
        counts,
        places,
        questions: open.map_or(0, |(_, count)| *count),
        waiting: Interest::waiting(&mut db).await?,
        now,
    })
}

/// The board, or the one list of a stage that is not on it.
fn columns(stage: Option<Status>, viewings: Vec<Viewing>) -> Vec<Column> {
    let column = |key, label, stages: Vec<Status>| {
        let mut cards: Vec<Viewing> = viewings
            .iter()
            .filter(|viewing| stages.contains(&viewing.status) && !viewing.forgotten)
            .cloned()
            .collect();
        cards.sort_by_key(|viewing| {
            (
                !viewing.status.is_working(),
                viewing.next_on.is_none(),
                viewing.next_on,
            )
        });
        Column {
            key,
            label,
            stages,
            cards,
        }
    };
    if let Some(stage) = stage.filter(|stage| !stage.is_working()) {
        return vec![column(stage.key(), stage.label(), vec![stage])];
    }
    let working = Status::WORKING.into_iter();
    working
        .map(|stage| column(stage.key(), stage.label(), vec![stage]))
        .chain([column(
            "won",
            "Won and lost",
            vec![Status::Won, Status::Lost],
        )])
        .collect()
}
