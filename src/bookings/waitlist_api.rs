//! The waitlist for programs.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    order::Wanted,
    refusal::Refusal as Rule,
    term::Unit,
    waitlist::{self, Asked, Entry, Refusal, Shape, Wished},
    wish::When,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    locations::location::Location,
    sessions::current::Bearer,
    spaces::space::Kind,
    time::{Zone, parse_date},
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, join))
        .routes(routes!(leave))
}

#[derive(Serialize, ToSchema)]
#[schema(as = WaitlistEntry)]
struct EntryJson {
    #[schema(example = "WL-7K3M9")]
    reference: String,
    /// Who waits; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// The location's slug.
    location: String,
    kind: Kind,
    /// The one space's slug; null where any of the kind would do.
    space: Option<String>,
    people: i32,
    /// RFC 3339, where it is a certain time.
    from: Option<String>,
    until: Option<String>,
    /// Any so many minutes between these days.
    minutes: Option<i64>,
    /// So many days in a row between these days.
    days: Option<u32>,
    /// So many weeks or months that begin between these days.
    weeks: Option<u32>,
    months: Option<u32>,
    #[schema(value_type = String, format = Date)]
    first_day: NaiveDate,
    #[schema(value_type = String, format = Date)]
    last_day: NaiveDate,
    since: String,
    /// The hold that is offered: confirm it, or let it go.
    offer: Option<OfferJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WaitlistOffer)]
struct OfferJson {
    /// The booking's.
    reference: String,
    /// RFC 3339.
    until: String,
}

