//! What all rows share: the houses, the sites on them, the people, and the times that are still free.

use std::cell::Cell;
use std::ops::RangeInclusive;
use std::time::Duration;

use anyhow::Result;
use chrono::{Days, NaiveDate};
use serde_json::json;
use uuid::Uuid;

use crate::client::Ask;
use crate::house::{FEW, House};
use crate::load::Load;
use crate::people::{self, Person};
use crate::site::Site;

/// Rooms of Musgrave that are alike.
pub const ROOMS: usize = 33;
/// Full hours in which they are let, from 07:00.
const HOURS: usize = 12;
/// Days ahead that are booked in rows that book.
const DAYS: usize = 75;
/// As many people as book at once.
pub const CROWD: usize = 50;
/// Those who book.
const BOOKERS: RangeInclusive<u32> = 101..=300;
/// Those who look, with three bookings each on the day under test and no others to come.
const READERS: RangeInclusive<u32> = 1..=50;

pub const OLD: &str = "old";
pub const NEW: &str = "new";

/// What is dropped first comes first: the server of the house ends last.
pub struct Bench {
    pub quick: bool,
    /// On the house of many years.
    pub old: Site,
    /// On a new one.
    pub new: Site,
    pub floor: Site,
    pub bookers: Vec<Person>,
    pub bookers_of_new: Vec<Person>,
    pub readers: Vec<Person>,
    pub readers_of_new: Vec<Person>,
    pub owner: Person,
    pub owner_of_new: Person,
    /// Of the house of many years.
    pub past: u32,
    next: Cell<usize>,
    pub house: House,
}

/// An hour of a room that nobody has.
#[derive(Clone, Debug)]
pub struct Slot {
    pub space: String,
    pub date: NaiveDate,
    pub from: String,
    pub until: String,
}

impl Bench {
    pub async fn open(quick: bool) -> Result<Bench> {
        let past = if quick { 200_000 } else { 1_000_000 };
        eprintln!("· filling two houses, with {past} and {FEW} past bookings");
        let house = House::open().await?;
        house.fill(NEW, FEW).await?;
        house.fill(OLD, past).await?;
        Ok(Bench {
            quick,
            old: Site::serve(&house, OLD)?,
            new: Site::serve(&house, NEW)?,
            floor: Site::floor(&house, OLD)?,
            bookers: people::members(&house, OLD, BOOKERS).await?,
            bookers_of_new: people::members(&house, NEW, BOOKERS).await?,
            readers: people::members(&house, OLD, READERS).await?,
            readers_of_new: people::members(&house, NEW, READERS).await?,
            owner: people::owner(&house, OLD).await?,
            owner_of_new: people::owner(&house, NEW).await?,
            past,
            house,
            next: Cell::default(),
        })
    }

    pub fn rounds(&self) -> usize {
        if self.quick { 3 } else { 5 }
    }

    pub fn load(&self, connections: usize) -> Load {
        let time = if self.quick { 1_000 } else { 2_000 };
        Load {
            connections,
            time: Duration::from_millis(time),
        }
    }

    /// So many times that are free, each given once; rooms in turn, so that neighbours in a list do not meet.
    pub fn slots(&self, count: usize) -> Vec<Slot> {
        let first = self.next.get();
        self.next.set(first + count);
        (first..first + count).map(|n| self.slot(n)).collect()
    }

    fn slot(&self, n: usize) -> Slot {
        let (room, at) = (n % ROOMS, n / ROOMS % (HOURS * DAYS));
        let hour = 7 + at % HOURS;
        Slot {
            space: format!("pier-{}", room + 1),
            date: self.house.day + Days::new(1 + (at / HOURS) as u64),
            from: format!("{hour:02}:00"),
            until: format!("{:02}:00", hour + 1),
        }
    }

    /// The day's grid as its member sees it.
    pub fn grid(&self) -> String {
        format!("/spaces?location=musgrave&date={}&view=day", self.house.day)
    }

    /// What is free for two hours and eight people, anywhere.
    pub fn search(&self) -> String {
        format!(
            "/spaces?date={}&from=09:00&until=11:00&people=8",
            self.house.day
        )
    }
}

impl Slot {
    /// The booking form, which makes a hold.
    pub fn hold(&self, person: &Person) -> Ask {
        let (date, key) = (self.date.to_string(), Uuid::new_v4().to_string());
        let fields = [
            ("space", self.space.as_str()),
            ("by", "time"),
            ("date", &date),
            ("from", &self.from),
            ("until", &self.until),
            ("key", &key),
        ];
        Ask::form("/bookings", &person.cookie, &fields)
    }

    /// The same through the API, which books at once.
    pub fn order(&self, person: &Person) -> Ask {
        let at = |clock: &str| format!("{}T{clock}", self.date);
        let wish = json!({"space": self.space, "from": at(&self.from), "until": at(&self.until), "people": 1});
        Ask::json("/bookings", &person.token, &wish)
    }
}
