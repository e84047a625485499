//! Booking for somebody, on one page and in whatever order the caller speaks.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form, Query};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    booking::Booking,
    desk::{self, Agreed, Desk, Guest, Outcome, Request, Whom},
    draft::Draft,
    enquiry::{self, Enquiry, Instead, Room, Typed},
    order::{Channel, Details, Hold, Order},
    payer::Payer,
    refusal::Refusal,
    term::{Term, Wish},
    when,
    wish::{self, When},
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    flash::Flash,
    form::{self, Errors},
    html::{self, Chrome},
    locations::location::Location,
    members::{company::Company, member::Member},
    money::Money,
    sessions::current::Staff,
    spaces::{
        layout::Layout,
        space::{Audience, Space},
    },
    time::{Zone, long_date, parse_date},
    transaction,
    transaction::Db,
    viewings::viewing::{Viewing, Which},
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/bookings/new", get(new))
        .route("/admin/bookings", post(create))
        .route("/admin/bookings/drafts", post(keep))
        .route("/admin/bookings/drafts/{id}/discard", post(discard))
}

#[derive(Template)]
#[template(path = "bookings/desk/new.html")]
struct NewPage {
    chrome: Chrome,
    errors: Errors,
    typed: Typed,
    enquiry: Enquiry,
    companies: Vec<Company>,
    usual_company: Option<String>,
    drafts: Vec<Draft>,
    /// Something was asked already, so that what is missing is worth saying.
    asked: bool,
    now: DateTime<Utc>,
}

impl NewPage {
    async fn read(
        db: &mut Db,
        chrome: Chrome,
        me: &Staff,
        mut typed: Typed,
        now: DateTime<Utc>,
    ) -> Result<NewPage> {
        let asked = !typed.key.is_empty();
        let enquiry = Enquiry::read(db, &typed, now).await?;
        let (companies, usual_company) = match &enquiry.person {
            Some(person) => Company::paying_for(db, person.found.id).await?,
            None => (Vec::new(), None),
        };
        if !asked {
            typed.key = Uuid::new_v4().to_string();
            typed.tell = "yes".into();
        }
        Ok(NewPage {
            chrome,
            errors: Errors::default(),
            enquiry,
            companies,
            usual_company,
            drafts: Draft::of(db, me.member).await?,
            asked,
            typed,
            now,
        })
    }

    fn ticked(&self) -> Option<&Room> {
        self.enquiry.ticked(&self.typed.space)
    }

    fn is_ticked(&self, room: &Room) -> bool {
        self.ticked()
            .is_some_and(|ticked| ticked.value == room.value)
    }

    fn shown(&self) -> String {
        let rooms = self.enquiry.rooms.iter();
        let prices =
            rooms.map(|room| format!("{}={}", room.value, room.offer.quote.total.in_cents()));
        prices.collect::<Vec<_>>().join(" ")
    }

    /// How the words are read: by the ticked room, which may take all day for its opening hours.
    fn echo(&self) -> Option<String> {
        let term = self.enquiry.term.as_ref().ok()?;
        let term = match (term, self.ticked()) {
            (Term::Days { first, last }, Some(room))
                if first == last && self.enquiry.zone.date(room.offer.during.until) == *last =>
            {
                let (today, range) = (self.enquiry.today, room.offer.during);
                let hours = self.enquiry.zone.range(range, today);
                return Some(format!("{}, {hours}", long_date(*first, today)));
            }
            (term, _) => *term,
        };
        Some(term.words(self.enquiry.zone, self.enquiry.today))
    }

    fn unclear(&self) -> Option<&str> {
        let unclear = self.enquiry.term.as_ref().err()?;
        (!self.typed.when.trim().is_empty() && !unclear.is_empty()).then_some(unclear.as_str())
    }

    /// To be read out on the phone.
    fn aloud(&self) -> Option<String> {
        let room = self.ticked()?;
        let price = match &room.offer.quote {
            quote if quote.total.is_zero() => "there is nothing to pay".to_owned(),
            quote if quote.vat.is_zero() => format!("{} in all", quote.total),
            quote => format!("{} in all, VAT included", quote.total),
        };
        Some(format!(
            "{} in {}, {}: {price}.",
            room.name,
            room.place,
            self.echo()?
        ))
    }

    fn payer_is(&self, value: &str) -> bool {
        match self.typed.company.as_str() {
            "" => self.usual_company.as_deref().unwrap_or("me") == value,
            said => said == value,
        }
    }

    fn asks_for_an_order(&self) -> bool {
        self.companies.iter().any(|company| company.po_required)
    }

    fn member_is(&self, id: Uuid) -> bool {
        self.enquiry
            .person
            .as_ref()
            .is_some_and(|person| person.found.id.get() == id)
    }

    fn phone(&self, phone: &str) -> String {
        form::phone_words(phone)
    }

