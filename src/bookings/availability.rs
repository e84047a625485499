//! What is free, and whether a wish fits: the one function that lists and checks.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Timelike, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{closure::Closure, policy, refusal::Refusal};
use crate::{
    billing::{quote::Quote, rate::PriceList},
    error::Result,
    id::Id,
    locations::{
        hours::{Calendar, Day, Opening},
        location::Location,
    },
    members::member::Member,
    spaces::space::{Kind, Space, Status, Which},
    time::{Ambiguity, Span, Zone, long_date},
};

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    pub term: Term,
    pub people: i32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Term {
    /// Within one opening of one day.
    Time(Span),
    /// Consecutive open days, both included.
    Days { first: NaiveDate, last: NaiveDate },
}

impl Term {
    /// Two times on the location's wall clock.
    pub fn at(zone: Zone, from: NaiveDateTime, until: NaiveDateTime) -> Result<Term, Refusal> {
        Ok(Term::Time(Span::new(
            instant(zone, from)?,
            instant(zone, until)?,
        )))
    }

    /// The last of several days; none by time.
    pub fn last_day(&self) -> Option<NaiveDate> {
        match *self {
            Term::Time(_) => None,
            Term::Days { last, .. } => Some(last),
        }
    }

    /// The dates it begins and ends on in Greenwich: near enough to know which days to read.
    pub fn utc_dates(&self) -> (NaiveDate, NaiveDate) {
        match *self {
            Term::Time(span) => (span.from.date_naive(), span.until.date_naive()),
            Term::Days { first, last } => (first, last),
        }
    }

    pub fn key(&self) -> &'static str {
        match self {
            Term::Time(_) => "time",
            Term::Days { .. } => "day",
        }
    }

    /// `Tue 24 November, 10:30–11:30`, or the days: `Tue 24 November – Thu 26 November`.
    pub fn words(&self, zone: Zone, today: NaiveDate) -> String {
        match *self {
            Term::Time(span) if zone.date(span.from) == zone.date(span.until) => {
                format!(
                    "{}, {}",
                    long_date(zone.date(span.from), today),
                    zone.range(span, today)
                )
            }
            Term::Time(span) => zone.range(span, today),
            Term::Days { first, last } if first == last => long_date(first, today),
            Term::Days { first, last } => {
                format!("{} – {}", long_date(first, today), long_date(last, today))
            }
        }
    }

    /// The local dates it begins and ends on.
    pub fn dates(&self, zone: Zone) -> (NaiveDate, NaiveDate) {
        match *self {
            Term::Time(span) => (zone.date(span.from), zone.date(span.until)),
            Term::Days { first, last } => (first, last),
        }
    }
}

/// The instant of a wall-clock time that somebody typed.
pub fn instant(zone: Zone, wall: NaiveDateTime) -> Result<DateTime<Utc>, Refusal> {
    zone.instant(wall).map_err(|ambiguity| {
        let (date, time) = (
            wall.format("%-d %B %Y").to_string(),
            wall.format("%H:%M").to_string(),
        );
        match ambiguity {
            Ambiguity::Missing => Refusal::TimeMissing { date, time },
            Ambiguity::Twice => Refusal::TimeTwice { date, time },
        }
    })
}

/// A wish that fits: what it takes and what it costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    pub during: Span,
    /// With set-up and turnaround around it.
    pub occupies: Span,
    pub quote: Quote,
}

/// For whom a sheet is read: their own bookings count against their limit, and a hold that their new
/// order would replace is not in their way.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    member: Option<Id<Member>>,
    at_checkout: bool,
    key: Option<String>,
}

impl Asker {
    /// On the pages, where a new hold takes the place of the one before.
    pub fn member(member: Id<Member>) -> Asker {
        Asker {
            member: Some(member),
            at_checkout: true,
            key: None,
        }
    }

    /// Through the API, which leaves a hold on the pages alone.
    pub fn program(member: Id<Member>) -> Asker {
        Asker {
            member: Some(member),
            at_checkout: false,
            key: None,
        }
    }

    /// With the key of an unproven hold that their browser made.
    pub fn holding(self, key: Option<String>) -> Asker {
        Asker { key, ..self }
    }
}

