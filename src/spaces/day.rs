//! A day of a location as a grid: a row for each space, its free gaps leading to a booking.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::{
    space::{Kind, Space},
    standing::as_it_is_let,
};
use crate::{
    bookings::{
        booking::Booking,
        refusal::Refusal,
        sheet::Sheet,
        term::{Term, Wish},
        wish::Typed,
    },
    time::{Span, Zone},
};

#[derive(Clone, Debug)]
pub struct Grid {
    /// Full hours of the day, 1 to 24.
    pub hours: i64,
    /// The clock at each hour, with its column in quarter hours.
    pub scale: Vec<(i64, String)>,
    pub sections: Vec<(Kind, Vec<Lane>)>,
}

#[derive(Clone, Debug)]
pub struct Lane {
    pub slug: String,
    pub name: String,
    pub facts: String,
    pub cells: Vec<Cell>,
}

/// A stretch of the day, in quarter hours from its opening.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// `free`, `yours`, `taken` or `shut`.
    pub state: &'static str,
    pub start: i64,
    pub end: i64,
    /// `09:00–11:30`
    pub clock: String,
    /// Why it is not free.
    pub why: String,
    /// To the booking, or the form, of that time.
    pub url: Option<String>,
}

impl Lane {
    pub fn is_free_at_all(&self) -> bool {
        self.cells.iter().any(|cell| cell.state == "free")
    }
}

/// What is looked for on a day of one location.
pub struct Search<'a> {
    pub sheet: &'a Sheet,
    pub date: NaiveDate,
    /// With the asked time, if any.
    pub wish: Option<Wish>,
    pub people: i32,
    pub typed: &'a Typed,
    /// The looker's bookings to come.
    pub own: &'a [Booking],
}

