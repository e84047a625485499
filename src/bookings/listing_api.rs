//! All bookings, for programs of the front desk.

use axum::{Json, extract::State};
use axum_extra::extract::Query;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    booking::Status,
    listing::{CHANNELS, Row, Sort, Sought},
};
use crate::{
    app::App,
    error::{Error, Result},
    form,
    locations::location::Location,
    money::Money,
    sessions::current::Bearer,
    time::parse_date,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(index))
}

/// Bookings on a page.
const PAGE: i64 = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// A reference or how it begins, letters of a name, a company or a space, or how a phone number ends.
    #[param(required = false)]
    words: String,
    /// A location's slug.
    #[param(required = false)]
    location: String,
    /// `hot_desk`, `meeting_room` or `office`.
    #[param(required = false)]
    kind: String,
    #[param(required = false)]
    status: String,
    /// Those that begin on this day or later.
    #[param(required = false, example = "2026-12-01")]
    first: String,
    /// And on this day or before.
    #[param(required = false, example = "2026-12-31")]
    last: String,
    /// `web`, `phone`, `desk` or `api`.
    #[param(required = false)]
    channel: String,
    /// `start`, `latest` or `booked`; the earliest first without it.
    #[param(required = false)]
    sort: String,
    /// The `next` of the page before.
    #[param(required = false)]
    after: String,
}

impl Asked {
    fn sought(self, places: &[Location]) -> Result<Sought> {
        let wrong = |kind, sentence: &str| Error::refused(kind, sentence);
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        let date = |text: String, kind| match said(text) {
            None => Ok(None),
            Some(text) => parse_date(&text)
                .map(Some)
                .ok_or_else(|| wrong(kind, "Send a date like 2026-12-01.")),
        };
        let location = match said(self.location) {
            None => None,
            Some(slug) => {
                let place = places.iter().find(|place| place.slug == slug);
                let place =
                    place.ok_or_else(|| wrong("no-such-location", "No location is called so."));
                Some(place?.id)
            }
        };
        let kind = match said(self.kind) {
            None => None,
            Some(kind) => {
                let kind = kind.parse();
                Some(kind.map_err(|sentence: String| wrong("no-such-kind", &sentence))?)
            }
        };
        let status = match said(self.status) {
            None => None,
            Some(key) => Some(
                Status::named(&key)
                    .map_err(|_| wrong("no-such-status", "Send a booking's status."))?,
            ),
        };
        let channel = match said(self.channel) {
            None => None,
            Some(key) => {
                let known = CHANNELS.iter().find(|(known, _)| *known == key);
                let sentence = "Send web, phone, desk or api.";
                Some(known.ok_or_else(|| wrong("no-such-channel", sentence))?.0)
            }
        };
        let sort = match said(self.sort) {
            None => Sort::Start,
            Some(key) => {
                let sentence = "Send start, latest or booked.";
                Sort::named(&key).ok_or_else(|| wrong("no-such-order", sentence))?
            }
        };
        Ok(Sought {
            words: form::line(&self.words),
            location,
            kind,
            status,
            first: date(self.first, "bad-first")?,
            last: date(self.last, "bad-last")?,
            channel,
            sort,
            after: said(self.after),
            ..Sought::default()
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ListedBooking)]
struct ListedJson {
    reference: String,
    status: Status,
    /// The space's slug.
    space: String,
    location: String,
    /// RFC 3339 with the location's offset.
    from: String,
    until: String,
    people: i32,
    title: String,
    member: String,
    email: Option<String>,
    /// E.164.
    phone: Option<String>,
    /// The company that pays; null for the member.
    company: Option<String>,
    channel: String,
    /// Who at the front desk made it.
    made_by: Option<String>,
    total_cents: Money,
    vat_cents: Money,
}

impl From<Row> for ListedJson {
    fn from(row: Row) -> Self {
        ListedJson {
            status: row.shown_status(),
            from: row.zone.rfc3339(row.during.from),
            until: row.zone.rfc3339(row.during.until),
            reference: row.reference,
            space: row.space_slug,
            location: row.location,
            people: row.people,
            title: row.title,
            member: row.name,
            email: row.email,
            phone: row.phone,
            company: Some(row.company).filter(|company| !company.is_empty()),
            channel: row.channel,
            made_by: row.made_by,
            total_cents: row.total,
            vat_cents: row.vat,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct ListedBookings {
    bookings: Vec<ListedJson>,
    /// To send as `after` for the next page; null on the last one.
    next: Option<String>,
}

/// All bookings.
///
/// For tokens of people who work here; for all others it is not there.
#[utoipa::path(get, path = "/desk/bookings", tag = "Front desk", params(Asked),
    responses((status = 200, body = ListedBookings)))]
async fn index(
    State(app): State<App>,
    me: Bearer,
    Query(asked): Query<Asked>,
) -> Result<Json<ListedBookings>> {
    me.staff.ok_or(Error::NotFound)?;
    let mut db = app.db.acquire().await?;
    let places = Location::all(&mut db).await?;
    let sought = asked.sought(&places)?;
    let meant = sought.meant(&mut db).await?;
    let mut rows = sought.page(&mut db, meant.as_ref(), PAGE + 1).await?;
    let further = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    Ok(Json(ListedBookings {
        next: rows
            .last()
            .filter(|_| further)
            .map(|row| row.reference.clone()),
        bookings: rows.into_iter().map(ListedJson::from).collect(),
    }))
}
