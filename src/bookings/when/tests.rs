use chrono::{Days, Duration};
use proptest::prelude::*;

use super::*;
use crate::locations::hours::{Hours as Opens, OnHolidays};

/// Open on weekdays from 07:00 to 19:00 and on Saturday mornings.
fn musgrave() -> Calendar {
    let hours = |opens: &str, closes: &str| Opens {
        opens: opens.parse().unwrap(),
        closes: closes.parse().unwrap(),
    };
    let zone = Zone::named("Africa/Johannesburg").unwrap();
    let mut calendar = Calendar::empty(zone, OnHolidays::Closed);
    calendar.weekly = (1..=5)
        .map(|day| (day, vec![hours("07:00", "19:00")]))
        .collect();
    calendar.weekly.insert(6, vec![hours("08:00", "13:00")]);
    calendar
}

/// Around the clock.
fn paris() -> Calendar {
    let midnight = NaiveTime::MIN;
    let hours = Opens {
        opens: midnight,
        closes: midnight,
    };
    let zone = Zone::named("Europe/Paris").unwrap();
    let mut calendar = Calendar::empty(zone, OnHolidays::Normal);
    calendar.weekly = (1..=7).map(|day| (day, vec![hours])).collect();
    calendar
}

/// Tuesday 24 November 2026, seven minutes past ten in Durban.
fn now() -> DateTime<Utc> {
    "2026-11-24T08:07:00Z".parse().unwrap()
}

fn heard_at(calendar: &Calendar, now: DateTime<Utc>, text: &str) -> Result<String, String> {
    let around = Around {
        calendar,
        now,
        step_minutes: 15,
    };
    let today = calendar.zone.date(now);
    read(text, &around).map(|term| term.words(calendar.zone, today))
}

fn heard(text: &str) -> Result<String, String> {
    heard_at(&musgrave(), now(), text)
}

