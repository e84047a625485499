//! How a day is drawn: each space's lane of what is booked, free and shut.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Cell, Entry, Lane, QUARTER, Section, Timeline, Turn, What};
use crate::{
    bookings::closure::Closure,
    error::Result,
    id::Id,
    locations::{
        hours::{Calendar, Day},
        location::Location,
    },
    spaces::space::{Kind, Space, Status as Standing},
    time::{Span, Zone},
};

/// What every lane of a day is drawn with.
pub(super) struct Drawing {
    pub zone: Zone,
    pub window: Span,
    pub today: bool,
    pub is_past: bool,
    pub day: Day,
    pub closures: Vec<Closure>,
    pub beside: Vec<Beside>,
    pub now: DateTime<Utc>,
}

/// Time that a space's parts take of it, or the wholes that it is a part of.
pub(super) struct Beside {
    space: Uuid,
    /// The name of what is booked.
    of: String,
    during: Span,
    occupies: Span,
}

impl Beside {
    pub(super) async fn within(
        db: &mut PgConnection,
        location: Id<Location>,
        window: Span,
    ) -> Result<Vec<Beside>> {
        let rows = sqlx::query!(
            r#"select distinct s.id, k.name, o.during as "during!", o.occupies as "occupies!"
               from spaces s
               cross join lateral pieces(s.id) piece
               join part_occupancies p on p.space_id = piece and p.active and p.occupies && tstzrange($2, $3)
               join occupancies o on o.id = p.occupancy_id and o.space_id <> s.id
               join spaces k on k.id = o.space_id
               where s.location_id = $1 and (o.held_until is null or o.held_until > now())
               order by 3"#,
            location.get(),
            window.from,
            window.until
        )
        .fetch_all(db)
        .await?;
        let beside = rows.into_iter().map(|row| Beside {
            space: row.id,
            of: row.name,
            during: row.during.into(),
            occupies: row.occupies.into(),
        });
        Ok(beside.collect())
    }
}

impl Drawing {
    fn beside(&self, space: &Space) -> impl Iterator<Item = &Beside> {
        let id = space.id.get();
        self.beside.iter().filter(move |beside| beside.space == id)
    }

    pub(super) fn timeline(
        self,
        date: NaiveDate,
        spaces: Vec<Space>,
        entries: Vec<Entry>,
    ) -> Timeline {
        let mut by_space: BTreeMap<Uuid, Vec<Entry>> = BTreeMap::new();
        for entry in entries {
            by_space.entry(entry.space).or_default().push(entry);
        }
        let mut sections: Vec<Section> = Vec::new();
        for space in spaces {
            let taken = by_space.remove(&space.id.get()).unwrap_or_default();
            let kind = space.kind;
            let lane = self.lane(space, taken);
            match sections.iter_mut().find(|section| section.kind == kind) {
                Some(section) => section.lanes.push(lane),
                None => sections.push(Section {
                    kind,
                    lanes: vec![lane],
                }),
            }
        }
        // Rooms first: they are what the counter is asked for most.
        sections.sort_by_key(|section| section.kind != Kind::MeetingRoom);
        let hours = self.window.minutes() / 60;
        Timeline {
            zone: self.zone,
            date,
            now: self
                .today
                .then(|| self.quarter(self.now))
                .filter(|at| (0..=4 * hours).contains(at)),
            window: self.window,
            hours,
            is_closed: self.day.is_closed(),
            reason: self.day.reason,
            sections,
        }
    }

    fn lane(&self, space: Space, entries: Vec<Entry>) -> Lane {
        let standing = self.standing(&space, &entries);
        let free = self.free(&space, &entries);
        let shut = self.shut(&space);
        let mut cells: Vec<Cell> = Vec::new();
        let what = || match self.day.is_closed() {
            true => What::Closed,
            false => What::Free,
        };
        cells.extend(free.into_iter().map(|span| self.cell(span, what())));
        cells.extend(entries.iter().flat_map(|entry| self.turns(entry)));
        cells.extend(
            shut.into_iter()
                .map(|(span, words)| self.cell(span, What::Shut(words))),
        );
        cells.extend(
            entries
                .into_iter()
                .map(|entry| self.cell(entry.during, What::Booked(entry))),
        );
        cells.sort_by_key(|cell| (cell.during.from, cell.end));
        Lane {
            space,
            cells,
            standing,
        }
    }

