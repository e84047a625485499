//! A caller's sentence that was typed into one field as it came: what it says goes to the fields it is for.

use chrono::NaiveDate;

use super::Typed;
use crate::bookings::when;

/// What people are called after their number.
const PEOPLE: [&str; 6] = ["people", "person", "persons", "pax", "ppl", "guests"];

impl Typed {
    /// `umhlanga mon 9-11 6 people` under what and where, as three fields; `None` if what is left of it names
    /// nothing, or if there is nothing else in it.
    pub(super) fn in_their_fields(
        &self,
        today: NaiveDate,
        names: impl Fn(&str) -> bool,
    ) -> Option<Typed> {
        let mut words: Vec<&str> = self.what.split_whitespace().collect();
        let mut typed = self.clone();
        if self.people.trim().is_empty()
            && let Some(people) = people(&mut words)
        {
            typed.people = people;
        }
        let left = |from: usize, until: usize| [&words[..from], &words[until..]].concat().join(" ");
        let is_place = |words: &str| words.is_empty() || names(words);
        // The shortest first: what may be a name is no part of the time.
        let pieces = (1..=words.len())
            .flat_map(|length| (0..=words.len() - length).map(move |from| (from, from + length)));
        let found = pieces
            .filter(|(from, until)| when::says_when(&words[*from..*until].join(" "), today))
            .find(|(from, until)| is_place(&left(*from, *until)))
            .filter(|_| self.when.trim().is_empty());
        match found {
            Some((from, until)) => {
                typed.when = words[from..until].join(" ");
                typed.what = left(from, until);
            }
            None => typed.what = words.join(" "),
        }
        (typed.what != self.what.trim() && is_place(&typed.what)).then_some(typed)
    }
}

/// Takes `6 people` or `for 6 people` out of what was said.
fn people(words: &mut Vec<&str>) -> Option<String> {
    let is_count = |word: &str| matches!(word.parse(), Ok(1..=500));
    let at = words
        .windows(2)
        .position(|pair| is_count(pair[0]) && PEOPLE.contains(&pair[1].to_lowercase().as_str()))?;
    let people = words[at].to_owned();
    let from = match at.checked_sub(1).map(|before| words[before]) {
        Some("for") => at - 1,
        _ => at,
    };
    words.drain(from..at + 2);
    Some(people)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_put_where_it_belongs() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let names = |words: &str| ["umhlanga", "desk 1", "lighthouse"].contains(&words);
        let read = |what: &str| {
            let typed = Typed {
                what: what.into(),
                ..Typed::default()
            };
            let typed = typed.in_their_fields(today, names);
            typed.map(|typed| [typed.what, typed.when, typed.people])
        };
        for (said, what, when, people) in [
            ("mon 9-11 6 people umhlanga", "umhlanga", "mon 9-11", "6"),
            (
                "umhlanga for 8 people tomorrow 14 for 2h",
                "umhlanga",
                "tomorrow 14 for 2h",
                "8",
            ),
            ("desk 1 mon 9-11", "desk 1", "mon 9-11", ""),
            ("tue 9-11:30", "", "tue 9-11:30", ""),
            ("lighthouse 12 pax", "lighthouse", "", "12"),
            ("24/11 9-1130 lighthouse", "lighthouse", "24/11 9-1130", ""),
        ] {
            assert_eq!(
                read(said)
                    .as_ref()
                    .map(|typed| typed.each_ref().map(String::as_str)),
                Some([what, when, people]),
                "{said}"
            );
        }
        for said in ["umhlanga", "nowhere", "nowhere mon 9-11", ""] {
            assert_eq!(read(said), None, "{said}");
        }
    }
}