const UNDERSTOOD: &[(&str, &str)] = &[
    // A weekday and two times.
    ("tue 9-11:30", "Tue 1 December, 09:00–11:30"),
    ("tue 14-16", "Tue 24 November, 14:00–16:00"),
    ("Tuesday 14-16", "Tue 24 November, 14:00–16:00"),
    ("wed 9-11", "Wed 25 November, 09:00–11:00"),
    ("weds 9-1130", "Wed 25 November, 09:00–11:30"),
    ("Wed, 9 to 11", "Wed 25 November, 09:00–11:00"),
    ("thurs 9–11", "Thu 26 November, 09:00–11:00"),
    ("fri 0900-1130", "Fri 27 November, 09:00–11:30"),
    ("sat 8-1", "Sat 28 November, 08:00–13:00"),
    ("mon 9-5", "Mon 30 November, 09:00–17:00"),
    ("9-11 thu", "Thu 26 November, 09:00–11:00"),
    ("from 9 to 11 on thursday", "Thu 26 November, 09:00–11:00"),
    ("thursday between 9 and 11", "Thu 26 November, 09:00–11:00"),
    ("thu 9 11:30", "Thu 26 November, 09:00–11:30"),
    ("thu nine to five", "Thu 26 November, 09:00–17:00"),
    ("this thu 9-11", "Thu 26 November, 09:00–11:00"),
    ("next thu 9-11", "Thu 3 December, 09:00–11:00"),
    ("thu next week 9-11", "Thu 3 December, 09:00–11:00"),
    ("next week thu 9-11", "Thu 3 December, 09:00–11:00"),
    ("coming mon 9-11", "Mon 30 November, 09:00–11:00"),
    ("last mon 9-11", "Mon 23 November, 09:00–11:00"),
    ("mon week 9-11", "Mon 7 December, 09:00–11:00"),
    ("a week from monday 9-11", "Mon 7 December, 09:00–11:00"),
    // Times as people write them.
    ("wed 9.30-11.30", "Wed 25 November, 09:30–11:30"),
    ("wed 9h30-11h30", "Wed 25 November, 09:30–11:30"),
    ("wed 14h00-16h00", "Wed 25 November, 14:00–16:00"),
    ("wed 9h-11h", "Wed 25 November, 09:00–11:00"),
    ("wed 930-1130", "Wed 25 November, 09:30–11:30"),
    ("wed 1400hrs to 1530hrs", "Wed 25 November, 14:00–15:30"),
    ("wed 9am-11am", "Wed 25 November, 09:00–11:00"),
    ("wed 9 a.m. to 1 p.m.", "Wed 25 November, 09:00–13:00"),
    ("wed 1-3pm", "Wed 25 November, 13:00–15:00"),
    ("wed 11-1pm", "Wed 25 November, 11:00–13:00"),
    ("wed 10-2pm", "Wed 25 November, 10:00–14:00"),
    ("today 3pm-5", "Tue 24 November, 15:00–17:00"),
    ("today 3-5", "Tue 24 November, 15:00–17:00"),
    ("wed 2-4", "Wed 25 November, 14:00–16:00"),
    ("wed 12-2", "Wed 25 November, 12:00–14:00"),
    ("wed 7-9", "Wed 25 November, 07:00–09:00"),
    ("wed 8:30 to noon", "Wed 25 November, 08:30–12:00"),
    ("wed midday till 14", "Wed 25 November, 12:00–14:00"),
    ("wed half past 9 to 11", "Wed 25 November, 09:30–11:00"),
    (
        "wed quarter to 10 till quarter past 11",
        "Wed 25 November, 09:45–11:15",
    ),
    (
        "wed 9 o'clock to 11 o'clock",
        "Wed 25 November, 09:00–11:00",
    ),
    ("wed 9 till close", "Wed 25 November, 09:00–19:00"),
    ("wed opening to 10", "Wed 25 November, 07:00–10:00"),
    (
        "wed 3 to 5 in the afternoon",
        "Wed 25 November, 15:00–17:00",
    ),
    ("sun 2-4", "Sun 29 November, 14:00–16:00"),
    // A start and a length.
    ("tomorrow 14 for 2h", "Wed 25 November, 14:00–16:00"),
    ("tomorrow 14:00 for 90 min", "Wed 25 November, 14:00–15:30"),
    ("tomorrow 14 for 1h30", "Wed 25 November, 14:00–15:30"),
    ("tomorrow 14 for 1.5h", "Wed 25 November, 14:00–15:30"),
    ("tomorrow 14 for 1½ hours", "Wed 25 November, 14:00–15:30"),
    (
        "tomorrow 14 for 1 hour and 30 minutes",
        "Wed 25 November, 14:00–15:30",
    ),
    ("tomorrow 14 for an hour", "Wed 25 November, 14:00–15:00"),
    (
        "tomorrow 14 for half an hour",
        "Wed 25 November, 14:00–14:30",
    ),
    ("tomorrow 14 for half a day", "Wed 25 November, 14:00–18:00"),
    ("tomorrow 14 +2h", "Wed 25 November, 14:00–16:00"),
    ("tomorrow 14 2h", "Wed 25 November, 14:00–16:00"),
    ("2 hours tomorrow at 14", "Wed 25 November, 14:00–16:00"),
    (
        "for two hours tomorrow from 2",
        "Wed 25 November, 14:00–16:00",
    ),
    ("tmrw 9 for 45m", "Wed 25 November, 09:00–09:45"),
    ("tomorrow until 11 for 2h", "Wed 25 November, 09:00–11:00"),
    ("tomorrow morning for 2h", "Wed 25 November, 07:00–09:00"),
    // Now, and today.
    ("now for 90 min", "Tue 24 November, 10:00–11:30"),
    ("now for 1h", "Tue 24 November, 10:00–11:00"),
    ("now till 12", "Tue 24 November, 10:00–12:00"),
    ("now-5", "Tue 24 November, 10:00–17:00"),
    ("right now until noon", "Tue 24 November, 10:00–12:00"),
    ("now till close", "Tue 24 November, 10:00–19:00"),
    ("next 2 hours", "Tue 24 November, 10:00–12:00"),
    ("11-12", "Tue 24 November, 11:00–12:00"),
    ("14 for 2h", "Tue 24 November, 14:00–16:00"),
    ("today 8-9", "Tue 24 November, 08:00–09:00"),
    ("yesterday 9-11", "Mon 23 November, 09:00–11:00"),
    ("this afternoon", "Tue 24 November, 12:00–19:00"),
    ("tomorrow morning", "Wed 25 November, 07:00–12:00"),
    ("fri afternoon", "Fri 27 November, 12:00–19:00"),
    ("day after tomorrow 9-11", "Thu 26 November, 09:00–11:00"),
    ("in 2 days 9-11", "Thu 26 November, 09:00–11:00"),
    ("in a week 9-11", "Tue 1 December, 09:00–11:00"),
    // Dates, the day first.
    ("24/11 11-1130", "Tue 24 November, 11:00–11:30"),
    ("24/11 9-1130", "Tue 24 November, 09:00–11:30"),
    ("1/12 9-11", "Tue 1 December, 09:00–11:00"),
    ("5/1 9-11", "Tue 5 January 2027, 09:00–11:00"),
    ("24/11/2026 9-11", "Tue 24 November, 09:00–11:00"),
    ("1/12/26 9-11", "Tue 1 December, 09:00–11:00"),
    ("1-12-2026 9-11", "Tue 1 December, 09:00–11:00"),
    ("2026-12-01 09:00-11:00", "Tue 1 December, 09:00–11:00"),
    ("2 dec 8:30 to noon", "Wed 2 December, 08:30–12:00"),
    ("2nd of december 9-11", "Wed 2 December, 09:00–11:00"),
    ("dec 2 9-11", "Wed 2 December, 09:00–11:00"),
    ("2 dec 2026 9-11", "Wed 2 December, 09:00–11:00"),
    ("wed 2 dec 9-11", "Wed 2 December, 09:00–11:00"),
    ("the 26th 9-11", "Thu 26 November, 09:00–11:00"),
    ("26 9-11", "Thu 26 November, 09:00–11:00"),
    ("the 3rd 9-11", "Thu 3 December, 09:00–11:00"),
    ("20 nov 9-11", "Fri 20 November, 09:00–11:00"),
    ("20 sept 9-11", "Mon 20 September 2027, 09:00–11:00"),
    ("29 feb 2028 9-11", "Tue 29 February 2028, 09:00–11:00"),
    // Days.
    ("next thu all day", "Thu 3 December"),
    ("thu all day", "Thu 26 November"),
    ("24/11 all day", "Tue 24 November"),
    ("all day", "Tue 24 November"),
    ("whole day tomorrow", "Wed 25 November"),
    ("tomorrow for the day", "Wed 25 November"),
    ("mon-fri", "Mon 30 November – Fri 4 December"),
    ("wed to fri", "Wed 25 November – Fri 27 November"),
    ("next mon to wed", "Mon 30 November – Wed 2 December"),
    ("today till thu", "Tue 24 November – Thu 26 November"),
    ("1/12-3/12", "Tue 1 December – Thu 3 December"),
    ("2-4 dec", "Wed 2 December – Fri 4 December"),
    ("2 to 4 december", "Wed 2 December – Fri 4 December"),
    ("dec 2-4", "Wed 2 December – Fri 4 December"),
    ("3 days from mon", "Mon 30 November – Wed 2 December"),
    ("mon for 3 days", "Mon 30 November – Wed 2 December"),
    // Weeks and months.
    (
        "week from monday",
        "1 week from Mon 30 November to Sun 6 December",
    ),
    (
        "a week from 1 dec",
        "1 week from Tue 1 December to Mon 7 December",
    ),
    (
        "2 weeks from mon",
        "2 weeks from Mon 30 November to Sun 13 December",
    ),
    (
        "from monday for a fortnight",
        "2 weeks from Mon 30 November to Sun 13 December",
    ),
    (
        "1 dec for a month",
        "1 month from Tue 1 December to Thu 31 December",
    ),
    (
        "3 months from 1 jan",
        "3 months from Fri 1 January 2027 to Wed 31 March 2027",
    ),
    ("next week", "1 week from Mon 30 November to Sun 6 December"),
    (
        "next month",
        "1 month from Tue 1 December to Thu 31 December",
    ),
    ("december", "1 month from Tue 1 December to Thu 31 December"),
];

