//! What a location or a space offers: the keys that the database keeps, and how pages show them.

/// Key, what people read, and its icon in `static/icons.svg`; in the order in which pages list them.
pub const AMENITIES: &[(&str, &str, &str)] = &[
    ("fibre", "Fast fibre", "wifi"),
    (
        "fibre_failover",
        "Second line if the first one fails",
        "repeat",
    ),
    ("inverter", "Inverter: no gap when the power goes", "zap"),
    ("generator", "Generator", "zap"),
    ("water", "Water tank", "droplets"),
    ("aircon", "Air conditioning", "check"),
    ("step_free", "Step-free", "accessibility"),
    ("parking", "Parking", "car"),
    ("coffee", "Coffee and water", "coffee"),
    ("printing", "Printing", "printer"),
    ("showers", "Showers", "droplets"),
    ("quiet", "Quiet", "volume-x"),
    ("window", "Window", "sun"),
    ("monitor", "Second monitor", "monitor"),
    ("screen", "Screen", "presentation"),
    ("video", "Camera and microphones", "video"),
    ("whiteboard", "Whiteboard", "pencil"),
];

/// Label and icon of a key; `None` for one that this version does not know.
pub fn amenity(key: &str) -> Option<(&'static str, &'static str)> {
    let (_, label, icon) = AMENITIES.iter().find(|(known, ..)| *known == key)?;
    Some((label, icon))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_is_in_the_sprite() {
        let sprite = include_str!("../../static/icons.svg");
        for (key, _, icon) in AMENITIES {
            assert!(
                sprite.contains(&format!("id=\"{icon}\"")),
                "{key} wants {icon}"
            );
        }
    }
}
