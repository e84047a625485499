//! The answer to a search as cards: each space, or any desk of a location, with its price for what was asked.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{
    photo::Photo,
    plan::{self, Drawing},
    space::{Kind, Space},
};
use crate::{
    bookings::{
        sheet::Sheet,
        strip::{Strip, strip},
        term::{By, Let, Term, Unit, Wish},
        wish::Typed,
    },
    id::Id,
    locations::location::Location,
    money::{Money, Split},
    time::{Zone, long_date},
};

/// A space, or any desk of a location, as an answer to what was asked.
pub struct Card {
    pub url: String,
    pub name: String,
    pub facts: Vec<(&'static str, String)>,
    pub slug: String,
    /// Whether it is a favourite of whoever looks; `None` when nobody is signed in, or any desk would do.
    pub starred: Option<bool>,
    /// Its cover; while there is none, the plan.
    pub photo: Option<Photo>,
    pub plan: Option<Drawing>,
    pub emblem: String,
    pub strip: Option<Strip>,
    pub price: String,
    pub note: String,
    pub button: String,
    pub fits: bool,
}

pub struct Cards<'a> {
    pub sheet: &'a Sheet,
    /// Offices alone, as far ahead as it is said from when they are free.
    pub offices: Option<&'a Sheet>,
    pub typed: &'a Typed,
    pub wish: Option<Wish>,
    pub date: NaiveDate,
    pub covers: &'a HashMap<Id<Space>, Photo>,
    /// What the looker has starred; `None` when nobody is signed in.
    pub stars: Option<&'a HashSet<Id<Space>>>,
}

