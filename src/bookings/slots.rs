//! The times of a day as a grid of slots, and the days of a strip with how free they are.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{
    refusal::Refusal,
    sheet::Sheet,
    term::{Term, Wish},
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
    /// Free, but not to whoever has used all of theirs.
    Used,
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
                    slots.push(self.slot(cell, Duration::minutes(step), people, choice));
                }
                from += length;
            }
        }
        slots
    }

    /// A cell of the grid; it begins where a booking may, also a step or two into it, and ends where one may.
    fn slot(&self, cell: Span, step: Duration, people: i32, choice: Choice) -> Slot {
        let at = |from, until, state| Slot {
            span: Span::new(from, until),
            state,
        };
        let within = |time: DateTime<Utc>| cell.from <= time && time < cell.until;
        match choice {
            Choice::Whole(chosen) if within(chosen.from) => {
                return at(chosen.from, cell.until, State::Start);
            }
            Choice::Whole(chosen) if cell.overlaps(chosen) && cell.until >= chosen.until => {
                return at(cell.from, chosen.until, State::End);
            }
            Choice::Whole(chosen) if cell.overlaps(chosen) => {
                return at(cell.from, cell.until, State::Within);
            }
            Choice::Start(chosen) if within(chosen.from) => {
                return at(chosen.from, cell.until, State::Start);
            }
            Choice::Start(chosen) if cell.from > chosen.from => {
                let ends = steps(cell, step).map(|start| start + step);
                let reachable = ends
                    .filter(|end| *end <= cell.until)
                    .filter(|end| self.fits(&wish(chosen.from, *end, people)))
                    .last();
                if let Some(end) = reachable {
                    return at(cell.from, end, State::Reachable);
                }
            }
            _ => {}
        }
        let policy = self.spaces.first().map(|space| &space.policy);
        let least = Duration::minutes(policy.map_or(0, |policy| policy.min_minutes));
        let start = steps(cell, step).find(|from| self.fits(&wish(*from, *from + least, people)));
        match start {
            Some(from) => at(from, cell.until, State::Free),
            None => at(cell.from, cell.until, self.why_not(cell, least, people)),
        }
    }

    fn why_not(&self, cell: Span, least: Duration, people: i32) -> State {
        let wish = wish(cell.from, cell.from + least, people);
        let answers = self.spaces.iter().map(|space| self.check(space, &wish));
        match answers.reduce(better) {
            Some(Err(Refusal::OutsideHours { .. } | Refusal::TooLong { .. })) => State::Short,
            Some(Err(Refusal::Taken { .. })) if self.idle(cell) => State::Short,
            Some(Err(Refusal::Taken { .. } | Refusal::Closure { .. })) => State::Taken,
            Some(Err(Refusal::HouseFull { .. })) => State::Taken,
            Some(Err(Refusal::TooManyAtOnce { .. } | Refusal::OverLimit(_))) => State::Used,
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
                if left.is_empty() {
                    continue;
                }
                let closed = self.closures(space, left).map(|closure| closure.during);
                let taken: i64 = self
                    .busy(space)
                    .iter()
                    .copied()
                    .filter(|taken| taken.overlaps(left))
                    .chain(closed)
                    .map(|taken| {
                        Span::new(taken.from.max(left.from), taken.until.min(left.until)).minutes()
                    })
                    .sum::<i64>()
                    .min(left.minutes());
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

fn steps(cell: Span, step: Duration) -> impl Iterator<Item = DateTime<Utc>> {
    std::iter::successors(Some(cell.from), move |at| Some(*at + step))
        .take_while(move |at| *at < cell.until)
}

fn wish(from: DateTime<Utc>, until: DateTime<Utc>, people: i32) -> Wish {
    Wish::new(Term::Time(Span::new(from, until)), people)
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
