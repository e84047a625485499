//! What a space costs and what holds there, in the words of its page.

use chrono::NaiveDate;

use crate::{
    bookings::{
        limit::Limit,
        policy::{Overrun, notice},
        sheet::Sheet,
        term::{By, Unit},
    },
    money::{Money, Split},
    spaces::space::{Kind, Space},
    time::length,
};

/// `R60 / hour, R220 / day`: each way that it is booked.
pub fn rate(sheet: &Sheet, space: &Space, on: NaiveDate) -> String {
    let rates = rates(sheet, space, on).into_iter();
    let words = rates.map(|(unit, rate)| format!("{rate} / {unit}"));
    words.collect::<Vec<_>>().join(", ")
}

/// What a business wants to know of an office: each price with and without its VAT.
pub fn prices(sheet: &Sheet, space: &Space, on: NaiveDate) -> Vec<(&'static str, Split)> {
    let vat = sheet.prices().vat(on);
    if space.kind != Kind::Office || vat == 0 {
        return Vec::new();
    }
    let rates = rates(sheet, space, on).into_iter();
    rates.map(|(unit, rate)| (unit, rate.split(vat))).collect()
}

/// Each way that it is booked, including VAT.
fn rates(sheet: &Sheet, space: &Space, on: NaiveDate) -> Vec<(&'static str, Money)> {
    let rates = sheet.prices().of(space, on);
    let priced = |by: By| {
        let (unit, rate) = match by {
            By::Time => ("hour", rates.hour),
            By::Day => ("day", rates.day),
            By::Let(Unit::Week) => ("week", rates.week),
            By::Let(Unit::Month) => ("month", rates.month),
        };
        Some((unit, rate?))
    };
    space.policy.ways().into_iter().filter_map(priced).collect()
}

pub fn rules(space: &Space) -> Vec<String> {
    let policy = &space.policy;
    let mut rules = vec![policy.cancellation.sentence()];
    if policy.by_time {
        rules.push(format!(
            "By time: from {} to {}, in steps of {}.",
            length(policy.min_minutes),
            length(policy.max_minutes),
            length(policy.step_minutes)
        ));
    }
    rules.extend(policy.overrun().map(Overrun::sentence));
    if policy.by_day {
        rules.push(
            "By the day: from opening to closing, several days in a row if they are open days."
                .into(),
        );
    }
    if policy.by_week || policy.by_month {
        rules.push(
            "By the week or the month: day and night, weekends, closed days and holidays with it."
                .into(),
        );
    }
    rules.push(format!(
        "Book up to {} ahead.",
        notice(policy.max_advance_days * 1440)
    ));
    if policy.turnaround_minutes > 0 {
        rules.push(format!(
            "We tidy for {} after every booking; you do not pay for that.",
            length(policy.turnaround_minutes)
        ));
    }
    if policy.approval {
        rules.push(match policy.compete {
            true => "We look at each request before it stands. Others may ask for the same time, and you hear by mail who has it.".into(),
            false => "We look at each request before it stands; the time is yours meanwhile, and you hear by mail.".into(),
        });
    }
    if let Some(most) = policy.max_at_once {
        rules.push(format!("At most {most} at the same time for one member."));
    }
    rules.extend(policy.limits.iter().map(Limit::sentence));
    rules
}
