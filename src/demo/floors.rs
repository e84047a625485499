//! The five sample floors: rooms, benches of desks, and what stands between.

use super::plan::{Bench, Floor, Rect, Room, Side};
use crate::spaces::space::Kind;

const MEETING: &[&str] = &[
    "screen",
    "video",
    "whiteboard",
    "aircon",
    "coffee",
    "step_free",
];

const OFFICE: &[&str] = &["fibre", "window", "aircon", "whiteboard", "step_free"];

const fn room(
    name: &'static str,
    seats: i32,
    rect: Rect,
    door: Side,
    summary: &'static str,
) -> Room {
    Room {
        zone: "Meeting rooms",
        name,
        kind: Kind::MeetingRoom,
        seats,
        rect,
        door,
        amenities: MEETING,
        summary,
    }
}

const fn office(name: &'static str, seats: i32, rect: Rect, door: Side) -> Room {
    let summary = match seats {
        1 => "A desk behind a door of its own, by the day.",
        2 => "An office for one or two, with a window that opens.",
        3 | 4 => "An office for a small team: four desks, shelves and a whiteboard.",
        _ => "An office for a team, with room for a table of its own.",
    };
    Room {
        zone: "Offices",
        name,
        kind: Kind::Office,
        seats,
        rect,
        door,
        amenities: OFFICE,
        summary,
    }
}

