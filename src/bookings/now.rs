//! What is free right now: for the hour that can be booked next, and until when.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::sheet::Sheet;
use super::term::{Term, Wish};
use crate::{
    id::Id,
    locations::location::Location,
    spaces::space::{Kind, Space},
    time::Span,
};

/// The spaces of a kind that are free for an hour.
#[derive(Clone, Debug)]
pub struct FreeNow<'a> {
    /// From the next start that the spaces allow.
    pub hour: Span,
    pub spaces: Vec<&'a Space>,
}

impl Sheet {
    /// `None` when the location has no such spaces by the hour, is closed now, or closes before that hour ends.
    pub fn free_now(&self, location: Id<Location>, kind: Kind) -> Option<FreeNow<'_>> {
        let spaces = self.by_time(location, kind);
        let step = spaces.iter().map(|space| space.policy.step_minutes).min()?;
        let opening = self.calendar_at(location)?.opening_at(self.now())?.span;
        let begun = (self.now() - opening.from).num_seconds();
        let steps = (begun + step * 60 - 1) / (step * 60);
        let from = opening.from + Duration::minutes(steps * step);
        let hour = Span::new(from, from + Duration::hours(1));
        opening.contains(hour).then(|| FreeNow {
            hour,
            spaces: spaces
                .into_iter()
                .filter(|space| self.is_free(space, hour))
                .collect(),
        })
    }

    /// For each full hour of a date's openings how many spaces of a kind are free in all of it.
    pub fn free_each_hour(
        &self,
        location: Id<Location>,
        kind: Kind,
        date: NaiveDate,
    ) -> Vec<(Span, usize)> {
        let spaces = self.by_time(location, kind);
        let day = self
            .calendar_at(location)
            .map(|calendar| calendar.day(date))
            .unwrap_or_default();
        let hours = day.openings.iter().flat_map(|opening| {
            let from = opening.span.from;
            let hour = move |n| Span::new(from + Duration::hours(n), from + Duration::hours(n + 1));
            (0..opening.span.minutes() / 60).map(hour)
        });
        let free = |hour| {
            spaces
                .iter()
                .filter(|space| self.is_free(space, hour))
                .count()
        };
        hours.map(|hour| (hour, free(hour))).collect()
    }

    /// The latest end of a booking of this space for one person that starts at `from`; `None` when
    /// none can.
    pub fn free_until(&self, space: &Space, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let closes = self.calendar(space).opening_at(from)?.span.until;
        let ends: Vec<DateTime<Utc>> = self
            .steps(space, Span::new(from, closes))
            .map(|start| start + Duration::minutes(space.policy.step_minutes))
            .filter(|end| *end >= from + Duration::minutes(space.policy.min_minutes))
            .collect();
        let free = ends.partition_point(|end| self.is_free(space, Span::new(from, *end)));
        ends[..free].last().copied()
    }

    fn by_time(&self, location: Id<Location>, kind: Kind) -> Vec<&Space> {
        let spaces = self
            .spaces
            .iter()
            .filter(|space| space.location == location);
        spaces
            .filter(|space| space.kind == kind && space.policy.by_time)
            .collect()
    }

    fn is_free(&self, space: &Space, span: Span) -> bool {
        self.check(space, &Wish::new(Term::Time(span), 1)).is_ok()
    }
}

/// The next start that a space allows; while it is closed, this moment.
pub fn next_step(sheet: &Sheet, space: &Space, now: DateTime<Utc>) -> DateTime<Utc> {
    let step = space.policy.step_minutes;
    match sheet.calendar(space).opening_at(now) {
        Some(opening) => {
            let begun = (now - opening.span.from).num_seconds();
            let steps = (begun + step * 60 - 1) / (step * 60);
            opening.span.from + Duration::minutes(steps * step)
        }
        None => now,
    }
}
