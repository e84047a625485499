//! A floor seen from above: walls, windows and doors, what stands about, and each space on it.

use super::pen::{
    Pen, Point, Shape,
    Step::{Curve, Line, Move},
};
use crate::spaces::{
    floor::{self, Floor, Plan, Rect, ThingKind},
    space::{Kind, Space},
};

/// Units of the drawing for a metre.
pub const METRE: f32 = 32.0;

/// What is there before anybody comes.
pub fn scenery(floor: &Floor) -> Vec<Shape> {
    let plan = &floor.plan;
    let mut pen = Pen::of_metres(METRE);
    pen.rect("paper", 0.0, 0.0, plan.width, plan.height, 0.0);
    for thing in &plan.things {
        stand(&mut pen, thing.kind, thing.at);
    }
    for [x1, y1, x2, y2] in &plan.walls {
        pen.line("wall", (*x1, *y1), (*x2, *y2));
    }
    for line in &plan.windows {
        window(&mut pen, *line);
    }
    let rooms: Vec<Rect> = floor.places.values().copied().collect();
    for line in &plan.doors {
        door(&mut pen, *line, plan, &rooms);
    }
    for label in &plan.labels {
        pen.text("t tm", label.x, label.y + 0.15, &label.text);
    }
    pen.shapes
}

/// The size of the drawing with its outer walls.
pub fn frame(plan: &Plan) -> [f32; 4] {
    let edge = 4.0;
    [
        -edge,
        -edge,
        plan.width * METRE + 2.0 * edge,
        plan.height * METRE + 2.0 * edge,
    ]
}

fn window(pen: &mut Pen, [x1, y1, x2, y2]: floor::Line) {
    let thick = 0.22;
    if y1 == y2 {
        pen.rect("paper l", x1, y1 - thick / 2.0, x2 - x1, thick, 0.0);
    } else {
        pen.rect("paper l", x1 - thick / 2.0, y1, thick, y2 - y1, 0.0);
    }
    pen.line("l2", (x1, y1), (x2, y2));
}

/// Opens into the room it belongs to, or into the floor where it is the way in.
fn door(pen: &mut Pen, [x1, y1, x2, y2]: floor::Line, plan: &Plan, rooms: &[Rect]) {
    let (x, y) = (x1.midpoint(x2), y1.midpoint(y2));
    let across = y1 == y2;
    let step = |by: f32| if across { (x, y + by) } else { (x + by, y) };
    let is_room = |point| rooms.iter().any(|room| holds(*room, point));
    let is_floor = |point| holds([0.0, 0.0, plan.width, plan.height], point);
    let inwards = if is_room(step(0.4)) || !is_floor(step(-0.4)) {
        1.0
    } else {
        -1.0
    };
    let long = (x2 - x1) + (y2 - y1);
    pen.line("gap", (x1, y1), (x2, y2));
    let (leaf, round) = (inwards * long, inwards * long * 0.552);
    let (end, by, and_by) = if across {
        (
            (x1, y1 + leaf),
            (x1 + long * 0.552, y1 + leaf),
            (x2, y1 + round),
        )
    } else {
        (
            (x1 + leaf, y1),
            (x1 + leaf, y1 + long * 0.552),
            (x1 + round, y2),
        )
    };
    pen.line("l", (x1, y1), end);
    pen.path("l2", &[Move(end), Curve(by, and_by, (x2, y2))]);
}

fn holds([x, y, w, h]: Rect, (px, py): Point) -> bool {
    x < px && px < x + w && y < py && py < y + h
}

