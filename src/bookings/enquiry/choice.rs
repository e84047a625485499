//! What the letters may stand for: a kind, a kind at a location, or a space.

use crate::{
    id::Id,
    locations::location::Location,
    spaces::space::{Kind, Space},
};

/// Something that the letters may stand for.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// `Lighthouse, Umhlanga`
    pub label: String,
    kind: Option<Kind>,
    location: Option<Id<Location>>,
    space: Option<Id<Space>>,
}

/// Kinds, kinds of a location and spaces that the letters may stand for, those that begin so first.
pub(super) fn choices(typed: &str, spaces: &[Space], locations: &[Location]) -> Vec<Choice> {
    let place = |id: Id<Location>| {
        let place = locations.iter().find(|place| place.id == id);
        place.map_or("", |place| place.name.as_str())
    };
    let named = spaces.iter().map(|space| Choice {
        label: format!("{}, {}", space.name, place(space.location)),
        kind: Some(space.kind),
        location: Some(space.location),
        space: Some(space.id),
    });
    let has = |kind: Kind, location: Option<Id<Location>>| {
        spaces.iter().any(|space| {
            space.kind == kind && location.is_none_or(|location| location == space.location)
        })
    };
    let kinds = Kind::ALL.into_iter().filter(|kind| has(*kind, None));
    let anywhere = kinds.map(|kind| Choice {
        label: kind.label().to_owned(),
        kind: Some(kind),
        location: None,
        space: None,
    });
    let at_places = locations.iter().flat_map(|place| {
        let kinds = Kind::ALL
            .into_iter()
            .filter(|kind| has(*kind, Some(place.id)));
        kinds.map(|kind| Choice {
            label: format!("{}, {}", kind.label(), place.name),
            kind: Some(kind),
            location: Some(place.id),
            space: None,
        })
    });
    let all: Vec<Choice> = anywhere.chain(at_places).chain(named).collect();
    let mut fitting: Vec<(usize, Choice)> = all
        .into_iter()
        .filter_map(|choice| {
            let rank = rank(typed, &choice.label)?;
            // Whoever says desk means any desk.
            let is_any = choice.space.is_none();
            Some((if is_any { rank.min(1) } else { rank }, choice))
        })
        .collect();
    fitting.sort_by_key(|(rank, _)| *rank);
    fitting.into_iter().map(|(_, choice)| choice).collect()
}

/// Lower is better; `None` where a word begins none of the label's.
fn rank(typed: &str, label: &str) -> Option<usize> {
    let (typed, label) = (plain(typed), plain(label));
    let words: Vec<&str> = label.split_whitespace().collect();
    let begins = |word: &str| words.iter().any(|other| other.starts_with(word));
    let synonym = |word: &str| {
        match word {
            "room" | "rooms" | "boardroom" => "meeting",
            "desks" => "desk",
            "offices" => "office",
            other => other,
        }
        .to_owned()
    };
    let asked: Vec<String> = typed.split_whitespace().map(synonym).collect();
    if !asked.iter().all(|word| begins(word)) {
        return None;
    }
    Some(match asked.first() {
        _ if typed.trim() == label.trim() => 0,
        Some(first)
            if words
                .first()
                .is_some_and(|word| word.starts_with(first.as_str())) =>
        {
            1
        }
        _ => 2,
    })
}

fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    text.to_lowercase().chars().map(plain).collect()
}

/// The spaces that the letters mean: of the choice that they name, or of all that they may stand for.
pub(super) fn meant<'a>(typed: &str, choices: &[Choice], spaces: &'a [Space]) -> Vec<&'a Space> {
    let exact = choices
        .iter()
        .filter(|choice| plain(&choice.label) == plain(typed.trim()));
    let exact: Vec<&Choice> = exact.collect();
    let narrow: Vec<&Choice> = if exact.is_empty() {
        choices.iter().collect()
    } else {
        exact
    };
    let belongs = |space: &&Space| {
        typed.trim().is_empty()
            || narrow.iter().any(|choice| {
                choice.space.is_none_or(|id| id == space.id)
                    && choice.kind.is_none_or(|kind| kind == space.kind)
                    && choice
                        .location
                        .is_none_or(|location| location == space.location)
            })
    };
    spaces.iter().filter(belongs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_stand_for_what_begins_so() {
        assert_eq!(rank("li", "Lighthouse, Umhlanga"), Some(1));
        assert_eq!(rank("umh", "Lighthouse, Umhlanga"), Some(2));
        assert_eq!(
            rank("Lighthouse, Umhlanga", "Lighthouse, Umhlanga"),
            Some(0)
        );
        assert_eq!(rank("room musg", "Meeting room, Musgrave"), Some(1));
        assert_eq!(rank("lo", "Lighthouse, Umhlanga"), None);
        assert_eq!(rank("", "Anything"), Some(2));
    }
}
