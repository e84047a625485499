//! The page of a space, or of any desk at a location: free times, the price, and booking.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use uuid::Uuid;

mod chosen;
mod terms;
mod times;
mod typist;

use super::{
    availability::Offer,
    closure::Notice,
    extras::{
        picks,
        shelf::{Item, Shelf},
    },
    favourite::Favourite,
    leave::Leave,
    order::Wanted,
    payer::Payers,
    refusal::Refusal,
    repeat::Repeat,
    sheet::{Asker, Sheet},
    suggestion::{Suggestion, suggestions},
    term::{By, Unit, Wish},
    wish::Typed,
};
use crate::{
    app::App,
    error::{Error, Result},
    extract::Now,
    form::Errors,
    found::{Found, breadcrumbs},
    html::{self, Chrome},
    members::company::Colleague,
    money::Split,
    sessions::current::Current,
    spaces::{
        amenity::amenity,
        described::product,
        photo::{Of, Photo},
        plan::{self, Drawing},
        space::{Kind, Space},
    },
    time::{Zone, long_date, parse_date},
    transaction::Db,
};
use chosen::{Chosen, cheaper_pass};
use times::{Cell, Choices, STRIP, Strip, View, Way};
pub(super) use typist::Typist;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/spaces/{slug}", get(space))
        .route("/locations/{slug}/any-desk", get(any_desk))
}

#[derive(Template)]
#[template(path = "bookings/book.html")]
pub(super) struct BookPage {
    chrome: Chrome,
    pub(super) errors: Errors,
    /// The booking form was sent and refused: what it said stands here as fields.
    pub(super) sent_back: bool,
    title: String,
    /// The page's own address, without its query.
    address: String,
    wanted: Wanted,
    space: Space,
    zone: Zone,
    any: bool,
    location: String,
    location_slug: String,
    /// The cover first; while there is none, the plan stands here.
    photos: Vec<Photo>,
    plan: Option<Drawing>,
    notices: Vec<Notice>,
    rate: String,
    /// Of an office, each way of letting it with its price taken apart; empty where there is no VAT in it.
    prices: Vec<(&'static str, Split)>,
    rules: Vec<String>,
    by: By,
    ways: Vec<Way>,
    /// For an office that is taken now.
    free_from: Option<(String, String)>,
    heading: String,
    strip: Strip,
    slots: Vec<Cell>,
    picking: bool,
    /// How far the member has come in each limit that holds here.
    stand: Vec<String>,
    choices: Choices,
    /// What can go with it, for the time that is chosen.
    shelf: Shelf,
    typed: Typed,
    chosen: Option<Chosen>,
    refusal: Option<String>,
    /// Who waits is told when it frees up: rooms and offices that others have.
    is_awaited: bool,
    suggestions: Vec<Suggestion>,
    /// Whether it is a favourite; `None` where nobody is signed in, or any desk would do.
    starred: Option<bool>,
    pub(super) visitor: Typist,
    payers: Payers,
    /// For whom the reader may book at a company's expense.
    colleagues: Vec<Colleague>,
    key: String,
    now: DateTime<Utc>,
}

impl BookPage {
    fn amenities(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.space.amenities.iter().filter_map(|key| amenity(key))
    }

    fn here(&self) -> String {
        format!("{}?{}", self.address, self.typed.query())
    }

    /// An office's price without its VAT; empty where that is nothing to be told.
    fn net(&self, chosen: &Chosen) -> String {
        let quote = &chosen.quote;
        match self.space.kind {
            Kind::Office if !quote.vat.is_zero() => (quote.total - quote.vat).to_string(),
            _ => String::new(),
        }
    }

    /// Something of it is taken that may free up.
    fn may_wait(&self) -> bool {
        let is_full = self.slots.iter().any(|cell| cell.state == "taken");
        self.space.kind != Kind::HotDesk
            && self.chrome.me.is_some()
            && (is_full || self.free_from.is_some())
    }

    /// Where one says what one waits for, with what is typed.
    fn wait(&self) -> String {
        let what = match &self.wanted {
            Wanted::Space(slug) => html::query(&[("space", slug)]),
            Wanted::Any { location, kind } => {
                html::query(&[("location", location.as_str()), ("kind", kind.key())])
            }
        };
        format!("/waitlist/new?{what}&{}", self.typed.query())
    }

    /// With what was typed, so that it stands here again afterwards.
    fn sign_in(&self) -> String {
        let here = format!("{}{}", self.here(), self.visitor.more());
        format!("/sign-in?{}", html::query(&[("next", here)]))
    }

