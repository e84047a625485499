//! The page of a space, or of any desk at a location: free times, the price, and booking.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    availability::Offer,
    closure::Notice,
    favourite::Favourite,
    first_refusal,
    order::Wanted,
    policy::notice,
    sheet::{Asker, Sheet},
    slots::{Choice, State as SlotState},
    suggestion::{Suggestion, suggestions},
    term::{By, Let, Term, Unit, Wish},
    wish::Typed,
};
use crate::{
    app::App,
    billing::{pass::product::Product, quote::Quote},
    error::{Error, Result},
    extract::Now,
    form::Errors,
    found::{Found, breadcrumbs},
    html::{self, Chrome},
    members::company::Company,
    sessions::current::Current,
    spaces::{
        amenity::amenity,
        described::product,
        photo::{Of, Photo},
        plan::{self, Drawing},
        space::{Kind, Space},
    },
    time::{Span, Zone, length, long_date, parse_clock, parse_date},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/spaces/{slug}", get(space))
        .route("/locations/{slug}/any-desk", get(any_desk))
}

/// Days in the strip.
const STRIP: i64 = 14;

#[derive(Template)]
#[template(path = "bookings/book.html")]
pub(super) struct BookPage {
    chrome: Chrome,
    pub(super) errors: Errors,
    title: String,
    /// The page's own address, without its query.
    address: String,
    wanted: Wanted,
    space: Space,
    any: bool,
    location: String,
    location_slug: String,
    /// The cover first; while there is none, the plan stands here.
    photos: Vec<Photo>,
    plan: Option<Drawing>,
    notices: Vec<Notice>,
    rate: String,
    rules: Vec<String>,
    by: By,
    ways: Vec<Way>,
    /// For an office that is taken now.
    free_from: Option<(String, String)>,
    date: NaiveDate,
    heading: String,
    days: Vec<Day>,
    days_words: String,
    earlier: Option<String>,
    later: Option<String>,
    slots: Vec<Cell>,
    picking: bool,
    froms: Vec<String>,
    untils: Vec<String>,
    lasts: Vec<(NaiveDate, String)>,
    typed: Typed,
    chosen: Option<Chosen>,
    refusal: Option<String>,
    suggestions: Vec<Suggestion>,
    /// Whether it is a favourite; `None` where nobody is signed in, or any desk would do.
    starred: Option<bool>,
    pub(super) visitor: Typist,
    /// The companies at whose expense the reader may book.
    companies: Vec<Company>,
    /// The slug of the one that usually pays.
    usual_company: Option<String>,
    key: String,
}

/// One way of booking the space, as a tab.
struct Way {
    url: String,
    label: String,
    chosen: bool,
}

struct Day {
    url: String,
    weekday: String,
    number: String,
    month: String,
    /// How much of the day is free; below zero when it cannot be booked at all.
    tenths: i64,
    reason: String,
    chosen: bool,
}

struct Cell {
    url: String,
    text: String,
    state: &'static str,
}

/// A wish that can be booked, as the card shows it.
struct Chosen {
    when: String,
    button: String,
    quote: Quote,
    free_until: String,
    /// What is special about it.
    note: Option<&'static str>,
    /// Until when somebody may have first refusal.
    first_refusal: Option<String>,
    /// A pass that costs less, for those who are not covered by one.
    pass: Option<PassOffer>,
}

struct PassOffer {
    /// `A Week pass costs R750 and covers all 4 days`
    text: String,
    url: String,
}

/// What a newcomer types about themselves, and what the form carries besides the wish.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typist {
    pub name: String,
    pub email: String,
    pub mobile: String,
    pub title: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub notes: String,
    /// `me`, or a company's slug.
    pub company: String,
    pub purchase_order: String,
}

/// Who may pay, as a choice on the form.
struct PayerChoice {
    value: String,
    name: String,
    chosen: bool,
}

impl BookPage {
    fn amenities(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.space.amenities.iter().filter_map(|key| amenity(key))
    }

    fn here(&self) -> String {
        format!("{}?{}", self.address, self.typed.query())
    }

