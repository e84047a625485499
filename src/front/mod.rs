//! The front of the house: home, a member's day, the front desk's board, the mails of a sample house, and how the
//! site is found.

pub mod api_docs;
pub mod arrivals;
pub mod board;
pub mod day;
pub mod desk;
pub mod findable;
pub mod former;
pub mod keys;
mod live;
pub mod mailbox;
pub mod moved;
pub mod pages;
pub mod pictures;
pub mod settings;
mod star;
pub mod stream;
pub mod today;
mod usual;
