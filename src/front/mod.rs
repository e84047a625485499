//! The front of the house: home, a member's day, and in sample houses the mailbox.

mod live;
pub mod mailbox;
pub mod pages;
mod star;
pub mod today;
mod usual;
