//! What is printed: a line for each figure, with its bar, and whether it is reached.

use std::fmt;

#[derive(Clone, Debug, Default)]
pub struct Line {
    row: String,
    what: String,
    measured: String,
    /// To the bar, or to what it was measured beside.
    ratio: String,
    bar: String,
    reached: Option<bool>,
}

#[derive(Debug, Default)]
pub struct Table {
    /// What is being measured, such as `3 grid`.
    pub row: String,
    lines: Vec<Line>,
    /// What must never be, whatever the machine.
    pub broken: Vec<String>,
}

impl Table {
    /// A figure that is the better the smaller it is.
    pub fn at_most(&mut self, what: impl Into<String>, measured: f64, unit: &str, bar: f64) {
        self.add(Line {
            what: what.into(),
            measured: with_unit(measured, unit),
            ratio: format!("{:.2}", measured / bar),
            bar: format!("≤ {}", with_unit(bar, unit)),
            reached: Some(measured <= bar),
            ..Line::default()
        });
    }

    /// A figure and another one, of which it may be so many times as much.
    pub fn at_most_times(&mut self, what: impl Into<String>, pair: Pair, unit: &str, bar: f64) {
        self.add(Line {
            bar: format!("≤ {bar} ×"),
            reached: Some(times(pair) <= bar),
            ..beside(what.into(), pair, unit)
        });
    }

    /// The same where more is better.
    pub fn at_least_times(&mut self, what: impl Into<String>, pair: Pair, unit: &str, bar: f64) {
        self.add(Line {
            bar: format!("≥ {bar} ×"),
            reached: Some(times(pair) >= bar),
            ..beside(what.into(), pair, unit)
        });
    }

    /// What there must be none of.
    pub fn none(&mut self, what: String, found: u64) {
        if found > 0 {
            self.broken.push(format!("{what}: {found}"));
        }
        self.add(Line {
            what,
            measured: found.to_string(),
            bar: "0".to_owned(),
            reached: Some(found == 0),
            ..Line::default()
        });
    }

    /// A figure that has no bar.
    pub fn told(&mut self, what: impl Into<String>, measured: f64, unit: &str) {
        self.add(Line {
            what: what.into(),
            measured: with_unit(measured, unit),
            ..Line::default()
        });
    }

    /// A figure and another one, without a bar.
    pub fn told_times(&mut self, what: impl Into<String>, pair: Pair, unit: &str) {
        self.add(beside(what.into(), pair, unit));
    }

    fn add(&mut self, line: Line) {
        let row = self.row.clone();
        self.lines.push(Line { row, ..line });
        eprintln!("· {}", self.lines[self.lines.len() - 1]);
    }

    /// What falls short.
    pub fn short(&self) -> Vec<String> {
        let short = self.lines.iter().filter(|line| line.reached == Some(false));
        short.map(|line| format!("- {line}")).collect()
    }
}

/// Ours, and what it is measured beside.
type Pair = (f64, f64);

fn times((ours, other): Pair) -> f64 {
    ours / other.max(f64::MIN_POSITIVE)
}

fn beside(what: String, pair: Pair, unit: &str) -> Line {
    let (ours, other) = (with_unit(pair.0, unit), with_unit(pair.1, unit));
    Line {
        what,
        measured: format!("{ours} against {other}"),
        ratio: format!("{:.2}", times(pair)),
        ..Line::default()
    }
}

fn with_unit(figure: f64, unit: &str) -> String {
    let figure = match figure.abs() {
        large if large >= 100.0 => format!("{figure:.0}"),
        middling if middling >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    };
    // A count of something is whole.
    let figure = figure.strip_suffix(".00").unwrap_or(&figure);
    if unit.is_empty() {
        figure.to_owned()
    } else {
        format!("{figure} {unit}")
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, {}", self.row, self.what, self.measured)?;
        if !self.ratio.is_empty() && !self.bar.is_empty() {
            write!(f, " ({} ×)", self.ratio)?;
        }
        if !self.bar.is_empty() {
            write!(f, ", bar {}", self.bar)?;
        }
        Ok(())
    }
}

/// As Markdown.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| Row | What | Measured | Ratio | Bar | Reached |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for line in &self.lines {
            let Line {
                row,
                what,
                measured,
                ratio,
                bar,
                reached,
            } = line;
            let reached = match reached {
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "",
            };
            writeln!(
                f,
                "| {row} | {what} | {measured} | {ratio} | {bar} | {reached} |"
            )?;
        }
        Ok(())
    }
}
