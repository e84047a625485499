//! Booking for somebody, on one page and in whatever order the caller speaks.

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
    admin_booking::way_back,
    booking::Booking,
    desk,
    desk_form::request,
    draft::Draft,
    enquiry::{Enquiry, Instead, Room, Typed},
    extras::{
        picks,
        shelf::{Item, Shelf},
    },
    leave::Leave,
    refusal::Refusal,
    term::{Term, Wish},
    undo, when,
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
    sessions::current::Staff,
    spaces::space::{Audience, Space},
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

/// What can go with the ticked room, and that room at the price with what is chosen of it.
async fn with_extras(
    db: &mut Db,
    typed: &Typed,
    enquiry: &mut Enquiry,
    now: DateTime<Utc>,
) -> Result<(Shelf, Errors)> {
    let (mut errors, people) = (Errors::default(), enquiry.people.clone().unwrap_or(1));
    let Some(ticked) = enquiry.ticked(&typed.space).cloned() else {
        return Ok((Shelf::default(), errors));
    };
    let place = Location::by_id(db, ticked.location).await?;
    let place = place.ok_or(Error::NotFound)?;
    let shelf = Shelf::read(db, &place, ticked.offer.during, None, now).await?;
    let picks = errors.take("extras", typed.extras.picks());
    let wish = Wish::new(ticked.term, people);
    let mut leave = Leave::at_the_desk(!typed.reason.is_empty());
    let picks = picks.unwrap_or_default();
    match shelf.fill(ticked.kind, &wish, &ticked.offer, &picks, &mut leave) {
        Err(refusal) => errors.add("extras", refusal.to_string()),
        Ok(added) => {
            let mut rooms = enquiry.rooms.iter_mut();
            if let Some(room) = rooms.find(|room| room.value == ticked.value) {
                added.onto(&mut room.offer);
            }
        }
    }
    Ok((shelf, errors))
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
    /// What can go with the room that is ticked.
    shelf: Shelf,
    /// Something was asked already, so that what is missing is worth saying.
    asked: bool,
    now: DateTime<Utc>,
}

impl NewPage {
    async fn read(
        db: &mut Db,
        chrome: Chrome,
        me: &Staff,
        typed: Typed,
        now: DateTime<Utc>,
    ) -> Result<NewPage> {
        let asked = !typed.key.is_empty();
        let mut enquiry = Enquiry::read(db, typed, now).await?;
        let mut typed = enquiry.typed.clone();
        let (shelf, errors) = with_extras(db, &typed, &mut enquiry, now).await?;
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
            errors,
            shelf,
            enquiry,
            companies,
            usual_company,
            drafts: Draft::of(db, me.member).await?,
            asked,
            typed,
            now,
        })
    }

    fn extras(&self) -> Vec<&Item> {
        let room = self.ticked();
        room.map_or_else(Vec::new, |room| self.shelf.fitting(room.kind, &room.term))
    }

    fn picked(&self) -> &picks::Typed {
        &self.typed.extras
    }

    /// The field in which typing goes on.
    fn first_field(&self) -> &'static str {
        let typed = &self.typed;
        match () {
            () if !self.errors.is_empty() => "",
            () if !typed.guest_name.trim().is_empty() && typed.guest_phone.trim().is_empty() => {
                "guest_phone"
            }
            () if typed.what.trim().is_empty() || typed.when.trim().is_empty() => {
                if typed.what.trim().is_empty() {
                    "what"
                } else {
                    "when"
                }
            }
            () if typed.who.trim().is_empty() && typed.guest_name.trim().is_empty() => "who",
            () => "people",
        }
    }

    fn focus(&self, field: &str) -> &'static str {
        if self.first_field() == field {
            " autofocus"
        } else {
            ""
        }
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

    /// What is the matter with the house that the caller has in mind.
    fn trouble(&self) -> Option<&str> {
        self.enquiry.house.as_ref()?.trouble.as_deref()
    }

    /// Till when it is pencilled in, as it is understood.
    fn pencilled(&self) -> Option<String> {
        let until = self.enquiry.pencil.as_ref()?.as_ref().ok()?;
        let (zone, today) = (self.enquiry.zone, self.enquiry.today);
        let clock = zone.clock(*until);
        Some(match zone.date(*until) {
            date if date == today => format!("Held till {clock} today."),
            date => format!("Held till {}, {clock}.", long_date(date, today)),
        })
    }

    fn unclear_pencil(&self) -> Option<&str> {
        self.enquiry
            .pencil
            .as_ref()?
            .as_ref()
            .err()
            .map(String::as_str)
    }

    /// What the first and the second way of asking are sent as: the likely one is sent as nothing, so that it
    /// follows the times.
    fn channels(&self) -> [(&'static str, &'static str, bool); 2] {
        let at_the_desk = self.enquiry.begins_now(&self.typed.space, self.now);
        let said = self.typed.channel.as_str();
        let desk = said == "desk" || said.is_empty() && at_the_desk;
        let value = |name: &'static str, likely: bool| if likely { "" } else { name };
        [
            (value("phone", !at_the_desk), "On the phone", !desk),
            (value("desk", at_the_desk), "At the desk", desk),
        ]
    }

    fn has_address(&self) -> bool {
        self.enquiry.has_address(&self.typed)
    }

    /// What there is to pay at once.
    fn to_pay(&self) -> Option<String> {
        let total = self.ticked()?.offer.quote.total;
        let pencilled = self.enquiry.pencil.is_some();
        (!total.is_zero() && !pencilled).then(|| total.to_string())
    }

    /// The person that the letters do not mean, or nobody.
    fn newcomer(&self) -> Option<&str> {
        let who = self.typed.who.trim();
        let is_new = self.enquiry.person.is_none() && self.typed.guest_name.trim().is_empty();
        (is_new && who.chars().count() > 1).then_some(who)
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
        let needs = self.ticked().is_some_and(|room| !room.needs.is_empty());
        typed.into_iter().any(|text| !text.is_empty()) || !self.errors.is_empty() || needs
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
    /// `yes`: whom the letters do not mean is somebody new.
    newcomer: String,
    /// Somebody who has the guest's number or address already, and is meant.
    known: String,
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
    let mut typed = prefilled(&mut db, &me, typed, &prefill).await?;
    if prefill.newcomer == "yes" {
        is_new(&mut typed);
    }
    if let Ok(known) = prefill.known.parse::<Uuid>() {
        is_known(&mut db, &mut typed, known).await?;
    }
    html::page(&NewPage::read(&mut db, chrome, &me, typed, now).await?)
}

