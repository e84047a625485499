//! A meeting room: around one table, in rows, or a booth for one.

use super::{
    chairs, has, listed,
    pen::{Pen, Point},
    room::Room,
    seats,
};
use crate::spaces::{layout::Layout, space::Space};

/// As many sit around one table; more sit in rows unless the room says otherwise.
const ONE_TABLE: usize = 16;
const HEIGHT: f32 = 308.0;

pub fn draw(space: &Space) -> (Pen, String) {
    let seats = seats(space);
    if seats == 1 {
        return booth(space);
    }
    let in_layout = |layout| space.layouts.get(&layout) == Some(&space.seats);
    let (mut room, table) = if in_layout(Layout::Boardroom) && seats <= ONE_TABLE {
        around_a_table(seats)
    } else if in_layout(Layout::Classroom) {
        in_rows(seats, true)
    } else if in_layout(Layout::Theatre) || seats > ONE_TABLE {
        in_rows(seats, false)
    } else {
        around_a_table(seats)
    };
    room.windows();
    let mut contents = vec![format!("{} {table}", chairs(seats))];
    if has(space, "screen") || has(space, "video") {
        room.screen(has(space, "video"));
        contents.push("a screen on the left-hand wall".into());
    }
    if has(space, "whiteboard") {
        room.whiteboard();
        contents.push("a whiteboard on the right".into());
    }
    if has(space, "coffee") {
        room.sideboard("Coffee + water");
        contents.push("coffee and water on the side".into());
    }
    room.plant();
    contents.push("the door at the bottom right".into());
    (room.pen, listed(&contents))
}

fn around_a_table(seats: usize) -> (Room, &'static str) {
    if seats <= 5 {
        round_table(seats)
    } else {
        oval_table(seats)
    }
}

fn round_table(seats: usize) -> (Room, &'static str) {
    let mut room = Room::new(410.0, 300.0);
    let (x, y) = room.middle();
    let table = 34.0 + 4.0 * seats as f32;
    for out in [76.0, 70.0, 64.0] {
        room.pen.circle("l2", x, y, table + out - 14.0);
    }
    room.pen.circle("shade l", x, y, table);
    room.pen.circle("l2", x, y, table - 8.0);
    for n in 0..seats {
        // The first sits at the left of the top, so that an even number faces in pairs.
        let turn = 360.0 / seats as f32 * (n as f32 + 0.5);
        let (sin, cos) = turn.to_radians().sin_cos();
        let away = table + 21.0;
        room.pen
            .chair("seat l", (x + away * sin, y - away * cos), turn + 180.0);
    }
    (room, "around a round table")
}

/// One or two at the ends, the others along both sides.
fn oval_table(seats: usize) -> (Room, &'static str) {
    let ends = if seats.is_multiple_of(2) { 2 } else { 1 };
    let along = (seats - ends) / 2;
    let (long, deep) = (along as f32 * 53.0 + 35.0, 84.0);
    let mut room = Room::new(long + HEIGHT, HEIGHT);
    let (x, y) = room.middle();
    let (left, top) = (x - long / 2.0, y - deep / 2.0);
    room.pen
        .rug([left - 58.0, top - 54.0, long + 116.0, deep + 108.0], 88.0);
    room.pen.rect("shade l", left, top, long, deep, 42.0);
    room.pen
        .rect("l2", left + 8.0, top + 8.0, long - 16.0, deep - 16.0, 34.0);
    for n in 0..along {
        let at = left + 44.0 + n as f32 * 53.0;
        room.pen.chair("seat l", (at, top - 26.0), 180.0);
        room.pen.chair("seat l", (at, top + deep + 26.0), 0.0);
    }
    room.pen.chair("seat l", (left + long + 28.0, y), 270.0);
    if ends == 2 {
        room.pen.chair("seat l", (left - 28.0, y), 90.0);
    }
    (room, "around one oval table")
}

/// All look at the left-hand wall, with an aisle through the middle.
fn in_rows(seats: usize, has_tables: bool) -> (Room, &'static str) {
    let mut most = 6;
    while seats.div_ceil(most) > most {
        most += 2;
    }
    let rows = seats.div_ceil(most);
    let (apart, behind) = (42.0, if has_tables { 78.0 } else { 68.0 });
    let aisle = 40.0;
    let deep = most as f32 * apart + aisle + 76.0;
    let mut room = Room::new(rows as f32 * behind + 300.0, deep.max(HEIGHT));
    let (_, middle) = room.middle();
    lectern(&mut room, (104.0, middle));
    for row in 0..rows {
        let in_this = seats / rows + usize::from(row < seats % rows);
        let x = 190.0 + row as f32 * behind;
        let above = in_this.div_ceil(2);
        for (side, count) in [(-1.0, above), (1.0, in_this - above)] {
            let first = middle + side * (aisle + apart) / 2.0;
            if has_tables && count > 0 {
                let long = (count - 1) as f32 * apart + 38.0;
                let top = if side > 0.0 {
                    first - 19.0
                } else {
                    first + 19.0 - long
                };
                room.pen.rect("shade l", x - 42.0, top, 20.0, long, 4.0);
            }
            for n in 0..count {
                room.pen
                    .chair("seat l", (x, first + side * apart * n as f32), 270.0);
            }
        }
    }
    (
        room,
        if has_tables {
            "in rows at tables"
        } else {
            "in rows"
        },
    )
}

fn lectern(room: &mut Room, (x, y): Point) {
    room.pen
        .rect("shade l", x - 12.0, y - 20.0, 24.0, 40.0, 8.0);
    room.pen
        .line("l2", (x - 4.0, y - 12.0), (x - 4.0, y + 12.0));
}

/// Padded with fins all round: a shelf, a chair and a lamp.
fn booth(space: &Space) -> (Pen, String) {
    let mut room = Room::new(230.0, 180.0);
    let mut fin = 12.0;
    while fin < 220.0 {
        room.pen.line("l2", (fin, 2.0), (fin, 10.0));
        fin += 12.0;
    }
    room.pen.line("l2", (6.0, 10.0), (224.0, 10.0));
    room.pen.rect("shade l", 3.0, 34.0, 46.0, 112.0, 6.0);
    room.pen.rect("paper l", 14.0, 74.0, 24.0, 32.0, 3.0);
    room.pen.line("l2", (20.0, 78.0), (20.0, 102.0));
    room.pen.circle("lamp l", 26.0, 50.0, 7.0);
    room.pen.circle("l2", 26.0, 50.0, 13.0);
    room.pen.chair("seat l", (78.0, 90.0), 270.0);
    room.plant();
    let mut contents = vec![
        "a booth with 1 chair at a shelf".to_owned(),
        "a lamp".to_owned(),
    ];
    if has(space, "video") {
        room.pen.circle("paper l", 9.0, 90.0, 5.0);
        room.pen.circle("coral", 9.0, 90.0, 1.6);
        contents.push("a camera".into());
    }
    (room.pen, listed(&contents))
}
