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

fn asked(minutes: i64) -> [Opening; 1] {
    let date = nine().date_naive();
    [Opening {
        date,
        span: Span::new(nine(), nine() + Duration::minutes(minutes)),
    }]
}

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
    Quote::of(rates, &asked(minutes), false, 1500).unwrap()
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
    let office = Rates {
        hour: None,
        half_day: None,
        day: Some(Money::rands(710)),
        week: Some(Money::rands(2830)),
        month: Some(Money::rands(8500)),
    };
    let quote = Quote::of(&office, &days(&[720; 5]), true, 1500).unwrap();
    assert_eq!(quote.total, Money::rands(2830));
    assert_eq!(
        quote.reason.as_deref(),
        Some("5 days would be R3\u{a0}550; the week rate R2\u{a0}830 applies.")
    );
    assert_eq!(
        Quote::of(&office, &days(&[720; 2]), true, 1500)
            .unwrap()
            .total,
        Money::rands(1420)
    );
}

#[test]
fn a_short_day_is_charged_by_the_hour() {
    let quote = Quote::of(&DESK, &days(&[120]), true, 1500).unwrap();
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
        let quote = Quote::of(&DESK, &days(&[minutes]), true, 1500).unwrap();
        assert_eq!(quote.total, Money::rands(220));
    }
}

#[test]
fn without_a_rate_there_is_no_price() {
    assert_eq!(Quote::of(&Rates::default(), &asked(60), false, 1500), None);
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
        let fewer = Quote::of(&rates, &all[..all.len() - 1], true, 0).unwrap();
        prop_assert!(fewer.total <= Quote::of(&rates, &all, true, 0).unwrap().total);
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
        let whole = Quote::of(&rates, &all, true, 0).unwrap().total;
        let parts = Quote::of(&rates, head, true, 0).unwrap().total + Quote::of(&rates, tail, true, 0).unwrap().total;
        prop_assert!(whole <= parts);
    }

    #[test]
    fn lines_add_up(rates in rates(), openings in prop::collection::vec(60i64..1440, 1..45), by_day: bool) {
        let quote = Quote::of(&rates, &days(&openings), by_day, 1500).unwrap();
        prop_assert_eq!(quote.lines.iter().map(|line| line.cents).sum::<Money>(), quote.total);
        prop_assert!(quote.vat <= quote.total);
    }
}
