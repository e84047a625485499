//! A wish as people type it or as an address carries it: raw text, so that nothing typed is lost.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    extras::picks,
    refusal::Refusal,
    term::{By, Let, Term, Unit, Wish},
};
use crate::{
    form::Errors,
    html,
    spaces::{layout::Layout, space::Kind},
    time::{Span, Zone, parse_clock, parse_date},
};

/// The fields of the finder, the list and the booking card; an empty one is not said.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub kind: String,
    /// A location's slug.
    pub location: String,
    /// `time`, `day`, `week` or `month`.
    pub by: String,
    /// The day, or the first one: `2026-11-24`.
    pub date: String,
    /// The last day, when booked by the day.
    pub last: String,
    /// How many weeks or months.
    pub count: String,
    /// `09:00`
    pub from: String,
    pub until: String,
    pub people: String,
    /// How the room is to be set up: `boardroom`.
    pub layout: String,
    /// What goes with it.
    #[serde(flatten)]
    pub extras: picks::Typed,
    /// The location is open past midnight some day, so an end before the start is on the next one.
    #[serde(skip)]
    pub nights: bool,
}

impl Typed {
    pub fn kind(&self) -> Option<Kind> {
        self.kind.parse().ok()
    }

    pub fn by_day(&self) -> bool {
        self.by() == By::Day
    }

    /// By time when nothing that we know is said.
    pub fn by(&self) -> By {
        self.by.parse().unwrap_or(By::Time)
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
        match self.by() {
            By::Time => !self.from.is_empty() && !self.until.is_empty(),
            By::Day | By::Let(_) => !self.date.is_empty(),
        }
    }

    /// Every mistake at once, each with its field.
    pub fn wish(&self, zone: Zone) -> Result<Wish, Errors> {
        let mut errors = Errors::default();
        let date = errors.take(
            "date",
            parse_date(&self.date).ok_or_else(|| "Choose a date, like 2026-11-24.".to_owned()),
        );
        let term = match self.by() {
            By::Time => self.times(date, zone, &mut errors),
            By::Day => self.days(date, &mut errors),
            By::Let(unit) => self.whole(unit, date, &mut errors),
        };
        let people = errors.take("people", self.people());
        let layout = errors.take("layout", self.layout());
        match (term, people, layout) {
            (Some(term), Some(people), Some(layout)) if errors.is_empty() => Ok(Wish {
                term,
                people,
                layout,
            }),
            _ => Err(errors),
        }
    }

    /// `None` when it is left to us.
    fn layout(&self) -> Result<Option<Layout>, String> {
        match self.layout.trim() {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_: String| "Choose a layout from the list.".to_owned()),
        }
    }

    /// One week or month when nothing is said.
    fn whole(&self, unit: Unit, first: Option<NaiveDate>, errors: &mut Errors) -> Option<Term> {
        let count = errors.take("count", count(unit, &self.count));
        let (first, count) = (first?, count?);
        Some(Term::Let(Let { unit, count, first }))
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
            ("count", &self.count),
            ("from", &self.from),
            ("until", &self.until),
            ("people", &self.people),
            ("layout", &self.layout),
        ];
        let said = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let said = said.map(|(field, value)| (field.to_owned(), value.clone()));
        html::query(&said.chain(self.extras.fields()).collect::<Vec<_>>())
    }

    /// Sets a field by the name that `query` gives it; false for another name.
    pub fn set(&mut self, field: &str, value: &str) -> bool {
        let target = match field {
            "kind" => &mut self.kind,
            "location" => &mut self.location,
            "by" => &mut self.by,
            "date" => &mut self.date,
            "last" => &mut self.last,
            "count" => &mut self.count,
            "from" => &mut self.from,
            "until" => &mut self.until,
            "people" => &mut self.people,
            "layout" => &mut self.layout,
            field => return self.extras.set(field, value),
        };
        value.clone_into(target);
        true
    }

    /// The same for another term, as a link suggests it.
    pub fn with_term(&self, term: Term, zone: Zone) -> Typed {
        let mut typed = Typed {
            by: term.key().into(),
            last: String::new(),
            count: String::new(),
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
            Term::Let(term) => {
                typed.date = term.first.to_string();
                typed.count = term.count.to_string();
            }
        }
        typed
    }
}

/// How many weeks or months, one when nothing is said; at most a year of them.
fn count(unit: Unit, text: &str) -> Result<u32, String> {
    let most = unit.most();
    match text.trim() {
        "" => Ok(1),
        text => text
            .parse()
            .ok()
            .filter(|count| (1..=most).contains(count))
            .ok_or_else(|| {
                format!(
                    "Enter how many {}s, as a number from 1 to {most}.",
                    unit.name()
                )
            }),
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

/// When, as programs say it.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct When {
    /// `week` or `month`; nothing for a time or days.
    #[schema(example = "month")]
    pub term: Option<String>,
    /// A time, or the first day.
    #[param(required = true, example = "2026-12-01T09:00")]
    #[schema(required = true, example = "2026-12-01T09:00")]
    pub from: String,
    /// A time, or the first day that is not wanted; weeks and months may say their count instead.
    #[param(required = false, example = "2026-12-01T11:00")]
    #[schema(example = "2026-12-01T11:00")]
    pub until: String,
    /// How many weeks or months, 1 without it.
    #[param(value_type = Option<u32>)]
    #[schema(value_type = Option<u32>)]
    pub count: Option<Number>,
}

/// A number as JSON has it, or as an address has it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Number {
    Number(u32),
    Text(String),
}

