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
use crate::{
    bookings::term::{self, Let},
    locations::hours::Opening,
    money::Money,
    time,
};

/// A priced line as people read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    pub label: String,
    pub cents: Money,
}

#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Those of the lines that are for what goes with the space.
    pub extras: Vec<Line>,
}

/// What is to be priced.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// The asked part of one opening.
    Time(Opening),
    /// What is left of each opening, one a day, in order.
    Days(Vec<Opening>),
    /// Every date of it, open or closed.
    Let(Let),
}

impl Asked {
    /// The asked parts of openings; none of a let, which is no matter of openings.
    pub fn openings(&self) -> &[Opening] {
        match self {
            Asked::Time(opening) => std::slice::from_ref(opening),
            Asked::Days(openings) => openings,
            Asked::Let(_) => &[],
        }
    }

    /// The first day, whose price list is in force; an ask has one.
    pub fn first(&self) -> Option<NaiveDate> {
        match self {
            Asked::Time(opening) => Some(opening.date),
            Asked::Days(openings) => openings.first().map(|opening| opening.date),
            Asked::Let(term) => Some(term.first),
        }
    }
}

impl Quote {
    /// What passes cover costs nothing; `None` when the list has no rate for the rest of `asked`.
    pub fn beside(
        cover: Cover,
        rates: &Rates,
        asked: &Asked,
        vat_basis_points: i64,
    ) -> Option<Quote> {
        let rest = match (asked, cover.rest.first()) {
            (Asked::Let(_), _) => Quote::of(rates, asked, vat_basis_points)?,
            (_, None) => Quote {
                vat_basis_points,
                ..Quote::default()
            },
            (Asked::Time(_), Some(part)) => {
                Quote::of(rates, &Asked::Time(*part), vat_basis_points)?
            }
            (Asked::Days(_), _) => Quote::of(rates, &Asked::Days(cover.rest), vat_basis_points)?,
        };
        Some(Quote {
            lines: [cover.lines, rest.lines].concat(),
            draws: cover.draws,
            ..rest
        })
    }

    /// `None` when the list has no rate that covers it.
    pub fn of(rates: &Rates, asked: &Asked, vat_basis_points: i64) -> Option<Quote> {
        let chain = match asked {
            Asked::Time(opening) => cheapest_time(rates, opening)?,
            Asked::Days(openings) => cheapest_days(rates, openings)?,
            Asked::Let(term) => cheapest_let(rates, term)?,
        };
        let total = price(&chain);
        let plain = match asked {
            Asked::Time(opening) => plain_time(rates, opening),
            Asked::Days(openings) => plain_days(rates, openings.len()),
            Asked::Let(term) => plain_let(rates, term),
        };
        let vat = total.vat_inside(vat_basis_points);
        Some(Quote {
            lines: lines(&chain),
            total,
            vat,
            vat_basis_points,
            reason: plain.and_then(|plain| plain.reason(&chain, total)),
            draws: Vec::new(),
            extras: Vec::new(),
        })
    }

    /// With what goes with the space.
    pub fn add(&mut self, extras: &[Line]) {
        self.lines.extend(extras.iter().cloned());
        self.extras.extend(extras.iter().cloned());
        self.total = self.total + extras.iter().map(|line| line.cents).sum();
        self.vat = self.total.vat_inside(self.vat_basis_points);
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
    count: i64,
    /// The rate of one unit.
    rate: Money,
    price: Money,
}

impl Piece {
    fn whole(unit: Unit, rate: Option<Money>) -> Option<Piece> {
        Piece::times(1, unit, rate)
    }

