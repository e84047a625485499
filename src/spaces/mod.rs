//! What can be booked, and its pages.

pub mod amenity;
pub mod api;
pub mod pages;
pub mod plan;
pub mod space;
