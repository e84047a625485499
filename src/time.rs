//! Spans of instants, a location's time zone, and the one way dates and times are written for people.

use chrono::{
    DateTime, Datelike, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset,
    TimeZone, Utc,
};
use chrono_tz::Tz;
use sqlx::postgres::types::PgRange;
use std::ops::Bound;

/// From one instant up to, and without, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

impl Span {
    pub fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from, until }
    }

    pub fn is_empty(self) -> bool {
        self.until <= self.from
    }

    /// Half-open: 09:00–10:00 and 10:00–11:00 touch and do not overlap.
    pub fn overlaps(self, other: Span) -> bool {
        self.from < other.until && other.from < self.until
    }

    pub fn contains(self, other: Span) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// Elapsed minutes, whatever the clocks did meanwhile.
    pub fn minutes(self) -> i64 {
        (self.until - self.from).num_minutes()
    }

    /// With `before` and `after` minutes around it.
    pub fn widened(self, before: i64, after: i64) -> Span {
        Span::new(
            self.from - Duration::minutes(before),
            self.until + Duration::minutes(after),
        )
    }
}

impl From<Span> for PgRange<DateTime<Utc>> {
    fn from(span: Span) -> Self {
        PgRange {
            start: Bound::Included(span.from),
            end: Bound::Excluded(span.until),
        }
    }
}

/// A range without an end reaches to the end of time; our tables have no range without a start.
impl From<PgRange<DateTime<Utc>>> for Span {
    fn from(range: PgRange<DateTime<Utc>>) -> Self {
        let at = |bound, open| match bound {
            Bound::Included(at) | Bound::Excluded(at) => at,
            Bound::Unbounded => open,
        };
        Span::new(
            at(range.start, DateTime::<Utc>::MIN_UTC),
            at(range.end, DateTime::<Utc>::MAX_UTC),
        )
    }
}

/// Why a time on the wall is no single instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ambiguity {
    /// The clocks jump over it.
    Missing,
    /// The clocks are put back and it happens twice.
    Twice,
}

/// A location's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

impl Zone {
    /// By IANA name, such as `Africa/Johannesburg`; an unknown name is an error, never UTC.
    pub fn named(name: &str) -> anyhow::Result<Zone> {
        name.parse()
            .map(Zone)
            .map_err(|_| anyhow::anyhow!("no time zone is called {name:?}"))
    }

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The instant of a time on this zone's wall clock.
    pub fn instant(self, wall: NaiveDateTime) -> Result<DateTime<Utc>, Ambiguity> {
        match self.0.from_local_datetime(&wall) {
            LocalResult::Single(at) => Ok(at.to_utc()),
            LocalResult::Ambiguous(..) => Err(Ambiguity::Twice),
            LocalResult::None => Err(Ambiguity::Missing),
        }
    }

    /// The first instant at or after a wall time: for opening hours, which nobody types for one day.
    pub fn first_instant(self, wall: NaiveDateTime) -> DateTime<Utc> {
        (0..=24 * 4)
            .find_map(|quarter| {
                self.0
                    .from_local_datetime(&(wall + Duration::minutes(15 * quarter)))
                    .earliest()
            })
            .map_or_else(|| wall.and_utc(), |at| at.to_utc())
    }

    pub fn wall(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    pub fn date(self, at: DateTime<Utc>) -> NaiveDate {
        self.wall(at).date()
    }

    /// How far its clock is ahead of UTC.
    pub fn ahead(self, at: DateTime<Utc>) -> Duration {
        let local = at.with_timezone(&self.0);
        Duration::seconds(local.offset().fix().local_minus_utc().into())
    }

    /// A span cut where the clock is put forward or back, to the second.
    pub fn steady(self, span: Span) -> Vec<Span> {
        let mut pieces = vec![span];
        let mut known = span.from;
        while known < span.until {
            let next = (known + Duration::days(1)).min(span.until);
            if self.ahead(next) != self.ahead(known) {
                let (mut before, mut after) = (known, next);
                while after - before > Duration::seconds(1) {
                    let middle = before + Duration::seconds((after - before).num_seconds() / 2);
                    match self.ahead(middle) == self.ahead(known) {
                        true => before = middle,
                        false => after = middle,
                    }
                }
                if let Some(piece) = pieces.last_mut() {
                    piece.until = after;
                }
                pieces.push(Span::new(after, span.until));
            }
            known = next;
        }
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    /// RFC 3339 with this zone's offset: `2026-11-24T09:00:00+02:00`.
    pub fn rfc3339(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.0)
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
    }

    /// `09:00`, 24-hour.
    pub fn clock(self, at: DateTime<Utc>) -> String {
        self.wall(at).format("%H:%M").to_string()
    }

    /// `Tue 24 November, 09:00–11:30`; whole days `Tue 24 November – Thu 31 December`, the last one
    /// included; else as [`Zone::range`].
    pub fn dated(self, span: Span, today: NaiveDate) -> String {
        let (from, until) = (self.wall(span.from), self.wall(span.until));
        let first = long_date(from.date(), today);
        if from.date() == until.date() {
            format!("{first}, {}", self.range(span, today))
        } else if from.time() == NaiveTime::MIN && until.time() == NaiveTime::MIN {
            let last = until.date() - chrono::Days::new(1);
            format!("{first} – {}", long_date(last, today))
        } else {
            self.range(span, today)
        }
    }

    /// `09:00–11:30` within a day, else `Tue 24 November 07:00 – Thu 26 November 19:00`.
    pub fn range(self, span: Span, today: NaiveDate) -> String {
        let (from, until) = (self.date(span.from), self.date(span.until));
        if from == until {
            format!("{}–{}", self.clock(span.from), self.clock(span.until))
        } else {
            format!(
                "{} {} – {} {}",
                long_date(from, today),
                self.clock(span.from),
                long_date(until, today),
                self.clock(span.until)
            )
        }
    }
}

/// `Tue 24 November`; the year only when it is not `today`'s.
pub fn long_date(date: NaiveDate, today: NaiveDate) -> String {
    let year = if date.year() == today.year() {
        ""
    } else {
        " %Y"
    };
    date.format(&format!("%a %-d %B{year}")).to_string()
}

/// `24 Nov 2026`, for tables and documents.
pub fn short_date(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `1 hour`, `2½ hours`, `45 minutes`.
pub fn length(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, 1) => "1 minute".into(),
        (0, m) => format!("{m} minutes"),
        (1, 0) => "1 hour".into(),
        (h, m) => match quarter(m) {
            Some("") => format!("{h} hours"),
            Some(part) => format!("{h}{part} hours"),
            None => format!("{h} h {m} min"),
        },
    }
}

