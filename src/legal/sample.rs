//! The facts of the sample's operator, who does not exist: each says so, and is known as sample by its words.

pub const FACTS: [(&str, &str); 14] = [
    ("name", "Connect Space (sample)"),
    ("legal_form", "Sample: no company stands behind this"),
    ("registration_number", "Sample: 0000/000000/00"),
    ("office_bearers", "Sample: nobody"),
    ("address", "Sample address, Durban"),
    (
        "service_address",
        "Sample address for legal documents, Durban",
    ),
    ("phone", "+27 31 000 0000"),
    ("email", "hello@connect.example"),
    ("memberships", "Sample: none"),
    ("disputes", "Sample: the ombud or body that you belong to"),
    ("information_officer", "Sample: the head of the business"),
    ("privacy_email", "privacy@connect.example"),
    ("hosting", "Sample: on this computer"),
    ("vat_number", "SAMPLE 4000000000"),
];

/// The sample's text for a fact; empty where it has none.
pub fn text(key: &str) -> String {
    let found = FACTS.iter().find(|(known, _)| *known == key);
    found.map_or_else(String::new, |(_, text)| (*text).to_owned())
}
