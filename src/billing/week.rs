//! What a week costs in each of the ways there are to pay for it: by the hour, by the day, with a pass,
//! by the week or the month. Longer terms count for their share of the year, a month being 52/12 weeks.

use std::collections::BTreeMap;

use super::{
    pass::product::{Product, Unit},
    quote::{Asked, Line, Quote},
    rate::Rates,
};
use crate::{locations::hours::Opening, money::Money};

const WEEKS: i64 = 52;
const MONTHS: i64 = 12;

/// One way to pay for the same week.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    pub title: String,
    pub lines: Vec<Line>,
    /// For one week.
    pub total: Money,
    pub note: String,
    /// The slug of a pass to buy.
    pub product: Option<String>,
    pub cheapest: bool,
}

/// A week as it is asked for.
#[derive(Clone, Debug)]
pub struct Week<'a> {
    pub rates: Rates,
    /// The hours of each day.
    pub parts: Vec<Opening>,
    /// The same days whole.
    pub days: Vec<Opening>,
    /// How many of the space: a desk for each person, or one room.
    pub count: i64,
    /// The passes that are valid there.
    pub products: Vec<&'a Product>,
}

impl Week<'_> {
    /// In the order of the price list, the cheapest one marked.
    pub fn ways(&self) -> Vec<Way> {
        let rates = self.rates;
        let only_hours = Rates {
            hour: rates.hour,
            ..Rates::default()
        };
        let half_days = Rates {
            hour: rates.hour,
            half_day: rates.half_day,
            ..Rates::default()
        };
        let only_days = Rates {
            day: rates.day,
            ..Rates::default()
        };
        let all = Rates {
            day: rates.day,
            ..half_days
        };
        let charged = self.by_time("", &all).map(|way| way.total);
        let mut ways: Vec<Way> = [
            self.by_time("By the hour", &only_hours),
            rates
                .half_day
                .and_then(|_| self.by_time("By the half day", &half_days)),
            self.by_day("By the day", &only_days),
            rates
                .week
                .and_then(|week| self.whole("By the week", week, 1, 1)),
            rates
                .month
                .and_then(|month| self.whole("By the month", month, MONTHS, WEEKS)),
        ]
        .into_iter()
        .flatten()
        .chain(
            self.products
                .iter()
                .filter_map(|product| self.with(product)),
        )
        .collect();
        // A half day that no day needs says nothing new.
        ways.dedup_by(|later, earlier| later.lines == earlier.lines);
        let by_time = |way: &Way| ["By the hour", "By the half day"].contains(&way.title.as_str());
        // Nobody is charged more by the hour than the same time costs by the day.
        let never: Vec<Way> = ways
            .extract_if(.., |way| {
                by_time(way) && charged.is_some_and(|most| way.total > most)
            })
            .collect();
        if let (Some(hours), Some(day)) = (
            never.first(),
            ways.iter_mut().find(|way| way.title == "By the day"),
        ) {
            day.note = format!(
                "By the hour it would be {}: the day rate applies by itself.",
                hours.total
            );
        }
        if let Some(lowest) = ways.iter().map(|way| way.total).min()
            && let Some(best) = ways.iter_mut().find(|way| way.total == lowest)
        {
            best.cheapest = true;
        }
        ways
    }

    fn by_time(&self, title: &str, rates: &Rates) -> Option<Way> {
        let quotes: Option<Vec<Quote>> = self
            .parts
            .iter()
            .map(|part| Quote::of(rates, &Asked::Time(*part), 0))
            .collect();
        self.way(title, &quotes?)
    }

    fn by_day(&self, title: &str, rates: &Rates) -> Option<Way> {
        let quotes: Option<Vec<Quote>> = self
            .days
            .iter()
            .map(|day| Quote::of(rates, &Asked::Days(vec![*day]), 0))
            .collect();
        self.way(title, &quotes?)
    }

    /// The quotes of the days, like lines put together.
    fn way(&self, title: &str, quotes: &[Quote]) -> Option<Way> {
        let mut counted: BTreeMap<&str, (i64, Money)> = BTreeMap::new();
        for line in quotes.iter().flat_map(|quote| &quote.lines) {
            let (count, cents) = counted.entry(&line.label).or_default();
            *count += self.count;
            *cents = *cents + line.cents.times(self.count)?;
        }
        let lines = counted.into_iter().map(|(label, (count, cents))| Line {
            label: if count == 1 {
                label.to_owned()
            } else {
                format!("{count} × ({label})")
            },
            cents,
        });
        Some(Way::new(title, lines.collect(), String::new()))
    }

    fn whole(&self, title: &str, rate: Money, share: i64, of: i64) -> Option<Way> {
        let price = rate.times(self.count)?;
        let note = if share == of {
            "Seven days, nights too.".to_owned()
        } else {
            format!("{price} a month, day and night; this is a week’s share of it.")
        };
        let line = Line {
            label: title.to_owned(),
            cents: price.share_up(share, of),
        };
        Some(Way::new(title, vec![line], note))
    }

    /// A pass for each person, and what its days do not cover by the day.
    fn with(&self, product: &Product) -> Option<Way> {
        let days = self.days.len() as i64;
        let (asked, share, of) = match product.unit {
            Unit::Week => (days, 1, 1),
            Unit::Month => (
                (days * WEEKS).div_euclid(MONTHS) + i64::from((days * WEEKS) % MONTHS != 0),
                MONTHS,
                WEEKS,
            ),
        };
        let covered = product
            .days
            .map_or(asked, |most| asked.min(i64::from(most)));
        let price = product.price.times(self.count)?;
        let each = if self.count == 1 {
            String::new()
        } else {
            format!("{} × ", self.count)
        };
        let mut lines = vec![Line {
            label: format!("{each}{}", product.line()),
            cents: price.share_up(share, of),
        }];
        let more = asked - covered;
        if more > 0 {
            let extra = self.rates.day?.times(more)?.times(self.count)?;
            lines.push(Line {
                label: format!(
                    "{more} more {} at {}",
                    if more == 1 { "day" } else { "days" },
                    self.rates.day?
                ),
                cents: extra.share_up(share, of),
            });
        }
        let note = match product.unit {
            Unit::Week => String::new(),
            Unit::Month => format!("{price} a month; this is a week’s share of it."),
        };
        Some(Way {
            product: Some(product.slug.clone()),
            ..Way::new(&product.name, lines, note)
        })
    }
}

