//! A member's bookings as lists: what is ahead, what is past, and what their company paid for.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    response::Response,
    routing::get,
};
use chrono::{DateTime, Utc, Weekday};
use serde::Deserialize;

use super::{
    booking::{Booking, Status},
    waitlist::Entry,
};
use crate::{
    app::App,
    billing::account::Account,
    error::Result,
    extract::Now,
    html::{self, Chrome},
    members::company::{Company, CompanyRole},
    money::Money,
    sessions::current::Current,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route("/bookings", get(index))
}

/// How many past bookings stand on one page.
const PAST: i64 = 50;

#[derive(Template)]
#[template(path = "bookings/index.html")]
struct IndexPage {
    chrome: Chrome,
    tab: Tab,
    /// The reader runs a company, whose past they may look at.
    runs_company: bool,
    next: Option<Booking>,
    groups: Vec<Group>,
    /// How many later dates of a series are not in the list, by its reference.
    later: BTreeMap<String, usize>,
    /// What they are in the line for.
    waiting: Vec<Entry>,
    emblem: String,
    now: DateTime<Utc>,
    balance: Money,
    /// The address of what is older still.
    older: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Upcoming,
    Past,
    /// The past of the companies that the reader runs.
    Company,
}

impl Tab {
    /// As `past` says it in the address.
    fn read(past: &str) -> Tab {
        match past {
            "" => Tab::Upcoming,
            "company" => Tab::Company,
            _ => Tab::Past,
        }
    }

    fn url(self) -> &'static str {
        match self {
            Tab::Upcoming => "/bookings",
            Tab::Past => "/bookings?past=1",
            Tab::Company => "/bookings?past=company",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Tab::Upcoming => "Upcoming",
            Tab::Past => "Past",
            Tab::Company => "Your company’s past",
        }
    }
}

/// Bookings under one heading; never empty.
struct Group {
    key: &'static str,
    title: &'static str,
    /// Each says by whom it was booked.
    by_others: bool,
    bookings: Vec<Booking>,
}

impl Group {
    /// Today, the rest of this week, and later, each by the booking's own location; what is not to be, last.
    fn by_date(bookings: Vec<Booking>, now: DateTime<Utc>) -> Vec<Group> {
        let group = |key, title| Group {
            key,
            title,
            by_others: false,
            bookings: Vec::new(),
        };
        let mut groups = [
            group("today", "Today"),
            group("week", "This week"),
            group("later", "Later"),
            group("cancelled", "Cancelled"),
        ];
        for booking in bookings {
            let today = booking.zone.date(now);
            let at = match booking.date() {
                _ if matches!(booking.status, Status::Cancelled | Status::Declined) => 3,
                date if date <= today => 0,
                date if date <= today.week(Weekday::Mon).last_day() => 1,
                _ => 2,
            };
            groups[at].bookings.push(booking);
        }
        groups
            .into_iter()
            .filter(|group| !group.bookings.is_empty())
            .collect()
    }

    /// What others have booked for the companies that the reader runs.
    fn of_companies(bookings: Vec<Booking>) -> Option<Group> {
        (!bookings.is_empty()).then_some(Group {
            key: "companies",
            title: "Booked for your company",
            by_others: true,
            bookings,
        })
    }

    fn of_past(tab: Tab, bookings: Vec<Booking>) -> Option<Group> {
        (!bookings.is_empty()).then_some(Group {
            key: "past",
            title: tab.label(),
            by_others: tab == Tab::Company,
            bookings,
        })
    }
}

impl IndexPage {
    fn tabs(&self) -> Vec<Tab> {
        let company = self.runs_company.then_some(Tab::Company);
        [Tab::Upcoming, Tab::Past]
            .into_iter()
            .chain(company)
            .collect()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndexQuery {
    past: String,
    /// The reference of the last one on the page before.
    after: Option<String>,
}

async fn index(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Query(query): Query<IndexQuery>,
) -> Result<Response> {
    let mut db = app.db.acquire().await?;
    let companies = Company::of(&mut db, me.member).await?;
    let mut page = IndexPage {
        chrome,
        tab: Tab::read(&query.past),
        runs_company: companies
            .iter()
            .any(|company| company.role == CompanyRole::Admin),
        next: None,
        groups: Vec::new(),
        later: BTreeMap::new(),
        waiting: Vec::new(),
        emblem: String::new(),
        now,
        balance: Account::balance(&mut db, me.member).await?,
        older: None,
    };
    match page.tab {
        Tab::Upcoming => page.fill_upcoming(&mut db, &me).await?,
        Tab::Past | Tab::Company => page.fill_past(&mut db, &me, query.after.as_deref()).await?,
    }
    html::page(&page)
}

impl IndexPage {
    async fn fill_upcoming(&mut self, db: &mut Db, me: &Current) -> Result<()> {
        let mut bookings = Booking::upcoming(db, me.member, self.now).await?;
        let first = bookings.iter().position(Booking::is_live);
        self.next = first.map(|at| bookings.remove(at));
        if let Some(next) = &self.next {
            next.emblem.clone_into(&mut self.emblem);
        }
        self.waiting = Entry::of(db, me.member).await?;
        let others = Booking::of_companies(db, me.member, self.now).await?;
        self.groups = Group::by_date(self.gathered(bookings), self.now);
        self.groups.extend(Group::of_companies(others));
        Ok(())
    }

    /// A series stands in the list once, with its next date.
    fn gathered(&mut self, bookings: Vec<Booking>) -> Vec<Booking> {
        let next = self.next.as_ref().and_then(|next| next.series.clone());
        let mut seen: BTreeSet<String> = next.into_iter().collect();
        let later = &mut self.later;
        let mut is_kept = |booking: &Booking| match &booking.series {
            Some(series) if booking.is_live() && !seen.insert(series.clone()) => {
                *later.entry(series.clone()).or_default() += 1;
                false
            }
            _ => true,
        };
        bookings.into_iter().filter(|one| is_kept(one)).collect()
    }

    /// Where the other dates of its series are, and how many.
    fn others(&self, booking: &Booking) -> Option<(String, String)> {
        let series = booking.series.as_ref()?;
        let words = match self.later.get(series)? {
            1 => "1 more date".to_owned(),
            later => format!("{later} more dates"),
        };
        Some((format!("/series/{series}"), words))
    }

    async fn fill_past(&mut self, db: &mut Db, me: &Current, after: Option<&str>) -> Result<()> {
        let bookings = match self.tab {
            Tab::Company => {
                Booking::past_of_companies(db, me.member, after, PAST, self.now).await?
            }
            _ => Booking::past(db, me.member, after, PAST, self.now).await?,
        };
        let last = bookings.last().filter(|_| bookings.len() as i64 == PAST);
        self.older = last.map(|last| format!("{}&after={}", self.tab.url(), last.reference));
        self.groups.extend(Group::of_past(self.tab, bookings));
        Ok(())
    }
}
