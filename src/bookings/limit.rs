//! How much of a kind one member, or one company, may use in a day, a week or a month of the location's calendar.

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::{length, long_date};

/// The most limits that a policy has.
pub const MOST: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limit {
    #[schema(minimum = 1)]
    pub most: i64,
    #[schema(inline)]
    pub unit: Unit,
    #[schema(inline)]
    pub per: Per,
    #[schema(inline)]
    pub whose: Whose,
}

/// Hours are those that pass, of a booking by the day those of its openings; a day counts once for each member,
/// however often they come on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Hours,
    Days,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    Day,
    Week,
    Month,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    Member,
    /// What is booked at one company's expense, by all its people together.
    Company,
}

impl Unit {
    pub const ALL: [Unit; 2] = [Unit::Hours, Unit::Days];

    pub fn key(self) -> &'static str {
        match self {
            Unit::Hours => "hours",
            Unit::Days => "days",
        }
    }

    pub fn named(key: &str) -> Option<Unit> {
        Unit::ALL.into_iter().find(|unit| unit.key() == key)
    }

    /// So many minutes or days: `2½ hours`, `1 day`.
    pub fn words(self, amount: i64) -> String {
        match (self, amount) {
            (Unit::Hours, minutes) => length(minutes),
            (Unit::Days, 1) => "1 day".to_owned(),
            (Unit::Days, days) => format!("{days} days"),
        }
    }

    /// The first of two amounts without its unit where both have the same: `9 of 10 hours`.
    fn of(self, used: i64, most: i64) -> String {
        let most = self.words(most);
        match self {
            Unit::Hours if used % 60 != 0 => {
                format!("{} of {most}", length(used).trim_end_matches(" hours"))
            }
            Unit::Hours => format!("{} of {most}", used / 60),
            Unit::Days => format!("{used} of {most}"),
        }
    }
}

impl Per {
    pub const ALL: [Per; 3] = [Per::Day, Per::Week, Per::Month];

    pub fn key(self) -> &'static str {
        match self {
            Per::Day => "day",
            Per::Week => "week",
            Per::Month => "month",
        }
    }

    pub fn named(key: &str) -> Option<Per> {
        Per::ALL.into_iter().find(|per| per.key() == key)
    }

    /// The whole day, week or month that a date is in, its last day included; a week is whole also across two
    /// months.
    pub fn around(self, date: NaiveDate, week_starts: Weekday) -> Period {
        let first = match self {
            Per::Day => date,
            Per::Week => date - Duration::days(date.weekday().days_since(week_starts).into()),
            Per::Month => date - Duration::days(date.day0().into()),
        };
        let last = match self {
            Per::Day => date,
            Per::Week => first + Duration::days(6),
            Per::Month => {
                let later = first + Duration::days(31);
                later - Duration::days(later.day().into())
            }
        };
        Period {
            per: self,
            first,
            last,
        }
    }
}

impl Whose {
    pub const ALL: [Whose; 2] = [Whose::Member, Whose::Company];

    pub fn key(self) -> &'static str {
        match self {
            Whose::Member => "member",
            Whose::Company => "company",
        }
    }

    pub fn named(key: &str) -> Option<Whose> {
        Whose::ALL.into_iter().find(|whose| whose.key() == key)
    }
}

impl Limit {
    /// In minutes or days.
    pub fn amount(&self) -> i64 {
        match self.unit {
            Unit::Hours => self.most * 60,
            Unit::Days => self.most,
        }
    }

    /// Nobody could use more in the time than there is of it.
    pub fn is_within_reason(&self) -> bool {
        let days = match self.per {
            Per::Day => 1,
            Per::Week => 7,
            Per::Month => 31,
        };
        let most = match (self.whose, self.unit) {
            (Whose::Company, _) => 10_000,
            (Whose::Member, Unit::Hours) => days * 24,
            (Whose::Member, Unit::Days) => days,
        };
        (1..=most).contains(&self.most)
    }

    /// `At most 10 hours a week for one member.`
    pub fn sentence(&self) -> String {
        let (most, per) = (self.unit.words(self.amount()), self.per.key());
        format!("At most {most} a {per} for one {}.", self.whose.key())
    }
}

