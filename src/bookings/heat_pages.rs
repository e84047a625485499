//! The week as a heat map of use.

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use axum_extra::extract::Query;
use chrono::{Days, NaiveDate};
use serde::Deserialize;

use super::heat::{self, By, Cell, Heat, PARTS};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    html::{self, Chrome},
    locations::location::{self, Location},
    sessions::current::Staff,
    time::{long_date, parse_date},
};

pub fn routes() -> Router<App> {
    Router::new().route("/admin/week", get(week))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    location: String,
    /// Any day of it.
    week: String,
    /// `kind`, or nothing for each space.
    by: String,
    /// `revenue`, or nothing for hours.
    show: String,
    /// The part of the day that a phone shows.
    part: usize,
}

#[derive(Template)]
#[template(path = "bookings/desk/week.html")]
struct WeekPage {
    chrome: Chrome,
    asked: Asked,
    places: Vec<Location>,
    here: Location,
    heat: Heat,
    /// Of all rows, for each day its parts.
    columns: Vec<[Cell; PARTS.len()]>,
    /// Whether it is theirs to see what was taken.
    manages: bool,
    today: NaiveDate,
}

impl WeekPage {
    fn is_here(&self, place: &Location) -> bool {
        place.id == self.here.id
    }

    fn shows_revenue(&self) -> bool {
        self.asked.show == "revenue"
    }

    fn by_kind(&self) -> bool {
        self.asked.by == "kind"
    }

    /// The same page with one thing different.
    fn with(&self, field: &str, value: &str) -> String {
        let part = self.asked.part.to_string();
        let monday = self.heat.monday.to_string();
        let pairs = [
            ("location", self.here.slug.as_str()),
            ("week", &monday),
            ("by", &self.asked.by),
            ("show", &self.asked.show),
            ("part", &part),
        ];
        let pairs = pairs.map(|(name, old)| (name, if name == field { value } else { old }));
        let said: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        format!("/admin/week?{}", html::query(&said))
    }

    fn week_from(&self, days: i64) -> String {
        let monday = self.heat.monday + chrono::Duration::days(days);
        self.with("week", &monday.to_string())
    }

    fn words(&self) -> String {
        let sunday = self.heat.monday + Days::new(6);
        format!(
            "{} – {}",
            long_date(self.heat.monday, self.today),
            long_date(sunday, self.today)
        )
    }

    fn day_url(&self, day: &usize) -> String {
        let date = self.heat.monday + Days::new(*day as u64);
        let query = [
            ("location", self.here.slug.clone()),
            ("date", date.to_string()),
        ];
        format!("/admin/day?{}", html::query(&query))
    }

    fn day_label(&self, date: &NaiveDate) -> String {
        date.format("%a %-d").to_string()
    }

    /// Of all rows.
    fn all(&self) -> String {
        self.total(self.heat.total())
    }

    fn is_today(&self, date: &NaiveDate) -> bool {
        *date == self.today
    }

    fn figure(&self, cell: &Cell) -> String {
        if self.shows_revenue() {
            ((cell.revenue.in_cents() + 50) / 100).to_string()
        } else {
            cell.hours()
        }
    }

    fn total(&self, cell: Cell) -> String {
        if self.shows_revenue() {
            cell.revenue.to_string()
        } else {
            format!("{} h, {} %", cell.hours(), cell.percent())
        }
    }
}

async fn week(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let mut places = Location::all(&mut db).await?;
    places.retain(|place| place.status == location::Status::Open);
    let named = places.iter().find(|place| place.slug == asked.location);
    let here = named.or(places.first()).cloned().ok_or(Error::NotFound)?;
    let manages = me.duties.can_manage(here.id);
    if asked.show == "revenue" && !manages {
        return Err(Error::NotFound);
    }
    let today = here.zone.date(now);
    let day = parse_date(&asked.week).unwrap_or(today);
    let by = if asked.by == "kind" {
        By::Kind
    } else {
        By::Space
    };
    let heat = Heat::read(&mut db, &here, heat::monday(day), by).await?;
    html::page(&WeekPage {
        chrome,
        asked: Asked {
            part: asked.part.min(PARTS.len() - 1),
            ..asked
        },
        places,
        here,
        columns: heat.columns(),
        heat,
        manages,
        today,
    })
}