    fn sign_in(&self) -> String {
        format!("/sign-in?{}", html::query(&[("next", self.here())]))
    }

    /// What the booking form carries unseen; a refused one shows the wish as fields instead.
    fn hidden(&self) -> Vec<(&'static str, String)> {
        let shown = self
            .chosen
            .as_ref()
            .map(|chosen| chosen.quote.total.in_cents().to_string());
        let typed = &self.typed;
        let wish = [
            ("date", &typed.date),
            ("last", &typed.last),
            ("count", &typed.count),
            ("from", &typed.from),
            ("until", &typed.until),
            ("people", &typed.people),
            ("layout", &typed.layout),
        ];
        let unseen = if self.chrome.error {
            &[][..]
        } else {
            &wish[..]
        };
        [("by", &typed.by), ("key", &self.key)]
            .iter()
            .chain(unseen)
            .map(|(field, value)| (*field, (*value).clone()))
            .chain(shown.map(|cents| ("shown", cents)))
            .collect()
    }

    /// Nothing for somebody who can only pay themselves.
    fn payers(&self) -> Vec<PayerChoice> {
        if self.companies.is_empty() {
            return Vec::new();
        }
        let chosen = match self.visitor.company.as_str() {
            "" => self.usual_company.as_deref().unwrap_or("me"),
            said => said,
        };
        let choice = |value: &str, name: &str| PayerChoice {
            value: value.to_owned(),
            name: name.to_owned(),
            chosen: value == chosen,
        };
        let companies = self.companies.iter();
        [choice("me", "Me")]
            .into_iter()
            .chain(companies.map(|company| choice(&company.slug, &company.name)))
            .collect()
    }

    fn asks_for_an_order(&self) -> bool {
        self.companies.iter().any(|company| company.po_required)
    }

    /// More than the short form is said already, or is wrong.
    fn more_is_open(&self) -> bool {
        let said = &self.visitor;
        let typed = [&said.contact_name, &said.contact_phone, &said.notes];
        let wrong = ["contact_name", "contact_phone", "notes"];
        typed.into_iter().any(|text| !text.is_empty())
            || wrong
                .into_iter()
                .any(|field| self.errors.get(field).is_some())
    }

    /// The ways the room can be set up, with what each is called and whether it is meant.
    fn layouts(&self) -> Vec<(&'static str, String, bool)> {
        let meant = match self.typed.layout.parse() {
            Ok(layout) => Some(layout),
            Err(_) => self.space.layout_for(self.typed.people_or_one(), None),
        };
        let layouts = self.space.layouts.iter();
        layouts
            .map(|(layout, seats)| {
                let words = format!("{}, seats {seats}", layout.label());
                (layout.key(), words, Some(*layout) == meant)
            })
            .collect()
    }

    fn date_label(&self) -> &'static str {
        match self.by {
            By::Time => "Date",
            By::Day => "First day",
            By::Let(_) => "From",
        }
    }

    fn count_label(&self, unit: &Unit) -> String {
        format!("How many {}s", unit.name())
    }

    fn people_hint(&self) -> String {
        format!("Up to {}", self.space.seats)
    }
}

async fn space(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    Path(slug): Path<String>,
    Query(typed): Query<Typed>,
) -> Result<Response> {
    html::page(&book_page(&app, chrome, me.as_ref(), Wanted::Space(slug), typed, now).await?)
}

async fn any_desk(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    Path(location): Path<String>,
    Query(typed): Query<Typed>,
) -> Result<Response> {
    let wanted = Wanted::Any {
        location,
        kind: Kind::HotDesk,
    };
    html::page(&book_page(&app, chrome, me.as_ref(), wanted, typed, now).await?)
}

