//! Charts as the server draws them: numbers for a template, coloured by classes.

/// A chart of lying bars, each with its label on the left and its figure behind it.
#[derive(Clone, Debug)]
pub struct Bars {
    pub rows: Vec<Bar>,
    /// What each class of part is; empty where there is one.
    pub legend: Vec<(&'static str, &'static str)>,
    /// All of it in a sentence.
    pub words: String,
}

#[derive(Clone, Debug)]
pub struct Bar {
    pub label: String,
    pub figure: String,
    pub parts: Vec<Part>,
}

/// From `x`, `width` wide, in units of the drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub class: &'static str,
    pub x: i64,
    pub width: i64,
}

/// A label, the figure in words, and the parts of the bar with their class.
pub type Row = (String, String, Vec<(&'static str, i64)>);

/// Units: where bars begin, how long the longest is, and how high a row.
const LEFT: i64 = 190;
const LONGEST: i64 = 340;
const ROW: i64 = 30;

impl Bars {
    /// The longest bar is `most`, or the largest sum where that is larger.
    pub fn new(
        words: String,
        legend: &[(&'static str, &'static str)],
        most: i64,
        rows: Vec<Row>,
    ) -> Bars {
        let sum = |parts: &[(&str, i64)]| parts.iter().map(|(_, value)| (*value).max(0)).sum();
        let most = rows
            .iter()
            .map(|(_, _, parts)| sum(parts))
            .fold(most.max(1), i64::max);
        let bars = rows.into_iter().map(|(label, figure, parts)| {
            let mut at = 0;
            let parts = parts.into_iter().map(|(class, value)| {
                let x = at * LONGEST / most;
                at += value.max(0);
                Part {
                    class,
                    x: LEFT + x,
                    width: at * LONGEST / most - x,
                }
            });
            Bar {
                label,
                figure,
                parts: parts.filter(|part| part.width > 0).collect(),
            }
        });
        Bars {
            rows: bars.collect(),
            legend: legend.to_vec(),
            words,
        }
    }

    pub fn height(&self) -> i64 {
        ROW * i64::try_from(self.rows.len()).unwrap_or(0)
    }

    pub fn top(&self, row: &usize) -> i64 {
        ROW * i64::try_from(*row).unwrap_or(0)
    }

    pub fn label_end(&self) -> i64 {
        LEFT - 10
    }

    /// Where the figure stands.
    pub fn figure_at(&self, bar: &Bar) -> i64 {
        let end = bar.parts.last().map_or(LEFT, |part| part.x + part.width);
        end + 8
    }
}

/// A chart of squares, hours down and weekdays across, five shades deep.
#[derive(Clone, Debug)]
pub struct Heat {
    pub columns: Vec<&'static str>,
    pub rows: Vec<HeatRow>,
    pub words: String,
}

#[derive(Clone, Debug)]
pub struct HeatRow {
    pub label: String,
    /// Per cent; `None` where it is closed.
    pub cells: Vec<Option<i64>>,
}

impl Heat {
    /// `h0` for nothing up to `h5` for full.
    pub fn shade(&self, percent: &i64) -> &'static str {
        match *percent {
            ..=0 => "h0",
            1..=20 => "h1",
            21..=40 => "h2",
            41..=60 => "h3",
            61..=80 => "h4",
            _ => "h5",
        }
    }

    pub fn height(&self) -> i64 {
        26 + 30 * i64::try_from(self.rows.len()).unwrap_or(0)
    }

    pub fn x(&self, column: &usize) -> i64 {
        70 + 80 * i64::try_from(*column).unwrap_or(0)
    }

    pub fn y(&self, row: &usize) -> i64 {
        26 + 30 * i64::try_from(*row).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_end_to_end_and_the_longest_fills_the_chart() {
        let rows = vec![
            (
                "One".to_owned(),
                "30".to_owned(),
                vec![("s1", 10), ("s2", 20)],
            ),
            (
                "Two".to_owned(),
                "15".to_owned(),
                vec![("s1", 15), ("s2", 0)],
            ),
        ];
        let bars = Bars::new(String::new(), &[], 0, rows);
        let [one, two] = bars.rows.as_slice() else {
            panic!()
        };
        assert_eq!(one.parts[0].x, LEFT);
        assert_eq!(one.parts[1].x, LEFT + one.parts[0].width);
        assert_eq!(one.parts[0].width + one.parts[1].width, LONGEST);
        assert_eq!(two.parts.len(), 1);
        assert_eq!(two.parts[0].width, LONGEST / 2);
    }
}
