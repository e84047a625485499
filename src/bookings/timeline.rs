//! The day of a location as the front desk sees it: every space across the opening day, with what is
//! booked, what is free and what is shut.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use sqlx::{PgConnection, postgres::types::PgRange};
use uuid::Uuid;

use super::{booking::Status, closure::Closure, front_desk::LATE_AFTER};
use crate::{
    error::Result,
    id::Id,
    locations::{
        hours::{Calendar, Day},
        location::Location,
    },
    spaces::space::{Audience, Kind, Space, Status as Standing, Which},
    time::{Span, Zone},
};

/// The grid is laid out in quarter hours.
const QUARTER: i64 = 15;

/// A day at a location, drawn from its first opening to its last closing, or wider if something is
/// booked outside of that.
pub struct Timeline {
    pub zone: Zone,
    pub date: NaiveDate,
    /// Full hours from the first to the last instant that is drawn.
    pub window: Span,
    /// 1 to 24.
    pub hours: i64,
    /// Why there are other hours than usual, or none.
    pub reason: Option<String>,
    pub is_closed: bool,
    pub sections: Vec<Section>,
    /// The quarter hour it is now, on the day itself.
    pub now: Option<i64>,
}

/// The spaces of a kind.
pub struct Section {
    pub kind: Kind,
    pub lanes: Vec<Lane>,
}

pub struct Lane {
    pub space: Space,
    pub cells: Vec<Cell>,
    /// `Now` and `Thandeka Mkhize until 11:30`; on other days how much is booked.
    pub standing: (&'static str, String),
}

/// A stretch of the day, in quarter hours of the window.
pub struct Cell {
    pub start: i64,
    pub end: i64,
    pub during: Span,
    pub what: What,
}

pub enum What {
    Booked(Entry),
    /// Free for a booking of this whole time, or a shorter one within it.
    Free,
    /// The same while the house is closed: the front desk books it with a reason.
    Closed,
    /// A booking's set-up or clearing, which nobody else can have.
    Turn(Turn),
    /// Closed, with the words that everybody may read.
    Shut(String),
}

/// What a booking takes of its space before or after its own time.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The booking's.
    pub reference: String,
    /// `Set-up` or `Clearing`.
    pub words: &'static str,
}

/// A booking on its space.
#[derive(Clone, Debug)]
pub struct Entry {
    space: Uuid,
    pub reference: String,
    pub member: String,
    /// Who pays, where that is a company.
    pub company: String,
    pub title: String,
    pub people: i32,
    pub status: Status,
    pub version: i32,
    /// How many wait for a time that it takes.
    pub waiting: i64,
    /// The time that it takes of the space without set-up and turnaround: less than was booked, where
    /// they left early.
    pub during: Span,
    occupies: Span,
    pub is_late: bool,
    /// By time alone it can be drawn elsewhere and made longer.
    pub by_time: bool,
    /// By the week or the month.
    is_let: bool,
}

