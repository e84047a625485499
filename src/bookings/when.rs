//! When somebody wants a space, as they say it on the phone: "tue 9-11:30", "tomorrow 14 for 2h",
//! "next thu all day". Days come before months, as South Africans write them; what is unclear is asked
//! back with what was understood so far.

mod day;
mod tokens;
mod words;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

use self::{
    day::Day,
    words::{Clock, Item, Part, items},
};
use super::{
    policy::Policy,
    term::{Let, Term, Unit},
};
use crate::{
    locations::hours::Calendar,
    time::{Zone, length, long_date},
};

/// Where and when the words are said.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The location's hours and clock.
    pub calendar: &'a Calendar,
    pub now: DateTime<Utc>,
    /// What "now" is rounded down to.
    pub step_minutes: i64,
}

/// An example for those who are asked to say it again.
const SUCH_AS: &str = "Say it like tue 9-11:30, tomorrow 14 for 2h or 24/11 all day.";

/// What the words mean, or the sentence that says what was understood and what is missing.
pub fn read(text: &str, around: &Around<'_>) -> Result<Term, String> {
    let today = around.calendar.zone.date(around.now);
    let said = Said::of(items(text, today)?, today)?;
    said.term(around)
}

/// Whether the words are a day or times and nothing else, enough of them to look for a space.
pub fn says_when(text: &str, today: NaiveDate) -> bool {
    let said = items(text, today).and_then(|items| Said::of(items, today));
    said.is_ok_and(|said| {
        !said.days.is_empty()
            || said.clocks.len() == 2
            || said.now
            || said.next_week
            || said.month.is_some()
    })
}

/// The words that `read` understands as this term again: `Tue 24 Nov 09:00-11:30`.
pub fn say(term: &Term, zone: Zone) -> String {
    let date = |date: NaiveDate| date.format("%a %-d %b %Y").to_string();
    match *term {
        Term::Time(span) => {
            let (from, until) = (zone.wall(span.from), zone.wall(span.until));
            let end = match until.time() {
                NaiveTime::MIN => "midnight".to_owned(),
                time => time.format("%H:%M").to_string(),
            };
            format!("{} {}-{end}", date(from.date()), from.format("%H:%M"))
        }
        Term::Days { first, last } if first == last => format!("{} all day", date(first)),
        Term::Days { first, last } => format!("{} to {}", date(first), date(last)),
        Term::Let(term) => format!("{} from {}", term.length(), date(term.first)),
    }
}

/// The same for what is booked by time alone: all day is from opening to closing there, or as it would be open.
pub fn as_booked(term: Term, policy: &Policy, calendar: &Calendar) -> Term {
    match term {
        Term::Days { first, last } if first == last && policy.by_time && !policy.by_day => {
            let open = calendar.day(first).span();
            let open = open.or_else(|| Some(calendar.were_it_open(first)?.span));
            open.map_or(term, Term::Time)
        }
        other => other,
    }
}

