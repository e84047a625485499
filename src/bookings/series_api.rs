//! Series for programs: booking, reading, changing and cancelling them, each also without doing it.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::{self, BookingJson},
    booking::Consequence,
    cancellation::Reason,
    desk::{Desk, Outcome},
    extras_api::{self, PickJson},
    order::{Booker, Channel, Details, Wanted},
    payer::Payer,
    recurrence::Recurrence,
    refusal::Refusal as Rule,
    series::{
        Scope, Series, Shown, Times,
        cancelling::{self, Cancel},
        changing::{self, Change, Target},
        placing::{self, Ask},
    },
    wish::When,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    members::find,
    money::Money,
    sessions::current::Bearer,
    spaces::space::Audience,
    time::{Zone, parse_clock},
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show))
        .routes(routes!(cancel))
        .routes(routes!(change))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Series)]
struct SeriesJson {
    /// Such as `SR-7K3M9`.
    reference: String,
    /// As RFC 5545 writes it; its `UNTIL` is a day on the location's calendar, that day included.
    #[schema(example = "FREQ=WEEKLY;BYDAY=MO;COUNT=12")]
    rrule: String,
    #[schema(value_type = String, example = "2026-12-07")]
    first: NaiveDate,
    /// The series that this one was split from, when its later dates became others.
    follows: Option<String>,
    /// How many dates are ahead.
    left: usize,
    /// By date, whatever became of each.
    bookings: Vec<BookingJson>,
    /// The dates that were left out when it was made.
    left_out: Vec<LeftOutJson>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = LeftOut)]
struct LeftOutJson {
    #[schema(value_type = String, example = "2026-12-07")]
    date: NaiveDate,
    because: String,
}

impl SeriesJson {
    fn of(series: Series, now: DateTime<Utc>) -> SeriesJson {
        let left_out = series.left_out.iter().map(|one| LeftOutJson {
            date: one.date,
            because: one.because.clone(),
        });
        SeriesJson {
            rrule: series.recurrence.to_string(),
            first: series.first,
            left: series.left(now),
            left_out: left_out.collect(),
            reference: series.reference,
            follows: series.follows,
            bookings: series.bookings.into_iter().map(BookingJson::from).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct SeriesListJson {
    series: Vec<SeriesJson>,
}

/// What would become of each date.
#[derive(Serialize, ToSchema)]
#[schema(as = SeriesOutlook)]
struct OutlookJson {
    dates: Vec<DateJson>,
    /// How many can be had.
    possible: usize,
    /// What those come to together.
    total_cents: Money,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SeriesDate)]
struct DateJson {
    #[schema(value_type = String, example = "2026-12-07")]
    date: NaiveDate,
    /// As it would be booked; null where it cannot be had.
    space: Option<String>,
    from: Option<String>,
    until: Option<String>,
    total_cents: Option<Money>,
    /// Why not, by the name that stays the same, and in a sentence.
    refused: Option<&'static str>,
    because: Option<String>,
}

impl DateJson {
    fn refused(date: NaiveDate, kind: &'static str, because: String) -> DateJson {
        DateJson {
            date,
            space: None,
            from: None,
            until: None,
            total_cents: None,
            refused: Some(kind),
            because: Some(because),
        }
    }

    fn booked(date: NaiveDate, booking: &super::booking::Booking) -> DateJson {
        DateJson {
            date,
            space: Some(booking.space_slug.clone()),
            from: Some(booking.zone.rfc3339(booking.during.from)),
            until: Some(booking.zone.rfc3339(booking.during.until)),
            total_cents: Some(booking.total),
            refused: None,
            because: None,
        }
    }
}

fn outlook(dates: Vec<DateJson>, shown: Shown) -> Json<OutlookJson> {
    Json(OutlookJson {
        dates,
        possible: shown.dates,
        total_cents: shown.total,
    })
}

/// Your series with a date ahead.
#[utoipa::path(get, path = "/series", tag = "Bookings", responses((status = 200, body = SeriesListJson)))]
async fn index(State(app): State<App>, Now(now): Now, me: Bearer) -> Result<Json<SeriesListJson>> {
    let mut db = app.db.acquire().await?;
    let series = Series::of(&mut db, me.member, now).await?.into_iter();
    let series = series.map(|one| SeriesJson::of(one, now)).collect();
    Ok(Json(SeriesListJson { series }))
}

/// One series, with its dates.
#[utoipa::path(get, path = "/series/{reference}", tag = "Bookings",
    params(("reference" = String, Path)), responses((status = 200, body = SeriesJson)))]