impl EntryJson {
    fn of(entry: Entry, is_staff: bool) -> EntryJson {
        let zone = entry.zone;
        let shape = entry.wished.shape;
        let at = match shape {
            Shape::At(span) => Some(span),
            _ => None,
        };
        let counted = |wanted: Unit| match shape {
            Shape::Let(unit, count) if unit == wanted => Some(count),
            _ => None,
        };
        EntryJson {
            member: is_staff.then_some(entry.member_reference),
            location: entry.location_slug,
            kind: entry.kind,
            space: entry.space.map(|(_, _, slug)| slug),
            people: entry.people,
            from: at.map(|span| zone.rfc3339(span.from)),
            until: at.map(|span| zone.rfc3339(span.until)),
            minutes: match shape {
                Shape::Minutes(minutes) => Some(minutes),
                _ => None,
            },
            days: match shape {
                Shape::Days(days) => Some(days),
                _ => None,
            },
            weeks: counted(Unit::Week),
            months: counted(Unit::Month),
            first_day: entry.wished.first,
            last_day: entry.wished.last,
            since: zone.rfc3339(entry.since),
            offer: entry.offer.map(|offer| OfferJson {
                until: zone.rfc3339(offer.until),
                reference: offer.reference,
            }),
            reference: entry.reference,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct WaitlistJson {
    waitlist: Vec<EntryJson>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Which {
    /// For staff: everybody who waits at this location.
    location: Option<String>,
}

/// What you wait for.
///
/// For staff, with a `location`, everybody who waits there, in the order of the line.
#[utoipa::path(get, path = "/waitlist", tag = "Waitlist", params(Which), responses((status = 200, body = WaitlistJson)))]
async fn index(
    State(app): State<App>,
    me: Bearer,
    Query(which): Query<Which>,
) -> Result<Json<WaitlistJson>> {
    let mut db = app.db.acquire().await?;
    let (entries, everybody) = match which.location {
        Some(slug) if me.staff.is_some() => {
            let place = Location::find(&mut db, &slug).await?;
            let place = place.ok_or(Error::NotFound)?;
            (Entry::all(&mut db, Some(place.id)).await?, true)
        }
        _ => (Entry::of(&mut db, me.member).await?, false),
    };
    let entries = entries.into_iter();
    Ok(Json(WaitlistJson {
        waitlist: entries
            .map(|entry| EntryJson::of(entry, everybody))
            .collect(),
    }))
}

/// A certain time with `from` and `until`, as bookings say it; or with `first_day` and `last_day` so many `minutes`,
/// `days`, `weeks` or `months` between them.
#[derive(Deserialize, ToSchema)]
struct NewEntry {
    /// A space's slug; or a location and a kind.
    space: Option<String>,
    location: Option<String>,
    /// `meeting_room` or `office`.
    kind: Option<String>,
    people: Option<i32>,
    #[serde(flatten)]
    when: When,
    #[schema(example = "2026-12-01")]
    first_day: Option<String>,
    #[schema(example = "2026-12-04")]
    last_day: Option<String>,
    minutes: Option<i64>,
    days: Option<u32>,
    weeks: Option<u32>,
    months: Option<u32>,
}

impl NewEntry {
    fn wanted(&self) -> Result<Wanted> {
        if let Some(space) = &self.space {
            return Ok(Wanted::Space(space.clone()));
        }
        let kind = self.kind.as_deref().unwrap_or("meeting_room").parse();
        Ok(Wanted::Any {
            location: self.location.clone().unwrap_or_default(),
            kind: kind.map_err(|sentence: String| Error::refused("no-such-kind", sentence))?,
        })
    }

    fn wished(&self, zone: Zone) -> Result<Wished> {
        let Some(first) = &self.first_day else {
            let term = self.when.term(zone);
            let term = term.map_err(|(kind, sentence)| Error::refused(kind, sentence))?;
            return Ok(Wished::exactly(term, zone));
        };
        let wrong = || Error::refused("bad-days", "Send days like 2026-12-01.");
        let first = parse_date(first).ok_or_else(wrong)?;
        let last = match &self.last_day {
            Some(last) => parse_date(last).ok_or_else(wrong)?,
            None => first,
        };
        let shape = match (self.minutes, self.days, self.weeks, self.months) {
            (Some(minutes @ 1..=1440), None, None, None) => Shape::Minutes(minutes),
            (None, Some(days @ 1..=62), None, None) => Shape::Days(days),
            (None, None, Some(weeks @ 1..=52), None) => Shape::Let(Unit::Week, weeks),
            (None, None, None, Some(months @ 1..=12)) => Shape::Let(Unit::Month, months),
            _ => {
                return Err(Error::refused(
                    "bad-length",
                    "Send one of minutes, days, weeks and months.",
                ));
            }
        };
        Ok(Wished { shape, first, last })
    }
}

/// Be told when it frees up.
///
/// Rooms and offices. Freed time that fits wholly is offered to the first in the line as a hold with a deadline, by
/// mail; unanswered it goes to the next. The same asked twice is once. What is free is refused with `free`: book it.
#[utoipa::path(post, path = "/waitlist", tag = "Waitlist", request_body = NewEntry,
    responses((status = 201, body = EntryJson)))]
async fn join(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    body: Result<Json<NewEntry>, JsonRejection>,
) -> Result<Response> {
    let Json(body) = body.map_err(unreadable)?;
    let wanted = body.wanted()?;
    let first = wanted.first_space(&mut *app.db.acquire().await?).await?;
    let (_, location) = first.ok_or_else(|| Error::from(Rule::NoSuchSpace))?;
    let asked = Asked {
        wished: body.wished(location.zone)?,
        people: body.people.unwrap_or(1),
        wanted,
    };
    let joined = transaction!(app.db, tx => waitlist::join(tx, me.member, &asked, now).await)?;
    let entry = joined.map_err(Error::from)?;
    Ok((StatusCode::CREATED, Json(EntryJson::of(entry, false))).into_response())
}

/// Leave the line.
///
/// Your own place; anybody's for staff. What was offered goes to the next.
#[utoipa::path(delete, path = "/waitlist/{reference}", tag = "Waitlist", params(("reference" = String, Path)),
    responses((status = 204)))]
async fn leave(
    State(app): State<App>,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<StatusCode> {
    let mut tx = app.db.begin().await?;
    let is_staff = me.staff.is_some();
    let entry = Entry::changeable_by(&mut tx, me.member, is_staff, &reference).await?;
    let entry = entry.ok_or(Error::NotFound)?;
    waitlist::leave(&mut tx, me.member, &entry).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Free { .. } => Error::conflict(refusal.kind(), refusal.to_string()),
            _ => Error::refused(refusal.kind(), refusal.to_string()),
        }
    }
}
