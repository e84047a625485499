//! What a space must have to be of interest: words of its name, a way of being set up, amenities.

use super::{
    amenity::amenity,
    layout::Layout,
    space::{Kind, Space},
};
use crate::locations::location::Location;

/// The amenities to filter by: of a desk or a room itself, and of the house that it is in.
pub const OF_SPACE: [&str; 7] = [
    "screen",
    "video",
    "whiteboard",
    "monitor",
    "window",
    "quiet",
    "step_free",
];
pub const OF_HOUSE: [&str; 4] = ["parking", "generator", "inverter", "fibre_failover"];

/// Ways of setting a room up: key and what people read.
pub const LAYOUTS: [(&str, &str); 3] = [
    ("boardroom", "Around a table"),
    ("classroom", "At tables in rows"),
    ("theatre", "In rows"),
];

/// The fields of an address that narrow a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Words of a name or a place.
    pub words: String,
    /// Empty for any.
    pub layout: String,
    pub amenities: Vec<&'static str>,
}

impl Filter {
    /// From the pairs of an address; `with` may come several times or hold several keys. Says what it
    /// does not know.
    pub fn read(pairs: &[(String, String)]) -> Result<Filter, String> {
        let mut filter = Filter::default();
        for (field, value) in pairs {
            match field.as_str() {
                "words" => value.trim().clone_into(&mut filter.words),
                "layout" if value.is_empty() => {}
                "layout" => {
                    let known = LAYOUTS.iter().any(|(key, _)| key == value);
                    known
                        .then(|| value.clone_into(&mut filter.layout))
                        .ok_or("Choose the layout boardroom, classroom or theatre.")?;
                }
                "with" => {
                    for key in value.split(',').filter(|key| !key.is_empty()) {
                        filter.want(key)?;
                    }
                }
                _ => {}
            }
        }
        Ok(filter)
    }

    fn want(&mut self, key: &str) -> Result<(), String> {
        let known = OF_SPACE.iter().chain(&OF_HOUSE).find(|one| **one == key);
        let known = known.ok_or_else(|| {
            let all = [OF_SPACE.as_slice(), &OF_HOUSE].concat().join(", ");
            format!("Choose what it must have from {all}.")
        })?;
        if !self.amenities.contains(known) {
            self.amenities.push(known);
        }
        Ok(())
    }

    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let with = self.amenities.iter().map(|key| ("with", *key));
        [("words", self.words.as_str()), ("layout", &self.layout)]
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .chain(with)
            .collect()
    }

    pub fn has(&self, amenity: &str) -> bool {
        self.amenities.contains(&amenity)
    }

    /// Each part of it in words, with the filter that is left without that part.
    pub fn parts(&self) -> Vec<(String, Filter)> {
        let mut parts = Vec::new();
        if !self.words.is_empty() {
            let rest = Filter {
                words: String::new(),
                ..self.clone()
            };
            parts.push((format!("“{}”", self.words), rest));
        }
        if let Some((_, words)) = LAYOUTS.iter().find(|(key, _)| *key == self.layout) {
            let rest = Filter {
                layout: String::new(),
                ..self.clone()
            };
            parts.push(((*words).to_owned(), rest));
        }
        for key in &self.amenities {
            let mut rest = self.clone();
            rest.amenities.retain(|other| other != key);
            let words = amenity(key).map_or(*key, |(words, _)| words);
            parts.push((words.to_owned(), rest));
        }
        parts
    }

    pub fn admits(&self, space: &Space, location: &Location, people: i32) -> bool {
        let house = |key: &&str| location.amenities.iter().any(|own| own == key);
        let own = |key: &&str| space.amenities.iter().any(|own| own == key);
        let has = |key: &&'static str| {
            if OF_HOUSE.contains(key) {
                house(key)
            } else {
                own(key)
            }
        };
        self.amenities.iter().all(has)
            && self.is_set_up(space, people)
            && self.is_called(space, location)
    }

    /// A room that says nothing of layouts has one: around a table.
    fn is_set_up(&self, space: &Space, people: i32) -> bool {
        match self.layout.as_str() {
            "" => true,
            "boardroom" if space.layouts.is_empty() => {
                space.kind == Kind::MeetingRoom && space.seats > 1
            }
            layout => layout
                .parse::<Layout>()
                .ok()
                .and_then(|layout| space.layouts.get(&layout))
                .is_some_and(|seats| *seats >= people),
        }
    }

    fn is_called(&self, space: &Space, location: &Location) -> bool {
        let about = [
            &space.name,
            &space.floor_name,
            &location.name,
            space.kind.label(),
        ];
        let about = about.map(plain).join(" ");
        plain(&self.words)
            .split_whitespace()
            .all(|word| about.contains(word))
    }
}

/// As people type it: uMhlanga is Umhlanga, and Flat-crown is flat crown.
fn plain(text: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    text.to_lowercase().chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Filter, String> {
        let owned = |(field, value): &(&str, &str)| ((*field).to_owned(), (*value).to_owned());
        Filter::read(&pairs.iter().map(owned).collect::<Vec<_>>())
    }

    #[test]
    fn an_address_carries_a_filter() {
        let filter = read(&[
            ("with", "screen"),
            ("with", "parking,screen"),
            ("layout", "theatre"),
            ("words", " Mill "),
            ("date", "2026-11-24"),
        ]);
        let filter = filter.unwrap();
        assert_eq!(
            filter.pairs(),
            [
                ("words", "Mill"),
                ("layout", "theatre"),
                ("with", "screen"),
                ("with", "parking")
            ]
        );
        for (words, rest) in filter.parts() {
            assert_eq!(rest.parts().len(), 3, "without {words}");
        }
        assert!(read(&[("with", "gold")]).is_err() && read(&[("layout", "heap")]).is_err());
    }

    #[test]
    fn names_are_found_as_people_type_them() {
        assert_eq!(plain("uMhlanga"), plain("Umhlanga"));
        assert_eq!(plain("Flat-crown"), "flat crown");
    }
}