async fn show(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<Json<SeriesJson>> {
    let (series, _) = find(&app, &me, &reference).await?;
    Ok(Json(SeriesJson::of(series, now)))
}

/// One that they may see, and whether it is somebody else's, which only staff change.
async fn find(app: &App, me: &Bearer, reference: &str) -> Result<(Series, bool)> {
    let mut db = app.db.acquire().await?;
    let found = Series::seen_by(&mut db, me.member, me.staff.is_some(), reference).await?;
    let series = found.ok_or(Error::NotFound)?;
    let is_run = series.is_run_by(&mut db, me.member).await?;
    Ok((series, !is_run))
}

#[derive(Deserialize, ToSchema)]
struct NewSeries {
    /// A space's slug; or leave it out and send a location and a kind.
    #[schema(example = "umhlanga-lagoon")]
    space: Option<String>,
    /// Any space of the kind that is free there, the best fit on each date.
    location: Option<String>,
    /// `hot_desk` without it.
    kind: Option<String>,
    /// A time, or days, on the first date. Each other date has the same on the wall clock.
    #[serde(flatten)]
    when: When,
    /// Daily, weekly on days, or monthly by date or weekday, with `COUNT` or `UNTIL`; 200 dates at most. A start on a
    /// weekday that is not among them begins on the next that is.
    #[schema(example = "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=12")]
    rrule: String,
    /// 1 without it.
    people: Option<i32>,
    layout: Option<String>,
    /// What goes with each date.
    #[serde(default)]
    extras: Vec<PickJson>,
    #[serde(default)]
    title: String,
    #[serde(default)]
    notes: String,
    /// `me`, or a company's slug; nothing for whoever usually pays.
    #[serde(default)]
    company: String,
    #[serde(default)]
    purchase_order: String,
    /// Leaves out the dates that cannot be had; else one of them refuses all.
    #[serde(default)]
    skip: bool,
    /// Only says what would become of each date.
    #[serde(default)]
    dry_run: bool,
    /// For staff: for whom, by email address, phone number or number with us.
    on_behalf_of: Option<String>,
    /// For staff: why rules are set aside. What is taken stays taken.
    #[serde(default)]
    reason: String,
    /// For staff: they are told by mail, two minutes later.
    #[serde(default)]
    tell: bool,
}

impl NewSeries {
    fn wanted(&self) -> Result<Wanted> {
        match (&self.space, &self.location) {
            (Some(space), _) => Ok(Wanted::Space(space.clone())),
            (None, Some(location)) => {
                let kind = self.kind.as_deref().unwrap_or("hot_desk").parse();
                let refused = |sentence: String| Error::refused("no-such-kind", sentence);
                Ok(Wanted::Any {
                    location: location.clone(),
                    kind: kind.map_err(refused)?,
                })
            }
            (None, None) => Err(Error::refused(
                "no-such-space",
                "Send a space, or a location and a kind.",
            )),
        }
    }

    async fn booker(&self, app: &App, me: &Bearer) -> Result<(Booker, Option<Desk>)> {
        let own = Booker {
            member: me.member,
            proven: true,
            channel: Channel::Api,
            acting: None,
        };
        let Some(who) = &self.on_behalf_of else {
            if !self.reason.is_empty() || self.tell {
                let sentence = "Only staff who book for somebody send reason or tell.";
                return Err(Error::refused("for-staff", sentence));
            }
            return Ok((own, None));
        };
        let duties = me.staff.ok_or(Error::NotFound)?;
        let mut found = find::people(&mut *app.db.acquire().await?, who, 2).await?;
        let only = found.pop().filter(|_| found.is_empty());
        let sentence =
            "Send an email address, a phone number or a number with us that is one person's.";
        let only = only.ok_or_else(|| Error::refused("no-such-member", sentence))?;
        let booker = Booker {
            member: only.id,
            ..own
        };
        let desk = Desk {
            by: me.member,
            duties,
            reason: line(&self.reason, 300, "bad-reason")?,
            agreed: None,
            outcome: Outcome::Confirmed,
            tell: self.tell,
            paid: None,
        };
        Ok((booker, Some(desk)))
    }

    fn ask(&self, zone: Zone, key: Option<String>, desk: Option<Desk>) -> Result<Ask> {
        let term = self.when.term(zone);
        let term = term.map_err(|(kind, sentence)| Error::refused(kind, sentence))?;
        let sentence = "A series repeats a time or days. Book weeks and months one by one.";
        let (first, times) =
            Times::of(&term, zone).ok_or_else(|| Error::refused("bad-term", sentence))?;
        let recurrence = Recurrence::read(&self.rrule, zone, times.begins())
            .map_err(|problem| Error::refused("bad-rrule", problem.to_string()))?;
        let layout = match self.layout.as_deref().unwrap_or_default() {
            "" => None,
            text => Some(
                text.parse()
                    .map_err(|sentence: String| Error::refused("no-such-layout", sentence))?,
            ),
        };
        Ok(Ask {
            wanted: self.wanted()?,
            first,
            times,
            recurrence,
            people: self.people.unwrap_or(1),
            layout,
            extras: extras_api::picks(&self.extras)?,
            title: line(&self.title, 100, "bad-title")?,
            details: Details {
                notes: form::optional_text(&self.notes, 1000)
                    .map_err(|sentence| Error::refused("bad-notes", sentence))?,
                purchase_order: line(&self.purchase_order, 60, "bad-purchase-order")?,
                ..Details::default()
            },
            payer: Payer::said(&self.company),
            skip: self.skip,
            shown: None,
            key,
            desk,
        })
    }
}

fn line(text: &str, longest: usize, kind: &'static str) -> Result<String> {
    form::optional_line(text, longest).map_err(|sentence| Error::refused(kind, sentence))
}

/// Book a series.
///
/// Every date is a booking of its own, by the rules of a single one; all are made, or none. With `dry_run` nothing is
/// made and the answer says what would become of each. Send an `Idempotency-Key` as for a booking.
#[utoipa::path(post, path = "/series", tag = "Bookings", request_body = NewSeries,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 200 characters of your own, one for each series.")),
    responses((status = 201, body = SeriesJson, headers(("Location" = String))), (status = 200, body = OutlookJson)))]
