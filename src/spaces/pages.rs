//! Finding a space: one query, seen as a list, as a day and on the floor plan.

use std::collections::HashSet;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};

use super::{
    answer::{Answer, List},
    board::Board,
    day::Grid,
    filter::{self, Filter},
    floor::Floor,
    photo::Photo,
    search::{Search, View},
    space::{Kind, Space, Which},
};
use crate::{
    app::App,
    bookings::{
        booking::Booking,
        closure::Notice,
        favourite::Favourite,
        sheet::{Asker, Sheet},
        suggestion::{Suggestion, suggestions},
        term::{By, Term, Wish},
        wish::Typed,
    },
    error::{Error, Result},
    extract::Now,
    form::Errors,
    found,
    html::{self, Chrome},
    id::Id,
    locations::{
        hours::Calendar,
        location::{Location, Status},
    },
    sessions::current::Current,
    time::{Zone, long_date, parse_clock, parse_date},
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route("/spaces", get(index))
}

/// How far ahead it is looked for when an office is free.
const OFFICES_AHEAD: Days = Days::new(240);

#[derive(Template)]
#[template(path = "spaces/index.html")]
struct IndexPage {
    chrome: Chrome,
    errors: Errors,
    typed: Typed,
    filter: Filter,
    view: View,
    floor: String,
    locations: Vec<Location>,
    times: Vec<String>,
    today: NaiveDate,
    title: String,
    /// The page's own, with its query.
    address: String,
    sentence: String,
    /// `12 spaces are free: 8 hot desks and 4 offices.`
    count: String,
    /// The same search in each view.
    views: Vec<(View, String)>,
    chips: Vec<(String, String)>,
    /// A search for the next hour, and what its link says.
    soon: (String, String),
    asked: bool,
    /// A time was asked for, and nothing is free then.
    nothing: bool,
    list: Option<List>,
    grid: Option<Grid>,
    board: Option<Board>,
    /// The days before and after, for the day's grid.
    around: (Option<String>, String),
    suggestions: Vec<Suggestion>,
    /// Where nothing has all that was asked for: how many have it without one thing, and their address.
    without: Vec<(String, String)>,
    notices: Vec<Notice>,
}

impl IndexPage {
    /// Where one says what one waits for: any room or office of a location.
    fn wait(&self) -> Option<String> {
        let kind = self.typed.kind()?;
        let is_said = kind != Kind::HotDesk && !self.typed.location.is_empty();
        is_said.then(|| format!("/waitlist/new?{}", self.typed.query()))
    }

    fn has(&self, amenity: &str) -> bool {
        self.filter.has(amenity)
    }

    /// Key and words of the amenities to choose from.
    fn amenities(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let all = filter::OF_SPACE.iter().chain(&filter::OF_HOUSE);
        all.filter_map(|key| Some((*key, super::amenity::amenity(key)?.0)))
    }
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Option<Current>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    // The three views are one page to be found; what is asked for beyond them is not.
    let is_a_view = |key: &str| ["view", "location", "floor", "kind"].contains(&key);
    let chrome = if pairs.iter().all(|(key, _)| is_a_view(key)) {
        chrome.found(found::Found::page(
            "/spaces",
            "Find a hot desk, meeting room or office in Durban · Connect Space",
            "Hot desks, meeting rooms and offices in Durban: what is free, when, and at what price.",
            "spaces",
        ))
    } else {
        chrome
    };
    let mut search = Search::read(&pairs);
    let locations = Location::all(&mut db).await?;
    let usual = match &me {
        Some(me) => Location::usual(&mut db, me.member).await?,
        None => None,
    };
    let own = match &me {
        Some(me) => Booking::upcoming(&mut db, me.member, now).await?,
        None => Vec::new(),
    };
    let stars = match &me {
        Some(me) => Some(Favourite::of(&mut db, me.member).await?),
        None => None,
    };
    let finder = Finder {
        stars: stars.map(|stars| stars.iter().map(|star| star.space).collect()),
        asker: me.map_or_else(Asker::default, |me| Asker::member(me.member)),
        usual: locations.iter().find(|place| Some(place.id) == usual),
        locations: &locations,
        own,
        now,
    };
    if search.now {
        return finder.soon(&mut db, search).await;
    }
    // A day and a plan are of one location.
    if search.view != View::List && finder.here(&search).is_none() {
        let usual = finder.usual.or_else(|| finder.first_open());
        search.typed.location = usual.map(|place| place.slug.clone()).unwrap_or_default();
    }
    let page = finder.page(&mut db, search, chrome).await?;
    html::page(&page)
}