/// Reads what is wanted and shows it for the typed wish; without one, for the first free time.
pub(super) async fn book_page(
    app: &App,
    chrome: Chrome,
    me: Option<&Current>,
    wanted: Wanted,
    typed: Typed,
    now: DateTime<Utc>,
) -> Result<BookPage> {
    let mut db = app.db.acquire().await?;
    let asker = me.map_or_else(Asker::default, |me| Asker::member(me.member));
    let (first, location) = wanted.first_space(&mut db).await?.ok_or(Error::NotFound)?;
    let zone = location.zone;
    let typed = Typed {
        nights: location.nights,
        ..typed
    };
    let today = zone.date(now);
    let date = typed.date(today);
    let strip = today + Duration::days((date - today).num_days() / STRIP * STRIP);
    let until = last_day_to_read(&first, &typed, strip, date, today);
    let which = wanted.which(&first);
    let sheet = Sheet::load(&mut db, which, (strip, until), &asker, now).await?;
    let space = sheet.spaces.first().ok_or(Error::NotFound)?;
    // A start without an end: the shortest usual booking stands there until the end is tapped.
    let picking = !typed.from.is_empty() && typed.until.is_empty();
    let typed = settled(&sheet, space, typed, date);
    let date = evening(&sheet, space, &typed).unwrap_or(date);
    let mut page = BookPage::new(
        chrome,
        wanted,
        View {
            sheet: &sheet,
            space,
            date,
            strip,
            picking,
        },
        typed,
    );
    if !page.any {
        page.photos = Photo::of(&mut *db, Of::Space(page.space.id)).await?;
        let space = Some(page.space.id);
        page.notices = Notice::of(&mut db, Some(page.space.location), space, now).await?;
    }
    if let (Some(me), Wanted::Space(_)) = (me, &page.wanted) {
        page.starred = Some(Favourite::is(&mut db, me.member, page.space.id).await?);
    }
    if let Some(me) = me {
        (page.companies, page.usual_company) = Company::paying_for(&mut db, me.member).await?;
    }
    match page.typed.wish(zone) {
        Ok(wish) => match sheet.best(&wish) {
            Ok((space, offer)) => {
                let pass = cheaper_pass(&mut db, &sheet, space, &wish, &offer).await?;
                page.chosen = Some(Chosen::new(&sheet, space, &wish, offer, pass));
            }
            Err(refusal) => {
                page.suggestions = suggestions(
                    &mut db,
                    &sheet,
                    Some(&page.address),
                    &page.typed,
                    &wish,
                    &asker,
                    now,
                )
                .await?;
                page.refusal = Some(refusal.to_string());
            }
        },
        Err(errors) if page.typed.has_term() => page.errors = errors,
        Err(_) => {}
    }
    Ok(page)
}

/// The page of a space is found under its own address, whatever was asked of it.
fn found(chrome: Chrome, sheet: &Sheet, space: &Space, date: NaiveDate) -> Chrome {
    let place = sheet.location(space);
    let path = format!("/spaces/{}", space.slug);
    let rates = sheet.prices().of(space, date);
    let way = breadcrumbs(&[
        ("Spaces", chrome.whole("/spaces")),
        (
            &place.name,
            chrome.whole(&format!("/locations/{}", place.slug)),
        ),
        (&space.name, chrome.whole(&path)),
    ]);
    let found = Found {
        title: format!("{}, {} · Connect Space", space.name, place.name),
        description: format!(
            "{} at {}: free times, price and booking. {}",
            space.name, place.name, space.summary
        ),
        picture: format!("/pictures/space/{}.png", space.slug),
        kind: "website",
        path,
        data: Vec::new(),
    };
    let product = product(space, place, &rates, &chrome.site);
    chrome.found(found.with(product).with(way))
}

/// An office is read to its horizon, to say from when it is free.
fn last_day_to_read(
    space: &Space,
    typed: &Typed,
    strip: NaiveDate,
    date: NaiveDate,
    today: NaiveDate,
) -> NaiveDate {
    let last = parse_date(&typed.last).unwrap_or(date);
    let asked = last.min(date + Duration::days(366));
    let horizon = match space.kind {
        Kind::Office => today + Duration::days(space.policy.max_advance_days),
        _ => strip,
    };
    (strip + Duration::days(STRIP)).max(asked).max(horizon)
}