impl When {
    /// Date-times mean by time, bare dates by the day, `until` not included. With a `term` the first day
    /// is enough, or says with `until` how many there are. What is wrong has the name that programs know
    /// it by.
    pub fn term(&self, zone: Zone) -> Result<Term, (&'static str, String)> {
        match self.term.as_deref().unwrap_or_default() {
            "" | "time" | "day" => between(&self.from, &self.until, zone),
            "week" => self.whole(Unit::Week),
            "month" => self.whole(Unit::Month),
            _ => Err((
                "bad-term",
                "Send week or month as the term, or leave it out.".to_owned(),
            )),
        }
    }

    fn whole(&self, unit: Unit) -> Result<Term, (&'static str, String)> {
        let sentence = "Send the first day, like 2026-12-01.";
        let first = parse_date(&self.from).ok_or(("bad-from", sentence.to_owned()))?;
        let counted = |count| Let { unit, count, first };
        let said = match &self.count {
            Some(Number::Number(count)) => count.to_string(),
            Some(Number::Text(text)) => text.trim().to_owned(),
            None => String::new(),
        };
        if said.is_empty() && !self.until.is_empty() {
            let until = parse_date(&self.until);
            let fitting = (1..=unit.most())
                .map(counted)
                .find(|term| Some(term.until()) == until);
            let sentence = || {
                format!(
                    "Send the day after a whole number of {0}s as until, or how many {0}s as count.",
                    unit.name()
                )
            };
            return fitting
                .map(Term::Let)
                .ok_or_else(|| ("bad-until", sentence()));
        }
        match count(unit, &said) {
            Ok(count)
                if self.until.is_empty()
                    || parse_date(&self.until) == Some(counted(count).until()) =>
            {
                Ok(Term::Let(counted(count)))
            }
            Ok(count) => Err((
                "bad-until",
                format!(
                    "{} from {first} end before {}. Send one of count and until.",
                    counted(count).length(),
                    counted(count).until()
                ),
            )),
            Err(sentence) => Err(("bad-count", sentence)),
        }
    }
}

fn between(from: &str, until: &str, zone: Zone) -> Result<Term, (&'static str, String)> {
    let read = |kind, text| {
        let sentence = "Send a time like 2026-11-24T09:00 or a date like 2026-11-24.";
        moment(text).ok_or((kind, sentence.to_owned()))
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
    match (
        settle(read("bad-from", from)?)?,
        settle(read("bad-until", until)?)?,
    ) {
        (Moment::At(from), Moment::At(until)) => Ok(Term::Time(Span::new(from, until))),
        (Moment::Day(first), Moment::Day(until)) => {
            let last = until
                .pred_opt()
                .filter(|last| *last - first <= Duration::days(366));
            let last = last.ok_or((
                "bad-until",
                "Choose an end within a year of the start.".to_owned(),
            ))?;
            Ok(Term::Days { first, last })
        }
        _ => Err(("bad-until", "Send two times, or two dates.".to_owned())),
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
        let term = |from, until| between(from, until, zone());
        let with_offset = term("2026-11-24T09:00:00+02:00", "2026-11-24T08:30:00Z").unwrap();
        assert_eq!(
            term("2026-11-24T09:00", "2026-11-24T10:30"),
            Ok(with_offset)
        );
        let day = |text: &str| text.parse().unwrap();
        let days = Term::Days {
            first: day("2026-11-24"),
            last: day("2026-11-25"),
        };
        assert_eq!(term("2026-11-24", "2026-11-26"), Ok(days));
        for (from, until) in [
            ("tomorrow", "2026-11-24"),
            ("2026-11-24", "2026-11-24T09:00"),
            ("", ""),
            ("2026-13-01", "2026-13-02"),
        ] {
            assert!(term(from, until).is_err(), "{from} {until}");
        }
    }

    #[test]
    fn programs_say_weeks_and_months_by_their_count_or_their_end() {
        let asked = |term: &str, until: &str, count: Option<&str>| {
            When {
                term: Some(term.into()),
                from: "2027-01-31".into(),
                until: until.into(),
                count: count.map(|count| Number::Text(count.into())),
            }
            .term(zone())
        };
        let first = "2027-01-31".parse().unwrap();
        let months = |count| {
            Ok(Term::Let(Let {
                unit: Unit::Month,
                count,
                first,
            }))
        };
        assert_eq!(asked("month", "", None), months(1));
        assert_eq!(asked("month", "", Some("2")), months(2));
        assert_eq!(asked("month", "2027-02-28", None), months(1));
        assert_eq!(asked("month", "2027-03-31", Some("2")), months(2));
        for (term, until, count, wrong) in [
            ("month", "2027-03-01", None, "bad-until"),
            ("month", "2027-03-31", Some("1"), "bad-until"),
            ("week", "", Some("0"), "bad-count"),
            ("month", "", Some("13"), "bad-count"),
            ("year", "", None, "bad-term"),
        ] {
            assert_eq!(asked(term, until, count).unwrap_err().0, wrong);
        }
    }
}