fn quarter(minutes: i64) -> Option<&'static str> {
    match minutes {
        0 => Some(""),
        15 => Some("¼"),
        30 => Some("½"),
        45 => Some("¾"),
        _ => None,
    }
}

/// `2026-11-24`, as date fields and addresses carry it.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|_| plain)?;
    (1900..3000).contains(&date.year()).then_some(date)
}

/// `09:00` or `9:00`, 24-hour.
pub fn parse_clock(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn the_hour_that_clocks_jump_over_is_no_time() {
        // case B2
        let paris = Zone::named("Europe/Paris").unwrap();
        assert_eq!(
            paris.instant(wall("2026-03-29T02:30:00")),
            Err(Ambiguity::Missing)
        );
        assert!(paris.instant(wall("2026-03-29T03:00:00")).is_ok());
        assert_eq!(
            paris.clock(paris.first_instant(wall("2026-03-29T02:30:00"))),
            "03:00"
        );
    }

    #[test]
    fn the_hour_that_happens_twice_is_never_guessed() {
        // case B3
        let paris = Zone::named("Europe/Paris").unwrap();
        assert_eq!(
            paris.instant(wall("2026-10-25T02:30:00")),
            Err(Ambiguity::Twice)
        );
    }

    #[test]
    fn an_unknown_zone_is_an_error() {
        // case B15
        assert!(Zone::named("Durban/Umhlanga").is_err());
    }

    #[test]
    fn a_summer_morning_in_chicago() {
        // case B1
        let chicago = Zone::named("America/Chicago").unwrap();
        let at = chicago.instant(wall("2026-07-01T09:30:00")).unwrap();
        assert_eq!(at.to_rfc3339(), "2026-07-01T14:30:00+00:00");
        assert_eq!(chicago.rfc3339(at), "2026-07-01T09:30:00-05:00");
        assert_eq!(chicago.clock(at), "09:30");
    }

    #[test]
    fn a_year_falls_apart_where_clocks_change() {
        let span = Span::new(
            "2026-01-01T00:00:00Z".parse().unwrap(),
            "2026-10-25T10:00:00Z".parse().unwrap(),
        );
        let until = |zone: &str| -> Vec<String> {
            let pieces = Zone::named(zone).unwrap().steady(span);
            let ends = pieces.iter().map(|piece| piece.until.to_rfc3339());
            ends.collect()
        };
        assert_eq!(until("Africa/Johannesburg"), ["2026-10-25T10:00:00+00:00"]);
        assert_eq!(
            until("Europe/Paris"),
            [
                "2026-03-29T01:00:00+00:00",
                "2026-10-25T01:00:00+00:00",
                "2026-10-25T10:00:00+00:00"
            ]
        );
        let paris = Zone::named("Europe/Paris").unwrap();
        assert_eq!(paris.ahead(span.from), Duration::hours(1));
    }

    #[test]
    fn lengths_read_well() {
        for (minutes, text) in [
            (15, "15 minutes"),
            (60, "1 hour"),
            (75, "1¼ hours"),
            (150, "2½ hours"),
            (180, "3 hours"),
            (100, "1 h 40 min"),
        ] {
            assert_eq!(length(minutes), text);
        }
    }

    #[test]
    fn touching_spans_do_not_overlap() {
        let at = |hour| {
            Zone::named("Africa/Johannesburg")
                .unwrap()
                .instant(wall(&format!("2026-11-24T{hour:02}:00:00")))
                .unwrap()
        };
        assert!(!Span::new(at(9), at(10)).overlaps(Span::new(at(10), at(11))));
        assert!(Span::new(at(9), at(11)).overlaps(Span::new(at(10), at(12))));
    }
}