/// The wish with everything in it that was not said: how it is booked, the day, and the first free time.
fn settled(sheet: &Sheet, space: &Space, mut typed: Typed, date: NaiveDate) -> Typed {
    let by = way(space, &typed);
    typed.by = by.key().into();
    if typed.people.is_empty() {
        typed.people = "1".into();
    }
    let people = typed.people_or_one();
    if by != By::Time {
        if typed.count.is_empty() && by != By::Day {
            typed.count = "1".into();
        }
        if typed.date.is_empty() {
            let wish = Wish::new(shortest(&typed, date), people);
            let days = date.iter_days().take_while(|day| *day <= sheet.days.1);
            let free = days.filter(|day| {
                let term = wish.term.starting(*day);
                sheet.fits(&Wish { term, ..wish })
            });
            typed.date = free.take(1).next().unwrap_or(date).to_string();
        }
        return typed;
    }
    if typed.from.is_empty() && typed.until.is_empty() {
        let minutes = space.policy.min_minutes.max(60);
        let day = |day: NaiveDate| {
            let openings = sheet.day(space, day).openings;
            let starts: Vec<_> = openings
                .into_iter()
                .flat_map(|opening| sheet.steps(space, opening.span))
                .collect();
            starts
                .into_iter()
                .map(move |from| Term::Time(Span::new(from, from + Duration::minutes(minutes))))
        };
        let days = if typed.date.is_empty() {
            STRIP as usize
        } else {
            1
        };
        let first = date
            .iter_days()
            .take(days)
            .flat_map(day)
            .find(|term| sheet.fits(&Wish::new(*term, people)));
        return match first {
            Some(term) => typed.with_term(term, sheet.zone(space)),
            None => Typed {
                date: date.to_string(),
                ..typed
            },
        };
    }
    if typed.date.is_empty() {
        typed.date = date.to_string();
    }
    if typed.until.is_empty()
        && let Some(from) = start(&typed, date, sheet.zone(space))
    {
        let lengths = [space.policy.min_minutes.max(60), space.policy.min_minutes];
        let terms =
            lengths.map(|minutes| Term::Time(Span::new(from, from + Duration::minutes(minutes))));
        let fitting = terms
            .into_iter()
            .find(|term| sheet.fits(&Wish::new(*term, people)));
        typed = typed.with_term(fitting.unwrap_or(terms[1]), sheet.zone(space));
    }
    typed
}

/// The way that was asked for, or the first that the space has.
fn way(space: &Space, typed: &Typed) -> By {
    let asked = typed.by.parse().ok();
    asked
        .filter(|by| space.policy.allows(*by))
        .or_else(|| space.policy.ways().first().copied())
        .unwrap_or(By::Time)
}

/// The day whose opening a time after midnight belongs to.
fn evening(sheet: &Sheet, space: &Space, typed: &Typed) -> Option<NaiveDate> {
    let start = start(typed, parse_date(&typed.date)?, sheet.zone(space))?;
    let opening = sheet.calendar(space).opening_at(start)?;
    (typed.by() == By::Time && opening.date < sheet.zone(space).date(start)).then_some(opening.date)
}

/// One day, or as many weeks or months as were asked for.
fn shortest(typed: &Typed, first: NaiveDate) -> Term {
    match typed.by() {
        By::Let(unit) => Term::Let(Let {
            unit,
            count: typed.count.parse().unwrap_or(1).clamp(1, unit.most()),
            first,
        }),
        By::Time | By::Day => Term::Days { first, last: first },
    }
}

fn start(typed: &Typed, date: NaiveDate, zone: Zone) -> Option<DateTime<Utc>> {
    zone.instant(date.and_time(parse_clock(&typed.from)?)).ok()
}

/// What the page looks at.
struct View<'a> {
    sheet: &'a Sheet,
    space: &'a Space,
    date: NaiveDate,
    /// The first day of the strip.
    strip: NaiveDate,
    /// A start was tapped, its end is still to come.
    picking: bool,
}