/// Spaces with everything that decides whether they are free on some days.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub locations: BTreeMap<Id<Location>, Location>,
    pub spaces: Vec<Space>,
    calendars: BTreeMap<Id<Location>, Calendar>,
    closures: Vec<Closure>,
    prices: PriceList,
    /// What takes each space, in order, holds past their time left out.
    busy: BTreeMap<Id<Space>, Vec<Span>>,
    /// The bookings of the member it was made for.
    own: Vec<(Kind, Span)>,
    days: (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
}

impl Sheet {
    /// For all days from `first` to `last`.
    pub async fn load(
        db: &mut PgConnection,
        which: Which<'_>,
        (first, last): (NaiveDate, NaiveDate),
        asker: &Asker,
        now: DateTime<Utc>,
    ) -> Result<Sheet> {
        // An end before the start is for the check to refuse, not for the database.
        let last = last.max(first);
        let locations = Location::all(&mut *db).await?;
        let mut spaces = Space::list(&mut *db, which).await?;
        spaces.retain(|space| {
            locations
                .iter()
                .any(|location| location.id == space.location)
        });
        let (from, until) = (first - Duration::days(1), last + Duration::days(2));
        let calendars = Calendar::of_all(&mut *db, &locations, from, until).await?;
        let window = Span::new(midnight(from), midnight(until));
        Ok(Sheet {
            closures: Closure::within(&mut *db, window).await?,
            prices: PriceList::load(&mut *db).await?,
            busy: busy(&mut *db, &spaces, window, asker).await?,
            own: match asker.member {
                Some(member) => own(&mut *db, member, window).await?,
                None => Vec::new(),
            },
            locations: locations
                .into_iter()
                .map(|location| (location.id, location))
                .collect(),
            spaces,
            calendars,
            days: (first, last),
            now,
        })
    }

    /// Whether a wish for a space fits every rule, and what it costs. What a page lists and what a
    /// booking is checked by.
    pub fn check(&self, space: &Space, wish: &Wish) -> Result<Offer, Refusal> {
        let (occupies, openings) = self.fit(space, wish)?;
        let quote = self
            .quote(space, &wish.term, &openings)
            .ok_or_else(|| Refusal::NoPrice {
                space: space.name.clone(),
            })?;
        Ok(Offer {
            during: whole(&openings),
            occupies,
            quote,
        })
    }

    /// The rules alone, without the price: what it would take, and of which openings.
    fn fit(&self, space: &Space, wish: &Wish) -> Result<(Span, Vec<Opening>), Refusal> {
        let name = || space.name.clone();
        let policy = &space.policy;
        if space.status != Status::Active {
            return Err(Refusal::OutOfOrder { space: name() });
        }
        if wish.people < 1 {
            return Err(Refusal::NoPeople);
        }
        if wish.people > space.seats {
            return Err(Refusal::TooManyPeople {
                space: name(),
                seats: space.seats,
            });
        }
        let openings = match wish.term {
            Term::Time(span) => vec![self.check_time(space, span)?],
            Term::Days { first, last } => self.check_days(space, first, last)?,
        };
        let during = whole(&openings);
        if during.from < self.now + Duration::minutes(policy.notice_minutes)
            && policy.notice_minutes > 0
        {
            return Err(Refusal::TooSoon {
                space: name(),
                notice: policy::notice(policy.notice_minutes),
            });
        }
        let today = self.today(space);
        let horizon = today + Duration::days(policy.max_advance_days);
        if openings.iter().any(|opening| opening.date > horizon) {
            return Err(Refusal::TooFar {
                space: name(),
                last: long_date(horizon, today),
            });
        }
        if let Some(closure) = self.closures(space, during).next() {
            return Err(Refusal::Closure {
                wording: closure.wording.clone(),
            });
        }
        let occupies = during.widened(policy.setup_minutes, policy.turnaround_minutes);
        if self
            .busy(space)
            .iter()
            .any(|taken| taken.overlaps(occupies))
        {
            return Err(Refusal::Taken { space: name() });
        }
        if let Some(most) = policy.max_at_once
            && self.own_at_once(space.kind, during) >= most
        {
            return Err(Refusal::TooManyAtOnce { count: most });
        }
        Ok((occupies, openings))
    }