    fn quarter(&self, at: DateTime<Utc>) -> i64 {
        (at - self.window.from).num_minutes().div_euclid(QUARTER)
    }

    fn cell(&self, during: Span, what: What) -> Cell {
        let last = self.window.minutes() / QUARTER;
        let start = self.quarter(during.from).clamp(0, last - 1);
        let end = (during.until - self.window.from).num_minutes();
        let end = (end + QUARTER - 1)
            .div_euclid(QUARTER)
            .clamp(start + 1, last);
        Cell {
            start,
            end,
            during,
            what,
        }
    }

    /// The set-up before a booking and the clearing after it, as far as they are drawn.
    fn turns(&self, entry: &Entry) -> Vec<Cell> {
        let (own, all) = (entry.during, entry.occupies);
        let before = (Span::new(all.from, own.from), "Set-up");
        let after = (Span::new(own.until, all.until), "Clearing");
        let drawn = [before, after]
            .map(|(span, words)| (cut(span, self.window), words))
            .into_iter()
            .filter(|(span, _)| !span.is_empty());
        let cells = drawn.map(|(span, words)| {
            let reference = entry.reference.clone();
            self.cell(span, What::Turn(Turn { reference, words }))
        });
        cells.collect()
    }

    /// The day's openings; while the house is closed, all that is drawn.
    fn openings(&self) -> Vec<Span> {
        match self.day.is_closed() {
            true => vec![self.window],
            false => self.day.openings.iter().map(|one| one.span).collect(),
        }
    }

    /// What closures take of a space within the opening day, and what its parts do, or the whole.
    fn shut(&self, space: &Space) -> Vec<(Span, String)> {
        let within = self.closures.iter().filter(|closure| closure.covers(space));
        let closed = within.map(|closure| (closure.during, closure.wording.clone()));
        let beside = self.beside(space);
        let beside = beside.map(|one| (one.during, format!("{} is booked", one.of)));
        closed
            .chain(beside)
            .map(|(span, words)| (cut(span, self.window), words))
            .filter(|(span, _)| !span.is_empty())
            .collect()
    }

    /// The stretches in which a booking can begin and end, on the grid of the space's policy. Of today
    /// only what is left.
    fn free(&self, space: &Space, entries: &[Entry]) -> Vec<Span> {
        let policy = &space.policy;
        if self.is_past || space.status == Standing::OutOfOrder {
            return Vec::new();
        }
        if !policy.by_time {
            return self.free_days(space, entries);
        }
        let step = Duration::minutes(policy.step_minutes);
        let (setup, after) = (
            Duration::minutes(policy.setup_minutes),
            Duration::minutes(policy.turnaround_minutes),
        );
        let mut free = Vec::new();
        for open in self.openings() {
            let mut from = open.from;
            let busy = entries
                .iter()
                .map(|entry| entry.occupies)
                .chain(self.beside(space).map(|beside| beside.occupies))
                .map(|occupies| (occupies.from - after, occupies.until + setup));
            let shut = self
                .shut(space)
                .into_iter()
                .map(|(span, _)| (span.from, span.until));
            let mut taken: Vec<_> = busy.chain(shut).collect();
            taken.sort();
            taken.push((open.until, open.until));
            for (begins, ends) in taken {
                let floor = |at: DateTime<Utc>| {
                    open.from + step * ((at - open.from).num_minutes() / policy.step_minutes) as i32
                };
                let ceil = |at: DateTime<Utc>| floor(at + step - Duration::minutes(1));
                let left = if self.today { from.max(self.now) } else { from };
                let stretch = Span::new(ceil(left), floor(begins.min(open.until)));
                if stretch.minutes() >= policy.min_minutes {
                    free.push(stretch);
                }
                from = from.max(ends);
            }
        }
        free
    }

