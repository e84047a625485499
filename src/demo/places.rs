//! What the three sample locations say of themselves, and their weekly hours; and a fourth that is announced.

pub struct Place {
    pub slug: &'static str,
    pub name: &'static str,
    /// About the middle of the suburb, in degrees: no door.
    pub suburb: (f64, f64),
    /// Monday to Friday.
    pub week: (&'static str, &'static str),
    pub saturday: Option<(&'static str, &'static str)>,
    pub amenities: &'static [&'static str],
    pub summary: &'static str,
    pub description: &'static str,
    pub directions: &'static str,
    pub gate: &'static str,
    pub parking: &'static str,
    pub wifi: &'static str,
}

pub const PLACES: [Place; 3] = [
    Place {
        slug: "musgrave",
        name: "Musgrave",
        suburb: (-29.85, 31.0),
        week: ("07:00", "19:00"),
        saturday: Some(("08:00", "13:00")),
        amenities: &[
            "fibre",
            "fibre_failover",
            "inverter",
            "water",
            "aircon",
            "step_free",
            "parking",
            "coffee",
            "printing",
            "showers",
        ],
        summary: "Desks under the flat-crowns, ten minutes up the ridge from the city.",
        description: "Two floors on the Berea ridge. The main room downstairs hums, the quiet side does not, and \
            upstairs there are offices and two rooms for meetings. The bar makes proper coffee from seven.",
        directions: "Sample directions: come up the ridge, look for the stepped tower with the fins, and take the \
            door beside the trees. The lift and a ramp are inside on the left.",
        gate: "Ring at the street door before 08:00 and after 17:00.",
        parking: "Twelve bays behind the building, first come, first served. Two are wide, beside the ramp.",
        wifi: "The network is called Connect Space; today’s password is on the card at reception.",
    },
    Place {
        slug: "umhlanga",
        name: "Umhlanga",
        suburb: (-29.73, 31.08),
        week: ("07:00", "19:00"),
        saturday: Some(("08:00", "13:00")),
        amenities: &[
            "fibre",
            "fibre_failover",
            "generator",
            "inverter",
            "water",
            "aircon",
            "step_free",
            "parking",
            "coffee",
            "printing",
            "showers",
            "quiet",
        ],
        summary: "Sea light, a boardroom for twelve, and the most room of the three.",
        description: "Levels 1 and 2, facing the sea. Thirty desks in the sea room and the quiet room, a booth for \
            calls, and a boardroom that looks at the ships. A generator and an inverter carry the building.",
        directions: "Sample directions: enter from the parking deck, follow the lighthouse sign to the lifts, and \
            get out on level 1. Reception is straight ahead.",
        gate: "Take a ticket at the boom and hand it in at reception, who will stamp it.",
        parking: "Visitors have eight bays on the deck, two hours stamped with every booking.",
        wifi: "The network is called Connect Space; today’s password is on the card at reception.",
    },
    Place {
        slug: "mount-edgecombe",
        name: "Mount Edgecombe",
        suburb: (-29.72, 31.04),
        week: ("07:30", "18:00"),
        saturday: None,
        amenities: &[
            "fibre",
            "inverter",
            "generator",
            "water",
            "aircon",
            "step_free",
            "parking",
            "coffee",
            "printing",
            "quiet",
        ],
        summary: "A calm ground floor among the old cane, with a training room for twenty-four.",
        description: "One floor, no stairs. Eighteen desks between the mill floor and the garden side, six offices, \
            and the Mill: a training room that takes twenty-four in rows or twenty at tables.",
        directions: "Sample directions: turn in at the chimney, keep left past the cane, and park before the long \
            verandah. The glass door in the middle is ours.",
        gate: "Give your name and booking reference to security at the gate.",
        parking: "Free for everybody, in front of the verandah. Four bays stand in the shade.",
        wifi: "The network is called Connect Space; today’s password is on the card at reception.",
    },
];

/// Known, not yet open: it has a page, and a list for those who want to be told.
pub struct Announced {
    pub slug: &'static str,
    pub name: &'static str,
    pub suburb: (f64, f64),
    pub summary: &'static str,
    pub description: &'static str,
    pub directions: &'static str,
    pub parking: &'static str,
}

pub const HILLCREST: Announced = Announced {
    slug: "hillcrest",
    name: "Hillcrest",
    suburb: (-29.78, 30.76),
    summary: "A fourth door, up the hill, for those who now drive down it every morning.",
    description: "Sample: nothing is being built. It shows what a location says before it opens: what is planned, \
        what is known by now, and a list for those who want to be told. As planned it has sixteen desks, two rooms \
        to meet in and four offices on one floor.",
    directions: "Sample directions: near the old main road. The way to the door follows when there is a door.",
    parking: "Planned in front of the building, free for everybody.",
};