    /// Whether any of the sheet's spaces takes the wish.
    pub fn fits(&self, wish: &Wish) -> bool {
        self.spaces
            .iter()
            .any(|space| self.fit(space, wish).is_ok())
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
            Refusal::TooManyAtOnce { .. } => 0,
            taken if taken.is_taken() => 1,
            Refusal::Closure { .. } => 3,
            Refusal::TooManyPeople { .. } => 4,
            Refusal::OutOfOrder { .. } => 5,
            _ => 2,
        };
        let refusals = self
            .spaces
            .iter()
            .filter_map(|space| self.fit(space, wish).err());
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
        let openings = match *term {
            Term::Time(span) => vec![self.check_time(space, span)?],
            Term::Days { first, last } => self.check_days(space, first, last)?,
        };
        self.quote(space, term, &openings)
            .ok_or_else(|| Refusal::NoPrice {
                space: space.name.clone(),
            })
    }

    fn quote(&self, space: &Space, term: &Term, openings: &[Opening]) -> Option<Quote> {
        let on = openings.first()?.date;
        Quote::of(
            &self.prices.of(space, on),
            openings,
            matches!(term, Term::Days { .. }),
            self.prices.vat(on),
        )
    }

    fn check_time(&self, space: &Space, span: Span) -> Result<Opening, Refusal> {
        let policy = &space.policy;
        if !policy.by_time {
            return Err(Refusal::NotByTime {
                space: space.name.clone(),
            });
        }
        if span.is_empty() {
            return Err(Refusal::EndBeforeStart);
        }
        if span.from < self.now {
            return Err(Refusal::Past);
        }
        let calendar = self.calendar(space);
        let opening = calendar
            .opening_at(span.from)
            .filter(|opening| opening.span.contains(span))
            .ok_or_else(|| self.outside(space, calendar.zone.date(span.from)))?;
        let step = policy.step_minutes;
        let exact = |at: DateTime<Utc>| {
            (at - opening.span.from).num_seconds() % (step * 60) == 0 && at.nanosecond() == 0
        };
        if !exact(span.from) || !exact(span.until) {
            let first = opening.span.from;
            let such_as = [1, 2]
                .map(|n| calendar.zone.clock(first + Duration::minutes(n * step)))
                .join(" or ");
            return Err(Refusal::OffGrid {
                step: crate::time::length(step),
                such_as,
            });
        }
        if span.minutes() < policy.min_minutes {
            return Err(Refusal::TooShort {
                space: space.name.clone(),
                least: crate::time::length(policy.min_minutes),
            });
        }
        if span.minutes() > policy.max_minutes {
            return Err(Refusal::TooLong {
                space: space.name.clone(),
                most: crate::time::length(policy.max_minutes),
            });
        }
        Ok(Opening {
            date: opening.date,
            span,
        })
    }

    /// Every day spanned is open; what is left of today counts as today.
    fn check_days(
        &self,
        space: &Space,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<Opening>, Refusal> {
        if !space.policy.by_day {
            return Err(Refusal::NotByDay {
                space: space.name.clone(),
            });
        }
        if last < first {
            return Err(Refusal::EndBeforeStart);
        }
        if first < self.today(space) {
            return Err(Refusal::Past);
        }
        let calendar = self.calendar(space);
        let mut openings = Vec::new();
        for date in first.iter_days().take_while(|date| *date <= last) {
            let span = calendar
                .day(date)
                .span()
                .ok_or_else(|| self.closed(space, date))?;
            let begun = (self.now - span.from).num_minutes().max(0);
            let gone = begun / space.policy.step_minutes * space.policy.step_minutes;
            let left = Span::new(span.from + Duration::minutes(gone), span.until);
            if left.is_empty() {
                return Err(Refusal::Past);
            }
            openings.push(Opening { date, span: left });
        }
        Ok(openings)
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
            .map(|opening| calendar.zone.range(opening.span, today))
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
    fn own_at_once(&self, kind: Kind, during: Span) -> usize {
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

    pub fn closures(&self, space: &Space, during: Span) -> impl Iterator<Item = &Closure> {
        let closures = self.closures.iter();
        closures.filter(move |closure| closure.during.overlaps(during) && closure.covers(space))
    }

    pub fn busy(&self, space: &Space) -> &[Span] {
        self.busy.get(&space.id).map_or(&[], Vec::as_slice)
    }

    pub fn find(&self, slug: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.slug == slug)
    }

    /// A space's location is always on its own sheet: only open locations' spaces are listed.
    pub fn location(&self, space: &Space) -> &Location {
        &self.locations[&space.location]
    }

    pub fn calendar(&self, space: &Space) -> &Calendar {
        &self.calendars[&space.location]
    }

    pub fn calendar_at(&self, location: Id<Location>) -> Option<&Calendar> {
        self.calendars.get(&location)
    }

    pub fn prices(&self) -> &PriceList {
        &self.prices
    }

    pub fn day(&self, space: &Space, date: NaiveDate) -> Day {
        self.calendar(space).day(date)
    }

    pub fn zone(&self, space: &Space) -> Zone {
        self.calendar(space).zone
    }

    /// The location's own date.
    pub fn today(&self, space: &Space) -> NaiveDate {
        self.zone(space).date(self.now)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
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
        let mut free: Vec<_> = self
            .spaces
            .iter()
            .filter_map(|space| Some((space, self.check(space, wish).ok()?)))
            .collect();
        free.sort_by_key(|(space, offer)| self.slack(space, offer));
        free
    }

    /// The same wish at the nearest time it fits on this space, within the days of this sheet.
    pub fn nearest(&self, space: &Space, wish: &Wish) -> Option<(Term, Offer)> {
        let zone = self.zone(space);
        let (first, last) = wish.term.dates(zone);
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
            Term::Days { .. } => {
                let length = last - first;
                days()
                    .filter(|day| *day + length <= self.days.1)
                    .find_map(|day| {
                        fits(Term::Days {
                            first: day,
                            last: day + length,
                        })
                    })
            }
        }
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

/// From the first opening's beginning to the last one's end; a wish has at least one.
fn whole(openings: &[Opening]) -> Span {
    Span::new(
        openings[0].span.from,
        openings[openings.len() - 1].span.until,
    )
}

fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Rows of a space never overlap, so what touches the window is the last row that starts before it and
/// those that start inside. A hold that the asker's next one would replace is not in their way.
async fn busy(
    db: &mut PgConnection,
    spaces: &[Space],
    window: Span,
    asker: &Asker,
) -> Result<BTreeMap<Id<Space>, Vec<Span>>> {
    let ids: Vec<Uuid> = spaces.iter().map(|space| space.id.get()).collect();
    let rows = sqlx::query!(
        r#"select o.space_id as "space_id!", o.occupies as "occupies!"
           from unnest($1::uuid[]) as s (id)
           cross join lateral (
               (select space_id, occupies, held_until, booking_id from occupancies
                where space_id = s.id and active and lower(occupies) < $2
                order by lower(occupies) desc limit 1)
               union all
               (select space_id, occupies, held_until, booking_id from occupancies
                where space_id = s.id and active and lower(occupies) >= $2 and lower(occupies) < $3
                order by lower(occupies))
           ) o
           where upper(o.occupies) > $2
             and (o.held_until is null
                  or o.held_until > now() and not exists (
                      select from bookings b
                      where b.id = o.booking_id and b.channel = 'web'
                        and (b.member_id = $4 and b.created_by = $4
                             or b.created_by is null
                                and b.id in (select booking_id from idempotency_keys where key = $5))))"#,
        &ids,
        window.from,
        window.until,
        asker.member.filter(|_| asker.at_checkout).map(Id::get),
        asker.key,
    )
    .fetch_all(db)
    .await?;
    let mut busy: BTreeMap<Id<Space>, Vec<Span>> = BTreeMap::new();
    for row in rows {
        busy.entry(row.space_id.into())
            .or_default()
            .push(row.occupies.into());
    }
    Ok(busy)
}

/// What a member has already; a hold at the checkout is none yet.
async fn own(db: &mut PgConnection, member: Id<Member>, window: Span) -> Result<Vec<(Kind, Span)>> {
    let rows = sqlx::query!(
        "select s.kind, b.during from bookings b join spaces s on s.id = b.space_id
         where b.member_id = $1 and b.status in ('pending', 'confirmed', 'checked_in')
           and lower(b.during) < $3 and upper(b.during) > $2",
        member.get(),
        window.from,
        window.until
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok((
                row.kind.parse().map_err(anyhow::Error::msg)?,
                row.during.into(),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests;
