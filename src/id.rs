//! Typed identifiers: UUIDv7 inside, so rows sort by when they were made. People see references and slugs, never ids.

use std::{fmt, marker::PhantomData};

use rand::seq::IndexedRandom;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The id of a `T`, so that a space's id cannot be passed where a booking's is wanted.
#[derive(Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Id<T>(Uuid, #[serde(skip)] PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// A fresh id; later ids sort after earlier ones.
    pub fn fresh() -> Self {
        Self::from(Uuid::now_v7())
    }

    /// The bare UUID, for the database.
    pub fn get(self) -> Uuid {
        self.0
    }
}

impl<T> From<Uuid> for Id<T> {
    fn from(id: Uuid) -> Self {
        Self(id, PhantomData)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> std::hash::Hash for Id<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A prefix and five letters by chance, none of which sound or look alike: `CS-7K3M9`.
pub fn reference(prefix: &str) -> String {
    const LETTERS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
    let mut rng = rand::rng();
    let letters = (0..5).map(|_| {
        LETTERS
            .choose(&mut rng)
            .map_or('7', |letter| char::from(*letter))
    });
    prefix.chars().chain(letters).collect()
}