    /// `10 minutes ago`
    fn ago(&self, at: &DateTime<Utc>) -> String {
        match (self.now - *at).num_minutes() {
            ..=0 => "just now".to_owned(),
            minutes if minutes < 120 => format!("{} ago", crate::time::length(minutes)),
            _ => {
                let zone = self.enquiry.zone;
                format!(
                    "{} {}",
                    long_date(zone.date(*at), self.enquiry.today),
                    zone.clock(*at)
                )
            }
        }
    }

    fn more_is_open(&self) -> bool {
        let typed = [&self.typed.reason, &self.typed.price, &self.typed.pencil];
        // What a rule forbids is set aside there.
        typed.into_iter().any(|text| !text.is_empty()) || !self.errors.is_empty()
    }

    fn guest_is_open(&self) -> bool {
        let typed = [
            &self.typed.guest_name,
            &self.typed.guest_phone,
            &self.typed.guest_email,
        ];
        typed.into_iter().any(|text| !text.is_empty())
            || self.asked && self.enquiry.found.is_empty() && !self.typed.who.trim().is_empty()
    }

    /// The same call for another time that is free.
    fn instead(&self, other: &Instead) -> String {
        let typed = &self.typed;
        let pairs = [
            ("what", other.what.as_str()),
            ("when", &other.when),
            ("people", &typed.people),
            ("who", &typed.who),
            ("member", &typed.member),
            ("guest_name", &typed.guest_name),
            ("guest_phone", &typed.guest_phone),
            ("title", &typed.title),
            ("notes", &typed.notes),
            ("key", &typed.key),
            ("draft", &typed.draft),
            ("tell", &typed.tell),
        ];
        let said: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        format!("/admin/bookings/new?{}", html::query(&said))
    }

    fn layouts(&self) -> [(&'static str, &'static str); 3] {
        crate::spaces::filter::LAYOUTS
    }
}

/// Where a link comes from: a gap of the day, a person, a viewing that was won, a draft.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Prefill {
    by: String,
    date: String,
    last: String,
    from: String,
    until: String,
    viewing: String,
    location: String,
}

async fn new(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Query(prefill): Query<Prefill>,
    Query(typed): Query<Typed>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let typed = prefilled(&mut db, &me, typed, &prefill).await?;
    html::page(&NewPage::read(&mut db, chrome, &me, typed, now).await?)
}

/// With everything that a link says put into the fields as somebody would have typed it.
async fn prefilled(db: &mut Db, me: &Staff, typed: Typed, prefill: &Prefill) -> Result<Typed> {
    let mut typed = match typed.draft.parse() {
        Ok(id) if typed.key.is_empty() => match Draft::find(db, me.member, id).await? {
            Some(draft) => Typed {
                draft: typed.draft,
                ..draft.typed
            },
            None => return Err(Error::NotFound),
        },
        _ => typed,
    };
    if !typed.key.is_empty() {
        return Ok(typed);
    }
    let places = Location::all(db).await?;
    let mut zone = places.first().map(|place| place.zone);
    let named = Space::find_for(db, &typed.space, Audience::Desk).await?;
    if let (true, Some(space)) = (typed.what.is_empty(), named) {
        let place = places.iter().find(|place| place.id == space.location);
        zone = place.map(|place| place.zone);
        typed.what = format!("{}, {}", space.name, place.map_or("", |place| &place.name));
    }
    if let (true, Some(place)) = (
        typed.what.is_empty(),
        places.iter().find(|place| place.slug == prefill.location),
    ) {
        zone = Some(place.zone);
        typed.what.clone_from(&place.name);
    }
    if let (true, Some(zone)) = (typed.when.is_empty(), zone) {
        typed.when = said(prefill, zone);
    }
    let which = Which {
        reference: Some(&prefill.viewing),
        ..Which::default()
    };
    if let Some(viewing) = Viewing::list(db, which).await?.pop() {
        of_viewing(&mut typed, viewing);
    }
    if let (true, Ok(id)) = (typed.who.is_empty(), typed.member.parse::<Uuid>())
        && let Ok(member) = Member::find(db, id.into()).await
    {
        typed.who = member.name;
    }
    Ok(typed)
}

/// A date with times on it, or two moments; a date alone is the beginning of what is still to be said.
fn said(prefill: &Prefill, zone: Zone) -> String {
    let term = if prefill.date.is_empty() {
        let when = When {
            from: prefill.from.clone(),
            until: prefill.until.clone(),
            ..When::default()
        };
        when.term(zone).ok()
    } else {
        let typed = wish::Typed {
            by: prefill.by.clone(),
            date: prefill.date.clone(),
            last: prefill.last.clone(),
            from: prefill.from.clone(),
            until: prefill.until.clone(),
            ..wish::Typed::default()
        };
        typed.wish(zone).ok().map(|wish| wish.term)
    };
    match (term, parse_date(&prefill.date)) {
        (Some(term), _) => when::say(&term, zone),
        (None, Some(date)) => date.format("%a %-d %b %Y ").to_string(),
        (None, None) => String::new(),
    }
}

