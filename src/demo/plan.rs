//! How a sample floor is drawn, in metres from its top left corner.

use serde_json::{Value, json};

use crate::spaces::space::Kind;

/// Left, top, width, height.
pub type Rect = [f64; 4];
/// From a point to a point.
pub type Line = [f64; 4];

pub struct Floor {
    pub location: &'static str,
    pub level: i32,
    pub name: &'static str,
    pub size: [f64; 2],
    pub windows: &'static [Line],
    pub entrance: Line,
    pub labels: &'static [(f64, f64, &'static str)],
    /// What stands about, by the kinds of `spaces::floor::ThingKind`.
    pub things: &'static [(&'static str, Rect)],
    /// Walled off and never booked.
    pub service: &'static [(Rect, Side)],
    pub benches: &'static [Bench],
    pub rooms: &'static [Room],
}

/// Six desks, three and three back to back.
pub struct Bench {
    pub zone: &'static str,
    pub at: [f64; 2],
    pub amenities: &'static [&'static str],
}

pub struct Room {
    pub zone: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    pub seats: i32,
    pub rect: Rect,
    pub door: Side,
    pub amenities: &'static [&'static str],
    pub summary: &'static str,
}

/// The wall that has the door.
#[derive(Clone, Copy)]
pub enum Side {
    Top,
    Bottom,
    Left,
}

const DESK: [f64; 2] = [1.6, 0.8];
const DOOR: f64 = 0.9;

impl Bench {
    pub fn desks(&self) -> impl Iterator<Item = Rect> {
        let [x, y] = self.at;
        let [w, h] = DESK;
        (0..6_u8).map(move |n| [x + f64::from(n % 3) * w, y + f64::from(n / 3) * h, w, h])
    }
}

impl Floor {
    /// The drawing as the database keeps it: segments in metres, and words at their middle.
    pub fn plan(&self) -> Value {
        let [w, h] = self.size;
        let rooms = self.rooms.iter().map(|room| (room.rect, room.door));
        let walled: Vec<(Rect, Side)> = rooms.chain(self.service.iter().copied()).collect();
        let walls: Vec<Line> = walled
            .iter()
            .flat_map(|(rect, _)| sides(*rect))
            .chain(sides([0.0, 0.0, w, h]))
            .map(to_the_centimetre)
            .collect();
        let doors: Vec<Line> = walled
            .iter()
            .map(|(rect, side)| door(*rect, *side))
            .chain(std::iter::once(self.entrance))
            .map(to_the_centimetre)
            .collect();
        let labels: Vec<Value> = self
            .labels
            .iter()
            .map(|(x, y, text)| json!({ "x": x, "y": y, "text": text }))
            .collect();
        let things: Vec<Value> = self
            .things
            .iter()
            .map(|(kind, at)| json!({ "kind": kind, "at": at }))
            .collect();
        json!({
            "width": w,
            "height": h,
            "walls": walls,
            "windows": self.windows,
            "doors": doors,
            "things": things,
            "labels": labels,
        })
    }
}

fn sides([x, y, w, h]: Rect) -> [Line; 4] {
    [
        [x, y, x + w, y],
        [x + w, y, x + w, y + h],
        [x, y + h, x + w, y + h],
        [x, y, x, y + h],
    ]
}

/// In the middle of a room's wall.
fn door([x, y, w, h]: Rect, side: Side) -> Line {
    let (across, down) = (x + (w - DOOR) / 2.0, y + (h - DOOR) / 2.0);
    match side {
        Side::Top => [across, y, across + DOOR, y],
        Side::Bottom => [across, y + h, across + DOOR, y + h],
        Side::Left => [x, down, x, down + DOOR],
    }
}

fn to_the_centimetre(line: Line) -> Line {
    line.map(|metres| (metres * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::super::floors::FLOORS;
    use super::*;
    use crate::spaces::floor::ThingKind;

    fn overlap(a: Rect, b: Rect) -> bool {
        let apart = |a: f64, a_long: f64, b: f64, b_long: f64| {
            a + a_long <= b + 0.01 || b + b_long <= a + 0.01
        };
        !apart(a[0], a[2], b[0], b[2]) && !apart(a[1], a[3], b[1], b[3])
    }

    /// Where somebody stands who opens the door.
    fn step(rect: Rect, side: Side) -> Rect {
        let [x1, y1, x2, y2] = door(rect, side);
        let (x, y) = (x1.midpoint(x2), y1.midpoint(y2));
        match side {
            Side::Top => [x - 0.4, y - 0.8, 0.8, 0.7],
            Side::Bottom => [x - 0.4, y + 0.1, 0.8, 0.7],
            Side::Left => [x - 0.8, y - 0.4, 0.7, 0.8],
        }
    }

    fn everything(floor: &Floor) -> Vec<(String, Rect)> {
        let desks = floor
            .benches
            .iter()
            .flat_map(|bench| bench.desks().map(|rect| (bench.zone.to_owned(), rect)));
        let rooms = floor
            .rooms
            .iter()
            .map(|room| (room.name.to_owned(), room.rect));
        let service = floor
            .service
            .iter()
            .map(|(rect, _)| ("service".to_owned(), *rect));
        desks.chain(rooms).chain(service).collect()
    }

    #[test]
    fn nothing_stands_on_a_desk_in_a_room_or_before_a_door() {
        for floor in &FLOORS {
            for (kind, rect) in floor.things {
                let blocked = everything(floor)
                    .into_iter()
                    .find(|(name, other)| name != "service" && overlap(*other, *rect));
                assert_eq!(blocked, None, "{kind} of {}", floor.location);
                let before = floor
                    .rooms
                    .iter()
                    .find(|room| overlap(step(room.rect, room.door), *rect));
                let name = before.map(|room| room.name);
                assert_eq!(name, None, "{kind} of {}", floor.location);
                assert!(
                    serde_json::from_value::<ThingKind>(json!(kind)).unwrap() != ThingKind::Unknown,
                    "{kind} is not known"
                );
            }
        }
    }

    #[test]
    fn everything_is_inside_its_floor_and_nothing_overlaps() {
        assert!(
            overlap([0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]),
            "the test sees an overlap"
        );
        for floor in &FLOORS {
            let [width, height] = floor.size;
            let things = everything(floor);
            for (at, (name, rect)) in things.iter().enumerate() {
                let [x, y, w, h] = *rect;
                let inside =
                    x >= 0.0 && y >= 0.0 && x + w <= width + 0.01 && y + h <= height + 0.01;
                assert!(inside, "{name} on {} of {}", floor.name, floor.location);
                for (other, second) in &things[at + 1..] {
                    assert!(
                        !overlap(*rect, *second),
                        "{name} and {other} of {}",
                        floor.location
                    );
                }
            }
        }
    }

    #[test]
    fn no_door_opens_into_another_room() {
        for floor in &FLOORS {
            for room in floor.rooms {
                let before = step(room.rect, room.door);
                let blocked = everything(floor)
                    .into_iter()
                    .find(|(_, rect)| overlap(*rect, before));
                assert_eq!(blocked, None, "before the door of {}", room.name);
            }
        }
    }
}
