//! Moving one's own booking, or making it longer or shorter: what it would come to, and doing it.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::get,
};
use axum_extra::extract::{CookieJar, Form};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    booking::{Booking, Status},
    change::{Refusal, Wanted},
    moving::{self, Move, Outlook},
    pages::changeable,
    term::{By, Term, Unit},
    wish::Typed,
};
use crate::{
    app::App,
    billing::quote::vat_label,
    error::Result,
    extract::Now,
    flash::Flash,
    form::Errors,
    html::{self, Chrome},
    locations::location::Location,
    money::Money,
    sessions::current::Current,
    spaces::space::{Space, Which},
    transaction,
    transaction::Db,
};

pub fn routes() -> Router<App> {
    Router::new().route("/bookings/{reference}/move", get(consider).post(change))
}

/// What is asked for, as typed; what is left out stays as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    space: String,
    date: String,
    last: String,
    count: String,
    from: String,
    until: String,
    people: String,
    /// The location is open past midnight some day.
    #[serde(skip)]
    nights: bool,
    /// Of the booking that was looked at.
    version: Option<i32>,
    /// The price afterwards as it was shown, in cents.
    shown: Option<i64>,
}

impl Asked {
    fn of(booking: &Booking) -> Asked {
        let typed = Typed::default().with_term(booking.term, booking.zone);
        Asked {
            space: booking.space_slug.clone(),
            date: typed.date,
            last: typed.last,
            count: typed.count,
            from: typed.from,
            until: typed.until,
            people: booking.people.to_string(),
            ..Asked::default()
        }
    }

    fn is_empty(&self) -> bool {
        let fields = [
            &self.space,
            &self.date,
            &self.last,
            &self.count,
            &self.from,
            &self.until,
            &self.people,
        ];
        fields.into_iter().all(String::is_empty)
    }

    fn completed(self, booking: &Booking, nights: bool) -> Asked {
        let stands = Asked::of(booking);
        let or = |said: String, stands: String| if said.is_empty() { stands } else { said };
        Asked {
            space: or(self.space, stands.space),
            date: or(self.date, stands.date),
            last: or(self.last, stands.last),
            count: or(self.count, stands.count),
            from: or(self.from, stands.from),
            until: or(self.until, stands.until),
            people: or(self.people, stands.people),
            nights,
            ..self
        }
    }

    fn wanted(&self, booking: &Booking) -> Result<Wanted, Errors> {
        let typed = Typed {
            by: booking.term.key().into(),
            date: self.date.clone(),
            last: self.last.clone(),
            count: self.count.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
            people: self.people.clone(),
            nights: self.nights,
            ..Typed::default()
        };
        let wish = typed.wish(booking.zone)?;
        Ok(Wanted {
            space: self.space.clone(),
            term: wish.term,
            people: wish.people,
        })
    }
}

#[derive(Template)]
#[template(path = "bookings/move.html")]
struct MovePage {
    chrome: Chrome,
    errors: Errors,
    asked: Asked,
    /// What it would come to, where that was asked and nothing stands against it.
    outlook: Option<Outlook>,
    /// Of its kind at its location.
    spaces: Vec<Space>,
    /// Nothing but its end can change.
    only_end: bool,
    now: DateTime<Utc>,
    booking: Booking,
}

impl MovePage {
    async fn new(
        db: &mut Db,
        chrome: Chrome,
        booking: Booking,
        asked: Asked,
        now: DateTime<Utc>,
    ) -> Result<MovePage> {
        let spaces = match Space::find(&mut *db, &booking.space_slug).await? {
            Some(here) => {
                let which = Which {
                    location: Some(here.location),
                    kind: Some(here.kind),
                    ..Which::default()
                };
                Space::list(db, which).await?
            }
            None => Vec::new(),
        };
        Ok(MovePage {
            chrome,
            errors: Errors::default(),
            asked,
            outlook: None,
            spaces,
            only_end: moving::only_its_end(&booking, now),
            now,
            booking,
        })
    }

    /// With what it would come to, or why it cannot be.
    async fn with_outlook(mut self, db: &mut Db) -> Result<MovePage> {
        match self.asked.wanted(&self.booking) {
            Err(errors) => self.errors.extend(errors),
            Ok(wanted) => match moving::foresee(db, &self.booking, &wanted, self.now).await? {
                Ok(outlook) => self.outlook = Some(outlook),
                Err(_) if !self.errors.is_empty() => {}
                Err(refusal) => {
                    let field = field(&refusal, &self.booking);
                    self.errors.add(field, refusal.to_string());
                }
            },
        }
        Ok(self)
    }

    fn url(&self) -> String {
        format!("{}/move", self.booking.url())
    }

    fn is_by_time(&self) -> bool {
        matches!(self.booking.term, Term::Time(_))
    }

    fn is_by_day(&self) -> bool {
        matches!(self.booking.term, Term::Days { .. })
    }

    fn asks_people(&self) -> bool {
        !self.only_end && self.spaces.iter().any(|space| space.seats > 1)
    }