fn of_viewing(typed: &mut Typed, viewing: Viewing) {
    if typed.what.is_empty() {
        typed.what = viewing.place;
    }
    if typed.people.is_empty() {
        typed.people = viewing
            .people
            .map(|people| people.to_string())
            .unwrap_or_default();
    }
    match viewing.member {
        Some(member) => typed.member = member.get().to_string(),
        None => {
            typed.guest_name = viewing.name;
            typed.guest_phone = viewing.phone.unwrap_or_default();
            typed.guest_email = viewing.email.unwrap_or_default();
        }
    }
}

async fn create(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    let mut errors = Errors::default();
    if let Some(key) = typed.key() {
        let mut tx = app.db.begin().await?;
        match desk::repeated(&mut tx, me.member, &key, &typed.fingerprint()).await? {
            Some(Ok(booking)) => return Ok(booked(jar, &booking, now)),
            Some(Err(refusal)) => errors.add("when", refusal.to_string()),
            None => {}
        }
    }
    let mut page = {
        let mut db = app.db.acquire().await?;
        NewPage::read(&mut db, chrome, &me, typed, now).await?
    };
    let request = match errors.is_empty() {
        true => request(&page, &me, &mut errors, now),
        false => None,
    };
    if let (Some(request), true) = (request, errors.is_empty()) {
        match transaction!(app.db, tx => request.place(tx, now).await)? {
            Ok(booking) => return Ok(booked(jar, &booking, now)),
            Err(refusal) => {
                let by = page
                    .enquiry
                    .term
                    .as_ref()
                    .map_or(super::term::By::Time, Term::by);
                let field = match refusal.field(by) {
                    _ if matches!(refusal, Refusal::Barred | Refusal::PayFirst { .. }) => "who",
                    "from" | "until" | "date" | "last" | "count" => "when",
                    field => field,
                };
                errors.add(field, refusal.of_them());
            }
        }
        // What is free, and what it costs, may have changed meanwhile.
        let mut db = app.db.acquire().await?;
        page = NewPage::read(&mut db, page.chrome, &me, page.typed, now).await?;
    }
    page.chrome = page.chrome.refused();
    page.asked = true;
    page.errors = errors;
    html::refused(&page)
}

/// Where the call ends: the booking's own page, with what to read aloud.
fn booked(jar: CookieJar, booking: &Booking, now: DateTime<Utc>) -> Response {
    let said = format!(
        "{}: {}, {}, {} for {}. {}",
        booking.reference,
        booking.space,
        booking.when(now),
        booking.total,
        booking.member_name,
        booking.state_words()
    );
    let next = html::see_other(&format!("/admin{}", booking.url()));
    (jar.add(Flash::done(said).cookie()), next).into_response()
}

/// Every mistake at once, each with its field.
fn request(page: &NewPage, me: &Staff, errors: &mut Errors, now: DateTime<Utc>) -> Option<Request> {
    let (typed, enquiry) = (&page.typed, &page.enquiry);
    let room = chosen_room(page, errors);
    let people = errors.take("people", enquiry.people.clone());
    let whom = whom(page, errors);
    let title = errors.take("title", form::optional_line(&typed.title, 100));
    let notes = errors.take("notes", form::optional_text(&typed.notes, 1000));
    let order_number = form::optional_line(&typed.purchase_order, 60);
    let purchase_order = errors.take("purchase_order", order_number);
    let reason = errors.take("reason", form::optional_line(&typed.reason, 300));
    let agreed = agreed(typed, errors);
    let outcome = outcome(page, errors, now);
    let room = room?;
    if !room.needs.is_empty() && reason.as_ref().is_some_and(String::is_empty) {
        let rules: Vec<String> = room.needs.iter().map(Refusal::of_them).collect();
        errors.add(
            "reason",
            format!("{} Say why it is booked all the same.", rules.join(" ")),
        );
    }
    let during = room.offer.during;
    let channel = match typed.channel.as_str() {
        "phone" => Channel::Phone,
        "desk" => Channel::Desk,
        _ if during.from <= now => Channel::Desk,
        _ => Channel::Phone,
    };
    Some(Request {
        whom: whom?,
        order: Order {
            wanted: enquiry::wanted(&room.value),
            wish: Wish {
                term: room.term,
                people: people?,
                layout: typed
                    .layout
                    .parse()
                    .ok()
                    .filter(|_: &Layout| !typed.layout.is_empty()),
            },
            title: title?,
            details: Details {
                notes: notes?,
                purchase_order: purchase_order?,
                ..Details::default()
            },
            payer: Payer::said(&typed.company),
            hold: Hold::Checkout,
            shown: shown(typed, &room.value),
            key: None,
            replaces: None,
            desk: None,
        },
        desk: Desk {
            by: me.member,
            duties: me.duties,
            reason: reason?,
            agreed: agreed?,
            outcome: outcome?,
            tell: typed.tell == "yes",
        },
        channel,
        key: typed.key(),
        fingerprint: typed.fingerprint(),
        draft: typed.draft.parse().ok(),
    })
}