fn stand(pen: &mut Pen, kind: ThingKind, [x, y, w, h]: Rect) {
    let (right, bottom) = (x + w, y + h);
    let middle = (x + w / 2.0, y + h / 2.0);
    match kind {
        ThingKind::Plant => pen.plant(middle.0, middle.1, w / 2.0),
        ThingKind::Sofa => {
            pen.rect("seat l", x, y, w, h, 0.18);
            let cushions = (w.max(h) / 0.9).round().max(1.0);
            let each = (w - 0.3) / cushions;
            if w >= h {
                for n in 1..cushions as i32 {
                    let at = x + 0.15 + each * n as f32;
                    pen.line("l2", (at, y + 0.12), (at, bottom - 0.12));
                }
            } else {
                let each = (h - 0.3) / cushions;
                for n in 1..cushions as i32 {
                    let at = y + 0.15 + each * n as f32;
                    pen.line("l2", (x + 0.12, at), (right - 0.12, at));
                }
            }
        }
        ThingKind::Table => {
            pen.circle("shade l", middle.0, middle.1, w / 2.0);
            pen.circle("l2", middle.0, middle.1, w / 2.0 - 0.12);
        }
        ThingKind::Counter => {
            pen.rect("shade l", x, y, w, h, 0.3);
            pen.rect("l2", x + 0.1, y + 0.1, w - 0.2, h - 0.2, 0.22);
        }
        ThingKind::Bar => {
            pen.rect("shade l", x, y, w, h, 0.1);
            let stools = (w.max(h) / 0.85).floor().max(1.0);
            for n in 0..stools as i32 {
                let along = (n as f32 + 0.5) / stools;
                if w >= h {
                    pen.circle("seat l", x + w * along, y - 0.35, 0.2);
                } else {
                    pen.circle("seat l", right + 0.35, y + h * along, 0.2);
                }
            }
        }
        ThingKind::Stairs => {
            pen.rect("paper l", x, y, w, h, 0.0);
            let steps = (w / 0.28).floor() as i32;
            for n in 1..steps {
                let at = x + w * n as f32 / steps as f32;
                pen.line("l2", (at, y), (at, bottom));
            }
            pen.line("l", (x + 0.2, middle.1), (right - 0.2, middle.1));
            pen.path(
                "l",
                &[
                    Move((right - 0.45, middle.1 - 0.2)),
                    Line((right - 0.2, middle.1)),
                    Line((right - 0.45, middle.1 + 0.2)),
                ],
            );
        }
        ThingKind::Lift => {
            pen.rect("shade l", x, y, w, h, 0.0);
            pen.path("l2", &[Move((x, y)), Line((right, bottom))]);
            pen.path("l2", &[Move((right, y)), Line((x, bottom))]);
        }
        ThingKind::Toilet => {
            pen.rect("paper l", x, y, w, h * 0.3, 0.06);
            pen.rect("paper l", x + w * 0.1, y + h * 0.34, w * 0.8, h * 0.66, 0.2);
        }
        ThingKind::Shower => {
            pen.rect("sea l", x, y, w, h, 0.08);
            pen.circle("l2", middle.0, middle.1, w * 0.28);
            pen.circle("l2", middle.0, middle.1, w * 0.12);
        }
        ThingKind::Rug => {
            for inset in [0.0, 0.14, 0.28] {
                let (wide, high) = (w - 2.0 * inset, h - 2.0 * inset);
                pen.rect("l2", x + inset, y + inset, wide, high, 0.5 - inset);
            }
        }
        ThingKind::Unknown => {}
    }
}

/// A space on its floor, with the area to tap last. `is_taken` puts somebody on a desk's chair and hatches
/// what is taken; `word` is written where there is room for it.
pub fn spot(floor: &Floor, space: &Space, is_taken: bool, word: &str) -> Vec<Shape> {
    let Some(at) = floor.places.get(&space.id) else {
        return Vec::new();
    };
    let mut pen = Pen::of_metres(METRE);
    let [x, y, w, h] = match space.kind {
        Kind::HotDesk => desk(&mut pen, floor, *at, &space.name, is_taken),
        Kind::MeetingRoom | Kind::Office => room(&mut pen, space, *at, is_taken, word),
    };
    pen.rect("hit", x, y, w, h, 0.12);
    pen.shapes
}

