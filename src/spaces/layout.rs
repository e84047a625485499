//! The ways of setting a room up.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    Boardroom,
    UShape,
    Classroom,
    Cabaret,
    Theatre,
    Standing,
}

impl Layout {
    pub const ALL: [Layout; 6] = [
        Layout::Boardroom,
        Layout::UShape,
        Layout::Classroom,
        Layout::Cabaret,
        Layout::Theatre,
        Layout::Standing,
    ];

    /// As the database, the API and addresses have it.
    pub fn key(self) -> &'static str {
        match self {
            Layout::Boardroom => "boardroom",
            Layout::UShape => "u_shape",
            Layout::Classroom => "classroom",
            Layout::Cabaret => "cabaret",
            Layout::Theatre => "theatre",
            Layout::Standing => "standing",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Layout::Boardroom => "Boardroom",
            Layout::UShape => "U-shape",
            Layout::Classroom => "Classroom",
            Layout::Cabaret => "Cabaret",
            Layout::Theatre => "Theatre",
            Layout::Standing => "Standing",
        }
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Layout::ALL
            .into_iter()
            .find(|layout| layout.key() == text)
            .ok_or_else(|| {
                let known = Layout::ALL.map(Layout::key).join(", ");
                format!("Choose a layout: {known}.")
            })
    }
}
