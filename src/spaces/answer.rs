//! The answer to a search: the spaces that have what was asked for, as a list, as a day and on the plan.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::{
    board::{Board, Look},
    cards::{Card, Cards},
    day::{self, Grid},
    filter::Filter,
    floor::Floor,
    photo::Photo,
    search::{Search, View},
    space::{Kind, Space},
    standing::as_it_is_let,
};
use crate::{
    bookings::{booking::Booking, sheet::Sheet, term::Wish},
    id::Id,
    locations::location::Location,
    time::Zone,
};

/// Cards on one page; more are one tap away.
const PAGE: usize = 12;

/// Cards in three parts.
pub struct List {
    /// Any desk of each location.
    pub desks: Vec<Card>,
    pub fitting: Vec<Card>,
    pub others: Vec<Card>,
    /// The address of all of it, where this is not.
    pub more: Option<String>,
    pub hidden: usize,
}

/// The spaces that have what was asked for, on one sheet.
pub struct Answer<'a> {
    pub sheet: &'a Sheet,
    pub search: &'a Search,
    pub wish: Option<Wish>,
    pub date: NaiveDate,
    pub people: i32,
    pub own: &'a [Booking],
    pub stars: Option<&'a HashSet<Id<Space>>>,
    pub offices: Option<Sheet>,
    pub covers: HashMap<Id<Space>, Photo>,
}

impl Answer<'_> {
    /// Whether it is free, on its own clock; where no time was asked for, whether it could be.
    fn is_free(&self, space: &Space) -> bool {
        let Some(wish) = self.wish else { return true };
        let here = self
            .search
            .typed
            .wish(self.sheet.zone(space))
            .unwrap_or(wish);
        let term = match self.search.view {
            View::Plan => as_it_is_let(self.sheet, space, here.term),
            View::List | View::Day => here.term,
        };
        self.sheet.check(space, &Wish { term, ..here }).is_ok()
    }

    pub fn any_free(&self) -> bool {
        self.sheet.spaces.iter().any(|space| self.is_free(space))
    }

    pub fn count(&self) -> String {
        let of_kind = |kind| {
            let spaces = self.sheet.spaces.iter();
            let count = spaces
                .filter(|space| space.kind == kind && self.is_free(space))
                .count();
            (count, kind)
        };
        let counts = Kind::ALL.map(of_kind);
        let all: usize = counts.iter().map(|(count, _)| count).sum();
        let free = match (self.wish, all) {
            (Some(_), 1) => " is free",
            (Some(_), _) => " are free",
            (None, _) => "",
        };
        let words = |(count, kind): (usize, Kind)| {
            let name = if count == 1 {
                kind.label()
            } else {
                kind.plural()
            };
            format!("{count} {}", name.to_lowercase())
        };
        let some: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(words)
            .collect();
        match some.as_slice() {
            [] if self.wish.is_some() => "Nothing is free then.".to_owned(),
            [] => "Nothing here has all of that.".to_owned(),
            [only] => format!("{only}{free}."),
            [first @ .., last] => {
                format!("{all} spaces{free}: {} and {last}.", first.join(", "))
            }
        }
    }

    pub fn list(&self, locations: &[Location]) -> List {
        let (sheet, typed) = (self.sheet, &self.search.typed);
        let cards = Cards {
            sheet,
            typed,
            wish: self.wish,
            date: self.date,
            covers: &self.covers,
            stars: self.stars,
            offices: self.offices.as_ref(),
        };
        // Any desk is not one that has what was asked for.
        let each = typed.kind().is_some() || self.search.filter != Filter::default();
        let desks = if self.search.filter == Filter::default() {
            cards.any_desks(locations)
        } else {
            Vec::new()
        };
        let singles = sheet
            .spaces
            .iter()
            .filter(|space| space.kind != Kind::HotDesk || each);
        let (mut fitting, mut others): (Vec<&Space>, Vec<&Space>) =
            singles.partition(|space| cards.takes(space));
        // Desks are alike: taken ones are of interest only while none is free.
        if typed.kind() == Some(Kind::HotDesk) && !fitting.is_empty() {
            others.clear();
        }
        let hidden = if self.search.all {
            0
        } else {
            shorten(&mut fitting, &mut others)
        };
        let whole = Search {
            all: true,
            ..self.search.clone()
        };
        // Drawn last, since that is most of a card.
        let drawn = |spaces: Vec<&Space>| -> Vec<Card> {
            spaces.into_iter().map(|space| cards.of(space)).collect()
        };
        List {
            desks,
            fitting: drawn(fitting),
            others: drawn(others),
            more: (hidden > 0).then(|| whole.url()),
            hidden,
        }
    }

    pub fn grid(&self) -> Option<Grid> {
        let day = day::Search {
            sheet: self.sheet,
            date: self.date,
            wish: self.wish,
            people: self.people,
            typed: &self.search.typed,
            own: self.own,
        };
        day.grid(&self.sheet.spaces.iter().collect::<Vec<_>>())
    }

    pub fn board(&self, floors: &[Floor], zone: Zone, wish: Wish) -> Option<Board> {
        let look = Look {
            sheet: self.sheet,
            wish,
            typed: &self.search.typed,
            zone,
            own: self.own,
        };
        let to_floor = |level: i32| {
            let there = Search {
                floor: level.to_string(),
                ..self.search.clone()
            };
            there.url()
        };
        look.board(floors, self.search.floor.parse().ok(), to_floor)
    }
}

fn shorten(fitting: &mut Vec<&Space>, others: &mut Vec<&Space>) -> usize {
    let all = fitting.len() + others.len();
    fitting.truncate(PAGE);
    others.truncate(PAGE.saturating_sub(fitting.len()).max(6));
    all - fitting.len() - others.len()
}
