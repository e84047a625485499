//! The people we know, the companies they belong to, and which of them are staff.

pub mod company;
pub mod consent;
pub mod member;
pub mod pages;
mod privacy_pages;
pub mod profile;
pub mod staff;
