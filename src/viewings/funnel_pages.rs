//! The funnel as a page, and the viewings as a file: for managers of their location, and owners.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use axum_extra::extract::Query;
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Deserialize;

use super::{
    funnel::{Counts, Funnel, STEPS},
    viewing::{Viewing, Which},
};
use crate::{
    app::App,
    csv,
    error::Result,
    extract::Now,
    html::{self, Chrome},
    sessions::current::Manager,
    time::parse_date,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/viewings/funnel", get(show))
        .route("/admin/viewings/export.csv", get(export))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Period {
    first: String,
    last: String,
}

impl Period {
    /// As asked, or the last half year.
    fn dates(&self, now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
        let last = parse_date(&self.last).unwrap_or(now.date_naive() + Days::new(1));
        (
            parse_date(&self.first).unwrap_or(last - Days::new(183)),
            last,
        )
    }
}

#[derive(Template)]
#[template(path = "viewings/admin/funnel.html")]
struct FunnelPage {
    chrome: Chrome,
    first: NaiveDate,
    last: NaiveDate,
    funnel: Funnel,
}

impl FunnelPage {
    fn is_empty(&self) -> bool {
        self.funnel.all == Counts::default()
    }

    fn query(&self) -> String {
        html::query(&[
            ("first", self.first.to_string()),
            ("last", self.last.to_string()),
        ])
    }

    /// Each step with its count and the width of its bar.
    fn bars(&self) -> Vec<(&'static str, i64, i64)> {
        let all = &self.funnel.all;
        let bar = |(step, label): (usize, &'static str)| {
            (label, all.0[step], (all.percent(step) * 460 / 100).max(2))
        };
        STEPS.into_iter().enumerate().map(bar).collect()
    }

    /// What the picture shows.
    fn sentence(&self) -> String {
        let steps: Vec<String> = (self.bars().into_iter())
            .map(|(label, count, _)| format!("{label} {count}"))
            .collect();
        steps.join(", ")
    }

    fn tables(&self) -> [(&'static str, &Vec<(String, Counts)>); 3] {
        let funnel = &self.funnel;
        [
            ("Source by source", &funnel.by_source),
            ("Location by location", &funnel.by_place),
            ("Month by month", &funnel.by_month),
        ]
    }

    fn first_word(&self, title: &str) -> String {
        title.split(' ').next().unwrap_or_default().to_owned()
    }
}

async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Manager,
    Query(period): Query<Period>,
) -> Result<Response> {
    let (first, last) = period.dates(now);
    let mut db = app.db.acquire().await?;
    html::page(&FunnelPage {
        chrome,
        first,
        last,
        funnel: Funnel::load(&mut db, me.duties, first, last).await?,
    })
}

async fn export(
    State(app): State<App>,
    Now(now): Now,
    me: Manager,
    Query(period): Query<Period>,
) -> Result<Response> {
    let (first, last) = period.dates(now);
    let mut db = app.db.acquire().await?;
    let mut viewings = Viewing::list(&mut db, Which::default()).await?;
    viewings.retain(|viewing| {
        let date = viewing.zone.date(viewing.created_at);
        me.duties.can_manage(viewing.location) && (first..=last).contains(&date)
    });
    let heading = [
        "Reference",
        "Location",
        "Stage",
        "Name",
        "Company",
        "Email",
        "Phone",
        "Wants",
        "People",
        "From",
        "Budget",
        "Source",
        "Broker",
        "Asked",
        "Visit",
        "Guide",
        "With",
        "Next",
        "By",
        "Lost for",
    ];
    let rows = viewings.iter().map(|viewing| row(viewing, now));
    Ok(csv::file("viewings.csv", csv::table(&heading, rows)))
}

fn row(viewing: &Viewing, _: DateTime<Utc>) -> Vec<String> {
    let kinds: Vec<&str> = viewing.interests.iter().map(|kind| kind.label()).collect();
    let wall = |at: DateTime<Utc>| viewing.zone.wall(at).format("%Y-%m-%d %H:%M").to_string();
    vec![
        viewing.reference.clone(),
        viewing.place.clone(),
        viewing.status.label().into(),
        viewing.name.clone(),
        viewing.company.clone(),
        viewing.email.clone().unwrap_or_default(),
        viewing.phone.clone().unwrap_or_default(),
        kinds.join("; "),
        viewing
            .people
            .map(|people| people.to_string())
            .unwrap_or_default(),
        viewing
            .starts_on
            .map(|date| date.to_string())
            .unwrap_or_default(),
        viewing
            .budget
            .map(|budget| (budget.in_cents() / 100).to_string())
            .unwrap_or_default(),
        viewing.source.label().into(),
        viewing.broker.clone(),
        wall(viewing.created_at),
        viewing
            .during
            .map(|span| wall(span.from))
            .unwrap_or_default(),
        viewing.guide_name.clone().unwrap_or_default(),
        viewing.assignee_name.clone().unwrap_or_default(),
        viewing.next_action.clone(),
        viewing
            .next_on
            .map(|date| date.to_string())
            .unwrap_or_default(),
        viewing.lost_reason.clone(),
    ]
}
