//! The journal: what we tell of our locations, of people at work, and of finding room to work in.

pub mod admin;
pub mod article;
pub mod card;
pub mod cover;
pub mod cover_pages;
pub mod draft;
pub mod feed;
pub mod pages;
