//! Sites: what they are, when they are open, and their pages.

pub mod admin;
pub mod api;
pub mod arrival;
pub mod described;
pub mod emails;
pub mod facts;
pub mod facts_api;
pub mod floors_admin;
pub mod floors_api;
pub mod guide;
pub mod holidays;
pub mod hours;
pub mod hours_admin;
pub mod hours_api;
pub mod interest;
mod interest_pages;
pub mod location;
pub mod offices;
pub mod pages;
pub mod sketch;
pub mod staffed;
pub mod timekeeping;
pub mod timetable;
