//! The times of a day as a grid of slots, and the days of a strip with how free they are.

use chrono::{Duration, NaiveDate};

use super::{
    availability::{Sheet, Term, Wish},
    refusal::Refusal,
};
use crate::time::Span;

/// A cell of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    pub span: Span,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A booking may start here.
    Free,
    /// The chosen start.
    Start,
    /// Between the chosen start and the last cell.
    Within,
    /// The chosen last cell.
    End,
    /// Where the chosen start's booking may end, at the end of the cell.
    Reachable,
    Taken,
    /// Free, but not for the shortest booking.
    Short,
    /// Past, or beyond what may be booked.
    Shut,
}

/// What is chosen so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    Nothing,
    /// A start, its end still to come.
    Start(Span),
    Whole(Span),
}

impl Sheet {
    /// The grid of a day for the sheet's spaces, any of which may serve. Cells are half hours, or longer
    /// where bookings go in longer steps; times that the clocks skip or repeat are left out.
    pub fn slots(&self, date: NaiveDate, people: i32, choice: Choice) -> Vec<Slot> {
        let Some(space) = self.spaces.first() else {
            return Vec::new();
        };
        let step = space.policy.step_minutes;
        let length = Duration::minutes(if step < 30 && 30 % step == 0 {
            30
        } else {
            step
        });
        let zone = self.zone(space);
        let mut slots = Vec::new();
        for opening in self.day(space, date).openings {
            let mut from = opening.span.from;
            while from < opening.span.until {
                let cell = Span::new(from, (from + length).min(opening.span.until));
                if zone.instant(zone.wall(from)).is_ok() {
                    slots.push(Slot {
                        span: cell,
                        state: self.state(cell, people, choice),
                    });
                }
                from += length;
            }
        }
        slots
    }

    fn state(&self, cell: Span, people: i32, choice: Choice) -> State {
        match choice {
            Choice::Whole(chosen) if cell.from == chosen.from => return State::Start,
            Choice::Whole(chosen) if cell.overlaps(chosen) && cell.until >= chosen.until => {
                return State::End;
            }
            Choice::Whole(chosen) if cell.overlaps(chosen) => return State::Within,
            Choice::Start(chosen) if cell.from == chosen.from => return State::Start,
            Choice::Start(chosen) if cell.from > chosen.from => {
                let wish = Wish {
                    term: Term::Time(Span::new(chosen.from, cell.until)),
                    people,
                };
                if self.fits(&wish) {
                    return State::Reachable;
                }
            }
            _ => {}
        }
        let least = self
            .spaces
            .first()
            .map_or(0, |space| space.policy.min_minutes);
        let wish = Wish {
            term: Term::Time(Span::new(cell.from, cell.from + Duration::minutes(least))),
            people,
        };
        match self
            .spaces
            .iter()
            .map(|space| self.check(space, &wish))
            .reduce(better)
        {
            Some(Ok(_)) => State::Free,
            Some(Err(Refusal::OutsideHours { .. } | Refusal::TooLong { .. })) => State::Short,
            Some(Err(Refusal::Taken { .. })) if self.idle(cell) => State::Short,
            Some(Err(Refusal::Taken { .. } | Refusal::Closure { .. })) => State::Taken,
            _ => State::Shut,
        }
    }

    /// Some space of the sheet has nothing in the whole cell.
    fn idle(&self, cell: Span) -> bool {
        self.spaces
            .iter()
            .any(|space| !self.busy(space).iter().any(|taken| taken.overlaps(cell)))
    }

    /// How much of a day's opening is still free over all spaces, in tenths; `None` when it is closed.
    pub fn free_tenths(&self, date: NaiveDate) -> Option<i64> {
        let mut open = 0;
        let mut free = 0;
        for space in &self.spaces {
            for opening in self.day(space, date).openings {
                open += opening.span.minutes();
                let left = Span::new(opening.span.from.max(self.now()), opening.span.until);
                if left.is_empty() || self.closure(space, left).is_some() {
                    continue;
                }
                let taken: i64 = self
                    .busy(space)
                    .iter()
                    .filter(|taken| taken.overlaps(left))
                    .map(|taken| {
                        Span::new(taken.from.max(left.from), taken.until.min(left.until)).minutes()
                    })
                    .sum();
                // A space let by the day is of use only when the whole day is left.
                free += if !space.policy.by_time && taken > 0 {
                    0
                } else {
                    left.minutes() - taken
                };
            }
        }
        // Never all free when something is taken, never nothing while something is left.
        (open > 0).then(|| match free * 10 / open {
            0 if free > 0 => 1,
            tenths => tenths,
        })
    }
}

/// The better of two answers: an offer before a refusal, "taken" before other refusals.
fn better<T>(one: Result<T, Refusal>, other: Result<T, Refusal>) -> Result<T, Refusal> {
    match (&one, &other) {
        (Ok(_), _) => one,
        (_, Ok(_)) => other,
        (_, Err(refusal)) if refusal.is_taken() => other,
        _ => one,
    }
}
