//! What somebody looks for: the query of an address, the same for all three views.

use super::{filter::Filter, space::Kind};
use crate::{bookings::wish::Typed, html};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    #[default]
    List,
    Day,
    Plan,
}

impl View {
    pub const ALL: [View; 3] = [View::List, View::Day, View::Plan];

    pub fn key(self) -> &'static str {
        match self {
            View::List => "list",
            View::Day => "day",
            View::Plan => "plan",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            View::List => "List",
            View::Day => "Day",
            View::Plan => "Floor plan",
        }
    }

    pub fn icon(self) -> &'static str {
        match self {
            View::List => "list",
            View::Day => "calendar",
            View::Plan => "map",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Search {
    pub typed: Typed,
    pub filter: Filter,
    pub view: View,
    /// The level of a floor, as typed.
    pub floor: String,
    pub all: bool,
    /// For the next hour, where they are: to be made a search for a certain time and place.
    pub now: bool,
}

impl Search {
    /// What cannot be read is left out.
    pub fn read(pairs: &[(String, String)]) -> Search {
        let known = |pair: &&(String, String)| Filter::read(std::slice::from_ref(pair)).is_ok();
        let known: Vec<_> = pairs.iter().filter(known).cloned().collect();
        let mut search = Search {
            filter: Filter::read(&known).unwrap_or_default(),
            ..Search::default()
        };
        for (field, value) in pairs {
            match field.as_str() {
                "view" => {
                    let view = View::ALL.into_iter().find(|view| view.key() == value);
                    search.view = view.unwrap_or_default();
                }
                "floor" => value.clone_into(&mut search.floor),
                "all" => search.all = !value.is_empty(),
                "now" => search.now = !value.is_empty(),
                // It narrows the list, and is no part of the wish yet.
                "layout" => {}
                other => {
                    search.typed.set(other, value);
                }
            }
        }
        search
    }

    pub fn url(&self) -> String {
        let mut pairs = self.filter.pairs();
        if self.view != View::List {
            pairs.push(("view", self.view.key()));
        }
        if self.view == View::Plan && !self.floor.is_empty() {
            pairs.push(("floor", &self.floor));
        }
        if self.all {
            pairs.push(("all", "1"));
        }
        let parts = [self.typed.query(), html::query(&pairs)];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            "/spaces".to_owned()
        } else {
            format!("/spaces?{}", parts.join("&"))
        }
    }

    pub fn with_view(&self, view: View) -> Search {
        Search {
            view,
            all: false,
            ..self.clone()
        }
    }

    pub fn with_filter(&self, filter: Filter) -> Search {
        Search {
            filter,
            all: false,
            ..self.clone()
        }
    }

    pub fn with_typed(&self, typed: Typed) -> Search {
        Search {
            typed,
            all: false,
            ..self.clone()
        }
    }

    /// What narrows the search, each in words with the address that goes without it.
    pub fn chips(&self) -> Vec<(String, String)> {
        let mut chips = Vec::new();
        if let Some(kind) = self.typed.kind() {
            let typed = Typed {
                kind: String::new(),
                // An office is asked for by the day; other kinds need not be.
                by: if kind == Kind::Office {
                    String::new()
                } else {
                    self.typed.by.clone()
                },
                ..self.typed.clone()
            };
            chips.push((kind.plural().to_owned(), self.with_typed(typed).url()));
        }
        let people = self.typed.people_or_one();
        if people > 1 {
            let typed = Typed {
                people: String::new(),
                ..self.typed.clone()
            };
            chips.push((
                format!("{people} seats or more"),
                self.with_typed(typed).url(),
            ));
        }
        let parts = self.filter.parts().into_iter();
        chips.extend(parts.map(|(words, rest)| (words, self.with_filter(rest).url())));
        chips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_the_search() {
        let query = "kind=meeting_room&location=umhlanga&date=2026-11-24&people=6&words=pier&layout=boardroom&with=screen&with=parking&view=plan&floor=1";
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let search = Search::read(&pairs);
        assert_eq!(search.url(), format!("/spaces?{query}"));
        assert_eq!(search.chips().len(), 6);
        let day = search.with_view(View::Day).url();
        assert!(
            day.contains("with=screen") && day.ends_with("view=day"),
            "{day}"
        );
    }
}
