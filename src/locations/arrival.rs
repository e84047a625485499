//! How to get in: what a location says of it, whom to call, and its door on maps.

use super::location::Location;
use crate::html;

/// One thing to know before coming.
pub struct Hint {
    pub heading: &'static str,
    pub icon: &'static str,
    pub text: String,
    /// For people with a booking only.
    pub is_private: bool,
}

/// What people need on the day they come; unknown parts are empty or left out.
#[derive(Default)]
pub struct Arrival {
    pub hints: Vec<Hint>,
    /// Programs that show the way, and the address for each.
    pub maps: Vec<(&'static str, String)>,
    pub phone: String,
    whatsapp: String,
}

impl Arrival {
    /// For anybody.
    pub fn of(place: &Location) -> Arrival {
        let known = [
            ("Address", "map-pin", &place.address),
            ("Getting here", "footprints", &place.directions),
            ("At the gate", "door-open", &place.gate),
            ("Parking", "car", &place.parking),
        ];
        Arrival {
            hints: known.into_iter().filter_map(hint).collect(),
            maps: place.coordinates.map(maps).unwrap_or_default(),
            phone: place.phone.trim().to_owned(),
            whatsapp: digits(&place.whatsapp),
        }
    }

    /// With how to get online, which is for people with a booking.
    pub fn of_guest(place: &Location) -> Arrival {
        let mut arrival = Arrival::of(place);
        let wifi = hint(("Wi-Fi", "wifi", &place.wifi)).map(|wifi| Hint {
            is_private: true,
            ..wifi
        });
        arrival.hints.extend(wifi);
        arrival
    }

    /// For somebody whom a member invites: with how to get online where the location tells guests.
    pub fn of_invited(place: &Location) -> Arrival {
        match place.wifi_for_guests {
            true => Arrival::of_guest(place),
            false => Arrival::of(place),
        }
    }

    /// With whom to call about a booking on its day, unless nobody is named.
    pub fn with_contact(mut self, contact: &str) -> Arrival {
        let said = contact.to_owned();
        self.hints.extend(hint(("On the day", "user", &said)));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.hints.is_empty() && self.maps.is_empty() && self.phone.is_empty()
    }

    /// The front desk's number as telephones dial it.
    pub fn dial(&self) -> String {
        let plus = if self.phone.starts_with('+') { "+" } else { "" };
        format!("tel:{plus}{}", digits(&self.phone))
    }

    /// Writes to the front desk; `None` when it reads no WhatsApp.
    pub fn whatsapp(&self, text: &str) -> Option<String> {
        (!self.whatsapp.is_empty()).then(|| whatsapp(&self.whatsapp, text))
    }
}

/// A WhatsApp message to a number, or, where that is empty, to whomever the sender chooses.
pub fn whatsapp(number: &str, text: &str) -> String {
    format!(
        "https://wa.me/{number}?{}",
        html::query_elsewhere(&[("text", text)])
    )
}

fn hint((heading, icon, text): (&'static str, &'static str, &String)) -> Option<Hint> {
    let text = text.trim().to_owned();
    (!text.is_empty()).then_some(Hint {
        heading,
        icon,
        text,
        is_private: false,
    })
}

fn maps((latitude, longitude): (f64, f64)) -> Vec<(&'static str, String)> {
    let point = format!("{latitude},{longitude}");
    vec![
        (
            "Google Maps",
            format!(
                "https://www.google.com/maps/dir/?{}",
                html::query_elsewhere(&[("api", "1"), ("destination", &point)])
            ),
        ),
        (
            "OpenStreetMap",
            format!(
                "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}"
            ),
        ),
        ("Map app", format!("geo:{point}?q={point}")),
    ]
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_door_is_found_on_three_maps() {
        let maps = maps((-29.73, 31.08));
        let addresses: Vec<&str> = maps.iter().map(|(_, url)| url.as_str()).collect();
        assert_eq!(
            addresses,
            [
                "https://www.google.com/maps/dir/?api=1&destination=-29.73%2C31.08",
                "https://www.openstreetmap.org/?mlat=-29.73&mlon=31.08#map=17/-29.73/31.08",
                "geo:-29.73,31.08?q=-29.73,31.08",
            ]
        );
    }

    #[test]
    fn numbers_are_dialled_without_their_blanks() {
        let arrival = Arrival {
            phone: "+27 (31) 000 0000".into(),
            whatsapp: digits("+27 31 000 0001"),
            ..Arrival::default()
        };
        assert_eq!(arrival.dial(), "tel:+27310000000");
        assert_eq!(
            arrival.whatsapp("Hello & thanks").as_deref(),
            Some("https://wa.me/27310000001?text=Hello%20%26%20thanks")
        );
        assert_eq!(Arrival::default().whatsapp("Hello"), None);
    }
}
