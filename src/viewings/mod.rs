//! Prospects: people who ask to see a location, or ask something, from the first word to won or lost.

mod calendar;
pub mod emails;
pub mod forgetting;
mod letter;
pub mod link;
pub mod news;
pub mod note;
pub mod pages;
mod private_pages;
pub mod promise;
pub mod question;
pub mod question_emails;
pub mod request;
pub mod seal;
pub mod spam;
pub mod stage;
pub mod suggestion;
pub mod times;
mod unsubscribe_pages;
pub mod viewing;
pub mod visit;