impl BookPage {
    fn new(chrome: Chrome, wanted: Wanted, view: View<'_>, typed: Typed) -> BookPage {
        let View {
            sheet,
            space,
            date,
            strip,
            picking,
        } = view;
        let location = sheet.location(space);
        let any = matches!(wanted, Wanted::Any { .. });
        let today = sheet.today(space);
        let by = typed.by();
        let typed_date = parse_date(&typed.date).filter(|date| *date >= today);
        let date = match typed_date {
            Some(typed_date) if evening(sheet, space, &typed).is_none() => typed_date,
            _ => date,
        };
        let address = match &wanted {
            Wanted::Space(slug) => format!("/spaces/{slug}"),
            Wanted::Any { location, .. } => format!("/locations/{location}/any-desk"),
        };
        let mut page = BookPage {
            errors: Errors::default(),
            title: if any {
                format!("Any desk at {}", location.name)
            } else {
                space.name.clone()
            },
            any,
            location: location.name.clone(),
            location_slug: location.slug.clone(),
            photos: Vec::new(),
            notices: Vec::new(),
            plan: (!any).then(|| plan::drawing(space)),
            rate: rate(sheet, space, date),
            rules: rules(space),
            by,
            ways: Vec::new(),
            free_from: None,
            date,
            heading: long_date(date, today),
            days: Vec::new(),
            days_words: format!(
                "{} – {}",
                long_date(strip, today),
                long_date(strip + Duration::days(STRIP - 1), today)
            ),
            earlier: None,
            later: None,
            slots: Vec::new(),
            picking: picking && by == By::Time,
            froms: Vec::new(),
            untils: Vec::new(),
            lasts: Vec::new(),
            chosen: None,
            refusal: None,
            suggestions: Vec::new(),
            starred: None,
            visitor: Typist::default(),
            companies: Vec::new(),
            usual_company: None,
            key: Uuid::new_v4().to_string(),
            space: space.clone(),
            chrome: if any {
                chrome
            } else {
                found(chrome, sheet, space, date)
            },
            address,
            wanted,
            typed,
        };
        page.fill_ways();
        page.fill_free_from(sheet);
        page.fill_days(sheet, strip);
        page.fill_times(sheet);
        page
    }

    fn link(&self, typed: &Typed) -> String {
        format!("{}?{}#times", self.address, typed.query())
    }

    fn on(&self, date: NaiveDate) -> String {
        // A time after midnight stays in the night of the day that is tapped.
        let after_midnight = parse_date(&self.typed.date).map(|typed| typed - self.date);
        let shift = after_midnight.filter(|days| *days == Duration::days(1));
        let typed = Typed {
            date: (date + shift.unwrap_or_default()).to_string(),
            last: String::new(),
            ..self.typed.clone()
        };
        self.link(&typed)
    }

    fn fill_ways(&mut self) {
        let ways = self.space.policy.ways();
        let way = |by: By| Way {
            url: format!(
                "{}?by={}&date={}&people={}#times",
                self.address,
                by.key(),
                self.date,
                self.typed.people_or_one()
            ),
            label: format!("By {}", by.words()),
            chosen: by == self.by,
        };
        if ways.len() > 1 {
            self.ways = ways.into_iter().map(way).collect();
        }
    }

    /// From when an office that is taken today can be had, by what is asked for.
    fn fill_free_from(&mut self, sheet: &Sheet) {
        let today = sheet.today(&self.space);
        let wish = Wish::new(shortest(&self.typed, today), self.typed.people_or_one());
        if self.space.kind != Kind::Office || self.any {
            return;
        }
        if let Some(day) = sheet.free_from(&self.space, &wish, today)
            && day
                > sheet
                    .calendar(&self.space)
                    .next_open(today)
                    .unwrap_or(today)
        {
            self.free_from = Some((self.on(day), long_date(day, today)));
        }
    }

