//! Who is asking: signing in and out, links sent by mail, passwords, and tokens for programs.

pub mod arrival;
pub mod attempts;
pub mod computer;
mod computer_pages;
pub mod credentials;
pub mod current;
mod device;
pub mod emails;
pub mod limits;
pub mod link;
mod link_pages;
pub mod lock;
mod mail_pages;
pub mod pages;
pub mod person;
pub mod pin;
pub mod sample;
pub mod secret;
mod security_pages;
pub mod session;
mod switch_pages;
pub mod token;
pub mod visitor;
