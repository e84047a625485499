//! The sample offices that are let by the week and the month, and those that somebody has first refusal on.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::{diary::Diary, dice::Dice};
use crate::{
    bookings::term::{Let, Unit},
    spaces::space::Kind,
};

/// Past, running and to come, so that about half of the offices are taken today.
pub fn enter(diary: &mut Diary, dice: &mut Dice) {
    let (house, today) = (diary.house, diary.house.today);
    let offices = house.spaces.iter().enumerate();
    let offices = offices.filter(|(_, space)| space.kind == Kind::Office);
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    let next_month = today.with_day(1).unwrap_or(today) + Months::new(1);
    for (number, (office, _)) in offices.enumerate() {
        match number % 6 {
            0 => {
                let running = months(1, today - Days::new(17));
                diary.try_let(dice, office, running, false);
                diary.try_let(dice, office, months(2, running.until()), false);
            }
            1 => {
                diary.try_let(dice, office, months(2, today - Days::new(75)), false);
                diary.try_let(dice, office, months(1, next_month), true);
            }
            2 => {
                diary.try_let(dice, office, months(1, next_month), false);
            }
            3 => {
                diary.try_let(dice, office, weeks(3, monday - Days::new(7)), false);
            }
            4 => {
                diary.try_let(dice, office, weeks(2, monday - Days::new(35)), false);
            }
            _ => {}
        }
    }
}

fn months(count: u32, first: NaiveDate) -> Let {
    Let {
        unit: Unit::Month,
        count,
        first,
    }
}

fn weeks(count: u32, first: NaiveDate) -> Let {
    Let {
        unit: Unit::Week,
        count,
        first,
    }
}
