//! Who sat where and when: what is entered never overlaps, in space or person.

use chrono::{Duration, NaiveDate};

use super::{dice::Dice, house::House, people::Person};
use crate::{
    billing::quote::Asked, bookings::term::Let, locations::hours::Opening, spaces::space::Kind,
    time::Span,
};

/// One visit: places in the house's and the people's lists, and the parts of openings it takes.
pub struct Stay {
    pub space: usize,
    pub member: usize,
    pub openings: Vec<Opening>,
    pub by_day: bool,
    /// Weeks or months, whose one opening is all of them.
    pub lasting: Option<Let>,
    /// They have yet to decide.
    pub first_refusal: bool,
    pub people: i32,
    pub title: &'static str,
    pub cancelled: bool,
}

impl Stay {
    pub fn asked(&self) -> Asked {
        if let Some(term) = self.lasting {
            Asked::Let(term)
        } else if self.by_day {
            Asked::Days(self.openings.clone())
        } else {
            Asked::Time(self.openings[0])
        }
    }

    pub fn last_day(&self) -> Option<NaiveDate> {
        match self.asked() {
            Asked::Time(_) => None,
            Asked::Days(openings) => openings.last().map(|opening| opening.date),
            Asked::Let(term) => Some(term.last()),
        }
    }

    pub fn during(&self) -> Span {
        Span::new(
            self.openings[0].span.from,
            self.openings[self.openings.len() - 1].span.until,
        )
    }
}

pub struct Diary<'a> {
    pub house: &'a House,
    people: &'a [Person],
    pub stays: Vec<Stay>,
    /// What takes each space, turnaround and closures included.
    taken: Vec<Vec<Span>>,
    /// When each person is at a desk, and when in a room, on the day that is being filled.
    at_desk: Vec<Vec<Span>>,
    in_room: Vec<Vec<Span>>,
}

/// Of meetings; some have none.
const TITLES: [&str; 14] = [
    "",
    "",
    "",
    "Team catch-up",
    "Interview",
    "Client workshop",
    "Project kick-off",
    "Monthly figures",
    "Design review",
    "Supplier meeting",
    "Training",
    "Planning session",
    "Board papers",
    "Handover",
];

impl<'a> Diary<'a> {
    pub fn new(house: &'a House, people: &'a [Person], closures: &[(usize, Span)]) -> Self {
        let mut taken = vec![Vec::new(); house.spaces.len()];
        for (space, during) in closures {
            taken[*space].push(*during);
        }
        let (at_desk, in_room) = (
            vec![Vec::new(); people.len()],
            vec![Vec::new(); people.len()],
        );
        Self {
            house,
            people,
            stays: Vec::new(),
            taken,
            at_desk,
            in_room,
        }
    }

    /// Lets everybody be anywhere again.
    pub fn next_day(&mut self) {
        self.at_desk
            .iter_mut()
            .chain(&mut self.in_room)
            .for_each(Vec::clear);
    }

    /// A part of an opening, from so many minutes after it begins.
    pub fn try_part(
        &mut self,
        dice: &mut Dice,
        space: usize,
        opening: Opening,
        start: i64,
        length: i64,
    ) -> bool {
        let from = opening.span.from + Duration::minutes(start);
        let span = Span::new(from, from + Duration::minutes(length));
        opening.span.contains(span)
            && self.try_stay(dice, space, vec![Opening { span, ..opening }], false)
    }

    /// Somebody takes a space, if it is free and somebody is.
    pub fn try_stay(
        &mut self,
        dice: &mut Dice,
        space: usize,
        openings: Vec<Opening>,
        by_day: bool,
    ) -> bool {
        let seats = self.house.spaces[space].seats;
        let room = self.house.spaces[space].kind == Kind::MeetingRoom;
        let mut stay = Stay {
            space,
            member: 0,
            openings,
            by_day,
            lasting: None,
            first_refusal: false,
            people: dice.between((seats + 1) / 2..=seats),
            title: if room { dice.pick(&TITLES) } else { "" },
            cancelled: dice.percent(6),
        };
        let Some(member) = self.somebody(dice, &stay) else {
            return false;
        };
        stay.member = member;
        self.add(stay)
    }

    /// Somebody takes an office for weeks or months, or keeps it till they have decided.
    pub fn try_let(
        &mut self,
        dice: &mut Dice,
        space: usize,
        term: Let,
        first_refusal: bool,
    ) -> bool {
        let opening = Opening {
            date: term.first,
            span: term.span(self.house.zone),
        };
        let mut stay = Stay {
            space,
            member: 0,
            openings: vec![opening],
            by_day: false,
            lasting: Some(term),
            first_refusal,
            people: self.house.spaces[space].seats,
            title: "",
            cancelled: false,
        };
        let Some(member) = self.somebody(dice, &stay) else {
            return false;
        };
        stay.member = member;
        self.add(stay)
    }

    /// Notes a stay unless the space is taken.
    pub fn add(&mut self, stay: Stay) -> bool {
        let space = &self.house.spaces[stay.space];
        let during = stay.during();
        let occupies = during.widened(space.policy.setup_minutes, space.policy.turnaround_minutes);
        if self.taken[stay.space]
            .iter()
            .any(|taken| taken.overlaps(occupies))
        {
            return false;
        }
        if !stay.cancelled {
            self.taken[stay.space].push(occupies);
            match space.kind {
                Kind::HotDesk => self.at_desk[stay.member].push(during),
                Kind::MeetingRoom => self.in_room[stay.member].push(during),
                Kind::Office => {}
            }
        }
        self.stays.push(stay);
        true
    }

    /// Somebody who is nowhere else of that kind, mostly one of the location's own people; never the
    /// sample's member, whose diary is written by hand.
    fn somebody(&self, dice: &mut Dice, stay: &Stay) -> Option<usize> {
        let (space, during) = (&self.house.spaces[stay.space], stay.during());
        (0..40).find_map(|_| {
            let member = dice.between(1..self.people.len());
            let at_home = self.people[member].home == space.location.get();
            let elsewhere = match space.kind {
                Kind::HotDesk => &self.at_desk[member],
                Kind::MeetingRoom => &self.in_room[member],
                Kind::Office => return at_home.then_some(member),
            };
            let free = !elsewhere.iter().any(|other| other.overlaps(during));
            (free && (at_home || dice.percent(20))).then_some(member)
        })
    }
}
