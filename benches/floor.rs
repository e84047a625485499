//! The floor: the least that could answer with a day's bookings on the parts that we use. No sessions, no checks, no
//! headers, no log; one query, one template.

use std::collections::BTreeMap;
use std::env;

use anyhow::{Context, Result};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Html;
use axum::{Router, routing::get};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgPool;
use sqlx::postgres::{PgPoolOptions, types::PgRange};
use std::ops::Bound;

#[derive(Template)]
#[template(
    ext = "html",
    source = "<!doctype html><html lang=\"en\"><title>{{ date }}</title><h1>{{ date }}</h1>
{% for (name, times) in spaces %}<section><h2>{{ name }}</h2><ul>
{% for time in times %}<li><a href=\"/spaces/{{ name }}?date={{ date }}&amp;from={{ time }}\">{{ time }} taken</a></li>
{% endfor %}</ul></section>
{% endfor %}</html>"
)]
struct Page<'a> {
    date: NaiveDate,
    spaces: BTreeMap<&'a str, Vec<String>>,
}

#[derive(Clone)]
struct Floor {
    db: PgPool,
    date: NaiveDate,
}

pub async fn serve() -> Result<()> {
    let setting = |name: &str| env::var(name).with_context(|| format!("no {name}"));
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let db = PgPoolOptions::new()
        .max_connections((2 * cores as u32).clamp(4, 50))
        .test_before_acquire(false)
        .connect_lazy(&setting("DATABASE_URL")?)?;
    let floor = Floor {
        db,
        date: setting("DAY")?.parse()?,
    };
    let router = Router::new().route("/", get(day)).with_state(floor);
    let port: u16 = setting("PORT")?.parse()?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    axum::serve(listener, router).await?;
    Ok(())
}

async fn day(State(floor): State<Floor>) -> Result<Html<String>, StatusCode> {
    let broken = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let from = floor.date.and_time(chrono::NaiveTime::MIN).and_utc();
    let rows: Vec<(String, PgRange<DateTime<Utc>>)> = sqlx::query_as(
        "select s.name, o.occupies from spaces s join locations l on l.id = s.location_id
         join lateral (
             (select occupies from occupancies
              where space_id = s.id and active and lower(occupies) < $1 order by lower(occupies) desc limit 1)
             union all
             (select occupies from occupancies
              where space_id = s.id and active and lower(occupies) >= $1 and lower(occupies) < $2)
         ) o on upper(o.occupies) > $1
         where l.slug = 'musgrave'",
    )
    .bind(from)
    .bind(from + chrono::TimeDelta::days(1))
    .fetch_all(&floor.db)
    .await
    .map_err(broken)?;
    let mut spaces: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, during) in &rows {
        if let Bound::Included(from) = during.start {
            spaces
                .entry(name)
                .or_default()
                .push(from.format("%H:%M").to_string());
        }
    }
    let page = Page {
        date: floor.date,
        spaces,
    };
    page.render()
        .map(Html)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}
