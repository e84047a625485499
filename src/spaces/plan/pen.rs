//! What a drawing is made of, and the pen that draws it at the scale that fills the frame.

pub const WIDTH: f32 = 660.0;
pub const HEIGHT: f32 = 360.0;
/// Kept free around what is drawn.
const MARGIN: f32 = 26.0;
/// The most that small things are enlarged.
const LARGEST: f32 = 1.7;

/// `class` says what it stands for; the style sheet gives it its colours.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Absolute commands only: `M`, `L`, `Q`, `C` and `Z`.
    Path { class: &'static str, d: String },
    Rect {
        class: &'static str,
        x: f32,
        y: f32,
        w: f32,
        h: f32,
        rx: f32,
    },
    Circle {
        class: &'static str,
        x: f32,
        y: f32,
        r: f32,
    },
    Text {
        class: &'static str,
        x: f32,
        y: f32,
        text: String,
    },
}

pub type Point = (f32, f32);

#[derive(Clone, Copy)]
pub enum Step {
    Move(Point),
    Line(Point),
    /// Through a control point.
    Bend(Point, Point),
    /// Through two control points.
    Curve(Point, Point, Point),
    Close,
}
use Step::{Bend, Close, Curve, Line, Move};

/// Draws things of a width and a height into the middle of the frame.
pub struct Pen {
    pub shapes: Vec<Shape>,
    scale: f32,
    origin: Point,
}

impl Pen {
    pub fn new(width: f32, height: f32) -> Pen {
        let room = (WIDTH - 2.0 * MARGIN, HEIGHT - 2.0 * MARGIN);
        let scale = (room.0 / width).min(room.1 / height).min(LARGEST);
        let origin = (
            (WIDTH - width * scale) / 2.0,
            (HEIGHT - height * scale) / 2.0,
        );
        Pen {
            shapes: Vec::new(),
            scale,
            origin,
        }
    }

    /// Draws things measured in metres, `scale` units to each, from the top left corner on.
    pub fn of_metres(scale: f32) -> Pen {
        Pen {
            shapes: Vec::new(),
            scale,
            origin: (0.0, 0.0),
        }
    }

    /// A point of the frame, as this pen counts.
    pub fn of_frame(&self, (x, y): Point) -> Point {
        (
            (x - self.origin.0) / self.scale,
            (y - self.origin.1) / self.scale,
        )
    }

    pub fn rect(&mut self, class: &'static str, x: f32, y: f32, w: f32, h: f32, rx: f32) {
        let (x, y) = self.place((x, y));
        let [w, h, rx] = [w, h, rx].map(|length| tenth(length * self.scale));
        self.shapes.push(Shape::Rect {
            class,
            x,
            y,
            w,
            h,
            rx,
        });
    }

    pub fn circle(&mut self, class: &'static str, x: f32, y: f32, r: f32) {
        let (x, y) = self.place((x, y));
        let r = tenth(r * self.scale);
        self.shapes.push(Shape::Circle { class, x, y, r });
    }

    /// Text keeps its size whatever the scale.
    pub fn text(&mut self, class: &'static str, x: f32, y: f32, text: &str) {
        let (x, y) = self.place((x, y));
        self.shapes.push(Shape::Text {
            class,
            x,
            y,
            text: text.to_owned(),
        });
    }

    pub fn line(&mut self, class: &'static str, from: Point, to: Point) {
        self.path(class, &[Move(from), Line(to)]);
    }

    pub fn path(&mut self, class: &'static str, steps: &[Step]) {
        let point = |p| {
            let (x, y) = self.place(p);
            format!("{x} {y}")
        };
        let command = |step: &Step| match *step {
            Move(to) => format!("M{}", point(to)),
            Line(to) => format!("L{}", point(to)),
            Bend(by, to) => format!("Q{} {}", point(by), point(to)),
            Curve(by, and_by, to) => format!("C{} {} {}", point(by), point(and_by), point(to)),
            Close => "Z".to_owned(),
        };
        let d = steps.iter().map(command).collect();
        self.shapes.push(Shape::Path { class, d });
    }

    /// A chair around a point, `turn` degrees clockwise from looking up the page.
    pub fn chair(&mut self, class: &'static str, (x, y): Point, turn: f32) {
        let (sin, cos) = turn.to_radians().sin_cos();
        let at = |dx: f32, dy: f32| (x + dx * cos - dy * sin, y + dx * sin + dy * cos);
        self.path(
            class,
            &[
                Move(at(-6.0, -13.0)),
                Line(at(6.0, -13.0)),
                Bend(at(15.0, -13.0), at(15.0, -4.0)),
                Line(at(15.0, 4.0)),
                Bend(at(15.0, 13.0), at(6.0, 13.0)),
                Line(at(-6.0, 13.0)),
                Bend(at(-15.0, 13.0), at(-15.0, 4.0)),
                Line(at(-15.0, -4.0)),
                Bend(at(-15.0, -13.0), at(-6.0, -13.0)),
                Close,
            ],
        );
        self.path(
            "l",
            &[
                Move(at(-15.0, 6.0)),
                Line(at(-15.0, 9.0)),
                Bend(at(-15.0, 18.0), at(0.0, 18.0)),
                Bend(at(15.0, 18.0), at(15.0, 9.0)),
                Line(at(15.0, 6.0)),
            ],
        );
    }

    pub fn plant(&mut self, x: f32, y: f32, r: f32) {
        self.circle("leaf l", x, y, r);
        let rim = |degrees: f32| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            (x + r * cos, y + r * sin)
        };
        for degrees in [0.0, 45.0, 90.0, 135.0_f32] {
            self.line("fur", rim(degrees), rim(degrees + 180.0));
        }
    }

    /// Three hairlines around something, as wide apart as the house's ornament is.
    pub fn rug(&mut self, [x, y, w, h]: [f32; 4], rx: f32) {
        for out in [12.0, 6.0, 0.0] {
            let (wide, high) = (w + 2.0 * out, h + 2.0 * out);
            self.rect("l2", x - out, y - out, wide, high, rx + out);
        }
    }

    fn place(&self, (x, y): Point) -> Point {
        (
            tenth(self.origin.0 + x * self.scale),
            tenth(self.origin.1 + y * self.scale),
        )
    }
}

/// To a tenth; the sum turns −0 into 0.
fn tenth(number: f32) -> f32 {
    (number * 10.0).round() / 10.0 + 0.0
}
