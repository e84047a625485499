//! The people we know, the companies they belong to, and which of them are staff.

pub mod company;
pub mod member;
pub mod staff;
