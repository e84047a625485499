//! How a booking repeats as people type it: raw text, so that nothing typed is lost.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

use super::recurrence::{self, End, Every, Problem, Recurrence, WEEK, day_name};
use crate::{form::Errors, html, time::parse_date};

/// The fields of the form; an empty one is not said.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Repeat {
    /// One of `choices`.
    pub repeat: String,
    /// Every so many days, weeks or months.
    pub every: String,
    pub mon: String,
    pub tue: String,
    pub wed: String,
    pub thu: String,
    pub fri: String,
    pub sat: String,
    pub sun: String,
    /// Until when, that day included: `2027-02-14`.
    pub through: String,
    /// How many times, in place of it.
    pub times: String,
}

impl Repeat {
    pub fn is_asked(&self) -> bool {
        !self.repeat.is_empty()
    }

    /// What to choose from, for something that begins on `first`: the key and its words.
    pub fn choices(first: NaiveDate) -> Vec<(&'static str, String)> {
        let rule = |every| Recurrence {
            every,
            interval: 1,
            end: End::Count(1),
        };
        let monthly = |every| {
            let mut words = rule(every).words();
            if let Some(letter) = words.get_mut(..1) {
                letter.make_ascii_uppercase();
            }
            words
        };
        let (nth, weekday) = nth(first);
        let mut choices = vec![
            ("week", "Every week".to_owned()),
            ("workdays", "Monday to Friday".to_owned()),
            ("day", "Every day".to_owned()),
            ("date", monthly(Every::MonthDay(first.day() as i32))),
            ("weekday", monthly(Every::MonthWeekday(nth, weekday))),
        ];
        if is_last(first) {
            choices.push(("last", monthly(Every::MonthWeekday(-1, weekday))));
        }
        choices
    }

    /// The weekdays with their fields, and whether they are chosen.
    pub fn week(&self) -> [(&'static str, &'static str, bool); 7] {
        let chosen = [
            &self.mon, &self.tue, &self.wed, &self.thu, &self.fri, &self.sat, &self.sun,
        ];
        let fields = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let mut at = 0;
        fields.map(|field| {
            let day = (field, day_name(WEEK[at]), !chosen[at].is_empty());
            at += 1;
            day
        })
    }

    /// With the weekday of the first date chosen, where nothing was said yet.
    pub fn beginning(mut self, first: NaiveDate) -> Repeat {
        if self.repeat.is_empty() {
            let field = match first.weekday() {
                Weekday::Mon => &mut self.mon,
                Weekday::Tue => &mut self.tue,
                Weekday::Wed => &mut self.wed,
                Weekday::Thu => &mut self.thu,
                Weekday::Fri => &mut self.fri,
                Weekday::Sat => &mut self.sat,
                Weekday::Sun => &mut self.sun,
            };
            *field = "1".to_owned();
        }
        self
    }

    /// Every mistake at once, each with its field.
    pub fn read(&self, first: NaiveDate) -> Result<Recurrence, Errors> {
        let mut errors = Errors::default();
        let every = errors.take("repeat", self.every(first));
        let interval = match self.every.trim() {
            "" => Some(1),
            text => {
                let number = text.parse().ok().filter(|number| (1..=52).contains(number));
                let sentence = "Enter a number from 1 to 52: 2 is every other one.".to_owned();
                errors.take("every", number.ok_or(sentence))
            }
        };
        let end = errors.take("through", self.end());
        let (Some(every), Some(interval), Some(end)) = (every, interval, end) else {
            return Err(errors);
        };
        let read = Recurrence {
            every,
            interval,
            end,
        };
        match read.dates(first) {
            Ok(_) => Ok(read),
            Err(problem) => Err(Errors::from((problem.field(), problem.to_string()))),
        }
    }

    fn every(&self, first: NaiveDate) -> Result<Every, String> {
        let (nth, weekday) = nth(first);
        Ok(match self.repeat.as_str() {
            "day" => Every::Day,
            "workdays" => Every::Week(WEEK[..5].to_vec()),
            "week" => {
                let week = self.week().into_iter().zip(WEEK);
                let chosen = week.filter(|((.., chosen), _)| *chosen);
                Every::Week(chosen.map(|(_, day)| day).collect())
            }
            "date" => Every::MonthDay(first.day() as i32),
            "weekday" => Every::MonthWeekday(nth, weekday),
            "last" => Every::MonthWeekday(-1, weekday),
            _ => return Err("Choose how it repeats from the list.".to_owned()),
        })
    }