    fn fill_days(&mut self, sheet: &Sheet, strip: NaiveDate) {
        let today = sheet.today(&self.space);
        let horizon = today + Duration::days(self.space.policy.max_advance_days);
        let last = self
            .typed
            .by_day()
            .then(|| parse_date(&self.typed.last))
            .flatten()
            .unwrap_or(self.date);
        for (place, date) in strip.iter_days().take(STRIP as usize).enumerate() {
            let day = sheet.day(&self.space, date);
            let tenths = match self.by {
                By::Let(_) => Some(self.can_begin(sheet, date)),
                By::Time | By::Day => sheet.free_tenths(date),
            }
            .filter(|_| date <= horizon);
            let begins = place == 0 && date != today || date.format("%-d").to_string() == "1";
            self.days.push(Day {
                url: self.on(date),
                weekday: date.format("%a").to_string(),
                number: date.format("%-d").to_string(),
                month: if begins {
                    date.format("%b").to_string()
                } else {
                    String::new()
                },
                reason: day.reason.unwrap_or_else(|| {
                    if day.openings.is_empty() {
                        "closed"
                    } else {
                        "too far ahead"
                    }
                    .into()
                }),
                tenths: tenths.unwrap_or(-1),
                chosen: self.date <= date && date <= last,
            });
        }
        self.earlier = (strip > today).then(|| self.on((strip - Duration::days(STRIP)).max(today)));
        self.later = Some(strip + Duration::days(STRIP))
            .filter(|next| *next <= horizon)
            .map(|next| self.on(next));
    }

    /// In tenths: all of what is asked for, or none of it.
    fn can_begin(&self, sheet: &Sheet, date: NaiveDate) -> i64 {
        let wish = Wish::new(shortest(&self.typed, date), self.typed.people_or_one());
        if sheet.fits(&wish) { 10 } else { 0 }
    }

    fn fill_times(&mut self, sheet: &Sheet) {
        let (space, zone) = (&self.space, sheet.zone(&self.space));
        let people = self.typed.people_or_one();
        if self.by != By::Time {
            let today = sheet.today(space);
            let horizon = today + Duration::days(space.policy.max_advance_days);
            let days = self
                .date
                .iter_days()
                .take(31)
                .take_while(|day| *day <= horizon)
                .take_while(|day| !sheet.day(space, *day).is_closed());
            self.lasts = days.map(|day| (day, long_date(day, today))).collect();
            return;
        }
        for opening in sheet.day(space, self.date).openings {
            let step = Duration::minutes(space.policy.step_minutes);
            for start in sheet
                .steps(space, opening.span)
                .filter(|start| *start >= sheet.now())
            {
                self.froms.push(zone.clock(start));
                self.untils.push(zone.clock(start + step));
            }
        }
        let fitting = self.typed.wish(zone).ok().filter(|wish| sheet.fits(wish));
        let choice = match fitting.map(|wish| wish.term) {
            Some(Term::Time(span)) if self.picking => Choice::Start(span),
            Some(Term::Time(span)) => Choice::Whole(span),
            _ => Choice::Nothing,
        };
        self.slots = sheet
            .slots(self.date, people, choice)
            .into_iter()
            .map(|slot| self.cell(slot.span, slot.state, zone))
            .collect();
    }

    fn cell(&self, span: Span, state: SlotState, zone: Zone) -> Cell {
        let (from, until) = (zone.clock(span.from), zone.clock(span.until));
        let start = Typed {
            from: from.clone(),
            until: String::new(),
            date: zone.date(span.from).to_string(),
            ..self.typed.clone()
        };
        let end = Typed {
            until: until.clone(),
            ..self.typed.clone()
        };
        let (url, text, state) = match state {
            SlotState::Free => (self.link(&start), from, "free"),
            SlotState::Start if self.picking => (self.link(&end), from, "start"),
            SlotState::Start => (self.link(&start), from, "start"),
            SlotState::Within => (self.link(&start), from, "in"),
            SlotState::End => (self.link(&start), format!("to {until}"), "end"),
            SlotState::Reachable => (self.link(&end), format!("to {until}"), "free"),
            SlotState::Taken => (String::new(), from, "taken"),
            SlotState::Short => (String::new(), from, "short"),
            SlotState::Shut => (String::new(), from, "shut"),
        };
        Cell { url, text, state }
    }
}

