//! A booking as the front desk works on it: everything about it on one page, with all that can be done.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    approval,
    booking::{Booking, Consequence, Status},
    cancellation::Reason,
    change,
    decision::{self, Decision, How},
    guest_form::GuestForm,
    guests::Guest,
    memo,
    story::{self, Event},
    term::Term,
    undo,
    wish::Typed,
};
use crate::{
    app::App,
    billing::payment,
    error::{Error, Result},
    extract::Now,
    flash::{Flash, Undo},
    form::{self, Errors},
    html::{self, Chrome},
    money::Money,
    sessions::current::Staff,
    spaces::space::{Audience, Space, Which},
    time::long_date,
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .merge(super::admin_change::routes())
        .route("/admin/bookings/{reference}", get(show))
        .route("/admin/bookings/{reference}/decision", post(decide))
        .route("/admin/bookings/{reference}/memo", post(write_memo))
        .route("/admin/bookings/{reference}/undo", post(take_back))
}

/// What any of the page's forms sent, as typed; the others stand as the booking is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    pub version: Option<i32>,
    /// Where to go afterwards, if not back here.
    pub back: String,
    pub space: String,
    pub date: String,
    pub last: String,
    pub count: String,
    pub from: String,
    pub until: String,
    pub people: String,
    /// `keep` or `new`.
    pub price: String,
    /// The new price as it was shown, in cents.
    pub shown: String,
    pub reason: String,
    pub tell: String,
    pub cause: String,
    pub in_full: String,
    pub kept: String,
    pub note: String,
    pub title: String,
    pub memo: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub decision: String,
    /// `yes`: all dates of its series that wait.
    pub whole: String,
}

impl Sent {
    /// As the forms stand before anybody types.
    pub fn of(booking: &Booking) -> Sent {
        let typed = Typed::default().with_term(booking.term, booking.zone);
        Sent {
            version: Some(booking.version),
            space: booking.space_slug.clone(),
            date: typed.date,
            last: typed.last,
            count: typed.count,
            from: typed.from,
            until: typed.until,
            people: booking.people.to_string(),
            tell: "yes".into(),
            cause: Reason::Member.key().into(),
            title: booking.title.clone(),
            contact_name: booking.contact_name.clone(),
            contact_phone: booking
                .contact_phone
                .as_deref()
                .map(form::phone_words)
                .unwrap_or_default(),
            ..Sent::default()
        }
    }

    /// What the form of a change says, for the booking's way of being booked.
    pub fn typed(&self, booking: &Booking) -> Typed {
        Typed {
            by: booking.term.key().into(),
            date: self.date.clone(),
            last: self.last.clone(),
            count: self.count.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
            people: self.people.clone(),
            nights: true,
            ..Typed::default()
        }
    }

    pub fn tells(&self) -> bool {
        self.tell == "yes"
    }
}

#[derive(Template)]
#[template(path = "bookings/admin/show.html")]
pub(super) struct ShowPage {
    chrome: Chrome,
    pub booking: Booking,
    pub sent: Sent,
    pub errors: Errors,
    /// What the price would be, where somebody has to choose.
    pub price: Option<(Money, Money)>,
    /// A rule of policy says no, and staff may pass over it.
    pub over: bool,
    spaces: Vec<Space>,
    events: Vec<Event>,
    /// Until when the last thing done can be taken back.
    undo_until: Option<DateTime<Utc>>,
    /// What is still to pay; below zero, to give back.
    due: Money,
    /// What a late cancellation, a booking that was not used or staying past the end still costs.
    fee: Money,
    guests: Vec<Guest>,
    /// Who asks for the same time.
    rivals: Vec<Booking>,
    /// How many dates of its series wait for a decision.
    waiting: usize,
    pub typed: GuestForm,
    /// It has just been made: what may come next stands on top.
    made: bool,
    now: DateTime<Utc>,
}

impl ShowPage {
    /// Where guests are invited.
    fn guests_url(&self) -> String {
        format!("{}/guests", self.url())
    }

