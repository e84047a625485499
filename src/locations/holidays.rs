//! South Africa's public holidays, computed: Public Holidays Act 36 of 1994, Schedule 1 and s 2(1).
//! Days that the President proclaims (s 2A) are exceptions that staff add to a location's hours.

use chrono::{Datelike, Duration, NaiveDate, Weekday};

/// The name of the public holiday on a date. A holiday on a Sunday makes the Monday one too, unless
/// that Monday is a holiday already: then nothing moves further.
pub fn public_holiday(date: NaiveDate) -> Option<&'static str> {
    scheduled(date).or_else(|| {
        let sunday = date
            .pred_opt()
            .filter(|day| day.weekday() == Weekday::Sun)?;
        scheduled(sunday)
    })
}

fn scheduled(date: NaiveDate) -> Option<&'static str> {
    if date.year() < 1995 {
        return None;
    }
    let fixed = match (date.month(), date.day()) {
        (1, 1) => "New Year’s Day",
        (3, 21) => "Human Rights Day",
        (4, 27) => "Freedom Day",
        (5, 1) => "Workers’ Day",
        (6, 16) => "Youth Day",
        (8, 9) => "National Women’s Day",
        (9, 24) => "Heritage Day",
        (12, 16) => "Day of Reconciliation",
        (12, 25) => "Christmas Day",
        (12, 26) => "Day of Goodwill",
        _ => {
            let easter = easter_sunday(date.year())?;
            return match date - easter {
                days if days == Duration::days(-2) => Some("Good Friday"),
                days if days == Duration::days(1) => Some("Family Day"),
                _ => None,
            };
        }
    };
    Some(fixed)
}

/// The Gregorian computus (Meeus, Jones, Butcher).
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    NaiveDate::from_ymd_opt(year, month.try_into().ok()?, day.try_into().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_year(year: i32) -> Vec<String> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
        first
            .iter_days()
            .take_while(|day| day.year() == year)
            .filter(|day| public_holiday(*day).is_some())
            .map(|day| day.format("%-d %b").to_string())
            .collect()
    }

    #[test]
    fn the_years_as_gazetted() {
        assert_eq!(
            of_year(2026).join(", "),
            "1 Jan, 21 Mar, 3 Apr, 6 Apr, 27 Apr, 1 May, 16 Jun, 9 Aug, 10 Aug, 24 Sep, 16 Dec, 25 Dec, 26 Dec"
        );
        assert_eq!(
            of_year(2027).join(", "),
            "1 Jan, 21 Mar, 22 Mar, 26 Mar, 29 Mar, 27 Apr, 1 May, 16 Jun, 9 Aug, 24 Sep, 16 Dec, 25 Dec, 26 Dec, 27 Dec"
        );
        assert_eq!(
            of_year(2028).join(", "),
            "1 Jan, 21 Mar, 14 Apr, 17 Apr, 27 Apr, 1 May, 16 Jun, 9 Aug, 24 Sep, 25 Sep, 16 Dec, 25 Dec, 26 Dec"
        );
        assert_eq!(
            of_year(2029).join(", "),
            "1 Jan, 21 Mar, 30 Mar, 2 Apr, 27 Apr, 1 May, 16 Jun, 9 Aug, 24 Sep, 16 Dec, 17 Dec, 25 Dec, 26 Dec"
        );
        assert_eq!(
            of_year(2030).join(", "),
            "1 Jan, 21 Mar, 19 Apr, 22 Apr, 27 Apr, 1 May, 16 Jun, 17 Jun, 9 Aug, 24 Sep, 16 Dec, 25 Dec, 26 Dec"
        );
    }

    #[test]
    fn christmas_on_a_sunday_moves_nothing_to_tuesday() {
        let day = |d| NaiveDate::from_ymd_opt(2022, 12, d).unwrap();
        assert_eq!(public_holiday(day(25)), Some("Christmas Day"));
        assert_eq!(public_holiday(day(26)), Some("Day of Goodwill"));
        assert_eq!(public_holiday(day(27)), None);
    }
}
