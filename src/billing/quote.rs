//! What a time costs: the cheapest chain of rates laid end to end until the asked end is covered.
//!
//! The last rate may overhang, so longer is never cheaper; part cents count as whole ones, so that no
//! set of shorter bookings costs less than the whole.

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    pass::days::{Cover, Draw},
    rate::Rates,
};
use crate::{locations::hours::Opening, money::Money, time};

/// A priced line as people read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    pub label: String,
    pub cents: Money,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Quote {
    /// They add up to the total; VAT is inside them.
    pub lines: Vec<Line>,
    pub total: Money,
    pub vat: Money,
    /// In basis points; 0 when no VAT is charged.
    pub vat_basis_points: i64,
    /// Why it is not simply hours, or days, times their rate.
    pub reason: Option<String>,
    /// The days of passes that the booking draws on.
    pub draws: Vec<Draw>,
}

impl Quote {
    /// What passes cover costs nothing; `None` when the list has no rate for the rest.
    pub fn beside(
        cover: Cover,
        rates: &Rates,
        by_day: bool,
        vat_basis_points: i64,
    ) -> Option<Quote> {
        let rest = if cover.rest.is_empty() {
            Quote {
                lines: Vec::new(),
                total: Money::ZERO,
                vat: Money::ZERO,
                vat_basis_points,
                reason: None,
                draws: Vec::new(),
            }
        } else {
            Quote::of(rates, &cover.rest, by_day, vat_basis_points)?
        };
        Some(Quote {
            lines: [cover.lines, rest.lines].concat(),
            draws: cover.draws,
            ..rest
        })
    }

    /// `openings` are the asked parts of openings, one a day, in order: by time one part of one
    /// opening, by day each opening whole. `None` when the list has no rate that covers them.
    pub fn of(
        rates: &Rates,
        openings: &[Opening],
        by_day: bool,
        vat_basis_points: i64,
    ) -> Option<Quote> {
        let chain = if by_day {
            cheapest_days(rates, openings)?
        } else {
            cheapest_time(rates, openings.first()?)?
        };
        let total = chain.iter().map(|piece| piece.price).sum();
        let reason = if by_day {
            reason_by_day(rates, openings, &chain, total)
        } else {
            reason_by_time(rates, openings, &chain, total)
        };
        let vat = total.vat_inside(vat_basis_points);
        Some(Quote {
            lines: lines(&chain),
            total,
            vat,
            vat_basis_points,
            reason,
            draws: Vec::new(),
        })
    }

    /// `VAT included (15 %)`.
    pub fn vat_label(&self) -> String {
        vat_label(self.vat_basis_points)
    }
}

