//! The front of the house: home, a member's day, and in sample houses the mailbox.
//! The front of the house: home, the front desk's board, and in sample houses the mailbox.

pub mod api_docs;
pub mod board;
mod live;
pub mod mailbox;
pub mod pages;
mod star;
pub mod today;
mod usual;