async fn create(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    headers: HeaderMap,
    new: Result<Json<NewSeries>, JsonRejection>,
) -> Result<Response> {
    let Json(new) = new.map_err(unreadable)?;
    let audience = Audience::of(me.staff.is_some() && new.on_behalf_of.is_some());
    let first = {
        let mut db = app.db.acquire().await?;
        new.wanted()?.first_space_for(&mut db, audience).await?
    };
    let (_, location) = first.ok_or_else(|| Error::from(Rule::NoSuchSpace))?;
    let (booker, desk) = new.booker(&app, &me).await?;
    let ask = new.ask(location.zone, api::key(&headers)?, desk)?;
    if new.dry_run {
        let foreseen = match transaction!(app.db, tx => ask.foresee(tx, booker, now).await)? {
            Ok(never) => match never {},
            Err(foreseen) => foreseen.map_err(refused)?,
        };
        let dates = foreseen.iter().map(|fate| match &fate.outcome {
            Ok(booking) => DateJson::booked(fate.date, booking),
            Err(rule) => DateJson::refused(fate.date, rule.kind(), rule.to_string()),
        });
        return Ok(outlook(dates.collect(), placing::shown(&foreseen)).into_response());
    }
    let placed = transaction!(app.db, tx => ask.place(tx, booker, now).await)?;
    let reference = placed.map_err(refused)?;
    let (series, _) = find(&app, &me, &reference).await?;
    let address = format!("/api/v1{}", series.url());
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, address)],
        Json(SeriesJson::of(series, now)),
    )
        .into_response())
}

