//! What can be booked, and its pages.

pub mod admin;
pub mod amenity;
pub mod answer;
pub mod api;
pub mod board;
pub mod cards;
pub mod day;
pub mod described;
pub mod drawing;
pub mod drawing_admin;
pub mod editor;
pub mod filter;
pub mod floor;
pub mod floor_setup;
pub mod inventory;
pub mod layout;
pub mod pages;
pub mod parts;
pub mod parts_admin;
pub mod photo;
pub mod photo_pages;
pub mod plan;
pub mod search;
pub mod setup;
pub mod space;
mod space_form;
pub mod standing;