const fn bench(zone: &'static str, at: [f64; 2], amenities: &'static [&'static str]) -> Bench {
    Bench {
        zone,
        at,
        amenities,
    }
}

pub const FLOORS: [Floor; 5] = [
    Floor {
        location: "musgrave",
        level: 0,
        name: "Ground floor",
        size: [24.0, 14.0],
        windows: &[
            [1.4, 0.0, 6.2, 0.0],
            [8.2, 0.0, 13.0, 0.0],
            [0.0, 1.4, 0.0, 8.0],
            [19.0, 0.0, 23.0, 0.0],
        ],
        entrance: [3.0, 14.0, 4.6, 14.0],
        labels: &[
            (3.8, 12.2, "Reception"),
            (10.6, 12.2, "Coffee bar"),
            (15.6, 4.6, "Lounge"),
            (21.0, 12.2, "Showers"),
        ],
        service: &[([18.0, 10.0, 6.0, 4.0], Side::Left)],
        benches: &[
            bench("Main room", [1.4, 1.4], &["window", "step_free"]),
            bench("Main room", [8.2, 1.4], &["window", "monitor", "step_free"]),
            bench("Quiet side", [1.4, 6.2], &["quiet", "window"]),
            bench("Quiet side", [8.2, 6.2], &["quiet", "monitor"]),
        ],
        rooms: &[
            room(
                "Berea",
                10,
                [18.0, 0.0, 6.0, 5.2],
                Side::Left,
                "The boardroom downstairs, looking over the garden: one long table and a door that shuts softly.",
            ),
            room(
                "Mynah",
                4,
                [19.6, 5.2, 4.4, 3.6],
                Side::Left,
                "A small room for four with a round table, for interviews and quick decisions.",
            ),
        ],
    },
    Floor {
        location: "musgrave",
        level: 1,
        name: "First floor",
        size: [22.0, 12.0],
        windows: &[
            [0.6, 0.0, 12.2, 0.0],
            [13.4, 0.0, 21.4, 0.0],
            [0.6, 12.0, 9.8, 12.0],
            [11.0, 12.0, 21.4, 12.0],
        ],
        entrance: [22.0, 5.4, 22.0, 6.6],
        labels: &[(19.8, 6.1, "Stairs and lift")],
        service: &[],
        benches: &[],
        rooms: &[
            room(
                "Jacaranda",
                8,
                [0.0, 7.4, 5.6, 4.6],
                Side::Top,
                "Eight around a table among the treetops. It shares a folding wall with Flat-crown.",
            ),
            room(
                "Flat-crown",
                6,
                [5.6, 7.4, 4.8, 4.6],
                Side::Top,
                "Six seats and a whiteboard wall. It shares a folding wall with Jacaranda.",
            ),
            office("Office 1A", 2, [0.0, 0.0, 3.2, 4.6], Side::Bottom),
            office("Office 1B", 2, [3.2, 0.0, 3.2, 4.6], Side::Bottom),
            office("Office 1C", 2, [6.4, 0.0, 3.2, 4.6], Side::Bottom),
            office("Office 1D", 2, [9.6, 0.0, 3.2, 4.6], Side::Bottom),
            office("Office 1E", 4, [12.8, 0.0, 4.4, 4.6], Side::Bottom),
            office("Office 1F", 4, [17.2, 0.0, 4.8, 4.6], Side::Bottom),
            office("Office 1G", 6, [10.4, 7.4, 5.2, 4.6], Side::Top),
            office("Office 1H", 8, [15.6, 7.4, 6.4, 4.6], Side::Top),
        ],
    },
    Floor {
        location: "umhlanga",
        level: 1,
        name: "Level 1",
        size: [26.0, 15.0],
        windows: &[
            [1.4, 0.0, 18.6, 0.0],
            [21.0, 0.0, 25.0, 0.0],
            [0.0, 1.6, 0.0, 8.0],
        ],
        entrance: [3.4, 15.0, 5.2, 15.0],
        labels: &[
            (4.3, 13.0, "Reception"),
            (11.5, 13.0, "Coffee bar"),
            (16.4, 7.4, "Lounge"),
            (23.0, 13.2, "Showers"),
        ],
        service: &[([20.0, 11.0, 6.0, 4.0], Side::Left)],
        benches: &[
            bench("Sea room", [1.4, 1.6], &["window", "step_free"]),
            bench("Sea room", [7.6, 1.6], &["window", "monitor", "step_free"]),
            bench("Sea room", [13.8, 1.6], &["window", "monitor", "step_free"]),
            bench("Quiet room", [1.4, 6.6], &["quiet", "window"]),
            bench("Quiet room", [7.6, 6.6], &["quiet", "monitor"]),
        ],
        rooms: &[
            room(
                "Pier",
                6,
                [20.0, 0.0, 6.0, 4.4],
                Side::Left,
                "Six seats, long and narrow, with the horizon at the end of the table.",
            ),
            room(
                "Whalebone",
                4,
                [20.0, 4.4, 6.0, 3.6],
                Side::Left,
                "Four armchairs and a screen: talk first, write later.",
            ),
            Room {
                amenities: &["quiet", "video", "aircon", "step_free"],
                ..room(
                    "Cowrie",
                    1,
                    [20.0, 8.0, 2.2, 2.2],
                    Side::Left,
                    "A booth for one, deaf to the room outside, with a light for video calls.",
                )
            },
        ],
    },
    Floor {
        location: "umhlanga",
        level: 2,
        name: "Level 2",
        size: [26.0, 13.0],
        windows: &[
            [0.8, 0.0, 7.6, 0.0],
            [9.2, 0.0, 13.6, 0.0],
            [15.0, 0.0, 25.4, 0.0],
            [0.6, 13.0, 25.4, 13.0],
        ],
        entrance: [26.0, 5.9, 26.0, 7.1],
        labels: &[(23.4, 6.6, "Stairs and lift")],
        service: &[],
        benches: &[],
        rooms: &[
            room(
                "Lighthouse",
                12,
                [0.0, 0.0, 8.4, 5.2],
                Side::Bottom,
                "A boardroom for twelve that faces the sea: oval table, large screen, and coffee on the side.",
            ),
            room(
                "Lagoon",
                8,
                [8.4, 0.0, 6.0, 5.2],
                Side::Bottom,
                "Eight seats, soft light, and two whiteboards that slide.",
            ),
            office("Office 2A", 8, [14.4, 0.0, 6.2, 5.2], Side::Bottom),
            office("Office 2B", 6, [20.6, 0.0, 5.4, 5.2], Side::Bottom),
            office("Office 2C", 4, [0.0, 7.8, 4.2, 5.2], Side::Top),
            office("Office 2D", 4, [4.2, 7.8, 4.2, 5.2], Side::Top),
            office("Office 2E", 4, [8.4, 7.8, 4.2, 5.2], Side::Top),
            office("Office 2F", 2, [12.6, 7.8, 2.9, 5.2], Side::Top),
            office("Office 2G", 2, [15.5, 7.8, 2.9, 5.2], Side::Top),
            office("Office 2H", 2, [18.4, 7.8, 2.9, 5.2], Side::Top),
            office("Office 2J", 2, [21.3, 7.8, 2.5, 5.2], Side::Top),
            office("Office 2K", 1, [23.8, 7.8, 2.2, 5.2], Side::Top),
        ],
    },
    Floor {
        location: "mount-edgecombe",
        level: 0,
        name: "Ground floor",
        size: [30.0, 16.0],
        windows: &[
            [1.4, 0.0, 12.4, 0.0],
            [14.4, 0.0, 29.4, 0.0],
            [0.0, 1.6, 0.0, 8.0],
            [21.0, 16.0, 29.0, 16.0],
        ],
        entrance: [2.6, 16.0, 4.2, 16.0],
        labels: &[
            (3.4, 14.0, "Reception"),
            (7.6, 14.0, "Coffee bar"),
            (9.8, 7.4, "Lounge"),
            (18.6, 7.4, "Verandah side"),
        ],
        service: &[],
        benches: &[
            bench("Mill floor", [1.4, 1.6], &["window", "step_free"]),
            bench(
                "Mill floor",
                [7.6, 1.6],
                &["window", "monitor", "step_free"],
            ),
            bench("Garden side", [1.4, 6.6], &["quiet", "window", "step_free"]),
        ],
        rooms: &[
            room(
                "Mill",
                24,
                [20.0, 10.0, 10.0, 6.0],
                Side::Top,
                "The training room: twenty-four in rows, twenty at tables, sixteen around one.",
            ),
            room(
                "Furrow",
                8,
                [14.4, 10.4, 5.6, 5.6],
                Side::Top,
                "Eight seats at a long table, and a door to the verandah.",
            ),
            room(
                "Cane",
                4,
                [10.2, 11.8, 4.2, 4.2],
                Side::Top,
                "Four seats, cool and quiet, beside the coffee bar.",
            ),
            office("Office A", 2, [14.0, 0.0, 3.0, 4.4], Side::Bottom),
            office("Office B", 2, [17.0, 0.0, 3.0, 4.4], Side::Bottom),
            office("Office C", 2, [20.0, 0.0, 3.0, 4.4], Side::Bottom),
            office("Office D", 4, [23.0, 0.0, 3.5, 4.4], Side::Bottom),
            office("Office E", 4, [26.5, 0.0, 3.5, 4.4], Side::Bottom),
            office("Office F", 8, [25.5, 5.8, 4.5, 4.2], Side::Left),
        ],
    },
];