impl Chosen {
    fn new(
        sheet: &Sheet,
        space: &Space,
        wish: &Wish,
        offer: Offer,
        pass: Option<PassOffer>,
    ) -> Chosen {
        let (zone, today) = (sheet.zone(space), sheet.today(space));
        let button = match wish.term {
            Term::Time(span) => format!("Book {}", zone.range(span, today)),
            Term::Days { first, last } if first == last => "Book the day".to_owned(),
            Term::Days { first, last } => format!("Book {} days", (last - first).num_days() + 1),
            Term::Let(term) => format!("Book {}", term.length()),
        };
        let from_now = matches!(wish.term, Term::Let(term) if term.first == today);
        let free_until = match space.policy.cancellation.free_until(offer.during.from) {
            Some(until) if until > sheet.now() => {
                format!(
                    "Free to cancel until {} {}.",
                    long_date(zone.date(until), today),
                    zone.clock(until)
                )
            }
            _ => space.policy.cancellation.sentence(),
        };
        let first_refusal = sheet.first_refusal_until(space, &offer);
        Chosen {
            when: wish.term.words(zone, today),
            button,
            quote: offer.quote,
            free_until,
            pass,
            first_refusal: first_refusal
                .map(|until| first_refusal::words(until, zone, sheet.now())),
            note: from_now.then_some(
                "It begins today: yours from now on, with the same end and price as from midnight.",
            ),
        }
    }
}

/// Offered beside a desk by the day, and never taken by itself.
async fn cheaper_pass(
    db: &mut Db,
    sheet: &Sheet,
    space: &Space,
    wish: &Wish,
    offer: &Offer,
) -> Result<Option<PassOffer>> {
    let Term::Days { first, last } = wish.term else {
        return Ok(None);
    };
    if space.kind != Kind::HotDesk || !offer.quote.draws.is_empty() {
        return Ok(None);
    }
    let dates: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
    let products = Product::on_sale(db, sheet.today(space)).await?;
    let cheaper = Product::cheaper(&products, space.location, &dates, offer.quote.total);
    Ok(cheaper.map(|product| PassOffer {
        text: format!(
            "A {} costs {} and covers {}",
            product.name,
            product.price,
            match dates.len() {
                1 => "the day".to_owned(),
                2 => "both days".to_owned(),
                days => format!("all {days} days"),
            }
        ),
        url: format!("/passes/new?product={}&first={first}", product.slug),
    }))
}

/// `R60 / hour, R220 / day`: each way that it is booked.
fn rate(sheet: &Sheet, space: &Space, on: NaiveDate) -> String {
    let rates = sheet.prices().of(space, on);
    let priced = |by: By| {
        let (rate, unit) = match by {
            By::Time => (rates.hour, "hour"),
            By::Day => (rates.day, "day"),
            By::Let(Unit::Week) => (rates.week, "week"),
            By::Let(Unit::Month) => (rates.month, "month"),
        };
        rate.map(|rate| format!("{rate} / {unit}"))
    };
    let ways = space.policy.ways().into_iter();
    ways.filter_map(priced).collect::<Vec<_>>().join(", ")
}

fn rules(space: &Space) -> Vec<String> {
    let policy = &space.policy;
    let mut rules = vec![policy.cancellation.sentence()];
    if policy.by_time {
        rules.push(format!(
            "By time: from {} to {}, in steps of {}.",
            length(policy.min_minutes),
            length(policy.max_minutes),
            length(policy.step_minutes)
        ));
    }
    if policy.by_day {
        rules.push(
            "By the day: from opening to closing, several days in a row if they are open days."
                .into(),
        );
    }
    if policy.by_week || policy.by_month {
        rules.push(
            "By the week or the month: day and night, weekends, closed days and holidays with it."
                .into(),
        );
    }
    rules.push(format!(
        "Book up to {} ahead.",
        notice(policy.max_advance_days * 1440)
    ));
    if policy.turnaround_minutes > 0 {
        rules.push(format!(
            "We tidy for {} after every booking; you do not pay for that.",
            length(policy.turnaround_minutes)
        ));
    }
    if let Some(most) = policy.max_at_once {
        rules.push(format!("At most {most} at the same time for one member."));
    }
    rules
}
