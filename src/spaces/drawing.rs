//! What is drawn on a floor besides its spaces, as lines that people write: `wall 0 0 12 0`, `label 4 3 Kitchen`.

use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};
use thiserror::Error;

use super::floor::{Floor, Label, Line, Plan, Thing, ThingKind};
use crate::{
    audit,
    error::{Error, Result},
    id::Id,
    locations::location::Location,
    members::member::Member,
};

/// The most lines of a plan.
const MOST: usize = 2000;

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("Line {line}: {wrong}")]
    Unreadable { line: usize, wrong: String },
    #[error("Keep the plan to 2 000 lines.")]
    TooLong,
    #[error(
        "Somebody else has drawn on this floor since you opened it. What you typed is still below: look it over and save again."
    )]
    Stale,
}

/// Each with the word that it is written by.
const THINGS: [(ThingKind, &str); 10] = [
    (ThingKind::Plant, "plant"),
    (ThingKind::Sofa, "sofa"),
    (ThingKind::Table, "table"),
    (ThingKind::Counter, "counter"),
    (ThingKind::Bar, "bar"),
    (ThingKind::Stairs, "stairs"),
    (ThingKind::Lift, "lift"),
    (ThingKind::Toilet, "toilet"),
    (ThingKind::Shower, "shower"),
    (ThingKind::Rug, "rug"),
];

impl Plan {
    /// One line for each: walls, windows and doors from a point to a point, things by left, top, width and depth,
    /// labels by their middle. In metres.
    pub fn written(&self) -> String {
        let mut lines = Vec::new();
        for (word, all) in [
            ("wall", &self.walls),
            ("window", &self.windows),
            ("door", &self.doors),
        ] {
            lines.extend(all.iter().map(|line| format!("{word} {}", numbers(line))));
        }
        for thing in &self.things {
            let word = THINGS.iter().find(|(kind, _)| *kind == thing.kind);
            lines.extend(word.map(|(_, word)| format!("{word} {}", numbers(&thing.at))));
        }
        for label in &self.labels {
            lines.push(format!(
                "label {} {}",
                numbers(&[label.x, label.y]),
                label.text
            ));
        }
        lines.join("\n")
    }

    /// The same floor with what the lines say in place of what was drawn.
    pub fn redrawn(&self, text: &str) -> Result<Plan, Refusal> {
        let mut plan = Plan {
            width: self.width,
            height: self.height,
            ..Plan::default()
        };
        if text.lines().count() > MOST {
            return Err(Refusal::TooLong);
        }
        for (at, line) in text.lines().enumerate() {
            if let Err(wrong) = plan.draw(line.trim()) {
                return Err(Refusal::Unreadable {
                    line: at + 1,
                    wrong,
                });
            }
        }
        Ok(plan)
    }

    fn draw(&mut self, line: &str) -> std::result::Result<(), String> {
        let Some((word, rest)) = line.split_once(char::is_whitespace) else {
            return match line {
                "" => Ok(()),
                word => Err(format!("say where {word} is, in metres.")),
            };
        };
        match word {
            "wall" => self.walls.push(self.line(rest)?),
            "window" => self.windows.push(self.line(rest)?),
            "door" => self.doors.push(self.line(rest)?),
            "label" => {
                let mut parts = rest.trim().splitn(3, char::is_whitespace);
                let (x, y) = (self.across(parts.next())?, self.down(parts.next())?);
                let text = parts.next().unwrap_or_default().trim();
                if text.is_empty() || text.chars().count() > 40 {
                    return Err("say a label in 1 to 40 characters.".to_owned());
                }
                let text = text.to_owned();
                self.labels.push(Label { x, y, text });
            }
            word => {
                let known = THINGS.iter().find(|(_, name)| *name == word);
                let (kind, _) = known.ok_or_else(|| {
                    let names = THINGS.map(|(_, name)| name).join(", ");
                    format!("begin with wall, window, door, label, {names}.")
                })?;
                let [x, y, w, h] = four(rest)?;
                if w <= 0.0
                    || h <= 0.0
                    || x < 0.0
                    || y < 0.0
                    || x + w > self.width + 0.01
                    || y + h > self.height + 0.01
                {
                    return Err("it stands outside the floor, or has no size.".to_owned());
                }
                self.things.push(Thing {
                    kind: *kind,
                    at: [x, y, w, h],
                });
            }
        }
        Ok(())
    }

    /// Along one side of the floor, from the top or the left.
    fn line(&self, text: &str) -> std::result::Result<Line, String> {
        let [x1, y1, x2, y2] = four(text)?;
        let inside = |x, y| {
            (-0.01..=self.width + 0.01).contains(&x) && (-0.01..=self.height + 0.01).contains(&y)
        };
        if !inside(x1, y1) || !inside(x2, y2) {
            return Err(format!("the floor is {} by {} m.", self.width, self.height));
        }
        Ok(match x1 == x2 || y1 == y2 {
            true => [x1.min(x2), y1.min(y2), x1.max(x2), y1.max(y2)],
            false => [x1, y1, x2, y2],
        })
    }

