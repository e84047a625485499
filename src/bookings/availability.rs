//! What is free, and whether a wish fits: the one function that lists and checks.

use chrono::{DateTime, Duration, NaiveDate, Timelike, Utc};

use super::{
    closure::Closure,
    leave::Leave,
    policy,
    refusal::Refusal,
    sheet::{Changing, Sheet},
    term::{By, Let, Term, Wish},
};
use crate::{
    billing::{
        pass::days::Holdings,
        quote::{Asked, Quote},
    },
    locations::hours::Opening,
    spaces::{
        layout::Layout,
        space::{Kind, Space, Status},
    },
    time::{Span, long_date},
};

/// A wish that fits: what it takes and what it costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub during: Span,
    /// With set-up and turnaround around it.
    pub occupies: Span,
    pub quote: Quote,
    /// How the room is set up, where it can be in several ways.
    pub layout: Option<Layout>,
}

/// The time a wish takes by the rules, before its price.
struct Fit {
    during: Span,
    occupies: Span,
    asked: Asked,
}

impl Sheet {
    /// Whether a wish for a space fits every rule, and what it costs. What a page lists and what a
    /// booking is checked by.
    pub fn check(&self, space: &Space, wish: &Wish) -> Result<Offer, Refusal> {
        self.check_with(space, wish, &mut Leave::default())
    }

    /// The same with the rules that staff have leave to set aside.
    pub fn check_with(
        &self,
        space: &Space,
        wish: &Wish,
        leave: &mut Leave,
    ) -> Result<Offer, Refusal> {
        let fit = self.fit(space, wish, leave)?;
        Ok(Offer {
            during: fit.during,
            occupies: fit.occupies,
            quote: self.quote(space, &fit.asked)?,
            layout: space.layout_for(wish.people, wish.layout),
        })
    }

    /// The rules alone, without the price.
    fn fit(&self, space: &Space, wish: &Wish, leave: &mut Leave) -> Result<Fit, Refusal> {
        let name = || space.name.clone();
        let policy = &space.policy;
        // A hidden one is on a sheet for the front desk alone.
        if !matches!(space.status, Status::Active | Status::Hidden) {
            return Err(Refusal::OutOfOrder { space: name() });
        }
        if let Some(part) = self.parts.broken(space.id) {
            let space = part.to_owned();
            return Err(Refusal::OutOfOrder { space });
        }
        seated(space, wish)?;
        let (during, asked) = self.time(space, &wish.term, leave)?;
        if during.from < self.now() + Duration::minutes(policy.notice_minutes)
            && policy.notice_minutes > 0
            && !self.goes_on(during.from)
        {
            leave.rule(Refusal::TooSoon {
                space: name(),
                notice: policy::notice(policy.notice_minutes),
            })?;
        }
        let today = self.today(space);
        let horizon = today + Duration::days(policy.max_advance_days);
        if self.last_date(space, &asked) > horizon {
            leave.rule(Refusal::TooFar {
                space: name(),
                last: long_date(horizon, today),
            })?;
        }
        let closes = |closure: &&Closure| match asked {
            Asked::Let(_) => closure.is_of_one_space(),
            _ => true,
        };
        if let Some(closure) = self.closures(space, during).find(closes) {
            return Err(Refusal::Closure {
                wording: closure.wording.clone(),
            });
        }
        let occupies = during.widened(policy.setup_minutes, policy.turnaround_minutes);
        if self.is_taken(space, during) {
            return Err(Refusal::Taken { space: name() });
        }
        if let Some(most) = policy.max_at_once
            && self.own_at_once(space.kind, during) >= most
        {
            leave.rule(Refusal::TooManyAtOnce { count: most })?;
        }
        self.limited(space, (&wish.term, during), leave)?;
        self.has_room(space, wish.people, during, leave)?;
        Ok(Fit {
            during,
            occupies,
            asked,
        })
    }

    /// Something else takes a part of a time, or of what goes before and after it.
    pub fn is_taken(&self, space: &Space, during: Span) -> bool {
        let (before, after) = (space.policy.setup_minutes, space.policy.turnaround_minutes);
        let occupies = during.widened(before, after);
        let mut busy = self.busy(space).iter();
        busy.any(|taken| taken.overlaps(occupies))
    }

