//! A wish as people type it or as an address carries it: raw text, so that nothing typed is lost.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc};
use serde::Deserialize;

use super::{
    refusal::Refusal,
    term::{Term, Wish},
};
use crate::{
    form::Errors,
    html,
    spaces::space::Kind,
    time::{Span, Zone, parse_clock, parse_date},
};

/// The fields of the finder, the list and the booking card; an empty one is not said.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub kind: String,
    /// A location's slug.
    pub location: String,
    /// `time` or `day`.
    pub by: String,
    /// The day, or the first of several: `2026-11-24`.
    pub date: String,
    /// The last day, when booked by the day.
    pub last: String,
    /// `09:00`
    pub from: String,
    pub until: String,
    pub people: String,
    /// The location is open past midnight some day, so an end before the start is on the next one.
    #[serde(skip)]
    pub nights: bool,
}

impl Typed {
    pub fn kind(&self) -> Option<Kind> {
        self.kind.parse().ok()
    }

    pub fn by_day(&self) -> bool {
        self.by == "day"
    }

    /// The day asked for; today when none, or none that can be read, was.
    pub fn date(&self, today: NaiveDate) -> NaiveDate {
        parse_date(&self.date)
            .filter(|date| *date >= today)
            .unwrap_or(today)
    }

    /// One person when nothing is said.
    pub fn people(&self) -> Result<i32, String> {
        match self.people.trim() {
            "" => Ok(1),
            text => text
                .parse()
                .ok()
                .filter(|people| (1..=500).contains(people))
                .ok_or_else(|| {
                    "Enter how many people are coming, as a number from 1 to 500.".to_owned()
                }),
        }
    }

    pub fn people_or_one(&self) -> i32 {
        self.people().unwrap_or(1)
    }

    /// Whether a time, or days, were asked for at all.
    pub fn has_term(&self) -> bool {
        if self.by_day() {
            !self.date.is_empty()
        } else {
            !self.from.is_empty() && !self.until.is_empty()
        }
    }

    /// Every mistake at once, each with its field.
    pub fn wish(&self, zone: Zone) -> Result<Wish, Errors> {
        let mut errors = Errors::default();
        let date = errors.take(
            "date",
            parse_date(&self.date).ok_or_else(|| "Choose a date, like 2026-11-24.".to_owned()),
        );
        let term = if self.by_day() {
            self.days(date, &mut errors)
        } else {
            self.times(date, zone, &mut errors)
        };
        let people = errors.take("people", self.people());
        match (term, people) {
            (Some(term), Some(people)) if errors.is_empty() => Ok(Wish { term, people }),
            _ => Err(errors),
        }
    }

    fn days(&self, first: Option<NaiveDate>, errors: &mut Errors) -> Option<Term> {
        let last = match self.last.trim() {
            "" => first,
            text => errors.take(
                "last",
                parse_date(text).ok_or_else(|| "Choose the last day, like 2026-11-26.".to_owned()),
            ),
        };
        let (first, last) = (first?, last?);
        if last - first > Duration::days(366) {
            errors.add("last", "Choose a last day within a year of the first.");
            return None;
        }
        Some(Term::Days { first, last })
    }

    fn times(&self, date: Option<NaiveDate>, zone: Zone, errors: &mut Errors) -> Option<Term> {
        let clock =
            |text: &str| parse_clock(text).ok_or_else(|| "Choose a time, like 09:00.".to_owned());
        let from = errors.take("from", clock(&self.from));
        let until = errors.take("until", clock(&self.until));
        let (date, from, until) = (date?, from?, until?);
        let ends_on = if self.nights && until < from {
            date.succ_opt()?
        } else {
            date
        };
        errors.take(
            "from",
            Term::at(zone, date.and_time(from), ends_on.and_time(until))
                .map_err(|refusal: Refusal| refusal.to_string()),
        )
    }

    /// The query of an address that asks for the same, empty fields left out.
    pub fn query(&self) -> String {
        let pairs = [
            ("kind", &self.kind),
            ("location", &self.location),
            ("by", &self.by),
            ("date", &self.date),
            ("last", &self.last),
            ("from", &self.from),
            ("until", &self.until),
            ("people", &self.people),
        ];
        html::query(
            &pairs
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .collect::<Vec<_>>(),
        )
    }

    /// Sets a field by the name that `query` gives it; false for another name.
    pub fn set(&mut self, field: &str, value: &str) -> bool {
        let target = match field {
            "kind" => &mut self.kind,
            "location" => &mut self.location,
            "by" => &mut self.by,
            "date" => &mut self.date,
            "last" => &mut self.last,
            "from" => &mut self.from,
            "until" => &mut self.until,
            "people" => &mut self.people,
            _ => return false,
        };
        value.clone_into(target);
        true
    }

