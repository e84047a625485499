//! Booking a space: what may be asked, what is free, and the life of a booking.

pub mod admin_attendance;
pub mod again;
pub mod api;
pub mod attendance;
pub mod availability;
pub mod book;
pub mod booking;
pub mod calendar;
pub mod cancellation;
pub mod checkout;
pub mod closure;
pub mod confirmation;
pub mod emails;
#[cfg(test)]
mod example;
pub mod favourite;
pub mod favourite_pages;
pub mod first_refusal;
pub mod front_desk;
pub mod locks;
pub mod now;
pub mod order;
pub mod pages;
pub mod payer;
pub mod policy;
pub mod refusal;
pub mod sheet;
pub mod slots;
pub mod strip;
pub mod suggestion;
pub mod term;
pub mod usual;
pub mod waiting;
pub mod when;
pub mod wish;
pub mod words;
