//! Bookings for programs: making, reading and cancelling them.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    booking::{Booking, Status},
    cancellation::{self, ByStaff, Reason, StaffRefusal},
    desk::{Agreed, Desk, Guest, Outcome, Request, Whom},
    extras_api::{OrderedJson, PickJson, picks},
    guests::{self, Inviter},
    guests_api::InviteJson,
    order::{Booker, Channel, Details, Hold, Order, Wanted},
    payer::Payer,
    refusal::Refusal,
    term::Wish,
    wish::When,
};
use crate::{
    app::App,
    billing::{payment::Method, quote::Line},
    error::{Error, Result},
    extract::{Now, unreadable},
    form,
    id::Id,
    members::{company::Colleague, find, member::Member, staff::Duties},
    money::Money,
    sessions::current::Bearer,
    spaces::{layout::Layout, space::Audience},
    transaction,
    transaction::Db,
};

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(index, create))
        .routes(routes!(show))
        .routes(routes!(cancel))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Booking)]
pub(super) struct BookingJson {
    /// Such as `CS-7K3M9`.
    reference: String,
    status: Status,
    /// The space's slug.
    space: String,
    /// The location's slug.
    location: String,
    /// `time`, `day`, `week` or `month`.
    term: &'static str,
    /// How many weeks or months.
    count: Option<u32>,
    /// RFC 3339 with the location's offset.
    from: String,
    until: String,
    people: i32,
    /// How the room is set up, where it can be in several ways.
    layout: Option<&'static str>,
    title: String,
    /// The slug of the company that pays; null when the member does.
    company: Option<String>,
    purchase_order: String,
    contact_name: String,
    contact_phone: Option<String>,
    notes: String,
    total_cents: Money,
    /// The part of the total that is VAT.
    vat_cents: Money,
    currency: String,
    /// They add up to the total.
    price: Vec<Line>,
    /// What goes with it.
    extras: Vec<OrderedJson>,
    /// The days of passes that it draws on.
    pass: Vec<DrawnJson>,
    /// The reference of the series that it is a date of.
    #[schema(example = "SR-7K3M9")]
    series: Option<String>,
    /// What a cancellation kept.
    kept_cents: Option<Money>,
    /// Grows with every change.
    version: i32,
    /// The terms that it was made under: they are at `/terms/{version}`.
    #[schema(example = "2026-11")]
    terms_version: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Drawn)]
struct DrawnJson {
    #[schema(value_type = String, example = "2026-12-01")]
    date: NaiveDate,
    /// The pass's.
    #[schema(example = "CP-7K3M9")]
    reference: String,
    /// Given back with a timely cancellation.
    returned: bool,
}