    fn date_label(&self) -> &'static str {
        match self.booking.term {
            Term::Time(_) => "Day",
            Term::Days { .. } | Term::Let(_) => "First day",
        }
    }

    fn count_label(&self) -> &'static str {
        match self.booking.term.by() {
            By::Let(Unit::Week) => "How many weeks",
            _ => "How many months",
        }
    }

    /// Other ends, each with its address: sooner ones first.
    fn ends(&self) -> Vec<(String, String)> {
        let Term::Time(span) = self.booking.term else {
            return Vec::new();
        };
        let zone = self.booking.zone;
        [-60, -30, 30, 60]
            .into_iter()
            .map(|minutes| (minutes, span.until + chrono::Duration::minutes(minutes)))
            .filter(|(_, until)| *until > span.from.max(self.now))
            .map(|(minutes, until)| {
                let words = match minutes {
                    less @ ..0 => format!("{} min shorter", -less),
                    more => format!("{more} min longer"),
                };
                let query = html::query(&[("until", &zone.clock(until))]);
                (words, format!("{}?{query}#becomes", self.url()))
            })
            .collect()
    }

    fn when(&self, outlook: &Outlook) -> String {
        let zone = self.booking.zone;
        match self.asked.wanted(&self.booking) {
            Ok(wanted) => wanted.term.words(zone, zone.date(self.now)),
            Err(_) => zone.range(outlook.plan.offer.during, zone.date(self.now)),
        }
    }

    fn vat_label(&self, outlook: &Outlook) -> String {
        vat_label(outlook.price.vat_basis_points)
    }

    /// `R120 more`, `R60 back`, or nothing.
    fn difference(&self, outlook: &Outlook) -> String {
        match (self.booking.charged, outlook.difference()) {
            (false, _) => String::new(),
            (_, more) if more > Money::ZERO => format!("{more} more"),
            (_, less) if less < Money::ZERO => format!("{} back", -less),
            _ => String::new(),
        }
    }

    /// Why not all of what is given up goes back, or would later.
    fn late(&self, outlook: &Outlook) -> Option<String> {
        let (price, before) = (&outlook.price, &self.booking.price);
        if price.late > before.late {
            let kept = price.late - before.late;
            return Some(format!(
                "{kept} of what you give up is kept, since it is late. {}",
                self.booking.cancellation.sentence()
            ));
        }
        (price.at_least > before.at_least).then(|| {
            format!(
                "It is late to cancel this booking, and stays so: {} is kept if you cancel it once it is moved.",
                price.at_least
            )
        })
    }
}

/// The field that a refusal is about; those of the whole stand on top alone.
fn field(refusal: &Refusal, booking: &Booking) -> &'static str {
    match refusal {
        Refusal::Rule(rule) if rule.is_taken() => "space",
        Refusal::Rule(rule) => match rule.field(booking.term.by()) {
            "layout" | "purchase_order" => "space",
            field => field,
        },
        Refusal::Cost { .. } => "becomes",
        _ => "change",
    }
}

/// Of its location; not where that has closed for good.
async fn nights(db: &mut Db, booking: &Booking) -> Result<bool> {
    let location = Location::find(db, &booking.location_slug).await?;
    Ok(location.is_some_and(|location| location.nights))
}

async fn consider(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    Path(reference): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    if !booking.can_be_moved(now) {
        let next = match booking.status {
            Status::Held => format!("{}/confirmation", booking.url()),
            _ => booking.url(),
        };
        return Ok(html::see_other(&next));
    }
    let mut db = app.db.acquire().await?;
    let is_asked = !asked.is_empty();
    let asked = asked.completed(&booking, nights(&mut db, &booking).await?);
    let page = MovePage::new(&mut db, chrome, booking, asked, now).await?;
    let page = match is_asked {
        true => page.with_outlook(&mut db).await?,
        false => page,
    };
    html::page(&page)
}

async fn change(
    State(app): State<App>,
    Now(now): Now,
    chrome: Chrome,
    me: Current,
    jar: CookieJar,
    Path(reference): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response> {
    let booking = changeable(&app, &me, &reference).await?;
    if booking.status == Status::Held {
        let next = format!("{}/confirmation", booking.url());
        return Ok(html::see_other(&next));
    }
    let nights = nights(&mut *app.db.acquire().await?, &booking).await?;
    let asked = asked.completed(&booking, nights);
    let wanted = match asked.wanted(&booking) {
        Ok(wanted) => wanted,
        Err(_) => {
            let mut db = app.db.acquire().await?;
            let page = MovePage::new(&mut db, chrome.refused(), booking, asked, now).await?;
            return html::refused(&page.with_outlook(&mut db).await?);
        }
    };
    let order = Move {
        wanted,
        version: asked.version,
        shown: asked.shown.map(Money::cents),
    };
    let outcome =
        transaction!(app.db, tx => moving::change(tx, me.member, booking.id, &order, now).await)?;
    match outcome {
        Ok(changed) => {
            let flash = Flash::done(done(&booking, &changed, now));
            Ok((jar.add(flash.cookie()), html::see_other(&changed.url())).into_response())
        }
        Err(refusal) => {
            let booking = changeable(&app, &me, &reference).await?;
            let mut db = app.db.acquire().await?;
            let field = field(&refusal, &booking);
            let mut page = MovePage::new(&mut db, chrome.refused(), booking, asked, now).await?;
            page.errors.add(field, refusal.to_string());
            html::refused(&page.with_outlook(&mut db).await?)
        }
    }
}

/// `Changed: Pier, Tue 24 November, 10:00–11:00. R60 goes back to your account.`
fn done(before: &Booking, changed: &Booking, now: DateTime<Utc>) -> String {
    let whose = match &changed.company {
        Some(company) => format!("the account of {company}"),
        None => "your account".to_owned(),
    };
    let money = match (changed.charged, changed.total - before.total) {
        (true, more) if more > Money::ZERO => format!(" {more} more is on {whose}."),
        (true, less) if less < Money::ZERO => format!(" {} goes back to {whose}.", -less),
        _ => String::new(),
    };
    format!("Changed: {}, {}.{money}", changed.space, changed.when(now))
}
