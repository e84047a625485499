//! Journeys through the site with the sample data, in a real browser: Chromium by its driver.

#[path = "../support/mod.rs"]
mod support;

mod browser;

mod account;
mod day;
mod desk;
mod finding;
mod journal;
mod keyboard;
mod lighthouse;
mod live;
mod looks;
mod newcomer;
mod office;
mod pass;
mod people;
mod prospect;
mod race;
mod refused;
mod regular;
mod setup;
mod thumb;
mod twice;
mod weight;