/// Its chair stands on the side where no other desk is. Says what of the floor is its own.
fn desk(pen: &mut Pen, floor: &Floor, at: Rect, name: &str, is_taken: bool) -> Rect {
    let [x, y, w, h] = at;
    let has_one_below = floor
        .places
        .values()
        .any(|other| (other[0] - x).abs() < 0.1 && (other[1] - (y + h)).abs() < 0.1);
    let middle = x + w / 2.0;
    let (chair, side, top) = if has_one_below {
        (y - 0.3, -1.0, y - 0.62)
    } else {
        (y + h + 0.3, 1.0, y)
    };
    pen.rect("top", x + 0.04, y + 0.04, w - 0.08, h - 0.08, 0.06);
    if is_taken {
        hatch(pen, [x + 0.04, y + 0.04, w - 0.08, h - 0.08]);
    }
    seat(pen, (middle, chair), side);
    if is_taken {
        pen.circle("person", middle, chair, 0.17);
    }
    let number = name.rsplit(' ').next().unwrap_or(name);
    let plate = 0.2 + 0.14 * number.chars().count() as f32;
    if is_taken {
        pen.rect(
            "plate",
            middle - plate,
            y + 0.14,
            plate * 2.0,
            h - 0.28,
            0.1,
        );
    }
    pen.text("t tm", middle, y + h / 2.0 + 0.15, number);
    [x, top, w, h + 0.62]
}

fn room(pen: &mut Pen, space: &Space, at: Rect, is_taken: bool, word: &str) -> Rect {
    let [x, y, w, h] = at;
    let inner = [x + 0.14, y + 0.14, w - 0.28, h - 0.28];
    pen.rect("top", inner[0], inner[1], inner[2], inner[3], 0.08);
    if is_taken {
        hatch(pen, inner);
    }
    let middle = x + w / 2.0;
    let name = match space.name.strip_prefix("Office ") {
        Some(number) if w < 3.0 => number,
        _ => &space.name,
    };
    let wide = name.chars().count().max(word.chars().count()) as f32 * 0.13 + 0.15;
    let lines = y + h / 2.0;
    furniture(pen, space, at);
    pen.rect("plate", middle - wide, lines - 0.55, wide * 2.0, 1.15, 0.12);
    pen.text("t tm name", middle, lines - 0.08, name);
    pen.text("t tm", middle, lines + 0.42, word);
    inner
}

/// Chairs along both long sides of what they sit at.
fn furniture(pen: &mut Pen, space: &Space, [x, y, w, h]: Rect) {
    let seats = space.seats.clamp(1, 24) as usize;
    let (middle, centre) = (x + w / 2.0, y + h / 2.0);
    let rows = if space.kind == Kind::Office { 1.9 } else { 1.6 };
    let (long, deep) = ((w - 1.0).min(seats.div_ceil(2) as f32 * 0.9 + 0.4), rows);
    if long < 0.8 || h < deep + 1.4 {
        return;
    }
    let each = long / seats.div_ceil(2) as f32;
    let (left, top) = (middle - long / 2.0, centre - deep / 2.0);
    pen.rect(
        "slab",
        left,
        top,
        long,
        deep,
        if space.kind == Kind::Office {
            0.06
        } else {
            0.6
        },
    );
    for n in 0..seats {
        let along = left + each * ((n / 2) as f32 + 0.5);
        let (to, side) = if n % 2 == 0 {
            (top - 0.27, -1.0)
        } else {
            (top + deep + 0.27, 1.0)
        };
        seat(pen, (along, to), side);
    }
}

/// A chair whose back is above (-1) or below (1).
fn seat(pen: &mut Pen, (x, y): Point, side: f32) {
    pen.rect("chair", x - 0.21, y - 0.2, 0.42, 0.4, 0.13);
    pen.rect("chair", x - 0.21, y + side * 0.2 - 0.05, 0.42, 0.1, 0.05);
}

/// Slanting lines within a rectangle.
fn hatch(pen: &mut Pen, [x, y, w, h]: Rect) {
    let mut steps = Vec::new();
    let mut out = 0.3;
    while out < w + h {
        let from = (x + out.min(w), y + (out - w).max(0.0));
        let to = (x + (out - h).max(0.0), y + out.min(h));
        steps.extend([Move(from), Line(to)]);
        out += 0.3;
    }
    pen.path("hatch", &steps);
}
