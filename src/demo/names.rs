//! The people and firms of the sample, all invented.

pub struct Firm {
    pub name: &'static str,
    /// Where its people mostly sit.
    pub location: &'static str,
    /// The first one administers it.
    pub people: &'static [&'static str],
}

const fn firm(name: &'static str, location: &'static str, people: &'static [&'static str]) -> Firm {
    Firm {
        name,
        location,
        people,
    }
}

/// The first two people are the sample's member and colleague.
pub const FIRMS: [Firm; 15] = [
    firm(
        "Half-Disc Studio",
        "umhlanga",
        &[
            "Thandeka Mkhize",
            "Priya Naidoo",
            "Liam O’Connor",
            "Ayanda Dlamini",
            "Zoë van Wyk",
        ],
    ),
    firm(
        "Porthole Software",
        "umhlanga",
        &[
            "Sibusiso Ngcobo",
            "Kavitha Pillay",
            "Daniel Harris",
            "Yusuf Cassim",
            "Nomvula Zulu",
            "Johan Botha",
        ],
    ),
    firm(
        "Tidal Range Surveyors",
        "umhlanga",
        &["Xolani Mbatha", "Annelize Joubert", "Devan Chetty"],
    ),
    firm(
        "Umdoni Analytics",
        "umhlanga",
        &[
            "Themba Hadebe",
            "Rohan Singh",
            "Catarina Gomes",
            "Phumzile Mchunu",
        ],
    ),
    firm(
        "Long Verandah Property",
        "umhlanga",
        &["Charlotte Evans", "Musa Zungu", "Farida Paruk"],
    ),
    firm(
        "Nine Fins Architects",
        "musgrave",
        &[
            "Fatima Essop",
            "Sipho Khumalo",
            "Margaret Bell",
            "Rajesh Govender",
        ],
    ),
    firm(
        "Kerbside Accounting",
        "musgrave",
        &["Nokuthula Cele", "Suresh Maharaj", "Emily Carter"],
    ),
    firm(
        "Blue Hadeda Media",
        "musgrave",
        &[
            "Lwazi Buthelezi",
            "Chloe Adams",
            "Aaliyah Khan",
            "Bongani Mthembu",
        ],
    ),
    firm(
        "Ndlovu & Daughters",
        "musgrave",
        &["Busisiwe Ndlovu", "Thuli Ndlovu", "Ismail Vawda"],
    ),
    firm(
        "Quiet Kettle Research",
        "musgrave",
        &["Unathi Mfeketo", "Anele Mabaso", "Sarah Whitfield"],
    ),
    firm(
        "Speedline Parcels",
        "musgrave",
        &["Kagiso Molefe", "Ntombi Radebe"],
    ),
    firm(
        "Furrow & Vane Engineers",
        "mount-edgecombe",
        &[
            "Pieter Steyn",
            "Zanele Shabalala",
            "Vikesh Reddy",
            "Hannah Fourie",
        ],
    ),
    firm(
        "Ridge and Rail Logistics",
        "mount-edgecombe",
        &["Mandla Gumede", "Tracey Williams", "Imraan Motala"],
    ),
    firm(
        "Monkeynut Foods",
        "mount-edgecombe",
        &["Lindiwe Ntuli", "João Ferreira", "Shanthi Moodley"],
    ),
    firm(
        "Paper Boat Training",
        "mount-edgecombe",
        &["Nandi Sithole", "Grant Taylor"],
    ),
];

/// Name and home location.
pub const ON_THEIR_OWN: [(&str, &str); 8] = [
    ("Olwethu Mqadi", "umhlanga"),
    ("Ashwin Ramlall", "umhlanga"),
    ("Luyanda Gqola", "umhlanga"),
    ("Maria da Silva", "umhlanga"),
    ("Megan Roberts", "musgrave"),
    ("Siyabonga Nxumalo", "musgrave"),
    ("Nadia Sheik", "musgrave"),
    ("Elize Kruger", "mount-edgecombe"),
];

/// Name, role, and the location that a manager manages; each signs in as their role.
pub const STAFF: [(&str, &str, Option<&str>); 3] = [
    ("Nosipho Mkhwanazi", "receptionist", None),
    ("Ravi Padayachee", "manager", Some("umhlanga")),
    ("Helen Fraser", "owner", None),
];
