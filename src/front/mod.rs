//! The front of the house: home, and in sample houses the mailbox.

mod live;
pub mod mailbox;
pub mod pages;
