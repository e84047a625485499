//! Money: the price list, passes, quotes, and the ledger of each account.

pub mod account;
pub mod api;
pub mod emails;
pub mod lowest;
pub mod pages;
pub mod pass;
pub mod pricing;
pub mod quote;
pub mod rate;
pub mod statement;
pub mod statement_api;
pub mod statement_pages;
pub mod week;