    /// The location takes so many more people all that time; what a booking has of it already, it keeps.
    fn has_room(
        &self,
        space: &Space,
        people: i32,
        during: Span,
        leave: &mut Leave,
    ) -> Result<(), Refusal> {
        let location = self.location(space);
        let Some(most) = location.most_at_once else {
            return Ok(());
        };
        let keeps = |was: Changing| {
            was.location == location.id && was.during.contains(during) && people <= was.people
        };
        let left = most - self.crowd(location.id, during);
        if people <= left || self.changing.is_some_and(keeps) {
            return Ok(());
        }
        leave.rule(Refusal::HouseFull {
            place: location.name.clone(),
            most,
            left: match left {
                ..=0 => "is full".to_owned(),
                1 => "1 more fits".to_owned(),
                left => format!("{left} more fit"),
            },
        })
    }

    /// The booking that is to be changed begins then already.
    fn goes_on(&self, from: DateTime<Utc>) -> bool {
        self.changing.is_some_and(|booking| booking.from == from)
    }

    /// The same for whole days: the instant of that first day at which it begins, where it was by whole days
    /// before, or has begun.
    fn went_on_from(&self, space: &Space, first: NaiveDate, by: By) -> Option<DateTime<Utc>> {
        let booking = self.changing?;
        let goes_on = booking.by == by || booking.from <= self.now();
        (goes_on && self.zone(space).date(booking.from) == first).then_some(booking.from)
    }

    fn last_date(&self, space: &Space, asked: &Asked) -> NaiveDate {
        match asked {
            Asked::Time(opening) => opening.date,
            Asked::Days(openings) => openings
                .last()
                .map_or(self.today(space), |opening| opening.date),
            Asked::Let(term) => term.last(),
        }
    }

    /// Whether any of the sheet's spaces takes the wish.
    pub fn fits(&self, wish: &Wish) -> bool {
        self.spaces
            .iter()
            .any(|space| self.fit(space, wish, &mut Leave::default()).is_ok())
    }

    /// The space that takes the wish best. When none does: the rule that refuses everywhere, or that
    /// all are taken.
    pub fn best(&self, wish: &Wish) -> Result<(&Space, Offer), Refusal> {
        if let [space] = self.spaces.as_slice() {
            return self.check(space, wish).map(|offer| (space, offer));
        }
        match self.free(wish).into_iter().next() {
            Some(best) => Ok(best),
            None => Err(self.why_none(wish)),
        }
    }

    /// What keeps people from all of several spaces: their own limit, then that everything is taken,
    /// then the rule that refuses.
    fn why_none(&self, wish: &Wish) -> Refusal {
        let rank = |refusal: &Refusal| match refusal {
            Refusal::TooManyAtOnce { .. } | Refusal::OverLimit(_) | Refusal::HouseFull { .. } => 0,
            taken if taken.is_taken() => 1,
            Refusal::Closure { .. } => 3,
            Refusal::TooManyPeople { .. } | Refusal::LayoutTooSmall { .. } => 4,
            Refusal::OutOfOrder { .. } => 5,
            _ => 2,
        };
        let refusals = self
            .spaces
            .iter()
            .filter_map(|space| self.fit(space, wish, &mut Leave::default()).err());
        match refusals.min_by_key(rank) {
            Some(Refusal::TooManyPeople { .. }) => Refusal::NoneSeats {
                people: wish.people,
            },
            Some(refusal) if !refusal.is_taken() => refusal,
            _ => Refusal::NoneFree,
        }
    }

    /// The price of a wish, whether or not it is free; the refusal when it breaks a rule of time.
    pub fn price(&self, space: &Space, term: &Term) -> Result<Quote, Refusal> {
        let (_, asked) = self.time(space, term, &mut Leave::default())?;
        self.quote(space, &asked)
    }

    /// The price of a time within one day, whatever its policy and the opening hours say.
    pub fn price_of_use(&self, space: &Space, used: Span) -> Result<Quote, Refusal> {
        let date = self.zone(space).date(used.from);
        self.quote(space, &Asked::Time(Opening { date, span: used }))
    }