    fn end(&self) -> Result<End, String> {
        match (self.through.trim(), self.times.trim()) {
            ("", "") => Err(Problem::NoEnd.to_string()),
            (_, "") => parse_date(&self.through)
                .map(End::Until)
                .ok_or_else(|| "Choose the last day, like 2027-02-14.".to_owned()),
            ("", times) => {
                let most = recurrence::MOST as u32;
                let number = times
                    .parse()
                    .ok()
                    .filter(|number| (1..=most).contains(number));
                number
                    .map(End::Count)
                    .ok_or_else(|| format!("Enter how many times, as a number from 1 to {most}."))
            }
            _ => Err(Problem::TwoEnds.to_string()),
        }
    }

    /// The fields as an address or a form carries them, empty ones left out.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let plain = [
            ("repeat", &self.repeat),
            ("every", &self.every),
            ("through", &self.through),
            ("times", &self.times),
        ];
        let plain = plain.into_iter().filter(|(_, text)| !text.is_empty());
        let week = self.week().into_iter().filter(|(.., chosen)| *chosen);
        plain
            .map(|(field, text)| (field, text.clone()))
            .chain(week.map(|(field, ..)| (field, "1".to_owned())))
            .collect()
    }

    pub fn query(&self) -> String {
        html::query(&self.fields())
    }
}

/// Which one of its weekday it is in its month.
fn nth(date: NaiveDate) -> (i32, Weekday) {
    ((date.day() as i32 - 1) / 7 + 1, date.weekday())
}

fn is_last(date: NaiveDate) -> bool {
    let later = date.checked_add_days(Days::new(7));
    later.is_some_and(|later| later.month() != date.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tuesday() -> NaiveDate {
        "2026-11-24".parse().unwrap()
    }

    fn typed(repeat: &str) -> Repeat {
        Repeat {
            repeat: repeat.into(),
            times: "3".into(),
            ..Repeat::default()
        }
    }

    #[test]
    fn what_is_chosen_is_a_rule() {
        for (repeat, rule) in [
            ("day", "FREQ=DAILY;COUNT=3"),
            ("workdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=3"),
            ("date", "FREQ=MONTHLY;BYMONTHDAY=24;COUNT=3"),
            ("weekday", "FREQ=MONTHLY;BYDAY=4TU;COUNT=3"),
            ("last", "FREQ=MONTHLY;BYDAY=-1TU;COUNT=3"),
        ] {
            let read = typed(repeat).read(tuesday()).unwrap();
            assert_eq!(read.to_string(), rule);
        }
        let week = Repeat {
            thu: "1".into(),
            every: "2".into(),
            ..typed("week").beginning(tuesday())
        };
        let read = week.read(tuesday()).unwrap();
        assert_eq!(read.to_string(), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;COUNT=3");
        assert_eq!(week.query(), "repeat=week&every=2&times=3&thu=1");
        let words: Vec<String> = Repeat::choices(tuesday())
            .into_iter()
            .map(|one| one.1)
            .collect();
        assert_eq!(
            words[3..],
            [
                "On the 24th of every month",
                "On the 4th Tuesday of every month",
                "On the last Tuesday of every month"
            ]
        );
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let fields = |repeat: Repeat| -> Vec<String> {
            let errors = repeat.read(tuesday()).unwrap_err();
            errors.iter().map(|(field, _)| field.to_owned()).collect()
        };
        let wrong = Repeat {
            repeat: "yearly".into(),
            every: "often".into(),
            ..Repeat::default()
        };
        assert_eq!(fields(wrong), ["repeat", "every", "through"]);
        // case I7
        assert_eq!(fields(typed("week")), ["mon"]);
        let both = Repeat {
            through: "2026-12-24".into(),
            ..typed("day")
        };
        assert_eq!(fields(both), ["through"]);
        let before = Repeat {
            times: String::new(),
            through: "2026-11-01".into(),
            ..typed("day")
        };
        assert_eq!(fields(before), ["through"]);
    }
}