impl Cards<'_> {
    /// The same time on each location's own clock.
    fn wish_at(&self, zone: Zone) -> Option<Wish> {
        self.wish.and_then(|_| self.typed.wish(zone).ok())
    }

    /// An office is looked at further ahead than what is taken and free by the hour.
    fn sheet_of(&self, space: &Space) -> &Sheet {
        let offices = self.offices.filter(|_| space.kind == Kind::Office);
        offices.unwrap_or(self.sheet)
    }

    /// Whether it takes what was asked for, if anything was.
    pub fn takes(&self, space: &Space) -> bool {
        let sheet = self.sheet_of(space);
        let wish = self.wish_at(sheet.zone(space));
        self.wish.is_none() || wish.is_some_and(|wish| sheet.check(space, &wish).is_ok())
    }

    pub fn of(&self, space: &Space) -> Card {
        let sheet = self.sheet_of(space);
        let location = sheet.location(space);
        let address = format!("/spaces/{}", space.slug);
        let seats = if space.seats == 1 {
            "1 seat".to_owned()
        } else {
            format!("{} seats", space.seats)
        };
        let mut card = Card {
            url: format!("{address}?{}", self.plain_query()),
            name: space.name.clone(),
            facts: vec![
                ("users", seats),
                (
                    "map-pin",
                    format!("{}, {}", location.name, space.floor_name),
                ),
            ],
            slug: space.slug.clone(),
            starred: self.stars.map(|stars| stars.contains(&space.id)),
            photo: self.covers.get(&space.id).cloned(),
            plan: Some(plan::drawing(space)),
            emblem: String::new(),
            strip: strip(
                sheet,
                space,
                self.date,
                self.wish_at(sheet.zone(space)).as_ref(),
            ),
            price: String::new(),
            note: String::new(),
            button: "See times".into(),
            fits: self.wish.is_none(),
        };
        if let Some((price, unit)) = from_price(sheet, space, self.date) {
            card.price = format!("{price} / {unit}");
            card.note = vat_words(price.split(sheet.prices().vat(self.date)), space.kind);
        }
        card.facts.extend(self.free_from(space));
        if let Some(wish) = &self.wish_at(sheet.zone(space)) {
            let zone = sheet.zone(space);
            match sheet.check(space, wish) {
                Ok(offer) => {
                    card.url = format!(
                        "{address}?{}#book",
                        self.typed.with_term(wish.term, zone).query()
                    );
                    card.price = offer.quote.total.to_string();
                    let split = offer.quote.total.split(offer.quote.vat_basis_points);
                    let lines = offer.quote.lines.iter().map(|line| line.label.clone());
                    let words = lines.chain([vat_words(split, space.kind)]);
                    card.note = words
                        .filter(|part| !part.is_empty())
                        .collect::<Vec<_>>()
                        .join(", ");
                    card.button = button(&wish.term, zone, sheet.today(space));
                    card.fits = true;
                }
                Err(refusal) => {
                    card.price = String::new();
                    card.note = if refusal.is_taken() {
                        "Taken then.".into()
                    } else {
                        refusal.to_string()
                    };
                    if let Some((term, _)) = sheet.nearest(space, wish) {
                        card.url = format!(
                            "{address}?{}#book",
                            self.typed.with_term(term, zone).query()
                        );
                        card.button = format!("Free {}", term.words(zone, sheet.today(space)));
                    }
                }
            }
        }
        card
    }

    /// `Free from Tue 8 December`, for what was asked or a month: of offices, unless they are free then.
    fn free_from(&self, space: &Space) -> Option<(&'static str, String)> {
        let sheet = self.offices.filter(|_| space.kind == Kind::Office)?;
        let month = Term::Let(Let {
            unit: Unit::Month,
            count: 1,
            first: self.date,
        });
        let asked = self.wish_at(sheet.zone(space));
        let wish = asked
            .filter(|wish| wish.term.by() != By::Time)
            .unwrap_or(Wish::new(month, self.typed.people_or_one()));
        let wanted = wish.term.dates(sheet.zone(space)).0;
        let words = match sheet.free_from(space, &wish, wanted) {
            Some(day) if day == wanted => return None,
            Some(day) => format!("Free from {}", long_date(day, sheet.today(space))),
            None => "Let for now".to_owned(),
        };
        Some(("calendar", words))
    }

    /// One card for each location that has hot desks among what was asked.
    pub fn any_desks(&self, locations: &[Location]) -> Vec<Card> {
        locations
            .iter()
            .filter_map(|location| self.any_desk(location))
            .collect()
    }

    fn any_desk(&self, location: &Location) -> Option<Card> {
        let sheet = self.sheet;
        let desks: Vec<&Space> = sheet
            .spaces
            .iter()
            .filter(|space| space.kind == Kind::HotDesk && space.location == location.id)
            .collect();
        let first = desks.first()?;
        let address = format!("/locations/{}/any-desk", location.slug);
        let mut card = Card {
            url: format!("{address}?{}", self.plain_query()),
            name: format!("Any desk at {}", location.name),
            facts: vec![
                ("armchair", format!("{} hot desks", desks.len())),
                ("map-pin", location.name.clone()),
            ],
            slug: String::new(),
            starred: None,
            photo: None,
            plan: None,
            emblem: location.emblem.clone(),
            strip: None,
            price: String::new(),
            note: String::new(),
            button: "See times".into(),
            fits: self.wish.is_none(),
        };
        if let Some((price, unit)) = from_price(sheet, first, self.date) {
            card.price = format!("{price} / {unit}");
            card.note = vat_words(price.split(sheet.prices().vat(self.date)), first.kind);
        }
        if let Some(wish) = &self.wish_at(sheet.zone(first)) {
            let zone = sheet.zone(first);
            let free: Vec<_> = desks
                .iter()
                .filter_map(|desk| sheet.check(desk, wish).ok())
                .collect();
            card.facts[0].1 = format!("{} of {} desks free", free.len(), desks.len());
            match free.first() {
                Some(offer) => {
                    card.url = format!(
                        "{address}?{}#book",
                        self.typed.with_term(wish.term, zone).query()
                    );
                    card.price = offer.quote.total.to_string();
                    card.note = offer.quote.reason.clone().unwrap_or(card.note);
                    card.button = button(&wish.term, zone, sheet.today(first));
                    card.fits = true;
                }
                None => {
                    card.note = match sheet.check(first, wish) {
                        Err(refusal) if !refusal.is_taken() => refusal.to_string(),
                        _ => "All desks are taken then.".into(),
                    };
                    card.price = String::new();
                }
            }
        }
        Some(card)
    }

    /// The day and the people, for looking at a space without a time.
    fn plain_query(&self) -> String {
        Typed {
            kind: String::new(),
            location: String::new(),
            from: String::new(),
            until: String::new(),
            by: String::new(),
            date: self.date.to_string(),
            ..self.typed.clone()
        }
        .query()
    }
}

fn button(term: &Term, zone: Zone, today: NaiveDate) -> String {
    match term {
        Term::Time(span) => format!("Book {}", zone.range(*span, today)),
        Term::Days { first, last } if first == last => "Book the day".into(),
        Term::Days { first, last } => format!("Book {} days", (*last - *first).num_days() + 1),
        Term::Let(term) => format!("Book {}", term.length()),
    }
}

/// The price of an hour, or of the day where hours are not sold, including VAT.
fn from_price(sheet: &Sheet, space: &Space, on: NaiveDate) -> Option<(Money, &'static str)> {
    let rates = sheet.prices().of(space, on);
    let hour = rates.hour.filter(|_| space.policy.by_time);
    let hour = hour.map(|price| (price, "hour"));
    hour.or_else(|| rates.day.map(|price| (price, "day")))
}

/// What there is to say of the VAT in a price: businesses want to see an office's without it.
fn vat_words(price: Split, kind: Kind) -> String {
    match kind {
        _ if price.vat.is_zero() => String::new(),
        Kind::Office => format!("{} + {} VAT", price.without, price.vat),
        Kind::HotDesk | Kind::MeetingRoom => "with VAT".to_owned(),
    }
}