    fn quote(&self, space: &Space, asked: &Asked) -> Result<Quote, Refusal> {
        let none = Holdings::default();
        let passes = match space.kind {
            Kind::HotDesk => &self.passes,
            Kind::MeetingRoom | Kind::Office => &none,
        };
        let quote = asked.first().and_then(|on| {
            Quote::beside(
                passes.cover(space.location, asked.openings()),
                &self.prices().of(space, on),
                asked,
                self.prices().vat(on),
            )
        });
        quote.ok_or_else(|| Refusal::NoPrice {
            space: space.name.clone(),
        })
    }

    /// The rules of time alone: when it begins and ends, and what is to be paid for.
    fn time(
        &self,
        space: &Space,
        term: &Term,
        leave: &mut Leave,
    ) -> Result<(Span, Asked), Refusal> {
        let by = term.by();
        if !space.policy.allows(by) {
            return Err(match by {
                By::Let(_) if space.kind == Kind::HotDesk => Refusal::TakeAPass {
                    by,
                    asked: by.words().replace("the ", "a "),
                },
                _ => Refusal::NotBy {
                    by,
                    space: space.name.clone(),
                    asked: by.words(),
                    ways: space.policy.ways_in_words(),
                },
            });
        }
        match *term {
            Term::Time(span) => {
                let opening = self.check_time(space, span, leave)?;
                Ok((opening.span, Asked::Time(opening)))
            }
            Term::Days { first, last } => {
                let openings = self.check_days(space, first, last, leave)?;
                Ok((whole(&openings), Asked::Days(openings)))
            }
            Term::Let(term) => Ok((self.check_let(space, term, leave)?, Asked::Let(term))),
        }
    }

    fn check_time(&self, space: &Space, span: Span, leave: &mut Leave) -> Result<Opening, Refusal> {
        let policy = &space.policy;
        if span.is_empty() {
            return Err(Refusal::EndBeforeStart);
        }
        let earliest = leave.earliest(self.now(), policy.step_minutes);
        let begins_late = span.from < earliest && !self.goes_on(span.from);
        if begins_late || span.until <= self.now() {
            leave.rule(Refusal::Past)?;
        }
        let calendar = self.calendar(space);
        let opening = calendar
            .opening_at(span.from)
            .filter(|opening| opening.span.contains(span));
        let date = calendar.zone.date(span.from);
        match opening {
            Some(opening) => self.check_steps(space, span, opening, leave)?,
            None => leave.rule(self.outside(space, date))?,
        }
        if span.minutes() < policy.min_minutes {
            leave.rule(Refusal::TooShort {
                space: space.name.clone(),
                least: crate::time::length(policy.min_minutes),
            })?;
        }
        if span.minutes() > policy.max_minutes {
            leave.rule(Refusal::TooLong {
                space: space.name.clone(),
                most: crate::time::length(policy.max_minutes),
            })?;
        }
        Ok(Opening {
            date: opening.map_or(date, |opening| opening.date),
            span,
        })
    }

    /// Both ends stand on the steps that are counted from the opening.
    fn check_steps(
        &self,
        space: &Space,
        span: Span,
        opening: Opening,
        leave: &mut Leave,
    ) -> Result<(), Refusal> {
        let step = space.policy.step_minutes;
        let exact = |at: DateTime<Utc>| {
            (at - opening.span.from).num_seconds() % (step * 60) == 0 && at.nanosecond() == 0
        };
        if exact(span.from) && exact(span.until) {
            return Ok(());
        }
        let (first, zone) = (opening.span.from, self.zone(space));
        let such_as = [1, 2]
            .map(|n| zone.clock(first + Duration::minutes(n * step)))
            .join(" or ");
        leave.rule(Refusal::OffGrid {
            step: crate::time::length(step),
            such_as,
        })
    }