/// Who looks, when, and where they usually are.
struct Finder<'a> {
    asker: Asker,
    locations: &'a [Location],
    usual: Option<&'a Location>,
    /// The looker's bookings to come.
    own: Vec<Booking>,
    /// What they have starred; `None` when nobody is signed in.
    stars: Option<HashSet<Id<Space>>>,
    now: DateTime<Utc>,
}

impl Finder<'_> {
    fn here(&self, search: &Search) -> Option<&Location> {
        let slug = &search.typed.location;
        self.locations.iter().find(|place| place.slug == *slug)
    }

    fn first_open(&self) -> Option<&Location> {
        let mut all = self.locations.iter();
        all.find(|place| place.status == Status::Open)
    }

    /// The same search for the next hour, where they chose to be or usually are; else anywhere.
    async fn soon(&self, db: &mut Db, search: Search) -> Result<Response> {
        let here = self.here(&search).or(self.usual);
        let place = here.or_else(|| self.first_open()).ok_or(Error::NotFound)?;
        let today = place.zone.date(self.now);
        let calendars =
            Calendar::of_all(db, self.locations, today, today + Duration::days(31)).await?;
        let hour = calendars[&place.id].next_hour(self.now);
        let mut typed = match hour {
            Some(hour) => search.typed.with_term(Term::Time(hour), place.zone),
            None => search.typed.clone(),
        };
        typed.location = here.map(|place| place.slug.clone()).unwrap_or_default();
        Ok(html::see_other(&search.with_typed(typed).url()))
    }

    async fn page(&self, db: &mut Db, mut search: Search, chrome: Chrome) -> Result<IndexPage> {
        let here = self.here(&search);
        let place = here.or(self.locations.first()).ok_or(Error::NotFound)?;
        let zone = place.zone;
        let today = zone.date(self.now);
        if search.view == View::Plan && !search.typed.has_term() {
            self.ask_for_an_hour(db, place, &mut search.typed).await?;
        }
        // Half a time is a whole one with an hour in it; a date alone asks for no time.
        complete(&mut search.typed, today);
        let typed = &search.typed;
        let date = typed.date(today);
        let mut errors = Errors::default();
        let people = errors.take("people", typed.people()).unwrap_or(1);
        let wish = if typed.has_term() {
            typed.wish(zone).map_err(|found| errors = found).ok()
        } else {
            None
        };
        let let_until = wish.and_then(|wish: Wish| {
            let (_, last) = wish.term.utc_dates();
            wish.term.count().map(|_| last)
        });
        let last = parse_date(&typed.last)
            .unwrap_or(date)
            .clamp(date, date + Duration::days(60))
            .max(let_until.unwrap_or(date));
        let which = Which {
            location: here.map(|place| place.id),
            kind: typed.kind(),
            people,
            ..Which::default()
        };
        let days = (date, last + Duration::days(6));
        let mut sheet = Sheet::load(db, which.clone(), days, &self.asker, self.now).await?;
        let admitted = |filter: &Filter| {
            let all = sheet.spaces.iter();
            all.filter(|space| filter.admits(space, sheet.location(space), people))
                .count()
        };
        let without = if admitted(&search.filter) > 0 {
            Vec::new()
        } else {
            let parts = search.filter.parts().into_iter();
            parts
                .map(|(words, rest)| (words, admitted(&rest), search.with_filter(rest).url()))
                .filter(|(_, count, _)| *count > 0)
                .map(|(words, count, url)| (format!("{count} without {words}"), url))
                .collect()
        };
        let all = std::mem::take(&mut sheet.spaces);
        let (wanted, _) = all.into_iter().partition(|space| {
            let location = &sheet.locations[&space.location];
            search.filter.admits(space, location, people)
        });
        sheet.spaces = wanted;

        let found = Answer {
            sheet: &sheet,
            search: &search,
            wish,
            date,
            people,
            own: &self.own,
            stars: self.stars.as_ref(),
            offices: self.offices(db, &search, which, date).await?,
            covers: Photo::covers(&mut *db).await?,
        };
        let list = (search.view == View::List).then(|| found.list(self.locations));
        let none = list.as_ref().and(wish).filter(|_| !found.any_free());
        let suggestions = match none {
            Some(wish) => {
                suggestions(db, &sheet, None, typed, &wish, &self.asker, self.now).await?
            }
            None => Vec::new(),
        };
        let board = match (search.view, wish) {
            (View::Plan, Some(wish)) => found.board(&Floor::of(db, place.id).await?, zone, wish),
            _ => None,
        };
        Ok(IndexPage {
            address: search.url(),
            title: typed.kind().map_or("Spaces", Kind::plural).to_owned(),
            sentence: sentence(wish.as_ref(), date, here, zone, today, people),
            count: found.count(),
            times: (0..48)
                .map(|half| format!("{:02}:{:02}", half / 2, half % 2 * 30))
                .filter(|clock| ("06:00"..="21:00").contains(&clock.as_str()))
                .collect(),
            views: View::ALL
                .into_iter()
                .map(|view| (view, search.with_view(view).url()))
                .collect(),
            chips: search.chips(),
            soon: self.soon_link(&search),
            grid: (search.view == View::Day).then(|| found.grid()).flatten(),
            around: around(&search, date, today),
            asked: wish.is_some(),
            nothing: none.is_some() && without.is_empty(),
            filter: search.filter.clone(),
            floor: search.floor.clone(),
            view: search.view,
            chrome: chrome.with(&errors),
            errors,
            locations: self
                .locations
                .iter()
                .filter(|place| place.is_open())
                .cloned()
                .collect(),
            today,
            list,
            board,
            suggestions,
            without,
            notices: Notice::of(db, here.map(|place| place.id), None, self.now).await?,
            typed: search.typed,
        })
    }

    fn soon_link(&self, search: &Search) -> (String, String) {
        let here = self.here(search).or(self.usual);
        let words = match here {
            Some(place) => format!("Free for the next hour at {}", place.name),
            None => "Free for the next hour".to_owned(),
        };
        let url = search.url();
        let and = if url.contains('?') { '&' } else { '?' };
        (format!("{url}{and}now=1"), words)
    }

    /// The offices of a list, with the months in which one that is taken may be free again.
    async fn offices(
        &self,
        db: &mut Db,
        search: &Search,
        which: Which<'_>,
        date: NaiveDate,
    ) -> Result<Option<Sheet>> {
        let asked = search.typed.kind().is_none_or(|kind| kind == Kind::Office);
        if search.view != View::List || !asked {
            return Ok(None);
        }
        let offices = Which {
            kind: Some(Kind::Office),
            ..which
        };
        let days = (date, date + OFFICES_AHEAD);
        let sheet = Sheet::load(db, offices, days, &self.asker, self.now).await?;
        Ok(Some(sheet))
    }

    /// A plan without a time shows the next hour, or the first one of the day that was asked for.
    async fn ask_for_an_hour(
        &self,
        db: &mut Db,
        place: &Location,
        typed: &mut Typed,
    ) -> Result<()> {
        let today = place.zone.date(self.now);
        let date = typed.date(today);
        let only = std::slice::from_ref(place);
        let calendars = Calendar::of_all(db, only, today, date + Duration::days(31)).await?;
        let calendar = &calendars[&place.id];
        let first = calendar
            .day(date)
            .openings
            .first()
            .map(|opening| opening.span.from);
        let since = if date == today {
            self.now
        } else {
            first.unwrap_or(self.now)
        };
        if let Some(hour) = calendar.next_hour(since) {
            *typed = typed.with_term(Term::Time(hour), place.zone);
        }
        Ok(())
    }
}