    fn times(count: i64, unit: Unit, rate: Option<Money>) -> Option<Piece> {
        let rate = rate?;
        Some(Piece {
            unit,
            count,
            rate,
            price: rate.times(count)?,
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
                count: 1,
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

fn cheapest_days(rates: &Rates, openings: &[Opening]) -> Option<Vec<Piece>> {
    let hours_only = Rates {
        day: None,
        week: None,
        month: None,
        ..*rates
    };
    let dates: Vec<NaiveDate> = openings.iter().map(|opening| opening.date).collect();
    cheapest_dates(&dates, |at| {
        let mut laid = vec![(
            vec![Piece::whole(Unit::Day, rates.day)],
            tomorrow(dates[at]),
        )];
        if let Some(hours) = cheapest_time(&hours_only, &openings[at]) {
            laid.push((hours.into_iter().map(Some).collect(), tomorrow(dates[at])));
        }
        laid.extend(weeks_and_months(rates, dates[at], dates[dates.len() - 1]));
        laid
    })
}

/// The longest unit first, where the price is the same.
fn cheapest_let(rates: &Rates, term: &Let) -> Option<Vec<Piece>> {
    let dates: Vec<NaiveDate> = term.dates().collect();
    cheapest_dates(&dates, |at| {
        let mut laid = weeks_and_months(rates, dates[at], term.last());
        laid.reverse();
        laid.push((
            vec![Piece::whole(Unit::Day, rates.day)],
            tomorrow(dates[at]),
        ));
        laid
    })
}

/// Pieces that may be laid together, and the first date that they do not cover.
type Laid = (Vec<Option<Piece>>, Option<NaiveDate>);

fn tomorrow(date: NaiveDate) -> Option<NaiveDate> {
    date.succ_opt()
}

/// A week, or as many months as reach to the last date: counted from their start, so that three months
/// from the 31st end on a 30th.
fn weeks_and_months(rates: &Rates, first: NaiveDate, last: NaiveDate) -> Vec<Laid> {
    let week = first.checked_add_days(Days::new(7));
    let mut laid = vec![(vec![Piece::whole(Unit::Week, rates.week)], week)];
    for count in 1..=24 {
        let until = first.checked_add_months(Months::new(count));
        laid.push((
            vec![Piece::times(count.into(), Unit::Month, rates.month)],
            until,
        ));
        if until.is_none_or(|until| last < until) {
            break;
        }
    }
    laid
}

/// From the last date back, the cheapest way to cover the rest with what may be laid on each; the first
/// of those that cost the same.
fn cheapest_dates(dates: &[NaiveDate], laid_on: impl Fn(usize) -> Vec<Laid>) -> Option<Vec<Piece>> {
    struct Rest {
        price: Money,
        pieces: Vec<Piece>,
        next: usize,
    }
    let mut rest: Vec<Option<Rest>> = dates.iter().map(|_| None).collect();
    rest.push(Some(Rest {
        price: Money::ZERO,
        pieces: Vec::new(),
        next: dates.len(),
    }));
    for at in (0..dates.len()).rev() {
        let ways = laid_on(at).into_iter().filter_map(|(pieces, until)| {
            let pieces = pieces.into_iter().collect::<Option<Vec<Piece>>>()?;
            let until = until?;
            let next = dates.partition_point(|date| *date < until);
            let after = rest[next].as_ref()?.price;
            Some(Rest {
                price: price(&pieces) + after,
                pieces,
                next,
            })
        });
        let best = ways.min_by_key(|way| way.price);
        rest[at] = best;
    }
    let mut chain = Vec::new();
    let mut at = 0;
    while at < dates.len() {
        let way = rest[at].as_ref()?;
        chain.extend(&way.pieces);
        at = way.next;
    }
    Some(chain)
}

fn lines(chain: &[Piece]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (unit, one, many) in [
        (Unit::Month, "month", "months"),
        (Unit::Week, "week", "weeks"),
        (Unit::Day, "day", "days"),
        (Unit::HalfDay, "half day (4 hours)", "half days (4 hours)"),
    ] {
        let same: Vec<&Piece> = chain.iter().filter(|piece| piece.unit == unit).collect();
        if let Some(first) = same.first() {
            let count: i64 = same.iter().map(|piece| piece.count).sum();
            let name = if count == 1 { one } else { many };
            lines.push(Line {
                label: format!("{count} {name} × {}", first.rate),
                cents: same.into_iter().map(|piece| piece.price).sum(),
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

/// What the asked length would cost by its own unit alone.
struct Plain {
    length: String,
    unit: fn(Unit) -> bool,
    price: Money,
}

impl Plain {
    /// `4 hours would be R240; the day rate R220 applies.`
    fn reason(&self, chain: &[Piece], total: Money) -> Option<String> {
        let simple = chain.iter().all(|piece| (self.unit)(piece.unit));
        (!simple && self.price > total).then(|| {
            let Plain { length, price, .. } = self;
            format!("{length} would be {price}; {} applies.", applied(chain))
        })
    }
}

fn plain_time(rates: &Rates, asked: &Opening) -> Option<Plain> {
    let minutes = asked.span.minutes();
    Some(Plain {
        length: time::length(minutes),
        unit: |unit| matches!(unit, Unit::Minutes(_)),
        price: rates.hour?.share_up(minutes, 60),
    })
}

fn plain_days(rates: &Rates, days: usize) -> Option<Plain> {
    Some(Plain {
        length: match days {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        },
        unit: |unit| unit == Unit::Day,
        price: rates.day?.times(days as i64)?,
    })
}

fn plain_let(rates: &Rates, term: &Let) -> Option<Plain> {
    let (rate, unit): (_, fn(Unit) -> bool) = match term.unit {
        term::Unit::Week => (rates.week, |unit| unit == Unit::Week),
        term::Unit::Month => (rates.month, |unit| unit == Unit::Month),
    };
    Some(Plain {
        length: term.length(),
        unit,
        price: rate?.times(term.count.into())?,
    })
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
            [one] if one.count == 1 => format!("the {only} rate {}", one.rate),
            _ => format!("the {only} rate"),
        },
        _ => format!("a mix of the {} rates", names.join(" and ")),
    }
}

#[cfg(test)]
mod tests;