impl From<Booking> for BookingJson {
    fn from(booking: Booking) -> Self {
        Self {
            status: booking.status,
            term: booking.term.key(),
            count: booking.term.count(),
            from: booking.zone.rfc3339(booking.during.from),
            until: booking.zone.rfc3339(booking.during.until),
            reference: booking.reference,
            space: booking.space_slug,
            location: booking.location_slug,
            people: booking.people,
            layout: booking.layout.map(Layout::key),
            title: booking.title,
            company: booking.company_slug,
            purchase_order: booking.purchase_order,
            contact_name: booking.contact_name,
            contact_phone: booking.contact_phone,
            notes: booking.notes,
            total_cents: booking.total,
            vat_cents: booking.vat,
            currency: booking.currency,
            price: booking.price.lines,
            extras: booking.extras.into_iter().map(OrderedJson::from).collect(),
            pass: booking
                .drawn
                .into_iter()
                .map(|day| DrawnJson {
                    date: day.date,
                    reference: day.reference,
                    returned: !day.spent,
                })
                .collect(),
            series: booking.series,
            kept_cents: booking.kept,
            version: booking.version,
            terms_version: booking.terms_version,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct BookingsJson {
    bookings: Vec<BookingJson>,
}

/// Your bookings.
///
/// Those to come, earliest first, then the last fifty past ones.
#[utoipa::path(get, path = "/bookings", tag = "Bookings", responses((status = 200, body = BookingsJson)))]
async fn index(State(app): State<App>, Now(now): Now, me: Bearer) -> Result<Json<BookingsJson>> {
    let mut db = app.db.acquire().await?;
    let mut bookings = Booking::upcoming(&mut db, me.member, now).await?;
    bookings.extend(Booking::past(&mut db, me.member, None, 50, now).await?);
    let bookings = bookings.into_iter().map(BookingJson::from).collect();
    Ok(Json(BookingsJson { bookings }))
}

/// One booking.
#[utoipa::path(get, path = "/bookings/{reference}", tag = "Bookings",
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn show(
    State(app): State<App>,
    me: Bearer,
    Path(reference): Path<String>,
) -> Result<Json<BookingJson>> {
    let mut db = app.db.acquire().await?;
    let booking = Booking::seen_by(&mut db, me.member, me.staff.is_some(), &reference).await?;
    Ok(Json(booking.ok_or(Error::NotFound)?.into()))
}

#[derive(Debug, Deserialize, ToSchema)]
struct NewBooking {
    /// A space's slug; or leave it out and send a location and a kind.
    #[schema(example = "umhlanga-lagoon")]
    space: Option<String>,
    /// Any space of the kind that is free there, the best fit first.
    location: Option<String>,
    /// `hot_desk` without it.
    kind: Option<String>,
    #[serde(flatten)]
    when: When,
    /// 1 without it.
    #[schema(minimum = 1, example = 4)]
    people: Option<i32>,
    /// How a room is to be set up; the smallest way that seats them without it.
    #[schema(example = "boardroom")]
    layout: Option<String>,
    /// What goes with it.
    #[serde(default)]
    extras: Vec<PickJson>,
    /// What it is for, at most 100 characters.
    #[serde(default)]
    title: String,
    /// `me`, or a company's slug; nothing for whoever usually pays.
    #[serde(default)]
    company: String,
    #[serde(default)]
    purchase_order: String,
    #[serde(default)]
    contact_name: String,
    #[serde(default)]
    contact_phone: String,
    #[serde(default)]
    notes: String,
    /// Who is invited by mail, at most as many as the space seats.
    #[serde(default)]
    guests: Vec<InviteJson>,
    /// For whom it is, by email address or number with us: a colleague, at the expense of a company that you both belong
    /// to. For people who work here it is anybody, by phone number too; all that follows is for them alone.
    on_behalf_of: Option<String>,
    /// Somebody new in place of `on_behalf_of`.
    guest: Option<NewGuest>,
    /// Why rules are set aside, or something is entered late. What is taken stays taken.
    #[serde(default)]
    reason: String,
    /// Another price than the list's, from who manages the location, with why.
    price_cents: Option<i64>,
    #[serde(default)]
    price_reason: String,
    /// Only held till then, RFC 3339.
    #[schema(value_type = Option<String>)]
    pencil_until: Option<DateTime<Utc>>,
    /// `phone` or `desk`; `api` without it.
    #[serde(default)]
    channel: String,
    /// Whether they are told by mail, two minutes later.
    #[serde(default)]
    tell: bool,
    /// `cash` or `card`: all of it is taken at the counter with the booking.
    #[serde(default)]
    paid: String,
}

#[derive(Debug, Deserialize, ToSchema)]
struct NewGuest {
    name: String,
    #[schema(example = "082 123 4567")]
    phone: String,
    email: Option<String>,
    /// Take the phone number although somebody else has it.
    #[serde(default)]
    same_phone: bool,
}

impl NewGuest {
    fn guest(&self) -> Result<Guest> {
        let refused = |kind| move |sentence: String| Error::refused(kind, sentence);
        let email = self.email.as_deref().map(form::email).transpose();
        Ok(Guest {
            name: form::name(&self.name).map_err(refused("bad-name"))?,
            phone: Some(form::phone(&self.phone).map_err(refused("bad-phone"))?),
            email: email.map_err(refused("bad-email"))?,
            same_phone: self.same_phone,
        })
    }
}

impl NewBooking {
    /// For whom staff book; `None` for oneself.
    async fn whom(&self, db: &mut Db) -> Result<Option<Whom>> {
        match (&self.guest, &self.on_behalf_of) {
            (Some(guest), None) => guest.guest().map(Whom::Guest).map(Some),
            (None, Some(who)) => {
                let only = find::only(db, who).await?;
                let sentence = "Send an email address, a phone number or a number with us that is one person's.";
                let only = only.ok_or_else(|| Error::refused("no-such-member", sentence))?;
                Ok(Some(Whom::Member(only.id)))
            }
            (Some(_), Some(_)) => Err(Error::refused(
                "bad-guest",
                "Send one of on_behalf_of and guest.",
            )),
            (None, None) => Ok(None),
        }
    }

    fn desk(&self, by: Id<Member>, duties: Duties) -> Result<Desk> {
        let refused = |kind| move |sentence: String| Error::refused(kind, sentence);
        let missing = "Say why this price was agreed on.";
        let agreed = match self.price_cents {
            None => None,
            Some(cents) if (0..=1_000_000_000).contains(&cents) => Some(Agreed {
                price: Money::cents(cents),
                reason: form::required_line(&self.price_reason, 200, missing)
                    .map_err(refused("bad-price-reason"))?,
            }),
            Some(_) => return Err(Error::refused("bad-price", "Send a price in cents.")),
        };
        Ok(Desk {
            by,
            duties,
            reason: form::optional_line(&self.reason, 300).map_err(refused("bad-reason"))?,
            agreed,
            outcome: match self.pencil_until {
                Some(until) => Outcome::Pencilled(until),
                None => Outcome::Confirmed,
            },
            tell: self.tell,
            paid: self.paid()?,
        })
    }

    fn paid(&self) -> Result<Option<Method>> {
        match self.paid.parse() {
            _ if self.paid.is_empty() => Ok(None),
            Ok(method) if method != Method::Eft => Ok(Some(method)),
            _ => Err(Error::refused("bad-method", "Send cash or card as paid.")),
        }
    }

    fn fingerprint(&self) -> Vec<u8> {
        Sha256::digest(format!("{self:?}")).to_vec()
    }

    fn made(&self) -> Result<Channel> {
        match self.channel.as_str() {
            "" | "api" => Ok(Channel::Api),
            "phone" => Ok(Channel::Phone),
            "desk" => Ok(Channel::Desk),
            _ => Err(Error::refused("no-such-channel", "Send phone or desk.")),
        }
    }

    /// Says something that only staff may say.
    fn is_of_staff(&self) -> bool {
        let texts = [&self.reason, &self.price_reason, &self.channel, &self.paid];
        self.guest.is_some()
            || self.price_cents.is_some()
            || self.pencil_until.is_some()
            || texts.into_iter().any(|text| !text.is_empty())
    }

    fn details(&self) -> Result<Details> {
        let refused = |kind| move |sentence: String| Error::refused(kind, sentence);
        let phone = match self.contact_phone.trim() {
            "" => None,
            text => Some(form::phone(text).map_err(refused("bad-contact-phone"))?),
        };
        Ok(Details {
            contact_name: form::optional_line(&self.contact_name, 100)
                .map_err(refused("bad-contact-name"))?,
            contact_phone: phone,
            notes: form::optional_text(&self.notes, 1000).map_err(refused("bad-notes"))?,
            purchase_order: form::optional_line(&self.purchase_order, 60)
                .map_err(refused("bad-purchase-order"))?,
        })
    }

    fn wanted(&self) -> Result<Wanted> {
        match (&self.space, &self.location) {
            (Some(space), _) => Ok(Wanted::Space(space.clone())),
            (None, Some(location)) => {
                let kind = self.kind.as_deref().unwrap_or("hot_desk").parse();
                let kind =
                    kind.map_err(|sentence: String| Error::refused("no-such-kind", sentence))?;
                Ok(Wanted::Any {
                    location: location.clone(),
                    kind,
                })
            }
            (None, None) => Err(Error::refused(
                "no-such-space",
                "Send a space, or a location and a kind.",
            )),
        }
    }
}

/// Book.
///
/// Confirmed at once; for somebody else, or in a hidden space, by the token of staff. Send an `Idempotency-Key`: a repeated request is answered with the booking of
/// the first one.
#[utoipa::path(post, path = "/bookings", tag = "Bookings", request_body = NewBooking,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 200 characters of your own, one for each booking.")),
    responses((status = 201, body = BookingJson, headers(("Location" = String)))))]
async fn create(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    headers: HeaderMap,
    new: Result<Json<NewBooking>, JsonRejection>,
) -> Result<Response> {
    let Json(new) = new.map_err(unreadable)?;
    let wanted = new.wanted()?;
    let first = {
        let mut db = app.db.acquire().await?;
        let audience = Audience::of(me.staff.is_some());
        wanted.first_space_for(&mut db, audience).await?
    };
    let (space, location) = first.ok_or_else(|| Error::from(Refusal::NoSuchSpace))?;
    let zone = location.zone;
    let term = new
        .when
        .term(zone)
        .map_err(|(kind, sentence)| Error::refused(kind, sentence))?;
    let layout = match new.layout.as_deref().unwrap_or_default() {
        "" => None,
        text => Some(
            text.parse()
                .map_err(|sentence: String| Error::refused("no-such-layout", sentence))?,
        ),
    };
    let title = form::optional_line(&new.title, 100)
        .map_err(|sentence| Error::refused("bad-title", sentence))?;
    let details = new.details()?;
    let key = key(&headers)?;
    let guests = new.guests.iter().map(InviteJson::read);
    let guests = guests.collect::<Result<Vec<_>>>()?;
    let by = Inviter {
        member: me.member,
        is_staff: me.staff.is_some(),
    };
    let order = Order {
        wanted,
        wish: Wish {
            term,
            people: new.people.unwrap_or(1),
            layout,
        },
        extras: picks(&new.extras)?,
        title,
        details,
        payer: Payer::said(&new.company),
        hold: Hold::Checkout,
        shown: None,
        key,
        replaces: None,
        desk: None,
    };
    let by_desk = me.staff.is_some() && new.on_behalf_of.is_some();
    let booking = if by_desk || new.is_of_staff() || space.is_hidden() {
        let duties = me.staff.ok_or(Error::NotFound)?;
        let whom = new.whom(&mut *app.db.acquire().await?).await?;
        let request = Request {
            whom: whom.unwrap_or(Whom::Member(me.member)),
            desk: new.desk(me.member, duties)?,
            channel: new.made()?,
            key: order.key.clone(),
            fingerprint: new.fingerprint(),
            draft: None,
            order,
        };
        transaction!(app.db, tx => {
            let placed = request.place(tx, now).await?;
            invite(tx, placed, &guests, by, now).await
        })?
    } else {
        let booker = match &new.on_behalf_of {
            None => Booker::themselves(me.member, Channel::Api),
            Some(whom) => {
                let mut db = app.db.acquire().await?;
                let colleague = Colleague::booked_for(&mut db, me.member, whom).await?;
                Booker {
                    acting: Some(me.member),
                    ..Booker::themselves(colleague.ok_or(Error::NotFound)?, Channel::Api)
                }
            }
        };
        transaction!(app.db, tx => {
            let placed = order.place(tx, booker, now).await?;
            invite(tx, placed, &guests, by, now).await
        })?
    };
    let booking = booking?;
    let address = format!("/api/v1{}", booking.url());
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, address)],
        Json(BookingJson::from(booking)),
    )
        .into_response())
}

