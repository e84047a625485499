//! Sites: what they are, when they are open, and their pages.

pub mod api;
pub mod arrival;
pub mod holidays;
pub mod hours;
pub mod location;
pub mod pages;
pub mod staffed;
pub mod timetable;
