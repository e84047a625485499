//! How we are doing: use, revenue, lead time, no-shows, and members who come and go.

pub mod admin;
pub mod api;
pub mod charts;
pub mod figures;
pub mod sheets;
pub mod vitals;