/// The booking and its invitations stand together, or not at all.
async fn invite(
    tx: &mut Db,
    placed: Result<Booking, Refusal>,
    guests: &[guests::Invited],
    by: Inviter,
    now: DateTime<Utc>,
) -> Result<Result<Booking, Error>> {
    let booking = match placed {
        Ok(booking) => booking,
        Err(refusal) => return Ok(Err(refusal.into())),
    };
    for whom in guests {
        if let Err(refusal) = guests::Guest::invite(tx, booking.id, by, whom, now).await? {
            return Ok(Err(refusal.into()));
        }
    }
    Ok(Ok(booking))
}

pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if (1..=200).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Error::refused(
            "bad-idempotency-key",
            "Send an Idempotency-Key of 1 to 200 plain characters.",
        )),
    }
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
struct Cancellation {
    /// At most 500 characters.
    reason: String,
    /// For staff: `member`, `us` or `hospitalisation_or_death`; nothing is kept for the last two.
    because: String,
    /// For staff: nothing is kept whatever the terms say.
    in_full: bool,
    /// For staff: the member hears of it by mail, two minutes later.
    tell: bool,
    /// For staff: of the booking that was looked at.
    version: Option<i32>,
}

impl Cancellation {
    fn by_staff(&self, note: String) -> Result<ByStaff> {
        let reason = Reason::named(&self.because).ok_or_else(|| {
            let sentence = "Send member, us or hospitalisation_or_death as because.";
            Error::refused("bad-because", sentence)
        })?;
        Ok(ByStaff {
            reason,
            in_full: self.in_full,
            shown: None,
            note,
            tell: self.tell,
            version: self.version,
        })
    }
}

