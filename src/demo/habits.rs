//! How busy days are, and how people fill desks, rooms and offices on one.

use chrono::{Datelike, Duration, NaiveDate, Timelike};

use super::{diary::Diary, dice::Dice};
use crate::{
    locations::hours::Opening,
    spaces::space::{Kind, Space},
};

/// In minutes, what people ask for most standing most often.
const AT_A_DESK: [i64; 8] = [60, 90, 120, 180, 180, 240, 240, 300];
const IN_A_ROOM: [i64; 9] = [30, 45, 60, 60, 90, 120, 120, 180, 240];
const IN_A_BOOTH: [i64; 4] = [30, 30, 45, 60];
/// In days.
const IN_AN_OFFICE: [usize; 6] = [1, 1, 1, 2, 3, 5];

impl Diary<'_> {
    /// Fills every open day; call it after the stays that must be there.
    pub fn fill(&mut self, dice: &mut Dice) {
        let house = self.house;
        for date in house.dates() {
            self.next_day();
            // Spread evenly over the desks of a day, so that no location is empty by bad luck.
            let mut due = dice.between(0.0..1.0);
            for (at, space) in house.spaces.iter().enumerate() {
                let Some(opening) = house.opening(space, date) else {
                    continue;
                };
                let demand = self.demand(space, date);
                match space.kind {
                    Kind::HotDesk => {
                        due += 0.42 * demand;
                        self.desk_day(dice, at, opening, demand, due >= 1.0);
                        due %= 1.0;
                    }
                    Kind::MeetingRoom => self.room_day(dice, at, opening, demand),
                    Kind::Office => self.office_day(dice, at, opening, demand),
                }
            }
        }
    }

    /// How busy a date is, 1 for the first open day from today on: the sample grows towards it, and
    /// the future is less and less booked.
    fn demand(&self, space: &Space, date: NaiveDate) -> f64 {
        let peak = self
            .house
            .openings_from(space, self.house.today)
            .next()
            .map_or(date, |opening| opening.date);
        let away = (date - peak).num_days();
        let weekday = match date.weekday().number_from_monday() {
            _ if away == 0 => 1.0,
            1 => 0.9,
            5 => 0.8,
            6 => 0.5,
            _ => 1.0,
        };
        let reach = if away < 0 {
            0.13 + 0.77 * (away as f64 / 16.0).exp()
        } else {
            (-away as f64 / 9.0).exp()
        };
        weekday * reach
    }

    fn desk_day(
        &mut self,
        dice: &mut Dice,
        space: usize,
        opening: Opening,
        demand: f64,
        whole: bool,
    ) {
        if whole {
            self.try_stay(dice, space, vec![opening], true);
        }
        for _ in 0..2 {
            let (start, length) = (dice.between(0..18) * 30, dice.pick(&AT_A_DESK));
            if dice.chance(0.5 * demand) {
                self.try_part(dice, space, opening, start, length);
            }
        }
    }

    fn room_day(&mut self, dice: &mut Dice, space: usize, opening: Opening, demand: f64) {
        let zone = self.house.zone;
        let room = &self.house.spaces[space];
        let lengths: &[i64] = if room.seats == 1 {
            &IN_A_BOOTH
        } else {
            &IN_A_ROOM
        };
        let turnaround = room.policy.turnaround_minutes;
        let mut minute = dice.between(0..6) * 15;
        while minute < opening.span.minutes() {
            let at = zone.wall(opening.span.from + Duration::minutes(minute));
            let evening = if at.hour() >= 17 { 0.3 } else { 1.0 };
            let length = dice.pick(lengths);
            let asked = dice.chance(0.4 * demand * evening);
            if asked && self.try_part(dice, space, opening, minute, length) {
                minute += length + turnaround;
            } else {
                minute += 30;
            }
        }
    }

    fn office_day(&mut self, dice: &mut Dice, space: usize, opening: Opening, demand: f64) {
        let most = dice.pick(&IN_AN_OFFICE);
        if !dice.chance(0.13 * demand) {
            return;
        }
        let mut days = vec![opening];
        let later = self
            .house
            .openings_from(&self.house.spaces[space], opening.date)
            .skip(1);
        for next in later.take(most - 1) {
            if days
                .last()
                .is_some_and(|last| last.date.succ_opt() != Some(next.date))
            {
                break;
            }
            days.push(next);
        }
        self.try_stay(dice, space, days, true);
    }
}
