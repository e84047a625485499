//! A floor at a time: every space on its plan and in a list beside it, each with its state in words.

use super::{
    floor::Floor,
    plan::{self, Shape},
    space::{Kind, Space},
    standing::Standing,
};
use crate::{
    bookings::{booking::Booking, sheet::Sheet, term::Wish, wish::Typed},
    time::Zone,
};

#[derive(Clone, Debug)]
pub struct Board {
    /// Left, top, width and height of the drawing.
    pub frame: [f32; 4],
    /// What it shows, in words.
    pub label: String,
    pub scenery: Vec<Shape>,
    /// By kind, in the house's order.
    pub groups: Vec<(Kind, Vec<Place>)>,
    pub floors: Vec<Tab>,
}

/// The way to another floor.
#[derive(Clone, Debug)]
pub struct Tab {
    pub name: String,
    pub url: String,
    pub is_shown: bool,
}

#[derive(Clone, Debug)]
pub struct Place {
    pub slug: String,
    pub name: String,
    /// `free`, `yours`, `taken` or `shut`.
    pub state: &'static str,
    /// `Free 09:00–10:00` or why not.
    pub words: String,
    pub price: String,
    /// Where to book it; none unless it is free.
    pub book: Option<String>,
    /// Its own page.
    pub page: String,
    /// The reference of the booking, where it is the looker's.
    pub reference: Option<String>,
    /// Its part of the drawing, the area to tap last.
    pub spot: Vec<Shape>,
}

impl Place {
    /// For those who hear the plan.
    pub fn label(&self) -> String {
        let price = if self.price.is_empty() {
            String::new()
        } else {
            format!(", {}", self.price)
        };
        format!("{}: {}{price}", self.name, self.words)
    }

    /// A free space leads to its booking, any other to what is said of it beside the plan.
    pub fn url(&self) -> String {
        self.book
            .clone()
            .unwrap_or_else(|| format!("#at-{}", self.slug))
    }
}

/// Who looks, and for what.
pub struct Look<'a> {
    pub sheet: &'a Sheet,
    pub wish: Wish,
    /// Carries the people and the day into the links.
    pub typed: &'a Typed,
    pub zone: Zone,
    /// The looker's bookings to come.
    pub own: &'a [Booking],
}

impl Look<'_> {
    /// The floor of that level, or the first one that has any of the sheet's spaces. `None` where nothing
    /// is drawn.
    pub fn board(
        &self,
        floors: &[Floor],
        level: Option<i32>,
        to_floor: impl Fn(i32) -> String,
    ) -> Option<Board> {
        let drawn: Vec<&Floor> = floors.iter().filter(|floor| floor.is_drawn()).collect();
        let has_any = |floor: &&&Floor| {
            let mut spaces = self.sheet.spaces.iter();
            spaces.any(|space| space.floor == floor.id)
        };
        let shown = drawn
            .iter()
            .find(|floor| Some(floor.level) == level)
            .or_else(|| drawn.iter().find(has_any))
            .or(drawn.first())?;
        let places = |kind| -> Vec<Place> {
            let here = self.sheet.spaces.iter();
            here.filter(|space| space.kind == kind && space.floor == shown.id)
                .map(|space| self.place(shown, space))
                .collect()
        };
        let groups: Vec<(Kind, Vec<Place>)> = Kind::ALL
            .into_iter()
            .map(|kind| (kind, places(kind)))
            .filter(|(_, places)| !places.is_empty())
            .collect();
        let free = groups
            .iter()
            .flat_map(|(_, places)| places)
            .filter(|place| place.state == "free")
            .count();
        Some(Board {
            frame: plan::floor::frame(&shown.plan),
            label: format!("Plan of {}: {free} free", shown.name),
            scenery: plan::floor::scenery(shown),
            groups,
            floors: drawn
                .iter()
                .map(|floor| Tab {
                    name: floor.name.clone(),
                    url: to_floor(floor.level),
                    is_shown: floor.id == shown.id,
                })
                .collect(),
        })
    }

    fn place(&self, floor: &Floor, space: &Space) -> Place {
        let (sheet, zone) = (self.sheet, self.zone);
        let page = format!("/spaces/{}", space.slug);
        let at = |typed: Typed| {
            let here = Typed {
                kind: String::new(),
                location: String::new(),
                ..typed
            };
            format!("{page}?{}", here.query())
        };
        let mut place = Place {
            slug: space.slug.clone(),
            name: space.name.clone(),
            state: "shut",
            words: String::new(),
            price: String::new(),
            book: None,
            page: at(Typed {
                date: self.wish.term.dates(zone).0.to_string(),
                people: self.typed.people.clone(),
                ..Typed::default()
            }),
            reference: None,
            spot: Vec::new(),
        };
        let word = match Standing::of(sheet, space, &self.wish, self.own) {
            Standing::Free(term, offer) => {
                place.state = "free";
                place.words = if space.policy.by_time {
                    "Free"
                } else {
                    "Free all day"
                }
                .to_owned();
                place.price = offer.quote.total.to_string();
                place.book = Some(format!("{}#book", at(self.typed.with_term(term, zone))));
                "Free"
            }
            Standing::Yours { reference, when } => {
                place.state = "yours";
                place.words = format!("Yours {when}");
                place.reference = Some(reference);
                "Yours"
            }
            Standing::Taken(words) => {
                place.state = "taken";
                place.words = words;
                "Taken"
            }
            Standing::Shut(words) => {
                place.words = format!("Not now. {words}");
                "Not now"
            }
        };
        let is_taken = place.state == "taken" || place.state == "yours";
        place.spot = plan::floor::spot(floor, space, is_taken, word);
        place
    }
}