    fn sign_in_to_wait(&self) -> String {
        format!("/sign-in?{}", html::query(&[("next", self.wait())]))
    }

    /// What the booking form carries unseen; a refused one shows the wish as fields instead.
    fn hidden(&self) -> Vec<(String, String)> {
        let shown = self
            .chosen
            .as_ref()
            .map(|chosen| chosen.quote.total.in_cents().to_string());
        let member = self.chrome.me.as_ref().map(|_| "yes");
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
        let unseen = if self.sent_back { &[][..] } else { &wish[..] };
        [("by", &typed.by), ("key", &self.key)]
            .iter()
            .chain(unseen)
            .map(|(field, value)| ((*field).to_owned(), (*value).clone()))
            .chain(shown.map(|cents| ("shown".to_owned(), cents)))
            .chain(member.map(|yes| ("member".to_owned(), yes.to_owned())))
            .chain(typed.extras.fields().filter(|_| !self.sent_back))
            .collect()
    }

    /// The wish as it is typed.
    fn asked(&self) -> [(&'static str, &str); 7] {
        let typed = &self.typed;
        [
            ("by", &typed.by),
            ("date", &typed.date),
            ("last", &typed.last),
            ("count", &typed.count),
            ("from", &typed.from),
            ("until", &typed.until),
            ("people", &typed.people),
        ]
        .map(|(field, value)| (field, value.as_str()))
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

    /// A time or a day can come again.
    fn repeats(&self) -> bool {
        matches!(self.by, By::Time | By::Day)
    }

    fn repetitions(&self) -> Vec<(&'static str, String)> {
        parse_date(&self.typed.date).map_or_else(Vec::new, Repeat::choices)
    }

    /// What a series carries of the wish: its weekday is chosen.
    fn repeated(&self) -> Vec<(String, String)> {
        let typed = &self.typed;
        let space = match &self.wanted {
            Wanted::Space(slug) => slug.clone(),
            Wanted::Any { location, .. } => format!("any:{location}"),
        };
        let wish = [
            ("by", &typed.by),
            ("date", &typed.date),
            ("from", &typed.from),
            ("until", &typed.until),
            ("people", &typed.people),
            ("layout", &typed.layout),
        ];
        let said = wish.into_iter().filter(|(_, text)| !text.is_empty());
        let said = said.map(|(field, text)| (field, text.clone()));
        let first = parse_date(&typed.date).map(|first| Repeat::default().beginning(first));
        let weekday = first.map_or_else(Vec::new, |repeat| repeat.fields());
        [("space", space)]
            .into_iter()
            .chain(said)
            .chain(weekday)
            .map(|(field, text)| (field.to_owned(), text))
            .chain(typed.extras.fields())
            .collect()
    }

    /// Some time is free, and more than the member's limit leaves.
    fn has_used(&self) -> bool {
        self.slots.iter().any(|cell| cell.state == "used")
    }

    /// The space that takes the wish best, with what goes with it; the fields of that stand there either way.
    async fn with_extras<'a>(
        &mut self,
        db: &mut Db,
        sheet: &'a Sheet,
        wish: &Wish,
    ) -> Result<Result<(&'a Space, Offer), Refusal>> {
        let place = sheet.location(&self.space);
        let best = sheet.best(wish);
        let during = match &best {
            Ok((_, offer)) => offer.during,
            Err(_) => wish.term.around(place.zone),
        };
        if !during.is_empty() {
            self.shelf = Shelf::read(db, place, during, None, sheet.now()).await?;
        }
        let (space, mut offer) = match best {
            Ok(best) => best,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let picks = match self.typed.extras.picks() {
            Ok(picks) => picks,
            Err(sentence) => {
                self.errors.add("extras", sentence);
                return Ok(Ok((space, offer)));
            }
        };
        let mut leave = Leave::default();
        let shelf = &self.shelf;
        match shelf.add((sheet, space), wish, &offer, &picks, &mut leave) {
            Ok(added) => added.onto(&mut offer),
            Err(refusal) => self.errors.add("extras", refusal.to_string()),
        }
        self.chrome = self.chrome.clone().with(&self.errors);
        Ok(Ok((space, offer)))
    }

    fn picked(&self) -> &picks::Typed {
        &self.typed.extras
    }

    /// What can go with the space and the term that is typed.
    fn extras(&self) -> Vec<&Item> {
        match self.typed.wish(self.zone) {
            Ok(wish) => self.shelf.fitting(self.space.kind, &wish.term),
            Err(_) => Vec::new(),
        }
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
    Query(said): Query<Typist>,
) -> Result<Response> {
    let mut page = book_page(&app, chrome, me.as_ref(), Wanted::Space(slug), typed, now).await?;
    page.visitor = said;
    html::page(&page)
}

async fn any_desk(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    Path(location): Path<String>,
    Query(typed): Query<Typed>,
    Query(said): Query<Typist>,
) -> Result<Response> {
    let wanted = Wanted::Any {
        location,
        kind: Kind::HotDesk,
    };
    let mut page = book_page(&app, chrome, me.as_ref(), wanted, typed, now).await?;
    page.visitor = said;
    html::page(&page)
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
    let typed = typed.settled(&sheet, space, date);
    let date = day_shown(&sheet, space, &typed, date);
    let address = match &wanted {
        Wanted::Space(slug) => format!("/spaces/{slug}"),
        Wanted::Any { location, .. } => format!("/locations/{location}/any-desk"),
    };
    let view = View {
        sheet: &sheet,
        space,
        typed: &typed,
        address: &address,
        date,
        picking: picking && typed.by() == By::Time,
    };
    let asked = Asked {
        chrome,
        wanted,
        address: address.clone(),
    };
    let mut page = BookPage::new(asked, view, strip);
    if !page.any {
        page.photos = Photo::of(&mut *db, Of::Space(page.space.id)).await?;
        let space = Some(page.space.id);
        page.notices = Notice::of(&mut db, Some(page.space.location), space, now).await?;
    }
    if let (Some(me), Wanted::Space(_)) = (me, &page.wanted) {
        page.starred = Some(Favourite::is(&mut db, me.member, page.space.id).await?);
    }
    if let Some(me) = me {
        page.payers = Payers::of(&mut db, me.member).await?;
        page.colleagues = Colleague::to_book_for(&mut db, me.member).await?;
    }
    match page.typed.wish(zone) {
        Ok(wish) => match page.with_extras(&mut db, &sheet, &wish).await? {
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
                page.is_awaited = page.space.kind != Kind::HotDesk && refusal.is_for_a_while();
                page.refusal = Some(refusal.to_string());
            }
        },
        Err(errors) if page.typed.has_term() => {
            page.chrome = page.chrome.with(&errors);
            page.errors = errors;
        }
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

/// The day whose times are shown: the one that was typed, or the evening that a time after it belongs to.
fn day_shown(sheet: &Sheet, space: &Space, typed: &Typed, asked: NaiveDate) -> NaiveDate {
    let evening = typed.evening(sheet, space);
    let typed = parse_date(&typed.date).filter(|date| *date >= sheet.today(space));
    evening.or(typed).unwrap_or(asked)
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

/// What was asked for, and where.
struct Asked {
    chrome: Chrome,
    wanted: Wanted,
    address: String,
}

impl BookPage {
    fn new(asked: Asked, view: View<'_>, strip: NaiveDate) -> BookPage {
        let View {
            sheet, space, date, ..
        } = view;
        let location = sheet.location(space);
        let any = matches!(asked.wanted, Wanted::Any { .. });
        BookPage {
            errors: Errors::default(),
            sent_back: false,
            title: if any {
                format!("Any desk at {}", location.name)
            } else {
                space.name.clone()
            },
            any,
            zone: location.zone,
            location: location.name.clone(),
            location_slug: location.slug.clone(),
            photos: Vec::new(),
            notices: Vec::new(),
            plan: (!any).then(|| plan::drawing(space)),
            rate: terms::rate(sheet, space, date),
            prices: terms::prices(sheet, space, date),
            rules: sheet
                .parts
                .sentence(space.id)
                .into_iter()
                .chain(terms::rules(space))
                .collect(),
            by: view.typed.by(),
            ways: view.ways(),
            free_from: view.free_from(),
            heading: long_date(date, sheet.today(space)),
            strip: view.strip(strip),
            slots: view.slots(),
            stand: sheet.stand(space, date),
            choices: view.choices(),
            shelf: Shelf::default(),
            picking: view.picking,
            chosen: None,
            refusal: None,
            is_awaited: false,
            suggestions: Vec::new(),
            starred: None,
            visitor: Typist::default(),
            payers: Payers::default(),
            colleagues: Vec::new(),
            key: Uuid::new_v4().to_string(),
            now: sheet.now(),
            chrome: if any {
                asked.chrome
            } else {
                found(asked.chrome, sheet, space, date)
            },
            address: asked.address,
            wanted: asked.wanted,
            space: space.clone(),
            typed: view.typed.clone(),
        }
    }
}
