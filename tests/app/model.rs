//! Whatever people do, in whatever order: random sequences of everything that can be done to bookings, by several
//! people on several spaces, and what must hold after each step.
//!
//! A sequence that failed is made as short as it can be, and kept in `model.regressions`, from where it is tried
//! first. `SEQUENCES=50000 bin/test model::` tries more of them.

mod acts;
mod laws;
mod scene;

use std::env;

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestRunner};
use tokio::runtime::Runtime;

use acts::{Act, Theme};
use scene::Scene;

/// How many sequences of a theme are tried: its share of all.
fn sequences(share: u32) -> u32 {
    let all: u32 = env::var("SEQUENCES").map_or(2_100, |all| all.parse().unwrap());
    all * share / 100
}

/// Plays them, and says how often each act was done and refused. None of them may be one that is never done.
fn play(theme: Theme, share: u32) {
    let runtime = Runtime::new().unwrap();
    let scene = runtime.block_on(Scene::open(theme));
    let mut runner = TestRunner::new(Config {
        cases: sequences(share),
        max_shrink_iters: 400,
        // The same ones each time, so that a red test is the fault of what was changed; by number, others each time.
        rng_seed: match env::var("SEQUENCES") {
            Ok(_) => RngSeed::Random,
            Err(_) => RngSeed::Fixed(2026),
        },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "tests/app/model.regressions",
        ))),
        ..Config::default()
    });
    let played = runner.run(&theme.sequences(), |acts: Vec<Act>| {
        let played = runtime.block_on(scene.play(&acts));
        played.map_err(TestCaseError::fail)
    });
    if let Err(error) = played {
        panic!("{error}");
    }
    let (tally, missing) = scene.tally();
    println!("{tally}");
    // A few sequences need not have everything.
    if sequences(100) >= 2_000 {
        assert!(missing.is_empty(), "never done: {missing:?}\n{tally}");
    }
    runtime.block_on(async { drop(scene) });
}

#[test]
fn rooms_by_the_hour() {
    play(Theme::Rooms, 40);
}

#[test]
fn desks_and_passes() {
    play(Theme::Desks, 35);
}

#[test]
fn offices_by_the_day_and_the_week() {
    play(Theme::Offices, 25);
}