/// Cancel a booking.
///
/// Its time is free at once; `kept_cents` says what the terms kept. Cancelling twice is once. Staff cancel
/// anybody's, and say `because` of whom.
#[utoipa::path(post, path = "/bookings/{reference}/cancellation", tag = "Bookings", request_body = Option<Cancellation>,
    params(("reference" = String, Path)), responses((status = 200, body = BookingJson)))]
async fn cancel(
    State(app): State<App>,
    Now(now): Now,
    me: Bearer,
    Path(reference): Path<String>,
    body: Option<Json<Cancellation>>,
) -> Result<Json<BookingJson>> {
    let Json(body) = body.unwrap_or_default();
    let note = form::optional_line(&body.reason, 500)
        .map_err(|sentence| Error::refused("bad-reason", sentence))?;
    let (booking, is_theirs) = {
        let mut db = app.db.acquire().await?;
        let seen = Booking::seen_by(&mut db, me.member, me.staff.is_some(), &reference).await?;
        let booking = seen.ok_or(Error::NotFound)?;
        let is_theirs = booking.is_run_by(&mut db, me.member).await?;
        (booking, is_theirs)
    };
    if !is_theirs || me.staff.is_some() && !body.because.is_empty() {
        let how = body.by_staff(note)?;
        let done = transaction!(app.db, tx =>
            cancellation::cancel_by_staff(tx, me.member, booking.id, &how, now).await)?;
        let done = done.map_err(|refusal| match refusal {
            StaffRefusal::Stale => Error::conflict(refusal.kind(), refusal.to_string()),
            _ => Error::refused(refusal.kind(), refusal.to_string()),
        })?;
        return Ok(Json(done.into()));
    }
    let done = transaction!(app.db, tx => cancellation::cancel(tx, me.member, booking.id, &note, None, now).await)?;
    Ok(Json(done.map_err(Error::from)?.into()))
}

/// Taken is a conflict, a broken rule cannot be processed.
impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        if refusal.is_taken() || matches!(refusal, Refusal::ExtraGone { .. }) {
            Error::conflict(refusal.kind(), refusal.to_string())
        } else {
            Error::refused(refusal.kind(), refusal.to_string())
        }
    }
}
