//! Money: whole cents of one currency, checked arithmetic, one way of writing it.

use std::{fmt, iter::Sum, ops};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount in South African cents. Sums that leave 64 bits are a fault of the program and panic.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    pub const ZERO: Money = Money(0);

    pub const fn cents(cents: i64) -> Self {
        Self(cents)
    }

    pub const fn rands(rands: i64) -> Self {
        Self(rands * 100)
    }

    pub const fn in_cents(self) -> i64 {
        self.0
    }

    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `count` of these; `None` past 64 bits.
    pub fn times(self, count: i64) -> Option<Money> {
        self.0.checked_mul(count).map(Money)
    }

    /// `numerator / denominator` of this, part cents counted as a whole one, so that a price split
    /// into pieces never costs less than the whole.
    pub fn share_up(self, numerator: i64, denominator: i64) -> Money {
        let exact = i128::from(self.0) * i128::from(numerator);
        let denominator = i128::from(denominator);
        let whole = exact.div_euclid(denominator) + i128::from(exact.rem_euclid(denominator) != 0);
        Money(i64::try_from(whole).expect("a share of an amount fits 64 bits"))
    }

    /// `percent` of this, half a cent rounded up.
    pub fn percent(self, percent: i64) -> Money {
        Money((self.0 * percent + 50).div_euclid(100))
    }

    /// The VAT inside an amount that includes it, half a cent rounded up; `basis_points` 1500 is 15 %.
    pub fn vat_inside(self, basis_points: i64) -> Money {
        let whole = 10_000 + basis_points;
        Money((self.0 * basis_points * 2 + whole).div_euclid(whole * 2))
    }

    /// Taken apart, where it includes VAT of so many basis points.
    pub fn split(self, basis_points: i64) -> Split {
        let vat = self.vat_inside(basis_points);
        Split {
            without: self - vat,
            vat,
            with: self,
        }
    }

    /// With cents always, as documents want it: `R1 240.00`.
    pub fn exact(self) -> String {
        let (rands, cents) = self.parts();
        format!("{rands}.{cents:02}")
    }

    /// For programs: `1240.00`.
    pub fn decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (rands, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        format!("{sign}{rands}.{cents:02}")
    }

    fn parts(self) -> (String, u64) {
        let (rands, cents) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let digits = rands.to_string();
        let mut grouped = String::from(if self.0 < 0 { "−R" } else { "R" });
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                grouped.push('\u{a0}');
            }
            grouped.push(digit);
        }
        (grouped, cents)
    }
}

/// A price with its VAT, of which all three are to be seen alike (VAT Act s 65).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Split {
    pub without: Money,
    pub vat: Money,
    pub with: Money,
}

/// `R1 240.50` with no-break spaces; cents left out when there are none.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parts() {
            (rands, 0) => f.write_str(&rands),
            (rands, cents) => write!(f, "{rands}.{cents:02}"),
        }
    }
}

impl ops::Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(
            self.0
                .checked_add(other.0)
                .expect("a sum of amounts fits 64 bits"),
        )
    }
}

impl ops::Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(
            self.0
                .checked_sub(other.0)
                .expect("a difference of amounts fits 64 bits"),
        )
    }
}

impl ops::Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money(-self.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, ops::Add::add)
    }
}

impl From<i64> for Money {
    fn from(cents: i64) -> Self {
        Money(cents)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_one_way() {
        assert_eq!(Money::cents(124_050).to_string(), "R1\u{a0}240.50");
        assert_eq!(Money::rands(220).to_string(), "R220");
        assert_eq!(Money::rands(1_234_567).exact(), "R1\u{a0}234\u{a0}567.00");
        assert_eq!(Money::cents(-8_750).to_string(), "−R87.50");
        assert_eq!(Money::cents(5).to_string(), "R0.05");
        assert_eq!(Money::cents(124_050).decimal(), "1240.50");
        assert_eq!(Money::cents(-5).decimal(), "-0.05");
    }

    #[test]
    fn vat_inside_an_inclusive_price() {
        for (price, vat) in [
            (57_500, 7_500),
            (115_000, 15_000),
            (9_999, 1_304),
            (12_345, 1_610),
            (1, 0),
        ] {
            assert_eq!(
                Money::cents(price).vat_inside(1500),
                Money::cents(vat),
                "{price}"
            );
        }
    }

    #[test]
    fn pieces_never_cost_less_than_the_whole() {
        let hour = Money::cents(101);
        assert!(hour.share_up(15, 60) + hour.share_up(15, 60) >= hour.share_up(30, 60));
        assert_eq!(Money::rands(60).share_up(90, 60), Money::rands(90));
    }
}