    /// Every day spanned is open, or staff have leave to open it; what is left of today counts as today.
    fn check_days(
        &self,
        space: &Space,
        first: NaiveDate,
        last: NaiveDate,
        leave: &mut Leave,
    ) -> Result<Vec<Opening>, Refusal> {
        if last < first {
            return Err(Refusal::EndBeforeStart);
        }
        let begun = self.went_on_from(space, first, By::Day);
        if first < self.today(space) && begun.is_none() {
            leave.rule(Refusal::Past)?;
        }
        let calendar = self.calendar(space);
        let mut openings = Vec::new();
        for date in first.iter_days().take_while(|date| *date <= last) {
            let span = match calendar.day(date).span() {
                Some(span) => span,
                None => {
                    let closed = self.closed(space, date);
                    let opening = calendar.were_it_open(date);
                    let opening = opening.ok_or_else(|| closed.clone())?;
                    leave.rule(closed)?;
                    opening.span
                }
            };
            let left = match begun {
                Some(from) => Span::new(from.max(span.from), span.until),
                None if date == self.today(space) => self.left_of(space, span),
                None => span,
            };
            let left = match left.is_empty() {
                true => {
                    leave.rule(Refusal::Past)?;
                    span
                }
                false => left,
            };
            openings.push(Opening { date, span: left });
        }
        Ok(openings)
    }

    /// One that begins today is theirs from now on, and ends as if it had begun at midnight.
    fn check_let(&self, space: &Space, term: Let, leave: &mut Leave) -> Result<Span, Refusal> {
        if term.count == 0 {
            return Err(Refusal::EndBeforeStart);
        }
        if let Some(from) = self.went_on_from(space, term.first, By::Let(term.unit)) {
            return Ok(Span::new(from, term.span(self.zone(space)).until));
        }
        if term.first < self.today(space) {
            leave.rule(Refusal::Past)?;
            return Ok(term.span(self.zone(space)));
        }
        Ok(self.left_of(space, term.span(self.zone(space))))
    }

    /// Without the steps that have gone by.
    fn left_of(&self, space: &Space, span: Span) -> Span {
        let step = space.policy.step_minutes;
        let begun = (self.now() - span.from).num_minutes().max(0);
        Span::new(
            span.from + Duration::minutes(begun / step * step),
            span.until,
        )
    }

    fn outside(&self, space: &Space, date: NaiveDate) -> Refusal {
        let calendar = self.calendar(space);
        let day = calendar.day(date);
        if day.is_closed() {
            return self.closed(space, date);
        }
        let today = self.today(space);
        let hours: Vec<String> = day
            .openings
            .iter()
            .map(|opening| opening.words(calendar.zone))
            .collect();
        Refusal::OutsideHours {
            place: self.place(space),
            date: long_date(date, today),
            hours: hours.join(" and "),
        }
    }

    fn closed(&self, space: &Space, date: NaiveDate) -> Refusal {
        let because = self
            .calendar(space)
            .day(date)
            .reason
            .map(|reason| format!(" ({reason})"))
            .unwrap_or_default();
        Refusal::ClosedDay {
            place: self.place(space),
            date: long_date(date, self.today(space)),
            because,
        }
    }

    /// The most own bookings of a kind that run at one moment of `during`.
    pub(super) fn own_at_once(&self, kind: Kind, during: Span) -> usize {
        let same: Vec<Span> = self
            .own
            .iter()
            .filter(|(own, span)| *own == kind && span.overlaps(during))
            .map(|(_, span)| *span)
            .collect();
        let moments = same.iter().map(|span| span.from.max(during.from));
        moments
            .map(|at| {
                same.iter()
                    .filter(|span| span.from <= at && at < span.until)
                    .count()
            })
            .max()
            .unwrap_or(0)
    }

    fn place(&self, space: &Space) -> String {
        self.location(space).name.clone()
    }

    /// How many minutes stay free around a wish on a space: the best fit leaves the fewest.
    pub fn slack(&self, space: &Space, offer: &Offer) -> i64 {
        let day = self
            .day(space, self.zone(space).date(offer.during.from))
            .span()
            .unwrap_or(offer.during);
        let before = self
            .busy(space)
            .iter()
            .map(|taken| taken.until)
            .filter(|end| *end <= offer.occupies.from)
            .max();
        let after = self
            .busy(space)
            .iter()
            .map(|taken| taken.from)
            .filter(|start| *start >= offer.occupies.until)
            .min();
        let from = before.map_or(day.from, |end| end.max(day.from));
        let until = after.map_or(day.until, |start| start.min(day.until));
        Span::new(from, until).minutes()
    }

    /// The spaces that a wish fits, best fit first.
    pub fn free(&self, wish: &Wish) -> Vec<(&Space, Offer)> {
        self.free_with(wish, &Leave::default())
    }

