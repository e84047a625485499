use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;

use super::*;
use crate::time::Span;

const DESK: Rates = Rates {
    hour: Some(Money::rands(60)),
    half_day: None,
    day: Some(Money::rands(220)),
    week: None,
    month: None,
};

fn nine() -> DateTime<Utc> {
    "2026-11-24T07:00:00Z".parse().unwrap()
}

fn asked(minutes: i64) -> Asked {
    let date = nine().date_naive();
    Asked::Time(Opening {
        date,
        span: Span::new(nine(), nine() + Duration::minutes(minutes)),
    })
}

fn by_days(rates: &Rates, openings: &[Opening]) -> Quote {
    Quote::of(rates, &Asked::Days(openings.to_vec()), 1500).unwrap()
}

fn let_for(rates: &Rates, first: &str, count: u32, unit: term::Unit) -> Quote {
    let first = first.parse().unwrap();
    Quote::of(rates, &Asked::Let(Let { unit, count, first }), 1500).unwrap()
}

const OFFICE: Rates = Rates {
    hour: None,
    half_day: None,
    day: Some(Money::rands(710)),
    week: Some(Money::rands(2830)),
    month: Some(Money::rands(8500)),
};

fn days(minutes: &[i64]) -> Vec<Opening> {
    minutes
        .iter()
        .zip(nine().date_naive().iter_days())
        .map(|(minutes, date)| Opening {
            date,
            span: Span::new(nine(), nine() + Duration::minutes(*minutes)),
        })
        .collect()
}

fn by_time(rates: &Rates, minutes: i64) -> Quote {
    Quote::of(rates, &asked(minutes), 1500).unwrap()
}

#[test]
fn the_day_rate_applies_when_hours_would_cost_more() {
    // case L4
    let quote = by_time(&DESK, 240);
    assert_eq!(quote.total, Money::rands(220));
    assert_eq!(
        quote.reason.as_deref(),
        Some("4 hours would be R240; the day rate R220 applies.")
    );
    assert_eq!(
        quote.lines,
        [Line {
            label: "1 day × R220".into(),
            cents: Money::rands(220)
        }]
    );
    assert_eq!(quote.vat, Money::cents(2870));
    assert_eq!(quote.vat_label(), "VAT included (15 %)");
}

#[test]
fn plain_hours_need_no_reason() {
    let quote = by_time(&DESK, 150);
    assert_eq!(
        quote.lines,
        [Line {
            label: "2½ hours × R60".into(),
            cents: Money::rands(150)
        }]
    );
    assert_eq!(quote.reason, None);
}

#[test]
fn a_half_day_and_an_hour() {
    let room = Rates {
        half_day: Some(Money::rands(210)),
        day: None,
        ..DESK
    };
    let quote = by_time(&room, 300);
    assert_eq!(quote.total, Money::rands(270));
    assert_eq!(
        quote.reason.as_deref(),
        Some("5 hours would be R300; a mix of the half-day and hour rates applies.")
    );
}

#[test]
fn the_week_rate_of_an_office() {
    let quote = by_days(&OFFICE, &days(&[720; 5]));
    assert_eq!(quote.total, Money::rands(2830));
    assert_eq!(
        quote.reason.as_deref(),
        Some("5 days would be R3\u{a0}550; the week rate R2\u{a0}830 applies.")
    );
    assert_eq!(by_days(&OFFICE, &days(&[720; 2])).total, Money::rands(1420));
}

#[test]
fn a_short_day_is_charged_by_the_hour() {
    let quote = by_days(&DESK, &days(&[120]));
    assert_eq!(quote.total, Money::rands(120));
    assert_eq!(
        quote.reason.as_deref(),
        Some("1 day would be R220; the hour rate R60 applies.")
    );
}

#[test]
fn a_day_of_a_clock_change_is_one_day() {
    // case B6
    for minutes in [23 * 60, 25 * 60] {
        let quote = by_days(&DESK, &days(&[minutes]));
        assert_eq!(quote.total, Money::rands(220));
    }
}

#[test]
fn without_a_rate_there_is_no_price() {
    assert_eq!(Quote::of(&Rates::default(), &asked(60), 1500), None);
}

#[test]
fn an_office_by_the_week_and_by_the_month() {
    let line = |label: &str, rands| Line {
        label: label.into(),
        cents: Money::rands(rands),
    };
    let month = let_for(&OFFICE, "2026-12-01", 1, term::Unit::Month);
    assert_eq!(month.lines, [line("1 month × R8\u{a0}500", 8500)]);
    assert_eq!(month.reason, None);
    let week = let_for(&OFFICE, "2026-12-01", 1, term::Unit::Week);
    assert_eq!(week.lines, [line("1 week × R2\u{a0}830", 2830)]);
    // 24 November to 24 December is a month, and five days are left.
    let five_weeks = let_for(&OFFICE, "2026-11-24", 5, term::Unit::Week);
    assert_eq!(
        five_weeks.lines,
        [
            line("1 month × R8\u{a0}500", 8500),
            line("1 week × R2\u{a0}830", 2830)
        ]
    );
    assert_eq!(
        five_weeks.reason.as_deref(),
        Some("5 weeks would be R14\u{a0}150; a mix of the month and week rates applies.")
    );
    // The four weeks of a February are its month, and cost no more than that.
    let february = let_for(&OFFICE, "2027-02-01", 4, term::Unit::Week);
    assert_eq!(february.total, Money::rands(8500));
}