fn chosen_room<'a>(page: &'a NewPage, errors: &mut Errors) -> Option<&'a Room> {
    let (typed, enquiry) = (&page.typed, &page.enquiry);
    if let Err(unclear) = &enquiry.term {
        match (typed.when.trim(), unclear.as_str()) {
            ("", _) => errors.add("when", "Say when, such as tue 9-11:30."),
            (_, "") => errors.add(
                "what",
                format!(
                    "Nothing is called {}. Say a room, a kind or a location.",
                    typed.what.trim()
                ),
            ),
            _ => errors.add("when", unclear),
        }
        return None;
    }
    let room = enquiry.room(&typed.space);
    if room.is_none() {
        match &enquiry.refusal {
            Some(refusal) => errors.add("when", refusal.of_them()),
            None => errors.add("space", "Choose one of these."),
        }
    }
    room
}

fn whom(page: &NewPage, errors: &mut Errors) -> Option<Whom> {
    let typed = &page.typed;
    if typed.guest_name.trim().is_empty() {
        if let Some(person) = &page.enquiry.person {
            return Some(Whom::Member(person.found.id));
        }
        let sentence = match page.enquiry.found.as_slice() {
            [] => "Nobody we know is called so. Add them as a new guest, or look again.",
            _ => "Choose which of these it is.",
        };
        errors.add("who", sentence);
        return None;
    }
    let name = errors.take("guest_name", form::name(&typed.guest_name));
    let phone = errors.take("guest_phone", form::phone(&typed.guest_phone));
    let email = match typed.guest_email.trim() {
        "" => Some(None),
        email => errors.take("guest_email", form::email(email).map(Some)),
    };
    Some(Whom::Guest(Guest {
        name: name?,
        phone: Some(phone?),
        email: email?,
    }))
}

/// `None` where it cannot be read.
fn agreed(typed: &Typed, errors: &mut Errors) -> Option<Option<Agreed>> {
    if typed.price.trim().is_empty() {
        return Some(None);
    }
    let price = errors.take("price", form::rands(&typed.price));
    let missing = "Say why this price was agreed on.";
    let reason = form::required_line(&typed.price_reason, 200, missing);
    let reason = errors.take("price_reason", reason);
    Some(Some(Agreed {
        price: price?,
        reason: reason?,
    }))
}

fn outcome(page: &NewPage, errors: &mut Errors, now: DateTime<Utc>) -> Option<Outcome> {
    let text = page.typed.pencil.trim();
    if text.is_empty() {
        return Some(Outcome::Confirmed);
    }
    let until = when::moment(text, page.enquiry.zone, now);
    errors.take("pencil", until).map(Outcome::Pencilled)
}

fn shown(typed: &Typed, room: &str) -> Option<Money> {
    let prices: BTreeMap<&str, &str> = typed
        .shown
        .split_whitespace()
        .filter_map(|pair| pair.rsplit_once('='))
        .collect();
    prices.get(room)?.parse().ok().map(Money::cents)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Quiet {
    /// A script keeps it while somebody types on, and wants the draft's id alone.
    quiet: String,
}

/// Keeps what was typed, for whoever was interrupted.
async fn keep(
    State(app): State<App>,
    Now(now): Now,
    me: Staff,
    jar: CookieJar,
    Query(quiet): Query<Quiet>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    if !quiet.quiet.is_empty() && typed.is_empty() {
        return Ok(String::new().into_response());
    }
    let mut tx = app.db.begin().await?;
    let id = Draft::save(&mut tx, me.member, typed.draft.parse().ok(), &typed, now).await?;
    tx.commit().await?;
    if !quiet.quiet.is_empty() {
        return Ok(id.to_string().into_response());
    }
    let said = Flash::done("Kept as a draft. Go on with it when you are ready.");
    Ok((
        jar.add(said.cookie()),
        html::see_other("/admin/bookings/new"),
    )
        .into_response())
}

async fn discard(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path(id): Path<Uuid>,
) -> Result<Response> {
    let mut tx = app.db.begin().await?;
    Draft::discard(&mut tx, me.member, id).await?;
    tx.commit().await?;
    let said = Flash::done("The draft is gone.");
    Ok((
        jar.add(said.cookie()),
        html::see_other("/admin/bookings/new"),
    )
        .into_response())
}