/// Fills in what follows from what was said.
fn complete(typed: &mut Typed, today: NaiveDate) {
    if typed.by.is_empty() {
        typed.by = if typed.kind() == Some(Kind::Office) || !typed.last.is_empty() {
            "day"
        } else {
            "time"
        }
        .into();
    }
    if typed.date.is_empty() && (typed.by() != By::Time || !typed.from.is_empty()) {
        typed.date = today.to_string();
    }
    if typed.by() == By::Time
        && typed.until.is_empty()
        && let Some(from) = parse_clock(&typed.from)
    {
        typed.until = (from + Duration::hours(1)).format("%H:%M").to_string();
    }
    if typed.people.is_empty() {
        typed.people = "1".into();
    }
}

fn sentence(
    wish: Option<&Wish>,
    date: NaiveDate,
    here: Option<&Location>,
    zone: Zone,
    today: NaiveDate,
    people: i32,
) -> String {
    let when = wish.map_or_else(
        || long_date(date, today),
        |wish| wish.term.words(zone, today),
    );
    let who = if people == 1 {
        String::new()
    } else {
        format!(", {people} people")
    };
    format!(
        "{when}{who}, {}",
        here.map_or("any location", |location| &location.name)
    )
}

fn around(search: &Search, date: NaiveDate, today: NaiveDate) -> (Option<String>, String) {
    let on = |date: NaiveDate| {
        let typed = Typed {
            date: date.to_string(),
            last: String::new(),
            ..search.typed.clone()
        };
        search.with_typed(typed).url()
    };
    let earlier = (date > today).then(|| on(date - Duration::days(1)));
    (earlier, on(date + Duration::days(1)))
}