    fn url(&self) -> String {
        format!("/admin/bookings/{}", self.booking.reference)
    }

    /// Where its ticks lead: back here, or to the day that shows it beside itself.
    fn back(&self) -> String {
        match self.sent.back.as_str() {
            "" => self.url(),
            back => html::local_address(back).to_owned(),
        }
    }

    fn when(&self, at: &DateTime<Utc>) -> String {
        let zone = self.booking.zone;
        let date = long_date(zone.date(*at), zone.date(self.now));
        format!("{date}, {}", zone.clock(*at))
    }

    fn clock(&self, at: &DateTime<Utc>) -> String {
        self.booking.zone.clock(*at)
    }

    /// Unless what was said about it offers the same already.
    fn undo_until(&self) -> Option<&DateTime<Utc>> {
        let offered = self
            .chrome
            .flash
            .as_ref()
            .is_some_and(|flash| flash.undo.is_some());
        self.undo_until.as_ref().filter(|_| !offered)
    }

    /// They stand at the counter: it begins now or has begun.
    fn is_to_pay_now(&self) -> bool {
        self.due > Money::ZERO && self.booking.during.from <= self.now
    }

    fn member(&self) -> uuid::Uuid {
        self.booking.member.get()
    }

    fn day_url(&self) -> String {
        let date = self.booking.date().to_string();
        let query = html::query(&[
            ("location", self.booking.location_slug.as_str()),
            ("date", &date),
        ]);
        format!("/admin/day?{query}")
    }

    fn phone(&self, e164: &str) -> String {
        form::phone_words(e164)
    }

    fn whatsapp(&self, e164: &str) -> String {
        let booking = &self.booking;
        let about = format!(
            "Hello {}, about your booking {} ({}, {}): ",
            booking.member_name,
            booking.reference,
            booking.space,
            booking.when(self.now)
        );
        let digits = e164.trim_start_matches('+');
        format!(
            "https://wa.me/{digits}?{}",
            html::query_elsewhere(&[("text", &about)])
        )
    }

    fn cost(&self) -> Consequence {
        self.booking.consequence_at(self.now)
    }

    fn is_by_time(&self) -> bool {
        matches!(self.booking.term, Term::Time(_))
    }

    fn is_by_day(&self) -> bool {
        matches!(self.booking.term, Term::Days { .. })
    }

