//! The list of all bookings: searching, filtering, cancelling several, the file for spreadsheets and the
//! sheet of a day.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use axum_extra::extract::Query;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    booking::Status,
    extras::ordered::{self, Due},
    guests::Guest,
    hit::{self, Hit},
    listing::{self, CHANNELS, Row, STATUSES, Sort, Sought},
};
use crate::{
    app::App,
    csv,
    error::{Error, Result},
    extract::Now,
    form,
    html::{self, Chrome},
    id::Id,
    locations::location::Location,
    members::member::Member,
    sessions::current::{Manager, Staff},
    spaces::space::Kind,
    time::{long_date, parse_date},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/bookings", get(index))
        .route("/admin/bookings/export.csv", get(export))
        .route("/admin/bookings/sheet", get(sheet))
}

/// Bookings on a page.
const PAGE: i64 = 50;
/// Bookings read at once for the file.
const BATCH: i64 = 1000;

/// What the address asks for, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    location: String,
    kind: String,
    status: String,
    first: String,
    last: String,
    channel: String,
    by: String,
    sort: String,
    after: String,
}

impl Asked {
    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("q", &self.q),
            ("location", &self.location),
            ("kind", &self.kind),
            ("status", &self.status),
            ("first", &self.first),
            ("last", &self.last),
            ("channel", &self.channel),
            ("by", &self.by),
            ("sort", &self.sort),
        ];
        let said = all.into_iter().filter(|(_, value)| !value.is_empty());
        said.map(|(field, value)| (field, value.as_str())).collect()
    }

    fn query(&self) -> String {
        html::query(&self.pairs())
    }

    /// Words say what is meant, in no order that somebody has chosen: today comes first.
    fn is_found_by_words(&self) -> bool {
        let dates = [&self.first, &self.last, &self.sort];
        !self.q.trim().is_empty() && dates.into_iter().all(String::is_empty)
    }

    /// Without words or dates: from today on.
    fn sought(
        &self,
        places: &[Location],
        makers: &[(Id<Member>, String)],
        today: NaiveDate,
    ) -> Sought {
        let first = parse_date(&self.first);
        let last = parse_date(&self.last);
        let usual = self.q.trim().is_empty() && first.is_none() && last.is_none();
        let sort = Sort::named(&self.sort);
        Sought {
            words: form::line(&self.q),
            location: places
                .iter()
                .find(|place| place.slug == self.location)
                .map(|place| place.id),
            kind: self.kind.parse().ok(),
            status: Status::named(&self.status).ok(),
            first: first.or(Some(today).filter(|_| usual && sort.is_none())),
            last,
            channel: CHANNELS
                .iter()
                .find(|(key, _)| *key == self.channel)
                .map(|(key, _)| *key),
            made_by: makers
                .iter()
                .map(|(id, _)| *id)
                .find(|id| id.get().to_string() == self.by),
            sort: sort.unwrap_or(if self.q.trim().is_empty() {
                Sort::Start
            } else {
                Sort::Latest
            }),
            after: Some(self.after.clone()).filter(|after| !after.is_empty()),
            managed: None,
        }
    }
}

#[derive(Template)]
#[template(path = "bookings/desk/index.html")]
struct IndexPage {
    chrome: Chrome,
    asked: Asked,
    /// From today on, because nothing else was asked.
    from_today: bool,
    places: Vec<Location>,
    makers: Vec<(Id<Member>, String)>,
    /// What the words mean besides bookings, the likeliest first.
    hits: Vec<Hit>,
    rows: Vec<Row>,
    more: Option<String>,
    now: DateTime<Utc>,
}