impl Timeline {
    pub async fn read(
        db: &mut PgConnection,
        location: &Location,
        date: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Timeline> {
        let which = Which {
            location: Some(location.id),
            audience: Audience::Desk,
            ..Which::default()
        };
        let spaces = Space::list(db, which).await?;
        let places = std::slice::from_ref(location);
        let calendars = Calendar::of_all(db, places, date, date).await?;
        let calendar = &calendars[&location.id];
        let whole = Span::new(
            midnight(location.zone, date),
            midnight(location.zone, date + Duration::days(1)),
        );
        let day = calendar.day(date);
        // A night's opening is drawn to its end.
        let until = day
            .span()
            .map_or(whole.until, |open| open.until.max(whole.until));
        let read = Span::new(whole.from, until);
        let entries = Entry::within(db, location.id, read, now).await?;
        let beside = Beside::within(db, location.id, read).await?;
        let closures = Closure::within(db, read).await?;
        let drawing = Drawing {
            zone: location.zone,
            window: window(location.zone, date, open_or_not(calendar, date), &entries),
            today: location.zone.date(now) == date,
            is_past: date < location.zone.date(now),
            day,
            closures,
            beside,
            now,
        };
        Ok(drawing.timeline(date, spaces, entries))
    }

    pub fn clock(&self, at: &DateTime<Utc>) -> String {
        self.zone.clock(*at)
    }

    /// `09:00–11:30`, as far as it is of this day: `From 09:00`, `Until 11:30`, `All day`.
    pub fn times(&self, during: &Span) -> String {
        let begins = during.from >= self.window.from;
        let ends = during.until <= self.window.until;
        match (begins, ends) {
            (true, true) => format!(
                "{}–{}",
                self.zone.clock(during.from),
                self.zone.clock(during.until)
            ),
            (true, false) => format!("From {}", self.zone.clock(during.from)),
            (false, true) => format!("Until {}", self.zone.clock(during.until)),
            (false, false) => "All day".to_owned(),
        }
    }

    /// The clock at each full hour.
    pub fn scale(&self) -> Vec<String> {
        (0..self.hours)
            .map(|hour| self.zone.clock(self.window.from + Duration::hours(hour)))
            .collect()
    }

    /// Minutes from local midnight to the first that is drawn.
    pub fn begins(&self) -> i64 {
        (self.zone.wall(self.window.from).time() - NaiveTime::MIN).num_minutes()
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let cells = self
            .sections
            .iter()
            .flat_map(|section| &section.lanes)
            .flat_map(|lane| &lane.cells);
        cells.filter_map(|cell| match &cell.what {
            What::Booked(entry) => Some(entry),
            _ => None,
        })
    }

    pub fn lane(&self, slug: &str) -> Option<&Lane> {
        let mut lanes = self.sections.iter().flat_map(|section| &section.lanes);
        lanes.find(|lane| lane.space.slug == slug)
    }
}

impl Cell {
    /// How much room there is for words, as a class: up to two, four and seven quarters of a day of twelve hours.
    pub fn room(&self, hours: &i64) -> &'static str {
        match (self.end - self.start) * 12 {
            length if length <= 2 * hours => "s1",
            length if length <= 4 * hours => "s2",
            length if length <= 7 * hours => "s3",
            _ => "s4",
        }
    }
}

impl Section {
    /// For each hour of the window, how many of its spaces are taken at some time in it.
    pub fn load(&self, timeline: &Timeline) -> Vec<usize> {
        let taken = |lane: &&Lane, hour: i64| {
            lane.cells.iter().any(|cell| {
                matches!(cell.what, What::Booked(_))
                    && cell.start < 4 * (hour + 1)
                    && cell.end > 4 * hour
            })
        };
        (0..timeline.hours)
            .map(|hour| self.lanes.iter().filter(|lane| taken(lane, hour)).count())
            .collect()
    }
}

