//! The front of the house: home, and in sample houses the mailbox.

pub mod mailbox;
pub mod pages;