    /// The same for another term, as a link suggests it.
    pub fn with_term(&self, term: Term, zone: Zone) -> Typed {
        let mut typed = Typed {
            by: term.key().into(),
            last: String::new(),
            from: String::new(),
            until: String::new(),
            ..self.clone()
        };
        match term {
            Term::Time(span) => {
                typed.date = zone.date(span.from).to_string();
                typed.from = zone.clock(span.from);
                typed.until = zone.clock(span.until);
            }
            Term::Days { first, last } => {
                typed.date = first.to_string();
                typed.last = last.to_string();
            }
        }
        typed
    }
}

/// A start or end as programs send it: RFC 3339, local wall-clock time without an offset
/// (`2026-11-24T09:00`), or a bare date.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    At(DateTime<Utc>),
    Wall(NaiveDateTime),
    Day(NaiveDate),
}

fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Some(date) = parse_date(text) {
        return Some(Moment::Day(date));
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return (1900..3000)
            .contains(&at.year())
            .then(|| Moment::At(at.to_utc()));
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .filter(|wall| (1900..3000).contains(&wall.year()))
        .map(Moment::Wall)
}

/// From and until as a term: date-times mean by time, bare dates by the day, `until` not included.
pub fn term(from: &str, until: &str, zone: Zone) -> Result<Term, (&'static str, String)> {
    let read = |field, text| {
        let sentence = "Send a time like 2026-11-24T09:00 or a date like 2026-11-24.";
        moment(text).ok_or((field, sentence.to_owned()))
    };
    let wall = |wall| {
        Ok(Moment::At(super::term::instant(zone, wall).map_err(
            |refusal| (refusal.kind(), refusal.to_string()),
        )?))
    };
    let settle = |moment| match moment {
        Moment::Wall(time) => wall(time),
        other => Ok(other),
    };
    match (settle(read("from", from)?)?, settle(read("until", until)?)?) {
        (Moment::At(from), Moment::At(until)) => Ok(Term::Time(Span::new(from, until))),
        (Moment::Day(first), Moment::Day(until)) => {
            let last = until
                .pred_opt()
                .filter(|last| *last - first <= Duration::days(366));
            let last = last.ok_or((
                "until",
                "Choose an end within a year of the start.".to_owned(),
            ))?;
            Ok(Term::Days { first, last })
        }
        _ => Err(("until", "Send two times, or two dates.".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::named("Africa/Johannesburg").unwrap()
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let typed = Typed {
            date: "24 Nov".into(),
            from: "9".into(),
            until: "25:00".into(),
            people: "many".into(),
            ..Typed::default()
        };
        let errors = typed.wish(zone()).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["date", "from", "until", "people"]);
    }

    #[test]
    fn an_address_carries_the_wish() {
        let typed = Typed {
            date: "2026-11-24".into(),
            from: "09:00".into(),
            until: "10:30".into(),
            people: "8".into(),
            ..Typed::default()
        };
        let wish = typed.wish(zone()).unwrap();
        assert_eq!(wish.people, 8);
        let again = Typed {
            people: "8".into(),
            ..Typed::default()
        }
        .with_term(wish.term, zone());
        assert_eq!(again.wish(zone()), Ok(wish));
        assert_eq!(
            again.query(),
            "by=time&date=2026-11-24&from=09%3A00&until=10%3A30&people=8"
        );
    }

    #[test]
    fn a_time_that_clocks_skip_is_told_at_its_field() {
        // case B2
        let typed = Typed {
            date: "2026-03-29".into(),
            from: "02:30".into(),
            until: "04:00".into(),
            ..Typed::default()
        };
        let errors = typed
            .wish(Zone::named("Europe/Paris").unwrap())
            .unwrap_err();
        assert_eq!(
            errors.get("from"),
            Some(
                "On 29 March 2026 the clocks skip 02:30, so there is no such time. Choose another."
            )
        );
    }

    #[test]
    fn programs_send_times_in_three_ways() {
        let with_offset =
            term("2026-11-24T09:00:00+02:00", "2026-11-24T08:30:00Z", zone()).unwrap();
        assert_eq!(
            term("2026-11-24T09:00", "2026-11-24T10:30", zone()),
            Ok(with_offset)
        );
        let day = |text: &str| text.parse().unwrap();
        let days = Term::Days {
            first: day("2026-11-24"),
            last: day("2026-11-25"),
        };
        assert_eq!(term("2026-11-24", "2026-11-26", zone()), Ok(days));
        for (from, until) in [
            ("tomorrow", "2026-11-24"),
            ("2026-11-24", "2026-11-24T09:00"),
            ("", ""),
            ("2026-13-01", "2026-13-02"),
        ] {
            assert!(term(from, until, zone()).is_err(), "{from} {until}");
        }
    }
}