pub fn vat_label(basis_points: i64) -> String {
    match (basis_points / 100, basis_points % 100) {
        (percent, 0) => format!("VAT included ({percent} %)"),
        (percent, part) => format!("VAT included ({percent}.{part:02} %)"),
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    /// So many minutes by the hour rate.
    Minutes(i64),
    HalfDay,
    Day,
    Week,
    Month,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    unit: Unit,
    /// The rate of one unit.
    rate: Money,
    price: Money,
}

impl Piece {
    fn whole(unit: Unit, rate: Option<Money>) -> Option<Piece> {
        rate.map(|rate| Piece {
            unit,
            rate,
            price: rate,
        })
    }
}

const HALF_DAY: i64 = 240;

fn price(chain: &[Piece]) -> Money {
    chain.iter().map(|piece| piece.price).sum()
}

/// Ties go to what stands first: plain hours before half days before the day.
fn cheapest(chains: impl IntoIterator<Item = Option<Vec<Piece>>>) -> Option<Vec<Piece>> {
    chains
        .into_iter()
        .flatten()
        .min_by_key(|chain| price(chain))
}

/// Within one opening.
fn cheapest_time(rates: &Rates, asked: &Opening) -> Option<Vec<Piece>> {
    let minutes = asked.span.minutes();
    let with_half_days = (0..=(minutes + HALF_DAY - 1) / HALF_DAY).map(|count| {
        let mut chain = Vec::new();
        for _ in 0..count {
            chain.push(Piece::whole(Unit::HalfDay, rates.half_day)?);
        }
        let left = minutes - count * HALF_DAY;
        if left > 0 {
            let rate = rates.hour?;
            chain.push(Piece {
                unit: Unit::Minutes(left),
                rate,
                price: rate.share_up(left, 60),
            });
        }
        Some(chain)
    });
    let whole = [
        (Unit::Day, rates.day),
        (Unit::Week, rates.week),
        (Unit::Month, rates.month),
    ];
    cheapest(with_half_days.chain(whole.map(|(unit, rate)| Some(vec![Piece::whole(unit, rate)?]))))
}

/// Over days: from the last day back, the cheapest way to cover the rest.
fn cheapest_days(rates: &Rates, openings: &[Opening]) -> Option<Vec<Piece>> {
    let hours_only = Rates {
        day: None,
        week: None,
        month: None,
        ..*rates
    };
    let mut rest: Vec<Option<Vec<Piece>>> = vec![Some(Vec::new())];
    for (at, opening) in openings.iter().enumerate().rev() {
        let after = |date: Option<NaiveDate>| -> Option<Vec<Piece>> {
            let covered = openings[at..]
                .iter()
                .filter(|later| date.is_some_and(|date| later.date < date))
                .count();
            rest[openings.len() - at - covered].clone()
        };
        let laid = |piece: Option<Piece>, until: Option<NaiveDate>| -> Option<Vec<Piece>> {
            let mut chain = vec![piece?];
            chain.extend(after(until)?);
            Some(chain)
        };
        let tomorrow = opening.date.succ_opt();
        let by_hours = || {
            let mut chain = cheapest_time(&hours_only, opening)?;
            chain.extend(after(tomorrow)?);
            Some(chain)
        };
        let next_week = opening.date.checked_add_days(Days::new(7));
        let next_month = opening.date.checked_add_months(Months::new(1));
        let best = cheapest([
            laid(Piece::whole(Unit::Day, rates.day), tomorrow),
            by_hours(),
            laid(Piece::whole(Unit::Week, rates.week), next_week),
            laid(Piece::whole(Unit::Month, rates.month), next_month),
        ]);
        rest.push(best);
    }
    rest.pop().flatten()
}

fn lines(chain: &[Piece]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (unit, one, many) in [
        (Unit::Month, "month", "months"),
        (Unit::Week, "week", "weeks"),
        (Unit::Day, "day", "days"),
        (Unit::HalfDay, "half day (4 hours)", "half days (4 hours)"),
    ] {
        let mut same: Vec<&Piece> = chain.iter().filter(|piece| piece.unit == unit).collect();
        if let Some(first) = same.pop() {
            let count = same.len() as i64 + 1;
            let name = if count == 1 { one } else { many };
            let label = format!("{count} {name} × {}", first.rate);
            lines.push(Line {
                label,
                cents: same.into_iter().map(|piece| piece.price).sum::<Money>() + first.price,
            });
        }
    }
    for piece in chain {
        if let Unit::Minutes(minutes) = piece.unit {
            lines.push(Line {
                label: format!("{} × {}", time::length(minutes), piece.rate),
                cents: piece.price,
            });
        }
    }
    lines
}

fn reason_by_time(
    rates: &Rates,
    openings: &[Opening],
    chain: &[Piece],
    total: Money,
) -> Option<String> {
    let minutes = openings.first()?.span.minutes();
    let by_hour = rates.hour?.share_up(minutes, 60);
    let simple = matches!(
        chain,
        [Piece {
            unit: Unit::Minutes(_),
            ..
        }]
    );
    (!simple && by_hour > total).then(|| {
        format!(
            "{} would be {by_hour}; {} applies.",
            time::length(minutes),
            applied(chain)
        )
    })
}

fn reason_by_day(
    rates: &Rates,
    openings: &[Opening],
    chain: &[Piece],
    total: Money,
) -> Option<String> {
    let by_day = rates.day?.times(openings.len() as i64)?;
    let simple = chain.iter().all(|piece| piece.unit == Unit::Day);
    let days = if openings.len() == 1 {
        "1 day".to_owned()
    } else {
        format!("{} days", openings.len())
    };
    (!simple && by_day > total)
        .then(|| format!("{days} would be {by_day}; {} applies.", applied(chain)))
}

/// `the day rate R220`, `the hour rate`, `the half-day rate with 1 hour more`.
fn applied(chain: &[Piece]) -> String {
    let name = |piece: &Piece| match piece.unit {
        Unit::Minutes(_) => "hour",
        Unit::HalfDay => "half-day",
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
    };
    let mut names: Vec<&str> = chain.iter().map(name).collect();
    names.dedup();
    match names.as_slice() {
        [only] => match chain {
            [one] => format!("the {only} rate {}", one.rate),
            _ => format!("the {only} rate"),
        },
        _ => format!("a mix of the {} rates", names.join(" and ")),
    }
}

#[cfg(test)]
mod tests;