impl Search<'_> {
    /// `None` when the location is closed that day, or nothing of interest is there.
    pub fn grid(&self, spaces: &[&Space]) -> Option<Grid> {
        let first = spaces.first()?;
        let open = self.sheet.day(first, self.date).span()?;
        let zone = self.sheet.zone(first);
        let hours = ((open.minutes() + 59) / 60).clamp(1, 24);
        let scale = (0..hours)
            .map(|n| (n * 4, zone.clock(open.from + Duration::hours(n))))
            .collect();
        let lanes = |kind| -> Vec<Lane> {
            let of_kind = spaces.iter().filter(|space| space.kind == kind);
            of_kind.map(|space| self.lane(space, open)).collect()
        };
        let sections = Kind::ALL
            .into_iter()
            .map(|kind| (kind, lanes(kind)))
            .filter(|(_, lanes)| !lanes.is_empty())
            .collect();
        Some(Grid {
            hours,
            scale,
            sections,
        })
    }

    fn lane(&self, space: &Space, open: Span) -> Lane {
        let seats = if space.seats == 1 {
            "1 seat".to_owned()
        } else {
            format!("{} seats", space.seats)
        };
        let stretches = if space.policy.by_time {
            self.by_time(space)
        } else {
            self.by_day(space, open)
        };
        Lane {
            slug: space.slug.clone(),
            name: space.name.clone(),
            facts: format!("{seats}, {}", space.floor_name),
            cells: stretches
                .into_iter()
                .map(|stretch| self.cell(space, open, stretch))
                .collect(),
        }
    }

    /// The asked length, or an hour, as far as the space is let for that long.
    fn length(&self, space: &Space) -> Duration {
        let asked = match self.wish.map(|wish| wish.term) {
            Some(Term::Time(span)) => span.minutes(),
            _ => 60,
        };
        let (least, most) = (space.policy.min_minutes, space.policy.max_minutes);
        Duration::minutes(asked.clamp(least, most.max(least)))
    }

    /// Free from the first start that fits to the end of the last one's booking; between two such gaps
    /// something is in the way.
    fn by_time(&self, space: &Space) -> Vec<Stretch> {
        let length = self.length(space);
        let step = Duration::minutes(space.policy.step_minutes);
        let mut stretches = Vec::new();
        for opening in self.sheet.day(space, self.date).openings {
            let mut gaps: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
            let starts = self.sheet.steps(space, opening.span);
            for start in starts.filter(|start| self.fits(space, *start, length)) {
                match gaps.last_mut() {
                    Some((_, last)) if *last + step == start => *last = start,
                    _ => gaps.push((start, start)),
                }
            }
            let mut at = opening.span.from;
            for (first, last) in gaps {
                self.blocked(Span::new(at, first), &mut stretches);
                let span = Span::new(first.max(at), last + length);
                stretches.push(Stretch {
                    span,
                    free: Some(Term::Time(self.start_in((first, last), length))),
                });
                at = span.until;
            }
            self.blocked(Span::new(at, opening.span.until), &mut stretches);
        }
        stretches
    }

    /// The asked time where it is one of the starts of a gap, else the first.
    fn start_in(&self, (first, last): (DateTime<Utc>, DateTime<Utc>), length: Duration) -> Span {
        match self.wish.map(|wish| wish.term) {
            Some(Term::Time(asked))
                if (first..=last).contains(&asked.from) && asked.until - asked.from == length =>
            {
                asked
            }
            _ => Span::new(first, first + length),
        }
    }

    fn fits(&self, space: &Space, from: DateTime<Utc>, length: Duration) -> bool {
        let during = Span::new(from, from + length);
        // On a full day this is why most do not, and the rest need not be asked.
        !self.sheet.is_taken(space, during)
            && self
                .sheet
                .check(space, &self.wish_for(Term::Time(during)))
                .is_ok()
    }

    fn wish_for(&self, term: Term) -> Wish {
        Wish::new(term, self.people)
    }

    /// What is over apart from what is in the way.
    fn blocked(&self, span: Span, stretches: &mut Vec<Stretch>) {
        let now = self.sheet.now();
        let parts = if span.from < now && now < span.until {
            vec![Span::new(span.from, now), Span::new(now, span.until)]
        } else {
            vec![span]
        };
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        stretches.extend(parts.map(|span| Stretch { span, free: None }));
    }

    fn by_day(&self, space: &Space, open: Span) -> Vec<Stretch> {
        let days = match self
            .wish
            .map(|wish| as_it_is_let(self.sheet, space, wish.term))
        {
            Some(term) if !matches!(term, Term::Time(_)) => term,
            _ => Term::Days {
                first: self.date,
                last: self.date,
            },
        };
        let is_free = self.sheet.check(space, &self.wish_for(days)).is_ok();
        vec![Stretch {
            span: open,
            free: is_free.then_some(days),
        }]
    }

    fn cell(&self, space: &Space, open: Span, stretch: Stretch) -> Cell {
        let zone = self.sheet.zone(space);
        let span = stretch.span;
        let quarter = |at: DateTime<Utc>| (at - open.from).num_minutes().clamp(0, 24 * 60) / 15;
        let clock = clock(zone, span);
        let (start, end) = (
            quarter(span.from),
            quarter(span.until + Duration::minutes(14)),
        );
        if let Some(term) = stretch.free {
            let typed = Typed {
                kind: String::new(),
                location: String::new(),
                ..self.typed.with_term(term, zone)
            };
            let url = format!("/spaces/{}?{}#book", space.slug, typed.query());
            return Cell {
                state: "free",
                start,
                end,
                clock: if space.policy.by_time {
                    clock
                } else {
                    "All day".to_owned()
                },
                why: String::new(),
                url: Some(url),
            };
        }
        let mine = self.own.iter().find(|booking| {
            booking.space_id == space.id.get()
                && booking.during.from < span.until
                && booking.during.until > span.from
        });
        let (state, why, url) = match mine {
            Some(booking) => ("yours", "Yours".to_owned(), Some(booking.url())),
            None => {
                let (state, why) = self.why_not(space, span);
                (state, why, None)
            }
        };
        Cell {
            state,
            start,
            end,
            clock,
            why,
            url,
        }
    }

    fn why_not(&self, space: &Space, span: Span) -> (&'static str, String) {
        if span.until <= self.sheet.now() {
            return ("shut", "Over".to_owned());
        }
        if self
            .sheet
            .busy(space)
            .iter()
            .any(|busy| busy.overlaps(span))
        {
            return ("taken", "Taken".to_owned());
        }
        let term = if space.policy.by_time {
            Term::Time(Span::new(span.from, span.from + self.length(space)))
        } else {
            Term::Days {
                first: self.date,
                last: self.date,
            }
        };
        match self.sheet.check(space, &self.wish_for(term)) {
            Err(Refusal::TooManyPeople { seats, .. }) => ("shut", format!("Seats {seats}")),
            Err(Refusal::OutOfOrder { .. }) => ("shut", "Out of order".to_owned()),
            Err(Refusal::OutsideHours { .. } | Refusal::Past | Refusal::OffGrid { .. }) | Ok(_) => {
                ("shut", "Too short".to_owned())
            }
            Err(Refusal::TooManyAtOnce { .. } | Refusal::OverLimit(_)) => {
                ("shut", "More than your limit".to_owned())
            }
            Err(refusal) => ("shut", refusal.to_string()),
        }
    }
}

struct Stretch {
    span: Span,
    free: Option<Term>,
}

fn clock(zone: Zone, span: Span) -> String {
    format!("{}–{}", zone.clock(span.from), zone.clock(span.until))
}