impl IndexPage {
    async fn read(
        db: &mut Db,
        chrome: Chrome,
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Result<IndexPage> {
        let places = Location::all(db).await?;
        let makers = listing::makers(db).await?;
        let today = places
            .first()
            .map_or(now.date_naive(), |place| place.zone.date(now));
        let sought = asked.sought(&places, &makers, today);
        let meant = sought.meant(db).await?;
        let mut rows = sought.page(db, meant.as_ref(), PAGE + 1).await?;
        let further = rows.len() as i64 > PAGE;
        rows.truncate(PAGE as usize);
        let more = rows.last().filter(|_| further).map(|last| {
            let mut pairs = asked.pairs();
            pairs.push(("after", &last.reference));
            format!("/admin/bookings?{}", html::query(&pairs))
        });
        if asked.is_found_by_words() {
            let is_today = |row: &Row| row.zone.date(row.during.from) == row.zone.date(now);
            rows.retain(|row| !is_today(row));
            if sought.after.is_none() {
                let own = Sought {
                    first: Some(today),
                    last: Some(today),
                    sort: Sort::Start,
                    ..sought.clone()
                };
                let mut first = own.page(db, meant.as_ref(), PAGE).await?;
                first.retain(is_today);
                first.append(&mut rows);
                rows = first;
            }
            let named = listing::reference(&asked.q);
            rows.sort_by_key(|row| named.as_ref() != Some(&row.reference));
        }
        let hits = match asked.is_found_by_words() && sought.after.is_none() {
            true => hit::of(db, &asked.q).await?,
            false => Vec::new(),
        };
        Ok(IndexPage {
            hits,
            chrome,
            from_today: sought.first == Some(today) && asked.first.is_empty(),
            asked,
            places,
            makers,
            rows,
            more,
            now,
        })
    }

    fn is_asked(&self, field: &str, value: &str) -> bool {
        let said = match field {
            "status" => &self.asked.status,
            "kind" => &self.asked.kind,
            "channel" => &self.asked.channel,
            "by" => &self.asked.by,
            "sort" => &self.asked.sort,
            _ => &self.asked.location,
        };
        said == value
    }

    fn is_filtered(&self) -> bool {
        !self.asked.pairs().is_empty()
    }

    fn export(&self) -> String {
        format!("/admin/bookings/export.csv?{}", self.asked.query())
    }
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    html::page(&IndexPage::read(&mut db, chrome, asked, now).await?)
}

const HEADING: [&str; 22] = [
    "Reference",
    "Status",
    "Location",
    "Space",
    "Kind",
    "From",
    "Until",
    "People",
    "Layout",
    "Name",
    "Email",
    "Phone",
    "On the day",
    "Company",
    "Purchase order",
    "What for",
    "Notes",
    "Channel",
    "Made by",
    "Booked",
    "Total",
    "VAT",
];

/// Of a manager's own location, or all for an owner; read and sent piece by piece.
async fn export(
    State(app): State<App>,
    Now(now): Now,
    me: Manager,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let sought = {
        let mut db = app.db.acquire().await?;
        let places = Location::all(&mut db).await?;
        let makers = listing::makers(&mut db).await?;
        let today = places
            .first()
            .map_or(now.date_naive(), |place| place.zone.date(now));
        Sought {
            managed: me.duties.managed().map(Id::from),
            ..asked.sought(&places, &makers, today)
        }
    };
    let name = format!("bookings-{}.csv", now.date_naive());
    Ok(csv::stream(&name, &HEADING, |file| {
        write_all(app, sought, file)
    }))
}

/// Until the last booking, or until nobody reads any more.
async fn write_all(app: App, mut sought: Sought, file: csv::Pieces) -> Result<()> {
    let meant = sought.meant(&mut *app.db.acquire().await?).await?;
    loop {
        let mut db = app.db.acquire().await?;
        let rows = sought.page(&mut db, meant.as_ref(), BATCH).await?;
        drop(db);
        let Some(last) = rows.last() else {
            return Ok(());
        };
        sought.after = Some(last.reference.clone());
        if !file.send(rows.iter().map(cells)).await {
            return Ok(());
        }
    }
}

fn cells(row: &Row) -> Vec<String> {
    let phone =
        |phone: &Option<String>| phone.as_deref().map(form::phone_words).unwrap_or_default();
    vec![
        row.reference.clone(),
        row.shown_status().label().to_owned(),
        row.location.clone(),
        row.space.clone(),
        row.kind.label().to_owned(),
        row.zone.rfc3339(row.during.from),
        row.zone.rfc3339(row.during.until),
        row.people.to_string(),
        row.layout.clone().unwrap_or_default(),
        row.name.clone(),
        row.email.clone().unwrap_or_default(),
        phone(&row.phone),
        row.on_the_day(),
        row.company.clone(),
        row.purchase_order.clone(),
        row.title.clone(),
        row.notes.clone(),
        row.channel_words().to_owned(),
        row.made_by.clone().unwrap_or_default(),
        row.zone.rfc3339(row.created_at),
        row.total.decimal(),
        row.vat.decimal(),
    ]
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SheetQuery {
    location: String,
    date: String,
}

#[derive(Template)]
#[template(path = "bookings/desk/sheet.html")]
struct SheetPage {
    chrome: Chrome,
    places: Vec<Location>,
    here: Location,
    date: NaiveDate,
    words: String,
    rows: Vec<Row>,
    guests: BTreeMap<Uuid, Vec<Guest>>,
    /// What goes with the bookings that begin on the day, by when it is to be ready.
    due: Vec<Due>,
    printed: String,
    now: DateTime<Utc>,
}

impl SheetPage {
    /// `Lerato Moeketsi, Sam`: those who have not said that they cannot come.
    fn guests(&self, row: &Row) -> String {
        let guests = self.guests.get(&row.id.get()).into_iter().flatten();
        let names = guests.filter(|guest| guest.declined_at.is_none());
        let names: Vec<&str> = names.map(|guest| guest.name.as_str()).collect();
        names.join(", ")
    }

    fn clock(&self, at: &DateTime<Utc>) -> String {
        self.here.zone.clock(*at)
    }

    fn ready(&self, due: &Due) -> String {
        self.here.zone.clock(due.ready)
    }
}

/// A location's day on paper: who comes where, how to reach them, what they need.
async fn sheet(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    _: Staff,
    Query(asked): Query<SheetQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let places = Location::all(&mut db).await?;
    let named = places.iter().find(|place| place.slug == asked.location);
    let here = named.or(places.first()).cloned().ok_or(Error::NotFound)?;
    let today = here.zone.date(now);
    let date = parse_date(&asked.date).unwrap_or(today);
    let rows = listing::of_day(&mut db, &here, date).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.get()).collect();
    html::page(&SheetPage {
        due: ordered::due_on(&mut db, &here, date).await?,
        chrome,
        guests: Guest::of_all(&mut db, &ids).await?,
        rows,
        words: long_date(date, today),
        printed: format!("{} {}", long_date(today, today), here.zone.clock(now)),
        places,
        here,
        date,
        now,
    })
}
