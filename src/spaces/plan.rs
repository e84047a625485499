//! A drawing of a space made from what is known of it: geometry only, a template draws it.

pub mod floor;
mod hot_desk;
mod meeting_room;
mod office;
mod pen;
mod room;

pub use pen::Shape;

use super::space::{Kind, Space};

/// Seen from above. All numbers are in units of its own, rounded to a tenth.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    pub width: f32,
    pub height: f32,
    /// What it shows, in words.
    pub label: String,
    pub shapes: Vec<Shape>,
}

pub fn drawing(space: &Space) -> Drawing {
    let (pen, contents) = match space.kind {
        Kind::HotDesk => hot_desk::draw(space),
        Kind::MeetingRoom => meeting_room::draw(space),
        Kind::Office => office::draw(space),
    };
    Drawing {
        width: pen::WIDTH,
        height: pen::HEIGHT,
        label: format!("Plan of {}: {}", space.name, contents),
        shapes: pen.shapes,
    }
}

/// `a table, a screen and a door`
fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 chair`, `12 chairs`
fn chairs(seats: usize) -> String {
    let ending = if seats == 1 { "" } else { "s" };
    format!("{seats} chair{ending}")
}

fn has(space: &Space, amenity: &str) -> bool {
    space.amenities.iter().any(|key| key == amenity)
}

/// At least one, and no more than a drawing can hold.
fn seats(space: &Space) -> usize {
    usize::try_from(space.seats).unwrap_or(1).clamp(1, 200)
}

#[cfg(test)]
mod tests;