/// Taken dates are a conflict, a broken rule cannot be processed.
fn refused(refusal: placing::Refusal) -> Error {
    match &refusal {
        placing::Refusal::Dates(fates) => {
            let taken = |fate: &placing::Fate| fate.outcome.as_ref().is_err_and(Rule::is_taken);
            match fates.iter().any(taken) {
                true => Error::conflict(refusal.kind(), refusal.to_string()),
                false => Error::refused(refusal.kind(), refusal.to_string()),
            }
        }
        _ => Error::refused(refusal.kind(), refusal.to_string()),
    }
}

/// Which dates of a series; all that are ahead without both.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
struct DatesJson {
    /// From this day on.
    #[schema(value_type = Option<String>, example = "2026-12-07")]
    first: Option<NaiveDate>,
    /// To this day, included.
    #[schema(value_type = Option<String>, example = "2026-12-21")]
    last: Option<NaiveDate>,
}

impl From<&DatesJson> for Scope {
    fn from(dates: &DatesJson) -> Scope {
        Scope {
            first: dates.first,
            last: dates.last,
        }
    }
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct SeriesCancellation {
    #[serde(flatten)]
    dates: DatesJson,
    /// At most 500 characters.
    reason: String,
    /// Only says what it would come to.
    dry_run: bool,
    /// For staff, of somebody else's: `member`, `us` or `hospitalisation_or_death`.
    because: String,
    /// For staff: nothing is kept whatever the terms say.
    in_full: bool,
    /// For staff: the member hears of it by mail, two minutes later.
    tell: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SeriesCancelled)]
struct CancelledJson {
    /// Those that were cancelled, or would be.
    bookings: Vec<BookingJson>,
    kept_cents: Money,
    /// Days of passes that stay drawn.
    days: usize,
}

/// Cancel dates of a series.
///
/// All that are ahead, those from `first` on, or those between `first` and `last`; each by its own terms. Past dates
/// stay as they are.
#[utoipa::path(post, path = "/series/{reference}/cancellation", tag = "Bookings", request_body = Option<SeriesCancellation>,
    params(("reference" = String, Path)), responses((status = 200, body = CancelledJson)))]
async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Option<Json<SeriesCancellation>>,
) -> Result<Json<CancelledJson>> {
    let Json(body) = body.unwrap_or_default();
    let (series, by_desk) = find(&app, &me, &reference).await?;
    let scope = Scope::from(&body.dates);
    let chosen: Vec<_> = series.ahead(scope, now).cloned().collect();
    let cost = cancelling::consequence(chosen.iter(), now);
    if body.dry_run {
        return Ok(cancelled(chosen, cost));
    }
    let desk = match (by_desk, Reason::named(&body.because)) {
        (false, _) => None,
        (true, Some(reason)) => Some(cancelling::AtTheDesk {
            reason,
            in_full: body.in_full,
            tell: body.tell,
        }),
        (true, None) => {
            let sentence = "Send member, us or hospitalisation_or_death as because.";
            return Err(Error::refused("bad-because", sentence));
        }
    };
    let ask = Cancel {
        scope,
        note: line(&body.reason, 500, "bad-reason")?,
        shown: None,
        by: me.member,
        desk,
    };
    let done = transaction!(app.db, tx => cancelling::cancel(tx, series.id, &ask, now).await)?;
    let done = done.map_err(|refusal| Error::refused(refusal.kind(), refusal.to_string()))?;
    let kept = done.iter().filter_map(|booking| booking.kept).sum();
    let spent =
        |booking: &super::booking::Booking| booking.drawn.iter().filter(|day| day.spent).count();
    let days = done.iter().map(spent).sum();
    Ok(cancelled(done, Consequence { kept, days }))
}

