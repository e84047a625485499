//! A hot desk among its neighbours, three and three face to face.

use super::{has, listed, pen::Pen};
use crate::spaces::space::Space;

const DESK: (f32, f32) = (140.0, 64.0);
const LEFT: f32 = 62.0;
/// Where the two rows meet.
const MIDDLE: f32 = 166.0;

pub fn draw(space: &Space) -> (Pen, String) {
    let mut pen = Pen::new(LEFT * 2.0 + DESK.0 * 3.0, 296.0);
    wall(&mut pen, has(space, "window"));
    pen.rug([22.0, 50.0, 500.0, 232.0], 40.0);
    for x in [42.0, 502.0] {
        pen.plant(x, MIDDLE, 13.0);
    }
    let own = own_place(&space.name);
    for place in (0..6).filter(|place| *place != own) {
        desk(&mut pen, place, None, false);
    }
    desk(&mut pen, own, Some(&space.name), has(space, "monitor"));
    if has(space, "quiet") {
        pen.rect(
            "leaf l",
            LEFT - 6.0,
            MIDDLE - 4.0,
            DESK.0 * 3.0 + 12.0,
            8.0,
            4.0,
        );
    }
    let mut contents = vec![
        "the desk, marked, in a bench of six".to_owned(),
        "1 chair".to_owned(),
    ];
    for (amenity, words) in [
        ("monitor", "a monitor"),
        ("quiet", "a soft panel between the rows"),
        ("window", "windows along the top"),
    ] {
        if has(space, amenity) {
            contents.push(words.into());
        }
    }
    (pen, listed(&contents))
}

/// Desks are numbered along their benches, six to each; one without a number is in the middle.
fn own_place(name: &str) -> usize {
    let number = name
        .rsplit(' ')
        .next()
        .and_then(|last| last.parse::<usize>().ok());
    number.map_or(1, |number| (number + 5) % 6)
}

fn wall(pen: &mut Pen, has_windows: bool) {
    let (left, top) = pen.of_frame((0.0, 26.0));
    let (right, _) = pen.of_frame((super::pen::WIDTH, 0.0));
    pen.line("wall", (left, top), (right, top));
    if has_windows {
        for n in [0.0, 1.0, 2.0] {
            let x = LEFT + DESK.0 * n + 15.0;
            pen.rect("paper l", x, top - 5.0, 110.0, 10.0, 0.0);
            pen.line("l2", (x, top), (x + 110.0, top));
        }
    }
}

/// The places of a bench go 0 to 2 along the top and 3 to 5 along the bottom; `own` is the name of
/// the one that the drawing is about.
fn desk(pen: &mut Pen, place: usize, own: Option<&str>, has_monitor: bool) {
    let (w, h) = DESK;
    let x = LEFT + (place % 3) as f32 * w;
    let (side, turn) = if place < 3 { (-1.0, 180.0) } else { (1.0, 0.0) };
    let top = if place < 3 { MIDDLE - h } else { MIDDLE };
    let middle = x + w / 2.0;
    let (wood, seat) = if own.is_some() {
        ("mine l", "seat l")
    } else {
        ("paper l", "paper l")
    };
    pen.rect(wood, x, top, w, h, 3.0);
    pen.chair(seat, (middle, MIDDLE + side * (h + 22.0)), turn);
    if has_monitor {
        pen.rect(
            "paper l",
            middle - 32.0,
            MIDDLE + side * 12.0 - 3.0,
            64.0,
            6.0,
            1.0,
        );
    }
    match own {
        Some(name) => {
            let wide = 7.5 * name.chars().count() as f32 + 14.0;
            let y = MIDDLE + side * 40.0;
            pen.rect("paper l", middle - wide / 2.0, y - 11.0, wide, 22.0, 3.0);
            pen.text("t tm", middle, y + 4.5, name);
        }
        None => {
            pen.rect(
                "l2",
                middle - 16.0,
                MIDDLE + side * 36.0 - 11.0,
                32.0,
                22.0,
                2.0,
            );
            let fold = MIDDLE + side * 29.0;
            pen.line("l2", (middle - 11.0, fold), (middle + 11.0, fold));
            pen.circle("l2", x + w - 22.0, MIDDLE + side * 44.0, 5.0);
        }
    }
}