    pub fn free_with(&self, wish: &Wish, leave: &Leave) -> Vec<(&Space, Offer)> {
        let fits = |space| self.check_with(space, wish, &mut leave.clone()).ok();
        let spaces = self.spaces.iter();
        let mut free: Vec<_> = spaces
            .filter_map(|space| Some((space, fits(space)?)))
            .collect();
        free.sort_by_key(|(space, offer)| self.slack(space, offer));
        free
    }

    /// The same wish at the nearest time it fits on this space, within the days of this sheet.
    pub fn nearest(&self, space: &Space, wish: &Wish) -> Option<(Term, Offer)> {
        let days = || {
            self.days
                .0
                .iter_days()
                .take_while(|date| *date <= self.days.1)
        };
        let fits = |term: Term| Some((term, self.check(space, &Wish { term, ..*wish }).ok()?));
        match wish.term {
            Term::Time(span) => {
                let length = span.until - span.from;
                let mut starts: Vec<DateTime<Utc>> = days()
                    .flat_map(|date| self.day(space, date).openings)
                    .flat_map(|opening| self.steps(space, opening.span))
                    .collect();
                starts.sort_by_key(|start| (*start - span.from).abs());
                starts
                    .into_iter()
                    .find_map(|start| fits(Term::Time(Span::new(start, start + length))))
            }
            term => fits(term.starting(self.free_from(space, wish, self.days.0)?)),
        }
    }

    /// The first day from `day` on, within the days of this sheet, on which a wish for days, weeks or
    /// months can begin.
    pub fn free_from(&self, space: &Space, wish: &Wish, day: NaiveDate) -> Option<NaiveDate> {
        let days = day.max(self.days.0).iter_days();
        days.take_while(|day| *day <= self.days.1).find(|day| {
            let term = wish.term.starting(*day);
            let wish = Wish { term, ..*wish };
            term.utc_dates().1 <= self.days.1
                && self.fit(space, &wish, &mut Leave::default()).is_ok()
        })
    }

    /// The instants of a space's grid within an opening, its end and times that happen twice left out.
    pub fn steps(
        &self,
        space: &Space,
        within: Span,
    ) -> impl Iterator<Item = DateTime<Utc>> + use<> {
        let (step, zone) = (space.policy.step_minutes, self.zone(space));
        (0..within.minutes() / step)
            .map(move |n| within.from + Duration::minutes(n * step))
            .filter(move |at| zone.instant(zone.wall(*at)).is_ok())
    }
}

/// So many people have a seat in the layout that is meant.
fn seated(space: &Space, wish: &Wish) -> Result<(), Refusal> {
    let name = || space.name.clone();
    let people = wish.people;
    if people < 1 {
        return Err(Refusal::NoPeople);
    }
    if people > space.seats {
        return Err(Refusal::TooManyPeople {
            space: name(),
            seats: space.seats,
        });
    }
    let Some(layout) = wish.layout.filter(|_| !space.layouts.is_empty()) else {
        return Ok(());
    };
    let described =
        |layout: Layout, seats: i32| format!("{} ({seats})", layout.label().to_lowercase());
    match space.layouts.get(&layout) {
        Some(seats) if people <= *seats => Ok(()),
        Some(seats) => {
            let fitting = space.layouts.iter().filter(|(_, seats)| **seats >= people);
            let fitting: Vec<String> = fitting
                .map(|(layout, seats)| described(*layout, *seats))
                .collect();
            let instead = match fitting.as_slice() {
                [] => format!("Choose {seats} or fewer."),
                some => format!("For {people} choose {}.", some.join(" or ")),
            };
            Err(Refusal::LayoutTooSmall {
                space: name(),
                seats: *seats,
                layout: layout.label().to_lowercase(),
                instead,
            })
        }
        None => {
            let offered = space.layouts.iter();
            let offered: Vec<String> = offered
                .map(|(layout, seats)| described(*layout, *seats))
                .collect();
            Err(Refusal::NoSuchLayout {
                space: name(),
                offered: offered.join(" or "),
            })
        }
    }
}

/// From the first opening's beginning to the last one's end; a wish has at least one.
fn whole(openings: &[Opening]) -> Span {
    Span::new(
        openings[0].span.from,
        openings[openings.len() - 1].span.until,
    )
}