    /// The spaces to move it to, by location and kind.
    fn groups(&self) -> Vec<(String, Vec<&Space>)> {
        let mut groups: Vec<(String, Vec<&Space>)> = Vec::new();
        for space in &self.spaces {
            let name = space.kind.plural().to_owned();
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, spaces)) => spaces.push(space),
                None => groups.push((name, vec![space])),
            }
        }
        groups
    }

    fn may_change(&self) -> bool {
        self.booking.is_live() && (self.booking.status != Status::Held || self.booking.holds)
    }

    fn may_arrive(&self) -> bool {
        let booking = &self.booking;
        let is_its_day = booking.date() <= booking.zone.date(self.now);
        matches!(booking.status, Status::Confirmed | Status::NoShow)
            && is_its_day
            && self.now < booking.during.until
    }

    fn may_be_missed(&self) -> bool {
        self.booking.status == Status::Confirmed && self.booking.during.from < self.now
    }

    fn may_leave(&self) -> bool {
        self.booking.status == Status::CheckedIn
            && self.booking.during.from < self.now
            && self.now < self.booking.during.until
    }

    fn may_be_unticked(&self) -> bool {
        let booking = &self.booking;
        matches!(booking.status, Status::CheckedIn | Status::NoShow) || booking.left_at.is_some()
    }

    /// A quarter, half and whole hour more, as the end would be; by time alone.
    fn longer(&self) -> Vec<(String, i64)> {
        match self.booking.term {
            Term::Time(span) => [15, 30, 60]
                .into_iter()
                .map(|minutes| {
                    let until = span.until + chrono::Duration::minutes(minutes);
                    (self.booking.zone.clock(until), minutes)
                })
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// The page of a booking, which staff see whosever it is.
pub(super) async fn page(
    db: &mut Db,
    chrome: Chrome,
    booking: Booking,
    now: DateTime<Utc>,
) -> Result<ShowPage> {
    let here = Space::find_for(db, &booking.space_slug, Audience::Desk).await?;
    let spaces = match here {
        Some(space) => {
            let which = Which {
                location: Some(space.location),
                audience: Audience::Desk,
                ..Which::default()
            };
            Space::list(db, which).await?
        }
        None => Vec::new(),
    };
    let mut sent = Sent::of(&booking);
    sent.memo = memo::of(db, booking.id).await?;
    Ok(ShowPage {
        chrome,
        events: story::of(db, &booking).await?,
        undo_until: undo::possible(db, &booking).await?,
        due: payment::due_on(db, booking.id.get()).await?,
        fee: payment::fee_on(db, booking.id.get()).await?,
        spaces,
        guests: Guest::of(db, booking.id).await?,
        rivals: match booking.status {
            Status::Pending if booking.competes => approval::rivals(db, booking.id).await?,
            _ => Vec::new(),
        },
        waiting: decision::waiting_of_series(db, booking.id).await?,
        typed: GuestForm::default(),
        sent,
        errors: Errors::default(),
        price: None,
        over: false,
        made: false,
        booking,
        now,
    })
}

pub(super) async fn find(db: &mut Db, me: &Staff, reference: &str) -> Result<Booking> {
    Booking::seen_by(db, me.member, true, reference)
        .await?
        .ok_or(Error::NotFound)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Made {
    /// The reader comes from making it.
    made: String,
}

/// Where a time was chosen elsewhere, as on the day's timeline, the form of the change holds it.
async fn show(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    Path(reference): Path<String>,
    Query(asked): Query<Sent>,
    Query(Made { made }): Query<Made>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let booking = find(&mut db, &me, &reference).await?;
    let mut page = page(&mut db, chrome, booking, now).await?;
    page.made = !made.is_empty() && page.booking.is_live();
    let wished = [
        (&asked.space, &mut page.sent.space),
        (&asked.date, &mut page.sent.date),
        (&asked.last, &mut page.sent.last),
        (&asked.from, &mut page.sent.from),
        (&asked.until, &mut page.sent.until),
        (&asked.people, &mut page.sent.people),
    ];
    for (wish, field) in wished {
        if !wish.is_empty() {
            field.clone_from(wish);
        }
    }
    html::page(&page)
}

/// Back to where it was asked, saying what was done.
pub(super) fn done(jar: CookieJar, flash: Flash, back: &str, booking: &Booking) -> Response {
    let next = match back {
        "" => format!("/admin/bookings/{}", booking.reference),
        back => html::local_address(back).to_owned(),
    };
    (jar.add(flash.cookie()), html::see_other(&next)).into_response()
}

/// The way back from what was just done.
pub(super) fn way_back(booking: &Booking, back: &str) -> Undo {
    let version = booking.version.to_string();
    Undo::new(
        format!("/admin/bookings/{}/undo", booking.reference),
        &[("version", &version), ("back", back)],
    )
}

async fn take_back(
    State(app): State<App>,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let booking = find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let outcome =
        transaction!(app.db, tx => undo::undo(tx, me.member, booking.id, sent.version).await)?;
    let flash = match &outcome {
        Ok(now) if now.status == Status::Cancelled => Flash::done(format!(
            "Taken back: {} is cancelled, nothing is charged, and nobody was told.",
            now.reference
        )),
        Ok(_) => Flash::done(format!(
            "Taken back: {} has {} as before, and nobody was told.",
            booking.member_name, booking.reference
        )),
        Err(refusal) => Flash::problem(refusal.to_string()),
    };
    Ok(done(jar, flash, &sent.back, &booking))
}

async fn decide(
    State(app): State<App>,
    Now(now): Now,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let booking = find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let wanted = Decision::named(&sent.decision)
        .ok_or_else(|| Error::refused("bad-decision", "Choose accept or let_go."))?;
    let note = match form::optional_line(&sent.note, 300) {
        Ok(note) => note,
        Err(sentence) => return Ok(done(jar, Flash::problem(sentence), "", &booking)),
    };
    let how = How {
        version: sent.version,
        tell: sent.tells(),
        note: &note,
        together: false,
    };
    if let (Some(series), "yes") = (&booking.series, sent.whole.as_str()) {
        let outcome = transaction!(app.db, tx =>
            decision::decide_series(tx, me.member, series, wanted, how, now).await)?;
        let flash = match outcome {
            Ok(decided) => Flash::done(match (decided.len(), wanted) {
                (1, Decision::Accept) => "One date is approved.".to_owned(),
                (1, Decision::LetGo) => "One date is declined.".to_owned(),
                (count, Decision::Accept) => format!("{count} dates are approved."),
                (count, Decision::LetGo) => format!("{count} dates are declined."),
            }),
            Err(refusal) => Flash::problem(format!("{}: {refusal}", booking.member_name)),
        };
        return Ok(done(jar, flash, "", &booking));
    }
    let outcome = transaction!(app.db, tx =>
        decision::decide(tx, me.member, booking.id, wanted, how, now).await)?;
    if let Err(refusal @ decision::Refusal::NoReason) = &outcome {
        let flash = Flash::problem(refusal.to_string());
        return Ok(done(jar, flash, "", &booking));
    }
    let flash = match outcome {
        Ok(now) => Flash::done(format!(
            "{}, {}: {}.",
            now.member_name,
            now.space,
            now.status.label().to_lowercase()
        )),
        Err(refusal) => Flash::problem(format!("{}: {refusal}", booking.member_name)),
    };
    Ok(done(jar, flash, &sent.back, &booking))
}

/// What it is called, whom to call, and what only the team reads.
async fn write_memo(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Staff,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    let booking = find(&mut *app.db.acquire().await?, &me, &reference).await?;
    let mut errors = Errors::default();
    let title = errors.take("title", form::optional_line(&sent.title, 100));
    let memo = errors.take("memo", form::optional_text(&sent.memo, 2000));
    let name = errors.take("contact_name", form::optional_line(&sent.contact_name, 100));
    let phone = match sent.contact_phone.trim() {
        "" => Some(None),
        text => errors.take("contact_phone", form::phone(text)).map(Some),
    };
    if let (Some(title), Some(memo), Some(name), Some(phone)) = (title, memo, name, phone) {
        let wanted = memo::Memo {
            title,
            memo,
            contact_name: name,
            contact_phone: phone,
        };
        let outcome = transaction!(app.db, tx =>
            memo::write(tx, me.member, booking.id, &wanted, sent.version).await)?;
        match outcome {
            Ok(()) => {
                return Ok(done(
                    jar,
                    Flash::done("That is noted."),
                    &sent.back,
                    &booking,
                ));
            }
            Err(refusal) => errors.add("memo", refusal.to_string()),
        }
    }
    let mut db = app.db.acquire().await?;
    let booking = find(&mut db, &me, &reference).await?;
    let mut page = page(&mut db, chrome.refused(), booking, now).await?;
    page.sent.title = sent.title;
    page.sent.memo = sent.memo;
    page.sent.contact_name = sent.contact_name;
    page.sent.contact_phone = sent.contact_phone;
    page.errors = errors;
    html::refused(&page)
}

/// The field that a refused change is about.
pub(super) fn field(refusal: &change::Refusal, booking: &Booking) -> &'static str {
    match refusal {
        change::Refusal::Price { .. } => "price",
        change::Refusal::Rule(rule) => match rule.field(booking.term.by()) {
            "layout" | "purchase_order" => "space",
            field if rule.is_taken() && field == "from" => "space",
            field => field,
        },
        _ => "change",
    }
}
