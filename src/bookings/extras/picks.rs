//! Which extras somebody wants, as they type it, and as it is meant.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::ordered::Ordered;
use crate::money::Money;

/// What the fields are called before the extra's slug.
const FIELD: &str = "x-";
/// Of one extra for one booking.
pub const MOST: i32 = 1000;

/// The fields of a form, by slug and as typed; empty ones and zeros are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Typed(BTreeMap<String, String>);

impl Typed {
    pub fn of(ordered: &[Ordered]) -> Typed {
        let all = ordered.iter();
        let all = all.map(|one| (one.slug.clone(), one.quantity.to_string()));
        Typed(all.collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, slug: &str) -> &str {
        self.0.get(slug).map_or("", String::as_str)
    }

    /// What the field of an extra is called.
    pub fn field(slug: &str) -> String {
        format!("{FIELD}{slug}")
    }

    /// As fields that carry it on.
    pub fn fields(&self) -> impl Iterator<Item = (String, String)> + use<'_> {
        let all = self.0.iter();
        all.map(|(slug, text)| (Typed::field(slug), text.clone()))
    }

    /// Sets one by the name of its field; false for another name.
    pub fn set(&mut self, field: &str, value: &str) -> bool {
        let Some(slug) = field.strip_prefix(FIELD) else {
            return false;
        };
        if !matches!(value.trim(), "" | "0") && self.0.len() < 100 {
            self.0.insert(slug.to_owned(), value.trim().to_owned());
        }
        true
    }

    pub fn picks(&self) -> Result<Vec<Pick>, String> {
        let pick = |(slug, text): (&String, &String)| {
            let quantity = text
                .parse()
                .ok()
                .filter(|number| (1..=MOST).contains(number));
            let sentence = || format!("Say how many of each extra, as a number up to {MOST}.");
            Ok(Pick::new(slug, quantity.ok_or_else(sentence)?))
        };
        self.0.iter().map(pick).collect()
    }
}

impl<'de> Deserialize<'de> for Typed {
    /// Of all fields that are left, those that are of extras.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Typed, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Typed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Typed, A::Error> {
                let mut typed = Typed::default();
                while let Some(field) = map.next_key::<String>()? {
                    match field.starts_with(FIELD) {
                        true => _ = typed.set(&field, &map.next_value::<String>()?),
                        false => _ = map.next_value::<IgnoredAny>()?,
                    }
                }
                Ok(typed)
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

impl Serialize for Typed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields())
    }
}

/// So many of an extra.
#[derive(Clone, Debug, PartialEq)]
pub struct Pick {
    pub slug: String,
    pub quantity: i32,
    /// What the booking has of it already.
    pub bought: Option<Bought>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bought {
    pub quantity: i32,
    /// Of one unit, as it was agreed.
    pub price: Money,
    /// When the booking began then.
    pub from: DateTime<Utc>,
}

impl Pick {
    pub fn new(slug: &str, quantity: i32) -> Pick {
        Pick {
            slug: slug.to_owned(),
            quantity,
            bought: None,
        }
    }

    /// For a booking that has some extras since before.
    pub fn since(self, ordered: &[Ordered], from: DateTime<Utc>) -> Pick {
        let bought = ordered.iter().find(|one| one.slug == self.slug);
        let bought = bought.map(|one| Bought {
            quantity: one.quantity,
            price: one.price,
            from,
        });
        Pick { bought, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_extras_are_found_among_others() {
        #[derive(Deserialize)]
        struct Form {
            name: String,
            #[serde(flatten)]
            extras: Typed,
        }
        let sent = serde_json::json!({"x-tea": "8", "name": "Ann", "x-screen": "0", "x-lunch": "", "other": 1});
        let form: Form = serde_json::from_value(sent).unwrap();
        assert_eq!(form.name, "Ann");
        assert_eq!(form.extras.picks(), Ok(vec![Pick::new("tea", 8)]));
        for wrong in ["many", "-1", "1001", "1.5"] {
            let mut typed = Typed::default();
            typed.set("x-tea", wrong);
            assert!(typed.picks().is_err(), "{wrong}");
        }
    }
}
