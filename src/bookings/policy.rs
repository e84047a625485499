//! What may be asked of a space, and what cancelling costs.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    limit::{self, Limit},
    term::{By, Unit},
};
use crate::{money::Money, time};

#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    pub step_minutes: i64,
    pub min_minutes: i64,
    pub max_minutes: i64,
    pub notice_minutes: i64,
    /// Counted in the location's calendar days.
    pub max_advance_days: i64,
    pub by_time: bool,
    pub by_day: bool,
    pub by_week: bool,
    pub by_month: bool,
    pub setup_minutes: i64,
    pub turnaround_minutes: i64,
    /// The most bookings of this kind that one member may have at the same time.
    pub max_at_once: Option<usize>,
    /// How much of this kind one member or one company may use in a day, a week or a month.
    pub limits: Vec<Limit>,
    /// Somebody approves each booking before it stands.
    pub approval: bool,
    /// Several may ask for the same time, and whoever is approved has it.
    pub compete: bool,
    /// How long an offer from the waitlist stands, at the most.
    pub offer_minutes: i64,
    /// Staying longer than this past the end is charged; `None` where it never is.
    pub overrun_minutes: Option<i64>,
    /// For how many working days somebody may have first refusal; 0 where it is not offered.
    pub first_refusal_days: usize,
    pub cancellation: Cancellation,
}

/// What makes a policy one that nobody could follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    #[error("Choose at least one way of booking.")]
    NoWay,
    #[error("Steps are 5 minutes to a day.")]
    Step,
    #[error("The shortest booking is at least one step.")]
    Shortest,
    #[error("The longest booking is at least as long as the shortest, and at most a year.")]
    Longest,
    #[error("Notice is at most 30 days, and bookings are at most three years ahead.")]
    Ahead,
    #[error("Set-up and turnaround are at most a day each.")]
    Around,
    #[error("At least one at once for one member, or any number.")]
    AtOnce,
    #[error(
        "A limit is at most what there is of its time: 24 hours a day, 7 days a week. Each stands once."
    )]
    Limits,
    #[error("An offer from the waitlist stands 10 minutes to two days.")]
    Offers,
    #[error("People may stay up to 240 minutes past the end without paying for it.")]
    Overrun,
    #[error("First refusal is for at most 30 working days.")]
    FirstRefusal,
    #[error("Cancelling goes from the longest notice to none, and keeps 0 to 100 per cent.")]
    Cancelling,
}

impl Policy {
    /// In the order of its parts.
    pub fn faults(&self) -> Vec<Fault> {
        let day = 1440;
        let tiers = &self.cancellation.0;
        let falls = tiers.is_sorted_by(|a, b| a.minutes_before > b.minutes_before);
        let ends = tiers.last().is_some_and(|tier| tier.minutes_before == 0);
        let kept = |tier: &Tier| {
            (0..=100).contains(&tier.kept_percent) && (0..=366 * day).contains(&tier.minutes_before)
        };
        let rules = [
            (!self.ways().is_empty(), Fault::NoWay),
            ((5..=day).contains(&self.step_minutes), Fault::Step),
            (
                (self.step_minutes..=366 * day).contains(&self.min_minutes),
                Fault::Shortest,
            ),
            (
                (self.min_minutes..=366 * day).contains(&self.max_minutes),
                Fault::Longest,
            ),
            (
                (0..=30 * day).contains(&self.notice_minutes)
                    && (1..=1095).contains(&self.max_advance_days),
                Fault::Ahead,
            ),
            (
                (0..=day).contains(&self.setup_minutes)
                    && (0..=day).contains(&self.turnaround_minutes),
                Fault::Around,
            ),
            (
                self.max_at_once
                    .is_none_or(|most| (1..=100).contains(&most)),
                Fault::AtOnce,
            ),
            (limits_hold(&self.limits), Fault::Limits),
            ((10..=2 * day).contains(&self.offer_minutes), Fault::Offers),
            (
                self.overrun_minutes
                    .is_none_or(|minutes| (0..=240).contains(&minutes)),
                Fault::Overrun,
            ),
            (self.first_refusal_days <= 30, Fault::FirstRefusal),
            (falls && ends && tiers.iter().all(kept), Fault::Cancelling),
        ];
        let broken = rules.into_iter().filter(|(holds, _)| !holds);
        broken.map(|(_, fault)| fault).collect()
    }

    /// What a booking by time is made under.
    pub fn overrun(&self) -> Option<Overrun> {
        Some(Overrun {
            grace_minutes: self.overrun_minutes.filter(|_| self.by_time)?,
            step_minutes: self.step_minutes,
        })
    }

    pub fn allows(&self, by: By) -> bool {
        match by {
            By::Time => self.by_time,
            By::Day => self.by_day,
            By::Let(Unit::Week) => self.by_week,
            By::Let(Unit::Month) => self.by_month,
        }
    }

    /// The ways it can be booked, shortest first; there is at least one.
    pub fn ways(&self) -> Vec<By> {
        By::ALL.into_iter().filter(|by| self.allows(*by)).collect()
    }

    /// `the day, the week or the month`.
    pub fn ways_in_words(&self) -> String {
        let ways: Vec<&str> = self.ways().into_iter().map(By::words).collect();
        match ways.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => ways.concat(),
        }
    }
}