#[test]
fn what_callers_say_is_understood() {
    assert!(UNDERSTOOD.len() >= 100, "{} examples", UNDERSTOOD.len());
    let wrong: Vec<_> = UNDERSTOOD
        .iter()
        .filter(|(text, words)| heard(text).as_deref() != Ok(*words))
        .map(|(text, words)| format!("{text:?}: {:?}, not {words:?}", heard(text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What is missing or unclear, and the words that say so.
const ASKED_BACK: &[(&str, &str)] = &[
    ("", "Say it like tue 9-11:30"),
    ("gibberish", "“gibberish” is not clear"),
    ("tue", "Tue 24 November: from when until when?"),
    (
        "tue 14",
        "Tue 24 November from 14:00: until when? Say 14:00-15:00",
    ),
    (
        "tomorrow until 11",
        "Wed 25 November until 11:00: from when?",
    ),
    ("tomorrow for 2h", "Wed 25 November for 2 hours: from when?"),
    ("now", "From now, 10:00: until when?"),
    ("9-10", "09:00–10:00 today has passed. Say the day"),
    ("wed 16-15", "16:00 is not before 15:00"),
    ("wed 9-11-12", "more than a start and an end"),
    (
        "tue 26 nov 9-11",
        "26 November 2026 is a Thursday, not a Tuesday",
    ),
    ("tue or wed 9-11", "“or” is not clear"),
    ("tue wed 9-11", "Tue 24 November or Wed 25 November?"),
    ("mon-fri 9-11", "are several bookings"),
    ("tue 9 to wed 11", "begins and ends on one day"),
    ("5/13 9-11", "the day comes first. Say 13/5"),
    ("31/11 9-11", "There is no day 31/11"),
    ("29 feb 9-11", "There is no day 29/2"),
    ("2 weeks", "2 weeks: from which day?"),
    ("tue 14 for 2h for 3h", "More than one length"),
    ("2 weeks and a month from mon", "More than one length"),
    ("60 weeks from mon", "Longer is an agreement"),
    ("wed 25:00-26:00", "“25” is not clear"),
    ("in 2 hours", "Say the time that is"),
];

#[test]
fn what_is_missing_is_asked_back() {
    for (text, words) in ASKED_BACK {
        let asked = heard(text).expect_err(text);
        assert!(asked.contains(words), "{text:?}: {asked}");
    }
}

#[test]
fn the_small_hours_are_asked_back_where_the_house_never_closes() {
    let heard = |text| heard_at(&paris(), now(), text);
    let asked = heard("wed 2-4").unwrap_err();
    assert!(asked.contains("02:00–04:00 or 14:00–16:00?"), "{asked}");
    assert_eq!(heard("wed 02-04").unwrap(), "Wed 25 November, 02:00–04:00");
    assert_eq!(heard("wed 14-16").unwrap(), "Wed 25 November, 14:00–16:00");
    assert_eq!(
        heard("wed 22-midnight").unwrap(),
        "Wed 25 November 22:00 – Thu 26 November 00:00"
    );
}

#[test]
fn times_that_clocks_skip_are_told() {
    // case B2
    let spring = "2026-03-27T08:00:00Z".parse().unwrap();
    let asked = heard_at(&paris(), spring, "29/3 02:30-04:00").unwrap_err();
    assert!(asked.contains("the clocks skip 02:30"), "{asked}");
}

#[test]
fn a_room_by_the_hour_is_taken_from_opening_to_closing() {
    let calendar = musgrave();
    let wednesday = "2026-11-25".parse().unwrap();
    let all_day = Term::Days {
        first: wednesday,
        last: wednesday,
    };
    let mut policy = Policy {
        step_minutes: 15,
        min_minutes: 30,
        max_minutes: 600,
        notice_minutes: 0,
        max_advance_days: 180,
        by_time: true,
        by_day: false,
        by_week: false,
        by_month: false,
        setup_minutes: 0,
        turnaround_minutes: 15,
        max_at_once: None,
        limits: Vec::new(),
        approval: false,
        compete: false,
        offer_minutes: 120,
        overrun_minutes: None,
        first_refusal_days: 0,
        cancellation: crate::bookings::policy::Cancellation(Vec::new()),
    };
    let term = as_booked(all_day, &policy, &calendar);
    let words = term.words(calendar.zone, wednesday);
    assert_eq!(words, "Wed 25 November, 07:00–19:00");
    policy.by_day = true;
    assert_eq!(as_booked(all_day, &policy, &calendar), all_day);
}

proptest! {
    #[test]
    fn nothing_that_is_typed_makes_it_fall_over(text in "\\PC{0,60}") {
        let _ = heard(&text);
    }

    #[test]
    fn nor_do_its_own_words_in_any_order(words in prop::collection::vec(
        prop::sample::select(vec![
            "tue", "next", "9", "11:30", "-", "for", "2h", "24", "/", "11", "dec", "all", "day", "now", "a", "week",
            "from", "99999999", "00", "h", ".", "5", "noon", "in", "half", "past", "to", "the", "+", "31", "pm", "0",
            "month", "2026", "until", "morning", "midnight", "days", "1000", "of", "th", "close", "½",
        ]), 0..9), glue in prop::bool::ANY) {
        let text = words.join(if glue { "" } else { " " });
        let _ = heard(&text);
        let _ = heard_at(&paris(), now(), &text);
    }

    #[test]
    fn what_is_said_is_understood_again(day in 0_u64..300, from in 28_i64..72, steps in 1_i64..8, kind in 0..4) {
        let (calendar, now) = (musgrave(), now());
        let zone = calendar.zone;
        let first = zone.date(now) + Days::new(day);
        let at = |quarters: i64| {
            zone.instant(first.and_time(NaiveTime::MIN) + Duration::minutes(15 * quarters)).unwrap()
        };
        let term = match kind {
            0 => Term::Time(crate::time::Span::new(at(from), at(from + steps))),
            1 => Term::Days { first, last: first + Days::new(steps.unsigned_abs() - 1) },
            2 => Term::Let(Let { unit: Unit::Week, count: steps.unsigned_abs() as u32, first }),
            _ => Term::Let(Let { unit: Unit::Month, count: steps.unsigned_abs() as u32, first }),
        };
        let around = Around { calendar: &calendar, now, step_minutes: 15 };
        let text = say(&term, zone);
        prop_assert_eq!(read(&text, &around), Ok(term), "{}", text);
    }
}