/// A moment still to come, such as 12:00 or tomorrow 10. An hour that has passed today is not taken for one in
/// the evening when nobody is there any more: that is asked back.
pub fn moment(
    text: &str,
    calendar: &Calendar,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, String> {
    let zone = calendar.zone;
    let sentence = || "Say till when, such as 12:00 or tomorrow 10.".to_owned();
    let (today, wall) = (zone.date(now), zone.wall(now));
    let said = Said::of(items(text, today)?, today)?;
    let date = day::one(&said.days, today)?;
    let [Clock::At { minutes, loose }] = said.clocks.as_slice() else {
        return Err(sentence());
    };
    let on = |date: NaiveDate, minutes| date.and_time(NaiveTime::MIN) + Duration::minutes(minutes);
    let first = date.unwrap_or(today);
    let as_said = on(first, *minutes);
    let evening = on(first, minutes + 12 * 60);
    let is_open = |at: NaiveDateTime| {
        let open = calendar.day(first).span();
        let at = zone.instant(at).ok();
        open.zip(at)
            .is_some_and(|(open, at)| open.from <= at && at <= open.until)
    };
    let next = if as_said > wall {
        as_said
    } else if *loose && *minutes < 12 * 60 && evening > wall {
        if !is_open(evening) {
            let day = if first == today {
                "today".to_owned()
            } else {
                long_date(first, today)
            };
            return Err(format!(
                "{} {day} has passed. Say tomorrow {}, or {}.",
                as_said.format("%H:%M"),
                as_said.format("%-H:%M"),
                evening.format("%H:%M")
            ));
        }
        evening
    } else if date.is_none() {
        on(first + Duration::days(1), *minutes)
    } else {
        return Err(format!(
            "{} {} has passed. Say a later time.",
            as_said.format("%H:%M"),
            long_date(first, today)
        ));
    };
    zone.instant(next).map_err(|_| sentence())
}

/// The words in their places.
#[derive(Debug, Default)]
struct Said {
    days: Vec<Day>,
    /// The last day, where there are several.
    last: Vec<Day>,
    clocks: Vec<Clock>,
    /// A time that only ends it: "until 11".
    ends_only: bool,
    minutes: Option<i64>,
    /// Days, weeks or months, and how many.
    count: Option<(words::Unit, i64)>,
    /// "a week from monday": with times it is the Monday after.
    from: bool,
    all_day: bool,
    now: bool,
    part: Option<Part>,
    /// A whole month, by its first day.
    month: Option<NaiveDate>,
    /// "next week".
    next_week: bool,
}

impl Said {
    fn of(items: Vec<Item>, today: NaiveDate) -> Result<Said, String> {
        let mut said = Said::default();
        for (at, item) in items.iter().enumerate() {
            let after_dash = at > 0 && items[at - 1] == Item::Dash;
            let joined = after_dash.then(|| at.checked_sub(2).map(|before| &items[before]));
            match item {
                Item::Day(day) => {
                    if let Some(Some(before)) = joined {
                        match before {
                            Item::Day(_) if said.last.is_empty() => said.last.push(*day),
                            _ => return Err(said.over_two_days(today)),
                        }
                    } else if said.last.is_empty() {
                        said.days.push(*day);
                    } else {
                        said.last.push(*day);
                    }
                }
                Item::Clock(clock) => {
                    said.ends_only |= after_dash && said.clocks.is_empty() && !said.now;
                    said.clocks.push(*clock);
                }
                Item::Minutes(_) if said.minutes.is_some() => return Err(two_lengths()),
                Item::Count(..) if said.count.is_some() => return Err(two_lengths()),
                Item::Minutes(minutes) => said.minutes = Some(*minutes),
                Item::Count(unit, count) => said.count = Some((*unit, *count)),
                Item::From => said.from = true,
                Item::AllDay => said.all_day = true,
                Item::Now => said.now = true,
                Item::Part(part) => said.part = Some(*part),
                Item::Month(first) => said.month = Some(*first),
                Item::NextWeek => said.next_week = true,
                Item::Dash => {}
            }
        }
        said.settle_week();
        Ok(said)
    }

    /// "wed next week" is a Wednesday; "next week" alone stays a week.
    fn settle_week(&mut self) {
        if let (true, [day]) = (self.next_week, self.days.as_mut_slice()) {
            *day = day.in_next_week();
            self.next_week = false;
        }
    }

    fn over_two_days(&self, today: NaiveDate) -> String {
        let first = self.days.first().and_then(|day| day.resolve(today).ok());
        let from = first.map_or_else(String::new, |date| {
            format!(" It begins {}.", long_date(date, today))
        });
        format!("A booking by time begins and ends on one day.{from} Say mon-wed for whole days.")
    }

    fn term(&self, around: &Around<'_>) -> Result<Term, String> {
        let today = around.calendar.zone.date(around.now);
        if !self.last.is_empty() {
            return self.days(today);
        }
        let by_time = !self.clocks.is_empty() || self.minutes.is_some() || self.now;
        let date = day::one(&self.days, today)?;
        if let (Some((unit, count)), false) = (self.count, by_time) {
            return counted(unit, count, date, today);
        }
        if let (Some(first), false, None) = (self.month, by_time, date) {
            return counted(words::Unit::Month, 1, Some(first), today);
        }
        if self.next_week && !by_time {
            let monday = Day::Weekday(chrono::Weekday::Mon, day::Which::Next).resolve(today)?;
            return counted(words::Unit::Week, 1, Some(monday), today);
        }
        if self.all_day {
            let first = date.unwrap_or(today);
            return Ok(Term::Days { first, last: first });
        }
        let date = match (self.count, date) {
            (Some((unit, count)), Some(date)) if self.from => shifted(date, unit, count)
                .map(Some)
                .ok_or_else(|| "That is too far ahead.".to_owned())?,
            (_, date) => date,
        };
        self.time(date, around)
    }

    fn days(&self, today: NaiveDate) -> Result<Term, String> {
        let first = day::one(&self.days, today)?.unwrap_or(today);
        let last = day::one(&self.last, first)?.unwrap_or(first);
        let words = format!("{} – {}", long_date(first, today), long_date(last, today));
        if last < first {
            return Err(format!("{words}: the last day comes before the first."));
        }
        if !self.clocks.is_empty() {
            return Err(format!(
                "{words} at the same time each day are several bookings. Book one day, then the next; for whole days leave the time out."
            ));
        }
        Ok(Term::Days { first, last })
    }

    fn time(&self, date: Option<NaiveDate>, around: &Around<'_>) -> Result<Term, String> {
        let zone = around.calendar.zone;
        let (today, wall) = (zone.date(around.now), zone.wall(around.now));
        let on = date.unwrap_or(today);
        let day = Hours::of(on, around.calendar);
        let words = match date {
            Some(date) => long_date(date, today),
            None => "Today".to_owned(),
        };
        let (from, until) = self.times(&day, around, &words)?;
        let passed = from < wall && !self.now;
        let (from, until) = match self.days.as_slice() {
            [] if passed => {
                return Err(format!(
                    "{} today has passed. Say the day, such as tomorrow; or today, if it was used.",
                    hours(from, until)
                ));
            }
            // "tue" on a Tuesday afternoon is next week's, if the time is over.
            [Day::Weekday(_, day::Which::Coming)] if passed && on == today => {
                (from + Duration::days(7), until + Duration::days(7))
            }
            _ => (from, until),
        };
        Term::at(zone, from, until).map_err(|refusal| refusal.to_string())
    }

    /// Start and end on the wall clock.
    fn times(
        &self,
        day: &Hours,
        around: &Around<'_>,
        words: &str,
    ) -> Result<(NaiveDateTime, NaiveDateTime), String> {
        let clocks: Vec<Clock> = self
            .clocks
            .iter()
            .map(|clock| clock.in_part(self.part))
            .collect();
        let now = self.now.then(|| day.begun(around));
        match (now, clocks.as_slice(), self.minutes) {
            (Some(from), [], Some(minutes)) => Ok((from, from + Duration::minutes(minutes))),
            (Some(from), [end], None) => day.after(from, *end, words),
            (Some(from), [], None) => Err(format!(
                "From now, {}: until when? Say now for 1h, or now till 12.",
                from.format("%H:%M")
            )),
            (None, [start, end], None) => day.between(*start, *end, words),
            (None, [start], Some(minutes)) if !self.ends_only => {
                let from = day.start(*start, minutes, words)?;
                Ok((from, from + Duration::minutes(minutes)))
            }
            (None, [end], Some(minutes)) => {
                let until = day.end(*end);
                Ok((until - Duration::minutes(minutes), until))
            }
            (None, [end], None) if self.ends_only => Err(format!(
                "{words} until {}: from when?",
                day.end(*end).format("%H:%M")
            )),
            (None, [start], None) => {
                let from = day.start(*start, 30, words)?;
                let (at, then) = (from.format("%-H:%M"), from + Duration::hours(1));
                Err(format!(
                    "{words} from {}: until when? Say {at}-{}, or {at} for 1h.",
                    from.format("%H:%M"),
                    then.format("%-H:%M")
                ))
            }
            (None, [], Some(minutes)) => match self.part {
                Some(part) => {
                    let (from, _) = day.part(part);
                    Ok((from, from + Duration::minutes(minutes)))
                }
                None => Err(format!("{words} for {}: from when?", length(minutes))),
            },
            (None, [], None) => match self.part {
                Some(part) => Ok(day.part(part)),
                None if self.days.is_empty() => Err(SUCH_AS.to_owned()),
                None => Err(format!(
                    "{words}: from when until when? Say a time such as 9-11:30, or all day."
                )),
            },
            _ => Err(format!(
                "{words}: that is more than a start and an end. {SUCH_AS}"
            )),
        }
    }
}

fn two_lengths() -> String {
    format!("More than one length is named. {SUCH_AS}")
}

/// Whole days, weeks or months from a day on.
fn counted(
    unit: words::Unit,
    count: i64,
    first: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Term, String> {
    let name = unit.name();
    let said = match count {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    };
    let first = first.ok_or_else(|| {
        format!("{said}: from which day? Say {said} from mon, or {said} from 1 dec.")
    })?;
    let most = match unit {
        words::Unit::Day => 366,
        words::Unit::Week => Unit::Week.most().into(),
        words::Unit::Month => Unit::Month.most().into(),
    };
    if !(1..=most).contains(&count) {
        let from = long_date(first, today);
        return Err(format!(
            "{said} from {from}: say 1 to {most} {name}s. Longer is an agreement."
        ));
    }
    let unit = match unit {
        words::Unit::Day => {
            let last = shifted(first, unit, count - 1).unwrap_or(first);
            return Ok(Term::Days { first, last });
        }
        words::Unit::Week => Unit::Week,
        words::Unit::Month => Unit::Month,
    };
    Ok(Term::Let(Let {
        unit,
        count: count.unsigned_abs() as u32,
        first,
    }))
}

fn shifted(date: NaiveDate, unit: words::Unit, count: i64) -> Option<NaiveDate> {
    let count = u32::try_from(count).ok().filter(|count| *count <= 1000)?;
    match unit {
        words::Unit::Day => date.checked_add_days(chrono::Days::new(count.into())),
        words::Unit::Week => date.checked_add_days(chrono::Days::new(u64::from(count) * 7)),
        words::Unit::Month => date.checked_add_months(chrono::Months::new(count)),
    }
}

/// A day's opening on the wall clock, or what people would take for one where it is closed.
struct Hours {
    date: NaiveDate,
    opens: NaiveDateTime,
    closes: NaiveDateTime,
}

impl Hours {
    fn of(date: NaiveDate, calendar: &Calendar) -> Hours {
        let hour = |hour| {
            let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
            date.and_time(time)
        };
        let span = calendar.day(date).span();
        Hours {
            date,
            opens: span.map_or(hour(6), |span| calendar.zone.wall(span.from)),
            closes: span.map_or(hour(22), |span| calendar.zone.wall(span.until)),
        }
    }

    fn contains(&self, from: NaiveDateTime, until: NaiveDateTime) -> bool {
        self.opens <= from && until <= self.closes
    }

    /// The step that has begun.
    fn begun(&self, around: &Around<'_>) -> NaiveDateTime {
        let wall = around.calendar.zone.wall(around.now);
        let wall = wall.with_second(0).unwrap_or(wall);
        let wall = wall.with_nanosecond(0).unwrap_or(wall);
        let step = around.step_minutes.max(1);
        wall - Duration::minutes((wall - self.opens).num_minutes().rem_euclid(step))
    }

    /// Every moment that a time may mean on this day, as it is written first.
    fn moments(&self, clock: Clock) -> Vec<NaiveDateTime> {
        let midnight = self.date.and_time(NaiveTime::MIN);
        match clock {
            Clock::Opening => vec![self.opens],
            Clock::Closing => vec![self.closes],
            Clock::At { minutes, loose } => {
                let at = midnight + Duration::minutes(minutes);
                if loose && minutes < 12 * 60 {
                    vec![at, at + Duration::hours(12)]
                } else {
                    vec![at]
                }
            }
        }
    }

    fn end(&self, clock: Clock) -> NaiveDateTime {
        let moments = self.moments(clock);
        let within = moments
            .iter()
            .find(|at| self.opens < **at && **at <= self.closes);
        *within.unwrap_or(&moments[0])
    }

    /// A start of something so long: in the opening if it can be.
    fn start(&self, clock: Clock, minutes: i64, words: &str) -> Result<NaiveDateTime, String> {
        let moments = self.moments(clock);
        let length = Duration::minutes(minutes);
        let spans = moments.iter().map(|from| (*from, *from + length));
        self.choose(spans.collect(), words).map(|(from, _)| from)
    }

    fn between(
        &self,
        start: Clock,
        end: Clock,
        words: &str,
    ) -> Result<(NaiveDateTime, NaiveDateTime), String> {
        let (starts, ends) = (self.moments(start), self.moments(end));
        let all = starts
            .iter()
            .flat_map(|from| ends.iter().map(move |until| (*from, *until)));
        let all: Vec<_> = all.collect();
        let forward: Vec<_> = all.iter().copied().filter(|(a, b)| a < b).collect();
        let overnight = all.iter().map(|(a, b)| (*a, *b + Duration::days(1)));
        let overnight: Vec<_> = overnight.filter(|(a, b)| self.contains(*a, *b)).collect();
        match (forward.is_empty(), overnight.first()) {
            (false, _) => self.choose(forward, words),
            (true, Some(night)) => Ok(*night),
            (true, None) => Err(format!(
                "{words}: {} is not before {}. Say the earlier time first.",
                starts[0].format("%H:%M"),
                ends[0].format("%H:%M")
            )),
        }
    }

    fn after(
        &self,
        from: NaiveDateTime,
        end: Clock,
        words: &str,
    ) -> Result<(NaiveDateTime, NaiveDateTime), String> {
        let ends = self.moments(end).into_iter();
        let later: Vec<_> = ends.filter(|until| from < *until).collect();
        let spans: Vec<_> = later.iter().map(|until| (from, *until)).collect();
        if spans.is_empty() {
            return Err(format!(
                "{words}, {}: that end has passed.",
                from.format("%H:%M")
            ));
        }
        self.choose(spans, words)
    }

    /// As it is written where that is within the hours, else the other half of the day; the shortest of
    /// those that are as good. In the small hours of a house that never closes it is asked back.
    fn choose(
        &self,
        spans: Vec<(NaiveDateTime, NaiveDateTime)>,
        words: &str,
    ) -> Result<(NaiveDateTime, NaiveDateTime), String> {
        let shortest = |spans: &[(NaiveDateTime, NaiveDateTime)]| {
            spans
                .iter()
                .copied()
                .min_by_key(|(from, until)| *until - *from)
        };
        let open: Vec<_> = spans
            .iter()
            .copied()
            .filter(|(from, until)| self.contains(*from, *until))
            .collect();
        let Some(best) = shortest(&open) else {
            let all = shortest(&spans);
            return all.ok_or_else(|| format!("{words}: {SUCH_AS}"));
        };
        let later = (best.0 + Duration::hours(12), best.1 + Duration::hours(12));
        if best.0.hour() < 6 && best.0.date() == self.date && open.contains(&later) {
            return Err(format!(
                "{words}: {} or {}? Say it with four digits.",
                hours(best.0, best.1),
                hours(later.0, later.1)
            ));
        }
        Ok(best)
    }

    fn part(&self, part: Part) -> (NaiveDateTime, NaiveDateTime) {
        let at = |hour| {
            let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
            self.date.and_time(time)
        };
        let (from, until) = match part {
            Part::Morning => (self.opens, at(12).min(self.closes)),
            Part::Afternoon => (at(12).max(self.opens), self.closes),
            Part::Evening => (at(17).max(self.opens), self.closes),
        };
        (from, until.max(from))
    }
}

/// `09:00–11:30`
fn hours(from: NaiveDateTime, until: NaiveDateTime) -> String {
    format!("{}–{}", from.format("%H:%M"), until.format("%H:%M"))
}

/// The days that hours are needed for, to understand anything said at `now`.
pub fn days_to_read(now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    let today = now.date_naive();
    (today - Duration::days(120), today + Duration::days(800))
}

#[cfg(test)]
mod tests;
