//! Chance that falls the same way every time, so that two fillings at the same instant are equal.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rand::{
    Rng, RngExt, SeedableRng, distr::uniform::SampleRange, distr::uniform::SampleUniform,
    rngs::StdRng,
};
use uuid::Uuid;

const SPEAKABLE: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTVWXYZ";

pub struct Dice {
    rng: StdRng,
    references: HashSet<String>,
}

impl Dice {
    pub fn new() -> Self {
        Self::of(4001)
    }

    /// Dice of their own, so that what is thrown with them moves nothing else.
    pub fn of(seed: u64) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            references: HashSet::new(),
        }
    }

    /// True in `percent` of a hundred throws.
    pub fn percent(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    /// True with a probability, taken as 0 below 0 and as 1 above 1.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.rng.random::<f64>() < probability
    }

    pub fn between<T: SampleUniform, R: SampleRange<T>>(&mut self, range: R) -> T {
        self.rng.random_range(range)
    }

    /// One of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.rng.random_range(0..list.len())]
    }

    /// A UUIDv7 of an instant, which sorts as one made then would.
    pub fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut chance = [0; 10];
        self.rng.fill_bytes(&mut chance);
        let millis = at.timestamp_millis().unsigned_abs();
        uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid()
    }

    /// A booking's reference that was not given before.
    pub fn reference(&mut self) -> String {
        loop {
            let code: String = (0..5).map(|_| char::from(self.pick(SPEAKABLE))).collect();
            let reference = format!("CS-{code}");
            if self.references.insert(reference.clone()) {
                return reference;
            }
        }
    }
}