impl Way {
    fn new(title: &str, lines: Vec<Line>, note: String) -> Way {
        Way {
            title: title.to_owned(),
            total: lines.iter().map(|line| line.cents).sum(),
            lines,
            note,
            product: None,
            cheapest: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, Utc};

    use super::*;
    use crate::time::Span;

    fn days(count: i64, hours: i64) -> Vec<Opening> {
        let nine: DateTime<Utc> = "2026-11-23T07:00:00Z".parse().unwrap();
        (0..count)
            .map(|day| {
                let from = nine + Duration::days(day);
                Opening {
                    date: from.date_naive(),
                    span: Span::new(from, from + Duration::hours(hours)),
                }
            })
            .collect()
    }

    fn week(count: i64, hours: i64) -> Vec<(String, Money, bool)> {
        let rates = Rates {
            hour: Some(Money::rands(60)),
            day: Some(Money::rands(220)),
            ..Rates::default()
        };
        let week = Week {
            rates,
            parts: days(count, hours),
            days: days(count, 12),
            count: 1,
            products: Vec::new(),
        };
        week.ways()
            .into_iter()
            .map(|way| (way.title, way.total, way.cheapest))
            .collect()
    }

    #[test]
    fn the_cheapest_way_is_marked() {
        let way = |title: &str, rands, cheapest| (title.to_owned(), Money::rands(rands), cheapest);
        assert_eq!(
            week(3, 2),
            [way("By the hour", 360, true), way("By the day", 660, false)]
        );
        assert_eq!(week(3, 6), [way("By the day", 660, true)]);
    }
}