/// What was typed of somebody whom nobody knows is a new guest's: their name, their number or their address.
fn is_new(typed: &mut Typed) {
    let who = std::mem::take(&mut typed.who);
    let who = who.trim();
    let field = match () {
        () if who.contains('@') => &mut typed.guest_email,
        () if form::phone(who).is_ok() => &mut typed.guest_phone,
        () => &mut typed.guest_name,
    };
    if field.trim().is_empty() {
        field.push_str(who);
    }
    typed.member.clear();
}

/// The new guest is somebody known after all.
async fn is_known(db: &mut Db, typed: &mut Typed, known: Uuid) -> Result<()> {
    let member = Member::find(db, known.into()).await?;
    typed.who = member.name;
    typed.member = known.to_string();
    for field in [
        &mut typed.guest_name,
        &mut typed.guest_phone,
        &mut typed.guest_email,
        &mut typed.same_phone,
    ] {
        field.clear();
    }
    Ok(())
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
            Some(Ok(booking)) => return booked(&mut tx, jar, &booking, now).await,
            Some(Err(refusal)) => errors.add("when", refusal.to_string()),
            None => {}
        }
    }
    let mut page = {
        let mut db = app.db.acquire().await?;
        NewPage::read(&mut db, chrome, &me, typed, now).await?
    };
    let request = match errors.is_empty() {
        true => {
            let sent = (&page.typed, &page.enquiry);
            request(sent, (me.member, me.duties), &mut errors, now)
        }
        false => None,
    };
    if let (Some(request), true) = (request, errors.is_empty()) {
        match transaction!(app.db, tx => request.place(tx, now).await)? {
            Ok(booking) => {
                return booked(&mut *app.db.acquire().await?, jar, &booking, now).await;
            }
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
    if errors.get("guest_phone").is_some() && page.typed.guest_name.trim().is_empty() {
        is_new(&mut page.typed);
    }
    page.chrome = page.chrome.refused();
    page.asked = true;
    page.errors = errors;
    html::refused(&page)
}

/// Where the call ends: the booking's own page, with what to read aloud, and the way back.
async fn booked(
    db: &mut Db,
    jar: CookieJar,
    booking: &Booking,
    now: DateTime<Utc>,
) -> Result<Response> {
    let said = format!(
        "{}: {}, {}, {} for {}. {}",
        booking.reference,
        booking.space,
        booking.when(now),
        booking.total,
        booking.member_name,
        booking.state_words()
    );
    let flash = match undo::possible(db, booking).await? {
        Some(_) => Flash::done(said).with_undo(way_back(booking, "")),
        None => Flash::done(said),
    };
    let next = html::see_other(&format!("/admin{}?made=1", booking.url()));
    Ok((jar.add(flash.cookie()), next).into_response())
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