fn limits_hold(limits: &[Limit]) -> bool {
    let same = |one: &Limit, other: &Limit| {
        (one.unit, one.per, one.whose) == (other.unit, other.per, other.whose)
    };
    let alone = |one: &Limit| limits.iter().filter(|other| same(one, other)).count() == 1;
    limits.len() <= limit::MOST
        && limits
            .iter()
            .all(|one| one.is_within_reason() && alone(one))
}

/// What staying past the end is charged by. A booking keeps the terms it was made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrun {
    /// So long is nothing charged.
    pub grace_minutes: i64,
    /// After it each of these that was begun is, from the end on.
    pub step_minutes: i64,
}

impl Overrun {
    /// Until when a stay is charged that was over at `left`; `end` itself where nothing is.
    pub fn charged_until(self, end: DateTime<Utc>, left: DateTime<Utc>) -> DateTime<Utc> {
        let over = left - end;
        if over <= Duration::minutes(self.grace_minutes) {
            return end;
        }
        let step = Duration::minutes(self.step_minutes).num_seconds();
        let steps = (over.num_seconds() + step - 1) / step;
        end + Duration::seconds(steps * step)
    }

    /// `Staying more than 10 minutes past the end is charged, in steps of 30 minutes.`
    pub fn sentence(self) -> String {
        let step = time::length(self.step_minutes);
        match self.grace_minutes {
            0 => format!("Staying past the end is charged, in steps of {step}."),
            minutes => format!(
                "Staying more than {} past the end is charged, in steps of {step}.",
                time::length(minutes)
            ),
        }
    }
}

/// What part of the price is kept when a booking is cancelled, by how long before its start. A booking
/// keeps the terms it was made under.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cancellation(pub Vec<Tier>);

/// From this many minutes before the start, up to the tier before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tier {
    pub minutes_before: i64,
    pub kept_percent: i64,
}

impl Cancellation {
    /// What is kept of `total` when a booking that starts at `start` is cancelled at `now`.
    pub fn kept(&self, total: Money, start: DateTime<Utc>, now: DateTime<Utc>) -> Money {
        total.percent(self.percent(start, now))
    }

    /// The part that is kept, in per cent.
    pub fn percent(&self, start: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
        let left = start - now;
        let mut tiers = self.0.iter();
        let tier = tiers.find(|tier| left >= Duration::minutes(tier.minutes_before));
        tier.map_or(100, |tier| tier.kept_percent)
    }

    /// Until when cancelling is free; `None` when it never is.
    pub fn free_until(&self, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        Some(start - Duration::minutes(self.free_minutes()?))
    }

    /// How long before the start cancelling is free; `None` when it never is.
    pub fn free_minutes(&self) -> Option<i64> {
        let free = self.0.iter().filter(|tier| tier.kept_percent == 0);
        free.map(|tier| tier.minutes_before).min()
    }

    /// The terms in a sentence: "Free to cancel until 24 hours before, half is kept until 2 hours before, then all."
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        for tier in &self.0 {
            let kept = match tier.kept_percent {
                0 => "free to cancel".to_owned(),
                50 => "half is kept".to_owned(),
                100 => "all is kept".to_owned(),
                percent => format!("{percent} % is kept"),
            };
            parts.push(match (tier.minutes_before, parts.is_empty()) {
                (0, true) => format!("{kept} until it starts"),
                (0, false) => format!("then {kept}"),
                (minutes, _) => format!("{kept} until {} before", notice(minutes)),
            });
        }
        let mut sentence = parts.join(", ");
        if let Some(first) = sentence.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        sentence + "."
    }
}

/// `2 hours`, `24 hours`, `7 days`.
pub fn notice(minutes: i64) -> String {
    match minutes / 1440 {
        days if days >= 2 && minutes % 1440 == 0 => format!("{days} days"),
        _ => time::length(minutes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms() -> Cancellation {
        let tier = |minutes_before, kept_percent| Tier {
            minutes_before,
            kept_percent,
        };
        Cancellation(vec![tier(1440, 0), tier(120, 50), tier(0, 100)])
    }

    #[test]
    fn what_is_kept_follows_the_notice_given() {
        // case M1
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let kept = |hours| rooms().kept(Money::rands(400), start, start - Duration::hours(hours));
        assert_eq!(kept(25), Money::ZERO);
        assert_eq!(kept(24), Money::ZERO, "exactly at the deadline is in time");
        assert_eq!(kept(23), Money::rands(200));
        assert_eq!(kept(2), Money::rands(200));
        assert_eq!(kept(1), Money::rands(400));
        assert_eq!(rooms().free_until(start), Some(start - Duration::hours(24)));
    }

    #[test]
    fn staying_on_is_charged_by_each_step_begun_once_the_grace_is_over() {
        let terms = Overrun {
            grace_minutes: 10,
            step_minutes: 30,
        };
        let end = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let charged = |seconds| {
            let left = end + Duration::seconds(seconds);
            (terms.charged_until(end, left) - end).num_minutes()
        };
        let minutes = [0, 10, 11, 30, 31, 60, 61].map(|minutes| charged(minutes * 60));
        assert_eq!(minutes, [0, 0, 30, 30, 60, 60, 90]);
        assert_eq!(charged(601), 30, "a second past the grace");
        assert_eq!(
            terms.sentence(),
            "Staying more than 10 minutes past the end is charged, in steps of 30 minutes."
        );
    }

    #[test]
    fn terms_read_as_a_sentence() {
        assert_eq!(
            rooms().sentence(),
            "Free to cancel until 24 hours before, half is kept until 2 hours before, then all is kept."
        );
    }
}
