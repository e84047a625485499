//! An office: desks face to face, behind a door of their own.

use super::{
    chairs, has, listed,
    pen::{Pen, Point},
    room::Room,
    seats,
};
use crate::spaces::space::Space;

const DESK: Point = (104.0, 50.0);
/// From one pair of desks to the next, down the page.
const BANK: f32 = 216.0;
/// Pairs beside each other before a second bank begins.
const PAIRS: usize = 4;

pub fn draw(space: &Space) -> (Pen, String) {
    let seats = seats(space);
    let pairs = seats.div_ceil(2);
    let banks = pairs.div_ceil(PAIRS);
    let columns = pairs.div_ceil(banks);
    let across = columns as f32 * DESK.0;
    let mut room = Room::new(across + 236.0, banks as f32 * BANK + 92.0);
    room.windows();
    let left = (room.w - across) / 2.0;
    room.pen.rug(
        [left - 36.0, 56.0, across + 72.0, banks as f32 * BANK - 24.0],
        40.0,
    );
    for seat in 0..seats {
        let (pair, faces_down) = (seat / 2, seat % 2 == 0);
        let x = left + (pair % columns) as f32 * DESK.0;
        let y = 44.0 + (pair / columns) as f32 * BANK + BANK / 2.0;
        desk(&mut room.pen, (x, y), faces_down, has(space, "monitor"));
    }
    let mut contents = vec![
        format!("{} at desks", chairs(seats)),
        "windows along the top".into(),
    ];
    if has(space, "whiteboard") {
        room.whiteboard();
        contents.push("a whiteboard on the right".into());
    }
    shelves(&mut room);
    room.plant();
    contents.extend([
        "shelves on the left".into(),
        "the door at the bottom right".into(),
    ]);
    (room.pen, listed(&contents))
}

/// A desk above or below the line `y`, starting at `x`, with its chair.
fn desk(pen: &mut Pen, (x, y): Point, faces_down: bool, has_monitor: bool) {
    let side = if faces_down { -1.0 } else { 1.0 };
    let (w, h) = DESK;
    let top = if faces_down { y - h } else { y };
    pen.rect("shade l", x, top, w, h, 3.0);
    let middle = x + w / 2.0;
    if has_monitor {
        pen.rect("sea l", middle - 22.0, y + side * 9.0 - 2.5, 44.0, 5.0, 0.0);
        pen.rect("l2", middle - 15.0, y + side * 27.0 - 5.0, 30.0, 10.0, 2.0);
    } else {
        pen.rect(
            "paper l",
            middle - 15.0,
            y + side * 24.0 - 10.0,
            30.0,
            20.0,
            2.0,
        );
        pen.line(
            "l2",
            (middle - 11.0, y + side * 19.0),
            (middle + 11.0, y + side * 19.0),
        );
    }
    pen.circle("l2", x + w - 14.0, y + side * 34.0, 4.5);
    pen.chair(
        "seat l",
        (middle, y + side * (h + 21.0)),
        if faces_down { 180.0 } else { 0.0 },
    );
}

/// Along the left-hand wall, full of books.
fn shelves(room: &mut Room) {
    let (top, long) = (room.h * 0.3, room.h * 0.4);
    room.pen.rect("paper l", 3.0, top, 22.0, long, 0.0);
    for (n, class) in ["sea", "leaf", "pale", "shade"]
        .into_iter()
        .cycle()
        .take(12)
        .enumerate()
    {
        let each = (long - 8.0) / 12.0;
        let deep = if n % 3 == 1 { 12.0 } else { 15.0 };
        room.pen.rect(
            class,
            5.0,
            top + 4.0 + n as f32 * each,
            deep,
            each - 1.5,
            0.0,
        );
    }
}
