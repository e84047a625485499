//! A day of a space as a bar: what is taken, what is asked for.

use chrono::{Duration, NaiveDate};

use super::sheet::Sheet;
use super::term::{Term, Wish};
use crate::{spaces::space::Space, time::Span};

/// In quarter hours from the day's opening.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// Full hours of the bar, 1 to 24.
    pub hours: i64,
    pub parts: Vec<Part>,
    /// Clock times along it.
    pub labels: Vec<String>,
    /// The same in a sentence.
    pub words: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub state: &'static str,
    pub start: i64,
    pub end: i64,
}

/// `None` on a day that is closed.
pub fn strip(sheet: &Sheet, space: &Space, date: NaiveDate, wish: Option<&Wish>) -> Option<Strip> {
    let open = sheet.day(space, date).span()?;
    let zone = sheet.zone(space);
    let hours = ((open.minutes() + 59) / 60).clamp(1, 24);
    let quarters = |span: Span| {
        let start = (span.from.max(open.from) - open.from).num_minutes() / 15;
        let end = ((span.until - open.from).num_minutes() + 14) / 15;
        let end = end.min(hours * 4);
        (start, end)
    };
    let mut taken: Vec<Span> = sheet
        .busy(space)
        .iter()
        .copied()
        .filter(|span| span.overlaps(open))
        .collect();
    taken.extend(sheet.closures(space, open).map(|closure| closure.during));
    let part = |state, span| {
        let (start, end) = quarters(span);
        Part { state, start, end }
    };
    let mut parts = Vec::new();
    if sheet.now() > open.from {
        parts.push(part(
            "shut",
            Span::new(open.from, sheet.now().min(open.until)),
        ));
    }
    parts.extend(taken.iter().map(|span| part("taken", *span)));
    let asked = wish.and_then(|wish| match wish.term {
        Term::Time(span) if span.overlaps(open) => Some(span),
        _ => None,
    });
    if let Some(span) = asked {
        let clash = taken.iter().any(|taken| taken.overlaps(span));
        parts.push(part(if clash { "mine clash" } else { "mine" }, span));
    }
    let clock = |span: &Span| {
        format!(
            "{} to {}",
            zone.clock(span.from.max(open.from)),
            zone.clock(span.until.min(open.until))
        )
    };
    let words = match taken.as_slice() {
        [] => "Nothing is taken".to_owned(),
        some => format!(
            "Taken {}",
            some.iter().map(clock).collect::<Vec<_>>().join(", ")
        ),
    };
    let bar = Span::new(open.from, open.from + Duration::hours(hours));
    if open.until < bar.until {
        parts.push(part("shut", Span::new(open.until, bar.until)));
    }
    // As many labels as fall on quarter hours when spread evenly.
    let pieces = [4, 3, 2]
        .into_iter()
        .find(|pieces| hours * 4 % i64::from(*pieces) == 0);
    let pieces = pieces.unwrap_or(1);
    let label = |n| zone.clock(bar.from + Duration::hours(hours) * n / pieces);
    let labels = (0..=pieces).map(label).collect();
    Some(Strip {
        hours,
        parts,
        labels,
        words,
    })
}