    fn across(&self, text: Option<&str>) -> std::result::Result<f32, String> {
        within(text, self.width)
    }

    fn down(&self, text: Option<&str>) -> std::result::Result<f32, String> {
        within(text, self.height)
    }
}

fn numbers(all: &[f32]) -> String {
    all.iter().map(f32::to_string).collect::<Vec<_>>().join(" ")
}

fn metres(text: &str) -> std::result::Result<f32, String> {
    let read = text.replace(',', ".").parse::<f32>();
    let read = read.ok().filter(|metres| metres.is_finite());
    let metres = read.ok_or_else(|| format!("{text} is no number of metres."))?;
    Ok((metres * 100.0).round() / 100.0)
}

fn within(text: Option<&str>, most: f32) -> std::result::Result<f32, String> {
    let metres = metres(text.unwrap_or_default())?;
    match (0.0..=most).contains(&metres) {
        true => Ok(metres),
        false => Err(format!("enter metres from 0 to {most}.")),
    }
}

fn four(text: &str) -> std::result::Result<[f32; 4], String> {
    let mut read = Vec::new();
    for word in text.split_whitespace() {
        read.push(metres(word)?);
    }
    read.try_into()
        .map_err(|_| "four numbers stand here, in metres.".to_owned())
}

impl Floor {
    /// Stands for the plan that was looked at.
    pub fn seen(&self) -> String {
        let digest = Sha256::digest(self.plan.written());
        digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    pub async fn on(db: &mut PgConnection, location: Id<Location>, level: i32) -> Result<Floor> {
        let all = Floor::of(db, location).await?.into_iter();
        let mut found = all.filter(|floor| floor.level == level && floor.is_drawn());
        found.next().ok_or(Error::NotFound)
    }

    /// Draws what the lines say, if nobody has drawn since.
    pub async fn redraw(
        tx: &mut PgConnection,
        by: Id<Member>,
        (location, level): (Id<Location>, i32),
        lines: &str,
        seen: &str,
    ) -> Result<Result<(), Refusal>> {
        sqlx::query!(
            "select from floors where location_id = $1 and level = $2 for no key update",
            location.get(),
            level
        )
        .fetch_one(&mut *tx)
        .await?;
        let floor = Floor::on(&mut *tx, location, level).await?;
        if floor.seen() != seen {
            return Ok(Err(Refusal::Stale));
        }
        let plan = match floor.plan.redrawn(lines) {
            Ok(plan) => plan,
            Err(refusal) => return Ok(Err(refusal)),
        };
        sqlx::query!(
            "update floors set plan = plan || $2 where id = $1",
            floor.id,
            Json(&plan) as _
        )
        .execute(&mut *tx)
        .await?;
        let count = |plan: &Plan| {
            json!({"floor": floor.name, "walls": plan.walls.len(), "windows": plan.windows.len(),
                   "doors": plan.doors.len(), "things": plan.things.len(), "labels": plan.labels.len()})
        };
        let detail = json!({"before": count(&floor.plan), "after": count(&plan)});
        let (by, id) = (Some(by.get()), location.get());
        audit::record(tx, by, "draw floor", "locations", id, detail).await?;
        Ok(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn floor() -> Plan {
        Plan {
            width: 20.0,
            height: 12.0,
            ..Plan::default()
        }
    }

    #[test]
    fn a_plan_is_read_as_it_is_written() {
        let lines = "wall 0 0 20 0\nwindow 2.5 0 4 0\ndoor 9 12 10 12\nplant 1 1 0.6 0.6\nlabel 4 3 Kitchen, tea";
        let plan = floor().redrawn(lines).unwrap();
        assert_eq!(plan.written(), lines);
        let plan = floor().redrawn("\n wall 20,0 0 0 0 \n").unwrap();
        assert_eq!(plan.written(), "wall 0 0 20 0");
    }

    #[test]
    fn what_cannot_be_drawn_says_its_line_and_why() {
        for (lines, words) in [
            (
                "wall 0 0 20 0\nwall 0 0 21 0",
                "Line 2: the floor is 20 by 12 m.",
            ),
            ("wall 0 0", "Line 1: four numbers"),
            ("wall 0 0 x 0", "Line 1: x is no number"),
            ("tree 1 1 1 1", "Line 1: begin with wall"),
            ("label 1 1", "Line 1: say a label"),
            ("label 1 13 Out", "Line 1: enter metres from 0 to 12"),
            ("plant 19.8 1 1 1", "Line 1: it stands outside"),
            ("wall", "Line 1: say where wall is"),
            ("wall 0 0 inf 0", "Line 1: inf is no number"),
        ] {
            let refusal = floor().redrawn(lines).unwrap_err().to_string();
            assert!(refusal.starts_with(words), "{lines}: {refusal}");
        }
    }
}