    /// By the day alone: all of it or nothing.
    fn free_days(&self, space: &Space, entries: &[Entry]) -> Vec<Span> {
        let opening = self.day.span().unwrap_or(self.window);
        let open = Some(opening).filter(|open| {
            let taken = entries.iter().any(|entry| entry.occupies.overlaps(*open));
            let shut = self
                .shut(space)
                .iter()
                .any(|(span, _)| span.overlaps(*open));
            !taken && !shut && open.until > self.now
        });
        open.into_iter().collect()
    }

    /// `Now` and `Thandeka Mkhize until 11:30`, or what is free.
    fn standing(&self, space: &Space, entries: &[Entry]) -> (&'static str, String) {
        if !self.today {
            return match entries.len() {
                0 if self.day.is_closed() => ("Closed", String::new()),
                0 => ("Free", "all day".to_owned()),
                1 => ("Booked", "once".to_owned()),
                times => ("Booked", format!("{times} times")),
            };
        }
        let clock = |at| self.zone.clock(at);
        let running = entries.iter().find(|entry| {
            entry.during.from <= self.now
                && self.now < entry.during.until
                && entry.state() != "did not come"
        });
        if let Some(entry) = running {
            return match entry.is_late {
                true => (
                    "Late",
                    format!("{}, due {}", entry.member, clock(entry.during.from)),
                ),
                false => (
                    "Now",
                    format!("{} until {}", entry.member, clock(entry.during.until)),
                ),
            };
        }
        if let Some((span, words)) = self
            .shut(space)
            .into_iter()
            .find(|(span, _)| span.from <= self.now && self.now < span.until)
        {
            return ("Shut", format!("until {}: {words}", clock(span.until)));
        }
        let open = self.day.openings.iter().map(|opening| opening.span);
        let Some(open) = open
            .into_iter()
            .find(|open| open.from <= self.now && self.now < open.until)
        else {
            return ("Closed", String::new());
        };
        let next = entries
            .iter()
            .map(|entry| entry.during.from)
            .find(|from| *from > self.now);
        (
            "Free",
            format!("until {}", clock(next.unwrap_or(open.until))),
        )
    }
}

/// From a full hour to a full hour of the local clock, at most a day: the openings, and whatever is booked
/// around them.
pub(super) fn window(zone: Zone, date: NaiveDate, open: Option<Span>, entries: &[Entry]) -> Span {
    let usual = |hour| {
        zone.first_instant(date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()))
    };
    let open = open.unwrap_or_else(|| Span::new(usual(8), usual(17)));
    let own = entries
        .iter()
        .filter(|entry| entry.by_time && zone.date(entry.during.from) == date);
    let (mut from, mut until) = (open.from, open.until);
    for entry in own {
        from = from.min(entry.during.from);
        until = until.max(entry.during.until);
    }
    let past_hour = |at: DateTime<Utc>| {
        Duration::minutes((zone.wall(at).time() - NaiveTime::MIN).num_minutes() % 60)
    };
    let from = from - past_hour(from);
    let over = past_hour(until);
    let until = match over.is_zero() {
        true => until,
        false => until - over + Duration::hours(1),
    };
    Span::new(from, until.min(from + Duration::hours(24)))
}

/// From opening to closing; on a day on which it is closed, as it would be open.
pub(super) fn open_or_not(calendar: &Calendar, date: NaiveDate) -> Option<Span> {
    let open = calendar.day(date).span();
    open.or_else(|| calendar.were_it_open(date).map(|opening| opening.span))
}

pub(super) fn midnight(zone: Zone, date: NaiveDate) -> DateTime<Utc> {
    zone.first_instant(date.and_time(NaiveTime::MIN))
}

fn cut(span: Span, within: Span) -> Span {
    Span::new(span.from.max(within.from), span.until.min(within.until))
}
