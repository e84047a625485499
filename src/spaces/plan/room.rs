//! What rooms with walls have in common: walls, a door, windows, and what stands along the walls.

use super::pen::{
    Pen, Point,
    Step::{Curve, Line, Move},
    WIDTH,
};

const DOOR: f32 = 80.0;
/// From the right-hand wall to the hinge.
const HINGE: f32 = 70.0;
const WINDOW: f32 = 100.0;

/// A room being drawn; its top left corner is 0, 0.
pub struct Room {
    pub pen: Pen,
    pub w: f32,
    pub h: f32,
}

impl Room {
    pub fn new(w: f32, h: f32) -> Room {
        let mut room = Room {
            pen: Pen::new(w, h),
            w,
            h,
        };
        room.horizon();
        room.walls_and_door();
        room
    }

    /// Beside a narrow room the speed lines run out to the edges.
    fn horizon(&mut self) {
        let (left, _) = self.pen.of_frame((0.0, 0.0));
        let (right, _) = self.pen.of_frame((WIDTH, 0.0));
        if -left < 60.0 {
            return;
        }
        for up in [0.0, 6.0, 12.0] {
            let y = self.h - up;
            self.pen.line("l2", (left, y), (-18.0 - up, y));
            self.pen.line("l2", (self.w + 18.0 + up, y), (right, y));
        }
    }

    fn walls_and_door(&mut self) {
        let (w, h) = (self.w, self.h);
        let (hinge, latch) = (w - HINGE.min(w * 0.2), w - HINGE.min(w * 0.2) - DOOR);
        let round = DOOR * 0.552;
        self.pen.path(
            "wall",
            &[
                Move((hinge, h)),
                Line((w, h)),
                Line((w, 0.0)),
                Line((0.0, 0.0)),
                Line((0.0, h)),
                Line((latch, h)),
            ],
        );
        self.pen.line("l", (hinge, h), (hinge, h - DOOR));
        self.pen.path(
            "l2",
            &[
                Move((hinge, h - DOOR)),
                Curve((hinge - round, h - DOOR), (latch, h - round), (latch, h)),
            ],
        );
        self.below(self.w - HINGE.min(w * 0.2) - DOOR / 2.0, "Door");
    }

    /// A word under the bottom wall, at its middle.
    fn below(&mut self, x: f32, text: &str) {
        let (_, bottom) = self.pen.of_frame((0.0, 352.0));
        self.pen.text("t tm", x, bottom, text);
    }

    /// Along the top wall.
    pub fn windows(&mut self) {
        let count = ((self.w - 60.0) / 180.0).floor().clamp(1.0, 4.0);
        let each = self.w / count;
        let long = WINDOW.min(each - 60.0);
        let mut middle = each / 2.0;
        while middle < self.w {
            self.pen
                .rect("paper l", middle - long / 2.0, -5.0, long, 10.0, 0.0);
            self.pen
                .line("l2", (middle - long / 2.0, 0.0), (middle + long / 2.0, 0.0));
            middle += each;
        }
    }

    /// On the left-hand wall, with the camera over it where there is one.
    pub fn screen(&mut self, has_camera: bool) {
        let middle = self.h / 2.0;
        self.pen.rect("sea l", -4.0, middle - 58.0, 9.0, 116.0, 0.0);
        if has_camera {
            self.pen.circle("paper l", 11.0, middle, 5.0);
            self.pen.circle("coral", 11.0, middle, 1.6);
        }
        let beside = if has_camera { 23.0 } else { 14.0 };
        self.pen.text("t", beside, middle + 4.0, "Screen");
    }

    /// On the right-hand wall, above the door.
    pub fn whiteboard(&mut self) {
        let (x, y) = (self.w - 4.0, self.h * 0.23);
        self.pen.rect("paper l", x, y, 8.0, 96.0, 0.0);
        self.pen.line("coral", (x, y + 60.0), (x, y + 72.0));
        self.pen.rect("shade l", x - 6.0, y + 52.0, 6.0, 28.0, 0.0);
    }

    /// Along the bottom wall, left of the door.
    pub fn sideboard(&mut self, text: &str) {
        let long = (self.w - 280.0).clamp(60.0, 150.0);
        let (x, y) = (14.0, self.h - 34.0);
        self.pen.rect("paper l", x, y, long, 24.0, 0.0);
        for third in [long / 3.0, long / 1.5] {
            self.pen.line("l2", (x + third, y), (x + third, y + 24.0));
        }
        self.pen.text("t", x + 4.0, y - 8.0, text);
    }

    pub fn plant(&mut self) {
        self.pen.plant(self.w - 28.0, 30.0, 15.0);
    }

    pub fn middle(&self) -> Point {
        (self.w / 2.0, self.h / 2.0)
    }
}
