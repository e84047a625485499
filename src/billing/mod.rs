//! Money: the price list, quotes, and the ledger of each account.

pub mod account;
pub mod lowest;
pub mod quote;
pub mod rate;
