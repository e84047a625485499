//! Changing bookings for programs: a member's own by the rules of a new one, any for staff.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::JsonRejection},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    api::BookingJson,
    booking::Booking,
    change::{self, Pricing, Wanted, Way},
    moving::{self, Move},
    staff_api::{answer, refused},
    wish::When,
};
use crate::{
    app::App,
    billing::{pass::days::Draw, quote::Line},
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    id::Id,
    members::member::Member,
    money::Money,
    sessions::current::Bearer,
    transaction,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(foresee, change_it))
}

#[derive(Deserialize, ToSchema)]
struct NewChange {
    /// A space's slug; the same one without it.
    space: Option<String>,
    #[serde(flatten)]
    when: When,
    people: Option<i32>,
    /// For staff, what becomes of the price: nothing while kind and length stay, else `keep`, or `new` with the
    /// `total_cents` that was shown.
    price: Option<String>,
    /// The price afterwards, as it was shown; needed where it is another than before.
    #[schema(value_type = Option<i64>)]
    total_cents: Option<Money>,
    /// For staff: why policy is passed over; a time that somebody else has is never given away.
    #[serde(default)]
    reason: String,
    /// For staff: the member hears of it by mail, two minutes later.
    #[serde(default)]
    tell: bool,
    version: Option<i32>,
}

impl NewChange {
    fn wanted(&self, booking: &Booking) -> Result<Wanted> {
        wanted(&self.space, &self.when, self.people, booking)
    }

    fn way(&self) -> Result<Way> {
        let price = match (self.price.as_deref(), self.total_cents) {
            (None, _) => None,
            (Some("keep"), _) => Some(Pricing::Keep),
            (Some("new"), Some(shown)) => Some(Pricing::New { shown }),
            _ => {
                return Err(Error::refused(
                    "bad-price",
                    "Send keep, or new with total_cents.",
                ));
            }
        };
        Ok(Way {
            version: self.version,
            price,
            reason: form::optional_line(&self.reason, 300)
                .map_err(|sentence| Error::refused("bad-reason", sentence))?,
            tell: self.tell,
        })
    }
}

/// What is left out stays as it is.
fn wanted(
    space: &Option<String>,
    when: &When,
    people: Option<i32>,
    booking: &Booking,
) -> Result<Wanted> {
    let term = match when.from.is_empty() {
        true => booking.term,
        false => when
            .term(booking.zone)
            .map_err(|(kind, sentence)| Error::refused(kind, sentence))?,
    };
    Ok(Wanted {
        space: space.clone().unwrap_or(booking.space_slug.clone()),
        term,
        people: people.unwrap_or(booking.people),
    })
}

/// One's own, or paid by a company whose admin one is; any for staff when `any`.
async fn find(app: &App, me: &Bearer, reference: &str, any: bool) -> Result<(Booking, bool)> {
    let mut db = app.db.acquire().await?;
    let is_staff = any && me.staff.is_some();
    let found = Booking::seen_by(&mut db, me.member, is_staff, reference).await?;
    found
        .map(|booking| (booking, is_staff))
        .ok_or(Error::NotFound)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// A space's slug; the same one without it.
    space: Option<String>,
    /// `week` or `month`; nothing for a time or days.
    #[serde(default)]
    term: Option<String>,
    /// A time, or the first day; the same time without it.
    #[serde(default)]
    #[param(example = "2026-12-01T09:00")]
    from: String,
    /// A time, or the first day that is not wanted.
    #[serde(default)]
    #[param(example = "2026-12-01T11:00")]
    until: String,
    people: Option<i32>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Outlook)]
struct OutlookJson {
    /// The space's slug.
    space: String,
    /// RFC 3339 with the location's offset.
    from: String,
    until: String,
    was_cents: Money,
    /// What to send as `total_cents` to have it so.
    total_cents: Money,
    vat_cents: Money,
    /// What is charged; below zero, what goes back.
    difference_cents: Money,
    /// The part of the total that is for what is given up too late.
    late_cents: Money,
    /// What cancelling keeps at least from then on.
    at_least_cents: Money,
    /// They add up to the total.
    price: Vec<Line>,
    /// The days of passes that it would draw on.
    pass: Vec<Draw>,
}

/// What a change would come to.
///
/// Of your own booking, or one that your company pays for. Nothing is changed.
#[utoipa::path(get, path = "/bookings/{reference}/change", tag = "Bookings",
    params(("reference" = String, Path), Asked), responses((status = 200, body = OutlookJson)))]
async fn foresee(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<OutlookJson>> {
    let (booking, _) = find(&app, &me, &reference, false).await?;
    let when = When {
        term: asked.term,
        from: asked.from,
        until: asked.until,
        count: None,
    };
    let wanted = wanted(&asked.space, &when, asked.people, &booking)?;
    let mut db = app.db.acquire().await?;
    let outlook = moving::foresee(&mut db, &booking, &wanted, now).await?;
    let outlook = outlook.map_err(|refusal| refused(refusal.kind(), refusal.to_string()))?;
    let difference = outlook.difference();
    let offer = outlook.plan.offer;
    Ok(Json(OutlookJson {
        space: outlook.plan.space.slug,
        from: booking.zone.rfc3339(offer.during.from),
        until: booking.zone.rfc3339(offer.during.until),
        was_cents: outlook.was,
        total_cents: outlook.total,
        vat_cents: outlook.vat,
        difference_cents: difference,
        late_cents: outlook.price.late,
        at_least_cents: outlook.price.at_least,
        price: outlook.price.lines,
        pass: offer.quote.draws,
    }))
}

/// Move a booking, or make it longer or shorter.
///
/// Your own, or one that your company pays for, by the rules of a new one; once it has begun, its end alone. Where
/// it costs something else then, send the `total_cents` that was shown. Staff change any, and can take that back
/// for two minutes.
#[utoipa::path(post, path = "/bookings/{reference}/change", tag = "Bookings", request_body = NewChange,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn change_it(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Result<Json<NewChange>, JsonRejection>,
) -> Result<Json<BookingJson>> {
    let (booking, by_staff) = find(&app, &me, &reference, true).await?;
    let Json(body) = body.map_err(unreadable)?;
    let wanted = body.wanted(&booking)?;
    let (by, id) = (me.member, booking.id);
    let done = match by_staff {
        true => {
            let way = body.way()?;
            transaction!(app.db, tx => change::change(tx, by, id, &wanted, &way, now).await)?
        }
        false => own(&app, by, id, wanted, &body, now).await?,
    };
    answer(done, change::Refusal::kind)
}

async fn own(
    app: &App,
    by: Id<Member>,
    id: Id<Booking>,
    wanted: Wanted,
    body: &NewChange,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Result<Booking, change::Refusal>> {
    if body.price.is_some() || body.tell || !body.reason.is_empty() {
        return Err(Error::refused(
            "for-staff",
            "Only staff send price, reason or tell.",
        ));
    }
    let order = Move {
        wanted,
        version: body.version,
        shown: body.total_cents,
    };
    transaction!(app.db, tx => moving::change(tx, by, id, &order, now).await)
}
