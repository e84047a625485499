//! The people we know, the companies they belong to, and which of them are staff.

pub mod api;
pub mod company;
pub mod consent;
pub mod email_change;
mod email_pages;
pub mod emails;
pub mod find;
pub mod invitation;
mod invitation_pages;
pub mod member;
pub mod pages;
pub mod privacy;
mod privacy_pages;
pub mod profile;
pub mod staff;
mod team_pages;
