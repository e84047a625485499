//! The answer to a search as cards: each space, or any desk of a location, with its price for what was asked.

use std::collections::HashMap;

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
        term::{Term, Wish},
        wish::Typed,
    },
    id::Id,
    locations::location::Location,
    time::Zone,
};

/// A space, or any desk of a location, as an answer to what was asked.
pub struct Card {
    pub url: String,
    pub name: String,
    pub facts: Vec<(&'static str, String)>,
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
    pub typed: &'a Typed,
    pub wish: Option<Wish>,
    pub date: NaiveDate,
    pub covers: &'a HashMap<Id<Space>, Photo>,
}

impl Cards<'_> {
    /// The same time on each location's own clock.
    fn wish_at(&self, zone: Zone) -> Option<Wish> {
        self.wish.and_then(|_| self.typed.wish(zone).ok())
    }

    pub fn of(&self, space: &Space) -> Card {
        let sheet = self.sheet;
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
            photo: self.covers.get(&space.id).cloned(),
            plan: Some(plan::drawing(space)),
            emblem: String::new(),
            strip: strip(
                sheet,
                space,
                self.date,
                self.wish_at(sheet.zone(space)).as_ref(),
            ),
            price: from_price(sheet, space, self.date),
            note: "with VAT".into(),
            button: "See times".into(),
            fits: self.wish.is_none(),
        };
        if let Some(wish) = &self.wish_at(sheet.zone(space)) {
            let zone = sheet.zone(space);
            match sheet.check(space, wish) {
                Ok(offer) => {
                    card.url = format!(
                        "{address}?{}#book",
                        self.typed.with_term(wish.term, zone).query()
                    );
                    card.price = offer.quote.total.to_string();
                    card.note = offer
                        .quote
                        .lines
                        .iter()
                        .map(|line| line.label.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                        + ", with VAT";
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
            photo: None,
            plan: None,
            emblem: location.emblem.clone(),
            strip: None,
            price: from_price(sheet, first, self.date),
            note: "with VAT".into(),
            button: "See times".into(),
            fits: self.wish.is_none(),
        };
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
                    card.note = offer
                        .quote
                        .reason
                        .clone()
                        .unwrap_or_else(|| "with VAT".into());
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

/// `R60 / hour`, or the day where hours are not sold.
fn from_price(sheet: &Sheet, space: &Space, on: NaiveDate) -> String {
    let rates = sheet.prices().of(space, on);
    match (rates.hour.filter(|_| space.policy.by_time), rates.day) {
        (Some(hour), _) => format!("{hour} / hour"),
        (None, Some(day)) => format!("{day} / day"),
        (None, None) => String::new(),
    }
}