#[test]
fn months_from_a_31st_are_months_and_no_days_more() {
    for count in 1..=12 {
        let quote = let_for(&OFFICE, "2027-01-31", count, term::Unit::Month);
        assert_eq!(
            quote.total,
            Money::rands(8500 * i64::from(count)),
            "{count}"
        );
        assert_eq!(quote.lines.len(), 1);
    }
}

fn rates() -> impl Strategy<Value = Rates> {
    let maybe = |from: i64, to: i64| prop::option::of((from..to).prop_map(Money::cents));
    (
        1_000i64..100_000,
        maybe(1_000, 400_000),
        maybe(1_000, 900_000),
        maybe(1_000, 3_000_000),
        maybe(1_000, 9_000_000),
    )
        .prop_map(|(hour, half_day, day, week, month)| Rates {
            hour: Some(Money::cents(hour)),
            half_day,
            day,
            week,
            month,
        })
}

proptest! {
    #[test]
    fn longer_is_never_cheaper(rates in rates(), steps in 1i64..95) {
        prop_assert!(by_time(&rates, steps * 15).total <= by_time(&rates, (steps + 1) * 15).total);
    }

    #[test]
    fn more_days_are_never_cheaper(rates in rates(), openings in prop::collection::vec(60i64..1440, 2..45)) {
        let all = days(&openings);
        let fewer = by_days(&rates, &all[..all.len() - 1]);
        prop_assert!(fewer.total <= by_days(&rates, &all).total);
    }

    /// Of every length a let can have, whatever unit it is said in, from any day of some years.
    #[test]
    fn a_longer_let_is_never_cheaper(rates in rates(), start in 0u64..1500) {
        let first: NaiveDate = "2026-11-24".parse().unwrap();
        let first = first + Days::new(start);
        let weeks = (1..=20).map(|count| Let { unit: term::Unit::Week, count, first });
        let months = (1..=5).map(|count| Let { unit: term::Unit::Month, count, first });
        let mut lets: Vec<Let> = weeks.chain(months).collect();
        lets.sort_by_key(Let::until);
        let totals: Vec<Option<Money>> =
            lets.iter().map(|term| Some(Quote::of(&rates, &Asked::Let(*term), 0)?.total)).collect();
        prop_assert!(totals.is_sorted(), "{:?} {:?}", lets, totals);
    }

    /// Two lets in a row never cost less than the one that is as long as both.
    #[test]
    fn no_split_of_a_let_beats_the_whole(rates in rates(), start in 0u64..1500, head in 1u32..6, tail in 1u32..6) {
        prop_assume!(rates.day.or(rates.week).or(rates.month).is_some());
        let first: NaiveDate = "2026-11-24".parse().unwrap();
        let weeks = |first, count| Let { unit: term::Unit::Week, count, first };
        let first = first + Days::new(start);
        let cost = |term: Let| Quote::of(&rates, &Asked::Let(term), 0).unwrap().total;
        let head_let = weeks(first, head);
        let parts = cost(head_let) + cost(weeks(head_let.until(), tail));
        prop_assert!(cost(weeks(first, head + tail)) <= parts);
    }

    #[test]
    fn no_split_beats_the_whole(rates in rates(), steps in 2i64..96, at in 1i64..95) {
        let cut = at.min(steps - 1);
        let split = by_time(&rates, cut * 15).total + by_time(&rates, (steps - cut) * 15).total;
        prop_assert!(by_time(&rates, steps * 15).total <= split);
    }

    #[test]
    fn no_split_of_days_beats_the_whole(rates in rates(), openings in prop::collection::vec(60i64..1440, 2..45), at in 1usize..44) {
        let all = days(&openings);
        let (head, tail) = all.split_at(at.min(all.len() - 1));
        let whole = by_days(&rates, &all).total;
        let parts = by_days(&rates, head).total + by_days(&rates, tail).total;
        prop_assert!(whole <= parts);
    }

    #[test]
    fn lines_add_up(rates in rates(), openings in prop::collection::vec(60i64..1440, 1..45), by_day: bool) {
        let openings = days(&openings);
        let quote = if by_day { by_days(&rates, &openings) } else { Quote::of(&rates, &Asked::Time(openings[0]), 1500).unwrap() };
        prop_assert_eq!(quote.lines.iter().map(|line| line.cents).sum::<Money>(), quote.total);
        prop_assert!(quote.vat <= quote.total);
    }
}
