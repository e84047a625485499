//! A map drawn by hand: a few lines and marks that a person would put on the back of an envelope.

use serde::{Deserialize, Serialize};

/// On a sheet of 360 by 220.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct Sketch {
    /// The shore and other waters, each as the corners of a shape.
    pub water: Vec<Vec<(i32, i32)>>,
    pub green: Vec<Vec<(i32, i32)>>,
    pub roads: Vec<Road>,
    pub marks: Vec<Mark>,
    /// Where one goes in.
    pub door: Option<(i32, i32)>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Road {
    pub name: String,
    pub through: Vec<(i32, i32)>,
    /// Where its name is written.
    pub label: Option<(i32, i32)>,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Mark {
    pub what: What,
    pub at: (i32, i32),
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Building,
    Tower,
    Lighthouse,
    Chimney,
    Tree,
    Parking,
    Taxi,
}

impl Sketch {
    pub fn is_drawn(&self) -> bool {
        self.door.is_some()
    }

    /// The same in words.
    pub fn words(&self) -> String {
        let roads = self.roads.iter().map(|road| road.name.as_str());
        let marks = self.marks.iter().map(|mark| mark.name.as_str());
        let names: Vec<&str> = roads.chain(marks).filter(|name| !name.is_empty()).collect();
        format!(
            "Sketch of the way to our door, not to scale. It shows {}.",
            names.join(", ")
        )
    }
}

/// `M1 2L3 4`
pub fn line(points: &[(i32, i32)]) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        path.push(if at == 0 { 'M' } else { 'L' });
        path.push_str(&format!("{x} {y}"));
    }
    path
}