impl Entry {
    /// Everything that takes a space of a location in a window, in one query: of each space the last row
    /// that starts before it and those that start in it, as rows never overlap.
    async fn within(
        db: &mut PgConnection,
        location: Id<Location>,
        window: Span,
        now: DateTime<Utc>,
    ) -> Result<Vec<Entry>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select o.space_id as "space!", b.reference, case when b.channel = 'door' and b.created_by is null then 'At the door' else m.name end as "member!", coalesce(c.name, '') as "company!", b.title,
                      b.people, b.status, b.version, b.term, o.during as "during!", o.occupies as "occupies!",
                      (select count(*) from waiting x join waitlist_entries w on w.id = x.entry_id
                       where x.space_id = s.id
                         and (w.during && o.during
                              or w.during is null
                                 and w.first_day <= (upper(o.during) at time zone l.time_zone)::date
                                 and w.last_day >= (lower(o.during) at time zone l.time_zone)::date)) as "waiting!"
               from spaces s
               join locations l on l.id = s.location_id
               cross join lateral (
                   (select space_id, booking_id, during, occupies, held_until from occupancies
                    where space_id = s.id and active and lower(occupies) < $2
                    order by lower(occupies) desc limit 1)
                   union all
                   (select space_id, booking_id, during, occupies, held_until from occupancies
                    where space_id = s.id and active and lower(occupies) >= $2 and lower(occupies) < $3)
               ) o
               join bookings b on b.id = o.booking_id
               join members m on m.id = b.member_id
               join accounts a on a.id = b.account_id
               left join companies c on c.id = a.company_id
               where s.location_id = $1 and upper(o.during) > $2 and lower(o.during) < $3
                 and (o.held_until is null or o.held_until > now())
               order by lower(o.during)"#,
            location.get(),
            window.from,
            window.until
        )
        .fetch_all(db)
        .await?;
        rows.into_iter().map(|row| row.entry(now)).collect()
    }

    /// How it is drawn.
    pub fn class(&self) -> &'static str {
        match self.status {
            _ if self.is_late => "bk late",
            // Whoever rents for weeks need not stand out every day.
            Status::CheckedIn if self.is_let => "bk",
            Status::CheckedIn => "bk here",
            Status::Held => "bk hold",
            Status::Pending => "bk ask",
            Status::Completed | Status::NoShow => "bk past",
            _ => "bk",
        }
    }

    /// `late`, `here`; empty for what goes as usual.
    pub fn state(&self) -> &'static str {
        match self.status {
            _ if self.is_late => "late",
            Status::CheckedIn => "here",
            Status::Held => "held",
            Status::Pending => "to be decided",
            Status::Completed => "over",
            Status::NoShow => "did not come",
            _ => "",
        }
    }

    /// What stands for the name where there is no room for it.
    pub fn initials(&self) -> String {
        let mut words = self
            .member
            .split_whitespace()
            .filter_map(|word| word.chars().next());
        let first = words.next();
        first
            .into_iter()
            .chain(words.next_back())
            .flat_map(char::to_uppercase)
            .collect()
    }

    /// It can be moved: it is neither over nor bound to whole days.
    pub fn is_movable(&self) -> bool {
        self.by_time
            && matches!(
                self.status,
                Status::Held | Status::Pending | Status::Confirmed | Status::CheckedIn
            )
    }
}

struct Row {
    space: Uuid,
    reference: String,
    member: String,
    company: String,
    title: String,
    people: i32,
    status: String,
    version: i32,
    term: String,
    during: PgRange<DateTime<Utc>>,
    occupies: PgRange<DateTime<Utc>>,
    waiting: i64,
}

impl Row {
    fn entry(self, now: DateTime<Utc>) -> Result<Entry> {
        let status = Status::named(&self.status)?;
        let during = Span::from(self.during);
        let is_late =
            status == Status::Confirmed && during.from + LATE_AFTER < now && now < during.until;
        Ok(Entry {
            space: self.space,
            reference: self.reference,
            member: self.member,
            company: self.company,
            title: self.title,
            people: self.people,
            status,
            version: self.version,
            during,
            occupies: self.occupies.into(),
            waiting: self.waiting,
            is_late,
            by_time: self.term == "time",
            is_let: matches!(self.term.as_str(), "week" | "month"),
        })
    }
}

/// What every lane of a day is drawn with.
struct Drawing {
    zone: Zone,
    window: Span,
    today: bool,
    is_past: bool,
    day: Day,
    closures: Vec<Closure>,
    beside: Vec<Beside>,
    now: DateTime<Utc>,
}

/// Time that a space's parts take of it, or the wholes that it is a part of.
struct Beside {
    space: Uuid,
    /// The name of what is booked.
    of: String,
    during: Span,
    occupies: Span,
}

impl Beside {
    async fn within(
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

    fn timeline(self, date: NaiveDate, spaces: Vec<Space>, entries: Vec<Entry>) -> Timeline {
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
fn window(zone: Zone, date: NaiveDate, open: Option<Span>, entries: &[Entry]) -> Span {
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
fn open_or_not(calendar: &Calendar, date: NaiveDate) -> Option<Span> {
    let open = calendar.day(date).span();
    open.or_else(|| calendar.were_it_open(date).map(|opening| opening.span))
}

fn midnight(zone: Zone, date: NaiveDate) -> DateTime<Utc> {
    zone.first_instant(date.and_time(NaiveTime::MIN))
}

fn cut(span: Span, within: Span) -> Span {
    Span::new(span.from.max(within.from), span.until.min(within.until))
}