fn cancelled(bookings: Vec<super::booking::Booking>, cost: Consequence) -> Json<CancelledJson> {
    Json(CancelledJson {
        bookings: bookings.into_iter().map(BookingJson::from).collect(),
        kept_cents: cost.kept,
        days: cost.days,
    })
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct SeriesChange {
    #[serde(flatten)]
    dates: DatesJson,
    /// A space's slug; each date's own without it.
    space: Option<String>,
    /// On the wall clock; as it is without it. Send both or none.
    #[schema(example = "10:00")]
    from: Option<String>,
    #[schema(example = "11:30")]
    until: Option<String>,
    /// So many days later, or below zero sooner; not for series by the month.
    #[schema(minimum = -60, maximum = 60)]
    days: i64,
    people: Option<i32>,
    /// Leaves the dates that cannot become so as they are; else one of them refuses all.
    skip: bool,
    /// Only says what would become of each date.
    dry_run: bool,
    /// For staff, of somebody else's: why policy is passed over.
    reason: String,
    /// For staff: the member hears of it by mail, two minutes later.
    tell: bool,
}

impl SeriesChange {
    fn target(&self) -> Result<Target> {
        let clock = |text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => {
                let sentence = "Send a time on the clock, like 10:00.";
                let time = parse_clock(text).ok_or_else(|| Error::refused("bad-from", sentence));
                time.map(Some)
            }
        };
        let times = match (clock(&self.from)?, clock(&self.until)?) {
            (Some(from), Some(until)) => Some(Times::Clock {
                from,
                until,
                nights: i64::from(until < from),
            }),
            (None, None) => None,
            _ => {
                return Err(Error::refused(
                    "bad-from",
                    "Send from and until, or neither.",
                ));
            }
        };
        if !(-60..=60).contains(&self.days) {
            return Err(Error::refused("bad-days", "Send days from -60 to 60."));
        }
        Ok(Target {
            space: self.space.clone(),
            times,
            days: self.days,
            people: self.people,
        })
    }
}

/// Change dates of a series.
///
/// All that are ahead, those from `first` on, or those between `first` and `last`: another time, space or number of
/// people, each by the rules and at the price of a new booking. Where dates before stay as they were and all later ones
/// change, the series splits, and the answer is the later one. With `dry_run` it says what would become of each date.
#[utoipa::path(post, path = "/series/{reference}/change", tag = "Bookings", request_body = SeriesChange,
    params(("reference" = String, Path)), responses((status = 200, body = SeriesJson)))]
async fn change(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<SeriesChange>, JsonRejection>,
) -> Result<Response> {
    let (series, by_desk) = find(&app, &me, &reference).await?;
    let Json(body) = body.map_err(unreadable)?;
    let reason = line(&body.reason, 300, "bad-reason")?;
    let ask = Change {
        scope: Scope::from(&body.dates),
        target: body.target()?,
        skip: body.skip,
        shown: None,
        by: me.member,
        desk: by_desk.then_some(changing::AtTheDesk {
            reason,
            tell: body.tell,
        }),
    };
    let refused = |refusal: changing::Refusal| Error::refused(refusal.kind(), refusal.to_string());
    if body.dry_run {
        let foreseen = match transaction!(app.db, tx => ask.foresee(tx, series.id, now).await)? {
            Ok(never) => match never {},
            Err(foreseen) => foreseen.map_err(refused)?,
        };
        let dates = foreseen.iter().map(|fate| match &fate.outcome {
            Ok(is) => DateJson::booked(fate.was.date(), is),
            Err(why) => DateJson::refused(fate.was.date(), why.kind(), why.to_string()),
        });
        return Ok(outlook(dates.collect(), changing::shown(&foreseen)).into_response());
    }
    let done = transaction!(app.db, tx => ask.carry_out(tx, series.id, now).await)?;
    let (series, _) = find(&app, &me, &done.map_err(refused)?).await?;
    Ok(Json(SeriesJson::of(series, now)).into_response())
}
