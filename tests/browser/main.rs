//! Journeys through the site with the sample data, in a real browser: Chromium by its driver.

#[path = "../support/mod.rs"]
mod support;

mod browser;

mod account;
mod booking;
mod counter;
mod day;
mod desk;
mod finding;
mod journal;
mod keyboard;
mod lighthouse;
mod lists;
mod live;
mod looks;
mod members;
mod newcomer;
mod office;
mod owning;
mod pass;
mod photos;
mod prospect;
mod race;
mod refused;
mod regular;
mod screens;
mod second_step;
mod setup;
mod team;
mod thumb;
mod turns;
mod twice;
mod weight;
