use super::*;
use crate::bookings::policy::{Cancellation, Policy};
use crate::id::Id;

fn space(kind: Kind, name: &str, seats: i32, layout: &str, amenities: &[&str]) -> Space {
    let policy = Policy {
        step_minutes: 15,
        min_minutes: 30,
        max_minutes: 600,
        notice_minutes: 0,
        max_advance_days: 180,
        by_time: true,
        by_day: true,
        by_week: false,
        by_month: false,
        setup_minutes: 0,
        turnaround_minutes: 0,
        max_at_once: None,
        limits: Vec::new(),
        approval: false,
        compete: false,
        offer_minutes: 120,
        overrun_minutes: None,
        first_refusal_days: 0,
        cancellation: Cancellation(Vec::new()),
    };
    Space {
        id: Id::from(uuid::Uuid::nil()),
        location: Id::from(uuid::Uuid::nil()),
        floor: uuid::Uuid::nil(),
        floor_name: "Level 1".into(),
        zone: None,
        slug: "a-space".into(),
        name: name.into(),
        kind,
        seats,
        layouts: (!layout.is_empty())
            .then(|| (layout.parse().unwrap(), seats))
            .into_iter()
            .collect(),
        amenities: amenities.iter().map(|key| (*key).to_owned()).collect(),
        summary: String::new(),
        status: crate::spaces::space::Status::Active,
        policy_id: uuid::Uuid::nil(),
        policy,
    }
}

const ALL: &[&str] = &[
    "screen",
    "video",
    "whiteboard",
    "coffee",
    "monitor",
    "window",
    "quiet",
];

/// Rooms and offices of every size, with everything and with nothing in them.
fn every_space() -> impl Iterator<Item = Space> {
    let sizes = (1..=24).chain([40, 100, 200]);
    let rooms = sizes.flat_map(|seats| {
        ["", "boardroom", "theatre", "classroom"]
            .into_iter()
            .flat_map(move |layout| {
                [ALL, &[]].into_iter().flat_map(move |amenities| {
                    [Kind::MeetingRoom, Kind::Office]
                        .map(|kind| space(kind, "Lighthouse", seats, layout, amenities))
                })
            })
    });
    rooms.chain((1..=7).map(|n| space(Kind::HotDesk, &format!("Desk {n}"), 1, "", ALL)))
}

fn class(shape: &Shape) -> &'static str {
    match shape {
        Shape::Path { class, .. }
        | Shape::Rect { class, .. }
        | Shape::Circle { class, .. }
        | Shape::Text { class, .. } => class,
    }
}

/// The corners of what a shape covers; of a path, the points that it is drawn through and by.
fn points(shape: &Shape) -> Vec<(f32, f32)> {
    match shape {
        Shape::Path { d, .. } => {
            let numbers: Vec<f32> = d
                .split(|c: char| c.is_ascii_uppercase() || c == ' ')
                .filter(|part| !part.is_empty())
                .map(|part| part.parse().unwrap())
                .collect();
            numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
        }
        Shape::Rect { x, y, w, h, .. } => vec![(*x, *y), (x + w, y + h)],
        Shape::Circle { x, y, r, .. } => vec![(x - r, y - r), (x + r, y + r)],
        Shape::Text {
            class, x, y, text, ..
        } => {
            let wide = text.chars().count() as f32 * 7.0;
            let left = if class.contains("tm") {
                x - wide / 2.0
            } else {
                *x
            };
            vec![(left, y - 10.0), (left + wide, y + 3.0)]
        }
    }
}

#[test]
fn as_many_chairs_as_seats() {
    for space in every_space() {
        let drawn = drawing(&space);
        let chairs = drawn
            .shapes
            .iter()
            .filter(|shape| class(shape) == "seat l")
            .count();
        assert_eq!(chairs, space.seats as usize, "{}", drawn.label);
    }
}

#[test]
fn nothing_is_outside_the_frame() {
    for space in every_space() {
        let drawn = drawing(&space);
        for shape in &drawn.shapes {
            let inside = points(shape)
                .iter()
                .all(|(x, y)| (0.0..=drawn.width).contains(x) && (0.0..=drawn.height).contains(y));
            assert!(inside, "{shape:?} in {}", drawn.label);
        }
    }
}

#[test]
fn chairs_do_not_stand_on_each_other() {
    for space in every_space() {
        let drawn = drawing(&space);
        let chairs = drawn.shapes.iter().filter(|shape| class(shape) == "seat l");
        let middles: Vec<(f32, f32)> = chairs
            .map(|shape| {
                let points = points(shape);
                let count = points.len() as f32;
                let sum = points
                    .iter()
                    .fold((0.0, 0.0), |sum, at| (sum.0 + at.0, sum.1 + at.1));
                (sum.0 / count, sum.1 / count)
            })
            .collect();
        // A chair is 30 wide before the room is made to fit the frame.
        let least = if space.seats <= 24 { 20.0 } else { 3.0 };
        for (n, (x, y)) in middles.iter().enumerate() {
            for (other_x, other_y) in &middles[n + 1..] {
                assert!((x - other_x).hypot(y - other_y) > least, "{}", drawn.label);
            }
        }
    }
}

#[test]
fn the_label_says_what_is_there() {
    let lighthouse = space(
        Kind::MeetingRoom,
        "Lighthouse",
        12,
        "boardroom",
        &["screen", "coffee"],
    );
    assert_eq!(
        drawing(&lighthouse).label,
        "Plan of Lighthouse: 12 chairs around one oval table, a screen on the left-hand wall, \
         coffee and water on the side and the door at the bottom right"
    );
}