/// A day, a week or a month of a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub per: Per,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Period {
    /// The first day of the next.
    pub fn next(&self) -> NaiveDate {
        self.last + Duration::days(1)
    }

    /// `this week`, `in the week from Mon 7 December`, `in December`, `on Tue 8 December`.
    pub fn words(&self, today: NaiveDate) -> String {
        let is_now = self.first <= today && today <= self.last;
        let year = match self.first.year() == today.year() {
            true => "",
            false => " %Y",
        };
        match (self.per, is_now) {
            (Per::Day, true) => "today".to_owned(),
            (Per::Week, true) => "this week".to_owned(),
            (Per::Month, true) => "this month".to_owned(),
            (Per::Day, false) => format!("on {}", long_date(self.first, today)),
            (Per::Week, false) => format!("in the week from {}", long_date(self.first, today)),
            (Per::Month, false) => self.first.format(&format!("in %B{year}")).to_string(),
        }
    }
}

/// What a limit leaves in one of its times.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub limit: Limit,
    /// The name of the company whose limit it is.
    pub company: Option<String>,
    /// `meeting rooms`
    pub kind: String,
    pub period: Period,
    /// In minutes or days, like what is asked for.
    pub used: i64,
    pub asked: i64,
    pub today: NaiveDate,
}

impl Account {
    fn figures(&self) -> String {
        let used = self.limit.unit.of(self.used, self.limit.amount());
        let when = self.period.words(self.today);
        format!("{used} of {} {when}", self.kind)
    }

    /// `You have used 6 of 10 hours of meeting rooms this week.`
    pub fn stand(&self) -> String {
        match &self.company {
            Some(company) => format!("{company} has used {}.", self.figures()),
            None => format!("You have used {}.", self.figures()),
        }
    }

    /// The same of somebody else.
    pub fn of_them(&self) -> String {
        match &self.company {
            Some(company) => format!("{company} has used {}{}", self.figures(), self.rest()),
            None => format!("They have used {}{}", self.figures(), self.rest()),
        }
    }

    fn rest(&self) -> String {
        let asked = self.limit.unit.words(self.asked);
        let next = long_date(self.period.next(), self.today);
        format!(", and this is {asked}. The count begins anew on {next}.")
    }

    /// What is used, what is asked for, and when it renews.
    pub fn sentence(&self) -> String {
        let stand = self.stand();
        format!("{}{}", stand.trim_end_matches('.'), self.rest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_are_whole_across_months_and_begin_when_the_location_says() {
        // case K5
        let around = |per: Per, on: &str, starts| {
            let period = per.around(date(on), starts);
            (period.first.to_string(), period.last.to_string())
        };
        let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        for on in ["2026-11-30", "2026-12-01", "2026-12-06"] {
            assert_eq!(
                around(Per::Week, on, Weekday::Mon),
                pair("2026-11-30", "2026-12-06"),
                "{on}"
            );
        }
        assert_eq!(
            around(Per::Week, "2026-12-06", Weekday::Sun),
            pair("2026-12-06", "2026-12-12")
        );
        assert_eq!(
            around(Per::Month, "2028-02-10", Weekday::Mon),
            pair("2028-02-01", "2028-02-29")
        );
        assert_eq!(
            around(Per::Month, "2026-12-31", Weekday::Mon),
            pair("2026-12-01", "2026-12-31")
        );
        assert_eq!(
            around(Per::Day, "2026-12-31", Weekday::Mon),
            pair("2026-12-31", "2026-12-31")
        );
    }

    #[test]
    fn what_is_used_what_is_asked_and_when_it_renews_is_said() {
        let limit = Limit {
            most: 10,
            unit: Unit::Hours,
            per: Per::Week,
            whose: Whose::Member,
        };
        let account = Account {
            limit,
            company: None,
            kind: "meeting rooms".to_owned(),
            period: Per::Week.around(date("2026-11-24"), Weekday::Mon),
            used: 9 * 60,
            asked: 150,
            today: date("2026-11-24"),
        };
        assert_eq!(
            account.sentence(),
            "You have used 9 of 10 hours of meeting rooms this week, and this is 2½ hours. The count begins anew on Mon 30 November."
        );
        let company = Account {
            company: Some("Umoya Designs".to_owned()),
            used: 570,
            today: date("2026-11-10"),
            ..account
        };
        assert_eq!(
            company.stand(),
            "Umoya Designs has used 9½ of 10 hours of meeting rooms in the week from Mon 23 November."
        );
        assert_eq!(limit.sentence(), "At most 10 hours a week for one member.");
    }
}
